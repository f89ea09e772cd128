"""A copy of a step as inserted work: its name, form and people, worked out as if the step began now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from caseloom.adhoc import places
from caseloom.adhoc.insert import put
from caseloom.adhoc.region import leads_to
from caseloom.engine.errors import Conflict, Invalid
from caseloom.engine.flow import starting
from caseloom.engine.flow.model import Node
from caseloom.engine.flow.tokens import Insertion, Scope, Token
from caseloom.engine.live import LiveCase
from caseloom.engine.results import Form, FormField

_SHOWN = ("id", "label", "type", "default", "options", "required", "readonly")


def work(case: LiveCase, node: Node) -> dict[str, Any]:
    """What a copy of the step consists of. Raises Invalid where it is not one person's work."""
    if not node.inbox or node.repeats:
        what = "is done once for each item" if node.repeats else "is not a person's task"
        raise Invalid(f"“{node.label}” {what}, so there can be no copy of it; insert a task in its place.")
    scope = scope_of(case, node)
    token = Token((0, "copy"), node, scope)
    own = starting.own_variables(case.run, token)
    view = token.vars.below(own) if own else token.vars
    shown = {name: case.run.value(default, token, view) for name, default in node.form_defaults.items()}
    found = {
        "name": node.label,
        **starting.assignment(case.run, token, view),
        "form": _form(node.form, shown),
        "goal": node.goal,
    }
    return {name: value for name, value in found.items() if value is not None}


@dataclass(frozen=True, slots=True)
class At:
    """A place for a copy, as `Insert` says it."""

    before: str | None = None
    after: str | None = None
    beside: str | None = None
    flow: str | None = None
    scope: str | None = None
    item: Any = None


def insert(case: LiveCase, node: Node, at: At) -> Insertion:
    """Puts a copy of the step at a place, where it holds what comes behind."""
    return put(case, places.find(case, at), [work(case, node)], "all")


def _form(form: Form | None, defaults: dict[str, Any]) -> Any:
    if form is None:
        return None
    return form.key if form.kind == "key" else [_field(field, defaults) for field in form.fields]


def _field(field: FormField, defaults: dict[str, Any]) -> dict[str, Any]:
    shown = {name: getattr(field, name) for name in _SHOWN}
    return {
        **shown,
        "default": defaults.get(field.id, field.default),
        "options": [list(one) for one in field.options],
    }


def scope_of(case: LiveCase, node: Node) -> Scope:
    """The live scope that the step belongs to, or the case while it has none yet. Raises Invalid for several."""
    found = [scope for scope in case.instance.scopes.values() if scope.plan is node.plan and not scope.body]
    if len(found) > 1:
        raise Invalid(
            f"“{node.label}” is part of {len(found)} sub-processes that are under way; work in one of them."
        )
    return found[0] if found else case.instance.root


def ahead(case: LiveCase, node: Node) -> bool:
    """Can a live token still come to the step?"""
    ways = leads_to(node)
    for scope in case.instance.scopes.values():
        if scope.body:
            continue
        if scope.plan is node.plan and any(_comes(token, node, ways) for token in scope.tokens.values()):
            return True
    around = [
        one
        for plan in case.instance.model.plans.values()
        for one in plan.nodes.values()
        if one.sub == node.plan.name
    ]
    return any(ahead(case, one) for one in around)


def _comes(token: Token, node: Node, ways: Any) -> bool:
    if token.node is node:
        return not token.occurrence
    edges = [flow.target for event in token.node.boundary for flow in event.flows] if token.occurrence else []
    return token.node.name in ways or any(name in ways for name in edges)


def guard_ahead(case: LiveCase, node: Node) -> None:
    """Raises Conflict where the step is open already, or does not come any more."""
    if any(isinstance(one, Token) and one.node is node for one in case.instance.open.values()):
        raise Conflict(f"“{node.label}” is open already.")
    if not ahead(case, node):
        raise Conflict(f"“{node.label}” does not lie ahead of anything that waits.")


__all__ = ["At", "ahead", "guard_ahead", "insert", "scope_of", "work"]
