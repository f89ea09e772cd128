"""Events that reach a case: messages, timers, signals, errors, escalations, conditions (BPMN 2.0.2, 10.5)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from caseloom.engine import times
from caseloom.engine.errors import ExpressionError
from caseloom.engine.expressions import Expression
from caseloom.engine.facts import Fact, Kind, Writes, place_key
from caseloom.engine.flow import beside, conversation, data, delivering, ending, firing, listeners, starting
from caseloom.engine.flow.model import Event, Node
from caseloom.engine.flow.tokens import Scope, Token

if TYPE_CHECKING:
    from caseloom.engine.flow.run import Run


def hear(run: Run, name: str, thrown: Fact) -> None:
    """A signal reaches all that wait for it in its own case at this moment, and they owe it to the throw (D5)."""
    sent = next(one for one in reversed(run.thrown) if (one.kind, one.name) == ("signal", name))
    data = tuple(sent.data.items())
    for token in [one for one in run.instance.open.values() if isinstance(one, Token)]:
        for element, (wanted, _) in token.outcome.get("signals", {}).items():
            if wanted == name and run.instance.by_start.get(token.started) is token and token.hears(element):
                catcher = token.catcher(element)
                delivering.deliver(
                    run, token, catcher, data, part=element, outcome={"event": name}, depends=(thrown.id,)
                )


def catch(
    run: Run,
    host: Token,
    catcher: Node,
    writes: Writes = (),
    *,
    part: str | None = None,
    outcome: Mapping[str, Any] | None = None,
    depends: Iterable[int] = (),
    told: Mapping[str, Any] | None = None,
) -> None:
    """An event reaches an occurrence: itself, behind its gateway, or on its edge.

    `part` is the name under which it was waited for. `depends` names the fact that threw it, where that is one of
    this case (rule D5), `told` what came with it for data outputs alone.
    """
    if not host.watch:  # what is for an event sub-process goes into its own scope, by its start event
        writes = data.received(run, host, catcher, writes, told)
    if part is not None and catcher.event.parts:
        outcome = {**(outcome or {}), "part": part}
    if part is not None and catcher.event.parallel:
        heard = _heard(run, host, catcher, part, writes, depends, outcome)
        if len(heard) < len(catcher.parts):
            return
        writes, depends = (), tuple(heard.values())
        outcome = {name: value for name, value in (outcome or {}).items() if name not in _OF_A_PART}
    _caught_by(host, catcher)(run, host, catcher, writes, outcome=outcome, depends=depends)


# What was heard is told where the part was heard, not again with the whole.
_OF_A_PART = frozenset({"payload", "reused", "reapplied", "at"})


def _heard(
    run: Run,
    host: Token,
    catcher: Node,
    part: str,
    writes: Writes,
    depends: Iterable[int],
    outcome: Mapping[str, Any] | None,
) -> Mapping[str, int]:
    """The parts of a parallel multiple event that have come, each with its fact."""
    run.note(
        Kind.HEARD, catcher.name, host.scope.path, host.occurrence or "",
        causes=(*host.causes, *depends), writes=writes, outcome={**(outcome or {}), "part": part},
    )  # fmt: skip
    return dict(host.heard[catcher.name])


def _caught_by(host: Token, catcher: Node) -> Callable[..., object]:
    if host.watch:
        return _handle
    if catcher is host.node:
        return _finish_event
    return _choose_event if host.node.kind == "eventBasedGateway" else boundary


def _finish_event(run: Run, host: Token, _: Node, writes: Writes, **rest: Any) -> None:
    ending.finish(run, host, writes, **rest)


def _choose_event(
    run: Run,
    host: Token,
    catcher: Node,
    writes: Writes = (),
    *,
    depends: Iterable[int] = (),
    outcome: Mapping[str, Any] | None = None,
) -> None:
    scope = host.scope
    flow = next(flow for flow in host.node.flows if flow.target == catcher.name)
    left = listeners.passing(run, host, (), "end")
    left = listeners.taking(run, host, [flow], left, firing.overlay(scope.vars, left))
    fact = run.note(
        Kind.END, host.node.name, scope.path, host.occurrence or "",
        takes=(host.occurrence,), causes=(*host.causes, *depends), gives=(flow.id,), writes=left, outcome=outcome,
    )  # fmt: skip
    token = scope.tokens[(fact.id, flow.id)]
    firing.pass_through(run, scope, catcher, [token], writes=listeners.passing(run, token, writes, "start"))


def boundary(
    run: Run,
    host: Token,
    event: Node,
    writes: Writes = (),
    *,
    depends: Iterable[int] = (),
    outcome: Mapping[str, Any] | None = None,
) -> None:
    """An event on the edge of an occurrence fires; an interrupting one ends it and all that belongs to it."""
    scope, address = host.scope, host.occurrence
    assert address
    here = _at(host, event)
    ends = event.insists if outcome and "instance" in outcome else event.interrupting
    if ends:
        writes = (*writes, *listeners.cut_off(run, [*listeners.inside(run, address), host]))
    writes = listeners.passing(run, here, writes, "start", "end")
    flows = firing.choose(run, here, firing.overlay(scope.vars, writes))
    writes = listeners.taking(run, here, flows, writes, firing.overlay(scope.vars, writes))
    inserted = beside.works_of(run, address) if ends else []
    withdrawn = [beside.withdraw(run, work).id for work in inserted if work.process]
    inserted = [work for work in inserted if not work.process]
    fact = run.note(
        Kind.BOUNDARY,
        event.name,
        scope.path,
        run.instance.next_occurrence(scope, event.name),
        takes=(address, *(work.occurrence for work in inserted)) if ends else (),
        causes=(*host.causes, *depends, *(cause for work in inserted for cause in work.causes), *withdrawn),
        gives=tuple(flow.id for flow in flows),
        closes=address if ends and address in run.instance.scopes else None,
        writes=writes,
        outcome={**(outcome or {}), "host": host.started},
    )
    firing.left(run, fact, event, scope)


def timer(run: Run, host: Token, name: str) -> None:
    """A timer of an occurrence is due."""
    catcher = host.catcher(name)
    due, rest = host.timers[name]
    following = (
        times.following(rest, due, run.at, element=catcher.label) if not catcher.interrupting else None
    )
    outcome = {"timer": [following.at, following.rest]} if following else None
    catch(run, host, catcher, part=name, outcome=outcome)


def _handle(
    run: Run,
    watch: Token,
    trigger: Node,
    writes: Writes = (),
    *,
    depends: Iterable[int] = (),
    outcome: Mapping[str, Any] | None = None,
) -> None:
    """The event of an event sub-process has come (BPMN 2.0.2, 10.3.5 and 13.5.4)."""
    scope = watch.scope
    handler = scope.plan.nodes[trigger.plan.name]
    interrupting = trigger.interrupting
    if interrupting:
        writes = (*writes, *listeners.cut_off(run, listeners.inside(run, scope.path)))
    writes = listeners.passing(run, _at(watch, handler), writes, "start")
    fact = run.note(
        Kind.START, handler.name, scope.path, run.instance.next_occurrence(scope, handler.name),
        takes=(watch.occurrence,) if interrupting else (), causes=(watch.started, *depends),
        gives=(trigger.name,), closes=scope.path if interrupting else None, writes=writes,
        outcome={**(outcome or {}), "handler": trigger.name, "host": watch.started}
        | data.declaring(_at(watch, handler)),
    )  # fmt: skip
    starting.arm(run, run.instance.scopes[fact.occurrence])


def throw_at_end(run: Run, token: Token) -> None:
    """An error end event: the error looks for its catcher from the scope outwards."""
    node, scope = token.node, token.scope
    error = next(event for _, event in node.parts if event.kind == "error")
    found = _catcher("error", error.code, None, scope)
    if found is None:
        code = error.code or node.label
        run.incident(token, "error", f"Nothing catches the error “{code}” of “{node.label}”.")
        return
    message = node.label if error.message is None else str(run.value(error.message, token))
    writes = listeners.passing(run, token, (), "start", "end")
    _, others = firing.work(run, token)
    fact = run.note(
        Kind.PASS, node.name, scope.path, run.instance.next_occurrence(scope, node.name),
        takes=(token.id,), causes=token.causes, writes=writes, outcome={**others, "error": error.code},
    )  # fmt: skip
    firing.deliver(run, scope, fact)
    if run.instance.by_start.get(found.host.started) is found.host:
        _caught(run, found, error.code, message, (), fact.id)


def throw(run: Run, token: Token, code: str, message: str, data: Mapping[str, Any]) -> None:
    """A service throws a BPMN error: nobody catching it is an incident, never a case that goes on."""
    found = _catcher("error", code, token, token.scope)
    if found is None:
        run.incident(token, "error", f"Nothing catches the error “{code}”: {message or 'no message'}.")
        return
    _caught(run, found, code, message, tuple(data.items()), token.started)


def tell(run: Run, host: Token, event: Event, fact: Fact) -> None:
    """An error or escalation that an instance of an activity throws at its end: from its border outwards."""
    found = _catcher(event.kind, event.code, host, host.scope)
    if found is None and event.kind == "error":
        run.incident(host, "error", f"Nothing catches the error “{event.code}” of “{host.node.label}”.")
    if found is None:
        return
    own = {"instance": fact.id} if found.host is host else {}
    told = ((found.event.code_variable, event.code),) if found.event.code_variable else ()
    outcome = {event.kind: event.code, **own}
    delivering.deliver(run, found.host, found.node, told, part=found.key, depends=(fact.id,), outcome=outcome)


def _caught(run: Run, found: Catcher, code: str | None, message: str, writes: Writes, cause: int) -> None:
    named = ((found.event.code_variable, code), (found.event.message_variable, message))
    told = tuple((name, value) for name, value in named if name)
    delivering.deliver(
        run,
        found.host,
        found.node,
        (*writes, *told),
        part=found.key,
        depends=(cause,),
        outcome={"error": code},
    )


def escalate(run: Run, scope: Scope, code: str | None, thrown: Fact) -> None:
    """An escalation that nobody catches is no harm: the flow goes on (BPMN 2.0.2, 10.5.1)."""
    found = _catcher("escalation", code, None, scope)
    if found is None:
        return
    told = ((found.event.code_variable, code),) if found.event.code_variable else ()
    delivering.deliver(
        run, found.host, found.node, told, part=found.key, depends=(thrown.id,), outcome={"escalation": code}
    )


def check_conditions(run: Run) -> None:
    """Conditional events fire when their condition becomes true, and owe it to the write that made it so (D5)."""
    run._look_at_conditions = False
    conversation.renew(run)
    for token in list(run.instance.conditional.values()):
        for name in token.outcome.get("conditions", ()):
            if (
                run.instance.by_start.get(token.started) is token
                and not token.held
                and not delivering.awaits(run, token)
            ):
                _check_condition(run, token, name)


def _check_condition(run: Run, token: Token, name: str) -> None:
    catcher = token.catcher(name)
    if name in token.heard.get(catcher.name, ()):
        return
    condition = dict(catcher.parts)[name].condition
    assert condition is not None
    holds = _has_come_true(run, condition, _at(token, catcher))
    fired = token.truths.get(name, False)
    if holds and not fired:
        writers = run.instance.writers
        depends = sorted({writers[read] for read in condition.reads if read in writers})
        delivering.deliver(run, token, catcher, part=name, depends=depends)
    elif fired and not holds:
        run.note(Kind.LAPSE, name, token.scope.path, token.occurrence or "", causes=(token.started,))


def _has_come_true(run: Run, condition: Expression, place: Token) -> bool:
    """What reads a variable that nothing has written yet is not true yet: JUEL raises there, FEEL gives null."""
    try:
        return run.value(condition, place) is True
    except ExpressionError:
        if condition.reads <= set(place.vars):
            raise
        return False


def answer(run: Run) -> bool:
    """A message that a revisit lays out again reaches what waits for it; False where nothing does."""
    for token in list(run.instance.open.values()):
        if not isinstance(token, Token) or token.parked:
            continue
        for element, (name, _) in token.outcome.get("messages", {}).items():
            key = place_key(token.occurrence or "", element)
            waiting = run.instance.replies.get(key)
            if waiting and waiting[0]["event"] == name and token.hears(element):
                _answer(run, token, element, key, waiting[0])
                return True
    return False


def _answer(run: Run, token: Token, element: str, key: str, heard: Mapping[str, Any]) -> None:
    outcome = {**heard, "at": element, "reused": key}
    try:
        catch(
            run, token, token.catcher(element), tuple(heard["payload"].items()), part=element, outcome=outcome
        )
    except ExpressionError as wrong:
        run.incident(token, "expression", str(wrong))


class Catcher(NamedTuple):
    """Who catches: an occurrence, the event on it, and the part of the event that fits."""

    host: Token
    node: Node
    key: str
    event: Event


def _catcher(kind: str, code: str | None, thrower: Token | None, scope: Scope) -> Catcher | None:
    """Who catches an error or escalation: on the edge of the thrower, else in its scope, else further out."""
    token = thrower
    while True:
        edge = token.node.boundary if token is not None and token.number is None and not token.watch else []
        if token is not None and (found := _listening(token, edge, kind, code)):
            return found
        for watch in scope.watches.values():
            if found := _listening(watch, [watch.node], kind, code):
                return found
        host = scope.host
        if host is None or (isinstance(host, Token) and host.remedy):
            return None  # what fails while something is put right stops there, for a person to see
        token, scope = host if isinstance(host, Token) else None, host.scope


def _listening(host: Token, events: Iterable[Node], kind: str, code: str | None) -> Catcher | None:
    """The event that names the code, else one that catches any."""
    fitting = [
        Catcher(host, node, key, event)
        for node in events
        for key, event in node.parts
        if event.kind == kind and event.code in (code, None)
    ]
    return min(fitting, key=lambda one: one.event.code is None, default=None)


def _at(host: Token, event: Node) -> Token:
    """The event's own place beside its host, for evaluating its conditions."""
    token = Token(host.id, event, host.scope)
    token.occurrence = host.occurrence
    return token
