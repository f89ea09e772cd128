"""What the errors of the databases mean to us. Whatever is not named here is a bug and stays as it is."""

from __future__ import annotations

import sqlite3
from typing import Any

from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError, StatementError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from caseloom.engine.errors import CaseloomError, Conflict
from caseloom.storage.errors import RepeatedRequest, StorageDown

_SQLITE_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_SQLITE_DOWN = {
    sqlite3.SQLITE_CANTOPEN: "The database file cannot be opened.",
    sqlite3.SQLITE_FULL: "The disk of the database is full; nothing was stored.",
    sqlite3.SQLITE_IOERR: "The disk of the database does not answer; nothing was stored.",
    sqlite3.SQLITE_READONLY: "The database file is read-only; nothing was stored.",
    sqlite3.SQLITE_CORRUPT: "The database file is damaged. Restore it from a backup.",
    sqlite3.SQLITE_NOTADB: "The file is not an SQLite database.",
}
# Serialization failure, deadlock, lock not available.
_POSTGRES_BUSY = ("40001", "40P01", "55P03")
# Connection trouble, out of resources, operator intervention, system error, wrong password, read-only server.
_POSTGRES_DOWN = ("08", "53", "57", "58", "28", "25006")

_BUSY = "The database is busy: another change was quicker. Try again."
_AWAY = (
    "The database does not answer. Whether the last change was stored is not known: "
    "try again with the same request id."
)
# What a broken uniqueness rule means, by a column of the rule or a piece of its name.
_TAKEN = {
    "journal.seq": "The case was changed by someone else meanwhile.",
    "journal_pkey": "The case was changed by someone else meanwhile.",
    "version": "Another version was deployed meanwhile. Try again.",
}


def translated(error: SQLAlchemyError | sqlite3.Error) -> CaseloomError | None:
    """Our answer for an error of SQLAlchemy, or of the SQLite driver itself; None for a bug."""
    if isinstance(error, PoolExhausted):
        return StorageDown("All connections to the database are in use. Try again.")
    if isinstance(error, StatementError) and isinstance(error.orig, CaseloomError):
        return error.orig  # a column of ours refused the value
    if not isinstance(error, DBAPIError | sqlite3.Error):
        return None

    cause = error.orig if isinstance(error, DBAPIError) else error
    code = _code(cause)
    if isinstance(error, IntegrityError | sqlite3.IntegrityError):
        return _taken(cause, code)
    if code in _POSTGRES_BUSY or code in _SQLITE_BUSY:
        return Conflict(_BUSY)
    return _down(error, code)


def _code(cause: Any) -> int | str | None:
    """SQLite's primary result code or PostgreSQL's SQLSTATE."""
    extended = getattr(cause, "sqlite_errorcode", None)
    if extended is not None:
        return int(extended) & 0xFF
    return getattr(cause, "sqlstate", None)


def _taken(cause: Any, code: int | str | None) -> Conflict | None:
    unique = (sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
    if code != "23505" and getattr(cause, "sqlite_errorcode", None) not in unique:
        return None

    rule = str(getattr(getattr(cause, "diag", None), "constraint_name", None) or cause)
    if "request" in rule:
        return RepeatedRequest()
    for piece, sentence in _TAKEN.items():
        if piece in rule:
            return Conflict(sentence)
    return Conflict("It is there already: another change was quicker.")


def _down(error: DBAPIError | sqlite3.Error, code: int | str | None) -> StorageDown | None:
    if isinstance(code, int):
        return StorageDown(_SQLITE_DOWN[code]) if code in _SQLITE_DOWN else None
    if isinstance(code, str):
        return StorageDown(_AWAY) if code.startswith(_POSTGRES_DOWN) else None
    # A connection that was never made, or broke, has no code.
    away = isinstance(error, DBAPIError) and (
        error.connection_invalidated or type(error.orig).__name__ == "OperationalError"
    )
    return StorageDown(_AWAY) if away else None
