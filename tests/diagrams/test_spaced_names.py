"""Names with spaces: FEEL knows them where the diagram declares them."""

from __future__ import annotations

import json

from drawing_xml import bpmn, flow, node, process
from playing import open_tasks

from caseloom.engine import Engine


def asking(condition: str, *more) -> bytes:
    """`premium` comes where the condition holds, else `plain`."""
    return bpmn(
        process(
            "order",
            node("startEvent", "start"),
            node("exclusiveGateway", "which", attributes={"default": "else"}),
            node("userTask", "premium"),
            node("userTask", "plain"),
            flow("start", "which"),
            flow("which", "premium", condition),
            flow("which", "plain", id="else"),
            *more,
        )
    )


def test_a_condition_reads_a_data_object_whose_name_has_spaces(engine: Engine) -> None:
    drawn = asking('Service Level = "Premium"', node("dataObject", "level", name="Service Level"))
    engine.deploy(("order.bpmn", drawn))

    assert open_tasks(engine, engine.start("order", {"Service Level": "Premium"})) == ["premium"]
    assert open_tasks(engine, engine.start("order", {"Service Level": "Basic"})) == ["plain"]


def test_a_condition_reads_what_a_mapping_writes_and_what_a_form_asks_for(engine: Engine) -> None:
    form = json.dumps(
        {"components": [{"type": "group", "components": [{"type": "textfield", "key": "How urgent.now"}]}]}
    )
    task = node(
        "userTask",
        "ask",
        children=[
            node(
                "extensionElements",
                children=[
                    node("zeebe:userTaskForm", text=form),
                    node(
                        "zeebe:ioMapping",
                        children=[
                            node("zeebe:output", attributes={"source": "=1", "target": "number of pages"})
                        ],
                    ),
                ],
            )
        ],
    )
    drawn = asking("number of pages + How urgent > 2", task, flow("plain", "ask"))

    engine.deploy(("order.bpmn", drawn))
    case = engine.start("order", {"number of pages": 2, "How urgent": 1})
    assert open_tasks(engine, case) == ["premium"]


def test_a_name_that_nothing_declares_is_two_words(engine: Engine) -> None:
    findings = engine.check(("order.bpmn", asking('Service Level = "Premium"')))

    assert [finding.code for finding in findings] == ["wrong-expression"]
    assert "`Service Level`" in findings[0].message


def test_an_identifier_is_known_anyway(engine: Engine) -> None:
    engine.deploy(("order.bpmn", asking("amount > 5", node("dataObject", "a", name="amount"))))

    assert open_tasks(engine, engine.start("order", {"amount": 6})) == ["premium"]
