"""Finds the tasks that name nobody: they are for anybody.

Revision ID: 0005
Create Date: 2026-11-25
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    for_anybody = sa.text("assignee IS NULL AND candidate_users = '[]' AND candidate_groups = '[]'")
    op.create_index(
        "caseloom_tasks_for_anybody",
        "caseloom_tasks",
        ["created_at", "number"],
        sqlite_where=for_anybody,
        postgresql_where=for_anybody,
    )
