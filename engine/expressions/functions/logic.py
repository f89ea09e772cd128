"""Boolean functions (DMN 1.5, 10.3.4.2), and `is`."""

from __future__ import annotations

from caseloom.engine.expressions import moments
from caseloom.engine.expressions.kinds import kind_name
from caseloom.engine.expressions.operators import same
from caseloom.engine.expressions.running import Run
from caseloom.engine.expressions.signatures import builtin
from caseloom.engine.expressions.values import Value, zone_text


@builtin("not(negand: Any)")
def not_(run: Run, negand: Value) -> Value:
    """The opposite of a boolean. `not(true) = false`"""
    if isinstance(negand, bool):
        return not negand
    return run.null(f"not: a {kind_name(negand)} has no opposite.")


@builtin("is(value1?: Any, value2?: Any)")
def is_(run: Run, value1: Value = None, value2: Value = None) -> Value:
    """Whether two values are the same in every way. `is(date("2026-01-02"), date("2026-01-02")) = true`"""
    if kind_name(value1) != kind_name(value2):
        return False
    if moments.is_time(value1) or moments.is_date_time(value1):
        return _same_clock(value1, value2)
    return same(value1, value2, run)


def _same_clock(one: Value, other: Value) -> bool:
    zones = [zone_text(moments.zone_of_value(value)) for value in (one, other)]
    if zones[0] != zones[1]:
        return False
    return moments.equal(one, other) is True
