"""Functions that sum up a list (DMN 1.5, 10.3.4.4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from caseloom.engine.expressions import numbers
from caseloom.engine.expressions.kinds import MISFIT, kind_name
from caseloom.engine.expressions.numbers import CONTEXT, Number, as_decimal, number, whole
from caseloom.engine.expressions.operators import greater, less
from caseloom.engine.expressions.running import Run
from caseloom.engine.expressions.signatures import builtin
from caseloom.engine.expressions.values import Value

Items = Sequence[Value]


def _spread(items: Sequence[Value]) -> Sequence[Value]:
    """`min(1, 2)` means `min([1, 2])`, and `min([1, 2])` is itself."""
    if len(items) == 1 and isinstance(items[0], (list, tuple)):
        return items[0]
    return items


@builtin("min(list: Any...)")
def min_(run: Run, *items: Value) -> Value:
    """The smallest item. `min(3, 1, 2) = 1`"""
    return _extreme(run, "min", _spread(items), less)


@builtin("max(list: Any...)")
def max_(run: Run, *items: Value) -> Value:
    """The largest item. `max([3, 1, 2]) = 3`"""
    return _extreme(run, "max", _spread(items), greater)


def _extreme(run: Run, name: str, items: Items, better: Any) -> Value:
    if not items:
        return run.null(f"{name}: the list is empty.")
    run.spend(len(items))
    best = items[0]
    for item in items:
        outcome = better(item, best)
        if outcome is MISFIT:
            return run.null(f"{name}: {kind_name(best)} and {kind_name(item)} cannot be compared.")
        best = item if outcome else best
    return best


def _numbers(run: Run, name: str, items: Items) -> list[Number] | None:
    run.spend(len(items))
    found: list[Number] = []
    for item in _spread(items):
        plain = number(item)
        if plain is None:
            run.null(f"{name}: a {kind_name(item)} is no number.")
            return None
        found.append(plain)
    if not found:
        run.null(f"{name}: the list is empty.")
        return None
    return found


def _sum(items: list[Number]) -> Number:
    total: Number = 0
    for item in items:
        total = numbers.add(total, item)
    return total


@builtin("sum(list: Any...)")
def sum_(run: Run, *items: Value) -> Value:
    """The numbers added up. `sum([1, 2, 3]) = 6`"""
    found = _numbers(run, "sum", items)
    return None if found is None else _sum(found)


@builtin("product(list: Any...)")
def product(run: Run, *items: Value) -> Value:
    """The numbers multiplied. `product([2, 3, 4]) = 24`"""
    found = _numbers(run, "product", items)
    if found is None:
        return None
    total: Number = 1
    for item in found:
        total = numbers.multiply(total, item)
    return total


@builtin("mean(list: Any...)")
def mean(run: Run, *items: Value) -> Value:
    """The average. `mean([1, 2, 3]) = 2`"""
    found = _numbers(run, "mean", items)
    return None if found is None else numbers.divide(_sum(found), len(found))


@builtin("median(list: Any...)")
def median(run: Run, *items: Value) -> Value:
    """The number in the middle. `median([1, 5, 3]) = 3`"""
    found = _numbers(run, "median", items)
    if found is None:
        return None
    found.sort()
    middle = len(found) // 2
    return (
        found[middle] if len(found) % 2 else numbers.divide(numbers.add(found[middle - 1], found[middle]), 2)
    )


@builtin("stddev(list: Any...)")
def stddev(run: Run, *items: Value) -> Value:
    """The standard deviation of a sample. `stddev([2, 4]) > 1.41`"""
    found = _numbers(run, "stddev", items)
    if found is None:
        return None
    if len(found) < 2:
        return run.null("stddev: one number has no deviation.")
    middle = numbers.divide(_sum(found), len(found))
    squares = [numbers.power(numbers.subtract(item, middle), 2) for item in found]
    return whole(CONTEXT.sqrt(as_decimal(numbers.divide(_sum(squares), len(found) - 1))))


@builtin("mode(list: Any...)")
def mode(run: Run, *items: Value) -> Value:
    """The most frequent numbers, ascending. `mode([6, 1, 1, 6, 3]) = [1, 6]`"""
    spread = _spread(items)
    if not spread and items:
        return []
    found = _numbers(run, "mode", items)
    if found is None:
        return None
    often: dict[Number, int] = {}
    for item in found:
        often[item] = often.get(item, 0) + 1
    most = max(often.values())
    return sorted(item for item, times in often.items() if times == most)


def _truths(items: Sequence[Value], decisive: bool) -> Value:
    result: Value = not decisive
    for item in _spread(items):
        if item is decisive:
            return decisive
        if item is not result:
            result = None
    return result


@builtin("all(list: Any...)")
def all_(run: Run, *items: Value) -> Value:
    """Whether every item is true. `all([true, false]) = false`"""
    return _truths(items, False)


@builtin("any(list: Any...)")
def any_(run: Run, *items: Value) -> Value:
    """Whether one item is true. `any([true, false]) = true`"""
    return _truths(items, True)
