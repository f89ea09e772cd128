"""The plan of a case: written, put in another order, changed, saved, and done like any inserted work."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from drawing import draw
from playing import (
    NOON,
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
    standing,
    start,
    task,
    thawed,
)

from caseloom.adhoc import CasePlan, Edit, Insert, Plan, Remove, Replan, Revisit, Skip, Undo, plans
from caseloom.engine import Case, Engine, Person, Tick
from caseloom.engine.errors import Conflict, Invalid, NotAllowed, NotFound
from caseloom.engine.results import CheckItem, Status


def planned(engine: Engine, *names: str, line: str = "Check > Send", **more: Any) -> Case:
    case = start(engine, line)
    engine.do(case.id, Plan([Insert(name) for name in names], title="Getting there", **more), by="ada")
    return case


def plan(engine: Engine, case: Case) -> CasePlan:
    [found] = plans(engine, case.id)
    return found


def progress(engine: Engine, case: Case) -> list[str]:
    return [f"{one.name}: {one.progress}" for one in plan(engine, case).tasks]


def ids(engine: Engine, case: Case) -> dict[str, str]:
    return {one.name: one.id for one in plan(engine, case).tasks}


def sound(engine: Engine, case: Case) -> None:
    """The state in memory is what the journal gives, and what a snapshot gives back."""
    now = live(engine, case.id)
    assert marking(rebuilt(engine, case.id)) == marking(now)
    assert marking(thawed(now)) == marking(now)


# -- plans -----------------------------------------------------------------------------------------------


def test_a_case_does_not_end_before_its_plan_is_done(engine: Engine) -> None:
    case = planned(engine, "Ask", "Visit")

    finish(engine, case, "Check", "Send", "Ask")
    assert open_tasks(engine, case) == ["Visit"]

    assert finish(engine, case, "Visit").status is Status.COMPLETED


def test_a_plan_in_turn_opens_one_task_after_the_other(engine: Engine) -> None:
    case = planned(engine, "Ask", "Visit", "Report", in_turn=True)

    assert progress(engine, case) == ["Ask: open", "Visit: to come", "Report: to come"]
    finish(engine, case, "Ask")
    assert progress(engine, case) == ["Ask: done", "Visit: open", "Report: to come"]


def test_a_plan_may_stand_at_any_place(engine: Engine) -> None:
    case = planned(engine, "Ask", "Visit", before="send")
    assert progress(engine, case) == ["Ask: to come", "Visit: to come"]

    finish(engine, case, "Check")

    assert open_tasks(engine, case) == ["Ask", "Visit"]
    finish(engine, case, "Ask", "Visit")
    assert open_tasks(engine, case) == ["Send"]


def test_a_plan_tells_what_each_task_is_for_and_until_when(engine: Engine) -> None:
    case = start(engine, "Check")
    works = [
        Insert(
            "Ask", goal="We know", due="P3D", follow_up="P1D", groups=["legal"], checklist=["call", "write"]
        ),
        Insert("Visit", assignee="ben", due="P1D"),
    ]
    engine.do(case.id, Plan(works, title="Getting there", in_turn=True), by="ada")

    first, second = plan(engine, case).tasks

    assert (first.goal, first.due, first.follow_up) == (
        "We know", NOON + timedelta(days=3), NOON + timedelta(days=1),
    )  # fmt: skip
    assert (list(first.groups), list(first.checklist)) == (["legal"], [CheckItem("call"), CheckItem("write")])
    assert (second.assignee, second.due, second.task_id) == ("ben", "P1D", None)
    assert (plan(engine, case).title, plan(engine, case).by) == ("Getting there", "ada")


def test_a_plan_is_put_in_another_order(engine: Engine) -> None:
    case = planned(engine, "Ask", "Visit", "Report", in_turn=True)
    own = ids(engine, case)

    engine.do(case.id, Replan(plan(engine, case).id, order=[own["Ask"], own["Report"]]))
    finish(engine, case, "Ask")

    assert open_tasks(engine, case) == ["Check", "Report"]
    sound(engine, case)


def test_what_is_added_is_waited_for_too(engine: Engine) -> None:
    case = planned(engine, "Ask")

    engine.do(case.id, Replan(plan(engine, case).id, add=[Insert("Visit", goal="seen")]))
    assert open_tasks(engine, case) == ["Ask", "Check", "Visit"]
    finish(engine, case, "Ask", "Check", "Send")

    assert open_tasks(engine, case) == ["Visit"]
    sound(engine, case)
    assert finish(engine, case, "Visit").status is Status.COMPLETED


def test_a_plan_is_changed_in_one_gesture(engine: Engine) -> None:
    case = planned(engine, "Ask", "Visit", "Report", in_turn=True)
    own = ids(engine, case)

    engine.do(
        case.id,
        Replan(
            plan(engine, case).id, title="Sooner", in_turn=False, change=[Edit(own["Report"], name="Write it down")],
            remove=[own["Visit"]], add=[Insert("Archive")],
        ),
    )  # fmt: skip

    assert plan(engine, case).title == "Sooner"
    assert progress(engine, case) == ["Ask: open", "Write it down: open", "Archive: open"]
    sound(engine, case)


def test_an_undone_replan_leaves_the_plan_as_it_was(engine: Engine) -> None:
    case = planned(engine, "Ask", "Visit", "Report", in_turn=True)
    own, before = ids(engine, case), standing(engine, case.id)
    engine.do(
        case.id, Replan(plan(engine, case).id, order=[own["Report"]], remove=[own["Ask"]], in_turn=False)
    )

    engine.do(case.id, Undo(last_change(engine, case)))

    assert standing(engine, case.id) == before


def test_a_removal_cannot_be_undone_once_the_plan_is_over_because_of_it(engine: Engine) -> None:
    case = planned(engine, "Ask", "Visit", in_turn=True)
    engine.do(case.id, Remove(ids(engine, case)["Visit"]))
    removal = last_change(engine, case)
    finish(engine, case, "Ask", "Check")

    with pytest.raises(Conflict, match="already worked"):
        engine.do(case.id, Undo(removal))


def test_a_change_of_a_plan_is_undone_before_what_it_was_built_on(engine: Engine) -> None:
    case = planned(engine, "Ask")
    engine.do(case.id, Replan(plan(engine, case).id, add=[Insert("Visit")]))
    first = last_change(engine, case)
    engine.do(case.id, Replan(plan(engine, case).id, order=[ids(engine, case)["Visit"]]))
    second = last_change(engine, case)

    with pytest.raises(Conflict, match="already worked"):
        engine.do(case.id, Undo(first))
    engine.do(case.id, Undo(second))
    engine.do(case.id, Undo(first))

    assert progress(engine, case) == ["Ask: open"]


def test_what_is_done_of_a_plan_stays_done_after_a_revisit_elsewhere(engine: Engine) -> None:
    case = planned(engine, "Ask", "Visit")
    finish(engine, case, "Check", "Ask")

    engine.do(case.id, Revisit("check", reason="wrong"))

    assert progress(engine, case) == ["Ask: done", "Visit: open"]


def test_a_task_of_a_plan_can_be_revisited_and_those_behind_it_come_again(engine: Engine) -> None:
    case = planned(engine, "Ask", "Visit", in_turn=True)
    asked = task(engine, case, "Ask").id
    finish(engine, case, "Ask")

    engine.do(case.id, Revisit(asked, reason="wrong"))

    assert progress(engine, case) == ["Ask: open", "Visit: to come"]
    sound(engine, case)


def test_a_finished_plan_is_not_changed_any_more(engine: Engine) -> None:
    case = planned(engine, "Ask")
    finish(engine, case, "Ask")

    with pytest.raises(Conflict, match="That plan is done"):
        engine.do(case.id, Replan(plan(engine, case).id, add=[Insert("Visit")]))


@pytest.mark.parametrize(
    ("command", "error", "said"),
    [
        (Plan([]), Invalid, "at least one task"),
        (Plan([Insert("X", before="check")]), Invalid, "given once"),
        (Plan(template="nothing"), NotFound, "no template “nothing”"),
        (Replan("nothing"), NotFound, "no plan “nothing”"),
        (Edit("nothing", name="X"), NotFound, "nothing"),
        (Remove("nothing"), NotFound, "nothing"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(
    engine: Engine, command: Any, error: type[Exception], said: str
) -> None:
    case = start(engine, "Check")

    with pytest.raises(error, match=said):
        engine.do(case.id, command)


# -- changing inserted work ------------------------------------------------------------------------------


def test_an_open_task_gets_another_name_date_and_people(engine: Engine, clock: Clock) -> None:
    case = start(engine, "Check")
    engine.do(case.id, Insert("Ask", before="check", due="P1D", assignee="ann", goal="We know"))
    own = task(engine, case, "Ask").id
    clock.forward(days=1)

    engine.do(
        case.id, Edit(own, name="Ask again", due="P2D", follow_up="P1D", assignee=None, groups=["legal"])
    )

    now = task(engine, case, "Ask again")
    assert (now.id, now.due_at, now.follow_up_at) == (own, NOON + timedelta(days=3), NOON + timedelta(days=2))
    assert (now.assignee, list(now.candidate_groups), now.goal) == (None, ["legal"], "We know")
    sound(engine, case)


def test_work_to_come_is_changed_before_it_opens(engine: Engine) -> None:
    case = start(engine, "Check > Send")
    engine.do(case.id, Insert("Ask", before="send", groups=["legal"]))
    engine.do(case.id, Edit(plan(engine, case).tasks[0].id, groups=None, assignee="ben"))

    finish(engine, case, "Check")

    assert (task(engine, case, "Ask").assignee, list(task(engine, case, "Ask").candidate_groups)) == (
        "ben",
        [],
    )
    sound(engine, case)


def test_a_change_stays_when_the_work_comes_again(engine: Engine) -> None:
    case = start(engine, "Check > Send")
    engine.do(case.id, Insert("Ask", before="send"))
    finish(engine, case, "Check")
    engine.do(case.id, Edit(task(engine, case, "Ask").id, name="Ask again"))

    engine.do(case.id, Revisit("check", reason="wrong"))
    finish(engine, case, "Check")

    assert open_tasks(engine, case) == ["Ask again"]


def test_an_edit_is_undone_exactly(engine: Engine) -> None:
    case = start(engine, "Check")
    engine.do(case.id, Insert("Ask", before="check", due="P1D"))
    before = standing(engine, case.id)
    engine.do(case.id, Edit(task(engine, case, "Ask").id, name="X", due=None))

    engine.do(case.id, Undo(last_change(engine, case)))

    assert standing(engine, case.id) == before


def test_removing_inserted_work_opens_the_gate(engine: Engine) -> None:
    case = start(engine, "Check > Send")
    engine.do(case.id, Insert("Ask", before="check"))

    engine.do(case.id, Remove(task(engine, case, "Ask").id, reason="no need"))

    assert (open_tasks(engine, case), held_tasks(engine, case)) == (["Check"], [])
    sound(engine, case)


def test_removed_work_to_come_never_opens(engine: Engine) -> None:
    case = start(engine, "Check > Send")
    engine.do(case.id, Insert("Ask", before="send", repeat="every"))
    engine.do(case.id, Remove(plan(engine, case).tasks[0].id))

    finish(engine, case, "Check")

    assert open_tasks(engine, case) == ["Send"]
    assert leftovers(live(engine, finish(engine, case, "Send").id)) == []


def test_of_several_the_others_are_still_needed(engine: Engine) -> None:
    case = start(engine, "Check")
    engine.do(case.id, Insert.many([Insert("Ann"), Insert("Ben"), Insert("Cleo")], rule=2, before="check"))

    engine.do(case.id, Remove(task(engine, case, "Cleo").id))
    finish(engine, case, "Ann")
    assert open_tasks(engine, case) == ["Ben"]
    engine.do(case.id, Remove(task(engine, case, "Ben").id))

    assert open_tasks(engine, case) == ["Check"]


def test_what_is_done_or_drawn_is_not_changed(engine: Engine) -> None:
    case = planned(engine, "Ask", "Visit")
    drawn, asked = task(engine, case, "Check").id, ids(engine, case)["Ask"]
    finish(engine, case, "Ask")

    with pytest.raises(Conflict, match="“Ask” is done already"):
        engine.do(case.id, Edit(asked, name="X"))
    with pytest.raises(Invalid, match="comes from the diagram"):
        engine.do(case.id, Remove(drawn))
    engine.do(case.id, Remove(ids(engine, case)["Visit"]))
    with pytest.raises(Conflict, match="“Ask” is done already"):
        engine.do(case.id, Remove(asked))


# -- checklists ------------------------------------------------------------------------------------------


def test_a_checklist_is_ticked_and_what_is_required_has_to_be_done(engine: Engine) -> None:
    case = start(engine, "Check")
    listed = ["call", {"name": "write", "required": True}]
    engine.do(case.id, Insert("Ask", before="check", checklist=listed))
    own = task(engine, case, "Ask").id

    with pytest.raises(Conflict, match="“write” on its checklist is open"):
        finish(engine, case, "Ask")
    engine.do(case.id, Tick(own, "write"), by="ann")
    assert list(task(engine, case, "Ask").checklist) == [
        CheckItem("call"), CheckItem("write", required=True, done=True, by="ann"),
    ]  # fmt: skip
    sound(engine, case)

    assert finish(engine, case, "Ask").status is Status.RUNNING


def test_a_tick_can_be_taken_back(engine: Engine) -> None:
    case = start(engine, "Check")
    engine.do(case.id, Insert("Ask", before="check", checklist=[{"name": "write", "required": True}]))
    own = task(engine, case, "Ask").id
    engine.do(case.id, Tick(own, "write"))

    engine.do(case.id, Tick(own, "write", done=False))

    with pytest.raises(Conflict, match="write"):
        finish(engine, case, "Ask")
    with pytest.raises(Invalid, match="“sing” is not on the checklist of “Ask”: it has write"):
        engine.do(case.id, Tick(own, "sing"))


def test_an_edited_checklist_keeps_what_was_ticked(engine: Engine) -> None:
    case = start(engine, "Check")
    engine.do(case.id, Insert("Ask", before="check", checklist=["call", "write"]))
    own = task(engine, case, "Ask").id
    engine.do(case.id, Tick(own, "call"))

    engine.do(case.id, Edit(own, checklist=["listen", "call"]))

    assert [(one.name, one.done) for one in task(engine, case, "Ask").checklist] == [
        ("listen", False), ("call", True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("checklist", "said"),
    [
        ("call", "is a list of items"),
        (["call", "call"], "the same item twice"),
        ([{"name": "call", "colour": "red"}], "“colour” is nothing"),
        ([" "], "is a text"),
        ([{"name": "call", "required": "yes"}], "is a text"),
    ],
)
def test_a_checklist_that_makes_no_sense_is_refused(engine: Engine, checklist: Any, said: str) -> None:
    case = start(engine, "Check")

    with pytest.raises(Invalid, match=said):
        engine.do(case.id, Insert("Ask", checklist=checklist))


# -- templates -------------------------------------------------------------------------------------------


def test_saved_work_is_inserted_at_any_place(every_engine: Engine) -> None:
    engine = every_engine
    engine.save_template(
        "two lawyers", [Insert("Ann", groups=["legal"]), {"name": "Ben", "due": "P2D"}], rule="any"
    )
    case = start(engine, "Check > Send")

    engine.do(case.id, Insert(template="two lawyers", before="send"))
    finish(engine, case, "Check")

    assert open_tasks(engine, case) == ["Ann", "Ben"]
    assert (plan(engine, case).title, task(engine, case, "Ben").due_at) == (
        "two lawyers",
        NOON + timedelta(days=2),
    )
    finish(engine, case, "Ben")
    assert open_tasks(engine, case) == ["Send"]


def test_the_plan_of_one_case_is_a_template_for_the_next(engine: Engine, clock: Clock) -> None:
    case = planned(engine, "Ask", "Visit", "Report", in_turn=True)
    own = ids(engine, case)
    engine.do(case.id, Edit(own["Visit"], due=NOON + timedelta(days=5), goal="seen"))
    engine.do(case.id, Remove(own["Report"]))
    clock.forward(days=1)

    saved = engine.save_template("Usual", case_id=case.id, plan_id=plan(engine, case).id, by="ada")

    assert (saved.rule, saved.by, [work["name"] for work in saved.works]) == (
        "in-turn",
        "ada",
        ["Ask", "Visit"],
    )
    assert [one.name for one in engine.templates()] == ["Usual"]
    later = start(engine, "Check")
    engine.do(later.id, Plan(template="Usual", title="Again"))
    finish(engine, later, "Ask")
    assert task(engine, later, "Visit").due_at == clock.now + timedelta(days=5)
    assert task(engine, later, "Visit").goal == "seen"


def test_a_template_is_replaced_and_dropped(engine: Engine) -> None:
    engine.save_template("Usual", [Insert("Ask")])
    engine.save_template("Usual", [Insert("Visit")])
    assert [work["name"] for work in engine.templates()[0].works] == ["Visit"]

    engine.drop_template("Usual")

    assert engine.templates() == []
    with pytest.raises(NotFound, match="Usual"):
        engine.drop_template("Usual")


def test_a_template_brings_its_own_tasks(engine: Engine) -> None:
    engine.save_template("Usual", [Insert("Ask")])
    case = start(engine, "Check")

    with pytest.raises(Invalid, match="assignee cannot be given besides"):
        engine.do(case.id, Insert(template="Usual", assignee="ann"))
    with pytest.raises(Invalid, match="stands for itself"):
        engine.do(case.id, Insert.many([Insert(template="Usual")]))


@pytest.mark.parametrize(
    ("keywords", "said"),
    [
        ({}, "at least one task"),
        ({"tasks": [{"name": "X", "colour": "red"}]}, "“colour” is nothing that a task has"),
        ({"tasks": [{"goal": "X"}]}, "needs a name"),
        ({"tasks": [{"name": "X"}], "rule": 2}, "of 1 tasks"),
        ({"tasks": [{"name": "X"}], "case_id": "1", "plan_id": "2"}, "from tasks, or from the plan"),
    ],
)
def test_a_template_that_makes_no_sense_is_not_saved(engine: Engine, keywords: Any, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        engine.save_template("Usual", **keywords)


# -- timers, and the end of the case ---------------------------------------------------------------------


def test_the_timers_of_a_held_step_go_on_unless_they_are_stopped(engine: Engine, clock: Clock) -> None:
    case = start(engine, "Check ^timer P2D ( Escalate > ) > Send")
    engine.do(case.id, Insert("Ask", before="check", pause_timers=True))
    sound(engine, case)
    clock.forward(days=3)
    assert (engine.next_due(), engine.run_due()) == (None, 0)

    finish(engine, case, "Ask")
    assert engine.next_due() == NOON + timedelta(days=5)
    sound(engine, case)
    clock.forward(days=2)
    engine.run_due()

    assert open_tasks(engine, case) == ["Escalate"]


def test_timers_stand_still_as_long_as_any_work_stops_them(engine: Engine, clock: Clock) -> None:
    case = start(engine, "Check ^timer P2D ( Escalate > ) > Send")
    engine.do(case.id, Insert("Ask", before="check", pause_timers=True))
    clock.forward(days=1)
    engine.do(case.id, Insert("Visit", before="check", pause_timers=True))
    clock.forward(days=1)
    finish(engine, case, "Ask")
    clock.forward(days=1)
    assert engine.run_due() == 0

    finish(engine, case, "Visit")

    assert engine.next_due() == NOON + timedelta(days=5)
    sound(engine, case)


def test_an_undone_insert_gives_the_timer_its_own_date_back(engine: Engine, clock: Clock) -> None:
    case = start(engine, "Check ^timer P2D ( Escalate > ) > Send")
    before = standing(engine, case.id)
    engine.do(case.id, Insert("Ask", before="check", pause_timers=True))
    clock.forward(days=1)

    engine.do(case.id, Undo(last_change(engine, case)))

    assert standing(engine, case.id) == before


def test_only_work_before_a_step_can_stop_its_timers(engine: Engine) -> None:
    case = start(engine, "Check")

    with pytest.raises(Invalid, match="before it"):
        engine.do(case.id, Insert("Ask", beside="check", pause_timers=True))


def test_free_work_is_withdrawn_at_the_end_or_finished_as_its_handler_says(engine: Engine) -> None:
    case = start(engine, "Check")
    engine.do(case.id, Insert("Note", blocking=False))
    engine.do(case.id, Insert("Call back", blocking=False, at_end="finish"))

    assert finish(engine, case, "Check").status is Status.RUNNING
    assert open_tasks(engine, case) == ["Call back", "Note"]
    ended = finish(engine, case, "Call back")

    assert ended.status is Status.COMPLETED
    assert [str(one.state) for one in ended.occurrences if one.name == "Note"] == ["withdrawn"]


def test_free_work_that_is_to_be_finished_holds_nothing_but_the_end(engine: Engine) -> None:
    case = start(engine, "{ Hear: Ask > Note } > Send")
    engine.do(case.id, Insert("Photos", before="note", blocking=False, at_end="finish"))

    finish(engine, case, "Ask", "Note", "Send")
    assert open_tasks(engine, case) == ["Photos"]
    sound(engine, case)

    assert finish(engine, case, "Photos").status is Status.COMPLETED


def test_the_author_says_what_becomes_of_free_work_where_the_handler_does_not(engine: Engine) -> None:
    case = start(engine, "Check", attributes={"case": {"caseloom:freeWork": "finish"}})
    engine.do(case.id, Insert("Call back", blocking=False))
    engine.do(case.id, Insert("Note", blocking=False, at_end="withdraw"))

    assert finish(engine, case, "Check").status is Status.RUNNING
    assert finish(engine, case, "Call back").status is Status.COMPLETED


def test_blocking_work_is_waited_for_anyway(engine: Engine) -> None:
    case = start(engine, "Check")

    with pytest.raises(Invalid, match="always waited for"):
        engine.do(case.id, Insert("Ask", at_end="withdraw"))


# -- rights ----------------------------------------------------------------------------------------------

PEOPLE = {
    "ann": Person("ann", ["clerks"]),
    "ben": Person("ben", ["bosses"]),
    "mia": Person("mia", ["case-managers"]),
}


@pytest.fixture
def house(clock: Clock) -> Iterator[Engine]:
    with Engine("sqlite://", clock=clock, people=PEOPLE.get) as opened:
        yield opened


def who_may(house: Engine, case: Case, command: Any) -> list[str]:
    return [person for person in PEOPLE if house.preview(case.id, command, by=person).refusal is None]


def test_inserted_work_is_changed_by_who_inserted_it_who_may_work_it_and_case_managers(house: Engine) -> None:
    house.deploy(("drawn.bpmn", draw("Check <groups=clerks> > Send")))
    case = house.start("case")
    house.do(case.id, Insert("Ask", before="check", groups=["bosses"]), by="ann")
    own = task(house, case, "Ask").id

    assert who_may(house, case, Remove(own)) == ["ann", "ben", "mia"]
    house.do(case.id, Insert("Visit", groups=["bosses"]), by="mia")
    assert who_may(house, case, Remove(task(house, case, "Visit").id)) == ["ben", "mia"]
    with pytest.raises(NotAllowed, match="ann may not change “Visit”"):
        house.do(case.id, Edit(task(house, case, "Visit").id, name="X"), by="ann")


def test_the_groups_of_the_diagram_say_who_changes_a_plan(house: Engine) -> None:
    drawn = draw("Check <groups=clerks> > Send", attributes={"case": {"caseloom:insertGroups": "bosses"}})
    house.deploy(("drawn.bpmn", drawn))
    case = house.start("case")
    house.do(case.id, Plan([Insert("Ask")]))

    assert who_may(house, case, Replan(plan(house, case).id, add=[Insert("Visit")])) == ["ben"]


def test_skipping_a_task_of_a_plan_lets_the_next_one_open(engine: Engine) -> None:
    case = planned(engine, "Ask", "Visit", in_turn=True)

    engine.do(case.id, Skip(task(engine, case, "Ask").id, reason="known"))

    assert progress(engine, case) == ["Ask: skipped", "Visit: open"]
    assert again(engine, case).status is Status.RUNNING
