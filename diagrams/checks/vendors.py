"""What Camunda 7 (also as Operaton and Activiti) and Camunda 8 add to BPMN, attribute by attribute.

Three tables say what each word comes to here: it runs, it changes nothing that could be seen, or it is refused with a
cure. A word that is in none of them is refused too, so that nothing is accepted and ignored.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from caseloom.diagrams.checks.events import is_computed
from caseloom.diagrams.checks.listeners import zeebe_listeners_of
from caseloom.diagrams.checks.rules import Remark, process_rule
from caseloom.diagrams.model import Flow, Node, Process, line_of
from caseloom.diagrams.namespaces import CAMUNDA, bpmn_child, extension_elements, tag_of, zeebe_elements
from caseloom.diagrams.reading import read
from caseloom.engine.errors import DiagramError, Severity

RUNS = frozenset(
    {
        "assignee", "candidateUsers", "candidateGroups", "dueDate", "followUpDate", "priority",
        "formKey", "formRef", "formRefBinding", "initiator",
        "topic", "type", "class", "delegateExpression", "expression", "resultVariable", "resource",
        "decisionRef", "decisionRefBinding", "decisionRefVersion", "mapDecisionResult",
        "calledElementBinding", "calledElementVersion", "calledElementVersionTag",
        "caseRef", "variableMappingClass", "variableMappingDelegateExpression",
        "collection", "elementVariable",
        "errorCodeVariable", "errorMessageVariable", "errorMessage", "escalationCodeVariable", "versionTag",
    }
)  # fmt: skip

# Every step is durable and jobs are given out one by one, so these ask for what is so anyway; or they are for others.
CHANGES_NOTHING = frozenset(
    {
        "async", "asyncBefore", "asyncAfter", "exclusive", "historyTimeToLive", "isStartableInTasklist",
        "modelerTemplate", "modelerTemplateVersion", "modelerTemplateIcon", "diagramRelationId",
    }
)  # fmt: skip

HAS_NO_EFFECT = {
    "jobPriority": "jobs are given out in the order in which they came",
    "taskPriority": "jobs are given out in the order in which they came",
    "candidateStarterUsers": "whoever may use the system may start it",
    "candidateStarterGroups": "whoever may use the system may start it",
    "variableName": "the condition is looked at whenever anything was written",
    "variableEvents": "the condition is looked at whenever anything was written",
    "variableEvent": "the condition is looked at whenever anything was written",
}

REFUSED = {
    "formHandlerClass": "let a service task check what the form gave",
    "formRefVersion": "deploy the form together with the diagram",
    "decisionRefVersionTag": "name a version, or deploy the table together with the diagram",
    "calledElementTenantId": "there are no tenants here: remove it",
    "decisionRefTenantId": "there are no tenants here: remove it",
    "caseTenantId": "there are no tenants here: remove it",
    "caseBinding": "a case of CMMN does not run: call a process",
    "caseVersion": "a case of CMMN does not run: call a process",
}

_WORDS = {
    "formRefBinding": frozenset({"latest", "deployment"}),
    "decisionRefBinding": frozenset({"latest", "deployment", "version"}),
    "calledElementBinding": frozenset({"latest", "deployment", "version", "versionTag"}),
    "mapDecisionResult": frozenset({"singleEntry", "singleResult", "collectEntries", "resultList"}),
    "type": frozenset({"external", "mail", "shell"}),
}

# The attributes of Camunda 8's elements, and of Camunda 7's own ones that are not texts to be computed.
ZEEBE = {
    "adHoc": frozenset({"activeElementsCollection", "outputCollection", "outputElement"}),
    "taskDefinition": frozenset({"type", "retries"}),
    "ioMapping": frozenset[str](),
    "input": frozenset({"source", "target"}),
    "output": frozenset({"source", "target"}),
    "assignmentDefinition": frozenset({"assignee", "candidateUsers", "candidateGroups"}),
    "formDefinition": frozenset({"formId", "formKey", "externalReference", "bindingType"}),
    "calledElement": frozenset(
        {
            "processId",
            "propagateAllChildVariables",
            "propagateAllParentVariables",
            "bindingType",
            "versionTag",
        }
    ),
    "calledDecision": frozenset({"decisionId", "resultVariable", "bindingType"}),
    "loopCharacteristics": frozenset(
        {"inputCollection", "inputElement", "outputCollection", "outputElement"}
    ),
    "script": frozenset({"expression", "resultVariable"}),
    "taskSchedule": frozenset({"dueDate", "followUpDate"}),
    "priorityDefinition": frozenset({"priority"}),
    "userTask": frozenset[str](),
    "userTaskForm": frozenset({"id"}),
    "versionTag": frozenset({"value"}),
    "taskHeaders": frozenset[str](),
    "header": frozenset({"id", "key", "value"}),
}
_ZEEBE_BINDINGS = {
    "calledElement": frozenset({"latest", "deployment", "versionTag"}),
    "calledDecision": frozenset({"latest", "deployment"}),
    "formDefinition": frozenset({"latest", "deployment"}),
}
_MAPPED = frozenset({"source", "sourceExpression", "target", "variables", "businessKey"})
_PROPERTY = frozenset({"id", "name", "type", "required", "writable", "readable", "default", "datePattern"})
_CYCLE = re.compile(r"(R\d+/)?P[\dA-Z.]+(, *P[\dA-Z.]+)*")

Owner = Process | Node | Flow


@process_rule("vendor-attribute")
def vendor_attribute(process: Process) -> Iterator[Remark]:
    """Attributes of Camunda 7, Operaton and Activiti are understood, or refused by name.

    Cure: as the finding says.
    """
    for owner, element, name, value in _attributes(process):
        problem = _problem(name, value)
        if problem:
            yield Remark(owner.id, line_of(element), f"“{owner.label}” has {problem}.")


def _problem(name: str, value: str) -> str | None:
    if name in REFUSED:
        return f"a camunda:{name}, which does not run: {REFUSED[name]}"
    if name in _WORDS and value not in _WORDS[name]:
        words = ", ".join(sorted(_WORDS[name]))
        return f"the camunda:{name} “{value}”, which does not run: use one of {words}"
    if name == "type" and value != "external":
        return f"the camunda:type “{value}”, which does not run: give it a topic and serve that"
    if name not in RUNS | CHANGES_NOTHING | HAS_NO_EFFECT.keys():
        return f"an attribute camunda:{name}, which is not known: remove it"
    return None


@process_rule("vendor-without-effect", Severity.WARNING)
def vendor_without_effect(process: Process) -> Iterator[Remark]:
    """What asks for something that does not happen here is said.

    Cure: remove it, or read what happens instead.
    """
    for owner, element, name, _ in _attributes(process):
        if name in HAS_NO_EFFECT:
            message = f"The camunda:{name} of “{owner.label}” has no effect: {HAS_NO_EFFECT[name]}."
            yield Remark(owner.id, line_of(element), message)
    for owner in _owners(process):
        for one in zeebe_listeners_of(owner):
            if one.get("retries"):
                what = f"The retries of a listener of “{owner.label}” have no effect"
                yield Remark(owner.id, line_of(one), f"{what}: if it fails, a person tries again.")
        for one in extension_elements(owner.xml, "potentialStarter"):
            instead = HAS_NO_EFFECT["candidateStarterUsers"]
            message = f"The camunda:potentialStarter of “{owner.label}” has no effect: {instead}."
            yield Remark(owner.id, line_of(one), message)


@process_rule("vendor-element")
def vendor_element(process: Process) -> Iterator[Remark]:
    """The elements that Camunda adds say nothing that would be ignored.

    Cure: as the finding says.
    """
    for owner in _owners(process):
        for element in _holders(owner):
            for line, problem in (*_of_zeebe(element), *_of_camunda(element)):
                yield Remark(owner.id, line, f"“{owner.label}” {problem}.")


def _of_zeebe(holder: etree._Element) -> Iterator[tuple[int, str]]:
    for element in zeebe_elements(holder, *ZEEBE):
        for one in element.iter("{*}*"):
            name, line = tag_of(one), line_of(one)
            for key in sorted(set(map(str, one.attrib)) - ZEEBE.get(name, frozenset(map(str, one.attrib)))):
                yield line, f"has a zeebe:{name} with “{key}”, which does not run: remove it"
            binding = one.get("bindingType")
            if binding and binding not in _ZEEBE_BINDINGS.get(name, frozenset({binding})):
                words = ", ".join(sorted(_ZEEBE_BINDINGS[name]))
                yield line, f"is bound by “{binding}”, which does not run: use one of {words}"
        if tag_of(element) == "userTaskForm":
            yield from _embedded_form(element)
        retries = element.get("retries") if tag_of(element) == "taskDefinition" else None
        if retries and not retries.isdecimal():
            yield line_of(element), f"is tried again “{retries}” times: write a number"


def _embedded_form(element: etree._Element) -> Iterator[tuple[int, str]]:
    try:
        read(f"{element.get('id')}.form", (element.text or "").strip().encode())
    except DiagramError as wrong:
        yield line_of(element), f"holds a form that cannot be read: {wrong.findings[0].message.rstrip('.')}"


def _of_camunda(holder: etree._Element) -> Iterator[tuple[int, str]]:
    for one in extension_elements(holder, "in", "out"):
        for key in sorted(set(map(str, one.attrib)) - _MAPPED):
            yield line_of(one), f"maps variables with “{key}”, which does not run: name each variable"
    for one in extension_elements(holder, "formProperty"):
        for key in sorted(set(map(str, one.attrib)) - _PROPERTY):
            yield line_of(one), f"has a form property with “{key}”, which does not run: remove it"
    for one in extension_elements(holder, "failedJobRetryTimeCycle"):
        if not _CYCLE.fullmatch((one.text or "").strip()):
            yield line_of(one), f"is tried again after “{one.text}”: write it as R3/PT10M"
    for one in extension_elements(holder, "errorEventDefinition"):
        if not one.get("errorRef") or not is_computed(one.get("expression") or ""):
            yield (
                line_of(one),
                "maps an answer to an error, but not to which, or when: set errorRef and expression",
            )


def _attributes(process: Process) -> Iterator[tuple[Owner, etree._Element, str, str]]:
    for owner in _owners(process):
        for element in _holders(owner):
            for key, value in element.attrib.items():
                name = etree.QName(str(key))
                if name.namespace in CAMUNDA:
                    yield owner, element, name.localname, str(value)


def _owners(process: Process) -> Iterator[Owner]:
    yield process
    yield from process.all_nodes()
    yield from process.all_flows()


def _holders(owner: Owner) -> list[etree._Element]:
    """The element itself, and what stands directly inside and may have words of its own."""
    inside = [owner.multi_instance, *(event.xml for event in owner.events)] if isinstance(owner, Node) else []
    condition = bpmn_child(owner.xml, "conditionExpression")
    return [one for one in (owner.xml, *inside, condition) if one is not None]


RULES = (vendor_attribute, vendor_without_effect, vendor_element)
