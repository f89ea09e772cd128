"""Date and time functions (DMN 1.5, 10.3.4.7)."""

from __future__ import annotations

from caseloom.engine.expressions import gregorian, moments
from caseloom.engine.expressions.kinds import kind_name
from caseloom.engine.expressions.running import Run
from caseloom.engine.expressions.signatures import builtin
from caseloom.engine.expressions.values import Value

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def _ordinal(run: Run, name: str, value: Value) -> int | None:
    if not moments.is_date(value) and not moments.is_date_time(value):
        return run.null(f"{name}: a {kind_name(value)} is no date.")  # type: ignore[no-any-return]
    return gregorian.ordinal(*moments.date_parts(value))


def _single(value: Value) -> Value:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


@builtin("day of year(date: Any)")
def day_of_year(run: Run, date: Value) -> Value:
    """Which day of its year it is. `day of year(date(2026, 2, 1)) = 32`"""
    day = _single(date)
    number = _ordinal(run, "day of year", day)
    return None if number is None else number - gregorian.ordinal(day.year, 1, 1) + 1


@builtin("day of week(date: Any)")
def day_of_week(run: Run, date: Value) -> Value:
    """The day's English name. `day of week(date(2026, 11, 24)) = "Tuesday"`"""
    number = _ordinal(run, "day of week", _single(date))
    return None if number is None else _DAYS[(number - 1) % 7]


@builtin("month of year(date: Any)")
def month_of_year(run: Run, date: Value) -> Value:
    """The month's English name. `month of year(date(2026, 11, 24)) = "November"`"""
    day = _single(date)
    return None if _ordinal(run, "month of year", day) is None else _MONTHS[day.month - 1]


@builtin("week of year(date: Any)")
def week_of_year(run: Run, date: Value) -> Value:
    """The week's number (ISO 8601). `week of year(date(2026, 1, 1)) = 1`"""
    day = _single(date)
    number = _ordinal(run, "week of year", day)
    if number is None:
        return None
    thursday = number - (number - 1) % 7 + 3
    year = gregorian.civil(thursday)[0]
    return (thursday - gregorian.ordinal(year, 1, 1)) // 7 + 1
