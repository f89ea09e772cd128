"""Finds what an address names: a task with its case, a draft, a drawing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from caseloom.engine.errors import NotFound
from caseloom.engine.results import Case, Definition, Task
from caseloom.storage import payload
from caseloom.web.context import the_engine


def task_of(task_id: str) -> tuple[Case, Task]:
    """An open task and its case, as they are now."""
    with the_engine().database.read() as reader:
        record = reader.task(task_id)
    if record is None:
        raise NotFound("This task is no longer open: it was done, or a change to the case took it back.")

    case = the_engine().case(record.case_id)
    for task in case.tasks:
        if task.id == task_id:
            return case, task
    raise NotFound("This task is no longer open.")


def draft_of(task: Task, user_id: str) -> Mapping[str, Any] | None:
    """What this person has typed into the task so far."""
    with the_engine().database.read() as reader:
        drafts = reader.drafts(task.case_id)
    for draft in drafts:
        if draft.occurrence_id == task.occurrence_id and draft.person == user_id:
            found = payload.decode(draft.payload)
            return found if isinstance(found, Mapping) else None
    return None


def definition_of(definition_id: str) -> Definition:
    for found in the_engine().definitions():
        if found.id == definition_id:
            return found
    raise NotFound("There is no such diagram.")


def drawing_of(definition: Definition) -> bytes:
    """The file as it was uploaded."""
    with the_engine().database.read() as reader:
        file = reader.file(definition.deployment_id, definition.file)
    if file is None:
        raise NotFound(f"The file “{definition.file}” is not kept.")
    return file.data
