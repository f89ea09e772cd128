"""Jumping ahead: all that lies before a step is skipped as one change, and no token is put anywhere."""

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

from caseloom.adhoc import Insert, JumpTo, Revisit, Skip, Undo
from caseloom.engine import Case, Complete, Engine
from caseloom.engine.errors import CaseloomError, Conflict, Invalid
from caseloom.engine.results import Status


def sound(engine: Engine, case: Case) -> bool:
    """Is the case in memory what its journal, and its snapshot, give?"""
    now = marking(live(engine, case.id))
    return now == marking(rebuilt(engine, case.id)) == marking(reloaded(engine, case.id))


def test_all_that_lies_before_the_target_is_skipped(engine: Engine) -> None:
    case = start(engine, "A > B > C > D")

    engine.do(case.id, JumpTo("d", reason="all known"), by="ada")

    assert open_tasks(engine, case) == ["D"]
    assert states(engine, case, "a") == states(engine, case, "b") == states(engine, case, "c") == ["skipped"]
    assert [fact["kind"] for fact in engine.history(case.id)[-1].facts].count("jump") == 1
    assert sound(engine, case)


def test_both_branches_before_a_join_are_skipped(engine: Engine) -> None:
    case = start(engine, "( A > A2 | B ) > C > D")

    engine.do(case.id, JumpTo("c", reason="all known"))

    assert open_tasks(engine, case) == ["C"]
    assert finish(engine, case, "C", "D").status is Status.COMPLETED
    assert leftovers(live(engine, case.id)) == []
    assert sound(engine, case)


def test_a_branch_is_left_out_up_to_its_join_and_the_join_waits_for_the_other(engine: Engine) -> None:
    case = start(engine, "( A > A2 | B ) > C")

    engine.do(case.id, JumpTo("join_1", branch="a", reason="not needed"))

    assert open_tasks(engine, case) == ["B"]
    assert states(engine, case, "a2") == ["skipped"]
    finish(engine, case, "B")
    assert open_tasks(engine, case) == ["C"]
    assert sound(engine, case)


def test_a_step_in_one_branch_leaves_the_other_alone(engine: Engine) -> None:
    case = start(engine, "( A > A2 > A3 | B ) > C")
    before = next(one for one in tasks(engine, case) if one.name == "B")

    engine.do(case.id, JumpTo("a3", reason="known"))

    assert open_tasks(engine, case) == ["A3", "B"]
    assert next(one for one in tasks(engine, case) if one.name == "B") == before


def test_a_join_that_needs_a_branch_which_is_not_on_the_way_is_refused(engine: Engine) -> None:
    case = start(engine, "( A > A2 | B ) > C")

    with pytest.raises(Conflict, match="“join_1” waits for “B” too"):
        engine.do(case.id, JumpTo("c", branch="a", reason="known"))

    assert open_tasks(engine, case) == ["A", "B"]


def test_a_choice_on_the_way_takes_the_short_way_where_all_lead_to_the_target(engine: Engine) -> None:
    case = start(engine, "A > [ big: B > C | else: D ] > E")

    engine.do(case.id, JumpTo("e", reason="known"))

    assert open_tasks(engine, case) == ["E"]
    assert states(engine, case, "d") == ["skipped"]
    assert states(engine, case, "b") == []
    assert sound(engine, case)


def test_a_choice_that_may_lead_elsewhere_has_to_be_made_first(engine: Engine) -> None:
    case = start(engine, "A > [ big: B | else: Refuse > @end Refused ] > C")

    with pytest.raises(Conflict, match="decide “choice_1” first"):
        engine.do(case.id, JumpTo("c", reason="known"))


def test_a_loop_is_left_by_the_way_out(engine: Engine) -> None:
    case = start(engine, "( Write > Review until done ) > Send", {"done": False})

    engine.do(case.id, JumpTo("send", reason="known"))

    assert open_tasks(engine, case) == ["Send"]
    assert states(engine, case, "review") == ["skipped"]
    assert sound(engine, case)


@pytest.mark.parametrize(
    "line",
    [
        "A > ( x: B | y: C | else: D ) > E",
        "A > [ @message m > B | @timer P1D > C ] > E",
        "A > { Hear: B > C } ^timer P2D ( Tidy ) > E",
        "A > B each n in names > E",
        "A > @message m > @timer P3D Wait > @send letter Send > x := 1 > E",
        "( A ~> ( B | C ) ) > E",
        "A > ( B > ( C | D ) | F until ok ) > E",
    ],
)
def test_whatever_lies_between_is_passed_and_nothing_runs(engine: Engine, line: str) -> None:
    case = start(engine, line, {"names": ["N1", "N2"]})

    engine.do(case.id, JumpTo("e", reason="known"))

    assert set(open_tasks(engine, case)) == {"E"}
    assert "x" not in again(engine, case).data
    assert engine.next_due() is None
    assert engine.fetch_and_lock("letter", "worker") == []
    assert sound(engine, case)


def test_open_work_in_the_middle_is_left_out_too(engine: Engine) -> None:
    case = start(engine, "A > { Hear: B > ( C | D ) } > E > F")
    finish(engine, case, "A", "B")

    engine.do(case.id, JumpTo("f", reason="known"))

    assert open_tasks(engine, case) == ["F"]
    assert states(engine, case, "hear") == ["skipped"]
    assert states(engine, case, "c") == ["withdrawn"]


def test_inside_a_sub_process_one_jumps_within_it(engine: Engine) -> None:
    case = start(engine, "{ Hear: A > B > C } each n in names > D", {"names": ["N1", "N2"]})

    with pytest.raises(Invalid, match="N1, N2"):
        engine.do(case.id, JumpTo("c", reason="known"))
    engine.do(case.id, JumpTo("c", item="N2", reason="known"))

    assert sorted((one.name, one.item) for one in tasks(engine, case)) == [("A", "N1"), ("C", "N2")]
    assert sound(engine, case)


def test_what_the_steps_would_have_said_is_asked_for(engine: Engine) -> None:
    case = start(
        engine,
        "A > B > [ ok = true: C | ok = false: D ]",
        attributes={"b": {"caseloom:requiredOutputs": "risk"}},
    )

    with pytest.raises(Invalid, match="“ok”, “risk”"):
        engine.do(case.id, JumpTo("choice_1", reason="known"))
    done = engine.do(case.id, JumpTo("choice_1", reason="known", data={"ok": True}, missing=["risk"]))

    assert open_tasks(engine, case) == ["C"]
    assert done.data == {"ok": True, "risk": None}


def test_a_jump_can_be_undone_exactly(engine: Engine) -> None:
    case = start(engine, "( A +timer P3D ( Remind ) | B > { Hear: X } ) > C > D")
    before = standing(engine, case.id)

    engine.do(case.id, JumpTo("d", reason="known"))
    engine.do(case.id, Undo(last_change(engine, case)))

    assert standing(engine, case.id) == before


def test_a_step_that_was_jumped_over_is_done_by_going_back_to_it(engine: Engine) -> None:
    case = start(engine, "A > B > C > D")
    engine.do(case.id, JumpTo("d", reason="known"))

    engine.do(case.id, Revisit("b", reason="we need it after all"))

    assert open_tasks(engine, case) == ["B"]
    assert states(engine, case, "c") == ["(skipped)"]
    finish(engine, case, "B")
    assert open_tasks(engine, case) == ["C"]
    assert sound(engine, case)


def test_orders_and_work_for_what_is_jumped_over_go_on_standing(engine: Engine) -> None:
    case = start(engine, "A > B > C")
    engine.do(case.id, Insert("Ask", before="b"))

    engine.do(case.id, JumpTo("c", reason="known"))

    assert open_tasks(engine, case) == ["C"]


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("a", "not lie ahead"),
        ("x", "inside something"),
        ("nothing", "no element"),
    ],
)
def test_what_cannot_be_jumped_to_is_refused(engine: Engine, target: str, said: str) -> None:
    case = start(engine, "A > { Hear: X > Y } > C")

    with pytest.raises(CaseloomError, match=said):
        engine.do(case.id, JumpTo(target, reason="known"))


def test_held_work_on_the_way_has_to_be_finished_first(engine: Engine) -> None:
    case = start(engine, "A > B > C")
    engine.do(case.id, Insert("Ask", before="a"))
    with pytest.raises(Conflict, match="held by inserted work"):
        engine.do(case.id, JumpTo("c", reason="known"))
    finish(engine, case, "Ask")
    engine.do(case.id, Insert("Look", beside="a"))

    with pytest.raises(Conflict, match="beside “A”"):
        engine.do(case.id, JumpTo("c", reason="known"))


def test_a_jump_leads_where_skipping_each_step_leads(engine: Engine) -> None:
    line = "A > ( B | C > D ) > E"
    jumped, skipped = start(engine, line), start(engine, line)

    engine.do(jumped.id, JumpTo("e", reason="known"))
    for name in ("a", "b", "c", "d"):
        engine.do(skipped.id, Skip(name, reason="known"))

    assert open_tasks(engine, jumped) == open_tasks(engine, skipped) == ["E"]
    engine.do(jumped.id, Complete(tasks(engine, jumped)[0].id))
    assert again(engine, jumped).status is Status.COMPLETED
