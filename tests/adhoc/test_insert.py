"""Inserted work: where it may stand, what waits for it, and that it delays and nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest
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
    start,
    task,
    tasks,
    thawed,
)

from caseloom.adhoc import Insert, Remove, Revisit, Skip, Undo
from caseloom.engine import Claim, Complete, Engine
from caseloom.engine.errors import Conflict, Invalid, NotFound
from caseloom.engine.results import FormField, Status

# -- anchors ---------------------------------------------------------------------------------------------


def test_work_before_an_open_task_holds_it(engine: Engine) -> None:
    case = start(engine, "Check > Send")
    check = task(engine, case, "Check")

    engine.do(case.id, Insert("Ask the lawyer", before=check.id), by="ada")

    assert (open_tasks(engine, case), held_tasks(engine, case)) == (["Ask the lawyer"], ["Check"])
    with pytest.raises(Conflict, match="held"):
        engine.do(case.id, Complete(check.id))
    with pytest.raises(Conflict, match="held"):
        engine.do(case.id, Claim(check.id), by="bo")
    finish(engine, case, "Ask the lawyer")
    assert task(engine, case, "Check").id == check.id


def test_work_before_an_element_to_come_waits_for_its_token(engine: Engine) -> None:
    case = start(engine, "Check > Send")

    engine.do(case.id, Insert("Ask the lawyer", before="send"))

    assert open_tasks(engine, case) == ["Check"]
    finish(engine, case, "Check")
    assert (open_tasks(engine, case), held_tasks(engine, case)) == (["Ask the lawyer"], [])
    finish(engine, case, "Ask the lawyer")
    assert open_tasks(engine, case) == ["Send"]


def test_work_after_a_task_comes_before_the_gateway_behind_it_so_that_its_answer_decides(
    engine: Engine,
) -> None:
    case = start(engine, "Check > [ fine: Send | else: Refuse ]", {"fine": False})
    engine.do(case.id, Insert("Second opinion", after="check"))

    finish(engine, case, "Check")
    assert open_tasks(engine, case) == ["Second opinion"]
    finish(engine, case, "Second opinion", fine=True)

    assert open_tasks(engine, case) == ["Send"]


def test_work_after_a_task_that_splits_holds_every_token_that_leaves(engine: Engine) -> None:
    case = start(engine, "Check ~> ( Send | File )")
    engine.do(case.id, Insert("Second opinion", after="check"))

    finish(engine, case, "Check")
    assert open_tasks(engine, case) == ["Second opinion"]
    finish(engine, case, "Second opinion")

    assert open_tasks(engine, case) == ["File", "Send"]


def test_work_after_a_finished_branch_holds_its_token_at_the_join(engine: Engine) -> None:
    case = start(engine, "( Check plot | Check applicant ) > Draft")
    done = task(engine, case, "Check plot")
    finish(engine, case, "Check plot")

    engine.do(case.id, Insert("Look again", after=done.id))
    finish(engine, case, "Check applicant")

    assert open_tasks(engine, case) == ["Look again"]
    finish(engine, case, "Look again")
    assert open_tasks(engine, case) == ["Draft"]


def test_work_beside_a_task_holds_what_leaves_it(engine: Engine) -> None:
    case = start(engine, "Check > Send")
    engine.do(case.id, Insert("Take photos", beside="check"))
    assert open_tasks(engine, case) == ["Check", "Take photos"]

    finish(engine, case, "Check")
    assert open_tasks(engine, case) == ["Take photos"]
    finish(engine, case, "Take photos")
    assert open_tasks(engine, case) == ["Send"]


def test_work_beside_a_task_that_is_done_first_holds_nothing(engine: Engine) -> None:
    case = start(engine, "Check > Send")
    engine.do(case.id, Insert("Take photos", beside="check"))

    finish(engine, case, "Take photos", "Check")

    assert open_tasks(engine, case) == ["Send"]


def test_work_beside_a_task_to_come_opens_with_it(engine: Engine) -> None:
    case = start(engine, "Check > Send > File")
    engine.do(case.id, Insert("Take photos", beside="send"))
    assert open_tasks(engine, case) == ["Check"]

    finish(engine, case, "Check")

    assert open_tasks(engine, case) == ["Send", "Take photos"]
    finish(engine, case, "Send", "Take photos")
    assert open_tasks(engine, case) == ["File"]


def test_work_on_a_flow_holds_the_token_that_takes_it(engine: Engine) -> None:
    case = start(engine, "Check > [ fine: Send | else: Refuse ]", {"fine": True})
    engine.do(case.id, Insert("Only for a yes", flow="choice_1__send"))
    engine.do(case.id, Insert("Only for a no", flow="choice_1__refuse"))

    finish(engine, case, "Check")

    assert open_tasks(engine, case) == ["Only for a yes"]
    finish(engine, case, "Only for a yes")
    assert open_tasks(engine, case) == ["Send"]


def test_work_in_a_sub_process_has_to_be_done_before_it_ends(engine: Engine) -> None:
    case = start(engine, "{ Hear: Ask } > Draft")
    engine.do(case.id, Insert("Translate", scope="hear"))

    finish(engine, case, "Ask")
    assert open_tasks(engine, case) == ["Translate"]
    finish(engine, case, "Translate")

    assert open_tasks(engine, case) == ["Draft"]


def test_work_at_the_case_has_to_be_done_before_it_ends(engine: Engine) -> None:
    case = start(engine, "Check")
    engine.do(case.id, Insert("Call back"))

    assert finish(engine, case, "Check").status is Status.RUNNING
    assert finish(engine, case, "Call back").status is Status.COMPLETED


def test_work_that_does_not_block_is_withdrawn_when_the_case_ends(engine: Engine) -> None:
    case = start(engine, "Check")
    engine.do(case.id, Insert("Call back", blocking=False))
    assert open_tasks(engine, case) == ["Call back", "Check"]

    ended = finish(engine, case, "Check")

    assert ended.status is Status.COMPLETED
    assert open_tasks(engine, case) == []
    assert [str(one.state) for one in ended.occurrences if one.name == "Call back"] == ["withdrawn"]


@pytest.mark.parametrize("anchor", ["before", "after", "beside"])
def test_work_that_does_not_block_holds_nothing_anywhere(engine: Engine, anchor: str) -> None:
    case = start(engine, "Check > Send > File")
    engine.do(case.id, Insert("Take photos", blocking=False, **{anchor: "send"}))

    finish(engine, case, "Check", "Send")

    assert open_tasks(engine, case) == ["File", "Take photos"]
    assert finish(engine, case, "Take photos", "File").status is Status.COMPLETED


def test_work_inside_an_item_holds_only_that_item(engine: Engine) -> None:
    case = start(engine, "{ Hear: Ask > Note } each n in names > Draft", {"names": ["N1", "N2"]})
    engine.do(case.id, Insert("Translate", before="ask", item="N2"))

    assert [(one.name, one.item) for one in tasks(engine, case) if one.name == "Ask"] == [("Ask", "N1")]
    finish(engine, case, "Translate")
    assert sorted(one.item for one in tasks(engine, case)) == ["N1", "N2"]


def test_work_around_a_multi_instance_activity_waits_for_it_as_a_whole(engine: Engine) -> None:
    case = start(engine, "Ask each n in names > Draft", {"names": ["N1", "N2"]})
    engine.do(case.id, Insert("Sum up", after="ask"))

    finish(engine, case, "Ask", item="N1")
    assert open_tasks(engine, case) == ["Ask"]
    finish(engine, case, "Ask", item="N2")

    assert open_tasks(engine, case) == ["Sum up"]


# -- how much, how often ---------------------------------------------------------------------------------


def experts(rule: str | int) -> Insert:
    return Insert.many([Insert("Ann"), Insert("Ben"), Insert("Cleo")], rule=rule, after="check")  # type: ignore[arg-type]


def test_all_of_several_have_to_be_done(engine: Engine) -> None:
    case = start(engine, "Check > Send")
    engine.do(case.id, experts("all"))

    finish(engine, case, "Check", "Cleo", "Ann")
    assert open_tasks(engine, case) == ["Ben"]
    finish(engine, case, "Ben")
    assert open_tasks(engine, case) == ["Send"]


def test_any_of_several_is_enough_and_the_others_are_withdrawn(engine: Engine) -> None:
    case = start(engine, "Check > Send")
    engine.do(case.id, experts("any"))

    finish(engine, case, "Check", "Ben")

    assert open_tasks(engine, case) == ["Send"]
    told = {one.name: str(one.state) for one in again(engine, case).occurrences if one.element_id is None}
    assert told == {"Ann": "withdrawn", "Ben": "completed", "Cleo": "withdrawn"}


def test_a_number_of_several_is_enough(engine: Engine) -> None:
    case = start(engine, "Check > Send")
    engine.do(case.id, experts(2))

    finish(engine, case, "Check", "Cleo")
    assert open_tasks(engine, case) == ["Ann", "Ben"]
    finish(engine, case, "Ann")
    assert open_tasks(engine, case) == ["Send"]


def test_several_in_turn_open_one_after_the_other(engine: Engine) -> None:
    case = start(engine, "Check > Send")
    engine.do(case.id, experts("in-turn"))

    seen = []
    finish(engine, case, "Check")
    while (names := open_tasks(engine, case)) != ["Send"]:
        seen += names
        finish(engine, case, *names)

    assert seen == ["Ann", "Ben", "Cleo"]


def test_work_is_done_once_unless_every_time_is_asked_for(engine: Engine) -> None:
    case = start(engine, "( Write > Review until done )", {"done": False})
    engine.do(case.id, Insert("Proofread", before="review"))
    engine.do(case.id, Insert("Spell check", before="write", repeat="every"))

    done = []
    for _ in range(8):
        [name] = open_tasks(engine, case)
        done.append(name)
        finish(engine, case, name)

    assert done == [
        "Spell check", "Write", "Proofread", "Review",
        "Spell check", "Write", "Review",
        "Spell check",
    ]  # fmt: skip


def test_a_held_task_is_listed_only_where_it_is_asked_for(engine: Engine) -> None:
    case = start(engine, "Check > Send")
    engine.do(case.id, Insert("First this", before="check"))

    assert [one.name for one in engine.tasks(case_id=case.id)] == ["First this"]
    assert [one.name for one in again(engine, case).tasks] == ["First this"]
    assert [(one.name, one.held) for one in engine.tasks(case_id=case.id, held=True)] == [
        ("Check", True),
        ("First this", False),
    ]
    assert [str(one.state) for one in again(engine, case).occurrences if one.element_id == "check"] == [
        "held"
    ]


def test_gates_may_stand_before_one_another(engine: Engine) -> None:
    case = start(engine, "Check > Send")
    engine.do(case.id, Insert("First", before="check"))
    engine.do(case.id, Insert("Second", before="check"))
    assert open_tasks(engine, case) == ["First", "Second"]

    finish(engine, case, "First")
    assert held_tasks(engine, case) == ["Check"]
    finish(engine, case, "Second")
    assert open_tasks(engine, case) == ["Check"]


def test_work_may_be_put_before_inserted_work_that_is_open(engine: Engine) -> None:
    case = start(engine, "Check > Send")
    engine.do(case.id, Insert("Ask", before="check"))

    engine.do(case.id, Insert("Find the file", before=task(engine, case, "Ask").id))
    assert (open_tasks(engine, case), held_tasks(engine, case)) == (["Find the file"], ["Ask", "Check"])
    assert marking(thawed(live(engine, case.id))) == marking(live(engine, case.id))
    finish(engine, case, "Find the file")
    assert (open_tasks(engine, case), held_tasks(engine, case)) == (["Ask"], ["Check"])
    finish(engine, case, "Ask")
    assert open_tasks(engine, case) == ["Check"]


def test_what_stands_before_inserted_work_goes_with_it_and_comes_again_when_it_is_revisited(
    engine: Engine, clock: Clock
) -> None:
    case = start(engine, "Check ^timer P2D ( Escalate > ) > Send")
    engine.do(case.id, Insert("Ask", before="check"))
    engine.do(case.id, Insert("Find the file", before=task(engine, case, "Ask").id))
    engine.do(case.id, Insert("Call", before=task(engine, case, "Ask", held=True).id))
    call = task(engine, case, "Call").id
    finish(engine, case, "Call")
    clock.forward(days=3)
    engine.run_due()
    assert (open_tasks(engine, case), held_tasks(engine, case)) == (["Escalate"], [])
    assert len(live(engine, case.id).rounds) == 0

    engine.do(case.id, Revisit(call, reason="he was out"))

    assert (open_tasks(engine, case), held_tasks(engine, case)) == (
        ["Call", "Find the file"],
        ["Ask", "Check"],
    )
    assert marking(rebuilt(engine, case.id)) == marking(live(engine, case.id))


def test_removed_work_takes_what_stands_before_it_along(engine: Engine) -> None:
    case = start(engine, "Check > Send")
    engine.do(case.id, Insert("Ask", before="check"))
    engine.do(case.id, Insert("Find the file", before=task(engine, case, "Ask").id))

    engine.do(case.id, Remove(task(engine, case, "Ask", held=True).id))

    assert (open_tasks(engine, case), held_tasks(engine, case)) == (["Check"], [])


# -- what an inserted task has ---------------------------------------------------------------------------


def test_an_inserted_task_has_people_a_date_a_form_and_a_goal(engine: Engine, clock: Clock) -> None:
    case = start(engine, "Check > Send")
    fields = [{"id": "advice", "label": "Advice", "required": True, "options": ["yes", ("no", "No")]}]
    engine.do(
        case.id,
        Insert(
            "Ask the lawyer", before="send", assignee="ann", groups=["lawyers"], due="P3D", form=fields,
            goal="We know whether we may", data={"advice": "perhaps"},
        ),
    )  # fmt: skip
    clock.forward(days=1)

    finish(engine, case, "Check")

    asked = task(engine, case, "Ask the lawyer")
    assert (asked.kind, asked.element_id, asked.assignee) == ("adhoc", None, "ann")
    assert list(asked.candidate_groups) == ["lawyers"]
    assert asked.due_at == NOON + timedelta(days=4)
    assert asked.form is not None
    assert asked.form.fields == (
        FormField("advice", "Advice", options=(("yes", "yes"), ("no", "No")), required=True),
    )
    assert asked.goal == "We know whether we may"
    assert asked.previous == {"advice": "perhaps"}


def test_a_due_date_may_be_a_date(engine: Engine) -> None:
    case = start(engine, "Check")

    engine.do(case.id, Insert("Call back", due=NOON + timedelta(days=2)))

    assert task(engine, case, "Call back").due_at == NOON + timedelta(days=2)


def test_the_answer_of_inserted_work_goes_into_the_case_file(engine: Engine) -> None:
    case = start(engine, "Check")
    engine.do(case.id, Insert("Ask", before="check"))

    assert finish(engine, case, "Ask", advice="no").data == {"advice": "no"}


# -- life of a gate --------------------------------------------------------------------------------------


def test_skipping_the_inserted_work_opens_the_gate(engine: Engine) -> None:
    case = start(engine, "Check > Send")
    engine.do(case.id, Insert("Ask", before="check"))

    engine.do(case.id, Skip(task(engine, case, "Ask").id, reason="no need"))

    assert open_tasks(engine, case) == ["Check"]


def test_undoing_the_insert_opens_the_gate(engine: Engine) -> None:
    case = start(engine, "Check > Send")
    engine.do(case.id, Insert("Ask", before="check"))

    engine.do(case.id, Undo(last_change(engine, case)))

    assert (open_tasks(engine, case), held_tasks(engine, case)) == (["Check"], [])


def test_a_boundary_event_on_a_held_step_withdraws_the_work_before_it(engine: Engine, clock: Clock) -> None:
    case = start(engine, "Check ^timer P2D ( Escalate > ) > Send")
    engine.do(case.id, Insert("Ask", before="check"))
    clock.forward(days=3)

    engine.run_due()

    assert (open_tasks(engine, case), held_tasks(engine, case)) == (["Escalate"], [])


@pytest.mark.parametrize("anchor", ["before", "beside"])
def test_a_boundary_event_of_the_scope_around_withdraws_the_work_too(engine: Engine, anchor: str) -> None:
    case = start(engine, "{ Hear: Ask > Note } ^message stop ( Close )")
    engine.do(case.id, Insert("Translate", **{anchor: "ask"}))

    engine.message("stop", case_id=case.id)

    assert open_tasks(engine, case) == ["Close"]
    assert finish(engine, case, "Close").status is Status.COMPLETED
    assert leftovers(live(engine, case.id)) == []


def test_terminating_the_case_withdraws_held_tokens_and_their_work(engine: Engine) -> None:
    case = start(engine, "( Check > Send | Stop > @terminate )")
    engine.do(case.id, Insert("Ask", before="send"))
    finish(engine, case, "Check")
    assert open_tasks(engine, case) == ["Ask", "Stop"]

    ended = finish(engine, case, "Stop")

    assert ended.status is Status.COMPLETED
    assert open_tasks(engine, case) == []
    assert leftovers(live(engine, case.id)) == []


def test_work_for_a_step_that_never_comes_never_opens(engine: Engine) -> None:
    case = start(engine, "Check > [ fine: Send | else: Refuse ]", {"fine": False})
    engine.do(case.id, Insert("Ask", before="send"))

    assert finish(engine, case, "Check", "Refuse").status is Status.COMPLETED


def test_a_held_service_is_not_run_before_its_gate_opens(engine: Engine) -> None:
    sent: list[str] = []
    engine.service("letter")(lambda job: sent.append(job.id))
    case = start(engine, "Check > @send letter Send")
    engine.do(case.id, Insert("Ask", before="send"))

    finish(engine, case, "Check")
    assert sent == []
    assert engine.fetch_and_lock("letter", "worker") == []

    finish(engine, case, "Ask")
    assert len(sent) == 1


def test_a_running_job_is_not_handed_out_while_work_before_it_is_open(engine: Engine) -> None:
    case = start(engine, "Check > @send letter Send > File")
    finish(engine, case, "Check")
    engine.do(case.id, Insert("Ask", before="send"))
    assert engine.fetch_and_lock("letter", "worker") == []

    finish(engine, case, "Ask")

    [job] = engine.fetch_and_lock("letter", "worker")
    engine.complete_job(job.id, "worker", {})
    assert open_tasks(engine, case) == ["File"]


def test_a_held_token_keeps_an_inclusive_join_waiting(engine: Engine) -> None:
    case = start(engine, "( a: A | b: B | else: C ) > D", {"a": True, "b": True})
    engine.do(case.id, Insert("Ask", after="a"))

    finish(engine, case, "A", "B")
    assert open_tasks(engine, case) == ["Ask"]
    finish(engine, case, "Ask")

    assert open_tasks(engine, case) == ["D"]


def test_a_message_that_comes_while_its_catch_is_held_is_taken_when_the_gate_opens(engine: Engine) -> None:
    case = start(engine, "Check > @message payment > Ship")
    engine.do(case.id, Insert("Ask", before="payment"))
    finish(engine, case, "Check")

    assert engine.message("payment", case_id=case.id) == []
    finish(engine, case, "Ask")

    assert open_tasks(engine, case) == ["Ship"]


def test_inserted_work_can_be_revisited_like_any_step(engine: Engine) -> None:
    case = start(engine, "Check > Send > File")
    engine.do(case.id, Insert("Ask", before="send"))
    finish(engine, case, "Check")
    asked = task(engine, case, "Ask")
    finish(engine, case, "Ask", advice="yes")
    finish(engine, case, "Send")

    engine.do(case.id, Revisit(asked.id, reason="he changed his mind"))

    assert open_tasks(engine, case) == ["Ask"]
    assert task(engine, case, "Ask").previous == {"advice": "yes"}
    finish(engine, case, "Ask")
    assert open_tasks(engine, case) == ["Send"]


def test_a_gate_before_an_open_task_stays_after_what_came_before_is_revisited(engine: Engine) -> None:
    case = start(engine, "Check > Send")
    finish(engine, case, "Check")
    engine.do(case.id, Insert("Ask", before="send"))

    engine.do(case.id, Revisit("check", reason="wrong"))
    assert open_tasks(engine, case) == ["Check"]
    finish(engine, case, "Check")

    assert (open_tasks(engine, case), held_tasks(engine, case)) == (["Ask"], [])
    finish(engine, case, "Ask")
    assert open_tasks(engine, case) == ["Send"]


# -- refusals --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("insert", "error", "said"),
    [
        (Insert("X", before="check", after="check"), Invalid, "one place"),
        (Insert("X", before="nowhere"), NotFound, "nowhere"),
        (Insert("X", flow="nowhere"), NotFound, "nowhere"),
        (Insert("X", scope="check"), Invalid, "sub-process"),
        (Insert("X", before="start"), Invalid, "no token arrives"),
        (Insert("X", after="end"), Invalid, "the way ends"),
        (Insert("X", beside="choice_1"), Invalid, "takes no time"),
        (Insert(" "), Invalid, "needs a name"),
        (Insert("X", repeat="twice"), Invalid, "once or every"),  # type: ignore[arg-type]
        (Insert("X", due="tomorrow"), Invalid, "tomorrow"),
        (Insert("X", form=object()), Invalid, "a key, a form-js schema or a list of fields"),
        (Insert("X", form=[{"label": "Advice"}]), Invalid, "needs an id"),
        (Insert("X", form=[{"id": "advice", "colour": "red"}]), Invalid, "“colour” is nothing"),
        (Insert("X", form={"fields": []}), Invalid, "no form-js schema"),
        (Insert.many([Insert("X")], rule=2), Invalid, "of 1 tasks"),
        (Insert.many([Insert("X")], rule="most"), Invalid, "most"),  # type: ignore[arg-type]
    ],
)
def test_what_cannot_be_inserted_is_refused_by_name(
    engine: Engine, insert: Insert, error: type[Exception], said: str
) -> None:
    case = start(engine, "Check > [ fine: Send | else: Refuse ]")

    with pytest.raises(error, match=said):
        engine.do(case.id, insert)

    assert open_tasks(engine, case) == ["Check"]
    assert again(engine, case).revision == 1


def test_several_tasks_name_their_place_once() -> None:
    with pytest.raises(Invalid, match="given once"):
        Insert.many([Insert("X", before="check")], rule="all")
    with pytest.raises(Invalid, match="at least one"):
        Insert.many([])


def test_nothing_is_inserted_into_an_ended_case(engine: Engine) -> None:
    case = finish(engine, start(engine, "Check"), "Check")

    with pytest.raises(Conflict, match="ended"):
        engine.do(case.id, Insert("X"))


@pytest.mark.parametrize("wait", ["@message payment Paid", "@receive payment Paid", "@signal payment Paid"])
def test_an_event_that_waits_already_is_held_too_and_hears_nothing(engine: Engine, wait: str) -> None:
    case = start(engine, f"{wait} > Ship")
    engine.do(case.id, Insert("Ask", before="paid"))

    assert engine.message("payment", case_id=case.id) == []
    assert engine.signal("payment") == []
    finish(engine, case, "Ask")

    if "signal" in wait:
        assert engine.signal("payment") == [case.id]
    assert open_tasks(engine, case) == ["Ship"]


def test_a_timer_that_waits_already_is_held_too(engine: Engine, clock: Clock) -> None:
    case = start(engine, "@timer P1D Wait > Ship")
    engine.do(case.id, Insert("Ask", before="wait"))
    clock.forward(days=2)

    assert (engine.next_due(), engine.run_due()) == (None, 0)
    finish(engine, case, "Ask")

    assert engine.run_due() == 1
    assert open_tasks(engine, case) == ["Ship"]


def test_a_race_that_is_held_hears_nothing(engine: Engine, clock: Clock) -> None:
    case = start(engine, "[ @message payment > Ship | @timer P1D > Dun ]")
    engine.do(case.id, Insert("Ask", before="race_1"))
    clock.forward(days=2)

    assert engine.message("payment", case_id=case.id) == []
    assert engine.run_due() == 0
    finish(engine, case, "Ask")

    assert open_tasks(engine, case) == ["Ship"]


def test_the_edge_of_what_is_held_still_hears(engine: Engine) -> None:
    case = start(engine, "@receive payment Wait ^message stop ( Close > ) > Ship")
    engine.do(case.id, Insert("Ask", before="wait"))

    assert engine.message("stop", case_id=case.id) == [case.id]

    assert open_tasks(engine, case) == ["Close"]


def test_work_in_a_scope_falls_with_it_and_comes_again_in_its_place(engine: Engine) -> None:
    case = start(engine, "A > { Hear: B } > C")
    finish(engine, case, "A")
    engine.do(case.id, Insert("Translate", scope="hear"))
    engine.do(case.id, Insert("Look", before="b"))
    assert (open_tasks(engine, case), held_tasks(engine, case)) == (["Look", "Translate"], ["B"])

    engine.do(case.id, Revisit("a", reason="wrong"))
    assert open_tasks(engine, case) == ["A"]
    finish(engine, case, "A")

    assert open_tasks(engine, case) == ["Look", "Translate"]
    finish(engine, case, "Look", "B", "Translate")
    assert open_tasks(engine, case) == ["C"]


def test_work_in_one_item_comes_again_in_that_item_only(engine: Engine) -> None:
    case = start(engine, "A > { Hear: B } each n in names > C", {"names": ["N1", "N2"]})
    finish(engine, case, "A")
    engine.do(case.id, Insert("Look", before="b", item="N2"))

    engine.do(case.id, Revisit("a", reason="wrong"))
    finish(engine, case, "A")

    assert [one.item for one in tasks(engine, case) if one.name == "B"] == ["N1"]
    assert open_tasks(engine, case) == ["B", "Look"]


def test_work_in_a_scope_of_a_loop_comes_once_or_every_time(engine: Engine) -> None:
    case = start(engine, "( { Hear: B } > C until done )", {"done": False})
    engine.do(case.id, Insert("Once", scope="hear"))
    engine.do(case.id, Insert("Always", scope="hear", repeat="every"))
    assert open_tasks(engine, case) == ["Always", "B", "Once"]

    finish(engine, case, "B", "Once", "Always", "C")

    assert open_tasks(engine, case) == ["Always", "B"]


def test_a_sub_process_that_is_held_does_not_end_before_the_work_before_it(engine: Engine) -> None:
    case = start(engine, "{ Hear: Ask } > Draft")
    engine.do(case.id, Insert("Translate", before="hear"))

    finish(engine, case, "Ask")
    assert open_tasks(engine, case) == ["Translate"]
    finish(engine, case, "Translate")

    assert open_tasks(engine, case) == ["Draft"]


def test_nor_does_a_multi_instance_activity_of_which_enough_is_done(engine: Engine) -> None:
    case = start(engine, "Ask 3 times enough when (nrOfCompletedInstances >= 1) > Draft")
    engine.do(case.id, Insert("Translate", before="ask"))

    finish(engine, case, "Ask", item=0)
    assert open_tasks(engine, case) == ["Ask", "Ask", "Translate"]
    finish(engine, case, "Translate")

    assert open_tasks(engine, case) == ["Draft"]


def test_the_work_before_a_finished_sub_process_can_be_revisited(engine: Engine) -> None:
    case = start(engine, "{ Hear: Ask } > Draft")
    engine.do(case.id, Insert("Translate", before="hear"))
    translate = task(engine, case, "Translate")
    finish(engine, case, "Ask", "Translate")

    engine.do(case.id, Revisit(translate.id, reason="wrong language"))
    assert open_tasks(engine, case) == ["Translate"]
    finish(engine, case, "Translate")

    assert open_tasks(engine, case) == ["Draft"]
