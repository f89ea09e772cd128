"""What may be chosen in an ad-hoc sub-process, and what still runs there (BPMN 2.0.2, 13.3.5).

Questions to a live scope; nothing here looks at data or changes anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from caseloom.engine.flow.model import Node
from caseloom.engine.flow.tokens import Scope, Token

_LISTENING = frozenset({"intermediateCatchEvent", "eventBasedGateway"})


class Enabled(NamedTuple):
    """An activity that can be started; `tokens` are there where flows have brought as many as it needs."""

    node: Node
    tokens: list[Token]


def busy(scope: Scope) -> list[Token]:
    """What is under way, event sub-processes included; not what only waits for an event or to be chosen."""
    return [
        token
        for token in scope.tokens.values()
        if token.node.kind not in _LISTENING and (token.occurrence or token.chosen or token.restores)
    ]


def running(scope: Scope) -> list[Token]:
    """The activities under way, of which a sequential ad-hoc sub-process has one at most."""
    return [token for token in busy(scope) if not token.node.handler]


def interrupted(scope: Scope) -> bool:
    """Is an event sub-process under way that has taken the place of everything else?"""
    return any(
        token.node.handler and scope.model.plans[token.node.sub or ""].trigger.interrupting
        for token in busy(scope)
    )


def idle(scope: Scope) -> bool:
    """Is there nothing left, but for events that are waited for as long as the scope is open?"""
    listeners = scope.plan.listeners
    return all(token.node in listeners for token in scope.tokens.values())


def waits(token: Token) -> bool:
    """Does it wait to be chosen, instead of going on by itself?"""
    rules = token.scope.ad_hoc
    if rules is None or not token.node.activity or token.chosen or token.restores:
        return False
    return rules.sequential or token.scope.closing


def makes_room(scope: Scope, node: Node) -> bool:
    """May something else be chosen in this scope when that is over?"""
    rules = scope.ad_hoc
    return rules is not None and rules.sequential and node.kind not in _LISTENING and not node.gateway


def first_activities(scope: Scope) -> list[Node]:
    """The activities that no flow leads to: they can be started at any time, and more than once."""
    return [node for node in scope.plan.nodes.values() if starts_free(node)]


def starts_free(node: Node) -> bool:
    return bool(node.activity and not node.incoming and not node.handler and not node.for_compensation)


def waiting_at(scope: Scope, node: Node) -> list[Token]:
    """The tokens that have waited longest for this activity to be chosen: as many as it needs, or none."""
    found = [token for token in scope.tokens.values() if token.node is node and _ready_to_be_chosen(token)]
    return found[: node.start_quantity] if len(found) >= node.start_quantity else []


def _ready_to_be_chosen(token: Token) -> bool:
    return waits(token) and not (token.occurrence or token.held or token.parked)


def enabled(scope: Scope) -> Iterator[Enabled]:
    """What could be started if nothing stood in the way, in the order of the diagram."""
    for node in scope.plan.nodes.values():
        tokens = waiting_at(scope, node)
        if tokens or starts_free(node):
            yield Enabled(node, tokens)
