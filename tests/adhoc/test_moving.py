"""Moving, replacing and swapping steps: single gestures made of a skip here and a task there."""

from __future__ import annotations

import pytest
from playing import (
    finish,
    held_tasks,
    last_change,
    live,
    marking,
    open_tasks,
    rebuilt,
    reloaded,
    standing,
    start,
    states,
)

from caseloom.adhoc import Insert, Move, Replace, Swap, Undo, options
from caseloom.engine import Case, Engine
from caseloom.engine.commands import Command
from caseloom.engine.errors import CaseloomError
from caseloom.engine.results import Status


def played(engine: Engine, case: Case) -> list[str]:
    """The tasks in the order in which they come, one after the other."""
    seen = []
    while names := open_tasks(engine, case):
        seen.append(" ".join(names))
        finish(engine, case, *names)
    now = marking(live(engine, case.id))
    assert now == marking(rebuilt(engine, case.id)) == marking(reloaded(engine, case.id))
    assert engine.case(case.id).status is Status.COMPLETED
    return seen


def test_a_step_to_come_is_replaced_by_another_task(engine: Engine) -> None:
    case = start(engine, "A > B > C")

    engine.do(case.id, Replace("b", Insert("Ask a lawyer", groups=["legal"]), reason="a lawyer knows"))

    assert played(engine, case) == ["A", "Ask a lawyer", "C"]
    assert states(engine, case, "b") == ["skipped"]


def test_an_open_step_is_replaced_at_once(engine: Engine) -> None:
    case = start(engine, "A > B > C")

    engine.do(case.id, Replace("a", Insert("Ask a lawyer"), reason="a lawyer knows"))

    assert played(engine, case) == ["Ask a lawyer", "B", "C"]


def test_what_replaces_a_step_gives_what_a_condition_needs(engine: Engine) -> None:
    case = start(engine, "A > B > [ fine = true: C | fine = false: D ]")
    engine.do(case.id, Replace("b", Insert("Ask a lawyer"), reason="a lawyer knows"))
    finish(engine, case, "A")

    finish(engine, case, "Ask a lawyer", fine=False)

    assert open_tasks(engine, case) == ["D"]


def test_a_whole_sub_process_is_replaced(engine: Engine) -> None:
    case = start(engine, "A > { Hear: B > C } > D")

    engine.do(case.id, Replace("hear", Insert.many([Insert("X"), Insert("Y")]), reason="by letter"))

    assert played(engine, case) == ["A", "X Y", "D"]


@pytest.mark.parametrize(
    ("move", "order"),
    [
        (Move("d", before="b", reason="early"), ["A", "D", "B", "C", "E"]),
        (Move("d", after="a", reason="early"), ["A", "D", "B", "C", "E"]),
        (Move("d", before="a", reason="first"), ["D", "A", "B", "C", "E"]),
        (Move("b", after="d", reason="late"), ["A", "C", "D", "B", "E"]),
        (Move("b", before="e", reason="late"), ["A", "C", "D", "B", "E"]),
        (Move("a", after="c", reason="late"), ["B", "C", "A", "D", "E"]),
        (Move("d", beside="b", reason="together"), ["A", "B D", "C", "E"]),
        (Move("b", beside="d", reason="together"), ["A", "C", "B D", "E"]),
        (Swap("b", "c", reason="other way round"), ["A", "C", "B", "D", "E"]),
        (Swap("c", "b", reason="other way round"), ["A", "C", "B", "D", "E"]),
        (Swap("a", "b", reason="other way round"), ["B", "A", "C", "D", "E"]),
    ],
)
def test_a_step_comes_where_it_was_moved_to(engine: Engine, move: Command, order: list[str]) -> None:
    case = start(engine, "A > B > C > D > E")
    before = standing(engine, case.id)
    engine.do(case.id, move)
    engine.do(case.id, Undo(last_change(engine, case)))
    assert standing(engine, case.id) == before

    engine.do(case.id, move)

    assert played(engine, case) == order


def test_an_open_step_waits_while_the_other_one_comes_first(engine: Engine) -> None:
    case = start(engine, "A > B > C")

    engine.do(case.id, Swap("a", "b", reason="other way round"))

    assert (open_tasks(engine, case), held_tasks(engine, case)) == (["B"], ["A"])


@pytest.mark.parametrize(
    ("place", "order"),
    [({"before": "c"}, ["D", "X", "C", "E"]), ({"before": "d"}, ["D", "X", "E"]), ({}, ["C D", "E X"])],
)
def test_a_step_comes_before_a_task_that_was_inserted(
    engine: Engine, place: dict[str, str], order: list[str]
) -> None:
    case = start(engine, "A > B > C > D > E")
    engine.do(case.id, Insert("X", **place))
    finish(engine, case, "A", "B")
    if "d" in place.values():
        finish(engine, case, "C")
    [inserted] = [task for task in engine.tasks(case_id=case.id) if task.name == "X"]

    engine.do(case.id, Move("d", before=inserted.id, reason="early"))

    assert played(engine, case) == order


def test_a_step_that_was_moved_to_a_way_not_taken_is_done_where_it_is_drawn(engine: Engine) -> None:
    case = start(engine, "A > [ big: B | else: ] > C > D", {"big": False})

    engine.do(case.id, Move("c", before="b", reason="early"))
    finish(engine, case, "A")

    assert open_tasks(engine, case) == ["C"]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (Move("b", reason="x"), "one place"),
        (Move("b", before="c", after="d", reason="x"), "one place"),
        (Move("b", before="b", reason="x"), "beside itself"),
        (Move("x", before="b", reason="x"), "not a person's task"),
        (Move("nothing", before="b", reason="x"), "no element"),
        (Move("b", before="c", reason=""), "Say why"),
        (Swap("a", "c", reason="x"), "directly after"),
        (Replace("b", Insert("X", before="c"), reason="x"), "no place of its own"),
        (Replace("end", Insert("X"), reason="x"), "cannot be skipped"),
    ],
)
def test_what_cannot_be_moved_is_refused(engine: Engine, command: Command, said: str) -> None:
    case = start(engine, "A > B > C > @task X > D")

    with pytest.raises(CaseloomError, match=said):
        engine.do(case.id, command)


def test_what_is_past_is_not_moved(engine: Engine) -> None:
    case = start(engine, "A > B > C")
    finish(engine, case, "A")
    assert [one.id for one in options(engine, case.id).move] == ["b", "c"]

    with pytest.raises(CaseloomError, match="not lie ahead"):
        engine.do(case.id, Move("a", after="b", reason="x"))


def test_nothing_comes_after_an_event_that_ends_its_scope(engine: Engine) -> None:
    case = start(engine, "{ Hear: A > @throw-escalation far > B } ^escalation far ( C > ) > D")
    engine.do(case.id, Insert("X", after="far"))

    finish(engine, case, "A")

    assert open_tasks(engine, case) == ["C"]
    assert played(engine, case) == ["C", "D"]
