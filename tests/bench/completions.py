"""Five user tasks in a row, durable on SQLite: this engine beside the plain loop over SpiffWorkflow as it ships.

The plain loop reads a row, deserializes the workflow, completes the task, runs to the next wait, serializes and
commits. It keeps neither inbox nor history. Both run in turns in one process, so their ratio holds on a busy machine.
Also: what a round of a rework loop costs when the case is young and when it is old.

    python tests/bench/completions.py [--cases 100] [--rounds 5000]
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from drawing import draw
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.util.task import TaskState

from caseloom.engine import Complete, Engine

DATA = {"amount": 5, "customer": "ACME", "lines": [{"sku": f"A-{n}", "price": n} for n in range(25)]}
ROW = draw("Register > Check > Draft > Sign > Send")
LOOP = draw("( Write > Review until done )")


def ours(folder: Path, fast: bool) -> Callable[[], None]:
    engine = Engine(f"sqlite:///{folder}/ours-{fast}.db", fast_commit=fast)
    engine.deploy(("row.bpmn", ROW))

    def run() -> None:
        case = engine.start("case", data=DATA, by="anna")
        while case.tasks:
            case = engine.do(case.id, Complete(case.tasks[0].id, data={"done": True}), by="bo")

    return run


def plain(folder: Path, fast: bool) -> Callable[[], None]:
    parser = BpmnParser()
    parser.add_bpmn_str(ROW)
    spec, serializer = parser.get_spec("case"), BpmnWorkflowSerializer()
    database = sqlite3.connect(folder / f"plain-{fast}.db", isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute(f"PRAGMA synchronous={'NORMAL' if fast else 'FULL'}")
    database.execute("CREATE TABLE cases (id INTEGER PRIMARY KEY, state TEXT)")

    def run() -> None:
        workflow = BpmnWorkflow(spec)
        workflow.get_next_task(state=TaskState.READY).data.update(DATA)  # where SpiffWorkflow keeps a case's data
        workflow.do_engine_steps()
        key = database.execute("INSERT INTO cases (state) VALUES (?)", (serializer.serialize_json(workflow),)).lastrowid
        while not workflow.is_completed():
            (state,) = database.execute("SELECT state FROM cases WHERE id = ?", (key,)).fetchone()
            workflow = serializer.deserialize_json(state)
            task = workflow.get_next_task(state=TaskState.READY, manual=True)
            task.data["done"] = True
            task.run()
            workflow.do_engine_steps()
            database.execute("UPDATE cases SET state = ? WHERE id = ?", (serializer.serialize_json(workflow), key))

    return run


def compare(folder: Path, cases: int, fast: bool) -> dict[str, float]:
    runs = {"ours": ours(folder, fast), "plain": plain(folder, fast)}
    times: dict[str, list[float]] = {name: [] for name in runs}
    for number in range(cases + 5):
        for name, run in runs.items():
            began = time.perf_counter()
            run()
            if number >= 5:  # the first ones warm the caches up
                times[name].append((time.perf_counter() - began) / 6)
    medians = {name: statistics.median(found) * 1000 for name, found in times.items()}
    return {**medians, "ratio": medians["plain"] / medians["ours"]}


def rework(folder: Path, rounds: int) -> dict[str, float]:
    """The cost of a round near the beginning and at the end, each the median of many."""
    engine = Engine(f"sqlite:///{folder}/loop.db", fast_commit=True)
    engine.deploy(("loop.bpmn", LOOP))
    case = engine.start("case", data={"done": False})
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        for _ in range(2):
            case = engine.do(case.id, Complete(case.tasks[0].id, data={"done": False}))
        times.append(time.perf_counter() - began)
    width = max(rounds // 20, 5)
    young, old = statistics.median(times[10 : 10 + width]), statistics.median(times[-width:])
    return {"young": young * 1000, "old": old * 1000, "ratio": old / young}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--cases", type=int, default=100)
    options.add_argument("--rounds", type=int, default=5000)
    options.add_argument("--json", action="store_true")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found = {
            "NORMAL": compare(folder, given.cases, fast=True),
            "FULL": compare(folder, given.cases, fast=False),
            "rework": rework(folder, given.rounds),
        }
    if given.json:
        print(json.dumps(found))
        return
    for mode in ("NORMAL", "FULL"):
        one = found[mode]
        print(
            f"five user tasks, synchronous={mode:<6}  plain loop {one['plain']:.2f} ms, "
            f"ours {one['ours']:.2f} ms a durable step: {one['ratio']:.1f} times"
        )
    loop = found["rework"]
    print(
        f"a round of a rework loop  young {loop['young']:.2f} ms, after {given.rounds} rounds {loop['old']:.2f} ms: "
        f"{loop['ratio']:.2f} times"
    )


if __name__ == "__main__":
    main()
