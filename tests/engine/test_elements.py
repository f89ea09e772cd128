"""What each element of a diagram does when a case runs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from drawing import bpmn, draw, draw_all, extensions, flow, node, process
from playing import (
    NOON,
    Clock,
    again,
    finish,
    leftovers,
    live,
    open_tasks,
    start,
    start_drawn,
    states,
    task,
    tasks,
)

from caseloom.engine import Case, Complete, Engine, Retry
from caseloom.engine.errors import Conflict, Invalid
from caseloom.engine.results import Status


def ended(engine: Engine, case: Case) -> bool:
    return again(engine, case).status is Status.COMPLETED and not leftovers(live(engine, case.id))


# -- start, end, tasks -----------------------------------------------------------------------------------


def test_an_empty_process_ends_at_once(engine: Engine) -> None:
    assert ended(engine, start(engine, ""))


def test_undefined_and_manual_tasks_are_recorded_and_passed(engine: Engine) -> None:
    case = start(engine, "@task Look > @manual Sign > A")

    assert open_tasks(engine, case) == ["A"]
    assert states(engine, case, "look") == states(engine, case, "sign") == ["completed"]


def test_a_manual_task_can_be_put_into_the_inbox(engine: Engine) -> None:
    case = start(engine, "@manual Sign > A", attributes={"sign": {"caseloom:inbox": "true"}})

    assert open_tasks(engine, case) == ["Sign"]


def test_a_script_writes_its_result(engine: Engine) -> None:
    case = start(engine, "n := n * 2 > list := [n, n + 1] > A", {"n": 4})

    assert again(engine, case).data == {"n": 8, "list": [8, 9]}


def test_a_script_that_fails_softly_writes_null(engine: Engine) -> None:
    case = start(engine, "n := missing + 1 > A")

    assert again(engine, case).data == {"n": None}


def test_elements_may_be_called_start_and_end(engine: Engine) -> None:
    drawn = bpmn(
        process(
            "case",
            node("startEvent", "End"),
            node("userTask", "Start", name="Work"),
            node("endEvent", "Root"),
            flow("End", "Start"),
            flow("Start", "Root"),
        )
    )
    engine.deploy(("names.bpmn", drawn))
    case = engine.start("case")

    assert open_tasks(engine, case) == ["Work"]
    finish(engine, case, "Work")
    assert ended(engine, case)


def test_two_thousand_chained_steps_run(engine: Engine) -> None:
    case = start(engine, " > ".join(["x := x + 1"] * 2000) + " > A", {"x": 0})

    assert again(engine, case).data == {"x": 2000}
    assert open_tasks(engine, case) == ["A"]


def test_several_tokens_in_one_place_are_several_runs(engine: Engine) -> None:
    case = start(engine, "( A | B ) ~> C > n := n + 1", {"n": 0})

    finish(engine, case, "A", "B")
    assert [one.name for one in tasks(engine, case)] == ["C", "C"]
    for one in tasks(engine, case):
        engine.do(case.id, Complete(one.id))

    assert ended(engine, case)
    assert again(engine, case).data == {"n": 2}


def test_due_dates_and_people_come_from_expressions(engine: Engine) -> None:
    case = start(
        engine,
        "A <assignee='${owner}' groups='=offices' due='=now() + duration(\"P2D\")' priority='${2 * 30}'>",
        {"owner": "anna", "offices": ["north", "south"]},
    )

    one = task(engine, case, "A")
    assert (one.assignee, list(one.candidate_groups), one.priority) == ("anna", ["north", "south"], 60)
    assert one.due_at == NOON + timedelta(days=2)


# -- gateways --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("x", "opened"), [(1, "A"), (2, "B"), (3, "C")])
def test_an_exclusive_gateway_takes_the_first_way_that_holds(engine: Engine, x: int, opened: str) -> None:
    assert open_tasks(engine, start(engine, "[ x = 1: A | x < 3: B | else: C ]", {"x": x})) == [opened]


def test_a_gateway_with_no_way_out_is_an_incident(engine: Engine) -> None:
    drawn = bpmn(
        process(
            "case",
            node("startEvent", "s"),
            node("exclusiveGateway", "g", name="Which?"),
            node("userTask", "a", name="A"),
            node("endEvent", "e"),
            flow("s", "g"),
            flow("g", "a", "x > 1"),
            flow("a", "e"),
        )
    )
    engine.deploy(("no_default.bpmn", drawn))
    case = engine.start("case", {"x": 1})

    [incident] = case.incidents
    assert incident.element_id == "g"
    assert "Which?" in incident.message
    engine.do(case.id, Retry(incident.id, data={"x": 2}))
    assert open_tasks(engine, case) == ["A"]


@pytest.mark.parametrize("value", [None, 1, "true"])
def test_a_condition_that_is_neither_true_nor_false_is_an_incident(engine: Engine, value: Any) -> None:
    case = start(engine, "[ go: A | else: B ]", {"go": value})

    assert [one.element_id for one in again(engine, case).incidents] == ["choice_1"]
    assert open_tasks(engine, case) == []


def test_a_parallel_block_waits_for_all(engine: Engine) -> None:
    case = start(engine, "( A | B | C ) > D")

    finish(engine, case, "C", "A")
    assert open_tasks(engine, case) == ["B"]
    finish(engine, case, "B")

    assert open_tasks(engine, case) == ["D"]


@pytest.mark.parametrize(
    ("a", "b", "opened"), [(True, True, ["A", "B"]), (True, False, ["A"]), (False, False, ["C"])]
)
def test_an_inclusive_block_waits_for_what_was_taken(
    engine: Engine, a: bool, b: bool, opened: list[str]
) -> None:
    case = start(engine, "( a: A | b: B | else: C ) > D", {"a": a, "b": b})

    assert open_tasks(engine, case) == opened
    finish(engine, case, *opened)
    assert open_tasks(engine, case) == ["D"]


def test_an_inclusive_join_waits_through_a_loop_before_it(engine: Engine) -> None:
    case = start(
        engine, "( a: ( A until done ) | b: B | else: C ) > D", {"a": True, "b": True, "done": False}
    )

    finish(engine, case, "B", "A")
    assert open_tasks(engine, case) == ["A"]
    finish(engine, case, "A", done=True)

    assert open_tasks(engine, case) == ["D"]


def test_a_race_is_won_by_what_comes_first(engine: Engine, clock: Clock) -> None:
    case = start(engine, "[ @message payment > Ship | @timer P30D > Dun ]")
    clock.forward(days=30)

    engine.run_due()

    assert open_tasks(engine, case) == ["Dun"]
    assert engine.message("payment", case_id=case.id) == []


# -- sub-processes and calls -----------------------------------------------------------------------------


def test_a_sub_process_ends_when_nothing_is_left_in_it(engine: Engine) -> None:
    case = start(engine, "{ S: A ~> ( B > @end | C ) } > D")

    finish(engine, case, "A", "B")
    assert open_tasks(engine, case) == ["C"]
    finish(engine, case, "C")

    assert open_tasks(engine, case) == ["D"]


def test_a_terminate_end_ends_its_scope_only(engine: Engine) -> None:
    case = start(engine, "{ S: ( A > @terminate | B ) } > C")

    finish(engine, case, "A")

    assert open_tasks(engine, case) == ["C"]
    assert states(engine, case, "b") == ["withdrawn"]


def test_a_call_uses_the_version_that_its_binding_names(engine: Engine) -> None:
    engine.deploy(("part.bpmn", draw("Old", key="part")))
    bindings = {
        "latest": {},
        "version": {"camunda:calledElementBinding": "version", "camunda:calledElementVersion": "1"},
    }
    engine.deploy(("part.bpmn", draw("New", key="part")))

    opened = {
        binding: open_tasks(engine, start(engine, "@call part Do", attributes={"do": attributes}))
        for binding, attributes in bindings.items()
    }

    assert opened == {"latest": ["New"], "version": ["Old"]}


def test_a_call_with_deployment_binding_calls_what_was_deployed_with_it(engine: Engine) -> None:
    both = draw_all(case="@call part Do", part="Old").replace(
        b'calledElement="part"', b'calledElement="part" camunda:calledElementBinding="deployment"'
    )
    engine.deploy(("both.bpmn", both))
    engine.deploy(("part.bpmn", draw("New", key="part")))

    assert open_tasks(engine, engine.start("case")) == ["Old"]


def test_a_call_passes_only_what_is_mapped(engine: Engine) -> None:
    ways = [
        node("camunda:in", attributes={"source": "amount", "target": "sum"}),
        node("camunda:in", attributes={"sourceExpression": "${amount * 2}", "target": "double"}),
        node("camunda:out", attributes={"source": "answer", "target": "result"}),
    ]
    drawn = bpmn(
        process(
            "case",
            node("startEvent", "s"),
            node(
                "callActivity", "call", attributes={"calledElement": "part"},
                children=[node("extensionElements", children=ways)],
            ),
            node("userTask", "after", name="After"),
            node("endEvent", "e"),
            flow("s", "call"), flow("call", "after"), flow("after", "e"),
        )
    )  # fmt: skip
    engine.deploy(("part.bpmn", draw("answer := sum + double > A", key="part")))
    engine.deploy(("caller.bpmn", drawn))
    case = engine.start("case", {"amount": 5})
    finish(engine, case, "A", inner=1)

    assert open_tasks(engine, case) == ["After"]
    assert again(engine, case).data == {"amount": 5, "result": 15}


def test_a_call_of_what_is_not_there_is_an_incident_that_a_deployment_mends(engine: Engine) -> None:
    engine.deploy(("caller.bpmn", draw("@call '${which}' Do #do > A")))
    case = engine.start("case", {"which": "part"})
    [incident] = case.incidents
    assert "part" in incident.message

    engine.deploy(("part.bpmn", draw("B", key="part")))
    engine.do(case.id, Retry(incident.id))

    assert open_tasks(engine, case) == ["B"]


def test_a_process_that_calls_itself_for_ever_is_stopped(engine: Engine) -> None:
    engine.deploy(("self.bpmn", draw("@call '${me}' Again")))
    case = engine.start("case", {"me": "case"})

    assert len(case.incidents) == 1
    assert case.status is Status.RUNNING


# -- timers ----------------------------------------------------------------------------------------------


def test_a_timer_on_the_way_waits(engine: Engine, clock: Clock) -> None:
    case = start(engine, "@timer PT2H Wait > A")
    assert engine.next_due() == NOON + timedelta(hours=2)
    clock.forward(hours=1)
    assert engine.run_due() == 0

    clock.forward(hours=1)

    assert engine.run_due() == 1
    assert open_tasks(engine, case) == ["A"]
    assert engine.run_due() == 0


def test_a_timer_by_date_and_by_expression(engine: Engine) -> None:
    start(engine, "@timer 2026-03-05T08:00:00Z Wait > A")
    assert engine.next_due() == NOON.replace(day=5, hour=8)
    start(engine, '@timer "${wait}" Wait > A', {"wait": "PT1H"})
    assert engine.next_due() == NOON + timedelta(hours=1)


def test_a_boundary_timer_interrupts(engine: Engine, clock: Clock) -> None:
    case = start(engine, "A ^timer P1D ( Late > ) > B")
    clock.forward(days=1)
    engine.run_due()

    assert open_tasks(engine, case) == ["Late"]
    assert states(engine, case, "a") == ["withdrawn"]
    finish(engine, case, "Late")
    assert open_tasks(engine, case) == ["B"]


def test_a_boundary_timer_that_does_not_interrupt_fires_once(engine: Engine, clock: Clock) -> None:
    case = start(engine, "A +timer P1D ( Remind ) > B")
    clock.forward(days=5)

    assert engine.run_due() == 1
    assert open_tasks(engine, case) == ["A", "Remind"]
    assert engine.next_due() is None


def test_a_cycle_fires_so_many_times(engine: Engine, clock: Clock) -> None:
    case = start(engine, "A +timer R3/P1D ( n := n + 1 ) > B", {"n": 0})
    for _ in range(9):
        clock.forward(days=1)
        engine.run_due()

    assert again(engine, case).data == {"n": 3}
    assert engine.next_due() is None


def test_the_rounds_of_a_cycle_that_were_missed_are_one(engine: Engine, clock: Clock) -> None:
    case = start(engine, "A +timer R9/P1D ( n := n + 1 ) > B", {"n": 0})
    clock.forward(days=4, hours=1)

    assert engine.run_due() == 1
    assert again(engine, case).data == {"n": 1}
    assert engine.next_due() == NOON + timedelta(days=5)


def test_a_cycle_without_end_goes_on_until_its_host_is_done(engine: Engine, clock: Clock) -> None:
    case = start(engine, "A +timer R/P1D ( n := n + 1 ) > B", {"n": 0})
    for _ in range(5):
        clock.forward(days=1)
        engine.run_due()
    assert again(engine, case).data == {"n": 5}

    finish(engine, case, "A")

    assert engine.next_due() is None


def test_timers_that_came_due_while_nothing_ran_fire_once_at_the_next_tick(
    clock: Clock, tmp_path: Any
) -> None:
    url = f"sqlite:///{tmp_path / 'cases.db'}"
    with Engine(url, clock=clock) as first:
        cases = [start(first, "@timer P1D Wait > A") for _ in range(5)]
    clock.forward(days=30)

    with Engine(url, clock=clock) as second, Engine(url, clock=clock) as third:
        assert second.run_due() + third.run_due() == 5
        assert [open_tasks(second, case) for case in cases] == [["A"]] * 5
        assert second.run_due() + third.run_due() == 0


def test_a_timer_starts_cases_of_the_newest_version(engine: Engine, clock: Clock) -> None:
    engine.deploy(("daily.bpmn", draw("@start-timer R3/P1D > A")))
    engine.deploy(("daily.bpmn", draw("@start-timer R3/P1D > B")))
    clock.forward(days=1)

    assert engine.run_due() == 1
    [case] = engine.cases()

    assert open_tasks(engine, case) == ["B"]
    clock.forward(days=10)
    engine.run_due()
    assert len(engine.cases()) == 2
    assert engine.next_due() is None


@pytest.mark.parametrize("wrong", ["P", "soon", "-PT1H", "R/PT0S"])
def test_a_timer_that_makes_no_sense_never_wedges_a_case(engine: Engine, wrong: str) -> None:
    case = start(engine, 'A > @timer "${wait}" Wait > B', {"wait": wrong})
    finish(engine, case, "A")

    incidents = again(engine, case).incidents
    assert incidents or engine.next_due() is not None
    for incident in incidents:
        engine.do(case.id, Retry(incident.id, data={"wait": "PT1H"}))
    assert engine.next_due() is not None


# -- messages and signals --------------------------------------------------------------------------------


def test_a_message_goes_to_the_case_that_waits(engine: Engine) -> None:
    case = start(engine, "@message payment > A")

    assert engine.message("payment", data={"sum": 5}) == [case.id]

    assert open_tasks(engine, case) == ["A"]
    assert again(engine, case).data == {"sum": 5}


def test_without_a_criterion_a_message_must_fit_one_case_only(engine: Engine) -> None:
    one, other = start(engine, "@message payment > A"), start(engine, "@message payment > A")

    with pytest.raises(Conflict, match="2 cases"):
        engine.message("payment")
    assert engine.message("payment", case_id=other.id) == [other.id]

    assert (open_tasks(engine, one), open_tasks(engine, other)) == ([], ["A"])


def test_a_message_is_correlated_by_business_key_or_variables(engine: Engine) -> None:
    one = start(engine, "@message payment > A", {"order": 1}, business_key="A-1")
    other = start(engine, "@message payment > A", {"order": 2}, business_key="A-2")

    assert engine.message("payment", correlation={"order": 2}) == [other.id]
    assert engine.message("payment", business_key="A-1") == [one.id]


def test_a_message_that_comes_early_is_kept(engine: Engine) -> None:
    case = start(engine, "A > @message payment > B", business_key="A-1")
    assert engine.message("payment", business_key="A-1", data={"sum": 5}) == []

    finish(engine, case, "A")

    assert open_tasks(engine, case) == ["B"]
    assert again(engine, case).data == {"sum": 5}


def test_a_kept_message_is_given_out_once(engine: Engine) -> None:
    case = start(engine, "@task X > A > @message payment > B > @message payment > C")
    engine.message("payment", case_id=case.id)

    finish(engine, case, "A", "B")

    assert open_tasks(engine, case) == []


def test_the_same_message_twice_is_one(engine: Engine) -> None:
    case = start(engine, "@message payment > A > @message payment #again > B")

    assert engine.message("payment", case_id=case.id, message_id="m1") == [case.id]
    finish(engine, case, "A")
    assert engine.message("payment", case_id=case.id, message_id="m1") == []
    assert open_tasks(engine, case) == []

    assert engine.message("payment", case_id=case.id, message_id="m2") == [case.id]


def test_a_message_starts_a_case(engine: Engine) -> None:
    engine.deploy(("a.bpmn", draw("@start-message order > A")))

    [id] = engine.message("order", data={"n": 1}, business_key="A-1")

    case = engine.case(id)
    assert (case.data, case.business_key) == ({"n": 1}, "A-1")
    assert [one.name for one in case.tasks] == ["A"]
    with pytest.raises(Conflict, match="started by an event"):
        engine.start("case")


def test_a_boundary_message_interrupts_or_not(engine: Engine) -> None:
    case = start(engine, "( A ^message stop ( X ) | B +message news ( Y ) )")

    engine.message("news", case_id=case.id)
    engine.message("news", case_id=case.id)
    engine.message("stop", case_id=case.id)

    assert open_tasks(engine, case) == ["B", "X", "Y", "Y"]


def test_two_receive_tasks_take_two_messages_the_older_first(engine: Engine) -> None:
    case = start(engine, "( @receive m One > A | @receive m Two > B )")

    engine.message("m", case_id=case.id)
    assert len(open_tasks(engine, case)) == 1
    engine.message("m", case_id=case.id)

    assert open_tasks(engine, case) == ["A", "B"]


def test_a_message_that_cannot_be_given_says_why(engine: Engine) -> None:
    with pytest.raises(Invalid, match="name"):
        engine.message("")


def test_a_signal_reaches_all_that_wait(engine: Engine) -> None:
    engine.deploy(("starter.bpmn", draw("@start-signal alarm > S", key="starter")))
    waiting = [start(engine, "( @signal alarm > A | B ^signal alarm ( C ) )") for _ in range(2)]
    idle = start(engine, "A")

    taken = engine.signal("alarm", {"where": "north"})

    assert set(taken) > {case.id for case in waiting}
    assert idle.id not in taken
    assert len(taken) == 3
    assert all(open_tasks(engine, case) == ["A", "C"] for case in waiting)


def test_a_signal_thrown_in_a_case_reaches_the_others_and_itself(engine: Engine) -> None:
    other = start(engine, "@signal alarm > A")
    case = start(engine, "( B > @throw-signal alarm Ring | @signal alarm Hear > C )")

    finish(engine, case, "B")

    assert open_tasks(engine, case) == ["C"]
    assert open_tasks(engine, other) == ["A"]


def test_a_signal_nobody_waits_for_is_gone(engine: Engine) -> None:
    case = start(engine, "A > @signal alarm > B")
    assert engine.signal("alarm") == []

    finish(engine, case, "A")

    assert open_tasks(engine, case) == []


# -- several instances -----------------------------------------------------------------------------------


def test_items_run_at_the_same_time(engine: Engine) -> None:
    case = start(engine, "Ask each n in names > A", {"names": ["x", "y"]})

    assert [(one.name, one.item) for one in tasks(engine, case)] == [("Ask", "x"), ("Ask", "y")]
    finish(engine, case, "Ask", item="y")
    finish(engine, case, "Ask", item="x")

    assert open_tasks(engine, case) == ["A"]


def test_items_run_in_turn(engine: Engine) -> None:
    case = start(engine, "Ask 3 times in turn > A")

    for number in range(3):
        assert [one.item for one in tasks(engine, case)] == [number]
        finish(engine, case, "Ask")

    assert open_tasks(engine, case) == ["A"]


@pytest.mark.parametrize("order", ["", "in turn"])
def test_no_items_at_all_are_passed(engine: Engine, order: str) -> None:
    assert open_tasks(engine, start(engine, f"Ask each n in names {order} > A", {"names": []})) == ["A"]


def test_enough_items_end_the_rest(engine: Engine) -> None:
    case = start(engine, "Ask 3 times enough when (nrOfCompletedInstances >= 2) > A")

    finish(engine, case, "Ask", item=2)
    assert len(tasks(engine, case)) == 2
    finish(engine, case, "Ask", item=0)

    assert open_tasks(engine, case) == ["A"]
    assert sorted(states(engine, case, "ask"))[-1] == "withdrawn"


def test_an_item_sees_its_own_value_and_counters(engine: Engine) -> None:
    case = start(
        engine,
        "{ S: m := n * 10 > Ask <assignee='${names[loopCounter]}'> } each n in names",
        {"names": [1, 2]},
    )

    assert sorted(one.assignee or "" for one in tasks(engine, case)) == ["1", "2"]


def test_automatic_items_run_by_themselves(engine: Engine) -> None:
    assert again(engine, start(engine, "{ S: n := n + 1 } 3 times > A", {"n": 0})).data["n"] == 3


def collecting(sequential: bool) -> bytes:
    loop = node(
        "multiInstanceLoopCharacteristics",
        attributes={"isSequential": str(sequential).lower()},
        children=[
            node(
                "extensionElements",
                children=[
                    node(
                        "zeebe:loopCharacteristics",
                        attributes={
                            "inputCollection": "=names", "inputElement": "n",
                            "outputCollection": "answers", "outputElement": "=n + answer",
                        },
                    )
                ],
            )
        ],
    )  # fmt: skip
    return bpmn(
        process(
            "case",
            node("startEvent", "s"),
            node("userTask", "ask", name="Ask", children=[loop]),
            node("userTask", "after", name="After"),
            node("endEvent", "e"),
            flow("s", "ask"),
            flow("ask", "after"),
            flow("after", "e"),
        )
    )


@pytest.mark.parametrize("sequential", [True, False])
def test_results_are_collected_in_the_order_of_the_items(engine: Engine, sequential: bool) -> None:
    engine.deploy(("collect.bpmn", collecting(sequential)))
    case = engine.start("case", {"names": [10, 20, 30]})

    while open_tasks(engine, case) != ["After"]:
        finish(engine, case, "Ask", item=tasks(engine, case)[-1].item, answer=1)

    assert again(engine, case).data["answers"] == [11, 21, 31]


@pytest.mark.parametrize("names", [None, 5, "abc"])
def test_a_collection_that_is_none_is_an_incident(engine: Engine, names: Any) -> None:
    case = start(engine, "Ask each n in names > A", {"names": names})
    [incident] = again(engine, case).incidents

    engine.do(case.id, Retry(incident.id, data={"names": ["x"]}))

    assert [one.item for one in tasks(engine, case)] == ["x"]


def test_too_many_items_are_an_incident(engine: Engine) -> None:
    drawn = draw("Ask 3 times > A").replace(b">3<", b">1000000<")
    engine.deploy(("many.bpmn", drawn))
    case = engine.start("case")

    assert [one.element_id for one in case.incidents] == ["ask"]


# -- errors ----------------------------------------------------------------------------------------------


def test_an_error_is_caught_by_its_code_at_the_nearest_scope(engine: Engine) -> None:
    case = start(
        engine,
        "{ Outer: { Inner: A > [ code = 1: @error one | code = 2: @error two | else: B ] } ^error one ( X ) }"
        " ^error two ( Y )",
    )

    finish(engine, case, "A", code=2)

    assert open_tasks(engine, case) == ["Y"]
    other = engine.start("case")
    finish(engine, other, "A", code=1)
    assert open_tasks(engine, other) == ["X"]


def test_a_catcher_without_a_code_catches_every_error(engine: Engine) -> None:
    case = start(engine, "{ S: A > @error any } ^error ( X )")

    finish(engine, case, "A")

    assert open_tasks(engine, case) == ["X"]


def test_an_error_crosses_a_call(engine: Engine) -> None:
    engine.deploy(("two.bpmn", draw_all(case="@call part Do ^error bad ( X ) > B", part="A > @error bad")))
    case = engine.start("case")

    finish(engine, case, "A")

    assert open_tasks(engine, case) == ["X"]


def test_an_uncaught_error_is_an_incident_and_nothing_goes_on(engine: Engine) -> None:
    case = start(engine, "( A > @error bad | B )")

    finish(engine, case, "A")

    [incident] = again(engine, case).incidents
    assert incident.kind == "error"
    assert "bad" in incident.message
    finish(engine, case, "B")
    assert again(engine, case).status is Status.RUNNING


def test_a_circle_without_a_wait_is_stopped_with_an_incident(engine: Engine) -> None:
    case = start(engine, "( n := n + 1 > @task Note until done ) > A", {"n": 0, "done": False})

    [incident] = again(engine, case).incidents
    assert incident.kind == "runaway"
    assert again(engine, case).status is Status.RUNNING
    engine.do(case.id, Retry(incident.id, data={"done": True}))
    assert open_tasks(engine, case) == ["A"]


# -- rework loops ----------------------------------------------------------------------------------------


def rework(engine: Engine, rounds: int) -> None:
    case = start(engine, "( Write until done ) > Final", {"done": False})
    for _ in range(rounds):
        [one] = tasks(engine, case)
        assert one.name == "Write"
        engine.do(case.id, Complete(one.id))
    assert again(engine, case).status is Status.RUNNING
    finish(engine, case, "Write", done=True)

    assert open_tasks(engine, case) == ["Final"]
    finish(engine, case, "Final")
    assert ended(engine, case)


def test_two_thousand_rounds_of_rework_are_never_falsely_complete(engine: Engine) -> None:
    rework(engine, 2_000)


@pytest.mark.slow
def test_ten_thousand_rounds_of_rework_are_never_falsely_complete(engine: Engine) -> None:
    rework(engine, 10_000)


def test_a_condition_may_be_a_formal_expression_of_a_task_without_a_gateway(engine: Engine) -> None:
    case = start(engine, "A ~> ( x > 1: B | else: C ) > D")

    finish(engine, case, "A", x=2)

    assert open_tasks(engine, case) == ["B"]


def test_the_default_of_a_form_field_is_computed_when_the_task_opens(engine: Engine) -> None:
    fields = [
        node("camunda:formField", "fee", attributes={"defaultValue": "${base * 2}", "type": "long"}),
        node("camunda:formField", "note", attributes={"defaultValue": "none", "type": "string"}),
    ]
    form = extensions(node("camunda:formData", children=fields))
    diagram = bpmn(
        process(
            "case",
            node("startEvent", "start"),
            node("userTask", "check", children=[form]),
            node("endEvent", "end"),
            flow("start", "check"),
            flow("check", "end"),
        )
    )
    engine.deploy(("case.bpmn", diagram))

    [task] = engine.start("case", data={"base": 21}).tasks

    assert task.form is not None
    assert {field.id: field.default for field in task.form.fields} == {"fee": 42, "note": "none"}


def test_what_gets_into_trouble_again_has_one_incident_and_not_two(engine: Engine) -> None:
    case = start(engine, "A 3 times in turn enough when fine > B")
    finish(engine, case, "A")
    [first] = again(engine, case).incidents

    finish(engine, case, "A")

    [second] = again(engine, case).incidents
    assert second.id != first.id
    engine.do(case.id, Retry(second.id, data={"fine": True}))
    assert again(engine, case).incidents == []
    finish(engine, case, "A")
    assert (open_tasks(engine, case), again(engine, case).incidents) == (["B"], [])


def test_what_a_called_process_hands_back_leaves_the_counters_of_the_items_alone(engine: Engine) -> None:
    callee = process(
        "part", node("startEvent", "s"), node("userTask", "work", name="Work"), flow("s", "work")
    )
    both = extensions(*(node(f"camunda:{way}", attributes={"variables": "all"}) for way in ("in", "out")))
    call = node("callActivity", "call", name="Call", attributes={"calledElement": "part"}, children=[both])
    inner = node(
        "subProcess", "each", name="Each",
        children=[
            node("multiInstanceLoopCharacteristics", children=[node("loopCardinality", text="3")]),
            node("startEvent", "begin"), call, node("userTask", "after", name="After"),
            flow("begin", "call"), flow("call", "after"),
        ],
    )  # fmt: skip
    caller = process("case", node("startEvent", "start"), inner, flow("start", "each"))
    case = start_drawn(engine, bpmn(caller, callee))
    for name in ("Work", "After", "Work"):
        engine.do(case.id, Complete(next(one.id for one in tasks(engine, case) if one.name == name)))

    [body] = [scope for scope in live(engine, case.id).scopes.values() if scope.body]

    counted = body.vars.maps[0]
    open_items = sum(one.number is not None for one in body.tokens.values())
    assert counted["nrOfActiveInstances"] == open_items
    assert counted["nrOfCompletedInstances"] == 3 - open_items
