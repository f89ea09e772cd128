"""Ranges as values: whether they make sense, and counting through them (DMN 1.5, 10.3.2.7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import TypeGuard

from caseloom.engine.expressions import moments, shifting
from caseloom.engine.expressions.kinds import MISFIT, kind_name
from caseloom.engine.expressions.numbers import LIMIT, Number, number
from caseloom.engine.expressions.operators import greater, order
from caseloom.engine.expressions.running import Run
from caseloom.engine.expressions.values import Range, Value, WideDate


def checked(start: Value, end: Value, start_included: bool, end_included: bool, run: Run) -> Value:
    """The range, or null with a reason when its ends are not of one kind, or in the wrong order."""
    if start is None and end is None:
        return run.null("A range cannot go from null to null.")
    if start is not None and end is not None:
        if order(start, end) is MISFIT:
            return run.null(f"A range cannot go from {kind_name(start)} to {kind_name(end)}.")
    elif order(start if end is None else end, start if end is None else end) is MISFIT:
        return run.null("A range needs ends that can be compared.")
    return Range(start, end, start_included and start is not None, end_included and end is not None)


def items_of(limits: Range, run: Run) -> Iterable[Value] | None:
    """What `for x in [1..5)` goes through."""
    if limits.start is None or limits.end is None:
        run.null("Nobody can go through a range without an end.")
        return None
    found = counted(limits.start, limits.end)
    if found is None:
        run.null(f"Nobody can count through a range of {kind_name(limits.start)}.")
        return None
    return _without_open_ends(found, limits)


def _without_open_ends(items: Iterable[Value], limits: Range) -> Iterator[Value]:
    for item in items:
        if item == limits.start and not limits.start_included:
            continue
        if item == limits.end and not limits.end_included:
            continue
        yield item


def counted(first: Value, last: Value) -> Iterable[Value] | None:
    """From the first to the last whole number or date, downwards where the last is before the first."""
    if moments.is_date(first) and moments.is_date(last):
        return _days(first, last)
    low, high = number(first), number(last)
    if not _is_count(low) or not _is_count(high):
        return None
    low, high = int(low), int(high)
    return range(low, high + 1) if low <= high else range(low, high - 1, -1)


def _is_count(value: Number | None) -> TypeGuard[Number]:
    return value is not None and abs(value) < LIMIT and value == int(value)


def _days(first: date | WideDate, last: date | WideDate) -> Iterator[Value]:
    step = -1 if greater(first, last) is True else 1
    day: Value = first
    while True:
        yield day
        if day == last:
            return
        day = shifting.shifted(day, step * moments.NANOS_PER_DAY)
