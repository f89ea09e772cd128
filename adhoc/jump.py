"""JUMP: the case goes on at a step further ahead. All that lies between is skipped, as one change.

No token is put anywhere: each step on the way is skipped, each gateway on it goes the way to the target, so the case
stands where an ordinary run could have brought it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any

from caseloom.adhoc import region, rights, targets
from caseloom.adhoc.region import Mover, Region, Step, Ways
from caseloom.adhoc.skip import Values, needs_reason
from caseloom.engine.errors import Conflict, Invalid
from caseloom.engine.facts import Fact, Kind
from caseloom.engine.flow import joins, outputs, selection
from caseloom.engine.flow.outputs import Left
from caseloom.engine.flow.tokens import Scope, Token
from caseloom.engine.live import LiveCase


@dataclass(frozen=True, slots=True)
class JumpTo:
    """A handler leaves out all that lies before an element ahead.

    It is accepted where every way from what waits leads to the target; else the decisions to make first are named.
    `branch` is a step that waits, where only its own branch is left out. `data` stands in for what the steps would have
    written; what is required and not known goes into `missing`. `item` names the sub-process, where several run.
    """

    target: str
    _: KW_ONLY
    reason: str
    branch: str | None = None
    data: Mapping[str, Any] | None = None
    missing: Sequence[str] = ()
    item: Any = None

    def decide(self, case: LiveCase) -> None:
        case.running()
        case.change = True
        needs_reason(self.reason)
        values = Values.of(case, self.data, self.missing)
        found = plan(case, self.target, branch=self.branch, item=self.item)
        check(case, found)
        values = for_region(case, values, found)
        causes = sorted({cause for token in found.tokens for cause in token.causes})
        jump = case.run.note(
            Kind.JUMP, found.target.name, found.scope.path, causes=tuple(causes), writes=values.writes,
            outcome={"region": list(dict.fromkeys(step.node.name for step in found.steps))}
            | values.unsaid,
        )  # fmt: skip
        _pass(case, found, jump)
        if found.scope.ad_hoc is not None:
            selection.look_again(case.run, found.scope)


def plan(case: LiveCase, target: str, *, branch: str | None = None, item: Any = None) -> Region:
    """The region before a target. Raises NotFound, Conflict or Invalid where it cannot be jumped to."""
    node = targets.node(case, target)
    ways = Ways.to(node)
    scope = _scope(case, ways, item)
    tokens = _coming(scope, ways)
    if branch is not None:
        only = targets.waiting(case, branch)
        tokens = [token for token in tokens if token is only or (only is None and token.node.name == branch)]
        if not tokens:
            raise Conflict(f"Nothing that waits at “{branch}” is on the way to “{node.label}”.")
    return region.planned(scope, ways, tokens)


def _coming(scope: Scope, ways: Ways) -> list[Token]:
    """The tokens that may come to the target."""
    return [
        token
        for token in scope.tokens.values()
        if token.node.name in ways.flows and token.node is not ways.target
    ]


def for_region(case: LiveCase, values: Values, found: Region) -> Values:
    """What all that is left out would have said. Raises Invalid, listing what is asked for and was not given."""
    left = Left(
        found.scope, [step.node for step in found.steps], outputs.reads_from(found.scope, found.target),
        tuple(token.occurrence for token in found.tokens if token.occurrence),
    )  # fmt: skip
    return values.for_steps(case, left, found.activities, found.scope.vars)


def _scope(case: LiveCase, ways: Ways, item: Any) -> Scope:
    """The live scope that the target belongs to, and in which something is on its way there."""
    node = ways.target
    scopes = [scope for scope in case.instance.scopes.values() if scope.plan is node.plan and not scope.body]
    if not scopes:
        raise Conflict(f"“{node.label}” lies inside something that is not under way yet; jump to that first.")
    found = [scope for scope in scopes if _coming(scope, ways)]
    if item is not None:
        found = [
            scope for scope in found if isinstance(scope.host, Token) and targets.has_item(scope.host, item)
        ]
    if not found:
        raise Conflict(f"“{node.label}” does not lie ahead of anything that waits.")
    if len(found) > 1:
        listed = ", ".join(str(scope.host.item) for scope in found if scope.host is not None)
        raise Invalid(f"“{node.label}” lies ahead {len(found)} times; say for which item= ({listed}).")
    return found[0]


def check(case: LiveCase, found: Region) -> None:
    """May this person leave all of that out? Raises NotAllowed or Conflict."""
    for step in found.steps:
        live = next((mover.live for mover in step.takes if mover.live and mover.live.occurrence), None)
        if step.node.activity or live is not None:
            rights.check(case, "skip", step.node, live)
        if live is not None:
            _guard_work_beside(case, live)


def _guard_work_beside(case: LiveCase, token: Token) -> None:
    for one in case.instance.rounds.values():
        if one.host == token.occurrence and case.instance.insertions[one.insertion].blocking:
            raise Conflict(
                f"Work that was inserted beside “{token.name}” is open; finish or skip that first."
            )


def _pass(case: LiveCase, found: Region, jump: Fact) -> None:
    given: dict[Mover, Token] = {}
    for step in found.steps:
        tokens = [mover.live or given[mover] for mover in step.takes]
        _fire(case, found.scope, step, tokens, jump)
        given.update(zip(step.gives, case.instance.given, strict=True))


def _fire(case: LiveCase, scope: Scope, step: Step, tokens: Sequence[Token], jump: Fact) -> None:
    """One element of the region: an open one is skipped, one to come is passed as skipped, a gateway just goes on."""
    run, node, first = case.run, step.node, tokens[0]
    causes = sorted({jump.id, *(cause for token in tokens for cause in token.causes)})
    if node.inclusive and node.joins:
        causes = sorted({*causes, *joins.lost_hope(scope, node, {token.id[1] for token in tokens})})
    how: dict[str, Any] = {"skipped": True, "jump": jump.id} | ({"by": case.by} if case.by else {})
    if first.occurrence:
        kind = Kind.END if node.kind == "eventBasedGateway" else Kind.SKIP
        run.note(
            kind, node.name, scope.path, first.occurrence, takes=(first.occurrence,), causes=tuple(causes),
            gives=node.gives(step.flows), outcome=how,
            closes=first.occurrence if first.occurrence in case.instance.scopes else None,
        )  # fmt: skip
        return
    address = run.instance.next_occurrence(scope, node.name)
    takes = tuple(token.id for token in tokens)
    if node.kind == "eventBasedGateway":
        start = run.note(Kind.START, node.name, scope.path, address, takes=takes, causes=tuple(causes))
        run.note(
            Kind.END, node.name, scope.path, address, takes=(address,), causes=(start.id,),
            gives=node.gives(step.flows), outcome=how,
        )  # fmt: skip
        return
    run.note(
        Kind.PASS, node.name, scope.path, address, takes=takes, causes=tuple(causes), gives=node.gives(step.flows),
        outcome={"decided": True, "jump": jump.id} if node.gateway else how,
    )  # fmt: skip


__all__ = ["JumpTo", "check", "plan"]
