"""What has left the house: services that ran and messages that went out, in the part of a case that is taken back.

Each must be answered for one by one: noted, corrected by an inserted task, or kept (then it is not done again).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from caseloom.adhoc.targets import Past
from caseloom.engine.errors import Conflict, Invalid
from caseloom.engine.facts import Fact, Kind
from caseloom.engine.flow.firing import thrown
from caseloom.engine.flow.model import Node
from caseloom.engine.ids import occurrence_id
from caseloom.engine.live import LiveCase
from caseloom.engine.results import Effect, OccurrenceRef

NOTE = "note"
CORRECT = "correct"
KEEP = "keep"
CHOICES = (NOTE, CORRECT, KEEP)


def of(case: LiveCase, fallen: Iterable[Fact], past: Past) -> list[Effect]:
    """The effects of completed steps, in the order in which they happened."""
    starts = {fact.occurrence: fact for fact in past.effective if fact.kind in (Kind.START, Kind.PASS)}
    found = []
    for fact in fallen:
        node = case.node_of(fact) if fact.element else None
        if node is None or not _left(fact, node):
            continue
        own = occurrence_id(case.id, starts[fact.occurrence].id)
        kind = node.effect if node.effect != "none" else "irreversible"
        choices = (NOTE, KEEP) if kind == "idempotent" else CHOICES
        found.append(Effect(own, OccurrenceRef(own, node.name, node.label, None, None), kind, choices))
    return found


def _left(fact: Fact, node: Node) -> bool:
    """Did something really go out? A skipped step did nothing."""
    outcome = fact.outcome or {}
    if fact.kind == Kind.PASS and not outcome.get("skipped"):
        return any(kind != "escalation" for kind, _ in thrown(outcome))
    return fact.kind == Kind.END and node.topic is not None and node.effect != "none"


def answers(
    told: Sequence[Effect], given: Mapping[str, str] | str | None, *, previewing: bool
) -> dict[str, str]:
    """The choice for each effect. Raises Conflict while one that cannot be undone has no answer."""
    chosen: dict[str, str] = {}
    for effect in told:
        answer = given if isinstance(given, str) else _answer(given or {}, effect)
        if answer is None:
            if effect.kind != "idempotent" and not previewing:
                raise Conflict(
                    f"“{effect.occurrence.name}” has been done and cannot be undone: say what to do about it "
                    f"(effects={{{effect.id!r}: …}} with one of {', '.join(effect.choices)})."
                )
            answer = NOTE
        if answer not in effect.choices:
            raise Invalid(
                f"“{answer}” is no answer for “{effect.occurrence.name}”; use {', '.join(effect.choices)}."
            )
        chosen[effect.id] = answer
    _guard_unknown(told, given)
    return chosen


def _answer(given: Mapping[str, str], effect: Effect) -> str | None:
    return given.get(effect.id, given.get(effect.occurrence.element_id or ""))


def _guard_unknown(told: Sequence[Effect], given: Mapping[str, str] | str | None) -> None:
    known = {name for effect in told for name in (effect.id, effect.occurrence.element_id)}
    unknown = set(given) - known if isinstance(given, Mapping) else set()
    if unknown:
        raise Invalid(f"“{sorted(unknown)[0]}” is not an effect of this change.")


def apply(case: LiveCase, told: Sequence[Effect], chosen: Mapping[str, str], fallen: Iterable[Fact]) -> None:
    """Kept results pass their step when it comes again; corrections are tasks before it."""
    results = {fact.occurrence: fact for fact in fallen if fact.kind == Kind.END}
    addresses = {
        occurrence_id(case.id, fact.id): fact.occurrence
        for fact in fallen
        if fact.kind in (Kind.START, Kind.PASS)
    }
    for effect in told:
        element = effect.occurrence.element_id or ""
        if chosen[effect.id] == KEEP:
            done = results.get(addresses.get(effect.id, ""))
            _keep(case, element, done)
        elif chosen[effect.id] == CORRECT:
            _correct(case, element, effect.occurrence.name)


def _keep(case: LiveCase, element: str, done: Fact | None) -> None:
    writes = [list(pair) for pair in done.writes] if done is not None else []
    case.run.note(Kind.DIRECT, element, outcome={"every": False, "writes": writes, "kept": True})


def _correct(case: LiveCase, element: str, name: str) -> None:
    work: dict[str, Any] = {"name": f"Correct what was sent: {name}"}
    case.run.note(
        Kind.INSERT,
        element,
        outcome={
            "kind": "before", "element": element, "scope": None, "blocking": True, "every": False, "need": 1,
            "in_turn": False, "works": [work],
        },
    )  # fmt: skip
