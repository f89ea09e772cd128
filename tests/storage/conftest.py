"""The same storage tests on every database: SQLite in memory, SQLite in a file, PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from caseloom.storage.database import Database
from caseloom.storage.records import CaseRecord, EntryRecord, TaskRecord

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(params=["memory", "file", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgres":
        found: str = request.getfixturevalue("postgres_url")
        return found
    return "sqlite://" if request.param == "memory" else f"sqlite:///{tmp_path / 'cases.db'}"


@pytest.fixture(params=["file", pytest.param("postgres", marks=pytest.mark.postgres)])
def shared_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """One that several processes can open."""
    if request.param == "postgres":
        found: str = request.getfixturevalue("postgres_url")
        return found
    return f"sqlite:///{tmp_path / 'cases.db'}"


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    with closing(Database(url)) as opened:
        opened.migrate()
        yield opened


@pytest.fixture
def noon() -> datetime:
    return NOON


@pytest.fixture
def a_case() -> Callable[..., CaseRecord]:
    def made(case_id: str = "case-1", **fields: object) -> CaseRecord:
        usual = {
            "definition_id": "order:1",
            "key": "order",
            "version": 1,
            "revision": 1,
            "data": "{}",
            "created_at": NOON,
        }
        return CaseRecord(case_id, **(usual | fields))  # type: ignore[arg-type]

    return made


@pytest.fixture
def a_task() -> Callable[..., TaskRecord]:
    def made(task_id: str, **fields: object) -> TaskRecord:
        usual = {
            "case_id": "case-1",
            "key": "order",
            "name": task_id,
            "occurrence_id": f"{task_id}#1",
            "created_at": NOON,
        }
        return TaskRecord(task_id, **(usual | fields))  # type: ignore[arg-type]

    return made


@pytest.fixture
def an_entry() -> Callable[..., EntryRecord]:
    def made(seq: int, case_id: str = "case-1", **fields: object) -> EntryRecord:
        usual = {"at": NOON, "by": "ada", "command": "Complete", "payload": "[]"}
        return EntryRecord(case_id, seq, **(usual | fields))  # type: ignore[arg-type]

    return made
