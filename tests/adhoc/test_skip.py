"""Skipping: the token goes on as if the step had been done; nothing runs and nothing is sent."""

from __future__ import annotations

from datetime import timedelta

import pytest
from drawing import draw, draw_all
from playing import NOON, Clock, again, finish, live, marking, open_tasks, start, states, task, tasks

from caseloom.adhoc import Insert, Revisit, Skip
from caseloom.engine import Engine
from caseloom.engine.errors import Conflict, Invalid, NotFound, Superseded
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
