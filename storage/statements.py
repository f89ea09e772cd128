"""The statements of the hot path, written once and compiled once for each database.

Parameters carry the names of the columns they fill; those that find the row are called otherwise (`case`,
`row`, …). Where SQLite and PostgreSQL share a form that SQLAlchemy has only per dialect (`ON CONFLICT`), it
stands as text.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from sqlalchemy import (
    CompoundSelect,
    Delete,
    Dialect,
    Insert,
    Select,
    Table,
    TextClause,
    Update,
    bindparam,
    delete,
    func,
    insert,
    select,
    text,
    union_all,
    update,
)

from caseloom.storage import tables
from caseloom.storage.rows import (
    CASES,
    DEFINITIONS,
    DRAFTS,
    JOBS,
    JOURNAL,
    SNAPSHOTS,
    SUBSCRIPTIONS,
    TASKS,
    R,
    Rows,
)

Statement: TypeAlias = Select[Any] | CompoundSelect[Any] | Insert | Update | Delete | TextClause


class Compiled(dict[Statement, str]):
    """Statements as one database wants to read them."""

    def __init__(self, dialect: Dialect) -> None:
        super().__init__()
        self._dialect = dialect

    def __missing__(self, statement: Statement) -> str:
        text = self[statement] = str(statement.compile(dialect=self._dialect))
        return text


def _set(*names: str) -> dict[str, Any]:
    return {name: bindparam(name) for name in names}


def _fields(table: Table, *others: str) -> dict[str, Any]:
    """A parameter for every column but the number and `others`."""
    return _set(*(column.name for column in table.c if column.name not in ("number", "id", *others)))


def _delete_of_case(table: Table) -> Delete:
    return delete(table).where(table.c.id == bindparam("row"), table.c.case_id == bindparam("case"))


def _by_id(kind: Rows[R]) -> Select[Any]:
    return kind.select.where(kind.table.c.id == bindparam("id"))


def _of_case(kind: Rows[R]) -> Select[Any]:
    return kind.select.where(kind.table.c.case_id == bindparam("case"))


_CASE = tables.cases.c
_ENTRY = tables.journal.c

CASE = _by_id(CASES)
REVISION = select(_CASE.revision).where(_CASE.id == bindparam("id"))
SNAPSHOT = _of_case(SNAPSHOTS)
ENTRIES = _of_case(JOURNAL).where(_ENTRY.seq > bindparam("after")).order_by(_ENTRY.seq)
REQUEST = union_all(
    *(
        select(table.c.case_id, table.c.seq).where(table.c.request_id == bindparam("request"))
        for table in (tables.journal, tables.requests)
    )
)
DRAFTS_OF_CASE = _of_case(DRAFTS)
TASK = _by_id(TASKS)
TASKS_OF_CASE = _of_case(TASKS).order_by(tables.tasks.c.created_at, tables.tasks.c.number)
JOB = _by_id(JOBS)
JOB_TO_CHANGE = JOB.with_for_update()
JOBS_OF_CASE = _of_case(JOBS).order_by(tables.jobs.c.number)
SUBSCRIPTIONS_OF_CASE = _of_case(SUBSCRIPTIONS).order_by(tables.subscriptions.c.number)
DEFINITION = _by_id(DEFINITIONS)
_OF_KEY = tables.definitions.c.key == bindparam("key")
_NEWEST = select(func.max(tables.definitions.c.version)).where(_OF_KEY).scalar_subquery()
LATEST_DEFINITION = DEFINITIONS.select.where(_OF_KEY, tables.definitions.c.version == _NEWEST)

_AT_REVISION = (_CASE.id == bindparam("case"), _CASE.revision == bindparam("expected"))
_PROGRESS = ("revision", "status", "ended_at", "updated_at")

UPDATE_CASE = update(tables.cases).where(*_AT_REVISION).values(_set(*_PROGRESS))
UPDATE_CASE_AND_DATA = update(tables.cases).where(*_AT_REVISION).values(_set(*_PROGRESS, "data", "checksum"))
MIGRATE_CASE = (
    update(tables.cases).where(_CASE.id == bindparam("case")).values(_set("definition_id", "version"))
)

REMEMBER = insert(tables.requests).values(_set("request_id", "case_id", "seq"))
PUT_SNAPSHOT = text(
    "INSERT INTO caseloom_snapshots (case_id, revision, payload, checksum)"
    " VALUES (:case_id, :revision, :payload, :checksum)"
    " ON CONFLICT (case_id) DO UPDATE"
    " SET revision = excluded.revision, payload = excluded.payload, checksum = excluded.checksum"
    " WHERE excluded.revision >= caseloom_snapshots.revision"
)
PUT_DRAFT = text(
    "INSERT INTO caseloom_drafts (case_id, occurrence_id, person, payload, at, checksum)"
    " VALUES (:case_id, :occurrence_id, :person, :payload, :at, :checksum)"
    " ON CONFLICT (case_id, occurrence_id, person) DO UPDATE"
    " SET payload = excluded.payload, at = excluded.at, checksum = excluded.checksum"
)
DELETE_INCIDENT = _delete_of_case(tables.incidents)

UPDATE_TASK = (
    update(tables.tasks)
    .where(tables.tasks.c.id == bindparam("task"), tables.tasks.c.case_id == bindparam("case_id"))
    .values(_fields(tables.tasks, "case_id"))
)
DELETE_TASK = _delete_of_case(tables.tasks)
INSERT_CANDIDATE = insert(tables.candidates).values(_set("task_id", "kind", "value"))
DELETE_CANDIDATES = delete(tables.candidates).where(tables.candidates.c.task_id == bindparam("task"))

UPDATE_JOB = (
    update(tables.jobs)
    .where(tables.jobs.c.id == bindparam("job"), tables.jobs.c.attempt == bindparam("attempt"))
    .values(_fields(tables.jobs, "attempt"))
)
DELETE_JOB = _delete_of_case(tables.jobs)
DELETE_START_JOB = delete(tables.jobs).where(
    tables.jobs.c.id == bindparam("row"), tables.jobs.c.case_id.is_(None)
)

DELETE_SUBSCRIPTION = _delete_of_case(tables.subscriptions)
DROP_MESSAGE = delete(tables.messages).where(tables.messages.c.id == bindparam("message"))
ACCEPT_MESSAGE = text(
    "INSERT INTO caseloom_message_ids (message_id, at) VALUES (:message_id, :at) ON CONFLICT DO NOTHING"
)

PUT_USER = text(
    "INSERT INTO caseloom_users (id, name, password_hash, groups, is_admin)"
    " VALUES (:id, :name, :password_hash, :groups, :is_admin)"
    " ON CONFLICT (id) DO UPDATE SET name = excluded.name, password_hash = excluded.password_hash,"
    " groups = excluded.groups, is_admin = excluded.is_admin"
)
DROP_TOKEN = delete(tables.tokens).where(tables.tokens.c.token_hash == bindparam("token"))
DROP_TEMPLATE = delete(tables.templates).where(tables.templates.c.name == bindparam("template"))
UPDATE_STORE = (
    update(tables.stores)
    .where(tables.stores.c.name == bindparam("store"), tables.stores.c.revision == bindparam("expected"))
    .values(_set("revision", "updated_at", "case_id", "payload", "checksum"))
)
DROP_NOTICE = delete(tables.notices).where(tables.notices.c.id == bindparam("notice"))
KEEP_SETTING = text(
    "INSERT INTO caseloom_settings (name, value) VALUES (:name, :value) ON CONFLICT DO NOTHING"
)
