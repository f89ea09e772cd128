"""Decision tables: which rules match, what the hit policy makes of them, and why (DMN 1.5, 8)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from caseloom.engine.decisions import model
from caseloom.engine.decisions.columns import Column, Constants, constants_of, positions_in
from caseloom.engine.decisions.model import HitPolicy
from caseloom.engine.decisions.types import allows
from caseloom.engine.errors import ExpressionError
from caseloom.engine.expressions import parser
from caseloom.engine.expressions.compiling import FUNCTION_NAMES
from caseloom.engine.expressions.expression import compile_feel
from caseloom.engine.expressions.functions import aggregates
from caseloom.engine.expressions.operators import same
from caseloom.engine.expressions.running import Run, Scope
from caseloom.engine.expressions.values import Value

if TYPE_CHECKING:
    from caseloom.engine.decisions.boxed import Compiler, Names

Code = Callable[[Scope], Value]

_LISTS = (HitPolicy.RULE_ORDER, HitPolicy.OUTPUT_ORDER, HitPolicy.COLLECT)
MAX_EXPLAINED = 200


@dataclass(frozen=True, slots=True)
class Table:
    """A compiled table."""

    source: model.DecisionTable
    inputs: tuple[Code, ...]
    allowed: tuple[Callable[[Value], bool] | None, ...]
    columns: tuple[Column, ...]
    outputs: tuple[tuple[Code, ...], ...]
    defaults: tuple[Code, ...] | None
    priorities: tuple[Sequence[Value] | None, ...]

    def decide(self, scope: Scope) -> Value:
        """What the table says for the names in scope."""
        run = scope.run
        run.spend()
        values = [code(scope) for code in self.inputs]
        for value, allowed, column in zip(values, self.allowed, self.source.inputs, strict=True):
            if allowed is not None and value is not None and not allowed(value):
                return run.null(f"“{column.label}” is none of the values that the table knows.")

        matched = list(self.matching(values, scope))
        if run.trace is not None:
            run.trace.append(Explained(self, tuple(values), tuple(matched), scope))
        return self.hit(matched, scope)

    def matching(self, values: Sequence[Value], scope: Scope) -> Iterator[int]:
        """The positions of the rules that match, in order."""
        left = (1 << len(self.source.rules)) - 1
        asked: list[tuple[int, int]] = []
        for number, (column, value) in enumerate(zip(self.columns, values, strict=True)):
            possible, uncertain = column.possible(value)
            left &= possible
            if uncertain:
                asked.append((number, uncertain))
        for number, uncertain in asked:
            if not left:
                return
            left &= ~self._refuted(number, uncertain & left, values[number], scope)
        yield from positions_in(left)

    def _refuted(self, number: int, rules: int, value: Value, scope: Scope) -> int:
        """The rules among these whose cell of the column says no."""
        if not rules:
            return 0
        variable = self.source.inputs[number].variable
        scope = Scope({**scope.names, variable: value, "?": value}, None, scope.run)
        tests = self.columns[number].tests
        refuted = 0
        for position in positions_in(rules):
            scope.run.spend()
            test = tests[position]
            if test is not None and test(scope) is not True:
                refuted |= 1 << position
        return refuted

    def hit(self, matched: list[int], scope: Scope) -> Value:
        if not matched:
            return self.nothing(scope)
        return _POLICIES[self.source.hit_policy](self, matched, scope)

    def nothing(self, scope: Scope) -> Value:
        """No rule matches: the default outputs, else nothing."""
        policy = self.source.hit_policy
        if self.defaults is not None:
            value = self.composed([code(scope) for code in self.defaults])
            return [value] if policy in _LISTS and self.source.aggregation is None else value
        if self.source.aggregation == "COUNT":
            return 0
        if policy in _LISTS and self.source.aggregation is None:
            return []
        return scope.run.null("No rule of the table matches.")

    def output(self, position: int, scope: Scope) -> Value:
        return self.composed([code(scope) for code in self.outputs[position]])

    def composed(self, values: list[Value]) -> Value:
        """One output is a value, several are a context."""
        if len(values) == 1:
            return values[0]
        return {output.name: value for output, value in zip(self.source.outputs, values, strict=True)}


# --- hit policies


def _unique(table: Table, matched: list[int], scope: Scope) -> Value:
    if len(matched) > 1:
        return scope.run.null(f"The rules {_numbers(matched)} match; the table allows one only (UNIQUE).")
    return table.output(matched[0], scope)


def _numbers(matched: list[int]) -> str:
    shown = ", ".join(str(position + 1) for position in matched[:5])
    return f"{shown} and more" if len(matched) > 5 else shown


def _any(table: Table, matched: list[int], scope: Scope) -> Value:
    first, *rest = (table.output(position, scope) for position in matched)
    if any(not same(first, other, scope.run) for other in rest):
        return scope.run.null(f"The rules {_numbers(matched)} match and say different things (ANY).")
    return first


def _first(table: Table, matched: list[int], scope: Scope) -> Value:
    return table.output(matched[0], scope)


def _by_priority(table: Table, matched: list[int], scope: Scope) -> list[Value]:
    def rank(values: list[Value]) -> list[int]:
        ranks = []
        for value, order in zip(values, table.priorities, strict=True):
            known = order or ()
            ranks.append(
                next((place for place, one in enumerate(known) if same(one, value, scope.run)), len(known))
            )
        return ranks

    rows = [[code(scope) for code in table.outputs[position]] for position in matched]
    return [table.composed(row) for row in sorted(rows, key=rank)]


def _priority(table: Table, matched: list[int], scope: Scope) -> Value:
    return _by_priority(table, matched, scope)[0]


def _rule_order(table: Table, matched: list[int], scope: Scope) -> Value:
    return [table.output(position, scope) for position in matched]


def _collect(table: Table, matched: list[int], scope: Scope) -> Value:
    values = _rule_order(table, matched, scope)
    aggregation = table.source.aggregation
    if aggregation is None:
        return values
    if aggregation == "COUNT":
        return len(values)
    if len(table.source.outputs) > 1:
        return _aggregated_columns(table, values, aggregation, scope.run)
    return _AGGREGATIONS[aggregation](scope.run, values)


def _aggregated_columns(table: Table, rows: list[Value], aggregation: str, run: Run) -> Value:
    """Several outputs are aggregated each by itself."""
    names = [output.name for output in table.source.outputs]
    return {name: _AGGREGATIONS[aggregation](run, [row[name] for row in rows]) for name in names}


_AGGREGATIONS: Mapping[str, Callable[[Run, list[Value]], Value]] = {
    "SUM": aggregates.sum_,
    "MIN": aggregates.min_,
    "MAX": aggregates.max_,
}
_POLICIES: Mapping[HitPolicy, Callable[[Table, list[int], Scope], Value]] = {
    HitPolicy.UNIQUE: _unique,
    HitPolicy.ANY: _any,
    HitPolicy.FIRST: _first,
    HitPolicy.PRIORITY: _priority,
    HitPolicy.RULE_ORDER: _rule_order,
    HitPolicy.OUTPUT_ORDER: _by_priority,
    HitPolicy.COLLECT: _collect,
}


# --- why


@dataclass(frozen=True, slots=True)
class Explained:
    """One run of a table; `as_data` says it in plain values, for the journal and the case page."""

    table: Table
    values: tuple[Value, ...]
    matched: tuple[int, ...]
    scope: Scope

    def as_data(self) -> dict[str, Any]:
        source = self.table.source
        return {
            "kind": "table",
            "hit_policy": str(source.hit_policy),
            "inputs": [
                {"label": column.label, "value": value}
                for column, value in zip(source.inputs, self.values, strict=True)
            ],
            "matched": [self._rule(position) for position in self.matched[:MAX_EXPLAINED]],
            "not_matched": list(self._refusals()),
        }

    def _rule(self, position: int) -> dict[str, Any]:
        rule = self.table.source.rules[position]
        return {"rule": position + 1, "id": rule.id, "annotations": list(rule.annotations)}

    def _refusals(self) -> Iterator[dict[str, Any]]:
        """The other rules, each with the first cell that said no."""
        matched = set(self.matched)
        others = [position for position in range(len(self.table.source.rules)) if position not in matched]
        for position in others[:MAX_EXPLAINED]:
            yield {**self._rule(position), **self._refusal(position)}

    def _refusal(self, position: int) -> dict[str, Any]:
        rule = self.table.source.rules[position]
        for number, value in enumerate(self.values):
            if self.table._refuted(number, 1 << position, value, self.scope):
                return {"input": self.table.source.inputs[number].label, "test": rule.inputs[number].text}
        return {"input": None, "test": None}


# --- compiling


def compile_table(compiler: Compiler, source: model.DecisionTable, names: Names) -> Code:
    """The table as a closure; cells that do not compile are found fault with and match nothing."""
    inputs = tuple(_input(compiler, column, names) for column in source.inputs)
    table = Table(
        source=source,
        inputs=inputs,
        allowed=tuple(allows(column.allowed) for column in source.inputs),
        columns=tuple(_column(compiler, source, number, names) for number in range(len(source.inputs))),
        outputs=tuple(
            tuple(_output(compiler, cell, names) for cell in rule.outputs) for rule in source.rules
        ),
        defaults=_defaults(compiler, source, names),
        priorities=tuple(_listed(output.allowed) for output in source.outputs),
    )
    compiler.tables.append((compiler.element_id, table))
    return table.decide


def _input(compiler: Compiler, column: model.Input, names: Names) -> Code:
    expression = compiler.expression(column.text, column.language, names, column.line)
    return _nothing if expression is None else expression.code


def _nothing(scope: Scope) -> Value:
    return scope.run.null("A part of the table could not be compiled.")


def _column(compiler: Compiler, source: model.DecisionTable, number: int, names: Names) -> Column:
    tests: list[Code | None] = []
    constants: list[Constants | None] = []
    for rule in source.rules:
        cell = rule.inputs[number] if number < len(rule.inputs) else model.Cell("-", rule.line)
        if cell.text in ("", "-"):
            tests.append(None)
            constants.append(None)
            continue
        expression = compiler.tests(cell, names | {"?", source.inputs[number].variable})
        tests.append(_nothing if expression is None else expression.code)
        constants.append(None if expression is None else _constants(cell.text))
    return Column(tests, constants)


def _constants(text: str) -> Constants | None:
    try:
        return constants_of(parser.parse_tests(text, (), FUNCTION_NAMES))
    except ExpressionError:
        return None


def _output(compiler: Compiler, cell: model.Cell, names: Names) -> Code:
    if cell.text in ("", "-"):
        return lambda scope: None
    expression = compiler.expression(cell.text, cell.language, names, cell.line)
    return _nothing if expression is None else expression.code


def _defaults(compiler: Compiler, source: model.DecisionTable, names: Names) -> tuple[Code, ...] | None:
    if all(output.default is None for output in source.outputs):
        return None
    return tuple(compiler.compile(output.default, names) for output in source.outputs)


def _listed(texts: str | None) -> Sequence[Value] | None:
    """Output values in their order of priority."""
    if not texts:
        return None
    try:
        values = compile_feel(f"[{texts}]").evaluate({})
    except ExpressionError:
        return None
    return values if isinstance(values, list) else None
