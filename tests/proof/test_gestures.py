"""Jumps, moves, early starts, items and waits on random models: the case stays on its ways, and ends."""

from __future__ import annotations

import os
from collections.abc import Iterator
from random import Random

import pytest
from drawing_random import RandomDiagram, random_diagrams
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from work import Bench, Tally, Worker

from caseloom.adhoc.testing import changes
from caseloom.adhoc.testing.gestures import GESTURES

CASES = int(os.environ.get("CASELOOM_PROOF_CASES", "400")) // 4
TALLY = Tally()

models = st.integers(3, 14).flatmap(lambda size: random_diagrams(size=size))


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    found = Bench()
    yield found
    found.close()


@settings(
    max_examples=CASES,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(models, st.integers(0, 2**16))
def test_a_case_that_was_bent_by_single_gestures_stays_on_its_ways_and_ends(
    bench: Bench, diagram: RandomDiagram, seed: int
) -> None:
    with bench.place() as (engine, clock):
        operations = {**changes.EVERY, **GESTURES}
        worker = Worker(engine, clock, diagram, Random(seed), TALLY, operations=operations)
        try:
            worker.play()
        except Exception as broken:
            broken.add_note(f"{diagram.lines}, seed {seed}:\n{worker.told()}")
            raise


def test_every_gesture_was_made() -> None:
    print(TALLY.told())
    if TALLY.cases < CASES:
        pytest.skip("the random cases have not run")

    seldom = {"add item", "remove item", "lift", "wait", "release"} if CASES < 500 else set()
    assert set(GESTURES) - seldom <= set(TALLY.changes)
    assert sum(TALLY.refused.values()) < 0.3 * (sum(TALLY.changes.values()) + sum(TALLY.refused.values()))
