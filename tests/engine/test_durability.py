"""Nothing that was acknowledged is lost, and of two who want the same one wins: threads, engines, processes."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from drawing import draw
from playing import (
    Clock,
    finish,
    live,
    marking,
    open_tasks,
    rebuilt,
    reloaded,
    start,
    states,
    task,
)

from caseloom.adhoc import Insert, Revisit
from caseloom.engine import Complete, Engine, Retry, SetData
from caseloom.engine.errors import CaseloomError, Conflict
from caseloom.engine.results import Status
from caseloom.storage.payload import encode


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'cases.db'}"


def test_a_case_survives_the_end_of_its_engine(url: str, clock: Clock) -> None:
    with Engine(url, clock=clock) as first:
        case = start(first, "A > ( B | C ) > D", {"x": 1})
        finish(first, case, "A")
        first.do(case.id, Insert("X", before="d"))
        first.do(case.id, Revisit("a", reason="no"))
        before = marking(live(first, case.id))

    with Engine(url, clock=clock) as second:
        assert marking(live(second, case.id)) == before
        finish(second, case, "A", "B", "C", "X", "D")
        assert second.case(case.id).status is Status.COMPLETED


def test_two_engines_on_one_file_see_what_the_other_did(url: str, clock: Clock) -> None:
    with Engine(url, clock=clock) as one, Engine(url, clock=clock) as other:
        case = start(one, "A > B > C > D")
        finish(other, case, "A")
        finish(one, case, "B")
        finish(other, case, "C")

        assert open_tasks(one, case) == open_tasks(other, case) == ["D"]
        assert one.case(case.id) == other.case(case.id)
        assert one.case(case.id).revision == 4


def test_of_two_engines_that_complete_the_same_task_one_wins(url: str, clock: Clock) -> None:
    with Engine(url, clock=clock) as one, Engine(url, clock=clock) as other:
        case = start(one, "A > B")
        id = task(one, case, "A").id
        other.case(case.id)
        one.do(case.id, Complete(id, data={"by": "one"}))

        with pytest.raises(Conflict):
            other.do(case.id, Complete(id, data={"by": "other"}))

        assert other.case(case.id).data == {"by": "one"}


def test_an_engine_that_lags_behind_tries_again_on_the_new_state(url: str, clock: Clock) -> None:
    with Engine(url, clock=clock) as one, Engine(url, clock=clock) as other:
        case = start(one, "( A | B ) > C")
        second = task(other, case, "B").id
        other.case(case.id)
        finish(one, case, "A")

        other.do(case.id, Complete(second))

        assert open_tasks(one, case) == ["C"]


def all_at_once(acts: list[Callable[[], object]]) -> list[BaseException | None]:
    """Runs all of it in threads that start together; what each of them raised."""
    gate = threading.Barrier(len(acts))
    raised: list[BaseException | None] = [None] * len(acts)

    def run(at: int) -> None:
        gate.wait()
        try:
            acts[at]()
        except CaseloomError as error:
            raised[at] = error

    threads = [threading.Thread(target=run, args=(at,)) for at in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    return raised


def test_of_many_threads_that_complete_the_same_task_one_wins(engine: Engine) -> None:
    case = start(engine, "A > n := n + 1 > B", {"n": 0})
    id = task(engine, case, "A").id

    raised = all_at_once([lambda: engine.do(case.id, Complete(id)) for _ in range(6)])

    assert raised.count(None) == 1
    assert all(isinstance(error, Conflict) for error in raised if error is not None)
    assert engine.case(case.id).data == {"n": 1}
    assert states(engine, case, "a") == ["completed"]


def test_of_many_requests_with_one_id_one_is_carried_out(engine: Engine) -> None:
    case = start(engine, "A > B")
    id = task(engine, case, "A").id

    all_at_once([lambda: engine.do(case.id, Complete(id), request_id="r1") for _ in range(6)])
    all_at_once([lambda: engine.start("case", request_id="r2") for _ in range(6)])

    assert engine.case(case.id).revision == 2
    assert len(engine.cases()) == 2


def test_threads_work_many_cases_at_once_and_every_branch_of_one(engine: Engine) -> None:
    case = start(engine, "( " + " | ".join(f"T{at}" for at in range(8)) + " ) > Last", {"n": 0})
    ids = [one.id for one in engine.tasks(case_id=case.id)]

    raised = all_at_once([lambda id=id: engine.do(case.id, Complete(id)) for id in ids])  # type: ignore[misc]

    assert raised == [None] * 8
    assert open_tasks(engine, case) == ["Last"]
    assert engine.case(case.id).revision == 9


WORKER = """
import sys
from caseloom.engine import Complete, Engine
engine = Engine(sys.argv[1])
case = engine.case(sys.argv[2])
while True:
    [task] = engine.tasks(case_id=case.id)
    case = engine.do(case.id, Complete(task.id, data={"n": case.data["n"] + 1}))
    print(case.data["n"], flush=True)
