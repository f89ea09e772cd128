"""What falls with a revisit: the cones of its targets, and what was compensated inside them.

Superseding a compensation supersedes what it compensated as well, so that nothing is compensated twice
(docs/ad-hoc.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from caseloom.engine import facts as fact_rules
from caseloom.engine.facts import Fact, Kind
from caseloom.engine.ledger import begins


def cone(effective: Sequence[Fact], roots: Iterable[int]) -> tuple[list[Fact], set[int]]:
    """The uppermost of the roots, and all that falls with them."""
    wanted = set(roots)
    while True:
        fallen = fact_rules.cone(effective, wanted)
        more = _compensated_in(effective, fallen)
        if more <= fallen:
            return _topmost(effective, wanted), fallen
        wanted |= more


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


__all__ = ["cone"]
