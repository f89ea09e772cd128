"""Compiles unary tests, in the cells of a table and behind `in` (DMN 1.5, 10.3.2.8)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from caseloom.engine.expressions import nodes, operators
from caseloom.engine.expressions.compiler import Code, Compiler, always_null
from caseloom.engine.expressions.kinds import MISFIT, kind_name
from caseloom.engine.expressions.operations import not_comparable
from caseloom.engine.expressions.operators import equal, within
from caseloom.engine.expressions.running import Run, Scope
from caseloom.engine.expressions.values import Range, Value

TestCode = Callable[[Scope, Value], Value]


def in_(compiler: Compiler, node: nodes.In) -> Code:
    value = compiler.compile(node.value)
    compiler.blocks.append(frozenset("?"))
    tests = [test_code(compiler, test) for test in node.tests]
    compiler.blocks.pop()

    def in_(scope: Scope) -> Value:
        subject = value(scope)
        inner = Scope({"?": subject}, scope, scope.run)
        return any_true(test(inner, subject) for test in tests)

    return in_


def any_true(outcomes: Iterator[Value]) -> Value:
    result: Value = False
    for outcome in outcomes:
        if outcome is True:
            return True
        if outcome is None:
            result = None
    return result


def test_code(compiler: Compiler, node: nodes.Node) -> TestCode:
    """A positive unary test; the input is both in the scope as `?` and the second argument."""
    if isinstance(node, nodes.UnaryTest):
        return _comparison_test(compiler, node)
    if isinstance(node, nodes.Literal):
        return _literal_test(node.value)
    outer, compiler.reads = compiler.reads, set()
    code = compiler.compile(node)
    uses_input = _mentions_input(node)
    compiler.reads |= outer

    def test(scope: Scope, subject: Value) -> Value:
        return matched(subject, code(scope), scope.run, uses_input)

    return test


def _mentions_input(node: nodes.Node) -> bool:
    return any(isinstance(part, nodes.Name) and part.name == "?" for part in parts_of(node))


def parts_of(node: nodes.Node) -> Iterator[nodes.Node]:
    """The node and all below it."""
    pending: list[Any] = [node]
    while pending:
        part = pending.pop()
        if isinstance(part, nodes.Node):
            yield part
            slots: tuple[str, ...] = type(part).__slots__
            pending.extend(getattr(part, slot) for slot in slots)
        elif isinstance(part, tuple):
            pending.extend(part)


def _literal_test(value: Value) -> TestCode:
    def test(scope: Scope, subject: Value) -> Value:
        if type(subject) is type(value):
            return subject == value
        result = equal(subject, value, scope.run)
        return not_comparable("=", subject, value, scope.run) if result is MISFIT else result

    return test


def _comparison_test(compiler: Compiler, node: nodes.UnaryTest) -> TestCode:
    operand, operator = compiler.compile(node.operand), node.operator
    if operator in ("=", "!="):
        wanted = operator == "="

        def equality(scope: Scope, subject: Value) -> Value:
            result = equal(subject, operand(scope), scope.run)
            return None if result is MISFIT else result is wanted

        return equality
    compare = operators.ORDERS[operator]

    def comparison(scope: Scope, subject: Value) -> Value:
        limit = operand(scope)
        result = compare(subject, limit)
        return not_comparable(operator, subject, limit, scope.run) if result is MISFIT else result

    return comparison


def matched(subject: Value, value: Value, run: Run, uses_input: bool) -> Value:
    """Whether what a test gave says yes to the input (DMN 1.5, 10.3.2.8)."""
    if uses_input and (value is True or value is False or value is None):
        return value
    if isinstance(value, Range):
        result = within(subject, value)
        return run.null(f"A {kind_name(subject)} cannot lie in this range.") if result is MISFIT else result
    if isinstance(value, (list, tuple)) and not isinstance(subject, (list, tuple)):
        run.spend(len(value))
        return any(matched(subject, item, run, False) is True for item in value)
    result = equal(subject, value, run)
    if isinstance(value, (list, tuple)) and result is not True:
        return any(matched(subject, item, run, False) is True for item in value)
    if result is MISFIT:
        return True if value is True else not_comparable("=", subject, value, run)
    return result


def tests(compiler: Compiler, node: nodes.Tests) -> Code:
    compiler.blocks.append(frozenset("?"))
    tests = [test_code(compiler, test) for test in node.tests]
    compiler.blocks.pop()
    if not tests:
        return lambda scope: True
    if node.negated:
        return lambda scope: not any(test(scope, scope.names["?"]) is True for test in tests)
    if len(tests) == 1:
        (only,) = tests
        return lambda scope: only(scope, scope.names["?"]) is True
    return lambda scope: any(test(scope, scope.names["?"]) is True for test in tests)


def range_of(compiler: Compiler, node: nodes.UnaryTest) -> Code:
    """Outside a cell `< 5` is a value: a range open on one side."""
    operand, operator = compiler.compile(node.operand), node.operator
    if operator == "!=":
        return always_null("“!=” alone is no range.")

    def range_(scope: Scope) -> Value:
        limit = operand(scope)
        if limit is None:
            return scope.run.null("A range cannot end at null.")
        if operator == "=":
            return Range(limit, limit)
        if operator[0] == "<":
            return Range(None, limit, False, operator == "<=")
        return Range(limit, None, operator == ">=", False)

    return range_
