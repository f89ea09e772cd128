"""What the instances of an activity tell when they complete: its behaviours None, One, All and Complex.

BPMN 2.0.2, 13.3.7 and tables 10.30 and 10.31. An event that an instance throws is caught on the border of its
activity. It tells that one is done, so the activity goes on; a border event that is drawn with
`cancelActivity="true"` in so many words, or that catches an error, ends it all the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from caseloom.engine.facts import Fact, Kind
from caseloom.engine.flow import ending, events
from caseloom.engine.flow.model import CompletionEvent, Event
from caseloom.engine.flow.thrown import Thrown
from caseloom.engine.flow.tokens import Scope, Token
from caseloom.engine.flow.variables import Variables

if TYPE_CHECKING:
    from caseloom.engine.flow.run import Run

_STANDARD = {
    "numberOfInstances": "nrOfInstances",
    "numberOfActiveInstances": "nrOfActiveInstances",
    "numberOfCompletedInstances": "nrOfCompletedInstances",
}


def attributes(scope: Scope) -> dict[str, Any]:
    """The numbers of a body under the names of the standard (table 10.30)."""
    return {name: scope.vars[ours] for name, ours in _STANDARD.items()} | {"numberOfTerminatedInstances": 0}


def due(run: Run, token: Token, view: Variables) -> Sequence[CompletionEvent]:
    """What an instance that is about to complete will tell; `view` is what it sees, its own results included."""
    multi, scope = token.node.multi, token.scope
    if multi is None or not multi.completion_events:
        return ()
    if multi.behavior == "One":
        return () if scope.vars["nrOfCompletedInstances"] else multi.completion_events
    if multi.behavior == "None":
        return multi.completion_events
    seen = view.below(_after_this(scope))
    return [one for one in multi.completion_events if one.condition and _holds(run, token, one, seen)]


def _after_this(scope: Scope) -> dict[str, Any]:
    now = attributes(scope)
    now["numberOfCompletedInstances"] += 1
    now["numberOfActiveInstances"] -= 1
    return now | {ours: now[name] for name, ours in _STANDARD.items()}


def _holds(run: Run, token: Token, one: CompletionEvent, seen: Variables) -> bool:
    assert one.condition is not None
    what = f"What the instances of “{token.node.label}” tell"
    return run.holds(one.condition, token, what, seen)


def tell(run: Run, token: Token, fact: Fact, told: Sequence[CompletionEvent]) -> bool:
    """Throws what is due after the end of an instance. Is the activity over by it?"""
    body, host, multi = token.scope, token.scope.host, token.node.multi
    if not told or not isinstance(host, Token) or multi is None:
        return False
    following = list(run.instance.given)
    for one in told:
        if one.event is not None:
            _throw(run, host, body, one.event, fact)
        if run.instance.scopes.get(body.path) is not body:
            return True
    for after in following:  # what the events started comes before the next instance
        run.instance.queue.remove(after)
        run.instance.queue.append(after)
    if multi.behavior == "Complex":
        ending.finish_host(run, body, host)
        return True
    return False


def _throw(run: Run, host: Token, body: Scope, event: Event, fact: Fact) -> None:
    data = attributes(body)
    if event.kind in ("error", "escalation"):
        events.tell(run, host, event, fact)
        return
    name = None if event.name is None else str(run.value(event.name, host))
    for waiting in _listening(run, host, event.kind, name):
        own = {"instance": fact.id} if waiting[0] is host else {}
        _catch(run, waiting, fact, {"event": waiting[2], **own}, data)
    if name is not None and fact.kind == Kind.END:
        run.thrown.append(Thrown(event.kind, name, data))


def _listening(run: Run, host: Token, kind: str, name: str | None) -> list[tuple[Token, str, str]]:
    """Who waits for it, under which key and by what name; what has no name, and a message, is for its host alone."""
    tokens = [one for one in run.instance.open.values() if isinstance(one, Token)]
    if kind == "message" or name is None:
        tokens = [host]
    return [
        (token, key, wanted)
        for token in tokens
        for key, (wanted, _) in token.outcome.get(kind + "s", {}).items()
        if name in (None, wanted)
    ]


def _catch(
    run: Run, waiting: tuple[Token, str, str], fact: Fact, outcome: Mapping[str, Any], data: Mapping[str, Any]
) -> None:
    token, key, _ = waiting
    if run.instance.by_start.get(token.started) is token and token.hears(key):
        catcher = token.catcher(key)
        events.catch(run, token, catcher, part=key, outcome=outcome, depends=(fact.id,), told=data)
