"""The one door: every change of a case goes through `Door.carry_out`.

Load (a hot instance if it is current, else snapshot and journal), decide, run to the next wait, and write journal,
case, tasks, jobs and subscriptions in one transaction. Two who want the same are decided by the case's revision.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from caseloom.engine import facts as fact_rules
from caseloom.engine import projection
from caseloom.engine.commands import Command
from caseloom.engine.errors import CaseloomError, Conflict, NotFound
from caseloom.engine.facts import Fact, Kind
from caseloom.engine.flow import starting
from caseloom.engine.flow.instance import Instance
from caseloom.engine.flow.run import Run
from caseloom.engine.flow.snapshot import freeze, thaw
from caseloom.engine.flow.thrown import Thrown
from caseloom.engine.flow.tokens import Occurrence, Token
from caseloom.engine.ids import change_id, incident_id, new_id, occurrence_id
from caseloom.engine.library import CaseWorld, Library
from caseloom.engine.live import LiveCase, Row, replay, row
from caseloom.engine.results import OccurrenceRef, Person, Preview, Status
from caseloom.storage.database import Database
from caseloom.storage.payload import Encoder, checked, decode, encode
from caseloom.storage.reader import Reader
from caseloom.storage.records import CaseRecord, DefinitionRecord, EntryRecord, SnapshotRecord, TaskRecord
from caseloom.storage.transaction import Transaction

SNAPSHOT_EVERY = 40  # journal rows, and more where there is much to write
HOT_CASES = 500
TRIES = 3


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


@dataclass(frozen=True, slots=True)
class Done:
    """What a command came to: the case after it, and what the engine has to follow up."""

    hot: Hot
    topics: Sequence[tuple[str, str]] = ()  # (job id, topic) of services that became due
    thrown: Sequence[Thrown] = ()
    waits: bool = False  # something waits for a message now that may have come already


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


class Door:
    def __init__(self, database: Database, library: Library) -> None:
        self._database = database
        self._library = library
        self._hot: OrderedDict[str, Hot] = OrderedDict()
        self._guard = threading.Lock()
        self._locks = _Locks()

    # -- starting ----------------------------------------------------------------------------------

    def start(
        self,
        definition: DefinitionRecord,
        data: Mapping[str, Any] | None,
        *,
        person: Person | None,
        at: datetime,
        business_key: str | None,
        request_id: str | None,
        entrance: str | None = None,
        outcome: Mapping[str, Any] | None = None,
    ) -> Done:
        """A new case. `entrance` is the start event that something outside triggered."""
        model = self._library.model(definition.id)
        record = CaseRecord(
            new_id(at), definition_id=definition.id, key=definition.key, version=definition.version,
            business_key=business_key, revision=0, data="{}", created_at=at, created_by=person.id if person else None,
        )  # fmt: skip
        instance = Instance(model, self._library.model)
        world = CaseWorld(self._library, record.id, business_key)
        run = Run(instance, world, at)
        writes = dict(checked(dict(data or {}), "The data"))
        if model.plan.initiator and person is not None:
            writes[model.plan.initiator] = person.id
        entrances = [entrance] if entrance else [node.name for node in model.plan.entrances()]
        if not entrances:
            raise Conflict(f"“{definition.name}” is started by an event, not by hand.")
        run.note(Kind.BEGIN, model.key, gives=tuple(entrances), writes=tuple(writes.items()), outcome=outcome)
        starting.arm(run, instance.root)
        run.advance()
        live = LiveCase(record, instance, world, run, person, at, self._database.read)
        return self._commit(Hot(record, instance, 0, {}), live, "Start", request_id)

    # -- commands ----------------------------------------------------------------------------------

    def carry_out(
        self,
        case_id: str,
        command: Command,
        *,
        person: Person | None,
        enforced: bool,
        at: datetime,
        expect_revision: int | None = None,
        request_id: str | None = None,
        preview: str | None = None,
    ) -> Done:
        """Decides a command and stores what came of it. A refusal raises and leaves the case exactly as it was."""
        with self._locks.of(case_id):
            for attempt in range(1, TRIES + 1):
                hot = self.load(case_id)
                if expect_revision is not None and hot.record.revision != expect_revision:
                    hot = self.fresh(case_id)  # another process may have moved the case on
                if expect_revision is not None and hot.record.revision != expect_revision:
                    raise Conflict(
                        f"The case is at revision {hot.record.revision}, not {expect_revision}: look at it again."
                    )
                try:
                    return self._attempt(hot, command, person, enforced, at, request_id, preview)
                except CaseloomError as refusal:
                    if attempt < TRIES and self._was_stale(hot, refusal):
                        continue
                    raise
        raise AssertionError("unreachable")

    def _attempt(
        self,
        hot: Hot,
        command: Command,
        person: Person | None,
        enforced: bool,
        at: datetime,
        request_id: str | None,
        preview: str | None,
    ) -> Done:
        before = _Seen.of(hot) if preview is not None else None
        live = self._live(hot, person, enforced, at)
        live.instance.touched.clear()
        try:
            command.decide(live)
            live.run.advance()
            if before is not None and _difference(before, live).token != preview:
                raise Conflict("The case has changed since the preview: look at the preview again.")
            live.reason = live.reason or getattr(command, "reason", None)
            return self._commit(hot, live, type(command).__name__, request_id)
        except BaseException:
            if live.run.facts:  # the instance in memory is no longer what is stored
                self._forget(hot.record.id)
            raise

    def _live(self, hot: Hot, person: Person | None, enforced: bool, at: datetime) -> LiveCase:
        world = CaseWorld(self._library, hot.record.id, hot.record.business_key)
        run = Run(hot.instance, world, at)
        return LiveCase(hot.record, hot.instance, world, run, person, at, self._database.read, enforced)

    def look(self, hot: Hot, person: Person | None = None, *, enforced: bool = False) -> LiveCase:
        """A copy of a case to ask things of, at leisure."""
        copy = Hot(hot.record, self._copy(hot.instance), hot.snapshot, {})
        return self._live(copy, person, enforced, hot.record.updated_at or hot.record.created_at)

    def preview(
        self, case_id: str, command: Command, *, person: Person | None, enforced: bool, at: datetime
    ) -> Preview:
        """What a command would do, worked out on a copy. Never raises a refusal: it is told in `refusal`."""
        with self._locks.of(case_id):
            hot = self.fresh(case_id)
            copy = Hot(hot.record, self._copy(hot.instance), hot.snapshot, {})
        before = _Seen.of(copy)
        live = self._live(copy, person, enforced, at)
        live.previewing = True
        try:
            command.decide(live)
            live.run.advance()
        except CaseloomError as refusal:
            return Preview(refusal=str(refusal))
        return _difference(before, live)

    def _copy(self, instance: Instance) -> Instance:
        return thaw(decode(encode(freeze(instance))), instance.model, instance.models)

    # -- loading -----------------------------------------------------------------------------------

    def fresh(self, case_id: str) -> Hot:
        """The case as it is stored now."""
        with self._locks.of(case_id):
            hot = self._hot.get(case_id)
            if hot is not None:
                with self._database.read() as reader:
                    if reader.revision(case_id) == hot.record.revision:
                        return hot
            self._forget(case_id)
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
        self._keep(hot)
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
        return Hot(record, replay(model, self._library.model, rows, gone), 0, stored.tasks)

    def _from_snapshot(self, stored: _Stored, model: Any) -> Instance | None:
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
        instance.queue.clear()
        return instance

    def _keep(self, hot: Hot) -> None:
        with self._guard:
            self._hot[hot.record.id] = hot
            self._hot.move_to_end(hot.record.id)
            while len(self._hot) > HOT_CASES:
                self._hot.popitem(last=False)

    def _forget(self, case_id: str) -> None:
        with self._guard:
            self._hot.pop(case_id, None)

    def _was_stale(self, hot: Hot, refusal: CaseloomError) -> bool:
        """Was the refusal about a state that another process has changed meanwhile?"""
        self._forget(hot.record.id)
        with self._database.read() as reader:
            return reader.revision(hot.record.id) not in (None, hot.record.revision)

    # -- storing -----------------------------------------------------------------------------------

    def _commit(self, hot: Hot, live: LiveCase, name: str, request_id: str | None) -> Done:
        if not live.run.facts:
            return self._commit_nothing(hot, live, request_id)
        instance, record, at = live.instance, hot.record, live.at
        first = live.run.facts[0].id
        after = _after(hot, live)
        changes = (
            projection.of_all(after, instance)
            if live.replayed
            else projection.of_touched(after, instance, first)
        )
        with self._database.begin() as transaction:
            if record.revision == 0:
                transaction.insert_case(after)
            else:
                transaction.update_case(
                    record.id, expected_revision=record.revision, revision=after.revision, status=after.status,
                    data_text=after.data if after.data != record.data else None, ended_at=after.ended_at, at=at,
                )  # fmt: skip
                if after.definition_id != record.definition_id:
                    transaction.migrate_case(
                        record.id, definition_id=after.definition_id, version=after.version
                    )
            transaction.append_entry(_entry(record.id, after.revision, live, name, request_id))
            if live.replayed:
                _reconcile(transaction, record.id, changes)
            _write(transaction, record.id, changes)
            if live.replayed or instance.troubles or instance.dropped_troubles:
                _write_incidents(transaction, after, instance)
            if live.draft is not None:
                occurrence, person, data = live.draft
                transaction.put_draft(record.id, occurrence, person, encode(data), at)
            now = Hot(
                after, instance, hot.snapshot, _tasks_after(hot.tasks, changes, live.replayed), hot.file
            )
            if live.replayed or now.snapshot_due:
                transaction.put_snapshot(record.id, after.revision, encode(freeze(instance)))
                now.snapshot = after.revision
        self._keep(now)
        topics = [
            (job.id, job.topic) for job in changes.new_jobs if job.kind == projection.SERVICE and job.topic
        ]
        return Done(now, topics, live.run.thrown, bool(changes.new_subscriptions) or _resumed(live))

    def _commit_nothing(self, hot: Hot, live: LiveCase, request_id: str | None) -> Done:
        """A command that changed nothing that happened: at most a draft."""
        if live.draft is not None or request_id is not None:
            with self._database.begin() as transaction:
                if live.draft is not None:
                    occurrence, person, data = live.draft
                    transaction.put_draft(hot.record.id, occurrence, person, encode(data), live.at)
                if request_id is not None:
                    transaction.remember_request(request_id, hot.record.id, hot.record.revision)
        return Done(hot)


def _after(hot: Hot, live: LiveCase) -> CaseRecord:
    """The case's row after a command."""
    record, instance = hot.record, live.instance
    ended = instance.status in (Status.COMPLETED, Status.CANCELLED)
    return replace(
        record,
        revision=record.revision + 1,
        status=str(instance.status),
        definition_id=instance.model.definition_id,
        version=instance.model.version,
        data=hot.file.encode(instance.file.maps[0]),
        updated_at=live.at,
        ended_at=(record.ended_at or live.at) if ended else None,
    )


