"""Starting the activities of an ad-hoc sub-process, and saying that it is done: who may, when, and what is told."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playing import Clock, finish, open_tasks

sys.path.insert(0, str(Path(__file__).parents[1] / "conformance"))

from shapes import shape

from caseloom.engine import Case, Complete, CompleteSubProcess, Engine, Person, StartActivity, Suspend
from caseloom.engine.errors import Conflict, Invalid, NotAllowed, NotFound
from caseloom.engine.results import Startable, Status


def begun(engine: Engine, text: str, data: dict[str, Any] | None = None, **called: str) -> Case:
    engine.deploy(("shape.bpmn", shape(text, **called)))

    return engine.start("case", data=data)


def names(engine: Engine, case: Case, by: str | None = None) -> list[str]:
    """What can be started, with a star where a flow has led there."""
    return [
        one.element_id + "*" * one.waiting
        for scope in engine.startable(case.id, by=by)
        for one in scope.activities
    ]


def start(engine: Engine, case: Case, *elements: str, by: str | None = None) -> None:
    for element in elements:
        engine.do(case.id, StartActivity(element), by=by)


# -- what is listed --------------------------------------------------------------------------------------


def test_an_open_ad_hoc_sub_process_is_listed_with_its_activities(engine: Engine) -> None:
    case = begun(engine, "start > adhoc:p { a > b | c } > end")

    (found,) = engine.startable(case.id)

    assert (found.element_id, found.name, found.item) == ("p", "p", None)
    assert found.activities == [Startable("a", "a"), Startable("c", "c")]
    assert (found.completable, found.closing, found.sequential) == (True, False, False)
    assert [one.id for one in engine.case(case.id).occurrences if one.element_id == "p"] == [
        found.occurrence_id
    ]


def test_nothing_is_listed_where_none_is_open(engine: Engine) -> None:
    case = begun(engine, "start > w > adhoc:p { a } > end")

    assert engine.startable(case.id) == []
    finish(engine, case, "w")
    engine.do(case.id, CompleteSubProcess("p"))
    assert engine.startable(case.id) == []
    assert engine.case(case.id).status is Status.COMPLETED


def test_in_sequence_only_what_could_run_now_is_listed(engine: Engine) -> None:
    case = begun(engine, "start > adhoc:p(sequential) { a > b | c } > end")
    assert names(engine, case) == ["a", "c"]

    start(engine, case, "a")
    assert names(engine, case) == []

    finish(engine, case, "a")
    assert names(engine, case) == ["a", "b*", "c"]


def test_in_sequence_an_activity_that_needs_two_tokens_waits_for_both(engine: Engine) -> None:
    case = begun(engine, "start > adhoc:p(sequential) { a > b(attr startQuantity=2) } > end")
    start(engine, case, "a")
    finish(engine, case, "a")
    assert names(engine, case) == ["a"]
    start(engine, case, "a")
    finish(engine, case, "a")
    assert names(engine, case) == ["a", "b*"]

    start(engine, case, "b")

    assert open_tasks(engine, case) == ["b"]
    finish(engine, case, "b")
    assert names(engine, case) == ["a"]


def test_each_item_of_a_multi_instance_has_its_own(engine: Engine) -> None:
    case = begun(engine, "start > adhoc:p(par x in xs) { a } > end", {"xs": ["east", "west"]})

    east, west = engine.startable(case.id)
    engine.do(case.id, StartActivity("a", scope=west.occurrence_id))

    assert [east.item, west.item] == ["east", "west"]
    assert [task.item for task in engine.tasks(case_id=case.id)] == ["west"]
    with pytest.raises(Invalid, match="open 2 times"):
        start(engine, case, "a")


def test_an_ad_hoc_sub_process_that_lets_the_rest_finish_says_that_it_is_closing(engine: Engine) -> None:
    case = begun(engine, "start > adhoc:p(keeps) { a | b } > end")
    start(engine, case, "a")

    engine.do(case.id, CompleteSubProcess("p"))

    (found,) = engine.startable(case.id)
    assert (found.closing, found.completable, found.activities) == (True, False, [])
    with pytest.raises(Conflict, match="takes nothing new on"):
        start(engine, case, "b")


# -- what is refused -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("element", "error", "words"),
    [
        ("b", Conflict, "comes after other activities of “p”"),
        ("w", Invalid, "not in an ad-hoc sub-process"),
        ("x", NotFound, "no element “x”"),
        ("e", Invalid, "not an activity that a person starts"),
        ("h", Invalid, "not an activity that a person starts"),
        ("r", Invalid, "not an activity that a person starts"),
        ("d", Conflict, "is not open"),
    ],
)
def test_what_cannot_be_started_is_refused_with_the_reason(
    engine: Engine, element: str, error: type[Exception], words: str
) -> None:
    case = begun(
        engine,
        "start > adhoc:p { a > b | catch:e(message m) > c | event:h { start:h_start(message n) > i > h_end }"
        " | bound:y(on a; compensate) ~ r(handler) | adhoc:q { d } } > w > end",
    )
    before = engine.case(case.id).revision

    with pytest.raises(error, match=words):
        start(engine, case, element)

    assert engine.case(case.id).revision == before


def test_in_sequence_the_second_is_refused_while_the_first_is_under_way(engine: Engine) -> None:
    case = begun(engine, "start > adhoc:p(sequential) { a | b } > end")
    start(engine, case, "a")

    with pytest.raises(
        Conflict, match="“a” is still under way, and in “p” one activity is done after the other"
    ):
        start(engine, case, "b")


def test_a_condition_decides_about_the_end_not_a_person(engine: Engine) -> None:
    case = begun(engine, "start > adhoc:p(over n > 1) { a } > end", {"n": 1})

    with pytest.raises(Conflict, match="“p” ends when “n > 1” holds, which it does not yet"):
        engine.do(case.id, CompleteSubProcess("p"))

    assert engine.do(case.id, CompleteSubProcess("p", data={"n": 2})).status is Status.COMPLETED


def test_only_an_open_ad_hoc_sub_process_is_completed(engine: Engine) -> None:
    case = begun(engine, "start > w > adhoc:p { a } > end")

    with pytest.raises(Conflict, match="“p” is not open now"):
        engine.do(case.id, CompleteSubProcess("p"))
    with pytest.raises(Invalid, match="“w” is not an ad-hoc sub-process"):
        engine.do(case.id, CompleteSubProcess("w"))
    with pytest.raises(Invalid, match="“w” is not an ad-hoc sub-process"):
        engine.do(case.id, CompleteSubProcess(case.tasks[0].id))
    with pytest.raises(NotFound):
        engine.do(case.id, CompleteSubProcess("nowhere"))


def test_nothing_is_started_in_a_suspended_case(engine: Engine) -> None:
    case = begun(engine, "start > adhoc:p { a } > end")
    engine.do(case.id, Suspend())

    assert engine.startable(case.id) == []
    with pytest.raises(Conflict, match="suspended"):
        start(engine, case, "a")


def test_a_preview_tells_what_opens_and_what_is_withdrawn(engine: Engine) -> None:
    case = begun(engine, "start > adhoc:p { a } > w > end")
    opens = engine.preview(case.id, StartActivity("a"))
    start(engine, case, "a")

    ends = engine.preview(case.id, CompleteSubProcess("p"))

    assert [one.name for one in opens.opened] == ["a"]
    assert ([one.name for one in ends.opened], [one.name for one in ends.withdrawn]) == (["w"], ["a"])


# -- who may ---------------------------------------------------------------------------------------------

PEOPLE = {
    "ann": Person("ann", ["clerks"]),
    "ben": Person("ben", ["bosses"]),
    "mia": Person("mia", ["case-managers"]),
}


@pytest.fixture
def house(clock: Clock) -> Iterator[Engine]:
    with Engine("sqlite://", clock=clock, people=PEOPLE.get) as opened:
        yield opened


@pytest.mark.parametrize(
    ("attributes", "may"),
    [
        ("", ["ann", "ben", "mia"]),
        ("attr camunda:candidateGroups=clerks", ["ann", "mia"]),
        ("attr camunda:assignee=ben", ["ben", "mia"]),
        ("attr camunda:candidateUsers=${who}", ["ann", "mia"]),
    ],
)
def test_whom_the_diagram_names_for_it_chooses_and_a_case_manager(
    house: Engine, attributes: str, may: list[str]
) -> None:
    case = begun(house, f"start > adhoc:p({attributes}) {{ a }} > end", {"who": "ann"})

    assert [who for who in PEOPLE if names(house, case, by=who) == ["a"]] == may
    assert [
        who for who in PEOPLE if house.preview(case.id, StartActivity("a"), by=who).refusal is None
    ] == may
    assert [
        who for who in PEOPLE if house.preview(case.id, CompleteSubProcess("p"), by=who).refusal is None
    ] == may


def test_others_are_told_that_it_is_not_for_them(house: Engine) -> None:
    case = begun(house, "start > adhoc:p(attr camunda:candidateGroups=clerks) { a } > end")

    with pytest.raises(NotAllowed, match="“p” is not for ben"):
        start(house, case, "a", by="ben")
    assert house.startable(case.id, by="ben")[0].completable is False


# -- in the inbox ----------------------------------------------------------------------------------------


def test_it_stands_in_the_inbox_where_the_diagram_says_so_and_is_completed_there(engine: Engine) -> None:
    case = begun(engine, "start > adhoc:p(attr caseloom:inbox=true) { a } > w > end")
    assert open_tasks(engine, case) == ["p"]
    start(engine, case, "a")

    finish(engine, case, "p", enough=True)

    assert open_tasks(engine, case) == ["w"]
    assert engine.case(case.id).data == {"enough": True}


def test_in_the_inbox_too_a_condition_decides(engine: Engine) -> None:
    case = begun(engine, "start > adhoc:p(attr caseloom:inbox=true; over n > 1) { a } > end", {"n": 1})

    with pytest.raises(Conflict, match="does not yet"):
        finish(engine, case, "p")


def test_whom_its_lane_names_chooses(house: Engine) -> None:
    drawn = shape("start > adhoc:p { a } > end").decode()
    lane = '<laneSet id="l"><lane id="l1" name="bosses"><flowNodeRef>p</flowNodeRef></lane></laneSet>'
    lane = lane.replace("<", "<bpmn:").replace("<bpmn:/", "</bpmn:")
    at = drawn.index(">", drawn.index("<bpmn:process ")) + 1
    house.deploy(("shape.bpmn", (drawn[:at] + lane + drawn[at:]).encode()))

    case = house.start("case")

    assert [who for who in PEOPLE if names(house, case, by=who) == ["a"]] == ["ben", "mia"]


@pytest.mark.parametrize(
    "text",
    [
        "start > adhoc:p(attr caseloom:inbox=true) { a | bound:x(on a; compensate) ~ c(handler) }"
        " > throw:t(compensate) > end",
        "start > a(par 2) > throw:t(compensate) > end | bound:x(on a; compensate) ~ c(handler)",
    ],
)
def test_what_is_being_put_right_is_no_task_again(engine: Engine, text: str) -> None:
    case = begun(engine, text)
    if engine.startable(case.id):
        start(engine, case, "a")
        finish(engine, case, "a", "p")
    else:
        for task in engine.tasks(case_id=case.id):
            engine.do(case.id, Complete(task.id))

    assert open_tasks(engine, case) == ["c"]
