"""A BPMN document as the checks see it: processes, scopes, nodes and flows, each with its line.

Read only, and apart from the executable model that the engine builds. A node keeps its XML element, so that a
rule can look at an attribute that this view does not name. Sub-processes nest as scopes; the functions here
recurse with them, which `reading` bounds by the depth of the XML. A node equals only itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from lxml import etree

from caseloom.diagrams.global_tasks import is_global
from caseloom.diagrams.namespaces import BPMN, bpmn_child, bpmn_children, extension, tag_of, text_of

TASKS = frozenset(
    {
        "task",
        "userTask",
        "manualTask",
        "serviceTask",
        "sendTask",
        "receiveTask",
        "scriptTask",
        "businessRuleTask",
    }
)
SUB_PROCESSES = frozenset({"subProcess", "transaction", "adHocSubProcess"})
ACTIVITIES = TASKS | SUB_PROCESSES | {"callActivity"}
GATEWAYS = frozenset(
    {"exclusiveGateway", "parallelGateway", "inclusiveGateway", "complexGateway", "eventBasedGateway"}
)
EVENTS = frozenset(
    {
        "startEvent",
        "endEvent",
        "intermediateCatchEvent",
        "intermediateThrowEvent",
        "boundaryEvent",
        "implicitThrowEvent",
        "event",
    }
)
_OTHER_NODES = frozenset({"callChoreography", "choreographyTask", "subChoreography"})
FLOW_NODES = ACTIVITIES | GATEWAYS | EVENTS | _OTHER_NODES


@dataclass(frozen=True, slots=True)
class Expression:
    """A text that is computed, with the language that the diagram names for it, if any."""

    text: str
    language: str | None
    line: int


@dataclass(frozen=True, slots=True)
class EventDefinition:
    """What an event reacts to or throws: `kind` is `timer`, …; `reference` is the id of a root element."""

    kind: str
    id: str | None
    reference: str | None
    line: int
    xml: etree._Element = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Flow:
    id: str | None
    name: str | None
    source: str
    target: str
    condition: Expression | None
    scope: str
    line: int
    xml: etree._Element = field(repr=False, compare=False)

    @property
    def label(self) -> str:
        return self.name or self.id or f"{self.source} → {self.target}"


@dataclass(frozen=True, eq=False)
class Node:
    """An activity, gateway or event. `inner` is what a sub-process holds."""

    id: str
    name: str | None
    tag: str
    scope: str
    line: int
    incoming: tuple[Flow, ...] = field(repr=False)
    outgoing: tuple[Flow, ...] = field(repr=False)
    events: tuple[EventDefinition, ...]
    xml: etree._Element = field(repr=False, compare=False)
    inner: Scope | None = field(default=None, repr=False)
    told: tuple[EventDefinition, ...] = ()  # what its instances throw when they complete

    @property
    def label(self) -> str:
        return self.name or self.id

    @property
    def is_activity(self) -> bool:
        return self.tag in ACTIVITIES

    @property
    def attached_to(self) -> str | None:
        return self.xml.get("attachedToRef") if self.tag == "boundaryEvent" else None

    @property
    def interrupts(self) -> bool:
        word = "cancelActivity" if self.tag == "boundaryEvent" else "isInterrupting"
        return self.xml.get(word) not in ("false", "0")

    @property
    def default(self) -> str | None:
        return self.xml.get("default")

    @property
    def triggered_by_event(self) -> bool:
        return self.xml.get("triggeredByEvent") in ("true", "1")

    @property
    def for_compensation(self) -> bool:
        return self.xml.get("isForCompensation") in ("true", "1")

    @property
    def counts_tokens(self) -> bool:
        """Does the activity need, or give, other than one token at a time?"""
        return any(self.xml.get(name, "1") != "1" for name in ("startQuantity", "completionQuantity"))

    @property
    def instantiates(self) -> bool:
        """Does the first of its events start the process?"""
        return self.tag in ("eventBasedGateway", "receiveTask") and self.xml.get("instantiate") in (
            "true",
            "1",
        )

    @property
    def waits_for_all(self) -> bool:
        """Is it an event-based gateway whose events have to come, all of them?"""
        return self.tag == "eventBasedGateway" and self.xml.get("eventGatewayType") == "Parallel"

    @property
    def stands_apart(self) -> bool:
        """Event sub-processes, compensation handlers and boundary events are not reached by flows."""
        return self.triggered_by_event or self.for_compensation or self.tag == "boundaryEvent"

    @cached_property
    def multi_instance(self) -> etree._Element | None:
        return bpmn_child(self.xml, "multiInstanceLoopCharacteristics")

    @property
    def link(self) -> str | None:
        """The name by which a link event finds its other end."""
        definition = next((event.xml for event in self.events if event.kind == "link"), None)
        return None if definition is None else definition.get("name") or self.name

    def has_event(self, kind: str) -> bool:
        return any(event.kind == kind for event in self.events)

    def reference(self, kind: str) -> str | None:
        """What its event of that kind refers to."""
        return next((event.reference for event in self.events if event.kind == kind), None)


@dataclass(frozen=True, eq=False)
class Scope:
    """What flows may connect: the direct content of a process or of a sub-process."""

    id: str
    name: str | None
    tag: str
    line: int
    nodes: tuple[Node, ...]
    flows: tuple[Flow, ...]
    xml: etree._Element = field(repr=False, compare=False)

    @property
    def label(self) -> str:
        return self.name or self.id

    @cached_property
    def by_id(self) -> dict[str, Node]:
        return {node.id: node for node in self.nodes}

    @cached_property
    def boundary_events(self) -> dict[str, list[Node]]:
        """The boundary events by the id of their host."""
        events: dict[str, list[Node]] = {}
        for node in self.nodes:
            if node.attached_to:
                events.setdefault(node.attached_to, []).append(node)
        return events

    @property
    def start_events(self) -> list[Node]:
        return [node for node in self.nodes if node.tag == "startEvent"]

    @property
    def openings(self) -> list[Node]:
        """Where a case begins, at one of them: the start events, and what starts the process without one."""
        return [node for node in self.nodes if node.tag == "startEvent" or node.instantiates]

    @property
    def entrances(self) -> list[Node]:
        """Where tokens begin: the openings; without any, all that nothing leads to (10.5.2)."""
        return self.openings or [
            node
            for node in self.nodes
            if not node.incoming and not node.stands_apart and not self.leaps_to(node)
        ]

    def leaps_to(self, node: Node) -> bool:
        """Whether the node is the far end of a link."""
        return node.link is not None and node.tag == "intermediateCatchEvent"

    def leaps_from(self, node: Node) -> list[Node]:
        """The far ends of a link that begins at the node."""
        if node.link is None or node.tag != "intermediateThrowEvent":
            return []
        return self._landings.get(node.link, [])

    @cached_property
    def _landings(self) -> dict[str | None, list[Node]]:
        landings: dict[str | None, list[Node]] = {}
        for node in self.nodes:
            if self.leaps_to(node):
                landings.setdefault(node.link, []).append(node)
        return landings

    def scopes(self) -> Iterator[Scope]:
        """This scope, and all within it."""
        yield self
        for node in self.nodes:
            if node.inner is not None:
                yield from node.inner.scopes()

    def all_nodes(self) -> Iterator[Node]:
        for scope in self.scopes():
            yield from scope.nodes

    def all_flows(self) -> Iterator[Flow]:
        for scope in self.scopes():
            yield from scope.flows


@dataclass(frozen=True, eq=False)
class Process(Scope):
    executable: bool = False

    @property
    def is_global_task(self) -> bool:
        return is_global(self.xml)


@dataclass(frozen=True, eq=False)
class Document:
    """One BPMN file."""

    file: str
    processes: tuple[Process, ...]
    root: etree._Element = field(repr=False, compare=False)

    @property
    def executable(self) -> list[Process]:
        return [process for process in self.processes if process.executable]

    @property
    def examined(self) -> list[Process]:
        """What is checked: the executable processes; where none is drawn, all, to make findings complete."""
        return self.executable if self.runs else list(self.processes)

    @property
    def runs(self) -> bool:
        """Is there anything executable, or at least nothing drawn beside global tasks?"""
        return any(process.executable for process in self.drawn) or (not self.drawn and bool(self.processes))

    @property
    def drawn(self) -> list[Process]:
        return [process for process in self.processes if not process.is_global_task]

    @cached_property
    def definitions(self) -> dict[tuple[str, str], etree._Element]:
        """The messages, signals, errors, … by tag and id."""
        return {
            (tag_of(child), child.get("id", "")): child
            for child in self.root.iterchildren(f"{{{BPMN}}}*")
            if tag_of(child) != "process"
        }


def read_document(file: str, root: etree._Element) -> Document:
    """The view of a `definitions` element, whatever its state: nothing is refused here."""
    shared = _Shared(root)
    processes = tuple(_process(element, shared) for element in bpmn_children(root, "process"))
    return Document(file, processes, root)


class _Shared:
    """The event definitions of a file by their ids: an event may refer to one instead of holding its own."""

    def __init__(self, root: etree._Element) -> None:
        self._root = root

    @cached_property
    def _by_id(self) -> dict[str, etree._Element]:
        found = (element for element in self._root.iter(f"{{{BPMN}}}*") if _is_definition(element))
        return {element.get("id", ""): element for element in found}

    def get(self, reference: str | None) -> etree._Element | None:
        return self._by_id.get((reference or "").strip().rpartition(":")[2])


def _is_definition(element: etree._Element) -> bool:
    return tag_of(element).endswith("EventDefinition")


def _process(element: etree._Element, shared: _Shared) -> Process:
    scope = _scope(element, shared)
    return Process(
        scope.id,
        scope.name,
        scope.tag,
        scope.line,
        scope.nodes,
        scope.flows,
        element,
        executable=element.get("isExecutable") in ("true", "1"),
    )


def _scope(element: etree._Element, shared: _Shared) -> Scope:
    scope_id = element.get("id", "")
    flows = tuple(_flow(child, scope_id) for child in bpmn_children(element, "sequenceFlow"))
    incoming: dict[str, list[Flow]] = {}
    outgoing: dict[str, list[Flow]] = {}
    for flow in flows:
        incoming.setdefault(flow.target, []).append(flow)
        outgoing.setdefault(flow.source, []).append(flow)
    nodes = tuple(
        _node(child, scope_id, incoming, outgoing, shared)
        for child in element.iterchildren(f"{{{BPMN}}}*")
        if tag_of(child) in FLOW_NODES
    )
    return Scope(scope_id, element.get("name"), tag_of(element), line_of(element), nodes, flows, element)


def _node(
    element: etree._Element,
    scope: str,
    incoming: dict[str, list[Flow]],
    outgoing: dict[str, list[Flow]],
    shared: _Shared,
) -> Node:
    node_id = element.get("id", "")
    tag = tag_of(element)
    return Node(
        id=node_id,
        name=_one_line(element.get("name")),
        tag=tag,
        scope=scope,
        line=line_of(element),
        incoming=tuple(incoming.get(node_id, ())),
        outgoing=tuple(outgoing.get(node_id, ())),
        events=tuple(_event_definitions(element, shared)) if tag in EVENTS else (),
        xml=element,
        inner=_scope(element, shared) if tag in SUB_PROCESSES else None,
        told=tuple(_told(element, shared)) if tag in ACTIVITIES else (),
    )


def _event_definitions(element: etree._Element, shared: _Shared) -> Iterator[EventDefinition]:
    for child in element.iterchildren(f"{{{BPMN}}}*"):
        found = shared.get(child.text) if tag_of(child) == "eventDefinitionRef" else child
        if found is not None and _is_definition(found):
            yield _definition(found, line_of(child))


def _definition(element: etree._Element, line: int) -> EventDefinition:
    kind = tag_of(element).removesuffix("EventDefinition")
    return EventDefinition(kind, element.get("id"), element.get(f"{kind}Ref"), line, element)


def _told(activity: etree._Element, shared: _Shared) -> Iterator[EventDefinition]:
    loop = bpmn_child(activity, "multiInstanceLoopCharacteristics")
    behavior = "All" if loop is None else loop.get("behavior", "All")
    if loop is None or behavior == "All":
        return
    if behavior == "Complex":
        for row in bpmn_children(loop, "complexBehaviorDefinition"):
            for event in bpmn_children(row, "event"):
                yield from _event_definitions(event, shared)
        return
    found = shared.get(loop.get(f"{behavior.lower()}BehaviorEventRef"))
    if found is not None:
        yield _definition(found, line_of(loop))


def _flow(element: etree._Element, scope: str) -> Flow:
    return Flow(
        id=element.get("id"),
        name=_one_line(element.get("name")),
        source=element.get("sourceRef", ""),
        target=element.get("targetRef", ""),
        condition=expression_in(element, "conditionExpression"),
        scope=scope,
        line=line_of(element),
        xml=element,
    )


def expression_in(element: etree._Element, tag: str) -> Expression | None:
    """The expression in the child `tag`; None where there is none, or nothing in it."""
    child = bpmn_child(element, tag)
    if child is None:
        return None
    text = text_of(child)
    elsewhere = extension(child, "resource")
    if not text and elsewhere is None:
        return None
    return Expression(text, child.get("language"), line_of(child))


def line_of(element: etree._Element) -> int:
    return element.sourceline or 0


def _one_line(name: str | None) -> str | None:
    return " ".join(name.split()) if name else None
