"""Undoing: the last change is as if it had not been, unless somebody has acted on it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playing import (
    Clock,
    again,
    finish,
    held_tasks,
    last_change,
    open_tasks,
    standing,
    start,
    states,
    stored,
    task,
)

from caseloom.adhoc import Decide, Insert, Revisit, Skip, Undo, options
from caseloom.engine import Assign, Case, Claim, Complete, Engine, Person, SaveDraft, SetData
from caseloom.engine.commands import Command
from caseloom.engine.errors import Conflict, NotAllowed, NotFound
from caseloom.engine.results import Status

RICH = (
    "Register > ( Check plot <due=P9D> +timer P3D ( Remind ) | { Hear: Ask > Note } ^timer P9D ( Late > ) )"
    " > [ @message payment > Ship | @timer P30D > Dun ] > ( a: Pack | b: Label | else: ) > File"
)


def in_the_middle(engine: Engine) -> Case:
    case = start(engine, RICH, {"a": True, "b": True})
    finish(engine, case, "Register", plot=7)
    finish(engine, case, "Ask", said="yes")

    return again(engine, case)


def further_on(engine: Engine) -> Case:
    case = in_the_middle(engine)
    finish(engine, case, "Check plot", "Note")
    engine.message("payment", case_id=case.id)
    finish(engine, case, "Ship", "Pack")

    return again(engine, case)


CHANGES: list[tuple[str, Callable[[Engine], Case], Command]] = [
    ("insert before what waits", in_the_middle, Insert("X", before="check_plot")),
    ("insert before what is to come", in_the_middle, Insert("X", before="file")),
    ("insert beside", in_the_middle, Insert("X", beside="note", blocking=False)),
    ("insert in a scope", in_the_middle, Insert("X", scope="hear")),
    ("insert several", in_the_middle, Insert.many([Insert("X"), Insert("Y")], rule="in-turn")),
    ("skip what waits", in_the_middle, Skip("note", reason="no", data={"x": 1})),
    ("skip a scope", in_the_middle, Skip("hear", reason="no")),
    ("skip what is to come", in_the_middle, Skip("file", reason="no", when="every")),
    ("revisit in a scope", in_the_middle, Revisit("ask", reason="no", data_policy="clear")),
    ("revisit all", in_the_middle, Revisit("register", reason="no", data_policy="revert")),
    ("revisit one branch of an inclusive block", further_on, Revisit("pack", reason="no")),
    ("revisit a finished scope", further_on, Revisit("note", reason="no")),
    ("revisit the wait", further_on, Revisit("race_1", reason="no")),
    ("revisit the beginning", further_on, Revisit("register", reason="no")),
    ("decide a race", lambda engine: race(engine), Decide("race_1", ["race_1__timer"], reason="no")),
]


def race(engine: Engine) -> Case:
    case = in_the_middle(engine)
    finish(engine, case, "Check plot", "Note")

    return again(engine, case)


@pytest.mark.parametrize(("prepare", "change"), [row[1:] for row in CHANGES], ids=[row[0] for row in CHANGES])
def test_after_a_change_and_its_undo_all_is_as_before(
    engine: Engine, clock: Clock, prepare: Callable[[Engine], Case], change: Command
) -> None:
    case = prepare(engine)
    for one in engine.tasks(case_id=case.id):
        engine.do(case.id, Claim(one.id), by="bo")
        engine.do(case.id, SaveDraft(one.id, {"x": 1}), by="bo")
    before = standing(engine, case.id)
    clock.forward(hours=5)
    engine.do(case.id, change, by="ada")
    assert standing(engine, case.id) != before

    engine.do(case.id, Undo(last_change(engine, case)), by="ada")

    assert standing(engine, case.id) == before
    assert not [one for one in again(engine, case).occurrences if one.effective and one.name == "X"]


def test_an_undone_end_of_the_case_and_an_undone_revival_of_it(engine: Engine) -> None:
    case = start(engine, "A > B")
    finish(engine, case, "A")
    before = standing(engine, case.id)
    assert engine.do(case.id, Skip("b", reason="no")).status is Status.COMPLETED
    ended = standing(engine, case.id)

    engine.do(case.id, Undo(last_change(engine, case)))
    assert standing(engine, case.id) == before
    engine.do(case.id, Skip("b", reason="no"))
    engine.do(case.id, Revisit("a", reason="no"))
    engine.do(case.id, Undo(last_change(engine, case)))

    assert standing(engine, case.id) == ended


def test_a_case_whose_revival_is_undone_has_ended_when_it_had_ended(engine: Engine, clock: Clock) -> None:
    case = finish(engine, start(engine, "Register"), "Register")
    ended = again(engine, case).ended_at
    clock.forward(days=3)

    engine.do(case.id, Revisit("register", reason="forgot the plot"))
    assert again(engine, case).ended_at is None

    engine.do(case.id, Undo(last_change(engine, case)))
    assert again(engine, case).ended_at == ended

    engine.do(case.id, Revisit("register", reason="forgot the plot"))
    finish(engine, case, "Register")
    assert again(engine, case).ended_at == clock.now


def test_a_task_that_comes_back_can_be_worked_as_before(engine: Engine) -> None:
    case = start(engine, "A > B > C")
    finish(engine, case, "A")
    old = task(engine, case, "B")
    engine.do(case.id, Assign(old.id, "bo"))
    engine.do(case.id, Revisit("a", reason="no"))

    engine.do(case.id, Undo(last_change(engine, case)))
    engine.do(case.id, Complete(old.id), by="bo")

    assert open_tasks(engine, case) == ["C"]
    assert states(engine, case, "a") == ["completed", "(withdrawn)"]


def test_an_undo_restores_dates_even_if_they_have_passed_meanwhile(engine: Engine, clock: Clock) -> None:
    case = start(engine, "A > B ^timer P2D ( Late )")
    finish(engine, case, "A")
    engine.do(case.id, Revisit("a", reason="no"))
    clock.forward(days=3)
    assert engine.run_due() == 0

    engine.do(case.id, Undo(last_change(engine, case)))
    assert open_tasks(engine, case) == ["B"]

    assert engine.next_due() == clock.now - timedelta(days=1)
    assert engine.run_due() == 1
    assert open_tasks(engine, case) == ["Late"]


ACTED: list[tuple[str, Callable[[Engine, Case], Any]]] = [
    ("completed", lambda engine, case: finish(engine, case, "A")),
    ("claimed", lambda engine, case: engine.do(case.id, Claim(task(engine, case, "A").id), by="bo")),
    (
        "drafted",
        lambda engine, case: engine.do(case.id, SaveDraft(task(engine, case, "A").id, {"x": 1}), by="bo"),
    ),
    ("bent", lambda engine, case: engine.do(case.id, Insert("X", before="a"))),
    ("skipped", lambda engine, case: engine.do(case.id, Skip("a", reason="no"))),
]


@pytest.mark.parametrize("act", [row[1] for row in ACTED], ids=[row[0] for row in ACTED])
def test_nothing_is_undone_once_somebody_has_acted_on_it(
    engine: Engine, act: Callable[[Engine, Case], Any]
) -> None:
    case = start(engine, "A > B")
    finish(engine, case, "A")
    engine.do(case.id, Revisit("a", reason="no"))
    change = last_change(engine, case)
    act(engine, case)
    before = stored(engine, case.id)

    with pytest.raises(Conflict, match="revisit instead"):
        engine.do(case.id, Undo(change))

    assert stored(engine, case.id) == before
    assert change not in [one.id for one in options(engine, case.id).undo]


def test_work_elsewhere_does_not_stand_in_the_way(engine: Engine) -> None:
    case = start(engine, "( A > B | X > Y )")
    finish(engine, case, "A")
    engine.do(case.id, Revisit("a", reason="no"))
    change = last_change(engine, case)
    finish(engine, case, "X")
    engine.do(case.id, SetData({"note": 1}))

    engine.do(case.id, Undo(change))

    assert open_tasks(engine, case) == ["B", "Y"]
    assert again(engine, case).data == {"note": 1}


def test_two_independent_changes_are_undone_in_any_order(engine: Engine) -> None:
    case = start(engine, "( A > B | X > Y )")
    finish(engine, case, "A", "X")
    before = standing(engine, case.id)
    engine.do(case.id, Revisit("a", reason="no"))
    first = last_change(engine, case)
    engine.do(case.id, Insert("Z", before="y"))
    second = last_change(engine, case)
    between = standing(engine, case.id)

    engine.do(case.id, Undo(second))
    engine.do(case.id, Undo(first))
    assert standing(engine, case.id) == before

    engine.do(case.id, Revisit("a", reason="no"))
    first = last_change(engine, case)
    engine.do(case.id, Insert("Z", before="y"))
    second = last_change(engine, case)
    assert open_tasks(engine, case) == sorted(one.name for one in between["tasks"] if not one.held)
    engine.do(case.id, Undo(first))
    engine.do(case.id, Undo(second))
    assert standing(engine, case.id) == before


def test_a_later_change_that_builds_on_it_is_undone_first(engine: Engine) -> None:
    case = start(engine, "A > B > C")
    finish(engine, case, "A", "B")
    before = standing(engine, case.id)
    engine.do(case.id, Revisit("b", reason="no"))
    first = last_change(engine, case)
    engine.do(case.id, Revisit("a", reason="no"))
    second = last_change(engine, case)

    with pytest.raises(Conflict):
        engine.do(case.id, Undo(first))
    engine.do(case.id, Undo(second))
    engine.do(case.id, Undo(first))

    assert standing(engine, case.id) == before


def test_a_change_is_undone_once(engine: Engine) -> None:
    case = start(engine, "A")
    engine.do(case.id, Insert("X"))
    change = last_change(engine, case)
    engine.do(case.id, Undo(change))

    with pytest.raises(Conflict, match="already undone"):
        engine.do(case.id, Undo(change))


def test_what_is_no_change_cannot_be_undone(engine: Engine) -> None:
    case = start(engine, "A > B")
    finish(engine, case, "A")

    with pytest.raises(NotFound, match="c2"):
        engine.do(case.id, Undo(f"{case.id}-c2"))


def test_an_undo_is_not_a_change_to_undo_but_the_change_can_be_made_again(engine: Engine) -> None:
    case = start(engine, "A > B")
    finish(engine, case, "A")
    engine.do(case.id, Revisit("a", reason="no"))
    engine.do(case.id, Undo(last_change(engine, case)))

    engine.do(case.id, Revisit("a", reason="no"))

    assert open_tasks(engine, case) == ["A"]
    assert [one.command for one in options(engine, case.id).undo] == ["Revisit"]


def test_a_step_that_went_out_because_of_a_change_is_not_undone(engine: Engine) -> None:
    case = start(engine, "A > @throw-signal alarm Ring > B")

    engine.do(case.id, Skip("a", reason="no"))

    with pytest.raises(Conflict, match="called back"):
        engine.do(case.id, Undo(last_change(engine, case)))


def test_a_service_that_ran_because_of_a_change_is_not_undone(engine: Engine) -> None:
    engine.service("letter")(lambda job: None)
    case = start(engine, "A > @send letter Send > B")

    engine.do(case.id, Skip("a", reason="no"))

    with pytest.raises(Conflict, match="revisit instead"):
        engine.do(case.id, Undo(last_change(engine, case)))


def test_only_who_made_it_or_a_case_manager_undoes_a_change(clock: Clock) -> None:
    people = {
        "ada": Person("ada"),
        "bo": Person("bo"),
        "mia": Person("mia", ["case-managers"]),
    }
    with Engine("sqlite://", clock=clock, people=people.get) as engine:
        case = start(engine, "A > B")
        for undoer in ("ada", "mia"):
            engine.do(case.id, Skip("b", reason="no", when="next"), by="ada")
            change = last_change(engine, case)
            with pytest.raises(NotAllowed, match="ada"):
                engine.do(case.id, Undo(change), by="bo")
            assert options(engine, case.id, by="bo").undo == []
            assert [one.id for one in options(engine, case.id, by=undoer).undo] == [change]
            engine.do(case.id, Undo(change), by=undoer)


def test_a_held_step_is_free_again_after_the_undo(engine: Engine) -> None:
    case = start(engine, "A")
    engine.do(case.id, Insert("X", before="a"))
    assert held_tasks(engine, case) == ["A"]

    engine.do(case.id, Undo(last_change(engine, case)))

    assert finish(engine, case, "A").status is Status.COMPLETED


def test_what_came_back_and_was_worked_on_keeps_a_change_from_being_undone(engine: Engine) -> None:
    case = start(engine, "{ Hear: ( A | B ) } ^message stop ( Close )")
    finish(engine, case, "A")
    engine.message("stop", case_id=case.id)
    engine.do(case.id, Revisit("a", reason="no"))
    change = last_change(engine, case)
    finish(engine, case, "B")

    with pytest.raises(Conflict, match="worked on what the change brought back"):
        engine.do(case.id, Undo(change))
    assert list(options(engine, case.id).undo) == []


@pytest.mark.parametrize(
    "act",
    [
        lambda engine, case: engine.do(case.id, Claim(task(engine, case, "B").id), by="bo"),
        lambda engine, case: engine.do(case.id, Insert("X", before="b")),
        lambda engine, case: engine.do(case.id, Insert("X", scope="hear")),
    ],
)
def test_nor_once_it_changed_hands_or_was_bent(engine: Engine, act: Callable[[Engine, Case], Any]) -> None:
    case = start(engine, "{ Hear: ( A | B ) } ^message stop ( Close )")
    finish(engine, case, "A")
    engine.message("stop", case_id=case.id)
    engine.do(case.id, Revisit("a", reason="no"))
    change = last_change(engine, case)
    act(engine, case)

    with pytest.raises(Conflict, match="brought back"):
        engine.do(case.id, Undo(change))


def test_what_a_change_took_out_does_not_come_back_without_the_order_it_rested_on(engine: Engine) -> None:
    case = start(engine, "A > B > C")
    engine.do(case.id, Skip("b", reason="no", when="next"))
    order = last_change(engine, case)
    finish(engine, case, "A")
    engine.do(case.id, Revisit("a", reason="no"))
    change = last_change(engine, case)
    engine.do(case.id, Undo(order))

    with pytest.raises(Conflict, match="rests on a change that was undone"):
        engine.do(case.id, Undo(change))
    assert list(options(engine, case.id).undo) == []
    finish(engine, case, "A")
    assert open_tasks(engine, case) == ["B"]


def test_a_case_that_waited_only_for_what_is_undone_ends(engine: Engine) -> None:
    case = start(engine, "{ S: A }")
    engine.do(case.id, Insert("X", scope="s"))
    finish(engine, case, "A")
    assert open_tasks(engine, case) == ["X"]

    ended = engine.do(case.id, Undo(last_change(engine, case)))

    assert ended.status is Status.COMPLETED


def test_a_scope_whose_revisited_offshoot_is_undone_ends(engine: Engine, clock: Clock) -> None:
    case = start(engine, "{ S: A +timer P1D ( Remind ) } > B")
    clock.forward(days=1)
    engine.run_due()
    finish(engine, case, "Remind")
    engine.do(case.id, Revisit("remind", reason="no"))
    change = last_change(engine, case)
    finish(engine, case, "A")
    assert open_tasks(engine, case) == ["Remind"]

    engine.do(case.id, Undo(change))

    assert open_tasks(engine, case) == ["B"]


def test_outside_its_safe_window_an_undo_lists_what_would_have_to_be_put_right(engine: Engine) -> None:
    engine.service("letter")(lambda job: None)
    case = start(engine, "A > B > @send letter Send > C")
    finish(engine, case, "A")
    engine.do(case.id, Revisit("a", reason="wrong"), by="ada")
    change = last_change(engine, case)
    finish(engine, case, "A", "B")

    seen = engine.preview(case.id, Undo(change))

    assert seen.refusal is not None
    assert "“Send” (irreversible)" in seen.refusal
    assert [effect.occurrence.element_id for effect in seen.effects] == ["send"]


def test_what_ended_because_of_a_change_that_was_undone_since_does_not_come_back(engine: Engine) -> None:
    case = start(engine, "{ Hear: @message word } > B")
    engine.do(case.id, Insert("A", scope="hear"))
    engine.do(case.id, Skip("word", reason="known"))
    skipped, gate = last_change(engine, case), task(engine, case, "A").id
    finish(engine, case, "A")
    engine.do(case.id, Revisit(gate, reason="once more"))
    revisited = last_change(engine, case)
    engine.do(case.id, Undo(skipped))

    with pytest.raises(Conflict, match="undone since"):
        engine.do(case.id, Undo(revisited))

    assert open_tasks(engine, case) == ["A"]
    finish(engine, case, "A")
    assert open_tasks(engine, case) == []  # the message is still to come


def test_work_that_has_held_something_since_does_not_let_it_go_again(engine: Engine) -> None:
    case = start(engine, "A > B")
    engine.do(case.id, Insert("X", beside="a"))
    beside = task(engine, case, "X").id
    finish(engine, case, "X")
    engine.do(case.id, Revisit(beside, reason="once more"))
    revisited = last_change(engine, case)
    finish(engine, case, "A")
    assert open_tasks(engine, case) == ["X"]

    assert revisited not in [change.id for change in options(engine, case.id).undo]
    with pytest.raises(Conflict, match="already worked"):
        engine.do(case.id, Undo(revisited))


def test_a_complex_gateway_that_was_activated_since_is_not_activated_twice(engine: Engine) -> None:
    case = start(engine, "( A | B | C ) when 1 > D")
    finish(engine, case, "A")
    engine.do(case.id, Revisit("a", reason="once more"))
    revisited = last_change(engine, case)
    finish(engine, case, "B")

    with pytest.raises(Conflict, match="already worked"):
        engine.do(case.id, Undo(revisited))
