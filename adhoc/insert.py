"""INSERT: work beside the diagram, which may hold the flow until it is done.

A gate delays and nothing else: the same token goes on afterwards, so the case stays on the ways of its diagram
(docs/ad-hoc.md). The diagram is never changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import datetime
from typing import Any, Literal

from caseloom.adhoc import rights, targets
from caseloom.engine import times
from caseloom.engine.errors import Conflict, Invalid, NotFound
from caseloom.engine.facts import Kind
from caseloom.engine.flow import beside
from caseloom.engine.flow.model import Node
from caseloom.engine.flow.tokens import Insertion, Occurrence, Scope, Token
from caseloom.engine.live import LiveCase
from caseloom.engine.results import FormField

Rule = Literal["all", "any", "in-turn"] | int
_ANCHORS = ("before", "after", "beside", "flow", "scope")
_FIELD = ("id", "label", "type", "default", "options", "required", "readonly")
MAX_WORKS = 200


@dataclass(frozen=True, slots=True)
class Insert:
    """A handler adds a task that the diagram does not have.

    One anchor at most: `before`, `after` or `beside` a task, occurrence or element, on a `flow`, or in a `scope`; none
    means the case as a whole. `blocking` work holds what comes behind its anchor (or the end of its scope). `due` is a
    date, a date and time, or a duration such as `P3D`, counted from when the task opens. `form` is the key of a
    deployed form, a form-js schema, or a list of fields (ids, or mappings with id, label, type, default, options,
    required, readonly). `repeat="every"` asks for the task at every arrival.
    """

    name: str
    _: KW_ONLY
    before: str | None = None
    after: str | None = None
    beside: str | None = None
    flow: str | None = None
    scope: str | None = None
    blocking: bool = True
    assignee: str | None = None
    groups: Sequence[str] = ()
    due: datetime | str | None = None
    form: Any = None
    goal: str | None = None
    data: Mapping[str, Any] | None = None
    reason: str | None = None
    repeat: Literal["once", "every"] = "once"
    item: Any = None
    rule: Rule = "all"
    tasks: Sequence[Insert] = ()

    @classmethod
    def many(
        cls, tasks: Sequence[Insert], *, rule: Rule = "all", reason: str | None = None, **anchor: Any
    ) -> Insert:
        """Several tasks at one place: `all` or `any` of them, one after the other (`in-turn`), or a number of them."""
        if not tasks:
            raise Invalid("Name at least one task to insert.")
        if len(tasks) > MAX_WORKS:
            raise Invalid(
                f"{len(tasks)} tasks are too many for one place; at most {MAX_WORKS} go there at once."
            )
        if any(getattr(task, name) for task in tasks for name in _ANCHORS):
            raise Invalid("The place is given once for all the tasks, not on each.")
        first = reason or next((task.reason for task in tasks if task.reason), None)
        return cls(
            ", ".join(task.name for task in tasks), tasks=tuple(tasks), rule=rule, reason=first, **anchor
        )

    def decide(self, case: LiveCase) -> None:
        case.running()
        case.change = True
        place = _place(case, self)
        works = [_work(case, task) for task in self.tasks or (self,)]
        fact = case.run.note(
            Kind.INSERT,
            place.element or "",
            causes=(),
            outcome={
                "kind": place.kind,
                "element": place.element,
                "scope": place.path,
                "blocking": bool(self.blocking),
                "every": _every(self.repeat),
                "need": _need(self.rule, len(works)),
                "in_turn": self.rule == "in-turn",
                "works": works,
            },
        )
        _open_now(case, place, case.instance.insertions[fact.id])


@dataclass(frozen=True, slots=True)
class _Place:
    """Where work goes: `kind` and `element` for arrivals to come, the rest for what is there already."""

    kind: str
    element: str | None
    path: str | None
    host: Occurrence | None = None
    tokens: Sequence[Token] = ()
    scope: Scope | None = None


def _place(case: LiveCase, wish: Insert) -> _Place:
    given = [name for name in _ANCHORS if getattr(wish, name) is not None]
    if len(given) > 1:
        raise Invalid(f"A task is inserted at one place; {' and '.join(given)} were given.")
    if not given:
        rights.check(case, "insert", None)
        return _Place("scope", None, "", scope=case.instance.root)
    kind = given[0]
    if kind == "flow":
        return _on_flow(case, wish.flow or "")
    if kind == "scope":
        return _in_scope(case, wish.scope or "", wish.item)
    return _at(case, kind, getattr(wish, kind), wish.item)


def _at(case: LiveCase, kind: str, target: str, item: Any) -> _Place:
    host = _host(case, kind, target, item)
    if host is not None and not isinstance(host, Token):
        raise Invalid(
            f"“{host.name}” was inserted itself; put the new task beside what it holds, or at the case."
        )
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
    return _Place(kind, node.name, path if tokens == [] else tokens[0].scope.path, host, tokens)


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
    from caseloom.engine.ids import started

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


def _on_flow(case: LiveCase, flow_id: str) -> _Place:
    models = {scope.model.definition_id: scope.model for scope in case.instance.scopes.values()}
    for model in models.values():
        if (found := model.flow(flow_id)) is not None:
            _, source, _ = found
            rights.check(case, "insert", source)
            tokens = [token for token in _unstarted(case) if token.id[1] == flow_id]
            return _Place("flow", flow_id, None, tokens=tokens)
    raise NotFound(f"There is no flow “{flow_id}” in the diagram of this case.")


def _in_scope(case: LiveCase, target: str, item: Any) -> _Place:
    host = targets.waiting(case, target, item)
    scope = case.instance.scopes.get(host.occurrence or "") if host is not None else None
    if host is None or scope is None:
        raise Invalid(f"“{target}” is not a sub-process or called process that is under way.")
    rights.check(case, "insert", getattr(host, "node", None), host)
    return _Place("scope", None, scope.path, scope=scope)


def _open_now(case: LiveCase, place: _Place, insertion: Insertion) -> None:
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


def _every(repeat: str) -> bool:
    if repeat not in ("once", "every"):
        raise Invalid(f"“{repeat}”: a task is repeated once or every time.")
    return repeat == "every"


def _need(rule: Rule, count: int) -> int:
    if rule in ("all", "in-turn"):
        return count
    if rule == "any":
        return 1
    if isinstance(rule, int) and not isinstance(rule, bool) and 1 <= rule <= count:
        return rule
    raise Invalid(f"“{rule}”: of {count} tasks, all, any, in-turn, or a number of them can be asked for.")


def _work(case: LiveCase, task: Insert) -> dict[str, Any]:
    if not isinstance(task.name, str) or not task.name.strip():
        raise Invalid("An inserted task needs a name.")
    if task.tasks:
        raise Invalid("Several tasks are inserted at one level only.")
    due = task.due
    if due is not None:
        times.instant(due, case.at, element=task.name)
    groups = [task.groups] if isinstance(task.groups, str) else list(task.groups)
    work = {
        "name": task.name.strip(),
        "assignee": task.assignee,
        "groups": groups or None,
        "due": due,
        "form": _form(task),
        "goal": task.goal,
        "data": dict(task.data) if task.data else None,
    }
    return dict(case.writes({name: value for name, value in work.items() if value is not None}, "The task"))


def _form(task: Insert) -> Any:
    """A form in plain words: the key of a deployed one, a form-js schema, or a list of fields. Raises Invalid."""
    form = task.form
    if form is None or isinstance(form, str):
        return form
    if isinstance(form, Mapping):
        if not isinstance(form.get("components"), list):
            raise Invalid(f"The form of “{task.name}” is no form-js schema: it has no list of components.")
        return form
    if not isinstance(form, Sequence):
        raise Invalid(f"The form of “{task.name}” is a key, a form-js schema or a list of fields.")
    return [_field(task, given) for given in form]


def _field(task: Insert, given: Any) -> dict[str, Any]:
    """One field: its id alone, or a mapping with id, label, type, default, options, required and readonly."""
    if isinstance(given, FormField):
        given = {name: getattr(given, name) for name in _FIELD}
    if isinstance(given, str):
        given = {"id": given}
    if not isinstance(given, Mapping) or not isinstance(given.get("id"), str) or not given["id"]:
        raise Invalid(f"Each field of the form of “{task.name}” needs an id.")
    if unknown := sorted(set(given) - set(_FIELD)):
        raise Invalid(f"“{unknown[0]}” is nothing that a field can have; use {', '.join(_FIELD)}.")
    options = given.get("options") or ()
    pairs = [list(option) if isinstance(option, list | tuple) else [option, option] for option in options]
    if any(len(pair) != 2 for pair in pairs):
        raise Invalid(f"The options of “{given['id']}” are texts, or pairs of a value and its text.")
    return {**given, "options": pairs}


__all__ = ["Insert"]
