"""When a cron expression comes next, as timers of Camunda 7 have them: `0 0 9 ? * MON-FRI`, every working day at nine.

The fields are second, minute, hour, day of the month, month, day of the week and, where wanted, the year, as Quartz
reads them: a week begins with 1, the Sunday. Times are UTC.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from caseloom.engine.errors import ExpressionError

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_BOUNDS = ((0, 59), (0, 59), (0, 23), (1, 31), (1, 12), (1, 7), (1970, 2199))
_NAMES: tuple[Sequence[str], ...] = ((), (), (), (), _MONTHS, _DAYS, ())
_CALLED = ("seconds", "minutes", "hours", "days of the month", "months", "days of the week", "years")
_PART = re.compile(r"(\*|[A-Z]{3}|\d+)(?:-([A-Z]{3}|\d+))?(?:/(\d+))?")
_LONGEST = 12 * 366  # days; the 29th of February comes every eight years at the least


@dataclass(frozen=True, slots=True)
class Cron:
    """The values that each field allows."""

    text: str
    seconds: Sequence[int]
    minutes: Sequence[int]
    hours: Sequence[int]
    days: Collection[int]
    last_day: bool
    months: Collection[int]
    weekdays: Collection[int]
    years: Collection[int]

    def after(self, at: datetime) -> datetime:
        """The first instant later than `at`."""
        at = at.astimezone(UTC)
        for more in range(_LONGEST):
            day = at.date() + timedelta(days=more)
            found = self._within(day, at) if self._has(day) else None
            if found is not None:
                return found
        raise ExpressionError(
            f"“{self.text}” never comes: give it a day that the calendar has.", text=self.text
        )

    def _has(self, day: date) -> bool:
        if day.year not in self.years or day.month not in self.months:
            return False
        of_month = day.day in self.days
        if self.last_day:
            of_month = of_month or day.day == calendar.monthrange(day.year, day.month)[1]
        return of_month and day.isoweekday() % 7 + 1 in self.weekdays

    def _within(self, day: date, at: datetime) -> datetime | None:
        for hour in self.hours:
            if datetime.combine(day, time(hour, 59, 59), UTC) <= at:
                continue
            for minute in self.minutes:
                for second in self.seconds:
                    found = datetime.combine(day, time(hour, minute, second), UTC)
                    if found > at:
                        return found
        return None


def is_cron(text: str) -> bool:
    """Is it meant as a cron expression? A cycle of ISO 8601 has no spaces."""
    return len(text.split()) in (6, 7)


def read(text: str) -> Cron:
    """Raises ExpressionError, naming the field that cannot be read."""
    fields = text.upper().split()
    fields += ["*"] * (7 - len(fields))
    days = fields[3].split(",")
    last_day = "L" in days
    fields[3] = ",".join(one for one in days if one != "L")
    sets = [_field(place, field, text) for place, field in enumerate(fields)]
    return Cron(text, sets[0], sets[1], sets[2], sets[3], last_day, sets[4], sets[5], sets[6])


def _field(place: int, field: str, text: str) -> Sequence[int]:
    if field == "?" and place in (3, 5):
        field = "*"
    found: set[int] = set()
    for part in field.split(",") if field else ():
        found.update(_values(place, part, text))
    return sorted(found)


def _values(place: int, part: str, text: str) -> range:
    least, most = _BOUNDS[place]
    matched = _PART.fullmatch(part)
    if matched is None:
        raise _unread(place, part, text)
    first, last, step = matched.groups()
    begin = least if first == "*" else _number(place, first, text)
    end = _number(place, last, text) if last else most if step or first == "*" else begin
    if not least <= begin <= end <= most or step == "0" or (first == "*" and last):
        raise _unread(place, part, text)
    return range(begin, end + 1, int(step or 1))


def _number(place: int, word: str, text: str) -> int:
    if word.isdigit():
        return int(word)
    if word not in _NAMES[place]:
        raise _unread(place, word, text)
    return _NAMES[place].index(word) + 1


def _unread(place: int, part: str, text: str) -> ExpressionError:
    return ExpressionError(f"“{part}” names no {_CALLED[place]} in the cron expression “{text}”.", text=text)
