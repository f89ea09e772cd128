"""Items of a multi-instance activity under way: one more, or one less, whether all run at once or in turn."""

from __future__ import annotations

import pytest
from playing import (
    again,
    finish,
    last_change,
    leftovers,
    live,
    marking,
    open_tasks,
    rebuilt,
    reloaded,
    standing,
    start,
    states,
    tasks,
)

from caseloom.adhoc import AddItem, RemoveItem, Revisit, Undo, options
from caseloom.engine import Case, Engine
from caseloom.engine.errors import CaseloomError, Conflict, Invalid
from caseloom.engine.results import Status

NAMES = {"names": ["N1", "N2"]}


def items(engine: Engine, case: Case) -> list[object]:
    return [one.item for one in tasks(engine, case)]


def sound(engine: Engine, case: Case) -> bool:
    now = marking(live(engine, case.id))
    return now == marking(rebuilt(engine, case.id)) == marking(reloaded(engine, case.id))


def test_one_more_item_begins_at_once_beside_the_others(engine: Engine) -> None:
    case = start(engine, "Ask each n in names > Draft", NAMES)
    finish(engine, case, "Ask", item="N1")

    engine.do(case.id, AddItem("ask", "N3", reason="a neighbour more"), by="ada")

    assert items(engine, case) == ["N2", "N3"]
    finish(engine, case, "Ask", item="N2")
    assert open_tasks(engine, case) == ["Ask"]
    assert sound(engine, case)
    finish(engine, case, "Ask", item="N3")
    assert open_tasks(engine, case) == ["Draft"]
    assert [one.item for one in again(engine, case).occurrences if one.item] == ["N1", "N2", "N3"]


def test_in_a_sequence_one_more_item_comes_last(engine: Engine) -> None:
    case = start(engine, "Ask each n in names in turn > Draft", NAMES)

    engine.do(case.id, AddItem("ask", "N3", reason="a neighbour more"))

    seen = []
    while open_tasks(engine, case) == ["Ask"]:
        seen += items(engine, case)
        finish(engine, case, "Ask")
        assert sound(engine, case)
    assert seen == ["N1", "N2", "N3"]


def test_an_item_that_is_not_done_is_taken_out(engine: Engine) -> None:
    case = start(engine, "Ask each n in names > Draft", NAMES)

    engine.do(case.id, RemoveItem("ask", "N1", reason="moved away"))

    assert items(engine, case) == ["N2"]
    assert states(engine, case, "ask") == ["active", "withdrawn", "active"]
    finish(engine, case, "Ask")
    assert open_tasks(engine, case) == ["Draft"]
    assert sound(engine, case)


def test_in_a_sequence_the_next_item_begins_where_one_is_taken_out(engine: Engine) -> None:
    case = start(engine, "Ask each n in names in turn > Draft", {"names": ["N1", "N2", "N3"]})

    engine.do(case.id, RemoveItem("ask", "N1", reason="moved away"))
    assert items(engine, case) == ["N2"]
    engine.do(case.id, RemoveItem("ask", 2, reason="moved away too"))
    finish(engine, case, "Ask")

    assert open_tasks(engine, case) == ["Draft"]
    assert sound(engine, case)


def test_where_nothing_is_left_the_activity_is_over(engine: Engine) -> None:
    case = start(engine, "{ Hear: Ask > Note } each n in names > Draft", {"names": ["N1"]})

    engine.do(case.id, RemoveItem("hear", "N1", reason="moved away"))

    assert open_tasks(engine, case) == ["Draft"]
    assert finish(engine, case, "Draft").status is Status.COMPLETED
    assert leftovers(live(engine, case.id)) == []


def test_the_counters_count_what_is_there(engine: Engine) -> None:
    case = start(
        engine,
        "Ask each n in names enough when (nrOfCompletedInstances = nrOfInstances - 1) > Draft",
        {"names": ["N1", "N2", "N3"]},
    )
    finish(engine, case, "Ask", item="N1")

    engine.do(case.id, RemoveItem("ask", "N3", reason="moved away"))

    assert open_tasks(engine, case) == ["Draft"]
    assert sound(engine, case)


