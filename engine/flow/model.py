"""The executable model of a diagram: SpiffWorkflow's specifications, with what our token rule needs on them.

Built once per definition by `parsing`, shared by all cases, never changed afterwards. Expressions are
compiled; nothing here evaluates one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from functools import cached_property
from typing import Any

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.control import BpmnStartTask, SimpleBpmnTask
from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin

from caseloom.engine.expressions import Expression
from caseloom.engine.flow.attached import Listener, Listeners
from caseloom.engine.results import Form

# Variables that a loop or a multi-instance keeps by itself.
COUNTERS = frozenset({"loopCounter", "nrOfInstances", "nrOfCompletedInstances", "nrOfActiveInstances"})


@dataclass(frozen=True, slots=True)
class Flow:
    id: str
    target: str
    name: str | None
    condition: Expression | None
    default: bool
    listeners: tuple[Listener, ...] = ()


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who should do a task, and by when: each an expression or None."""

    assignee: Expression | None = None
    users: Expression | None = None
    groups: Expression | None = None
    due: Expression | None = None
    follow_up: Expression | None = None
    priority: Expression | None = None


@dataclass(frozen=True, slots=True)
class CompletionEvent:
    """What an instance tells when it completes; with a `condition`, where that holds. No event: the rest just ends."""

    condition: Expression | None
    event: Event | None


