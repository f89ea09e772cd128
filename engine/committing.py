"""The one transaction of a command: journal, case, tasks, jobs, subscriptions and incidents, or nothing of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from caseloom.engine import facts as fact_rules
from caseloom.engine import notices, projection, stores
from caseloom.engine.facts import Kind
from caseloom.engine.flow.instance import Instance
from caseloom.engine.flow.snapshot import freeze
from caseloom.engine.flow.thrown import Thrown
from caseloom.engine.hot import Hot
from caseloom.engine.ids import change_id, incident_id, thrown_id
from caseloom.engine.live import LiveCase
from caseloom.engine.message import Message, a_look_for_kept
from caseloom.engine.results import Status
from caseloom.storage.database import Database
from caseloom.storage.payload import encode
from caseloom.storage.records import CaseRecord, EntryRecord, JobRecord, TaskRecord
from caseloom.storage.transaction import Transaction

Also = Callable[[Transaction], None]

_ENDS = frozenset({Kind.DONE, Kind.CANCEL})


@dataclass(frozen=True, slots=True)
class Done:
    """What a command came to: the case after it, and what the engine has to follow up."""

    hot: Hot
    topics: Sequence[tuple[str, str]] = ()  # (job id, topic) of services that became due
    signals: Sequence[Thrown] = ()
    posts: Sequence[JobRecord] = ()  # messages that it threw, stored until they are delivered
    waits: bool = False  # something waits for a message now that may have come already
    look: JobRecord | None = None  # and one of that name has


def commit(
    database: Database,
    hot: Hot,
    live: LiveCase,
    name: str,
    *,
    request_id: str | None = None,
    also: Also | None = None,
) -> Done:
    """Stores what a command has decided; `also` is done in the same transaction, before all else."""
    if not live.run.facts:
        return _commit_nothing(database, hot, live, request_id, also)
    after = _after(hot, live)
    changes = _changes(after, live)
    with database.begin() as transaction:
        if also is not None:
            also(transaction)
        now = _store(transaction, hot, after, live, changes)
        transaction.append_entry(_entry(live, after.revision, name, request_id))
        posts = _posts(after, live) if live.run.thrown else []
        names = _awaited(transaction, live, changes)
        look = a_look_for_kept(live.id, live.at) if transaction.keeps_message(names) else None
        if left := [*posts, *([look] if look else [])]:
            transaction.insert_jobs(left)
    topics = [(job.id, job.topic) for job in changes.new_jobs if job.kind == projection.SERVICE and job.topic]
    signals = [one for one in live.run.thrown if one.kind == "signal"]
    return Done(now, topics, signals, posts, bool(names), look)


def _awaited(transaction: Transaction, live: LiveCase, changes: projection.Changes) -> set[str]:
    """The messages that something begins to wait for: they may have come already."""
    waiting = changes.new_subscriptions
    if any(fact.kind == Kind.RESUME for fact in live.run.facts):
        waiting = transaction.subscriptions(live.id)  # what came while the case was suspended is kept
    return {one.name for one in waiting if one.kind == "message"}


def _posts(after: CaseRecord, live: LiveCase) -> list[JobRecord]:
    """The messages that a command threw: a crash must not lose them, so they are stored with it."""
    messages = [one for one in live.run.thrown if one.kind == "message"]
    return [
        Message.thrown(thrown_id(after.id, after.revision, number), one, after).job(live.at)
        for number, one in enumerate(messages)
    ]


def _changes(after: CaseRecord, live: LiveCase) -> projection.Changes:
    if live.replayed:
        return projection.of_all(after, live.instance)
    return projection.of_touched(after, live.instance, live.run.facts[0].id)


def _store(
    transaction: Transaction,
    hot: Hot,
    after: CaseRecord,
    live: LiveCase,
    changes: projection.Changes,
) -> Hot:
    """Writes all rows that follow from a command, its entry apart; the case in memory after it."""
    instance = live.instance
    _put_case(transaction, hot.record, after)
    if live.replayed:
        _reconcile(transaction, after.id, changes)
    _write(transaction, after.id, changes)
    if live.replayed or instance.troubles or instance.dropped_troubles:
        _write_incidents(transaction, after, instance)
    _put_draft(transaction, live)
    if told := notices.due(after, live, hot.tasks, changes):
        transaction.insert_notices(told)
    _put_stores(transaction, live)
    now = Hot(after, instance, hot.snapshot, _tasks_after(hot.tasks, changes, live.replayed), hot.file)
    if live.replayed or now.snapshot_due:
        transaction.put_snapshot(after.id, after.revision, encode(freeze(instance)))
        now.snapshot = after.revision
    return now


def _put_case(transaction: Transaction, before: CaseRecord, after: CaseRecord) -> None:
    if before.revision == 0:
        transaction.insert_case(after)
        return
    assert after.updated_at is not None
    transaction.update_case(
        after.id, expected_revision=before.revision, revision=after.revision, status=after.status,
        data_text=after.data if after.data != before.data else None, ended_at=after.ended_at, at=after.updated_at,
    )  # fmt: skip
    if after.definition_id != before.definition_id:
        transaction.migrate_case(after.id, definition_id=after.definition_id, version=after.version)


def _put_stores(transaction: Transaction, live: LiveCase) -> None:
    """What a command wrote to data stores; `StoreChanged` where a value that it had read is no longer the last."""
    written: dict[str, Any] = {}
    for fact in live.run.facts:
        written.update((fact.outcome or {}).get("stores", ()))
    stores.put(transaction, live.id, written, live.world.stores_read(), live.at)


def _put_draft(transaction: Transaction, live: LiveCase) -> None:
    if live.draft is not None:
        occurrence, person, data = live.draft
        transaction.put_draft(live.id, occurrence, person, encode(data), live.at)


def _commit_nothing(
    database: Database, hot: Hot, live: LiveCase, request_id: str | None, also: Also | None
) -> Done:
    """A command that changed nothing that happened: at most a draft."""
    if live.draft is None and request_id is None and also is None:
        return Done(hot)
    with database.begin() as transaction:
        if also is not None:
            also(transaction)
        _put_draft(transaction, live)
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
        ended_at=_ended_at(record, live) if ended else None,
    )


def _ended_at(record: CaseRecord, live: LiveCase) -> datetime:
    """When the case ended. A change that is taken back leaves that as it was, too."""
    if any(fact.kind in _ENDS for fact in live.run.facts):
        return live.at
    if not live.replayed:
        return record.ended_at or live.at
    rows = live.journal()
    gone = fact_rules.superseded([*(fact for row in rows for fact in row.facts), *live.run.facts])
    ends = [row.at for row in rows for fact in row.facts if fact.kind in _ENDS and fact.id not in gone]
    return max(ends, default=live.at)


def _write_incidents(transaction: Transaction, case: CaseRecord, instance: Instance) -> None:
    stored = {record.id for record in transaction.incidents(case_id=case.id)}
    wanted = {incident_id(case.id, number): trouble for number, trouble in instance.troubles.items()}
    if gone := sorted(stored - set(wanted)):
        transaction.delete_incidents(case.id, gone)
    if new := [trouble for name, trouble in wanted.items() if name not in stored]:
        transaction.insert_incidents(projection.incidents(case, new))
    instance.dropped_troubles = False


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


def _entry(live: LiveCase, seq: int, name: str, request_id: str | None) -> EntryRecord:
    return EntryRecord(
        live.id,
        seq,
        at=live.at,
        by=live.by,
        command=name,
        reason=live.reason,
        change_id=change_id(live.id, seq) if live.change else None,
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
    waiting = {one.id: one for one in transaction.subscriptions(case_id)}
    same = {one.id for one in changes.new_subscriptions if waiting.get(one.id) == one}
    changes.gone_subscriptions = sorted(waiting.keys() - same)
    changes.new_subscriptions = [one for one in changes.new_subscriptions if one.id not in same]


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
