"""Dates, times and durations as text: read and written (DMN 1.5, 10.3.4.1; ISO 8601)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Any

from caseloom.engine.expressions.moments import (
    MAX_OFFSET,
    NANOS_PER_DAY,
    Date,
    DateTime,
    Duration,
    Time,
    date_parts,
    is_date,
    is_duration,
    is_time,
    make_date,
    make_date_time,
    make_duration,
    make_months,
    make_time,
    nanos_of,
    nanos_of_duration,
    zone_of_value,
)
from caseloom.engine.expressions.values import (
    NANOS_PER_SECOND,
    Value,
    WideDuration,
    YearMonthDuration,
    zone_of,
    zone_text,
)

_DATE = r"(-?(?:[1-9]\d{4,8}|\d{4}))-(\d{2})-(\d{2})"
_TIME = r"(\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(Z|z|[+-]\d{2}:\d{2}(?::\d{2})?|@[A-Za-z0-9_+\-/]+)?"
_DATE_ONLY = re.compile(_DATE)
_TIME_ONLY = re.compile(_TIME)
_DATE_TIME = re.compile(f"{_DATE}T{_TIME}")
_ISO_DATE_TIME = re.compile(_DATE + r"T(\d{2}):?(\d{2})(?::?(\d{2})(?:[.,](\d+))?)?(.*)")
_ISO_OFFSET = re.compile(r"([+-]\d{2}):?(\d{2})?")
_DURATION = re.compile(
    r"(-)?P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d*))?S)?)?"
)
_WEEKS = re.compile(r"(-)?P(\d+)W")


class MixedDuration(tuple[YearMonthDuration, timedelta]):
    """Months and days together, as ISO 8601 allows and FEEL does not; a timer adds the months first."""

    __slots__ = ()


def parse_date(text: str) -> Date:
    """Raises `ValueError` for what is no date."""
    found = _DATE_ONLY.fullmatch(text)
    if found is None:
        raise ValueError(f"“{text}” is no date; one is written 2026-12-31.")
    return make_date(*(int(part) for part in found.groups()))


def parse_time(text: str) -> Time:
    found = _TIME_ONLY.fullmatch(text)
    if found is None:
        raise ValueError(
            f"“{text}” is no time; one is written 09:30:00, 09:30:00+02:00 or 09:30:00@Europe/Berlin."
        )
    nanos, zone = _clock(*found.groups())
    return make_time(nanos, zone)


def parse_date_time(text: str) -> DateTime:
    """ISO 8601: also without seconds, or with an offset such as `+01` or `+0100`. Raises `ValueError`.

    Without a zone it is local (naive).
    """
    found = _ISO_DATE_TIME.fullmatch(text)
    if found is None:
        return feel_date_time(text)
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    offset = _ISO_OFFSET.fullmatch(zone)
    if offset is not None:
        zone = f"{offset[1]}:{offset[2] or '00'}"
    parts = f"{year}-{month}-{day}T{hour}:{minute}:{second or '00'}"
    return feel_date_time(parts + (f".{fraction}" if fraction else "") + zone)


def feel_date_time(text: str) -> DateTime:
    """FEEL's date and time, which has seconds and a colon in its offset. Raises `ValueError`."""
    found = _DATE_TIME.fullmatch(text)
    if found is None:
        raise ValueError(
            f"“{text}” is no date and time; one is written 2026-12-31T09:30:00 or 2026-12-31T09:30:00+01:00."
        )
    year, month, day, *clock = found.groups()
    nanos, zone = _clock(*clock)
    day_of = make_date(int(year), int(month), int(day))
    return make_date_time(*date_parts(day_of), nanos, zone)


def _clock(
    hour: str, minute: str, second: str, fraction: str | None, zone: str | None
) -> tuple[int, tzinfo | None]:
    hours, minutes, seconds = int(hour), int(minute), int(second)
    end_of_day = (hours, minutes, seconds) == (24, 0, 0) and not (fraction or "").strip("0")
    if not end_of_day and (hours > 23 or minutes > 59 or seconds > 59):
        raise ValueError(f"There is no time {hour}:{minute}:{second}.")
    nanos = int((fraction or "0")[:9].ljust(9, "0"))
    return ((hours * 60 + minutes) * 60 + seconds) * NANOS_PER_SECOND + nanos, parse_zone(zone or "")


@lru_cache(maxsize=256)
def parse_zone(text: str) -> tzinfo | None:
    zone = zone_of(text)
    if text[:1] in ("+", "-"):
        minutes = int(text[4:6])
        offset = zone.utcoffset(None) if zone else None
        if minutes > 59 or abs(offset or timedelta()) > MAX_OFFSET:
            raise ValueError(f"There is no offset {text}.")
    return zone


