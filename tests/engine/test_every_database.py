"""One long way through everything, on every kind of database; and what a failing write leaves behind."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from playing import (
    Clock,
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
    stored,
    task,
    tasks,
)

from caseloom.adhoc import Insert, Revisit, Skip, Undo, options
from caseloom.engine import Assign, Claim, Complete, Engine, SaveDraft, SetData
from caseloom.engine.errors import Conflict
from caseloom.engine.results import Status

LINE = (
    "Register <groups=clerks> > ( Check plot <due=P3D> +timer P2D ( Remind ) | { Hear: Ask } each n in names )"
    " > @message payment Paid > !letter Send > [ fine: File | else: Refuse ]"
)


def test_a_whole_case_with_all_that_may_happen_to_it(every_engine: Engine, clock: Clock) -> None:
    engine = every_engine
    case = start(engine, LINE, {"names": ["N1", "N2"], "fee": Decimal("1.50")}, business_key="A-1", by="anna")
    register = task(engine, case, "Register").id
    engine.do(case.id, Claim(register), by="bo")
    engine.do(case.id, SaveDraft(register, {"plot": "K"}), by="bo")
    engine.do(case.id, Complete(register, data={"plot": "K-7 ✓"}), by="bo", request_id="r1")
    engine.do(case.id, Complete(register, data={"plot": "K-7 ✓"}), by="bo", request_id="r1")
    clock.forward(days=2)
    assert engine.run_due() == 1
    assert open_tasks(engine, case) == ["Ask", "Ask", "Check plot", "Remind"]

    engine.do(case.id, Insert("Survey", before="check_plot", due="P1D", groups=["survey"]), by="ada")
    engine.do(case.id, Skip("ask", item="N1", reason="abroad"), by="ada")
    assert held_tasks(engine, case) == ["Check plot"]
    assert [one.name for one in engine.tasks(groups=["survey"])] == ["Survey"]
    before = standing(engine, case.id)
    engine.do(case.id, Revisit("register", reason="wrong plot"), by="ada")
    engine.do(case.id, Undo(last_change(engine, case)), by="ada")
    assert standing(engine, case.id) == before

    finish(engine, case, "Survey", "Check plot", "Remind")
    finish(engine, case, "Ask", item="N2")
    assert engine.message("payment", correlation={"plot": "K-7 ✓"}, message_id="m1") == [case.id]
    [job] = engine.fetch_and_lock("letter", "w1")
    engine.complete_job(job.id, "w1", {"sent": True})
    [question] = tasks(engine, case)  # what the skipped hearing would have said is not known
    assert question.form is not None
    [way] = [flow for flow, name in question.form.fields[0].options if name == "File"]
    engine.do(case.id, Complete(question.id, data={"way": way}))
    engine.do(case.id, Assign(task(engine, case, "File").id, "cleo"))

    assert [one.name for one in engine.tasks(assignee="cleo")] == ["File"]
    assert marking(reloaded(engine, case.id)) == marking(rebuilt(engine, case.id))
    assert options(engine, case.id).revisit
    ended = finish(engine, case, "File", by="cleo")
    assert (ended.status, ended.data["fee"]) == (Status.COMPLETED, Decimal("1.50"))
    assert [one.id for one in engine.cases(where="fee > 1", status="completed")] == [case.id]
    assert engine.case(case.id).created_at + timedelta(days=2) == ended.ended_at
    assert engine.next_due() is None


def test_the_same_revision_is_taken_once(every_engine: Engine) -> None:
    case = start(every_engine, "A")
    every_engine.do(case.id, SetData({"x": 1}), expect_revision=1)

    with pytest.raises(Conflict):
        every_engine.do(case.id, SetData({"x": 2}), expect_revision=1)

    assert every_engine.case(case.id).data == {"x": 1}


TABLES = ["journal", "tasks", "jobs", "subscriptions", "incidents", "snapshots"]


@pytest.mark.parametrize("table", TABLES)
def test_a_command_whose_rows_cannot_all_be_written_has_written_none(
    tmp_path: Path, clock: Clock, table: str
) -> None:
    """Completing A writes to all tables but the snapshots; a revisit writes a snapshot too."""
    path = tmp_path / "cases.db"
    line = "A > ( B | @timer P1D Wait | @message payment Paid | [ x > 1: C | else: D ] )"
    with Engine(f"sqlite:///{path}", clock=clock) as engine:
        case = start(engine, line)
        command = (
            Revisit("start", reason="x") if table == "snapshots" else Complete(task(engine, case, "A").id)
        )
        before = stored(engine, case.id)
        break_down(path, table)

        with pytest.raises(Exception, match="no room"):
            engine.do(case.id, command)

        assert stored(engine, case.id) == before
        assert marking(live(engine, case.id)) == marking(rebuilt(engine, case.id))
        mend(path)
        engine.do(case.id, command)
        assert stored(engine, case.id) != before
        assert marking(live(engine, case.id)) == marking(rebuilt(engine, case.id))


def break_down(path: Path, table: str) -> None:
    """From now on nothing can be written to this table."""
    with closing(sqlite3.connect(path)) as connection:
        for event in ("INSERT", "UPDATE"):
            refusal = "BEGIN SELECT RAISE(ABORT, 'no room'); END"
            connection.execute(f"CREATE TRIGGER no_{event} BEFORE {event} ON caseloom_{table} {refusal}")


def mend(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for event in ("INSERT", "UPDATE"):
            connection.execute(f"DROP TRIGGER no_{event}")
