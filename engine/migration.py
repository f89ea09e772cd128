"""MIGRATE: a running case goes on with another version of its diagram, by replay of what counts.

Every fact is read in the new version's words and replayed on its diagram. Where one does not fit, the migration
is refused by name and nothing has changed; so a migrated case stands where a run of the new diagram could stand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any

from caseloom.engine import facts as fact_rules
from caseloom.engine import rights
from caseloom.engine.errors import Conflict, ExpressionError, Invalid
from caseloom.engine.facts import Fact, Kind
from caseloom.engine.flow import starting
from caseloom.engine.flow.model import Flow, Model, Node
from caseloom.engine.flow.tokens import Scope, Token
from caseloom.engine.live import LiveCase


@dataclass(frozen=True, slots=True)
class Migrate:
    """Puts a case on another version; `mapping` names the counterpart of elements that have changed their id."""

    model: Model
    _: KW_ONLY
    mapping: Mapping[str, str] | None = None
    reason: str | None = None

    def decide(self, case: LiveCase) -> None:
        rights.check_manager(case, "Migrating a case")
        old, new = case.instance.model, self.model
        if case.instance.is_completed():
            raise Conflict(f"The case has ended ({case.instance.status}); there is nothing to migrate.")
        if old.definition_id == new.definition_id:
            raise Conflict(f"The case is on version {new.version} already.")
        elements = mapping_of(old, new, self.mapping or {})
        _guard_anchors(case, elements, new)
        gone = fact_rules.superseded(fact for row in case.journal() for fact in row.facts)
        outcome = {
            "from": old.definition_id,
            "to": new.definition_id,
            "elements": {name: target for name, target in elements.items() if name != target},
            "flows": _flows(old, new, elements),
        }
        case.change = True
        case.run.record(Fact(case.instance.next_id, Kind.MIGRATE, outcome=outcome))
        try:
            case.replay(gone, model=new)
        except Conflict as misfit:
            raise Conflict(f"The case cannot go to version {new.version}: {misfit}") from misfit
        _arm(case)


def mapping_of(old: Model, new: Model, given: Mapping[str, str]) -> dict[str, str]:
    """Old element -> new element: as given, else the same id, else the only one of the same name and kind."""
    nodes = {node.name: node for plan in new.plans.values() for node in plan.nodes.values()}
    known = {node.name: node for plan in old.plans.values() for node in plan.nodes.values()}
    for name, target in given.items():
        if name not in known:
            raise Invalid(f"There is no element “{name}” in version {old.version}.")
        if target not in nodes:
            raise Invalid(f"There is no element “{target}” in version {new.version}.")
        if known[name].kind != nodes[target].kind:
            raise Invalid(f"“{name}” is a {known[name].kind}, “{target}” a {nodes[target].kind}.")
    found: dict[str, str] = {}
    for name, node in known.items():
        counterpart = given.get(name) or _counterpart(node, nodes)
        if counterpart is not None:
            found[name] = counterpart
    return found


def _counterpart(node: Node, nodes: Mapping[str, Node]) -> str | None:
    same = nodes.get(node.name)
    if same is not None and same.kind == node.kind:
        return str(same.name)
    alike = [
        one for one in nodes.values() if node.bpmn_name and one.label == node.label and one.kind == node.kind
    ]
    return str(alike[0].name) if len(alike) == 1 else None


def _flows(old: Model, new: Model, elements: Mapping[str, str]) -> dict[str, str]:
    """Flows that keep their ends but not their id."""
    ends: dict[tuple[str, str], list[str]] = {}
    for source, flow in _all_flows(new):
        ends.setdefault((source.name, flow.target), []).append(flow.id)
    kept = {flow.id for _, flow in _all_flows(new)}
    found: dict[str, str] = {}
    for source, flow in _all_flows(old):
        same = ends.get((elements.get(source.name, ""), elements.get(flow.target, "")), [])
        if flow.id not in same and (len(same) == 1 or (same and flow.id not in kept)):
            found[flow.id] = same[0]
    return found


def _all_flows(model: Model) -> Iterator[tuple[Node, Flow]]:
    for plan in model.plans.values():
        for node in plan.nodes.values():
            for flow in node.flows:
                yield node, flow


def _guard_anchors(case: LiveCase, elements: Mapping[str, str], new: Model) -> None:
    """Inserted work and standing orders need their place in the new version, too."""
    flows = {flow.id for _, flow in _all_flows(new)}
    waiting = [(one.element, one.works[0]["name"]) for one in case.instance.insertions.values() if one.armed]
    waiting += [
        (one.element, "the order to skip it") for one in case.instance.directives.values() if one.armed
    ]
    for element, what in waiting:
        if element is not None and element not in elements and element not in flows:
            raise Conflict(f"“{element}”, where “{what}” waits, has no counterpart: give it in the mapping.")


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
