"""Who may do what to a task. Without people (`Engine(people=…)`) the program is trusted and all may."""

from __future__ import annotations

from caseloom.engine.errors import NotAllowed
from caseloom.engine.flow.tokens import Occurrence
from caseloom.engine.live import LiveCase

CASE_MANAGERS = "case-managers"


def is_manager(case: LiveCase) -> bool:
    return case.person is None or CASE_MANAGERS in case.person.groups


def may_work(case: LiveCase, occurrence: Occurrence) -> bool:
    """Assignee, candidates and case managers; everybody where a task names nobody."""
    if not case.enforced or is_manager(case):
        return True
    person = case.person
    assert person is not None
    users, groups = occurrence.outcome.get("users", ()), occurrence.outcome.get("groups", ())
    named = users or groups or occurrence.outcome.get("assignee") or occurrence.assignee
    if not named:
        return True
    asked = {occurrence.assignee, occurrence.outcome.get("assignee"), *users}
    return person.id in asked or not set(groups).isdisjoint(person.groups)


def check_work(case: LiveCase, occurrence: Occurrence) -> None:
    if not may_work(case, occurrence):
        raise NotAllowed(f"“{occurrence.name}” is not for {case.by}: neither assignee nor candidate.")


def check_manager(case: LiveCase, what: str) -> None:
    """Reserved for case managers and the program itself."""
    if case.enforced and not is_manager(case):
        raise NotAllowed(f"{what} needs the group “{CASE_MANAGERS}”, which {case.by} is not in.")
