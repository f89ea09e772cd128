"""Random models, random work, random changes: whatever is done, the case stays on the ways of its diagram and ends.

The number of cases comes from CASELOOM_PROOF_CASES: 300 in the ordinary suite, 2,000 in CI, more with `make proof`.
Of the first 2,000 one in twenty is new, the others are the same every time; all further ones are new. A failure prints
the smallest diagram that it was found on, and the story of its case. Every second case is bent by inserts, skips,
revisits, undos and decisions alone, so that the rows of their tables occur often; the others by all operations.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from random import Random

import pytest
from drawing_random import FEATURES, RandomDiagram, random_diagrams
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from table_rows import EVERY as ROWS
from work import Bench, Tally, Worker

from caseloom.adhoc.testing.operations import CHANGES, EVERY

CASES = int(os.environ.get("CASELOOM_PROOF_CASES", "300"))
FRESH = max(CASES // 20, CASES - 2000)
SELDOM = {"decide", "add item", "remove item", "lift", "wait", "release"} if CASES < 1000 else {"decide"}
ENOUGH = 300  # then nearly every row of the tables occurs
TALLY = Tally()

steady = settings(
    max_examples=CASES - FRESH,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
fresh = settings(
    max_examples=FRESH,
    deadline=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)

models = st.integers(3, 14).flatmap(lambda size: random_diagrams(size=size))
seeds = st.integers(0, 2**16)


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    found = Bench()
    yield found
    found.close()


def play(bench: Bench, diagram: RandomDiagram, seed: int) -> None:
    with bench.place() as (engine, clock):
        operations = CHANGES if seed % 2 else EVERY
        worker = Worker(engine, clock, diagram, Random(seed), TALLY, operations=operations)
        try:
            worker.play()
        except Exception as broken:
            broken.add_note(f"{diagram.lines}, seed {seed}:\n{worker.told()}")
            raise


@steady
@given(models, seeds)
def test_the_same_cases_as_always_stay_on_their_ways_and_end(
    bench: Bench, diagram: RandomDiagram, seed: int
) -> None:
    play(bench, diagram, seed)


@fresh
@given(models, seeds)
def test_new_cases_stay_on_their_ways_and_end(bench: Bench, diagram: RandomDiagram, seed: int) -> None:
    play(bench, diagram, seed)


def test_something_has_been_proved() -> None:
    """Runs after the others: every step, change, row and feature has occurred, and cones of all sizes."""
    print(TALLY.told())
    if TALLY.cases < CASES:
        pytest.skip("the random cases have not run")

    assert TALLY.ended == TALLY.cases
    assert TALLY.refusal_rate < 0.3
    if CASES < ENOUGH:
        pytest.skip(f"fewer than {ENOUGH} cases: not everything has to occur")
    assert {*EVERY, "take back"} - SELDOM <= set(TALLY.changes)
    assert {"complete", "message", "signal", "timer", "service", "touch"} <= set(TALLY.steps)
    assert len(set(FEATURES) & set(TALLY.features)) > 0.9 * len(FEATURES)
    assert len(set(ROWS) & set(TALLY.rows)) > 0.75 * len(ROWS)
    assert max(TALLY.cones) > 15
    assert min(TALLY.cones) < 3
    assert sum(TALLY.changes.values()) > 2 * CASES


@pytest.mark.parametrize(
    ("law", "floor"),
    [
        ("I1", 0.9), ("I2", 5), ("I3", 5), ("I4", 5), ("I5", 5), ("I6", 0.4), ("I7", 5), ("I8", 5), ("I9", 0.3),
        ("I10", 1), ("I11", 0.2), ("I14", 5), ("I16", 5), ("I18", 5),
    ],
)  # fmt: skip
def test_each_law_was_checked_often(law: str, floor: float) -> None:
    """So many times a case. I12, I13, I15 and I17 compare two runs, in `test_laws`."""
    if TALLY.cases < CASES:
        pytest.skip("the random cases have not run")

    assert TALLY.checked[law] >= floor * TALLY.cases
