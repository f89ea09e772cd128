"""From the XML of a diagram to its executable model, by SpiffWorkflow's parser with our own node table.

The XML has been read safely and checked by `caseloom.diagrams` before it comes here. The parser's own node
classes would recurse along the flows and turn conditions into Python: ours take the elements one by one and
compile every text as FEEL or JUEL. Nothing of SpiffWorkflow's script engine is reached.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, ClassVar

from lxml import etree
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.parser.event_parsers import EventDefinitionParser
from SpiffWorkflow.bpmn.parser.ProcessParser import ProcessParser
from SpiffWorkflow.bpmn.parser.util import full_tag

from caseloom.diagrams import conversations
from caseloom.diagrams.data import ITEMS
from caseloom.diagrams.spaced_names import spaced_names
from caseloom.engine.expressions import Expression, compile_place, knowing
from caseloom.engine.flow import data_parsing, forms
from caseloom.engine.flow.attached import TAKE, listeners_of
from caseloom.engine.flow.calling import call_of
from caseloom.engine.flow.definitions import definitions_of, event_kind, referred
from caseloom.engine.flow.error_mappings import mappings_of
from caseloom.engine.flow.model import (
    ACTIVITIES,
    DEFAULT_RETRIES,
    NO_EVENT,
    AdHoc,
    Assignment,
    CompletionEvent,
    DecisionCall,
    Event,
    Flow,
    Loop,
    Model,
    Multi,
    Node,
    Plan,
    Property,
    Retry,
    Rights,
    ValueMapping,
)
from caseloom.engine.flow.reach import reachable
from caseloom.engine.flow.vendors import (
    BPMN,
    ZEEBE,
    children,
    extension,
    local,
    of_ours,
    told,
    vendor,
    version_tag,
)

Element = Any

_WAITS = frozenset(
    {
        "userTask",
        "receiveTask",
        "subProcess",
        "transaction",
        "adHocSubProcess",
        "callActivity",
        "eventBasedGateway",
    }
)
_INSTANTIATES = ("eventBasedGateway", "receiveTask")
_TIMES = {"timeDate": "date", "timeDuration": "duration", "timeCycle": "cycle"}
_GATEWAYS = frozenset(
    {"exclusiveGateway", "parallelGateway", "inclusiveGateway", "complexGateway", "eventBasedGateway"}
)
_JOINS = frozenset({"parallelGateway", "inclusiveGateway", "complexGateway"})
_KINDS = (
    ACTIVITIES
    | _GATEWAYS
    | {
        "startEvent",
        "endEvent",
        "intermediateCatchEvent",
        "intermediateThrowEvent",
        "boundaryEvent",
    }
)


def text(value: str | None, bare: str = "text") -> Expression | None:
    """A compiled text, or None where the diagram has none. `bare` is what it is without `${}` or `=`."""
    if value is None or not value.strip():
        return None
    return compile_place(value.strip(), bare="feel" if bare == "feel" else "text")


class NodeParser(EventDefinitionParser):  # type: ignore[misc]
    """Reads one element into a `Node`; flows are connected by the process parser, so nothing recurses."""

    @property
    def bpmn_attributes(self) -> dict[str, Any]:
        return {
            "description": self.get_description(),
            "lane": self.lane,
            "bpmn_name": self.node.get("name"),
            "documentation": self._documentation(),
        }

    def _documentation(self) -> str | None:
        found = self.node.find(f"{{{BPMN}}}documentation")
        return None if found is None else (found.text or "").strip() or None

    def _get_lane(self) -> Any:
        return self.process_parser.get_lane_name(self.bpmn_id) or self.process_parser.lane

    def parse_node(self) -> Node:
        node: Node = self.spec_class(self.spec, self.bpmn_id, **self.bpmn_attributes)
        node.kind = local(self.node)
        node.line = self.node.sourceline or 0
        node.gateway = node.kind in _GATEWAYS
        node.inclusive = node.kind == "inclusiveGateway"
        node.complex = node.kind == "complexGateway"
        if node.complex:
            node.activation = _child_text(self.node, "activationCondition")
        node.instantiates = node.kind in _INSTANTIATES and told(self.node, "instantiate")
        together = node.kind == "eventBasedGateway" and self.node.get("eventGatewayType") == "Parallel"
        node.waits = node.kind in _WAITS and not together
        node.confirms = of_ours(self.node, "confirm") == "true"
        node.listeners = listeners_of(self.node)
        node.rights = rights(self.node)
        self.spec.nodes[node.name] = node
        if "Event" in node.kind and node.kind != "eventBasedGateway":
            self._event(node)
        if node.kind in ACTIVITIES:
            self._activity(node)
        if reader := _READERS.get(node.kind):
            reader(self, node)
        if not node.gateway:
            self._data(node)
        return node

    # -- events ----------------------------------------------------------------------------------

    def _event(self, node: Node) -> None:
        found = definitions_of(self.node)
        node.event = self._several(found) if len(found) > 1 else self._part(found[0]) if found else NO_EVENT
        edge = "isInterrupting" if node.kind == "startEvent" else "cancelActivity"
        node.interrupting = told(self.node, edge, unless="true")
        node.insists = node.interrupting and (node.event.kind == "error" or self.node.get(edge) is not None)
        node.waits = node.event.kind != "link" and (
            node.kind == "intermediateCatchEvent"
            or (node.kind == "startEvent" and self._starts_together(node))
        )
        if node.kind == "startEvent":
            self.spec.initiator = vendor(self.node, "initiator") or self.spec.initiator
            node.form = forms.of(self.node)
        if node.kind in ("intermediateThrowEvent", "endEvent"):
            self._served(node, found)
        self._mappings(node)

    def _starts_together(self, node: Node) -> bool:
        """Do several triggers start the process together? After the first, it waits for the others."""
        return node.event.parallel and local(self.process_parser.node) == "process"

    def _several(self, found: Sequence[Element]) -> Event:
        """A multiple or parallel multiple event: one part for each definition."""
        parts = tuple(self._part(one) for one in found)
        return Event("multiple", parts=parts, parallel=told(self.node, "parallelMultiple"))

    def _served(self, node: Node, found: Sequence[Element]) -> None:
        """A message that a service sends: the event waits for it."""
        for element, (key, _) in zip(found, node.parts, strict=False):
            if event_kind(element) == "message" and node.topic is None:
                self._work(node, element)
                node.served = None if node.topic is None else key

    def _part(self, element: Element) -> Event:
        kind, parser = event_kind(element), self.process_parser.parser
        if kind == "timer":
            timer = next(child for child in element if local(child) in _TIMES)
            return Event("timer", timer=_TIMES[local(timer)], when=text(timer.text))
        if kind == "message":
            return self._message(element.get("messageRef"))
        if kind == "signal":
            return Event("signal", name=text(parser.signals.get(element.get("signalRef"))))
        if kind == "error":
            found = parser.errors.get(element.get("errorRef"), {})
            return Event(
                "error",
                code=found.get("error_code"),
                message=self._error_message(element.get("errorRef")),
                code_variable=vendor(element, "errorCodeVariable"),
                message_variable=vendor(element, "errorMessageVariable"),
            )
        if kind == "escalation":
            found = parser.escalations.get(element.get("escalationRef"), {})
            variable = vendor(element, "escalationCodeVariable")
            return Event("escalation", code=found.get("escalation_code"), code_variable=variable)
        if kind == "conditional":
            return Event("conditional", condition=_child_text(element, "condition"))
        if kind == "compensate":
            return Event("compensation", code=element.get("activityRef"))
        if kind == "link":
            return Event("link", code=element.get("name") or self.node.get("name"))
        return Event(kind)

    def _error_message(self, reference: str | None) -> Expression | None:
        """`camunda:errorMessage` of an error: what its catcher is told."""
        for error in self.process_parser.document_root.iter(f"{{{BPMN}}}error"):
            if error.get("id") == reference:
                return text(vendor(error, "errorMessage"))
        return None

    def _message(self, reference: str | None) -> Event:
        root = self.process_parser.document_root
        message = conversations.message_of(root, self.node, reference)
        name = text(self.process_parser.parser.messages.get(message))
        process = next(self.node.iterancestors(f"{{{BPMN}}}process"), None)
        found = conversations.retrievals(root, message, process)
        properties = tuple(
            Property(one.name, one.id, _path(one.path), _path(one.bound) if one.bound else None)
            for one in found
        )
        return Event("message", name=name, correlation=self._correlation(message), properties=properties)

    def _correlation(self, reference: str | None) -> Expression | None:
        """The zeebe subscription of a message."""
        for message in self.process_parser.document_root.iter(f"{{{BPMN}}}message"):
            if message.get("id") == reference:
                found = extension(message, ZEEBE, "subscription")
                return None if found is None else text(found.get("correlationKey"))
        return None

    # -- activities ------------------------------------------------------------------------------

    def _activity(self, node: Node) -> None:
        node.for_compensation = told(self.node, "isForCompensation")
        node.start_quantity = int(self.node.get("startQuantity", 1))
        node.completion_quantity = int(self.node.get("completionQuantity", 1))
        node.reuse = of_ours(self.node, "reuse")
        node.goal = of_ours(self.node, "goal")
        node.required_outputs = listed(of_ours(self.node, "requiredOutputs") or "")
        node.inbox = node.kind == "userTask" or of_ours(self.node, "inbox") == "true"
        node.waits = node.waits or node.inbox
        default = "irreversible" if node.kind in ("serviceTask", "sendTask") else "none"
        node.effect = of_ours(self.node, "effect") or default
        node.effect_told = of_ours(self.node, "effect") is not None
        node.remedy_topic = text(of_ours(self.node, "compensation"))
        node.correction = text(of_ours(self.node, "correction"))
        node.result_variable = vendor(self.node, "resultVariable") or of_ours(self.node, "resultVariable")
        node.multi = self._multi()
        node.loop = self._loop()
        self._mappings(node)
        if node.inbox:
            self._user(node)

    def _data(self, node: Node) -> None:
        by_id = self.process_parser.parser.by_id
        node.data_inputs = data_parsing.associations(self.node, "dataInputAssociation", by_id)
        node.data_outputs = data_parsing.associations(self.node, "dataOutputAssociation", by_id)
        node.data_needs = data_parsing.needs(self.node)
        if not node.sub:
            node.properties = data_parsing.declared(self.node)
        if node.call is not None and data_parsing.parts_data(node.data_inputs, node.data_outputs):
            node.call = replace(node.call, isolated=True)

    def _mappings(self, node: Node) -> None:
        found = [*children(self.node, "inputOutput"), *children(self.node, "ioMapping", ZEEBE)]
        inputs: list[ValueMapping] = []
        outputs: list[ValueMapping] = []
        for element in found:
            for child in element:
                if not isinstance(child.tag, str):
                    continue
                zeebe = local(child) in ("input", "output")
                mapping = (
                    ValueMapping(child.get("target"), text(child.get("source")))
                    if zeebe
                    else ValueMapping(child.get("name"), forms.parameter(child))
                )
                (inputs if local(child).startswith("input") else outputs).append(mapping)
                node.only_mapped_outputs |= zeebe and local(child) == "output"
        node.input_mappings, node.output_mappings = tuple(inputs), tuple(outputs)

    def _multi(self) -> Multi | None:
        found = self.node.find(f"{{{BPMN}}}multiInstanceLoopCharacteristics")
        if found is None:
            return None
        zeebe = extension(found, ZEEBE, "loopCharacteristics")
        ref = found.find(f"{{{BPMN}}}loopDataInputRef")
        item = found.find(f"{{{BPMN}}}inputDataItem")
        output = found.find(f"{{{BPMN}}}loopDataOutputRef")
        output_item = found.find(f"{{{BPMN}}}outputDataItem")
        collection = (
            vendor(found, "collection")
            or (zeebe is not None and zeebe.get("inputCollection"))
            or (ref is not None and self._data_name(ref.text))
            or None
        )
        return Multi(
            told(found, "isSequential"),
            cardinality=_child_text(found, "loopCardinality"),
            collection=text(collection, "feel"),
            item=vendor(found, "elementVariable")
            or (zeebe is not None and zeebe.get("inputElement"))
            or (item is not None and (item.get("name") or item.get("id")))
            or None,
            until=_child_text(found, "completionCondition"),
            output=(zeebe is not None and zeebe.get("outputCollection"))
            or (output is not None and self._data_name(output.text))
            or None,
            output_item=text(
                (zeebe is not None and zeebe.get("outputElement"))
                or (output_item is not None and (output_item.get("name") or output_item.get("id")))
                or None,
                "feel",
            ),
            behavior=found.get("behavior", "All"),
            completion_events=self._completion_events(found),
        )

    def _completion_events(self, loop: Element) -> tuple[CompletionEvent, ...]:
        """What its instances tell when they complete (BPMN 2.0.2, table 10.31 and 13.3.7)."""
        behavior = loop.get("behavior", "All")
        if behavior == "Complex":
            rows = loop.iterchildren(f"{{{BPMN}}}complexBehaviorDefinition")
            return tuple(self._complex(row) for row in rows)
        if behavior not in ("None", "One"):
            return ()
        shared = referred(loop, loop.get(f"{behavior.lower()}BehaviorEventRef"))
        return (CompletionEvent(None, Event("signal") if shared is None else self._part(shared)),)

    def _complex(self, row: Element) -> CompletionEvent:
        event = row.find(f"{{{BPMN}}}event")
        found = [] if event is None else definitions_of(event)
        return CompletionEvent(_child_text(row, "condition"), self._part(found[0]) if found else None)

    def _loop(self) -> Loop | None:
        found = self.node.find(f"{{{BPMN}}}standardLoopCharacteristics")
        if found is None:
            return None
        maximum = found.get("loopMaximum")
        return Loop(
            _child_text(found, "loopCondition"),
            told(found, "testBefore"),
            int(maximum) if maximum and maximum.isdecimal() else None,
        )

    def _data_name(self, reference: str | None) -> str | None:
        """A data input, output or object by its name; the id itself where it has none."""
        return data_parsing.item(reference, self.process_parser.parser.by_id).name

    def _user(self, node: Node) -> None:
        self._assign(node)
        node.form = forms.of(self.node)
        node.form_defaults = forms.defaults(node.form)

    def _assign(self, node: Node) -> None:
        """Who should do it: as the modeler says, else those of its lane."""
        zeebe = extension(self.node, ZEEBE, "assignmentDefinition")
        schedule = extension(self.node, ZEEBE, "taskSchedule")

        def given(
            name: str, other: Element | None = None, zeebe_name: str | None = None
        ) -> Expression | None:
            own = vendor(self.node, name)
            return text(own if own is not None or other is None else other.get(zeebe_name or name))

        groups = given("candidateGroups", zeebe)
        assignee = given("assignee", zeebe)
        users = given("candidateUsers", zeebe)
        if not (groups or assignee or users) and node.lane:
            groups = compile_place(node.lane, bare="text")
        node.assignment = Assignment(
            assignee=assignee,
            users=users,
            groups=groups,
            due=given("dueDate", schedule),
            follow_up=given("followUpDate", schedule),
            priority=given("priority", extension(self.node, ZEEBE, "priorityDefinition")),
        )

    def _work(self, node: Node, element: Element) -> None:
        """A topic, from wherever a modeler may have put it."""
        zeebe = extension(element, ZEEBE, "taskDefinition")
        if zeebe is None:
            zeebe = extension(self.node, ZEEBE, "taskDefinition")
        delegate = vendor(element, "delegateExpression")
        topic = (
            vendor(element, "topic") or (zeebe is not None and zeebe.get("type")) or vendor(element, "class")
        )
        node.retry = self._retry() or _zeebe_retry(zeebe)
        node.headers = _headers(self.node)
        node.error_mappings = mappings_of(self.node, self.process_parser.parser.errors)
        if topic is None and delegate is not None:
            topic = delegate.strip().removeprefix("${").removeprefix("#{").removesuffix("}").strip()
        node.topic = text(topic)
        node.waits = node.waits or node.topic is not None
        if node.topic is None and (expression := vendor(element, "expression")):
            node.script, node.effect = text(expression), of_ours(self.node, "effect") or "none"

    def _retry(self) -> Retry | None:
        """`camunda:failedJobRetryTimeCycle`: `R3/PT10M`, or several waits of which the first is taken."""
        found = children(self.node, "failedJobRetryTimeCycle")
        cycle = (found[0].text or "").split(",")[0].strip() if found else ""
        count, _, wait = cycle.rpartition("/")
        if not cycle:
            return None
        return Retry(int(count[1:]) if count[1:].isdecimal() else DEFAULT_RETRIES, wait)

    def _service(self, node: Node) -> None:
        self._work(node, self.node)
        if node.kind == "sendTask" and node.topic is None and node.script is None:
            node.event = self._message(self.node.get("messageRef"))
            node.sends = True

    def _receive(self, node: Node) -> None:
        root = self.process_parser.document_root
        if conversations.message_of(root, self.node, self.node.get("messageRef")):
            node.event = self._message(self.node.get("messageRef"))
            return
        node.event = Event("message", name=compile_place(node.label, bare="text"))

    def _script(self, node: Node) -> None:
        found = self.node.find(f"{{{BPMN}}}script")
        zeebe = extension(self.node, ZEEBE, "script")
        if zeebe is not None:
            node.script = text(zeebe.get("expression"), "feel")
            node.result_variable = node.result_variable or zeebe.get("resultVariable")
            return
        node.script = text(None if found is None else found.text, "feel")

    def _decision(self, node: Node) -> None:
        self._work(node, self.node)
        zeebe = extension(self.node, ZEEBE, "calledDecision")
        reference = vendor(self.node, "decisionRef") or (zeebe is not None and zeebe.get("decisionId"))
        if not reference:
            return
        binding = vendor(self.node, "decisionRefBinding") or (zeebe is not None and zeebe.get("bindingType"))
        node.decision = DecisionCall(
            key=compile_place(reference, bare="text"),
            binding=binding or "latest",
            version=text(vendor(self.node, "decisionRefVersion")),
            result_variable=node.result_variable
            or (zeebe is not None and zeebe.get("resultVariable"))
            or None,
            mapping=vendor(self.node, "mapDecisionResult") or ("raw" if zeebe is not None else "resultList"),
        )

    def _sub(self, node: Node) -> None:
        self.process_parser.parser.create_parser(self.node, filename=self.filename, lane=self.lane)
        node.sub = self.bpmn_id
        node.handler = told(self.node, "triggeredByEvent")
        node.compensates_scope = _compensates_scope(self.node)
        node.compensates_itself = any(
            _compensates_scope(inner) for inner in self.node.iterchildren(f"{{{BPMN}}}subProcess")
        )

    def _chosen_by_people(self, node: Node) -> None:
        """An ad-hoc sub-process: whoever is named for it chooses what runs there."""
        self._sub(node)
        self._assign(node)

    def _call(self, node: Node) -> None:
        node.call = call_of(self.node, node.input_mappings)


_READERS: dict[str, Callable[[NodeParser, Node], None]] = {
    "serviceTask": NodeParser._service,
    "sendTask": NodeParser._service,
    "receiveTask": NodeParser._receive,
    "scriptTask": NodeParser._script,
    "businessRuleTask": NodeParser._decision,
    "subProcess": NodeParser._sub,
    "transaction": NodeParser._sub,
    "adHocSubProcess": NodeParser._chosen_by_people,
    "callActivity": NodeParser._call,
}


def _compensates_scope(sub: Element) -> bool:
    starts = sub.iterchildren(f"{{{BPMN}}}startEvent")
    return told(sub, "triggeredByEvent") and any(
        event_kind(one) == "compensate" for start in starts for one in definitions_of(start)
    )


def _headers(element: Element) -> dict[str, str]:
    """What a modeler wrote down for the worker (`zeebe:taskHeaders`)."""
    groups = children(element, "taskHeaders", ZEEBE)
    found = (one for group in groups for one in group if isinstance(one.tag, str) and one.get("key"))
    return {one.get("key"): one.get("value") or "" for one in found}


def _zeebe_retry(task: Element | None) -> Retry | None:
    retries = None if task is None else task.get("retries")
    return Retry(int(retries)) if retries and retries.isdecimal() else None


def _path(path: str) -> Expression:
    return compile_place(path, bare="feel")


def _child_text(element: Element, name: str) -> Expression | None:
    found = element.find(f"{{{BPMN}}}{name}")
    return None if found is None else text(found.text, "feel")


def _ad_hoc(element: Element) -> AdHoc:
    zeebe = extension(element, ZEEBE, "adHoc")
    return AdHoc(
        element.get("ordering", "Parallel") == "Sequential",
        until=_child_text(element, "completionCondition"),
        cancels=told(element, "cancelRemainingInstances", unless="true"),
        active=text(None if zeebe is None else zeebe.get("activeElementsCollection"), "feel"),
    )


def listed(names: str) -> tuple[str, ...]:
    """Names with commas between them."""
    return tuple(part.strip() for part in names.split(",") if part.strip())


def rights(element: Element) -> Rights:
    def groups(name: str) -> tuple[str, ...] | None:
        value = of_ours(element, name)
        return None if value is None else listed(value)

    return Rights(
        skip=groups("skipGroups"),
        revisit=groups("revisitGroups"),
        insert=groups("insertGroups"),
        skip_when=text(of_ours(element, "skipWhen"), "feel"),
        revisit_when=text(of_ours(element, "revisitWhen"), "feel"),
        insert_when=text(of_ours(element, "insertWhen"), "feel"),
        four_eyes=None if (four := of_ours(element, "fourEyes")) is None else four == "true",
        point_of_no_return=of_ours(element, "pointOfNoReturn") == "true",
    )


class PlanParser(ProcessParser):  # type: ignore[misc]
    """One process or sub-process: its nodes one after the other, then its flows."""

    def create_spec(self) -> Plan:
        plan = Plan(name=self.bpmn_id, description=self.get_name(), filename=self.filename)
        plan.declares = data_parsing.declared(self.node)
        plan.data_needs = data_parsing.needs(self.node)
        if local(self.node) == "adHocSubProcess":
            plan.ad_hoc = _ad_hoc(self.node)
        return plan

    def _parse(self) -> None:
        self.spec = self.create_spec()
        if local(self.node) == "process":
            self.spec.process_listeners = listeners_of(self.node)
        self.add_tasks()

    def add_tasks(self) -> None:
        for element in self.node:
            if isinstance(element.tag, str) and local(element) in _KINDS:
                self.parse_node(element)
        for element in self.node.iterchildren(f"{{{BPMN}}}boundaryEvent"):
            event, host = self.spec.nodes[element.get("id")], self.spec.nodes[element.get("attachedToRef")]
            event.host = host
            host.boundary.append(event)
        for element in self.node.iterchildren(f"{{{BPMN}}}sequenceFlow"):
            self._connect(element)
        self._connect_links()
        self._connect_compensation()
        for node in self.spec.nodes.values():
            node.joins = node.start_quantity > 1 or (node.kind in _JOINS and len(node.incoming) > 1)
        self.spec.reach = reachable(self.spec)

    def _connect_links(self) -> None:
        """A link is a flow that is not drawn (BPMN 2.0.2, 10.5.5)."""
        links = [node for node in self.spec.nodes.values() if node.event.kind == "link"]
        catchers = {node.event.code: node for node in links if node.kind == "intermediateCatchEvent"}
        for node in links:
            if node.kind == "intermediateThrowEvent" and (target := catchers.get(node.event.code)):
                name = f"{node.name}→{target.name}"
                node.connect(target)
                target.incoming.append(name)
                node.flows.append(Flow(name, target.name, node.event.code, None, False))

    def _connect_compensation(self) -> None:
        """An association leads from a compensation event to its handler (BPMN 2.0.2, 10.7)."""
        for element in self.document_root.iter(f"{{{BPMN}}}association"):
            event = self.spec.nodes.get(element.get("sourceRef"))
            handler = self.spec.nodes.get(element.get("targetRef"))
            if event is None or handler is None or event.host is None or not handler.for_compensation:
                continue
            if event.event.kind == "compensation":
                event.host.compensator = handler
        for node in list(self.spec.nodes.values()):
            if node.remedy_topic is not None and node.compensator is None:
                node.compensator = self._served(node)

    def _served(self, node: Node) -> Node:
        """The handler of an activity that only names who takes back what it did. A space keeps its id apart."""
        handler = Node(self.spec, f"{node.name} remedy", bpmn_name=f"Take back: {node.label}")
        handler.kind, handler.waits, handler.for_compensation = "serviceTask", True, True
        handler.topic, handler.line = node.remedy_topic, node.line
        self.spec.nodes[handler.name] = handler
        return handler

    def _connect(self, element: Element) -> None:
        source = self.spec.nodes[element.get("sourceRef")]
        target = self.spec.nodes[element.get("targetRef")]
        condition = element.find(f"{{{BPMN}}}conditionExpression")
        source.connect(target)
        target.incoming.append(element.get("id"))
        source.flows.append(
            Flow(
                element.get("id"),
                target.name,
                element.get("name"),
                None if condition is None else text(condition.text, "feel"),
                self.get_node_by_id(source.name).get("default") == element.get("id"),
                listeners_of(element).get(TAKE, ()),
            )
        )


class DiagramParser(BpmnParser):  # type: ignore[misc]
    OVERRIDE_PARSER_CLASSES: ClassVar = {full_tag(kind): (NodeParser, Node) for kind in _KINDS}
    PROCESS_PARSER_CLASS = PlanParser

    root: Element

    @cached_property
    def by_id(self) -> dict[str, Element]:
        """The data of the file, which associations and loops refer to."""
        found = self.root.iter(*(f"{{{BPMN}}}{tag}" for tag in ITEMS))
        return {element.get("id"): element for element in found}

    def _add_data_stores(self, bpmn: Element) -> None:
        """Data stores are read where an association leads to one: SpiffWorkflow asks for a class behind each."""

    def _add_correlations(self, bpmn: Element) -> None:
        """Correlation keys are read where a message is: SpiffWorkflow's would be Python."""


