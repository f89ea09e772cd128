"""Which inputs of an inclusive or complex join a token can still reach (BPMN 2.0.2, 13.4.3), worked out once."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from caseloom.engine.flow.model import Node, Plan


def reachable(plan: Plan) -> dict[str, dict[str, frozenset[str]]]:
    """Join -> node -> the join's incoming flows that a token at the node can still reach.

    A token at the join itself is at its goal, so the join's own outgoing flows do not count.
    """
    return {
        node.name: _to(plan, node)
        for node in plan.nodes.values()
        if (node.inclusive or node.complex) and len(node.incoming) > 1
    }


def _to(plan: Plan, join: Node) -> dict[str, frozenset[str]]:
    arrives = _predecessors(plan)
    found: dict[str, set[str]] = {name: set() for name in plan.nodes}
    for flow_id in join.incoming:
        waiting = deque([_source(plan, flow_id)])
        while waiting:
            name = waiting.popleft()
            if name == join.name or flow_id in found[name]:
                continue
            found[name].add(flow_id)
            waiting.extend(arrives[name])
    return {name: frozenset(flows) for name, flows in found.items()}


def _predecessors(plan: Plan) -> dict[str, list[str]]:
    arrives: dict[str, list[str]] = {name: [] for name in plan.nodes}
    for node in plan.nodes.values():
        for flow in node.flows:
            arrives[flow.target].append(node.name)
        for event in node.boundary:
            arrives[event.name].append(node.name)
    return arrives


def _source(plan: Plan, flow_id: str) -> str:
    sources: Iterator[str] = (
        node.name for node in plan.nodes.values() for flow in node.flows if flow.id == flow_id
    )
    return next(sources)
