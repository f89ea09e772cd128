"""Items of a multi-instance activity that is under way: one more, or one less."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass
from typing import Any

from caseloom.adhoc import rights, targets
from caseloom.adhoc.skip import needs_reason
from caseloom.engine.errors import Conflict, Invalid
from caseloom.engine.flow import items
from caseloom.engine.flow.items import host_of
from caseloom.engine.flow.starting import MAX_ITEMS
from caseloom.engine.flow.tokens import Scope, Token
from caseloom.engine.live import LiveCase


@dataclass(frozen=True, slots=True)
class AddItem:
    """One more item for a multi-instance activity that is under way: at once, or, in a sequence, after the others.

    `value` is the item, as the collection would have had it; None where the items are only counted.
    """

    target: str
    value: Any = None
    _: KW_ONLY
    reason: str

    def decide(self, case: LiveCase) -> None:
        case.running()
        case.change = True
        needs_reason(self.reason)
        body = under_way(case, self.target)
        check(case, body, "insert")
        if len(body.items or ()) >= MAX_ITEMS:
            raise Conflict(f"“{host_of(body).name}” has {MAX_ITEMS} items; more are not allowed.")
        [(_, value)] = case.writes({"item": self.value}, "The item")
        if value is None and any(item is not None for item in body.items or ()):
            raise Invalid(
                f"“{host_of(body).name}” is done for each value of a list: give the value of the item."
            )
        items.add(case.run, body, value)


@dataclass(frozen=True, slots=True)
class RemoveItem:
    """An item that is not done is taken out of a multi-instance activity, as if it had never been in its list.

    `item` is its value or its index, counted from 0.
    """

    target: str
    item: Any
    _: KW_ONLY
    reason: str

    def decide(self, case: LiveCase) -> None:
        case.running()
        case.change = True
        needs_reason(self.reason)
        body = under_way(case, self.target)
        check(case, body, "skip")
        number = _number(body, self.item)
        if number in body.removed:
            raise Conflict(f"The item {self.item!r} of “{host_of(body).name}” was taken out already.")
        if items.is_done(body, number):
            raise Conflict(
                f"The item {self.item!r} of “{host_of(body).name}” is done; go back to it instead."
            )
        items.remove(case.run, body, number)


def under_way(case: LiveCase, target: str) -> Scope:
    """The open body that is meant. Raises Conflict or Invalid where there is none."""
    found = targets.waiting(case, target)
    while isinstance(found, Token) and found.number is not None:
        found = host_of(found.scope)  # an item stands for the activity as a whole
    if not isinstance(found, Token):
        label = targets.node(case, target).label
        raise Conflict(f"“{label}” is not under way, so its items come from its list when it begins.")
    body = case.instance.scopes.get(found.occurrence or "")
    if body is None or not body.body or found.node.multi is None:
        raise Invalid(f"“{found.name}” is not done for several items.")
    return body


def check(case: LiveCase, body: Scope, operation: str) -> None:
    """May this person change the items? An item more is like inserted work, one less like a skip."""
    rights.check(case, operation, host_of(body).node, host_of(body))


def open_bodies(case: LiveCase) -> Iterator[Scope]:
    for scope in case.instance.scopes.values():
        if scope.body and host_of(scope).node.multi is not None:
            yield scope


def _number(body: Scope, item: Any) -> int:
    assert body.items is not None
    for number, value in enumerate(body.items):
        if value is not None and value == item and number not in body.removed:
            return number
    if isinstance(item, int) and not isinstance(item, bool) and 0 <= item < len(body.items):
        return item
    raise Invalid(f"“{host_of(body).name}” has no item {item!r}.")


__all__ = ["AddItem", "RemoveItem", "check", "open_bodies", "under_way"]
