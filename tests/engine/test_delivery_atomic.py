"""A message is delivered in one piece: what a crash cuts short is taken up again, and nothing is given twice."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from drawing import draw_all
from playing import Clock, finish, open_tasks, start

from caseloom.engine import Engine
from caseloom.engine.results import Status


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cases.db"


@pytest.fixture
def engine(path: Path, clock: Clock) -> Iterator[Engine]:
    with Engine(f"sqlite:///{path}", clock=clock) as engine:
        yield engine


@contextmanager
def nothing_stored_of(path: Path, *, case_id: str | None = None) -> Iterator[None]:
    """The database takes no journal row, of that case or of any, as if the machine had died before the commit."""
    which = "" if case_id is None else f"WHEN NEW.case_id = '{case_id}'"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            f"CREATE TRIGGER no_room BEFORE INSERT ON caseloom_journal {which} BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    try:
        with pytest.raises(sqlite3.Error, match="no"):
            yield
    finally:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("DROP TRIGGER no_room")


def test_a_message_for_two_cases_that_is_cut_short_reaches_the_second_later_and_the_first_once(
    engine: Engine, path: Path, clock: Clock
) -> None:
    first = start(engine, "@message paid > A > @message paid > B", {"order": 7})
    second = engine.start("case", {"order": 7})
    with nothing_stored_of(path, case_id=second.id):
        engine.message("paid", correlation={"order": 7}, message_id="m1")

    assert (open_tasks(engine, first), open_tasks(engine, second)) == (["A"], [])
    assert engine.message("paid", correlation={"order": 7}, message_id="m1") == []
    clock.forward(seconds=10)
    assert engine.run_due() == 1
    assert (open_tasks(engine, first), open_tasks(engine, second)) == (["A"], ["A"])
    assert engine.next_due() is None


def test_a_message_for_two_processes_that_is_cut_short_starts_the_second_later(
    engine: Engine, path: Path, clock: Clock
) -> None:
    engine.deploy(("two.bpmn", draw_all(a="@start-message order > A", b="@start-message order > B")))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "CREATE TRIGGER no_room BEFORE INSERT ON caseloom_cases WHEN NEW.key = 'b'"
            " BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    with pytest.raises(sqlite3.Error, match="no"):
        engine.message("order", message_id="m1")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TRIGGER no_room")

    clock.forward(seconds=10)
    engine.run_due()

    assert [case.key for case in engine.cases()] == ["a", "b"]


def test_a_kept_message_that_could_not_be_given_is_still_there(
    engine: Engine, path: Path, clock: Clock
) -> None:
    case = start(engine, "A > @message paid > B")
    assert engine.message("paid", message_id="m1") == []
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "CREATE TRIGGER no_room BEFORE INSERT ON caseloom_journal WHEN NEW.command = 'Receive'"
            " BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    with pytest.raises(sqlite3.Error, match="no"):
        finish(engine, case, "A")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TRIGGER no_room")
    assert open_tasks(engine, case) == []

    clock.forward(seconds=10)
    assert engine.run_due() == 1

    assert open_tasks(engine, case) == ["B"]
    assert engine.next_due() is None


def test_a_thrown_message_outlives_the_process_that_threw_it(
    engine: Engine, path: Path, clock: Clock
) -> None:
    engine.deploy(("two.bpmn", draw_all(a="A > @end-message order", b="@start-message order > B")))
    case = engine.start("a", business_key="K-1")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "CREATE TRIGGER no_room BEFORE INSERT ON caseloom_cases BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    with pytest.raises(sqlite3.Error, match="no"):
        finish(engine, case, "A")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TRIGGER no_room")
    assert engine.case(case.id).status is Status.COMPLETED

    clock.forward(seconds=10)
    engine.run_due()
    engine.run_due()

    [started] = engine.cases(key="b")
    assert started.business_key == "K-1"


def test_two_messages_that_came_early_are_both_given_when_the_case_begins_to_wait(engine: Engine) -> None:
    case = start(engine, "A > ( @message m > B | @message n > C )")
    engine.message("n")
    engine.message("m")

    finish(engine, case, "A")

    assert open_tasks(engine, case) == ["B", "C"]


def test_a_thrown_message_without_a_key_is_kept_for_the_one_case_that_it_can_be_meant_for(
    engine: Engine,
) -> None:
    shop = draw_all(
        buyer="@throw-message order > Think > @message goods > Unpack",
        seller="@start-message order > @end-message goods",
    )
    engine.deploy(("shop.bpmn", shop))
    buyer = engine.start("buyer")

    finish(engine, buyer, "Think")

    assert open_tasks(engine, buyer) == ["Unpack"]


def test_a_thrown_message_without_a_key_goes_to_nobody_where_two_could_be_meant(engine: Engine) -> None:
    shop = draw_all(
        buyer="@throw-message order > Think > @message goods > Unpack",
        seller="@start-message order > @end-message goods",
    )
    engine.deploy(("shop.bpmn", shop))
    buyers = [engine.start("buyer") for _ in range(2)]

    for buyer in buyers:
        finish(engine, buyer, "Think")

    assert [open_tasks(engine, buyer) for buyer in buyers] == [[], []]
