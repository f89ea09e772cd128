"""What a command means by its target: a task id, an occurrence id, or the id of an element in the diagram."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from caseloom.engine import facts as fact_rules
from caseloom.engine.errors import Invalid, NotFound, Superseded
from caseloom.engine.facts import BEGINS, Fact, Kind
from caseloom.engine.flow.model import Node
from caseloom.engine.flow.tokens import Occurrence, Token
from caseloom.engine.ids import occurrence_id, started
from caseloom.engine.live import LiveCase, in_words_of_now


def waiting(case: LiveCase, target: str, item: Any = None) -> Occurrence | None:
    """The open occurrence that is meant; None where the target is an element that nothing waits at.

    Raises Invalid where several are meant, NotFound where there is no such thing, and Conflict where it is past.
    """
    if started(_text(target), case.id) is not None:
        return case.occurrence(target)
    node(case, target)
    found = [one for one in case.instance.open.values() if isinstance(one, Token) and one.node.name == target]
    found = [one for one in found if one.number is not None or item is None or not _is_body(one)]
    if item is not None:
        return _one(case, target, [one for one in found if has_item(one, item)], item)
    bodies = [one for one in found if one.number is None]
    if len(found) > 1 and len(bodies) == 1:
        return bodies[0]  # a multi-instance activity as a whole
    return _one(case, target, found, None) if found else None


def names_occurrence(case: LiveCase, target: str) -> bool:
    """Is it the id of a task or an occurrence, rather than of an element?"""
    return started(_text(target), case.id) is not None


def node(case: LiveCase, element_id: str) -> Node:
    """An element of the diagram, or of a process that it calls now. Raises NotFound."""
    found: Node | None = case.node(_text(element_id))
    if found is None and _OF_ANOTHER_CASE.fullmatch(element_id):
        raise NotFound(f"“{element_id}” belongs to another case, which goes on by itself: change it there.")
    if found is None:
        raise NotFound(f"There is no element “{element_id}” in the diagram of this case.")
    return found


# An occurrence or task of a case that this one has started by a message, for example.
_OF_ANOTHER_CASE = re.compile(r"[0-9a-f]{23}-\d+")


def _text(target: str) -> str:
    if not isinstance(target, str) or not target:
        raise Invalid("A target is the id of a task, an occurrence or an element.")
    return target


def _is_body(token: Token) -> bool:
    return "items" in token.outcome


def has_item(token: Token, item: Any) -> bool:
    """Does it belong to the item with this value, or this index, of any multi-instance around it?"""
    number, scope = token.number, token.scope
    while True:
        if number is not None and scope.items is not None:
            value = scope.items[number] if scope.items else None
            if (value is not None and value == item) or (_is_index(item) and number == item):
                return True
        if scope.host is None:
            return False
        number, scope = scope.host.number, scope.host.scope


def _is_index(item: Any) -> bool:
    return isinstance(item, int) and not isinstance(item, bool)


def _one(case: LiveCase, target: str, found: Sequence[Token], item: Any) -> Token:
    if len(found) == 1:
        return found[0]
    if not found:
        raise NotFound(f"Nothing waits at “{target}” for the item {item!r}.")
    listed = ", ".join(f"{case.id_of(one)} ({_told(one.item)})" for one in found)
    raise Invalid(f"“{target}” waits {len(found)} times; name one of {listed}.")


def _told(item: Any) -> str:
    return "no item" if item is None else f"item {item}"


def ran(fact: Fact) -> bool:
    """Does the fact begin an occurrence? An event sub-process that only waits for its event has not run."""
    return bool(fact.occurrence) and fact.kind in BEGINS and "watch" not in (fact.outcome or {})


# -- the past --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Past:
    """The journal of a case as facts: all of them, and which count."""

    facts: Sequence[Fact]
    gone: frozenset[int]
    items: dict[str, Sequence[Any]]
    remedies: frozenset[str]

    @classmethod
    def of(cls, case: LiveCase) -> Past:
        gone = fact_rules.superseded(fact for line in case.journal() for fact in line.facts)
        facts = [fact for line in in_words_of_now(case.journal(), gone) for fact in line.facts]
        return cls(facts, frozenset(gone), _items(facts), _remedies(facts))

    @property
    def effective(self) -> list[Fact]:
        return [fact for fact in self.facts if fact.id not in self.gone]

    def puts_right(self, fact: Fact) -> bool:
        """Is it, or is it part of, a counter-step that a revisit called for?"""
        address = fact.occurrence
        return bool(self.remedies) and any(fact_rules.inside(address, one) for one in self.remedies)

    def fact(self, number: int) -> Fact | None:
        """Ids are given in order and without gaps."""
        found = self.facts[number - 1] if 0 < number <= len(self.facts) else None
        return (
            found
            if found is None or found.id == number
            else next((f for f in self.facts if f.id == number), None)
        )

    def ran(self, case: LiveCase, target: str, item: Any = None) -> Fact:
        """The fact that began the effective occurrence which is meant: the latest of an element."""
        number = started(_text(target), case.id)
        if number is not None:
            return self._numbered(case, target, number)
        found = [fact for fact in self.effective if fact.element == target and ran(fact)]
        if item is not None:
            found = [fact for fact in found if self._has_item(fact, item)]
        places = self._by_place(found)
        if not places:
            self._never_ran(case, target, item)
        if len(places) > 1:
            places = self._prefer_body(places)
        if len(places) > 1:
            listed = ", ".join(occurrence_id(case.id, facts[-1].id) for facts in places.values())
            raise Invalid(f"“{target}” ran for several items; name one of {listed}, or give item=.")
        return next(iter(places.values()))[-1]

    def _numbered(self, case: LiveCase, target: str, number: int) -> Fact:
        fact = self.fact(number)
        if fact is None or not ran(fact):
            raise NotFound(f"There is no “{target}” in this case.")
        if number in self.gone:
            raise Superseded(case.name_of(fact))
        return fact

    def _never_ran(self, case: LiveCase, target: str, item: Any) -> None:
        label = node(case, target).label
        if item is not None:
            raise NotFound(f"“{label}” has not run for the item {item!r}.")
        raise Invalid(
            f"“{label}” has not run yet, so there is nothing to revisit; insert a task to do it sooner."
        )

    def _by_place(self, facts: Iterable[Fact]) -> dict[str, list[Fact]]:
        places: dict[str, list[Fact]] = {}
        for fact in facts:
            places.setdefault(fact_rules.place(self._any_round(fact.occurrence)), []).append(fact)
        return places

    def _any_round(self, address: str) -> str:
        """An address without the rounds of standard loops: they come one after the other, as those of a drawn one."""
        if not address:
            return address
        scope = fact_rules.parent(address)
        own = address[len(scope) :]
        return self._any_round(scope) + (own.partition("[")[0] if self.items.get(scope) == [] else own)

    def _prefer_body(self, places: dict[str, list[Fact]]) -> dict[str, list[Fact]]:
        """An element id without an item means a multi-instance activity as a whole."""
        bodies = {place: facts for place, facts in places.items() if facts[-1].occurrence in self.items}
        return bodies if len(bodies) == 1 else places

    def _has_item(self, fact: Fact, item: Any) -> bool:
        return any(
            (value is not None and value == item) or (_is_index(item) and number == item)
            for number, value in self._items_around(fact)
        )

    def item(self, fact: Fact) -> Any:
        """The innermost item that an occurrence is or belongs to: its value, its index where it has none."""
        for number, value in self._items_around(fact):
            return number if value is None else value
        return None

    def item_of(self, body: str, number: int) -> Any:
        """The value of an item of a multi-instance activity, by the address of its body."""
        items = self.items.get(body, ())
        return items[number] if number < len(items) else None

    def _items_around(self, fact: Fact) -> Iterator[tuple[int, Any]]:
        address = fact.occurrence
        while address:
            scope = fact_rules.parent(address)
            body = self.items.get(scope)
            if body is not None and "[" in address[len(scope) :]:
                number = int(address.rpartition("[")[2].partition("]")[0])
                yield number, body[number] if number < len(body) else None  # a loop has rounds, not items
            address = scope


def _items(facts: Iterable[Fact]) -> dict[str, Sequence[Any]]:
    """The items of each multi-instance activity, by its address; those that were added while it ran come last."""
    items: dict[str, list[Any]] = {}
    for fact in facts:
        if fact.outcome and "items" in fact.outcome:
            items[fact.occurrence] = list(fact.outcome["items"])
        elif fact.kind == Kind.ITEM and fact.outcome and "added" in fact.outcome:
            items[fact.scope][fact.outcome["number"] :] = [fact.outcome["added"]]
    return dict(items)


def _remedies(facts: Iterable[Fact]) -> frozenset[str]:
    """The addresses of counter-steps that revisits called for."""
    return frozenset(
        fact.occurrence
        for fact in facts
        if fact.kind == Kind.START and fact.outcome and fact.outcome.keys() >= {"compensates", "round"}
    )


__all__ = ["Past", "has_item", "names_occurrence", "node", "ran", "waiting"]
