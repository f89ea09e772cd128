"""What one case sends reaches another: messages to the one they fit, signals to all that listen."""

from __future__ import annotations

from datetime import timedelta

import pytest
from drawing import bpmn, draw_all, expression, flow, node, process
from playing import Clock, finish, open_tasks

from caseloom.engine import Engine, Person, Retry, SetData
from caseloom.engine.errors import NotAllowed
from caseloom.engine.results import Status

BUYER_AND_SELLER = draw_all(
    buyer="Choose > @throw-message order > @message goods Wait > Unpack",
    seller="@start-message order > Pack > @end-message goods",
)


def test_a_thrown_message_starts_the_other_process_and_its_answer_comes_back(engine: Engine) -> None:
    engine.deploy(("shop.bpmn", BUYER_AND_SELLER))
    buyer = engine.start("buyer", business_key="A-17")

    finish(engine, buyer, "Choose")

    [seller] = engine.cases(key="seller")
    assert (seller.business_key, open_tasks(engine, seller)) == ("A-17", ["Pack"])
    finish(engine, seller, "Pack")
    assert engine.case(seller.id).status is Status.COMPLETED
    assert open_tasks(engine, buyer) == ["Unpack"]


def test_an_answer_goes_to_the_case_of_its_business_key_and_to_nobody_by_guess(engine: Engine) -> None:
    engine.deploy(("shop.bpmn", BUYER_AND_SELLER))
    named = [engine.start("buyer", business_key=key) for key in ("A-1", "A-2")]
    nameless = [engine.start("buyer") for _ in range(2)]
    for case in (*named, *nameless):
        finish(engine, case, "Choose")

    for case in engine.cases(key="seller"):
        finish(engine, case, "Pack")

    assert [open_tasks(engine, case) for case in named] == [["Unpack"], ["Unpack"]]
    assert [open_tasks(engine, case) for case in nameless] == [[], []]


def test_processes_that_start_each_other_for_ever_are_stopped(engine: Engine) -> None:
    engine.deploy(
        (
            "echo.bpmn",
            draw_all(
                a="@start-message ping > @end-message pong", b="@start-message pong > @end-message ping"
            ),
        )
    )

    engine.message("ping")

    assert 2 <= len(engine.cases(limit=200)) <= 60


def test_a_timer_that_leads_nowhere_waits_with_an_incident(engine: Engine, clock: Clock) -> None:
    timer = node("timerEventDefinition", children=[expression("timeDuration", "PT5M")])
    diagram = bpmn(
        process(
            "case",
            node("startEvent", "start"),
            node("intermediateCatchEvent", "wait", children=[timer]),
            node("userTask", "yes"),
            node("userTask", "no"),
            node("endEvent", "end"),
            node("endEvent", "end_2"),
            flow("start", "wait"),
            flow("wait", "yes", "ready"),
            flow("wait", "no", "not(ready)"),
            flow("yes", "end"),
            flow("no", "end_2"),
        )
    )
    engine.deploy(("case.bpmn", diagram))
    case = engine.start("case")
    clock.forward(minutes=6)

    engine.run_due()
    engine.run_due()

    [incident] = engine.case(case.id).incidents
    assert "ready" in incident.message
    engine.do(case.id, Retry(incident.id, data={"ready": True}))
    engine.run_due()
    assert open_tasks(engine, case) == ["yes"]
    assert engine.case(case.id).incidents == []
    assert engine.next_due() is None
    assert clock() > engine.case(case.id).created_at + timedelta(minutes=5)


def test_only_who_has_work_in_a_case_corrects_its_file(clock: Clock) -> None:
    people = {"anna": Person("anna"), "bo": Person("bo"), "dora": Person("dora", ["case-managers"])}
    with Engine("sqlite://", clock=clock, people=people.get) as engine:
        engine.deploy(("case.bpmn", draw_all(case="Check <assignee=anna> > Send <assignee=anna>")))
        case = engine.start("case", by="anna")

        engine.do(case.id, SetData({"x": 1}), by="anna")
        engine.do(case.id, SetData({"x": 2}), by="dora")
        with pytest.raises(NotAllowed):
            engine.do(case.id, SetData({"x": 3}), by="bo")

        assert engine.case(case.id).data == {"x": 2}
