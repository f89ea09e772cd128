"""What one completed user task costs in the storage, beside the same statements by the bare driver.

Run it by hand: `python tests/bench/storage.py`. It prints ratios; milliseconds say more about the disk than about us.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter

from caseloom.storage.database import Database
from caseloom.storage.payload import encode
from caseloom.storage.records import CaseRecord, EntryRecord, TaskRecord

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
DATA = encode({f"field_{number}": "x" * 30 for number in range(25)})
FACTS = encode([["start", f"task#{number}", [number], {"by": "ada"}] for number in range(4)])
ROUNDS = 1000


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        ours = median(rounds(through_the_storage(Path(folder) / "ours.db")))
        bare = median(rounds(through_the_driver(Path(folder) / "bare.db")))
        cold = median(rounds(loading(Path(folder) / "ours.db")))
    print(
        f"one completed task: {ours * 1e3:.3f} ms, the bare driver {bare * 1e3:.3f} ms, ratio {ours / bare:.2f}"
    )
    print(f"loading a case (case, snapshot, journal): {cold * 1e3:.3f} ms, ratio {cold / bare:.2f}")


def rounds(step: Callable[[int], None]) -> Iterator[float]:
    for number in range(1, ROUNDS):
        start = perf_counter()
        step(number)
        yield perf_counter() - start


def through_the_storage(file: Path) -> Callable[[int], None]:
    database = Database(f"sqlite:///{file}", fast_commit=True)
    database.migrate()
    with database.begin() as transaction:
        transaction.insert_case(
            CaseRecord("c", definition_id="d", key="k", version=1, revision=1, data=DATA, created_at=AT)
        )
        transaction.insert_tasks([task(1)])
        transaction.append_entry(EntryRecord("c", 1, at=AT, by="ada", command="Start", payload=FACTS))

    def step(number: int) -> None:
        entry = EntryRecord("c", number + 1, at=AT, by="ada", command="Complete", payload=FACTS)
        with database.begin() as transaction:
            transaction.append_entry(entry)
            transaction.update_case(
                "c",
                expected_revision=number,
                revision=number + 1,
                status="running",
                data_text=DATA,
                ended_at=None,
                at=AT,
            )
            transaction.delete_tasks("c", [f"t{number}"])
            transaction.insert_tasks([task(number + 1)])

    return step


def task(number: int) -> TaskRecord:
    return TaskRecord(
        f"t{number}",
        case_id="c",
        key="k",
        name="Check",
        element_id="check",
        occurrence_id=f"check#{number}",
        assignee="ada",
        created_at=AT,
    )


def loading(file: Path) -> Callable[[int], None]:
    database = Database(f"sqlite:///{file}", fast_commit=True)
    with database.begin() as transaction:
        transaction.put_snapshot("c", ROUNDS - 5, FACTS)

    def step(_: int) -> None:
        with database.read() as reader:
            reader.case("c")
            reader.snapshot("c")
            reader.entries("c", ROUNDS - 5)

    return step


def through_the_driver(file: Path) -> Callable[[int], None]:
    with closing(Database(f"sqlite:///{file}", fast_commit=True)) as database:
        database.migrate()
    driver = sqlite3.connect(file, isolation_level=None)
    driver.execute("PRAGMA synchronous = NORMAL")
    driver.execute("PRAGMA foreign_keys = ON")
    driver.execute(
        "INSERT INTO caseloom_cases (id, definition_id, key, version, status, revision, data, created_at, checksum)"
        " VALUES ('c', 'd', 'k', 1, 'running', 1, ?, 0, 0)",
        (DATA,),
    )

    def step(number: int) -> None:
        driver.execute("BEGIN IMMEDIATE")
        driver.execute(
            "INSERT INTO caseloom_journal (case_id, seq, at, by, command, payload, checksum)"
            " VALUES ('c', ?, 0, 'ada', 'Complete', ?, 0)",
            (number, FACTS),
        )
        driver.execute(
            "UPDATE caseloom_cases SET revision = ?, data = ? WHERE id = 'c' AND revision = ?",
            (number + 1, DATA, number),
        )
        driver.execute("DELETE FROM caseloom_tasks WHERE id = ? AND case_id = 'c'", (f"t{number}",))
        driver.execute(
            "INSERT INTO caseloom_tasks (id, case_id, key, name, element_id, occurrence_id, kind, assignee,"
            " candidate_users, candidate_groups, priority, created_at, held, payload, checksum, searched)"
            " VALUES (?, 'c', 'k', 'Check', 'check', ?, 'diagram', 'ada', '[]', '[]', 50, 0, 0, '{}', 0, 'check')",
            (f"t{number + 1}", f"check#{number + 1}"),
        )
        driver.execute("COMMIT")

    return step


if __name__ == "__main__":
    main()
