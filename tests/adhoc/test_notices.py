"""Whoever had the work is told when somebody takes it away or brings it back, and why."""

from __future__ import annotations

import pytest
from drawing import draw
from playing import Clock, finish, last_change, start, task

from caseloom.adhoc import Revisit, Skip, Undo
from caseloom.engine import Assign, Cancel, Case, Complete, Engine
from caseloom.engine.errors import NotAllowed, NotFound

LINE = "Register > ( Check plot | Check applicant ) > Draft > Send"


def told(
    engine: Engine, person: str
) -> list[tuple[tuple[str, ...], tuple[str, ...], str | None, str | None]]:
    return [(tuple(one.withdrawn), tuple(one.restored), one.by, one.reason) for one in engine.notices(person)]


def both_at_work(engine: Engine) -> Case:
    engine.deploy(("case.bpmn", draw(LINE)))
    case = engine.start("case", business_key="L-1")
    finish(engine, case, "Register")
    for name in ("Check plot", "Check applicant"):
        engine.do(case.id, Assign(task(engine, case, name).id, "bo"))
    return case


def test_one_notice_tells_of_all_that_a_revisit_takes_away(engine: Engine) -> None:
    case = both_at_work(engine)
    wanted = Revisit("register", reason="the wrong plot")

    assert engine.preview(case.id, wanted, by="ada").told == ["bo"]
    assert engine.notices("bo") == []
    engine.do(case.id, wanted, by="ada")

    assert told(engine, "bo") == [(("Check plot", "Check applicant"), (), "ada", "the wrong plot")]
    assert engine.notices("bo")[0].business_key == "L-1"


def test_whoever_does_it_is_not_told_of_it(engine: Engine) -> None:
    case = both_at_work(engine)

    assert engine.preview(case.id, Revisit("register", reason="mine"), by="bo").told == []
    engine.do(case.id, Revisit("register", reason="mine"), by="bo")

    assert engine.notices("bo") == []


def test_an_undo_tells_that_the_work_is_back(engine: Engine) -> None:
    case = both_at_work(engine)
    engine.do(case.id, Revisit("register", reason="the wrong plot"), by="ada")

    undo = Undo(last_change(engine, case), reason="it was right")
    assert engine.preview(case.id, undo, by="ada").told == ["bo"]
    engine.do(case.id, undo, by="ada")

    assert told(engine, "bo")[0] == ((), ("Check plot", "Check applicant"), "ada", "it was right")


def test_work_that_is_done_or_that_nobody_had_tells_nothing(engine: Engine) -> None:
    case = both_at_work(engine)
    engine.do(case.id, Complete(task(engine, case, "Check plot").id), by="ada")
    finish(engine, case, "Check applicant")
    engine.do(case.id, Skip("draft", reason="not needed"), by="ada")

    assert engine.notices("bo") == []
    assert engine.notices("ada") == []


@pytest.mark.parametrize("wanted", [Skip("check_plot", reason="known"), Cancel(reason="known")])
def test_a_skip_and_a_cancel_tell_too(engine: Engine, wanted: Skip | Cancel) -> None:
    case = both_at_work(engine)

    engine.do(case.id, wanted, by="ada")

    [notice] = engine.notices("bo")
    assert "Check plot" in notice.withdrawn
    assert (notice.by, notice.reason) == ("ada", "known")


def test_a_boundary_event_tells_without_a_name(engine: Engine, clock: Clock) -> None:
    case = start(engine, "Draft ^timer P2D ( Remind ) > Send")
    engine.do(case.id, Assign(task(engine, case, "Draft").id, "bo"))

    engine.run_due(clock.forward(days=3))

    assert told(engine, "bo") == [(("Draft",), (), None, None)]


def test_a_notice_is_put_away_by_whom_it_is_for(engine: Engine) -> None:
    case = both_at_work(engine)
    engine.do(case.id, Revisit("register", reason="the wrong plot"), by="ada")
    [notice] = engine.notices("bo")

    with pytest.raises(NotAllowed, match="bo"):
        engine.dismiss_notice(notice.id, by="ada")
    engine.dismiss_notice(notice.id, by="bo")

    assert engine.notices("bo") == []
    with pytest.raises(NotFound):
        engine.dismiss_notice(notice.id, by="bo")