def _write_incidents(transaction: Transaction, case: CaseRecord, instance: Instance) -> None:
    stored = {record.id for record in transaction.incidents(case_id=case.id)}
    wanted = {incident_id(case.id, number): trouble for number, trouble in instance.troubles.items()}
    if gone := sorted(stored - set(wanted)):
        transaction.delete_incidents(case.id, gone)
    if new := [trouble for name, trouble in wanted.items() if name not in stored]:
        transaction.insert_incidents(projection.incidents(case, new))
    instance.dropped_troubles = False


def _resumed(live: LiveCase) -> bool:
    """Messages that came while the case was suspended are kept."""
    return any(fact.kind == Kind.RESUME for fact in live.run.facts)


def _open_tasks(reader: Reader, case_id: str) -> dict[str, TaskRecord]:
    return {task.id: task for task in reader.tasks_of(case_id)}


def _tasks_after(
    before: dict[str, TaskRecord], changes: projection.Changes, replayed: bool
) -> dict[str, TaskRecord]:
    if replayed:
        rows = sorted([*changes.changed_tasks, *changes.new_tasks], key=lambda task: task.created_at)
        return {task.id: task for task in rows}
    tasks = before.copy()  # quicker than dict(before) where some were taken out
    for task_id in changes.gone_tasks:
        tasks.pop(task_id, None)
    tasks.update((task.id, task) for task in (*changes.changed_tasks, *changes.new_tasks))
    return tasks


