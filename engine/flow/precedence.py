"""A step that waits for another one: held when it comes, released when the other is done or can no longer come."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from caseloom.engine.facts import Fact, Kind
from caseloom.engine.flow import ending
from caseloom.engine.flow.model import Node
from caseloom.engine.flow.tokens import Occurrence, Scope, Token, Wait

if TYPE_CHECKING:
    from caseloom.engine.flow.run import Run


def held(run: Run, token: Token) -> bool:
    """Does a token that has arrived have to wait for another step? Then it is held."""
    for wait in run.instance.waits.values():
        if wait.then == token.node.name and wait.scope == token.scope.path and wait.met is None:
            hold(run, wait, token)
            return True
    return False


def hold(run: Run, wait: Wait, subject: Occurrence) -> None:
    """Holds a token that has arrived, or an occurrence that has begun already."""
    address = subject.occurrence or ""
    tokens = [] if address or not isinstance(subject, Token) else [list(subject.id)]
    run.note(
        Kind.HOLD, wait.then, wait.scope, address, causes=(*subject.causes, wait.id),
        outcome={"wait": wait.id, "tokens": tokens},
    )  # fmt: skip


def release(run: Run, wait: Wait) -> Fact:
    causes = (wait.id,) if wait.met is None else (wait.id, wait.met)
    fact = run.note(Kind.RELEASE, wait.then, wait.scope, causes=causes, outcome={"wait": wait.id})
    host, own = run.instance.open.get(wait.host or ""), run.instance.scopes.get(wait.host or "-")
    if own is not None and isinstance(host, Token):
        ending.go_on(run, own, host)  # it may have come to its end meanwhile
    return fact


def settle(run: Run) -> bool:
    """Lets one step go on whose other is done, or can no longer come. Asked only when nothing else can move."""
    for wait in list(run.instance.waits.values()):
        if wait.holds and (
            wait.met is not None or not comes(run.instance.scopes[wait.scope], of(run, wait.scope), wait)
        ):
            release(run, wait)
            return True
    return False


def of(run: Run, scope: str) -> list[Wait]:
    return [wait for wait in run.instance.waits.values() if wait.scope == scope and wait.met is None]


def comes(scope: Scope, waits: Iterable[Wait], wait: Wait) -> bool:
    """Can the step that is waited for still be done, as things stand?"""
    return wait.first in doable(scope, waits)


def doable(scope: Scope, waits: Iterable[Wait]) -> set[str]:
    """The elements that can still be done while these waits hold; those that will be met are let go one by one."""
    left = list(waits)
    everything = _marked(scope, (), frozenset(scope.plan.nodes))
    while True:
        found = _marked(scope, {wait.then for wait in left}, everything)
        still = [wait for wait in left if wait.first not in found]
        if len(still) == len(left):
            return found
        left = still


def _marked(scope: Scope, blocked: Collection[str], possible: Collection[str]) -> set[str]:
    """The elements that live tokens can come to and pass, past none that is blocked.

    `possible` are those that can be passed if nothing is blocked: an inclusive join waits for what can come to it.
    """
    nodes = scope.plan.nodes
    given = {str(token.id[1]) for token in scope.tokens.values() if not token.occurrence}
    found = {
        token.node.name
        for token in scope.tokens.values()
        if (token.occurrence or not token.node.joins) and token.node.name not in blocked
    }
    edges = {
        event.name for token in scope.tokens.values() if token.occurrence for event in token.node.boundary
    }
    found |= edges
    grown = True
    while grown:
        more = {
            node.name
            for node in nodes.values()
            if node.name not in found
            and node.name not in blocked
            and _enters(nodes, node, found, given, possible)
        }
        more |= {event.name for name in more for event in nodes[name].boundary}
        found |= more
        grown = bool(more)
    return found


def _enters(
    nodes: dict[str, Node], node: Node, found: set[str], given: set[str], possible: Collection[str]
) -> bool:
    def arrives(flow: str, among: Collection[str]) -> bool:
        return flow in given or any(flow == one.id for name in among for one in nodes[name].flows)

    comes = [flow for flow in node.incoming if arrives(flow, found)]
    if not comes:
        return False
    if not node.joins or node.activity:
        return True
    needed = (
        [flow for flow in node.incoming if arrives(flow, possible)]
        if node.inclusive or node.complex
        else node.incoming
    )
    return len(comes) == len(needed)
