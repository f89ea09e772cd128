"""Gateways and activities that wait for several tokens (BPMN 2.0.2, 13.4 and 13.3.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from caseloom.engine.errors import ExpressionError
from caseloom.engine.facts import Kind
from caseloom.engine.flow import beside, firing, ways
from caseloom.engine.flow.enabled import waits
from caseloom.engine.flow.model import Node
from caseloom.engine.flow.tokens import Scope, Token

if TYPE_CHECKING:
    from caseloom.engine.flow.run import Run


def join(run: Run, key: tuple[str, str], *, last: bool) -> bool:
    """Fires a join if it may; an inclusive one only when nothing else can move (`last`)."""
    scope = run.instance.scopes.get(key[0])
    waiting = scope.waiting.get(key[1]) if scope else None
    resting = scope.awaits_rest(key[1]) if scope else False
    if scope is None or not (waiting or resting):
        run.instance.dirty.pop(key, None)
        return False
    node = scope.plan.nodes[key[1]]
    ready = [
        one for one in (waiting or {}).values() if not (one.held or one.parked or one.pending or waits(one))
    ]
    if node.activity:
        return _gather(run, key, node, ready)
    arrived: dict[Any, Token] = {}
    for token in ready:
        arrived.setdefault(token.id[1], token)
    if node.complex and (arrived or resting):
        return last and _complex(run, scope, node, arrived)
    if not arrived or (not node.inclusive and len(arrived) < len(node.incoming)):
        run.instance.dirty.pop(key, None)
        return False
    if node.inclusive and not (last and _nothing_comes(scope, node, set(arrived))):
        return False
    depends = lost_hope(scope, node, set(arrived)) if node.inclusive else ()
    return _fire(run, scope, node, list(arrived.values()), depends=depends)


def _gather(run: Run, key: tuple[str, str], node: Node, ready: Sequence[Token]) -> bool:
    """An activity that needs several tokens takes the first that have come, over whatever flows."""
    if len(ready) < node.start_quantity:
        run.instance.dirty.pop(key, None)
        return False
    tokens = ready[: node.start_quantity]
    if not (run.instance.bends() and beside.skipped(run, tokens)):
        run.attempt(tokens[0], tokens[1:])
    return True


def _fire(run: Run, scope: Scope, node: Node, tokens: Sequence[Token], **rest: Any) -> bool:
    try:
        firing.pass_through(run, scope, node, tokens, **rest)
    except ways.LeftOpen as unsaid:
        ways.ask(run, tokens, unsaid)
    except ExpressionError as wrong:
        _park_join(run, scope, node, tokens, str(wrong))
    return True


def _complex(run: Run, scope: Scope, node: Node, arrived: Mapping[Any, Token]) -> bool:
    """A complex gateway fires when its activation condition holds, then waits for the rest and is ready again.

    The condition sees `activationCount`, and for each incoming flow, by its id, how many tokens wait there.
    What comes late is consumed without effect, but for flows whose condition holds (BPMN 2.0.2, 13.4.5). `activated`
    holds the fact that brought it into this state, to which the next owes itself (D2), and the flows that were taken.
    """
    before, *taken = scope.activated.get(node.name, [0])
    if taken:
        return _reset(run, scope, node, arrived, set(taken), before)
    tokens = list(arrived.values())
    waiting = [one for one in scope.waiting[node.name].values() if not one.held and not one.parked]
    counts = {flow: sum(1 for one in waiting if one.id[1] == flow) for flow in node.incoming}
    view = scope.vars.below({"activationCount": len(waiting), **counts})
    assert node.activation is not None
    try:
        active = run.holds(node.activation, tokens[0], f"The activation of “{node.label}”", view)
    except ExpressionError as wrong:
        _park_join(run, scope, node, tokens, str(wrong))
        return True
    # Those that are not taken count too: the condition has seen them.
    counted = [one.id[0] for one in waiting if one not in tokens]
    depends = [*([before] if before else ()), *counted]
    return active and _fire(run, scope, node, tokens, outcome={"activated": list(arrived)}, depends=depends)


def _reset(
    run: Run, scope: Scope, node: Node, arrived: Mapping[Any, Token], taken: set[Any], activation: int
) -> bool:
    late = {flow: token for flow, token in arrived.items() if flow not in taken}
    if not _nothing_comes(scope, node, set(late) | taken):
        return False
    tokens = list(late.values())
    depends = [activation, *lost_hope(scope, node, set(late) | taken)]
    if not tokens:
        run.note(Kind.READY, node.name, scope.path, causes=tuple(depends))
        return True
    flows = [flow for flow in node.flows if flow.condition and run.value(flow.condition, tokens[0]) is True]
    return _fire(run, scope, node, tokens, depends=depends, outcome={"late": True}, flows=flows)


def lost_hope(scope: Scope, node: Node, full: set[Any]) -> list[int]:
    """The firings that took an empty input's last hope of a token (rule D2)."""
    empty = set(node.incoming) - full
    return [fact for fact, gone in scope.lost.get(node.name, ()) if gone & empty]


def _nothing_comes(scope: Scope, node: Node, full: set[Any]) -> bool:
    """No token can still reach an empty input unless it can also reach a full one (BPMN 2.0.2, 13.4.3)."""
    found = scope.plan.reach[node.name]
    empty = set(node.incoming) - full
    for token in scope.tokens.values():
        if token.node is node:
            if token.held or token.parked:
                return False
            continue
        reachable = found[token.node.name]
        if reachable & empty and not reachable & full:
            return False
    return True


def _park_join(run: Run, scope: Scope, node: Node, tokens: Sequence[Token], message: str) -> None:
    run.note(
        Kind.INCIDENT,
        node.name,
        scope.path,
        causes=tuple(sorted({cause for token in tokens for cause in token.causes})),
        outcome={
            "kind": "expression",
            "message": message,
            "tokens": [list(token.id) for token in tokens],
        },
    )
