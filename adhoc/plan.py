"""The plan of a case: tasks with goals and dates that a handler writes, puts in another order and changes.

A plan is inserted work with a title. `Edit` and `Remove` are for any inserted work that is not done yet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import datetime
from typing import Any

from caseloom.adhoc import insert, places, rights
from caseloom.adhoc.insert import AtEnd, Insert, Rule
from caseloom.engine import ids, works
from caseloom.engine.errors import Conflict, Invalid, NotFound
from caseloom.engine.facts import Kind
from caseloom.engine.flow import beside, ways
from caseloom.engine.flow.tokens import Insertion, Work
from caseloom.engine.live import LiveCase

AS_IT_IS: Any = object()  # what an Edit does not name
_EDITED = ("name", "assignee", "groups", "due", "follow_up", "form", "goal", "checklist")


@dataclass(frozen=True, slots=True)
class Plan:
    """A handler writes a plan for the case: tasks, one after the other (`in_turn`) or at the same time.

    Its tasks are `Insert` commands without a place, or those of a `template`. Its place is one of `before`, `after`,
    `beside`, `flow` and `scope`, as for `Insert`; without one it is of the case as a whole, which does not end before
    a `blocking` plan is done.
    """

    tasks: Sequence[Insert] = ()
    _: KW_ONLY
    title: str = ""
    in_turn: bool = False
    template: str | None = None
    before: str | None = None
    after: str | None = None
    beside: str | None = None
    flow: str | None = None
    scope: str | None = None
    item: Any = None
    blocking: bool = True
    at_end: AtEnd | None = None
    reason: str | None = None

    def decide(self, case: LiveCase) -> None:
        case.running()
        case.change = True
        place = places.find(case, self)
        insert.guard_parts(self.tasks)
        found = [insert.described(case, task) for task in self.tasks]
        rule: Rule = "in-turn" if self.in_turn else "all"
        if self.template is not None:
            kept, its_rule = insert.saved(case, self.template)
            rule = its_rule if not self.in_turn and not found else rule
            found = [*kept, *found]
        if not found:
            raise Invalid("A plan needs at least one task.")
        insert.put(
            case, place, found, rule, title=self.title.strip() or self.template or "Plan",
            blocking=self.blocking, stays=insert.stays(case, self.blocking, self.at_end),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Edit:
    """Changes inserted work that is not done yet; what is not named stays as it is, None takes it away.

    `task_id` is an open task, or a piece of work of a plan that is still to come.
    """

    task_id: str
    _: KW_ONLY
    name: str = AS_IT_IS
    assignee: str | None = AS_IT_IS
    groups: Sequence[str] | None = AS_IT_IS
    due: datetime | str | None = AS_IT_IS
    follow_up: datetime | str | None = AS_IT_IS
    form: Any = AS_IT_IS
    goal: str | None = AS_IT_IS
    checklist: Sequence[Any] | None = AS_IT_IS
    reason: str | None = None

    def decide(self, case: LiveCase) -> None:
        case.running()
        case.change = True
        insertion, index = _meant(case, self.task_id)
        _guard(case, insertion, [index])
        change = _change(case, insertion, index, self)
        _note(
            case,
            insertion,
            {"set": [[index, change]], "now": [[index, _now(case, insertion, index, change)]]},
        )


@dataclass(frozen=True, slots=True)
class Remove:
    """Takes inserted work out that is not done yet; what waited for it goes on."""

    task_id: str
    _: KW_ONLY
    reason: str | None = None

    def decide(self, case: LiveCase) -> None:
        case.running()
        case.change = True
        insertion, index = _meant(case, self.task_id)
        _guard(case, insertion, [index])
        _take_out(case, insertion, [index])


@dataclass(frozen=True, slots=True)
class Replan:
    """Changes a plan in one gesture: tasks are changed, added, taken out, and put in another order.

    `order` names tasks by their ids, as many as matter; the others come behind them, added ones last. An id may be
    that of an open task or of a piece of work to come.
    """

    plan_id: str
    _: KW_ONLY
    title: str | None = None
    in_turn: bool | None = None
    change: Sequence[Edit] = ()
    add: Sequence[Insert] = ()
    remove: Sequence[str] = ()
    order: Sequence[str] = ()
    reason: str | None = None

    def decide(self, case: LiveCase) -> None:
        case.running()
        case.change = True
        insertion = _plan(case, self.plan_id)
        if not insertion.armed and not _rounds(case, insertion):
            raise Conflict("That plan is done; write a new one.")
        insert.guard_parts(self.add)
        changed = [(self._own(case, insertion, edit.task_id), edit) for edit in self.change]
        removed = [self._own(case, insertion, task_id) for task_id in self.remove]
        _guard(case, insertion, [*(index for index, _ in changed), *removed])
        self._guard_size(insertion)
        changes = [(index, _change(case, insertion, index, edit)) for index, edit in changed]
        edit: dict[str, Any] = {
            "set": [[index, change] for index, change in changes],
            "now": [[index, _now(case, insertion, index, change)] for index, change in changes],
            "add": [insert.described(case, task) for task in self.add],
            "order": self._order(case, insertion),
        }
        if self.title is not None:
            edit["title"] = works.named(self.title)
        if self.in_turn is not None:
            edit["in_turn"] = bool(self.in_turn)
        if insertion.need >= len(insertion.works) or self.in_turn:
            edit["need"] = len(insertion.works) + len(self.add)
        _note(case, insertion, edit)
        if removed:
            _take_out(case, insertion, removed)

    def _own(self, case: LiveCase, insertion: Insertion, task_id: str) -> int:
        found, index = _meant(case, task_id)
        if found is not insertion:
            raise Invalid(f"“{found.works[index]['name']}” does not belong to this plan.")
        return index

    def _order(self, case: LiveCase, insertion: Insertion) -> list[int]:
        first = [self._own(case, insertion, task_id) for task_id in self.order]
        if len(set(first)) < len(first):
            raise Invalid("The order names a task twice.")
        rest = [index for index in insertion.order if index not in first]
        count = len(insertion.works)
        return [*first, *rest, *range(count, count + len(self.add))]

    def _guard_size(self, insertion: Insertion) -> None:
        if len(insertion.works) + len(self.add) > works.MOST:
            raise Invalid(f"A plan has at most {works.MOST} tasks; write another one.")


def _plan(case: LiveCase, plan_id: str) -> Insertion:
    found = ids.inserted(plan_id, case.id) if isinstance(plan_id, str) else None
    insertion = case.instance.insertions.get(found[0]) if found and found[1] is None else None
    if insertion is None:
        raise NotFound(f"There is no plan “{plan_id}” in this case.")
    return insertion


def _meant(case: LiveCase, task_id: str) -> tuple[Insertion, int]:
    """The insertion and which of its works, by the id of an open task or of work to come."""
    found = ids.inserted(task_id, case.id) if isinstance(task_id, str) else None
    if found is not None:
        insertion = case.instance.insertions.get(found[0])
        if insertion is None or found[1] is None or found[1] >= len(insertion.works):
            raise NotFound(f"There is no “{task_id}” in this case.")
        return insertion, found[1]
    work = case.occurrence(task_id)
    if not isinstance(work, Work):
        raise Invalid(f"“{work.name}” comes from the diagram; it can be skipped, but not changed.")
    return case.instance.insertions[case.instance.rounds[work.round].insertion], work.index


def _rounds(case: LiveCase, insertion: Insertion) -> list[Any]:
    return [found for found in case.instance.rounds.values() if found.insertion == insertion.id]


def _guard(case: LiveCase, insertion: Insertion, indices: Sequence[int]) -> None:
    """May these works be changed now, and by this person?"""
    rights.check_inserted(case, insertion, indices)
    rounds = _rounds(case, insertion)
    for index in indices:
        work = insertion.works[index]
        if insertion.kind == ways.KIND:
            raise Conflict(f"“{work['name']}” asks which way the case goes; it is answered.")
        if "entry" in work:
            raise Conflict(f"“{work['name']}” puts right what was taken back; it can only be skipped.")
        if "asks" in work:
            raise Conflict(f"“{work['name']}” is answered with Approve or Reject.")
        if index in insertion.removed:
            raise Conflict(f"“{work['name']}” was taken out already.")
        over = not insertion.armed and all(index in one.closed or index in one.dropped for one in rounds)
        if over:
            raise Conflict(f"“{work['name']}” is done already.")


def _change(case: LiveCase, insertion: Insertion, index: int, edit: Edit) -> dict[str, Any]:
    """The parts of a description that change, None for what is taken away. Raises Invalid."""
    wished = {name: getattr(edit, name) for name in _EDITED if getattr(edit, name) is not AS_IT_IS}
    if not wished:
        raise Invalid("Say what is to be changed.")
    before = {name: value for name, value in insertion.works[index].items() if name in works.FIELDS}
    after = works.described({**before, **wished}, case.at)
    return {name: after.get(name) for name in wished}


def _now(case: LiveCase, insertion: Insertion, index: int, change: Mapping[str, Any]) -> dict[str, Any]:
    """The change as an open task shows it: with dates counted from now."""
    name = insertion.works[index]["name"]
    return {**dict.fromkeys(change), **beside.at_this_moment(case.run, {"name": name, **change})}


def _note(case: LiveCase, insertion: Insertion, edit: Mapping[str, Any]) -> None:
    """An edit builds on the one before it, so that it is undone first."""
    told = {name: value for name, value in edit.items() if value != []}
    before = [insertion.last_edit] if insertion.last_edit is not None else []
    case.run.note(
        Kind.EDIT, insertion.element or "", causes=(insertion.id, *before),
        outcome={"insertion": insertion.id, **told},
    )  # fmt: skip


def _take_out(case: LiveCase, insertion: Insertion, indices: Sequence[int]) -> None:
    """The standing work, and what of it is open now."""
    _note(case, insertion, {"removed": list(indices)})
    fact = case.run.facts[-1]
    for found in _rounds(case, insertion):
        for index in indices:
            work = case.instance.open.get(found.open.get(index, ""))
            if isinstance(work, Work):
                beside.withdraw(case.run, work, causes=(fact.id,))


__all__ = ["AS_IT_IS", "Edit", "Plan", "Remove", "Replan"]
