"""What has left the house in the part of a case that is taken back: services that ran, messages that went out.

Each must be answered for one by one: put right by its own counter-step, noted, corrected by an inserted task, or kept
(then it is not done again).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from caseloom.adhoc.targets import Past
from caseloom.engine import ledger
from caseloom.engine.errors import Conflict, ExpressionError, Invalid
from caseloom.engine.expressions import Environment
from caseloom.engine.facts import Fact, Kind, inside
from caseloom.engine.flow.model import Node
from caseloom.engine.flow.tokens import Occurrence, Token
from caseloom.engine.ids import occurrence_id, started
from caseloom.engine.live import LiveCase
from caseloom.engine.results import Effect, OccurrenceRef

COMPENSATE = "compensate"
NOTE = "note"
CORRECT = "correct"
KEEP = "keep"


def of(case: LiveCase, fallen: Sequence[Fact], past: Past) -> list[Effect]:
    """The effects of completed steps, in the order in which they happened."""
    starts = ledger.begins(past.effective)
    done = ledger.compensated(past.facts)
    wholes = _compensated_as_a_whole(case, fallen)
    found = []
    for fact in fallen:
        node = case.node_of(fact) if fact.element else None
        start = starts.get(fact.occurrence)
        if node is None or start is None or fact.id in done:
            continue
        kind = ledger.kind_of(fact, node, body="items" in (start.outcome or {}))
        if kind is None or (kind == "compensable" and _part_of(fact, wholes)):
            continue
        found.append(_effect(case, start, node, kind, past))
    return found


def _effect(case: LiveCase, start: Fact, node: Node, kind: str, past: Past) -> Effect:
    own = occurrence_id(case.id, start.id)
    choices = [NOTE, KEEP] if kind == "idempotent" else [NOTE, CORRECT, KEEP]
    default = NOTE if kind == "idempotent" else None
    if node.can_be_put_right:
        choices.insert(0, COMPENSATE)
        default = COMPENSATE if kind == "compensable" else default
    ref = OccurrenceRef(own, node.name, node.label, past.item(start), None)
    return Effect(own, ref, kind, choices, default)


def _compensated_as_a_whole(case: LiveCase, fallen: Iterable[Fact]) -> list[str]:
    """Sub-processes and calls that fall with all that is in them, and have a counter-step of their own."""
    begun = {
        fact.occurrence for fact in fallen if fact.kind == Kind.START and "items" not in (fact.outcome or {})
    }
    found = []
    for fact in fallen:
        node = case.node_of(fact) if fact.element else None
        whole = fact.kind == Kind.END and fact.closes is not None and fact.occurrence in begun
        if whole and node is not None and node.can_be_put_right:
            found.append(fact.occurrence)
    return found


def _part_of(fact: Fact, wholes: Iterable[str]) -> bool:
    return any(inside(fact.occurrence, whole) for whole in wholes if fact.occurrence != whole)


def in_flight(case: LiveCase, begun: Iterable[int]) -> list[int]:
    """Services that were given out and have not answered: nobody can say whether they did something."""
    wanted = {occurrence_id(case.id, number): number for number in begun}
    if not wanted:
        return []
    with case.read() as reader:
        jobs = reader.jobs(case_id=case.id)
    return sorted(wanted[job.id] for job in jobs if job.id in wanted and job.attempt)


def unfinished(case: LiveCase, fallen: Iterable[Fact]) -> list[int]:
    """Services among what falls whose outcome is not known."""
    return in_flight(case, [fact.id for fact in fallen if fact.kind == Kind.START and _served(case, fact.id)])


def _served(case: LiveCase, number: int) -> bool:
    occurrence = case.instance.by_start.get(number)
    return (
        isinstance(occurrence, Token) and "topic" in occurrence.outcome and occurrence.node.effect != "none"
    )


def skipped(case: LiveCase, occurrence: Occurrence) -> dict[str, Any]:
    """What is worth recording of a skip: by whom, and whether its service was under way."""
    known = {"by": case.by} if case.by else {}
    under_way = _served(case, occurrence.started) and in_flight(case, [occurrence.started])
    return {**known, "unknown": True} if under_way else known


def answers(
    told: Sequence[Effect], given: Mapping[str, str] | str | None, *, previewing: bool
) -> dict[str, str]:
    """The choice for each effect. Raises Conflict while one that cannot be undone has no answer."""
    chosen: dict[str, str] = {}
    for effect in told:
        answer = given if isinstance(given, str) else _answer(given or {}, effect)
        if answer is None:
            if effect.default is None and not previewing:
                raise Conflict(
                    f"“{effect.occurrence.name}” has been done and cannot be undone: say what to do about it "
                    f"(effects={{{effect.id!r}: …}} with one of {', '.join(effect.choices)})."
                )
            answer = effect.default or NOTE
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


def recorded(case: LiveCase, chosen: Mapping[str, str]) -> list[list[Any]]:
    """The answers as the journal keeps them: the fact that began each occurrence, and the choice."""
    return [[started(effect, case.id), choice] for effect, choice in chosen.items()]


def chosen_for(case: LiveCase, chosen: Mapping[str, str], wanted: str) -> set[int]:
    """The facts that began the occurrences for which this was chosen."""
    return {number for effect, choice in recorded(case, chosen) if choice == wanted for number in [effect]}


def apply(case: LiveCase, told: Sequence[Effect], chosen: Mapping[str, str], fallen: Sequence[Fact]) -> None:
    """Kept results pass their step when it comes again; corrections are tasks before it."""
    results = {fact.occurrence: fact for fact in fallen if fact.kind in (Kind.END, Kind.PASS)}
    begun = ledger.begins(fallen)
    addresses = {occurrence_id(case.id, fact.id): fact.occurrence for fact in begun.values()}
    for effect in told:
        element = effect.occurrence.element_id or ""
        if chosen[effect.id] == KEEP:
            _keep(case, element, results.get(addresses.get(effect.id, "")))
        elif chosen[effect.id] == CORRECT:
            _correct(case, element, effect.occurrence.name)


def _keep(case: LiveCase, element: str, done: Fact | None) -> None:
    writes = [list(pair) for pair in done.writes] if done is not None else []
    case.run.note(Kind.DIRECT, element, outcome={"every": False, "writes": writes, "kept": True})


def _correct(case: LiveCase, element: str, name: str) -> None:
    work: dict[str, Any] = {"name": _correction(case, element) or f"Correct what was sent: {name}"}
    case.run.note(
        Kind.INSERT,
        element,
        outcome={
            "kind": "before", "element": element, "scope": None, "blocking": True, "every": False, "need": 1,
            "in_turn": False, "works": [work],
        },
    )  # fmt: skip


def _correction(case: LiveCase, element: str) -> str:
    """What the author of the diagram calls the task that corrects it; may name values of the case file."""
    node = case.node(element)
    if node is None or node.correction is None:
        return ""
    try:
        found = node.correction.evaluate(case.instance.file, Environment(now=case.at))
    except ExpressionError:
        return str(node.correction.text)  # the words are more use than a refusal
    return str(found or "").strip()
