"""Dates, times and durations: read, written, compared, computed with (DMN 1.5, 10.3.4.1; ISO 8601).

Every value is taken apart into whole numbers, computed with, and put together again: as Python's class where
that can hold it, else as one of the `Wide…` values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Any, Final

from caseloom.engine.expressions import gregorian
from caseloom.engine.expressions.numbers import CONTEXT, Number, divide, is_number
from caseloom.engine.expressions.values import (
    NANOS_PER_SECOND,
    Value,
    WideDate,
    WideDateTime,
    WideDuration,
    WideTime,
    YearMonthDuration,
    zone_of,
    zone_text,
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

_DATE = r"(-?(?:[1-9]\d{4,8}|\d{4}))-(\d{2})-(\d{2})"
_TIME = r"(\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(Z|z|[+-]\d{2}:\d{2}(?::\d{2})?|@[A-Za-z0-9_+\-/]+)?"
_DATE_ONLY = re.compile(_DATE)
_TIME_ONLY = re.compile(_TIME)
_DATE_TIME = re.compile(f"{_DATE}T{_TIME}")
_ISO_SHORT_TIME = re.compile(f"({_DATE}T)?(\\d{{2}}:\\d{{2}})(Z|z|[+-]\\d{{2}}:?\\d{{2}})?")
_DURATION = re.compile(
    r"(-)?P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d*))?S)?)?"
)
_WEEKS = re.compile(r"(-)?P(\d+)W")


class MixedDuration(tuple[YearMonthDuration, timedelta]):
    """Months and days together, as ISO 8601 allows and FEEL does not; a timer adds the months first."""

    __slots__ = ()


# --- reading


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
    """ISO 8601 date and time; without a zone it is local (naive). Raises `ValueError`."""
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
        return parse_date_time(text)
    return parse_time(text) if ":" in text[:3] else parse_date(text)


def feel_duration(text: str) -> Duration | YearMonthDuration:
    """FEEL's durations: either months or days, never both, and no weeks."""
    duration = parse_duration(text)
    if isinstance(duration, MixedDuration) or "W" in text:
        raise ValueError(
            f"“{text}” is no duration of FEEL: it has either years and months, or days and time."
        )
    return duration


# --- putting together


def make_date(year: int, month: int, day: int) -> Date:
    if not 1 <= month <= 12 or not 1 <= day <= gregorian.days_in_month(year, month) or abs(year) > MAX_YEAR:
        raise ValueError(f"There is no date {year}-{month:02d}-{day:02d}.")
    return date(year, month, day) if 1 <= year <= 9999 else WideDate(year, month, day)


def make_time(nanos: int, zone: tzinfo | None) -> Time:
    nanos %= NANOS_PER_DAY
    return WideTime(nanos, zone) if nanos % 1000 else _python_time(nanos, zone)


def _python_time(nanos: int, zone: tzinfo | None) -> time:
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
    return datetime.combine(day_of, _python_time(nanos, zone))


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


# --- taking apart


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
        return zone.utcoffset(
            datetime.combine(date(year, value.month, value.day), _python_time(value.nanos, None))
        )
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


# --- comparing


def order_keys(a: Value, b: Value) -> tuple[int, int] | None:
    """Two numbers that stand to each other as the values do, or `None` where they cannot be compared."""
    if is_date(a) and is_date(b):
        return local_nanos(a), local_nanos(b)
    if is_duration(a) and is_duration(b):
        return nanos_of_duration(a), nanos_of_duration(b)
    if is_date_time(a) and is_date_time(b):
        return (instant(a), instant(b)) if (offset_of(a) is None) == (offset_of(b) is None) else None
    if is_time(a) and is_time(b):
        return _time_keys(a, b)
    return None


def _time_keys(a: Time, b: Time) -> tuple[int, int] | None:
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


# --- arithmetic


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
    keys = _time_keys(a, b)
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


# --- writing


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