def _entry(case_id: str, seq: int, live: LiveCase, name: str, request_id: str | None) -> EntryRecord:
    return EntryRecord(
        case_id,
        seq,
        at=live.at,
        by=live.by,
        command=name,
        reason=live.reason,
        change_id=change_id(case_id, seq) if live.change else None,
        request_id=request_id,
        payload=encode([fact_rules.to_json(fact) for fact in live.run.facts]),
    )


def _reconcile(transaction: Transaction, case_id: str, changes: projection.Changes) -> None:
    """After a replay: keeps the rows that are still right (a worker may hold one), drops and adds the rest."""
    wanted = {task.id for task in changes.new_tasks}
    stored = {task.id for task in transaction.tasks_of(case_id)}
    changes.gone_tasks = sorted(stored - wanted)
    changes.changed_tasks = [task for task in changes.new_tasks if task.id in stored]
    changes.new_tasks = [task for task in changes.new_tasks if task.id not in stored]
    jobs = {job.id: job for job in transaction.jobs(case_id=case_id)}
    kept = {job.id for job in changes.new_jobs if job.id in jobs and _same_job(job, jobs[job.id])}
    changes.gone_jobs = sorted(set(jobs) - kept)
    changes.new_jobs = [job for job in changes.new_jobs if job.id not in kept]
    waiting = {one.id for one in transaction.subscriptions(case_id)}
    changes.gone_subscriptions = sorted(waiting - {one.id for one in changes.new_subscriptions})
    changes.new_subscriptions = [one for one in changes.new_subscriptions if one.id not in waiting]


