"""How a record becomes a row and a row a record, with the checksum in between.

A record's fields are the columns of its table. The values go through the columns' own types here, not in
SQLAlchemy, so that the hot path can talk to the driver directly.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from operator import attrgetter
from typing import Any, Generic, TypeVar, cast
from zlib import crc32

from sqlalchemy import Column, Dialect, Table, TypeDecorator, bindparam, select
from sqlalchemy.dialects import sqlite

from caseloom.engine.errors import Invalid
from caseloom.storage import records, tables
from caseloom.storage.errors import CorruptCase, Damaged

logger = logging.getLogger("caseloom.storage")

R = TypeVar("R")
# Our column types ask nothing of the dialect, so any one will do.
_ANY: Dialect = sqlite.dialect()


def checksum(payload: str) -> int:
    try:
        return crc32(payload.encode())
    except UnicodeEncodeError as error:
        raise Invalid("The data holds half of a surrogate pair, which cannot be stored.") from error


def bound(column: Column[Any]) -> Callable[[Any], Any]:
    """The value as the driver takes it."""
    kind = column.type
    if not isinstance(kind, TypeDecorator):
        return _as_it_is
    return lambda value: kind.process_bind_param(value, _ANY)


def _as_it_is(value: Any) -> Any:
    return value


class Rows(Generic[R]):
    """One table and the record it holds."""

    def __init__(self, table: Table, record: type[R], *, sealed: str | None = None) -> None:
        names = [field.name for field in fields(cast(Any, record))]
        self.table = table
        self._record = record
        self._names = names
        self._binds = [bound(table.c[name]) for name in names]
        backs = [(name, getattr(table.c[name].type, "back", None)) for name in names]
        self._backs = [(names.index(name), back) for name, back in backs if back is not None]
        self._values = cast(Callable[[R], tuple[Any, ...]], attrgetter(*names))
        self.sealed = sealed
        self._sealed = names.index(sealed) if sealed else None
        wanted = [*names, "checksum"] if sealed else names
        self.select = select(*(table.c[name] for name in wanted))
        # A parameter for every column but the one that the database fills.
        filled = [column.name for column in table.c if column.name != "number"]
        self.insert = table.insert().inline().values({name: bindparam(name) for name in filled})

    def row(self, record: R) -> dict[str, Any]:
        values = self._values(record)
        row = {name: bind(value) for name, bind, value in zip(self._names, self._binds, values, strict=True)}
        if self._sealed is not None:
            row["checksum"] = checksum(values[self._sealed])
        return row

    def record(self, row: Sequence[Any]) -> R:
        """The record; `Damaged` where its payload does not fit the checksum."""
        if self._sealed is None:
            return self._made(row)
        if checksum(row[self._sealed]) != row[-1]:
            raise self._damage(dict(zip(self._names, row, strict=False)))
        return self._made(row[:-1])

    def sound(self, rows: Iterable[Sequence[Any]]) -> list[R]:
        """The records of a list. A damaged one is left out and reported: it must not stop the others."""
        found = []
        for row in rows:
            try:
                found.append(self.record(row))
            except Damaged as damage:
                logger.error("%s", damage)
        return found

    def _made(self, row: Sequence[Any]) -> R:
        values = list(row)
        for index, back in self._backs:
            values[index] = back(values[index])
        return self._record(**dict(zip(self._names, values, strict=True)))

    def _damage(self, row: Mapping[str, Any]) -> Damaged:
        if self.table in (tables.cases, tables.journal):
            return CorruptCase(row.get("case_id") or row["id"], row.get("seq"))
        where = row.get("case_id") or row.get("id")
        return Damaged(f"A row of {self.table.name} ({where}) is damaged: it does not fit its checksum.")


DEPLOYMENTS = Rows(tables.deployments, records.DeploymentRecord)
FILES = Rows(tables.files, records.FileRecord)
DEFINITIONS = Rows(tables.definitions, records.DefinitionRecord, sealed="payload")
DECISIONS = Rows(tables.decisions, records.DecisionRecord)
FORMS = Rows(tables.forms, records.FormRecord)
CASES = Rows(tables.cases, records.CaseRecord, sealed="data")
JOURNAL = Rows(tables.journal, records.EntryRecord, sealed="payload")
SNAPSHOTS = Rows(tables.snapshots, records.SnapshotRecord, sealed="payload")
TASKS = Rows(tables.tasks, records.TaskRecord, sealed="payload")
JOBS = Rows(tables.jobs, records.JobRecord, sealed="payload")
SUBSCRIPTIONS = Rows(tables.subscriptions, records.SubscriptionRecord)
MESSAGES = Rows(tables.messages, records.MessageRecord, sealed="payload")
DRAFTS = Rows(tables.drafts, records.DraftRecord, sealed="payload")
INCIDENTS = Rows(tables.incidents, records.IncidentRecord)
USERS = Rows(tables.users, records.UserRecord)
TOKENS = Rows(tables.tokens, records.TokenRecord)
TEMPLATES = Rows(tables.templates, records.TemplateRecord, sealed="payload")
STORES = Rows(tables.stores, records.StoreRecord, sealed="payload")
NOTICES = Rows(tables.notices, records.NoticeRecord, sealed="payload")

SEALED: tuple[Rows[Any], ...] = (
    DEFINITIONS,
    CASES,
    JOURNAL,
    SNAPSHOTS,
    TASKS,
    JOBS,
    MESSAGES,
    DRAFTS,
    TEMPLATES,
    STORES,
    NOTICES,
)
