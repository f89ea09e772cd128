"""How nodes hang together: starts, ends, sequence flows, and what no token can reach."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from caseloom.diagrams.checks.rules import Remark, Surroundings, document_rule, on, process_rule, scope_rule
from caseloom.diagrams.global_tasks import is_global
from caseloom.diagrams.model import Document, Process, Scope, line_of
from caseloom.diagrams.namespaces import BPMN
from caseloom.engine.errors import Severity


@document_rule("duplicate-id")
def duplicate_id(document: Document, _surroundings: Surroundings) -> Iterator[Remark]:
    """Every id stands for one element of the file.

    Cure: give one of the two another id; modelers do so when an element is copied by their own command.
    """
    seen: set[str] = set()
    for element in document.root.iter(f"{{{BPMN}}}*"):
        parent = element.getparent()
        if parent is not None and is_global(parent):
            continue  # the task of a global task stands under the same id
        element_id = element.get("id")
        if element_id in seen:
            yield Remark(element_id, line_of(element), f"The id “{element_id}” is given to two elements.")
        if element_id is not None:
            seen.add(element_id)


@document_rule("nothing-executable")
def nothing_executable(document: Document, _surroundings: Surroundings) -> Iterator[Remark]:
    """A file that is deployed holds a process with `isExecutable="true"`.

    Cure: mark the process as executable in the modeler's properties panel.
    """
    if document.runs:
        return
    first = document.drawn[0] if document.drawn else None
    named = f"mark “{first.label}” as executable" if first else "it holds no process at all"
    yield Remark(
        first.id if first else None, first.line if first else 0, f"Nothing here is executable: {named}."
    )


@document_rule("drawn-only", Severity.WARNING)
def drawn_only(document: Document, _surroundings: Surroundings) -> Iterator[Remark]:
    """Beside an executable process, one that is not executable is a drawing: it will not run.

    Cure: mark it as executable, or leave it as it is if it shows the other side.
    """
    if not document.runs:
        return
    for process in document.processes:
        if not process.executable and process.nodes:
            yield on(process, f"“{process.label}” is not executable: it stays a drawing.")


@process_rule("missing-id")
def missing_id(process: Process) -> Iterator[Remark]:
    """Processes, activities, gateways and events have an id.

    Cure: give it one; the journal and the pages know elements by their ids.
    """
    if not process.id:
        yield Remark(None, process.line, f"The process “{process.name or ''}” has no id.")
    for node in process.all_nodes():
        if not node.id:
            yield Remark(None, node.line, f"The {node.tag} “{node.name or ''}” has no id.")


@process_rule("dangling-flow")
def dangling_flow(process: Process) -> Iterator[Remark]:
    """A sequence flow begins at a node of its process and ends at one (BPMN 2.0.2, 8.4.13).

    Cure: connect the end that hangs loose, or delete the flow.
    """
    known = {node.id for node in process.all_nodes()}
    for flow in process.all_flows():
        for end, which in ((flow.source, "begins"), (flow.target, "ends")):
            if end not in known:
                yield on(flow, f"The flow “{flow.label}” {which} at “{end}”, which is not there.")


@process_rule("cross-scope-flow")
def cross_scope_flow(process: Process) -> Iterator[Remark]:
    """A sequence flow stays within its process or sub-process (BPMN 2.0.2, 7.6.1).

    Cure: end the sub-process and go on from its border; between pools draw a message flow.
    """
    home = {node.id: node.scope for node in process.all_nodes()}
    for flow in process.all_flows():
        ends = {home[end] for end in (flow.source, flow.target) if end in home}
        if ends - {flow.scope}:
            yield on(flow, f"The flow “{flow.label}” crosses the border of a sub-process.")


@scope_rule("no-start")
def no_start(scope: Scope) -> Iterator[Remark]:
    """A process and an embedded sub-process begin somewhere.

    Cure: draw a start event and lead it to the first step.
    """
    if scope.tag == "adHocSubProcess" or scope.entrances:
        return
    if scope.nodes or scope.tag == "process":
        yield on(scope, f"“{scope.label}” has no start event: draw one before its first step.")


@scope_rule("implicit-start", Severity.WARNING)
def implicit_start(scope: Scope) -> Iterator[Remark]:
    """Where a process begins is drawn: without a start event, it begins at all steps that nothing leads to.

    Cure: draw a start event and lead it to the first step.
    """
    if scope.tag == "adHocSubProcess" or scope.openings or not scope.entrances or is_global(scope.xml):
        return
    first = ", ".join(f"“{node.label}”" for node in scope.entrances[:3])
    yield on(scope, f"“{scope.label}” has no start event, so it begins at {first}.")


@scope_rule("empty-sub-process")
def empty_sub_process(scope: Scope) -> Iterator[Remark]:
    """A sub-process has content.

    Cure: draw its steps, or make it a task.
    """
    if scope.tag != "process" and not scope.nodes:
        yield on(scope, f"The sub-process “{scope.label}” is empty: draw its steps, or make it a task.")


@scope_rule("several-starts")
def several_starts(scope: Scope) -> Iterator[Remark]:
    """A sub-process has one plain start event at most (BPMN 2.0.2, 10.3.5).

    A process may have several: each begins a case of its own. Cure: keep one, and lead it to all first steps.
    """
    if scope.tag == "process":
        return
    plain = [event for event in scope.start_events if not event.events]
    for event in plain[1:]:
        yield on(event, f"“{scope.label}” has a second plain start “{event.label}”: keep one.")


@scope_rule("no-end", Severity.WARNING)
def no_end(scope: Scope) -> Iterator[Remark]:
    """Some path comes to an end: an end event, or a step with nothing behind it.

    Cure: draw the way out of the loop.
    """
    loose = [node for node in scope.nodes if not node.outgoing and not node.stands_apart]
    if scope.nodes and scope.tag != "adHocSubProcess" and not loose:
        yield on(scope, f"“{scope.label}” has no end: every step leads to another.")


@process_rule("flow-into-start")
def flow_into_start(process: Process) -> Iterator[Remark]:
    """No flow leads into a start event (BPMN 2.0.2, 10.5.2).

    Cure: lead the flow to the step behind it.
    """
    for node in process.all_nodes():
        for flow in node.incoming if node.tag == "startEvent" else ():
            yield on(flow, f"“{node.label}” starts “{node.scope}”, so no flow may lead into it.")


@process_rule("flow-out-of-end")
def flow_out_of_end(process: Process) -> Iterator[Remark]:
    """No flow leads out of an end event (BPMN 2.0.2, 10.5.3).

    Cure: make it an intermediate event.
    """
    for node in process.all_nodes():
        for flow in node.outgoing if node.tag == "endEvent" else ():
            yield on(flow, f"“{node.label}” is an end, so no flow may lead out of it.")


@scope_rule("unreachable")
def unreachable(scope: Scope) -> Iterator[Remark]:
    """Every step can be reached from a start event or a boundary event.

    Cure: connect it, or delete it.
    """
    if scope.tag == "adHocSubProcess":
        return
    reached = reachable(scope)
    for node in scope.nodes:
        if node.id not in reached and not node.stands_apart:
            yield on(node, f"“{node.label}” can never be reached: connect it, or delete it.")


def reachable(scope: Scope) -> set[str]:
    """The ids of what a token can come to, boundary events through their hosts."""
    reached = {node.id for node in scope.entrances}
    waiting = deque(reached)
    while waiting:
        node = scope.by_id.get(waiting.popleft())
        if node is None:
            continue
        after = [flow.target for flow in node.outgoing]
        after += [event.id for event in scope.boundary_events.get(node.id, ())]
        after += [other.id for other in scope.leaps_from(node)]
        fresh = [target for target in after if target not in reached]
        reached.update(fresh)
        waiting.extend(fresh)
    return reached


@scope_rule("boundary-without-host")
def boundary_without_host(scope: Scope) -> Iterator[Remark]:
    """A boundary event sits on an activity of the same process or sub-process (BPMN 2.0.2, 10.5.4).

    Cure: move it onto the border of its activity.
    """
    for event in scope.nodes:
        if event.tag != "boundaryEvent":
            continue
        host = scope.by_id.get(event.attached_to or "")
        if host is None or not host.is_activity:
            yield on(event, f"“{event.label}” does not sit on an activity: move it onto one.")
        for flow in event.incoming:
            yield on(flow, f"“{event.label}” is triggered by its activity, so no flow may lead into it.")


RULES = (
    duplicate_id,
    nothing_executable,
    drawn_only,
    missing_id,
    dangling_flow,
    cross_scope_flow,
    no_start,
    implicit_start,
    empty_sub_process,
    several_starts,
    no_end,
    flow_into_start,
    flow_out_of_end,
    unreachable,
    boundary_without_host,
)
