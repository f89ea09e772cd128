"""A scope as a net of stations and places, made small by rules that keep its behaviour.

Tokens lie on *places* (sequence flows, and the way from an activity to its boundary event). A *station* takes
tokens by its join, and puts others by one of its moves. Each sub-process is one station of its parent and a
net by itself, and a multi-instance activity is one station, since neither holds anything back but itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain, combinations

from caseloom.diagrams.model import Flow, Node, Scope

START = ""
MOST_MOVES = 256
_CUTTING = frozenset({"terminate", "error", "cancel"})
_PASSIVE = frozenset(
    {"endEvent", "exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway"}
)

# Nested pairs, so that joining two paths costs the same however long they are.
Path = str | tuple["Path", ...]


class UndecidableError(Exception):
    """The scope has something whose flow of tokens is not modelled, or too many alternatives."""


class Join(StrEnum):
    ANY = "any"  # one token at a time
    ALL = "all"  # one token from every place
    SOME = "some"  # the inclusive join: all tokens that are there and that can still come


@dataclass(frozen=True, slots=True)
class Move:
    """One outcome of a station: where tokens go, along which elements; `ends` ends the whole scope."""

    places: frozenset[int]
    path: Path = field(compare=False, repr=False)
    ends: bool = False


@dataclass(slots=True, eq=False)
class Station:
    """`work`: the id of what happens here, so that it matters whether two tokens meet; empty if nothing does."""

    id: str
    join: Join
    work: str
    incoming: set[int] = field(default_factory=set)
    moves: list[Move] = field(default_factory=list)

    @property
    def is_last(self) -> bool:
        """Whether nothing happens here and no token goes on: it vanishes, or ends the scope."""
        return not self.work and not any(move.places for move in self.moves)


@dataclass(slots=True)
class Net:
    """`carried`: the places that tell of work which a producer has absorbed, and the id of that work.

    `offshoots`: the places of what a non-interrupting event started, which is meant to run several times.
    `looping`: the stations that a token can come back to.
    `order`: the stations from the start on, each with its number.
    `effort`: how much was looked at to make it small.
    `can_be_cut_off`: some station ends the scope, whatever else is under way.
    """

    stations: dict[str, Station] = field(default_factory=dict)
    source: dict[int, str] = field(default_factory=dict)
    target: dict[int, str] = field(default_factory=dict)
    carried: dict[int, str] = field(default_factory=dict)
    offshoots: set[int] = field(default_factory=set)
    looping: set[str] = field(default_factory=set)
    order: dict[str, int] = field(default_factory=dict)
    effort: int = 0
    can_be_cut_off: bool = False

    def connect(self, source: str, target: str) -> int:
        place = len(self.source)
        self.source[place] = source
        self.target[place] = target
        self.stations[target].incoming.add(place)
        return place

    def places_from(self, station: Station) -> set[int]:
        return set(chain.from_iterable(move.places for move in station.moves))


def flattened(path: Path) -> Iterator[str]:
    """The element ids of a path, in order."""
    waiting: list[Path] = [path]
    while waiting:
        step = waiting.pop()
        if isinstance(step, str):
            yield step
        else:
            waiting.extend(reversed(step))


def last_of(path: Path) -> str:
    """The element where a path ends, found without walking it."""
    waiting: list[Path] = [path]
    while not isinstance(step := waiting.pop(), str):
        waiting.extend(step)
    return step


def net_of(scope: Scope) -> Net:
    """The net of one scope; raises UndecidableError."""
    if len(scope.by_id) < len(scope.nodes):
        raise UndecidableError("two elements have the same id")
    net = Net()
    net.stations[START] = Station(START, Join.ANY, work="")
    for node in scope.nodes:
        net.stations[node.id] = Station(node.id, _join(node), work="" if node.tag in _PASSIVE else node.id)

    ways = [net.connect(START, node.id) for node in scope.entrances]
    alternatives = [{way} for way in ways] if scope.openings else [set(ways)]
    net.stations[START].moves = [Move(frozenset(places), ()) for places in alternatives]
    for node in scope.nodes:
        net.stations[node.id].moves = _moves(net, scope, node)
    return net


def _join(node: Node) -> Join:
    if node.tag == "complexGateway":
        raise UndecidableError(f"“{node.label}” is not part of the analysis")
    if node.counts_tokens:
        raise UndecidableError(f"“{node.label}” takes or gives several tokens at a time")
    return {"parallelGateway": Join.ALL, "inclusiveGateway": Join.SOME}.get(node.tag, Join.ANY)


def _moves(net: Net, scope: Scope, node: Node) -> list[Move]:
    if node.tag == "endEvent" and any(event.kind in _CUTTING for event in node.events):
        net.can_be_cut_off = True
        return [Move(frozenset(), node.id, ends=True)]
    ways = {flow: net.connect(node.id, flow.target) for flow in node.outgoing if flow.target in scope.by_id}
    leaps = frozenset(net.connect(node.id, other.id) for other in scope.leaps_from(node))
    moves = [
        Move(leaps | {ways[flow] for flow in taken}, (node.id, *(flow.id or "" for flow in taken)))
        for taken in _outcomes(node, list(ways))
    ]
    return _with_boundary(net, scope.boundary_events.get(node.id, ()), moves, node)


def _outcomes(node: Node, flows: list[Flow]) -> list[tuple[Flow, ...]]:
    if node.waits_for_all:
        return [tuple(flows)]
    if node.tag in ("exclusiveGateway", "eventBasedGateway"):
        return [(flow,) for flow in flows] or [()]
    if node.tag == "parallelGateway" or not any(flow.condition is not None for flow in flows):
        return _subsets(flows) if node.tag == "inclusiveGateway" and len(flows) > 1 else [tuple(flows)]

    default = [flow for flow in flows if flow.id is not None and flow.id == node.default]
    always = [flow for flow in flows if flow.condition is None and flow not in default]
    chosen = _subsets([flow for flow in flows if flow.condition is not None and flow not in default])
    alone = [(*always, *default)] if always or default else []
    return [(*always, *subset) for subset in chosen] + alone


def _subsets(flows: Sequence[Flow]) -> list[tuple[Flow, ...]]:
    if 2 ** len(flows) > MOST_MOVES:
        raise UndecidableError("there are too many combinations of conditions")
    return list(chain.from_iterable(combinations(flows, size) for size in range(1, len(flows) + 1)))


def _told_by_instances(host: Node, event: Node) -> bool:
    """Can the activity go on beside it, since its own instances throw it?"""
    loop = host.multi_instance
    told = {one.kind for one in host.told} or {"signal"}
    return (
        loop is not None
        and loop.get("behavior", "All") != "All"
        and event.xml.get("cancelActivity") is None
        and any(event.has_event(kind) for kind in told - {"error"})
    )


def _with_boundary(net: Net, events: Sequence[Node], moves: list[Move], host: Node) -> list[Move]:
    """Interrupting events are further outcomes; each of the others may come along, once, with any outcome."""
    events = [event for event in events if not event.has_event("compensate")]
    for event in events:
        place = frozenset({net.connect(host.id, event.id)})
        if event.interrupts:
            moves = [*moves, Move(place, host.id)]
    for event in events:
        if not event.interrupts or _told_by_instances(host, event):
            place = frozenset(net.stations[event.id].incoming)
            net.offshoots |= place
            moves = moves + [Move(move.places | place, move.path) for move in moves]
        if len(moves) > MOST_MOVES:
            raise UndecidableError(f"“{host.label}” has too many boundary events")
    return moves
