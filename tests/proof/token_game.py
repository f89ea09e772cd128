"""A token game that plays a random diagram by itself, every way that it can go, and shares no code with the engine.

A state is a tuple of `Thing`s. `TokenGame.actions` says what people, messages and clocks can do in it, `edges` where
that can lead for each choice of what the conditions ask for, whatever the order in which parallel steps are taken, and
`follow` whether a given order of steps is one of those. `shown` is what can be seen of a state: the addresses of all
that waits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple, TypeAlias
from xml.etree import ElementTree

from simulator import BPMN, Diagram, Element

OUTSIDE = ("message", "signal", "timer")
WAITING = frozenset({"userTask", "receiveTask", "intermediateCatchEvent", "eventBasedGateway"})
AT_WORK = frozenset({"token", "run", "item", "thrown"})  # what keeps a scope open
Path: TypeAlias = tuple[str, ...]


class Thing(NamedTuple):
    """`kind`: token, run (what is open), item (about to start), left (items to come), thrown, armed, activated, spent;
    and `case` until it has ended.

    `name` is the flow of a token, the number of a run (`t1#0`, an item of it `t1#0[2]`), or what else the kind needs.
    """

    scope: Path
    kind: str
    element: str
    name: str = ""
    numbers: tuple[int, ...] = ()


class Action(NamedTuple):
    """Something from outside: a task is done, or an event comes to what waits at an address."""

    kind: str
    address: str
    element: str


class Step(NamedTuple):
    """As it stands in a trace."""

    kind: str
    element: str


QUIET = Step("ready", "")
State: TypeAlias = tuple[Thing, ...]
Choices: TypeAlias = tuple[tuple[str, Any], ...]  # what the variables hold that were asked for
Move: TypeAlias = tuple[Step, State, Choices]
Edge: TypeAlias = tuple[Action, Choices]


class Heard(NamedTuple):
    kind: str
    name: str


class TokenGame:
    """`values` says what each variable may hold that a condition or a collection asks for."""

    def __init__(self, xml: bytes, values: Mapping[str, Sequence[Any]]) -> None:
        root = ElementTree.fromstring(xml)
        self.whole = Diagram(next(node for node in root.iter(f"{BPMN}process") if node.get("id") == "case"))
        self.values = values
        self.conditions = {
            node.get("id", ""): node.findtext(f"{BPMN}conditionExpression") or ""
            for node in root.iter(f"{BPMN}sequenceFlow")
        }
        self.heard = {node.get("id", ""): found for node in root.iter() if (found := _heard(node))}
        self.loops = {node.get("id", ""): found for node in root.iter() if (found := _loop(node)) is not None}
        self.edges = cache(self._edges)

    # -- the game ------------------------------------------------------------------------------------

    def beginnings(self) -> dict[Choices, set[State]]:
        return self._settled([(self._first(), ())])

    def actions(self, state: State) -> set[Action]:
        return {action for action, _ in self._acts(state)}

    def _edges(self, state: State) -> dict[Edge, set[State]]:
        """What each action leads to, for all that the variables can hold which are then asked for."""
        return {
            (action, choices): ends
            for action in self.actions(state)
            for choices, ends in self._settled(
                [(after, chosen) for _, after, chosen in self.act(state, action, ())]
            ).items()
        }

    def follow(self, moves: Iterable[Move], trace: Sequence[Step]) -> set[State]:
        """Where these first steps and then the rest of a trace lead; nowhere, if that is no order of the game."""
        states = {(state, chosen) for step, state, chosen in moves if step == trace[0]}
        for wanted in trace[1:]:
            states = {
                (after, chosen)
                for state, choices in self._with_quiet_steps(states)
                for step, after, chosen in self.moves(state, choices)
                if step == wanted
            }
        ends = self._with_quiet_steps(states)
        return {state for state, choices in ends if not any(self.moves(state, choices))}

    def _with_quiet_steps(self, states: set[tuple[State, Choices]]) -> set[tuple[State, Choices]]:
        """Also what comes of them when complex gateways become ready again, of which nothing has to be seen."""
        found, waiting = set(states), list(states)
        while waiting:
            after = {(after, chosen) for step, after, chosen in self.moves(*waiting.pop()) if step == QUIET}
            waiting += after - found
            found |= after
        return found

    def begin(self, choices: Choices, trace: Sequence[Step]) -> set[State]:
        return self.follow(self.moves(self._first(), choices), trace)

    def act(self, state: State, action: Action, choices: Choices) -> Iterator[Move]:
        for found, thing in self._acts(state):
            if found == action:
                yield from self._act(state, thing, action, choices)

    def moves(self, state: State, choices: Choices) -> Iterator[Move]:
        """Every step that needs nobody and may come next."""
        thrown = [one for one in state if one.kind == "thrown"]
        if thrown:
            yield from self._caught(state, thrown[0], choices)
            return
        for place in sorted({(one.scope, one.element) for one in state if one.kind == "token"}):
            yield from self._arrived(state, *place, choices)
        for one in state:
            if one.kind == "item":
                yield from self._opens(_without(state, one), one.scope, self._at(one), one.name, choices)
            elif one.kind == "run" and not self._busy(state, one):
                yield from self._end(state, one, choices)
            elif one.kind == "activated":
                yield from self._reset(state, one, choices)
        if state and not any(one.kind in AT_WORK for one in state):
            yield Step("done", ""), (), choices

    def _first(self) -> State:
        return _with(self._opened((), self.whole, self.whole.entrances()), Thing((), "case", ""))

    def _settled(self, found: list[tuple[State, Choices]]) -> dict[Choices, set[State]]:
        ends: dict[Choices, set[State]] = {}
        seen = set(found)
        while found:
            state, choices = found.pop()
            after = {(state, chosen) for _, state, chosen in self.moves(state, choices)}
            if not after:
                ends.setdefault(choices, set()).add(state)
            found += after - seen
            seen |= after
        return ends

    # -- what comes from outside ------------------------------------------------------------------------

    def _acts(self, state: State) -> Iterator[tuple[Action, Thing]]:
        for one in state:
            at = "/".join([*one.scope, one.element])
            if one.kind == "armed":
                kind = self._trigger(one).kind
                if kind not in OUTSIDE or one._replace(kind="spent") in state:
                    continue
                yield Action(kind, _plain(f"{at}?"), one.element), one
            elif one.kind == "run":
                address = _plain("/".join([*one.scope, one.name]))
                for kind, element in self._awaited(state, one):
                    yield Action(kind, address, element), one

    def _awaited(self, state: State, run: Thing) -> Iterator[tuple[str, str]]:
        element = self._at(run)
        diagram = self._diagram(run.scope)
        if not element.repeated or _is_item(run):
            if element.tag == "userTask":
                yield "complete", element.id
            elif element.tag in WAITING:
                events = [diagram.targets[flow] for flow in element.outgoing]
                for event in events if element.tag == "eventBasedGateway" else [element.id]:
                    yield self.heard[event].kind, event
        if not _is_item(run):
            for edge in element.edge:
                spent = Thing(run.scope, "spent", edge, run.name) in state
                if self.heard[edge].kind in OUTSIDE and not spent:
                    yield self.heard[edge].kind, edge

    def _act(self, state: State, thing: Thing, action: Action, choices: Choices) -> Iterator[Move]:
        if thing.kind == "armed":
            yield self._handled(state, thing, choices)
        elif self._diagram(thing.scope).elements[action.element].host:
            yield from self._interrupts(state, thing, action.element, choices)
        elif self._at(thing).tag == "eventBasedGateway":
            diagram = self._diagram(thing.scope)
            [flow] = [one for one in self._at(thing).outgoing if diagram.targets[one] == action.element]
            left = _with(_without(state, thing), Thing(thing.scope, "token", action.element, flow))
            yield Step("end", thing.element), left, choices
        else:
            yield from self._end(state, thing, choices)

    def _interrupts(self, state: State, host: Thing, edge: str, choices: Choices) -> Iterator[Move]:
        """An event on the edge of what is open; without `cancelActivity` that stays, and a timer has had its time."""
        element = self._diagram(host.scope).elements[edge]
        if element.interrupting:
            state = _closed(state, host)
        elif self.heard[edge].kind == "timer":
            state = _with(state, Thing(host.scope, "spent", edge, host.name))
        yield from self._go_on(state, host.scope, element, Step("boundary", edge), choices)

    def _handled(self, state: State, armed: Thing, choices: Choices) -> Move:
        inner = self._diagram(armed.scope).inner[armed.element]
        trigger = inner.trigger()
        if trigger.interrupting:
            state = _emptied(state, armed.scope)
        elif self.heard[trigger.id].kind == "timer":
            state = _with(state, armed._replace(kind="spent"))
        name = _number(state, armed.scope, armed.element)
        state = _with(state, Thing(armed.scope, "run", armed.element, name))
        state = _with(state, *self._opened((*armed.scope, name), inner, [trigger.id]))
        return Step("start", armed.element), state, choices

    # -- what needs nobody -------------------------------------------------------------------------------

    def _arrived(self, state: State, scope: Path, id: str, choices: Choices) -> Iterator[Move]:
        element = self._diagram(scope).elements[id]
        tokens = [one for one in state if (one.scope, one.element, one.kind) == (scope, id, "token")]
        flows = {one.name: one for one in tokens}
        joins = len(element.incoming) > 1
        if joins and element.tag == "complexGateway":
            if not _activated(state, scope, id) and len(tokens) >= element.needed:
                left = _with(
                    _without(state, *flows.values()), Thing(scope, "activated", id, ",".join(sorted(flows)))
                )
                yield from self._go_on(left, scope, element, Step("pass", id), choices)
        elif joins and element.tag in ("parallelGateway", "inclusiveGateway"):
            every = set(flows) == set(element.incoming)
            if every or (
                element.tag == "inclusiveGateway" and self._nothing_comes(state, scope, id, set(flows))
            ):
                left = _without(state, *flows.values())
                yield from self._go_on(left, scope, element, Step("pass", id), choices)
        else:
            for token in flows.values():
                yield from self._arrives(_without(state, token), token, element, choices)

    def _arrives(self, state: State, token: Thing, element: Element, choices: Choices) -> Iterator[Move]:
        source = self._diagram(token.scope).sources.get(token.name, "")
        raced = source and self._diagram(token.scope).elements[source].tag == "eventBasedGateway"
        if element.tag == "subProcess" or (element.tag in WAITING and not raced):
            name = _number(state, token.scope, element.id)
            yield from self._opens(state, token.scope, element, name, choices)
            return
        heard = self.heard.get(element.id)
        if "terminateEventDefinition" in element.events:
            state = _emptied(state, token.scope)
        elif heard and heard.kind in ("error", "escalation") and element.tag != "startEvent":
            state = _with(state, *self._thrown(state, token.scope, heard))
        yield from self._go_on(state, token.scope, element, Step("pass", element.id), choices)

    def _opens(
        self, state: State, scope: Path, element: Element, name: str, choices: Choices
    ) -> Iterator[Move]:
        step, run = Step("start", element.id), Thing(scope, "run", element.id, name)
        if element.repeated and not _is_item(run):
            for count, chosen in self._items(element, choices):
                first = count if not element.sequential else min(count, 1)
                items = [Thing(scope, "item", element.id, f"{name}[{number}]") for number in range(first)]
                left = Thing(scope, "left", element.id, name, tuple(range(first, count)))
                yield step, _with(state, run, *items, left), chosen
        elif element.tag == "subProcess":
            inner = self._diagram(scope).inner[element.id]
            yield step, _with(state, run, *self._opened((*scope, name), inner, inner.entrances())), choices
        else:
            yield step, _with(state, run), choices

    def _items(self, element: Element, choices: Choices) -> Iterator[tuple[int, Choices]]:
        asked = self.loops[element.id][0]
        if element.looped or asked.isdigit():
            yield (1 if element.looped else int(asked)), choices
            return
        for value, chosen in self._ask(asked, choices):
            yield len(value), chosen

    def _end(self, state: State, run: Thing, choices: Choices) -> Iterator[Move]:
        element, step = self._at(run), Step("end", run.element)
        if not _is_item(run):
            yield from self._go_on(_closed(state, run), run.scope, element, step, choices)
            return
        outer, _, number = run.name[:-1].rpartition("[")
        [left] = [one for one in state if (one.scope, one.kind, one.name) == (run.scope, "left", outer)]
        state = _closed(state, run)
        if element.looped:
            for again, chosen in self._holds(self.loops[element.id][1], choices):
                next_one = Thing(run.scope, "item", element.id, f"{outer}[{int(number) + 1}]")
                yield step, _with(state, next_one) if again else state, chosen
            return
        others = [one for one in state if one.scope == run.scope and one.name.startswith(f"{outer}[")]
        condition = self.loops[element.id][1] if others or left.numbers else ""
        for enough, chosen in self._holds(condition, choices) if condition else [(False, choices)]:
            yield step, self._next_item(state, others, left, enough), chosen

    def _next_item(self, state: State, others: Sequence[Thing], left: Thing, enough: bool) -> State:
        if enough:
            for one in others:
                state = _closed(state, one)
            return _with(_without(state, left), left._replace(numbers=()))
        if not left.numbers:
            return state
        following = Thing(left.scope, "item", left.element, f"{left.name}[{left.numbers[0]}]")
        return _with(_without(state, left), left._replace(numbers=left.numbers[1:]), following)

    def _busy(self, state: State, run: Thing) -> bool:
        """Does it wait for somebody, or for what goes on in it?"""
        element = self._at(run)
        if element.repeated and not _is_item(run):
            return any(one.scope == run.scope and one.name.startswith(f"{run.name}[") for one in state)
        if element.tag != "subProcess":
            return True
        return any(one.scope == (*run.scope, run.name) and one.kind in AT_WORK for one in state)

    def _reset(self, state: State, active: Thing, choices: Choices) -> Iterator[Move]:
        """A complex gateway has had all that can come: the rest leads nowhere, and it is ready again."""
        taken = set(active.name.split(","))
        late = {
            one.name: one
            for one in state
            if one[:3] == (active.scope, "token", active.element) and one.name not in taken
        }
        if self._nothing_comes(state, active.scope, active.element, taken | set(late)):
            step = Step("pass", active.element) if late else QUIET
            yield step, _without(state, active, *late.values()), choices

    def _nothing_comes(self, state: State, scope: Path, join: str, full: set[str]) -> bool:
        """BPMN 2.0.2, 13.4.3: whoever can still reach an empty input can also reach a full one."""
        diagram = self._diagram(scope)
        empty = set(diagram.elements[join].incoming) - full
        others = {
            one.element
            for one in state
            if one.scope == scope and one.kind in ("token", "run", "item") and one.element != join
        }
        ahead = [diagram.flows_ahead(one, join) for one in others]
        return not any(flows & empty and not flows & full for flows in ahead)

    def _thrown(self, state: State, scope: Path, heard: Heard) -> list[Thing]:
        """What catches it, if anything does: a handler in the scope, the edge of its host, or the same further out."""
        while True:
            for one in state:
                if one.kind == "armed" and one.scope == scope and self._trigger(one) == heard:
                    return [Thing(scope, "thrown", one.element)]
            if not scope:
                return []
            scope, host = scope[:-1], scope[-1].partition("[")[0]
            element = self._diagram(scope).elements[host.partition("#")[0]]
            for edge in element.edge:
                if self.heard[edge] == heard:
                    return [Thing(scope, "thrown", edge, host)]

    def _caught(self, state: State, thrown: Thing, choices: Choices) -> Iterator[Move]:
        state = _without(state, thrown)
        if not thrown.name:
            yield self._handled(state, Thing(thrown.scope, "armed", thrown.element), choices)
            return
        [host] = [
            one for one in state if (one.scope, one.kind, one.name) == (thrown.scope, "run", thrown.name)
        ]
        yield from self._interrupts(state, host, thrown.element, choices)

    # -- ways ------------------------------------------------------------------------------------------

    def _go_on(
        self, state: State, scope: Path, element: Element, step: Step, choices: Choices
    ) -> Iterator[Move]:
        targets = self._diagram(scope).targets
        for flows, chosen in self._ways(element, choices):
            yield step, _with(state, *(Thing(scope, "token", targets[flow], flow) for flow in flows)), chosen

    def _ways(self, element: Element, choices: Choices) -> Iterator[tuple[Sequence[str], Choices]]:
        conditional = [flow for flow in element.outgoing if self.conditions[flow]]
        if not conditional:
            yield element.outgoing, choices
            return
        plain = [flow for flow in element.outgoing if flow not in conditional and flow != element.default]
        default = [element.default] if element.default else []
        found: list[tuple[list[str], Choices]] = [([], choices)]
        for flow in conditional:
            found = [
                ([*flows, flow] if holds else flows, chosen)
                for flows, before in found
                for holds, chosen in self._holds_next(element, flow, flows, before)
            ]
        for flows, chosen in found:
            yield [*plain, *(flows or default)], chosen

    def _holds_next(
        self, element: Element, flow: str, flows: list[str], choices: Choices
    ) -> Iterator[tuple[bool, Choices]]:
        """An exclusive gateway asks no further than the first that holds."""
        if element.tag == "exclusiveGateway" and flows:
            yield False, choices
        else:
            yield from self._holds(self.conditions[flow], choices)

    def _holds(self, condition: str, choices: Choices) -> Iterator[tuple[bool, Choices]]:
        variable, _, number = condition.partition(" = ")
        if variable == "true":
            yield True, choices
            return
        for value, chosen in self._ask(variable, choices):
            yield (value == int(number) if number else bool(value)), chosen

    def _ask(self, variable: str, choices: Choices) -> Iterator[tuple[Any, Choices]]:
        known = dict(choices)
        for value in [known[variable]] if variable in known else map(_hashable, self.values[variable]):
            yield value, tuple(sorted({**known, variable: value}.items()))

    # -- the diagram -------------------------------------------------------------------------------------

    def _diagram(self, scope: Path) -> Diagram:
        diagram = self.whole
        for name in scope:
            diagram = diagram.inner[name.partition("#")[0]]
        return diagram

    def _at(self, thing: Thing) -> Element:
        return self._diagram(thing.scope).elements[thing.element]

    def _trigger(self, armed: Thing) -> Heard:
        return self.heard[self._diagram(armed.scope).inner[armed.element].trigger().id]

    def _opened(self, scope: Path, diagram: Diagram, entrances: Sequence[str]) -> State:
        tokens = [Thing(scope, "token", entrance) for entrance in entrances]
        return tuple(sorted([*tokens, *(Thing(scope, "armed", handler) for handler in diagram.handlers)]))


def shown(state: State) -> tuple[str, ...]:
    """Addresses of all that waits: what is open, flows with tokens, handlers."""
    marks = {"run": "{0.name}", "token": "~{0.name}", "armed": "{0.element}?"}
    return tuple(
        sorted(
            _plain("/".join([*one.scope, marks[one.kind].format(one)])) for one in state if one.kind in marks
        )
    )


def _plain(address: str) -> str:
    return re.sub(r"#\d+", "", address)


def _number(state: State, scope: Path, element: str) -> str:
    """The first free number: addresses tell runs apart, not their history."""
    taken = {one.name for one in state if one.scope == scope}
    return next(name for number in range(len(taken) + 1) if (name := f"{element}#{number}") not in taken)


def _is_item(run: Thing) -> bool:
    return run.name.endswith("]")


def _activated(state: State, scope: Path, id: str) -> bool:
    return any(one[:3] == (scope, "activated", id) for one in state)


def _with(state: State, *things: Thing) -> State:
    return tuple(sorted([*state, *things]))


def _without(state: State, *things: Thing) -> State:
    left = list(state)
    for thing in things:
        left.remove(thing)
    return tuple(left)


def _closed(state: State, run: Thing) -> State:
    """Without a run, its items and all that is in them."""

    def inside(name: str) -> bool:
        return name == run.name or name.startswith(f"{run.name}[")

    depth = len(run.scope)
    return tuple(
        one
        for one in state
        if not (one.scope == run.scope and inside(one.name))
        and not (one.scope[:depth] == run.scope and len(one.scope) > depth and inside(one.scope[depth]))
    )


def _emptied(state: State, scope: Path) -> State:
    return tuple(one for one in state if one.scope[: len(scope)] != scope or one.kind == "case")


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _heard(node: ElementTree.Element) -> Heard | None:
    """What an element throws or waits for."""
    if node.tag == f"{BPMN}receiveTask":
        return Heard("message", node.get("messageRef", ""))
    for child in node:
        kind = child.tag.removeprefix(BPMN).removesuffix("EventDefinition")
        if child.tag.endswith("EventDefinition"):
            return Heard(kind, child.get(f"{kind}Ref", ""))
    return None


def _loop(node: ElementTree.Element) -> tuple[str, str] | None:
    """What is repeated, and the condition that ends it (for a standard loop: that goes on)."""
    for child in node:
        if child.tag == f"{BPMN}multiInstanceLoopCharacteristics":
            collection = next(
                (value for name, value in child.attrib.items() if name.endswith("}collection")), ""
            )
            times = child.findtext(f"{BPMN}loopCardinality") or collection
            return times, child.findtext(f"{BPMN}completionCondition") or ""
        if child.tag == f"{BPMN}standardLoopCharacteristics":
            return "", child.findtext(f"{BPMN}loopCondition") or ""
    return None
