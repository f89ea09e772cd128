"""What is due when after a revisit: time that starts anew, goes on or keeps its date, and dates that have passed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from playing import NOON, Clock, finish, last_change, live, marking, open_tasks, rebuilt, start, task, thawed

from caseloom.adhoc import Revisit, Undo
from caseloom.engine import Case, Engine
from caseloom.engine.errors import Invalid


def revisit(engine: Engine, case: Case, target: str, **how: Any) -> Case:
    return engine.do(case.id, Revisit(target, reason="wrong", **how), by="ada")


@pytest.mark.parametrize(
    ("timers", "due"),
    [
        ("restart", NOON + timedelta(days=5 + 10)),  # five days later it begins anew
        ("resume", NOON + timedelta(days=5 + 8)),  # it had been open for two days
        ("absolute", NOON + timedelta(days=10)),  # the date that it had
    ],
)
def test_the_time_of_a_step_that_was_done_starts_anew_goes_on_or_keeps_its_date(
    engine: Engine, clock: Clock, timers: str, due: Any
) -> None:
    case = start(engine, "A ^timer P10D ( Late ) > B")
    clock.forward(days=2)
    finish(engine, case, "A")
    clock.forward(days=3)

    revisit(engine, case, "a", timers=timers)

    assert engine.next_due() == due


def test_the_time_of_a_step_that_was_open_goes_on_with_what_is_left_now(engine: Engine, clock: Clock) -> None:
    case = start(engine, "A > B ^timer P10D ( Late )")
    finish(engine, case, "A")
    clock.forward(days=4)
    revisit(engine, case, "a", timers="resume")
    clock.forward(days=1)

    finish(engine, case, "A")

    assert engine.next_due() == NOON + timedelta(days=5 + 6)


def test_the_date_of_a_task_goes_with_it(engine: Engine, clock: Clock) -> None:
    case = start(engine, "A <due=P10D> > B")
    clock.forward(days=2)
    finish(engine, case, "A")

    revisit(engine, case, "a", timers="absolute")
    assert task(engine, case, "A").due_at == NOON + timedelta(days=10)
    revisit(engine, case, "a")
    assert task(engine, case, "A").due_at == NOON + timedelta(days=12)


def test_a_date_is_given_once_and_not_to_the_next_round(engine: Engine, clock: Clock) -> None:
    case = start(engine, "( A ^timer P10D ( Late > ) > B until done )", {"done": False})
    finish(engine, case, "A")
    clock.forward(days=3)
    revisit(engine, case, "a", timers="absolute")
    assert engine.next_due() == NOON + timedelta(days=10)

    finish(engine, case, "A", "B")

    assert engine.next_due() == NOON + timedelta(days=13)


def test_dates_survive_a_restart_and_a_second_revisit(engine: Engine, clock: Clock) -> None:
    case = start(engine, "R > A > B ^timer P10D ( Late )")
    finish(engine, case, "R", "A")
    clock.forward(days=1)
    revisit(engine, case, "a", timers="absolute")
    assert marking(rebuilt(engine, case.id)) == marking(live(engine, case.id))
    assert marking(thawed(live(engine, case.id))) == marking(live(engine, case.id))
    revisit(engine, case, "r")

    finish(engine, case, "R", "A")

    assert engine.next_due() == NOON + timedelta(days=10)


def test_an_undo_brings_the_old_dates_back(engine: Engine, clock: Clock) -> None:
    case = start(engine, "A > B ^timer P10D ( Late )")
    finish(engine, case, "A")
    clock.forward(days=1)
    revisit(engine, case, "a", timers="resume")

    engine.do(case.id, Undo(last_change(engine, case)), by="ada")

    assert engine.next_due() == NOON + timedelta(days=10)


# -- what comes back -------------------------------------------------------------------------------------


def test_what_comes_back_keeps_its_date_and_the_preview_says_which_have_passed(
    engine: Engine, clock: Clock
) -> None:
    case = start(engine, "{ Hear: A > B } ^timer P5D ( Late ) > C")
    finish(engine, case, "A", "B")
    clock.forward(days=6)

    [late] = engine.preview(case.id, Revisit("b", reason="wrong")).overdue
    assert (late.occurrence.name, late.element_id) == ("Hear", "hear_timer")
    assert late.due_at == NOON + timedelta(days=5)
    revisit(engine, case, "b")
    engine.run_due()

    assert open_tasks(engine, case) == ["Late"]


def test_what_comes_back_may_be_given_more_time(engine: Engine, clock: Clock) -> None:
    case = start(engine, "{ Hear: A > B } ^timer P5D ( Late ) > C")
    finish(engine, case, "A", "B")
    clock.forward(days=6)
    assert engine.preview(case.id, Revisit("b", reason="wrong", extend="P3D")).overdue == []

    revisit(engine, case, "b", extend="P3D")
    engine.run_due()

    assert open_tasks(engine, case) == ["B"]
    assert engine.next_due() == NOON + timedelta(days=9)


def test_a_date_that_has_not_passed_is_left_as_it_is(engine: Engine, clock: Clock) -> None:
    case = start(engine, "{ Hear: A > B } ^timer P5D ( Late ) > C")
    finish(engine, case, "A", "B")
    clock.forward(days=1)

    revisit(engine, case, "b", extend="P9D")

    assert engine.next_due() == NOON + timedelta(days=5)


def test_a_reminder_that_was_sent_is_not_sent_again_for_what_comes_back(engine: Engine, clock: Clock) -> None:
    case = start(engine, "{ Hear: A > B } +timer P1D ( Remind ) > C")
    finish(engine, case, "A")
    clock.forward(days=2)
    engine.run_due()
    finish(engine, case, "Remind", "B")

    revisit(engine, case, "b")
    engine.run_due()

    assert open_tasks(engine, case) == ["B"]
    assert engine.next_due() is None


@pytest.mark.parametrize("how", [{"timers": "later"}, {"extend": "three days"}])
def test_words_that_mean_nothing_are_refused(engine: Engine, how: dict[str, Any]) -> None:
    case = start(engine, "A > B")
    finish(engine, case, "A")

    with pytest.raises(Invalid):
        revisit(engine, case, "a", **how)
