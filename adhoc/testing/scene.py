"""What is played: the deployed diagram, what its variables may hold, and who does the work of its services.

Where nobody says what a variable may hold, its candidates are read off the expressions that ask for it: `amount > 100`
gives 99, 100 and 101, a bare name false and true, a collection lists of different lengths.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from functools import cached_property
from random import Random
from typing import Any

from caseloom.engine import Engine
from caseloom.engine.expressions import Expression
from caseloom.engine.flow.model import Model, Node, Plan
from caseloom.engine.results import FormField, Job

Service = Callable[[Job], Mapping[str, Any] | None]

_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.])")
_TEXT = re.compile(r'"([^"]*)"|\'([^\']*)\'')
_LISTS: tuple[Any, ...] = (["a", "b"], ["a"], ["a", "b", "c"], [])
_COMPARES = re.compile(r"[<>=]|\bin\b")


@dataclass
class Scene:
    """`values` names what each variable may hold; `start` is what a case begins with, `services` answer by topic.

    `definitions` are the ids of the process that is played and of those that it calls. `ending` are values that lead
    out of every loop, where they are known.
    """

    engine: Engine
    key: str
    definitions: Sequence[str]
    _: KW_ONLY
    values: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    start: Mapping[str, Any] = field(default_factory=dict)
    ending: Mapping[str, Any] = field(default_factory=dict)
    services: Mapping[str, Service] = field(default_factory=dict)

    @cached_property
    def models(self) -> list[Model]:
        """What was deployed together, each process by itself."""
        return [self.engine.library.model(id) for id in self.definitions]

    @cached_property
    def plans(self) -> list[Plan]:
        return [plan for model in self.models for plan in model.plans.values()]

    @cached_property
    def nodes(self) -> list[Node]:
        return [node for plan in self.plans for node in plan.nodes.values()]

    @cached_property
    def loops(self) -> bool:
        """Does any flow lead back? Then nothing may be skipped for good, for that could leave a loop without a wait."""
        return any(_leads_back(plan) for plan in self.plans) or any(node.loop for node in self.nodes)

    @cached_property
    def candidates(self) -> dict[str, Sequence[Any]]:
        """What each variable that somebody reads, or a form asks for, may hold."""
        found: dict[str, list[Any]] = {}
        for name, options in _asked_for(self.nodes):
            found.setdefault(name, []).extend(one for one in options if one not in found.get(name, ()))
        given = {name: [value] for name, value in self.start.items() if name not in found}
        return {**given, **found, **self.values}

    def beginning(self, random: Random) -> dict[str, Any]:
        """The data of a new case: what was given, and something for whatever else is read."""
        chosen = {name: random.choice(list(options)) for name, options in self.candidates.items() if options}
        return {**chosen, **self.start}

    def answer(self, random: Random) -> dict[str, Any]:
        """Some of what may be written, at random."""
        names = sorted(name for name, options in self.candidates.items() if options)
        return {name: random.choice(list(self.candidates[name])) for name in names if random.random() < 0.3}


def _leads_back(plan: Plan) -> bool:
    """Is there a cycle? Looks for a node without a way in that is left over, again and again."""
    ahead = {
        name: {flow.target for flow in node.flows} | {event.name for event in node.boundary}
        for name, node in plan.nodes.items()
    }
    while True:
        last = [name for name, ways in ahead.items() if not ways]
        if not last:
            return bool(ahead)
        for name in last:
            del ahead[name]
        for ways in ahead.values():
            ways.difference_update(last)


def _asked_for(nodes: Sequence[Node]) -> Iterator[tuple[str, Sequence[Any]]]:
    for node in nodes:
        for flow in node.flows:
            yield from _from_condition(flow.condition)
        for _, event in node.parts:
            yield from _from_condition(event.condition)
        if node.loop is not None:
            yield from _from_condition(node.loop.condition)
        if node.multi is not None:
            yield from _from_condition(node.multi.until)
            yield from ((name, (1, 2, 3)) for name in _read(node.multi.cardinality))
            yield from ((name, _LISTS) for name in _read(node.multi.collection))
        for expression in (node.assignment.assignee, node.assignment.users, node.assignment.groups):
            yield from ((name, ("somebody",)) for name in _read(expression))
        for expression in (node.assignment.due, node.assignment.follow_up, node.assignment.priority):
            yield from _from_condition(expression)
        if node.form is not None:
            yield from ((one.id, _for_field(one)) for one in node.form.fields if not one.readonly)


def _read(expression: Expression | None) -> frozenset[str]:
    return frozenset() if expression is None else expression.reads


def _from_condition(expression: Expression | None) -> Iterator[tuple[str, Sequence[Any]]]:
    if expression is None:
        return
    text = expression.text
    options: list[Any] = [first or second for first, second in _TEXT.findall(text)]
    for number in _NUMBER.findall(_TEXT.sub("", text)):
        value = float(number) if "." in number else int(number)
        options += [value - 1, value, value + 1]
    if not options and re.search(r"[<>]", text):
        options = [1, 2, 3]
    if "true" in text or "false" in text or not (options and _COMPARES.search(text)):
        options += [False, True]
    for name in expression.reads:
        yield name, _LISTS if f"count({name})" in text else options


def _for_field(one: FormField) -> Sequence[Any]:
    if one.options:
        return [value for value, _ in one.options]
    kinds: dict[str, Sequence[Any]] = {
        "boolean": (False, True),
        "checkbox": (False, True),
        "number": (1, 2, 3),
    }
    return kinds.get(one.type, ("something", "something else"))