def test_the_results_are_those_of_the_items_that_are_left(engine: Engine) -> None:
    case = start(engine, "Ask each n in names > Draft", {"names": ["N1", "N2", "N3"]})
    engine.do(case.id, RemoveItem("ask", "N2", reason="moved away"))
    engine.do(case.id, AddItem("ask", "N4", reason="moved in"))

    for name in ("N1", "N3", "N4"):
        finish(engine, case, "Ask", item=name)

    assert open_tasks(engine, case) == ["Draft"]


def test_an_item_more_or_less_can_be_undone(engine: Engine) -> None:
    for line in ("Ask each n in names > Draft", "Ask each n in names in turn > Draft"):
        case = start(engine, line, NAMES)
        for command in (AddItem("ask", "N3", reason="more"), RemoveItem("ask", "N2", reason="less")):
            before = standing(engine, case.id)
            engine.do(case.id, command)
            engine.do(case.id, Undo(last_change(engine, case)))
            assert standing(engine, case.id) == before


def test_what_somebody_worked_on_since_cannot_be_undone(engine: Engine) -> None:
    case = start(engine, "Ask each n in names in turn > Draft", {"names": ["N1"]})
    engine.do(case.id, AddItem("ask", "N2", reason="more"))
    change = last_change(engine, case)
    finish(engine, case, "Ask")

    with pytest.raises(Conflict):
        engine.do(case.id, Undo(change))


def test_an_added_item_is_gone_back_to_like_any_other(engine: Engine) -> None:
    case = start(engine, "Ask each n in names > Draft", NAMES)
    engine.do(case.id, AddItem("ask", "N3", reason="more"))
    for name in ("N1", "N2", "N3"):
        finish(engine, case, "Ask", item=name)

    engine.do(case.id, Revisit("ask", item="N3", reason="not heard"))

    assert items(engine, case) == ["N3"]
    assert sound(engine, case)


def test_the_list_is_read_anew_when_the_activity_as_a_whole_is_done_again(engine: Engine) -> None:
    case = start(engine, "Ask each n in names > Draft", NAMES)
    engine.do(case.id, AddItem("ask", "N3", reason="more"))

    engine.do(case.id, Revisit("ask", reason="all again"))

    assert items(engine, case) == ["N1", "N2"]
    assert sound(engine, case)


def test_after_an_undone_item_another_one_takes_its_place(engine: Engine) -> None:
    case = start(engine, "Ask each n in names > Draft", NAMES)
    engine.do(case.id, AddItem("ask", "N3", reason="more"))
    engine.do(case.id, Undo(last_change(engine, case)))

    engine.do(case.id, AddItem("ask", "N4", reason="another"))

    assert items(engine, case) == ["N1", "N2", "N4"]
    assert [one.item for one in again(engine, case).occurrences if one.item] == ["N1", "N2", "N3", "N4"]
    assert sound(engine, case)


def test_items_that_are_only_counted_have_no_value(engine: Engine) -> None:
    case = start(engine, "Ask 2 times > Draft")

    engine.do(case.id, AddItem("ask", reason="once more"))

    assert items(engine, case) == [0, 1, 2]


def test_the_options_name_what_is_done_for_several_items(engine: Engine) -> None:
    case = start(engine, "Ask each n in names > Draft", NAMES)

    assert [one.element_id for one in options(engine, case.id).items] == ["ask"]
    finish(engine, case, "Ask", item="N1")
    finish(engine, case, "Ask", item="N2")
    assert options(engine, case.id).items == []


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (AddItem("ask", reason="more"), "give the value"),
        (AddItem("ask", "N3", reason=""), "Say why"),
        (AddItem("draft", "N3", reason="more"), "not under way"),
        (AddItem("look", "N3", reason="more"), "not done for several"),
        (RemoveItem("ask", "N9", reason="less"), "no item 'N9'"),
        (RemoveItem("ask", "N1", reason="less"), "is done"),
    ],
)
def test_what_cannot_be_changed_is_refused(engine: Engine, command: AddItem | RemoveItem, said: str) -> None:
    case = start(engine, "( Ask each n in names | Look ) > Draft", NAMES)
    finish(engine, case, "Ask", item="N1")

    with pytest.raises(CaseloomError, match=said):
        engine.do(case.id, command)


def test_an_item_is_taken_out_once(engine: Engine) -> None:
    case = start(engine, "Ask each n in names > Draft", NAMES)
    engine.do(case.id, RemoveItem("ask", 0, reason="less"))

    with pytest.raises((Conflict, Invalid), match="taken out already"):
        engine.do(case.id, RemoveItem("ask", 0, reason="less"))
