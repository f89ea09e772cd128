"""What a fact says in the words of another version of its diagram, after a case was migrated.

The journal is never rewritten: facts older than a migration are read through its mapping of elements and flows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from caseloom.engine.facts import Fact

_SEGMENT = re.compile(r"(?P<name>[^#\[!~]+)(?P<rest>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Translation:
    """Old id -> new id, for elements and flows; what is not named keeps its id."""

    elements: Mapping[str, str]
    flows: Mapping[str, str]

    @property
    def changes_nothing(self) -> bool:
        return all(old == new for names in (self.elements, self.flows) for old, new in names.items())

    def fact(self, fact: Fact) -> Fact:
        return fact._replace(
            element=self.name(fact.element),
            scope=self.address(fact.scope),
            occurrence=self.address(fact.occurrence),
            takes=tuple(self.token(taken) for taken in fact.takes),
            gives=tuple(self.flow(given) for given in fact.gives),
            closes=None if fact.closes is None else self.address(fact.closes),
            outcome=None if fact.outcome is None else self._outcome(fact.outcome),
        )

    def name(self, element: str) -> str:
        """An element, or the flow that inserted work stands on."""
        return self.elements.get(element, self.flows.get(element, element))

    def flow(self, given: Any) -> Any:
        """A flow, the element where a scope was entered, or the number of an item."""
        return self.flows.get(given, self.elements.get(given, given)) if isinstance(given, str) else given

    def address(self, address: str) -> str:
        return "/".join(self._segment(segment) for segment in address.split("/"))

    def _segment(self, segment: str) -> str:
        found = _SEGMENT.fullmatch(segment)
        return segment if found is None else self.name(found["name"]) + found["rest"]

    def token(self, token: Any) -> Any:
        return self.address(token) if isinstance(token, str) else (token[0], self.flow(token[1]), *token[2:])

    def _key(self, key: str) -> str:
        """The name under which an event is waited for: `paid`, or `paid~1` for a part of it."""
        name, tilde, part = key.partition("~")
        return self.name(name) + tilde + part

    def work(self, work: Mapping[str, Any]) -> Mapping[str, Any]:
        """A question which way to go names flows; other inserted work names nothing of the diagram."""
        return self._outcome(work) if "ways" in work else work

    def _outcome(self, outcome: Mapping[str, Any]) -> dict[str, Any]:
        found = {
            name: _READERS[name](self, value) if name in _READERS else value
            for name, value in outcome.items()
        }
        if "ways" in found and "form" in found:
            found["form"] = [self._field(field) for field in found["form"]]
        return found

    def _field(self, field: Mapping[str, Any]) -> dict[str, Any]:
        """A field of a question: each flow is an option, or a field of its own."""
        options = [[self.flow(flow), label] for flow, label in field["options"]]
        return {**field, "id": self.flow(field["id"]), "options": options}

    def _keys(self, waits: Mapping[str, Any]) -> dict[str, Any]:
        return {self._key(key): value for key, value in waits.items()}

    def _places(self, offers: Mapping[str, Any]) -> dict[str, Any]:
        return {self.address(place): value for place, value in offers.items()}

    def _scoped(self, rows: list[list[Any]]) -> list[list[Any]]:
        return [[self.address(path), *rest] for path, *rest in rows]


def _optional(read: Callable[[Translation, Any], Any]) -> Callable[[Translation, Any], Any]:
    return lambda translation, value: None if value is None else read(translation, value)


_READERS: Mapping[str, Callable[[Translation, Any], Any]] = {
    "timers": Translation._keys,
    "messages": Translation._keys,
    "signals": Translation._keys,
    "conditions": lambda translation, keys: [translation._key(key) for key in keys],
    "dropped": lambda translation, keys: [translation._key(key) for key in keys],
    "part": Translation._key,
    "watch": Translation.name,
    "handler": Translation.name,
    "element": _optional(Translation.name),
    "scope": _optional(Translation.address),
    "target": Translation.address,
    "in": lambda translation, value: translation.address(value) if isinstance(value, str) else value,
    "for": Translation.address,
    "tokens": lambda translation, tokens: [list(translation.token(token)) for token in tokens],
    "until": lambda translation, value: translation.name(value) if isinstance(value, str) else value,
    "first": Translation.name,
    "region": lambda translation, names: [translation.name(name) for name in names],
    "works": lambda translation, works: [translation.work(work) for work in works],
    "ways": lambda translation, flows: [translation.flow(flow) for flow in flows],
    "activated": lambda translation, flows: [translation.flow(flow) for flow in flows],
    "offers": Translation._places,
    "kept": Translation._scoped,
    "cleared": Translation._scoped,
    "states": Translation._scoped,
}
