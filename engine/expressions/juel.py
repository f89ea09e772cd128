"""JUEL's meaning: what `${…}` of a Camunda 7 diagram computes, on the same values as FEEL.

Unlike FEEL it raises: an unknown variable or a value of the wrong kind is an `ExpressionError` that names it, as
Camunda raises too. Only the functions and methods of `juel_objects` and `juel_methods` exist; any other call is refused
when compiling.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from caseloom.engine.expressions import juel_methods, juel_objects, nodes
from caseloom.engine.expressions.coercion import compare, computed, equal, to_boolean, to_number, wrong
from caseloom.engine.expressions.juel_parser import parse_text
from caseloom.engine.expressions.kinds import MISFIT, kind_name
from caseloom.engine.expressions.lexer import fault
from caseloom.engine.expressions.properties import property_of
from caseloom.engine.expressions.running import Scope, check_string
from caseloom.engine.expressions.texts import plain_text
from caseloom.engine.expressions.values import Value

Code = Callable[[Scope], Value]


@dataclass(frozen=True, slots=True)
class CompiledText:
    code: Code
    reads: frozenset[str]
    volatile: bool
    has_expression: bool
    writes: frozenset[str]
    changes: frozenset[str]


def compile_text(text: str) -> CompiledText:
    compiler = JuelCompiler(text)
    parts = parse_text(text).parts
    has_expression = any(not isinstance(part, nodes.Literal) for part in parts) or "{" in text
    if len(parts) == 1:
        code = compiler.compile(parts[0])
    else:
        code = _joined([compiler.compile(part) for part in parts])
    return CompiledText(
        code,
        frozenset(compiler.reads),
        compiler.volatile,
        has_expression,
        frozenset(compiler.writes),
        frozenset(compiler.changes),
    )


def _joined(parts: list[Code]) -> Code:
    def joined(scope: Scope) -> str:
        text = "".join(plain_text(part(scope)) for part in parts)
        check_string(len(text))
        return text

    return joined


class JuelCompiler:
    """`volatile` is set by anything that looks at more than variables.

    `writes` are the variables that it sets (`*` where the name is computed), `changes` the methods of the task.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.reads: set[str] = set()
        self.writes: set[str] = set()
        self.changes: set[str] = set()
        self.volatile = False

    def compile(self, node: nodes.Node) -> Code:
        return _COMPILERS[type(node)](self, node)


def _literal(compiler: JuelCompiler, node: nodes.Literal) -> Code:
    value = node.value
    return lambda scope: value


def _name(compiler: JuelCompiler, node: nodes.Name) -> Code:
    name = node.name
    if name in juel_objects.OBJECTS:
        raise fault(
            compiler.text,
            node.position,
            f"“{name}” is no value by itself; ask it for something, such as {name}.id",
        )
    compiler.reads.add(name)

    def variable(scope: Scope) -> Value:
        env = scope.run.env
        if env.local and name in env.local:
            return env.local[name]
        if env.writes and name in env.writes:
            return env.writes[name]
        try:
            return scope.names[name]
        except KeyError:
            wrong(f"There is no variable “{name}”.")

    return variable


def _path(compiler: JuelCompiler, node: nodes.Path) -> Code:
    if (about := _object(node.base)) is not None:
        return _of_object(compiler, about, node.name)
    base, name = compiler.compile(node.base), node.name
    return lambda scope: entry(base(scope), name)


def _object(node: nodes.Node) -> nodes.Name | None:
    """`execution` or `task`, where the node is one of them; `task.execution` is the execution."""
    if isinstance(node, nodes.Name) and node.name in juel_objects.OBJECTS:
        return node
    if not isinstance(node, (nodes.Path, nodes.Method)) or node.name not in ("execution", "getExecution"):
        return None
    of_task = isinstance(node.base, nodes.Name) and node.base.name == "task"
    return nodes.Name("execution") if of_task else None


def _of_object(compiler: JuelCompiler, base: nodes.Name, name: str) -> Code:
    keys = juel_objects.OBJECTS[base.name].get(name)
    if keys is None:
        raise fault(compiler.text, base.position, f"“{base.name}.{name}” is not understood here")
    compiler.volatile = True
    return lambda scope: juel_objects.of_execution(scope, keys)


def entry(base: Value, key: Value) -> Value:
    """`base.key` or `base[key]`."""
    if base is None or key is None:
        return None
    if isinstance(base, Mapping):
        return base.get(key if isinstance(key, str) else plain_text(key))
    if isinstance(base, (list, tuple)):
        return _item(base, key)
    found = property_of(base, key) if isinstance(key, str) else MISFIT
    if found is MISFIT:
        wrong(f"A {kind_name(base)} has no “{plain_text(key)}”.")
    return found


def _item(items: Any, key: Value) -> Value:
    index = to_number(key)
    if index != int(index):
        wrong(f"{plain_text(key)} is no index of a list.")
    return items[int(index)] if 0 <= index < len(items) else None


def _index(compiler: JuelCompiler, node: nodes.Filter) -> Code:
    base, key = compiler.compile(node.base), compiler.compile(node.condition)
    return lambda scope: entry(base(scope), key(scope))


