"""Skipping: the token goes on as if the step had been done; nothing runs and nothing is sent."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from drawing import bpmn, draw, draw_all, extensions, flow, node, process
from playing import (
    NOON,
    Clock,
    again,
    finish,
    last_change,
    leftovers,
    live,
    marking,
    open_tasks,
    rebuilt,
    reloaded,
    standing,
    start,
    states,
    task,
    tasks,
)

from caseloom.adhoc import Decide, Insert, RemoveDirective, Revisit, Skip, Undo, options, orders
from caseloom.engine import Complete, Engine
from caseloom.engine.errors import CaseloomError, Conflict, Invalid, NotFound, Superseded
from caseloom.engine.results import Status


def test_a_waiting_task_is_skipped_and_its_values_stand_in_for_its_answer(engine: Engine) -> None:
    case = start(engine, "Check > [ fine: Send | else: Refuse ]")

    skipped = engine.do(case.id, Skip("check", reason="known", data={"fine": True}), by="ada")

    assert open_tasks(engine, case) == ["Send"]
    assert skipped.data == {"fine": True}
    assert states(engine, case, "check") == ["skipped"]
    entry = engine.history(case.id)[-1]
    assert (entry.command, entry.by, entry.reason) == ("Skip", "ada", "known")


def test_a_task_or_an_occurrence_is_named_by_its_id(engine: Engine) -> None:
    case = start(engine, "( Check | Check #other )")
    first = next(one for one in tasks(engine, case) if one.element_id == "check")

    engine.do(case.id, Skip(first.occurrence_id, reason="twice"))

    assert [one.element_id for one in tasks(engine, case)] == ["other"]


def test_skipping_leads_where_completing_leads(engine: Engine) -> None:
    line = "Check > ( Send | { Hear: Ask } ) > File"
    skipped, completed = start(engine, line), start(engine, line)

    engine.do(skipped.id, Skip("check", reason="no", data={"x": 1}))
    finish(engine, completed, "Check", x=1)

    assert open_tasks(engine, skipped) == open_tasks(engine, completed)
    assert marking(live(engine, skipped.id)) == marking(live(engine, completed.id))


def test_an_element_to_come_is_skipped_the_next_time(engine: Engine) -> None:
    case = start(engine, "( Write > Review until done )", {"done": False})
    engine.do(case.id, Skip("review", reason="trusted", when="next"))

    finish(engine, case, "Write")
    assert open_tasks(engine, case) == ["Write"]
    finish(engine, case, "Write")

    assert open_tasks(engine, case) == ["Review"]


def test_an_element_to_come_is_skipped_every_time(engine: Engine) -> None:
    case = start(engine, "( Write > Review until done )", {"done": False})
    engine.do(case.id, Skip("review", reason="trusted", when="every"))

    finish(engine, case, "Write", "Write", "Write")

    assert open_tasks(engine, case) == ["Write"]
    assert states(engine, case, "review") == ["skipped"] * 3


def test_an_order_to_skip_what_never_comes_does_nothing(engine: Engine) -> None:
    case = start(engine, "Check > [ fine: Send | else: Refuse ]", {"fine": False})
    engine.do(case.id, Skip("send", reason="no", when="next"))

    assert finish(engine, case, "Check", "Refuse").status is Status.COMPLETED


def test_an_order_is_ready_again_when_what_it_did_is_revisited(engine: Engine) -> None:
    case = start(engine, "Check > Review > Send")
    engine.do(case.id, Skip("review", reason="trusted", when="next"))
    finish(engine, case, "Check")
    assert open_tasks(engine, case) == ["Send"]

    engine.do(case.id, Revisit("check", reason="wrong"))
    finish(engine, case, "Check")

    assert open_tasks(engine, case) == ["Send"]


def test_one_item_is_skipped(engine: Engine) -> None:
    case = start(engine, "Ask each n in names > Draft", {"names": ["N1", "N2"]})

    engine.do(case.id, Skip("ask", item="N1", reason="abroad"))
    assert [one.item for one in tasks(engine, case)] == ["N2"]
    engine.do(case.id, Skip("ask", item=1, reason="abroad too"))

    assert open_tasks(engine, case) == ["Draft"]


def test_an_item_of_a_sequence_is_skipped_and_the_next_one_comes(engine: Engine) -> None:
    case = start(engine, "Ask each n in names in turn > Draft", {"names": ["N1", "N2"]})

    engine.do(case.id, Skip("ask", item="N1", reason="abroad"))

    assert [one.item for one in tasks(engine, case)] == ["N2"]


def test_without_an_item_a_multi_instance_activity_is_skipped_as_a_whole(engine: Engine) -> None:
    case = start(engine, "Ask each n in names > Draft", {"names": ["N1", "N2"]})

    engine.do(case.id, Skip("ask", reason="all abroad"))

    assert open_tasks(engine, case) == ["Draft"]


def test_a_sub_process_is_skipped_with_all_that_is_in_it(engine: Engine) -> None:
    case = start(engine, "{ Hear: ( Ask | Read ) } ^timer P2D ( Escalate ) > Draft")

    engine.do(case.id, Skip("hear", reason="heard before"))

    assert open_tasks(engine, case) == ["Draft"]
    assert engine.next_due() is None
    assert states(engine, case, "ask") == states(engine, case, "read") == ["withdrawn"]


def test_a_step_inside_a_sub_process_is_skipped_alone(engine: Engine) -> None:
    case = start(engine, "{ Hear: Ask > Note } > Draft")

    engine.do(case.id, Skip("ask", reason="heard before"))

    assert open_tasks(engine, case) == ["Note"]


def test_a_called_process_is_skipped_with_all_that_is_in_it(engine: Engine) -> None:
    engine.deploy(("two.bpmn", draw_all(case="@call part Do part > Draft", part="Ask")))
    case = engine.start("case")
    assert open_tasks(engine, case) == ["Ask"]

    engine.do(case.id, Skip("do_part", reason="not needed"))

    assert open_tasks(engine, case) == ["Draft"]


def test_a_step_of_a_called_process_to_come_is_skipped(engine: Engine) -> None:
    engine.deploy(("two.bpmn", draw_all(case="@call part Do part > Draft", part="Ask > Note")))
    case = engine.start("case")

    engine.do(case.id, Skip("note", reason="not needed", when="next"))
    finish(engine, case, "Ask")

    assert open_tasks(engine, case) == ["Draft"]


def test_a_receive_task_is_skipped_as_if_the_message_had_come(engine: Engine) -> None:
    case = start(engine, "@receive payment Wait > Ship")

    engine.do(case.id, Skip("wait", reason="paid in cash", data={"paid": 5}))

    assert open_tasks(engine, case) == ["Ship"]
    assert again(engine, case).data == {"paid": 5}
    assert engine.message("payment", case_id=case.id) == []


def test_a_caught_message_is_skipped_as_if_it_had_come(engine: Engine) -> None:
    case = start(engine, "@message payment > Ship")

    engine.do(case.id, Skip("payment", reason="paid in cash"))

    assert open_tasks(engine, case) == ["Ship"]


def test_a_timer_is_skipped_as_if_its_time_had_come(engine: Engine) -> None:
    case = start(engine, "@timer P30D Wait > Ship")

    engine.do(case.id, Skip("wait", reason="no longer needed"))

    assert open_tasks(engine, case) == ["Ship"]
    assert engine.next_due() is None


def test_behind_an_event_based_gateway_the_event_that_is_skipped_is_the_one_that_happens(
    engine: Engine,
) -> None:
    case = start(engine, "[ @message payment > Ship | @timer P30D Late > Remind ]")

    engine.do(case.id, Skip("late", reason="he called: he will not pay"))

    assert open_tasks(engine, case) == ["Remind"]
    assert engine.next_due() is None


def test_a_service_that_is_skipped_is_not_run(engine: Engine) -> None:
    case = start(engine, "Check > @send letter Send > File")
    finish(engine, case, "Check")
    [job] = engine.fetch_and_lock("letter", "worker")

    engine.do(case.id, Skip("send", reason="by hand"))

    assert open_tasks(engine, case) == ["File"]
    with pytest.raises(Conflict, match="done"):
        engine.complete_job(job.id, "worker", {})
    assert engine.fetch_and_lock("letter", "worker") == []


def test_skipping_takes_the_timers_of_the_step_away(engine: Engine, clock: Clock) -> None:
    case = start(engine, "Check +timer P2D ( Remind ) > Send")
    assert engine.next_due() == NOON + timedelta(days=2)

    engine.do(case.id, Skip("check", reason="no"))

    assert engine.next_due() is None


def test_inserted_work_is_skipped_by_its_task(engine: Engine) -> None:
    case = start(engine, "Check")
    engine.do(case.id, Insert("Ask", before="check"))

    engine.do(case.id, Skip(task(engine, case, "Ask").id, reason="no need"))

    assert open_tasks(engine, case) == ["Check"]


@pytest.mark.parametrize(
    ("skip", "error", "said"),
    [
        (Skip("send", reason="no"), Conflict, "not waiting now"),
        (Skip("choice_1", reason="no"), Invalid, "decided, not skipped"),
        (Skip("choice_1", reason="no", when="next"), Invalid, "decided, not skipped"),
        (Skip("end", reason="no", when="next"), Invalid, "cannot be skipped"),
        (Skip("start", reason="no", when="next"), Invalid, "cannot be skipped"),
        (Skip("nothing", reason="no"), NotFound, "nothing"),
        (Skip("check", reason=""), Invalid, "Say why"),
        (Skip("check", reason="  "), Invalid, "Say why"),
        (Skip("check", reason="no", when="later"), Invalid, "later"),  # type: ignore[arg-type]
        (Skip("check", reason="no", when="next", item=1), Invalid, "once it waits"),
        (Skip("check", reason="no", item="N1"), NotFound, "N1"),
        (Skip("check", reason="no", data={"x": float("nan")}), Invalid, "x"),
        (Skip("", reason="no"), Invalid, "target"),
    ],
)
def test_what_cannot_be_skipped_is_refused_by_name(
    engine: Engine, skip: Skip, error: type[Exception], said: str
) -> None:
    case = start(engine, "Check > [ fine: Send | else: Refuse ]")

    with pytest.raises(error, match=said):
        engine.do(case.id, skip)

    assert open_tasks(engine, case) == ["Check"]


def test_a_held_step_is_not_skipped_over_the_work_before_it(engine: Engine) -> None:
    case = start(engine, "Check")
    engine.do(case.id, Insert("Ask", before="check"))

    with pytest.raises(Conflict, match="held"):
        engine.do(case.id, Skip("check", reason="no"))


def test_what_waits_several_times_has_to_be_named(engine: Engine) -> None:
    case = start(engine, "{ Hear: Ask } each n in names", {"names": ["N1", "N2"]})
    ids = [one.id for one in tasks(engine, case)]

    with pytest.raises(Invalid, match="2 times") as refused:
        engine.do(case.id, Skip("ask", reason="no"))

    assert all(id in str(refused.value) for id in ids)


def test_a_task_that_was_taken_back_cannot_be_skipped(engine: Engine) -> None:
    case = start(engine, "Check > Send")
    finish(engine, case, "Check")
    send = task(engine, case, "Send")
    engine.do(case.id, Revisit("check", reason="wrong"))

    with pytest.raises(Superseded, match="Send"):
        engine.do(case.id, Skip(send.id, reason="no"))


def test_an_order_comes_before_an_inserted_task_or_after_it_but_nothing_is_lost(engine: Engine) -> None:
    engine.deploy(("drawn.bpmn", draw("Check > Send > File")))
    case = engine.start("case")
    engine.do(case.id, Skip("send", reason="no", when="next"))
    engine.do(case.id, Insert("Ask", before="send"))

    finish(engine, case, "Check", "Ask")

    assert open_tasks(engine, case) == ["File"]


# -- orders with limits --------------------------------------------------------------------------------------


def test_an_order_holds_until_an_element_is_reached(engine: Engine) -> None:
    case = start(
        engine, "( Write > Review > [ fine: Sign | else: ] until done )", {"done": False, "fine": False}
    )
    engine.do(case.id, Skip("review", reason="trusted", when="every", until="sign"))

    finish(engine, case, "Write")
    assert open_tasks(engine, case) == ["Write"]
    finish(engine, case, "Write", fine=True)
    finish(engine, case, "Sign", "Write")

    assert open_tasks(engine, case) == ["Review"]
    assert [(one.state, one.fired) for one in orders(engine, case.id)] == [("fired", 2)]


def test_an_order_that_ended_where_a_revisit_goes_back_to_stands_again(engine: Engine) -> None:
    case = start(engine, "( Write > Review > Sign until done )", {"done": False})
    engine.do(case.id, Skip("review", reason="trusted", when="every", until="sign"))
    finish(engine, case, "Write")
    assert open_tasks(engine, case) == ["Sign"]

    engine.do(case.id, Revisit("write", reason="wrong"))
    finish(engine, case, "Write")

    assert states(engine, case, "review") == ["(skipped)", "skipped"]


def test_an_order_holds_until_a_date(engine: Engine, clock: Clock) -> None:
    case = start(engine, "( Write > Review until done )", {"done": False})
    engine.do(case.id, Skip("review", reason="holidays", when="every", until=NOON + timedelta(days=7)))

    finish(engine, case, "Write")
    clock.forward(days=8)
    assert [one.state for one in orders(engine, case.id)] == ["fired"]
    finish(engine, case, "Write")

    assert open_tasks(engine, case) == ["Review"]


def test_an_order_may_depend_on_a_condition_which_is_looked_at_on_arrival(engine: Engine) -> None:
    case = start(engine, "( Write > Review until done )", {"done": False})
    engine.do(case.id, Skip("review", reason="small", when="every", condition="amount < 100"))

    finish(engine, case, "Write", amount=5)
    assert open_tasks(engine, case) == ["Write"]
    finish(engine, case, "Write", amount=500)

    assert open_tasks(engine, case) == ["Review"]


def test_an_order_for_one_sub_process_leaves_the_others_alone(engine: Engine) -> None:
    case = start(engine, "{ Hear: Ask > Note } each n in names", {"names": ["N1", "N2"]})
    first = task(engine, case, "Ask", item="N1")
    host = next(
        one for one in again(engine, case).occurrences if one.item == "N1" and one.element_id == "hear"
    )
    engine.do(case.id, Skip("note", reason="known", when="next", scope=host.id))

    finish(engine, case, "Ask", item="N2")
    engine.do(case.id, Complete(first.id))

    assert [(one.name, one.item) for one in tasks(engine, case)] == [("Note", "N2")]


def test_an_order_is_taken_back_until_it_has_fired(engine: Engine) -> None:
    case = start(engine, "Check > Review > Send")
    engine.do(case.id, Skip("review", reason="trusted", when="next"))
    [order] = orders(engine, case.id)
    assert [one.id for one in options(engine, case.id).orders] == [order.id]

    engine.do(case.id, RemoveDirective(order.id, reason="no longer"), by="ada")
    finish(engine, case, "Check")

    assert open_tasks(engine, case) == ["Review"]
    assert [one.state for one in orders(engine, case.id)] == ["lifted"]
    with pytest.raises(Conflict, match="no longer stands"):
        engine.do(case.id, RemoveDirective(order.id, reason="again"))
    with pytest.raises(NotFound, match="no order"):
        engine.do(case.id, RemoveDirective("nothing", reason="again"))


def test_taking_an_order_back_can_be_undone(engine: Engine) -> None:
    case = start(engine, "Check > Review > Send")
    engine.do(case.id, Skip("review", reason="trusted", when="next"))
    engine.do(case.id, RemoveDirective(orders(engine, case.id)[0].id, reason="no longer"))

    engine.do(case.id, Undo(last_change(engine, case)))
    finish(engine, case, "Check")

    assert open_tasks(engine, case) == ["Send"]
    assert marking(live(engine, case.id)) == marking(rebuilt(engine, case.id))


def test_an_order_that_never_fired_is_told_at_the_end(engine: Engine) -> None:
    case = start(engine, "Check > [ fine: Send | else: Refuse ]", {"fine": False})
    engine.do(case.id, Skip("send", reason="no", when="next"))

    finish(engine, case, "Check", "Refuse")

    assert [one.state for one in orders(engine, case.id)] == ["not reached"]


@pytest.mark.parametrize(
    ("skip", "said"),
    [
        (Skip("review", reason="no", when="next", until="review"), "would be reached before"),
        (Skip("review", reason="no", when="next", until="2020-01-01T00:00:00"), "has passed"),
        (Skip("review", reason="no", when="next", until="nowhere"), "no element"),
        (Skip("review", reason="no", when="next", condition="1 +"), "1"),
        (Skip("review", reason="no", when="next", condition=" "), "FEEL"),
        (Skip("check", reason="no", until="review"), "for an order"),
        (Skip("review", reason="no", when="next", scope="send"), "not a sub-process"),
        (Skip("check", reason="no", data={"x": 1}, missing=["x"]), "one of the two"),
        (Skip("check", reason="no", missing=[""]), "named"),
    ],
)
def test_a_limit_that_makes_no_sense_is_refused(engine: Engine, skip: Skip, said: str) -> None:
    case = start(engine, "Check > Review > Send")

    with pytest.raises(CaseloomError, match=re.escape(said)):
        engine.do(case.id, skip)


# -- events and items ------------------------------------------------------------------------------------------


def test_a_message_is_treated_as_having_come_with_what_it_would_have_said(engine: Engine) -> None:
    case = start(engine, "@message payment > [ amount > 9: Thank | else: Ship ]")

    engine.do(case.id, Skip("payment", reason="paid in cash", data={"amount": 10}))

    assert open_tasks(engine, case) == ["Thank"]


def test_an_event_on_an_edge_is_treated_as_having_happened(engine: Engine) -> None:
    case = start(engine, "Check +timer P2D ( Remind ) ^message stop ( Tidy ) > Send")

    engine.do(case.id, Skip("check_timer", reason="he asked to be reminded"))
    assert open_tasks(engine, case) == ["Check", "Remind"]
    engine.do(case.id, Skip("check_message", reason="by phone", data={"why": "moved"}))

    assert open_tasks(engine, case) == ["Remind", "Tidy"]
    assert again(engine, case).data == {"why": "moved"}


def test_an_event_on_the_edge_of_what_does_not_wait_cannot_happen(engine: Engine) -> None:
    case = start(engine, "Check > Draft ^timer P2D ( Tidy ) > Send")

    with pytest.raises(Conflict, match="not open"):
        engine.do(case.id, Skip("draft_timer", reason="no"))


@pytest.mark.parametrize("in_turn", ["", " in turn"])
def test_the_remaining_items_are_skipped_and_what_was_done_stays(engine: Engine, in_turn: str) -> None:
    case = start(engine, f"Ask each n in names{in_turn} > Draft", {"names": ["N1", "N2", "N3"]})
    finish(engine, case, "Ask", item="N1")

    engine.do(case.id, Skip("ask", item="rest", reason="enough"))

    assert open_tasks(engine, case) == ["Draft"]
    assert states(engine, case, "ask")[1:] == ["completed", "skipped", "skipped"]
    assert marking(live(engine, case.id)) == marking(rebuilt(engine, case.id))


def test_the_remaining_items_come_back_when_it_is_undone(engine: Engine) -> None:
    case = start(engine, "Ask each n in names > Draft", {"names": ["N1", "N2", "N3"]})
    finish(engine, case, "Ask", item="N1")
    before = standing(engine, case.id)

    engine.do(case.id, Skip("ask", item="rest", reason="enough"))
    engine.do(case.id, Undo(last_change(engine, case)))

    assert standing(engine, case.id) == before


# -- what the step would have said -------------------------------------------------------------------------------


def test_a_value_that_a_condition_needs_is_asked_for(engine: Engine) -> None:
    case = start(engine, "Check > [ fine = true: Send | fine = false: Refuse ]")

    with pytest.raises(Invalid, match="“fine”"):
        engine.do(case.id, Skip("check", reason="known"))
    engine.do(case.id, Skip("check", reason="known", data={"fine": True}))

    assert open_tasks(engine, case) == ["Send"]


def test_a_value_that_another_step_can_still_give_is_not_asked_for(engine: Engine) -> None:
    case = start(engine, "Check > Weigh > [ fine = true: Send | fine = false: Refuse ]")

    engine.do(case.id, Skip("check", reason="known"))
    finish(engine, case, "Weigh", fine=False)

    assert open_tasks(engine, case) == ["Refuse"]


def test_the_diagram_may_ask_for_values_by_name(engine: Engine) -> None:
    case = start(engine, "Check > Send", attributes={"check": {"caseloom:requiredOutputs": "risk, note"}})

    with pytest.raises(Invalid, match="“note”, “risk”"):
        engine.do(case.id, Skip("check", reason="known"))
    with pytest.raises(Invalid, match="“note”"):
        engine.do(case.id, Skip("check", reason="known", data={"risk": "low"}))
    done = engine.do(case.id, Skip("check", reason="known", data={"risk": "low"}, missing=["note"]))

    assert done.data == {"risk": "low", "note": None}


def test_a_required_field_is_asked_for_unless_its_form_has_a_default(engine: Engine) -> None:
    engine.deploy(("form.bpmn", _with_form()))
    case = engine.start("case")

    with pytest.raises(Invalid, match="“risk” as data") as refused:
        engine.do(case.id, Skip("check", reason="known"))
    assert "amount" not in str(refused.value)
    done = engine.do(case.id, Skip("check", reason="known", data={"risk": "low"}))

    assert done.data == {"risk": "low", "amount": 5}


def _with_form() -> bytes:
    def field(id: str, required: bool = True, **attributes: str) -> Element:
        needed = [node("camunda:constraint", attributes={"name": "required"})] if required else []
        validation = node("camunda:validation", children=needed)
        return node("camunda:formField", id, attributes=attributes, children=[validation])

    fields = [
        field("risk", type="string"),
        field("amount", type="long", defaultValue="5"),
        field("note", required=False, type="string"),
    ]
    form = extensions(node("camunda:formData", children=fields))
    check = node("userTask", "check", name="Check", children=[form])
    steps = [
        node("startEvent", "start"),
        check,
        node("userTask", "send", name="Send"),
        node("endEvent", "end"),
    ]
    return bpmn(process("case", *steps, flow("start", "check"), flow("check", "send"), flow("send", "end")))


def test_an_order_in_advance_asks_for_values_too(engine: Engine) -> None:
    case = start(engine, "Check > Review > Send", attributes={"review": {"caseloom:requiredOutputs": "risk"}})

    with pytest.raises(Invalid, match="“risk”"):
        engine.do(case.id, Skip("review", reason="known", when="next"))
    engine.do(case.id, Skip("review", reason="known", when="next", data={"risk": "low"}))

    assert finish(engine, case, "Check").data == {"risk": "low"}


# -- which way? ----------------------------------------------------------------------------------------------


def test_a_condition_that_reads_a_missing_value_asks_a_person(engine: Engine) -> None:
    case = start(engine, "Check > [ fine = true: Send | else: Refuse ]")

    asked = engine.do(case.id, Skip("check", reason="nobody knows", missing=["fine"]))

    assert asked.incidents == []
    [question] = tasks(engine, case)
    assert (question.name, question.kind, question.element_id) == ("Which way at “choice_1”?", "adhoc", None)
    assert question.form is not None
    [field] = question.form.fields
    assert [key for key, _ in field.options] == ["choice_1__send", "choice_1__refuse"]
    done = engine.do(case.id, Complete(question.id, data={"way": "choice_1__send"}), by="bo")
    assert open_tasks(engine, case) == ["Send"]
    assert done.data == {"fine": None}
    assert (
        marking(live(engine, case.id))
        == marking(rebuilt(engine, case.id))
        == marking(reloaded(engine, case.id))
    )


def test_a_value_that_the_skip_left_open_asks_a_person_too(engine: Engine) -> None:
    case = start(engine, "Check > [ fine: Send | else: Refuse ]")

    engine.do(case.id, Skip("check", reason="nobody knows"))

    assert [one.name for one in tasks(engine, case)] == ["Which way at “choice_1”?"]


def test_a_missing_value_that_somebody_gives_later_is_missing_no_more(engine: Engine) -> None:
    case = start(engine, "Check > Weigh > [ fine = true: Send | else: Refuse ]")

    engine.do(case.id, Skip("check", reason="nobody knows", missing=["fine"]))
    finish(engine, case, "Weigh", fine=True)

    assert open_tasks(engine, case) == ["Send"]


def test_an_inclusive_gateway_is_answered_with_several_ways(engine: Engine) -> None:
    case = start(engine, "Check > ( x: A | y: B | else: C ) > D")
    engine.do(case.id, Skip("check", reason="nobody knows", missing=["x"]))
    [question] = tasks(engine, case)

    engine.do(case.id, Complete(question.id, data={"some_1__a": True, "some_1__c": True}))

    assert open_tasks(engine, case) == ["A", "C"]
    finish(engine, case, "A", "C")
    assert open_tasks(engine, case) == ["D"]


@pytest.mark.parametrize("answer", [{}, {"way": "nowhere"}, {"way": ["choice_1__send", "choice_1__refuse"]}])
def test_an_answer_that_names_no_way_is_refused(engine: Engine, answer: dict[str, object]) -> None:
    case = start(engine, "Check > [ fine = true: Send | else: Refuse ]")
    engine.do(case.id, Skip("check", reason="nobody knows", missing=["fine"]))
    [question] = tasks(engine, case)

    with pytest.raises(Invalid, match="exactly one of choice_1__send"):
        engine.do(case.id, Complete(question.id, data=answer))
    with pytest.raises(Invalid, match="not skipped"):
        engine.do(case.id, Skip(question.id, reason="no"))


def test_the_question_is_asked_again_when_its_gateway_is_revisited(engine: Engine) -> None:
    case = start(engine, "Check > [ fine = true: Send | else: Refuse ]")
    engine.do(case.id, Skip("check", reason="nobody knows", missing=["fine"]))
    engine.do(case.id, Complete(tasks(engine, case)[0].id, data={"way": "choice_1__send"}))

    engine.do(case.id, Revisit("choice_1", reason="the wrong way"))

    assert [one.name for one in tasks(engine, case)] == ["Which way at “choice_1”?"]


def test_the_question_goes_when_the_step_is_done_after_all(engine: Engine) -> None:
    case = start(engine, "Check > [ fine = true: Send | else: Refuse ]")
    engine.do(case.id, Skip("check", reason="nobody knows", missing=["fine"]))

    engine.do(case.id, Revisit("check", reason="we must know"))
    assert open_tasks(engine, case) == ["Check"]
    finish(engine, case, "Check", fine=False)

    assert open_tasks(engine, case) == ["Refuse"]


def test_the_question_is_answered_by_deciding_the_gateway_too(engine: Engine) -> None:
    case = start(engine, "Check > [ fine = true: Send | else: Refuse ]")
    engine.do(case.id, Skip("check", reason="nobody knows", missing=["fine"]))
    assert [one.id for one in options(engine, case.id).decide] == ["choice_1"]

    engine.do(case.id, Decide("choice_1", ["choice_1__refuse"], reason="to be safe"))

    assert open_tasks(engine, case) == ["Refuse"]
    assert leftovers(live(engine, case.id)) == ["token at refuse", "open refuse#1"]


def test_a_sub_process_that_cannot_tell_its_way_on_asks_too(engine: Engine) -> None:
    case = start(engine, "{ Hear: Ask } ~> ( fine = true: Send | fine = false: Refuse )")

    engine.do(case.id, Skip("ask", reason="nobody knows", missing=["fine"]))
    [question] = tasks(engine, case)
    assert question.name == "Which way at “Hear”?"
    engine.do(case.id, Complete(question.id, data={"hear__refuse": True}))

    assert open_tasks(engine, case) == ["Refuse"]
    assert marking(live(engine, case.id)) == marking(rebuilt(engine, case.id))


@pytest.mark.parametrize("when", ["next", "every"])
def test_going_back_to_a_step_that_an_order_has_skipped_lifts_the_order(engine: Engine, when: Any) -> None:
    case = start(engine, "Check > Review > Send")
    engine.do(case.id, Skip("review", reason="trusted", when=when))
    finish(engine, case, "Check")
    before = standing(engine, case.id)

    engine.do(case.id, Revisit("review", reason="we want it after all"))

    assert open_tasks(engine, case) == ["Review"]
    assert [one.state for one in orders(engine, case.id)] == ["lifted"]
    engine.do(case.id, Undo(last_change(engine, case)))
    assert standing(engine, case.id) == before


def test_where_nobody_knows_that_it_is_enough_all_items_are_done(engine: Engine) -> None:
    case = start(engine, "Ask each n in names enough when ok > Draft", {"names": ["N1", "N2"]})

    done = engine.do(case.id, Skip("ask", item="N1", reason="abroad", missing=["ok"]))
    assert done.incidents == []
    assert [one.item for one in tasks(engine, case)] == ["N2"]
    finish(engine, case, "Ask")

    assert open_tasks(engine, case) == ["Draft"]


def test_a_question_can_be_gone_back_to_and_the_skip_that_raised_it_undone(engine: Engine) -> None:
    case = start(engine, "Check > [ fine = true: Send | else: Refuse ]")
    before = standing(engine, case.id)
    engine.do(case.id, Skip("check", reason="nobody knows", missing=["fine"]))
    engine.do(case.id, Undo(last_change(engine, case)))
    assert standing(engine, case.id) == before
    engine.do(case.id, Skip("check", reason="nobody knows", missing=["fine"]))
    [question] = tasks(engine, case)
    engine.do(case.id, Complete(question.id, data={"way": "choice_1__send"}))

    engine.do(case.id, Revisit(question.id, reason="the wrong way"))
    [again_asked] = tasks(engine, case)
    engine.do(case.id, Complete(again_asked.id, data={"way": "choice_1__refuse"}))

    assert open_tasks(engine, case) == ["Refuse"]
    assert (
        marking(live(engine, case.id))
        == marking(rebuilt(engine, case.id))
        == marking(reloaded(engine, case.id))
    )


def test_the_preview_of_a_skip_shows_the_question(engine: Engine) -> None:
    case = start(engine, "Check > [ fine = true: Send | else: Refuse ]")

    shown = engine.preview(case.id, Skip("check", reason="nobody knows", missing=["fine"]))

    assert [one.name for one in shown.opened] == ["Which way at “choice_1”?"]
    engine.do(case.id, Skip("check", reason="nobody knows", missing=["fine"]), preview=shown.token)


def test_a_condition_that_has_its_own_answer_without_the_value_is_not_asked_about(engine: Engine) -> None:
    case = start(engine, "Check > Weigh > [ objection = null: Send | else: Refuse ]")

    engine.do(case.id, Skip("check", reason="not needed"))
    finish(engine, case, "Weigh")

    assert open_tasks(engine, case) == ["Send"]


def test_where_no_way_is_open_because_of_the_skip_a_person_is_asked(engine: Engine) -> None:
    case = start(engine, "Check > Weigh > [ fine = true: Send | fine = false: Refuse ]")

    engine.do(case.id, Skip("check", reason="known"))
    asked = finish(engine, case, "Weigh")

    assert asked.incidents == []
    assert [one.name for one in tasks(engine, case)] == ["Which way at “choice_1”?"]
