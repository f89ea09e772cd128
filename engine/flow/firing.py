"""Elements that need nobody: what they do, which way they choose, and how their tokens go on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from caseloom.engine.errors import ExpressionError
from caseloom.engine.expressions import Expression
from caseloom.engine.facts import Fact, Kind, Writes
from caseloom.engine.flow import (
    beside,
    compensation,
    conversation,
    data,
    ending,
    events,
    listeners,
    selection,
    starting,
    ways,
)
from caseloom.engine.flow.model import Event, Flow, Node
from caseloom.engine.flow.thrown import Thrown
from caseloom.engine.flow.tokens import Scope, Token
from caseloom.engine.flow.variables import Variables

if TYPE_CHECKING:
    from caseloom.engine.flow.run import Run


THROWS = ("intermediateThrowEvent", "endEvent")


def fire(run: Run, token: Token, others: Sequence[Token] = ()) -> None:
    """An element that needs nobody: consumes its token, and those that it waited for, and goes on."""
    node, scope = token.node, token.scope
    if node.kind == "endEvent" and any(event.kind == "error" for _, event in node.parts):
        events.throw_at_end(run, token)
        return
    if node.event.kind == "compensation" and node.kind in THROWS:
        compensation.throw(run, token)
        return
    if node.event.kind == "cancel" and node.kind == "endEvent":
        compensation.cancel(run, token)
        return
    seen, written = listeners.begun(run, token)
    writes, outcome = work(run, seen)
    writes = (
        (*written, *writes, *data.begun(run, token)) if node.kind == "startEvent" else (*written, *writes)
    )
    terminates = node.kind == "endEvent" and node.event.kind == "terminate"
    pass_through(
        run,
        scope,
        node,
        [token, *others],
        writes=writes,
        outcome=outcome,
        closes=scope.path if terminates else None,
    )


def pass_through(
    run: Run,
    scope: Scope,
    node: Node,
    tokens: Sequence[Token],
    *,
    depends: Iterable[int] = (),
    writes: Writes | None = None,
    outcome: Mapping[str, Any] | None = None,
    closes: str | None = None,
    flows: Sequence[Flow] | None = None,
) -> None:
    """One firing: consumes the tokens and gives one to each flow that is chosen, or given by hand.

    `writes` is what the element has done; None, where it has not begun.
    """
    if writes is None:
        writes = listeners.passing(run, tokens[0], (), "start")
    if not node.gateway:
        writes = listeners.passing(run, tokens[0], writes, "end")
    if flows is None:
        flows = choose(run, tokens[0], overlay(tokens[0].vars, writes))
        if names := unconfirmed(run, node):
            outcome = {**(outcome or {}), "unconfirmed": names}
    if node.gateway:
        writes = listeners.passing(run, tokens[0], writes, "end")
    writes = listeners.taking(run, tokens[0], flows, writes, overlay(scope.vars, writes))
    if closes is not None:
        writes = (*listeners.cut_off(run, listeners.inside(run, closes)), *writes)
    causes = sorted({cause for token in tokens for cause in token.causes} | set(depends))
    fact = run.note(
        Kind.PASS,
        node.name,
        scope.path,
        run.instance.next_occurrence(scope, node.name),
        takes=tuple(token.id for token in tokens),
        causes=tuple(causes),
        gives=node.gives(flows),
        closes=closes,
        writes=writes,
        outcome=outcome or None,
    )
    deliver(run, scope, fact)
    left(run, fact, node, scope)


def deliver(run: Run, scope: Scope, fact: Fact) -> None:
    """What a firing threw reaches those in its own case that wait for it."""
    given = list(run.instance.given)
    for kind, name in thrown(fact.outcome):
        if kind == "signal":
            events.hear(run, str(name), fact)
        elif kind == "escalation":
            events.escalate(run, scope, name, fact)
    run.instance.given = given


def decide(run: Run, tokens: Sequence[Token], flows: Sequence[Flow]) -> None:
    """A person says where the tokens of a gateway go, instead of its conditions."""
    scope, node = tokens[0].scope, tokens[0].node
    depends = [token.parked for token in tokens if token.parked]
    writes = listeners.passing(run, tokens[0], (), "start", "end")
    writes = listeners.taking(run, tokens[0], flows, writes, overlay(scope.vars, writes))
    fact = run.note(
        Kind.PASS, node.name, scope.path, run.instance.next_occurrence(scope, node.name),
        takes=tuple(token.id for token in tokens),
        causes=tuple(sorted({cause for token in tokens for cause in token.causes} | set(depends))),
        gives=tuple(flow.id for flow in flows), writes=writes,
        outcome={"decided": True} | ({"activated": [token.id[1] for token in tokens]} if node.complex else {}),
    )  # fmt: skip
    left(run, fact, node, scope)


def left(run: Run, fact: Fact, node: Node, scope: Scope) -> None:
    """After tokens have left an element: inserted work that is due now, and the end of a scope."""
    if run.instance.insertions:
        beside.watch_leaving(run, fact, node, scope, list(run.instance.given))
    selection.went_on(run, fact, node, scope)
    ending.ended(run, scope)


def work(run: Run, token: Token) -> tuple[Writes, dict[str, Any]]:
    """What an automatic element writes, and what is worth recording of it."""
    node = token.node
    if node.script is not None:
        return _script(run, token)
    if node.decision is not None:
        return _take_decision(run, token)
    if node.kind not in THROWS and not node.sends:
        return (_pass(run, token) if node.activity else ()), {}
    parts = [event for key, event in node.parts if key != node.served]
    talk: dict[str, Any] = {}
    thrown = [pair for event in parts if (pair := _throw(run, token, event, talk))]
    own = {"talk": talk} if talk else {}
    writes = _pass(run, token) if node.activity else ()
    if node.event.parts:
        return writes, {"throws": [list(pair) for pair in thrown], **own}
    return writes, {**dict(thrown), **own}


def _pass(run: Run, token: Token) -> Writes:
    """An activity that is only recorded still moves the data that it is drawn with."""
    if token.occurrence or not (token.node.has_data or token.node.data_outputs):
        return ()
    seen = token.vars.below(starting.own_variables(run, token))
    return data.leaving(run, token, (), (), seen)


def _throw(run: Run, token: Token, event: Event, talk: dict[str, Any]) -> tuple[str, str | None] | None:
    """What a throw event sends, as it is recorded; it goes to other cases when the command is stored.

    `talk` takes the properties by which a message, and the answer to it, find their cases.
    """
    if event.kind == "escalation":
        return event.kind, event.code
    if event.kind not in ("signal", "message"):
        return None
    name = str(run.value(event.name, token)) if event.name else token.node.label
    data = starting.own_variables(run, token)
    said = conversation.said(run, token, event, data)
    talk.update(said)
    run.thrown.append(Thrown(event.kind, name, data, said))
    return event.kind, name


def thrown(outcome: Mapping[str, Any] | None) -> Iterator[tuple[str, str | None]]:
    """The signals, messages and escalations that a firing sent."""
    found = outcome or {}
    yield from ((kind, found[kind]) for kind in ("signal", "message", "escalation") if kind in found)
    yield from ((kind, name) for kind, name in found.get("throws", ()))


def _script(run: Run, token: Token) -> tuple[Writes, dict[str, Any]]:
    node = token.node
    assert node.script is not None
    variables = _seen(run, token)
    env = run.environment(token.scope, node, node.script)
    found = node.script.evaluate(variables, env)
    writes = dict(env.writes)
    if node.result_variable:
        writes[node.result_variable] = found
    outcome: dict[str, Any] = {"reasons": list(env.reasons)} if found is None and env.reasons else {}
    seen = variables.below(dict(env.local)) if env.local else variables
    return _left_behind(run, token, tuple(writes.items()), seen), outcome


def _seen(run: Run, token: Token) -> Variables:
    """What an automatic step sees: an occurrence has what is its own already."""
    if token.occurrence or not (token.node.input_mappings or token.node.has_data):
        return token.vars
    return token.vars.below(starting.own_variables(run, token))


def _left_behind(run: Run, token: Token, writes: Writes, seen: Variables) -> Writes:
    mapped = ending.mapped(run, token, writes, seen)
    return mapped if token.occurrence else data.leaving(run, token, writes, mapped, seen)


def _take_decision(run: Run, token: Token) -> tuple[Writes, dict[str, Any]]:
    node = token.node
    assert node.decision is not None
    variables = _seen(run, token)
    key = str(run.value(node.decision.key, token))
    version = run.value(node.decision.version, token) if node.decision.version else None
    env = run.environment(token.scope, node, None)
    found, explanation = run.world.decide(token.scope.model, node.decision, key, version, variables, env)
    name = node.decision.result_variable
    writes: Writes = ((name, found),) if name else ()
    return _left_behind(run, token, writes, variables), {"decision": dict(explanation)}


def choose(
    run: Run, token: Token, variables: Mapping[str, Any], *, said: Mapping[str, Any] | None = None
) -> Sequence[Flow]:
    """The flows that a firing takes (BPMN 2.0.2, 10.6 and 13.3.4).

    `said` is the outcome of a step that leaves something open.
    """
    node = token.node
    if (decided := ways.chosen(token)) is not None:
        return decided
    if node.kind in ("parallelGateway", "eventBasedGateway") or not any(
        flow.condition for flow in node.flows
    ):
        return _unconditional(run, node)
    if node.confirms and (names := unconfirmed(run, node)):
        raise ExpressionError(
            f"“{node.label}” decides on {', '.join(names)}, which nobody has confirmed since the case went back: "
            "write it anew and try again, or choose the way."
        )
    one = node.kind == "exclusiveGateway"
    chosen: list[Flow] = []
    conditional = False
    for flow in node.flows:
        if flow.default:
            continue
        if flow.condition is not None:
            ways.check(run, node, flow.condition, variables, said)
        if flow.condition is None:
            chosen.append(flow)
        elif _holds(run, token, flow, flow.condition, variables, said):
            chosen.append(flow)
            conditional = True
        if one and chosen:
            return chosen
    if not conditional and (not chosen or not node.gateway):
        chosen.extend(flow for flow in node.flows if flow.default)
    if not chosen:
        for flow in node.flows:
            if flow.condition is not None:
                ways.blame(run, node, flow.condition, variables, said)
        raise ExpressionError(f"“{node.label}”: no condition holds, and there is no default way out.")
    return chosen


def unconfirmed(run: Run, node: Node) -> list[str]:
    """What the ways on from here depend on and a revisit has left behind, to be confirmed by somebody."""
    return sorted(node.condition_reads & run.instance.stale) if run.instance.stale else []


def _holds(
    run: Run,
    token: Token,
    flow: Flow,
    condition: Expression,
    variables: Mapping[str, Any],
    said: Mapping[str, Any] | None,
) -> bool:
    try:
        return run.holds(condition, token, f"“{flow.name or flow.id}” from “{token.node.label}”", variables)
    except ExpressionError:
        ways.blame(run, token.node, condition, variables, said)
        raise


def _unconditional(run: Run, node: Node) -> Sequence[Flow]:
    if node.kind == "exclusiveGateway":
        return [flow for flow in node.flows if not flow.default][:1] or node.flows[:1]
    plain = [flow for flow in node.flows if not flow.default]
    return plain or node.flows


def overlay(variables: Variables, writes: Writes) -> Variables:
    return variables.below(dict(writes)) if writes else variables


def say(value: Any) -> str:
    return "nothing" if value is None else f"“{value}”"
