"""Numeric functions (DMN 1.5, 10.3.4.5)."""

from __future__ import annotations

import decimal
from datetime import timedelta
from decimal import Decimal

from caseloom.engine.expressions import numbers
from caseloom.engine.expressions.kinds import MISFIT
from caseloom.engine.expressions.numbers import CONTEXT, Number, as_decimal, number, whole
from caseloom.engine.expressions.operators import negated
from caseloom.engine.expressions.running import Run
from caseloom.engine.expressions.signatures import builtin
from caseloom.engine.expressions.values import Value, WideDuration, YearMonthDuration

MAX_SCALE = 6_176
_LARGE = decimal.Context(prec=12_500, Emin=-13_000, Emax=13_000)


def _rounded(value: Number, scale: Number, rounding: str) -> Number:
    if scale != int(scale) or not -6_111 <= scale <= MAX_SCALE:
        raise ValueError(f"{scale} is no number of digits after the point.")
    exact = as_decimal(value)
    if -exact.as_tuple().exponent <= scale:  # type: ignore[operator]  # finite, so the exponent is an int
        return value
    step = Decimal((0, (1,), -int(scale)))
    return whole(CONTEXT.plus(exact.quantize(step, rounding, _LARGE)))


@builtin("decimal(n: number, scale: number)")
def decimal_(run: Run, n: Number, scale: Number) -> Value:
    """Rounded to some digits after the point, half to even. `decimal(1/3, 2) = 0.33`"""
    return _rounded(n, int(scale), decimal.ROUND_HALF_EVEN)


@builtin("floor(n: number, scale?: number)")
def floor(run: Run, n: Number, scale: Number = 0) -> Value:
    """The next number below. `floor(-1.5) = -2`"""
    return _rounded(n, scale, decimal.ROUND_FLOOR)


@builtin("ceiling(n: number, scale?: number)")
def ceiling(run: Run, n: Number, scale: Number = 0) -> Value:
    """The next number above. `ceiling(1.5) = 2`"""
    return _rounded(n, scale, decimal.ROUND_CEILING)


@builtin("round(n: number, scale?: number)")
def round_(run: Run, n: Number, scale: Number = 0) -> Value:
    """Rounded, half to even. `round(2.5) = 2`"""
    return _rounded(n, scale, decimal.ROUND_HALF_EVEN)


@builtin("round up(n: number, scale: number)")
def round_up(run: Run, n: Number, scale: Number) -> Value:
    """Away from zero. `round up(1.121, 2) = 1.13`"""
    return _rounded(n, scale, decimal.ROUND_UP)


@builtin("round down(n: number, scale: number)")
def round_down(run: Run, n: Number, scale: Number) -> Value:
    """Towards zero. `round down(1.129, 2) = 1.12`"""
    return _rounded(n, scale, decimal.ROUND_DOWN)


@builtin("round half up(n: number, scale: number)")
def round_half_up(run: Run, n: Number, scale: Number) -> Value:
    """Half away from zero. `round half up(1.125, 2) = 1.13`"""
    return _rounded(n, scale, decimal.ROUND_HALF_UP)


@builtin("round half down(n: number, scale: number)")
def round_half_down(run: Run, n: Number, scale: Number) -> Value:
    """Half towards zero. `round half down(1.125, 2) = 1.12`"""
    return _rounded(n, scale, decimal.ROUND_HALF_DOWN)


@builtin("abs(n: Any)")
def abs_(run: Run, n: Value) -> Value:
    """Without the sign, of a number or a duration. `abs(-10) = 10`"""
    value = n[0] if isinstance(n, list) and len(n) == 1 else n
    plain = number(value)
    if plain is not None:
        return abs(plain)
    if isinstance(value, (timedelta, YearMonthDuration, WideDuration)):
        opposite = negated(value)
        return max(value, opposite)
    return run.null("abs: only a number or a duration has a size.") if negated(value) is MISFIT else None


@builtin("modulo(dividend: number, divisor: number)")
def modulo(run: Run, dividend: Number, divisor: Number) -> Value:
    """What a division leaves over, with the divisor's sign. `modulo(-12, 5) = 3`"""
    if not divisor:
        return run.null("modulo: a division by zero.")
    if isinstance(dividend, int) and isinstance(divisor, int):
        return dividend % divisor
    rest = _LARGE.remainder(as_decimal(dividend), as_decimal(divisor))
    if rest and (rest < 0) != (divisor < 0):
        rest = _LARGE.add(rest, as_decimal(divisor))
    return whole(CONTEXT.plus(rest))


@builtin("sqrt(number: number)", cost=100)
def sqrt(run: Run, n: Number) -> Value:
    """The square root. `sqrt(16) = 4`"""
    return whole(CONTEXT.sqrt(as_decimal(n)))


@builtin("log(number: number)", cost=100)
def log(run: Run, n: Number) -> Value:
    """The natural logarithm. `decimal(log(10), 4) = 2.3026`"""
    if n <= 0:
        return run.null("log: only a number above zero has one.")
    return whole(CONTEXT.ln(as_decimal(n)))


@builtin("exp(number: number)", cost=100)
def exp(run: Run, n: Number) -> Value:
    """Euler's number to that power. `decimal(exp(5), 4) = 148.4132`"""
    return whole(CONTEXT.exp(as_decimal(n)))


@builtin("odd(number: number)")
def odd(run: Run, n: Number) -> Value:
    """Whether a whole number is odd. `odd(5) = true`"""
    return numbers.as_decimal(n) == int(n) and int(n) % 2 == 1


@builtin("even(number: number)")
def even(run: Run, n: Number) -> Value:
    """Whether a whole number is even. `even(2) = true`"""
    return numbers.as_decimal(n) == int(n) and int(n) % 2 == 0
