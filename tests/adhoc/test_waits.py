"""Waiting: of two steps that run beside each other, one does not begin before the other is done."""

from __future__ import annotations

import pytest
from playing import (
    finish,
    held_tasks,
    last_change,
    leftovers,
    live,
    marking,
    open_tasks,
    rebuilt,
    reloaded,
    standing,
    start,
)

from caseloom.adhoc import AddWait, ReleaseWait, Revisit, Skip, Undo, options
from caseloom.engine import Case, Engine
from caseloom.engine.errors import CaseloomError, Conflict, Invalid, NotFound
from caseloom.engine.results import Status


def sound(engine: Engine, case: Case) -> bool:
    now = marking(live(engine, case.id))
    return now == marking(rebuilt(engine, case.id)) == marking(reloaded(engine, case.id))


def test_a_step_to_come_waits_until_the_other_is_done(engine: Engine) -> None:
    case = start(engine, "( A > A2 | B > B2 ) > C")
    engine.do(case.id, AddWait("a2", "b2", reason="b2 needs the plot"), by="ada")

    finish(engine, case, "B")
    assert open_tasks(engine, case) == ["A"]
    assert sound(engine, case)
    finish(engine, case, "A")
    assert open_tasks(engine, case) == ["A2"]
    finish(engine, case, "A2")

    assert open_tasks(engine, case) == ["B2"]
    assert finish(engine, case, "B2", "C").status is Status.COMPLETED
    assert leftovers(live(engine, case.id)) == []
    assert sound(engine, case)


def test_a_step_that_is_open_is_held(engine: Engine) -> None:
    case = start(engine, "( A | B ) > C")

    engine.do(case.id, AddWait("a", "b", reason="first things first"))

    assert (open_tasks(engine, case), held_tasks(engine, case)) == (["A"], ["B"])
    assert sound(engine, case)
    finish(engine, case, "A")
    assert open_tasks(engine, case) == ["B"]
    assert sound(engine, case)


def test_where_the_other_was_done_before_nothing_waits(engine: Engine) -> None:
    case = start(engine, "( A | B > B2 ) > C")
    engine.do(case.id, AddWait("a", "b2", reason="first things first"))

    finish(engine, case, "A", "B")

    assert open_tasks(engine, case) == ["B2"]


def test_a_skip_counts_as_done(engine: Engine) -> None:
    case = start(engine, "( A | B ) > C")
    engine.do(case.id, AddWait("a", "b", reason="first things first"))

    engine.do(case.id, Skip("a", reason="not needed"))

    assert open_tasks(engine, case) == ["B"]


@pytest.mark.parametrize("first", ["[ big: A | else: X ]", "Look ^timer P1D ( Tidy ) > A"])
def test_a_wait_ends_by_itself_when_the_other_can_no_longer_come(engine: Engine, first: str) -> None:
    case = start(engine, f"( Go > {first} | B ) > C", {"big": False})
    engine.do(case.id, AddWait("a", "b", reason="first things first"))
    assert held_tasks(engine, case) == ["B"]

    finish(engine, case, "Go")
    if "Look" in open_tasks(engine, case):
        engine.do(case.id, Skip("look_timer", reason="too late"))

    assert "B" in open_tasks(engine, case)
    assert sound(engine, case)


def test_a_sub_process_waits_as_a_whole(engine: Engine) -> None:
    case = start(engine, "( A | X > { Hear: B } ) > C")
    engine.do(case.id, AddWait("a", "hear", reason="first things first"))

    finish(engine, case, "X")
    assert open_tasks(engine, case) == ["A"]
    finish(engine, case, "A")

    assert open_tasks(engine, case) == ["B"]


def test_a_wait_is_released_by_hand(engine: Engine) -> None:
    case = start(engine, "( A | B ) > C")
    engine.do(case.id, AddWait("a", "b", reason="first things first"))
    assert [(one.first, one.then) for one in options(engine, case.id).release] == [("a", "b")]

    engine.do(case.id, ReleaseWait("a", "b", reason="never mind"))

    assert open_tasks(engine, case) == ["A", "B"]
    assert sound(engine, case)
    with pytest.raises(NotFound, match="does not wait"):
        engine.do(case.id, ReleaseWait("a", "b", reason="never mind"))


