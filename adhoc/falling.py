"""What falls with a revisit: the cones of its targets, and what was compensated inside them.

Superseding a compensation supersedes what it compensated as well, so that nothing is compensated twice. What a
non-interrupting event has set off may be detached, where it never meets the flow again: then it stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from caseloom.adhoc.targets import Past
from caseloom.engine import facts as fact_rules
from caseloom.engine.errors import Invalid
from caseloom.engine.facts import Fact, Kind
from caseloom.engine.flow.model import Flow, Node
from caseloom.engine.ledger import begins
from caseloom.engine.live import LiveCase


@dataclass(frozen=True, slots=True)
class Fall:
    """`targets` is what was asked for, the first one before all; `roots` are the uppermost facts that fall."""

    past: Past
    targets: Sequence[Fact]
    effective: Sequence[Fact]
    roots: Sequence[Fact]
    cone: frozenset[int]
    fallen: Sequence[Fact]
    detached: Sequence[int]

    @property
    def causes(self) -> tuple[int, ...]:
        """What the roots came of, which stays."""
        return tuple(sorted({cause for root in self.roots for cause in root.causes} - self.cone))


def of(case: LiveCase, past: Past, targets: Sequence[Fact], detach: Sequence[str]) -> Fall:
    """Raises Invalid where what is to be detached may meet the flow again, or was not set off there."""
    effective = past.effective
    roots, fallen = cone(effective, [target.id for target in targets])
    events = [_offshoot(case, past, id, fallen) for id in detach]
    if events:
        kept = fact_rules.cone(effective, [event.id for event in events])
        kept -= {target.id for target in targets}
        rest = [fact for fact in effective if fact.id not in kept]
        roots, fallen = cone(rest, [root.id for root in roots])
    facts = [fact for fact in effective if fact.id in fallen]
    return Fall(past, targets, effective, roots, frozenset(fallen), facts, [event.id for event in events])


def cone(effective: Sequence[Fact], roots: Iterable[int]) -> tuple[list[Fact], set[int]]:
    """The uppermost of the roots, and all that falls with them."""
    wanted = set(roots)
    while True:
        fallen = fact_rules.cone(effective, wanted)
        more = _compensated_in(effective, fallen) | _served_in(effective, fallen)
        if more <= fallen:
            return _topmost(effective, wanted), fallen
        wanted |= more


def _offshoot(case: LiveCase, past: Past, id: str, cone: set[int]) -> Fact:
    """The event whose offshoot is to stay."""
    event = past.ran(case, id)
    node = case.node_of(event)
    if event.kind != Kind.BOUNDARY or event.takes or event.id not in cone:
        raise Invalid(f"“{case.name_of(event)}” has set nothing off here that could stay beside the flow.")
    assert node is not None and node.host is not None
    if not _reached(node, node.flows).isdisjoint(_reached(node, node.host.flows) | {node.host.name}):
        raise Invalid(f"What “{node.label}” has set off meets the flow again, so it falls with its step.")
    return event


def _reached(node: Node, flows: Iterable[Flow]) -> set[str]:
    found: set[str] = set()
    waiting = [flow.target for flow in flows]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            step = node.plan.nodes[name]
            ways = [*step.flows, *(flow for event in step.boundary for flow in event.flows)]
            waiting.extend(flow.target for flow in ways)
    return found


def _topmost(effective: Sequence[Fact], roots: set[int]) -> list[Fact]:
    """The roots that do not fall because of another one."""
    found = [fact for fact in effective if fact.id in roots]
    if len(found) == 1:
        return found
    return [fact for fact in found if fact.id not in fact_rules.cone(effective, roots - {fact.id})]


def _compensated_in(effective: Sequence[Fact], fallen: set[int]) -> set[int]:
    """What began the activities whose compensation falls."""
    called = {fact.id: fact for fact in effective if fact.kind == Kind.COMPENSATE}
    if not called:
        return set()
    begun = begins(effective)
    ends = {fact.id: fact for fact in effective}
    found = set()
    for number, fact in called.items():
        entry = ends.get((fact.outcome or {})["entry"])
        if entry is not None and not fallen.isdisjoint(_run_of(effective, number, called)):
            found.add(begun[entry.occurrence].id)
    return found


def _served_in(effective: Sequence[Fact], fallen: set[int]) -> set[int]:
    """What began the services whose end falls: another run of one is another occurrence, with a key of its own."""
    begun = {
        fact.occurrence: fact.id
        for fact in effective
        if fact.kind == Kind.START and "topic" in (fact.outcome or {})
    }
    if not begun:
        return set()
    return {
        begun[fact.occurrence]
        for fact in effective
        if fact.id in fallen and fact.kind == Kind.END and fact.occurrence in begun
    }


def _run_of(effective: Iterable[Fact], number: int, called: Mapping[int, Fact]) -> set[int]:
    """A compensation with the facts of its handler: where it began, and where it ended."""
    found = {number}
    addresses = {called[number].occurrence} - {""}
    for fact in effective:
        if (number, "compensate") in fact.takes:
            addresses.add(fact.occurrence)
            found.add(fact.id)
        elif fact.kind in (Kind.END, Kind.SKIP) and fact.occurrence in addresses:
            found.add(fact.id)
    return found


__all__ = ["Fall", "cone", "of"]