def parse_duration(text: str) -> timedelta | WideDuration | YearMonthDuration | MixedDuration:
    """ISO 8601: `P1Y2M`, `P3DT4H`, `PT0.5S`, `P2W`, `-PT5M`; months and days together give a `MixedDuration`.

    Raises `ValueError` for anything else, `P` and `PT` included.
    """
    weeks = _WEEKS.fullmatch(text)
    if weeks is not None:
        return make_duration(_signed(weeks[1], int(weeks[2]) * 7 * NANOS_PER_DAY))
    found = _DURATION.fullmatch(text)
    if found is None or text[-1] in "PT":
        raise ValueError(f"“{text}” is no duration; one is written P1Y2M, P3D or PT4H30M.")

    sign, years, months, days, hours, minutes, seconds, fraction = found.groups()
    whole_months = _signed(sign, int(years or 0) * 12 + int(months or 0))
    nanos = _signed(sign, _nanos(days, hours, minutes, seconds, fraction))
    if years is None and months is None:
        return make_duration(nanos)
    if days is None and "T" not in text:
        return make_months(whole_months)
    rest = make_duration(nanos)
    if not isinstance(rest, timedelta):
        raise ValueError(f"“{text}” is longer than any duration can be.")
    return MixedDuration((make_months(whole_months), rest))


def _signed(sign: str | None, amount: int) -> int:
    return -amount if sign else amount


def _nanos(
    days: str | None, hours: str | None, minutes: str | None, seconds: str | None, fraction: str | None
) -> int:
    whole = ((int(days or 0) * 24 + int(hours or 0)) * 60 + int(minutes or 0)) * 60 + int(seconds or 0)
    return whole * NANOS_PER_SECOND + int((fraction or "0")[:9].ljust(9, "0"))


def at_literal(text: str) -> Value:
    """What `@"…"` means: a date, a date and time, a time or a duration. Raises `ValueError`."""
    if "P" in text[:2]:
        return feel_duration(text)
    if "T" in text:
        return feel_date_time(text)
    return parse_time(text) if ":" in text[:3] else parse_date(text)


def feel_duration(text: str) -> Duration | YearMonthDuration:
    """FEEL's durations: either months or days, never both, and no weeks."""
    duration = parse_duration(text)
    if isinstance(duration, MixedDuration) or "W" in text:
        raise ValueError(
            f"“{text}” is no duration of FEEL: it has either years and months, or days and time."
        )
    return duration


def text_of(value: Value) -> str:
    """How FEEL writes a date, a time or a duration."""
    if isinstance(value, YearMonthDuration):
        return _months_text(value.months)
    if is_duration(value):
        return _duration_text(nanos_of_duration(value))
    if is_date(value):
        return _date_text(value)
    if is_time(value):
        return _clock_text(nanos_of(value)) + zone_text(zone_of_value(value))
    moment = value if isinstance(value, datetime) else None
    return f"{_date_text(value)}T{_clock_text(nanos_of(value))}{zone_text(zone_of_value(value), moment)}"


def _date_text(value: Any) -> str:
    year, month, day = date_parts(value)
    sign = "-" if year < 0 else ""
    return f"{sign}{abs(year):04d}-{month:02d}-{day:02d}"


def _clock_text(nanos: int) -> str:
    seconds, fraction = divmod(nanos, NANOS_PER_SECOND)
    text = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return f"{text}.{_fraction(fraction)}" if fraction else text


def _fraction(nanos: int) -> str:
    return f"{nanos:09d}".rstrip("0")


def _months_text(months: int) -> str:
    if not months:
        return "P0M"
    years, rest = divmod(abs(months), 12)
    sign = "-" if months < 0 else ""
    return f"{sign}P" + (f"{years}Y" if years else "") + (f"{rest}M" if rest else "")


def _duration_text(nanos: int) -> str:
    if not nanos:
        return "PT0S"
    seconds, fraction = divmod(abs(nanos), NANOS_PER_SECOND)
    days, seconds = divmod(seconds, 86_400)
    text = ("-" if nanos < 0 else "") + "P" + (f"{days}D" if days else "")
    clock = "".join(
        f"{amount}{unit}" for amount, unit in ((seconds // 3600, "H"), (seconds // 60 % 60, "M")) if amount
    )
    second = seconds % 60
    if fraction:
        clock += f"{second}.{_fraction(fraction)}S"
    elif second:
        clock += f"{second}S"
    return f"{text}T{clock}" if clock else text
