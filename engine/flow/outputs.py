"""What a step that is skipped would have said: the values that must be given in its place, or are left open.

A step's outputs are required where the diagram says so, where its form requires them, and where a condition or a
mapping behind it reads a variable that has no value and that nothing else can still write.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from caseloom.engine.expressions import Expression
from caseloom.engine.facts import inside
from caseloom.engine.flow.instance import Instance
from caseloom.engine.flow.model import COUNTERS, Model, Node
from caseloom.engine.flow.tokens import Scope, Token


@dataclass(frozen=True, slots=True)
class Read:
    """A variable that an element reads; `settled` says that the diagram has an answer for the case without it."""

    name: str
    by: Node
    settled: bool


def declared(node: Node) -> set[str]:
    """The outputs that the diagram asks for by name: `caseloom:requiredOutputs`, and required form fields."""
    asked = (
        {field.id for field in node.form.fields if field.required and not field.readonly}
        if node.form
        else set()
    )
    return {*node.required_outputs, *asked}


def defaults(node: Node, computed: Mapping[str, Any]) -> dict[str, Any]:
    """The values that the form of a step would have shown, by field."""
    if node.form is None:
        return {}
    shown = {field.id: (computed.get(field.id, field.default), field.type) for field in node.form.fields}
    return {name: _typed(value, kind) for name, (value, kind) in shown.items() if value not in (None, "")}


def _typed(value: Any, kind: str) -> Any:
    """Defaults are written as text in the diagram."""
    if not isinstance(value, str):
        return value
    if kind == "boolean" and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if kind in ("long", "integer") and value.lstrip("-").isdecimal():
        return int(value)
    return value


@dataclass(frozen=True, slots=True)
class Left:
    """What is left out: the elements, what is read behind them, and the open occurrences among them by address."""

    scope: Scope
    nodes: Sequence[Node]
    reads: Sequence[Read]
    open: Sequence[str] = ()

    @classmethod
    def step(cls, scope: Scope, node: Node, occurrence: str | None = None) -> Left:
        return cls(
            scope, [node], list(_reads_behind(scope, node)), () if occurrence is None else (occurrence,)
        )

    def unknown(self, view: Mapping[str, Any]) -> set[str]:
        """The names that are read and have no value now."""
        return {read.name for read in self.reads if view.get(read.name) is None}

    def needed(self, instance: Instance, view: Mapping[str, Any]) -> set[str]:
        """Those of them that the diagram cannot do without, and that nothing else can write before they are read."""
        reads = [read for read in self.reads if view.get(read.name) is None and not read.settled]
        if not reads:
            return set()
        writers = list(_writers_ahead(instance, self))
        before = {read.by.name: _before(self.scope.model, read.by) for read in reads}
        return {
            read.name
            for read in reads
            if not any(one.name in before[read.by.name] and _may_write(read.name, one) for one in writers)
        }


def left_open(scope: Scope, node: Node, view: Mapping[str, Any]) -> set[str]:
    """The names that conditions and mappings behind a step read, and that have no value now."""
    return Left.step(scope, node).unknown(view)


def reads_from(scope: Scope, node: Node) -> list[Read]:
    """What an element and all that comes behind it reads."""
    return [*_reads(node), *_reads_behind(scope, node)]


# -- reading ---------------------------------------------------------------------------------------


def _reads_behind(scope: Scope, node: Node) -> Iterator[Read]:
    """What is read from the way out of the step on, and behind the sub-processes and calls around it."""
    yield from _conditions(node)
    local = _locals(scope.model)
    for reader in _reach(scope.model, [node], within=False):
        yield from (read for read in _reads(reader) if read.name not in local)
    host = scope.host
    if not isinstance(host, Token) or scope.vars.maps[-1] is not host.vars.maps[-1]:
        return
    if host.scope.model is not scope.model:
        yield from _reads_behind(host.scope, host.node)


def _reads(node: Node) -> Iterator[Read]:
    yield from _conditions(node)
    for mapping in (*node.input_mappings, *(node.call.inputs if node.call else ())):
        yield from _named(mapping.source, node)
    if node.multi is not None:
        for expression in (node.multi.collection, node.multi.cardinality):
            yield from _named(expression, node)


def _conditions(node: Node) -> Iterator[Read]:
    settled = any(flow.default for flow in node.flows)
    for flow in node.flows:
        yield from _named(flow.condition, node, settled=settled)


def _named(expression: Expression | None, node: Node, *, settled: bool = False) -> Iterator[Read]:
    if expression is not None:
        yield from (Read(name, node, settled) for name in sorted(expression.reads - COUNTERS))


def _locals(model: Model) -> set[str]:
    """Names that exist inside an activity only."""
    found: set[str] = set()
    for plan in model.plans.values():
        for node in plan.nodes.values():
            found |= {mapping.target for mapping in node.input_mappings if mapping.target}
            if node.multi is not None and node.multi.item:
                found.add(node.multi.item)
    return found


# -- writing ---------------------------------------------------------------------------------------


def _writers_ahead(instance: Instance, left: Left) -> Iterator[Node]:
    """The elements that a live token is at, or can still come to, but for what is left out."""
    model, last = left.scope.model, left.nodes[-1]
    for scope in instance.scopes.values():
        if scope.body or any(inside(scope.path, address) for address in left.open):
            continue
        live = [token.node for token in scope.tokens.values() if token.node not in left.nodes]
        found = [*live, *_reach(scope.model, live, within=True)]
        if scope.model is model:
            found += _reach(model, [last], within=False)
        yield from (node for node in found if node not in left.nodes)


def _may_write(name: str, node: Node) -> bool:
    return _writes_anything(node) or name in _written(node)


def _writes_anything(node: Node) -> bool:
    """Does the diagram leave open what the element writes?"""
    if node.only_mapped_outputs or (node.form is not None and node.form.kind == "fields"):
        return False
    if node.inbox or node.event.kind == "message":
        return True
    return (node.topic is not None or node.script is not None) and not node.result_variable


def _written(node: Node) -> set[str]:
    found = {mapping.target for mapping in node.output_mappings if mapping.target}
    found |= {mapping.target for mapping in (node.call.outputs if node.call else ()) if mapping.target}
    found |= (
        {field.id for field in node.form.fields if not field.readonly} if node.form is not None else set()
    )
    names = [node.result_variable, node.event.code_variable, node.event.message_variable]
    names += [
        node.multi.output if node.multi else None,
        node.decision.result_variable if node.decision else None,
    ]
    return found | {name for name in names if name}


# -- ways ------------------------------------------------------------------------------------------


def _reach(model: Model, starts: Iterable[Node], *, within: bool) -> list[Node]:
    """The elements that come after some others, into sub-processes and out of them; `within` also inside those."""
    hosts = _hosts(model)
    found: dict[str, Node] = {}
    waiting = [after for start in starts for after in _after(model, hosts, start, inner=within)]
    while waiting:
        node = waiting.pop()
        if node.name not in found:
            found[node.name] = node
            waiting.extend(_after(model, hosts, node, inner=True))
    return list(found.values())


def _before(model: Model, node: Node) -> set[str]:
    """The elements from which one can be reached; all of them where it belongs to another process."""
    everything = [one for plan in model.plans.values() for one in plan.nodes.values()]
    if model.node(node.name) is not node:
        return {one.name for one in everything}
    hosts = _hosts(model)
    arrives: dict[str, list[str]] = {}
    for one in everything:
        for after in _after(model, hosts, one, inner=True):
            arrives.setdefault(after.name, []).append(one.name)
    found: set[str] = set()
    waiting = list(arrives.get(node.name, ()))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(arrives.get(name, ()))
    return found


def _hosts(model: Model) -> dict[str | None, Node]:
    """The activity around each sub-process."""
    return {node.sub: node for plan in model.plans.values() for node in plan.nodes.values() if node.sub}


def _after(model: Model, hosts: Mapping[str | None, Node], node: Node, *, inner: bool) -> list[Node]:
    nodes = node.plan.nodes
    found = [nodes[flow.target] for flow in node.flows]
    found += [nodes[flow.target] for event in node.boundary for flow in event.flows] if inner else []
    if inner and node.sub is not None:
        plan = model.plans[node.sub]
        found += plan.entrances() or ([plan.trigger] if node.handler else [])
        found += [handler for handler in plan.handlers if not handler.compensates_scope]
    host = hosts.get(node.plan.name)
    if not node.flows and host is not None:
        found += [host.plan.nodes[flow.target] for flow in host.flows] or _after(
            model, hosts, host, inner=False
        )
    return found


__all__ = ["Left", "declared", "defaults", "left_open", "reads_from"]
