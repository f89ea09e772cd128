"""List functions (DMN 1.5, 10.3.4.4) and `sort` (10.3.4.8)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cmp_to_key
from typing import Any

from caseloom.engine.expressions.kinds import MISFIT, kind_name
from caseloom.engine.expressions.numbers import Number, number
from caseloom.engine.expressions.operators import less, same
from caseloom.engine.expressions.running import MAX_CALLS_DEEP, Run, check_list, too_much
from caseloom.engine.expressions.signatures import builtin, invoke
from caseloom.engine.expressions.values import Function, Value

Items = Sequence[Value]


class Distinct:
    """Items without repeats, in order; simple ones are found by hash, so that a long list stays cheap."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.items: list[Value] = []
        self._plain: set[Any] = set()
        self._other: list[Value] = []

    def add(self, item: Value) -> bool:
        """Whether the item was new."""
        plain = number(item)
        key = item if isinstance(item, (str, bool)) or item is None else plain
        if key is not None or item is None:
            return self._add_plain((kind_name(item), key), item)
        self.run.spend(len(self._other))
        if any(same(item, other, self.run) for other in self._other):
            return False
        self._other.append(item)
        self.items.append(item)
        return True

    def _add_plain(self, key: Any, item: Value) -> bool:
        self.run.spend()
        if key in self._plain:
            return False
        self._plain.add(key)
        self.items.append(item)
        return True


@builtin("list contains(list: list, element: Any)")
def list_contains(run: Run, items: Items, element: Value) -> Value:
    """Whether the list has the element. `list contains([1, 2], 2) = true`"""
    run.spend(len(items) >> 1)
    return any(same(item, element, run) for item in items)


@builtin("count(list: list)")
def count(run: Run, items: Items) -> Value:
    """How many items there are. `count([1, 2, 3]) = 3`"""
    return len(items)


def _position(run: Run, name: str, items: Items, position: Number) -> int | None:
    """An index of Python's for a position that counts from 1, or from the end when negative."""
    place = int(position)
    if not place or abs(place) > len(items):
        run.null(f"{name}: there is no position {position}.")
        return None
    return place - 1 if place > 0 else len(items) + place


@builtin("sublist(list: list, start position: number, length?: number)")
def sublist(run: Run, items: Items, start: Number, length: Number | None = None) -> Value:
    """Some items, from a position on. `sublist([4, 5, 6], 2) = [5, 6]`"""
    first = _position(run, "sublist", items, start)
    if first is None:
        return None
    if length is None:
        return list(items[first:])
    if length < 1 or first + int(length) > len(items):
        return run.null(f"sublist: there are no {length} items from there.")
    return list(items[first : first + int(length)])


@builtin("append(list: list, item: Any...)")
def append(run: Run, items: Items, *more: Value) -> Value:
    """The list with items added at its end. `append([1], 2, 3) = [1, 2, 3]`"""
    check_list(len(items) + len(more))
    run.spend(len(items))
    return [*items, *more]


@builtin("concatenate(list: list...)")
def concatenate(run: Run, *lists: Items) -> Value:
    """Lists joined to one. `concatenate([1], [2, 3]) = [1, 2, 3]`"""
    total = sum(len(items) for items in lists)
    check_list(total)
    run.spend(total)
    return [item for items in lists for item in items]


@builtin("insert before(list: list, position: number, newItem: Any)")
def insert_before(run: Run, items: Items, position: Number, new: Value) -> Value:
    """The list with an item put in. `insert before([1, 3], 2, 2) = [1, 2, 3]`"""
    place = _position(run, "insert before", items, position)
    if place is None:
        return None
    run.spend(len(items))
    return [*items[:place], new, *items[place:]]


@builtin("remove(list: list, position: number)")
def remove(run: Run, items: Items, position: Number) -> Value:
    """The list without one item. `remove([1, 2, 3], 2) = [1, 3]`"""
    place = _position(run, "remove", items, position)
    if place is None:
        return None
    run.spend(len(items))
    return [*items[:place], *items[place + 1 :]]


@builtin("list replace(list: list, position: number, newItem: Any)")
def list_replace(run: Run, items: Items, position: Number, new: Value) -> Value:
    """The list with one item exchanged. `list replace([1, 2], 2, 5) = [1, 5]`"""
    place = _position(run, "list replace", items, position)
    if place is None:
        return None
    run.spend(len(items))
    return [*items[:place], new, *items[place + 1 :]]


@builtin("list replace(list: list, match: function, newItem: Any)")
def list_replace_matching(run: Run, items: Items, match: Function, new: Value) -> Value:
    """The list with all items exchanged that a function picks."""
    if not match.variadic and len(match.parameters) != 2:
        return run.null("list replace: the function must take an item and the new one.")
    result: list[Value] = []
    for item in items:
        outcome = invoke(match, [item, new], None, run)
        if not isinstance(outcome, bool):
            return run.null("list replace: the function must say true or false.")
        result.append(new if outcome else item)
    return result


@builtin("reverse(list: list)")
def reverse(run: Run, items: Items) -> Value:
    """The list from its end. `reverse([1, 2, 3]) = [3, 2, 1]`"""
    run.spend(len(items))
    return list(reversed(items))


@builtin("index of(list: list, match: Any)")
def index_of(run: Run, items: Items, match: Value) -> Value:
    """The positions of an element. `index of([1, 2, 1], 1) = [1, 3]`"""
    run.spend(len(items))
    return [place for place, item in enumerate(items, 1) if same(item, match, run)]


@builtin("union(list: list...)")
def union(run: Run, *lists: Items) -> Value:
    """Lists joined to one, without repeats. `union([1, 2], [2, 3]) = [1, 2, 3]`"""
    return distinct_values(run, concatenate(run, *lists))


@builtin("distinct values(list: list)")
def distinct_values(run: Run, items: Items) -> Value:
    """The list without repeats. `distinct values([1, 2, 1]) = [1, 2]`"""
    distinct = Distinct(run)
    for item in items:
        distinct.add(item)
    return distinct.items


@builtin("flatten(list: list)")
def flatten(run: Run, items: Items) -> Value:
    """Lists in the list dissolved. `flatten([1, [2, [3]]]) = [1, 2, 3]`"""
    result = list(_flat(run, items, 0))
    check_list(len(result))
    return result


def _flat(run: Run, items: Items, depth: int) -> Iterator[Value]:
    if depth > MAX_CALLS_DEEP:
        too_much(f"lists lie more than {MAX_CALLS_DEEP} deep in each other")
    for item in items:
        run.spend()
        if isinstance(item, (list, tuple)):
            yield from _flat(run, item, depth + 1)
        else:
            yield item


@builtin("sort(list: list, precedes?: function)")
def sort(run: Run, items: Items, precedes: Function | None = None) -> Value:
    """The list in order. `sort([3, 1, 2], function(x, y) x < y) = [1, 2, 3]`"""
    run.spend(len(items))
    if precedes is None:
        return _naturally_sorted(run, items)
    if not precedes.variadic and len(precedes.parameters) != 2:
        return run.null("sort: the function must take two items.")

    def before(a: Value, b: Value) -> int:
        if invoke(precedes, [a, b], None, run) is True:
            return -1
        return 1 if invoke(precedes, [b, a], None, run) is True else 0

    return sorted(items, key=cmp_to_key(before))


def _naturally_sorted(run: Run, items: Items) -> Value:
    if any(less(items[0], item) is MISFIT for item in items):
        return run.null("sort: these items have no order of their own.")
    return sorted(items, key=cmp_to_key(lambda a, b: -1 if less(a, b) is True else int(less(b, a) is True)))
