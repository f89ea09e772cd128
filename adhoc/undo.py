"""UNDO: the last change is as if it had not been, as long as nobody has acted on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

from caseloom.adhoc.targets import Past
from caseloom.engine import facts as fact_rules
from caseloom.engine.errors import Conflict, NotAllowed, NotFound
from caseloom.engine.facts import Fact, Kind
from caseloom.engine.live import LiveCase, Row
from caseloom.engine.results import Status
from caseloom.engine.rights import is_manager


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
            case.replay(gone)
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


def _row(case: LiveCase, change_id: str) -> Row:
    for row in case.journal():
        if row.change_id == change_id:
            return row
    raise NotFound(f"There is no change “{change_id}” in this case.")


def _restored(facts: Sequence[Fact]) -> set[int]:
    return {
        number
        for fact in facts
        if fact.kind == Kind.REVISIT
        for number in fact_rules.unpack((fact.outcome or {})["superseded"])
    }


def check(case: LiveCase, past: Past, row: Row) -> set[int]:
    """The facts that fall with a change. Raises Conflict where somebody, or something outside, has acted on it."""
    made = {fact.id for fact in row.facts}
    if not made.isdisjoint(past.gone):
        raise Conflict("The change was already undone, or a later change builds on it; undo that one first.")
    if case.enforced and row.by != case.by and not is_manager(case):
        raise NotAllowed(f"The change was made by {row.by}; only they or a case manager may undo it.")
    for fact in row.facts:
        outcome = fact.outcome or {}
        if fact.kind == Kind.PASS and ("signal" in outcome or "message" in outcome):
            raise Conflict("The change has sent a message, which cannot be called back; revisit instead.")
    fallen = fact_rules.cone(past.effective, made)
    later = min(fallen - made, default=None)
    if later is not None:
        raise Conflict(
            f"Somebody has already worked on what the change opened{_who(case, later)}; revisit instead."
        )
    return made


def _who(case: LiveCase, fact_id: int) -> str:
    for row in case.journal():
        if row.facts and row.facts[0].id <= fact_id <= row.facts[-1].id:
            return f" ({row.command}{f' by {row.by}' if row.by else ''})"
    return ""
