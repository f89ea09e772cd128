"""How cases begin where more than one plain start could begin them."""

from __future__ import annotations

import pytest
from drawing import bpmn, flow, node, process
from openings import CONDITIONAL, TWO_DOORS
from playing import open_tasks, start

from caseloom.adhoc import Skip, options
from caseloom.engine import Engine, Person
from caseloom.engine.errors import Conflict, Invalid, NotAllowed


def test_a_process_with_several_plain_starts_wants_to_know_at_which(engine: Engine) -> None:
    engine.deploy(("doors.bpmn", TWO_DOORS))

    with pytest.raises(Invalid, match="“front” or at “back”"):
        engine.start("doors")
    with pytest.raises(Invalid, match="no plain start “side”"):
        engine.start("doors", start_event="side")

    assert open_tasks(engine, engine.start("doors", start_event="front")) == ["a"]


def test_a_call_of_a_process_with_several_starts_waits_with_an_incident(engine: Engine) -> None:
    engine.deploy(("doors.bpmn", TWO_DOORS))

    case = start(engine, "@call doors Go in > A")

    [incident] = engine.case(case.id).incidents
    assert "several starts" in incident.message


def test_each_condition_that_holds_starts_a_case_with_the_data(engine: Engine) -> None:
    engine.deploy(("heat.bpmn", CONDITIONAL))

    assert engine.conditions({"degrees": 30}) == []
    assert engine.conditions({"other": 1}) == []
    [begun] = engine.conditions({"degrees": 31}, business_key="July", by="anna")

    case = engine.case(begun)
    assert (case.business_key, case.data, open_tasks(engine, case)) == ("July", {"degrees": 31}, ["a"])


def test_a_process_that_a_condition_starts_is_started_by_hand_only_where_it_holds(engine: Engine) -> None:
    engine.deploy(("heat.bpmn", CONDITIONAL))

    with pytest.raises(Conflict, match="started by an event"):
        engine.start("heat", {"degrees": 1})

    assert open_tasks(engine, engine.start("heat", {"degrees": 40})) == ["a"]


def test_only_the_newest_version_is_started_by_a_condition(engine: Engine) -> None:
    engine.deploy(("heat.bpmn", CONDITIONAL))
    engine.deploy(("heat.bpmn", CONDITIONAL.replace(b"30", b"50")))

    assert engine.conditions({"degrees": 40}) == []


def test_a_condition_that_cannot_be_read_from_the_data_does_not_hold(engine: Engine) -> None:
    engine.deploy(("heat.bpmn", CONDITIONAL.replace(b"degrees &gt; 30", b"${missing.part == 1}")))

    assert engine.conditions({"degrees": 40}) == []


def test_somebody_unknown_starts_nothing_by_a_condition(clock) -> None:
    with Engine("sqlite://", clock=clock, people={"anna": Person("anna")}.get) as engine:
        engine.deploy(("heat.bpmn", CONDITIONAL))

        with pytest.raises(NotAllowed):
            engine.conditions({"degrees": 40}, by="zoe")

        assert engine.cases() == []


@pytest.fixture
def dealing(engine: Engine) -> Engine:
    """An offer and a demand, in any order, start a deal together."""
    event = node(
        "startEvent",
        "agreed",
        attributes={"parallelMultiple": "true"},
        children=[node("messageEventDefinition", attributes={"messageRef": name}) for name in ("m", "n")],
    )
    declared = [node("message", "m", name="offer"), node("message", "n", name="demand")]
    engine.deploy(
        (
            "both.bpmn",
            bpmn(process("both", event, node("userTask", "deal"), flow("agreed", "deal")), *declared),
        )
    )

    return engine


def test_messages_that_start_a_process_together_find_their_case_by_its_business_key(dealing: Engine) -> None:
    [first] = dealing.message("offer", business_key="A")
    [second] = dealing.message("offer", business_key="B")
    assert dealing.message("demand", business_key="B", data={"price": 3}) == [second]

    assert (open_tasks(dealing, dealing.case(first)), open_tasks(dealing, dealing.case(second))) == (
        [],
        ["deal"],
    )
    assert dealing.case(second).data == {"price": 3}


def test_a_handler_lets_a_case_go_on_without_the_second_of_its_triggers(dealing: Engine) -> None:
    [case] = dealing.message("offer", business_key="A")
    assert [one.element_id for one in options(dealing, case).skip][:1] == ["agreed"]

    dealing.do(case, Skip("agreed", reason="they met in person"))

    assert open_tasks(dealing, dealing.case(case)) == ["deal"]
    assert dealing.message("demand", business_key="A") != [case]
