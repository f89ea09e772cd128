"""REOPEN: a case that has ended goes on, with the same id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any, Literal

from caseloom.adhoc import revisit
from caseloom.adhoc.cover import Cover
from caseloom.adhoc.revisit import Policy, Revisit
from caseloom.adhoc.skip import needs_reason
from caseloom.adhoc.targets import Past
from caseloom.engine import facts as fact_rules
from caseloom.engine import rights
from caseloom.engine.errors import Conflict
from caseloom.engine.facts import Fact, Kind
from caseloom.engine.ids import occurrence_id
from caseloom.engine.live import LiveCase
from caseloom.engine.results import Status


@dataclass(frozen=True, slots=True)
class Reopen:
    """An ended case runs again: at the step that was done last, or at `target`.

    A case that was cancelled comes back as it stood, with the very same tasks. `effects`, `data_policy` and `reuse` are
    those of `Revisit`.
    """

    _: KW_ONLY
    reason: str
    target: str | None = None
    effects: Mapping[str, str] | str | None = None
    data_policy: Policy | Mapping[str, Policy] | None = None
    reuse: Literal["manual", "unchanged", "never"] | None = None

    def decide(self, case: LiveCase) -> None:
        needs_reason(self.reason)
        if not case.instance.is_completed():
            raise Conflict("The case has not ended; go back to a step of it instead.")
        past = Past.of(case)
        if self.target is None and case.instance.status is Status.CANCELLED:
            _bring_back(case, past)
            return
        target = self.target or occurrence_id(case.id, last_step(case, past).id)
        Revisit(
            target, reason=self.reason, effects=self.effects, data_policy=self.data_policy, reuse=self.reuse
        ).decide(case)


def check(case: LiveCase, past: Past) -> None:
    """Would the case run again? Raises Conflict or NotAllowed."""
    if case.instance.status is Status.CANCELLED:
        rights.check_manager(case, "Reopening a cancelled case")
        return
    target = last_step(case, past)
    cone = fact_rules.cone(past.effective, [target.id])
    revisit.check(case, Cover.of(case, past), target, [fact for fact in past.effective if fact.id in cone])


def last_step(case: LiveCase, past: Past) -> Fact:
    """The beginning of what a person did last. Raises Conflict where nobody did anything."""
    starts = {fact.occurrence: fact for fact in past.effective if fact.kind == Kind.START}
    for fact in reversed(past.effective):
        if fact.kind in (Kind.END, Kind.SKIP) and fact.element and fact.takes[0] in starts:
            node = case.node_of(fact)
            if node is not None and node.inbox:
                return starts[fact.takes[0]]
    raise Conflict("No person did anything in this case; name the step to go on from as its target.")


def _bring_back(case: LiveCase, past: Past) -> None:
    """The end that a person made is taken out; all that it stopped comes back."""
    rights.check_manager(case, "Reopening a cancelled case")
    case.change = True
    cancelled = next(fact for fact in reversed(past.effective) if fact.kind == Kind.CANCEL)
    gone = fact_rules.cone(past.effective, [cancelled.id])
    case.replay(set(past.gone) | gone)
    case.run.note(
        Kind.REVISIT,
        outcome={"superseded": fact_rules.pack(gone), "stale": [], **_laid_out(case)},
    )
    case.cone = sorted(gone)


def _laid_out(case: LiveCase) -> dict[str, Any]:
    """What earlier revisits have laid out for steps that have not come again."""
    instance = case.instance
    return {"offers": dict(instance.offers), "replies": dict(instance.replies), "dates": dict(instance.dates)}


__all__ = ["Reopen", "last_step"]
