"""When a timer is due. Pure: the instant it is counted from always comes in as `at`, aware and UTC.

Durations and dates are ISO 8601 (`PT5M`, `P1M`, `2026-03-01T09:00:00+01:00`); a cycle is `R3/PT10H`,
`R/2026-03-01T09:00:00Z/P1D`, or, as in Camunda 7, a bare duration or a cron expression (`0 0 9 ? * MON-FRI`). A local
date or time is read as UTC. Months are calendar months (31 January + P1M = 28 or 29 February).
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from caseloom.engine.errors import ExpressionError
from caseloom.engine.expressions import cron
from caseloom.engine.expressions.temporal import parse_date_time, parse_duration
from caseloom.engine.expressions.values import YearMonthDuration

SHORTEST_CYCLE = timedelta(seconds=1)
_CYCLE = re.compile(r"R(\d*)/(.+)")


@dataclass(frozen=True, slots=True)
class Due:
    """The next instant of a timer, and what is left of a cycle after it (None: nothing)."""

    at: datetime
    rest: str | None = None


def due(kind: str, value: Any, at: datetime, *, element: str) -> Due:
    """The first instant of a timer whose expression gave `value`. Raises ExpressionError naming the element."""
    try:
        if kind == "cycle":
            return _cycle(value, at)
        if kind == "date":
            return Due(_instant(value))
        return Due(_later(at, value))
    except (ExpressionError, ValueError) as wrong:
        raise ExpressionError(f"“{element}”: {wrong}", text=str(value)) from wrong
    except OverflowError as wrong:
        raise ExpressionError(
            f"“{element}”: “{value}” lies outside the calendar.", text=str(value)
        ) from wrong


def following(rest: str | None, fired: datetime, now: datetime, *, element: str) -> Due | None:
    """The next instant of a cycle that was due at `fired`, or None when it has run out.

    What was missed while nothing ran is not made up for: the next instant lies after `now`.
    """
    if rest and cron.is_cron(rest):
        return due("cycle", rest, max(fired, now), element=element)
    found = due("cycle", rest, fired, element=element) if rest else None
    if found is not None and found.rest:
        found = _skipped(found, now)
    while found is not None and found.at <= now:
        found = due("cycle", found.rest, found.at, element=element) if found.rest else None
    return found


def _skipped(found: Due, now: datetime) -> Due | None:
    """A cycle of fixed length in one step past what was missed: there may be millions of instants."""
    parts = _CYCLE.fullmatch(found.rest or "")
    assert parts is not None
    interval = _interval(parts[2])
    if not isinstance(interval, timedelta) or found.at > now:
        return found
    missed = (now - found.at) // interval + 1
    left = int(parts[1]) - missed if parts[1] else None
    if left is not None and left < 0:
        return None
    count = "" if left is None else left
    return Due(found.at + missed * interval, f"R{count}/{parts[2]}" if left != 0 else None)


def _cycle(value: Any, at: datetime) -> Due:
    if isinstance(value, str) and cron.is_cron(value):
        return Due(cron.read(value).after(at), value)
    found = _CYCLE.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        return Due(_later(at, value))
    count, parts = found[1], found[2].split("/")
    if count == "0" or len(parts) > 2:
        raise ExpressionError(f"“{value}” is not a cycle such as R3/PT10H.", text=value)
    interval = _interval(parts[-1])
    first = max(_instant(parts[0]), at) if len(parts) == 2 else _later(at, interval)
    if _later(at, interval) - at < SHORTEST_CYCLE:
        raise ExpressionError(f"“{value}” repeats more than once a second.", text=value)
    left = int(count) - 1 if count else None
    if left == 0:
        return Due(first)
    return Due(first, f"R{'' if left is None else left}/{parts[-1]}")


def _interval(text: str) -> Any:
    return parse_duration(text)


def _later(at: datetime, value: Any) -> datetime:
    """`at` plus a duration: a `timedelta`, a `YearMonthDuration`, a text, or both kinds in one text."""
    if isinstance(value, str):
        value = parse_duration(value.strip())
    if isinstance(value, tuple):
        months, rest = value
        return _later(_later(at, months), rest)
    if isinstance(value, YearMonthDuration):
        return _add_months(at, value.months)
    if isinstance(value, timedelta):
        return at + value
    raise ExpressionError(f"“{value}” is not a duration such as PT5M.", text=str(value))


def _add_months(at: datetime, months: int) -> datetime:
    year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
    month += 1
    return at.replace(year=year, month=month, day=min(at.day, calendar.monthrange(year, month)[1]))


def _instant(value: Any) -> datetime:
    if isinstance(value, str):
        value = parse_date_time(value.strip())
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    raise ExpressionError(f"“{value}” is not a date and time such as 2026-03-01T09:00:00Z.", text=str(value))


def instant(value: Any, at: datetime, *, element: str) -> datetime | None:
    """A due or follow-up date as modelers write it: a date, a date and time, or a duration from now."""
    if value is None or value == "":
        return None
    if isinstance(value, str) and value.strip().startswith("P"):
        return due("duration", value, at, element=element).at
    if isinstance(value, timedelta | YearMonthDuration):
        return due("duration", value, at, element=element).at
    return due("date", value, at, element=element).at
