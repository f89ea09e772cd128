"""A small process inserted in the place of a task: in the same case and journal, and bent like the rest of it."""

from __future__ import annotations

from typing import Any

import pytest
from drawing import draw
from playing import (
    Clock,
    again,
    finish,
    held_tasks,
    last_change,
    leftovers,
    live,
    marking,
    open_tasks,
    rebuilt,
    start,
    states,
    task,
    tasks,
    thawed,
)

from caseloom.adhoc import Edit, Insert, Remove, Revisit, Skip, Undo
from caseloom.engine import Case, Engine
from caseloom.engine.errors import Invalid, NotFound
from caseloom.engine.results import Status


def with_survey(engine: Engine, line: str = "Measure > Report") -> None:
    engine.deploy(("survey.bpmn", draw(line, key="survey")))


def surveyed(engine: Engine, line: str = "Check > Send", **place: Any) -> Case:
    """The survey stands before Send, and Check is done."""
    with_survey(engine)
    case = start(engine, line)
    engine.do(case.id, Insert("Survey", fragment="survey", **(place or {"before": "send"})))
    return case


def sound(engine: Engine, case: Case) -> None:
    """The state in memory is what the journal gives, and what a snapshot gives back."""
    now = live(engine, case.id)
    assert marking(rebuilt(engine, case.id)) == marking(now)
    assert marking(thawed(now)) == marking(now)


def test_a_process_runs_where_it_was_inserted_and_holds_what_comes_behind(engine: Engine) -> None:
    case = surveyed(engine)
    finish(engine, case, "Check")
    assert open_tasks(engine, case) == ["Measure"]
    sound(engine, case)

    finish(engine, case, "Measure", metres=12)
    assert open_tasks(engine, case) == ["Report"]
    sound(engine, case)
    ended = finish(engine, case, "Report", "Send")

    assert (ended.status, ended.data) == (Status.COMPLETED, {"metres": 12})
    assert leftovers(live(engine, case.id)) == []


def test_it_can_be_put_before_an_open_task_which_it_holds(engine: Engine) -> None:
    case = surveyed(engine, before="check")

    assert (open_tasks(engine, case), held_tasks(engine, case)) == (["Measure"], ["Check"])
    finish(engine, case, "Measure", "Report")
    assert open_tasks(engine, case) == ["Check"]


def test_its_occurrence_has_a_name_and_its_tasks_lie_within_it(engine: Engine) -> None:
    case = surveyed(engine, before="check")

    told = {one.name: one for one in again(engine, case).occurrences}

    assert (told["Survey"].element_id, str(told["Survey"].state)) == (None, "active")
    assert told["Measure"].scope_id == told["Survey"].id


def test_its_process_itself_is_no_task_of_the_inbox(engine: Engine) -> None:
    case = surveyed(engine, before="check")

    assert [one.name for one in tasks(engine, case)] == ["Measure"]


def test_it_stays_with_the_version_that_was_there_when_it_was_inserted(engine: Engine) -> None:
    case = surveyed(engine)
    with_survey(engine, "Measure twice")

    finish(engine, case, "Check")

    assert open_tasks(engine, case) == ["Measure"]


def test_going_back_to_a_step_in_it_after_its_end_opens_it_again(engine: Engine) -> None:
    case = surveyed(engine)
    finish(engine, case, "Check", "Measure", "Report")
    assert open_tasks(engine, case) == ["Send"]

    engine.do(case.id, Revisit("measure", reason="wrong plot"))

    assert open_tasks(engine, case) == ["Measure"]
    sound(engine, case)
    finish(engine, case, "Measure", "Report", "Send")
    assert again(engine, case).status is Status.COMPLETED


def test_going_back_to_it_as_a_whole_runs_it_anew(engine: Engine) -> None:
    case = surveyed(engine)
    finish(engine, case, "Check", "Measure", "Report")
    whole = next(one.id for one in again(engine, case).occurrences if one.name == "Survey")

    engine.do(case.id, Revisit(whole, reason="all of it was wrong"))

    assert open_tasks(engine, case) == ["Measure"]
    assert states(engine, case, "report") == ["(completed)"]
    sound(engine, case)


def test_going_back_before_it_takes_it_away_and_it_comes_again(engine: Engine) -> None:
    case = surveyed(engine)
    finish(engine, case, "Check", "Measure")

    engine.do(case.id, Revisit("check", reason="wrong"))
    assert open_tasks(engine, case) == ["Check"]
    finish(engine, case, "Check")

    assert open_tasks(engine, case) == ["Measure"]
    sound(engine, case)


def test_a_step_in_it_is_skipped_like_any_other(engine: Engine) -> None:
    case = surveyed(engine, before="check")

    engine.do(case.id, Skip("measure", reason="known"))
    assert open_tasks(engine, case) == ["Report"]
    engine.do(case.id, Skip(task(engine, case, "Report").id, reason="known"))

    assert open_tasks(engine, case) == ["Check"]


def test_skipping_it_as_a_whole_ends_what_runs_in_it_and_opens_the_gate(engine: Engine) -> None:
    case = surveyed(engine, before="check")
    whole = next(one.id for one in again(engine, case).occurrences if one.name == "Survey")

    engine.do(case.id, Skip(whole, reason="no need"))

    assert open_tasks(engine, case) == ["Check"]
    assert states(engine, case, "measure") == ["withdrawn"]
    sound(engine, case)


def test_an_undone_skip_of_it_brings_the_very_same_task_back(engine: Engine) -> None:
    case = surveyed(engine, before="check")
    before = task(engine, case, "Measure")
    whole = next(one.id for one in again(engine, case).occurrences if one.name == "Survey")
    engine.do(case.id, Skip(whole, reason="no need"))

    engine.do(case.id, Undo(last_change(engine, case)))

    assert task(engine, case, "Measure") == before


