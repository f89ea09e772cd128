"""Which of the single gestures would be accepted now: jumps, early starts, repetitions, items, waits, other ways."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from caseloom.adhoc import copies, items, jump, moving, rights, sooner, waits
from caseloom.adhoc.targets import Past
from caseloom.engine.errors import CaseloomError
from caseloom.engine.facts import Kind
from caseloom.engine.flow.items import host_of
from caseloom.engine.flow.model import Node
from caseloom.engine.flow.tokens import Token
from caseloom.engine.live import LiveCase


def accepted(check: Callable[..., object], *arguments: object) -> bool:
    try:
        check(*arguments)
    except CaseloomError:
        return False
    return True


def jumps(case: LiveCase, ahead: Iterable[Node]) -> Iterator[Node]:
    """The activities and joins ahead that can be jumped to."""
    for node in ahead:
        if (node.activity or node.joins) and accepted(_jump, case, node):
            yield node


def _jump(case: LiveCase, node: Node) -> None:
    jump.check(case, jump.plan(case, node.name))


def starts(case: LiveCase, ahead: Iterable[Node]) -> Iterator[Node]:
    for node in ahead:
        if node.inbox and not node.repeats and accepted(_start, case, node):
            yield node


def _start(case: LiveCase, node: Node) -> None:
    sooner.check(case, node)
    copies.scope_of(case, node)


def moves(case: LiveCase, ahead: Iterable[Node]) -> Iterator[Node]:
    """The persons' tasks, open or ahead, that can be moved somewhere else."""
    opened = [token.node for token in sooner.open_steps(case)]
    for node in dict.fromkeys([*opened, *ahead]):
        if node.inbox and not node.repeats and accepted(moving.check, case, node):
            yield node


def repeats(case: LiveCase, past: Past) -> Iterator[Node]:
    """The persons' tasks that are open or have been done, where it is clear what they would come after."""
    ran = dict.fromkeys(fact.element for fact in past.effective if fact.kind == Kind.START and fact.element)
    for element in ran:
        node = case.node(element)
        if node is not None and node.inbox and not node.repeats and accepted(sooner.check_repeat, case, node):
            yield node


def bodies(case: LiveCase) -> Iterator[Token]:
    for body in items.open_bodies(case):
        if any(accepted(items.check, case, body, operation) for operation in ("insert", "skip")):
            yield host_of(body)


def passed(case: LiveCase, past: Past, choosing: frozenset[str]) -> Iterator[Node]:
    """The gateways that were passed and may be decided otherwise."""
    ran = dict.fromkeys(
        fact.element for fact in past.effective if fact.kind in (Kind.PASS, Kind.START) and fact.element
    )
    for element in ran:
        node = case.node(element)
        if (
            node is not None
            and node.kind in choosing
            and len(node.flows) > 1
            and rights.may(case, "skip", node)
        ):
            yield node


def pairs(case: LiveCase) -> Iterator[tuple[Node, Node]]:
    """Two open steps of which the second may wait for the first."""
    opened = sooner.open_steps(case)
    for first in opened:
        for then in opened:
            if (
                first is not then
                and first.scope is then.scope
                and accepted(waits.check, case, first.node, then.node)
            ):
                yield first.node, then.node
