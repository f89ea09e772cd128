"""The kit for embedders: their own diagrams are played at random, and what is wrong is told with its story."""

from __future__ import annotations

from pathlib import Path

import pytest
from drawing import bpmn, draw, flow, node, process

from caseloom.adhoc.testing import assert_adhoc_safe
from caseloom.engine.errors import Invalid

DIAGRAMS = Path(__file__).parents[2] / "diagrams"


@pytest.mark.parametrize("name", ["lease_request", "fault_report"])
def test_the_case_types_that_ship_may_be_bent(name: str) -> None:
    files = sorted(path for path in (DIAGRAMS / name).iterdir() if path.suffix in (".bpmn", ".form", ".dmn"))

    played = assert_adhoc_safe(files, cases=8, seed=1, key=name)

    assert played.ended == played.cases == 8
    assert played.refusal_rate < 0.3


def test_a_diagram_that_gets_stuck_is_found_and_its_story_is_told() -> None:
    elements = [
        node("startEvent", "start"),
        node("userTask", "a", name="A"),
        node("exclusiveGateway", "choice"),
        node("userTask", "b", name="B"),
        node("userTask", "c", name="C"),
        node("parallelGateway", "join"),
        node("endEvent", "end"),
        flow("start", "a"), flow("a", "choice"), flow("choice", "b", "x"), flow("choice", "c", "not(x)"),
        flow("b", "join"), flow("c", "join"), flow("join", "end"),
    ]  # fmt: skip

    with pytest.raises(
        AssertionError, match=r"nothing can happen any more[\s\S]*seed=7[\s\S]*start\('stuck'"
    ):
        assert_adhoc_safe(("stuck.bpmn", bpmn(process("stuck", *elements))), cases=5, seed=7)


def test_the_same_seed_gives_the_same_cases() -> None:
    diagram = ("a.bpmn", draw("A > ( B | C ) > D"))

    first, second = (assert_adhoc_safe(diagram, cases=4, seed=3).told() for _ in range(2))

    assert first == second


def test_without_operations_there_is_only_ordinary_work() -> None:
    played = assert_adhoc_safe(("a.bpmn", draw("A > B")), cases=3, seed=3, operations=())

    assert not played.changes
    assert played.ended == 3


def test_an_unknown_operation_is_refused_by_name() -> None:
    with pytest.raises(Invalid, match="“juggle” is not an operation; there are skip"):
        assert_adhoc_safe(("a.bpmn", draw("A")), operations=["juggle"])
