"""The demo data, and the clock that keeps it moving."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from drawing import draw

from caseloom.engine import Engine
from caseloom.web.clock import Clock
from caseloom.web.demo import StoryClock, load_demo
from caseloom.web.people import People


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    """A file with the demo in it."""
    address = f"sqlite:///{tmp_path_factory.mktemp('demo')}/demo.db"
    with Engine(address, clock=StoryClock(), fast_commit=True) as engine:
        load_demo(engine)
    return address


@pytest.fixture
def engine(url):
    with Engine(url, clock=StoryClock(), fast_commit=True) as engine:
        yield engine


def test_the_demo_has_cases_of_every_sort(engine):
    cases = engine.cases(limit=100)

    assert {case.key for case in cases} == {"complaint", "fault_report", "lease_request"}
    assert {str(case.status) for case in cases} == {"running", "completed"}
    assert not any(case.incidents for case in cases)


def test_its_inbox_looks_alive(engine):
    now = datetime.now(UTC)
    tasks = engine.tasks(limit=100)

    assert len(tasks) >= 10
    assert any(task.due_at and task.due_at < now for task in tasks)
    assert any(task.kind == "adhoc" for task in tasks)
    assert any(task.assignee for task in tasks)


def test_its_cases_have_a_past(engine):
    oldest = min(case.created_at for case in engine.cases(limit=100))

    assert oldest < datetime.now(UTC) - timedelta(days=30)


def test_everybody_signs_in_with_their_own_name(engine):
    people = People(engine.database)

    assert [account.id for account in people.all()] == [
        "admin",
        "anna",
        "bo",
        "cleo",
        "dora",
        "emil",
        "frida",
    ]
    assert people.signed_in("emil", "emil") is not None
    assert people.signed_in("emil", "anna") is None


def test_loading_it_again_changes_nothing(engine):
    before = [(case.id, case.revision) for case in engine.cases(limit=100)]

    load_demo(engine)

    assert [(case.id, case.revision) for case in engine.cases(limit=100)] == before


def test_the_clock_fires_what_is_due():
    clock = StoryClock()
    with Engine("sqlite://", clock=clock) as engine:
        engine.deploy(("wait.bpmn", draw("@timer PT1H Wait > Work", key="wait")))
        case = engine.start("wait")
        assert case.tasks == []

        clock.tell(datetime.now(UTC) + timedelta(hours=2))
        Clock(engine).tick()

        assert [task.name for task in engine.case(case.id).tasks] == ["Work"]


def test_a_tick_that_fails_does_not_stop_the_clock(caplog):
    with Engine("sqlite://") as engine:
        ticking = Clock(engine)

    ticking.tick()

    assert "A tick of the clock failed." in caplog.text
