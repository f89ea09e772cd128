"""The tables. Every name begins with `caseloom_`: the embedding program may share the database.

A column stands for the field of the same name in `records`; besides them there are `number` (the order in
which rows came), `checksum` (of the payload beside it) and `searched` (what a search looks through). The
migrations create all this; a test compares them with what stands here.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    and_,
    func,
    literal_column,
    text,
)
from sqlalchemy.types import TypeEngine

from caseloom.storage.columns import Complaint, Flag, Instant, Name, Names, Prose, Whole

metadata = MetaData()

# The longest address of an occurrence: with case and person it must fit into one index key of PostgreSQL.
ADDRESS = 1500


def _number() -> Column[int]:
    # Only INTEGER makes a column SQLite's own row number, which costs nothing; PostgreSQL needs BIGINT.
    kind = BigInteger().with_variant(Integer, "sqlite")
    return Column("number", kind, Identity(always=True), primary_key=True)


def _case(*, required: bool = True) -> Column[str]:
    # Deferred: within a transaction rows may be written in any order.
    case = ForeignKey("caseloom_cases.id", deferrable=True, initially="DEFERRED")
    return Column("case_id", Name(), case, nullable=not required)


def _must(name: str, kind: TypeEngine) -> Column:  # type: ignore[type-arg]
    return Column(name, kind, nullable=False)


def _checksum() -> Column[int]:
    return Column("checksum", BigInteger, nullable=False)


deployments = Table(
    "caseloom_deployments",
    metadata,
    _number(),
    Column("id", Name(), nullable=False, unique=True),
    _must("created_at", Instant()),
    Column("by", Name()),
)

files = Table(
    "caseloom_files",
    metadata,
    _must("deployment_id", Name()),
    _must("name", Name()),
    _must("kind", Name()),
    _must("data", LargeBinary()),
    _must("sha256", Name()),
    PrimaryKeyConstraint("deployment_id", "name"),
)

definitions = Table(
    "caseloom_definitions",
    metadata,
    _number(),
    Column("id", Name(), nullable=False, unique=True),
    _must("key", Name()),
    _must("version", Whole()),
    Column("name", Prose()),
    _must("deployment_id", Name()),
    _must("file_name", Name()),
    _must("element_id", Name()),
    _must("created_at", Instant()),
    _must("payload", Text()),
    _checksum(),
    UniqueConstraint("key", "version"),
)

decisions = Table(
    "caseloom_decisions",
    metadata,
    _number(),
    Column("id", Name(), nullable=False, unique=True),
    _must("key", Name()),
    _must("version", Whole()),
    Column("name", Prose()),
    _must("deployment_id", Name()),
    _must("file_name", Name()),
    UniqueConstraint("key", "version"),
)

forms = Table(
    "caseloom_forms",
    metadata,
    _number(),
    Column("id", Name(), nullable=False, unique=True),
    _must("key", Name()),
    _must("version", Whole()),
    _must("deployment_id", Name()),
    _must("file_name", Name()),
    UniqueConstraint("key", "version"),
)

cases = Table(
    "caseloom_cases",
    metadata,
    _number(),
    Column("id", Name(), nullable=False, unique=True),
    _must("definition_id", Name()),
    _must("key", Name()),
    _must("version", Whole()),
    Column("business_key", Name()),
    _must("status", Name()),
    _must("revision", Whole()),
    _must("data", Text()),
    _must("created_at", Instant()),
    Column("created_by", Name()),
    Column("updated_at", Instant()),
    Column("ended_at", Instant()),
    _checksum(),
    Index("caseloom_cases_by_key", "key", "status", "number"),
    Index("caseloom_cases_by_status", "status", "number"),
    Index("caseloom_cases_by_business_key", "business_key", "number"),
)

journal = Table(
    "caseloom_journal",
    metadata,
    _case(),
    _must("seq", Whole()),
    _must("at", Instant()),
    Column("by", Name()),
    _must("command", Name()),
    Column("reason", Prose()),
    Column("change_id", Name()),
    Column("request_id", Name()),
    _must("payload", Text()),
    _checksum(),
    PrimaryKeyConstraint("case_id", "seq"),
    # Only rows that have a request id are in it.
    Index(
        "caseloom_journal_by_request",
        "request_id",
        unique=True,
        sqlite_where=text("request_id IS NOT NULL"),
        postgresql_where=text("request_id IS NOT NULL"),
    ),
)

requests = Table(
    "caseloom_requests",
    metadata,
    Column("request_id", Name(), primary_key=True),
    _must("case_id", Name()),
    _must("seq", Whole()),
)

snapshots = Table(
    "caseloom_snapshots",
    metadata,
    _case(),
    _must("revision", Whole()),
    _must("payload", Text()),
    _checksum(),
    PrimaryKeyConstraint("case_id"),
)

# Without a date, a task is due after all others. The literal stands in the index and in the query: only where
# both are the same text does SQLite use the index.
NEVER = text("9223372036854775807")

tasks = Table(
    "caseloom_tasks",
    metadata,
    _number(),
    Column("id", Name(), nullable=False, unique=True),
    _case(),
    _must("key", Name()),
    Column("business_key", Name()),
    _must("name", Prose()),
    Column("description", Prose()),
    Column("element_id", Name(ADDRESS)),
    _must("occurrence_id", Name(ADDRESS)),
    _must("kind", Name()),
    Column("assignee", Name()),
    _must("candidate_users", Names()),
    _must("candidate_groups", Names()),
    _must("priority", Whole()),
    Column("due_at", Instant()),
    Column("follow_up_at", Instant()),
    _must("created_at", Instant()),
    _must("held", Flag()),
    _must("payload", Text()),
    _checksum(),
    # In byte order, as on SQLite; it begins with the name, so that it serves for sorting, too.
    _must("searched", Text().with_variant(Text(collation="C"), "postgresql")),
    Index("caseloom_tasks_by_case", "case_id"),
    Index("caseloom_tasks_by_assignee", "assignee", "created_at"),
    Index("caseloom_tasks_by_creation", "created_at", "number"),
    Index("caseloom_tasks_by_key", "key", "created_at"),
)
# A task that names nobody and is with nobody is for anybody. In literals, or no database takes the index for it.
_NO_NAMES: ColumnElement[str] = literal_column("'[]'")
for_anybody = and_(
    tasks.c.assignee.is_(None), tasks.c.candidate_users == _NO_NAMES, tasks.c.candidate_groups == _NO_NAMES
)
Index(
    "caseloom_tasks_for_anybody",
    tasks.c.created_at,
    tasks.c.number,
    sqlite_where=for_anybody,
    postgresql_where=for_anybody,
)
due_order = func.coalesce(tasks.c.due_at, NEVER)
Index("caseloom_tasks_by_due", due_order, tasks.c.number)

candidates = Table(
    "caseloom_task_candidates",
    metadata,
    Column("task_id", Name(), ForeignKey("caseloom_tasks.id", ondelete="CASCADE")),
    _must("kind", Name()),
    _must("value", Name()),
    # The task first, for the cascade; the value first, for the inbox.
    PrimaryKeyConstraint("task_id", "kind", "value"),
    Index("caseloom_task_candidates_by_value", "kind", "value", "task_id"),
)

jobs = Table(
    "caseloom_jobs",
    metadata,
    _number(),
    Column("id", Name(), nullable=False, unique=True),
    _case(required=False),
    Column("definition_id", Name()),
    _must("kind", Name()),
    Column("topic", Name()),
    _must("element_id", Name(ADDRESS)),
    Column("occurrence_id", Name(ADDRESS)),
    _must("due_at", Instant()),
    _must("retries", Whole()),
    _must("attempt", Whole()),
    Column("locked_by", Name()),
    Column("lock_until", Instant()),
    Column("error", Complaint()),
    _must("payload", Text()),
    _checksum(),
    Index("caseloom_jobs_by_due", "due_at", "number"),
    Index("caseloom_jobs_by_topic", "topic", "due_at"),
    Index("caseloom_jobs_by_case", "case_id"),
    Index("caseloom_jobs_by_definition", "definition_id"),
)

subscriptions = Table(
    "caseloom_subscriptions",
    metadata,
    _number(),
    Column("id", Name(), nullable=False, unique=True),
    _case(),
    _must("kind", Name()),
    _must("name", Name()),
    Column("correlation", Name()),
    _must("element_id", Name(ADDRESS)),
    Column("occurrence_id", Name(ADDRESS)),
    Index("caseloom_subscriptions_by_name", "kind", "name", "correlation"),
    Index("caseloom_subscriptions_by_case", "case_id"),
)

messages = Table(
    "caseloom_messages",
    metadata,
    _number(),
    Column("id", Name(), nullable=False, unique=True),
    _must("name", Name()),
    Column("case_id", Name()),
    Column("business_key", Name()),
    Column("correlation", Name()),
    _must("payload", Text()),
    _must("at", Instant()),
    _checksum(),
    Index("caseloom_messages_by_name", "name", "number"),
)

message_ids = Table(
    "caseloom_message_ids",
    metadata,
    Column("message_id", Name(), primary_key=True),
    Column("at", Instant()),
)

drafts = Table(
    "caseloom_drafts",
    metadata,
    _case(),
    _must("occurrence_id", Name(ADDRESS)),
    _must("person", Name()),
    _must("payload", Text()),
    _must("at", Instant()),
    _checksum(),
    PrimaryKeyConstraint("case_id", "occurrence_id", "person"),
)

incidents = Table(
    "caseloom_incidents",
    metadata,
    _number(),
    Column("id", Name(), nullable=False, unique=True),
    _case(),
    _must("element_id", Name(ADDRESS)),
    Column("occurrence_id", Name(ADDRESS)),
    Column("job_id", Name()),
    _must("kind", Name()),
    _must("message", Complaint()),
    _must("at", Instant()),
    Index("caseloom_incidents_by_case", "case_id"),
)

users = Table(
    "caseloom_users",
    metadata,
    Column("id", Name(), primary_key=True),
    _must("name", Prose()),
    Column("password_hash", Prose()),
    _must("groups", Names()),
    _must("is_admin", Flag()),
)

tokens = Table(
    "caseloom_tokens",
    metadata,
    Column("token_hash", Name(), primary_key=True),
    _must("user_id", Name()),
    _must("name", Prose()),
    _must("created_at", Instant()),
    Column("expires_at", Instant()),
    Index("caseloom_tokens_by_user", "user_id"),
)

templates = Table(
    "caseloom_templates",
    metadata,
    Column("name", Name(), primary_key=True),
    _must("created_at", Instant()),
    Column("by", Name()),
    _must("payload", Text()),
    _checksum(),
)

stores = Table(
    "caseloom_stores",
    metadata,
    Column("name", Name(), primary_key=True),
    _must("revision", Whole()),
    _must("updated_at", Instant()),
    Column("case_id", Name()),
    _must("payload", Text()),
    _checksum(),
)

notices = Table(
    "caseloom_notices",
    metadata,
    Column("id", Name(), primary_key=True),
    _must("person", Name()),
    _must("case_id", Name()),
    _must("at", Instant()),
    _must("payload", Text()),
    _checksum(),
    Index("caseloom_notices_by_person", "person", "at"),
)

settings = Table(
    "caseloom_settings",
    metadata,
    Column("name", Name(), primary_key=True),
    _must("value", Prose()),
)
