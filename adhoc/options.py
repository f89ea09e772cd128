"""What a person may do to a case now, outside its diagram."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from caseloom.adhoc import (
    decision,
    falling,
    gestures,
    orders,
    places,
    reopen,
    revisit,
    rights,
    skip,
    targets,
    undo,
)
from caseloom.adhoc.cover import Cover
from caseloom.adhoc.targets import Past
from caseloom.engine.errors import CaseloomError
from caseloom.engine.facts import Fact, Kind
from caseloom.engine.flow.enabled import enabled
from caseloom.engine.flow.model import Flow, Node
from caseloom.engine.flow.tokens import Scope, Token, Work
from caseloom.engine.ids import occurrence_id, order_id
from caseloom.engine.live import LiveCase
from caseloom.engine.results import Status

if TYPE_CHECKING:
    from caseloom.engine import Engine


@dataclass(frozen=True, slots=True)
class Target:
    """Something to skip, revisit or decide; `id` is what the command takes."""

    id: str
    element_id: str | None
    name: str
    occurrence_id: str | None
    item: Any


@dataclass(frozen=True, slots=True)
class Anchor:
    """A place for an inserted task; `kind` is the keyword of `Insert`: before, after, beside, flow, scope or case.

    `id` is what `Insert` takes, `element_id` where it stands on the drawing.
    """

    kind: str
    id: str | None
    name: str
    element_id: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """An ad-hoc change that can still be undone; `id` is what `Undo` takes."""

    id: str
    command: str
    by: str | None
    at: datetime
    reason: str | None


@dataclass(frozen=True, slots=True)
class Pair:
    """Two steps, by their element ids: `then` does not begin before `first` is done."""

    first: str
    then: str


@dataclass(frozen=True, slots=True)
class Request:
    """What this person may not do alone, but ask others to agree to; `command` is Skip or Revisit, `id` its target."""

    command: str
    id: str
    element_id: str | None
    name: str
    occurrence_id: str | None
    item: Any


@dataclass(frozen=True, slots=True)
class Options:
    """Only what would be accepted now is listed; `undo` is newest first, `orders` is what `RemoveDirective` takes.

    `decided` are the gateways that were passed, `jump` what `JumpTo` takes, `start_now`, `repeat` and `move` what those
    commands take, `items` the multi-instance activities under way; `wait` are open steps of which one may wait for the
    other, `release` those that do. `reopen` says whether `Reopen` would be accepted. `request` is what would be
    accepted if others agreed (`RequestApproval`).
    """

    skip: Sequence[Target] = ()
    revisit: Sequence[Target] = ()
    insert: Sequence[Anchor] = ()
    decide: Sequence[Target] = ()
    undo: Sequence[Change] = ()
    orders: Sequence[Target] = ()
    decided: Sequence[Target] = ()
    jump: Sequence[Target] = ()
    start_now: Sequence[Target] = ()
    repeat: Sequence[Target] = ()
    move: Sequence[Target] = ()
    items: Sequence[Target] = ()
    wait: Sequence[Pair] = ()
    release: Sequence[Pair] = ()
    reopen: bool = False
    request: Sequence[Request] = ()


def options(engine: Engine, case_id: str, *, by: str | None = None) -> Options:
    """What this person may do to the case now, outside its diagram. NotFound, or NotAllowed for an unknown person."""
    case = engine.look(case_id, by=by)
    status = case.instance.status
    if status is Status.SUSPENDED:
        return Options()
    case.reason = case.reason or "asking what is possible"  # where a reason is needed, one will be given
    past = Past.of(case)
    revisits, changes = list(_revisits(case, past, _accepted)), list(_changes(case, past))
    decided = [_whole(node) for node in gestures.passed(case, past, decision.PASSED)]
    if status is not Status.RUNNING:
        reopened = _accepted(reopen.check, case, past)
        return Options(revisit=revisits, undo=changes, decided=decided, reopen=reopened)
    ahead = _ahead(case)
    return Options(
        list(_skips(case, _accepted)), revisits, list(_anchors(case)), list(_decisions(case)), changes,
        orders=list(_orders(case)), decided=decided,
        jump=[_whole(node) for node in gestures.jumps(case, ahead)],
        start_now=[_whole(node) for node in gestures.starts(case, ahead)],
        repeat=[_whole(node) for node in gestures.repeats(case, past)],
        move=[_whole(node) for node in gestures.moves(case, ahead)],
        items=[_open(case, token) for token in gestures.bodies(case)],
        wait=[Pair(first.name, then.name) for first, then in gestures.pairs(case)],
        request=list(_requests(case, past)),
        release=[Pair(one.first, one.then) for one in case.instance.waits.values()],
    )  # fmt: skip


def _whole(node: Node) -> Target:
    return Target(node.name, node.name, node.label, None, None)


def _open(case: LiveCase, token: Token) -> Target:
    own = case.id_of(token)
    return Target(own, token.node.name, token.name, own, token.item)


Accepted = Callable[..., bool]


def _accepted(check: Callable[..., object], *arguments: object) -> bool:
    try:
        check(*arguments)
    except CaseloomError:
        return False
    return True


def _requests(case: LiveCase, past: Past) -> Iterator[Request]:
    """What would be accepted if others agreed."""
    if not case.enforced:
        return

    def asked(check: Callable[..., object], *arguments: object) -> bool:
        wants: list[Any] = []
        case.wants = wants
        fits = _accepted(check, *arguments)
        case.wants = None
        return fits and bool(wants)

    found = [("Skip", target) for target in _skips(case, asked)]
    found += [("Revisit", target) for target in _revisits(case, past, asked)]
    for command, one in found:
        yield Request(command, one.id, one.element_id, one.name, one.occurrence_id, one.item)


def _skips(case: LiveCase, accepted: Accepted) -> Iterator[Target]:
    """What waits now, then the elements that are still to come (skipped with `when="next"`)."""
    for one in case.instance.open.values():
        if accepted(skip.check_now, case, one):
            own = case.id_of(one)
            yield Target(own, one.node.name if isinstance(one, Token) else None, one.name, own, one.item)
    for node in _ahead(case):
        if accepted(skip.check_later, case, node):
            yield Target(node.name, node.name, node.label, None, None)


def _ahead(case: LiveCase) -> list[Node]:
    """The nodes that a live token can still reach, in the order of the diagram; also inside what is still to open."""
    found: dict[str, Node] = {}
    for scope in case.instance.scopes.values():
        if scope.body:
            continue
        waiting = [flow.target for token in scope.tokens.values() for flow in _ways_out(token)]
        waiting += [token.node.name for token in scope.tokens.values() if not token.occurrence]
        waiting += _to_be_chosen(scope)
        while waiting:
            node = scope.plan.nodes[waiting.pop()]
            if node.name in found:
                continue
            found[node.name] = node
            waiting.extend(flow.target for flow in node.flows)
            waiting.extend(flow.target for event in node.boundary for flow in event.flows)
            if node.sub:
                found.update((inner.name, inner) for inner in scope.model.plans[node.sub].nodes.values())
    order = {name: place for place, name in enumerate(_drawn(case))}
    return sorted(found.values(), key=lambda node: order.get(node.name, len(order)))


def _to_be_chosen(scope: Scope) -> list[str]:
    """What people may still start in an ad-hoc sub-process."""
    if scope.ad_hoc is None or scope.closing:
        return []
    return [node.name for node, _ in enabled(scope)]


def _ways_out(token: Token) -> list[Flow]:
    own = list(token.node.flows)
    return own + [flow for event in token.node.boundary for flow in event.flows]


def _drawn(case: LiveCase) -> Iterator[str]:
    for plan in case.instance.model.plans.values():
        yield from plan.nodes


def _revisits(case: LiveCase, past: Past, accepted: Accepted) -> Iterator[Target]:
    """Every completed activity that still counts, oldest first."""
    effective = past.effective
    cover = Cover.of(case, past)
    barred = [fact for fact in effective if cover.bars(fact)]
    ended = {address for fact in effective if fact.kind in (Kind.END, Kind.SKIP) for address in fact.takes}
    for fact in effective:
        node = case.node_of(fact) if fact.element else None
        done = fact.kind == Kind.PASS or fact.occurrence in ended
        if fact.kind not in (Kind.START, Kind.PASS) or not done or not _is_step(fact, node):
            continue
        if past.puts_right(fact):
            continue
        fallen = _fallen(effective, fact, barred)
        if accepted(revisit.check, case, cover, fact, fallen):
            own = occurrence_id(case.id, fact.id)
            yield Target(own, fact.element or None, case.name_of(fact), own, past.item(fact))


def _is_step(fact: Fact, node: Node | None) -> bool:
    outcome = fact.outcome or {}
    return "round" in outcome and "compensates" not in outcome if node is None else node.activity


def _fallen(effective: Sequence[Fact], target: Fact, barred: Sequence[Fact]) -> list[Fact]:
    """What stands in the way in a cone; the cone is only worked out where there is something."""
    if not any(fact.id >= target.id for fact in barred):
        return []
    _, fallen = falling.cone(effective, [target.id])
    return [fact for fact in barred if fact.id in fallen]


def _anchors(case: LiveCase) -> Iterator[Anchor]:
    """Every place where a task can be inserted now."""
    if _accepted(rights.check, case, "insert", None):
        yield Anchor("case", None, "the case as a whole")
    for one in case.instance.open.values():
        own = case.id_of(one)
        if isinstance(one, Work) and _accepted(places.before_work, case, "before", one):
            yield Anchor("before", own, one.name)
        if not isinstance(one, Token) or one.watch or not rights.may(case, "insert", one.node, one):
            continue
        if one.number is None:
            yield from (Anchor(kind, own, one.name, one.node.name) for kind in _around(one.node))
        if one.occurrence in case.instance.scopes:
            yield Anchor("scope", own, one.name, one.node.name)
    for node in _ahead(case):
        if rights.may(case, "insert", node):
            # What waits several times has to be named by its occurrences, which are listed above.
            if _accepted(targets.waiting, case, node.name):
                yield from _future_anchors(node)
            yield from _flows_from(node)


def _around(node: Node) -> list[str]:
    return ["before", "beside", "after"] if node.activity else ["before", "after"]


def _future_anchors(node: Node) -> Iterator[Anchor]:
    if node.kind not in ("startEvent", "boundaryEvent"):
        yield Anchor("before", node.name, node.label, node.name)
    if node.kind != "endEvent":
        yield Anchor("after", node.name, node.label, node.name)
    if node.activity:
        yield Anchor("beside", node.name, node.label, node.name)


def _flows_from(node: Node) -> Iterator[Anchor]:
    for flow in node.flows:
        name = flow.name or f"{node.label} → {node.plan.nodes[flow.target].label}"
        yield Anchor("flow", flow.id, name, flow.id)


def _decisions(case: LiveCase) -> Iterator[Target]:
    for node in decision.choosable(case):
        if rights.may(case, "skip", node):
            yield Target(node.name, node.name, node.label, None, None)


def _orders(case: LiveCase) -> Iterator[Target]:
    """The standing orders that `RemoveDirective` takes back."""
    for directive in case.instance.directives.values():
        if _accepted(orders.check, case, directive):
            node = case.node(directive.element)
            label = directive.element if node is None else node.label
            yield Target(order_id(case.id, directive.id), directive.element, label, None, None)


def _changes(case: LiveCase, past: Past) -> Iterator[Change]:
    for row in reversed(case.journal()):
        if row.change_id is not None and _accepted(undo.check, case, past, row):
            yield Change(row.change_id, row.command, row.by, row.at, row.reason)
