"""Values that a revisit takes out or leaves unconfirmed, and what has read them or decides on them."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

from drawing import draw, extensions, node
from playing import again, finish, open_tasks, start, states

from caseloom.adhoc import Decide, Revisit
from caseloom.engine import Case, Engine, Retry, SetData


def shown(line: str, **fields: str) -> bytes:
    """The line, where these tasks show one field each."""
    root = ElementTree.fromstring(draw(line))
    for element in root.iter():
        if (field := fields.get(element.get("id") or "")) is not None:
            form = node("camunda:formData", children=[
                node("camunda:formField", attributes={"id": field, "type": "string"})
            ])  # fmt: skip
            element.insert(0, extensions(form))
    return ElementTree.tostring(root)


def revisit(engine: Engine, case: Case, target: str, **how: Any) -> Case:
    return engine.do(case.id, Revisit(target, reason="wrong", **how), by="ada")


def told(engine: Engine, case: Case, target: str, **how: Any) -> list[tuple[str, list[str]]]:
    seen = engine.preview(case.id, Revisit(target, reason="wrong", **how))
    return [(one.occurrence.name, list(one.names)) for one in seen.tainted]


def addressed(engine: Engine) -> Case:
    """“Locate” writes the address in one branch, “Check plot” in the other has looked at it."""
    engine.deploy(
        (
            "drawn.bpmn",
            shown("( Locate > Draw map | Wait > Check plot > Note ) > Draft", check_plot="address"),
        )
    )
    case = engine.start("case")
    finish(engine, case, "Locate", address="Elm Street 1")
    finish(engine, case, "Wait", "Check plot")
    return case


def test_a_step_elsewhere_that_has_read_what_falls_is_told(engine: Engine) -> None:
    case = addressed(engine)

    assert told(engine, case, "locate") == [("Check plot", ["address"])]
    revisit(engine, case, "locate")

    assert open_tasks(engine, case) == ["Locate", "Note"]
    assert states(engine, case, "check_plot") == ["completed"]


def test_it_can_be_done_again_as_well(engine: Engine) -> None:
    case = addressed(engine)

    assert told(engine, case, "locate", also=["check_plot"]) == []
    revisit(engine, case, "locate", also=["check_plot"])

    assert open_tasks(engine, case) == ["Check plot", "Locate"]


def test_a_step_that_has_read_another_version_is_not_told(engine: Engine) -> None:
    engine.deploy(
        ("drawn.bpmn", shown("( Locate | Wait > Check plot > Note ) > Draft", check_plot="address"))
    )
    case = engine.start("case", {"address": "given"})
    finish(engine, case, "Wait", "Check plot")
    finish(engine, case, "Locate", address="Elm Street 1")

    assert told(engine, case, "locate") == []


def test_a_gateway_that_has_decided_on_what_falls_is_told(engine: Engine) -> None:
    case = start(engine, "( A > B | Wait > [ risk = 1: X | else: Y ] ) > C")
    finish(engine, case, "A", risk=1)
    finish(engine, case, "Wait")

    assert told(engine, case, "a") == [("choice_1", ["risk"])]


def test_a_script_that_has_read_what_falls_is_told(engine: Engine) -> None:
    case = start(engine, "( A > B | Wait > fee := area * 2 > Y ) > C")
    finish(engine, case, "A", area=4)
    finish(engine, case, "Wait")

    assert told(engine, case, "a") == [("set fee", ["area"])] or told(engine, case, "a")[0][1] == ["area"]


def test_a_step_read_between_two_writers_reads_the_last_one(engine: Engine) -> None:
    """Worked example 10: D read v1, which A wrote, before B wrote v2."""
    engine.deploy(("drawn.bpmn", shown("( A > A2 | Wait > D > D2 | W > B > B2 ) > C", d="risk")))
    case = engine.start("case")
    finish(engine, case, "A", risk="low")
    finish(engine, case, "Wait", "D", "W")
    finish(engine, case, "B", risk="high")

    assert told(engine, case, "a") == [("D", ["risk"])]
    assert told(engine, case, "b") == []


# -- decisions on what nobody has confirmed --------------------------------------------------------------


def decided(engine: Engine, case: Case) -> list[Any]:
    return [
        fact.get("unconfirmed")
        for entry in engine.history(case.id)
        for fact in entry.facts
        if fact["element_id"] == "choice_1"
    ]


def test_a_decision_on_a_value_that_was_kept_is_marked(engine: Engine) -> None:
    case = start(engine, "A > B > [ x = 1: X | else: Y ]")
    finish(engine, case, "A")
    finish(engine, case, "B", x=1)
    revisit(engine, case, "b")

    finish(engine, case, "B")

    assert open_tasks(engine, case) == ["X"]
    assert decided(engine, case) == [None, ["x"]]


def test_a_decision_on_a_value_that_was_written_anew_is_not(engine: Engine) -> None:
    case = start(engine, "A > B > [ x = 1: X | else: Y ]")
    finish(engine, case, "A")
    finish(engine, case, "B", x=1)
    revisit(engine, case, "b")

    finish(engine, case, "B", x=2)

    assert open_tasks(engine, case) == ["Y"]
    assert decided(engine, case) == [None, None]


def confirming(engine: Engine) -> Case:
    case = start(
        engine, "A > B > [ x = 1: X | else: Y ]", attributes={"choice_1": {"caseloom:confirm": "true"}}
    )
    finish(engine, case, "A")
    finish(engine, case, "B", x=1)
    revisit(engine, case, "b")
    finish(engine, case, "B")
    return case


def test_the_author_may_ask_for_a_confirmation(engine: Engine) -> None:
    case = confirming(engine)

    assert open_tasks(engine, case) == []
    [incident] = again(engine, case).incidents
    assert "x, which nobody has confirmed" in incident.message
    engine.do(case.id, SetData({"x": 1}))
    engine.do(case.id, Retry(incident.id))
    assert open_tasks(engine, case) == ["X"]


def test_or_a_person_chooses_the_way(engine: Engine) -> None:
    case = confirming(engine)

    engine.do(case.id, Decide("choice_1", ["choice_1__y"], reason="seen it"), by="ada")

    assert open_tasks(engine, case) == ["Y"]


# -- conditions and what made them true ------------------------------------------------------------------


def conditional(line: bytes, event: str, condition: str) -> bytes:
    root = ElementTree.fromstring(line)
    for element in root.iter():
        if element.get("id") == event:
            for child in list(element):
                if child.tag.endswith("EventDefinition"):
                    element.remove(child)
            element.append(node("conditionalEventDefinition", children=[node("condition", text=condition)]))
    return ElementTree.tostring(root)


def test_a_conditional_event_that_was_true_when_it_was_reached_falls_with_the_write_that_made_it_so(
    engine: Engine,
) -> None:
    engine.deploy(
        ("drawn.bpmn", conditional(draw("( A > A2 | Wait > @message go Go > B ) > C"), "go", "ready = true"))
    )
    case = engine.start("case", {"ready": False})
    finish(engine, case, "A", ready=True)
    finish(engine, case, "Wait")
    assert open_tasks(engine, case) == ["A2", "B"]

    revisit(engine, case, "a", data_policy="revert")

    assert open_tasks(engine, case) == ["A"]
    finish(engine, case, "A", ready=True)
    assert open_tasks(engine, case) == ["A2", "B"]


def test_a_kept_value_makes_a_condition_true_again_at_once(engine: Engine) -> None:
    engine.deploy(
        ("drawn.bpmn", conditional(draw("( A > A2 | Wait > @message go Go > B ) > C"), "go", "ready = true"))
    )
    case = engine.start("case", {"ready": False})
    finish(engine, case, "A", ready=True)
    finish(engine, case, "Wait")

    revisit(engine, case, "a")

    assert open_tasks(engine, case) == ["A", "B"]


# -- policies --------------------------------------------------------------------------------------------


def test_the_process_says_what_usually_becomes_of_values(engine: Engine) -> None:
    case = start(engine, "A > B > C", {"x": 0}, attributes={"case": {"caseloom:dataPolicy": "revert"}})
    finish(engine, case, "A", x=1)

    revisit(engine, case, "a")
    assert again(engine, case).data == {"x": 0}
    finish(engine, case, "A", x=2)
    revisit(engine, case, "a", data_policy={"x": "keep"})

    assert again(engine, case).data == {"x": 2}