def test_removing_it_withdraws_all_of_it(engine: Engine) -> None:
    case = surveyed(engine, before="check")
    whole = next(one.id for one in again(engine, case).occurrences if one.name == "Survey")

    engine.do(case.id, Remove(whole))

    assert open_tasks(engine, case) == ["Check"]
    sound(engine, case)


def test_one_that_is_enough_withdraws_a_process_beside_it_which_can_still_be_gone_back_into(
    engine: Engine,
) -> None:
    with_survey(engine)
    case = start(engine, "Check > Send")
    works = [Insert("Ask"), Insert("Survey", fragment="survey")]
    engine.do(case.id, Insert.many(works, rule="any", before="check"))
    finish(engine, case, "Measure", "Ask")
    assert open_tasks(engine, case) == ["Check"]

    engine.do(case.id, Revisit("measure", reason="wrong"))

    assert open_tasks(engine, case) == ["Measure"]
    sound(engine, case)
    finish(engine, case, "Measure", "Report")
    assert open_tasks(engine, case) == ["Check"]


def test_a_boundary_event_takes_it_away_with_what_it_holds(engine: Engine, clock: Clock) -> None:
    with_survey(engine)
    case = start(engine, "Check ^timer P2D ( Escalate > ) > Send")
    engine.do(case.id, Insert("Survey", fragment="survey", before="check"))
    finish(engine, case, "Measure")
    clock.forward(days=3)

    engine.run_due()
    assert open_tasks(engine, case) == ["Escalate"]
    sound(engine, case)

    engine.do(case.id, Revisit("measure", reason="too late, but needed"))
    assert (open_tasks(engine, case), held_tasks(engine, case)) == (["Measure"], ["Check"])
    sound(engine, case)


def test_it_may_stand_in_every_item_of_a_multi_instance(engine: Engine) -> None:
    with_survey(engine)
    case = start(engine, "{ Hear: Ask } each n in names > Draft", {"names": ["N1", "N2"]})
    engine.do(case.id, Insert("Survey", fragment="survey", before="ask", item="N2"))

    assert [(one.name, one.item) for one in tasks(engine, case)] == [("Ask", "N1"), ("Measure", "N2")]
    sound(engine, case)
    finish(engine, case, "Measure", "Report")
    finish(engine, case, "Ask", item="N1")
    finish(engine, case, "Ask", item="N2")
    assert open_tasks(engine, case) == ["Draft"]


def test_work_can_be_inserted_into_it(engine: Engine) -> None:
    case = surveyed(engine, before="check")
    engine.do(case.id, Insert("Charge the batteries", before="measure"))
    engine.do(case.id, Insert("Take photos", beside="measure"))

    assert open_tasks(engine, case) == ["Charge the batteries", "Take photos"]
    sound(engine, case)
    finish(engine, case, "Charge the batteries", "Measure", "Take photos", "Report")
    assert open_tasks(engine, case) == ["Check"]


def test_a_gate_of_the_case_is_not_meant_for_a_step_of_the_same_id_in_it(engine: Engine) -> None:
    with_survey(engine, "Send")
    case = start(engine, "Check > Send")
    engine.do(case.id, Insert("Survey", fragment="survey", before="send", repeat="every"))
    finish(engine, case, "Check")

    [only] = tasks(engine, case)
    finish(engine, case, "Send")

    assert only.id != task(engine, case, "Send").id
    assert finish(engine, case, "Send").status is Status.COMPLETED


def test_its_data_are_its_own(engine: Engine) -> None:
    with_survey(engine)
    case = start(engine, "Check > Send")
    engine.do(case.id, Insert("Survey", fragment="survey", before="check", data={"plot": 7}))

    case = finish(engine, case, "Measure", plot=8, metres=3)

    assert case.data == {"metres": 3}


def test_a_message_that_comes_reaches_what_waits_in_it(engine: Engine) -> None:
    with_survey(engine, "@receive answer Wait > Report")
    case = start(engine, "Check > Send")
    engine.do(case.id, Insert("Survey", fragment="survey", before="check"))

    assert engine.message("answer", case_id=case.id) == [case.id]

    assert open_tasks(engine, case) == ["Report"]


def test_an_incident_in_it_is_one_of_the_case(engine: Engine) -> None:
    with_survey(engine, "[ x > 1: A | y > 1: B ] > C")
    case = start(engine, "Check > Send")

    case = engine.do(case.id, Insert("Survey", fragment="survey", before="check"))

    assert len(case.incidents) == 1
    sound(engine, case)


@pytest.mark.parametrize(
    ("insert", "error", "said"),
    [
        (Insert(fragment="nowhere"), NotFound, "no process “nowhere”"),
        (Insert(fragment="survey", assignee="ann"), Invalid, "assignee belongs to one of these"),
        (Insert(fragment="survey", checklist=["look"]), Invalid, "checklist belongs to one of these"),
    ],
)
def test_what_is_no_process_of_its_own_is_refused(
    engine: Engine, insert: Insert, error: type[Exception], said: str
) -> None:
    with_survey(engine)
    case = start(engine, "Check > Send")

    with pytest.raises(error, match=said):
        engine.do(case.id, insert)


def test_a_process_that_runs_is_not_edited_like_a_task(engine: Engine) -> None:
    case = surveyed(engine, before="check")
    whole = next(one.id for one in again(engine, case).occurrences if one.name == "Survey")

    with pytest.raises(Invalid, match="a process with tasks of its own"):
        engine.do(case.id, Edit(whole, assignee="ann"))