"""


def test_a_process_that_is_killed_loses_nothing_that_it_has_acknowledged(url: str) -> None:
    with Engine(url) as engine:
        case = start(engine, "( Write until done ) > Final", {"n": 0, "done": False})
        acknowledged = 0
        for _ in range(3):
            worker = subprocess.Popen(
                [sys.executable, "-c", WORKER, url, case.id], stdout=subprocess.PIPE, text=True
            )
            assert worker.stdout is not None
            for _ in range(15):
                acknowledged = int(worker.stdout.readline())
            worker.send_signal(signal.SIGKILL)
            for line in worker.stdout.read().split():
                acknowledged = max(acknowledged, int(line))
            worker.wait()
            worker.stdout.close()

            found = engine.case(case.id).data["n"]
            assert found in (acknowledged, acknowledged + 1)
            assert engine.case(case.id).revision == found + 1
        assert marking(reloaded(engine, case.id)) == marking(rebuilt(engine, case.id))
        assert open_tasks(engine, case) == ["Write"]


def many_commands(engine: Engine) -> str:
    """A case old enough to have a snapshot, and rows after it."""
    case = start(engine, "( Write until done ) > Final", {"done": False})
    for number in range(100):
        engine.do(case.id, SetData({"n": number}))
    finish(engine, case, "Write")

    return case.id


def test_a_snapshot_and_the_rows_after_it_give_the_case(engine: Engine) -> None:
    id = many_commands(engine)
    before = marking(live(engine, id))
    with engine.database.read() as reader:
        snapshot = reader.snapshot(id)
    assert snapshot is not None
    assert 1 < snapshot.revision < engine.case(id).revision

    assert marking(reloaded(engine, id)) == before


def test_a_failed_service_of_a_case_that_was_read_again_gets_a_new_job_when_it_is_retried(
    engine: Engine,
) -> None:
    case = start(engine, "!print Print")
    [job] = engine.fetch_and_lock("print", "w")
    engine.fail_job(job.id, "w", "no paper", retries=0)
    reloaded(engine, case.id)

    engine.do(case.id, Retry(engine.case(case.id).incidents[0].id))

    [again] = engine.fetch_and_lock("print", "w")
    assert again.id == job.id


@pytest.mark.parametrize("payload", ['{"layout": 0}', "[]", encode({"layout": 1}), "{}"])
def test_a_snapshot_that_cannot_be_used_is_left_aside(engine: Engine, payload: str) -> None:
    id = many_commands(engine)
    before = marking(live(engine, id))
    with engine.database.begin() as transaction:
        transaction.put_snapshot(id, 80, payload)

    assert marking(reloaded(engine, id)) == before


def test_a_hot_case_that_another_process_has_changed_is_read_again(url: str, clock: Clock) -> None:
    with Engine(url, clock=clock) as one, Engine(url, clock=clock) as other:
        one.deploy(("a.bpmn", draw("A > B")))
        case = one.start("case")
        finish(other, case, "A")

        assert [entry.seq for entry in one.history(case.id)] == [1, 2]
        assert marking(live(one, case.id)) == marking(live(other, case.id))
