"""Turns the tree of a FEEL expression into closures, and notes on the way which variables it reads.

Every closure takes a `Scope` and gives a value. What cannot be computed is null, with the reason in the
environment (DMN 1.5, 10.3.2.5 ff.); what would never end, or grow without bound, raises `ExpressionError`
(`running`).
"""

from __future__ import annotations

from caseloom.engine.expressions import calls, composing, functions, lookups, loops, nodes, operations, unary
from caseloom.engine.expressions.compiler import Code, Compiler, CompilerTable

FUNCTION_NAMES = functions.names()


def compiled(tree: nodes.Node) -> tuple[Code, Compiler]:
    """The closure, and the compiler that knows what it reads."""
    compiler = Compiler(_COMPILERS)
    return compiler.compile(tree), compiler


_COMPILERS: CompilerTable = {
    nodes.Literal: lookups.literal,
    nodes.AtLiteral: lookups.at_literal,
    nodes.Name: lookups.name,
    nodes.Path: lookups.path,
    nodes.Filter: lookups.filtered,
    nodes.Call: calls.call,
    nodes.Negate: operations.negate,
    nodes.Chain: operations.chain,
    nodes.AllOf: operations.all_of,
    nodes.AnyOf: operations.any_of,
    nodes.Compare: operations.compare,
    nodes.Between: operations.between,
    nodes.In: unary.in_,
    nodes.InstanceOf: operations.instance_of,
    nodes.Tests: unary.tests,
    nodes.UnaryTest: unary.range_of,
    nodes.If: loops.if_,
    nodes.For: loops.for_,
    nodes.Quantified: loops.quantified,
    nodes.FunctionNode: composing.function,
    nodes.ContextNode: composing.context,
    nodes.ListNode: composing.list_,
    nodes.RangeNode: composing.range_,
}
