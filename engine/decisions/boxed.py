"""Compiles the expressions of a model into closures over a `Scope` (DMN 1.5, 7.3 and 10.2).

Unlike inside FEEL, a scope here is one flat mapping: each block copies what it sees and adds its own names.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from caseloom.engine.decisions import model, tables
from caseloom.engine.decisions.types import Types
from caseloom.engine.errors import ExpressionError, Finding, Severity
from caseloom.engine.expressions.expression import Expression, compile_feel, compile_juel, compile_unary_tests
from caseloom.engine.expressions.external import java_function
from caseloom.engine.expressions.kinds import ANY, MISFIT, Kind, converted, kind_name
from caseloom.engine.expressions.lookups import chosen
from caseloom.engine.expressions.loops import items_of
from caseloom.engine.expressions.running import Run, Scope, check_list
from caseloom.engine.expressions.signatures import invoke
from caseloom.engine.expressions.values import Function, Value

Code = Callable[[Scope], Value]
Names = frozenset[str]


@dataclass(frozen=True, slots=True)
class Use:
    """An expression that was compiled, and the variables it reads that nothing in the model gives it."""

    element_id: str | None
    line: int
    text: str
    unknown: frozenset[str]


class Compiler:
    """Compiles the expressions of one model and collects what it finds wrong with them."""

    def __init__(self, document: model.Model, types: Types, names: Collection[str]) -> None:
        self.document = document
        self.types = types
        self.names = frozenset(names)
        self.kinds = types.named()
        self.findings: list[Finding] = []
        self.element_id: str | None = None
        self.tables: list[tuple[str | None, tables.Table]] = []
        self.uses: list[Use] = []

    def compile(self, boxed: model.Boxed | None, names: Names) -> Code:
        """`names` are those in scope; an expression that is not there is null."""
        if boxed is None:
            return lambda scope: None
        code = _COMPILERS[type(boxed)](self, boxed, names)
        return self.typed(code, boxed.type_ref)

    def typed(self, code: Code, type_ref: str | None) -> Code:
        kind = self.types.kind(type_ref)
        if kind is ANY:
            return code
        return lambda scope: as_kind(code(scope), kind, "The result", scope.run)

    def expression(self, text: str, language: str | None, names: Names, line: int) -> Expression | None:
        """Compiles text; what does not compile is found fault with, and null when it runs."""
        compile_ = self.compiler_of(language)
        if compile_ is None:
            message = f"Expressions in “{language}” are not understood; write them in FEEL."
            self.find("language", message, line, Severity.ERROR)
            return None
        return self.tried(lambda: compile_(text, names), text, line, names)

    def language(self, given: str | None) -> str:
        spoken = (given or self.document.language or "feel").rstrip("/").lower()
        return "feel" if spoken.endswith("feel") else spoken

    def compiler_of(self, language: str | None) -> Callable[[str, Names], Expression] | None:
        spoken = self.language(language)
        if spoken == "feel":
            return lambda text, names: compile_feel(text, names=self.names | names, kinds=self.kinds)
        if spoken == "juel":
            return lambda text, names: _null_on_error(
                compile_juel(text if "{" in text else "${" + text + "}")
            )
        return None

    def tests(self, cell: model.Cell, names: Names) -> Expression | None:
        """Compiles the tests of a cell; in JUEL a cell is a condition."""
        if cell.language and self.language(cell.language) != "feel":
            return self.expression(cell.text, cell.language, names, cell.line)
        return self.tried(
            lambda: compile_unary_tests(cell.text, names=self.names | names, kinds=self.kinds),
            cell.text,
            cell.line,
            names,
        )

    def tried(
        self, compile_: Callable[[], Expression], text: str, line: int, names: Names
    ) -> Expression | None:
        try:
            expression = compile_()
            self.uses.append(Use(self.element_id, line, text, expression.reads - names))
            return expression
        except ExpressionError as wrong:
            self.find("expression", f"“{_short(text)}” cannot be read. {wrong}", line)
            return None

    def find(self, code: str, message: str, line: int, severity: Severity = Severity.WARNING) -> None:
        self.findings.append(Finding(self.document.file, self.element_id, line, severity, code, message))


def _null_on_error(expression: Expression) -> Expression:
    """JUEL raises; in a decision what cannot be computed is null (DMN 1.5, 10.3.2.5)."""
    compiled = expression.code

    def code(scope: Scope) -> Value:
        try:
            return compiled(scope)
        except ExpressionError as wrong:
            return scope.run.null(str(wrong))

    return replace(expression, code=code)


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]}…"


def as_kind(value: Value, kind: Kind, what: str, run: Run) -> Value:
    """The value as the model promises it, or null with a reason."""
    fit = converted(value, kind)
    if fit is MISFIT:
        return run.null(f"{what} is a {kind_name(value)}, or a value, that its type does not allow.")
    return fit


def within(scope: Scope, names: Mapping[str, Value]) -> Scope:
    return Scope({**scope.names, **names}, None, scope.run)


# --- kinds of expressions


def _literal(compiler: Compiler, boxed: model.LiteralExpression, names: Names) -> Code:
    if not boxed.text:
        return lambda scope: None
    expression = compiler.expression(boxed.text, boxed.language, names, boxed.line)
    return null_because(boxed.text) if expression is None else expression.code


def null_because(text: str) -> Code:
    reason = f"“{_short(text)}” could not be compiled."
    return lambda scope: scope.run.null(reason)


def _context(compiler: Compiler, boxed: model.Context, names: Names) -> Code:
    entries: list[tuple[str | None, Code]] = []
    seen = names
    for entry in boxed.entries:
        visible = seen | {entry.name} if entry.name else seen
        # A function may call itself by the name of its own entry.
        code = compiler.compile(
            entry.expression, visible if isinstance(entry.expression, model.FunctionDefinition) else seen
        )
        entries.append((entry.name, compiler.typed(code, entry.type_ref)))
        seen = visible

    def context(scope: Scope) -> Value:
        visible = dict(scope.names)
        inner_scope = Scope(visible, None, scope.run)
        result: dict[str, Value] = {}
        for name, code in entries:
            value = code(inner_scope)
            if name is None:
                return value
            visible[name] = result[name] = value
        return result

    return context


def _invocation(compiler: Compiler, boxed: model.Invocation, names: Names) -> Code:
    function = compiler.compile(boxed.function, names)
    bindings = [(name, compiler.compile(value, names)) for name, value in boxed.bindings]
    parameters = tuple(name for name, _ in bindings)

    def invocation(scope: Scope) -> Value:
        called = function(scope)
        if isinstance(called, Function) and called.variadic and len(parameters) == 1:
            return invoke(called, [code(scope) for _, code in bindings], None, scope.run)
        return invoke(called, [code(scope) for _, code in bindings], parameters, scope.run)

    return invocation


def _list(compiler: Compiler, boxed: model.ListOf, names: Names) -> Code:
    items = [compiler.compile(item, names) for item in boxed.items]
    return lambda scope: [item(scope) for item in items]


def _relation(compiler: Compiler, boxed: model.Relation, names: Names) -> Code:
    rows = [[compiler.compile(cell, names) for cell in row] for row in boxed.rows]
    columns = boxed.columns

    def relation(scope: Scope) -> Value:
        return [{name: cell(scope) for name, cell in zip(columns, row, strict=False)} for row in rows]

    return relation


def _function(compiler: Compiler, boxed: model.FunctionDefinition, names: Names) -> Code:
    parameters = tuple(parameter.name for parameter in boxed.parameters)
    if boxed.kind == "Java":
        mapping = compiler.compile(boxed.body, names)
        return lambda scope: java_function(mapping(scope), parameters, scope.run)
    if boxed.kind != "FEEL":
        compiler.find(
            "external-function", f"Functions in {boxed.kind} are not called; this is null.", boxed.line
        )
        return lambda scope: scope.run.null(f"Functions in {boxed.kind} are not called.")
    kinds = tuple(compiler.types.kind(parameter.type_ref) for parameter in boxed.parameters)
    body = compiler.compile(boxed.body, names | set(parameters))

    def define(scope: Scope) -> Value:
        def call(values: list[Value]) -> Value:
            bound = bound_arguments(parameters, kinds, values, scope.run)
            return None if bound is None else body(within(scope, bound))

        return Function("function", parameters, call, parameter_types=kinds)

    return define


def bound_arguments(
    parameters: tuple[str, ...], kinds: tuple[Kind, ...], values: list[Value], run: Run
) -> dict[str, Value] | None:
    """The arguments by name, converted; `None` with a reason where one does not fit."""
    bound: dict[str, Value] = {}
    for name, kind, value in zip(parameters, kinds, values, strict=True):
        fit = converted(value, kind)
        if fit is MISFIT:
            run.null(f"“{name}” cannot be a {kind_name(value)}.")
            return None
        bound[name] = fit
    return bound


def _conditional(compiler: Compiler, boxed: model.Conditional, names: Names) -> Code:
    parts = (boxed.condition, boxed.then, boxed.otherwise)
    condition, then, otherwise = (compiler.compile(part, names) for part in parts)

    def conditional(scope: Scope) -> Value:
        outcome = condition(scope)
        if outcome is True:
            return then(scope)
        if outcome is False or outcome is None:
            return otherwise(scope)
        return scope.run.null("The condition is neither true nor false.")

    return conditional


def _filter(compiler: Compiler, boxed: model.FilterOf, names: Names) -> Code:
    items = compiler.compile(boxed.items, names)
    match = compiler.compile(boxed.match, names | {"item"})

    def filter_(scope: Scope) -> Value:
        value = items(scope)
        if value is None:
            return scope.run.null("There is nothing to filter: it is null.")
        return chosen(value if isinstance(value, (list, tuple)) else [value], _flat(match), scope)

    return filter_


def _flat(code: Code) -> Code:
    """`chosen` nests scopes, as FEEL does; here they are flat."""

    def flat(scope: Scope) -> Value:
        names: dict[str, Value] = {}
        block: Scope | None = scope
        while block is not None:
            names = {**block.names, **names}
            block = block.outer
        return code(Scope(names, None, scope.run))

    return flat


def _iteration(compiler: Compiler, boxed: model.IterationOf, names: Names) -> Code:
    items = compiler.compile(boxed.items, names)
    body = compiler.compile(boxed.body, names | {boxed.variable, "partial"})
    variable = boxed.variable
    gather = _collected if boxed.kind == "for" else _quantifier(boxed.kind == "every")

    def iteration(scope: Scope) -> Value:
        found = items_of(items(scope), None, False, scope.run)
        return None if found is None else gather(found, variable, body, scope)

    return iteration


def _collected(items: Any, variable: str, body: Code, scope: Scope) -> Value:
    results: list[Value] = []
    for item in items:
        scope.run.spend()
        check_list(len(results))
        results.append(body(within(scope, {"partial": results, variable: item})))
    return results


def _quantifier(every: bool) -> Callable[[Any, str, Code, Scope], Value]:
    decisive, neutral = not every, every

    def quantified(items: Any, variable: str, body: Code, scope: Scope) -> Value:
        result: Value = not decisive
        for item in items:
            scope.run.spend()
            outcome = body(within(scope, {variable: item}))
            if outcome is decisive:
                return decisive
            if outcome is None:
                result = None
            elif outcome is not neutral:
                return scope.run.null("What has to be satisfied is neither true nor false.")
        return result

    return quantified


def _table(compiler: Compiler, boxed: model.DecisionTable, names: Names) -> Code:
    return tables.compile_table(compiler, boxed, names)


_COMPILERS: Mapping[type[model.Boxed], Callable[[Compiler, Any, Names], Code]] = {
    model.LiteralExpression: _literal,
    model.Context: _context,
    model.Invocation: _invocation,
    model.ListOf: _list,
    model.Relation: _relation,
    model.FunctionDefinition: _function,
    model.Conditional: _conditional,
    model.FilterOf: _filter,
    model.IterationOf: _iteration,
    model.DecisionTable: _table,
}
