"""Where tokens go: loops that never pause, joins that never fire, work that runs twice."""

from __future__ import annotations

from collections.abc import Iterator

from caseloom.diagrams.checks.rules import Remark, Surroundings, document_rule, on, scope_rule
from caseloom.diagrams.checks.work import decision_of, topic_of
from caseloom.diagrams.loops import loops_in
from caseloom.diagrams.model import Document, Node, Scope
from caseloom.diagrams.namespaces import own, zeebe_elements
from caseloom.diagrams.soundness import Problem, ProblemKind
from caseloom.engine.errors import Severity

_NEVER_WAITS = frozenset(
    {
        "startEvent",
        "endEvent",
        "intermediateThrowEvent",
        "exclusiveGateway",
        "parallelGateway",
        "inclusiveGateway",
        "complexGateway",
        "scriptTask",
    }
)
_LONGEST_WAY = 6


@scope_rule("endless-loop")
def endless_loop(scope: Scope) -> Iterator[Remark]:
    """A loop that neither waits nor decides would never stop.

    Cure: lead it out by an exclusive gateway, or let it wait for a task or an event.
    """
    for loop in _loops_without_wait(scope):
        if not any(_decides_to_leave(node, loop) for node in loop.values()):
            first = next(iter(loop.values()))
            yield on(first, f"The loop through {_named(loop)} never waits and never ends: lead it out.")


@scope_rule("loop-without-wait", Severity.WARNING)
def loop_without_wait(scope: Scope) -> Iterator[Remark]:
    """A loop has something in it that waits: a task, an event, a service.

    Otherwise it runs on until its condition changes, and an incident stops it when that takes too long.

    Cure: put a timer into it, or use a multi-instance activity.
    """
    for loop in _loops_without_wait(scope):
        if any(_decides_to_leave(node, loop) for node in loop.values()):
            first = next(iter(loop.values()))
            yield on(first, f"The loop through {_named(loop)} never waits: see that it ends soon.")


def _decides_to_leave(node: Node, loop: dict[str, Node]) -> bool:
    chooses = node.tag in ("exclusiveGateway", "inclusiveGateway") or any(
        flow.condition is not None for flow in node.outgoing
    )
    return chooses and any(flow.target not in loop for flow in node.outgoing)


def _named(loop: dict[str, Node]) -> str:
    labels = [f"“{node.label}”" for node in loop.values()]
    return ", ".join(labels[:3]) + (" and others" if len(labels) > 3 else "")


def _loops_without_wait(scope: Scope) -> list[dict[str, Node]]:
    automatic = {node.id: node for node in scope.nodes if not waits(node)}
    after = {
        name: [flow.target for flow in node.outgoing if flow.target in automatic]
        for name, node in automatic.items()
    }
    order = {name: place for place, name in enumerate(automatic)}
    return [
        {name: automatic[name] for name in sorted(loop, key=order.__getitem__)} for loop in loops_in(after)
    ]


def waits(node: Node) -> bool:
    """Whether a token stays here until something from outside happens."""
    if node.tag in ("task", "manualTask"):
        return own(node.xml, "inbox") == "true"
    if node.tag == "businessRuleTask":
        return decision_of(node.xml) is None
    if node.tag == "intermediateThrowEvent":
        return any(topic_of(event.xml) for event in node.events)
    if node.tag == "adHocSubProcess":
        return not any(one.get("activeElementsCollection") for one in zeebe_elements(node.xml, "adHoc"))
    if node.inner is not None:
        return any(waits(inner) for inner in node.inner.nodes)
    return node.tag not in _NEVER_WAITS


# --- what the soundness analysis finds


@document_rule("cannot-run")
def cannot_run(document: Document, surroundings: Surroundings) -> Iterator[Remark]:
    """Some run of a process comes to a step that does something.

    Cure: see where its tokens stop, which another finding says.
    """
    for process in document.examined:
        idle = surroundings.soundness(process).idle_scopes
        for scope in process.scopes():
            if scope.id in idle:
                yield on(
                    scope, f"No run of “{scope.label}” gets anywhere: its tokens stop before the first step."
                )


