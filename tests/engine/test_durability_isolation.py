"""What is broken stays alone: a damaged case, a bad timer or a full disk stops nothing else and loses nothing."""

from __future__ import annotations

import logging
import sqlite3
import threading
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from drawing import draw
from playing import Clock, finish, live, marking, open_tasks, rebuilt, start, stored, task

from caseloom.engine import Complete, Engine, SetData
from caseloom.engine.engine import DUE_AT_ONCE
from caseloom.engine.errors import Conflict
from caseloom.engine.hot import HOT_CASES
from caseloom.storage.errors import CorruptCase, StorageDown


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cases.db"


def damage(path: Path, *case_ids: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for case_id in case_ids:
            connection.execute("UPDATE caseloom_cases SET data = '[]' WHERE id = ?", (case_id,))
        connection.commit()


def test_timers_that_cannot_fire_do_not_stand_before_the_others(
    path: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    with Engine(f"sqlite:///{path}", clock=clock) as engine:
        first = start(engine, "@timer P1D Wait > A")
        broken = [first.id, *(engine.start("case").id for _ in range(DUE_AT_ONCE))]
        clock.forward(seconds=1)
        sound = engine.start("case")
    damage(path, *broken)
    clock.forward(days=1)

    with Engine(f"sqlite:///{path}", clock=clock) as engine, caplog.at_level(logging.CRITICAL):
        assert engine.run_due() == 1
        assert open_tasks(engine, sound) == ["A"]
        assert engine.run_due() == 0
        with pytest.raises(CorruptCase):
            engine.case(first.id)


def test_a_service_of_a_damaged_case_does_not_keep_the_others_from_theirs(
    path: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    with Engine(f"sqlite:///{path}", clock=clock) as engine:
        broken = start(engine, "!topic Tell > A")
        sound = engine.start("case")
    damage(path, broken.id)

    with Engine(f"sqlite:///{path}", clock=clock) as engine, caplog.at_level(logging.CRITICAL):
        engine.service("topic")(lambda job: {"told": True})

        assert engine.run_due() == 1
        assert engine.case(sound.id).data == {"told": True}


def test_a_signal_and_a_message_pass_a_damaged_case_by(
    path: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    with Engine(f"sqlite:///{path}", clock=clock) as engine:
        broken = start(engine, "@signal alarm > @message paid > A", {"n": 1})
        sound = engine.start("case", {"n": 1})
    damage(path, broken.id)

    with Engine(f"sqlite:///{path}", clock=clock) as engine, caplog.at_level(logging.CRITICAL):
        assert engine.signal("alarm") == [sound.id]
        assert engine.message("paid", correlation={"n": 1}) == [sound.id]


def test_a_message_that_was_refused_may_come_again_under_its_id(engine: Engine) -> None:
    start(engine, "@message paid > A", business_key="1")
    second = engine.start("case", business_key="2")
    with pytest.raises(Conflict):
        engine.message("paid", message_id="m1")

    assert engine.message("paid", business_key="2", message_id="m1") == [second.id]
    assert engine.message("paid", business_key="1", message_id="m1") == []


def test_a_start_by_a_timer_that_fails_is_made_up_for_later(path: Path, clock: Clock) -> None:
    with Engine(f"sqlite:///{path}", clock=clock) as engine:
        engine.deploy(("daily.bpmn", draw("@start-timer R3/P1D > A")))
        clock.forward(days=1)
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(
                "CREATE TRIGGER no_room BEFORE INSERT ON caseloom_cases BEGIN SELECT RAISE(ABORT, 'no room'); END"
            )
        with pytest.raises(sqlite3.Error, match="no room"):
            engine.run_due()
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("DROP TRIGGER no_room")

        assert engine.run_due() == 1
        assert len(engine.cases()) == 1


def test_a_start_by_a_timer_is_done_once_even_if_its_clock_died_before_winding_it(
    path: Path, clock: Clock
) -> None:
    with Engine(f"sqlite:///{path}", clock=clock) as engine:
        engine.deploy(("daily.bpmn", draw("@start-timer R3/P1D > A")))
        clock.forward(days=1)
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(
                "CREATE TRIGGER dead BEFORE DELETE ON caseloom_jobs BEGIN SELECT RAISE(ABORT, 'dead'); END"
            )
        with pytest.raises(sqlite3.Error, match="dead"):
            engine.run_due()
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("DROP TRIGGER dead")

        engine.run_due()
        assert len(engine.cases()) == 1
        clock.forward(days=1)
        engine.run_due()
        assert len(engine.cases()) == 2


def test_two_clocks_at_the_same_time_start_and_fire_once(path: Path, clock: Clock) -> None:
    url = f"sqlite:///{path}"
    with Engine(url, clock=clock) as one, Engine(url, clock=clock) as other:
        one.deploy(("daily.bpmn", draw("@start-timer P1D > n := 1 > A", key="daily")))
        waiting = [start(one, "@timer P1D Wait > A") for _ in range(10)]
        clock.forward(days=3)
        counts: list[int] = []

        clocks = [threading.Thread(target=lambda at=at: counts.append(at.run_due())) for at in (one, other)]
        for thread in clocks:
            thread.start()
        for thread in clocks:
            thread.join()

        assert sum(counts) == 11
        assert len(one.cases(key="daily")) == 1
        assert [open_tasks(one, case) for case in waiting] == [["A"]] * 10
        assert {one.case(case.id).revision for case in waiting} == {2}


def test_a_clock_that_goes_backwards_fires_nothing_twice_and_nothing_early(
    engine: Engine, clock: Clock
) -> None:
    case = start(engine, "A +timer R9/P1D ( n := n + 1 ) > B", {"n": 0})
    clock.forward(days=1)
    assert engine.run_due() == 1

    clock.forward(days=-1)
    finish_nothing = engine.run_due()
    engine.do(case.id, SetData({"seen": True}))
    clock.forward(days=1)

    assert (finish_nothing, engine.run_due()) == (0, 0)
    assert engine.case(case.id).data == {"n": 1, "seen": True}
    assert marking(live(engine, case.id)) == marking(rebuilt(engine, case.id))


def test_a_full_disk_is_told_loses_nothing_and_the_engine_recovers(path: Path, clock: Clock) -> None:
    with Engine(f"sqlite:///{path}", clock=clock) as engine:
        case = start(engine, "A > B")
        before = stored(engine, case.id)
        with engine.database.begin() as transaction:
            [pages] = transaction._connection.exec_driver_sql("PRAGMA page_count").one()
            transaction._connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

        with pytest.raises(StorageDown, match="full"):
            engine.do(case.id, SetData({"much": "x" * 200_000}))

        assert stored(engine, case.id) == before
        with engine.database.begin() as transaction:
            transaction._connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
        engine.do(case.id, SetData({"much": "x" * 200_000}))
        assert open_tasks(engine, finish(engine, case, "A")) == ["B"]


def test_a_database_that_takes_no_writes_is_told_and_can_still_be_read(path: Path, clock: Clock) -> None:
    with Engine(f"sqlite:///{path}", clock=clock) as engine:
        case = start(engine, "A > B")
        id = task(engine, case, "A").id
        query_only(engine, "ON")

        with pytest.raises(StorageDown, match="read-only"):
            engine.do(case.id, Complete(id))

        assert open_tasks(engine, case) == ["A"]
        query_only(engine, "OFF")
        assert open_tasks(engine, engine.do(case.id, Complete(id))) == ["B"]


def query_only(engine: Engine, state: str) -> None:
    """On the connection itself, for no transaction can begin any more."""
    _, driver = engine.database._writing._kept  # type: ignore[attr-defined]
    driver.execute(f"PRAGMA query_only = {state}")


def test_a_message_that_could_not_be_stored_may_come_again_under_its_id(path: Path, clock: Clock) -> None:
    with Engine(f"sqlite:///{path}", clock=clock) as engine:
        case = start(engine, "@message paid > A")
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(
                "CREATE TRIGGER no_room BEFORE INSERT ON caseloom_journal BEGIN SELECT RAISE(ABORT, 'no'); END"
            )
        with pytest.raises(sqlite3.Error, match="no"):
            engine.message("paid", message_id="m1")
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("DROP TRIGGER no_room")

        assert engine.message("paid", message_id="m1") == [case.id]


def test_a_timer_of_the_past_fires_at_once_and_only_then(engine: Engine, clock: Clock) -> None:
    case = start(engine, "@timer P1D Wait > A")

    assert engine.run_due(clock.now + timedelta(hours=23)) == 0
    assert engine.run_due(clock.now + timedelta(hours=25)) == 1
    assert open_tasks(engine, case) == ["A"]


def test_only_so_many_cases_are_kept_in_memory_and_the_others_are_read_again(engine: Engine) -> None:
    first = start(engine, "A > B")
    for _ in range(HOT_CASES + 20):
        engine.start("case")

    assert len(engine.door.hot) == HOT_CASES
    assert first.id not in engine.door.hot
    assert open_tasks(engine, finish(engine, first, "A")) == ["B"]
