"""Compiles names, paths and filters: how an expression finds a value (DMN 1.5, 10.3.2.5, 10.3.2.11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from caseloom.engine.expressions import nodes, properties, signatures, temporal
from caseloom.engine.expressions.compiler import Code, Compiler, always_null
from caseloom.engine.expressions.kinds import MISFIT, kind_name
from caseloom.engine.expressions.numbers import number
from caseloom.engine.expressions.running import Run, Scope
from caseloom.engine.expressions.signatures import BUILTINS
from caseloom.engine.expressions.values import Value

_ITEM = "item"


def literal(compiler: Compiler, node: nodes.Literal) -> Code:
    value = node.value
    return lambda scope: value


def at_literal(compiler: Compiler, node: nodes.AtLiteral) -> Code:
    try:
        value = temporal.at_literal(node.text)
    except (ValueError, OverflowError):
        return always_null(f'@"{node.text}" is no date, time or duration.')
    return lambda scope: value


def name(compiler: Compiler, node: nodes.Name) -> Code:
    name = node.name
    compiler.note(name)
    if not compiler.blocks:
        return _outermost(name)
    return lambda scope: lookup(scope, name)


def _outermost(name: str) -> Code:
    def variable(scope: Scope) -> Value:
        try:
            return scope.names[name]
        except KeyError:
            return missing(scope, name)

    return variable


def lookup(scope: Scope, name: str) -> Value:
    """The value of a name in the innermost block that has it."""
    block: Scope | None = scope
    while block is not None:
        if name in block.names:
            return block.names[name]
        block = block.outer
    return missing(scope, name)


def missing(scope: Scope, name: str) -> Value:
    if name in BUILTINS:
        return signatures.as_value(name, scope.run)
    return scope.run.null(f"There is no variable “{name}”.")


def path(compiler: Compiler, node: nodes.Path) -> Code:
    base, name = compiler.compile(node.base), node.name

    def path(scope: Scope) -> Value:
        value = base(scope)
        if type(value) is dict and name in value:
            return value[name]
        return step(value, name, scope.run)

    return path


def step(value: Value, name: str, run: Run) -> Value:
    """`value.name`, for contexts, lists of contexts, and what dates, durations and ranges have."""
    if isinstance(value, Mapping):
        if name in value:
            return value[name]
        return run.null(f"The context has no entry “{name}”.")
    if isinstance(value, (list, tuple)):
        run.spend(len(value))
        return [step(item, name, run) for item in value]
    if value is None:
        return run.null(f"“{name}” was asked of null.")
    found = properties.property_of(value, name)
    if found is MISFIT:
        return run.null(f"A {kind_name(value)} has no “{name}”.")
    return found


def filtered(compiler: Compiler, node: nodes.Filter) -> Code:
    base = compiler.compile(node.base)
    condition = compiler.repeated(None, node.condition)
    fixed = node.condition.value if isinstance(node.condition, nodes.Literal) else None

    def filtered(scope: Scope) -> Value:
        value = base(scope)
        items = value if isinstance(value, (list, tuple)) else [] if value is None else [value]
        if type(fixed) is int:
            return item_at(items, fixed, scope.run)
        return chosen(items, condition, scope)

    return filtered


def chosen(items: Sequence[Value], condition: Code, scope: Scope) -> Value:
    """The items that fulfil the condition, or the one whose number it gives."""
    run = scope.run
    kept: list[Value] = []
    for position, item in enumerate(items):
        run.spend()
        outcome = condition(item_scope(item, scope))
        if outcome is True:
            kept.append(item)
        elif position == 0 and kind_name(outcome) == "number":
            return item_at(items, outcome, run)
        elif outcome is not False and outcome is not None:
            run.null("The condition of a filter is neither true nor false.")
            return None
    if not items:
        outcome = condition(item_scope(None, scope))
        return run.null("The list has no such item.") if kind_name(outcome) == "number" else kept
    return kept


def item_scope(item: Value, scope: Scope) -> Scope:
    block = Scope({_ITEM: item}, scope, scope.run)
    return Scope(item, block, scope.run) if isinstance(item, Mapping) else block


def item_at(items: Sequence[Value], position: Value, run: Run) -> Value:
    """The item of a number that counts from 1, or from the end when negative."""
    place = number(position)
    if not place or place != int(place) or not -len(items) <= place <= len(items):
        return run.null(f"The list has no item {position}.")
    return items[int(place) - 1 if place > 0 else int(place)]
