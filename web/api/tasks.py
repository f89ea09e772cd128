"""Open tasks and their forms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from caseloom.engine.errors import NotFound
from caseloom.engine.results import Form, Task
from caseloom.web.api.asked import the_user
from caseloom.web.api.operations import Operations
from caseloom.web.context import the_engine
from caseloom.web.finding import task_of

tasks = Operations()


@dataclass(frozen=True, slots=True)
class TaskQuery:
    """`for_user`: what a person has or may claim; `groups`: offered to any; `q`: a piece of the name."""

    case_id: str | None = None
    for_user: str | None = None
    groups: Sequence[str] | None = None
    assignee: str | None = None
    unassigned: bool | None = None
    name: str | None = None
    key: str | None = None
    due_before: datetime | None = None
    held: bool = False
    q: str | None = None
    order: Literal["created", "due", "priority", "name"] = "created"
    limit: int = 50
    after: str | None = None


@tasks.get("/tasks", query=TaskQuery, gives=list[Task])
def find(wanted: TaskQuery) -> list[Task]:
    """Open tasks, oldest first. What an inserted task holds back is listed with `held=true` only."""
    return the_engine().tasks(
        case_id=wanted.case_id,
        for_user=wanted.for_user,
        groups=wanted.groups,
        assignee=wanted.assignee,
        unassigned=wanted.unassigned,
        name=wanted.name,
        key=wanted.key,
        due_before=wanted.due_before,
        held=wanted.held,
        q=wanted.q,
        order=wanted.order,
        limit=wanted.limit + 1,
        after=wanted.after,
    )


@tasks.get("/tasks/{task_id}", gives=Task)
def show(task_id: str) -> Task:
    """One open task; its form has the schema that was deployed for it."""
    _, task = task_of(task_id)
    return task


@tasks.get("/tasks/{task_id}/form", gives=Form)
def form(task_id: str) -> Form:
    """What the task asks for."""
    _, task = task_of(task_id)
    if task.form is None:
        raise NotFound(f"“{task.name}” has no form.")
    return task.form


@tasks.get("/tasks/{task_id}/draft", gives=Mapping[str, Any])
def draft(task_id: str) -> Mapping[str, Any]:
    """What the person has typed into the task so far."""
    engine = the_engine()
    engine.task(task_id)
    return engine.drafts(task_id).get(the_user(), {})
