"""What a gateway needs to choose by: conditions, a default, events to wait for."""

from __future__ import annotations

from collections.abc import Iterator

from caseloom.diagrams.checks.rules import Remark, on, process_rule
from caseloom.diagrams.model import Flow, Node, Process
from caseloom.engine.errors import Severity

_DECIDING = ("exclusiveGateway", "inclusiveGateway")


@process_rule("unknown-default")
def unknown_default(process: Process) -> Iterator[Remark]:
    """The default flow of a step is one of the flows that leave it.

    Cure: choose the default again.
    """
    for node in process.all_nodes():
        if node.default is not None and all(flow.id != node.default for flow in node.outgoing):
            yield on(node, f"The default flow “{node.default}” of “{node.label}” does not leave it.")


@process_rule("default-with-condition")
def default_with_condition(process: Process) -> Iterator[Remark]:
    """The default flow is taken when no other is, so it has no condition of its own.

    Cure: remove the condition, or choose another default.
    """
    for node in process.all_nodes():
        for flow in node.outgoing:
            if flow.id is not None and flow.id == node.default and flow.condition is not None:
                yield on(
                    flow, f"“{flow.label}” is the default of “{node.label}”, so its condition is never read."
                )


@process_rule("undecided-gateway")
def undecided_gateway(process: Process) -> Iterator[Remark]:
    """Of an exclusive gateway's flows all but one have a condition.

    A second flow without a condition could never be taken.

    Cure: give it a condition, or use a parallel gateway.
    """
    for node in process.all_nodes():
        if node.tag != "exclusiveGateway" or len(node.outgoing) < 2:
            continue
        free = _unconditional(node)
        spare = free if node.default is not None else free[1:]
        for flow in spare:
            yield on(flow, f"“{flow.label}” of “{node.label}” has no condition and is not the default.")


@process_rule("make-it-the-default", Severity.WARNING)
def make_it_the_default(process: Process) -> Iterator[Remark]:
    """The one flow of an exclusive gateway without a condition is its default.

    Without the mark, it is taken when it comes first, whatever the other conditions say. Cure: mark it.
    """
    for node in process.all_nodes():
        if node.tag != "exclusiveGateway" or len(node.outgoing) < 2 or node.default is not None:
            continue
        free = _unconditional(node)
        if len(free) == 1:
            yield on(
                free[0], f"“{free[0].label}” of “{node.label}” has no condition: mark it as the default."
            )


@process_rule("no-default", Severity.WARNING)
def no_default(process: Process) -> Iterator[Remark]:
    """A gateway that decides has a way to go when no condition holds.

    Otherwise the case stops there with an incident. Cure: mark one flow as the default.
    """
    for node in process.all_nodes():
        if node.tag not in _DECIDING or node.default is not None or not node.outgoing:
            continue
        if not _unconditional(node):
            yield on(node, f"“{node.label}” has no default: when no condition holds, the case stops there.")


@process_rule("condition-not-read", Severity.WARNING)
def condition_not_read(process: Process) -> Iterator[Remark]:
    """Flows out of parallel and event-based gateways have no conditions, since nobody reads them.

    Cure: remove the condition, or use an inclusive gateway.
    """
    for node in process.all_nodes():
        if node.tag not in ("parallelGateway", "eventBasedGateway", "startEvent", "boundaryEvent"):
            continue
        for flow in node.outgoing:
            if flow.condition is not None:
                yield on(flow, f"“{flow.label}” leaves “{node.label}”, which reads no conditions.")


@process_rule("event-gateway-target")
def event_gateway_target(process: Process) -> Iterator[Remark]:
    """Behind an event-based gateway stand events that are waited for, reached by it alone (10.6.6).

    Cure: lead it to catch events or receive tasks, at least two.
    """
    nodes = {node.id: node for node in process.all_nodes()}
    for gateway in nodes.values():
        if gateway.tag != "eventBasedGateway":
            continue
        if len(gateway.outgoing) < 2:
            yield on(gateway, f"“{gateway.label}” waits for one of several events: lead it to at least two.")
        for flow in gateway.outgoing:
            target = nodes.get(flow.target)
            if target is not None and not _can_be_waited_for(target):
                yield on(
                    target,
                    f"“{target.label}” stands behind the event-based gateway “{gateway.label}”, "
                    "so it has to be an event that is waited for, reached by this gateway alone.",
                )


def _unconditional(node: Node) -> list[Flow]:
    return [
        flow
        for flow in node.outgoing
        if flow.condition is None and (flow.id is None or flow.id != node.default)
    ]


def _can_be_waited_for(node: Node) -> bool:
    return node.tag in ("intermediateCatchEvent", "receiveTask") and len(node.incoming) == 1


RULES = (
    unknown_default,
    default_with_condition,
    undecided_gateway,
    make_it_the_default,
    no_default,
    condition_not_read,
    event_gateway_target,
)
