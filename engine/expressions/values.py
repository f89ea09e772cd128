"""The values that expressions, case data and decisions share, beyond what Python has.

A value is `None`, a bool, an int, a `Decimal`, a str, a list, a dict, a `date`, `time`, `datetime` (naive
means local time) or `timedelta`, or one of the classes below. The `Wide…` classes exist because FEEL counts
nanoseconds and nearly a billion years, and Python does not; they appear only where the Python class cannot
hold the value.

`to_text` and `from_text` are what storage uses to write the non-JSON ones and read them back exactly.
This module imports nothing of ours.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

Value = Any  # a FEEL value is known only when it is computed

NANOS_PER_SECOND = 1_000_000_000


@dataclass(frozen=True, slots=True, order=True)
class YearMonthDuration:
    """A number of months; it cannot be compared with days, so it is not a `timedelta`."""

    months: int


@dataclass(frozen=True, slots=True, order=True)
class WideDate:
    """A date outside the years 1 to 9999."""

    year: int
    month: int
    day: int


@dataclass(frozen=True, slots=True)
class WideTime:
    """A time of day finer than a microsecond; `nanos` since midnight."""

    nanos: int
    zone: tzinfo | None = None


@dataclass(frozen=True, slots=True)
class WideDateTime:
    """A date and time outside the years 1 to 9999, or finer than a microsecond."""

    year: int
    month: int
    day: int
    nanos: int
    zone: tzinfo | None = None


@dataclass(frozen=True, slots=True, order=True)
class WideDuration:
    """A days-time duration finer than a microsecond, or longer than 2.7 million years."""

    nanos: int


@dataclass(frozen=True, slots=True)
class Range:
    """An interval; an end of `None` is open to infinity."""

    start: Value
    end: Value
    start_included: bool = True
    end_included: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A function as a value: it can be passed and called, never stored."""

    name: str
    parameters: tuple[str, ...]
    call: Callable[[list[Value]], Value] = field(repr=False)
    variadic: bool = False
    parameter_types: tuple[Any, ...] = ()
    result_type: Any = None


def to_text(value: Value) -> tuple[str, str] | None:
    """`(kind, text)` of a value that JSON lacks, or `None` where JSON will do (or nothing will)."""
    writer = _WRITERS.get(type(value))
    return writer(value) if writer else None


def from_text(kind: str, text: str) -> Value:
    """The value that `to_text` wrote; raises `ValueError` for text it never wrote."""
    reader = _READERS.get(kind)
    if reader is None:
        raise ValueError(f"There is no kind of value called “{kind}”.")

    return reader(text)


def zone_text(zone: tzinfo | None, at: datetime | None = None) -> str:
    """`Z`, `+02:00`, `@Europe/Paris` or nothing."""
    if zone is None:
        return ""
    key = getattr(zone, "key", None)
    if key:
        return f"@{key}"

    return offset_text(zone.utcoffset(at) or timedelta())


def offset_text(offset: timedelta) -> str:
    seconds = offset // timedelta(seconds=1)
    if not seconds:
        return "Z"
    sign = "-" if seconds < 0 else "+"
    hours, rest = divmod(abs(seconds), 3600)
    minutes, second = divmod(rest, 60)
    return f"{sign}{hours:02d}:{minutes:02d}" + (f":{second:02d}" if second else "")


def zone_of(text: str) -> tzinfo | None:
    """Reads what `zone_text` writes; raises `ValueError` for a zone that is not known."""
    if not text:
        return None
    if text in ("Z", "z"):
        return UTC
    if text[0] == "@":
        return named_zone(text[1:])

    hours, minutes, *second = (int(part) for part in text[1:].split(":"))
    seconds = hours * 3600 + minutes * 60 + (second[0] if second else 0)
    return timezone(timedelta(seconds=-seconds if text[0] == "-" else seconds)) if seconds else UTC


def named_zone(key: str) -> tzinfo:
    try:
        return ZoneInfo(key)
    except (OSError, ValueError, LookupError) as wrong:
        raise ValueError(f"There is no time zone called “{key}”.") from wrong


