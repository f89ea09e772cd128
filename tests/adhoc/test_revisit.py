"""Revisiting: a step and all that came of it no longer counts; the rest of the case stays where it was."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from drawing import bpmn, draw_all, flow, node, process
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
    reloaded,
    start,
    states,
    stored,
    task,
    tasks,
)

from caseloom.adhoc import Insert, Revisit, Undo
from caseloom.engine import Assign, Case, Claim, Complete, Engine, SaveDraft, SetData
from caseloom.engine.errors import Conflict, Invalid, NotFound, Superseded
from caseloom.engine.results import Status


def revisit(engine: Engine, case: Case, target: str, **how: Any) -> Case:
    return engine.do(case.id, Revisit(target, reason="wrong", **how), by="ada")


# -- where it leads: the rows of the table ---------------------------------------------------------------


def test_in_the_same_branch_only_the_steps_behind_fall(engine: Engine) -> None:
    case = start(engine, "( A > B > C | X > Y )")
    finish(engine, case, "A", "B", "X")

    revisit(engine, case, "b")

    assert open_tasks(engine, case) == ["B", "Y"]
    assert states(engine, case, "a") == states(engine, case, "x") == ["completed"]


def test_before_a_parallel_split_all_branches_fall(engine: Engine) -> None:
    case = start(engine, "R > ( A | B )")
    finish(engine, case, "R", "A")

    revisit(engine, case, "r")

    assert open_tasks(engine, case) == ["R"]
    assert (states(engine, case, "a"), states(engine, case, "b")) == (["(completed)"], ["(withdrawn)"])


@pytest.mark.parametrize("order", [("A", "B"), ("B", "A")])
@pytest.mark.parametrize("target", ["a", "b"])
def test_behind_a_join_the_other_branch_stays_done_in_whatever_order_they_ended(
    engine: Engine, order: tuple[str, str], target: str
) -> None:
    case = start(engine, "( A | B ) > C > D")
    finish(engine, case, *order, "C")

    revisit(engine, case, target)

    assert open_tasks(engine, case) == [target.upper()]
    finish(engine, case, target.upper())
    assert open_tasks(engine, case) == ["C"]


def test_another_branch_that_still_runs_keeps_its_task_as_it_is(engine: Engine, clock: Clock) -> None:
    case = start(engine, "( A | B <due=P2D> +timer P3D ( Remind ) )")
    other = task(engine, case, "B")
    engine.do(case.id, Claim(other.id), by="bo")
    engine.do(case.id, SaveDraft(other.id, {"x": 1}), by="bo")
    finish(engine, case, "A")
    clock.forward(days=1)
    before, due = task(engine, case, "B"), engine.next_due()

    revisit(engine, case, "a")

    assert task(engine, case, "B") == before
    assert engine.drafts(other.id) == {"bo": {"x": 1}}
    assert engine.next_due() == due == NOON + timedelta(days=3)


def test_in_a_loop_the_later_rounds_fall(engine: Engine) -> None:
    case = start(engine, "( Write > Review until done ) > Print", {"done": False})
    finish(engine, case, "Write", "Review", "Write", "Review", "Write")
    rounds = [one for one in again(engine, case).occurrences if one.element_id == "review"]

    revisit(engine, case, rounds[0].id)

    assert open_tasks(engine, case) == ["Review"]
    assert states(engine, case, "write") == ["completed", "(completed)", "(completed)"]


def test_in_a_live_sub_process_only_what_is_inside_falls(engine: Engine, clock: Clock) -> None:
    case = start(engine, "{ Hear: A > B } ^timer P9D ( Escalate ) > C")
    finish(engine, case, "A")
    clock.forward(days=1)

    revisit(engine, case, "a")

    assert open_tasks(engine, case) == ["A"]
    assert states(engine, case, "hear") == ["active"]
    assert engine.next_due() == NOON + timedelta(days=9)


def test_a_sub_process_that_is_over_is_opened_again_the_same_one(engine: Engine, clock: Clock) -> None:
    case = start(engine, "{ Hear: A > B } ^timer P9D ( Escalate ) > C")
    finish(engine, case, "A", "B")
    clock.forward(days=1)
    assert engine.next_due() is None

    revisit(engine, case, "b")

    assert open_tasks(engine, case) == ["B"]
    assert states(engine, case, "hear") == ["active"]
    assert engine.next_due() == NOON + timedelta(days=9)
    finish(engine, case, "B")
    assert open_tasks(engine, case) == ["C"]


def test_variables_of_a_called_process_are_those_at_its_end_when_it_is_opened_again(engine: Engine) -> None:
    case = start(engine, "{ Hear: A > B } each n in names in turn > C", {"names": ["N1", "N2"]})
    finish(engine, case, "A", "B", "A", "B")
    last = [one for one in again(engine, case).occurrences if one.element_id == "b"][-1]

    revisit(engine, case, last.id)

    assert [(one.name, one.item) for one in tasks(engine, case)] == [("B", "N2")]


def test_an_event_sub_process_that_caught_an_error_comes_again_because_the_error_is_thrown_again(
    engine: Engine,
) -> None:
    case = start(engine, "{ Hear: A > { Mend: @start-error e1 > B } > @error e1 } > C")
    finish(engine, case, "A", "B")

    revisit(engine, case, "mend")

    assert open_tasks(engine, case) == ["B"]


def test_a_scope_ends_when_a_revisit_takes_out_all_that_it_still_waited_for(engine: Engine) -> None:
    case = start(engine, "{ Hear: A > { Late: @start-message m <isInterrupting=false> > B } } > C")
    engine.message("m", case_id=case.id)
    finish(engine, case, "A")
    finish(engine, case, "B")

    revisit(engine, case, "late")

    assert open_tasks(engine, case) == ["C"]


def test_what_an_interruption_killed_comes_back(engine: Engine) -> None:
    case = start(engine, "{ Hear: A > ( B | C ) } ^message stop ( Close )")
    finish(engine, case, "A", "B")
    killed = task(engine, case, "C")
    engine.do(case.id, Assign(killed.id, "cleo"))
    engine.message("stop", case_id=case.id)

    revisit(engine, case, "b")

    assert open_tasks(engine, case) == ["B", "C"]
    restored = task(engine, case, "C")
    assert (restored.id, restored.assignee) == (killed.id, "cleo")
    assert engine.message("stop", case_id=case.id) == [case.id]


def test_what_an_error_killed_comes_back(engine: Engine) -> None:
    case = start(engine, "{ Hear: ( A > @error bad | B ) } ^error bad ( Repair )")
    killed = task(engine, case, "B")
    finish(engine, case, "A")
    assert open_tasks(engine, case) == ["Repair"]

    revisit(engine, case, "a")

    assert open_tasks(engine, case) == ["A", "B"]
    assert task(engine, case, "B").id == killed.id


def test_what_a_terminate_end_killed_comes_back(engine: Engine) -> None:
    case = start(engine, "( A > @terminate | B )")
    killed = task(engine, case, "B")
    assert finish(engine, case, "A").status is Status.COMPLETED

    revisit(engine, case, "a")

    assert open_tasks(engine, case) == ["A", "B"]
    assert task(engine, case, "B").id == killed.id
    assert again(engine, case).status is Status.RUNNING


def test_a_sub_process_as_a_whole_starts_a_new_one(engine: Engine) -> None:
    case = start(engine, "{ Hear: A > B } > C")
    finish(engine, case, "A", "B")

    revisit(engine, case, "hear")

    assert open_tasks(engine, case) == ["A"]
    assert states(engine, case, "hear") == ["(completed)", "active"]
    assert states(engine, case, "a") == ["(completed)", "active"]


def test_inside_a_called_process_it_is_the_same_and_its_version_stays(engine: Engine) -> None:
    engine.deploy(("two.bpmn", draw_all(case="@call part Do part > C", part="A > B")))
    case = engine.start("case")
    finish(engine, case, "A", "B")
    engine.deploy(("part.bpmn", draw_all(part="Other")))

    revisit(engine, case, "a")

    assert open_tasks(engine, case) == ["A"]
    finish(engine, case, "A", "B")
    assert open_tasks(engine, case) == ["C"]


def test_a_call_as_a_whole_calls_again(engine: Engine) -> None:
    engine.deploy(("two.bpmn", draw_all(case="@call part Do part > C", part="A > B")))
    case = engine.start("case")
    finish(engine, case, "A")
    engine.deploy(("part.bpmn", draw_all(part="Other")))

    revisit(engine, case, "do_part")

    assert open_tasks(engine, case) == ["Other"]


def test_one_item_of_several_at_once_leaves_the_others_done(engine: Engine) -> None:
    case = start(engine, "Ask each n in names > C", {"names": ["N1", "N2", "N3"]})
    for name in ("N3", "N1", "N2"):
        finish(engine, case, "Ask", item=name)

    revisit(engine, case, "ask", item="N3")

    assert [(one.name, one.item) for one in tasks(engine, case)] == [("Ask", "N3")]
    finish(engine, case, "Ask")
    assert open_tasks(engine, case) == ["C"]


def test_one_item_of_a_sequence_takes_the_later_ones_back(engine: Engine) -> None:
    case = start(engine, "Ask each n in names in turn > C", {"names": ["N1", "N2", "N3"]})
    for name in ("N1", "N2", "N3"):
        finish(engine, case, "Ask", item=name)

    revisit(engine, case, "ask", item="N2")

    seen = []
    while open_tasks(engine, case) != ["C"]:
        [one] = tasks(engine, case)
        seen.append(one.item)
        finish(engine, case, "Ask")
    assert seen == ["N2", "N3"]


def test_items_that_a_completion_condition_ended_come_back(engine: Engine) -> None:
    case = start(
        engine, "Ask each n in names enough when yes > C", {"names": ["N1", "N2", "N3"], "yes": False}
    )
    killed = {item: task(engine, case, "Ask", item=item).id for item in ("N2", "N3")}
    finish(engine, case, "Ask", item="N1", yes=True)
    assert open_tasks(engine, case) == ["C"]

    revisit(engine, case, "ask", item="N1")

    opened = {one.item: one.id for one in tasks(engine, case)}
    assert sorted(opened) == ["N1", "N2", "N3"]
    assert {item: opened[item] for item in ("N2", "N3")} == killed


def test_a_multi_instance_activity_as_a_whole_reads_its_items_anew(engine: Engine) -> None:
    case = start(engine, "R > Ask each n in names > C", {"names": ["N1", "N2"]})
    finish(engine, case, "R")
    finish(engine, case, "Ask", item="N1")
    finish(engine, case, "Ask", item="N2", names=["N3"])

    revisit(engine, case, "ask")

    assert [one.item for one in tasks(engine, case)] == ["N3"]


def test_after_the_end_of_the_case_it_runs_again(engine: Engine) -> None:
    case = start(engine, "A > B")
    ended = finish(engine, case, "A", "B")
    assert ended.ended_at == NOON

    running = revisit(engine, case, "b")

    assert (running.id, running.status, running.ended_at) == (case.id, Status.RUNNING, None)
    assert open_tasks(engine, case) == ["B"]
    assert finish(engine, case, "B").status is Status.COMPLETED
    assert leftovers(live(engine, case.id)) == []


def test_a_gateway_decides_again(engine: Engine) -> None:
    case = start(engine, "R > [ fine: A | else: B ]", {"fine": False})
    finish(engine, case, "R")
    assert open_tasks(engine, case) == ["B"]
    finish(engine, case, "B", fine=True)

    revisit(engine, case, "choice_1")

    assert open_tasks(engine, case) == ["A"]


def test_an_automatic_step_runs_again(engine: Engine) -> None:
    case = start(engine, "R > n := n + 1 > A", {"n": 0})
    finish(engine, case, "R")

    revisit(engine, case, "set_n")

    assert again(engine, case).data["n"] == 2
    assert open_tasks(engine, case) == ["A"]


def test_a_boundary_event_means_its_host(engine: Engine) -> None:
    case = start(engine, "A ^message stop ( Close )")
    engine.message("stop", case_id=case.id)

    revisit(engine, case, "a_message")

    assert open_tasks(engine, case) == ["A"]


def test_an_event_behind_an_event_based_gateway_means_the_gateway(engine: Engine) -> None:
    case = start(engine, "[ @message payment > Ship | @timer P3D > Remind ]")
    engine.message("payment", case_id=case.id)

    revisit(engine, case, "payment")

    assert open_tasks(engine, case) == []
    assert engine.next_due() == NOON + timedelta(days=3)


def test_the_offshoot_of_a_boundary_event_falls_with_its_host(engine: Engine, clock: Clock) -> None:
    case = start(engine, "A +timer P2D ( Remind ) > B")
    clock.forward(days=2)
    engine.run_due()
    assert open_tasks(engine, case) == ["A", "Remind"]
    finish(engine, case, "A")

    revisit(engine, case, "a")

    assert open_tasks(engine, case) == ["A"]
    assert engine.next_due() == NOON + timedelta(days=4)


def test_an_inclusive_join_waits_again_for_the_branch_that_is_done_again(engine: Engine) -> None:
    case = start(engine, "( a: A | b: B | else: C ) > D", {"a": True, "b": True})
    finish(engine, case, "A", "B")

    revisit(engine, case, "b")
    assert open_tasks(engine, case) == ["B"]
    finish(engine, case, "B")

    assert open_tasks(engine, case) == ["D"]


def test_an_inclusive_join_that_fired_because_nothing_could_come_any_more_falls_with_that_decision(
    engine: Engine,
) -> None:
    case = start(engine, "( a: A | b: [ go: B | else: X > @end ] ) > D", {"a": True, "b": True, "go": False})
    finish(engine, case, "A")
    assert open_tasks(engine, case) == ["D", "X"]
    engine.do(case.id, SetData({"go": True}))

    revisit(engine, case, "choice_1")

    assert open_tasks(engine, case) == ["B"]
    assert states(engine, case, "d") == ["(withdrawn)"]
    finish(engine, case, "B")
    assert open_tasks(engine, case) == ["D"]


def test_what_a_signal_caught_inside_the_case_falls_with_what_threw_it(engine: Engine) -> None:
    case = start(engine, "( A > @throw-signal alarm Ring > B | @signal alarm Hear > C )")
    finish(engine, case, "A")
    assert open_tasks(engine, case) == ["B", "C"]

    revisit(engine, case, "a", effects="note")

    assert open_tasks(engine, case) == ["A"]


def test_timers_of_what_falls_are_taken_away_and_those_of_what_comes_back_are_as_they_were(
    engine: Engine, clock: Clock
) -> None:
    case = start(engine, "A > B ^timer P5D ( Late ) > C +timer P1D ( Remind )")
    finish(engine, case, "A")
    clock.forward(days=2)
    finish(engine, case, "B")
    assert engine.next_due() == NOON + timedelta(days=3)

    revisit(engine, case, "c")
    assert engine.next_due() == NOON + timedelta(days=3)
    revisit(engine, case, "b")

    assert engine.next_due() == NOON + timedelta(days=7)


def test_a_date_that_passed_while_a_step_was_gone_fires_at_the_next_tick(
    engine: Engine, clock: Clock
) -> None:
    case = start(engine, "{ Hear: A > B } ^timer P5D ( Late ) > C")
    finish(engine, case, "A", "B")
    clock.forward(days=6)
    revisit(engine, case, "b")
    assert open_tasks(engine, case) == ["B"]

    engine.run_due()

    assert open_tasks(engine, case) == ["Late"]


def test_subscriptions_of_what_falls_are_closed(engine: Engine) -> None:
    case = start(engine, "A > @message payment > B")
    finish(engine, case, "A")

    revisit(engine, case, "a")

    assert engine.message("payment", case_id=case.id) == []


def test_a_second_revisit_of_the_same_step_changes_nothing_but_the_number(engine: Engine) -> None:
    case = start(engine, "A > B > C")
    finish(engine, case, "A", "B")
    revisit(engine, case, "a")
    once = open_tasks(engine, case)

    revisit(engine, case, "a")

    assert open_tasks(engine, case) == once == ["A"]
    assert states(engine, case, "a") == ["(completed)", "(withdrawn)", "active"]
    shown = [one.number for one in again(engine, case).occurrences if one.element_id == "a" and one.effective]
    assert shown == [1]


def test_two_revisits_come_to_the_same_as_the_earlier_one_alone(engine: Engine) -> None:
    both, one = (start(engine, "A > ( B | C ) > D") for _ in range(2))
    for case in (both, one):
        finish(engine, case, "A", "B", "C")

    revisit(engine, both, "b")
    revisit(engine, both, "a")
    revisit(engine, one, "a")

    assert open_tasks(engine, both) == open_tasks(engine, one) == ["A"]
    for case in (both, one):
        assert finish(engine, case, "A", "B", "C", "D").status is Status.COMPLETED


# -- data ------------------------------------------------------------------------------------------------


def answered(engine: Engine) -> Case:
    """A wrote x, B wrote y and overwrote x."""
    case = start(engine, "A > B > C", {"x": 0})
    finish(engine, case, "A", x=1)

    return finish(engine, case, "B", x=2, y=2)


def test_values_are_kept_unless_something_else_is_asked_for_and_are_told_to_be_stale(engine: Engine) -> None:
    case = answered(engine)
    preview = engine.preview(case.id, Revisit("b", reason="wrong"))

    revisit(engine, case, "b")

    assert again(engine, case).data == {"x": 2, "y": 2}
    assert list(preview.stale) == ["x", "y"]


def test_values_go_back_to_the_last_one_that_counts(engine: Engine) -> None:
    case = answered(engine)

    revisit(engine, case, "b", data_policy="revert")

    assert again(engine, case).data == {"x": 1}


def test_values_are_cleared(engine: Engine) -> None:
    case = answered(engine)

    revisit(engine, case, "b", data_policy="clear")

    assert again(engine, case).data == {}


def test_each_variable_may_have_its_own_policy(engine: Engine) -> None:
    case = answered(engine)

    revisit(engine, case, "b", data_policy={"x": "revert", "y": "clear"})

    assert again(engine, case).data == {"x": 1}


def test_a_value_that_was_kept_can_be_reverted_later(engine: Engine) -> None:
    case = answered(engine)
    revisit(engine, case, "b")
    finish(engine, case, "B", y=3)

    revisit(engine, case, "a", data_policy="revert")

    assert again(engine, case).data == {"x": 0}


def test_what_a_concurrent_branch_wrote_is_never_lost(engine: Engine) -> None:
    case = start(engine, "( A | B ) > C")
    finish(engine, case, "A", x=1, own=1)
    finish(engine, case, "B", x=2)

    revisit(engine, case, "a", data_policy="clear")

    assert again(engine, case).data == {"x": 2}


def test_values_of_an_item_are_reverted_in_its_own_scope(engine: Engine) -> None:
    case = start(engine, "{ Hear: A > B } each n in names > C", {"names": ["N1", "N2"]})
    finish(engine, case, "A", item="N1", said="yes")

    revisit(engine, case, "a", item="N1", data_policy="revert")

    assert "said" not in again(engine, case).data
    assert sorted(one.item for one in tasks(engine, case)) == ["N1", "N2"]


# -- earlier answers -------------------------------------------------------------------------------------


def test_an_earlier_answer_is_offered_and_has_to_be_confirmed(engine: Engine) -> None:
    case = start(engine, "A > B > C")
    finish(engine, case, "A", x=1)
    finish(engine, case, "B", y=2)

    revisit(engine, case, "a")

    assert task(engine, case, "A").previous == {"x": 1}
    finish(engine, case, "A", x=1)
    assert task(engine, case, "B").previous == {"y": 2}


def test_an_answer_is_never_offered_where_that_is_asked_for(engine: Engine) -> None:
    case = start(engine, "A > B > C")
    finish(engine, case, "A", x=1)

    revisit(engine, case, "a", reuse="never")

    assert task(engine, case, "A").previous is None


def test_return_to_sender_comes_straight_back(engine: Engine) -> None:
    case = start(engine, "Register > Check > Price > Decide")
    finish(engine, case, "Register", plot=7)
    finish(engine, case, "Check", ok=True)
    finish(engine, case, "Price", price=3)

    revisit(engine, case, "register", reuse="unchanged")
    assert open_tasks(engine, case) == ["Register"]
    finish(engine, case, "Register", plot=7)

    assert open_tasks(engine, case) == ["Decide"]
    assert again(engine, case).data == {"plot": 7, "ok": True, "price": 3}
    carried = [one for one in again(engine, case).occurrences if one.element_id == "check"][-1]
    assert (str(carried.state), carried.effective) == ("completed", True)


def test_return_to_sender_stops_where_something_has_changed(engine: Engine) -> None:
    case = start(engine, "Register > Check > Price > Decide")
    finish(engine, case, "Register", plot=7)
    finish(engine, case, "Check", ok=True)
    finish(engine, case, "Price", price=3)

    revisit(engine, case, "register", reuse="unchanged")
    finish(engine, case, "Register", plot=8)

    assert open_tasks(engine, case) == ["Check"]
    assert task(engine, case, "Check").previous == {"ok": True}


@pytest.mark.parametrize(
    ("reuse", "opened", "previous"),
    [("manual", ["Check"], {"ok": True}), ("never", ["Check"], None), ("unchanged", ["Decide"], None)],
)
def test_the_diagram_says_what_becomes_of_earlier_answers(
    engine: Engine, reuse: str, opened: list[str], previous: dict[str, bool] | None
) -> None:
    case = start(engine, f"Register > Check <reuse={reuse}> > Decide")
    finish(engine, case, "Register", plot=7)
    finish(engine, case, "Check", ok=True)

    revisit(engine, case, "register")
    finish(engine, case, "Register", plot=7)

    assert open_tasks(engine, case) == opened
    assert task(engine, case, opened[0]).previous == previous


def test_drafts_are_offered_again(engine: Engine) -> None:
    case = start(engine, "A > B")
    finish(engine, case, "A")
    engine.do(case.id, SaveDraft(task(engine, case, "B").id, {"y": 1}), by="bo")

    revisit(engine, case, "a")
    finish(engine, case, "A")

    assert task(engine, case, "B").previous == {"y": 1}


# -- which one -------------------------------------------------------------------------------------------


def test_an_element_means_its_latest_occurrence_that_counts(engine: Engine) -> None:
    case = start(engine, "( Write > Review until done ) > Print", {"done": False})
    finish(engine, case, "Write", "Review", "Write", "Review")

    revisit(engine, case, "review")

    assert open_tasks(engine, case) == ["Review"]
    assert states(engine, case, "review") == ["completed", "(completed)", "active"]


def test_an_ambiguous_target_lists_what_it_may_mean(engine: Engine) -> None:
    case = start(engine, "{ Hear: Ask } each n in names > C", {"names": ["N1", "N2"]})
    finish(engine, case, "Ask", item="N1")
    finish(engine, case, "Ask", item="N2")
    meant = [one.id for one in again(engine, case).occurrences if one.element_id == "ask"]

    with pytest.raises(Invalid, match="several items") as refused:
        revisit(engine, case, "ask")

    assert all(id in str(refused.value) for id in meant)
    revisit(engine, case, "ask", item=1)
    assert [one.item for one in tasks(engine, case)] == ["N2"]


def test_what_was_taken_out_cannot_be_revisited(engine: Engine) -> None:
    case = start(engine, "A > B > C")
    finish(engine, case, "A", "B")
    gone = next(one for one in again(engine, case).occurrences if one.element_id == "b")
    revisit(engine, case, "a")

    with pytest.raises(Superseded, match="B"):
        revisit(engine, case, gone.id)


def test_a_task_that_was_taken_out_cannot_be_completed_any_more(engine: Engine) -> None:
    case = start(engine, "A > B")
    finish(engine, case, "A")
    gone = task(engine, case, "B")
    revisit(engine, case, "a")

    with pytest.raises(Superseded, match="withdrawn"):
        engine.do(case.id, Complete(gone.id))
    with pytest.raises(Superseded):
        engine.task(gone.id)


def test_what_never_ran_cannot_be_revisited(engine: Engine) -> None:
    case = start(engine, "A > B")

    with pytest.raises(Invalid, match="has not run yet"):
        revisit(engine, case, "b")
    with pytest.raises(NotFound, match="nothing"):
        revisit(engine, case, "nothing")


@pytest.mark.parametrize(
    "how",
    [
        {"reason": ""},
        {"reason": "x", "data_policy": "forget"},
        {"reason": "x", "data_policy": {"x": "forget"}},
        {"reason": "x", "reuse": "always"},
        {"reason": "x", "effects": {"a": "note"}},
        {"reason": "x", "item": "N7"},
    ],
)
def test_words_that_mean_nothing_are_refused(engine: Engine, how: dict[str, Any]) -> None:
    case = start(engine, "A > B")
    finish(engine, case, "A")
    before = stored(engine, case.id)

    with pytest.raises((Invalid, NotFound)):
        engine.do(case.id, Revisit("a", **how))

    assert stored(engine, case.id) == before


# -- points of no return and effects ---------------------------------------------------------------------


def test_nobody_goes_back_behind_a_point_of_no_return(engine: Engine) -> None:
    case = start(engine, "A > Sign > B", attributes={"sign": {"caseloom:pointOfNoReturn": "true"}})
    finish(engine, case, "A")
    revisit(engine, case, "a")
    finish(engine, case, "A", "Sign")

    refusal = engine.preview(case.id, Revisit("a", reason="wrong")).refusal

    assert refusal is not None
    assert "Sign" in refusal
    finish(engine, case, "B")
    revisit(engine, case, "b")
    assert open_tasks(engine, case) == ["B"]


def sent(engine: Engine, line: str = "A > @send letter Send > B") -> tuple[Case, list[str]]:
    keys: list[str] = []

    @engine.service("letter")
    def letter(job: Any) -> dict[str, int]:
        keys.append(job.idempotency_key)
        return {"letter": len(keys)}

    return finish(engine, start(engine, line), "A"), keys


def test_what_has_left_the_house_has_to_be_answered_for(engine: Engine) -> None:
    case, _ = sent(engine)
    before = stored(engine, case.id)

    with pytest.raises(Conflict, match="Send"):
        revisit(engine, case, "a")

    assert stored(engine, case.id) == before


def test_a_noted_effect_happens_again_with_a_new_key(engine: Engine) -> None:
    case, keys = sent(engine)

    revisit(engine, case, "a", effects={"send": "note"})
    finish(engine, case, "A")

    assert open_tasks(engine, case) == ["B"]
    assert len(set(keys)) == 2


def test_a_kept_effect_is_not_done_again_and_its_result_stays(engine: Engine) -> None:
    case, keys = sent(engine)

    revisit(engine, case, "a", effects="keep", data_policy="revert")
    assert again(engine, case).data == {}
    finish(engine, case, "A")

    assert open_tasks(engine, case) == ["B"]
    assert len(keys) == 1
    assert again(engine, case).data == {"letter": 1}


def test_a_correction_is_a_task_before_the_step_that_sends_again(engine: Engine) -> None:
    case, keys = sent(engine)

    revisit(engine, case, "a", effects="correct")
    finish(engine, case, "A")

    [name] = open_tasks(engine, case)
    assert "Send" in name
    assert len(keys) == 1
    finish(engine, case, name)
    assert len(keys) == 2
    assert open_tasks(engine, case) == ["B"]


def test_an_idempotent_effect_needs_no_answer(engine: Engine) -> None:
    case, keys = sent(engine, "A > @send letter Send <effect=idempotent> > B")

    revisit(engine, case, "a")
    finish(engine, case, "A")

    assert len(keys) == 2


def test_a_step_without_effect_is_not_asked_about(engine: Engine) -> None:
    case, _ = sent(engine, "A > !letter Look up <effect=none> > B")

    assert engine.preview(case.id, Revisit("a", reason="wrong")).effects == []
    revisit(engine, case, "a")


def test_a_skipped_step_had_no_effect(engine: Engine) -> None:
    from caseloom.adhoc import Skip

    case = finish(engine, start(engine, "A > @send letter Send > B"), "A")
    engine.do(case.id, Skip("send", reason="by hand"))

    revisit(engine, case, "a")

    assert open_tasks(engine, case) == ["A"]


def test_a_thrown_message_is_an_effect_too(engine: Engine) -> None:
    case = finish(engine, start(engine, "A > @throw-message done Tell > B"), "A")

    with pytest.raises(Conflict, match="Tell"):
        revisit(engine, case, "a")


@pytest.mark.parametrize("answer", ["undo", "", "compensate"])
def test_an_answer_that_does_not_fit_is_refused(engine: Engine, answer: str) -> None:
    case, _ = sent(engine)

    with pytest.raises(Invalid, match="Send"):
        revisit(engine, case, "a", effects={"send": answer})


def test_the_late_answer_of_a_worker_whose_job_was_taken_back_is_refused(engine: Engine) -> None:
    case = finish(engine, start(engine, "A > @send letter Send > B"), "A")
    [job] = engine.fetch_and_lock("letter", "worker")

    revisit(engine, case, "a")

    for late in (
        lambda: engine.complete_job(job.id, "worker", {}),
        lambda: engine.fail_job(job.id, "worker", "no", 0, 0),
        lambda: engine.job_error(job.id, "worker", "bad"),
        lambda: engine.extend_lock(job.id, "worker", 5),
    ):
        with pytest.raises(Superseded, match="Send"):
            late()
    assert open_tasks(engine, case) == ["A"]


def test_a_worker_keeps_the_lock_of_a_job_that_a_revisit_does_not_touch(engine: Engine) -> None:
    case = start(engine, "( A > B | @send letter Send > C )")
    [job] = engine.fetch_and_lock("letter", "worker")
    finish(engine, case, "A")

    revisit(engine, case, "a")
    assert engine.fetch_and_lock("letter", "other") == []
    engine.complete_job(job.id, "worker", {})

    assert open_tasks(engine, case) == ["A", "C"]


def test_incidents_of_what_falls_are_gone_and_come_back_with_an_undo(engine: Engine) -> None:
    case = start(engine, "A > n := x + 1 > [ n > 1: B | else: C ]")
    finish(engine, case, "A")
    assert [one.element_id for one in again(engine, case).incidents] == ["choice_1"]

    revisit(engine, case, "a")
    assert again(engine, case).incidents == []
    engine.do(case.id, Undo(last_change(engine, case)))

    assert [one.element_id for one in again(engine, case).incidents] == ["choice_1"]


def test_a_task_and_work_inserted_after_it_fall_together(engine: Engine) -> None:
    case = start(engine, "A > B > C")
    engine.do(case.id, Insert("Look again", after="b"))
    finish(engine, case, "A", "B")
    assert open_tasks(engine, case) == ["Look again"]

    revisit(engine, case, "a")
    finish(engine, case, "A", "B")

    assert open_tasks(engine, case) == ["Look again"]
    finish(engine, case, "Look again")
    assert open_tasks(engine, case) == ["C"]


def test_the_newest_answer_is_offered_after_a_second_revisit(engine: Engine) -> None:
    case = start(engine, "A > B")
    finish(engine, case, "A", x=1)
    revisit(engine, case, "a")
    finish(engine, case, "A", x=2)

    revisit(engine, case, "a")

    assert task(engine, case, "A").previous == {"x": 2}


def test_an_answer_that_was_not_asked_for_again_is_still_offered_after_a_second_revisit(
    engine: Engine,
) -> None:
    case = start(engine, "A > B > C")
    finish(engine, case, "A")
    finish(engine, case, "B", y=1)
    revisit(engine, case, "a")

    revisit(engine, case, "a")
    finish(engine, case, "A")

    assert task(engine, case, "B").previous == {"y": 1}


def test_each_round_of_a_loop_is_offered_its_own_answer(engine: Engine) -> None:
    case = start(engine, "R > ( Write > Review until done )", {"done": False})
    finish(engine, case, "R")
    finish(engine, case, "Write", text="one")
    finish(engine, case, "Review")
    finish(engine, case, "Write", text="two")

    revisit(engine, case, "r")
    finish(engine, case, "R")
    first = task(engine, case, "Write").previous
    finish(engine, case, "Write", "Review")

    assert (first, task(engine, case, "Write").previous) == ({"text": "one"}, {"text": "two"})


def test_an_offered_answer_stays_with_the_occurrence_that_it_was_offered_to(engine: Engine) -> None:
    case = start(engine, "( A | B ) ~> C")
    finish(engine, case, "A")
    finish(engine, case, "C", x=1)
    revisit(engine, case, "a")
    finish(engine, case, "A")
    assert task(engine, case, "C").previous == {"x": 1}
    finish(engine, case, "C", x=2)
    finish(engine, case, "B")
    second = task(engine, case, "C")
    assert second.previous is None
    first = next(one.id for one in again(engine, case).occurrences if one.element_id == "c" and one.effective)

    revisit(engine, case, first)

    assert {one.id: one.previous for one in tasks(engine, case)}[second.id] is None


def test_a_case_that_was_started_by_this_one_goes_on_by_itself(engine: Engine) -> None:
    engine.deploy(
        ("two.bpmn", draw_all(case="A > @throw-message go Send > B", child="@start-message go > X > Y"))
    )
    case = engine.start("case")
    finish(engine, case, "A")
    child = engine.cases(key="child")[0]
    step = task(engine, child, "X").id

    with pytest.raises(NotFound, match="belongs to another case"):
        revisit(engine, case, step)


def test_the_cancel_of_a_transaction_falls_with_all_that_it_compensated(engine: Engine) -> None:
    drawn = bpmn(process(
        "case", node("startEvent", "start"),
        node("transaction", "trip", name="Trip", children=[
            node("startEvent", "trip_start"), node("userTask", "book", name="Book"),
            node("boundaryEvent", "book_compensate", attributes={"attachedToRef": "book"},
                 children=[node("compensateEventDefinition")]),
            node("userTask", "unbook", name="Unbook", attributes={"isForCompensation": "true"}),
            node("association", "way", attributes={"sourceRef": "book_compensate", "targetRef": "unbook"}),
            node("userTask", "pay", name="Pay"),
            node("endEvent", "trip_end", children=[node("cancelEventDefinition")]),
            flow("trip_start", "book"), flow("book", "pay"), flow("pay", "trip_end"),
        ]),
        node("boundaryEvent", "off", attributes={"attachedToRef": "trip"}, children=[node("cancelEventDefinition")]),
        node("userTask", "tell", name="Tell"), node("endEvent", "end"), node("endEvent", "end_2"),
        flow("start", "trip"), flow("trip", "end"), flow("off", "tell"), flow("tell", "end_2"),
    ))  # fmt: skip
    engine.deploy(("drawn.bpmn", drawn))
    case = engine.start("case")
    finish(engine, case, "Book", "Pay", "Unbook")
    assert open_tasks(engine, case) == ["Tell"]

    revisit(engine, case, "pay")

    assert open_tasks(engine, case) == ["Book"]
    assert states(engine, case, "book") == ["(completed)", "active"]
    finish(engine, case, "Book", "Pay")
    assert open_tasks(engine, case) == ["Unbook"]


def test_answers_of_items_are_offered_to_the_same_items_wherever_they_stand_now(engine: Engine) -> None:
    case = start(engine, "R > Ask each n in names > C", {"names": ["N1", "N2"]})
    finish(engine, case, "R")
    finish(engine, case, "Ask", item="N1", said="no")
    finish(engine, case, "Ask", item="N2", said="yes")

    revisit(engine, case, "r")
    finish(engine, case, "R", names=["N3", "N2", "N1"])

    assert {one.item: one.previous for one in tasks(engine, case)} == {
        "N1": {"said": "no"},
        "N2": {"said": "yes"},
        "N3": None,
    }


def test_inside_a_sub_process_for_each_item_too(engine: Engine) -> None:
    case = start(engine, "R > { Hear: Ask > Note } each n in names > C", {"names": ["N1", "N2"]})
    finish(engine, case, "R")
    finish(engine, case, "Ask", item="N2", said="yes")

    revisit(engine, case, "r")
    finish(engine, case, "R", names=["N2", "N1"])

    assert {one.item: one.previous for one in tasks(engine, case)} == {"N1": None, "N2": {"said": "yes"}}


def test_work_before_a_task_that_was_not_needed_any_more_brings_back_what_it_stood_before(
    engine: Engine,
) -> None:
    case = start(engine, "A > B")
    engine.do(case.id, Insert.many([Insert("One"), Insert("Two")], before="a", rule="any"))
    engine.do(case.id, Insert("First", before=task(engine, case, "One").id))
    gate = task(engine, case, "First").id
    finish(engine, case, "First", "Two")
    assert open_tasks(engine, case) == ["A"]

    engine.do(case.id, Revisit(gate, reason="once more"))

    assert (open_tasks(engine, case), held_tasks(engine, case)) == (["First"], ["A", "One"])
    assert marking(live(engine, case.id)) == marking(reloaded(engine, case.id))
    finish(engine, case, "First", "One", "A", "B")
    assert engine.case(case.id).status is Status.COMPLETED


def test_a_join_that_fired_twice_at_once_falls_as_a_whole(engine: Engine) -> None:
    case = start(engine, "Work +message more ( A ~> ( true:  | both: B ) > Last )", {"both": True})
    engine.message("more", case_id=case.id)
    engine.message("more", case_id=case.id)
    engine.do(case.id, Complete(tasks(engine, case)[1].id))
    engine.do(case.id, Complete(task(engine, case, "A").id, data={"both": False}))
    assert open_tasks(engine, case) == ["B", "Work"]
    finish(engine, case, "B")
    assert open_tasks(engine, case) == ["Last", "Last", "Work"]

    revisit(engine, case, "b")

    assert open_tasks(engine, case) == ["B", "Work"]
    finish(engine, case, "B")
    assert open_tasks(engine, case) == ["Last", "Last", "Work"]
