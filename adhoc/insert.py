"""INSERT: work beside the diagram, which may hold the flow until it is done.

A gate delays and nothing else: the same token goes on afterwards, so the case stays on the ways of its diagram
(docs/ad-hoc.md). The diagram is never changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import datetime
from typing import Any, Literal

from caseloom.adhoc import places
from caseloom.engine import templates, works
from caseloom.engine.errors import ExpressionError, Invalid, NotFound
from caseloom.engine.facts import Kind
from caseloom.engine.flow.tokens import Insertion, Work
from caseloom.engine.live import LiveCase

Rule = Literal["all", "any", "in-turn"] | int
AtEnd = Literal["withdraw", "finish"]
MAX_WORKS = works.MOST


@dataclass(frozen=True, slots=True)
class Insert:
    """A handler adds work that the diagram does not have.

    One anchor at most: `before`, `after` or `beside` a task, occurrence or element, on a `flow`, or in a `scope`; none
    means the case as a whole. `blocking` work holds what comes behind its anchor (or the end of its scope); of other
    work `at_end` says what becomes of it when the case could end: `withdraw` it, or let the case wait for it
    (`finish`). `pause_timers` stops the timers of a step while work before it is open. `repeat="every"` asks for the
    work at every arrival.

    A task has `assignee` or `groups`, `due` and `follow_up` (a date, a date and time, or a duration such as `P3D`,
    counted from when it opens), a `goal`, a `checklist` (items, or mappings with name and required) and a `form`: the
    key of a deployed one, a form-js schema, or a list of fields (ids, or mappings with id, label, type, default,
    options, required, readonly). `fragment` is the key of a deployed process that runs in the place of a task;
    `template` the name of saved work.
    """

    name: str = ""
    _: KW_ONLY
    before: str | None = None
    after: str | None = None
    beside: str | None = None
    flow: str | None = None
    scope: str | None = None
    blocking: bool = True
    assignee: str | None = None
    groups: Sequence[str] = ()
    due: datetime | str | None = None
    form: Any = None
    goal: str | None = None
    data: Mapping[str, Any] | None = None
    reason: str | None = None
    repeat: Literal["once", "every"] = "once"
    item: Any = None
    rule: Rule = "all"
    tasks: Sequence[Insert] = ()
    follow_up: datetime | str | None = None
    checklist: Sequence[Any] = ()
    fragment: str | None = None
    template: str | None = None
    pause_timers: bool = False
    at_end: AtEnd | None = None

    @classmethod
    def many(
        cls, tasks: Sequence[Insert], *, rule: Rule = "all", reason: str | None = None, **anchor: Any
    ) -> Insert:
        """Several tasks at one place: `all` or `any` of them, one after the other (`in-turn`), or a number of them."""
        if not tasks:
            raise Invalid("Name at least one task to insert.")
        first = reason or next((task.reason for task in tasks if task.reason), None)
        return cls(
            ", ".join(task.name or task.fragment or "" for task in tasks),
            tasks=tuple(tasks), rule=rule, reason=first, **anchor,
        ).checked()  # fmt: skip

    def checked(self) -> Insert:
        """This, if its tasks leave the place to it. Raises Invalid."""
        guard_parts(self.tasks)
        return self

    def decide(self, case: LiveCase) -> None:
        case.running()
        case.change = True
        place = places.find(case, self)
        title, described, rule = self._works(case)
        _guard_nested(place, described)
        put(
            case, place, described, rule, title=title, blocking=self.blocking, every=_every(self.repeat),
            pauses=self._pauses(place), stays=stays(case, self.blocking, self.at_end),
        )  # fmt: skip

    def _works(self, case: LiveCase) -> tuple[str | None, list[dict[str, Any]], Rule]:
        if self.template is not None:
            return self._from_template(case, self.template)
        guard_parts(self.tasks)
        return None, [described(case, task) for task in self.tasks or (self,)], self.rule

    def _from_template(self, case: LiveCase, name: str) -> tuple[str, list[dict[str, Any]], Rule]:
        own = [field for field in works.FIELDS[1:] if works.given_at_all(getattr(self, field))]
        if own or self.tasks or self.rule != "all":
            what = own[0] if own else "tasks" if self.tasks else "rule"
            raise Invalid(f"The template “{name}” says what its tasks are; {what} cannot be given besides.")
        found, rule = saved(case, name)
        return self.name or name, found, rule

    def _pauses(self, place: places.Place) -> bool:
        if self.pause_timers and (place.kind != "before" or not self.blocking):
            raise Invalid("Only work that holds a step, before it, can stop the timers of that step.")
        return bool(self.pause_timers)


def guard_parts(tasks: Sequence[Insert]) -> None:
    """Tasks that go to one place together leave it to the command that holds them. Raises Invalid."""
    if len(tasks) > MAX_WORKS:
        raise Invalid(f"{len(tasks)} tasks are too many for one place; at most {MAX_WORKS} go there at once.")
    if any(getattr(task, name) is not None for task in tasks for name in places.ANCHORS):
        raise Invalid("The place is given once for all the tasks, not on each.")
    if any(task.tasks for task in tasks):
        raise Invalid("Several tasks are inserted at one level only.")
    if nested := next((task for task in tasks if task.template is not None), None):
        raise Invalid(f"The template “{nested.template}” stands for itself, not among other tasks.")


def described(case: LiveCase, given: Any) -> dict[str, Any]:
    """One piece of work as facts keep it; a process that it names is found now, and stays the same."""
    work = works.described(given, case.at)
    if "fragment" not in work:
        return work
    try:
        model = case.world.called(case.instance.model, work["fragment"], "latest", None)
    except ExpressionError as missing:
        raise NotFound(f"There is no process “{work['fragment']}” to insert.") from missing
    if not model.plan.entrances():
        raise Invalid(f"“{work['fragment']}” is started by an event, so it cannot be inserted.")
    if model.plan.begins_apart:
        raise Invalid(f"“{work['fragment']}” has several starts, so it cannot be inserted.")
    return {**work, "called": model.definition_id}


def saved(case: LiveCase, name: str) -> tuple[list[dict[str, Any]], Rule]:
    """The works of a template, and how many of them are needed. Raises NotFound."""
    found = templates.named(case, name)
    return [described(case, work) for work in found.works], found.rule


def put(
    case: LiveCase,
    place: places.Place,
    described_works: Sequence[Mapping[str, Any]],
    rule: Rule,
    *,
    title: str | None = None,
    blocking: bool = True,
    every: bool = False,
    pauses: bool = False,
    stays: bool = False,
) -> Insertion:
    """Writes the insertion, and opens its work where its place is there already."""
    told = {"title": title, "pauses": pauses, "stays": stays, "by": case.by}
    fact = case.run.note(
        Kind.INSERT,
        place.element or "",
        causes=(),
        outcome={
            "kind": place.kind,
            "element": place.element,
            "scope": place.path,
            "blocking": bool(blocking),
            "every": every,
            "need": works.need(rule, len(described_works)),
            "in_turn": rule == "in-turn",
            "works": list(described_works),
            **{name: value for name, value in told.items() if value},
        },
    )
    insertion = case.instance.insertions[fact.id]
    places.open_now(case, place, insertion)
    return insertion


def stays(case: LiveCase, blocking: bool, at_end: str | None) -> bool:
    """Does the case wait, at its end, for work that holds nothing else?"""
    if at_end not in (None, "withdraw", "finish"):
        raise Invalid(
            f"“{at_end}”: at the end of the case, free work is withdrawn (withdraw) or finished (finish)."
        )
    if blocking:
        if at_end is not None:
            raise Invalid("Blocking work is always waited for; at_end is for work that holds nothing.")
        return False
    return (at_end or case.instance.model.free_work) == "finish"


def _guard_nested(place: places.Place, works_: Sequence[Mapping[str, Any]]) -> None:
    """What holds an inserted task goes when that goes, so it has no steps of its own that could come back."""
    if isinstance(place.host, Work) and any("called" in work for work in works_):
        raise Invalid(f"A process cannot be put before “{place.host.name}”, which was inserted itself.")


def _every(repeat: str) -> bool:
    if repeat not in ("once", "every"):
        raise Invalid(f"“{repeat}”: a task is repeated once or every time.")
    return repeat == "every"


__all__ = ["AtEnd", "Insert", "Rule", "described", "put", "saved", "stays"]
