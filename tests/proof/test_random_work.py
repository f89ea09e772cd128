"""Random models, random work, random changes: whatever is done, the case stays on the ways of its diagram and ends.

The number of cases comes from CASELOOM_PROOF_CASES: 300 in the ordinary suite, more with `make proof`.
"""

from __future__ import annotations

import os
from random import Random

import pytest
from drawing_random import FEATURES, RandomDiagram, random_diagrams
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playing import Clock
from work import Mix, Worker

from caseloom.engine import Engine

CASES = int(os.environ.get("CASELOOM_PROOF_CASES", "300"))
MIX = Mix()

steady = settings(
    max_examples=CASES // 2,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
fresh = settings(
    max_examples=CASES - CASES // 2,
    deadline=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)


models = (
    st.integers(6, 16)
    .flatmap(lambda size: random_diagrams(size=size))
    .filter(lambda diagram: len(diagram.features) > 2)
)
seeds = st.integers(0, 2**32)


def play(diagram: RandomDiagram, seed: int) -> None:
    clock = Clock()
    with Engine("sqlite://", clock=clock) as engine:
        Worker(engine, clock, diagram, Random(seed), MIX).play()


@steady
@given(models, seeds)
def test_the_same_cases_as_always_stay_on_their_ways_and_end(diagram: RandomDiagram, seed: int) -> None:
    play(diagram, seed)


@fresh
@given(models, seeds)
def test_new_cases_stay_on_their_ways_and_end(diagram: RandomDiagram, seed: int) -> None:
    play(diagram, seed)


def test_something_has_been_proved() -> None:
    """Runs after the others: every kind of step and every feature has occurred, and cones of all sizes."""
    print(MIX.told())
    if sum(MIX.done.values()) < 10 * CASES:
        pytest.skip("the random cases have not run")

    assert {
        "complete",
        "message",
        "timer",
        "skip",
        "revisit",
        "insert",
        "undo",
        "decide",
        "take back",
    } <= set(MIX.done)
    assert set(FEATURES) <= set(MIX.features)
    assert max(MIX.cones) > 15
    assert min(MIX.cones) < 3
