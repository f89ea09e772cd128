"""A gate on the last way into a join is seen before the join fires, however the case came into memory."""

from __future__ import annotations

import pytest
from playing import finish, open_tasks, start, task

from caseloom.adhoc import Insert, Revisit, Skip
from caseloom.engine import Case, Complete, Engine

FLOW = "c__join_1"


def last_of_three(engine: Engine) -> Case:
    """Two of three branches wait at the join; work is put on the way of the third."""
    case = start(engine, "( A | B | C ) > D")
    engine.do(case.id, Insert("Look again", flow=FLOW, reason="careful"))
    return finish(engine, case, "A", "B")


def test_the_preview_sees_the_gate(engine: Engine) -> None:
    case = last_of_three(engine)

    for command in (Complete(task(engine, case, "C").id), Skip("c", reason="known")):
        assert [one.name for one in engine.preview(case.id, command).opened] == ["Look again"]


@pytest.mark.parametrize("command", ["Complete", "Skip"])
def test_a_case_that_was_read_again_sees_the_gate(engine: Engine, command: str) -> None:
    case = last_of_three(engine)
    engine.door.hot.clear()

    engine.do(
        case.id, Complete(task(engine, case, "C").id) if command == "Complete" else Skip("c", reason="known")
    )

    assert open_tasks(engine, case) == ["Look again"]


def test_a_gate_that_a_revisit_arms_again_is_seen_before_the_join(engine: Engine) -> None:
    case = last_of_three(engine)
    finish(engine, case, "C")
    look = task(engine, case, "Look again")
    finish(engine, case, "Look again")
    assert open_tasks(engine, case) == ["D"]

    engine.do(case.id, Revisit(look.id, reason="not careful enough"))

    assert open_tasks(engine, case) == ["Look again"]