def _same_job(wanted: Any, stored: Any) -> bool:
    return bool(wanted.kind == projection.SERVICE or wanted.due_at == stored.due_at)


def _write(transaction: Transaction, case_id: str, changes: projection.Changes) -> None:
    if changes.gone_tasks:
        transaction.delete_tasks(case_id, changes.gone_tasks)
    if changes.changed_tasks:
        transaction.update_tasks(changes.changed_tasks)
    if changes.new_tasks:
        transaction.insert_tasks(changes.new_tasks)
    if changes.gone_jobs:
        transaction.delete_jobs(case_id, changes.gone_jobs)
    if changes.new_jobs:
        transaction.insert_jobs(changes.new_jobs)
    if changes.gone_subscriptions:
        transaction.delete_subscriptions(case_id, changes.gone_subscriptions)
    if changes.new_subscriptions:
        transaction.insert_subscriptions(changes.new_subscriptions)


# -- previews --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Seen:
    """What was open before a command, by the fact that started it."""

    open: Mapping[int, Occurrence]
    next_id: int

    @classmethod
    def of(cls, hot: Hot) -> _Seen:
        return cls(dict(hot.instance.by_start), hot.instance.next_id)


def _difference(before: _Seen, live: LiveCase) -> Preview:
    instance = live.instance
    ended = _ended_by(live.run.facts, before)
    after = instance.by_start
    opened = [ref(live, one) for number, one in _by_start(after) if number >= before.next_id and _shown(one)]
    withdrawn = [
        ref(live, one)
        for number, one in _by_start(before.open)
        if number not in after and number not in ended and _shown(one)
    ]
    restored = [
        ref(live, one)
        for number, one in _by_start(after)
        if number < before.next_id and number not in before.open and _shown(one)
    ]
    taken_out = _taken_out(live, set(before.open))
    effects, stale = list(live.effects), sorted(live.stale)
    return Preview(
        opened,
        withdrawn,
        taken_out,
        restored,
        effects,
        stale,
        None,
        _token(live, opened, withdrawn, taken_out, restored),
    )


def _by_start(occurrences: Mapping[int, Occurrence]) -> list[tuple[int, Occurrence]]:
    """Oldest first: a copy of a case may hold them in another order."""
    return sorted(occurrences.items(), key=lambda pair: pair[0])


def _shown(occurrence: Occurrence) -> bool:
    return not isinstance(occurrence, Token) or not (
        occurrence.watch or occurrence.node.kind == "eventBasedGateway"
    )


def _ended_by(facts: Sequence[Fact], before: _Seen) -> set[int]:
    """Occurrences that the command itself ended: done or skipped, not withdrawn."""
    addresses = {address for fact in facts if fact.kind in (Kind.END, Kind.SKIP) for address in fact.takes}
    return {number for number, one in before.open.items() if one.occurrence in addresses}


def _taken_out(live: LiveCase, open_before: set[int]) -> list[OccurrenceRef]:
    """The completed occurrences of the cone, oldest first."""
    cone = set(live.cone)
    if not cone:
        return []
    found = []
    for line in live.journal():
        for fact in line.facts:
            if fact.id in cone and fact.kind in (Kind.START, Kind.PASS) and fact.id not in open_before:
                node = live.node_of(fact)
                if fact.kind == Kind.PASS and (node is None or not node.activity):
                    continue
                found.append(
                    OccurrenceRef(
                        occurrence_id(live.id, fact.id), fact.element or None, live.name_of(fact), None, None
                    )
                )
    return found


def ref(live: LiveCase, occurrence: Occurrence) -> OccurrenceRef:
    own = live.id_of(occurrence)
    element = occurrence.node.name if isinstance(occurrence, Token) else None
    return OccurrenceRef(
        own, element, occurrence.name, occurrence.item, own if projection.human(occurrence) else None
    )


def _token(live: LiveCase, opened: Sequence[OccurrenceRef], *others: Sequence[OccurrenceRef]) -> str:
    """The same for the same outcome, in whatever order it comes about.

    What opens is told by its element, for its id is not given yet.
    """
    parts: list[Any] = [sorted(encode([one.element_id, one.name, one.item]) for one in opened)]
    parts += [sorted(one.id for one in refs) for refs in others]
    parts.append(sorted((effect.id, effect.kind) for effect in live.effects))
    parts.append(sorted(live.stale))
    return hashlib.sha256(encode(parts).encode()).hexdigest()[:32]


__all__ = ["Callable", "Done", "Door", "Row"]
