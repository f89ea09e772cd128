"""Cycles as cron expressions, as diagrams of Camunda 7 have them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playing import NOON, Clock

from caseloom.engine import Engine
from caseloom.engine.errors import DiagramError, ExpressionError
from caseloom.engine.expressions import cron


def cycle(text: str) -> bytes:
    return f"""<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="urn:t">
        <process id="case" isExecutable="true"><startEvent id="s"><timerEventDefinition>
        <timeCycle>{text}</timeCycle></timerEventDefinition></startEvent><userTask id="a" name="A"/>
        <sequenceFlow id="f" sourceRef="s" targetRef="a"/></process></definitions>""".encode()


def on(
    day: int, hour: int, minute: int = 0, second: int = 0, *, month: int = 1, year: int = 2026
) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "at", "then"),
    [
        ("0 0 9 * * ?", on(1, 8), on(1, 9)),
        ("0 0 9 * * ?", on(1, 9), on(2, 9)),
        ("0 0/15 * * * ?", on(1, 8, 44, 59), on(1, 8, 45)),
        ("0 0/15 * * * ?", on(1, 8, 45), on(1, 9)),
        ("*/20 * * * * *", on(31, 23, 59, 40, month=12), on(1, 0, year=2027)),
        ("0 30 8-10,17 ? * MON-FRI", on(2, 17, 30), on(5, 8, 30)),
        ("0 0 0 ? * 1", on(1, 0), on(4, 0)),
        ("0 0 12 L * ?", on(31, 12), on(28, 12, month=2)),
        ("0 0 0 29 FEB ?", on(1, 0), on(29, 0, month=2, year=2028)),
        ("0 0 0 1 1 ? 2030", on(1, 0), on(1, 0, year=2030)),
    ],
)
def test_an_expression_comes_next(text: str, at: datetime, then: datetime) -> None:
    assert cron.read(text).after(at) == then


def test_a_day_that_the_calendar_does_not_have_never_comes() -> None:
    with pytest.raises(ExpressionError, match="never comes"):
        cron.read("0 0 0 30 2 ?").after(NOON)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0 60 * * * ?", "“60” names no minutes"),
        ("0 0 9 ? * FOO", "“FOO” names no days of the week"),
        ("0 0 9 15W * ?", "“15W” names no days of the month"),
        ("0 0 0/0 * * ?", "“0/0” names no hours"),
        ("? 0 9 * * ?", "“?” names no seconds"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(engine: Engine, text: str, said: str) -> None:
    with pytest.raises(DiagramError) as refused:
        engine.deploy(("drawn.bpmn", cycle(text)))

    assert any(said in one.message and one.code == "wrong-timer" for one in refused.value.findings)


def test_a_cycle_starts_a_case_each_time_and_does_not_make_up_for_what_was_missed(
    engine: Engine, clock: Clock
) -> None:
    engine.deploy(("drawn.bpmn", cycle("0 0 0/6 * * ?")))
    began = engine.next_due()
    assert began is not None and (began.hour % 6, began.minute) == (0, 0)

    clock.forward(hours=6)
    engine.run_due()
    assert len(engine.cases()) == 1

    clock.forward(days=3)
    engine.run_due()
    assert len(engine.cases()) == 2
    due = engine.next_due()
    assert due is not None and due > clock()


def test_a_cycle_at_a_task_comes_again_until_the_task_is_done(engine: Engine, clock: Clock) -> None:
    drawn = b"""<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="urn:t">
        <process id="case" isExecutable="true"><startEvent id="s"/><userTask id="a" name="A"/>
        <boundaryEvent id="b" attachedToRef="a" cancelActivity="false"><timerEventDefinition>
        <timeCycle>0 0 * * * ?</timeCycle></timerEventDefinition></boundaryEvent><userTask id="h" name="H"/>
        <sequenceFlow id="f" sourceRef="s" targetRef="a"/><sequenceFlow id="g" sourceRef="b" targetRef="h"/>
        </process></definitions>"""
    engine.deploy(("drawn.bpmn", drawn))
    case = engine.start("case")
    for _ in range(3):
        clock.forward(hours=1)
        engine.run_due()

    assert sorted(one.name for one in engine.tasks(case_id=case.id)) == ["A", "H", "H", "H"]
