"""How JUEL makes values fit each other before it compares or computes (EL 2.2, 1.7, 1.8 and 1.18)."""

from __future__ import annotations

import decimal
from collections.abc import Callable, Mapping
from typing import NoReturn

from caseloom.engine.errors import ExpressionError
from caseloom.engine.expressions import numbers, operators
from caseloom.engine.expressions.kinds import MISFIT, kind_name
from caseloom.engine.expressions.numbers import Number, number
from caseloom.engine.expressions.running import Scope
from caseloom.engine.expressions.texts import plain_text
from caseloom.engine.expressions.values import Value


def wrong(message: str) -> NoReturn:
    raise ExpressionError(message)


def to_number(value: Value) -> Number:
    if value is None or value == "":
        return 0
    plain = number(value)
    if plain is not None:
        return plain
    if isinstance(value, str):
        try:
            return numbers.number_from_text(value.strip())
        except (decimal.DecimalException, ValueError):
            pass
    wrong(f"{_quoted(value)} is no number.")


def to_boolean(value: Value) -> bool:
    if isinstance(value, bool):
        return value
    if value is None or value == "":
        return False
    if isinstance(value, str):
        return value.lower() == "true"
    wrong(f"{_quoted(value)} is neither true nor false.")


def _quoted(value: Value) -> str:
    return f"“{value[:50]}”" if isinstance(value, str) else f"A {kind_name(value)}"


_SIMPLE = frozenset((int, str))


def equal(a: Value, b: Value, scope: Scope) -> bool:
    """EL 2.2, 1.8.2."""
    if type(a) is type(b) and type(a) in _SIMPLE:
        return bool(a == b)
    if a is None or b is None:
        return a is b
    if number(a) is not None or number(b) is not None:
        return to_number(a) == to_number(b)
    if isinstance(a, bool) or isinstance(b, bool):
        return to_boolean(a) == to_boolean(b)
    if isinstance(a, str) or isinstance(b, str):
        return plain_text(a) == plain_text(b)
    return operators.equal(a, b, scope.run) is True


def compare(operator: str, a: Value, b: Value) -> bool:
    """EL 2.2, 1.8.1."""
    if type(a) is type(b) and type(a) in _SIMPLE:
        return bool(operators.ORDERS[operator](a, b))
    if a is None or b is None:
        return a is b and operator in ("<=", ">=")
    if number(a) is not None or number(b) is not None:
        a, b = to_number(a), to_number(b)
    elif isinstance(a, str) or isinstance(b, str):
        a, b = plain_text(a), plain_text(b)
    result = operators.ORDERS[operator](a, b)
    if result is MISFIT:
        wrong(f"“{operator}” cannot compare {kind_name(a)} with {kind_name(b)}.")
    return bool(result)


def computed(operator: str, a: Value, b: Value) -> Value:
    left, right = to_number(a), to_number(b)
    try:
        return _ARITHMETIC[operator](left, right)
    except decimal.DecimalException as fault:
        raise ExpressionError(f"“{operator}” gives {operators.fault_name(fault)}.") from fault


def _remainder(a: Number, b: Number) -> Number:
    return numbers.whole(numbers.CONTEXT.remainder(numbers.as_decimal(a), numbers.as_decimal(b)))


_ARITHMETIC: Mapping[str, Callable[[Number, Number], Number]] = {
    "+": numbers.add,
    "-": numbers.subtract,
    "*": numbers.multiply,
    "/": numbers.divide,
    "%": _remainder,
}
