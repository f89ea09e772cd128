"""PostgreSQL, set up so that an acknowledged commit is on the disk and a reader sees one state."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL

from caseloom.engine.errors import Invalid
from caseloom.storage.channel import Channel
from caseloom.storage.errors import StorageDown

_TOO_WEAK = ("off", "local")


class Pooled:
    """A connection of the pool for each transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def begin(self) -> Iterator[Channel]:
        with self._engine.begin() as connection:
            yield Channel(connection, connection.exec_driver_sql, connection.exec_driver_sql)

    def close(self) -> None:
        """The pool closes its connections itself."""


def opened(url: URL, fast_commit: bool) -> tuple[Engine, Pooled, Pooled]:
    """The engine, the connections to read and those to write."""
    if fast_commit:
        raise Invalid("fast_commit is a setting of SQLite; on PostgreSQL a commit is always waited for.")

    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        isolation_level="READ COMMITTED",
        pool_pre_ping=True,
        hide_parameters=True,
    )
    event.listen(engine, "connect", _set_up)
    reading = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return engine, Pooled(reading), Pooled(engine)


def _set_up(connection: Any, _: object) -> None:
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise StorageDown(f"The PostgreSQL database is encoded in {encoding}; it has to be UTF8.")
    with connection.cursor() as cursor:
        cursor.execute("SHOW synchronous_commit")
        if cursor.fetchone()[0] in _TOO_WEAK:
            cursor.execute("SET SESSION synchronous_commit = on")
    connection.commit()
