"""How an occurrence ends, what it leaves behind, and when the scope around it is over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from caseloom.engine.errors import ExpressionError
from caseloom.engine.facts import Fact, Kind, Writes
from caseloom.engine.flow import (
    beside,
    data,
    delivering,
    firing,
    instances,
    listeners,
    selection,
    starting,
    ways,
)
from caseloom.engine.flow.model import COUNTERS, CompletionEvent, ValueMapping
from caseloom.engine.flow.tokens import Occurrence, Scope, Token, Work
from caseloom.engine.flow.variables import Variables

if TYPE_CHECKING:
    from caseloom.engine.flow.run import Run


def try_again(run: Run, token: Token) -> None:
    """What an incident stopped at an occurrence: its end, or its next item."""
    own = run.instance.scopes.get(token.occurrence or "")
    if own is not None and own.ad_hoc is not None:
        selection.look_again(run, own)
    elif own is not None:
        ended(run, own)
    elif not token.node.waits:
        finish_item(run, token)


def finish_item(run: Run, token: Token) -> None:
    try:
        writes, outcome = firing.work(run, token)
        finish(run, token, writes, outcome=outcome)
    except ExpressionError as wrong:
        run.incident(token, "expression", str(wrong))


def passed_on(
    run: Run, mappings: Iterable[ValueMapping], token: Token, view: Mapping[str, Any]
) -> dict[str, Any]:
    passed: dict[str, Any] = {}
    for mapping in mappings:
        if mapping.target is None:
            passed.update(view)
        elif mapping.source is not None:
            passed[mapping.target] = run.value(mapping.source, token, view)
    return passed


def finish(
    run: Run,
    token: Occurrence,
    writes: Writes = (),
    *,
    kind: str = Kind.END,
    outcome: Mapping[str, Any] | None = None,
    depends: Iterable[int] = (),
) -> Fact:
    """Ends an occurrence: `writes` is what it leaves behind, by name."""
    if isinstance(token, Work):
        return beside.finish_work(run, token, writes, kind, outcome)
    scope, node = token.scope, token.node
    assert token.occurrence
    view = _leaving_view(run, token)
    own = run.instance.scopes.get(token.occurrence)
    if kind != Kind.SKIP:
        if own is None or not own.body:
            writes = _returned(run, token, writes, view)
            writes, view = listeners.closing(run, token, writes, view)
            writes = data.leaving(run, token, writes, mapped(run, token, writes, view), view)
        if own is not None and own.tokens:
            writes = (*listeners.cut_off(run, listeners.inside(run, own.path)), *writes)
    own_scope = None if own is None else token.occurrence
    outcome = dict(outcome or {})
    told: Sequence[CompletionEvent] = ()
    if kind == Kind.END and node.served is not None:
        outcome |= firing.work(run, token)[1]
    if token.number is None:
        seen = firing.overlay(scope.vars, writes)
        flows = [] if token.restores else firing.choose(run, token, seen, said=outcome)
        gives: tuple[Any, ...] = node.gives(flows)
        _collect(run, token, outcome, writes)
        writes = (*writes, *data.leaving_body(run, token, outcome.pop("collected", ())))
        writes = listeners.taking(run, token, flows, writes, firing.overlay(scope.vars, writes))
    else:
        gives = _next_item(run, token, firing.overlay(token.vars, writes))
        _item_result(run, token, firing.overlay(view, writes), outcome)
        told = instances.due(run, token, firing.overlay(view, writes))
        depends = (*depends, *_changed_items(scope, token.number, gives))
    causes = (*token.causes, *depends)
    fact = run.note(
        kind, node.name, scope.path, token.occurrence,
        takes=(token.occurrence,), causes=causes, gives=gives, closes=own_scope, writes=writes,
        outcome=outcome or None,
    )  # fmt: skip
    if token.number is None:
        if node.served is not None:
            firing.deliver(run, scope, fact)
        beside.hold_beside(run, fact, token)
        firing.left(run, fact, node, scope)
    elif not instances.tell(run, token, fact, told):
        assert scope.host is not None
        go_on(run, scope, scope.host)
    return fact


def _leaving_view(run: Run, token: Token) -> Variables:
    own = run.instance.scopes.get(token.occurrence or "")
    return own.vars if own is not None and not own.body else token.vars


def _returned(run: Run, token: Token, writes: Writes, view: Variables) -> Writes:
    """What a called process leaves behind: its end listeners' writes, and what it hands over."""
    call, own = token.node.call, run.instance.scopes.get(token.occurrence or "")
    if call is None or own is None:
        return writes
    written = listeners.of_process(run, own.plan, "end", token.scope, view)
    if call.isolated:
        handed = passed_on(run, call.outputs, token, firing.overlay(view, tuple(written.items())))
        written = {name: value for name, value in handed.items() if name not in COUNTERS}
    return tuple({**written, **dict(writes)}.items())


