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

Turns = tuple[AbstractContextManager[object], AbstractContextManager[object]]

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


def opened(url: URL, fast_commit: bool) -> tuple[Engine, Writing, Turns]:
    """Engine to read, connection to write, and what writers and readers of this process take turns by."""
    if sqlite3.sqlite_version_info < OLDEST:
        raise StorageDown(f"SQLite {sqlite3.sqlite_version} is too old; version 3.35 or later is needed.")

    in_memory = url.database in (None, "", ":memory:") or "mode=memory" in str(url)
    # In memory there is but one connection for all threads; with a file, each has its own.
    shared: dict[str, Any] = {"poolclass": StaticPool} if in_memory else {}
    arguments = {"check_same_thread": False, "timeout": WAIT_SECONDS}
    engine = create_engine(
        url,
        paramstyle="named",
        connect_args=arguments,
        pool_reset_on_return=None,
        hide_parameters=True,
        **shared,
    )
    event.listen(engine, "connect", _kept_in_memory if in_memory else _kept_in_a_file(fast_commit))
    event.listen(engine, "begin", _begin)
    turn = Turn()
    return engine, Writing(engine), (turn, turn if in_memory else nullcontext())


class Writing:
    """The one connection of a process that writes. It stays open: to fetch and return one costs more than a commit."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT", caseloom_writes=True)
        self._connection: Connection | None = None

    @contextmanager
    def begin(self) -> Iterator[Channel]:
        """A write transaction. The caller sees to it that threads take turns."""
        if self._connection is None or self._connection.closed:
            self._connection = self._engine.connect()
        driver: Any = self._connection.connection.driver_connection
        driver.execute("BEGIN IMMEDIATE")
        try:
            yield Channel(self._connection, driver.execute, driver.executemany)
            driver.execute("COMMIT")
        except BaseException:
            self._give_up(driver)
            raise

    def _give_up(self, driver: Any) -> None:
        if driver.in_transaction:
            driver.execute("ROLLBACK")

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()


def _begin(connection: Connection) -> None:
    if not connection.get_execution_options().get("caseloom_writes", False):
        connection.exec_driver_sql("BEGIN")


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
