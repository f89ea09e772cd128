"""Ad-hoc sub-processes for people: which are open, what may be started in them now, and the commands to do so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any

from caseloom.engine import rights
from caseloom.engine.errors import CaseloomError, Conflict, ExpressionError, Invalid, NotFound
from caseloom.engine.flow import selection
from caseloom.engine.flow.enabled import enabled, running, starts_free, waiting_at
from caseloom.engine.flow.model import Node
from caseloom.engine.flow.tokens import Scope, Token
from caseloom.engine.live import LiveCase
from caseloom.engine.results import AdHocSubProcess, Startable, Status

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StartActivity:
    """Starts an activity of an open ad-hoc sub-process; `data` goes into the case file first.

    `scope` is the id of the sub-process's occurrence, needed where several are open that have the activity.
    """

    element_id: str
    _: KW_ONLY
    scope: str | None = None
    data: Data = field(default_factory=dict)

    def decide(self, case: LiveCase) -> None:
        case.running()
        scope, node = _place(case, self.element_id, self.scope)
        rights.check_work(case, _host(scope))
        _check(scope, node)
        selection.select(case.run, scope, node, case.writes(self.data), _told(case))


@dataclass(frozen=True, slots=True)
class CompleteSubProcess:
    """A person says that an ad-hoc sub-process is done; `target` is the id of its occurrence or element.

    What still runs in it is withdrawn, or done first where the diagram says so (`cancelRemainingInstances="false"`).
    """

    target: str
    _: KW_ONLY
    data: Data = field(default_factory=dict)
    reason: str | None = None

    def decide(self, case: LiveCase) -> None:
        case.running()
        scope = _open(case, self.target)
        rights.check_work(case, _host(scope))
        complete(case, scope, self.data)


def complete(case: LiveCase, scope: Scope, data: Data) -> None:
    """Ends an ad-hoc sub-process for a person who may. Raises Conflict where it is not for people to say."""
    _check_open(scope)
    writes = case.writes(data)
    _check_complete(case, scope, dict(writes))
    selection.close(case.run, scope, _told(case), writes)


def startable(case: LiveCase) -> list[AdHocSubProcess]:
    """The open ad-hoc sub-processes, oldest first, with what this person may start in them now."""
    if case.instance.status is not Status.RUNNING:
        return []
    return [_told_of(case, scope) for scope in _scopes(case)]


def _told_of(case: LiveCase, scope: Scope) -> AdHocSubProcess:
    host = _host(scope)
    may = rights.may_work(case, host)
    activities = [
        Startable(node.name, node.label, bool(tokens))
        for node, tokens in enabled(scope)
        if may and _accepted(scope, node)
    ]
    rules = scope.ad_hoc
    assert rules is not None
    return AdHocSubProcess(
        case.id_of(host),
        host.node.name,
        host.name,
        host.item,
        activities,
        completable=may and _completable(case, scope),
        allowed=may,
        closing=scope.closing,
        sequential=rules.sequential,
        ends_by_itself=rules.until is not None or rules.ends_by_itself,
        cancels_remaining=rules.cancels,
    )


def _scopes(case: LiveCase) -> Iterator[Scope]:
    found = [scope for scope in case.instance.scopes.values() if scope.ad_hoc is not None]
    return iter(sorted(found, key=lambda scope: _host(scope).started))


def _host(scope: Scope) -> Token:
    assert isinstance(scope.host, Token)
    return scope.host


def _told(case: LiveCase) -> dict[str, Any]:
    return {"by": case.by} if case.by else {}


# -- what is meant ---------------------------------------------------------------------------------


def _place(case: LiveCase, element_id: str, target: str | None) -> tuple[Scope, Node]:
    """Raises NotFound, Conflict, or Invalid where several are meant."""
    if not isinstance(element_id, str) or (known := case.node(element_id)) is None:
        raise NotFound(f"There is no element “{element_id}” in the diagram of this case.")
    scopes = [_open(case, target)] if target is not None else list(_scopes(case))
    found = [scope for scope in scopes if element_id in scope.plan.nodes]
    if not found and known.plan.ad_hoc is None:
        raise Invalid(f"“{known.label}” is not in an ad-hoc sub-process: the flow of the diagram starts it.")
    if not found:
        raise Conflict(
            f"“{known.label}” cannot be started now: the ad-hoc sub-process around it is not open."
        )
    scope = _one(case, element_id, found)
    return scope, scope.plan.nodes[element_id]


def _open(case: LiveCase, target: str) -> Scope:
    """The open ad-hoc sub-process with this occurrence or element id."""
    if not isinstance(target, str):
        raise Invalid("An ad-hoc sub-process is named by the id of its occurrence or element.")
    found = [scope for scope in _scopes(case) if target in (case.id_of(_host(scope)), _host(scope).node.name)]
    if found:
        return _one(case, target, found)
    node = case.node(target)
    if node is None:
        raise Invalid(f"“{case.occurrence(target).name}” is not an ad-hoc sub-process.")
    if node.kind != "adHocSubProcess":
        raise Invalid(f"“{node.label}” is not an ad-hoc sub-process.")
    raise Conflict(f"“{node.label}” is not open now.")


def _one(case: LiveCase, target: str, found: Sequence[Scope]) -> Scope:
    if len(found) == 1:
        return found[0]
    listed = ", ".join(f"{case.id_of(_host(scope))} ({_item(_host(scope))})" for scope in found)
    raise Invalid(f"“{target}” is open {len(found)} times; name the sub-process: one of {listed}.")


def _item(host: Token) -> str:
    return "no item" if host.item is None else f"item {host.item}"


# -- what stands in the way ------------------------------------------------------------------------


def _check_open(scope: Scope) -> None:
    host = _host(scope)
    if host.held:
        raise Conflict(f"“{host.name}” is held: work that was put before it is still open.")
    if scope.closing:
        raise Conflict(f"“{host.name}” takes nothing new on: it ends when its open work is done.")


def _check(scope: Scope, node: Node) -> None:
    """May the activity be started in this scope? Raises Conflict or Invalid."""
    host, rules = _host(scope), scope.ad_hoc
    assert rules is not None
    _check_open(scope)
    if not node.activity or node.handler or node.for_compensation:
        raise Invalid(f"“{node.label}” is not an activity that a person starts.")
    if not waiting_at(scope, node) and not starts_free(node):
        raise Conflict(
            f"“{node.label}” cannot be started now: it comes after other activities of “{host.name}”."
        )
    if rules.sequential and (others := running(scope)):
        raise Conflict(
            f"“{others[0].name}” is still under way, and in “{host.name}” one activity is done after the other."
        )


def _accepted(scope: Scope, node: Node) -> bool:
    try:
        _check(scope, node)
    except CaseloomError:
        return False
    return True


def _check_complete(case: LiveCase, scope: Scope, data: Data) -> None:
    """A condition decides where the diagram has one, unless it holds already. Raises Conflict."""
    host, rules = _host(scope), scope.ad_hoc
    assert rules is not None
    if rules.until is None:
        return
    try:
        holds = selection.holds(case.run, scope, data)
    except ExpressionError as wrong:
        raise Conflict(f"“{host.name}” ends by its condition, which cannot be worked out: {wrong}") from wrong
    if not holds:
        raise Conflict(
            f"“{host.name}” ends when “{rules.until.text}” holds, which it does not yet; skip it to go on without."
        )


def _completable(case: LiveCase, scope: Scope) -> bool:
    try:
        _check_open(scope)
        _check_complete(case, scope, {})
    except CaseloomError:
        return False
    return True
