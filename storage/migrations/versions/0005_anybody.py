"""Open tasks that name nobody are offered to everybody.

Revision ID: 0005
Create Date: 2026-11-25
"""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute(
        "INSERT INTO caseloom_task_candidates (task_id, kind, value)"
        " SELECT id, 'anybody', '' FROM caseloom_tasks AS task WHERE assignee IS NULL AND NOT EXISTS"
        " (SELECT 1 FROM caseloom_task_candidates AS named WHERE named.task_id = task.id)"
    )
