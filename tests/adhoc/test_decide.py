"""Deciding: a gateway is not skipped; a person says which way its token goes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from playing import again, finish, last_change, live, marking, open_tasks, rebuilt, standing, start, states

sys.path.insert(0, str(Path(__file__).parents[1] / "conformance"))

from shapes import shape

from caseloom.adhoc import Decide, Insert, Revisit, Skip, Undo, options
from caseloom.engine import Engine
from caseloom.engine.errors import Conflict, Invalid, NotFound
from caseloom.engine.results import Status


def test_a_choice_that_cannot_be_made_is_made_by_a_person(engine: Engine) -> None:
    case = start(engine, "Check > [ amount > 5: Manager | else: Send ]")
    finish(engine, case, "Check")
    [incident] = again(engine, case).incidents
    assert (incident.element_id, incident.kind) == ("choice_1", "expression")
    assert [one.id for one in options(engine, case.id).decide] == ["choice_1"]

    decided = engine.do(case.id, Decide("choice_1", ["choice_1__manager"], reason="a big one"), by="ada")

    assert open_tasks(engine, case) == ["Manager"]
    assert decided.incidents == []
    assert options(engine, case.id).decide == []


def test_an_inclusive_gateway_may_be_decided_for_several_ways(engine: Engine) -> None:
    case = start(engine, "Check > ( x: A | y: B | else: C ) > D")
    finish(engine, case, "Check")

    engine.do(case.id, Decide("some_1", ["some_1__a", "some_1__c"], reason="both"))

    assert open_tasks(engine, case) == ["A", "C"]
    finish(engine, case, "A", "C")
    assert open_tasks(engine, case) == ["D"]


def test_a_race_is_decided_by_naming_the_event(engine: Engine) -> None:
    case = start(engine, "[ @message payment > Ship | @timer P3D Late > Remind ]")
    assert [one.id for one in options(engine, case.id).decide] == ["race_1"]

    engine.do(case.id, Decide("race_1", ["race_1__late"], reason="he will not pay"))

    assert open_tasks(engine, case) == ["Remind"]
    assert engine.next_due() is None


def test_a_decision_is_a_change_that_can_be_undone_and_revisited(engine: Engine) -> None:
    case = start(engine, "Check > [ amount > 5: Manager | else: Send ]")
    finish(engine, case, "Check")
    engine.do(case.id, Decide("choice_1", ["choice_1__manager"], reason="a big one"))

    engine.do(case.id, Undo(last_change(engine, case)))
    assert [one.element_id for one in again(engine, case).incidents] == ["choice_1"]
    engine.do(case.id, Decide("choice_1", ["choice_1__send"], reason="a small one"))
    engine.do(case.id, Revisit("check", reason="no amount"))
    finish(engine, case, "Check", amount=9)

    assert open_tasks(engine, case) == ["Manager"]


@pytest.mark.parametrize(
    ("decide", "error", "said"),
    [
        (Decide("choice_1", ["choice_1__manager", "choice_1__send"], reason="x"), Invalid, "Exactly one"),
        (Decide("choice_1", [], reason="x"), Invalid, "Name the way"),
        (Decide("choice_1", ["start__check"], reason="x"), Invalid, "does not leave"),
        (Decide("check", ["check__choice_1"], reason="x"), Invalid, "not a gateway"),
        (Decide("nothing", ["x"], reason="x"), NotFound, "nothing"),
        (Decide("choice_1", ["choice_1__send"], reason=""), Invalid, "Say why"),
    ],
)
def test_what_cannot_be_decided_is_refused(
    engine: Engine, decide: Decide, error: type[Exception], said: str
) -> None:
    case = start(engine, "Check > [ amount > 5: Manager | else: Send ]")
    finish(engine, case, "Check")

    with pytest.raises(error, match=said):
        engine.do(case.id, decide)


def test_nothing_is_decided_where_nothing_waits(engine: Engine) -> None:
    case = start(engine, "Check > [ amount > 5: Manager | else: Send ]")

    with pytest.raises(Conflict, match="Nothing waits"):
        engine.do(case.id, Decide("choice_1", ["choice_1__send"], reason="x"))


def test_a_gateway_that_was_passed_is_decided_again_as_one_change(engine: Engine) -> None:
    case = start(engine, "Check > [ amount > 5: Manager > Sign | else: Send ] > File", {"amount": 9})
    finish(engine, case, "Check", "Manager")
    before = standing(engine, case.id)

    engine.do(case.id, Decide("choice_1", ["choice_1__send"], reason="a small one after all"), by="ada")

    assert open_tasks(engine, case) == ["Send"]
    assert states(engine, case, "manager") == ["(completed)"]
    assert marking(live(engine, case.id)) == marking(rebuilt(engine, case.id))
    engine.do(case.id, Undo(last_change(engine, case)))
    assert standing(engine, case.id) == before


def test_a_passed_inclusive_gateway_may_take_other_ways(engine: Engine) -> None:
    case = start(engine, "Check > ( x: A | y: B | else: C ) > D", {"x": True, "y": False})
    finish(engine, case, "Check")

    engine.do(case.id, Decide("some_1", ["some_1__a", "some_1__b"], reason="both"))

    assert open_tasks(engine, case) == ["A", "B"]
    finish(engine, case, "A", "B")
    assert open_tasks(engine, case) == ["D"]


def test_a_race_that_was_run_is_decided_again(engine: Engine) -> None:
    case = start(engine, "[ @message payment > Ship | @timer P3D Late > Remind ] > File")
    engine.message("payment", case_id=case.id)
    assert open_tasks(engine, case) == ["Ship"]

    engine.do(case.id, Decide("race_1", ["race_1__late"], reason="the payment bounced"))

    assert open_tasks(engine, case) == ["Remind"]
    assert engine.next_due() is None
    assert marking(live(engine, case.id)) == marking(rebuilt(engine, case.id))


def test_an_ended_case_runs_again_when_a_gateway_is_decided_otherwise(engine: Engine) -> None:
    case = start(engine, "Check > [ amount > 5: Manager | else: Send ]", {"amount": 1})
    finish(engine, case, "Check", "Send")
    assert again(engine, case).status is Status.COMPLETED

    engine.do(case.id, Decide("choice_1", ["choice_1__manager"], reason="a big one"))

    assert open_tasks(engine, case) == ["Manager"]


def test_the_same_way_is_no_decision(engine: Engine) -> None:
    case = start(engine, "Check > [ amount > 5: Manager | else: Send ]", {"amount": 1})
    finish(engine, case, "Check")

    with pytest.raises(Conflict, match="went this way"):
        engine.do(case.id, Decide("choice_1", ["choice_1__send"], reason="x"))


def test_a_complex_gateway_that_waits_for_more_is_not_decided_but_one_that_cannot_tell_is(
    engine: Engine,
) -> None:
    line = "start > and:f > a > complex:j(when activationCount >= need) > d > end | f > b > j | f > c > j"
    engine.deploy(("shape.bpmn", shape(line)))
    waiting, stuck = engine.start("case", {"need": 2}), engine.start("case")
    finish(engine, waiting, "a")
    finish(engine, stuck, "a")
    assert [one.id for one in options(engine, waiting.id).decide] == []
    assert [one.id for one in options(engine, stuck.id).decide] == ["j"]

    with pytest.raises(Conflict, match="Nothing waits"):
        engine.do(waiting.id, Decide("j", ["j__d"], reason="one is enough"))
    engine.do(stuck.id, Decide("j", ["j__d"], reason="one is enough"))
    assert open_tasks(engine, stuck) == ["b", "c", "d"]
    finish(engine, stuck, "b", "c", "d")

    assert again(engine, stuck).status is Status.COMPLETED
    assert marking(live(engine, stuck.id)) == marking(rebuilt(engine, stuck.id))


def test_each_token_that_waits_goes_the_way_that_is_chosen(engine: Engine) -> None:
    line = "Work +message more ( [ fine: A | else: B ] ) > Send"
    case = start(engine, line)
    engine.message("more", case_id=case.id)
    engine.message("more", case_id=case.id)

    engine.do(case.id, Decide("choice_1", ["choice_1__a"], reason="stuck"))

    assert open_tasks(engine, case) == ["A", "A", "Work"]
    assert marking(live(engine, case.id)) == marking(rebuilt(engine, case.id))


def test_of_several_items_one_is_decided(engine: Engine) -> None:
    case = start(engine, "{ Hear: [ fine: A | else: B ] } each who in people > Send", {"people": ["x", "y"]})

    engine.do(case.id, Decide("choice_1", ["choice_1__b"], reason="stuck", item="y"))
    assert open_tasks(engine, case) == ["B"]
    engine.do(case.id, Decide("choice_1", ["choice_1__a"], reason="stuck"))

    assert open_tasks(engine, case) == ["A", "B"]


def test_a_token_is_not_decided_past_the_work_that_holds_it(engine: Engine) -> None:
    case = start(engine, "[ fine: A | else: B ] > C")
    engine.do(case.id, Insert("First", before="choice_1"))

    with pytest.raises(Conflict):
        engine.do(case.id, Decide("choice_1", ["choice_1__a"], reason="stuck"))

    assert "choice_1" not in [one.id for one in options(engine, case.id).decide]
    assert open_tasks(engine, case) == ["First"]


def test_what_was_answered_as_a_question_is_decided_again(engine: Engine) -> None:
    case = start(engine, "A <required=big> > [ big: B | else: C ] > D")
    engine.do(case.id, Skip("a", reason="nobody knows", missing=["big"]))
    assert [name.partition(" at ")[0] for name in open_tasks(engine, case)] == ["Which way"]
    engine.do(case.id, Decide("choice_1", ["choice_1__b"], reason="a guess"))
    finish(engine, case, "B")

    engine.do(case.id, Decide("choice_1", ["choice_1__c"], reason="a better guess"))

    assert open_tasks(engine, case) == ["C"]
    assert marking(live(engine, case.id)) == marking(rebuilt(engine, case.id))
