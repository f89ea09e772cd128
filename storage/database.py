"""The one door to the database: where a transaction begins and ends, and where its errors become ours.

SQLite (a file, or in memory) and PostgreSQL behave alike from here on. A returned `begin()` block means
durable. A thread holds one transaction at a time; a second one inside the first is a bug and is refused as
such, because on one database it would wait for itself for ever and on another see half of the first.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from sqlalchemy import Engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from caseloom.engine.errors import Invalid
from caseloom.storage import postgres, sqlite
from caseloom.storage.channel import Channel
from caseloom.storage.migration import upgrade
from caseloom.storage.reader import Reader
from caseloom.storage.statements import Compiled
from caseloom.storage.transaction import Transaction
from caseloom.storage.troubles import translated


class Database:
    """A place for cases, at an SQLAlchemy URL. Thread-safe, not fork-safe."""

    def __init__(self, url: str, *, fast_commit: bool = False) -> None:
        """`fast_commit`: SQLite may lose the last commits when the machine (not the program) dies.

        Connects at once and checks that commits are as durable as was asked for.
        """
        self._engine, self._reading, self._writing = _opened(_read(url), fast_commit)
        self._compiled = Compiled(self._engine.dialect)
        self._busy = threading.local()
        with self._guarded(), self._reading.begin():
            pass

    @contextmanager
    def begin(self) -> Iterator[Transaction]:
        """A write transaction: all of it is durable when the block ends, none of it if the block raises.

        `Conflict` where another transaction was quicker, `StorageDown` where the database does not answer.
        """
        with self._guarded(), self._writing.begin() as channel:
            yield Transaction(channel, self._compiled)

    @contextmanager
    def read(self) -> Iterator[Reader]:
        """One consistent view of what is durable."""
        with self._guarded(), self._reading.begin() as channel:
            yield Reader(channel, self._compiled)

    def migrate(self) -> None:
        """Creates the tables or brings them up to this release; `NewerSchema` where a newer one made them.

        Several processes may do it at the same time: one works, the others wait.
        """
        with self._guarded(), self._writing.begin() as channel:
            upgrade(channel.connection)

    def close(self) -> None:
        self._reading.close()
        self._writing.close()
        self._engine.dispose()

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """One transaction of this thread; what goes wrong in it comes out in our words."""
        if getattr(self._busy, "now", False):
            raise RuntimeError("This thread is inside a transaction already; end that one first.")
        self._busy.now = True
        try:
            yield
        except (SQLAlchemyError, sqlite3.Error) as error:
            answer = translated(error)
            if answer is None:
                raise
            raise answer from error
        finally:
            self._busy.now = False


class Connections(Protocol):
    def begin(self) -> AbstractContextManager[Channel]: ...

    def close(self) -> None: ...


def _read(url: str) -> URL:
    try:
        return make_url(url)
    except ArgumentError:
        # Not `from` the cause, and not the text: a mistyped URL may well hold a password.
        raise Invalid("The database URL cannot be read; write sqlite:///cases.db or postgresql://…") from None


def _opened(url: URL, fast_commit: bool) -> tuple[Engine, Connections, Connections]:
    """The engine, what reads and what writes."""
    if url.drivername in ("sqlite", "sqlite+pysqlite"):
        return sqlite.opened(url, fast_commit)
    if url.drivername in ("postgresql", "postgresql+psycopg"):
        return postgres.opened(url, fast_commit)
    raise Invalid(f"“{url.drivername}” databases are not supported; use sqlite:///… or postgresql://…")
