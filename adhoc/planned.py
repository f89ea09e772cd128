"""The inserted work of a case, as it was inserted together: what is done of it, what is open, what is still to come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from caseloom.adhoc.targets import Past
from caseloom.engine.facts import Fact, Kind
from caseloom.engine.flow import ways
from caseloom.engine.flow.tokens import Insertion, Work
from caseloom.engine.ids import occurrence_id, plan_id, work_id
from caseloom.engine.live import LiveCase
from caseloom.engine.results import CheckItem

if TYPE_CHECKING:
    from caseloom.engine import Engine


class Progress(StrEnum):
    """How far a piece of inserted work is."""

    TO_COME = "to come"
    OPEN = "open"
    DONE = "done"
    SKIPPED = "skipped"
    WITHDRAWN = "withdrawn"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class PlanTask:
    """One piece of inserted work. `id` is what `Edit`, `Remove` and `Replan` take; `task_id` is set while it is open.

    `due` and `follow_up` are moments while it is open, and before as they were given.
    """

    id: str
    name: str
    progress: Progress
    _: KW_ONLY
    task_id: str | None = None
    assignee: str | None = None
    groups: Sequence[str] = ()
    due: Any = None
    follow_up: Any = None
    goal: str | None = None
    form: Any = None
    checklist: Sequence[CheckItem] = ()
    fragment: str | None = None


@dataclass(frozen=True, slots=True)
class CasePlan:
    """Work that was inserted together; `title` is that of a plan. `place` and `element_id` say where it stands."""

    id: str
    title: str | None
    _: KW_ONLY
    place: str
    element_id: str | None
    element_name: str | None
    in_turn: bool
    blocking: bool
    by: str | None
    done: bool
    tasks: Sequence[PlanTask]


def plans(engine: Engine, case_id: str, *, by: str | None = None) -> list[CasePlan]:
    """All inserted work of a case, oldest first, but for approvals, counter-steps and questions. Raises NotFound."""
    case = engine.look(case_id, by=by)
    lived = _lived(Past.of(case))
    return [
        _plan(case, insertion, lived)
        for insertion in case.instance.insertions.values()
        if insertion.kind != ways.KIND and not any("asks" in one or "entry" in one for one in insertion.works)
    ]


@dataclass(slots=True)
class _Lived:
    """The latest occurrence of a piece of work."""

    started: int
    progress: Progress = Progress.WITHDRAWN  # where nothing more is said of it, its scope was closed


def _lived(past: Past) -> dict[tuple[int, int], _Lived]:
    rounds: dict[int, int] = {}
    found: dict[tuple[int, int], _Lived] = {}
    by_address: dict[str, _Lived] = {}
    for fact in past.effective:
        outcome = fact.outcome or {}
        if fact.kind == Kind.ROUND:
            rounds[fact.id] = outcome["insertion"]
        elif fact.kind == Kind.START and "round" in outcome:
            one = by_address[fact.occurrence] = _Lived(fact.id)
            found[rounds[outcome["round"]], outcome["work"]] = one
        elif fact.kind in _ENDS:
            _end(fact, by_address)
    return found


_ENDS = {Kind.END: Progress.DONE, Kind.SKIP: Progress.SKIPPED}


def _end(fact: Fact, by_address: Mapping[str, _Lived]) -> None:
    for address in fact.takes:
        if address in by_address:
            by_address[address].progress = _ENDS[Kind(fact.kind)]


def _plan(case: LiveCase, insertion: Insertion, lived: Mapping[tuple[int, int], _Lived]) -> CasePlan:
    tasks = [
        _task(case, insertion, index, lived.get((insertion.id, index)))
        for index in insertion.order
        if index not in insertion.removed
    ]
    return CasePlan(
        plan_id(case.id, insertion.id),
        insertion.title,
        place="case" if insertion.kind == "scope" and not insertion.scope else insertion.kind,
        element_id=insertion.element,
        element_name=_element_name(case, insertion.element),
        in_turn=insertion.in_turn,
        blocking=insertion.blocking,
        by=insertion.by,
        done=not any(task.progress in (Progress.OPEN, Progress.TO_COME) for task in tasks),
        tasks=tasks,
    )


def _element_name(case: LiveCase, element: str | None) -> str | None:
    """What people call the step that work stands at; a line of the drawing has a name only if it was given one."""
    node = case.node(element) if element else None
    if node is not None:
        return str(node.label)
    flow = case.instance.model.flow(element) if element else None
    return flow[2].name if flow is not None else None


def _task(case: LiveCase, insertion: Insertion, index: int, lived: _Lived | None) -> PlanTask:
    described = insertion.works[index]
    work = case.instance.by_start.get(lived.started) if lived else None
    told = work.outcome if isinstance(work, Work) else described
    ticked = work.ticked if isinstance(work, Work) else {}
    return PlanTask(
        work_id(case.id, insertion.id, index),
        described["name"],
        _progress(case, insertion, work is not None, lived),
        task_id=occurrence_id(case.id, lived.started) if lived and work is not None else None,
        assignee=(work.assignee if isinstance(work, Work) else None) or told.get("assignee"),
        groups=tuple(told.get("groups") or ()),
        due=told.get("due"),
        follow_up=told.get("follow_up"),
        goal=told.get("goal"),
        form=told.get("form"),
        checklist=tuple(
            CheckItem(name, required, name in ticked, ticked.get(name))
            for name, required in told.get("checklist") or ()
        ),
        fragment=told.get("fragment"),
    )


def _progress(case: LiveCase, insertion: Insertion, is_open: bool, lived: _Lived | None) -> Progress:
    if is_open:
        return Progress.OPEN
    if lived is not None:
        return lived.progress
    waits = insertion.armed or any(found.insertion == insertion.id for found in case.instance.rounds.values())
    return Progress.TO_COME if waits and not case.instance.is_completed() else Progress.WITHDRAWN


__all__ = ["CasePlan", "PlanTask", "Progress", "plans"]
