"""Listeners: what a diagram attaches to the start and end of its steps, and to the life of a task.

What runs is an expression, or a handler that is registered under a name. Scripts of other languages, injected Java
fields and timeouts do not.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from caseloom.diagrams.checks.rules import Remark, process_rule
from caseloom.diagrams.checks.work import SCRIPTS_PAGE
from caseloom.diagrams.model import Flow, Node, Process, line_of
from caseloom.diagrams.namespaces import CAMUNDA, extension_elements, tag_of, zeebe_elements

Owner = Process | Node | Flow

_TASK_EVENTS = frozenset({"create", "assignment", "complete", "delete", "update", "all"})
_ZEEBE_TASK_EVENTS = frozenset(
    {*_TASK_EVENTS - {"all"}, "creating", "assigning", "updating", "completing", "canceling"}
)
_HOWS = ("expression", "delegateExpression", "class")
_KNOWN = frozenset({*_HOWS, "event", "id"})
_ZEEBE_KNOWN = frozenset({"eventType", "type", "retries"})


def owners(process: Process) -> Iterator[Owner]:
    """All that may have listeners."""
    yield process
    yield from process.all_nodes()
    yield from process.all_flows()


def listeners_of(owner: Owner) -> Iterator[etree._Element]:
    """Camunda 7's listeners, and those of its kin."""
    yield from extension_elements(owner.xml, "executionListener", "taskListener")


def zeebe_listeners_of(owner: Owner) -> Iterator[etree._Element]:
    for group in zeebe_elements(owner.xml, "executionListeners", "taskListeners"):
        yield from group.iterchildren("{*}*")


@process_rule("wrong-listener")
def wrong_listener(process: Process) -> Iterator[Remark]:
    """A listener names its event, and is an expression or the name of a registered handler.

    Its event is `start` or `end`, of a flow `take`, of a task `create`, `assignment`, `update`, `complete` or `delete`.

    Cure: as the finding says; `docs/scripts.md` translates the usual lines of scripts.
    """
    for owner in owners(process):
        for one in listeners_of(owner):
            for problem in (*_event_problems(owner, one), *_problems(one)):
                yield Remark(owner.id, line_of(one), f"A listener of “{owner.label}” {problem}.")
        for one in zeebe_listeners_of(owner):
            for problem in _zeebe_problems(owner, one):
                yield Remark(owner.id, line_of(one), f"A listener of “{owner.label}” {problem}.")


def _event_problems(owner: Owner, one: etree._Element) -> Iterator[str]:
    event = one.get("event")
    if tag_of(one) == "taskListener":
        yield from _task_event_problems(owner, event, _TASK_EVENTS)
    elif isinstance(owner, Flow):
        if event not in (None, "take"):
            yield f"waits for “{event}”, but a flow is only taken: leave its event out"
    elif event not in ("start", "end"):
        yield f"waits for {_named(event)}: use start or end"


def _task_event_problems(owner: Owner, event: str | None, known: frozenset[str]) -> Iterator[str]:
    if not isinstance(owner, Node) or owner.tag != "userTask":
        yield "is for a task, but this is none: use an execution listener"
    elif event == "timeout":
        yield "waits for a timeout: draw a timer on the border of the task instead"
    elif event not in known:
        yield f"waits for {_named(event)}: use one of {', '.join(sorted(known))}"


def _problems(one: etree._Element) -> Iterator[str]:
    hows = [how for how in _HOWS if one.get(how)]
    scripts = [child for child in one if isinstance(child.tag, str) and tag_of(child) == "script"]
    if scripts:
        yield _script(scripts[0])
    elif len(hows) != 1:
        yield "says nothing of what to do, or too much: give it an expression, or a delegateExpression"
    if any(isinstance(child.tag, str) and tag_of(child) == "field" for child in one):
        yield "has an injected field, which does not run: let its handler read a variable"
    for name in one.attrib:
        if str(name) not in _KNOWN and etree.QName(str(name)).namespace in (None, *CAMUNDA):
            yield f"has an attribute “{name}”, which is not understood: remove it"


def _script(script: etree._Element) -> str:
    return (
        f"is a script in {script.get('scriptFormat') or 'another language'}, which does not run: write an expression "
        f"such as ${{execution.setVariable(…)}}, or name a handler ({SCRIPTS_PAGE} shows how)"
    )


def _zeebe_problems(owner: Owner, one: etree._Element) -> Iterator[str]:
    event, kind = one.get("eventType"), tag_of(one)
    if kind == "taskListener":
        yield from _task_event_problems(owner, event, _ZEEBE_TASK_EVENTS)
    elif event not in ("start", "end"):
        yield f"waits for {_named(event)}: use start or end"
    if not one.get("type"):
        yield "names no handler: set its type"
    for name in one.attrib:
        if str(name) not in _ZEEBE_KNOWN:
            yield f"has an attribute “{name}”, which is not understood: remove it"


def _named(event: str | None) -> str:
    return f"“{event}”" if event else "no event"


RULES = (wrong_listener,)