def _call(compiler: JuelCompiler, node: nodes.Call) -> Code:
    name = node.function.name if isinstance(node.function, nodes.Name) else ""
    function = juel_objects.FUNCTIONS.get((name, len(node.arguments)))
    if function is None:
        raise fault(compiler.text, node.position, f"the call “{name}(…)” is not understood here")
    compiler.volatile = compiler.volatile or name in juel_objects.VOLATILE
    arguments = [compiler.compile(argument) for argument in node.arguments]
    return lambda scope: function(scope, *[argument(scope) for argument in arguments])


def _method(compiler: JuelCompiler, node: nodes.Method) -> Code:
    if (about := _object(node.base)) is not None:
        return _object_method(compiler, node, about)
    method = juel_methods.METHODS.get((node.name, len(node.arguments)))
    if method is None:
        raise fault(compiler.text, node.position, f"the call “{_called(node)}(…)” is not understood here")
    base = compiler.compile(node.base)
    arguments = [compiler.compile(argument) for argument in node.arguments]
    name = node.name

    def call(scope: Scope) -> Value:
        subject = base(scope)
        result = method(subject, *[argument(scope) for argument in arguments])
        if result is MISFIT:
            wrong(f"“{name}” cannot be asked of a {kind_name(subject)}.")
        return result

    return call


def _called(node: nodes.Method) -> str:
    return f"{node.base.name}.{node.name}" if isinstance(node.base, nodes.Name) else node.name


def _object_method(compiler: JuelCompiler, node: nodes.Method, base: nodes.Name) -> Code:
    compiler.volatile = True
    arguments = [compiler.compile(argument) for argument in node.arguments]
    called = (node.name, len(arguments))
    method = juel_objects.VARIABLE_METHODS.get(called)
    if method is None and base.name == "task":
        method = juel_objects.TASK_METHODS.get(called)
        compiler.changes.update([node.name] if method is not None else [])
    if method is not None:
        named = node.arguments[0] if node.arguments else None
        name = plain_text(named.value) if isinstance(named, nodes.Literal) else "*"
        if node.name == "getVariable" and name != "*":
            compiler.reads.add(name)
        if node.name in juel_objects.SETTERS:
            compiler.writes.add(name)
        return lambda scope: method(scope, *[argument(scope) for argument in arguments])
    getter = node.name[3:4].lower() + node.name[4:] if node.name.startswith("get") and not arguments else ""
    if getter not in juel_objects.OBJECTS[base.name]:
        raise fault(compiler.text, node.position, f"the call “{_called(node)}(…)” is not understood here")
    return _of_object(compiler, base, getter)


def _compare(compiler: JuelCompiler, node: nodes.Compare) -> Code:
    left, right, operator = compiler.compile(node.left), compiler.compile(node.right), node.operator
    if operator == "=":
        return lambda scope: equal(left(scope), right(scope), scope)
    if operator == "!=":
        return lambda scope: not equal(left(scope), right(scope), scope)
    return lambda scope: compare(operator, left(scope), right(scope))


def _chain(compiler: JuelCompiler, node: nodes.Chain) -> Code:
    first = compiler.compile(node.first)
    rest = [(operator, compiler.compile(operand)) for operator, operand in node.rest]

    def chain(scope: Scope) -> Value:
        value = first(scope)
        for operator, operand in rest:
            value = computed(operator, value, operand(scope))
        return value

    return chain


def _negate(compiler: JuelCompiler, node: nodes.Negate) -> Code:
    operand = compiler.compile(node.operand)
    return lambda scope: -to_number(operand(scope))


def _not(compiler: JuelCompiler, node: nodes.Not) -> Code:
    operand = compiler.compile(node.operand)
    return lambda scope: not to_boolean(operand(scope))


def _empty(compiler: JuelCompiler, node: nodes.Empty) -> Code:
    operand = compiler.compile(node.operand)

    def empty(scope: Scope) -> bool:
        value = operand(scope)
        return value is None or (isinstance(value, (str, list, tuple, Mapping)) and not value)

    return empty


def _all(compiler: JuelCompiler, node: nodes.AllOf) -> Code:
    return _until([compiler.compile(operand) for operand in node.operands], False)


def _any_of(compiler: JuelCompiler, node: nodes.AnyOf) -> Code:
    return _until([compiler.compile(operand) for operand in node.operands], True)


def _until(operands: list[Code], decisive: bool) -> Code:
    def until(scope: Scope) -> bool:
        for operand in operands:
            value = operand(scope)
            if (value if isinstance(value, bool) else to_boolean(value)) is decisive:
                return decisive
        return not decisive

    return until


def _if(compiler: JuelCompiler, node: nodes.If) -> Code:
    condition, then, otherwise = (
        compiler.compile(part) for part in (node.condition, node.then, node.otherwise)
    )
    return lambda scope: then(scope) if to_boolean(condition(scope)) else otherwise(scope)


_COMPILERS: Mapping[type[nodes.Node], Callable[[JuelCompiler, Any], Code]] = {
    nodes.Literal: _literal,
    nodes.Name: _name,
    nodes.Path: _path,
    nodes.Filter: _index,
    nodes.Call: _call,
    nodes.Method: _method,
    nodes.Compare: _compare,
    nodes.Chain: _chain,
    nodes.Negate: _negate,
    nodes.Not: _not,
    nodes.Empty: _empty,
    nodes.AllOf: _all,
    nodes.AnyOf: _any_of,
    nodes.If: _if,
}
