"""Offshoots of events that do not interrupt: they fall with their step, or are detached and stay."""

from __future__ import annotations

import pytest
from playing import (
    Clock,
    finish,
    last_change,
    leftovers,
    live,
    marking,
    open_tasks,
    rebuilt,
    start,
    states,
    task,
    thawed,
)

from caseloom.adhoc import Revisit, Undo
from caseloom.engine import Case, Engine
from caseloom.engine.errors import Invalid
from caseloom.engine.results import Status


def reminded(engine: Engine, clock: Clock, line: str = "A > B +timer P2D ( Remind > Call ) > C") -> Case:
    """B is open, and its reminder has set something off."""
    case = finish(engine, start(engine, line), "A")
    clock.forward(days=2)
    engine.run_due()
    return case


def test_an_offshoot_falls_with_its_step(engine: Engine, clock: Clock) -> None:
    case = reminded(engine, clock)

    engine.do(case.id, Revisit("a", reason="wrong"), by="ada")

    assert open_tasks(engine, case) == ["A"]


def test_an_offshoot_that_never_meets_the_flow_again_may_stay(engine: Engine, clock: Clock) -> None:
    case = reminded(engine, clock)
    before = task(engine, case, "Remind").id

    engine.do(case.id, Revisit("a", reason="wrong", detach=["b_timer"]), by="ada")

    assert open_tasks(engine, case) == ["A", "Remind"]
    assert task(engine, case, "Remind").id == before
    assert marking(rebuilt(engine, case.id)) == marking(live(engine, case.id))
    assert marking(thawed(live(engine, case.id))) == marking(live(engine, case.id))
    finish(engine, case, "A", "B", "C")
    assert open_tasks(engine, case) == ["Remind"]
    assert finish(engine, case, "Remind", "Call").status is Status.COMPLETED
    assert leftovers(live(engine, case.id)) == []


def test_what_was_done_in_it_stays_done(engine: Engine, clock: Clock) -> None:
    case = reminded(engine, clock)
    finish(engine, case, "Remind")

    engine.do(case.id, Revisit("a", reason="wrong", detach=["b_timer"]), by="ada")

    assert open_tasks(engine, case) == ["A", "Call"]
    assert states(engine, case, "remind") == ["completed"]


def test_the_step_that_is_done_again_has_a_reminder_of_its_own(engine: Engine, clock: Clock) -> None:
    case = reminded(engine, clock)
    engine.do(case.id, Revisit("a", reason="wrong", detach=["b_timer"]), by="ada")

    finish(engine, case, "A")
    clock.forward(days=2)
    engine.run_due()

    assert open_tasks(engine, case) == ["B", "Remind", "Remind"]


def test_it_can_be_undone_and_gone_back_from_again(engine: Engine, clock: Clock) -> None:
    case = reminded(engine, clock)
    engine.do(case.id, Revisit("a", reason="wrong", detach=["b_timer"]), by="ada")
    engine.do(case.id, Undo(last_change(engine, case)), by="ada")
    assert open_tasks(engine, case) == ["B", "Remind"]
    engine.do(case.id, Revisit("a", reason="wrong", detach=["b_timer"]), by="ada")
    finish(engine, case, "A")

    engine.do(case.id, Revisit("a", reason="wrong again"), by="ada")

    assert open_tasks(engine, case) == ["A", "Remind"]


def test_what_leads_back_into_the_flow_cannot_stay(engine: Engine, clock: Clock) -> None:
    case = reminded(engine, clock, "A > B +timer P2D ( Remind > ) > C")

    with pytest.raises(Invalid, match="meets the flow again"):
        engine.do(case.id, Revisit("a", reason="wrong", detach=["b_timer"]), by="ada")


@pytest.mark.parametrize("what", ["a", "b"])
def test_only_what_an_event_has_set_off_can_stay(engine: Engine, clock: Clock, what: str) -> None:
    case = reminded(engine, clock)

    with pytest.raises(Invalid, match="set nothing off"):
        engine.do(case.id, Revisit("a", reason="wrong", detach=[what]), by="ada")
