"""A region of the diagram between live tokens and an element ahead of them, and how it is passed step by step.

Pure: it looks at a case and plans, it writes nothing. Every step of a plan is a firing that an ordinary run could
have had: a join takes what has arrived, a gateway that chooses goes the shortest way to the target.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from caseloom.engine.errors import Conflict, Invalid
from caseloom.engine.flow.model import Flow, Node
from caseloom.engine.flow.tokens import Scope, Token

MAX_STEPS = 2_000


@dataclass(slots=True, eq=False)
class Mover:
    """A token on its way through the region: a live one, or one that a step of the plan will give."""

    node: Node
    flow: str
    live: Token | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One firing: what it takes, and the flows that it goes on along."""

    node: Node
    takes: Sequence[Mover]
    flows: Sequence[Flow]
    gives: Sequence[Mover]


@dataclass(frozen=True, slots=True)
class Region:
    scope: Scope
    target: Node
    steps: Sequence[Step]

    @property
    def tokens(self) -> list[Token]:
        return [mover.live for step in self.steps for mover in step.takes if mover.live is not None]

    @property
    def activities(self) -> list[Node]:
        """What is left out, in the order in which it would have come."""
        found = [
            step.node
            for step in self.steps
            if step.node.activity or step.node.kind == "intermediateCatchEvent"
        ]
        return list(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class Ways:
    """How an element is come to: the flow to take from each element that leads there, and where it can be missed."""

    target: Node
    flows: Mapping[str, Flow | None]
    missing: frozenset[str]

    @classmethod
    def to(cls, target: Node) -> Ways:
        nodes = target.plan.nodes.values()
        ends = [node.name for node in nodes if not node.flows and node is not target]
        return cls(target, leads_to(target), frozenset(_backwards(target, ends)))


def planned(scope: Scope, ways: Ways, tokens: Sequence[Token]) -> Region:
    """How these tokens get to the target. Raises Conflict naming what stands in the way, or has to be decided first."""
    for token in tokens:
        _guard_token(token)
        _guard_ways(token.node, ways)
    movers = [Mover(token.node, str(token.id[1]), token) for token in tokens]
    return Region(scope, ways.target, list(_Walk(scope, ways, movers).steps()))


def leads_to(target: Node) -> dict[str, Flow | None]:
    """For each element from which the target can be reached, the flow that is the shortest way there."""
    found: dict[str, Flow | None] = {target.name: None}
    for node, flow in _arriving(target, [target.name]):
        found.setdefault(node, flow)
    return found


def _backwards(target: Node, ends: Sequence[str]) -> set[str]:
    """The elements from which a way leads to one of the ends without coming to the target."""
    return {*ends, *(node for node, _ in _arriving(target, ends, past=target.name))}


def _arriving(target: Node, ends: Sequence[str], past: str | None = None) -> Iterator[tuple[str, Flow]]:
    """The elements before some others and the flow that leads on, the nearest first; not through one of them."""
    arrives: dict[str, list[tuple[str, Flow]]] = {}
    for node in target.plan.nodes.values():
        for flow in node.flows:
            arrives.setdefault(flow.target, []).append((node.name, flow))
    seen = set(ends)
    waiting = deque(ends)
    while waiting:
        for node_name, flow in arrives.get(waiting.popleft(), ()):
            if node_name not in seen and node_name != past:
                seen.add(node_name)
                waiting.append(node_name)
                yield node_name, flow


def _guard_token(token: Token) -> None:
    if token.held:
        raise Conflict(f"“{token.name}” is held by inserted work; finish or skip that first.")
    if token.restores is not None:
        raise Conflict(f"“{token.name}” puts right what was done before; let that come to its end first.")


def _guard_ways(node: Node, ways: Ways) -> None:
    """The target has to come on every way (it post-dominates the token)."""
    if node.name not in ways.missing:
        return
    astray = [one for one in _between(node, ways.target) if _may_go_astray(one, ways)]
    if not astray:
        raise Conflict(
            f"Not every branch behind “{node.label}” leads to “{ways.target.label}”, so it cannot be jumped to."
        )
    listed = ", ".join(f"“{one.label}”" for one in astray)
    raise Conflict(f"“{ways.target.label}” does not come for sure: decide {listed} first, or jump to there.")


def _between(node: Node, target: Node) -> list[Node]:
    found: dict[str, Node] = {}
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if one.name not in found and one is not target:
            found[one.name] = one
            waiting.extend(one.plan.nodes[flow.target] for flow in one.flows)
    return list(found.values())


def _may_go_astray(node: Node, ways: Ways) -> bool:
    if node.kind == "parallelGateway" or node.name not in ways.flows or len(node.flows) < 2:
        return False
    return any(flow.target in ways.missing for flow in node.flows)


class _Walk:
    """Moves the tokens of a region on, one firing after the other, until all that can are at the target."""

    def __init__(self, scope: Scope, ways: Ways, movers: Sequence[Mover]) -> None:
        self.scope = scope
        self.target = ways.target
        self.ways = ways.flows
        self.moving = deque(movers)
        own = {mover.live for mover in movers}
        self.others = [token for token in scope.tokens.values() if token not in own]
        self.waiting: dict[str, list[Mover]] = {}

    def steps(self) -> Iterable[Step]:
        count = 0
        while self.moving or (step := self._inclusive()) is not None:
            mover = self.moving.popleft() if self.moving else None
            if mover is not None:
                step = self._moved(mover)
            if step is None:
                continue
            count += 1
            if count > MAX_STEPS:
                raise Invalid(f"The way to “{self.target.label}” is too long to be jumped over.")
            self.moving.extend(step.gives)
            yield step
        self._guard_stuck()

    def _moved(self, mover: Mover) -> Step | None:
        node = mover.node
        if node is self.target:
            return None
        if not node.joins:
            return self._step(node, [mover])
        waiting = self.waiting.setdefault(node.name, self._arrived(node))
        waiting.append(mover)
        return self._joined(node, waiting)

    def _arrived(self, node: Node) -> list[Mover]:
        """What waits at a join already and is not moved itself."""
        return [
            Mover(node, str(token.id[1]), token)
            for token in self.others
            if token.node is node and not token.held and not token.parked
        ]

    def _joined(self, node: Node, waiting: list[Mover]) -> Step | None:
        if node.activity:
            return (
                self._taken(node, waiting[: node.start_quantity])
                if len(waiting) >= node.start_quantity
                else None
            )
        if node.inclusive or node.complex:
            return None
        first = _one_of_each(waiting)
        return self._taken(node, first) if len(first) == len(node.incoming) else None

    def _inclusive(self) -> Step | None:
        """An inclusive join, when nothing more can come to it."""
        for name, waiting in self.waiting.items():
            node = self.scope.plan.nodes[name]
            if waiting and node.inclusive and not node.complex and not self._comes(node, waiting):
                return self._taken(node, _one_of_each(waiting))
        return None

    def _comes(self, node: Node, waiting: Sequence[Mover]) -> bool:
        found = self.scope.plan.reach[node.name]
        full = {mover.flow for mover in waiting}
        empty = set(node.incoming) - full
        stuck = [mover.node for name, movers in self.waiting.items() if name != node.name for mover in movers]
        elsewhere = [token.node for token in self.others if token.node is not node]
        return any(found[one.name] & empty and not found[one.name] & full for one in (*elsewhere, *stuck))

    def _taken(self, node: Node, taken: Sequence[Mover]) -> Step:
        self.waiting[node.name] = [mover for mover in self.waiting[node.name] if mover not in taken]
        return self._step(node, taken)

    def _step(self, node: Node, takes: Sequence[Mover]) -> Step:
        flows = self._flows(node)
        gives = [
            Mover(node.plan.nodes[flow.target], flow.id)
            for flow in node.flows
            if flow in flows
            for _ in range(node.completion_quantity)
        ]
        return Step(node, takes, flows, gives)

    def _flows(self, node: Node) -> list[Flow]:
        shortest = self.ways.get(node.name)
        if node.kind == "parallelGateway":
            return node.flows
        plain = [flow for flow in node.flows if flow.condition is None and not flow.default]
        if plain and not node.gateway:
            return plain
        return [shortest] if shortest is not None else []

    def _guard_stuck(self) -> None:
        for name, waiting in self.waiting.items():
            node = self.scope.plan.nodes[name]
            if all(mover.live in self.others for mover in waiting):
                continue
            if node.complex:
                raise Conflict(f"“{node.label}” joins under a condition of its own; decide it first.")
            others = sorted({token.name for token in self.others if _reaches(token.node, node)})
            told = ", ".join(f"“{name}”" for name in others) or "another branch"
            raise Conflict(
                f"“{node.label}” waits for {told} too, which is not on this way: finish or skip that first."
            )


def _one_of_each(waiting: Sequence[Mover]) -> list[Mover]:
    """The first token of each flow."""
    first: dict[str, Mover] = {}
    for mover in waiting:
        first.setdefault(mover.flow, mover)
    return list(first.values())


def _reaches(node: Node, target: Node) -> bool:
    return node is not target and node.name in leads_to(target)


__all__ = ["Mover", "Region", "Step", "Ways", "leads_to", "planned"]
