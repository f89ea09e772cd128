"""Five user tasks in a row, durable on SQLite: this engine beside the plain loop over SpiffWorkflow as it ships.

The plain loop reads a row, deserializes the workflow, completes the task, runs to the next wait, serializes and
commits. It keeps neither inbox nor history. Both run in turns in one process, so their ratio holds on a busy machine.
Then: what a round of a rework loop costs when the case is young and when it is old, and what a completion costs
among many other cases and in a case with many open tasks.

    python tests/bench/completions.py [--cases 100] [--rounds 5000] [--crowd 10000] [--items 5000]
"""

from __future__ import annotations

import argparse
import gc
import json
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from drawing import draw
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.util.task import TaskState

from caseloom.engine import Case, Complete, Engine

DATA = {"amount": 5, "customer": "ACME", "lines": [{"sku": f"A-{n}", "price": n} for n in range(25)]}
ROW = draw("Register > Check > Draft > Sign > Send")
LOOP = draw("( Write > Review until done )")
MANY = draw("Ask each guest in guests")
TURN = 10
WARM_UP = 2  # cases at the beginning of a turn that are not counted


@dataclass(slots=True)
class Times:
    """What the starts and the completions of one way took, in milliseconds."""

    starts: list[float] = field(default_factory=list)
    completions: list[float] = field(default_factory=list)

    def summary(self) -> dict[str, float]:
        start, completion = statistics.median(self.starts), statistics.median(self.completions)
        return {"start": start, "completion": completion, "case": start + 5 * completion}


Case5 = Callable[[], Iterator[None]]  # one case from start to end: a step at each `next`


def ours(folder: Path, fast: bool) -> Case5:
    engine = Engine(f"sqlite:///{folder}/ours-{fast}.db", fast_commit=fast)
    engine.deploy(("row.bpmn", ROW))

    def run() -> Iterator[None]:
        case = engine.start("case", data=DATA, by="anna")
        yield
        while case.tasks:
            case = engine.do(case.id, Complete(case.tasks[0].id, data={"done": True}), by="bo")
            yield

    return run


def plain(folder: Path, fast: bool) -> Case5:
    parser = BpmnParser()
    parser.add_bpmn_str(ROW)
    spec, serializer = parser.get_spec("case"), BpmnWorkflowSerializer()
    database = sqlite3.connect(folder / f"plain-{fast}.db", isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute(f"PRAGMA synchronous={'NORMAL' if fast else 'FULL'}")
    database.execute("CREATE TABLE cases (id INTEGER PRIMARY KEY, state TEXT)")

    def run() -> Iterator[None]:
        workflow = BpmnWorkflow(spec)
        first = workflow.get_next_task(state=TaskState.READY)
        first.data.update(DATA)  # where SpiffWorkflow keeps a case's data
        workflow.do_engine_steps()
        state = serializer.serialize_json(workflow)
        key = database.execute("INSERT INTO cases (state) VALUES (?)", (state,)).lastrowid
        yield
        while not workflow.is_completed():
            (state,) = database.execute("SELECT state FROM cases WHERE id = ?", (key,)).fetchone()
            workflow = serializer.deserialize_json(state)
            task = workflow.get_next_task(state=TaskState.READY, manual=True)
            task.data["done"] = True
            task.run()
            workflow.do_engine_steps()
            state = serializer.serialize_json(workflow)
            database.execute("UPDATE cases SET state = ? WHERE id = ?", (state, key))
            yield

    return run


def compare(folder: Path, cases: int, fast: bool) -> dict[str, dict[str, float]]:
    """Ten cases of the one and ten of the other, in turns, so that what else the machine does falls on both."""
    runs = {"plain": plain(folder, fast), "ours": ours(folder, fast)}
    times = {name: Times() for name in runs}
    for _ in range(max(cases // TURN, 1)):
        for name, run in runs.items():
            gc.collect()  # nobody clears away what the other has left
            for number in range(WARM_UP + TURN):
                taken = list(timed(run()))
                if number >= WARM_UP:
                    times[name].starts.append(taken[0])
                    times[name].completions.extend(taken[1:])
    found = {name: one.summary() for name, one in times.items()}
    return {**found, "ratio": {what: found["plain"][what] / found["ours"][what] for what in found["ours"]}}


def timed(steps: Iterator[None]) -> Iterator[float]:
    while True:
        began = time.perf_counter()
        try:
            next(steps)
        except StopIteration:
            return
        yield (time.perf_counter() - began) * 1000


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
        times.append((time.perf_counter() - began) * 1000)
    width = max(rounds // 20, 5)
    return compared(times[10 : 10 + width], times[-width:])


def crowd(folder: Path, others: int) -> dict[str, float]:
    """A completion in an empty database, and among many other running cases."""
    engine = Engine(f"sqlite:///{folder}/crowd.db", fast_commit=True)
    engine.deploy(("row.bpmn", ROW))
    alone = [each for _ in range(40) for each in completing(engine)]
    for _ in range(others):
        engine.start("case", data={"amount": 5}, by="anna")
    return compared(alone, [each for _ in range(40) for each in completing(engine)])


def completing(engine: Engine) -> Iterator[float]:
    case = engine.start("case", data=DATA, by="anna")
    while case.tasks:
        task = case.tasks[0].id
        began = time.perf_counter()
        case = engine.do(case.id, Complete(task, data={"done": True}), by="bo")
        yield (time.perf_counter() - began) * 1000


def many(folder: Path, items: int) -> dict[str, float]:
    """A completion in a case with few open tasks, and in one with thousands: one for each item of a list."""
    engine = Engine(f"sqlite:///{folder}/many.db", fast_commit=True)
    engine.deploy(("many.bpmn", MANY))
    return compared(answering(engine, 200), answering(engine, items))


def answering(engine: Engine, items: int) -> list[float]:
    case: Case = engine.start("case", data={"guests": [f"guest {number}" for number in range(items)]})
    times = []
    for task in case.tasks[:180]:
        began = time.perf_counter()
        engine.do(case.id, Complete(task.id, data={"comes": True}))
        times.append((time.perf_counter() - began) * 1000)
    return times


def compared(before: list[float], after: list[float]) -> dict[str, float]:
    """Medians, and the means beside them: a snapshot now and then is in the mean only."""
    young, old = statistics.median(before), statistics.median(after)
    mean = statistics.fmean(after) / statistics.fmean(before)
    return {"before": young, "after": old, "ratio": old / young, "mean ratio": mean}


def show(found: dict[str, dict[str, dict[str, float]]], growth: dict[str, dict[str, float]]) -> None:
    print("Durable steps of five user tasks in a row; milliseconds, medians")
    print(f"  {'synchronous':<12}{'step':<12}{'plain loop':>11}{'ours':>8}{'times as many':>16}")
    for mode, one in found.items():
        for what in ("completion", "start", "case"):
            ours, plain, ratio = one["ours"][what], one["plain"][what], one["ratio"][what]
            print(f"  {mode:<12}{what:<12}{plain:>11.2f}{ours:>8.2f}{ratio:>16.1f}")
    print("What a step costs as things grow; milliseconds, medians")
    print(f"  {'':<44}{'before':>8}{'after':>8}{'ratio':>8}{'of means':>10}")
    for what, one in growth.items():
        print(
            f"  {what:<44}{one['before']:>8.2f}{one['after']:>8.2f}{one['ratio']:>8.2f}{one['mean ratio']:>10.2f}"
        )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--cases", type=int, default=100)
    options.add_argument("--rounds", type=int, default=5000)
    options.add_argument("--crowd", type=int, default=10_000)
    options.add_argument("--items", type=int, default=5000)
    options.add_argument("--json", action="store_true")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found = {mode: compare(folder, given.cases, mode == "NORMAL") for mode in ("NORMAL", "FULL")}
        growth = {
            f"a round of a rework loop, 10 to {given.rounds:,}": rework(folder, given.rounds),
            f"a completion among {given.crowd:,} other cases": crowd(folder, given.crowd),
            f"a completion, 200 to {given.items:,} open tasks": many(folder, given.items),
        }
    if given.json:
        print(json.dumps({**found, **growth}))
    else:
        show(found, growth)


if __name__ == "__main__":
    main()
