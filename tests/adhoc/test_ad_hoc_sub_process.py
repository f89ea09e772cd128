"""Ad-hoc changes around BPMN's ad-hoc sub-processes: going back, skipping, inserting, undoing, migrating."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from playing import (
    again,
    finish,
    last_change,
    live,
    marking,
    open_tasks,
    rebuilt,
    standing,
    states,
    task,
    thawed,
)

sys.path.insert(0, str(Path(__file__).parents[1] / "conformance"))

from shapes import shape

from caseloom.adhoc import Insert, JumpTo, Revisit, Skip, Undo, options
from caseloom.engine import Case, CompleteSubProcess, Engine, StartActivity
from caseloom.engine.errors import Conflict
from caseloom.engine.results import Status


def begun(engine: Engine, text: str, data: dict[str, Any] | None = None) -> Case:
    engine.deploy(("shape.bpmn", shape(text)))

    return engine.start("case", data=data)


def do(engine: Engine, case: Case, *steps: str, **data: Any) -> Case:
    """`+a` starts an activity, `-p` ends an ad-hoc sub-process, any other completes a task."""
    for step in steps:
        if step.startswith("+"):
            case = engine.do(case.id, StartActivity(step[1:]))
        elif step.startswith("-"):
            case = engine.do(case.id, CompleteSubProcess(step[1:]))
        else:
            case = finish(engine, case, step, **data)
        instance = live(engine, case.id)
        assert marking(thawed(instance)) == marking(instance) == marking(rebuilt(engine, case.id))

    return case


def revisit(engine: Engine, case: Case, target: str, **how: Any) -> Case:
    return engine.do(case.id, Revisit(target, reason="wrong", **how), by="ada")


def choices(engine: Engine, case: Case) -> list[str]:
    return [one.element_id for scope in engine.startable(case.id) for one in scope.activities]


# -- going back ------------------------------------------------------------------------------------------


def test_one_activity_is_done_again_and_the_others_stay(engine: Engine) -> None:
    case = begun(engine, "start > adhoc:p { a > b | c } > end")
    do(engine, case, "+a", "a", "b", "+c", "c")

    revisit(engine, case, "a")

    assert open_tasks(engine, case) == ["a"]
    assert (states(engine, case, "b"), states(engine, case, "c")) == (["(completed)"], ["completed"])
    do(engine, case, "a", "b", "-p")
    assert again(engine, case).status is Status.COMPLETED


def test_in_sequence_what_came_later_falls_with_it(engine: Engine) -> None:
    """Only one activity runs at a time, so what was chosen next owes its turn to the end of the one before."""
    case = begun(engine, "start > adhoc:p(sequential) { a | b | c } > end")
    do(engine, case, "+a", "a", "+b", "b", "+c")

    revisit(engine, case, "b")

    assert open_tasks(engine, case) == ["b"]
    assert (states(engine, case, "a"), states(engine, case, "c")) == (["completed"], ["(withdrawn)"])
    assert choices(engine, case) == []
    do(engine, case, "b", "+c", "c", "-p")
    assert again(engine, case).status is Status.COMPLETED


def test_an_activity_of_one_that_has_ended_opens_it_again(engine: Engine) -> None:
    case = begun(engine, "start > adhoc:p { a | b } > w > end")
    do(engine, case, "+a", "+b", "a", "-p")
    assert open_tasks(engine, case) == ["w"]

    revisit(engine, case, "a")

    assert open_tasks(engine, case) == ["a", "b"]
    assert states(engine, case, "w") == ["(withdrawn)"]
    assert choices(engine, case) == ["a", "b"]
    do(engine, case, "a", "b", "-p", "w")
    assert again(engine, case).status is Status.COMPLETED


def test_a_condition_is_asked_again_after_going_back(engine: Engine) -> None:
    case = begun(engine, "start > adhoc:p(over n = 2) { a } > w > end", {"n": 0})
    do(engine, case, "+a", "a", n=2)

    revisit(engine, case, "a")
    do(engine, case, "a", n=1)
    assert choices(engine, case) == ["a"]

    do(engine, case, "+a", "a", n=2)
    assert open_tasks(engine, case) == ["w"]


def test_going_back_opens_what_was_closing(engine: Engine) -> None:
    case = begun(engine, "start > adhoc:p(over n = 2; keeps) { a | b } > end", {"n": 0})
    do(engine, case, "+a", "+b")
    do(engine, case, "a", n=2)
    assert engine.startable(case.id)[0].closing

    revisit(engine, case, "a")

    assert not engine.startable(case.id)[0].closing
    assert open_tasks(engine, case) == ["a", "b"]


def test_as_a_whole_it_begins_anew(engine: Engine) -> None:
    case = begun(engine, 'start > adhoc:p(begins ["a"]) { a | b } > w > end')
    do(engine, case, "+b", "a", "b")

    revisit(engine, case, "p")

    assert open_tasks(engine, case) == ["a"]
    assert states(engine, case, "b") == ["(completed)"]
    assert states(engine, case, "p") == ["(completed)", "active"]


def test_earlier_answers_are_offered_when_it_is_started_again(engine: Engine) -> None:
    case = begun(engine, "start > v > adhoc:p { a } > end")
    do(engine, case, "v", "+a")
    do(engine, case, "a", answer=42)

    revisit(engine, case, "v")
    do(engine, case, "v", "+a")

    assert task(engine, case, "a").previous == {"answer": 42}


def test_an_event_that_is_heard_again_and_again_is_gone_back_to(engine: Engine) -> None:
    case = begun(engine, "start > adhoc:p { a | catch:m(message m) > b } > end")
    engine.message("m", case_id=case.id)
    do(engine, case, "b")
    engine.message("m", case_id=case.id)
    first = next(one for one in again(engine, case).occurrences if one.element_id == "m")

    revisit(engine, case, first.id)

    assert [
        one.state for one in again(engine, case).occurrences if one.element_id == "m" and one.effective
    ] == ["active"]
    engine.message("m", case_id=case.id)
    assert open_tasks(engine, case) == ["b"]


# -- skipping, inserting, undoing ------------------------------------------------------------------------


def test_skipping_an_activity_is_looked_at_as_its_end(engine: Engine) -> None:
    case = begun(engine, "start > adhoc:p(over n = 2) { a } > w > end", {"n": 0})
    do(engine, case, "+a")

    engine.do(case.id, Skip("a", reason="known", data={"n": 2}))

    assert open_tasks(engine, case) == ["w"]


def test_jumping_ahead_is_looked_at_too(engine: Engine) -> None:
    case = begun(engine, "start > adhoc:p(over n = 2) { a > b > c } > w > end", {"n": 0})
    do(engine, case, "+a")
    engine.do(case.id, JumpTo("c", reason="known", data={"n": 1}))
    assert open_tasks(engine, case) == ["c"]
    do(engine, case, "+a")

    engine.do(case.id, JumpTo("c", reason="known", branch="a", data={"n": 2}))

    assert open_tasks(engine, case) == ["w"]


def test_the_whole_is_skipped_though_its_condition_never_held(engine: Engine) -> None:
    case = begun(engine, "start > adhoc:p(over n = 2) { a } > w > end", {"n": 0})
    do(engine, case, "+a")

    engine.do(case.id, Skip("p", reason="not needed"))

    assert open_tasks(engine, case) == ["w"]
    assert (states(engine, case, "p"), states(engine, case, "a")) == (["skipped"], ["withdrawn"])


def test_what_can_be_started_can_be_skipped_and_prepared_in_advance(engine: Engine) -> None:
    case = begun(engine, "start > adhoc:p { a > b | c } > end")

    possible = options(engine, case.id)

    assert [one.id for one in possible.skip if one.occurrence_id is None] == ["a", "b", "c"]
    assert {("before", "a"), ("after", "c")} <= {(one.kind, one.id) for one in possible.insert}


def test_a_standing_order_skips_what_is_started(engine: Engine) -> None:
    case = begun(engine, "start > adhoc:p { a > b } > end")
    engine.do(case.id, Skip("a", reason="known", when="next"))

    do(engine, case, "+a")

    assert open_tasks(engine, case) == ["b"]


def test_work_before_an_activity_holds_it_when_it_is_started(engine: Engine) -> None:
    case = begun(engine, "start > adhoc:p(sequential) { a | b } > end")
    engine.do(case.id, Insert("Ask", before="a"))

    do(engine, case, "+a")

    assert open_tasks(engine, case) == ["Ask"]
    assert choices(engine, case) == []
    do(engine, case, "Ask")
    assert open_tasks(engine, case) == ["a"]


def test_work_in_it_has_to_be_done_before_it_ends(engine: Engine) -> None:
    case = begun(engine, "start > adhoc:p { a } > w > end")
    engine.do(case.id, Insert("Ask", scope="p"))
    do(engine, case, "+a", "-p")
    assert open_tasks(engine, case) == ["Ask", "a"]

    do(engine, case, "Ask")

    assert open_tasks(engine, case) == ["w"]


def test_work_before_what_is_withdrawn_is_withdrawn_with_it(engine: Engine) -> None:
    case = begun(engine, "start > adhoc:p { a > b } > w > end")
    engine.do(case.id, Insert("Ask", before="b"))
    do(engine, case, "+a", "a")
    assert open_tasks(engine, case) == ["Ask"]

    do(engine, case, "-p")

    assert open_tasks(engine, case) == ["w"]


def test_work_before_the_whole_holds_it(engine: Engine) -> None:
    case = begun(engine, "start > adhoc:p { a } > w > end")
    engine.do(case.id, Insert("Ask", before="p"))

    with pytest.raises(Conflict, match="“p” is held"):
        do(engine, case, "+a")
    assert choices(engine, case) == []
    do(engine, case, "Ask", "+a")
    assert open_tasks(engine, case) == ["a"]


def test_undoing_puts_the_very_same_back(engine: Engine) -> None:
    case = begun(engine, "start > adhoc:p(sequential) { a > b | c } > w > end")
    do(engine, case, "+a", "a", "+c", "c", "+b", "b", "-p")
    before = standing(engine, case.id)

    revisit(engine, case, "c")
    assert open_tasks(engine, case) == ["c"]
    engine.do(case.id, Undo(last_change(engine, case)))

    assert standing(engine, case.id) == before


def test_a_change_on_which_somebody_has_started_work_is_not_undone(engine: Engine) -> None:
    case = begun(engine, "start > v > adhoc:p { a } > end")
    engine.do(case.id, Skip("v", reason="known"))
    change = last_change(engine, case)
    do(engine, case, "+a")

    with pytest.raises(Conflict, match="already worked on"):
        engine.do(case.id, Undo(change))


# -- another version -------------------------------------------------------------------------------------


def test_a_case_goes_on_in_a_version_with_more_to_choose(engine: Engine) -> None:
    case = begun(engine, "start > adhoc:p { a > b } > end")
    do(engine, case, "+a", "a")
    engine.deploy(("shape.bpmn", shape("start > adhoc:p { a > b | c } > end")))

    engine.migrate(case.id, 2)

    assert (open_tasks(engine, case), choices(engine, case)) == (["b"], ["a", "c"])
    do(engine, case, "+c", "c", "b", "-p")
    assert again(engine, case).status is Status.COMPLETED


def test_two_at_a_time_do_not_fit_a_version_with_one_after_the_other(engine: Engine) -> None:
    case = begun(engine, "start > adhoc:p { a | b } > end")
    do(engine, case, "+a", "+b")
    engine.deploy(("shape.bpmn", shape("start > adhoc:p(sequential) { a | b } > end")))

    with pytest.raises(Conflict, match="would no longer fit"):
        engine.migrate(case.id, 2)
