"""Numbers as FEEL has them: 34 digits, half even (IEEE 754-2008 decimal128); whole ones stay ints.

A float never takes part in arithmetic: it becomes the decimal it prints as. What does not fit is no number:
`None`.
"""

from __future__ import annotations

import decimal
from decimal import Decimal
from typing import TypeGuard

from caseloom.engine.expressions.values import Value

DIGITS = 34
LIMIT = 10**DIGITS
CONTEXT = decimal.Context(
    prec=DIGITS,
    rounding=decimal.ROUND_HALF_EVEN,
    Emin=-6143,
    Emax=6144,
    traps=[decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow],
)

Number = int | Decimal


def number_from_text(text: str) -> Number:
    """Reads a literal; raises `decimal.InvalidOperation` or `decimal.Overflow` for what is none."""
    if len(text) <= DIGITS and text.isdigit():
        return int(text)
    return whole(CONTEXT.create_decimal(text))


def is_number(value: Value) -> TypeGuard[Number]:
    kind = type(value)
    return kind is int or kind is Decimal


def number(value: Value) -> Number | None:
    """The value as a number of ours, or `None` where it is none."""
    kind = type(value)
    if kind is int:
        return _fitting(value)
    if kind is Decimal:
        return value if value.is_finite() else None
    if kind is float:
        return from_float(value)
    if isinstance(value, int) and kind is not bool:
        return _fitting(int(value))
    return None


def from_float(value: float) -> Number | None:
    return whole(Decimal(repr(value))) if value - value == 0 else None


def _fitting(value: int) -> Number:
    return value if -LIMIT < value < LIMIT else CONTEXT.create_decimal(value)


def whole(value: Decimal) -> Number:
    """An int where the value is one that fits, else the decimal itself."""
    if value == value.to_integral_value() and abs(value) < LIMIT:
        return int(value)
    return value


def add(a: Number, b: Number) -> Number:
    if type(a) is int and type(b) is int:
        return _fitting(a + b)
    return whole(CONTEXT.add(a, b))


def subtract(a: Number, b: Number) -> Number:
    if type(a) is int and type(b) is int:
        return _fitting(a - b)
    return whole(CONTEXT.subtract(a, b))


def multiply(a: Number, b: Number) -> Number:
    if type(a) is int and type(b) is int:
        return _fitting(a * b)
    return whole(CONTEXT.multiply(a, b))


def divide(a: Number, b: Number) -> Number:
    """Raises `decimal.DivisionByZero` or `decimal.InvalidOperation` (0/0)."""
    if type(a) is int and type(b) is int and b and not a % b:
        return a // b
    return whole(CONTEXT.divide(a, b))


def power(a: Number, b: Number) -> Number:
    if type(a) is int and type(b) is int and 0 <= b <= 64 and abs(a) < 4_000:
        return _fitting(a**b)
    return whole(CONTEXT.power(a, b))


def as_decimal(value: Number) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(value)


def number_text(value: Number) -> str:
    """How a number is written: never with an exponent, unless it would be absurdly long."""
    if isinstance(value, int):
        return str(value)
    if not value:
        return "0"
    short = value.normalize(CONTEXT) if value == value.to_integral_value() else value
    return format(short, "f") if -60 < short.adjusted() < 60 else str(short)
