"""WAIT: of two steps that run beside each other, one does not begin before the other is done."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from caseloom.adhoc import rights, targets
from caseloom.adhoc.skip import needs_reason
from caseloom.engine.errors import Conflict, Invalid, NotFound
from caseloom.engine.facts import Kind
from caseloom.engine.flow import precedence
from caseloom.engine.flow.model import Node
from caseloom.engine.flow.tokens import Scope, Token, Wait
from caseloom.engine.live import LiveCase


@dataclass(frozen=True, slots=True)
class AddWait:
    """The step `then` does not begin before the step `first` is done; one that has begun is held.

    It goes on by itself when `first` is done, or can no longer come.
    """

    first: str
    then: str
    _: KW_ONLY
    reason: str

    def decide(self, case: LiveCase) -> None:
        case.running()
        case.change = True
        needs_reason(self.reason)
        first, then = targets.node(case, self.first), targets.node(case, self.then)
        scope = check(case, first, then)
        opened = (scope.host.started,) if scope.host is not None else ()
        fact = case.run.note(Kind.WAIT, then.name, scope.path, causes=opened, outcome={"first": first.name})
        wait = case.instance.waits[fact.id]
        for token in _at(scope, then):
            precedence.hold(case.run, wait, token)


@dataclass(frozen=True, slots=True)
class ReleaseWait:
    """A step no longer waits for another one."""

    first: str
    then: str
    _: KW_ONLY
    reason: str

    def decide(self, case: LiveCase) -> None:
        case.running()
        case.change = True
        needs_reason(self.reason)
        found = [
            one for one in case.instance.waits.values() if (one.first, one.then) == (self.first, self.then)
        ]
        if not found:
            raise NotFound(f"“{self.then}” does not wait for “{self.first}” in this case.")
        rights.check(case, "insert", targets.node(case, self.then))
        for wait in found:
            precedence.release(case.run, wait)


def check(case: LiveCase, first: Node, then: Node) -> Scope:
    """The scope in which one step may wait for the other. Raises Invalid, NotAllowed or Conflict."""
    for node in (first, then):
        if not node.activity and node.kind != "intermediateCatchEvent":
            raise Invalid(f"“{node.label}” takes no time, so nothing can wait for it, nor it for anything.")
        if node.for_compensation:
            raise Invalid(
                f"“{node.label}” puts something right; what was done says in which order that comes."
            )
    if first is then:
        raise Invalid(f"“{first.label}” cannot wait for itself.")
    if first.plan is not then.plan:
        raise Invalid(
            f"“{first.label}” and “{then.label}” are parts of different processes; let the whole wait."
        )
    rights.check(case, "insert", then)
    scope = _scope(case, then)
    _guard_circle(case, scope, first, then)
    return scope


def _scope(case: LiveCase, node: Node) -> Scope:
    found = [one for one in case.instance.scopes.values() if one.plan is node.plan and not one.body]
    if not found:
        raise Conflict(f"“{node.label}” lies inside something that is not under way yet.")
    if len(found) > 1:
        raise Invalid(
            f"“{node.label}” is part of {len(found)} sub-processes that are under way; there is no one of them."
        )
    return found[0]


def _guard_circle(case: LiveCase, scope: Scope, first: Node, then: Node) -> None:
    standing = precedence.of(case.run, scope.path)
    if any((one.first, one.then) == (first.name, then.name) for one in standing):
        raise Conflict(f"“{then.label}” waits for “{first.label}” already.")
    before = precedence.doable(scope, standing)
    for node in (first, then):
        if node.name not in before:
            raise Conflict(f"“{node.label}” does not come any more, so there is nothing to wait for.")
    after = precedence.doable(scope, [*standing, Wait(0, scope.path, first.name, then.name)])
    stopped = [
        one for one in (first.name, *(one.first for one in standing)) if one in before and one not in after
    ]
    if stopped:
        raise Conflict(
            f"“{then.label}” cannot wait for “{first.label}”: “{scope.plan.nodes[stopped[0]].label}” "
            f"does not come before “{then.label}” is done, so both would wait for ever."
        )


def _at(scope: Scope, node: Node) -> list[Token]:
    return [token for token in scope.tokens.values() if token.node is node and not token.restores]


__all__ = ["AddWait", "ReleaseWait", "check"]
