"""Pools of one drawing talk by messages, each case with the one that it belongs to."""

from __future__ import annotations

import pytest
from conversing import conversing
from played import _STEP, _complete, _data, _do, check, told
from playing import Clock
from pool_rows import POOLS, PoolRow
from shapes import shape

from caseloom.engine import Engine


@pytest.mark.parametrize("row", POOLS, ids=lambda row: row.name)
def test_what_one_pool_sends_reaches_the_other(row: PoolRow) -> None:
    with Engine("sqlite://", clock=(clock := Clock())) as engine:
        drawn = conversing(shape(row.case, other=row.other), row.properties, flows=row.flows)
        engine.deploy(("pools.bpmn", drawn))
        case = engine.start("case")

        for step in _STEP.finditer(row.steps):
            data = _data(engine, step["data"])
            if step["what"].startswith("other/"):
                _answer(engine, step["what"].removeprefix("other/"), data)
            else:
                _do(engine, clock, case, step["what"], data)

        every = [case, *engine.cases(key="other")]
        for one in every:
            check(engine, one.id)
        assert " | ".join(told(engine, one.id) for one in every) == row.trace


def _answer(engine: Engine, what: str, data: dict) -> None:
    """`b#2` is the open task of the second case of the other pool."""
    element, _, number = what.partition("#")
    _complete(engine, engine.cases(key="other")[int(number or 1) - 1].id, element, data)
