"""Who may make the single gestures: each asks for the rights of the skips, inserts and revisits that it is made of."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from drawing import draw
from playing import Clock, finish

from caseloom.adhoc import (
    AddItem,
    AddWait,
    Decide,
    Insert,
    JumpTo,
    Move,
    RemoveDirective,
    RemoveItem,
    Reopen,
    Repeat,
    Replace,
    Skip,
    StartNow,
    Swap,
    options,
    orders,
)
from caseloom.engine import Cancel, Case, Engine, Person
from caseloom.engine.commands import Command

PEOPLE = {
    "ann": Person("ann", ["clerks"]),
    "ben": Person("ben", ["bosses"]),
    "mia": Person("mia", ["case-managers"]),
}


@pytest.fixture
def house(clock: Clock) -> Iterator[Engine]:
    with Engine("sqlite://", clock=clock, people=PEOPLE.get) as opened:
        yield opened


def begun(house: Engine, line: str, right: str, *elements: str) -> Case:
    """A case in which that right at these elements belongs to the bosses."""
    attributes = {element: {f"caseloom:{right}Groups": "bosses"} for element in elements}
    house.deploy(("drawn.bpmn", draw(line, attributes=attributes)))
    return house.start("case", {"names": ["N1", "N2"], "big": True})


def who_may(house: Engine, case: Case, command: Command) -> list[str]:
    return [person for person in PEOPLE if house.preview(case.id, command, by=person).refusal is None]


@pytest.mark.parametrize(
    ("right", "elements", "command"),
    [
        ("skip", ["a", "b"], JumpTo("c", reason="x")),
        ("insert", ["b"], StartNow("b", reason="x")),
        ("insert", ["a"], Repeat("a", reason="x")),
        ("skip", ["b"], Move("b", after="c", reason="x")),
        ("insert", ["c"], Move("b", after="c", reason="x")),
        ("skip", ["b"], Replace("b", Insert("X"), reason="x")),
        ("skip", ["b"], Swap("a", "b", reason="x")),
    ],
)
def test_a_gesture_needs_the_rights_of_its_parts(
    house: Engine, right: str, elements: list[str], command: Command
) -> None:
    case = begun(house, "A > B > C > D", right, *elements)

    assert who_may(house, case, command) == ["ben"]


def test_a_wait_is_like_work_before_the_step_that_waits(house: Engine) -> None:
    case = begun(house, "( A | B ) > C", "insert", "b")

    assert who_may(house, case, AddWait("a", "b", reason="x")) == ["ben"]
    assert who_may(house, case, AddWait("b", "a", reason="x")) == ["ann", "ben", "mia"]
    assert [(one.first, one.then) for one in options(house, case.id, by="ann").wait] == [("b", "a")]


def test_an_item_more_is_an_insert_and_one_less_a_skip(house: Engine) -> None:
    case = begun(house, "Ask each n in names > Draft", "insert", "ask")

    assert who_may(house, case, AddItem("ask", "N3", reason="x")) == ["ben"]
    assert who_may(house, case, RemoveItem("ask", "N1", reason="x")) == ["ann", "ben", "mia"]


def test_to_decide_a_passed_gateway_one_must_be_allowed_to_go_back(house: Engine) -> None:
    case = begun(house, "A > [ big: B | else: C ]", "revisit", "b")
    finish(house, case, "A", "B")

    assert "ben" in who_may(house, case, Decide("choice_1", ["choice_1__c"], reason="x"))
    assert "ann" not in who_may(house, case, Reopen(reason="x"))


def test_an_order_is_taken_back_by_those_who_could_give_it(house: Engine) -> None:
    case = begun(house, "A > B > C", "skip", "b")
    house.do(case.id, Skip("b", reason="x", when="next"), by="ben")
    [order] = orders(house, case.id)

    assert who_may(house, case, RemoveDirective(order.id, reason="x")) == ["ben"]
    assert options(house, case.id, by="ann").orders == []


def test_a_cancelled_case_is_reopened_by_a_case_manager(house: Engine) -> None:
    case = begun(house, "A > B", "skip")
    house.do(case.id, Cancel(reason="x"), by="mia")

    assert who_may(house, case, Reopen(reason="x")) == ["mia"]
    assert not options(house, case.id, by="ann").reopen
