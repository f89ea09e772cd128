"""Whether what is stored is whole: what `caseloom doctor` looks for in a database.

One check, one function, one finding for each thing that is wrong. Nothing is mended here.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Table, func, select

from caseloom.storage import tables
from caseloom.storage.records import Damage
from caseloom.storage.rows import SEALED, Rows, checksum

_LEVELS: dict[Any, str] = {0: "OFF", 1: "NORMAL", 2: "FULL", 3: "EXTRA"}


def damages(connection: Connection) -> Iterator[Damage]:
    checks = (
        broken_pages,
        broken_payloads,
        broken_files,
        gaps_in_journals,
        snapshots_ahead,
        work_of_ended_cases,
    )
    return chain.from_iterable(check(connection) for check in checks)


def durability(connection: Connection) -> str:
    """How commits are kept, as the database itself says."""
    if connection.dialect.name != "sqlite":
        kept = connection.exec_driver_sql("SHOW synchronous_commit").scalar()
        return f"PostgreSQL, synchronous_commit {kept}."
    mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
    level = connection.exec_driver_sql("PRAGMA synchronous").scalar()
    return f"SQLite, journal mode {mode}, synchronous {_LEVELS.get(level, level)}."


def broken_pages(connection: Connection) -> Iterator[Damage]:
    """SQLite's own look at its file; PostgreSQL has its checksums for that."""
    if connection.dialect.name != "sqlite":
        return
    for (finding,) in connection.exec_driver_sql("PRAGMA quick_check"):
        if finding != "ok":
            yield Damage(case_id=None, seq=None, what=f"SQLite: {finding}")


def broken_payloads(connection: Connection) -> Iterator[Damage]:
    return chain.from_iterable(_broken(connection, kind) for kind in SEALED)


def broken_files(connection: Connection) -> Iterator[Damage]:
    file = tables.files.c
    for found in connection.execute(select(file.deployment_id, file.name, file.data, file.sha256)):
        if sha256(found.data).hexdigest() != found.sha256:
            what = f"The file “{found.name}” of deployment {found.deployment_id} does not fit its checksum."
            yield Damage(case_id=None, seq=None, what=what)


def gaps_in_journals(connection: Connection) -> Iterator[Damage]:
    """A journal counts from 1 to the case's revision without a gap."""
    case, entry = tables.cases.c, tables.journal.c
    last, rows = func.max(entry.seq), func.count(entry.seq)
    statement = (
        select(case.id, case.revision, last.label("last"), rows.label("rows"))
        .outerjoin(tables.journal, entry.case_id == case.id)
        .group_by(case.id, case.revision)
        .having((rows != case.revision) | (last != case.revision))
    )
    for found in connection.execute(statement):
        what = (
            f"The journal has {found.rows} rows up to {found.last}; the case is at revision {found.revision}."
        )
        yield Damage(case_id=found.id, seq=None, what=what)


def snapshots_ahead(connection: Connection) -> Iterator[Damage]:
    case, snapshot = tables.cases.c, tables.snapshots.c
    joined = tables.snapshots.join(tables.cases, case.id == snapshot.case_id)
    statement = select(case.id, case.revision, snapshot.revision.label("ahead")).select_from(joined)
    for found in connection.execute(statement.where(snapshot.revision > case.revision)):
        what = f"The snapshot is of revision {found.ahead}, the case at {found.revision}."
        yield Damage(case_id=found.id, seq=None, what=what)


def work_of_ended_cases(connection: Connection) -> Iterator[Damage]:
    for table in (tables.tasks, tables.jobs, tables.subscriptions):
        yield from _left_over(connection, table)


def _broken(connection: Connection, kind: Rows[Any]) -> Iterator[Damage]:
    table = kind.table.c
    owner = next(name for name in ("case_id", "id", "name") if name in table)
    number = table.seq if "seq" in table else table.checksum
    payload = table[str(kind.sealed)]
    for case_id, seq, text, kept in connection.execute(select(table[owner], number, payload, table.checksum)):
        if checksum(text) != kept:
            what = f"A row of {kind.table.name} does not fit its checksum."
            yield Damage(case_id=case_id, seq=seq if "seq" in table else None, what=what)


def _left_over(connection: Connection, table: Table) -> Iterator[Damage]:
    joined = table.join(tables.cases, tables.cases.c.id == table.c.case_id)
    ended = tables.cases.c.status.in_(("completed", "cancelled"))
    for found in connection.execute(select(table.c.id, table.c.case_id).select_from(joined).where(ended)):
        what = f"The case has ended, but {found.id} is still open in {table.name}."
        yield Damage(case_id=found.case_id, seq=None, what=what)