def _write_time(value: time) -> tuple[str, str]:
    return "time", value.replace(tzinfo=None).isoformat() + zone_text(value.tzinfo)


def _read_time(text: str) -> time:
    clock, zone = _split_zone(text)
    return time.fromisoformat(clock).replace(tzinfo=zone_of(zone))


def _write_date_time(value: datetime) -> tuple[str, str]:
    # A zone's name alone does not say which of the two 02:30 of an autumn night is meant, so the offset goes
    # along.
    local = value.replace(tzinfo=None).isoformat()
    if value.tzinfo is None:
        return "date-time", local
    offset = offset_text(value.utcoffset() or timedelta())
    key = getattr(value.tzinfo, "key", None)
    return "date-time", local + offset + (f"@{key}" if key else "")


def _read_date_time(text: str) -> datetime:
    text, _, key = text.partition("@")
    local, offset = _split_zone(text)
    value = datetime.fromisoformat(local)
    if not key:
        return value.replace(tzinfo=zone_of(offset))

    value = value.replace(tzinfo=named_zone(key))
    same = offset_text(value.utcoffset() or timedelta()) == offset
    return value if same else value.replace(fold=1)


def _split_zone(text: str) -> tuple[str, str]:
    start = text.find("T") + 1
    for position in range(start, len(text)):
        if text[position] in "Z@+-":
            return text[:position], text[position:]
    return text, ""


def _write_duration(value: timedelta) -> tuple[str, str]:
    return "duration", f"{value.days} {value.seconds} {value.microseconds}"


def _read_duration(text: str) -> timedelta:
    days, seconds, micros = (int(part) for part in text.split())
    return timedelta(days, seconds, micros)


def _write_range(value: Range) -> tuple[str, str]:
    ends = [_packed(value.start), _packed(value.end)]
    return "range", json.dumps([value.start_included, value.end_included, *ends])


def _read_range(text: str) -> Range:
    start_included, end_included, start, end = json.loads(text)
    return Range(_unpacked(start), _unpacked(end), start_included, end_included)


def _packed(value: Value) -> Value:
    written = to_text(value)
    return list(written) if written else value


def _unpacked(value: Value) -> Value:
    return from_text(*value) if isinstance(value, list) else value


def _write_wide_date_time(value: WideDateTime) -> tuple[str, str]:
    return "wide-date-time", f"{value.year} {value.month} {value.day} {value.nanos} {zone_text(value.zone)}"


def _read_wide_date_time(text: str) -> WideDateTime:
    year, month, day, nanos, zone = text.split(" ")
    return WideDateTime(int(year), int(month), int(day), int(nanos), zone_of(zone))


def _read_wide_time(text: str) -> WideTime:
    nanos, _, zone = text.partition(" ")
    return WideTime(int(nanos), zone_of(zone))


_WRITERS: Mapping[type, Callable[[Any], tuple[str, str]]] = {
    Decimal: lambda value: ("decimal", str(value)),
    date: lambda value: ("date", value.isoformat()),
    time: _write_time,
    datetime: _write_date_time,
    timedelta: _write_duration,
    YearMonthDuration: lambda value: ("months", str(value.months)),
    WideDate: lambda value: ("wide-date", f"{value.year} {value.month} {value.day}"),
    WideTime: lambda value: ("wide-time", f"{value.nanos} {zone_text(value.zone)}"),
    WideDateTime: _write_wide_date_time,
    WideDuration: lambda value: ("wide-duration", str(value.nanos)),
    Range: _write_range,
}

_READERS: Mapping[str, Callable[[str], Value]] = {
    "decimal": Decimal,
    "date": date.fromisoformat,
    "time": _read_time,
    "date-time": _read_date_time,
    "duration": _read_duration,
    "months": lambda text: YearMonthDuration(int(text)),
    "wide-date": lambda text: WideDate(*(int(part) for part in text.split())),
    "wide-time": _read_wide_time,
    "wide-date-time": _read_wide_date_time,
    "wide-duration": lambda text: WideDuration(int(text)),
    "range": _read_range,
}