def test_a_wait_and_its_release_can_be_undone(engine: Engine) -> None:
    case = start(engine, "( A | B ) > C")
    before = standing(engine, case.id)
    engine.do(case.id, AddWait("a", "b", reason="first things first"))
    added = last_change(engine, case)
    waiting = standing(engine, case.id)
    engine.do(case.id, ReleaseWait("a", "b", reason="never mind"))

    engine.do(case.id, Undo(last_change(engine, case)))
    assert standing(engine, case.id) == waiting
    engine.do(case.id, Undo(added))

    assert standing(engine, case.id) == before


def test_a_step_waits_again_when_the_other_is_done_again(engine: Engine) -> None:
    case = start(engine, "( A | B ) > C")
    engine.do(case.id, AddWait("a", "b", reason="first things first"))
    finish(engine, case, "A")
    assert open_tasks(engine, case) == ["B"]

    engine.do(case.id, Revisit("a", reason="wrong"))

    assert (open_tasks(engine, case), held_tasks(engine, case)) == (["A"], ["B"])
    assert sound(engine, case)


@pytest.mark.parametrize(
    ("line", "first", "then"),
    [
        ("( A > A2 | B ) > C", "a2", "a"),  # comes after it
        ("( A | B ) > C > D", "c", "a"),  # behind the join that needs it
        ("( x: A | y: B ) > C", "c", "a"),  # behind an inclusive join that waits for it
        ("A > B", "a", "a"),
        ("( A | B ) > C", "join_1", "a"),
        ("( A | { Hear: B } ) > C", "b", "a"),
        ("( A | B ) > C", "nothing", "a"),
    ],
)
def test_a_wait_that_could_never_end_is_refused(engine: Engine, line: str, first: str, then: str) -> None:
    case = start(engine, line, {"x": True, "y": True})

    with pytest.raises(CaseloomError):
        engine.do(case.id, AddWait(first, then, reason="x"))

    assert held_tasks(engine, case) == []


def test_two_waits_that_would_wait_for_each_other_are_refused(engine: Engine) -> None:
    case = start(engine, "( A > A2 | B > B2 ) > C")
    engine.do(case.id, AddWait("a2", "b", reason="x"))

    with pytest.raises(Conflict, match="for ever"):
        engine.do(case.id, AddWait("b2", "a", reason="x"))
    with pytest.raises(Conflict, match="already"):
        engine.do(case.id, AddWait("a2", "b", reason="x"))


def test_what_is_past_is_not_waited_for(engine: Engine) -> None:
    case = start(engine, "( A > A2 | B > B2 ) > C")
    finish(engine, case, "A")

    with pytest.raises(Conflict, match="does not come any more"):
        engine.do(case.id, AddWait("a", "b2", reason="x"))


def test_in_a_loop_two_steps_of_the_same_round_may_wait(engine: Engine) -> None:
    case = start(engine, "( ( A | B ) > C until done )", {"done": False})
    assert [(one.first, one.then) for one in options(engine, case.id).wait] == [("a", "b"), ("b", "a")]

    engine.do(case.id, AddWait("a", "b", reason="x"))
    finish(engine, case, "A", "B", "C")

    assert open_tasks(engine, case) == ["A", "B"]


def test_all_that_have_begun_wait_and_are_let_go_together(engine: Engine) -> None:
    case = start(engine, "First +message more ( Then ) > Last")
    engine.message("more", case_id=case.id)
    engine.message("more", case_id=case.id)

    engine.do(case.id, AddWait("first", "then", reason="first things first"))
    assert (open_tasks(engine, case), held_tasks(engine, case)) == (["First"], ["Then", "Then"])
    assert marking(live(engine, case.id)) == marking(reloaded(engine, case.id))

    finish(engine, case, "First")
    assert open_tasks(engine, case) == ["Last", "Then", "Then"]


def test_nothing_waits_for_what_only_an_event_on_its_own_edge_could_bring(engine: Engine) -> None:
    case = start(engine, "First +message more ( Then ) > Last")

    with pytest.raises(Conflict):
        engine.do(case.id, AddWait("then", "first", reason="the other way round"))

    engine.message("more", case_id=case.id)
    engine.do(case.id, AddWait("then", "first", reason="the other way round"))
    assert open_tasks(engine, case) == ["Then"]
    finish(engine, case, "Then")
    assert open_tasks(engine, case) == ["First"]


def test_what_puts_something_right_has_its_place_in_the_order_already(engine: Engine) -> None:
    case = start(engine, "A ^compensation ( Fix ) > @throw-compensation > B")

    for first, then in (("b", "fix"), ("fix", "b")):
        with pytest.raises(Invalid, match="puts something right"):
            engine.do(case.id, AddWait(first, then, reason="first things first"))