@dataclass(frozen=True, slots=True)
class Multi:
    """Multi-instance behaviour; the number of items comes from `cardinality` or `collection`."""

    sequential: bool
    _: KW_ONLY
    cardinality: Expression | None = None
    collection: Expression | None = None
    item: str | None = None
    until: Expression | None = None
    output: str | None = None
    output_item: Expression | None = None
    behavior: str = "All"
    completion_events: tuple[CompletionEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class Loop:
    """Standard loop behaviour: again while `condition` holds, at most `maximum` times; tested before or after."""

    condition: Expression | None
    test_before: bool
    maximum: int | None


@dataclass(frozen=True, slots=True)
class AdHoc:
    """How an ad-hoc sub-process goes (BPMN 2.0.2, 10.3.5 and 13.3.5): people choose what runs in it, and how often.

    `sequential` is one activity at a time. `until` is looked at after each of them; None leaves the end to a person.
    `cancels` says whether what still runs is withdrawn then, or done first. `active` are the ids of what begins at once
    (Camunda 8): with it and without `until`, the sub-process ends when nothing is left to do.
    """

    sequential: bool = False
    _: KW_ONLY
    until: Expression | None = None
    cancels: bool = True
    active: Expression | None = None

    @property
    def ends_by_itself(self) -> bool:
        return self.active is not None and self.until is None


@dataclass(frozen=True, slots=True)
class ValueMapping:
    """One input, output, in or out mapping: `target` gets the value of `source`; no `target` means all variables."""

    target: str | None
    source: Expression | None


@dataclass(frozen=True, slots=True)
class Item:
    """One end of a data association: `kind` is variable, own (of the activity or event itself) or store."""

    id: str
    name: str
    kind: str
    state: str | None = None  # the data state in which it is drawn


@dataclass(frozen=True, slots=True)
class Association:
    """What leads from data to data: the value of the first source, what is computed of all, or assigned in parts."""

    sources: tuple[Item, ...]
    target: Item | None
    transformation: Expression | None = None
    assignments: tuple[tuple[Expression | None, str], ...] = ()


@dataclass(frozen=True, slots=True)
class DataNeeds:
    """Sets of data inputs by name; all of one set have to be there."""

    sets: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Call:
    """What a call activity calls. `binding` is latest, deployment, version or versionTag."""

    key: Expression
    binding: str = "latest"
    version: Expression | None = None
    inputs: tuple[ValueMapping, ...] = ()
    outputs: tuple[ValueMapping, ...] = ()
    isolated: bool = False
    business_key: Expression | None = None


@dataclass(frozen=True, slots=True)
class DecisionCall:
    key: Expression
    binding: str = "latest"
    version: Expression | None = None
    result_variable: str | None = None
    mapping: str = "resultList"


@dataclass(frozen=True, slots=True)
class Property:
    """A correlation property as a message carries it: `path` reads it there, `bound` in the case, if it is bound."""

    key: str
    id: str
    path: Expression
    bound: Expression | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """What an event waits for or sends.

    `kind` is none, timer, message, signal, error, escalation, conditional, link, cancel, compensation, terminate or
    multiple; a multiple event has `parts`, of which one is enough or all are needed (`parallel`). `code` is that of
    an error or escalation, the name of a link, or the activity that a compensation is for.
    """

    kind: str
    name: Expression | None = None
    code: str | None = None
    timer: str | None = None  # date, duration or cycle
    when: Expression | None = None
    correlation: Expression | None = None
    properties: tuple[Property, ...] = ()
    condition: Expression | None = None
    code_variable: str | None = None
    message: Expression | None = None
    message_variable: str | None = None
    parts: tuple[Event, ...] = ()
    parallel: bool = False


@dataclass(frozen=True, slots=True)
class ErrorMapping:
    """What a worker answers is the BPMN error `code` where `when` holds."""

    code: str
    when: Expression


DEFAULT_RETRIES = 3


@dataclass(frozen=True, slots=True)
class Retry:
    """How a failing service is tried again: how often in all, and after how long (`R3/PT10M`)."""

    times: int
    wait: str | None = None


@dataclass(frozen=True, slots=True)
class Rights:
    """Who may bend this element; None is the process's default, empty is nobody.

    Each right may be bound to a condition. `four_eyes`: another person confirms; of a process it is about all of its
    steps that cannot be undone.
    """

    skip: tuple[str, ...] | None = None
    revisit: tuple[str, ...] | None = None
    insert: tuple[str, ...] | None = None
    skip_when: Expression | None = None
    revisit_when: Expression | None = None
    insert_when: Expression | None = None
    four_eyes: bool | None = None
    point_of_no_return: bool = False


NO_EVENT = Event("none")


class Node(BpmnSpecMixin):  # type: ignore[misc]
    """A flow node. `waits` says that it becomes an occurrence which something else ends."""

    kind = "task"
    waits = False
    sends = False  # a send task that nobody serves: it throws its message
    instantiates = False  # a gateway or receive task whose event starts the case
    gateway = False
    inclusive = False
    complex = False
    sub: str | None = None

    def __init__(self, plan: Plan, element_id: str, **attributes: Any) -> None:
        super().__init__(plan, element_id, **attributes)
        self.plan = plan
        self.label: str = self.bpmn_name or element_id
        self.flows: list[Flow] = []
        self.incoming: list[str] = []
        self.boundary: list[Node] = []
        self.host: Node | None = None
        self.joins = False
        self.start_quantity = 1
        self.completion_quantity = 1
        self.activation: Expression | None = None
        self.multi: Multi | None = None
        self.loop: Loop | None = None
        self.handler = False
        self.for_compensation = False
        self.compensates_scope = False
        self.compensator: Node | None = None
        self.compensates_itself = False  # an event sub-process inside it does, for the whole of it
        self.event: Event = NO_EVENT
        self.input_mappings: tuple[ValueMapping, ...] = ()
        self.output_mappings: tuple[ValueMapping, ...] = ()
        self.only_mapped_outputs = False
        self.data_inputs: tuple[Association, ...] = ()
        self.data_outputs: tuple[Association, ...] = ()
        self.data_needs: DataNeeds | None = None
        self.properties: tuple[str, ...] = ()
        self.rights = Rights()
        self.required_outputs: tuple[str, ...] = ()
        self.effect = "none"
        self.effect_told = False  # the author said so; else it is what is assumed
        self.remedy_topic: Expression | None = None  # who takes back what it did, where no handler is drawn
        self.correction: Expression | None = None  # the name of the task that corrects what it sent
        self.confirms = False  # a gateway that does not decide on values which nobody has confirmed
        self.reuse: str | None = None
        self.goal: str | None = None
        self.result_variable: str | None = None
        self.line: int = 0
        self.inbox = False
        self.assignment = Assignment()
        self.form: Form | None = None
        self.form_defaults: dict[str, Expression] = {}
        self.topic: Expression | None = None
        self.headers: dict[str, str] = {}
        self.error_mappings: tuple[ErrorMapping, ...] = ()
        self.retry: Retry | None = None
        self.script: Expression | None = None
        self.call: Call | None = None
        self.decision: DecisionCall | None = None
        self.interrupting = True
        self.insists = False  # it interrupts even what its own activity tells
        self.served: str | None = None  # the part of a throw event that a service sends
        self.listeners: Listeners = {}

    @property
    def parts(self) -> list[tuple[str, Event]]:
        """The events that this element stands for, each under the name by which it is waited for."""
        if not self.event.parts:
            return [(self.name, self.event)]
        return [(f"{self.name}~{number}", part) for number, part in enumerate(self.event.parts)]

    @property
    def condition_reads(self) -> frozenset[str]:
        """The variables that decide which way leads on from here."""
        return frozenset(name for flow in self.flows if flow.condition for name in flow.condition.reads)

    @property
    def can_be_put_right(self) -> bool:
        return self.compensator is not None or self.compensates_itself

    @property
    def has_data(self) -> bool:
        """Does anything lead into it, or has it variables of its own?"""
        return bool(self.data_inputs or self.properties)

    @property
    def repeats(self) -> bool:
        """Does one token of it become several runs, one for each item or round?"""
        return self.multi is not None or self.loop is not None

    @property
    def activity(self) -> bool:
        return self.kind in ACTIVITIES

    def gives(self, flows: Iterable[Flow]) -> tuple[str, ...]:
        """A token for each flow, or as many as the activity says (BPMN 2.0.2, 10.3, `completionQuantity`)."""
        return tuple(flow.id for flow in flows for _ in range(self.completion_quantity))


ACTIVITIES = frozenset(
    {
        "task",
        "manualTask",
        "userTask",
        "serviceTask",
        "sendTask",
        "receiveTask",
        "scriptTask",
        "businessRuleTask",
        "subProcess",
        "transaction",
        "adHocSubProcess",
        "callActivity",
    }
)

# Activities with a scope of their own.
SCOPED = frozenset({"subProcess", "transaction", "adHocSubProcess", "callActivity"})


class Plan(BpmnProcessSpec):  # type: ignore[misc]
    """A process or sub-process: its nodes by id. Elements may be called `Start` or `End`: internal nodes are not.

    `process_listeners` are those of the process itself.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.task_specs: dict[str, Any] = {}
        self.start = BpmnStartTask(self, " start")
        self.end = SimpleBpmnTask(self, " end")
        self.nodes: dict[str, Node] = {}
        self.initiator: str | None = None
        self.reach: dict[str, dict[str, frozenset[str]]] = {}
        self.version_tag: str | None = None
        self.declares: tuple[str, ...] = ()
        self.data_needs: DataNeeds | None = None
        self.ad_hoc: AdHoc | None = None
        self.remedy = Node(self, " remedy")
        self.process_listeners: Listeners = {}

    def node(self, name: str) -> Node:
        """A node of the diagram, or the place of what a revisit puts right. Raises KeyError."""
        return self.remedy if name == self.remedy.name else self.nodes[name]

    @property
    def compensating(self) -> Node | None:
        """The event sub-process that compensates this scope as a whole."""
        return next((node for node in self.handlers if node.compensates_scope), None)

    @property
    def handlers(self) -> list[Node]:
        """The event sub-processes of this scope."""
        return [node for node in self.nodes.values() if node.handler]

    @property
    def trigger(self) -> Node:
        """The start event of an event sub-process (BPMN 2.0.2, 10.3.5: there is exactly one)."""
        return next(node for node in self.nodes.values() if node.kind == "startEvent")

    @property
    def listeners(self) -> list[Node]:
        """The events of an ad-hoc sub-process that no flow leads to: they are waited for as long as it is open."""
        return [
            node
            for node in self.nodes.values()
            if node.kind == "intermediateCatchEvent" and node.event.kind != "link" and not node.incoming
        ]

    @property
    def label(self) -> str:
        return str(self.description or self.name)

    @property
    def begins_apart(self) -> bool:
        """Has it several plain starts, each of which begins a case of its own?"""
        return sum(node.kind == "startEvent" for node in self.entrances()) > 1

    def openings(self) -> list[tuple[Node, Node]]:
        """Where something outside can start the process: what a token enters then, and what catches the event."""
        found: list[tuple[Node, Node]] = []
        for node in self.nodes.values():
            if node.kind == "startEvent" and node.event.kind != "none":
                found.append((node, node))
            elif node.instantiates and node.gateway:
                found.extend((node, self.nodes[flow.target]) for flow in node.flows)
            elif node.instantiates:
                found.append((node, node))
        return found

    def entrances(self) -> list[Node]:
        """Where a token starts when the scope is entered without an event (BPMN 2.0.2, 10.5.2 and 13.3.4)."""
        if self.ad_hoc is not None:
            return self.listeners
        starts = [node for node in self.nodes.values() if node.kind == "startEvent"]
        if starts or self.openings():
            return [node for node in starts if node.event.kind == "none"]
        return [
            node
            for node in self.nodes.values()
            if not node.incoming
            and node.kind != "boundaryEvent"
            and not node.handler
            and not node.for_compensation
        ]


@dataclass(frozen=True)
class Model:
    """One definition, ready to run: `plans` holds the process and all its embedded sub-processes by id."""

    definition_id: str
    key: str
    version: int
    deployment_id: str
    plan: Plan
    plans: Mapping[str, Plan]
    rights: Rights = field(default_factory=Rights)
    data_policy: str | None = None
    free_work: str = "withdraw"

    @cached_property
    def correlates(self) -> bool:
        """Does any of its messages carry correlation properties?"""
        nodes = (node for plan in self.plans.values() for node in plan.nodes.values())
        return any(event.properties for node in nodes for _, event in node.parts)

    def node(self, element_id: str) -> Node | None:
        for plan in self.plans.values():
            if found := plan.nodes.get(element_id):
                return found
        return None

    def awaits(self, message: str) -> bool:
        """Could a case wait for this message? A name that is computed could be any."""
        catchers = (
            node
            for plan in self.plans.values()
            for node in plan.nodes.values()
            if node.kind not in ("endEvent", "intermediateThrowEvent")
            and not node.sends
            and (node.kind != "startEvent" or plan is not self.plan)
        )
        return any(
            event.kind == "message"
            and (event.name is None or not event.name.constant or event.name.text == message)
            for node in catchers
            for _, event in node.parts
        )

    def flow(self, flow_id: str) -> tuple[Plan, Node, Flow] | None:
        for plan in self.plans.values():
            for node in plan.nodes.values():
                for flow in node.flows:
                    if flow.id == flow_id:
                        return plan, node, flow
        return None
