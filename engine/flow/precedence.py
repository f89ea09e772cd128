"""A step that waits for another one: held when it comes, released when the other is done or can no longer come."""

from __future__ import annotations

from collections.abc import Iterable
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
    for address in sorted(wait.hosts):
        host, own = run.instance.open.get(address), run.instance.scopes.get(address)
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
    free = _Spread(scope, frozenset(), None)
    while True:
        spread = _Spread(scope, frozenset(wait.then for wait in left), free.flows)
        still = [wait for wait in left if wait.first not in spread.found]
        if len(still) == len(left):
            return spread.found
        left = still


class _Spread:
    """What live tokens can come to and pass, past nothing that is blocked: the elements, and the flows behind them.

    Nothing is hoped for from an event on the edge of what is blocked: it may never come. `possible` are the flows that
    can get a token if nothing is blocked: an inclusive join waits for those.
    """

    def __init__(self, scope: Scope, blocked: frozenset[str], possible: set[str] | None) -> None:
        self._nodes = scope.plan.nodes
        self._blocked = blocked
        self._possible = possible
        self.found: set[str] = set()
        self.flows = {str(token.id[1]) for token in scope.tokens.values() if not token.occurrence}
        for token in scope.tokens.values():
            if token.occurrence or not token.node.joins or self._enters(token.node):
                self._spread(token.node)

    def _spread(self, start: Node) -> None:
        waiting = [start]
        while waiting:
            node = waiting.pop()
            if node.name in self.found or node.name in self._blocked:
                continue
            self.found.add(node.name)
            self.flows.update(flow.id for flow in node.flows)
            after = [self._nodes[flow.target] for flow in node.flows]
            waiting += [*node.boundary, *(one for one in after if self._enters(one))]

    def _enters(self, node: Node) -> bool:
        if not node.joins or node.activity:
            return True
        needed = set(node.incoming)
        if (node.inclusive or node.complex) and self._possible is not None:
            needed &= self._possible
        elif node.inclusive or node.complex:
            return True
        return needed <= self.flows
