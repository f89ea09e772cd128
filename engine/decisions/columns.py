"""Finds the rules of a table that an input value can match, without looking at every cell.

Each column keeps, for texts by hash and for numbers by interval, the set of its matching rules as the bits
of one int; the sets of all columns are intersected. Cells that are more than constants are asked one by one,
of the rules that are left.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from caseloom.engine.expressions import nodes
from caseloom.engine.expressions.numbers import Number, number
from caseloom.engine.expressions.running import Scope
from caseloom.engine.expressions.values import Value

Code = Callable[[Scope], Value]

MAX_BOUNDS = 1024  # intervals beyond this many are found by a coarser grid, then asked


@dataclass(frozen=True, slots=True)
class Interval:
    """Numbers between two limits; `None` is no limit."""

    low: Number | None
    high: Number | None
    low_included: bool = False
    high_included: bool = False

    def has(self, value: Number) -> bool:
        if self.low is not None and (value < self.low or (value == self.low and not self.low_included)):
            return False
        return self.high is None or value < self.high or (value == self.high and self.high_included)


@dataclass(frozen=True, slots=True)
class Constants:
    """What a cell of constants allows: any of these texts, numbers of these intervals, or booleans."""

    texts: frozenset[str] = frozenset()
    intervals: tuple[Interval, ...] = ()
    booleans: frozenset[bool] = frozenset()
    negated: bool = False

    def has(self, value: Value) -> bool:
        """Whether the cell says yes to a text, a number or a boolean."""
        if isinstance(value, bool):
            return (value in self.booleans) is not self.negated
        if isinstance(value, str):
            return (value in self.texts) is not self.negated
        return any(part.has(value) for part in self.intervals) is not self.negated


def constants_of(tree: nodes.Node) -> Constants | None:
    """The cell as constants, or `None` where it is more than that."""
    if not isinstance(tree, nodes.Tests) or not tree.tests:
        return None
    texts: set[str] = set()
    intervals: list[Interval] = []
    booleans: set[bool] = set()
    for test in tree.tests:
        if isinstance(test, nodes.Literal) and isinstance(test.value, bool):
            booleans.add(test.value)
            continue
        if isinstance(test, nodes.Literal) and isinstance(test.value, str):
            texts.add(test.value)
            continue
        interval = _interval(test)
        if interval is None:
            return None
        intervals.append(interval)
    return Constants(frozenset(texts), tuple(intervals), frozenset(booleans), tree.negated)


def _interval(test: nodes.Node) -> Interval | None:
    if isinstance(test, nodes.Literal):
        value = _number(test)
        return None if value is None else Interval(value, value, True, True)
    if isinstance(test, nodes.RangeNode):
        low, high = _number(test.start), _number(test.end)
        if low is None or high is None:
            return None
        return Interval(low, high, test.start_included, test.end_included)
    if not isinstance(test, nodes.UnaryTest) or test.operator in ("=", "!="):
        return None
    limit = _number(test.operand)
    if limit is None:
        return None
    included = test.operator.endswith("=")
    return (
        Interval(None, limit, False, included)
        if test.operator[0] == "<"
        else Interval(limit, None, included, False)
    )


def _number(node: nodes.Node) -> Number | None:
    return number(node.value) if isinstance(node, nodes.Literal) else None


class Column:
    """One input of a table: which rules a value can match, and which of them must still be asked."""

    def __init__(self, tests: Sequence[Code | None], constants: Sequence[Constants | None]) -> None:
        self.tests = tests
        self.constants = constants
        self.every = (1 << len(tests)) - 1
        self.free = _bits(position for position, test in enumerate(tests) if test is None)
        self.asked = _bits(
            position
            for position, test in enumerate(tests)
            if test is not None and constants[position] is None
        )
        known = [(position, constant) for position, constant in enumerate(constants) if constant is not None]
        self._by_text, self._other_texts = _texts(known)
        self._grid = _Grid(known)

    def possible(self, value: Value) -> tuple[int, int]:
        """The rules that the value can match, and those among them whose cell decides."""
        kind = type(value)
        if kind is str:
            found = self._by_text.get(value, self._other_texts)
            return found | self.free | self.asked, self.asked
        if kind is float or kind is Decimal:
            value = number(value)
            kind = type(value)
        if kind is int or kind is Decimal:
            found, certain = self._grid.rules(value)
            return found | self.free | self.asked, self.asked if certain else self.asked | found
        return self.every, self.every & ~self.free


def _texts(known: list[tuple[int, Constants]]) -> tuple[dict[str, int], int]:
    """For every text that occurs, the rules that it matches; and the rules that all other texts match."""
    others = _bits(position for position, constant in known if constant.negated)
    listed: dict[str, int] = {}
    for _, constant in known:
        listed |= {text: others for text in constant.texts if text not in listed}
    for position, constant in known:
        bit = 1 << position
        for text in constant.texts:
            listed[text] = listed[text] & ~bit if constant.negated else listed[text] | bit
    return listed, others


class _Grid:
    """Numbers cut up at the limits of the intervals: slot 2k + 1 is limit k, slot 2k lies before it.

    With too many limits only some of them are taken; then a slot between two may hold rules that must be
    asked.
    """

    def __init__(self, known: list[tuple[int, Constants]]) -> None:
        parts = [part for _, one in known for part in one.intervals]
        limits = sorted({limit for part in parts for limit in (part.low, part.high) if limit is not None})
        self.certain = len(limits) <= MAX_BOUNDS
        self.limits = limits if self.certain else limits[:: len(limits) // MAX_BOUNDS + 1]
        self.slots = self._filled(known)

    def rules(self, value: Number) -> tuple[int, bool]:
        """The rules for a number, and whether that is certain."""
        place = bisect_left(self.limits, value)
        if place < len(self.limits) and self.limits[place] == value:
            return self.slots[2 * place + 1], True
        return self.slots[2 * place], self.certain

    def _filled(self, known: list[tuple[int, Constants]]) -> list[int]:
        count = 2 * len(self.limits) + 1
        changes: list[list[int]] = [[] for _ in range(count + 1)]
        for position, one in known:
            for start, stop in self._spans(one, count):
                changes[start].append(position)
                changes[stop].append(position)
        slots, current = [], 0
        for change in changes[:-1]:
            current ^= _bits(iter(change))
            slots.append(current)
        return slots

    def _spans(self, one: Constants, count: int) -> Iterator[tuple[int, int]]:
        """The runs of slots in which a cell may say yes."""
        covered = sorted(
            (self._slot(part.low, part.low_included, 1), self._stop(part, count)) for part in one.intervals
        )
        merged: list[tuple[int, int]] = []
        for start, stop in covered:
            if start >= stop:
                continue
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(stop, merged[-1][1]))
            else:
                merged.append((start, stop))
        return self._outside(merged, count) if one.negated else iter(merged)

    def _slot(self, limit: Number | None, included: bool, outwards: int) -> int:
        if limit is None:
            return 0
        place = bisect_left(self.limits, limit)
        if place < len(self.limits) and self.limits[place] == limit:
            return 2 * place + 1 + (0 if included else outwards)
        return 2 * place

    def _stop(self, part: Interval, count: int) -> int:
        return count if part.high is None else self._slot(part.high, part.high_included, -1) + 1

    def _outside(self, spans: list[tuple[int, int]], count: int) -> Iterator[tuple[int, int]]:
        if not self.certain:
            # A slot that is covered in part says yes in part: every slot but the limits themselves must be
            # asked.
            exact = {slot for start, stop in spans for slot in range(start, stop) if slot % 2}
            yield from ((slot, slot + 1) for slot in range(count) if slot not in exact)
            return
        end = 0
        for start, stop in spans:
            if end < start:
                yield end, start
            end = stop
        if end < count:
            yield end, count


def _bits(positions: Iterator[int]) -> int:
    # One conversion for all: setting bit after bit copies a long int each time.
    data = bytearray()
    for position in positions:
        byte = position >> 3
        if byte >= len(data):
            data.extend(bytes(byte + 1 - len(data)))
        data[byte] |= 1 << (position & 7)
    return int.from_bytes(data, "little")


def positions_in(bits: int) -> Iterator[int]:
    """The positions of the bits that are set, ascending."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest
