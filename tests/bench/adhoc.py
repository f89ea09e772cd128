"""Changes outside the diagram: what they cost in a case with a long journal, beside an ordinary completion there.

An insert, a skip and their previews in a case with a thousand rows of journal; a revisit and a migration, which replay
what still counts, by the fact; and a revisit in the middle of ten thousand facts.

    python tests/bench/adhoc.py [--rows 1000] [--facts 10000] [--repeat 15]
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from drawing import draw
from playing import live

from caseloom.adhoc import Insert, Revisit, Skip, Undo
from caseloom.engine import Case, Complete, Engine
from caseloom.engine.commands import Command

LOOP = "( Write > Review until done ) > ( Sign | Check ) > Send"
ROUND_FACTS = 7
MILLISECOND, MICROSECOND = 1e3, 1e6


@dataclass(slots=True)
class Worked:
    engine: Engine
    case: Case

    def do(self, command: Command) -> None:
        self.case = self.engine.do(self.case.id, command)

    def round(self, *, done: bool = False) -> None:
        for _ in range(2):
            self.do(Complete(self.case.tasks[0].id, data={"done": done}))

    def facts(self) -> int:
        return live(self.engine, self.case.id).next_id - 1


def worked(folder: Path, name: str, rows: int) -> Worked:
    """A case with so many rows of journal, in the middle of its loop."""
    engine = Engine(f"sqlite:///{folder}/{name}.db", fast_commit=True)
    engine.deploy(("loop.bpmn", draw(LOOP)))
    found = Worked(engine, engine.start("case", data={"done": False}))
    while found.case.revision < rows:
        found.round()
    return found


def timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def changes(folder: Path, rows: int, repeat: int) -> dict[str, float]:
    """Milliseconds: medians of each change, and of an ordinary completion between them."""
    found = worked(folder, "changes", rows)
    times: dict[str, list[float]] = {}

    def measure(name: str, act: Callable[[], object]) -> None:
        times.setdefault(name, []).append(timed(act) * MILLISECOND)

    for _ in range(repeat):
        engine, id = found.engine, found.case.id
        measure("completion", lambda: found.do(Complete(found.case.tasks[0].id, data={"done": False})))
        task = found.case.tasks[0].id
        insert, skip = Insert("Ask", blocking=False), Skip(task, reason="bench", data={"done": False})
        measure("preview of an insert", lambda: engine.preview(id, insert))  # noqa: B023
        measure("insert", lambda: found.do(insert))  # noqa: B023
        measure("preview of a skip", lambda: engine.preview(id, skip))  # noqa: B023
        measure("skip", lambda: found.do(skip))  # noqa: B023
    return {name: statistics.median(taken) for name, taken in times.items()}


def replays(folder: Path, rows: int, repeat: int) -> dict[str, float]:
    """Microseconds for each fact that is replayed, by a revisit of the newest step, an undo and a migration."""
    found = worked(folder, "replays", rows)
    found.engine.deploy(("loop.bpmn", draw(f"{LOOP} > Archive")))
    times: dict[str, list[float]] = {}
    for _ in range(repeat):
        found.do(Complete(found.case.tasks[0].id, data={"done": False}))
        step = next(iter(found.case.tasks)).element_id
        before = "write" if step == "review" else "review"
        facts = found.facts()
        revisit = Revisit(before, reason="bench")
        times.setdefault("revisit", []).append(timed(lambda: found.do(revisit)) / facts)  # noqa: B023
        change = f"{found.case.id}-c{found.case.revision}"
        times.setdefault("undo", []).append(timed(lambda: found.do(Undo(change))) / facts)  # noqa: B023
    for number in range(repeat):
        facts, version = found.facts(), 2 if number % 2 == 0 else 1
        taken = timed(lambda: found.engine.migrate(found.case.id, version, reason="bench"))  # noqa: B023
        times.setdefault("migration", []).append(taken / facts)
    return {name: statistics.median(taken) * MICROSECOND for name, taken in times.items()}


def large(folder: Path, facts: int) -> dict[str, float]:
    """Seconds that revisits take in a case of so many facts: near its end, in its middle, of its first step."""
    found = worked(folder, "large", facts * 2 // ROUND_FACTS)
    while found.facts() < facts:
        found.round()
    reviews = [one for one in found.case.occurrences if one.element_id == "review"]
    taken: dict[str, float] = {"facts": found.facts()}
    for name, at in (("near its end", -2), ("in its middle", len(reviews) // 2), ("at its beginning", 0)):
        target = reviews[at].id
        taken[name] = timed(lambda: found.do(Revisit(target, reason="bench")))  # noqa: B023
        found.do(Undo(f"{found.case.id}-c{found.case.revision}"))
    return taken


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--rows", type=int, default=1000)
    options.add_argument("--facts", type=int, default=10_000)
    options.add_argument("--repeat", type=int, default=15)
    options.add_argument("--json", action="store_true")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found = {
            "changes": changes(folder, given.rows, given.repeat),
            "replays": replays(folder, given.rows, given.repeat),
            "large": large(folder, given.facts),
        }
    if given.json:
        print(json.dumps(found))
        return
    base = found["changes"]["completion"]
    print(f"In a case with {given.rows:,} rows of journal; milliseconds, medians (aim: 20)")
    for what, taken in found["changes"].items():
        print(f"  {what:<24}{taken:>8.2f}{taken / base:>8.1f} times a completion")
    print("By replay; microseconds for each fact, medians (aim: 150)")
    for what, taken in found["replays"].items():
        print(f"  {what:<24}{taken:>8.1f}")
    print(f"A revisit in a case of {found['large'].pop('facts'):,.0f} facts; seconds (aim: 2)")
    for what, taken in found["large"].items():
        print(f"  {what:<24}{taken:>8.2f}")


if __name__ == "__main__":
    main()
