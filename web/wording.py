"""How values, times and names read on a page: plain words, never an id or a format code where words will do.

Pure functions; the time zone is that of the machine unless one is given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import Any

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as people say it, and exactly (`iso`, for machines; `full`, on hover)."""

    text: str
    iso: str
    full: str


@dataclass(frozen=True, slots=True)
class Due:
    """When something is due; `state` is `overdue`, `today`, `soon` or `later`."""

    state: str
    text: str
    iso: str
    full: str


@dataclass(frozen=True, slots=True)
class Value:
    """One name and value of a case file; `parts` instead of `text` where the value has names of its own.

    `state` is the data state of a data object.
    """

    name: str
    text: str
    parts: Sequence[Value] = ()
    state: str = ""


def moment(at: datetime, now: datetime, zone: tzinfo | None = None) -> Moment:
    """`today 14:05`, `yesterday 09:12`, `Monday 08:00`, `12 Mar`, `12 Mar 2024`."""
    here, today = at.astimezone(zone), now.astimezone(zone).date()
    days = (today - here.date()).days
    clock = f"{here:%H:%M}"
    if days in (0, 1):
        text = f"{('today', 'yesterday')[days]} {clock}"
    elif 1 < days < 7:
        text = f"{_WEEKDAYS[here.weekday()]} {clock}"
    else:
        text = day(here.date(), today)
    return Moment(text, at.isoformat(), f"{here.day} {_MONTHS[here.month - 1]} {here.year}, {clock}")


def day(on: date, today: date) -> str:
    """`12 Mar`, with the year where it is not this one."""
    year = "" if on.year == today.year else f" {on.year}"
    return f"{on.day} {_MONTHS[on.month - 1]}{year}"


def due(at: datetime, now: datetime, zone: tzinfo | None = None) -> Due:
    here, there = at.astimezone(zone), now.astimezone(zone)
    days = (here.date() - there.date()).days
    exact = moment(at, now, zone)
    if at < now:
        return Due("overdue", f"Overdue {_late(now - at)}", exact.iso, exact.full)
    if days == 0:
        return Due("today", f"Due today {here:%H:%M}", exact.iso, exact.full)
    if days == 1:
        return Due("soon", "Due tomorrow", exact.iso, exact.full)
    if days < 7:
        return Due("soon", f"Due {_WEEKDAYS[here.weekday()]}", exact.iso, exact.full)
    return Due("later", f"Due {day(here.date(), there.date())}", exact.iso, exact.full)


def _late(late: timedelta) -> str:
    if late < timedelta(hours=1):
        return f"by {count(max(1, late.seconds // 60), 'minute')}"
    if late < timedelta(days=1):
        return f"by {count(late.seconds // 3600, 'hour')}"
    return f"by {count(late.days, 'day')}"


def count(number: int, noun: str, plural: str | None = None) -> str:
    """`1 task`, `3 tasks`."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def label(name: str) -> str:
    """The name of a value for people: `approval_limit` and `approvalLimit` become `Approval limit`."""
    spaced = "".join(
        f" {letter.lower()}" if letter.isupper() and before.islower() else letter
        for before, letter in zip(" " + name, name, strict=False)
    )
    words = spaced.replace("_", " ").replace("-", " ").split()
    text = " ".join(words)
    return text[:1].upper() + text[1:]


def values(data: Mapping[str, Any], states: Mapping[str, str] | None = None) -> list[Value]:
    """A case file, sorted as it came in, ready to print; `states` are the data states of its data objects."""
    told = states or {}
    return [replace(value(label(name), content), state=told.get(name, "")) for name, content in data.items()]


def value(name: str, content: Any) -> Value:
    if isinstance(content, Mapping) and content:
        return Value(name, "", [value(label(str(key)), part) for key, part in content.items()])
    if isinstance(content, list | tuple) and any(isinstance(part, Mapping) for part in content):
        return Value(name, "", [value(str(number), part) for number, part in enumerate(content, 1)])
    return Value(name, text(content))


def text(content: Any) -> str:
    """A single value as words; nothing at all reads as a dash."""
    if content is None or content == "" or content == [] or content == {}:
        return "–"
    if isinstance(content, bool):
        return "yes" if content else "no"
    if isinstance(content, list | tuple):
        return ", ".join(text(part) for part in content)
    if isinstance(content, Mapping):
        return ", ".join(f"{label(str(key))}: {text(part)}" for key, part in content.items())
    if isinstance(content, int | float | Decimal):
        return number(content)
    if isinstance(content, datetime):
        return f"{content.day} {_MONTHS[content.month - 1]} {content.year}, {content:%H:%M}"
    if isinstance(content, date):
        return f"{content.day} {_MONTHS[content.month - 1]} {content.year}"
    if isinstance(content, time):
        return f"{content:%H:%M}"
    if isinstance(content, timedelta):
        return _span(content)
    return str(content)


def number(content: int | float | Decimal) -> str:
    """Thousands are parted; no digit is lost."""
    plain = f"{content:f}" if isinstance(content, Decimal) else str(content)
    if "e" in plain or "n" in plain:
        return plain
    whole, _, part = plain.partition(".")
    return (
        f"{int(whole):,}" + (f".{part}" if part.strip("0") else "") if whole.lstrip("-").isdigit() else plain
    )


def _span(span: timedelta) -> str:
    hours, minutes = span.seconds // 3600, span.seconds % 3600 // 60
    parts = [(span.days, "day"), (hours, "hour"), (minutes, "minute")]
    return " ".join(count(size, noun) for size, noun in parts if size) or count(span.seconds, "second")


def initials(name: str) -> str:
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or "?"


def listed(names: Sequence[str], last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {last} {names[-1]}"
