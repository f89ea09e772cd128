"""Compiles calls of functions: built in, of a model, or held by a value (DMN 1.5, 10.3.2.13)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from caseloom.engine.expressions import nodes, signatures
from caseloom.engine.expressions.compiler import Code, Compiler, always_null
from caseloom.engine.expressions.running import Scope
from caseloom.engine.expressions.signatures import BUILTINS, call_builtin, invoke
from caseloom.engine.expressions.values import Function, Value


def call(compiler: Compiler, node: nodes.Call) -> Code:
    if isinstance(node.function, nodes.Name):
        special = _SPECIAL_CALLS.get(node.function.name)
        if special is not None and len(node.arguments) == 1:
            return special(compiler, node.arguments[0])
        if node.function.name in BUILTINS and not _is_bound(compiler, node.function.name):
            return _builtin_call(compiler, node, node.function.name)
    function = compiler.compile(node.function)
    arguments = [compiler.compile(argument) for argument in node.arguments]
    names = node.names

    def call(scope: Scope) -> Value:
        called = function(scope)
        return invoke(called, [argument(scope) for argument in arguments], names, scope.run)

    return call


def _is_bound(compiler: Compiler, name: str) -> bool:
    return any(block is not None and name in block for block in compiler.blocks)


def _builtin_call(compiler: Compiler, node: nodes.Call, name: str) -> Code:
    arguments = [compiler.compile(argument) for argument in node.arguments]
    if any(way.volatile for way in BUILTINS[name]):
        compiler.volatile = True
    if node.names is not None:
        return _named_call(name, node.names, arguments)
    ways = signatures.by_count(name, len(arguments))
    if not ways:
        return _shadowable(
            name, arguments, always_null(f"“{name}” does not take {len(arguments)} arguments.")
        )
    if len(arguments) == 1:
        (only,) = arguments
        return _shadowable(name, arguments, lambda scope: call_builtin(ways, (only(scope),), scope.run))
    return _shadowable(
        name,
        arguments,
        lambda scope: call_builtin(ways, [argument(scope) for argument in arguments], scope.run),
    )


def _shadowable(name: str, arguments: list[Code], code: Code, names: tuple[str, ...] | None = None) -> Code:
    """A function of the model (a business knowledge model, say) wins over a built-in one of the same name."""

    def call(scope: Scope) -> Value:
        outermost = scope
        while outermost.outer is not None:
            outermost = outermost.outer
        if name in outermost.names:
            own = outermost.names[name]
            if isinstance(own, Function):
                return invoke(own, [argument(scope) for argument in arguments], names, scope.run)
        return code(scope)

    return call


def _named_call(name: str, names: tuple[str, ...], arguments: list[Code]) -> Code:
    ways = signatures.by_names(name, names)
    if not ways:
        reason = f"“{name}” has no parameters called {', '.join(names)}."
        return _shadowable(name, arguments, always_null(reason), names)

    def call(scope: Scope) -> Value:
        values = [argument(scope) for argument in arguments]
        way, order = ways[0]
        picked = [None if position < 0 else values[position] for position in order]
        return call_builtin([way], picked, scope.run)

    return _shadowable(name, arguments, call, names)


def is_defined(compiler: Compiler, argument: nodes.Node) -> Code:
    """Camunda: whether a variable or an entry is there at all, even as null."""
    if isinstance(argument, nodes.Name):
        name = argument.name
        compiler.note(name)
        return lambda scope: _has(scope, name)
    if isinstance(argument, nodes.Path):
        base, entry = compiler.compile(argument.base), argument.name
        return lambda scope: isinstance(holder := base(scope), Mapping) and entry in holder
    code = compiler.compile(argument)
    return lambda scope: code(scope) is not None


def _has(scope: Scope | None, name: str) -> bool:
    while scope is not None:
        if name in scope.names:
            return True
        scope = scope.outer
    return False


_SPECIAL_CALLS: Mapping[str, Callable[[Compiler, nodes.Node], Code]] = {"is defined": is_defined}
