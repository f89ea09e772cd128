"""Messages between pools find the case whose correlation properties they carry, and no other."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from conversing import conversing
from drawing import draw_all
from hypothesis import given, settings
from hypothesis import strategies as st
from playing import Clock, finish, live, marking, open_tasks, rebuilt, reloaded, thawed

from caseloom.adhoc import Revisit, Undo
from caseloom.engine import Complete, Engine
from caseloom.engine.errors import Conflict
from caseloom.engine.results import Status

SHOP = conversing(
    draw_all(
        buyer="Choose > @throw-message order > Think > @message goods Wait > Unpack",
        seller="@start-message order > Pack > @end-message goods",
    ),
    {"order_id": {"order": "order_id", "goods": "order_id"}},
)


def buyers(engine: Engine, count: int) -> list:
    engine.deploy(("shop.bpmn", SHOP))
    cases = [engine.start("buyer", {"order_id": number}) for number in range(count)]
    for case in cases:
        finish(engine, case, "Choose")
    return cases


def test_an_answer_goes_to_the_case_that_asked(engine: Engine) -> None:
    first, second = buyers(engine, 2)
    for buyer in (first, second):
        finish(engine, buyer, "Think")

    for seller in reversed(engine.cases(key="seller")):
        finish(engine, seller, "Pack")

    assert (open_tasks(engine, first), open_tasks(engine, second)) == (["Unpack"], ["Unpack"])
    assert all(seller.status is Status.COMPLETED for seller in engine.cases(key="seller"))


def test_an_answer_that_comes_early_is_kept_for_the_case_that_asked(engine: Engine) -> None:
    first, second = buyers(engine, 2)
    finish(engine, engine.cases(key="seller")[1], "Pack")

    finish(engine, first, "Think")
    assert open_tasks(engine, first) == []
    finish(engine, second, "Think")

    assert (open_tasks(engine, first), open_tasks(engine, second)) == ([], ["Unpack"])


def test_a_message_from_outside_is_correlated_by_its_data_or_by_its_properties(engine: Engine) -> None:
    first, second = buyers(engine, 2)
    for buyer in (first, second):
        finish(engine, buyer, "Think")

    assert engine.message("goods", data={"order_id": 7}) == []
    assert engine.message("goods", data={"order_id": 1}) == [second.id]
    assert engine.message("goods", correlation={"order_id": 0}) == [first.id]


def test_a_message_that_says_nothing_of_the_properties_goes_only_where_it_is_addressed(
    engine: Engine,
) -> None:
    first, second = buyers(engine, 2)
    for buyer in (first, second):
        finish(engine, buyer, "Think")

    assert engine.message("goods") == []
    assert engine.message("goods", case_id=first.id) == [first.id]
    assert open_tasks(engine, second) == []


def test_the_case_that_a_message_starts_goes_on_with_its_conversation(engine: Engine) -> None:
    [buyer] = buyers(engine, 1)
    [seller] = engine.cases(key="seller")

    assert seller.data == {}
    finish(engine, seller, "Pack")
    finish(engine, buyer, "Think")

    assert open_tasks(engine, buyer) == ["Unpack"]
    instance = live(engine, buyer.id)
    assert (
        marking(thawed(instance)) == marking(rebuilt(engine, buyer.id)) == marking(reloaded(engine, buyer.id))
    )


def test_going_back_before_the_first_message_forgets_the_conversation_and_undo_knows_it_again(
    engine: Engine,
) -> None:
    [buyer] = buyers(engine, 1)
    finish(engine, buyer, "Think")
    [sent] = engine.preview(buyer.id, Revisit("choose", reason="another one")).effects
    engine.do(buyer.id, Revisit("choose", reason="another one", effects={sent.id: "note"}))
    change = engine.history(buyer.id)[-1].change_id
    assert live(engine, buyer.id).root.talks == []

    assert change is not None
    engine.do(buyer.id, Undo(change))

    assert live(engine, buyer.id).root.talks == [{"order_id": 0}]
    assert engine.message("goods", data={"order_id": 0}) == [buyer.id]


def test_a_subscription_binds_properties_to_data_that_may_still_change(engine: Engine) -> None:
    diagram = conversing(
        draw_all(case="( @message paid > A | Enter )", other="@throw-message paid > B"),
        {"invoice": {"paid": "number"}},
        bound={"case": {"invoice": "invoice_number"}},
    )
    engine.deploy(("paid.bpmn", diagram))
    first, second = (engine.start("case") for _ in range(2))

    finish(engine, first, "Enter", invoice_number="A-1")
    finish(engine, second, "Enter", invoice_number="A-2")

    assert engine.message("paid", data={"number": "A-2"}) == [second.id]
    assert engine.message("paid", data={"number": "A-3"}) == []
    engine.start("other", {"number": "A-1"})
    assert open_tasks(engine, first) == ["A"]


def test_a_message_that_could_begin_a_conversation_with_several_is_refused(engine: Engine) -> None:
    diagram = conversing(
        draw_all(case="@message offer > A > @message bid > B"), {"lot": {"offer": "lot", "bid": "lot"}}
    )
    engine.deploy(("lot.bpmn", diagram))
    first, second = (engine.start("case") for _ in range(2))

    with pytest.raises(Conflict, match="2 cases wait for “offer”"):
        engine.message("offer", data={"lot": 1})
    engine.message("offer", case_id=first.id, data={"lot": 1})
    engine.message("offer", data={"lot": 2})
    for case in (first, second):
        finish(engine, case, "A")

    assert engine.message("bid", data={"lot": 2}) == [second.id]
    assert engine.message("bid", data={"lot": 1}) == [first.id]


def test_each_item_of_a_sub_process_has_a_conversation_of_its_own(engine: Engine) -> None:
    diagram = conversing(
        draw_all(
            case="{ Ask: @throw-message query > @message reply > Read } each lot in lots",
            other="@start-message query > Look > @end-message reply",
        ),
        {"lot": {"query": "lot", "reply": "lot"}},
    )
    engine.deploy(("lots.bpmn", diagram))
    case = engine.start("case", {"lots": [5, 6]})

    engine.message("reply", data={"lot": 6})

    assert [task.item for task in engine.tasks(case_id=case.id)] == [6]


def test_more_conversations_than_a_row_can_hold_are_asked_of_the_case(engine: Engine) -> None:
    diagram = conversing(
        draw_all(case="( n := n + 1 > @throw-message query Query until (n >= 40) ) > @message reply > Read"),
        {"lot": {"query": "n", "reply": "n"}},
    )
    engine.deploy(("lots.bpmn", diagram))
    case = engine.start("case", {"n": 0})

    assert engine.message("reply", data={"n": 99}) == []
    assert engine.message("reply", data={"n": 17}) == [case.id]


ASKED = conversing(
    draw_all(
        case="Choose > @throw-message order > Think > @message goods Wait > Unpack > @message goods Again"
    ),
    {"order_id": {"order": "order_id", "goods": "order_id"}},
)
STEPS = ("start", "Choose", "Think", "Unpack")


@st.composite
def happenings(draw: st.DrawFn) -> list[tuple[str, int]]:
    """What people do and what arrives, in any order; what people do to one case keeps its own."""
    count = draw(st.integers(2, 4))
    every = [(step, number) for number in range(count) for step in (*STEPS, "goods 1", "goods 2", "goods 1")]
    shuffled = draw(st.permutations(every))
    steps = {number: iter(STEPS) for number in range(count)}
    return [(what if what.startswith("goods") else next(steps[number]), number) for what, number in shuffled]


@given(happenings())
@settings(max_examples=12, deadline=None)
def test_each_message_reaches_exactly_the_case_that_it_is_for(happened: Sequence[tuple[str, int]]) -> None:
    with Engine("sqlite://", clock=Clock()) as engine:
        engine.deploy(("asked.bpmn", ASKED))
        cases: dict[int, str] = {}
        late: list[tuple[str, int]] = []
        for what, number in happened:
            if what.startswith("goods"):
                data = {"order_id": number, "got": [number, what]}
                engine.message("goods", data=data, message_id=f"{number} {what}")
            elif what == "start":
                cases[number] = engine.start("case", {"order_id": number}).id
            else:
                late.append((what, number))
            late = [step for step in late if not _done(engine, cases, *step)]

        assert late == []
        for number, id in cases.items():
            case = engine.case(id)
            received = [entry for entry in engine.history(id) if entry.command == "Receive"]
            assert case.status is Status.COMPLETED
            assert len(received) == 2
            assert case.data["got"][0] == number


def _done(engine: Engine, cases: dict[int, str], name: str, number: int) -> bool:
    if number not in cases:
        return False
    found = [task for task in engine.tasks(case_id=cases[number]) if task.name == name]
    for task in found:
        engine.do(task.case_id, Complete(task.id))
    return bool(found)


@given(st.data())
@settings(max_examples=8, deadline=None)
def test_however_pools_take_turns_each_case_ends_with_its_own_partner(drawn: st.DataObject) -> None:
    diagram = conversing(
        draw_all(
            buyer="Choose > @throw-message order > Think > @message goods Wait > Unpack",
            seller="@start-message order > Pack > @end-message goods",
        ),
        {"order_id": {"order": "order_id", "goods": "order_id"}},
    )
    with Engine("sqlite://", clock=Clock()) as engine:
        engine.deploy(("shop.bpmn", diagram))
        for number in range(drawn.draw(st.integers(2, 4))):
            engine.start("buyer", {"order_id": number})

        while found := engine.tasks(limit=None):
            chosen = found[drawn.draw(st.integers(0, len(found) - 1))]
            engine.do(chosen.case_id, Complete(chosen.id))

        buyers, sellers = engine.cases(key="buyer"), engine.cases(key="seller")
        assert len(buyers) == len(sellers)
        assert {case.status for case in (*buyers, *sellers)} == {Status.COMPLETED}
        for buyer in buyers:
            assert [entry.command for entry in engine.history(buyer.id)].count("Receive") == 1
