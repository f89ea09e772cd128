"""Conditional events whose condition is JUEL, as Camunda Modeler writes it: what is not written yet is not true yet."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playing import open_tasks, task

from caseloom.engine import Complete, Engine, SetData
from caseloom.engine.errors import ExpressionError

CONDITION = """<conditionalEventDefinition><condition xsi:type="tFormalExpression">{}</condition>
    </conditionalEventDefinition>"""
PLACES = {
    "on the way": """<startEvent id="s"/><intermediateCatchEvent id="c">{}</intermediateCatchEvent>
        <userTask id="h" name="h"/><sequenceFlow id="f" sourceRef="s" targetRef="c"/>
        <sequenceFlow id="g" sourceRef="c" targetRef="h"/>""",
    "at a task": """<startEvent id="s"/><userTask id="a" name="a"/><boundaryEvent id="c" attachedToRef="a">{}
        </boundaryEvent><userTask id="h" name="h"/><sequenceFlow id="f" sourceRef="s" targetRef="a"/>
        <sequenceFlow id="g" sourceRef="c" targetRef="h"/>""",
    "of an event sub-process": """<startEvent id="s"/><userTask id="a" name="a"/>
        <sequenceFlow id="f" sourceRef="s" targetRef="a"/><subProcess id="e" triggeredByEvent="true">
        <startEvent id="c">{}</startEvent><userTask id="h" name="h"/>
        <sequenceFlow id="g" sourceRef="c" targetRef="h"/></subProcess>""",
}
Deploy = Callable[[str], None]


@pytest.fixture(params=PLACES)
def deploy(engine: Engine, request: pytest.FixtureRequest) -> Deploy:
    def deploy(condition: str) -> None:
        drawn = f"""<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="urn:t"
            xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><process id="case" isExecutable="true">
            {PLACES[request.param].format(CONDITION.format(condition))}</process></definitions>"""
        engine.deploy(("drawn.bpmn", drawn.encode()))

    return deploy


def test_a_variable_that_nothing_has_written_makes_it_wait(engine: Engine, deploy: Deploy) -> None:
    deploy("${amount &gt; 5}")
    case = engine.start("case")
    assert "h" not in open_tasks(engine, case)

    engine.do(case.id, SetData({"amount": 4}))
    assert "h" not in open_tasks(engine, case)

    engine.do(case.id, SetData({"amount": 6}))
    assert open_tasks(engine, case) == ["h"]
    engine.do(case.id, Complete(task(engine, case, "h").id))


def test_what_is_there_but_cannot_be_compared_is_refused(engine: Engine, deploy: Deploy) -> None:
    deploy("${amount &gt; 5}")
    case = engine.start("case")

    with pytest.raises(ExpressionError, match="is no number"):
        engine.do(case.id, SetData({"amount": "much"}))
