"""Several engines on one database, on each kind that can be shared: one wins, none answers with what is past."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from drawing import draw
from playing import (
    Clock,
    finish,
    last_change,
    live,
    marking,
    open_tasks,
    rebuilt,
    start,
    states,
    task,
)

from caseloom.adhoc import Insert, Revisit, Skip, Undo, options
from caseloom.engine import Complete, Engine, Job
from caseloom.engine.errors import Conflict
from caseloom.engine.results import Status


@pytest.fixture(params=["file", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgres":
        found: str = request.getfixturevalue("postgres_url")
        return found
    return f"sqlite:///{tmp_path / 'cases.db'}"


@pytest.fixture
def two(url: str, clock: Clock) -> Iterator[tuple[Engine, Engine]]:
    with Engine(url, clock=clock) as one, Engine(url, clock=clock) as other:
        yield one, other


def test_what_one_engine_changes_the_other_sees_in_every_answer(two: tuple[Engine, Engine]) -> None:
    one, other = two
    case = start(one, "A > ( B | C ) > D")
    other.case(case.id)
    finish(one, case, "A", "B")
    one.do(case.id, Insert("X"))

    assert open_tasks(other, case) == ["C", "X"]
    assert other.preview(case.id, Skip("b", reason="late")).refusal is not None
    assert [target.id for target in options(other, case.id).skip] == [
        target.id for target in options(one, case.id).skip
    ]
    other.do(case.id, Undo(last_change(other, case)))
    assert open_tasks(one, case) == ["C"]
    assert one.case(case.id) == other.case(case.id)


def test_a_preview_of_what_another_engine_has_changed_since_is_refused(two: tuple[Engine, Engine]) -> None:
    one, other = two
    case = start(one, "A > ( B | C ) > D")
    finish(one, case, "A")
    command = Revisit("a", reason="wrong")
    token = other.preview(case.id, command).token
    finish(one, case, "B")

    with pytest.raises(Conflict, match="preview"):
        other.do(case.id, command, preview=token)


def test_workers_of_two_engines_share_the_jobs_and_do_each_once(two: tuple[Engine, Engine]) -> None:
    one, other = two
    one.deploy(("a.bpmn", draw("!topic Tell > A")))
    cases = [one.start("case") for _ in range(24)]

    def work(name: str) -> list[str]:
        engine, done = (one if name < "w2" else other), []
        while jobs := engine.fetch_and_lock("topic", name, max_jobs=3):
            for job in jobs:
                engine.complete_job(job.id, name, {"by": name})
                done.append(job.id)
        return done

    with ThreadPoolExecutor(4) as pool:
        done = [job for jobs in pool.map(work, ["w0", "w1", "w2", "w3"]) for job in jobs]

    assert len(done) == len(set(done)) <= 24
    # To skip locked rows may leave a late worker with nothing while another still holds some: the rest is fetched here.
    done += work("w9")
    assert len(set(done)) == 24
    assert {one.case(case.id).revision for case in cases} == {2}


def test_the_worker_of_work_that_was_taken_back_is_told_so(two: tuple[Engine, Engine]) -> None:
    one, other = two
    case = start(one, "A > !topic Tell > B")
    finish(one, case, "A")
    [job] = one.fetch_and_lock("topic", "w1")
    other.do(case.id, Revisit("a", reason="wrong"))

    for answer in (
        lambda: one.complete_job(job.id, "w1"),
        lambda: one.fail_job(job.id, "w1", "no", 1),
        lambda: one.extend_lock(job.id, "w1", 60),
    ):
        with pytest.raises(Conflict, match="Tell"):
            answer()
    assert open_tasks(one, case) == ["A"]


def test_two_engines_complete_every_item_of_one_case(two: tuple[Engine, Engine]) -> None:
    one, other = two
    case = start(one, "Ask each n in names > Last", {"names": list(range(8))})
    ids = [each.id for each in one.tasks(case_id=case.id)]

    def complete(at: int) -> None:
        engine = (one, other)[at % 2]
        for _ in range(20):
            try:
                engine.do(case.id, Complete(ids[at]))
            except Conflict:  # five times in a row somebody else was quicker
                continue
            return
        pytest.fail("It never got its turn.")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(complete, range(8)))

    assert open_tasks(one, case) == open_tasks(other, case) == ["Last"]
    assert one.case(case.id).revision == 9
    assert marking(live(other, case.id)) == marking(rebuilt(one, case.id))


RACER = """
import sys
from caseloom.engine import Complete, Engine
from caseloom.engine.errors import Conflict
url, *ids = sys.argv[1:]
engine, won = Engine(url), 0
sys.stdin.readline()
for id in ids:
    try:
        engine.do(engine.task(id).case_id, Complete(id))
        won += 1
    except Conflict:
        pass
print(won)
"""


def test_of_two_processes_that_want_the_same_tasks_one_wins_each(url: str) -> None:
    with Engine(url) as engine:
        engine.deploy(("a.bpmn", draw("A > n := n + 1 > B")))
        cases = [engine.start("case", {"n": 0}) for _ in range(15)]
        command = [sys.executable, "-c", RACER, url, *(task(engine, case, "A").id for case in cases)]
        racers = [
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for _ in range(2)
        ]
        won = [int(racer.communicate("go\n", timeout=60)[0]) for racer in racers]

        assert sum(won) == 15
        assert all(engine.case(case.id).data == {"n": 1} for case in cases)
        assert all(states(engine, case, "a") == ["completed"] for case in cases)


def test_a_service_may_work_its_own_case_and_others_and_fail_after_that(url: str, clock: Clock) -> None:
    with Engine(url, clock=clock) as engine:
        other = start(engine, "( A | !topic Tell ) > B")
        [first] = engine.fetch_and_lock("topic", "w")
        engine.complete_job(first.id, "w")

        @engine.service("topic")
        def tell(job: Job) -> None:
            if job.attempt > 1:
                return
            finish(engine, engine.case(job.case_id), "A")
            finish(engine, other, "A")
            raise ValueError("after a part of the work")

        case = engine.start("case")
        assert (open_tasks(engine, case), open_tasks(engine, other)) == ([], ["B"])
        assert marking(live(engine, case.id)) == marking(rebuilt(engine, case.id))
        clock.forward(days=1)
        engine.run_due()

        assert finish(engine, case, "B").status is Status.COMPLETED
