"""Steps that stay done although they have read what a revisit takes out: “the check of the plot used the old address”.

What a step reads is derived from the diagram: form fields, input mappings, conditions, scripts, collections.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from caseloom.adhoc.targets import Past
from caseloom.engine.facts import Fact, Kind
from caseloom.engine.flow.model import Node
from caseloom.engine.ids import occurrence_id
from caseloom.engine.live import LiveCase
from caseloom.engine.results import OccurrenceRef, Tainted
from caseloom.engine.reuse import inputs


def steps(case: LiveCase, past: Past, effective: Sequence[Fact], cone: Collection[int]) -> list[Tainted]:
    """The steps outside the cone that have read a value written in it, in their order."""
    if not any(fact.writes for fact in effective if fact.id in cone):
        return []
    last: dict[str, int] = {}
    begun: dict[str, Fact] = {}
    names: dict[str, set[str]] = {}
    for fact in effective:
        if fact.kind in (Kind.START, Kind.PASS):
            begun[fact.occurrence] = fact
        if fact.id not in cone:
            old = {name for name in reads(case, fact) if last.get(name) in cone}
            if old and fact.occurrence in begun:
                names.setdefault(fact.occurrence, set()).update(old)
        last.update((name, fact.id) for name, _ in fact.writes)
    return [_tainted(case, past, begun[address], found) for address, found in names.items()]


def _tainted(case: LiveCase, past: Past, start: Fact, names: Iterable[str]) -> Tainted:
    ref = OccurrenceRef(
        occurrence_id(case.id, start.id), start.element or None, case.name_of(start), past.item(start), None
    )
    return Tainted(ref, sorted(names))


def reads(case: LiveCase, fact: Fact) -> set[str]:
    """The variables that a fact has read, as far as the diagram says so."""
    if fact.kind not in (Kind.START, Kind.PASS, Kind.END) or not fact.element:
        return set()
    node = case.node_of(fact)
    return set() if node is None else set(_reads(node, fact))


def _reads(node: Node, fact: Fact) -> Iterator[str]:
    if fact.kind != Kind.START or "items" not in (fact.outcome or {}):
        yield from inputs(node) or ()
    if fact.kind == Kind.START:
        multi = node.multi
        for expression in (multi.collection, multi.cardinality) if multi else ():
            yield from expression.reads if expression else ()
        return
    yield from node.condition_reads
    if fact.kind == Kind.PASS and node.script is not None:
        yield from node.script.reads
