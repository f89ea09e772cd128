"""MOVE, REPLACE and SWAP: single gestures, each made of a skip at one place and a task at another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, replace
from typing import Any

from caseloom.adhoc import copies, targets
from caseloom.adhoc.copies import At
from caseloom.adhoc.insert import Insert
from caseloom.adhoc.places import ANCHORS
from caseloom.adhoc.region import leads_to
from caseloom.adhoc.skip import check_later, check_now, needs_reason
from caseloom.engine.errors import Conflict, Invalid
from caseloom.engine.facts import Kind
from caseloom.engine.flow import beside, outputs
from caseloom.engine.flow.model import Node
from caseloom.engine.flow.tokens import Token, Work
from caseloom.engine.live import LiveCase


@dataclass(frozen=True, slots=True)
class Replace:
    """Another task takes the place of a step that waits or is still to come; `by` has no place of its own."""

    element: str
    by: Insert
    _: KW_ONLY
    reason: str

    def decide(self, case: LiveCase) -> None:
        case.running()
        case.change = True
        needs_reason(self.reason)
        if any(getattr(self.by, name) is not None for name in ANCHORS):
            raise Invalid("The new task stands in the place of the step; it has no place of its own.")
        old = _Old.of(case, self.element)
        anchor: Mapping[str, Any] = (
            {"before": old.node.name} if old.open is None else {"after": case.id_of(old.open)}
        )
        replace(self.by, **anchor).decide(case)
        old.leave_out(case)


@dataclass(frozen=True, slots=True)
class Move:
    """A person's task is done at another place: before, after or beside another step."""

    element: str
    _: KW_ONLY
    reason: str
    before: str | None = None
    after: str | None = None
    beside: str | None = None

    def decide(self, case: LiveCase) -> None:
        case.running()
        case.change = True
        needs_reason(self.reason)
        places = {name: getattr(self, name) for name in ("before", "after", "beside")}
        places = {name: place for name, place in places.items() if place is not None}
        if len(places) != 1:
            raise Invalid("Say one place for the step: before, after or beside another one.")
        old = _Old.of(case, self.element)
        move(case, old, At(**places))


@dataclass(frozen=True, slots=True)
class Swap:
    """Two steps that come one directly after the other change places."""

    first: str
    second: str
    _: KW_ONLY
    reason: str

    def decide(self, case: LiveCase) -> None:
        case.running()
        case.change = True
        needs_reason(self.reason)
        first, second = _in_order(targets.node(case, self.first), targets.node(case, self.second))
        old = _Old.of(case, second.name)
        if old.open is not None:
            raise Conflict(f"“{second.label}” has begun, so “{first.label}” cannot change places with it.")
        move(case, old, At(before=first.name))


def _in_order(one: Node, other: Node) -> tuple[Node, Node]:
    for first, second in ((one, other), (other, one)):
        if [flow.target for flow in first.flows] == [second.name] and len(second.incoming) == 1:
            return first, second
    raise Invalid(
        f"“{one.label}” and “{other.label}” do not come one directly after the other; move one of them."
    )


def check(case: LiveCase, node: Node) -> None:
    """May this step be moved somewhere else? Raises NotAllowed, Conflict or Invalid."""
    _Old.of(case, node.name)


@dataclass(frozen=True, slots=True)
class _Old:
    """The step that is left out where it is drawn: open now, or still to come."""

    node: Node
    open: Token | None

    @classmethod
    def of(cls, case: LiveCase, element: str) -> _Old:
        waiting = targets.waiting(case, element)
        if waiting is None:
            node = targets.node(case, element)
            check_later(case, node)
            copies.guard_ahead(case, node)
            return cls(node, None)
        if not isinstance(waiting, Token) or waiting.number is not None:
            raise Invalid(f"“{waiting.name}” is not a step of the diagram as a whole.")
        check_now(case, waiting)
        return cls(waiting.node, waiting)

    def leave_out(self, case: LiveCase, source: int | None = None) -> None:
        """What it would have said is left open: the task in its place may say it."""
        if self.open is None:
            waits = {} if source is None else {"source": source}
            case.run.note(
                Kind.DIRECT, self.node.name, causes=() if source is None else (source,),
                outcome={"every": False, "writes": [], **waits},
            )  # fmt: skip
            return
        open_ = sorted(outputs.left_open(self.open.scope, self.node, self.open.vars))
        outcome: dict[str, Any] = {"by": case.by} if case.by else {}
        beside.skip(case.run, self.open, (), outcome | ({"open": open_} if open_ else {}))


def move(case: LiveCase, old: _Old, at: At) -> None:
    """Where the copy comes sooner in the flow, the step is left out once it is done; else in any case."""
    target = at.before or at.after or at.beside or ""
    waiting = targets.waiting(case, target)
    if isinstance(waiting, Work):
        sooner = _stands_sooner(case, waiting, old)
    else:
        sooner = _is_sooner(case, waiting.node if waiting else targets.node(case, target), old)
    copy = copies.insert(case, old.node, at)
    old.leave_out(case, copy.id if sooner else None)


def _is_sooner(case: LiveCase, other: Node, old: _Old) -> bool:
    if other is old.node:
        raise Invalid(f"“{other.label}” cannot be moved beside itself.")
    later = old.open is not None or _comes_first(case, old.node, other)
    return not later and other.plan is old.node.plan and other.name in leads_to(old.node)


def _stands_sooner(case: LiveCase, work: Work, old: _Old) -> bool:
    """Does a task that was inserted stand at the step, or at one that leads to it?"""
    element = case.instance.insertions[case.instance.rounds[work.round].insertion].element
    if old.open is not None or element is None or work.scope.plan is not old.node.plan:
        return False
    return element == old.node.name or element in leads_to(old.node)


def _comes_first(case: LiveCase, node: Node, other: Node) -> bool:
    """Does the flow come to this step before the other one?"""
    if node.plan is not other.plan:
        return False
    return node.name in leads_to(other) and not _nearer(case, other, node)


def _nearer(case: LiveCase, one: Node, other: Node) -> bool:
    """Is one step nearer to what waits than another, where a loop leads from each to the other?"""
    if one.name not in leads_to(other):
        return False
    return _distance(case, one) < _distance(case, other)


def _distance(case: LiveCase, node: Node) -> int:
    here = {
        token.node.name
        for scope in case.instance.scopes.values()
        if scope.plan is node.plan
        for token in scope.tokens.values()
    }
    seen, edge, steps = set(here), here, 0
    while edge and node.name not in edge:
        steps += 1
        edge = {flow.target for name in edge for flow in node.plan.nodes[name].flows} - seen
        seen |= edge
    return steps


__all__ = ["Move", "Replace", "Swap"]
