"""Listeners as a diagram attaches them: an expression, or the name of a handler, and the event that each waits for.

Camunda 7's execution and task listeners (and those of Operaton and Activiti) and Camunda 8's, whose job type is the
name of the handler. Which of them are refused is said by `caseloom.diagrams.checks.listeners`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from caseloom.engine.expressions import Expression, compile_place
from caseloom.engine.flow.vendors import ZEEBE, children, local

Element = Any

TAKE = "take"
_ALL = ("create", "assignment", "complete", "delete")
# Camunda 8's words for the events of a task.
_ZEEBE_EVENTS = {
    "creating": "create",
    "assigning": "assignment",
    "updating": "update",
    "completing": "complete",
    "canceling": "delete",
}


@dataclass(frozen=True, slots=True)
class Listener:
    """`expression` is evaluated, or the handler is called; its name may be computed."""

    event: str
    expression: Expression | None = None
    handler: Expression | None = None


Listeners = Mapping[str, tuple[Listener, ...]]


def listeners_of(element: Element) -> dict[str, tuple[Listener, ...]]:
    """The listeners of an element by their event, in the order of the diagram."""
    found: dict[str, tuple[Listener, ...]] = {}
    for listener in (*_of_camunda(element), *_of_zeebe(element)):
        found[listener.event] = (*found.get(listener.event, ()), listener)
    return found


def _of_camunda(element: Element) -> Iterator[Listener]:
    for one in (*children(element, "executionListener"), *children(element, "taskListener")):
        event = one.get("event") or TAKE
        expression, handler = one.get("expression"), one.get("class") or _bean(one.get("delegateExpression"))
        for each in _ALL if event == "all" else (event,):
            yield Listener(each, _text(expression), None if expression else _text(handler))


def _of_zeebe(element: Element) -> Iterator[Listener]:
    groups = (*children(element, "executionListeners", ZEEBE), *children(element, "taskListeners", ZEEBE))
    for one in (child for group in groups for child in group if isinstance(child.tag, str)):
        if local(one) in ("executionListener", "taskListener"):
            event = one.get("eventType", "")
            yield Listener(_ZEEBE_EVENTS.get(event, event), handler=_text(one.get("type")))


def _bean(delegate: str | None) -> str | None:
    """`${name}` is a name; anything more is an expression that gives one."""
    inside = (delegate or "").strip()[2:-1].strip()
    return inside if inside.isidentifier() else delegate


def _text(value: str | None) -> Expression | None:
    return compile_place(value.strip(), bare="text") if value and value.strip() else None
