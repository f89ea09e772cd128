"""REVISIT: a step is done again. It and all that came of it (its cone) no longer counts; nothing is deleted.

The rest of the journal is replayed on the unchanged diagram, so the case stands where an ordinary run could stand:
the other branch of a join stays done, a sub-process that had ended is open again, an ended case runs again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any, Literal

from caseloom.adhoc import carry, dates, effects, falling, messages, remedies, rights, taint, targets
from caseloom.adhoc.cover import Cover
from caseloom.adhoc.falling import Fall
from caseloom.adhoc.skip import needs_reason
from caseloom.adhoc.targets import Past
from caseloom.engine import facts as fact_rules
from caseloom.engine.errors import Conflict, Invalid
from caseloom.engine.facts import Fact, Kind
from caseloom.engine.flow import ending
from caseloom.engine.flow.model import Node
from caseloom.engine.ids import started
from caseloom.engine.live import LiveCase
from caseloom.engine.results import Status

Policy = Literal["keep", "revert", "clear"]
_POLICIES = ("keep", "revert", "clear")


@dataclass(frozen=True, slots=True)
class Revisit:
    """A handler takes the case back to a step.

    `data_policy` says what becomes of values that were written by what falls: `keep` (they stay, marked as stale),
    `revert` (the last value that still counts) or `clear`; one for all, or a mapping per variable. `effects` answers
    for what has left the house: effect or element id to one of its choices, or one choice for all. `reuse` says how
    earlier answers are offered: `manual` (pre-filled), `unchanged` (confirmed by itself where what it was based on is
    the same) or `never`; None is what the diagram says for each step. `also` names further steps that are done again.
    `timers` of what is done again `restart`, `resume` with what was left of their time, or keep their date
    (`absolute`); `extend` gives what comes back that much more time where its date has passed. `messages` answers for
    what was received (id, name or element id, or one answer for all): `await` it again, or `reuse` what it said.
    `detach` names non-interrupting events on what falls, whose offshoots never meet the flow again: they stay.
    """

    target: str
    _: KW_ONLY
    reason: str
    data_policy: Policy | Mapping[str, Policy] | None = None
    effects: Mapping[str, str] | str | None = None
    reuse: Literal["manual", "unchanged", "never"] | None = None
    item: Any = None
    also: Sequence[str] = ()
    timers: dates.Timers = "restart"
    extend: str | None = None
    messages: Mapping[str, str] | str | None = None
    detach: Sequence[str] = ()

    def decide(self, case: LiveCase) -> None:
        if case.instance.status is Status.SUSPENDED:
            raise Conflict("The case is suspended; resume it first.")
        case.change = True
        needs_reason(self.reason)
        self._check_words()
        if self.extend is not None:
            dates.later(case, self.extend)
        past = Past.of(case)
        fall = falling.of(case, past, self._targets(case, past), self.detach)
        cover = Cover.of(case, past)
        for target in fall.targets:
            check(case, cover, target, fall.fallen)
        recalled = messages.withdraw(case, past, fall.fallen)
        told = [
            one for one in effects.of(case, fall.fallen, past) if started(one.id, case.id) not in recalled
        ]
        answers = effects.answers(told, self.effects, previewing=case.previewing)
        outcome = self._laid_out(case, fall, answers) | {"recalled": sorted(recalled)}
        case.tainted = taint.steps(case, past, fall.effective, fall.cone)
        works = remedies.planned(
            case, past, fall.fallen, effects.chosen_for(case, answers, effects.COMPENSATE)
        )
        revisited = self._go_back(case, fall, outcome)
        case.cone, case.effects = sorted(fall.cone), told
        effects.apply(case, told, answers, fall.fallen)
        _lift_orders(case, fall.targets)
        remedies.begin(case, works, fall.roots, revisited)
        ending.settle(case.run)

    def _laid_out(self, case: LiveCase, fall: Fall, answers: Mapping[str, str]) -> dict[str, Any]:
        """All that is recorded for what comes again, and of what becomes of what has left the house."""
        past, fallen = fall.past, fall.fallen
        case.messages = messages.consumed(case, past, fallen)
        return {
            "unknown": effects.unfinished(case, fallen),
            "effects": effects.recorded(case, answers),
            "offers": carry.offers(case, past, fall.targets, fallen, self.reuse),
            "replies": messages.replies(case, past, fallen, messages.reused(case.messages, self.messages)),
            "closed": messages.closed(case, fallen),
            "dates": dates.kept(case, fallen, self.timers),
            "detached": fall.detached,
        }

    def _go_back(self, case: LiveCase, fall: Fall, outcome: Mapping[str, Any]) -> Fact:
        """The rest is replayed, and the revisit written down."""
        before, was_open = _values(case), list(case.instance.by_start)
        case.replay(set(fall.past.gone) | fall.cone, detached=fall.detached)
        kept, cleared = self._data(case, fall.effective, fall.cone, before)
        case.stale = [name for _, name, _ in kept]
        target = fall.targets[0]
        revisited = case.run.note(
            Kind.REVISIT,
            target.element,
            target.scope,
            causes=fall.causes,
            outcome={
                "superseded": fact_rules.pack(fall.cone),
                "target": target.occurrence,
                "kept": kept,
                "cleared": cleared,
                "stale": sorted(set(case.stale)),
                **{name: value for name, value in outcome.items() if value},
            },
        )
        case.overdue = dates.overdue(case, was_open, self.extend)
        return revisited

    def _targets(self, case: LiveCase, past: Past) -> list[Fact]:
        """What is revisited: the target, then what goes with it."""
        also = [self.also] if isinstance(self.also, str) else self.also
        found = [past.ran(case, self.target, self.item), *(past.ran(case, one) for one in also)]
        for fact in found:
            if past.puts_right(fact):
                raise Conflict(
                    f"“{case.name_of(fact)}” puts right what was taken back; that is done only once."
                )
        return [normal(case, past, fact) for fact in found]

    def _check_words(self) -> None:
        policies = self.data_policy.values() if isinstance(self.data_policy, Mapping) else [self.data_policy]
        for policy in policies:
            if policy not in (None, *_POLICIES):
                raise Invalid(f"“{policy}” is not a data policy; use keep, revert or clear.")
        if self.reuse not in (None, "manual", "unchanged", "never"):
            raise Invalid(f"“{self.reuse}”: earlier answers are reused manual, unchanged or never.")
        if self.timers not in dates.TIMERS:
            raise Invalid(f"“{self.timers}”: timers restart, resume or are absolute.")

    def _data(
        self,
        case: LiveCase,
        effective: Iterable[Fact],
        cone: frozenset[int],
        before: Mapping[str, Mapping[str, Any]],
    ) -> tuple[list[list[Any]], list[list[str]]]:
        """What the policies add to a plain replay (which is `revert`): values to keep, names to clear, by scope."""
        kept: list[list[Any]] = []
        cleared: list[list[str]] = []
        written = sorted({name for fact in effective if fact.id in cone for name, _ in _all_writes(fact)})
        last = _last_writers(effective)
        for name in written:
            policy = self._policy(case, name)
            for path, values in before.items():
                if path not in case.instance.scopes or last.get(name) not in cone:
                    continue
                if policy == "keep" and name in values:
                    kept.append([path, name, values[name]])
                elif policy == "clear" and name in case.instance.scopes[path].vars.maps[0]:
                    cleared.append([path, name])
        return kept, cleared

    def _policy(self, case: LiveCase, name: str) -> str:
        given = self.data_policy.get(name) if isinstance(self.data_policy, Mapping) else self.data_policy
        return given or case.instance.model.data_policy or "keep"


def _lift_orders(case: LiveCase, targets: Iterable[Fact]) -> None:
    """An order to skip a step does not outlive that somebody goes back to that very step."""
    for fact in targets:
        order = (fact.outcome or {}).get("directive")
        if order in case.instance.directives:
            case.run.note(Kind.LIFT, fact.element, causes=(order,), outcome={"directive": order})


def _all_writes(fact: Fact) -> list[tuple[str, Any]]:
    """Writes of a fact; a revisit writes what it keeps."""
    kept = (fact.outcome or {}).get("kept", ()) if fact.kind == Kind.REVISIT else ()
    return [*fact.writes, *((name, value) for _, name, value in kept)]


def _last_writers(facts: Iterable[Fact]) -> dict[str, int]:
    return {name: fact.id for fact in facts for name, _ in _all_writes(fact)}


def _values(case: LiveCase) -> dict[str, dict[str, Any]]:
    """The variables of each live scope, the case file under the empty path."""
    return {path: dict(scope.vars.maps[0]) for path, scope in case.instance.scopes.items() if not scope.body}


def normal(case: LiveCase, past: Past, target: Fact) -> Fact:
    """Where a target really lies.

    A boundary event is its host, an event behind an event-based gateway is the gateway, and the start event of an
    event sub-process is what set it off: the event is awaited again, but an error or escalation of the case itself
    has to be thrown again.
    """
    outcome = target.outcome or {}
    if "handler" in outcome:
        return _throw_of(past, target) or target
    if target.kind == Kind.BOUNDARY:
        found = past.fact(outcome["host"])
        assert found is not None
        return found
    if target.kind == Kind.PASS and (asked := _asked(past, target)) is not None:
        return asked
    cause = past.fact(target.causes[0]) if target.kind == Kind.PASS and target.causes else None
    if cause is None:
        return target
    if cause.kind == Kind.START and (cause.outcome or {}).get("handler") == target.element:
        return _throw_of(past, cause) or cause
    if cause.kind == Kind.END and _is_race(case.node_of(cause)):
        return _start_of(past, cause.occurrence)
    return target


def _throw_of(past: Past, handled: Fact) -> Fact | None:
    """What threw the error or escalation that an event sub-process caught."""
    outcome = handled.outcome or {}
    if "error" not in outcome and "escalation" not in outcome:
        return None
    return past.fact(handled.causes[-1])


def _asked(past: Past, passed: Fact) -> Fact | None:
    """The question that a person answered with the way of a firing, which is asked again."""
    for cause in passed.causes:
        release = past.fact(cause)
        if release is None or release.kind != Kind.RELEASE:
            continue
        began, *answers = [past.fact(one) for one in release.causes]
        if began is not None and any(one is not None and "ways" in (one.outcome or {}) for one in answers):
            return past.fact(began.causes[0])
    return None


def _start_of(past: Past, occurrence: str) -> Fact:
    return next(fact for fact in past.effective if fact.kind == Kind.START and fact.occurrence == occurrence)


def _is_race(node: Node | None) -> bool:
    return node is not None and node.kind == "eventBasedGateway"


def check(case: LiveCase, cover: Cover, target: Fact, fallen: Iterable[Fact]) -> None:
    """May this person take out all of that? Raises NotAllowed naming what stands in the way."""
    node = case.node_of(target) if target.element else None
    rights.check(case, "revisit", node, case.instance.open.get(target.occurrence))
    cover.check(fallen)


__all__ = ["Revisit", "check", "normal", "targets"]
