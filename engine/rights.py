"""Who may do what to a task. Without people (`Engine(people=…)`) the program is trusted and all may."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from caseloom.engine.errors import NotAllowed
from caseloom.engine.flow.tokens import Occurrence
from caseloom.engine.live import LiveCase
from caseloom.engine.results import Person

CASE_MANAGERS = "case-managers"


def is_manager(case: LiveCase) -> bool:
    return case.person is None or CASE_MANAGERS in case.person.groups


def may_work(case: LiveCase, occurrence: Occurrence) -> bool:
    """Assignee, candidates and case managers; everybody where a task names nobody."""
    if not case.enforced or is_manager(case):
        return True
    assert case.person is not None
    return is_named(case.person, occurrence.outcome, occurrence.assignee)


def is_named(person: Person, work: Mapping[str, Any], assignee: str | None = None) -> bool:
    """Is a person among those whom work names (`users`, `groups`, `assignee`), or does it name nobody?"""
    users, groups = work.get("users") or (), work.get("groups") or ()
    asked = {assignee, work.get("assignee"), *users} - {None}
    return not (asked or groups) or person.id in asked or not set(groups).isdisjoint(person.groups)


def check_work(case: LiveCase, occurrence: Occurrence) -> None:
    if not may_work(case, occurrence):
        raise NotAllowed(f"“{occurrence.name}” is not for {case.by}: neither assignee nor candidate.")


def check_manager(case: LiveCase, what: str) -> None:
    """Reserved for case managers and the program itself."""
    if case.enforced and not is_manager(case):
        raise NotAllowed(f"{what} needs the group “{CASE_MANAGERS}”, which {case.by} is not in.")
