"""How points and ranges lie to each other (DMN 1.5, 10.3.4.10, table 78; Allen's interval algebra)."""

from __future__ import annotations

from collections.abc import Callable

from caseloom.engine.expressions.kinds import Misfit, kind_name
from caseloom.engine.expressions.operators import order
from caseloom.engine.expressions.running import Run
from caseloom.engine.expressions.signatures import builtin
from caseloom.engine.expressions.values import Range, Value

Relation = Callable[[Range, Range], bool]


class _NotComparableError(Exception):
    """Two ends that have no order."""


def _compare(a: Value, b: Value) -> int:
    found = order(a, b)
    if isinstance(found, Misfit):
        raise _NotComparableError
    return found


def _as_range(value: Value) -> Range:
    return value if isinstance(value, Range) else Range(value, value)


# An end and a start meet where neither leaves the point out; an open end lies before its point.


def _ends_before(a: Range, b: Range) -> bool:
    """All of `a` before all of `b`."""
    if a.end is None or b.start is None:
        return False
    found = _compare(a.end, b.start)
    return found < 0 or (found == 0 and not (a.end_included and b.start_included))


def _starts(a: Range, b: Range) -> int:
    """Where the start of `a` is to the start of `b`: -1 before, 0 same, 1 after."""
    if a.start is None or b.start is None:
        return (b.start is None) - (a.start is None)
    return _compare(a.start, b.start) or int(b.start_included) - int(a.start_included)


def _ends(a: Range, b: Range) -> int:
    if a.end is None or b.end is None:
        return (a.end is None) - (b.end is None)
    return _compare(a.end, b.end) or int(a.end_included) - int(b.end_included)


def _before(a: Range, b: Range) -> bool:
    return _ends_before(a, b)


def _after(a: Range, b: Range) -> bool:
    return _ends_before(b, a)


def _meets(a: Range, b: Range) -> bool:
    if a.end is None or b.start is None or not (a.end_included and b.start_included):
        return False
    return _compare(a.end, b.start) == 0


def _met_by(a: Range, b: Range) -> bool:
    return _meets(b, a)


def _overlaps(a: Range, b: Range) -> bool:
    return not _ends_before(a, b) and not _ends_before(b, a)


def _overlaps_before(a: Range, b: Range) -> bool:
    return _overlaps(a, b) and _starts(a, b) < 0 and _ends(a, b) <= 0


def _overlaps_after(a: Range, b: Range) -> bool:
    return _overlaps_before(b, a)


def _finishes(a: Range, b: Range) -> bool:
    return _ends(a, b) == 0 and _starts(a, b) >= 0


def _finished_by(a: Range, b: Range) -> bool:
    return _finishes(b, a)


def _includes(a: Range, b: Range) -> bool:
    return _starts(a, b) <= 0 and _ends(a, b) >= 0


def _during(a: Range, b: Range) -> bool:
    return _includes(b, a)


def _starts_with(a: Range, b: Range) -> bool:
    return _starts(a, b) == 0 and _ends(a, b) <= 0


def _started_by(a: Range, b: Range) -> bool:
    return _starts_with(b, a)


def _coincides(a: Range, b: Range) -> bool:
    return _starts(a, b) == 0 and _ends(a, b) == 0


def _related(run: Run, name: str, relation: Relation, a: Value, b: Value, ranges: tuple[int, ...]) -> Value:
    for position in ranges:
        if not isinstance((a, b)[position], Range):
            return run.null(f"{name}: a {kind_name((a, b)[position])} is no range.")
    if a is None or b is None:
        return run.null(f"{name}: null lies nowhere.")
    try:
        return relation(_as_range(a), _as_range(b))
    except _NotComparableError:
        return run.null(f"{name}: {kind_name(a)} and {kind_name(b)} cannot be compared.")


@builtin("before(a: Any, b: Any)")
def before(run: Run, a: Value, b: Value) -> Value:
    """Whether one ends before the other starts. `before(1, [2..3]) = true`"""
    return _related(run, "before", _before, a, b, ())


@builtin("after(a: Any, b: Any)")
def after(run: Run, a: Value, b: Value) -> Value:
    """Whether one starts after the other ends. `after(4, [2..3]) = true`"""
    return _related(run, "after", _after, a, b, ())


@builtin("meets(range1: Any, range2: Any)")
def meets(run: Run, a: Value, b: Value) -> Value:
    """Whether one ends where the other starts. `meets([1..5], [5..9]) = true`"""
    return _related(run, "meets", _meets, a, b, (0, 1))


@builtin("met by(range1: Any, range2: Any)")
def met_by(run: Run, a: Value, b: Value) -> Value:
    """Whether one starts where the other ends. `met by([5..9], [1..5]) = true`"""
    return _related(run, "met by", _met_by, a, b, (0, 1))


@builtin("overlaps(range1: Any, range2: Any)")
def overlaps(run: Run, a: Value, b: Value) -> Value:
    """Whether they have a point in common. `overlaps([1..5], [3..8]) = true`"""
    return _related(run, "overlaps", _overlaps, a, b, (0, 1))


@builtin("overlaps before(range1: Any, range2: Any)")
def overlaps_before(run: Run, a: Value, b: Value) -> Value:
    """Whether the first starts earlier and reaches into it. `overlaps before([1..5], [3..8]) = true`"""
    return _related(run, "overlaps before", _overlaps_before, a, b, (0, 1))


@builtin("overlaps after(range1: Any, range2: Any)")
def overlaps_after(run: Run, a: Value, b: Value) -> Value:
    """Whether the second starts earlier and reaches into it. `overlaps after([3..8], [1..5]) = true`"""
    return _related(run, "overlaps after", _overlaps_after, a, b, (0, 1))


@builtin("finishes(a: Any, range: Any)")
def finishes(run: Run, a: Value, b: Value) -> Value:
    """Whether it is the last part. `finishes([3..5], [1..5]) = true`"""
    return _related(run, "finishes", _finishes, a, b, (1,))


@builtin("finished by(range: Any, b: Any)")
def finished_by(run: Run, a: Value, b: Value) -> Value:
    """Whether the other is its last part. `finished by([1..5], 5) = true`"""
    return _related(run, "finished by", _finished_by, a, b, (0,))


@builtin("includes(range: Any, b: Any)")
def includes(run: Run, a: Value, b: Value) -> Value:
    """Whether the other lies in it. `includes([1..5], 3) = true`"""
    return _related(run, "includes", _includes, a, b, (0,))


@builtin("during(a: Any, range: Any)")
def during(run: Run, a: Value, b: Value) -> Value:
    """Whether it lies in the other. `during(3, [1..5]) = true`"""
    return _related(run, "during", _during, a, b, (1,))


@builtin("starts(a: Any, range: Any)")
def starts(run: Run, a: Value, b: Value) -> Value:
    """Whether it is the first part. `starts([1..3], [1..5]) = true`"""
    return _related(run, "starts", _starts_with, a, b, (1,))


@builtin("started by(range: Any, b: Any)")
def started_by(run: Run, a: Value, b: Value) -> Value:
    """Whether the other is its first part. `started by([1..5], 1) = true`"""
    return _related(run, "started by", _started_by, a, b, (0,))


@builtin("coincides(a: Any, b: Any)")
def coincides(run: Run, a: Value, b: Value) -> Value:
    """Whether they are the same. `coincides([1..5], [1..5]) = true`"""
    return _related(run, "coincides", _coincides, a, b, ())
