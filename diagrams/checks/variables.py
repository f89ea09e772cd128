"""Variables that are read: does anything write them, or is it a slip of the pen?

What a case is started with, and what services answer, is not in the diagram. So a variable that nothing
writes is a mistake only where the diagram says of all that comes into a case what it is called; one that is read
once, and is spelled almost like a written one, most likely is one anywhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from difflib import get_close_matches

from lxml import etree

from caseloom.diagrams.checks.expressions import Place, places
from caseloom.diagrams.checks.rules import Remark, process_rule
from caseloom.diagrams.checks.work import result_variable, topic_of
from caseloom.diagrams.data import ITEMS
from caseloom.diagrams.model import Node, Process
from caseloom.diagrams.namespaces import BPMN, extension, extension_elements, own, tag_of
from caseloom.engine.errors import ExpressionError, Severity
from caseloom.engine.expressions import Expression, compile_place

_ALIKE = 0.85
_MOST_COMPARED = 20_000
_ATTRIBUTES = (
    "elementVariable",
    "initiator",
    "errorCodeVariable",
    "errorMessageVariable",
    "escalationCodeVariable",
)
# What the engine itself puts into an expression's reach.
_GIVEN = frozenset(
    {
        "loopCounter",
        "nrOfInstances",
        "nrOfCompletedInstances",
        "nrOfActiveInstances",
        "numberOfInstances",
        "numberOfActiveInstances",
        "numberOfCompletedInstances",
        "numberOfTerminatedInstances",
        "activationCount",
        "externalTask",
    }
)
_FORMS = ("formData", "formProperty")
# Extension elements that write a variable, and the attribute that names it.
_WRITERS = {
    "formField": "id",
    "formProperty": "id",
    "inputParameter": "name",
    "outputParameter": "name",
    "in": "target",
    "out": "target",
    "input": "target",
    "output": "target",
    "loopCharacteristics": "inputElement",
    "calledDecision": "resultVariable",
    "script": "resultVariable",
}


@process_rule("variable-misspelled", Severity.WARNING)
def variable_misspelled(process: Process) -> Iterator[Remark]:
    """A variable that is read is spelled as it is written.

    Looks at variables that only one expression reads and nothing in the diagram writes, when something writes
    one with almost the same name; in very large diagrams not at all.

    Cure: correct the name, or leave it when the case is started with both.
    """
    written = dict.fromkeys(sorted(_written(process)))
    readings = [(name, place) for place in places(process) for name in _reads(place)]
    times = Counter(name for name, _ in readings)
    doubtful = [(name, place) for name, place in readings if times[name] == 1 and name not in written]
    if len(doubtful) * len(written) > _MOST_COMPARED:
        return
    for name, place in doubtful:
        meant = get_close_matches(name, written, n=1, cutoff=_ALIKE)
        if not meant or _akin(name, meant[0]):
            continue
        message = f"The {place.what} of “{place.owner.label}” reads “{name}”: is “{meant[0]}” meant?"
        yield Remark(place.owner.id, place.line, message)


def _akin(one: str, other: str) -> bool:
    """`documents` and `document`, `line1` and `line2` are meant to be alike."""
    return one.rstrip("s0123456789") == other.rstrip("s0123456789")


def _reads(place: Place) -> frozenset[str]:
    return _compiled(place).reads


def _compiled(place: Place) -> Expression:
    """The expression of a place; one that reads nothing where another rule has to speak of it."""
    try:
        return compile_place(place.text, bare=place.bare)
    except ExpressionError:
        return compile_place("", bare="text")


def _written(process: Process) -> Iterator[str]:
    for element in process.xml.iter("{*}*"):
        named = [extension(element, name) for name in _ATTRIBUTES]
        named += [result_variable(element), _by_extension(element), _item(element), _collected(element)]
        yield from (name for name in named if name)
    for place in places(process):
        if place.writes:
            yield from _compiled(place).writes


def _by_extension(element: etree._Element) -> str | None:
    name = etree.QName(element)
    return (
        element.get(_WRITERS[name.localname])
        if name.localname in _WRITERS and name.namespace != BPMN
        else None
    )


def _item(element: etree._Element) -> str | None:
    """Data that is drawn is a variable of its name."""
    drawn = element.tag in {f"{{{BPMN}}}{tag}" for tag in ITEMS}
    return element.get("name") or element.get("id") if drawn else None


def _collected(element: etree._Element) -> str | None:
    return element.get("outputCollection") if tag_of(element) == "loopCharacteristics" else None


@process_rule("variable-not-written", Severity.WARNING)
def variable_not_written(process: Process) -> Iterator[Remark]:
    """A variable that is read is written by something before.

    Speaks only where the diagram names all that comes into a case: it is started with a form that is drawn in it, or by
    a timer, and its tasks, services, messages and calls say what they write.

    Cure: correct the name, or write the variable before: by a form field, a result variable or an output parameter.
    """
    if not process.start_events or any(_is_open(node, process) for node in process.all_nodes()):
        return
    written = {*_written(process), *_GIVEN, *(flow.id for flow in process.all_flows() if flow.id)}
    if "*" in written:
        return
    seen: set[str] = set()
    for place in places(process):
        for name in sorted(_reads(place) - written - seen):
            seen.add(name)
            message = f"The {place.what} of “{place.owner.label}” reads “{name}”, which nothing writes."
            yield Remark(place.owner.id, place.line, message)


def _is_open(node: Node, process: Process) -> bool:
    """May it write variables that the diagram does not name?"""
    kinds = {event.kind for event in node.events}
    if node.tag == "startEvent" and not kinds:
        return node.scope == process.id and not _has_form(node)
    if kinds & {"message", "signal", "error"} and node.tag not in ("endEvent", "intermediateThrowEvent"):
        return True
    return _work_is_open(node)


def _has_form(node: Node) -> bool:
    return any(True for _ in extension_elements(node.xml, *_FORMS))


def _work_is_open(node: Node) -> bool:
    if node.tag == "userTask" or own(node.xml, "inbox") == "true":
        return not _has_form(node)
    if node.tag == "receiveTask":
        return True
    if node.tag == "callActivity":
        return not any(True for _ in extension_elements(node.xml, "out")) or any(
            one.get("variables") for one in extension_elements(node.xml, "out")
        )
    served = topic_of(node.xml) or any(topic_of(event.xml) for event in node.events)
    return bool(served) and not result_variable(node.xml)


RULES = (variable_misspelled, variable_not_written)
