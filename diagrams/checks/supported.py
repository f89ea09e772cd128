"""What the engine runs now, as tables; whatever is executable and not in them is refused by name.

When the engine learns a construct, its row moves from the cures to what runs, and nothing else changes. A
wrong trace is the one thing we never ship, so a word that nobody here knows is refused too.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from caseloom.diagrams.checks.rules import Remark, on, process_rule, scope_rule
from caseloom.diagrams.checks.work import topic_of
from caseloom.diagrams.model import Flow, Node, Process, Scope, line_of
from caseloom.diagrams.namespaces import (
    CAMUNDA,
    CASELOOM,
    ZEEBE,
    bpmn_child,
    tag_of,
    zeebe_elements,
)

RUNS_NODES = frozenset(
    {
        "startEvent",
        "endEvent",
        "intermediateCatchEvent",
        "intermediateThrowEvent",
        "boundaryEvent",
        "task",
        "userTask",
        "manualTask",
        "scriptTask",
        "serviceTask",
        "sendTask",
        "receiveTask",
        "businessRuleTask",
        "exclusiveGateway",
        "parallelGateway",
        "inclusiveGateway",
        "eventBasedGateway",
        "complexGateway",
        "subProcess",
        "transaction",
        "adHocSubProcess",
        "callActivity",
    }
)

_WAITED_FOR = frozenset({"message", "timer", "signal", "conditional"})
RUNS_EVENTS = {
    "startEvent": _WAITED_FOR | {"none"},
    "triggering start": _WAITED_FOR | {"error", "escalation", "compensate"},
    "endEvent": frozenset(
        {"none", "terminate", "error", "message", "signal", "escalation", "compensate", "cancel"}
    ),
    "intermediateCatchEvent": _WAITED_FOR | {"link"},
    "intermediateThrowEvent": frozenset({"none", "message", "signal", "escalation", "compensate", "link"}),
    "boundaryEvent": _WAITED_FOR | {"error", "escalation", "compensate", "cancel"},
}

# What may be one of several triggers of an event.
_TOGETHER = _WAITED_FOR | {"error", "escalation"}

CURES = {
    "callChoreography": ("a choreography", "draw the process of one participant"),
    "choreographyTask": ("a choreography", "draw the process of one participant"),
    "subChoreography": ("a choreography", "draw the process of one participant"),
    "compensate": ("a compensation event", "throw it on the way or at an end, catch it on a border"),
    "escalation": ("an escalation event", "throw it on the way or at an end, catch it on a border"),
    "conditional": ("a conditional event", "wait for the condition behind a plain start"),
    "link": ("a link event", "leap from an intermediate throw event to an intermediate catch event"),
    "cancel": ("a cancel event", "cancel a transaction at an end inside it, and catch it on its border"),
    "none": ("an event without a trigger", "say what it waits for: a message, a timer or a signal"),
    "error": ("an error event", "errors are thrown by end events and caught on the border of an activity"),
    "terminate": ("a terminate event", "only an end event can terminate"),
}

_PLACES = {
    "startEvent": "the start of a process",
    "triggering start": "the start of an event sub-process",
    "endEvent": "an end event",
    "boundaryEvent": "a boundary event",
}

# Elements of other vendors' namespaces are theirs; in those we claim to read, an unknown word is refused.
RUNS_CAMUNDA = frozenset(
    {
        "formData",
        "inputOutput",
        "in",
        "out",
        "properties",
        "failedJobRetryTimeCycle",
        "formProperty",
        "potentialStarter",
        "executionListener",
        "taskListener",
        "errorEventDefinition",
    }
)
RUNS_ZEEBE = frozenset(
    {
        "adHoc",
        "taskDefinition",
        "ioMapping",
        "assignmentDefinition",
        "formDefinition",
        "calledElement",
        "calledDecision",
        "loopCharacteristics",
        "script",
        "subscription",
        "taskSchedule",
        "priorityDefinition",
        "userTask",
        "userTaskForm",
        "properties",
        "taskHeaders",
        "versionTag",
        "bindingType",
        "modelerTemplate",
        "executionListeners",
        "taskListeners",
    }
)
CURED_EXTENSIONS = {
    "connector": ("a connector", "give the task a topic and serve it with a Python function or a worker"),
    "field": ("an injected field", "hand the value over by an input parameter"),
    "preScript": ("a script around it", "draw a script task before it"),
    "postScript": ("a script around it", "draw a script task behind it"),
}
_YES_OR_NO = frozenset({"true", "false"})
OWN_ATTRIBUTES: dict[str, frozenset[str]] = {
    "skipGroups": frozenset(),
    "revisitGroups": frozenset(),
    "insertGroups": frozenset(),
    "skipWhen": frozenset(),
    "revisitWhen": frozenset(),
    "insertWhen": frozenset(),
    "fourEyes": _YES_OR_NO,
    "pointOfNoReturn": _YES_OR_NO,
    "freeWork": frozenset({"withdraw", "finish"}),
    "requiredOutputs": frozenset(),
    "inbox": _YES_OR_NO,
    "effect": frozenset({"none", "idempotent", "compensable", "irreversible"}),
    "compensation": frozenset(),
    "correction": frozenset(),
    "confirm": _YES_OR_NO,
    "dataPolicy": frozenset({"keep", "revert", "clear"}),
    "reuse": frozenset({"manual", "unchanged", "never"}),
    "goal": frozenset(),
    "resultVariable": frozenset(),
}
_SPIFF = "http://spiffworkflow.org/bpmn/schema/1.0/core"


@process_rule("unsupported-element")
def unsupported_element(process: Process) -> Iterator[Remark]:
    """Only elements that the engine runs are deployed.

    Cure: draw it in another way, as the finding says.
    """
    for node in process.all_nodes():
        if node.tag in RUNS_NODES:
            continue
        what, cure = CURES.get(node.tag, (f"a {node.tag}", "draw it with tasks and gateways"))
        yield on(node, f"“{node.label}” is {what}, which does not run yet: {cure}.")


@process_rule("unsupported-event")
def unsupported_event(process: Process) -> Iterator[Remark]:
    """An event has triggers of kinds that the engine runs in that place.

    Cure: use another event, as the finding says.
    """
    triggers = {start.id for node in process.all_nodes() for start in triggers_of(node)}
    for node in process.all_nodes():
        if node.tag not in RUNS_EVENTS:
            continue
        place = "triggering start" if node.id in triggers else node.tag
        for what, cure in _refused_triggers(node, place):
            yield on(node, f"“{node.label}” {what}, which does not run {cure}.")


def _refused_triggers(node: Node, place: str) -> Iterator[tuple[str, str]]:
    if sum(1 for event in node.events if topic_of(event.xml)) > 1:
        yield "is served for several of its triggers", "at a time: draw one event for each service"
    where = _PLACES.get(place, "an intermediate event")
    runs = RUNS_EVENTS[place] & _TOGETHER if len(node.events) > 1 else RUNS_EVENTS[place]
    for kind in [event.kind for event in node.events] or ["none"]:
        if kind not in runs:
            what, cure = CURES.get(kind, (f"a {kind} event", "use another trigger"))
            among = " among other triggers" if len(node.events) > 1 else ""
            yield f"is {what}", f"as {where}{among}: {cure}"


def triggers_of(node: Node) -> list[Node]:
    """The start events of an event sub-process; none of any other node."""
    return node.inner.start_events if node.inner is not None and node.triggered_by_event else []


@scope_rule("triggered-start")
def triggered_start(scope: Scope) -> Iterator[Remark]:
    """The start event of an embedded sub-process has no trigger (BPMN 2.0.2, 10.5.2).

    Cure: make it a plain start, and put the event that is waited for behind it.
    """
    if scope.tag == "process" or scope.xml.get("triggeredByEvent") in ("true", "1"):
        return
    for event in scope.start_events:
        if event.events:
            yield on(event, f"“{event.label}” starts a sub-process, so it has no trigger: wait behind it.")


@process_rule("unsupported-construct")
def unsupported_construct(process: Process) -> Iterator[Remark]:
    """Markers and attributes that would change how a step runs are refused while they do not.

    Cure: as the finding says.
    """
    for node in process.all_nodes():
        for what, cure in _openings(process, node):
            yield on(node, f"“{node.label}” has {what}: {cure}.")
        for what, cure in _ad_hoc_constructs(node):
            yield on(node, f"“{node.label}” has {what}, which does not run yet: {cure}.")


def _openings(process: Process, node: Node) -> Iterator[tuple[str, str]]:
    """What starts a process stands at its beginning (BPMN 2.0.2, 10.6.6)."""
    if node.instantiates and node.scope != process.id:
        yield "the power to start the process, inside a sub-process", "put it into the process itself"
    if node.instantiates and node.incoming:
        yield "the power to start the process, behind another step", "let no flow lead to it"
    if node.waits_for_all and not node.instantiates:
        yield (
            "a parallel event-based gateway that starts nothing",
            "use a parallel gateway with one event in each branch",
        )


def _ad_hoc_constructs(node: Node) -> Iterator[tuple[str, str]]:
    if node.tag != "adHocSubProcess":
        return
    for _ in zeebe_elements(node.xml, "taskDefinition"):
        yield (
            "a worker that chooses its activities",
            "let people choose them, or name them in activeElementsCollection",
        )
    for ad_hoc in zeebe_elements(node.xml, "adHoc"):
        if ad_hoc.get("outputCollection") or ad_hoc.get("outputElement"):
            yield "an output collection", "write the results with output mappings of its activities"


@process_rule("unsupported-extension")
def unsupported_extension(process: Process) -> Iterator[Remark]:
    """Extension elements of Camunda 7, Camunda 8 and SpiffWorkflow are understood, or refused by name.

    Cure: as the finding says; elements of other vendors are left alone.
    """
    owners: list[Process | Node | Flow] = [process, *process.all_nodes(), *process.all_flows()]
    for owner in owners:
        holders = [owner.xml]
        holders += [event.xml for event in owner.events] if isinstance(owner, Node) else []
        for child in _extension_children(holders):
            what = _refused_extension(child)
            if what is not None:
                line = line_of(child)
                yield Remark(owner.id, line, f"“{owner.label}” has {what[0]}, which does not run: {what[1]}.")


def _extension_children(holders: list[etree._Element]) -> Iterator[etree._Element]:
    for holder in holders:
        extensions = bpmn_child(holder, "extensionElements")
        if extensions is not None:
            yield from extensions.iterchildren("{*}*")


def _refused_extension(element: etree._Element) -> tuple[str, str] | None:
    namespace, name = etree.QName(element).namespace, tag_of(element)
    runs = {ZEEBE: RUNS_ZEEBE, CASELOOM: frozenset[str](), _SPIFF: frozenset[str]()}
    runs |= dict.fromkeys(CAMUNDA, RUNS_CAMUNDA)
    if namespace not in runs or name in runs[namespace]:
        return None
    return CURED_EXTENSIONS.get(name, (f"an extension “{name}”", "remove it"))


@process_rule("own-attribute")
def own_attribute(process: Process) -> Iterator[Remark]:
    """Attributes of Caseloom's own namespace are spelled as they should be.

    Cure: correct the name or the value.
    """
    owners: list[Process | Node | Flow] = [process, *process.all_nodes(), *process.all_flows()]
    for owner in owners:
        for key, value in owner.xml.attrib.items():
            name = etree.QName(str(key))
            if name.namespace != CASELOOM:
                continue
            allowed = OWN_ATTRIBUTES.get(name.localname)
            if allowed is None:
                yield on(
                    owner, f"“{owner.label}” has an attribute caseloom:{name.localname}, which is not known."
                )
            elif allowed and value not in allowed:
                words = ", ".join(sorted(allowed))
                yield on(
                    owner, f"caseloom:{name.localname} of “{owner.label}” is “{value}”: use one of {words}."
                )


RULES = (
    unsupported_element,
    unsupported_event,
    triggered_start,
    unsupported_construct,
    unsupported_extension,
    own_attribute,
)
