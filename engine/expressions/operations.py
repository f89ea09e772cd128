"""Compiles arithmetic, logic of three values and comparison (DMN 1.5, 10.3.2.12 and 10.3.2.15)."""

from __future__ import annotations

import decimal
import operator as python
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from caseloom.engine.expressions import nodes, numbers, operators
from caseloom.engine.expressions.compiler import Code, Compiler, always_null
from caseloom.engine.expressions.kinds import MISFIT, Kind, conforms, kind_name, unconstrained
from caseloom.engine.expressions.operators import arithmetic, equal
from caseloom.engine.expressions.running import Run, Scope
from caseloom.engine.expressions.values import Value


def negate(compiler: Compiler, node: nodes.Negate) -> Code:
    operand = compiler.compile(node.operand)

    def negate(scope: Scope) -> Value:
        value = operand(scope)
        result = operators.negated(value)
        return scope.run.null(f"A {kind_name(value)} has no negative.") if result is MISFIT else result

    return negate


def chain(compiler: Compiler, node: nodes.Chain) -> Code:
    first = compiler.compile(node.first)
    rest = [(operator, compiler.compile(operand)) for operator, operand in node.rest]
    if len(rest) == 1:
        ((operator, second),) = rest
        return _one_operation(operator, first, second)

    def chain(scope: Scope) -> Value:
        value = first(scope)
        for operator, operand in rest:
            value = computed(operator, value, operand(scope), scope.run)
        return value

    return chain


def _one_operation(operator: str, first: Code, second: Code) -> Code:
    of_ints = _OF_INTS.get(operator)

    def operation(scope: Scope) -> Value:
        a, b = first(scope), second(scope)
        if type(a) is int and type(b) is int and of_ints is not None:
            return of_ints(a, b)
        return computed(operator, a, b, scope.run)

    return operation


_OF_INTS: Mapping[str, Callable[[Any, Any], Value]] = {
    "+": numbers.add,
    "-": numbers.subtract,
    "*": numbers.multiply,
}


def computed(operator: str, a: Value, b: Value, run: Run) -> Value:
    """`a operator b`, or null with a reason."""
    try:
        result = arithmetic(operator, a, b)
    except decimal.DecimalException as fault:
        return run.null(f"{operator} gives {operators.fault_name(fault)}.")
    except (ValueError, OverflowError) as fault:
        return run.null(str(fault))
    if operator == "**":
        run.spend(POWER_COST)
    if type(result) is str:
        run.spend(len(result) >> 4)
    if result is MISFIT:
        return run.null(f"“{operator}” is not defined for {kind_name(a)} and {kind_name(b)}.")
    return result


def all_of(compiler: Compiler, node: nodes.AllOf) -> Code:
    return _logical([compiler.compile(operand) for operand in node.operands], False)


def any_of(compiler: Compiler, node: nodes.AnyOf) -> Code:
    return _logical([compiler.compile(operand) for operand in node.operands], True)


def _logical(operands: list[Code], decisive: bool) -> Code:
    """DMN 1.5, table 50: one false decides `and`, one true decides `or`, whatever else is null."""
    if len(operands) == 2:
        return _logical_pair(operands[0], operands[1], decisive)

    def logical(scope: Scope) -> Value:
        result: Value = not decisive
        for operand in operands:
            value = operand(scope)
            if value is decisive:
                return decisive
            if value is not result:
                result = None
        return result

    return logical


def _logical_pair(left: Code, right: Code, decisive: bool) -> Code:
    neutral = not decisive

    def pair(scope: Scope) -> Value:
        one = left(scope)
        if one is decisive:
            return decisive
        other = right(scope)
        if other is decisive:
            return decisive
        return neutral if one is neutral and other is neutral else None

    return pair


def compare(compiler: Compiler, node: nodes.Compare) -> Code:
    left, right = compiler.compile(node.left), compiler.compile(node.right)
    operator = node.operator
    constant = node.right.value if isinstance(node.right, nodes.Literal) else None
    if isinstance(node.left, nodes.Name) and not compiler.blocks and type(constant) in _PLAIN:
        return _variable_with_constant(node.left.name, operator, constant, left)
    if operator in ("=", "!="):
        return _equality(left, right, operator == "=")
    return _ordered(operator, left, right)


POWER_COST = 50
_PLAIN = frozenset((int, str, Decimal))
_FAST: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": python.eq,
    "!=": python.ne,
    "<": python.lt,
    "<=": python.le,
    ">": python.gt,
    ">=": python.ge,
}


def _variable_with_constant(name: str, operator: str, constant: Value, variable: Code) -> Code:
    """`amount > 5000`, the most frequent condition of all: one closure instead of three."""
    fast, kind = _FAST[operator], str if isinstance(constant, str) else int

    def compared(scope: Scope) -> Value:
        value = scope.names.get(name)
        if type(value) is kind:
            return fast(value, constant)
        return slow(scope)

    def held(scope: Scope) -> Value:
        return constant

    if operator in ("=", "!="):
        slow = _equality(variable, held, operator == "=")
    else:
        slow = _ordered(operator, variable, held)
    return compared


def _ordered(operator: str, left: Code, right: Code) -> Code:
    in_order, fast = operators.ORDERS[operator], _FAST[operator]

    def ordered(scope: Scope) -> Value:
        a, b = left(scope), right(scope)
        if type(a) is int and type(b) is int:
            return fast(a, b)
        result = in_order(a, b)
        return not_comparable(operator, a, b, scope.run) if result is MISFIT else result

    return ordered


def not_comparable(operator: str, a: Value, b: Value, run: Run) -> None:
    run.null(f"“{operator}” cannot compare {kind_name(a)} with {kind_name(b)}.")


def _equality(left: Code, right: Code, wanted: bool) -> Code:
    def equality(scope: Scope) -> Value:
        a, b = left(scope), right(scope)
        result = equal(a, b, scope.run)
        if result is MISFIT:
            return not_comparable("=" if wanted else "!=", a, b, scope.run)
        return result is wanted

    return equality


def between(compiler: Compiler, node: nodes.Between) -> Code:
    value, low, high = (compiler.compile(part) for part in (node.value, node.low, node.high))

    def between(scope: Scope) -> Value:
        middle, least, most = value(scope), low(scope), high(scope)
        above = operators.greater_or_equal(middle, least)
        below = operators.less_or_equal(middle, most)
        if MISFIT in (above, below):
            return scope.run.null(f"“between” cannot compare {kind_name(middle)} with its limits.")
        return above and below

    return between


def instance_of(compiler: Compiler, node: nodes.InstanceOf) -> Code:
    value = compiler.compile(node.value)
    kind = unconstrained(node.kind)
    if kind.reference is not None:
        return always_null(f"There is no type “{kind.reference}”.")
    return lambda scope: is_instance(value(scope), kind)


def is_instance(value: Value, kind: Kind) -> bool:
    if kind.name == "Null":
        return value is None
    if value is None:
        return False
    return conforms(value, kind)