def mapped(run: Run, token: Token, writes: Writes, view: Variables) -> Writes:
    """Output mappings: they see what the occurrence saw and wrote, and write to the scope around it."""
    node = token.node
    own = token.outcome.get("locals", {})
    if not node.output_mappings:
        return tuple(pair for pair in writes if pair[0] not in own) if own else writes
    seen = view.below(dict(writes))
    mapped = {
        mapping.target: None if mapping.source is None else run.value(mapping.source, token, seen)
        for mapping in node.output_mappings
        if mapping.target
    }
    kept = {} if node.only_mapped_outputs else {name: value for name, value in writes if name not in own}
    return tuple({**kept, **mapped}.items())


def _collect(run: Run, token: Token, outcome: dict[str, Any], writes: Writes) -> None:
    """The results of the items, in their order, as the diagram's output collection."""
    body = run.instance.scopes.get(token.occurrence or "")
    multi = token.node.multi
    if body is None or multi is None or not multi.output or body.items is None:
        return
    results = [body.results.get(number) for number in body.left]
    outcome["collected"] = ((multi.output, results),)


def _item_result(run: Run, token: Token, view: Mapping[str, Any], outcome: dict[str, Any]) -> None:
    multi = token.node.multi
    if multi and multi.output and multi.output_item is not None:
        outcome["result"] = run.value(multi.output_item, token, view)


def _next_item(run: Run, token: Token, view: Variables) -> tuple[int, ...]:
    node = token.node
    assert token.number is not None
    rounds = token.number + 1
    if node.loop is not None:
        return (rounds,) if starting.goes_on(run, node.loop, token, view, rounds) else ()
    assert node.multi is not None
    following = token.scope.following(token.number) if node.multi.sequential else None
    return () if following is None else (following,)


def _changed_items(scope: Scope, number: int, gives: Sequence[Any]) -> list[int]:
    """The facts that put the next item into a sequence, or took those out that lay before it."""
    passed = range(number + 1, gives[0]) if gives else range(number + 1, len(scope.items or ()))
    added = [scope.added[one] for one in gives if one in scope.added]
    return [*added, *(scope.removed[one] for one in passed if one in scope.removed)]


def go_on(run: Run, scope: Scope, host: Occurrence) -> None:
    """Ends a scope with nothing left to do, or a body whose completion condition holds."""
    if not isinstance(host, Token):
        ended(run, scope)
        return
    multi = host.node.multi
    begun = scope.body and scope.vars["nrOfCompletedInstances"]
    if begun and multi is not None and multi.until is not None and scope.tokens:
        try:
            seen = scope.vars.below(instances.attributes(scope))
            ways.check(run, host.node, multi.until, seen)
            over = run.holds(multi.until, host, f"“{host.node.label}”", seen)
        except ways.LeftOpen:
            over = False  # nobody knows that it is enough: all the items are done
        except ExpressionError as wrong:
            run.incident(host, "expression", str(wrong))
            return
        if over:
            finish_host(run, scope, host)
            return
    ended(run, scope)


def settle(run: Run) -> None:
    """After a replay: what was taken out may have been all that a scope still waited for.

    A scope may be open again for work that does not block: that is done first.
    """
    busy = {found.scope for found in run.instance.rounds.values()}
    for scope in sorted(run.instance.scopes.values(), key=lambda scope: -scope.path.count("/")):
        if scope.path not in busy:
            ended(run, scope)


def ended(run: Run, scope: Scope) -> None:
    """A scope with nothing left to do is over (rule D1 makes its end depend on all that happened in it)."""
    if run.instance.scopes.get(scope.path) is not scope:
        return
    if scope.ad_hoc is not None:
        selection.settle(run, scope)
        return
    if scope.tokens or scope.rounds:
        return
    if scope.host is not None and scope.host.occurrence in run.instance.restoring:
        return  # its compensation goes on
    if scope.host is not None:
        finish_host(run, scope, scope.host)
    elif not run.instance.is_completed():
        _end_case(run, scope)


def _end_case(run: Run, scope: Scope) -> None:
    """The end listeners of the process are heard last; one that fails keeps the case open."""
    if any(trouble.kind == "listener" for trouble in run.instance.troubles.values()):
        return
    try:
        writes = listeners.of_process(run, scope.plan, "end", scope, scope.vars)
    except ExpressionError as wrong:
        run.note(Kind.INCIDENT, outcome={"kind": "listener", "message": str(wrong)})
        return
    run.note(Kind.DONE, closes="", causes=(), writes=tuple(writes.items()))


def finish_host(
    run: Run, scope: Scope, host: Occurrence, writes: Writes = (), outcome: Mapping[str, Any] | None = None
) -> None:
    """The end of a scope is the end of the occurrence that opened it."""
    if host.held or host.parked or (isinstance(host, Token) and delivering.awaits(run, host)):
        return  # it goes on when the work before it is done, or what it could not catch is seen to
    try:
        finish(run, host, writes, outcome=outcome)
    except ways.LeftOpen as unsaid:
        assert isinstance(host, Token)  # only what has ways to go on along asks for one
        ways.ask(run, [host], unsaid)
    except ExpressionError as wrong:
        run.incident(host, "expression", str(wrong))
