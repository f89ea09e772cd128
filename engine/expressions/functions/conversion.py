"""Conversion functions (DMN 1.5, 10.3.4.1)."""

from __future__ import annotations

import decimal
import re
from datetime import timedelta, tzinfo
from decimal import Decimal

from caseloom.engine.expressions import moments, operators, shifting, temporal
from caseloom.engine.expressions.kinds import kind_name
from caseloom.engine.expressions.literals import parse_range
from caseloom.engine.expressions.numbers import CONTEXT, Number, number, number_from_text
from caseloom.engine.expressions.running import Run
from caseloom.engine.expressions.signatures import builtin
from caseloom.engine.expressions.texts import feel_text
from caseloom.engine.expressions.values import NANOS_PER_SECOND, Range, Value, YearMonthDuration

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


@builtin("string(from: Any)")
def string(run: Run, value: Value) -> Value:
    """The value as text. `string(1.1) = "1.1"`"""
    return feel_text(value)


@builtin("number(from: Any)")
def number_(run: Run, value: Value) -> Value:
    """The number that a text spells. `number("1500.5") = 1500.5`"""
    if isinstance(value, str):
        return _read_number(run, value)
    plain = number(value)
    return run.null(f"number: a {kind_name(value)} spells no number.") if plain is None else plain


@builtin("number(from: string, grouping separator: Any, decimal separator?: Any)")
def number_with_separators(run: Run, text: str, grouping: Value, point: Value = None) -> Value:
    """The number, with the signs that part its digits. `number("1.500,5", ".", ",") = 1500.5`"""
    if (
        grouping not in (" ", ",", ".", None)
        or point not in (",", ".", None)
        or grouping == point is not None
    ):
        return run.null("number: that is no pair of separators.")
    if grouping is not None:
        text = text.replace(grouping, "")
    return _read_number(run, text if point is None else text.replace(point, "."))


def _read_number(run: Run, text: str) -> Value:
    if _NUMBER.fullmatch(text) is None or len(text) > 1_000:
        return run.null(f"number: “{text[:50]}” is no number.")
    try:
        return number_from_text(text)
    except decimal.DecimalException:
        return run.null(f"number: “{text[:50]}” is too large.")


@builtin("date(from: Any)")
def date_(run: Run, value: Value) -> Value:
    """A date, from a text or a date and time. `date("2026-12-31").year = 2026`"""
    if isinstance(value, str):
        return temporal.parse_date(value)
    if moments.is_date(value):
        return value
    if moments.is_date_time(value):
        return moments.make_date(*moments.date_parts(value))
    return run.null(f"date: a {kind_name(value)} is no date.")


@builtin("date(year: number, month: number, day: number)")
def date_of(run: Run, year: Number, month: Number, day: Number) -> Value:
    """A date from its parts. `date(2026, 12, 31) = date("2026-12-31")`"""
    return moments.make_date(int(year), int(month), int(day))


@builtin("time(from: Any)")
def time_(run: Run, value: Value) -> Value:
    """A time of day, from a text or a date and time. `time("09:30:00").hour = 9`"""
    if isinstance(value, str):
        return temporal.parse_time(value)
    if moments.is_time(value):
        return value
    if moments.is_date_time(value):
        return moments.make_time(moments.nanos_of(value), moments.zone_of_value(value))
    if moments.is_date(value):
        return moments.make_time(0, temporal.parse_zone("Z"))
    return run.null(f"time: a {kind_name(value)} is no time.")


@builtin("time(hour: number, minute: number, second: number, offset?: Any)")
def time_of(run: Run, hour: Number, minute: Number, second: Number, offset: Value = None) -> Value:
    """A time from its parts. `time(9, 30, 0) = time("09:30:00")`"""
    if not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60):
        return run.null(f"time: there is no time {hour}:{minute}:{second}.")
    fraction = int(CONTEXT.multiply(Decimal(second), Decimal(NANOS_PER_SECOND)))
    nanos = (int(hour) * 60 + int(minute)) * 60 * NANOS_PER_SECOND + fraction
    return moments.make_time(nanos, _zone_of(offset))


def _zone_of(offset: Value) -> tzinfo | None:
    if offset is None:
        return None
    if not isinstance(offset, timedelta):
        raise ValueError(f"the offset must be a duration, not {kind_name(offset)}.")
    if abs(offset) > moments.MAX_OFFSET:
        raise ValueError("no clock is that far from UTC.")
    return moments.fixed_zone(offset)


@builtin("date and time(from: Any)")
def date_and_time(run: Run, value: Value) -> Value:
    """A date and time, from a text. `date and time("2026-12-31T09:30:00").hour = 9`"""
    if isinstance(value, str):
        return (
            temporal.feel_date_time(value) if "T" in value else moments.midnight(temporal.parse_date(value))
        )
    if moments.is_date_time(value):
        return value
    if moments.is_date(value):
        return moments.midnight(value)
    return run.null(f"date and time: a {kind_name(value)} is no date and time.")


@builtin("date and time(date: Any, time: time)")
def date_and_time_of(run: Run, day: Value, time: Value) -> Value:
    """A date, with a time of day. `date and time(date("2026-12-31"), time("09:30:00")).day = 31`"""
    if not moments.is_date(day) and not moments.is_date_time(day):
        return run.null(f"date and time: a {kind_name(day)} is no date.")
    return moments.make_date_time(
        *moments.date_parts(day), moments.nanos_of(time), moments.zone_of_value(time)
    )


@builtin("date and time(date: date and time, timezone: string)")
def date_and_time_in(run: Run, moment: Value, timezone: str) -> Value:
    """The same moment in another time zone (Camunda)."""
    zone = temporal.parse_zone(timezone if timezone[:1] in ("Z", "+", "-", "@") else f"@{timezone}")
    if zone is None or moments.offset_of(moment) is None:
        return run.null("date and time: a local time is not a moment in any zone.")
    return shifting.in_zone(moments.instant(moment), zone)


@builtin("duration(from: Any)")
def duration(run: Run, value: Value) -> Value:
    """A duration, from a text. `duration("P2DT3H").hours = 3`"""
    if isinstance(value, str):
        return temporal.feel_duration(value)
    if moments.is_duration(value) or isinstance(value, YearMonthDuration):
        return value
    return run.null(f"duration: a {kind_name(value)} is no duration.")


@builtin("years and months duration(from: Any, to: Any)")
def years_and_months_duration(run: Run, start: Value, end: Value) -> Value:
    """The whole months from one date to another.

    `years and months duration(date("2024-12-24"), date("2026-01-24")) = duration("P1Y1M")`
    """
    for value in (start, end):
        if not moments.is_date(value) and not moments.is_date_time(value):
            return run.null(f"years and months duration: a {kind_name(value)} is no date.")
    return moments.make_months(shifting.whole_months(start, end))


@builtin("range(from: string)")
def range_(run: Run, text: str) -> Value:
    """A range, from a text. `range("[1..3]") = [1..3]`"""
    start, end, start_included, end_included = parse_range(text)
    if operators.less_or_equal(start, end) is not True:
        return run.null(f"range: “{text[:50]}” does not go from a first to a last.")
    return Range(start, end, start_included, end_included)
