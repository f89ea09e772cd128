"""What BPMN forbids around scopes: event sub-processes, compensation, transactions, links, complex joins.

These rules keep a diagram out whose elements each run, but which stand where their meaning is lost.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from caseloom.diagrams.checks.rules import (
    Remark,
    Surroundings,
    document_rule,
    on,
    on_event,
    process_rule,
    scope_rule,
)
from caseloom.diagrams.checks.supported import triggers_of
from caseloom.diagrams.model import Document, Node, Process, Scope, expression_in
from caseloom.diagrams.namespaces import BPMN, bpmn_child, own
from caseloom.engine.errors import Severity

_THROWS = ("intermediateThrowEvent", "endEvent")
_ALWAYS_INTERRUPTS = ("error", "cancel")


@process_rule("event-sub-process")
def event_sub_process(process: Process) -> Iterator[Remark]:
    """An event sub-process has one start event, which says what triggers it, and no flows (BPMN 2.0.2, 10.3.5).

    An error interrupts what it comes from, so such a start is interrupting. Cure: draw it so.
    """
    for node in process.all_nodes():
        if not node.triggered_by_event:
            continue
        starts = triggers_of(node)
        if len(starts) != 1 or not starts[0].events:
            yield on(node, f"The event sub-process “{node.label}” needs one start event, with a trigger.")
        for flow in (*node.incoming, *node.outgoing):
            yield on(flow, f"“{node.label}” is started by its event, so no flow leads to it or from it.")
        for start in starts:
            if start.has_event("error") and not start.interrupts:
                yield on(start, f"“{start.label}” catches an error, so it has to interrupt.")


@document_rule("compensation-handler")
def compensation_handler(document: Document, _surroundings: Surroundings) -> Iterator[Remark]:
    """A compensation event on a border leads by an association to its handler (BPMN 2.0.2, 10.7).

    The handler is an activity with the compensation marker, and no flow leads to it or from it.

    Cure: connect the event with an activity that is marked as a handler.
    """
    leads: Counter[str] = Counter()
    ends = [
        (one.get("sourceRef"), one.get("targetRef")) for one in document.root.iter(f"{{{BPMN}}}association")
    ]
    for process in document.examined:
        for scope in process.scopes():
            handlers = {node.id for node in scope.nodes if node.for_compensation}
            leads.update(source for source, target in ends if source in scope.by_id and target in handlers)
            yield from _handlers_apart(scope, {target for source, target in ends if source in scope.by_id})
        for event in process.all_nodes():
            if event.attached_to and event.has_event("compensate"):
                yield from _event_leads(event, leads[event.id])


def _handlers_apart(scope: Scope, associated: set[str | None]) -> Iterator[Remark]:
    for node in scope.nodes:
        if not node.for_compensation:
            continue
        for flow in (*node.incoming, *node.outgoing):
            yield on(flow, f"“{node.label}” is a compensation handler, so no flow leads to it or from it.")
        if not node.triggered_by_event and node.id not in associated:
            yield on(
                node, f"Nothing leads to the compensation handler “{node.label}”: connect its event with it."
            )


def _event_leads(event: Node, handlers: int) -> Iterator[Remark]:
    if handlers != 1:
        yield on(event, f"“{event.label}” leads to {handlers} compensation handlers: connect it with one.")
    for flow in event.outgoing:
        yield on(flow, f"“{event.label}” leads to its handler by an association, not by a flow.")


@scope_rule("no-counter-step", Severity.WARNING)
def no_counter_step(scope: Scope) -> Iterator[Remark]:
    """What is said to be compensable says how: by a drawn handler, or a topic in caseloom:compensation.

    Without one, going back behind it asks what to do about it, as for what cannot be taken back.

    Cure: draw a compensation event with its handler on it, or name the topic that takes it back.
    """
    handled = {node.attached_to for node in scope.nodes if node.attached_to and node.has_event("compensate")}
    for node in scope.nodes:
        if own(node.xml, "effect") != "compensable" or own(node.xml, "compensation") or node.id in handled:
            continue
        inner = node.inner.nodes if node.inner is not None else []
        if not any(one.triggered_by_event and one.inner and _compensates(one.inner.nodes) for one in inner):
            yield on(node, f"“{node.label}” is said to be compensable, but nothing takes it back.")


@process_rule("compensated-activity")
def compensated_activity(process: Process) -> Iterator[Remark]:
    """A compensation that is thrown for one activity names one that is there.

    Cure: choose the activity again, or leave the reference out to compensate all.
    """
    activities = {node.id for node in process.all_nodes() if node.is_activity}
    for node in process.all_nodes():
        for event in node.events if node.tag in _THROWS else ():
            wanted = event.xml.get("activityRef") if event.kind == "compensate" else None
            if wanted and wanted.rpartition(":")[2] not in activities:
                yield on_event(node, event, f"“{node.label}” compensates “{wanted}”, which is not there.")


@scope_rule("cancel-outside-transaction")
def cancel_outside_transaction(scope: Scope) -> Iterator[Remark]:
    """A cancel event ends a transaction from inside, or stands on its border, once (BPMN 2.0.2, 10.5.3).

    Cure: make the sub-process a transaction, or use an error event.
    """
    for node in scope.nodes:
        if not node.has_event("cancel"):
            continue
        host = scope.by_id.get(node.attached_to or "")
        if node.tag == "endEvent" and scope.tag != "transaction":
            yield on(node, f"“{node.label}” cancels, but does not stand directly in a transaction.")
        if host is not None and host.tag != "transaction":
            yield on(node, f"“{node.label}” catches a cancel, but “{host.label}” is no transaction.")
    for host_id, events in scope.boundary_events.items():
        for event in [one for one in events if one.has_event("cancel")][1:]:
            yield on(event, f"“{scope.by_id[host_id].label}” has a second cancel event: keep one.")


@scope_rule("link")
def link(scope: Scope) -> Iterator[Remark]:
    """A link leaps from throw events to the one catch event of its name in the same scope (BPMN 2.0.2, 10.5.5).

    Cure: give both ends the same name, and draw flows into the one and out of the other only.
    """
    throws = [node for node in scope.nodes if node.link is not None and node.tag == "intermediateThrowEvent"]
    catches = [node for node in scope.nodes if scope.leaps_to(node)]
    thrown = {node.link for node in throws}
    caught = Counter(node.link for node in catches)
    for node in throws:
        if caught[node.link] != 1:
            yield on(
                node,
                f"“{node.label}” leaps to {caught[node.link]} events of the name “{node.link}”: draw one.",
            )
        for flow in node.outgoing:
            yield on(flow, f"“{node.label}” leaps, so no flow leads out of it.")
    for node in catches:
        if node.link not in thrown:
            yield on(node, f"No throw event leaps to the link “{node.label}”: draw one of the same name.")
        for flow in node.incoming:
            yield on(flow, f"“{node.label}” is leapt to, so no flow leads into it.")


@process_rule("complex-join")
def complex_join(process: Process) -> Iterator[Remark]:
    """A complex gateway with several flows into it says when it is activated (BPMN 2.0.2, 10.6.5).

    The condition may read `activationCount`, the number of tokens that wait, and how many wait on a flow by
    the id of that flow.

    Cure: give it an activation condition such as `activationCount >= 2`.
    """
    for node in process.all_nodes():
        if node.tag != "complexGateway" or len(node.incoming) < 2:
            continue
        if expression_in(node.xml, "activationCondition") is None:
            yield on(node, f"“{node.label}” does not say when it goes on: give it an activation condition.")


@process_rule("conditional-event")
def conditional_event(process: Process) -> Iterator[Remark]:
    """A conditional event has a condition.

    Cure: write what has to become true, such as `amount > 1000`.
    """
    for node in process.all_nodes():
        for event in node.events:
            if event.kind == "conditional" and expression_in(event.xml, "condition") is None:
                yield on_event(node, event, f"“{node.label}” waits for a condition, but has none: write it.")


@document_rule("unknown-escalation")
def unknown_escalation(document: Document, _surroundings: Surroundings) -> Iterator[Remark]:
    """An escalation that is thrown is declared in the file and has a code; one caught without a code is any.

    Cure: choose the escalation, and give it a code.
    """
    nodes = [one for process in document.examined for one in process.all_nodes()]
    for node, event in [(one, event) for one in nodes for event in one.events]:
        if event.kind != "escalation" or (event.reference is None and node.tag not in _THROWS):
            continue
        declared = document.definitions.get(("escalation", (event.reference or "").rpartition(":")[2]))
        verb = "throws" if node.tag in _THROWS else "catches"
        if declared is None:
            yield on_event(
                node, event, f"“{node.label}” {verb} an escalation that is not declared: choose one."
            )
        elif node.tag in _THROWS and not declared.get("escalationCode"):
            yield on_event(node, event, f"“{node.label}” throws an escalation that has no code: give it one.")


@process_rule("boundary-not-interrupting")
def boundary_not_interrupting(process: Process) -> Iterator[Remark]:
    """An error or a cancel interrupts the activity that it comes from (BPMN 2.0.2, table 10.91).

    Cure: make the boundary event interrupting.
    """
    for node in process.all_nodes():
        for kind in _ALWAYS_INTERRUPTS:
            if node.attached_to and node.has_event(kind) and not node.interrupts:
                article = "an error" if kind == "error" else "a cancel"
                yield on(node, f"“{node.label}” catches {article}, so it has to interrupt.")


@scope_rule("boundary-host")
def boundary_host(scope: Scope) -> Iterator[Remark]:
    """Events stand on the border of what is worked, not of an event sub-process or a compensation handler.

    Cure: put what it catches into an event sub-process of the scope around it.
    """
    for host_id, events in scope.boundary_events.items():
        host = scope.by_id.get(host_id)
        if host is None or not (host.triggered_by_event or (host.for_compensation and _compensates(events))):
            continue
        for event in events:
            yield on(event, f"“{event.label}” cannot stand on “{host.label}”, which no flow reaches.")


def _compensates(events: Iterable[Node]) -> bool:
    return any(event.has_event("compensate") for event in events)


@process_rule("two-loops")
def two_loops(process: Process) -> Iterator[Remark]:
    """An activity is repeated by a loop or has several instances, not both (BPMN 2.0.2, 10.3.8).

    Cure: put one of the two on a sub-process around it.
    """
    for node in process.all_nodes():
        if (
            node.multi_instance is not None
            and bpmn_child(node.xml, "standardLoopCharacteristics") is not None
        ):
            yield on(node, f"“{node.label}” is a loop and multi-instance at once: keep one of the two.")


RULES = (
    event_sub_process,
    compensation_handler,
    no_counter_step,
    compensated_activity,
    cancel_outside_transaction,
    link,
    complex_join,
    conditional_event,
    unknown_escalation,
    boundary_not_interrupting,
    boundary_host,
    two_loops,
)
