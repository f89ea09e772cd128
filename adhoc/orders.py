"""Standing orders to skip something when it comes: which there are, what became of them, and how one is taken back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from caseloom.adhoc import rights
from caseloom.adhoc.skip import needs_reason
from caseloom.adhoc.targets import Past
from caseloom.engine.errors import Conflict, NotFound
from caseloom.engine.facts import Kind
from caseloom.engine.flow.tokens import Directive
from caseloom.engine.ids import order_id
from caseloom.engine.live import LiveCase

if TYPE_CHECKING:
    from caseloom.engine import Engine


class Standing(StrEnum):
    """What has become of an order."""

    STANDING = "standing"  # it waits for its element
    FIRED = "fired"  # it has skipped its element; one for every time goes on standing
    LIFTED = "lifted"  # somebody took it back
    OVER = "over"  # the date or the element that it held until has come
    NOT_REACHED = "not reached"  # the case ended without it


@dataclass(frozen=True, slots=True)
class Order:
    """A standing order to skip an element; `id` is what `RemoveDirective` takes. `fired` counts how often it did."""

    id: str
    element_id: str
    name: str
    every: bool
    state: Standing
    fired: int
    until: datetime | str | None
    condition: str | None
    by: str | None
    at: datetime
    reason: str | None


@dataclass(frozen=True, slots=True)
class RemoveDirective:
    """Takes a standing order back: the element is done as drawn when it comes. What was skipped stays skipped."""

    directive: str
    _: KW_ONLY
    reason: str

    def decide(self, case: LiveCase) -> None:
        case.running()
        case.change = True
        needs_reason(self.reason)
        found = _found(case, self.directive)
        check(case, found)
        case.run.note(Kind.LIFT, found.element, causes=(found.id,), outcome={"directive": found.id})


def _found(case: LiveCase, id: str) -> Directive:
    for directive in case.instance.directives.values():
        if order_id(case.id, directive.id) == id:
            return directive
    raise NotFound(f"There is no order “{id}” to skip something in this case.")


def check(case: LiveCase, directive: Directive) -> None:
    """May this order be taken back? Raises NotAllowed or Conflict."""
    node = case.node(directive.element)
    rights.check(case, "skip", node)
    if not waits(directive, case.at):
        label = node.label if node is not None else directive.element
        raise Conflict(f"The order to skip “{label}” no longer stands; there is nothing to take back.")


def waits(directive: Directive, at: datetime) -> bool:
    """Does the order still stand?"""
    if directive.over or (directive.used and not directive.every):
        return False
    return not (isinstance(directive.until, datetime) and directive.until <= at)


def orders(engine: Engine, case_id: str) -> list[Order]:
    """All orders to skip something that count in this case, oldest first, with what became of them."""
    return list(_orders(engine.look(case_id), engine.clock()))


def _orders(case: LiveCase, at: datetime) -> Iterator[Order]:
    past = Past.of(case)
    lifted = {(fact.outcome or {})["directive"] for fact in past.effective if fact.kind == Kind.LIFT}
    for row in case.journal():
        for fact in row.facts:
            directive = case.instance.directives.get(fact.id)
            if directive is None:
                continue
            node = case.node(directive.element)
            yield Order(
                order_id(case.id, fact.id), directive.element, node.label if node else directive.element,
                directive.every, _standing(case, directive, lifted, at), directive.used, directive.until,
                directive.condition, row.by, row.at, row.reason,
            )  # fmt: skip


def _standing(case: LiveCase, directive: Directive, lifted: set[int], at: datetime) -> Standing:
    if directive.id in lifted:
        return Standing.LIFTED
    if not case.instance.is_completed() and waits(directive, at):
        return Standing.STANDING
    if directive.used:
        return Standing.FIRED
    return Standing.NOT_REACHED if case.instance.is_completed() else Standing.OVER


__all__ = ["Order", "RemoveDirective", "Standing", "check", "orders", "waits"]
