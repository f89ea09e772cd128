"""Hostile and broken files: none runs code, hangs, or leaves a case dead or falsely complete."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playing import Clock, finish, leftovers, live, open_tasks, start

from caseloom.engine import Complete, Engine
from caseloom.engine.errors import CaseloomError
from caseloom.engine.results import Case, Status

HOSTILE = Path(__file__).parents[2] / ".." / "shared" / "hostile"
MANIFEST: list[dict[str, str]] = (
    json.loads((HOSTILE / "manifest.json").read_text()) if (HOSTILE / "manifest.json").exists() else []
)
SPECIAL = {"rework_loop.bpmn", "loop_fork.bpmn", "mi_1e6.bpmn", "script_regex.bpmn"}

needs_files = pytest.mark.skipif(not MANIFEST, reason="the hostile files are not beside this checkout")


@pytest.fixture
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)

    return tmp_path


def deployed(engine: Engine, name: str) -> list[str]:
    """The keys of what was deployed; none where it was refused."""
    try:
        return [one.key for one in engine.deploy(HOSTILE / name).definitions]
    except CaseloomError:
        return []


def work(engine: Engine, clock: Clock, case: Case) -> Case:
    """Does whatever can be done for a while: tasks, messages, time."""
    for _ in range(5):
        for one in engine.tasks(case_id=case.id):
            engine.do(case.id, Complete(one.id, data={"done": True, "x": 1, "items": [1, 2]}))
        clock.forward(days=40)
        engine.run_due()
        for name in ("m", "msg", "Message_1", "message"):
            engine.message(name, case_id=case.id) if engine.case(case.id).status == "running" else None

    return engine.case(case.id)


def started(engine: Engine, key: str) -> Case | None:
    try:
        return engine.start(key, data={"x": 1, "items": [1], "done": False})
    except CaseloomError:
        return None


def is_dead(engine: Engine, case: Case) -> bool:
    """Running, but with nothing that anybody or anything could do, and no incident that says so."""
    if case.status is not Status.RUNNING or case.incidents or case.tasks:
        return False
    with engine.database.read() as reader:
        return not reader.jobs(case_id=case.id) and not reader.subscriptions(case.id)


@needs_files
@pytest.mark.parametrize("file", [row["file"] for row in MANIFEST if row["file"] not in SPECIAL])
def test_a_hostile_file_is_refused_or_harmless(
    engine: Engine, clock: Clock, somewhere: Path, file: str
) -> None:
    [expected] = [row["expect"] for row in MANIFEST if row["file"] == file]
    keys = deployed(engine, file)
    if expected.startswith("reject") and "or incident" not in expected:
        assert keys == []
    for key in keys:
        case = started(engine, key)
        if case is not None:
            case = work(engine, clock, case)
            assert not is_dead(engine, case)
            assert case.status is not Status.COMPLETED or leftovers(live(engine, case.id)) == []
            assert "root:" not in json.dumps(case.data, default=str)

    assert list(somewhere.rglob("PROOF")) == []
    assert open_tasks(engine, start(engine, "Still alive")) == ["Still alive"]


@needs_files
@pytest.mark.parametrize("file", ["loop_fork.bpmn", "mi_1e6.bpmn", "script_regex.bpmn"])
def test_a_greedy_diagram_is_refused_or_stopped_with_an_incident(
    engine: Engine, clock: Clock, somewhere: Path, file: str
) -> None:
    other = start(engine, "A > B")

    for key in deployed(engine, file):
        case = work(engine, clock, engine.start(key, data={"x": 1}))
        assert case.status is not Status.COMPLETED or file == "script_regex.bpmn"
        assert case.incidents or case.status is Status.COMPLETED

    finish(engine, other, "A")
    assert open_tasks(engine, other) == ["B"]


@needs_files
def test_five_hundred_rounds_of_rework_lead_to_the_final_task(engine: Engine) -> None:
    [key] = deployed(engine, "rework_loop.bpmn")
    case: Any = engine.start(key, data={"done": False})
    for _ in range(500):
        [one] = engine.tasks(case_id=case.id)
        case = engine.do(case.id, Complete(one.id, data={"done": False}))
        assert case.status is Status.RUNNING

    [one] = engine.tasks(case_id=case.id)
    engine.do(case.id, Complete(one.id, data={"done": True}))

    assert [one.element_id for one in engine.tasks(case_id=case.id)] == ["final"]
