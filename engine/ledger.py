"""What has left the house: services that ran, messages that went out, what was done and can be put right.

Derived from the journal, never stored. What became of each effect is told by the revisits that took it out and by
the compensations that ran.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from caseloom.engine import facts as fact_rules
from caseloom.engine.facts import Fact, Kind
from caseloom.engine.flow.firing import thrown
from caseloom.engine.flow.model import Model, Node
from caseloom.engine.history import Names
from caseloom.engine.ids import occurrence_id
from caseloom.engine.live import Row, in_words_of_now
from caseloom.engine.results import EffectState, LedgerEntry, OccurrenceRef

_AFTERWARDS = {
    "note": EffectState.NOTED,
    "keep": EffectState.KEPT,
    "correct": EffectState.CORRECTED,
    "compensate": EffectState.COMPENSATING,
}


def kind_of(fact: Fact, node: Node, *, body: bool = False) -> str | None:
    """The class of what a fact did to the world outside, or None. A skipped step did nothing."""
    outcome = fact.outcome or {}
    if body or node.for_compensation or outcome.get("skipped"):
        return None
    if node.can_be_put_right and fact.kind in (Kind.END, Kind.PASS):
        declared = node.effect_told and node.effect != "none"
        return node.effect if declared else "compensable"
    if outcome.get("stores"):  # other cases see what it wrote
        return node.effect if node.effect != "none" else "irreversible"
    if fact.kind == Kind.PASS and any(kind != "escalation" for kind, _ in thrown(outcome)):
        return node.effect if node.effect != "none" else "irreversible"
    if fact.kind == Kind.END and node.topic is not None and node.effect != "none":
        return node.effect
    return None


def begins(facts: Iterable[Fact]) -> dict[str, Fact]:
    """The fact that began each occurrence, by address; the last one where a number was used again."""
    return {fact.occurrence: fact for fact in facts if fact.kind in fact_rules.BEGINS and fact.occurrence}


def compensations(facts: Iterable[Fact]) -> Iterator[tuple[Fact, Fact]]:
    """Each compensation that came to its end: the fact that called for it, and the last one of its handler."""
    handlers: dict[Any, Fact] = {}
    addresses: dict[str, Fact] = {}
    for fact in facts:
        if fact.kind == Kind.COMPENSATE:
            handlers[(fact.id, "compensate")] = fact
            if "inside" in (fact.outcome or {}):
                addresses[fact.occurrence] = fact
            continue
        called = next((handlers[token] for token in fact.takes if token in handlers), None)
        if called is not None and fact.kind == Kind.PASS:
            yield called, fact
        elif called is not None:
            addresses[fact.occurrence] = called
        elif fact.kind == Kind.END and fact.occurrence in addresses:
            yield addresses[fact.occurrence], fact


def compensated(facts: Iterable[Fact]) -> set[int]:
    """The ends of the activities that were compensated, whether or not that still counts."""
    return {(called.outcome or {})["entry"] for called, _ in compensations(facts)}


@dataclass(slots=True)
class _Effect:
    """An effect while its story is read."""

    fact: Fact
    kind: str
    ref: OccurrenceRef
    key: str
    at: datetime
    state: EffectState = EffectState.DONE
    by: str | None = None


def entries(
    case_id: str, rows: Sequence[Row], model: Model, models: Callable[[str], Model]
) -> list[LedgerEntry]:
    """The effects of a case in the order in which they happened."""
    gone = fact_rules.superseded(fact for row in rows for fact in row.facts)
    rows = in_words_of_now(list(rows), gone)
    names = Names(model, models)
    found: dict[str, _Effect] = {}
    begun: dict[str, Fact] = {}
    for row in rows:
        for fact in row.facts:
            names.learn(fact)
            if fact.kind in fact_rules.BEGINS and fact.occurrence:
                begun[fact.occurrence] = fact
            _done(case_id, row, fact, begun, names, found)
            _answered(case_id, row, fact, gone, begun, names, found)
    _put_right(rows, found)
    return [_told(effect) for effect in found.values()]


def _done(
    case_id: str, row: Row, fact: Fact, begun: Mapping[str, Fact], names: Names, found: dict[str, _Effect]
) -> None:
    node = names.node(fact)
    start = begun.get(fact.occurrence)
    if node is None or start is None:
        return
    kind = kind_of(fact, node, body="items" in (start.outcome or {}))
    unknown = bool((fact.outcome or {}).get("unknown"))
    if kind is None and not unknown:
        return
    found[occurrence_id(case_id, start.id)] = effect = _begun(case_id, row, start, kind or node.effect, names)
    effect.fact = fact
    if unknown:
        effect.state = EffectState.UNKNOWN


def _begun(case_id: str, row: Row, start: Fact, kind: str, names: Names) -> _Effect:
    own = occurrence_id(case_id, start.id)
    ref = OccurrenceRef(own, start.element, names.of(start), None, None)
    return _Effect(start, kind, ref, idempotency_key(case_id, start.element, start.occurrence), row.at)


def _answered(
    case_id: str,
    row: Row,
    fact: Fact,
    gone: set[int],
    begun: Mapping[str, Fact],
    names: Names,
    found: dict[str, _Effect],
) -> None:
    """What a revisit that still counts said about what it took out."""
    if fact.kind != Kind.REVISIT or fact.id in gone:
        return
    outcome = fact.outcome or {}
    for number, choice in outcome.get("effects", ()):
        effect = found.get(occurrence_id(case_id, number))
        if effect is not None:
            effect.state, effect.by = _AFTERWARDS[choice], row.by
    for number in outcome.get("recalled", ()):
        effect = found.get(occurrence_id(case_id, number))
        if effect is not None:
            effect.state, effect.by = EffectState.WITHDRAWN, row.by
    starts = {start.id: start for start in begun.values()}
    for number in outcome.get("unknown", ()):
        if (start := starts.get(number)) is not None and (node := names.node(start)) is not None:
            effect = _begun(case_id, row, start, node.effect, names)
            effect.state, effect.by = EffectState.UNKNOWN, row.by
            found[occurrence_id(case_id, number)] = effect


def _put_right(rows: Sequence[Row], found: Mapping[str, _Effect]) -> None:
    by_end = {effect.fact.id: effect for effect in found.values()}
    facts = [fact for row in rows for fact in row.facts]
    for end in compensated(facts):
        if end in by_end:
            by_end[end].state = EffectState.COMPENSATED


def _told(effect: _Effect) -> LedgerEntry:
    return LedgerEntry(
        effect.ref.id, effect.ref, effect.kind, effect.state, effect.at, effect.key, by=effect.by
    )


def idempotency_key(case_id: str, element: str, address: str) -> str:
    """The same when a step is tried again, another one when it is done again."""
    return f"{case_id}:{element}:{address}"
