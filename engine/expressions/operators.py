"""What FEEL's operators do with values: equality, order, arithmetic (DMN 1.5, 10.3.2.13 and 10.3.2.15).

Each returns `MISFIT` where the operation is not defined for these values; the caller makes null of it and
keeps the reason.
"""

from __future__ import annotations

import decimal
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from caseloom.engine.expressions import moments, numbers, shifting
from caseloom.engine.expressions.kinds import MISFIT, Misfit, kind_name
from caseloom.engine.expressions.numbers import number
from caseloom.engine.expressions.running import Run, check_string
from caseloom.engine.expressions.values import (
    Function,
    Range,
    Value,
    WideDate,
    WideDateTime,
    WideDuration,
    WideTime,
    YearMonthDuration,
)

_NUMERIC = frozenset((int, float, Decimal))
_TEMPORAL = frozenset((date, datetime, time, timedelta, WideDate, WideDateTime, WideTime, WideDuration))


def equal(a: Value, b: Value, run: Run) -> Value:
    """True, false, or `MISFIT` for values of different kinds."""
    if a is None or b is None:
        return a is b
    kind_a, kind_b = type(a), type(b)
    if kind_a is kind_b and kind_a in (str, int, bool):
        return a == b
    if kind_a in _NUMERIC and kind_b in _NUMERIC:
        return number(a) == number(b)
    name = kind_name(a)
    if name != kind_name(b):
        return MISFIT
    return _EQUALITIES[name](a, b, run) if name in _EQUALITIES else a == b


def same(a: Value, b: Value, run: Run) -> bool:
    """Whether two values are equal, for functions that look for one; of different kinds they are not."""
    return equal(a, b, run) is True


def _equal_numbers(a: Value, b: Value, run: Run) -> Value:
    return number(a) == number(b)


def _equal_lists(a: Value, b: Value, run: Run) -> Value:
    run.enter()
    run.spend(4 + 2 * len(a))
    result = len(a) == len(b) and all(same(one, other, run) for one, other in zip(a, b, strict=True))
    run.leave()
    return result


def _equal_contexts(a: Value, b: Value, run: Run) -> Value:
    run.enter()
    run.spend(4 + 2 * len(a))
    result = a.keys() == b.keys() and all(same(one, b[name], run) for name, one in a.items())
    run.leave()
    return result


def _equal_ranges(a: Range, b: Range, run: Run) -> Value:
    if (a.start_included, a.end_included) != (b.start_included, b.end_included):
        return False
    return same(a.start, b.start, run) and same(a.end, b.end, run)


def _equal_temporals(a: Value, b: Value, run: Run) -> Value:
    return moments.equal(a, b)


def _no_equality(a: Function, b: Function, run: Run) -> Value:
    return MISFIT


_EQUALITIES: Mapping[str, Callable[[Any, Any, Run], Value]] = {
    "number": _equal_numbers,
    "list": _equal_lists,
    "context": _equal_contexts,
    "range": _equal_ranges,
    "date": _equal_temporals,
    "time": _equal_temporals,
    "date and time": _equal_temporals,
    "days and time duration": _equal_temporals,
    "function": _no_equality,
    "something that expressions cannot read": _no_equality,
}


def order(a: Value, b: Value) -> int | Misfit:
    """-1, 0 or 1, or `MISFIT` where one of the two cannot be before the other."""
    kind_a, kind_b = type(a), type(b)
    if kind_a in _NUMERIC and kind_b in _NUMERIC:
        a, b = number(a), number(b)
        return MISFIT if a is None or b is None else int(a > b) - int(a < b)
    if kind_a is kind_b and kind_a in (str, YearMonthDuration):
        return int(a > b) - int(a < b)
    if kind_a in _TEMPORAL and kind_b in _TEMPORAL:
        key = moments.order_keys(a, b)
        return MISFIT if key is None else (key[0] > key[1]) - (key[0] < key[1])
    return MISFIT


def less(a: Value, b: Value) -> Value:
    found = order(a, b)
    return found if isinstance(found, Misfit) else found < 0


def less_or_equal(a: Value, b: Value) -> Value:
    found = order(a, b)
    return found if isinstance(found, Misfit) else found <= 0


def greater(a: Value, b: Value) -> Value:
    found = order(a, b)
    return found if isinstance(found, Misfit) else found > 0


def greater_or_equal(a: Value, b: Value) -> Value:
    found = order(a, b)
    return found if isinstance(found, Misfit) else found >= 0


ORDERS: Mapping[str, Callable[[Value, Value], Value]] = {
    "<": less,
    "<=": less_or_equal,
    ">": greater,
    ">=": greater_or_equal,
}


def within(value: Value, limits: Range) -> Value:
    """Whether a value lies in a range; `MISFIT` where it cannot be compared with its ends."""
    above: Value = True
    if limits.start is not None:
        above = (less_or_equal if limits.start_included else less)(limits.start, value)
    below: Value = True
    if limits.end is not None:
        below = (less_or_equal if limits.end_included else less)(value, limits.end)
    return MISFIT if MISFIT in (above, below) else above and below


def arithmetic(operator: str, a: Value, b: Value) -> Value:
    """`a operator b`, or `MISFIT`; raises `decimal` errors for what has no result."""
    left, right = number(a), number(b)
    if left is not None and right is not None:
        return _NUMBERS[operator](left, right)
    if operator == "+" and isinstance(a, str) and isinstance(b, str):
        check_string(len(a) + len(b))
        return a + b
    result = shifting.arithmetic(operator, a if left is None else left, b if right is None else right)
    return MISFIT if result is None else result


_NUMBERS: Mapping[str, Callable[[Any, Any], numbers.Number]] = {
    "+": numbers.add,
    "-": numbers.subtract,
    "*": numbers.multiply,
    "/": numbers.divide,
    "**": numbers.power,
}

ARITHMETIC_FAULTS: Mapping[type[decimal.DecimalException], str] = {
    decimal.DivisionByZero: "a division by zero",
    decimal.Overflow: "a number too large to hold",
    decimal.InvalidOperation: "something that has no result",
}


def fault_name(fault: decimal.DecimalException) -> str:
    """What a decimal error means, in words."""
    for kind, name in ARITHMETIC_FAULTS.items():
        if isinstance(fault, kind):
            return name
    return "something that has no result"


def negated(value: Value) -> Value:
    plain = number(value)
    if plain is not None:
        return -plain
    if isinstance(value, timedelta):
        return -value
    if isinstance(value, YearMonthDuration):
        return YearMonthDuration(-value.months)
    if isinstance(value, WideDuration):
        return WideDuration(-value.nanos)
    return MISFIT