@document_rule("cannot-end", Severity.WARNING)
def cannot_end(document: Document, surroundings: Surroundings) -> Iterator[Remark]:
    """Some run of a process comes to its end.

    Otherwise its cases stay open until a person ends them, or decides where they go on.

    Cure: see where its tokens stop, which another finding says.
    """
    for process in document.examined:
        found = surroundings.soundness(process)
        for scope in process.scopes():
            if scope.id in found.stuck_scopes and scope.id not in found.idle_scopes:
                yield on(scope, f"No run of “{scope.label}” can come to its end, whatever is decided.")


@document_rule("deadlock", Severity.WARNING)
def deadlock(document: Document, surroundings: Surroundings) -> Iterator[Remark]:
    """No join waits for a token that never comes, as a parallel join after an exclusive decision does.

    Cure: join with the kind of gateway that split.
    """
    text = "{elements} can wait for ever for a token that never comes{after}."
    yield from _problems(document, surroundings, ProblemKind.DEADLOCK, text)


@document_rule("runs-twice", Severity.WARNING)
def runs_twice(document: Document, surroundings: Surroundings) -> Iterator[Remark]:
    """Parallel paths are joined before they go on together; after a mere merge, all runs once for each.

    Cure: join them with a parallel or inclusive gateway.
    """
    text = "{elements} can run twice, since two tokens meet there{after}."
    yield from _problems(document, surroundings, ProblemKind.MEET, text)


@document_rule("no-way-out", Severity.WARNING)
def no_way_out(document: Document, surroundings: Surroundings) -> Iterator[Remark]:
    """From everywhere in a process its end can be reached.

    Cure: lead the loop out.
    """
    text = "From {elements} on, the end can no longer be reached{after}."
    yield from _problems(document, surroundings, ProblemKind.NO_WAY_OUT, text)


@document_rule("never-happens", Severity.WARNING)
def never_happens(document: Document, surroundings: Surroundings) -> Iterator[Remark]:
    """Every step happens in some run.

    Cure: correct the gateways before it.
    """
    text = "{elements} never happens: its join is never complete."
    yield from _problems(document, surroundings, ProblemKind.DEAD, text)


@document_rule("work-left", Severity.WARNING)
def work_left(document: Document, surroundings: Surroundings) -> Iterator[Remark]:
    """An end that ends everything comes when other work is done, or cuts it off knowingly.

    Cure: join the paths first, or use a plain end event; if the cut is meant, leave it.
    """
    text = "{elements} can end everything while other work is open{after}."
    yield from _problems(document, surroundings, ProblemKind.WORK_LEFT, text)


@document_rule("soundness-unknown", Severity.WARNING)
def soundness_unknown(document: Document, surroundings: Surroundings) -> Iterator[Remark]:
    """The analysis of where tokens go came to an end within its bound.

    Cure: draw tangled parts as sub-processes; each is analysed by itself.
    """
    for process in document.examined:
        reason = surroundings.soundness(process).reason
        if reason is not None:
            yield on(process, f"Whether “{process.label}” can get stuck could not be decided: {reason}.")


def _problems(
    document: Document, surroundings: Surroundings, kind: ProblemKind, text: str
) -> Iterator[Remark]:
    for process in document.examined:
        found = [one for one in surroundings.soundness(process).problems if one.kind is kind]
        nodes = {node.id: node for node in process.all_nodes()} if found else {}
        for problem in found:
            elements = ", ".join(f"“{nodes[name].label}”" for name in problem.element_ids)
            yield on(
                nodes[problem.element_ids[0]], text.format(elements=elements, after=_after(problem, nodes))
            )


def _after(problem: Problem, nodes: dict[str, Node]) -> str:
    """The way there in words: the last named steps of the witness."""
    steps = [nodes[name] for name in problem.path if name in nodes]
    named = [f"“{node.label}”" for node in steps if node.name or node.is_activity][-_LONGEST_WAY:]
    return f", for example after {', '.join(named)}" if named else ""


RULES = (
    endless_loop,
    loop_without_wait,
    cannot_run,
    cannot_end,
    deadlock,
    runs_twice,
    no_way_out,
    never_happens,
    work_left,
    soundness_unknown,
)
