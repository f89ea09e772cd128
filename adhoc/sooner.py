"""START NOW and REPEAT: a step is done ahead of its turn, or once more, as a task that copies it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

from caseloom.adhoc import copies, places, rights, targets
from caseloom.adhoc.copies import At
from caseloom.adhoc.insert import put
from caseloom.adhoc.places import Place
from caseloom.adhoc.skip import needs_reason
from caseloom.engine.errors import Conflict, Invalid
from caseloom.engine.facts import Kind
from caseloom.engine.flow import beside
from caseloom.engine.flow.model import Node
from caseloom.engine.flow.tokens import Occurrence, Token, Work
from caseloom.engine.ids import started
from caseloom.engine.live import LiveCase


@dataclass(frozen=True, slots=True)
class StartNow:
    """A step that lies ahead is done now, as a task with its form and its people.

    When the flow comes to the step, what was done counts as its result; while it is not done yet, the flow waits there.
    """

    element: str
    _: KW_ONLY
    reason: str

    def decide(self, case: LiveCase) -> None:
        case.running()
        case.change = True
        needs_reason(self.reason)
        node = targets.node(case, self.element)
        check(case, node)
        scope = copies.scope_of(case, node)
        path = scope.path if scope.plan is node.plan else None
        place = Place(beside.AHEAD, node.name, path, scope=scope)
        copy = put(case, place, [copies.work(case, node)], "all")
        limits = {} if path is None else {"scope": path}
        case.run.note(
            Kind.DIRECT, node.name, causes=(copy.id,),
            outcome={"every": False, "writes": [], "source": copy.id, **limits},
        )  # fmt: skip


def check(case: LiveCase, node: Node) -> None:
    """May this step be started now? Raises NotAllowed, Conflict or Invalid."""
    rights.check(case, "insert", node)
    copies.guard_ahead(case, node)
    for order in case.instance.directives.values():
        if order.element == node.name and order.source is not None and not order.used and not order.over:
            raise Conflict(f"“{node.label}” was started ahead of its turn already.")


@dataclass(frozen=True, slots=True)
class Repeat:
    """A step is done again here: a task that copies it comes after the step that is open now.

    `after` names that step, where more than one is open. What was done the first time still counts; to take it out,
    go back to it instead.
    """

    target: str
    _: KW_ONLY
    reason: str
    after: str | None = None

    def decide(self, case: LiveCase) -> None:
        case.running()
        case.change = True
        needs_reason(self.reason)
        node = _node(case, self.target)
        here = _here(case, node, self.after)
        put(case, _after(case, here), [copies.work(case, node)], "all")


def check_repeat(case: LiveCase, node: Node) -> None:
    """May this step be done again here? Raises NotAllowed, Conflict or Invalid."""
    _after(case, _here(case, node, None))


def _node(case: LiveCase, target: str) -> Node:
    """The step that is meant: one that is open, or one that has run."""
    if not targets.names_occurrence(case, target):
        return targets.node(case, target)
    live = case.instance.by_start.get(started(target, case.id) or 0)
    if live is not None and not isinstance(live, Token):
        raise Invalid(f"“{live.name}” was inserted itself; insert another one.")
    if isinstance(live, Token):
        return live.node
    return targets.node(case, targets.Past.of(case).ran(case, target).element)


def _here(case: LiveCase, node: Node, after: str | None) -> Occurrence:
    """What the step comes after: what is named, else the step itself where it is open, else the one that is."""
    if after is not None:
        found = targets.waiting(case, after)
        if found is None:
            raise Conflict(f"“{after}” is not open, so nothing can come after it here.")
        return found
    steps = open_steps(case)
    own = [token for token in steps if token.node is node]
    held = [] if steps else [work for work in case.instance.open.values() if _holds(case, work)]
    found_here: Sequence[Occurrence] = own or steps or held
    if len(found_here) == 1:
        return found_here[0]
    if not found_here:
        raise Conflict("No step is open, after which it could be done again.")
    listed = ", ".join(f"{case.id_of(one)} (“{one.name}”)" for one in found_here)
    raise Invalid(f"Several steps are open; say after which one: {listed}.")


def _holds(case: LiveCase, one: Occurrence) -> bool:
    """Is it inserted work that holds a token on its way?"""
    return isinstance(one, Work) and bool(case.instance.rounds[one.round].tokens)


def _after(case: LiveCase, here: Occurrence) -> Place:
    """Behind inserted work is the way that the token comes by which it holds; others that wait there come too."""
    if isinstance(here, Token):
        return places.find(case, At(after=case.id_of(here)))
    if not _holds(case, here):
        raise Invalid(f"“{here.name}” holds nothing that goes on behind it; name another step.")
    token = min(case.instance.held_by(case.instance.rounds[here.round]), key=lambda one: str(one.id))
    rights.check(case, "insert", token.node)
    way = token.id[1]
    others = [
        one
        for one in token.scope.tokens.values()
        if one.node is token.node and one.id[1] == way and not one.occurrence and here.round not in one.held
    ]
    if way in token.node.incoming:
        return Place("flow", way, token.scope.path, tokens=others)
    return Place("before", token.node.name, token.scope.path, tokens=others)


def open_steps(case: LiveCase) -> list[Token]:
    """The innermost activities that are open, each as a whole."""
    hosts = {
        scope.host.occurrence
        for scope in case.instance.scopes.values()
        if scope.host is not None and not scope.body
    }
    return [
        one
        for one in case.instance.open.values()
        if isinstance(one, Token)
        and one.node.activity
        and one.number is None
        and one.occurrence not in hosts
        and not one.watch
    ]


__all__ = ["Repeat", "StartNow", "check", "open_steps"]
