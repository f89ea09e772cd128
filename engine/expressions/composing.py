"""Compiles what makes a value of others: functions, contexts, lists, ranges (DMN 1.5, 10.3.2.6)."""

from __future__ import annotations

from caseloom.engine.expressions import nodes, ranges
from caseloom.engine.expressions.compiler import Code, Compiler, always_null
from caseloom.engine.expressions.external import java_function
from caseloom.engine.expressions.kinds import MISFIT, converted, kind_name
from caseloom.engine.expressions.running import Scope
from caseloom.engine.expressions.values import Function, Value


def function(compiler: Compiler, node: nodes.FunctionNode) -> Code:
    if node.body is None:
        return always_null("The function says nothing.")
    if node.external:
        mapping, outside = compiler.compile(node.body), node.parameters
        return lambda scope: java_function(mapping(scope), outside, scope.run)
    body = compiler.repeated(node.parameters, node.body)
    parameters, kinds = node.parameters, node.kinds

    def define(scope: Scope) -> Value:
        def call(values: list[Value]) -> Value:
            bound: dict[str, Value] = {}
            for name, kind, value in zip(parameters, kinds, values, strict=True):
                fit = value if kind is None else converted(value, kind)
                if fit is MISFIT:
                    return scope.run.null(f"“{name}” cannot be a {kind_name(value)}.")
                bound[name] = fit
            return body(Scope(bound, scope, scope.run))

        return Function("function", parameters, call, parameter_types=kinds)

    return define


def context(compiler: Compiler, node: nodes.ContextNode) -> Code:
    names = [name for name, _ in node.entries]
    if len(set(names)) < len(names):
        return always_null("A context has two entries of the same name.")
    entries: list[tuple[str, Code]] = []
    for position, (name, entry) in enumerate(node.entries):
        # A function may call itself by the name of its own entry.
        visible = position + isinstance(entry, nodes.FunctionNode)
        entries.append((name, compiler.inside(names[:visible], entry)))

    def context(scope: Scope) -> Value:
        result: dict[str, Value] = {}
        inner = Scope(result, scope, scope.run)
        for name, entry in entries:
            result[name] = entry(inner)
        return result

    return context


def list_(compiler: Compiler, node: nodes.ListNode) -> Code:
    items = [compiler.compile(item) for item in node.items]
    return lambda scope: [item(scope) for item in items]


def range_(compiler: Compiler, node: nodes.RangeNode) -> Code:
    start, end = compiler.compile(node.start), compiler.compile(node.end)
    start_included, end_included = node.start_included, node.end_included

    def range_(scope: Scope) -> Value:
        return ranges.checked(start(scope), end(scope), start_included, end_included, scope.run)

    return range_
