"""Functions that Camunda adds (real diagrams use them)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from caseloom.engine.expressions.numbers import from_float
from caseloom.engine.expressions.running import Run
from caseloom.engine.expressions.signatures import builtin
from caseloom.engine.expressions.values import Value


@builtin("now()", volatile=True)
def now(run: Run) -> Value:
    """The date and time at which the expression is evaluated."""
    if run.env.now is None:
        return run.null("now: nobody said what time it is.")
    return run.env.now


@builtin("today()", volatile=True)
def today(run: Run) -> Value:
    """The day on which the expression is evaluated."""
    moment = now(run)
    return moment.date() if isinstance(moment, datetime) else None


@builtin("random number()", volatile=True)
def random_number(run: Run) -> Value:
    """A number from 0 up to 1."""
    if run.env.random is None:
        return run.null("random number: no source of chance was given.")
    return from_float(run.env.random())


@builtin("is defined(value: Any)")
def is_defined(run: Run, value: Value) -> Value:
    """Whether a variable or an entry is there, even as null. `is defined({a: null}.a) = true`"""
    return value is not None


@builtin("get or else(value: Any, default: Any)")
def get_or_else(run: Run, value: Value, default: Value) -> Value:
    """The value, or the default where it is null. `get or else(null, 5) = 5`"""
    return default if value is None else value


@builtin("is empty(list: list)")
def is_empty(run: Run, items: list[Value]) -> Value:
    """Whether a list has no items. `is empty([]) = true`"""
    return not items


@builtin("is blank(string: string)")
def is_blank(run: Run, text: str) -> Value:
    """Whether a text holds nothing but white space. `is blank("  ") = true`"""
    return not text.strip()


@builtin("trim(string: string)")
def trim(run: Run, text: str) -> Value:
    """The text without white space at both ends. `trim("  a b ") = "a b"`"""
    return text.strip()


@builtin("last day of month(date: date)")
def last_day_of_month(run: Run, day: Value) -> Value:
    """The month's last day. `last day of month(date("2026-02-01")) = date("2026-02-28")`"""
    return _last_day(day)


@builtin("last day of month(date: date and time)")
def last_day_of_month_of_moment(run: Run, moment: Value) -> Value:
    return _last_day(moment)


def _last_day(value: Value) -> Value:
    from caseloom.engine.expressions import gregorian, moments

    return moments.make_date(value.year, value.month, gregorian.days_in_month(value.year, value.month))


@builtin("partition(list: list, size: number)")
def partition(run: Run, items: list[Value], size: int | Decimal) -> Value:
    """The list in pieces of a size. `partition([1, 2, 3], 2) = [[1, 2], [3]]`"""
    if size < 1:
        return run.null("partition: the size must be 1 or more.")
    step = int(size)
    return [list(items[start : start + step]) for start in range(0, len(items), step)]


@builtin("duplicate values(list: list)")
def duplicate_values(run: Run, items: list[Value]) -> Value:
    """Each item that occurs more than once. `duplicate values([1, 2, 1]) = [1]`"""
    from caseloom.engine.expressions.functions.lists import Distinct

    once, again = Distinct(run), Distinct(run)
    for item in items:
        if not once.add(item):
            again.add(item)
    return again.items
