"""MIGRATE: a running case goes on with another version of its diagram, by replay of what counts.

Every fact is read in the new version's words and replayed on its diagram. Where one does not fit, the migration
is refused by name and nothing has changed; so a migrated case stands where a run of the new diagram could stand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any

from caseloom.engine import facts as fact_rules
from caseloom.engine import rights
from caseloom.engine.counterparts import Given, counterparts, flow_counterparts, flows_of
from caseloom.engine.errors import Conflict, ExpressionError
from caseloom.engine.facts import Fact, Kind
from caseloom.engine.flow import starting
from caseloom.engine.flow.model import Model
from caseloom.engine.flow.tokens import Directive, Insertion, Scope, Token
from caseloom.engine.live import LiveCase


@dataclass(frozen=True, slots=True)
class Migrate:
    """Puts a running case on another version of its process.

    `mapping` names the counterpart of elements that have changed their id; others are found by id, else by name.
    None as a counterpart gives up what a handler has ordered at that element: inserted work to come, or a skip.
    """

    version: int
    _: KW_ONLY
    mapping: Given | None = None
    reason: str | None = None

    def decide(self, case: LiveCase) -> None:
        rights.check_manager(case, "Migrating a case")
        if case.instance.is_completed():
            raise Conflict(f"The case has ended ({case.instance.status}); there is nothing to migrate.")
        old, new = case.instance.model, case.world.version(case.record.key, self.version)
        if old.definition_id == new.definition_id:
            raise Conflict(f"The case is on version {new.version} already.")
        given = self.mapping or {}
        found = counterparts(old, new, given)
        elements = {one.element_id: one.becomes for one in found if one.becomes is not None}
        rows = case.journal()
        gone = fact_rules.superseded(fact for row in rows for fact in row.facts)
        given_up = _given_up(case, given)
        _guard_anchors(case, elements, new, given_up)
        effective = fact_rules.effective([fact for row in rows for fact in row.facts], gone)
        fallen = fact_rules.cone(effective, given_up) if given_up else set()
        outcome: dict[str, Any] = {
            "from": old.definition_id,
            "to": new.definition_id,
            "elements": {name: target for name, target in elements.items() if name != target},
            "flows": flow_counterparts(old, new, elements),
        }
        if fallen:
            outcome["superseded"] = fact_rules.pack(fallen)
        case.change = True
        case.run.record(Fact(case.instance.next_id, Kind.MIGRATE, outcome=outcome))
        try:
            case.replay(gone | fallen, model=new)
        except Conflict as misfit:
            raise Conflict(f"The case cannot go to version {new.version}: {misfit}") from misfit
        _arm(case)


Order = Insertion | Directive


def _standing(case: LiveCase) -> list[tuple[Order, str]]:
    """Work and skips that handlers have ordered and that may still come, each with its words."""
    works = [(one, f"“{one.works[0]['name']}”") for one in case.instance.insertions.values() if one.armed]
    skips = [(one, "the order to skip it") for one in case.instance.directives.values() if one.armed]
    return [*works, *skips]


def _given_up(case: LiveCase, given: Given) -> set[int]:
    return {
        order.id
        for order, _ in _standing(case)
        if order.element is not None and given.get(order.element, order.element) is None
    }


def _guard_anchors(case: LiveCase, elements: Mapping[str, str], new: Model, given_up: set[int]) -> None:
    """What handlers have ordered needs its place in the new version, too."""
    flows = {flow.id for _, flow in flows_of(new)}
    for order, what in _standing(case):
        element = order.element
        if (
            order.id not in given_up
            and element is not None
            and element not in elements
            and element not in flows
        ):
            raise Conflict(
                f"“{element}”, where {what} waits, has no counterpart in version {new.version}: "
                "name one in the mapping, or map it to nothing to give that up."
            )


def _arm(case: LiveCase) -> None:
    """Events that only the new version has begin to be waited for; those that it no longer has are dropped."""
    run = case.run
    for scope in list(case.instance.scopes.values()):
        starting.arm(run, scope)
        for token in [one for one in scope.tokens.values() if one.occurrence]:
            try:
                _arm_token(case, token, scope)
            except ExpressionError as wrong:
                raise Conflict(
                    f"“{token.name}” cannot wait for its events in the new version: {wrong}"
                ) from wrong


def _arm_token(case: LiveCase, token: Token, scope: Scope) -> None:
    run = case.run
    wanted = starting.events_of(run, token)
    kinds = ("timers", "messages", "signals", "conditions")
    known = {key for kind in kinds for key in token.outcome.get(kind, ())}
    names = {key for kind in kinds for key in wanted.get(kind, ())}
    new: dict[str, Any] = {}
    for kind in kinds:
        found = wanted.get(kind, ())
        fresh = [key for key in found if key not in known]
        if fresh:
            new[kind] = fresh if kind == "conditions" else {key: found[key] for key in fresh}
    if dropped := sorted(known - names):
        new["dropped"] = dropped
    if new:
        run.note(
            Kind.ARM,
            token.node.name,
            scope.path,
            token.occurrence or "",
            causes=(token.started,),
            outcome=new,
        )
