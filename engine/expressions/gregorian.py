"""The proleptic Gregorian calendar in plain integers, for years that Python's `datetime` does not reach.

Days are counted as `date.toordinal` counts them: 1 January of year 1 is day 1.
"""

from __future__ import annotations

_DAYS_BEFORE = (0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334)
_DAYS_PER_400_YEARS = 146_097


def is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def days_in_month(year: int, month: int) -> int:
    if month == 2:
        return 29 if is_leap(year) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def ordinal(year: int, month: int, day: int) -> int:
    before = year - 1
    leaps = before // 4 - before // 100 + before // 400
    return before * 365 + leaps + _DAYS_BEFORE[month - 1] + (month > 2 and is_leap(year)) + day


def civil(day_number: int) -> tuple[int, int, int]:
    """Year, month and day of an ordinal."""
    cycles, rest = divmod(day_number - 1, _DAYS_PER_400_YEARS)
    year = cycles * 400 + rest * 400 // _DAYS_PER_400_YEARS + 1
    while ordinal(year, 1, 1) > day_number:
        year -= 1
    while ordinal(year + 1, 1, 1) <= day_number:
        year += 1
    month = 12
    while ordinal(year, month, 1) > day_number:
        month -= 1
    return year, month, day_number - ordinal(year, month, 1) + 1


def add_months(year: int, month: int, day: int, months: int) -> tuple[int, int, int]:
    """The same day some months on, or the last day of a month that is too short for it."""
    years, month_index = divmod(month - 1 + months, 12)
    year, month = year + years, month_index + 1
    return year, month, min(day, days_in_month(year, month))
