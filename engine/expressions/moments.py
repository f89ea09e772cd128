"""Dates, times and durations taken apart into whole numbers, put together again, and compared.

They are put together as Python's class where that can hold them, else as one of the `Wide…` values.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Final

from caseloom.engine.expressions import gregorian
from caseloom.engine.expressions.values import (
    NANOS_PER_SECOND,
    Value,
    WideDate,
    WideDateTime,
    WideDuration,
    WideTime,
    YearMonthDuration,
)

Date = date | WideDate
Time = time | WideTime
DateTime = datetime | WideDateTime
Duration = timedelta | WideDuration
NANOS_PER_DAY: Final = 86_400 * NANOS_PER_SECOND
MAX_YEAR: Final = 999_999_999
MAX_MONTHS: Final = (MAX_YEAR + 1) * 12 * 2
MAX_DURATION_NANOS: Final = (MAX_YEAR + 1) * 366 * NANOS_PER_DAY
MAX_OFFSET: Final = timedelta(hours=18)


def make_date(year: int, month: int, day: int) -> Date:
    if not 1 <= month <= 12 or not 1 <= day <= gregorian.days_in_month(year, month) or abs(year) > MAX_YEAR:
        raise ValueError(f"There is no date {year}-{month:02d}-{day:02d}.")
    return date(year, month, day) if 1 <= year <= 9999 else WideDate(year, month, day)


def make_time(nanos: int, zone: tzinfo | None) -> Time:
    nanos %= NANOS_PER_DAY
    return WideTime(nanos, zone) if nanos % 1000 else _clock(nanos, zone)


def _clock(nanos: int, zone: tzinfo | None) -> time:
    seconds, rest = divmod(nanos, NANOS_PER_SECOND)
    return time(seconds // 3600, seconds // 60 % 60, seconds % 60, rest // 1000, zone)


def make_date_time(year: int, month: int, day: int, nanos: int, zone: tzinfo | None) -> DateTime:
    """`nanos` may be 24:00, which is the next day's 00:00."""
    if nanos >= NANOS_PER_DAY:
        year, month, day = gregorian.civil(gregorian.ordinal(year, month, day) + nanos // NANOS_PER_DAY)
        nanos %= NANOS_PER_DAY
    day_of = make_date(year, month, day)
    if nanos % 1000 or isinstance(day_of, WideDate):
        return WideDateTime(year, month, day, nanos, zone)
    return datetime.combine(day_of, _clock(nanos, zone))


def midnight(value: Date) -> DateTime:
    return make_date_time(*date_parts(value), 0, None)


def fixed_zone(offset: timedelta) -> tzinfo:
    return timezone(offset) if offset else UTC


def make_duration(nanos: int) -> Duration:
    if abs(nanos) > MAX_DURATION_NANOS:
        raise ValueError("That is longer than any duration can be.")
    if nanos % 1000:
        return WideDuration(nanos)
    try:
        return timedelta(microseconds=nanos // 1000)
    except OverflowError:
        return WideDuration(nanos)


def make_months(months: int) -> YearMonthDuration:
    if abs(months) > MAX_MONTHS:
        raise ValueError("That is longer than any duration can be.")
    return YearMonthDuration(months)


def is_date(value: Value) -> bool:
    return isinstance(value, (date, WideDate)) and not isinstance(value, datetime)


def is_date_time(value: Value) -> bool:
    return isinstance(value, (datetime, WideDateTime))


def is_time(value: Value) -> bool:
    return isinstance(value, (time, WideTime))


def is_duration(value: Value) -> bool:
    return isinstance(value, (timedelta, WideDuration))


def date_parts(value: Date | DateTime) -> tuple[int, int, int]:
    return value.year, value.month, value.day


def nanos_of(value: Time | DateTime) -> int:
    """Nanoseconds since midnight, by its own clock."""
    if isinstance(value, (WideTime, WideDateTime)):
        return value.nanos
    return (
        (value.hour * 60 + value.minute) * 60 + value.second
    ) * NANOS_PER_SECOND + value.microsecond * 1000


def zone_of_value(value: Time | DateTime) -> tzinfo | None:
    return value.zone if isinstance(value, (WideTime, WideDateTime)) else value.tzinfo


def offset_of(value: Time | DateTime) -> timedelta | None:
    """How far its clock is ahead of UTC; `None` for local time."""
    zone = zone_of_value(value)
    if zone is None:
        return None
    if isinstance(value, datetime):
        return value.utcoffset()
    if isinstance(value, WideDateTime):
        # Zone rules repeat in a cycle of 400 years; before they began, the zone's first rule holds.
        year = value.year if 1 <= value.year <= 9999 else 2000 + value.year % 400 if value.year > 0 else 1
        return zone.utcoffset(datetime.combine(date(year, value.month, value.day), _clock(value.nanos, None)))
    # A time of day in a named zone has no date to take the rule from: the zone's offset without summer time.
    return zone.utcoffset(None) or _standard_offset(zone)


@lru_cache(maxsize=64)
def _standard_offset(zone: tzinfo) -> timedelta | None:
    winter = datetime(2021, 1, 1, tzinfo=zone)
    return (winter.utcoffset() or timedelta()) - (winter.dst() or timedelta())


def nanos_of_duration(value: Duration) -> int:
    if isinstance(value, WideDuration):
        return value.nanos
    return ((value.days * 86_400 + value.seconds) * 1_000_000 + value.microseconds) * 1000


def local_nanos(value: Date | DateTime) -> int:
    """Nanoseconds since the calendar's beginning, by its own clock; a date is its midnight."""
    midnight = gregorian.ordinal(*date_parts(value)) * NANOS_PER_DAY
    return midnight + (nanos_of(value) if isinstance(value, (datetime, WideDateTime)) else 0)


def instant(value: Date | DateTime) -> int:
    """The same, in UTC where the value has a zone."""
    if not isinstance(value, (datetime, WideDateTime)):
        return local_nanos(value)
    return local_nanos(value) - nanos_of_duration(offset_of(value) or timedelta())


def order_keys(a: Value, b: Value) -> tuple[int, int] | None:
    """Two numbers that stand to each other as the values do, or `None` where they cannot be compared."""
    if is_date(a) and is_date(b):
        return local_nanos(a), local_nanos(b)
    if is_duration(a) and is_duration(b):
        return nanos_of_duration(a), nanos_of_duration(b)
    if is_date_time(a) and is_date_time(b):
        return (instant(a), instant(b)) if (offset_of(a) is None) == (offset_of(b) is None) else None
    if is_time(a) and is_time(b):
        return time_keys(a, b)
    return None


def time_keys(a: Time, b: Time) -> tuple[int, int] | None:
    ahead_a, ahead_b = offset_of(a), offset_of(b)
    if (ahead_a is None) != (ahead_b is None):
        return None
    return (
        nanos_of(a) - nanos_of_duration(ahead_a or timedelta()),
        nanos_of(b) - nanos_of_duration(ahead_b or timedelta()),
    )


def equal(a: Value, b: Value) -> bool | None:
    keys = order_keys(a, b)
    return False if keys is None else keys[0] == keys[1]
