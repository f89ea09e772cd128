"""UNDO: the last change is as if it had not been, as long as nobody has acted on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any

from caseloom.adhoc import effects
from caseloom.adhoc.targets import Past
from caseloom.engine import facts as fact_rules
from caseloom.engine import ledger
from caseloom.engine.errors import Conflict, NotAllowed, NotFound
from caseloom.engine.facts import Fact, Kind
from caseloom.engine.flow import ending
from caseloom.engine.flow.firing import thrown
from caseloom.engine.flow.model import Model
from caseloom.engine.live import LiveCase, Row
from caseloom.engine.results import Status
from caseloom.engine.rights import is_manager

# Facts that stand whether or not a scope is open.
_STANDING = frozenset(
    {
        Kind.DATA,
        Kind.INSERT,
        Kind.EDIT,
        Kind.OVERRIDE,
        Kind.DIRECT,
        Kind.REVISIT,
        Kind.UNDO,
        Kind.SUSPEND,
        Kind.RESUME,
    }
)


@dataclass(frozen=True, slots=True)
class Undo:
    """Takes one ad-hoc change back. The very same tasks come back: ids, assignees, drafts and dates."""

    change_id: str
    _: KW_ONLY
    reason: str | None = None

    def decide(self, case: LiveCase) -> None:
        if case.instance.status is Status.SUSPENDED:
            raise Conflict("The case is suspended; resume it first.")
        past = Past.of(case)
        row = _row(case, self.change_id)
        made = check(case, past, row)
        restored = _restored(row.facts)
        gone = (set(past.gone) | made) - restored
        try:
            case.replay(gone, model=_model_before(case, row))
        except Conflict as misfit:
            raise Conflict(f"The change can no longer be undone: {misfit}") from misfit
        case.run.note(
            Kind.UNDO,
            outcome={
                "change": self.change_id,
                "superseded": fact_rules.pack(made),
                "restored": fact_rules.pack(restored),
            },
        )
        ending.settle(case.run)


def _model_before(case: LiveCase, row: Row) -> Model | None:
    """The version of the diagram that a migration came from."""
    moved = next((fact for fact in row.facts if fact.kind == Kind.MIGRATE), None)
    return case.instance.models((moved.outcome or {})["from"]) if moved is not None else None


def _row(case: LiveCase, change_id: str) -> Row:
    for row in case.journal():
        if row.change_id == change_id:
            return row
    raise NotFound(f"There is no change “{change_id}” in this case.")


def _restored(facts: Sequence[Fact]) -> set[int]:
    return {
        number
        for fact in facts
        if fact.kind in (Kind.REVISIT, Kind.MIGRATE)
        for number in fact_rules.unpack((fact.outcome or {}).get("superseded", ()))
    }


def check(case: LiveCase, past: Past, row: Row) -> set[int]:
    """The facts that fall with a change. Raises Conflict where somebody, or something outside, has acted on it."""
    made = {fact.id for fact in row.facts}
    if not made.isdisjoint(past.gone):
        raise Conflict("The change was already undone, or a later change builds on it; undo that one first.")
    if case.enforced and row.by != case.by and not is_manager(case):
        raise NotAllowed(f"The change was made by {row.by}; only they or a case manager may undo it.")
    for fact in row.facts:
        if fact.kind == Kind.PASS and any(kind != "escalation" for kind, _ in thrown(fact.outcome)):
            raise Conflict("The change has sent a message, which cannot be called back; revisit instead.")
    for called, _ in ledger.compensations(row.facts):
        name = case.name_of(called)
        raise Conflict(
            f"“{name}” has run because of the change, which cannot be called back; revisit instead."
        )
    fallen = fact_rules.cone(past.effective, made)
    if any(fact.kind == Kind.MIGRATE for fact in row.facts):
        fallen |= {fact.id for fact in past.effective if fact.id > max(made)}
    later = min(fallen - made, default=None)
    if later is not None:
        raise Conflict(
            f"Somebody has already worked on what the change opened{_who(case, later)}; revisit instead."
            f"{_to_put_right(case, past, fallen)}"
        )
    _check_restored(case, past, made, _restored(row.facts))
    return made


def _to_put_right(case: LiveCase, past: Past, fallen: set[int]) -> str:
    """What has left the house since, and would have to be answered for; told by the preview as its effects."""
    case.effects = effects.of(case, [fact for fact in past.effective if fact.id in fallen], past)
    if not case.effects:
        return ""
    names = ", ".join(f"“{effect.occurrence.name}” ({effect.kind})" for effect in case.effects)
    return f" To be answered for then: {names}."


def _check_restored(case: LiveCase, past: Past, made: set[int], restored: set[int]) -> None:
    """What comes back must still fit: all it rests on is there, and what it used up has not been used since."""
    if not restored:
        return
    back = [fact for fact in past.facts if fact.id in restored]
    earlier = [fact for fact in past.facts if fact.id < min(made)]
    counted = fact_rules.effective(earlier)
    since = {fact.id for fact in counted} & past.gone - restored
    if since and not restored.isdisjoint(fact_rules.cone(counted, since)):
        raise Conflict("What the change took back rests on a change that was undone since; revisit instead.")
    taken = {token for fact in back for token in fact.takes}
    closed = [fact.closes for fact in back if fact.closes is not None]
    released = {_held_by(fact) for fact in back if fact.kind == Kind.RELEASE}
    turned = {(fact.scope, fact.element) for fact in back if _turns(fact)}
    for fact in past.effective:
        if fact.id <= min(made) or fact.id in made:
            continue
        held_again = fact.kind == Kind.HOLD and _held_by(fact) in released
        turned_again = _turns(fact) and (fact.scope, fact.element) in turned
        if held_again or turned_again or _collides(past, fact, taken, closed):
            raise Conflict(
                f"Somebody has already worked on what the change brought back{_who(case, fact.id)}; revisit instead."
            )


def _turns(fact: Fact) -> bool:
    """Does it bring a complex gateway from one state into the other?"""
    return fact.kind == Kind.READY or not {"activated", "late"}.isdisjoint(fact.outcome or {})


def _held_by(fact: Fact) -> tuple[Any, Any]:
    """The round of inserted work, or the wait, that holds something or lets it go."""
    outcome = fact.outcome or {}
    return outcome.get("round"), outcome.get("wait")


def _collides(past: Past, fact: Fact, taken: set[Any], closed: Sequence[str]) -> bool:
    outcome = fact.outcome or {}
    held = {tuple(token) for token in outcome.get("tokens", ())}
    host = past.fact(outcome["host"]) if "host" in outcome else None
    if not taken.isdisjoint({*fact.takes, *held, fact.occurrence, host.occurrence if host else ""} - {""}):
        return True
    return fact.kind not in _STANDING and any(fact_rules.inside(fact.scope, scope) for scope in closed)


def _who(case: LiveCase, fact_id: int) -> str:
    for row in case.journal():
        if row.facts and row.facts[0].id <= fact_id <= row.facts[-1].id:
            return f" ({row.command}{f' by {row.by}' if row.by else ''})"
    return ""
