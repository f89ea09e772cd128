"""Every expression of a diagram, in its place, and whether it can be read.

`places` is the one list of where a diagram holds expressions and of what a bare text means there (contract:
FEEL in conditions, scripts, collections and cardinalities; literal text elsewhere).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from lxml import etree

from caseloom.diagrams.checks.events import is_computed
from caseloom.diagrams.checks.listeners import listeners_of, owners, zeebe_listeners_of
from caseloom.diagrams.checks.rules import Remark, Surroundings, document_rule, process_rule
from caseloom.diagrams.checks.work import SCRIPT_LANGUAGES, computes, script_text
from caseloom.diagrams.conversations import referred
from caseloom.diagrams.data import computed_text
from caseloom.diagrams.model import Document, Expression, Flow, Node, Process, expression_in, line_of
from caseloom.diagrams.namespaces import (
    BPMN,
    CAMUNDA,
    bpmn_child,
    bpmn_children,
    extension,
    extension_elements,
    own,
    tag_of,
    text_of,
    zeebe_elements,
)
from caseloom.engine.errors import ExpressionError
from caseloom.engine.expressions import compile_place

Bare = Literal["feel", "text"]

_ATTRIBUTES = frozenset(
    {
        "assignee",
        "candidateUsers",
        "candidateGroups",
        "dueDate",
        "followUpDate",
        "priority",
        "formKey",
        "formRef",
        "topic",
        "decisionRef",
        "calledElementVersion",
    }
)
_ZEEBE_ATTRIBUTES = {
    "taskDefinition": ("type", "retries"),
    "assignmentDefinition": ("assignee", "candidateUsers", "candidateGroups"),
    "taskSchedule": ("dueDate", "followUpDate"),
    "priorityDefinition": ("priority",),
    "calledElement": ("processId",),
    "calledDecision": ("decisionId",),
}
_READABLE = ("feel", "juel", "http://www.omg.org/spec/feel", "https://www.omg.org/spec/dmn")


@dataclass(frozen=True, slots=True)
class Place:
    """One expression: what it is for, its text, and what the text means without `${}` or `=`.

    `writes` says that it may set variables, `changes` that it may change the task that it belongs to.
    """

    owner: Node | Flow | Process
    what: str
    text: str
    bare: Bare
    line: int
    language: str | None = None
    writes: bool = False
    changes: bool = False


def places(process: Process) -> Iterator[Place]:
    """All expressions of a process, those of its events, parameters and loops included."""
    for flow in process.all_flows():
        if flow.condition is not None:
            yield _from_expression(flow, "condition", flow.condition, "feel")
    for node in process.all_nodes():
        for find in _FINDERS:
            yield from find(node)
    for owner in owners(process):
        yield from _listeners(owner)
        yield from _rights(owner)


def _rights(owner: Node | Flow | Process) -> Iterator[Place]:
    """Under which condition an element may be skipped, revisited, or have work inserted at it."""
    for name in ("skipWhen", "revisitWhen", "insertWhen"):
        if text := own(owner.xml, name):
            yield Place(owner, name, text, "feel", line_of(owner.xml))


def _from_expression(owner: Node | Flow, what: str, expression: Expression, bare: Bare) -> Place:
    return Place(owner, what, expression.text, bare, expression.line, expression.language)


def _attributes(node: Node) -> Iterator[Place]:
    for key, text in node.xml.attrib.items():
        attribute = etree.QName(str(key))
        if attribute.namespace in CAMUNDA and attribute.localname in _ATTRIBUTES and text:
            yield Place(node, attribute.localname, str(text), "text", node.line)
    called = node.xml.get("calledElement")
    if called:
        yield Place(node, "calledElement", called, "text", node.line)
    for tag, names in _ZEEBE_ATTRIBUTES.items():
        for element in zeebe_elements(node.xml, tag):
            for name in names:
                if element.get(name):
                    yield Place(node, name, element.get(name, ""), "text", line_of(element))


def _script(node: Node) -> Iterator[Place]:
    text = script_text(node.xml) if node.tag == "scriptTask" else ""
    spoken = (node.xml.get("scriptFormat") or "feel").strip().lower()
    if text and spoken in SCRIPT_LANGUAGES:
        yield Place(node, "script", text, "feel", node.line, writes=True)


def _expression(node: Node) -> Iterator[Place]:
    """`camunda:expression`: what a service task computes, where it is not a call of Java."""
    for element in (node.xml, *(event.xml for event in node.events)):
        text = extension(element, "expression")
        if text and computes(text):
            yield Place(node, "expression", text, "text", line_of(element), writes=True)


def _listeners(owner: Node | Flow | Process) -> Iterator[Place]:
    for one in listeners_of(owner):
        creates = one.get("event") in ("create", "all")
        for name in ("expression", "delegateExpression"):
            if one.get(name):
                writes = name == "expression"
                yield Place(
                    owner, "listener", one.get(name, ""), "text", line_of(one), writes=writes, changes=creates
                )
    for one in zeebe_listeners_of(owner):
        if one.get("type"):
            yield Place(owner, "listener", one.get("type", ""), "text", line_of(one))


def _timers(node: Node) -> Iterator[Place]:
    for event in node.events:
        for kind in ("timeDate", "timeDuration", "timeCycle") if event.kind == "timer" else ():
            expression = expression_in(event.xml, kind)
            if expression is not None:
                yield _from_expression(node, "timer", expression, "text")


def _instances(node: Node) -> Iterator[Place]:
    loop = node.multi_instance
    if loop is None:
        return
    for tag in ("loopCardinality", "completionCondition"):
        expression = expression_in(loop, tag)
        if expression is not None:
            yield _from_expression(node, tag, expression, "feel")
    for row in bpmn_children(loop, "complexBehaviorDefinition"):
        expression = expression_in(row, "condition")
        if expression is not None:
            yield _from_expression(node, "condition of its instances", expression, "feel")
    collection = extension(loop, "collection")
    if collection:
        yield Place(node, "collection", collection, "feel", line_of(loop))
    for zeebe in zeebe_elements(loop, "loopCharacteristics"):
        for name in ("inputCollection", "outputElement"):
            if zeebe.get(name):
                yield Place(node, name, zeebe.get(name, ""), "feel", line_of(zeebe))


def _conditions(node: Node) -> Iterator[Place]:
    """What loops, complex gateways and conditional events wait for."""
    loop = bpmn_child(node.xml, "standardLoopCharacteristics")
    holders = [(node.xml, "activationCondition"), *((event.xml, "condition") for event in node.events)]
    holders += [(loop, "loopCondition")] if loop is not None else []
    for holder, tag in holders:
        expression = expression_in(holder, tag)
        if expression is not None:
            yield _from_expression(node, tag, expression, "feel")


def _ad_hoc(node: Node) -> Iterator[Place]:
    """When an ad-hoc sub-process is over, and what it begins with."""
    if node.tag != "adHocSubProcess":
        return
    until = expression_in(node.xml, "completionCondition")
    if until is not None:
        yield _from_expression(node, "completionCondition", until, "feel")
    for zeebe in zeebe_elements(node.xml, "adHoc"):
        if zeebe.get("activeElementsCollection"):
            text = zeebe.get("activeElementsCollection", "")
            yield Place(node, "activeElementsCollection", text, "feel", line_of(zeebe))


def _parameters(node: Node) -> Iterator[Place]:
    for holder in extension_elements(node.xml, "inputOutput"):
        for parameter in holder.iterchildren("{*}*"):
            yield from _parameter(node, parameter)
    for mapping in extension_elements(node.xml, "in", "out"):
        for name in ("sourceExpression", "source"):
            if mapping.get(name):
                yield Place(node, name, mapping.get(name, ""), "feel", line_of(mapping))
        if mapping.get("businessKey"):
            yield Place(node, "business key", mapping.get("businessKey", ""), "text", line_of(mapping))
    for holder in zeebe_elements(node.xml, "ioMapping"):
        for mapping in holder.iterchildren("{*}*"):
            if mapping.get("source"):
                yield Place(node, "mapping", mapping.get("source", ""), "text", line_of(mapping))


def _parameter(node: Node, parameter: etree._Element) -> Iterator[Place]:
    """The texts of a parameter: its own, or those of its list or map."""
    for element in parameter.iter("{*}*"):
        if tag_of(element) == "script" or any(tag_of(child) for child in element.iterchildren("{*}*")):
            continue
        text = text_of(element)
        if text:
            yield Place(node, f"parameter “{parameter.get('name', '')}”", text, "text", line_of(element))


def _error_mappings(node: Node) -> Iterator[Place]:
    for mapping in extension_elements(node.xml, "errorEventDefinition"):
        text = mapping.get("expression")
        if text:
            yield Place(node, "error mapping", text, "text", line_of(mapping))


def _form_fields(node: Node) -> Iterator[Place]:
    for form in extension_elements(node.xml, "formData"):
        for namespace in CAMUNDA:
            for field in form.iterchildren(f"{{{namespace}}}formField"):
                text = field.get("defaultValue")
                if text:
                    yield Place(node, f"default of “{field.get('id', '')}”", text, "text", line_of(field))


def _event_texts(node: Node) -> Iterator[Place]:
    for event in node.events:
        for name in ("topic", "errorCodeVariable", "errorMessageVariable"):
            text = extension(event.xml, name)
            if text:
                yield Place(node, name, text, "text", event.line)


def _data(node: Node) -> Iterator[Place]:
    """What data associations compute."""
    for association in bpmn_children(node.xml, "dataInputAssociation", "dataOutputAssociation"):
        holders = [*bpmn_children(association, "transformation")]
        holders += [
            one for row in bpmn_children(association, "assignment") for one in bpmn_children(row, "from")
        ]
        for holder in holders:
            text = computed_text(holder)
            if text:
                language = holder.get("language")
                yield Place(node, f"data {tag_of(holder)}", text, "feel", line_of(holder), language)


_FINDERS: tuple[Callable[[Node], Iterator[Place]], ...] = (
    _attributes,
    _script,
    _expression,
    _timers,
    _instances,
    _conditions,
    _ad_hoc,
    _parameters,
    _error_mappings,
    _form_fields,
    _event_texts,
    _data,
)


@process_rule("wrong-expression")
def wrong_expression(process: Process) -> Iterator[Remark]:
    """Every expression can be read: `${…}` as JUEL, after `=` or by its place as FEEL.

    Python and Java do not run. Cure: as the finding says; `docs/expressions.md` has the languages.
    """
    for place in places(process):
        problem = _unreadable(place.text, place.language, place.bare) or _out_of_place(place)
        if problem:
            yield Remark(
                place.owner.id,
                place.line,
                f"The {place.what} of “{place.owner.label}” cannot be read: {problem}",
            )


@document_rule("wrong-correlation")
def wrong_correlation(document: Document, _surroundings: Surroundings) -> Iterator[Remark]:
    """Correlation properties are declared, belong to messages of the file, and have paths that FEEL can read.

    Cure: name the field of the message, or of the case, that identifies the case.
    """
    known = {one.get("id") for one in bpmn_children(document.root, "correlationProperty")}
    for declared in bpmn_children(document.root, "correlationProperty"):
        name = declared.get("name") or declared.get("id")
        for retrieval in bpmn_children(declared, "correlationPropertyRetrievalExpression"):
            if ("message", referred(retrieval.get("messageRef"))) not in document.definitions:
                message = f"“{name}” is read from a message that the file does not declare: choose one."
                yield Remark(declared.get("id"), line_of(retrieval), message)
            yield from _judged_path(retrieval, "messagePath", declared.get("id"), f"“{name}”")
    for reference in document.root.iter(f"{{{BPMN}}}correlationPropertyRef"):
        if referred(text_of(reference)) not in known:
            wrong = (
                f"A correlation key names “{text_of(reference)}”, a property that the file does not declare."
            )
            yield Remark(None, line_of(reference), wrong)
    for binding in document.root.iter(f"{{{BPMN}}}correlationPropertyBinding"):
        property = referred(binding.get("correlationPropertyRef"))
        if property not in known:
            wrong = (
                f"A correlation subscription binds “{property}”, a property that the file does not declare."
            )
            yield Remark(binding.get("id"), line_of(binding), wrong)
        yield from _judged_path(binding, "dataPath", binding.get("id"), f"the binding of “{property}”")


def _judged_path(holder: etree._Element, tag: str, id: str | None, what: str) -> Iterator[Remark]:
    path = expression_in(holder, tag)
    if path is None:
        yield Remark(
            id, line_of(holder), f"{what[0].upper()}{what[1:]} has no {tag}: say where its value is."
        )
    elif problem := _unreadable(path.text, path.language, "feel"):
        yield Remark(id, path.line, f"The path of {what} cannot be read: {problem}")


def _unreadable(text: str, language: str | None, bare: Bare) -> str | None:
    literal = bare == "text" and not is_computed(text)
    if language and not literal and not language.lower().startswith(_READABLE):
        return f"it is in {language}; write it in FEEL."
    try:
        compile_place(text, bare=bare)
    except ExpressionError as error:
        return str(error)
    return None


def _out_of_place(place: Place) -> str | None:
    compiled = compile_place(place.text, bare=place.bare)
    if compiled.writes and not place.writes:
        return "it sets a variable, which only scripts and listeners do."
    if compiled.changes and not place.changes:
        named = ", ".join(sorted(compiled.changes))
        return f"it calls task.{named}, which only a listener for “create” may do."
    return None


RULES = (wrong_expression, wrong_correlation)
