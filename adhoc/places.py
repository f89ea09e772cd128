"""Where inserted work stands: the anchors of `Insert` and `Plan`, and what waits there already."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from caseloom.adhoc import rights, targets
from caseloom.engine import works
from caseloom.engine.errors import Conflict, Invalid, NotFound
from caseloom.engine.flow import beside
from caseloom.engine.flow.model import Node
from caseloom.engine.flow.tokens import Insertion, Occurrence, Scope, Token, Work
from caseloom.engine.ids import started
from caseloom.engine.live import LiveCase

ANCHORS = ("before", "after", "beside", "flow", "scope")


class Wish(Protocol):
    """A command that says where its work goes: one of these at most."""

    @property
    def before(self) -> str | None: ...
    @property
    def after(self) -> str | None: ...
    @property
    def beside(self) -> str | None: ...
    @property
    def flow(self) -> str | None: ...
    @property
    def scope(self) -> str | None: ...
    @property
    def item(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class Place:
    """Where work goes: `kind` and `element` for arrivals to come, the rest for what is there already."""

    kind: str
    element: str | None
    path: str | None
    host: Occurrence | None = None
    tokens: Sequence[Token] = ()
    scope: Scope | None = None


def find(case: LiveCase, wish: Wish) -> Place:
    """The place that is meant, if this person may insert there. Raises Invalid, NotFound, Conflict, NotAllowed."""
    given = [name for name in ANCHORS if getattr(wish, name) is not None]
    if len(given) > 1:
        raise Invalid(f"A task is inserted at one place; {' and '.join(given)} were given.")
    if not given:
        rights.check(case, "insert", None)
        return Place("scope", None, "", scope=case.instance.root)
    kind = given[0]
    if kind == "flow":
        return _on_flow(case, wish.flow or "")
    if kind == "scope":
        return _in_scope(case, wish.scope or "", wish.item)
    return _at(case, kind, getattr(wish, kind), wish.item)


def open_now(case: LiveCase, place: Place, insertion: Insertion) -> None:
    """Work opens at once where its anchor is there already; else when a token arrives."""
    run = case.run
    if place.scope is not None:
        opened = (place.scope.host.started,) if place.scope.host else ()
        beside.open_round(run, insertion, place.scope, depends=opened)
    elif place.host is not None and place.kind in ("before", "beside"):
        beside.open_round(run, insertion, place.host.scope, host=place.host, depends=(place.host.started,))
    elif place.tokens:
        scope = place.tokens[0].scope
        here = [token for token in place.tokens if token.scope is scope]
        causes = sorted({cause for token in here for cause in token.causes})
        beside.open_round(run, insertion, scope, tokens=here, depends=causes)


def _at(case: LiveCase, kind: str, target: str, item: Any) -> Place:
    host = _host(case, kind, target, item)
    if isinstance(host, Work):
        return before_work(case, kind, host)
    node = host.node if host is not None else targets.node(case, _element_of(case, target))
    rights.check(case, "insert", node, host)
    _guard_anchor(kind, node)
    path = host.scope.path if host is not None else None
    if host is not None and host.number is not None:
        raise Invalid(
            f"“{node.label}” is done once for each item; insert before or after it as a whole, or inside an item."
        )
    tokens = _tokens_at(case, node, path) if kind == "before" and host is None else []
    if kind == "after" and host is None:
        tokens = _tokens_from(case, node)
    return Place(kind, node.name, path if tokens == [] else tokens[0].scope.path, host, tokens)


def before_work(case: LiveCase, kind: str, host: Work) -> Place:
    """Gates may stand before one another: an inserted task that is open is held like a drawn one."""
    works.check_no_answer(host)
    if kind != "before" or host.process:
        raise Invalid(
            f"“{host.name}” was inserted itself; put the new task before it, or beside what it holds."
        )
    rights.check(case, "insert", None, host)
    return Place("before", None, host.scope.path, host)


def _host(case: LiveCase, kind: str, target: str, item: Any) -> Occurrence | None:
    """The open occurrence that is meant, or None: an element to come, or for `after` one that has just ended."""
    try:
        return targets.waiting(case, target, item)
    except Conflict:
        if kind == "after" and _tokens_from_occurrence(case, target):
            return None
        raise


def _element_of(case: LiveCase, target: str) -> str:
    """The element of an occurrence that has ended but whose token has not gone on yet."""
    tokens = _tokens_from_occurrence(case, target)
    return target if not tokens else targets.Past.of(case).ran(case, target).element


def _tokens_from_occurrence(case: LiveCase, target: str) -> list[Token]:
    number = started(target, case.id)
    if number is None:
        return []
    past = targets.Past.of(case)
    began = past.fact(number)
    if began is None:
        return []
    ends = {fact.id for fact in past.effective if began.occurrence in fact.takes} | {number}
    return [token for token in _unstarted(case) if token.id[0] in ends]


def _tokens_from(case: LiveCase, node: Node) -> list[Token]:
    """Tokens that have left an element and wait where they arrived, at a join for example."""
    flows = {flow.id for flow in node.flows}
    return [token for token in _unstarted(case) if token.id[1] in flows]


def _tokens_at(case: LiveCase, node: Node, path: str | None) -> list[Token]:
    return [token for token in _unstarted(case) if token.node is node and path in (None, token.scope.path)]


def _unstarted(case: LiveCase) -> Iterable[Token]:
    return [token for token in case.instance.get_tasks() if not token.occurrence and token.number is None]


def _guard_anchor(kind: str, node: Node) -> None:
    if node.kind in ("startEvent", "boundaryEvent") and kind in ("before", "beside"):
        raise Invalid(f"Nothing can be put {kind} “{node.label}”: no token arrives there. Put it after.")
    if node.kind == "endEvent" and kind in ("after", "beside"):
        raise Invalid(f"Nothing comes {kind} “{node.label}”: the way ends there. Put it before.")
    if kind == "beside" and not node.activity:
        raise Invalid(f"“{node.label}” takes no time, so nothing can run beside it.")


def _on_flow(case: LiveCase, flow_id: str) -> Place:
    models = {scope.model.definition_id: scope.model for scope in case.instance.scopes.values()}
    for model in models.values():
        if (found := model.flow(flow_id)) is not None:
            _, source, _ = found
            rights.check(case, "insert", source)
            tokens = [token for token in _unstarted(case) if token.id[1] == flow_id]
            return Place("flow", flow_id, None, tokens=tokens)
    raise NotFound(f"There is no flow “{flow_id}” in the diagram of this case.")


def _in_scope(case: LiveCase, target: str, item: Any) -> Place:
    host = targets.waiting(case, target, item)
    scope = case.instance.scopes.get(host.occurrence or "") if host is not None else None
    if host is None or scope is None:
        raise Invalid(f"“{target}” is not a sub-process or called process that is under way.")
    rights.check(case, "insert", getattr(host, "node", None), host)
    return Place("scope", None, scope.path, scope=scope)
