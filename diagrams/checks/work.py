"""The work of activities: topics, decisions, called processes, scripts, and how many times.

The functions that answer (`topic_of`, `decision_of`, …) know where modelers put a thing; the rules ask.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from caseloom.diagrams.checks.rules import Remark, on, process_rule
from caseloom.diagrams.conversations import message_of
from caseloom.diagrams.model import Node, Process, line_of
from caseloom.diagrams.namespaces import (
    CAMUNDA,
    bpmn_child,
    extension,
    own,
    tag_of,
    text_of,
    zeebe_elements,
)
from caseloom.engine.errors import ExpressionError
from caseloom.engine.expressions import compile_place

SCRIPTS_PAGE = "docs/scripts.md"
SCRIPT_LANGUAGES = frozenset({"feel", "text/feel", "application/feel", "juel"})
_COUNTS = ("loopCardinality", "loopDataInputRef")


@process_rule("service-without-topic")
def service_without_topic(process: Process) -> Iterator[Remark]:
    """Service and send tasks name the topic under which they are served; a send task may have a message instead.

    `camunda:topic`, `camunda:delegateExpression="${name}"`, `camunda:class="a.b.Name"` (the topic of that
    name), or the zeebe job type. A `camunda:expression` is evaluated; Java itself and calls of beans do not run.

    Cure: register a Python function, or a worker, under a topic.
    """
    for node in process.all_nodes():
        if node.tag not in ("serviceTask", "sendTask"):
            continue
        yield from _judged_service(node)


def _judged_service(node: Node) -> Iterator[Remark]:
    expression = extension(node.xml, "expression")
    if expression is not None:
        if not computes(expression):
            yield on(node, f"“{node.label}” calls Java (camunda:expression): give it a topic and serve that.")
    elif not topic_of(node.xml) and not throws_message(node):
        yield on(node, f"“{node.label}” has no topic, so nothing can serve it: give it a camunda:topic.")


def throws_message(node: Node) -> bool:
    """Does a send task throw a message by itself, for no service sends it?"""
    root = node.xml.getroottree().getroot()
    return node.tag == "sendTask" and message_of(root, node.xml, node.xml.get("messageRef")) is not None


def computes(text: str) -> bool:
    """Whether a `camunda:expression` can be evaluated here; most call a method of a Java bean."""
    try:
        return compile_place(text, bare="text").language != "text"
    except ExpressionError:
        return False


def topic_of(element: etree._Element) -> str | None:
    """The topic of a service, send or business rule task, or of a throwing message event's definition."""
    topic = extension(element, "topic")
    if topic:
        return topic
    bean = extension(element, "delegateExpression")
    if bean and bean[:2] in ("${", "#{") and bean.endswith("}") and bean[2:-1].strip().isidentifier():
        return bean[2:-1].strip()
    for definition in zeebe_elements(element, "taskDefinition"):
        if definition.get("type"):
            return definition.get("type")
    return extension(element, "class") or None


@process_rule("rule-without-decision")
def rule_without_decision(process: Process) -> Iterator[Remark]:
    """A business rule task names a decision, or a topic.

    Cure: set camunda:decisionRef to the id of a decision of a DMN table.
    """
    for node in process.all_nodes():
        if node.tag != "businessRuleTask":
            continue
        expression = extension(node.xml, "expression")
        if expression is not None:
            if not computes(expression):
                yield on(node, f"“{node.label}” calls Java: name a decision, or a topic, instead.")
        elif not decision_of(node.xml) and not topic_of(node.xml):
            yield on(node, f"“{node.label}” names no decision: set its camunda:decisionRef.")


def decision_of(element: etree._Element) -> str | None:
    reference = extension(element, "decisionRef")
    if reference:
        return reference
    return next((called.get("decisionId") for called in zeebe_elements(element, "calledDecision")), None)


@process_rule("call-without-process")
def call_without_process(process: Process) -> Iterator[Remark]:
    """A call activity names the process that it calls.

    Cure: set its calledElement to the id of a process.
    """
    for node in process.all_nodes():
        if node.tag != "callActivity":
            continue
        if extension(node.xml, "caseRef") is not None:
            yield on(node, f"“{node.label}” calls a CMMN case, which does not run: call a process.")
        elif any(extension(node.xml, f"variableMapping{way}") for way in ("Class", "DelegateExpression")):
            yield on(node, f"“{node.label}” maps variables in Java: use camunda:in and camunda:out.")
        elif not called_process(node.xml):
            yield on(node, f"“{node.label}” names no process to call: set its calledElement.")


def called_process(element: etree._Element) -> str | None:
    called = element.get("calledElement")
    if called:
        return called if "{" in called else called.rpartition(":")[2]
    return next((one.get("processId") for one in zeebe_elements(element, "calledElement")), None)


@process_rule("script-language")
def script_language(process: Process) -> Iterator[Remark]:
    """Scripts are FEEL, or JUEL in ${…}; no other language runs, and none from outside the file.

    Cure: write the value as a FEEL expression and name its result variable; for more, use a service task.
    """
    for node in process.all_nodes():
        if node.tag == "scriptTask":
            yield from _judged_script(node)
        for script in node.xml.iter(*(f"{{{namespace}}}script" for namespace in CAMUNDA)):
            holder = script.getparent()
            if holder is not None and tag_of(holder) in ("executionListener", "taskListener"):
                continue  # another rule's affair
            yield Remark(
                node.id,
                line_of(script),
                f"“{node.label}” has a script in a parameter: write it as a FEEL or JUEL expression "
                f"({SCRIPTS_PAGE} shows how).",
            )


def _judged_script(node: Node) -> Iterator[Remark]:
    spoken = (node.xml.get("scriptFormat") or "feel").strip().lower()
    if extension(node.xml, "resource") is not None:
        yield on(node, f"“{node.label}” takes its script from elsewhere: write it into the diagram.")
    elif spoken not in SCRIPT_LANGUAGES:
        named = node.xml.get("scriptFormat")
        cure = f"write a FEEL expression with a result variable, or make it a service task ({SCRIPTS_PAGE} shows how)"
        yield on(node, f"“{node.label}” is a script in {named}, which does not run: {cure}.")
    elif not script_text(node.xml):
        yield on(node, f"“{node.label}” has no script: write one, or make it a task.")
    elif not result_variable(node.xml) and not script_text(node.xml).startswith(("${", "#{")):
        yield on(node, f"“{node.label}” names no result variable, so its script would have no effect.")


def script_text(element: etree._Element) -> str:
    written = text_of(bpmn_child(element, "script"))
    if written:
        return written
    return next((one.get("expression", "") for one in zeebe_elements(element, "script")), "")


def result_variable(element: etree._Element) -> str | None:
    name = extension(element, "resultVariable") or own(element, "resultVariable")
    if name:
        return name
    return next((one.get("resultVariable") for one in zeebe_elements(element, "script")), None)


@process_rule("how-many")
def how_many(process: Process) -> Iterator[Remark]:
    """A multi-instance activity says for what, or how often, it is done.

    Cure: give it a collection, or a cardinality.
    """
    for node in process.all_nodes():
        loop = node.multi_instance
        if loop is None or extension(loop, "collection"):
            continue
        zeebe = any(one.get("inputCollection") for one in zeebe_elements(loop, "loopCharacteristics"))
        if not zeebe and not any(text_of(bpmn_child(loop, tag)) for tag in _COUNTS):
            yield on(node, f"“{node.label}” does not say how often it is done: give it a collection.")


RULES = (
    service_without_topic,
    rule_without_decision,
    call_without_process,
    script_language,
    how_many,
)
