"""SKIP: an activity or event is not needed in this case. Its token goes on as if it had been done; nothing runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any, Literal

from caseloom.adhoc import effects, rights, targets
from caseloom.engine import works
from caseloom.engine.errors import Conflict, Invalid
from caseloom.engine.facts import Kind
from caseloom.engine.flow import beside, events
from caseloom.engine.flow.model import Node
from caseloom.engine.flow.tokens import Occurrence, Token
from caseloom.engine.live import LiveCase

_SKIPPABLE_EVENTS = frozenset({"intermediateCatchEvent"})


@dataclass(frozen=True, slots=True)
class Skip:
    """A handler decides that something is not needed in this case.

    `data` stands in for what it would have written. `when` is `now` for what waits, `next` or `every` for an element
    to come. `item` is one of a multi-instance activity, by value or index.
    """

    target: str
    _: KW_ONLY
    reason: str
    data: Mapping[str, Any] | None = None
    when: Literal["now", "next", "every"] = "now"
    item: Any = None

    def decide(self, case: LiveCase) -> None:
        case.running()
        case.change = True
        needs_reason(self.reason)
        writes = case.writes(dict(self.data or {}))
        if self.when == "now":
            self._now(case, writes)
        elif self.when in ("next", "every"):
            self._later(case, writes)
        else:
            raise Invalid(f"“{self.when}”: something is skipped now, next or every time.")

    def _now(self, case: LiveCase, writes: Any) -> None:
        node = None if "-" in self.target else case.node(self.target)
        if node is not None and (gateway := _race_before(case, node)) is not None:
            rights.check(case, "skip", node, gateway)
            events.catch(case.run, gateway, node, writes, outcome={"skipped": True})
            return
        if node is not None:
            _guard_kind(node)
        occurrence = targets.waiting(case, self.target, self.item)
        if occurrence is None:
            label = targets.node(case, self.target).label
            raise Conflict(f"“{label}” is not waiting now; skip it when it comes, with when=“next”.")
        check_now(case, occurrence)
        beside.skip(case.run, occurrence, writes, effects.skipped(case, occurrence))

    def _later(self, case: LiveCase, writes: Any) -> None:
        if self.item is not None:
            raise Invalid("An item can be skipped once it waits, not in advance.")
        node = targets.node(case, self.target)
        check_later(case, node)
        case.run.note(
            Kind.DIRECT,
            node.name,
            outcome={"every": self.when == "every", "writes": [list(pair) for pair in writes]},
        )


def check_now(case: LiveCase, occurrence: Occurrence) -> None:
    """May this waiting occurrence be skipped now? Raises NotAllowed, Conflict or Invalid."""
    node = occurrence.node if isinstance(occurrence, Token) else None
    if node is not None:
        _guard_kind(node)
    works.check_no_answer(occurrence)
    rights.check(case, "skip", node, occurrence)
    if occurrence.held:
        raise Conflict(f"“{occurrence.name}” is held by inserted work; skip or finish that first.")


def check_later(case: LiveCase, node: Node) -> None:
    """May this element be skipped when it comes?"""
    _guard_kind(node)
    rights.check(case, "skip", node)


def _guard_kind(node: Node) -> None:
    if node.gateway:
        raise Invalid(f"“{node.label}” is a gateway: it is decided, not skipped.")
    if not node.activity and node.kind not in _SKIPPABLE_EVENTS:
        raise Invalid(
            f"“{node.label}” is not an activity or an event that is waited for, so it cannot be skipped."
        )


def _race_before(case: LiveCase, node: Node) -> Token | None:
    """The event-based gateway that waits for this event, if one does."""
    for one in case.instance.open.values():
        if (
            not isinstance(one, Token)
            or one.node.kind != "eventBasedGateway"
            or one.node.plan is not node.plan
        ):
            continue
        if any(flow.target == node.name for flow in one.node.flows):
            return one
    return None


def needs_reason(reason: str) -> None:
    if not isinstance(reason, str) or not reason.strip():
        raise Invalid("Say why: a change outside the diagram needs a reason.")


__all__ = ["Skip", "check_later", "check_now", "needs_reason"]
