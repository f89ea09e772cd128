"""Diagrams that others have drawn: each runs, or is refused with all that is wrong, element by element."""

from __future__ import annotations

from pathlib import Path

import pytest
from playing import Clock, leftovers, live

from caseloom.engine import Complete, Engine
from caseloom.engine.errors import CaseloomError, DiagramError, Severity
from caseloom.engine.results import Case, Status

CORPUS = Path(__file__).parents[2] / ".." / "shared" / "corpus"
FILES = sorted(CORPUS.glob("*/*.bpmn"))

needs_files = pytest.mark.skipif(not FILES, reason="the diagrams of others are not beside this checkout")


def work(engine: Engine, clock: Clock, case: Case) -> Case:
    """Does whatever can be done for a while: tasks, jobs, messages, time."""
    for _ in range(8):
        for one in engine.tasks(case_id=case.id):
            try:
                engine.do(case.id, Complete(one.id, data={"approved": True}))
            except CaseloomError:  # a condition that needs other data, said in a sentence
                continue
        with engine.database.read() as reader:
            topics = {job.topic for job in reader.jobs(case_id=case.id) if job.topic}
            names = {one.name for one in reader.subscriptions(case.id) if one.kind == "message"}
        for topic in topics:
            for job in engine.fetch_and_lock(topic, "w", max_jobs=10):
                engine.complete_job(job.id, "w", {"done": True})
        for name in names:
            engine.message(name, case_id=case.id)
        clock.forward(days=40)
        engine.run_due()

    return engine.case(case.id)


@needs_files
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_diagram_of_others_runs_or_is_refused_with_all_that_is_wrong(
    engine: Engine, clock: Clock, path: Path
) -> None:
    try:
        deployment = engine.deploy(path)
    except DiagramError as refused:
        errors = [one for one in refused.findings if one.severity is Severity.ERROR]
        assert errors
        assert all(one.code and one.line and one.message.endswith(".") for one in errors)
        assert all(one.element_id for one in errors if one.code != "nothing-executable")
        return

    for definition in deployment.definitions:
        try:
            case = engine.start(definition.key, data={"approved": True})
        except CaseloomError:  # only an event starts it
            continue
        case = work(engine, clock, case)
        assert case.status is not Status.COMPLETED or leftovers(live(engine, case.id)) == []
        assert case.status is not Status.RUNNING or case.tasks or case.incidents or waits(engine, case)


def waits(engine: Engine, case: Case) -> bool:
    with engine.database.read() as reader:
        return bool(reader.jobs(case_id=case.id) or reader.subscriptions(case.id))


@needs_files
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_drawing_that_is_made_executable_has_the_same_findings(engine: Engine, path: Path) -> None:
    """So whoever mends what is said is not told of something new afterwards."""
    before = engine.check(path)
    text = path.read_bytes()
    if not any(one.code == "nothing-executable" for one in before):
        return

    after = engine.check((path.name, text.replace(b'isExecutable="false"', b'isExecutable="true"')))

    told = {(one.code, one.element_id) for one in before} - {("nothing-executable", None)}
    new = {(one.code, one.element_id) for one in after if one.severity is Severity.ERROR}
    assert {pair for pair in new if pair[0] != "nothing-executable"} <= told
