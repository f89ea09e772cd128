"""Gateways that wait for several tokens (BPMN 2.0.2, 13.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from caseloom.engine.errors import ExpressionError
from caseloom.engine.facts import Kind
from caseloom.engine.flow import firing
from caseloom.engine.flow.instance import Scope, Token
from caseloom.engine.flow.model import Node

if TYPE_CHECKING:
    from caseloom.engine.flow.run import Run


def join(run: Run, key: tuple[str, str], *, last: bool) -> bool:
    """Fires a join if it may; an inclusive one only when nothing else can move (`last`)."""
    scope = run.instance.scopes.get(key[0])
    waiting = scope.waiting.get(key[1]) if scope else None
    if scope is None or not waiting:
        run.instance.dirty.pop(key, None)
        return False
    node = scope.plan.nodes[key[1]]
    arrived: dict[Any, Token] = {}
    for token in waiting.values():
        if not token.held and not token.parked:
            arrived.setdefault(token.id[1], token)
    if not arrived or (not node.inclusive and len(arrived) < len(node.incoming)):
        run.instance.dirty.pop(key, None)
        return False
    if node.inclusive and not (last and _nothing_comes(run, scope, node, arrived)):
        return False
    empty = set(node.incoming) - set(arrived)
    depends = [fact for fact, gone in scope.lost.get(node.name, ()) if gone & empty] if node.inclusive else []
    tokens = list(arrived.values())
    try:
        firing.pass_through(run, scope, node, tokens, depends=depends)
    except ExpressionError as wrong:
        _park_join(run, scope, node, tokens, str(wrong))
    return True


def _nothing_comes(run: Run, scope: Scope, node: Node, arrived: Mapping[Any, Token]) -> bool:
    """No token can still reach an empty input unless it can also reach a full one (BPMN 2.0.2, 13.4.3)."""
    full, found = set(arrived), scope.plan.reach[node.name]
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
