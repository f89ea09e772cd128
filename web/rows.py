"""Tasks and cases as lists show them: every value ready to print, nothing left to ask."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import g, url_for

from caseloom.engine.results import Case, Definition, Status, Task
from caseloom.engine.rights import CASE_MANAGERS
from caseloom.web import wording
from caseloom.web.context import name_of, the_engine, the_person, the_time
from caseloom.web.people import Account
from caseloom.web.wording import Due, Moment

_URGENT = 75
_STATES = {
    Status.RUNNING: "running",
    Status.SUSPENDED: "paused",
    Status.COMPLETED: "completed",
    Status.CANCELLED: "cancelled",
}
# What a person can do about an incident, by its kind.
_ADVICE = {
    "expression": (
        "What it reads is missing or of the wrong kind. Give the value it needs and try again, "
        "skip the step, or, at a gateway, choose the way yourself."
    ),
    "job": "The service has failed for good. When its cause is mended, try again; or skip the step.",
    "error": "The drawing says nothing about this error. Correct the case file and try again, or skip the step.",
    "runaway": "It went round too often by itself. Correct what it waits for, then try again.",
}


@dataclass(frozen=True, slots=True)
class TaskRow:
    id: str
    href: str
    name: str
    case_title: str
    process: str
    waiting_for: str
    created: Moment
    due: Due | None
    item: str
    adhoc: bool
    held: bool
    urgent: bool
    claimable: bool
    releasable: bool
    goal: str
    assignee: str | None
    has_previous: bool


@dataclass(frozen=True, slots=True)
class CaseRow:
    id: str
    key: str
    href: str
    title: str
    process: str
    version: int
    status: str
    state: str
    started: Moment
    ended: Moment | None
    where: str
    problems: str
    drawing_href: str
    incidents: Sequence[IncidentRow]


@dataclass(frozen=True, slots=True)
class IncidentRow:
    id: str
    title: str
    message: str
    at: Moment
    advice: str
    element: str | None
    by_value: bool


def of_tasks(tasks: Iterable[Task], *, in_its_case: bool = False) -> list[TaskRow]:
    """`in_its_case`: where the page already says which case it is."""
    return [of_task(task, in_its_case=in_its_case) for task in tasks]


def of_task(task: Task, *, in_its_case: bool = False) -> TaskRow:
    now, me = the_time(), the_person()
    return TaskRow(
        id=task.id,
        href=url_for("tasks.show", task_id=task.id),
        name=task.name,
        case_title="" if in_its_case else title(task.business_key, task.case_id),
        process="" if in_its_case else process_name(task.definition_id),
        waiting_for=_waiting_for(task, me.id),
        created=wording.moment(task.created_at, now),
        due=wording.due(task.due_at, now) if task.due_at else None,
        item="" if task.item is None else _item(task.item),
        adhoc=task.kind == "adhoc",
        held=task.held,
        urgent=task.priority >= _URGENT,
        claimable=task.assignee is None and not task.held and _is_offered(task, me),
        releasable=task.assignee == me.id,
        goal=task.goal or "",
        assignee=task.assignee,
        has_previous=bool(task.previous),
    )


def of_case(case: Case) -> CaseRow:
    now = the_time()
    return CaseRow(
        id=case.id,
        key=case.key,
        href=url_for("cases.show", case_id=case.id),
        title=title(case.business_key, case.id),
        process=process_name(case.definition_id),
        version=case.version,
        status="failed" if case.incidents else case.status.value,
        state="needs help" if case.incidents else _STATES[case.status],
        started=wording.moment(case.created_at, now),
        ended=wording.moment(case.ended_at, now) if case.ended_at else None,
        where=_where(case),
        problems=wording.count(len(case.incidents), "problem") if case.incidents else "",
        drawing_href=url_for("diagrams.drawing", definition_id=case.definition_id),
        incidents=[
            IncidentRow(
                incident.id,
                _failed(incident.element_id, case),
                incident.message,
                wording.moment(incident.at, now),
                _ADVICE.get(incident.kind, ""),
                incident.element_id,
                incident.kind == "expression",
            )
            for incident in case.incidents
        ],
    )


def title(business_key: str | None, case_id: str) -> str:
    """The reference that people gave a case; without one, the end of its id."""
    return business_key or f"Case {case_id[-6:]}"


def process_name(definition_id: str) -> str:
    found = definitions().get(definition_id)
    return (found.name or wording.label(found.key)) if found else ""


def definitions() -> Mapping[str, Definition]:
    """All definitions by id, read once a request."""
    known = g.get("definitions")
    if known is None:
        known = g.definitions = {found.id: found for found in the_engine().definitions()}
    return dict(known)


def latest_definitions() -> list[Definition]:
    """The newest version of each process, by name."""
    newest: dict[str, Definition] = {}
    for found in definitions().values():
        if found.key not in newest or newest[found.key].version < found.version:
            newest[found.key] = found
    return sorted(newest.values(), key=lambda found: (found.name or found.key).casefold())


def _is_offered(task: Task, me: Account) -> bool:
    named = [*task.candidate_users, *task.candidate_groups]
    return not named or me.id in task.candidate_users or not set(me.groups).isdisjoint(_able(task))


def _able(task: Task) -> set[str]:
    return {*task.candidate_groups, CASE_MANAGERS}


def _waiting_for(task: Task, me: str) -> str:
    if task.assignee == me:
        return "yours"
    if task.assignee:
        return f"with {name_of(task.assignee)}"
    groups = [wording.label(group) for group in task.candidate_groups]
    people = [name_of(user) for user in task.candidate_users]
    return f"for {wording.listed(groups + people, 'or')}" if groups or people else "for anybody"


def who(users: Iterable[str], groups: Iterable[str]) -> str:
    """Any of these people or groups; nobody in particular is somebody else."""
    names = [wording.label(group) for group in groups] + [name_of(user) for user in users]
    return wording.listed(names, "or") if names else "somebody else"


def _item(item: Any) -> str:
    if isinstance(item, Mapping):
        shown = item.get("name") or item.get("title") or item.get("id")
        return wording.text(shown if shown is not None else list(item.values()))
    return wording.text(item)


def item_text(item: Any) -> str:
    return "" if item is None else _item(item)


def _where(case: Case) -> str:
    """Where a case stands, in a few words."""
    names = list(dict.fromkeys(task.name for task in case.tasks if not task.held))
    if case.status is not Status.RUNNING or not names:
        return ""
    return f"at {wording.listed(names[:3])}" + (" and more" if len(names) > 3 else "")


def _failed(element_id: str | None, case: Case) -> str:
    if element_id is None:
        return "Something failed."
    names = {seen.element_id: seen.name for seen in case.occurrences}
    name = names.get(element_id, element_id)
    return f"“{name}” failed." if name != element_id else "The case cannot go on by itself."


def due_section(task: TaskRow) -> str:
    """Under which heading of an inbox a task stands."""
    return task.due.state if task.due and task.due.state in ("overdue", "today") else "later"


def at_once(at: datetime) -> Moment:
    return wording.moment(at, the_time())
