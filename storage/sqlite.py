"""SQLite, set up so that an acknowledged commit is on the disk and writers wait instead of failing."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from sqlalchemy import Connection, Engine, StaticPool, create_engine, event
from sqlalchemy.engine import URL

from caseloom.engine.errors import Conflict
from caseloom.storage.channel import Channel
from caseloom.storage.errors import StorageDown

WAIT_SECONDS = 30
OLDEST = (3, 35, 0)  # the first with RETURNING

_LEVELS = {"NORMAL": 1, "FULL": 2}


class Turn:
    """Threads of one process write one after the other: they need not poll the file's lock; none starves."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        if not self._lock.acquire(timeout=WAIT_SECONDS):
            raise Conflict("The database is busy: another change takes too long. Try again.")

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def opened(url: URL, fast_commit: bool) -> tuple[Engine, Reading, Writing]:
    """The engine, the connections to read and the one to write."""
    if sqlite3.sqlite_version_info < OLDEST:
        raise StorageDown(f"SQLite {sqlite3.sqlite_version} is too old; version 3.35 or later is needed.")

    in_memory = url.database in (None, "", ":memory:") or "mode=memory" in str(url)
    # In memory there is but one connection for all threads; with a file, each has its own and none waits for one.
    pool: dict[str, Any] = {"poolclass": StaticPool} if in_memory else {"max_overflow": -1}
    engine = create_engine(
        url,
        paramstyle="named",
        connect_args={"check_same_thread": False, "timeout": WAIT_SECONDS},
        pool_reset_on_return=None,
        hide_parameters=True,
        **pool,
    )
    event.listen(engine, "connect", _kept_in_memory if in_memory else _kept_in_a_file(fast_commit))
    # SQLAlchemy must not begin or end transactions: we do, and say which kind it is.
    engine = engine.execution_options(isolation_level="AUTOCOMMIT")
    turn = Turn()
    return engine, Reading(engine, turn if in_memory else nullcontext()), Writing(engine, turn)


class Reading:
    """Connections that read. They stay open for the next reader: to fetch one costs more than most questions."""

    def __init__(self, engine: Engine, turn: AbstractContextManager[object]) -> None:
        self._engine = engine
        self._turn = turn
        self._idle: list[tuple[Connection, sqlite3.Connection]] = []

    @contextmanager
    def begin(self) -> Iterator[Channel]:
        with self._turn:
            connection, driver = self._taken()
            try:
                driver.execute("BEGIN")
                yield Channel(connection, driver.execute, driver.executemany)
            finally:
                _give_up(driver)
                self._idle.append((connection, driver))

    def _taken(self) -> tuple[Connection, sqlite3.Connection]:
        try:
            return self._idle.pop()
        except IndexError:
            return _connected(self._engine)

    def close(self) -> None:
        while self._idle:
            self._idle.pop()[0].close()


class Writing:
    """The one connection of a process that writes; it stays open, too. Threads take turns."""

    def __init__(self, engine: Engine, turn: AbstractContextManager[object]) -> None:
        self._engine = engine
        self._turn = turn
        self._kept: tuple[Connection, sqlite3.Connection] | None = None

    @contextmanager
    def begin(self) -> Iterator[Channel]:
        with self._turn:
            if self._kept is None:
                self._kept = _connected(self._engine)
            connection, driver = self._kept
            driver.execute("BEGIN IMMEDIATE")
            try:
                yield Channel(connection, driver.execute, driver.executemany)
                driver.execute("COMMIT")
            except BaseException:
                _give_up(driver)
                raise

    def close(self) -> None:
        if self._kept is not None:
            self._kept[0].close()
            self._kept = None


def _connected(engine: Engine) -> tuple[Connection, sqlite3.Connection]:
    """A connection as SQLAlchemy sees it, and the driver's own below it."""
    connection = engine.connect()
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return connection, driver


def _give_up(driver: sqlite3.Connection) -> None:
    if driver.in_transaction:
        driver.execute("ROLLBACK")


def _kept_in_memory(connection: sqlite3.Connection, _: object) -> None:
    # The driver must not begin transactions by itself: we say which kind it is.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")


def _kept_in_a_file(fast_commit: bool) -> Callable[[sqlite3.Connection, object], None]:
    level = "NORMAL" if fast_commit else "FULL"

    def set_up(connection: sqlite3.Connection, _: object) -> None:
        _kept_in_memory(connection, _)
        mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
        connection.execute(f"PRAGMA synchronous = {level}")
        kept = connection.execute("PRAGMA synchronous").fetchone()[0]
        if mode != "wal" or kept != _LEVELS[level]:
            raise StorageDown(
                f"SQLite does not keep commits as it must here (journal mode “{mode}”, synchronous {kept}); "
                "the file has to lie on a local disk."
            )

    return set_up
