"""What stands behind the dot of a date, a time, a duration or a range (DMN 1.5, table 65 and 10.3.2.7)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from caseloom.engine.expressions import moments
from caseloom.engine.expressions.kinds import MISFIT, kind_name
from caseloom.engine.expressions.values import NANOS_PER_SECOND, Value


def property_of(value: Value, name: str) -> Value:
    """The property's value, or `MISFIT` where a value of this kind has none of that name."""
    reader = _PROPERTIES.get(kind_name(value), _NONE).get(name)
    return MISFIT if reader is None else reader(value)


_Reader = Callable[[Any], Value]
_NONE: Mapping[str, _Reader] = {}


def _weekday(value: Any) -> int:
    from caseloom.engine.expressions import gregorian

    return (gregorian.ordinal(*moments.date_parts(value)) - 1) % 7 + 1


def _offset(value: Any) -> timedelta | None:
    return moments.offset_of(value)


def _zone(value: Any) -> str | None:
    return getattr(moments.zone_of_value(value), "key", None)


def _clock(unit: int, modulo: int) -> _Reader:
    return lambda value: moments.nanos_of(value) // (unit * NANOS_PER_SECOND) % modulo


def _part(unit: int, modulo: int | None = None) -> _Reader:
    def part(value: Any) -> int:
        nanos = moments.nanos_of_duration(value)
        amount = abs(nanos) // (unit * NANOS_PER_SECOND)
        amount = amount % modulo if modulo else amount
        return -amount if nanos < 0 else amount

    return part


def _months(value: Any) -> Value:
    rest = abs(value.months) % 12
    return -rest if value.months < 0 else rest


def _years(value: Any) -> Value:
    years = abs(value.months) // 12
    return -years if value.months < 0 else years


_DATE: Mapping[str, _Reader] = {
    "year": lambda value: value.year,
    "month": lambda value: value.month,
    "day": lambda value: value.day,
    "weekday": _weekday,
}
_TIME: Mapping[str, _Reader] = {
    "hour": _clock(3600, 24),
    "minute": _clock(60, 60),
    "second": _clock(1, 60),
    "time offset": _offset,
    "timezone": _zone,
}
_PROPERTIES: Mapping[str, Mapping[str, _Reader]] = {
    "date": _DATE,
    "time": _TIME,
    "date and time": {**_DATE, **_TIME},
    "days and time duration": {
        "days": _part(86_400),
        "hours": _part(3600, 24),
        "minutes": _part(60, 60),
        "seconds": _part(1, 60),
    },
    "years and months duration": {"years": _years, "months": _months},
    "range": {
        "start": lambda value: value.start,
        "end": lambda value: value.end,
        "start included": lambda value: value.start_included,
        "end included": lambda value: value.end_included,
    },
}
