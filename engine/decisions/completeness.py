"""Looks for inputs that two rules of a table match, and for inputs that none does.

Only tables are looked at whose cells are constants. The values of a column fall into finitely many groups
that no cell tells apart (each text that occurs, a text that does not; each limit, a number between two
limits; true, false); one value stands for each group. The search over their combinations is bounded, so a
very large table may go unjudged.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import islice, pairwise
from operator import and_

from caseloom.engine.decisions.columns import Column, Interval, positions_in
from caseloom.engine.decisions.model import HitPolicy
from caseloom.engine.decisions.tables import Table
from caseloom.engine.errors import ExpressionError
from caseloom.engine.expressions.expression import compile_feel
from caseloom.engine.expressions.kinds import kind_name
from caseloom.engine.expressions.numbers import Number
from caseloom.engine.expressions.values import Value

MOST_RULES = 1_000
MOST_STEPS = 50_000
MOST_OVERLAPS = 10

_OTHER_TEXT = "something else"
_ONE_RESULT = (HitPolicy.UNIQUE, HitPolicy.ANY, HitPolicy.FIRST, HitPolicy.PRIORITY)

Example = dict[int, Value]


def overlaps(table: Table) -> Iterator[tuple[int, int, Example]]:
    """Pairs of rules that match the same input although the hit policy forbids it, with such an input."""
    return islice(_overlaps(table), MOST_OVERLAPS)


def _overlaps(table: Table) -> Iterator[tuple[int, int, Example]]:
    source = table.source
    if source.hit_policy not in (HitPolicy.UNIQUE, HitPolicy.ANY) or len(source.rules) > MOST_RULES:
        return
    values = _all_representatives(table)
    if values is None:
        return
    accepted = _accepted(table, values)
    for second in range(len(source.rules)):
        for first in range(second):
            if not all(map(and_, accepted[first], accepted[second])):
                continue
            if source.hit_policy is HitPolicy.UNIQUE or not _say_the_same(table, first, second):
                yield first, second, _common(table, values, accepted, first, second)


def _accepted(table: Table, values: list[list[Value]]) -> list[list[int]]:
    """For each rule and column the representatives that the cell says yes to, as bits."""
    accepted = [[0] * len(values) for _ in table.source.rules]
    for number, column in enumerate(table.columns):
        for place, value in enumerate(values[number]):
            for position in positions_in(_matching(column, value)):
                accepted[position][number] |= 1 << place
    return accepted


def _matching(column: Column, value: Value) -> int:
    """The rules of a column of constants that match a value, as bits."""
    possible, asked = column.possible(value)
    for position in positions_in(possible & asked):
        if not _has(column, position, value):
            possible &= ~(1 << position)
    return possible


def _say_the_same(table: Table, first: int, second: int) -> bool:
    one, other = (table.source.rules[position].outputs for position in (first, second))
    return [cell.text for cell in one] == [cell.text for cell in other]


def _common(
    table: Table, values: list[list[Value]], accepted: list[list[int]], first: int, second: int
) -> Example:
    example: Example = {}
    for number, column in enumerate(table.columns):
        place = next(positions_in(accepted[first][number] & accepted[second][number]))
        if column.tests[first] is not None or column.tests[second] is not None:
            example[number] = values[number][place]
    return example


def _has(column: Column, position: int, value: Value) -> bool:
    constants = column.constants[position]
    return constants is None or constants.has(value)


def gap(table: Table) -> Example | None:
    """An input that no rule matches, where the table has to give one result; `None` if there is none."""
    source = table.source
    if source.hit_policy not in _ONE_RESULT or table.defaults is not None or len(source.rules) > MOST_RULES:
        return None
    values = _all_representatives(table)
    if values is None or not source.rules:
        return None
    return _Search(
        [
            [(value, _matching(column, value)) for value in column_values]
            for column, column_values in zip(table.columns, values, strict=True)
        ]
    ).gap()


class _Search:
    """Depth first over the columns; what was looked at once in a column is not looked at again."""

    def __init__(self, columns: list[list[tuple[Value, int]]]) -> None:
        self.columns = columns
        self.steps = 0
        self.seen: set[tuple[int, int]] = set()

    def gap(self) -> Example | None:
        return self.below(0, -1)

    def below(self, number: int, left: int) -> Example | None:
        if not left:
            return {}
        if number == len(self.columns) or (number, left) in self.seen:
            return None
        self.seen.add((number, left))
        for value, rules in self.columns[number]:
            self.steps += 1
            if self.steps > MOST_STEPS:
                return None
            found = self.below(number + 1, left & rules)
            if found is not None:
                return {number: value, **found}
        return None


# --- values that stand for all others


def _all_representatives(table: Table) -> list[list[Value]] | None:
    """For each column a value of every group; `None` where a cell is more than constants."""
    found: list[list[Value]] = []
    for number, column in enumerate(table.columns):
        if any(
            test is not None and column.constants[place] is None for place, test in enumerate(column.tests)
        ):
            return None
        values = _representatives(table, number, column)
        if values is None:
            return None
        found.append(values)
    return found


def _representatives(table: Table, number: int, column: Column) -> list[Value] | None:
    known = [constants for constants in column.constants if constants is not None]
    texts = sorted({text for one in known for text in one.texts})
    intervals = [part for one in known for part in one.intervals]
    booleans = any(one.booleans for one in known)
    if (bool(texts) + bool(intervals) + booleans) > 1:
        return None  # a column of several types is reported by itself
    if not known:
        return [None]
    if booleans:
        return [True, False]
    values: list[Value] = list(_numbers(intervals)) if intervals else [*texts, _OTHER_TEXT]
    allowed = table.allowed[number]
    if allowed is None:
        return values
    listed = _listed(table.source.inputs[number].allowed)
    return [value for value in (*values, *listed) if value != _OTHER_TEXT and allowed(value)]


def _listed(allowed: str | None) -> list[Value]:
    """The allowed values that are plain constants, so that one that no rule names is found."""
    try:
        values = compile_feel(f"[{allowed}]").evaluate({})
    except ExpressionError:
        return []
    return [value for value in values or [] if kind_name(value) in ("string", "number", "boolean")]


def _numbers(intervals: list[Interval]) -> Iterator[Number]:
    limits = sorted({limit for part in intervals for limit in (part.low, part.high) if limit is not None})
    if not limits:
        return
    yield limits[0] - 1
    for low, high in pairwise(limits):
        yield low
        middle = (Decimal(low) + Decimal(high)) / 2
        yield int(low) + 1 if isinstance(low, int) and low + 1 < high else middle
    yield limits[-1]
    yield limits[-1] + 1


def constant_kind(text: str) -> str | None:
    """The kind of value that a cell spells, where it is a plain constant."""
    try:
        expression = compile_feel(text)
        if not expression.constant:
            return None
        name = kind_name(expression.evaluate({}))
    except ExpressionError:
        return None
    return name if name in ("string", "number", "boolean") else None
