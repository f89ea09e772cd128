"""Arithmetic with dates, times and durations (DMN 1.5, 10.3.2.15, table 55)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from caseloom.engine.expressions import gregorian
from caseloom.engine.expressions.moments import (
    NANOS_PER_DAY,
    Date,
    DateTime,
    Time,
    date_parts,
    instant,
    is_date,
    is_date_time,
    is_duration,
    is_time,
    local_nanos,
    make_date,
    make_date_time,
    make_duration,
    make_months,
    make_time,
    nanos_of,
    nanos_of_duration,
    offset_of,
    order_keys,
    time_keys,
    zone_of_value,
)
from caseloom.engine.expressions.numbers import CONTEXT, Number, divide, is_number
from caseloom.engine.expressions.values import (
    Value,
    WideDateTime,
    YearMonthDuration,
)


def arithmetic(operator: str, a: Value, b: Value) -> Value:
    """DMN 1.5, table 55; `None` where the kinds do not go together. Raises `ValueError` out of range."""
    rule = _RULES.get((_sort(a), operator, _sort(b)))
    return rule(a, b) if rule is not None else None


def _sort(value: Value) -> str:
    if is_number(value):
        return "number"
    if isinstance(value, YearMonthDuration):
        return "months"
    if is_duration(value):
        return "duration"
    if is_date_time(value):
        return "date-time"
    if is_date(value):
        return "date"
    return "time" if is_time(value) else "other"


def shifted(value: Any, nanos: int) -> Date | DateTime:
    """The value some nanoseconds later, in its own zone; for a date only whole days count."""
    if is_date(value):
        return make_date(*gregorian.civil((local_nanos(value) + nanos) // NANOS_PER_DAY))
    zone = zone_of_value(value)
    if zone is not None and getattr(zone, "key", None):
        return in_zone(instant(value) + nanos, zone)
    days, rest = divmod(local_nanos(value) + nanos, NANOS_PER_DAY)
    return make_date_time(*gregorian.civil(days), rest, zone)


def in_zone(moment: int, zone: tzinfo) -> DateTime:
    """An instant as the clocks of a zone show it."""
    days, rest = divmod(moment, NANOS_PER_DAY)
    universal = make_date_time(*gregorian.civil(days), rest, UTC)
    if isinstance(universal, datetime):
        try:
            return universal.astimezone(zone)
        except OverflowError:
            pass
    year, month, day = date_parts(universal)
    ahead = offset_of(WideDateTime(year, month, day, rest, zone)) or timedelta()
    days, rest = divmod(moment + nanos_of_duration(ahead), NANOS_PER_DAY)
    return make_date_time(*gregorian.civil(days), rest, zone)


def shifted_months(value: Any, months: int) -> Date | DateTime:
    year, month, day = gregorian.add_months(*date_parts(value), months)
    if is_date(value):
        return make_date(year, month, day)
    return make_date_time(year, month, day, nanos_of(value), zone_of_value(value))


def whole_months(start: Any, end: Any) -> int:
    """The full months between two dates, negative where the end is before the start."""
    (year, month, day), (end_year, end_month, end_day) = date_parts(start), date_parts(end)
    months = (end_year - year) * 12 + end_month - month
    if months > 0 and end_day < day:
        return months - 1
    return months + 1 if months < 0 and end_day > day else months


def _shift_time(value: Time, nanos: int) -> Time:
    return make_time(nanos_of(value) + nanos, zone_of_value(value))


def _between(a: Any, b: Any) -> Value:
    """`a - b` of dates and date-times; a date counts as midnight in UTC when the other has a zone."""
    if is_date(a) != is_date(b):
        zoned = a if is_date(b) else b
        return make_duration(instant(a) - instant(b)) if offset_of(zoned) is not None else None
    keys = order_keys(a, b)
    return None if keys is None else make_duration(keys[0] - keys[1])


def _between_times(a: Time, b: Time) -> Value:
    keys = time_keys(a, b)
    return None if keys is None else make_duration(keys[0] - keys[1])


def _scaled(amount: int, factor: Number) -> int:
    return int(CONTEXT.multiply(amount, factor))


def _divided(amount: int, divisor: Number) -> int:
    if not divisor:
        raise ValueError("A duration cannot be divided by zero.")
    if isinstance(divisor, int):
        quotient = abs(amount) // abs(divisor)
        return quotient if (amount < 0) == (divisor < 0) else -quotient
    return int(CONTEXT.divide(amount, divisor))


def _ratio(a: int, b: int) -> Value:
    if not b:
        raise ValueError("A duration cannot be divided by zero.")
    return divide(a, b)


_Rule = Callable[[Any, Any], Value]
_RULES: Mapping[tuple[str, str, str], _Rule] = {
    ("date-time", "-", "date-time"): _between,
    ("date", "-", "date"): _between,
    ("date-time", "-", "date"): _between,
    ("date", "-", "date-time"): _between,
    ("time", "-", "time"): _between_times,
    ("months", "+", "months"): lambda a, b: make_months(a.months + b.months),
    ("months", "-", "months"): lambda a, b: make_months(a.months - b.months),
    ("duration", "+", "duration"): lambda a, b: make_duration(nanos_of_duration(a) + nanos_of_duration(b)),
    ("duration", "-", "duration"): lambda a, b: make_duration(nanos_of_duration(a) - nanos_of_duration(b)),
    ("date-time", "+", "months"): lambda a, b: shifted_months(a, b.months),
    ("months", "+", "date-time"): lambda a, b: shifted_months(b, a.months),
    ("date-time", "-", "months"): lambda a, b: shifted_months(a, -b.months),
    ("date", "+", "months"): lambda a, b: shifted_months(a, b.months),
    ("months", "+", "date"): lambda a, b: shifted_months(b, a.months),
    ("date", "-", "months"): lambda a, b: shifted_months(a, -b.months),
    ("date-time", "+", "duration"): lambda a, b: shifted(a, nanos_of_duration(b)),
    ("duration", "+", "date-time"): lambda a, b: shifted(b, nanos_of_duration(a)),
    ("date-time", "-", "duration"): lambda a, b: shifted(a, -nanos_of_duration(b)),
    ("date", "+", "duration"): lambda a, b: shifted(a, nanos_of_duration(b)),
    ("duration", "+", "date"): lambda a, b: shifted(b, nanos_of_duration(a)),
    ("date", "-", "duration"): lambda a, b: shifted(a, -nanos_of_duration(b)),
    ("time", "+", "duration"): lambda a, b: _shift_time(a, nanos_of_duration(b)),
    ("duration", "+", "time"): lambda a, b: _shift_time(b, nanos_of_duration(a)),
    ("time", "-", "duration"): lambda a, b: _shift_time(a, -nanos_of_duration(b)),
    ("months", "*", "number"): lambda a, b: make_months(_scaled(a.months, b)),
    ("number", "*", "months"): lambda a, b: make_months(_scaled(b.months, a)),
    ("months", "/", "number"): lambda a, b: make_months(_divided(a.months, b)),
    ("months", "/", "months"): lambda a, b: _ratio(a.months, b.months),
    ("duration", "*", "number"): lambda a, b: make_duration(_scaled(nanos_of_duration(a), b)),
    ("number", "*", "duration"): lambda a, b: make_duration(_scaled(nanos_of_duration(b), a)),
    ("duration", "/", "number"): lambda a, b: make_duration(_divided(nanos_of_duration(a), b)),
    ("duration", "/", "duration"): lambda a, b: _ratio(nanos_of_duration(a), nanos_of_duration(b)),
}
