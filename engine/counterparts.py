"""Which element of one version of a diagram stands for which of another: by id, by name, or as a person says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from caseloom.engine.errors import Invalid
from caseloom.engine.flow.model import Flow, Model, Node
from caseloom.engine.results import Counterpart

Given = Mapping[str, str | None]


def counterparts(old: Model, new: Model, given: Given) -> list[Counterpart]:
    """Every element of the old version with its counterpart, in the order of the diagram.

    As given (None: it has none), else the one of the same id, else the only one of the same name and kind.
    Raises Invalid, naming it, where an element is given that is not there, or one of another kind.
    """
    nodes = _nodes(new)
    _guard_given(_nodes(old), nodes, given, old, new)
    return [_counterpart(node, nodes, given) for node in _nodes(old).values()]


def flow_counterparts(old: Model, new: Model, elements: Mapping[str, str]) -> dict[str, str]:
    """Flows that keep their ends but not their id."""
    ends: dict[tuple[str, str], list[str]] = {}
    for source, flow in flows_of(new):
        ends.setdefault((source.name, flow.target), []).append(flow.id)
    kept = {flow.id for _, flow in flows_of(new)}
    found: dict[str, str] = {}
    for source, flow in flows_of(old):
        same = ends.get((elements.get(source.name, ""), elements.get(flow.target, "")), [])
        if flow.id not in same and (len(same) == 1 or (same and flow.id not in kept)):
            found[flow.id] = same[0]
    return found


def flows_of(model: Model) -> Iterator[tuple[Node, Flow]]:
    for plan in model.plans.values():
        for node in plan.nodes.values():
            for flow in node.flows:
                yield node, flow


def _nodes(model: Model) -> dict[str, Node]:
    return {node.name: node for plan in model.plans.values() for node in plan.nodes.values()}


def _guard_given(
    known: Mapping[str, Node], nodes: Mapping[str, Node], given: Given, old: Model, new: Model
) -> None:
    flows = {flow.id for _, flow in flows_of(old)}
    for name, target in given.items():
        if name not in known and not (target is None and name in flows):
            raise Invalid(f"There is no element “{name}” in version {old.version}.")
        if target is None:
            continue
        if target not in nodes:
            raise Invalid(f"There is no element “{target}” in version {new.version}.")
        if known[name].kind != nodes[target].kind:
            raise Invalid(f"“{name}” is a {known[name].kind}, “{target}” a {nodes[target].kind}.")


def _counterpart(node: Node, nodes: Mapping[str, Node], given: Given) -> Counterpart:
    becomes: str | None = None
    found = None
    same = nodes.get(node.name)
    if node.name in given:
        becomes, found = given[node.name], "given"
    elif same is not None and same.kind == node.kind:
        becomes, found = same.name, "id"
    elif (alike := _alike(node, nodes)) is not None:
        becomes, found = alike, "name"
    return Counterpart(node.name, node.label, node.kind, becomes, found)


def _alike(node: Node, nodes: Mapping[str, Node]) -> str | None:
    if not node.bpmn_name:
        return None
    alike = [
        one for one in nodes.values() if one.bpmn_name and one.label == node.label and one.kind == node.kind
    ]
    return str(alike[0].name) if len(alike) == 1 else None