def read(root: etree._Element, file: str) -> dict[str, dict[str, Plan]]:
    """All processes of a checked diagram: process id -> its plans by id, the process itself among them."""
    with knowing(spaced_names(root)):
        parser = DiagramParser()
        parser.root = root
        parser.add_bpmn_xml(root, filename=file)
        return {key: _plans(parser, key) for key in list(parser.process_parsers)}


def _plans(parser: DiagramParser, key: str) -> dict[str, Plan]:
    plans: dict[str, Plan] = {}
    waiting = [key]
    while waiting:
        name = waiting.pop()
        plan = plans[name] = parser.get_spec(name)
        waiting.extend(node.sub for node in plan.nodes.values() if node.sub)
    return plans


def model(
    root: etree._Element, *, file: str, key: str, definition_id: str, version: int, deployment_id: str
) -> Model:
    """The executable model of one process of a checked diagram."""
    plans = read(root, file)[key]
    process = next(found for found in root.iter(f"{{{BPMN}}}process") if found.get("id") == key)
    plans[key].version_tag = version_tag(process)
    return Model(
        definition_id=definition_id,
        key=key,
        version=version,
        deployment_id=deployment_id,
        plan=plans[key],
        plans=plans,
        rights=rights(process),
        data_policy=of_ours(process, "dataPolicy"),
        free_work=of_ours(process, "freeWork") or "withdraw",
    )
