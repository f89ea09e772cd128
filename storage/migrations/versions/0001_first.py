"""The first schema: deployments, cases with their journals, the inbox, jobs, messages and people.

Revision ID: 0001
Create Date: 2026-11-24
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    _create_deployments()
    _create_files()
    _create_definitions()
    _create_decisions()
    _create_forms()
    _create_cases()
    _create_journal()
    _create_requests()
    _create_snapshots()
    _create_tasks()
    _create_task_candidates()
    _create_jobs()
    _create_subscriptions()
    _create_messages()
    _create_message_ids()
    _create_drafts()
    _create_incidents()
    _create_users()
    _create_tokens()
    _create_settings()


def _number() -> sa.Column[Any]:
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column("number", kind, sa.Identity(always=True), primary_key=True)


def _must(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _of_a_case() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["case_id"], ["caseloom_cases.id"], deferrable=True, initially="DEFERRED")


def _create_deployments() -> None:
    op.create_table(
        "caseloom_deployments",
        _number(),
        _must("id", sa.Text()),
        _must("created_at", sa.BigInteger()),
        sa.Column("by", sa.Text()),
        sa.UniqueConstraint("id"),
    )


def _create_files() -> None:
    op.create_table(
        "caseloom_files",
        _must("deployment_id", sa.Text()),
        _must("name", sa.Text()),
        _must("kind", sa.Text()),
        _must("data", sa.LargeBinary()),
        _must("sha256", sa.Text()),
        sa.PrimaryKeyConstraint("deployment_id", "name"),
    )


def _create_definitions() -> None:
    op.create_table(
        "caseloom_definitions",
        _number(),
        _must("id", sa.Text()),
        _must("key", sa.Text()),
        _must("version", sa.BigInteger()),
        sa.Column("name", sa.Text()),
        _must("deployment_id", sa.Text()),
        _must("file_name", sa.Text()),
        _must("element_id", sa.Text()),
        _must("created_at", sa.BigInteger()),
        _must("payload", sa.Text()),
        _must("checksum", sa.BigInteger()),
        sa.UniqueConstraint("id"),
        sa.UniqueConstraint("key", "version"),
    )


def _create_decisions() -> None:
    op.create_table(
        "caseloom_decisions",
        _number(),
        _must("id", sa.Text()),
        _must("key", sa.Text()),
        _must("version", sa.BigInteger()),
        sa.Column("name", sa.Text()),
        _must("deployment_id", sa.Text()),
        _must("file_name", sa.Text()),
        sa.UniqueConstraint("id"),
        sa.UniqueConstraint("key", "version"),
    )


def _create_forms() -> None:
    op.create_table(
        "caseloom_forms",
        _number(),
        _must("id", sa.Text()),
        _must("key", sa.Text()),
        _must("version", sa.BigInteger()),
        _must("deployment_id", sa.Text()),
        _must("file_name", sa.Text()),
        sa.UniqueConstraint("id"),
        sa.UniqueConstraint("key", "version"),
    )


def _create_cases() -> None:
    op.create_table(
        "caseloom_cases",
        _number(),
        _must("id", sa.Text()),
        _must("definition_id", sa.Text()),
        _must("key", sa.Text()),
        _must("version", sa.BigInteger()),
        sa.Column("business_key", sa.Text()),
        _must("status", sa.Text()),
        _must("revision", sa.BigInteger()),
        _must("data", sa.Text()),
        _must("created_at", sa.BigInteger()),
        sa.Column("created_by", sa.Text()),
        sa.Column("updated_at", sa.BigInteger()),
        sa.Column("ended_at", sa.BigInteger()),
        _must("checksum", sa.BigInteger()),
        sa.UniqueConstraint("id"),
    )
    op.create_index("caseloom_cases_by_business_key", "caseloom_cases", ["business_key", "number"])
    op.create_index("caseloom_cases_by_key", "caseloom_cases", ["key", "status", "number"])
    op.create_index("caseloom_cases_by_status", "caseloom_cases", ["status", "number"])


def _create_journal() -> None:
    op.create_table(
        "caseloom_journal",
        _must("case_id", sa.Text()),
        _must("seq", sa.BigInteger()),
        _must("at", sa.BigInteger()),
        sa.Column("by", sa.Text()),
        _must("command", sa.Text()),
        sa.Column("reason", sa.Text()),
        sa.Column("change_id", sa.Text()),
        sa.Column("request_id", sa.Text()),
        _must("payload", sa.Text()),
        _must("checksum", sa.BigInteger()),
        _of_a_case(),
        sa.PrimaryKeyConstraint("case_id", "seq"),
    )
    op.create_index(
        "caseloom_journal_by_request",
        "caseloom_journal",
        ["request_id"],
        unique=True,
        sqlite_where=sa.text("request_id IS NOT NULL"),
        postgresql_where=sa.text("request_id IS NOT NULL"),
    )


def _create_requests() -> None:
    op.create_table(
        "caseloom_requests",
        _must("request_id", sa.Text()),
        _must("case_id", sa.Text()),
        _must("seq", sa.BigInteger()),
        sa.PrimaryKeyConstraint("request_id"),
    )


def _create_snapshots() -> None:
    op.create_table(
        "caseloom_snapshots",
        _must("case_id", sa.Text()),
        _must("revision", sa.BigInteger()),
        _must("payload", sa.Text()),
        _must("checksum", sa.BigInteger()),
        _of_a_case(),
        sa.PrimaryKeyConstraint("case_id"),
    )


def _create_tasks() -> None:
    op.create_table(
        "caseloom_tasks",
        _number(),
        _must("id", sa.Text()),
        _must("case_id", sa.Text()),
        _must("key", sa.Text()),
        sa.Column("business_key", sa.Text()),
        _must("name", sa.Text()),
        sa.Column("description", sa.Text()),
        sa.Column("element_id", sa.Text()),
        _must("occurrence_id", sa.Text()),
        _must("kind", sa.Text()),
        sa.Column("assignee", sa.Text()),
        _must("candidate_users", sa.Text()),
        _must("candidate_groups", sa.Text()),
        _must("priority", sa.BigInteger()),
        sa.Column("due_at", sa.BigInteger()),
        sa.Column("follow_up_at", sa.BigInteger()),
        _must("created_at", sa.BigInteger()),
        _must("held", sa.Boolean()),
        _must("payload", sa.Text()),
        _must("checksum", sa.BigInteger()),
        sa.Column("searched", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        _of_a_case(),
        sa.UniqueConstraint("id"),
    )
    op.create_index("caseloom_tasks_by_assignee", "caseloom_tasks", ["assignee", "created_at"])
    op.create_index("caseloom_tasks_by_case", "caseloom_tasks", ["case_id"])
    op.create_index("caseloom_tasks_by_creation", "caseloom_tasks", ["created_at", "number"])
    op.create_index("caseloom_tasks_by_key", "caseloom_tasks", ["key", "created_at"])
    never = sa.text("coalesce(due_at, 9223372036854775807)")
    op.create_index("caseloom_tasks_by_due", "caseloom_tasks", [never, "number"])


def _create_task_candidates() -> None:
    op.create_table(
        "caseloom_task_candidates",
        _must("task_id", sa.Text()),
        _must("kind", sa.Text()),
        _must("value", sa.Text()),
        sa.ForeignKeyConstraint(["task_id"], ["caseloom_tasks.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("task_id", "kind", "value"),
    )
    op.create_index(
        "caseloom_task_candidates_by_value", "caseloom_task_candidates", ["kind", "value", "task_id"]
    )


def _create_jobs() -> None:
    op.create_table(
        "caseloom_jobs",
        _number(),
        _must("id", sa.Text()),
        sa.Column("case_id", sa.Text()),
        sa.Column("definition_id", sa.Text()),
        _must("kind", sa.Text()),
        sa.Column("topic", sa.Text()),
        _must("element_id", sa.Text()),
        sa.Column("occurrence_id", sa.Text()),
        _must("due_at", sa.BigInteger()),
        _must("retries", sa.BigInteger()),
        _must("attempt", sa.BigInteger()),
        sa.Column("locked_by", sa.Text()),
        sa.Column("lock_until", sa.BigInteger()),
        sa.Column("error", sa.Text()),
        _must("payload", sa.Text()),
        _must("checksum", sa.BigInteger()),
        _of_a_case(),
        sa.UniqueConstraint("id"),
    )
    op.create_index("caseloom_jobs_by_case", "caseloom_jobs", ["case_id"])
    op.create_index("caseloom_jobs_by_definition", "caseloom_jobs", ["definition_id"])
    op.create_index("caseloom_jobs_by_due", "caseloom_jobs", ["due_at", "number"])
    op.create_index("caseloom_jobs_by_topic", "caseloom_jobs", ["topic", "due_at"])


def _create_subscriptions() -> None:
    op.create_table(
        "caseloom_subscriptions",
        _number(),
        _must("id", sa.Text()),
        _must("case_id", sa.Text()),
        _must("kind", sa.Text()),
        _must("name", sa.Text()),
        sa.Column("correlation", sa.Text()),
        _must("element_id", sa.Text()),
        sa.Column("occurrence_id", sa.Text()),
        _of_a_case(),
        sa.UniqueConstraint("id"),
    )
    op.create_index("caseloom_subscriptions_by_case", "caseloom_subscriptions", ["case_id"])
    op.create_index(
        "caseloom_subscriptions_by_name", "caseloom_subscriptions", ["kind", "name", "correlation"]
    )


def _create_messages() -> None:
    op.create_table(
        "caseloom_messages",
        _number(),
        _must("id", sa.Text()),
        _must("name", sa.Text()),
        sa.Column("case_id", sa.Text()),
        sa.Column("business_key", sa.Text()),
        sa.Column("correlation", sa.Text()),
        _must("payload", sa.Text()),
        _must("at", sa.BigInteger()),
        _must("checksum", sa.BigInteger()),
        sa.UniqueConstraint("id"),
    )
    op.create_index("caseloom_messages_by_name", "caseloom_messages", ["name", "number"])


def _create_message_ids() -> None:
    op.create_table(
        "caseloom_message_ids",
        _must("message_id", sa.Text()),
        sa.Column("at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("message_id"),
    )


def _create_drafts() -> None:
    op.create_table(
        "caseloom_drafts",
        _must("case_id", sa.Text()),
        _must("occurrence_id", sa.Text()),
        _must("person", sa.Text()),
        _must("payload", sa.Text()),
        _must("at", sa.BigInteger()),
        _must("checksum", sa.BigInteger()),
        _of_a_case(),
        sa.PrimaryKeyConstraint("case_id", "occurrence_id", "person"),
    )


def _create_incidents() -> None:
    op.create_table(
        "caseloom_incidents",
        _number(),
        _must("id", sa.Text()),
        _must("case_id", sa.Text()),
        _must("element_id", sa.Text()),
        sa.Column("occurrence_id", sa.Text()),
        sa.Column("job_id", sa.Text()),
        _must("kind", sa.Text()),
        _must("message", sa.Text()),
        _must("at", sa.BigInteger()),
        _of_a_case(),
        sa.UniqueConstraint("id"),
    )
    op.create_index("caseloom_incidents_by_case", "caseloom_incidents", ["case_id"])


def _create_users() -> None:
    op.create_table(
        "caseloom_users",
        _must("id", sa.Text()),
        _must("name", sa.Text()),
        sa.Column("password_hash", sa.Text()),
        _must("groups", sa.Text()),
        _must("is_admin", sa.Boolean()),
        sa.PrimaryKeyConstraint("id"),
    )


def _create_tokens() -> None:
    op.create_table(
        "caseloom_tokens",
        _must("token_hash", sa.Text()),
        _must("user_id", sa.Text()),
        _must("name", sa.Text()),
        _must("created_at", sa.BigInteger()),
        sa.Column("expires_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    op.create_index("caseloom_tokens_by_user", "caseloom_tokens", ["user_id"])


def _create_settings() -> None:
    op.create_table(
        "caseloom_settings",
        _must("name", sa.Text()),
        _must("value", sa.Text()),
        sa.PrimaryKeyConstraint("name"),
    )
