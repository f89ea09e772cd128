"""Reopening: a case that has ended goes on, with the same id."""

from __future__ import annotations

import pytest
from playing import (
    again,
    finish,
    last_change,
    live,
    marking,
    open_tasks,
    rebuilt,
    reloaded,
    standing,
    start,
    states,
    task,
)

from caseloom.adhoc import Reopen, Undo, options
from caseloom.engine import Cancel, Engine, SaveDraft
from caseloom.engine.errors import Conflict, Invalid
from caseloom.engine.results import Status


def test_the_step_that_was_done_last_is_open_again(engine: Engine) -> None:
    case = start(engine, "Check > Send > x := 1")
    finish(engine, case, "Check", "Send")
    assert again(engine, case).status is Status.COMPLETED
    assert options(engine, case.id).reopen

    opened = engine.do(case.id, Reopen(reason="he has complained"), by="ada")

    assert (opened.id, opened.status, opened.ended_at) == (case.id, Status.RUNNING, None)
    assert open_tasks(engine, case) == ["Send"]
    assert finish(engine, case, "Send").status is Status.COMPLETED
    assert (
        marking(live(engine, case.id))
        == marking(rebuilt(engine, case.id))
        == marking(reloaded(engine, case.id))
    )


def test_a_case_is_reopened_at_the_step_that_is_named(engine: Engine) -> None:
    case = start(engine, "Check > Send")
    finish(engine, case, "Check", "Send")

    engine.do(case.id, Reopen(reason="wrong", target="check"))

    assert open_tasks(engine, case) == ["Check"]


def test_what_left_the_house_at_the_end_has_to_be_answered_for(engine: Engine) -> None:
    engine.service("letter")(lambda job: None)
    case = start(engine, "Check > @send letter Send")
    finish(engine, case, "Check")
    assert again(engine, case).status is Status.COMPLETED

    with pytest.raises(Conflict, match="“Send”"):
        engine.do(case.id, Reopen(reason="wrong"))
    engine.do(case.id, Reopen(reason="wrong", effects="note"))

    assert open_tasks(engine, case) == ["Check"]


def test_a_cancelled_case_comes_back_as_it_stood(engine: Engine) -> None:
    case = start(engine, "( Check +timer P3D ( Remind ) | { Hear: Ask } ) > Send")
    engine.do(case.id, SaveDraft(task(engine, case, "Check").id, {"a": 1}), by="bo")
    before = standing(engine, case.id)
    engine.do(case.id, Cancel(reason="a mistake"))
    assert again(engine, case).status is Status.CANCELLED

    engine.do(case.id, Reopen(reason="it was not"))

    assert standing(engine, case.id) == before
    engine.do(case.id, Undo(last_change(engine, case)))
    assert again(engine, case).status is Status.CANCELLED
    assert open_tasks(engine, case) == []


def test_a_case_that_runs_is_not_reopened(engine: Engine) -> None:
    case = start(engine, "Check > Send")
    assert not options(engine, case.id).reopen

    with pytest.raises(Conflict, match="has not ended"):
        engine.do(case.id, Reopen(reason="why not"))
    finish(engine, case, "Check", "Send")
    with pytest.raises(Invalid, match="Say why"):
        engine.do(case.id, Reopen(reason=""))


def test_where_nobody_did_anything_the_step_has_to_be_named(engine: Engine) -> None:
    case = start(engine, "@task First > @task Second")
    assert again(engine, case).status is Status.COMPLETED

    with pytest.raises(Conflict, match="name the step"):
        engine.do(case.id, Reopen(reason="again"))
    assert engine.do(case.id, Reopen(reason="again", target="first")).status is Status.COMPLETED
    assert states(engine, case, "first") == ["(completed)", "completed"]
