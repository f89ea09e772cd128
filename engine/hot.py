"""Cases in memory: loaded from snapshot and journal, kept while they are current, one lock for each.

A cache and nothing more: a case that is forgotten is built again from what is stored.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any

from caseloom.engine import facts as fact_rules
from caseloom.engine.errors import CaseloomError, NotFound
from caseloom.engine.facts import Kind
from caseloom.engine.flow.instance import Instance
from caseloom.engine.flow.model import Model
from caseloom.engine.flow.snapshot import freeze, thaw
from caseloom.engine.library import Library
from caseloom.engine.live import Row, replay, row
from caseloom.storage.database import Database
from caseloom.storage.errors import StoreChanged
from caseloom.storage.payload import Encoder, decode, encode
from caseloom.storage.reader import Reader
from caseloom.storage.records import CaseRecord, SnapshotRecord, TaskRecord

SNAPSHOT_EVERY = 40  # journal rows, and more where there is much to write
HOT_CASES = 500


@dataclass(slots=True)
class Hot:
    """A case in memory as of `record.revision`; `snapshot` is the revision of the stored one.

    `tasks` are the rows of its open tasks, oldest first, those behind a gate included; `file` writes the case file.
    """

    record: CaseRecord
    instance: Instance
    snapshot: int
    tasks: dict[str, TaskRecord]
    file: Encoder = field(default_factory=Encoder)

    @property
    def snapshot_due(self) -> bool:
        """A snapshot costs as much as is open: with thousands of open tasks it is taken less often."""
        return self.record.revision - self.snapshot >= max(SNAPSHOT_EVERY, len(self.instance.by_start) // 8)


@dataclass(frozen=True, slots=True)
class _Stored:
    """What one view of the database has of a case; `rows` are those behind the snapshot."""

    record: CaseRecord
    snapshot: SnapshotRecord | None
    rows: Sequence[Row]
    tasks: dict[str, TaskRecord]


@dataclass(slots=True)
class _Locks:
    """One lock per case, as long as somebody holds it."""

    guard: threading.Lock = field(default_factory=threading.Lock)
    held: dict[str, list[Any]] = field(default_factory=dict)

    @contextmanager
    def of(self, case_id: str) -> Iterator[None]:
        with self.guard:
            entry = self.held.setdefault(case_id, [threading.RLock(), 0])
            entry[1] += 1
        try:
            with entry[0]:
                yield
        finally:
            with self.guard:
                entry[1] -= 1
                if not entry[1]:
                    del self.held[case_id]


class HotCases:
    def __init__(self, database: Database, library: Library) -> None:
        self._database = database
        self._library = library
        self._hot: OrderedDict[str, Hot] = OrderedDict()
        self._guard = threading.Lock()
        self._locks = _Locks()

    def __len__(self) -> int:
        return len(self._hot)

    def __contains__(self, case_id: str) -> bool:
        return case_id in self._hot

    def lock(self, case_id: str) -> AbstractContextManager[None]:
        """Whoever holds it is alone with the case in this process."""
        return self._locks.of(case_id)

    def fresh(self, case_id: str) -> Hot:
        """The case as it is stored now."""
        with self._locks.of(case_id):
            hot = self._hot.get(case_id)
            if hot is not None:
                with self._database.read() as reader:
                    if reader.revision(case_id) == hot.record.revision:
                        return hot
            self.forget(case_id)
            return self.load(case_id)

    @contextmanager
    def reading(self, case_id: str) -> Iterator[Hot]:
        """The case as it is stored now; no command of this process changes it meanwhile."""
        with self._locks.of(case_id):
            yield self.fresh(case_id)

    def load(self, case_id: str) -> Hot:
        """The case in memory, perhaps no longer current: a commit finds out."""
        with self._guard:
            hot = self._hot.get(case_id)
            if hot is not None:
                self._hot.move_to_end(case_id)
                return hot
        hot = self._built(self._stored(case_id))
        self.keep(hot)
        return hot

    def _stored(self, case_id: str) -> _Stored:
        """One view of all that is stored of a case. Models are read after it, each in a view of its own."""
        with self._database.read() as reader:
            record = reader.case(case_id)
            if record is None:
                raise NotFound(f"There is no case “{case_id}”.")
            snapshot = reader.snapshot(case_id)
            rows = [row(entry) for entry in reader.entries(case_id, snapshot.revision if snapshot else 0)]
            return _Stored(record, snapshot, rows, _open_tasks(reader, case_id))

    def _built(self, stored: _Stored) -> Hot:
        record, model = stored.record, self._library.model(stored.record.definition_id)
        instance = self._from_snapshot(stored, model)
        if instance is not None and stored.snapshot is not None:
            return Hot(record, instance, stored.snapshot.revision, stored.tasks)
        with self._database.read() as reader:
            rows = [row(entry) for entry in reader.entries(record.id) if entry.seq <= record.revision]
        gone = fact_rules.superseded(fact for line in rows for fact in line.facts)
        instance = replay(model, self._library.model, rows, gone)
        instance.rest()
        return Hot(record, instance, 0, stored.tasks)

    def _from_snapshot(self, stored: _Stored, model: Model) -> Instance | None:
        """The snapshot and the rows after it; None where only a whole replay will do."""
        if stored.snapshot is None:
            return None
        try:
            instance = thaw(decode(stored.snapshot.payload), model, self._library.model)
        except (KeyError, ValueError, TypeError):
            return None  # of an older layout: the journal is the truth
        for line in stored.rows:
            for fact in line.facts:
                if fact.kind in (Kind.REVISIT, Kind.UNDO, Kind.MIGRATE):
                    return None
                instance.apply(fact, line.at)
        instance.rest()
        instance.settle_jobs()
        return instance

    def keep(self, hot: Hot) -> None:
        with self._guard:
            self._hot[hot.record.id] = hot
            self._hot.move_to_end(hot.record.id)
            while len(self._hot) > HOT_CASES:
                self._hot.popitem(last=False)

    def forget(self, case_id: str) -> None:
        with self._guard:
            self._hot.pop(case_id, None)

    def clear(self) -> None:
        """Forgets all cases: each is read again when it is wanted."""
        with self._guard:
            self._hot.clear()

    def was_stale(self, hot: Hot, refusal: CaseloomError) -> bool:
        """Was the refusal about a state, or a data store, that somebody else has changed meanwhile?"""
        self.forget(hot.record.id)
        if isinstance(refusal, StoreChanged):
            return True
        with self._database.read() as reader:
            return reader.revision(hot.record.id) not in (None, hot.record.revision)


def copied(instance: Instance) -> Instance:
    return thaw(decode(encode(freeze(instance))), instance.model, instance.models)


def _open_tasks(reader: Reader, case_id: str) -> dict[str, TaskRecord]:
    return {task.id: task for task in reader.tasks_of(case_id)}
