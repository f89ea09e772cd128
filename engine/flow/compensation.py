"""Compensation: what completed activities did is put right, the last one first (BPMN 2.0.2, 10.7 and 13.5.5).

A throw event, or the cancel of a transaction, waits while the handlers run one after the other, each with the data
that its activity had when it completed. Every completed occurrence is compensated at most once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from caseloom.engine.facts import Kind
from caseloom.engine.flow import data, ending, events, listeners
from caseloom.engine.flow.model import Node, Plan
from caseloom.engine.flow.tokens import Compensable, Round, Scope, Token

if TYPE_CHECKING:
    from caseloom.engine.flow.run import Run


def throw(run: Run, token: Token) -> None:
    """A compensation event: all that was completed in its scope, or the activity that it names."""
    scope, entries = _targets(token.scope, token.node.event.code)
    _begin(run, token, scope, entries)


def cancel(run: Run, token: Token) -> None:
    """A cancel end event: the rest of the transaction stops, what was completed is compensated."""
    _begin(run, token, token.scope, token.scope.compensable, closes=token.scope.path, cancels=True)


def _targets(scope: Scope, activity: str | None) -> tuple[Scope, Sequence[Compensable]]:
    if activity is None:
        return _compensated_from(scope), _compensated_from(scope).compensable
    while True:
        entries = [entry for entry in scope.compensable if entry.element == activity]
        if entries or scope.host is None:
            return scope, entries
        scope = scope.host.scope


def _compensated_from(scope: Scope) -> Scope:
    """A throw inside an event sub-process is about the scope that this belongs to."""
    while isinstance(scope.host, Token) and scope.host.node.handler:
        scope = scope.host.scope
    return scope


def _begin(
    run: Run,
    token: Token,
    scope: Scope,
    entries: Sequence[Compensable],
    *,
    closes: str | None = None,
    **more: Any,
) -> None:
    node = token.node
    run.note(
        Kind.START,
        node.name,
        token.scope.path,
        run.instance.next_occurrence(token.scope, node.name),
        takes=(token.id,),
        causes=token.causes,
        closes=closes,
        writes=listeners.passing(run, token, (), "start"),
        outcome={"compensates": [entry.end for entry in reversed(entries)], "in": scope.path, **more},
    )


def put_right(run: Run, scope: Scope, found: Round, index: int, work: Mapping[str, Any], name: str) -> None:
    """A revisit called for the compensation of one occurrence that it took out: it runs beside the diagram."""
    address = run.instance.next_occurrence(scope, name)
    run.note(
        Kind.START, "", scope.path, address, causes=(found.id, *found.closed.values()),
        outcome={
            "round": found.id, "work": index, "name": work["name"], "compensates": [work["entry"][0]],
            "in": address,
        },
    )  # fmt: skip


def go_on(run: Run) -> bool:
    """Starts the next handler of each compensation that waits for one, or ends it; False where all still work."""
    for token in list(run.instance.restoring.values()):
        scope = run.instance.scopes[token.outcome["in"]]
        if token.parked or any(one.restores == token.occurrence for one in scope.tokens.values()):
            continue
        waiting = {entry.end: entry for entry in scope.compensable}
        following = next((waiting[end] for end in token.outcome["compensates"] if end in waiting), None)
        if following is not None:
            _restore(run, token, scope, following)
        elif "cancels" in token.outcome:
            _cancelled(run, token)
        else:
            ending.finish(run, token)
        return True
    return False


def _restore(run: Run, thrower: Token, scope: Scope, entry: Compensable) -> None:
    node = scope.plan.nodes[entry.element]
    outcome: dict[str, Any] = {"entry": entry.end, "for": thrower.occurrence}
    causes = thrower.causes if thrower.remedy else (*thrower.causes, entry.end)
    repeated = node.repeats and not _of_items(scope)
    if node.compensator is not None and not (repeated and entry.inner):
        run.note(Kind.COMPENSATE, node.compensator.name, scope.path, causes=causes, outcome=outcome)
        return
    address = run.instance.next_occurrence(scope, node.name)
    plan = _plan_of(run, scope, node, entry)
    whole = None if repeated else plan.compensating
    outcome["inside"] = "items" if repeated else "scope"
    if whole is None:
        outcome |= {"compensates": [one.end for one in reversed(entry.inner)], "in": address}
    fact = run.note(Kind.COMPENSATE, node.name, scope.path, address, causes=causes, outcome=outcome)
    if whole is not None:
        _handle_scope(run, run.instance.scopes[address], whole, fact.id)


def _of_items(scope: Scope) -> bool:
    """Are the entries of this scope the items of one activity, each by itself?"""
    return scope.host is not None and scope.host.outcome.get("inside") == "items"


def _plan_of(run: Run, scope: Scope, node: Node, entry: Compensable) -> Plan:
    if entry.called:
        return run.instance.models(entry.called).plan
    return scope.model.plans[node.sub] if node.sub else scope.plan


def _handle_scope(run: Run, scope: Scope, handler: Node, cause: int) -> None:
    trigger = scope.model.plans[handler.sub or ""].trigger
    run.note(
        Kind.START,
        handler.name,
        scope.path,
        run.instance.next_occurrence(scope, handler.name),
        causes=(cause,),
        gives=(trigger.name,),
        outcome={"handler": trigger.name, "host": cause}
        | data.declaring(Token((0, "declares"), handler, scope)),
    )


def _cancelled(run: Run, token: Token) -> None:
    """All is put right: the transaction, with all its instances, is left by its cancel boundary event."""
    host = token.scope.host
    if isinstance(host, Token) and host.number is not None:
        host = host.scope.host
    edge = host.node.boundary if isinstance(host, Token) else ()
    event = next((one for one in edge if one.event.kind == "cancel"), None)
    if not isinstance(host, Token) or event is None:
        run.incident(token, "error", f"Nothing catches the cancel of “{token.node.label}”.")
        return
    events.boundary(run, host, event, depends=(token.started,))
