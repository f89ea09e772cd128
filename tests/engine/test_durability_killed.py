"""A process that does a bit of everything is killed: what it acknowledged is there, nothing is half done."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from drawing import draw
from playing import live, marking, rebuilt, reloaded, stored

from caseloom.engine import Engine, projection

LINE = "( A | { Hear: Ask each n in names } > !topic Tell > @timer PT1S Wait > @message paid > B ) > Never"

WORKER = """
import json, random, sys
from datetime import UTC, datetime, timedelta
from caseloom.adhoc import Insert, Revisit, Undo
from caseloom.engine import Complete, Engine, SetData
from caseloom.engine.errors import CaseloomError

url, case_id, seed = sys.argv[1:]
chance = random.Random(seed)
engine = Engine(url)
later = lambda: datetime.now(UTC) + timedelta(days=1)

def change():
    return next((e.change_id for e in reversed(engine.history(case_id)) if e.change_id), "none")

def command(number):
    tasks = [task for task in engine.tasks(case_id=case_id, limit=None) if task.name not in ("A", "Never")]
    ways = [lambda: SetData({"n": number}), lambda: Insert(f"X{number}"), lambda: Undo(change()),
            lambda: Revisit("hear", reason="again")]
    if tasks:
        ways += [lambda: Complete(chance.choice(tasks).id)] * 6
    return chance.choice(ways)()

number = 0
while True:
    number += 1
    try:
        way = chance.randrange(6)
        if way == 0:
            engine.run_due(later())
        elif way == 1:
            engine.message("paid", case_id=case_id, message_id=f"{seed}-{number}")
        elif way == 2:
            for job in engine.fetch_and_lock("topic", "w", lock_seconds=0.001):
                engine.fail_job(job.id, "w", "no", 2, 0) if chance.random() < 0.3 else engine.complete_job(job.id, "w")
        else:
            case = engine.do(case_id, command(number), request_id=f"{seed}-{number}")
            print(json.dumps([f"{seed}-{number}", case.revision]), flush=True)
    except CaseloomError:
        pass
"""


@pytest.fixture(params=["file", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgres":
        found: str = request.getfixturevalue("postgres_url")
        return found
    return f"sqlite:///{tmp_path / 'cases.db'}"


def killed_after(url: str, case_id: str, seed: int, seconds: float) -> dict[str, int]:
    """What a worker acknowledged until it was killed, so many seconds after its first answer."""
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, url, case_id, str(seed)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert worker.stdout is not None
    first = worker.stdout.readline()
    time.sleep(seconds)
    worker.kill()
    rest, complaints = worker.communicate(timeout=30)
    assert worker.returncode == -9, complaints
    whole = [line for line in (first + rest).splitlines(keepends=True) if line.endswith("\n")]
    return dict(json.loads(line) for line in whole)


def test_whatever_was_acknowledged_before_a_kill_is_there_and_nothing_is_half_done(url: str) -> None:
    chance = random.Random(7)
    acknowledged: dict[str, int] = {}
    with Engine(url) as engine:
        engine.deploy(("everything.bpmn", draw(LINE)))
        case = engine.start("case", {"names": ["N1", "N2"]})

        for seed in range(3):
            acknowledged |= killed_after(url, case.id, seed, chance.uniform(0.05, 0.6))

            found = stored(engine, case.id)
            numbers = [entry.seq for entry in found["journal"]]
            requests = {entry.request_id for entry in found["journal"] if entry.request_id}
            assert numbers == list(range(1, found["case"].revision + 1))
            assert set(acknowledged) - requests <= without_effect(engine, acknowledged)
            assert_rows_follow_from_the_journal(engine, case.id)

    assert len(acknowledged) > 4


def without_effect(engine: Engine, acknowledged: dict[str, int]) -> set[str]:
    """Requests that changed nothing are remembered outside the journal."""
    with engine.database.read() as reader:
        return {request for request in acknowledged if reader.request(request) is not None}


def assert_rows_follow_from_the_journal(engine: Engine, case_id: str) -> None:
    assert marking(live(engine, case_id)) == marking(rebuilt(engine, case_id))
    assert marking(reloaded(engine, case_id)) == marking(rebuilt(engine, case_id))
    found, instance = stored(engine, case_id), rebuilt(engine, case_id)
    wanted = projection.of_all(found["case"], instance)
    assert sorted(wanted.new_tasks, key=lambda task: task.id) == found["tasks"]
    assert {(job.id, job.kind, job.topic) for job in wanted.new_jobs} == {
        (job.id, job.kind, job.topic) for job in found["jobs"]
    }
    assert {one.id for one in wanted.new_subscriptions} == {one.id for one in found["subscriptions"]}
    assert {one.id for one in projection.incidents(found["case"], instance.troubles.values())} == {
        one.id for one in found["incidents"]
    }
    with engine.database.read() as reader:
        assert list(reader.integrity()) == []
