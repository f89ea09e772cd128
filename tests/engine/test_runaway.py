"""Diagrams that run away end in an incident on their case, within the bounds of docs/limits.md; other cases go on."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from drawing import bpmn, draw, expression, flow, node, process
from playing import again, finish, open_tasks, start_drawn

from caseloom.diagrams import bundles, reading, soundness
from caseloom.engine import Cancel, Engine, Retry
from caseloom.engine.engine import MAX_ECHOES
from caseloom.engine.expressions import running
from caseloom.engine.flow import run, starting
from caseloom.engine.results import Status

PAGE = Path(__file__).parents[2] / "docs" / "limits.md"


def in_a_row(*inside: Any) -> bytes:
    """A start event, the elements one after the other, an end event."""
    drawn = [node("startEvent", "start"), *inside, node("endEvent", "end")]
    ids = [str(one.get("id")) for one in drawn if not one.get("attachedToRef")]

    return bpmn(process("case", *drawn, *(flow(*pair) for pair in pairwise(ids))))


def counting() -> bytes:
    """A script in a loop: s > m > count > g; g > m, or a task when it is told to stop."""
    script = node("script", text="n + 1")
    attributes = {"scriptFormat": "feel", "camunda:resultVariable": "n"}
    return bpmn(
        process(
            "case",
            node("startEvent", "s"),
            node("exclusiveGateway", "m"),
            node("scriptTask", "count", attributes=attributes, children=[script]),
            node("exclusiveGateway", "g", attributes={"default": "g__m"}),
            node("userTask", "a", name="A"),
            node("endEvent", "e"),
            flow("s", "m"),
            flow("m", "count"),
            flow("count", "g"),
            flow("g", "m"),
            flow("g", "a", "stop"),
            flow("a", "e"),
        )
    )


def fork_bomb() -> bytes:
    """Each round of the loop splits in two, for ever: s > m > g; g > m twice, or the end."""
    return bpmn(
        process(
            "case",
            node("startEvent", "s"),
            node("exclusiveGateway", "m"),
            node("inclusiveGateway", "g", attributes={"default": "out"}),
            node("endEvent", "e"),
            flow("s", "m"),
            flow("m", "g"),
            flow("g", "m", "on", id="one"),
            flow("g", "m", "on", id="two"),
            flow("g", "e", id="out"),
        )
    )


def calls(count: int) -> bytes:
    """The process calls itself, so many times at once."""
    loop = node("multiInstanceLoopCharacteristics", children=[expression("loopCardinality", str(count))])
    call = node("callActivity", "again", name="Again", attributes={"calledElement": "case"}, children=[loop])

    return in_a_row(call)


def items(text: str) -> bytes:
    loop = node("multiInstanceLoopCharacteristics", children=[expression("loopCardinality", text)])

    return in_a_row(node("userTask", "all", name="All", children=[loop]))


def cycle(text: str) -> bytes:
    timer = node("timerEventDefinition", children=[expression("timeCycle", text)])

    return in_a_row(node("intermediateCatchEvent", "wait", name="Wait", children=[timer]))


RUNAWAYS = {
    "a loop without a wait": (counting(), "runs in circles"),
    "a fork bomb": (fork_bomb(), "runs in circles"),
    "a process that calls itself": (calls(1), "nested"),
    "a process that calls itself twice at once": (calls(2), "runs in circles"),
    "a million instances": (items("1000000"), "1000000 items"),
    "as many instances as the data say": (items("=many"), "1000000 items"),
    "a timer without a pause": (cycle('=if on then "R/PT0S" else "R/PT1S"'), "“Wait”"),
    "an expression without an end": (in_a_row(
        node("scriptTask", "count", name="Count", attributes={"scriptFormat": "feel", "camunda:resultVariable": "n"},
             children=[node("script", text="count(for i in 1..2000000, j in 1..2000000 return i)")])
    ), "too"),
}  # fmt: skip


@pytest.mark.parametrize("name", RUNAWAYS)
def test_a_diagram_that_runs_away_is_stopped_and_other_cases_go_on(engine: Engine, name: str) -> None:
    drawn, said = RUNAWAYS[name]
    engine.deploy(("other.bpmn", draw("A > B", key="other")))
    other = engine.start("other")
    engine.deploy(("case.bpmn", drawn))

    case = engine.start("case", data={"n": 0, "on": True, "stop": False, "many": 1_000_000})

    assert case.status is Status.RUNNING
    assert any(said in incident.message for incident in case.incidents), [
        one.message for one in case.incidents
    ]
    assert sum(len(entry.facts) for entry in engine.history(case.id)) <= run.MAX_STEPS + 100
    finish(engine, other, "A")
    assert open_tasks(engine, other) == ["B"]
    assert engine.do(case.id, Cancel(reason="it runs away")).status is Status.CANCELLED


def test_cases_that_start_one_another_come_to_an_end(engine: Engine) -> None:
    """The process throws the message that starts it."""
    drawn = bpmn(
        process(
            "case",
            node(
                "startEvent", "s", children=[node("messageEventDefinition", attributes={"messageRef": "m"})]
            ),
            node("endEvent", "e", children=[node("messageEventDefinition", attributes={"messageRef": "m"})]),
            flow("s", "e"),
        ),
        node("message", "m", name="go"),
    )
    engine.deploy(("case.bpmn", drawn))

    engine.message("go")

    assert 1 <= len(engine.cases(key="case", limit=100)) <= MAX_ECHOES + 1


def test_a_case_that_ran_away_can_be_put_right_and_go_on(engine: Engine) -> None:
    case = start_drawn(engine, counting(), {"n": 0, "stop": False})
    [incident] = case.incidents

    engine.do(case.id, Retry(incident.id, data={"stop": True}))

    assert open_tasks(engine, again(engine, case)) == ["A"]


def test_the_page_tells_the_bounds_that_hold() -> None:
    told = {
        name.strip(): int(number.replace(",", ""))
        for name, number in re.findall(
            r"^\| ([^|]+) \| ([\d,]+)", PAGE.read_text(encoding="utf-8"), re.MULTILINE
        )
    }

    assert told == {
        "automatic steps of one command": run.MAX_STEPS,
        "items of a multi-instance activity": starting.MAX_ITEMS,
        "calls and sub-processes within one another": starting.MAX_DEPTH,
        "cases that pass on a message or signal, one after the other": MAX_ECHOES,
        "steps of one expression": running.MAX_STEPS,
        "items of a list": running.MAX_LIST,
        "characters of a text": running.MAX_STRING,
        "bytes of a file": reading.MOST_BYTES,
        "elements of a file": reading.MOST_ELEMENTS,
        "elements within one another": reading.MOST_DEPTH,
        "steps of a diagram": reading.MOST_STEPS,
        "files of a bundle": bundles.MOST_FILES,
        "bytes of a bundle, unpacked": bundles.MOST_UNPACKED,
        "states that the analysis looks at": soundness.MOST_MARKINGS,
    }
