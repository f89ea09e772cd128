"""Telling people about their own work: what somebody else, or the course of the case, took away or brought back.

One notice for each person and command, however many of their tasks it touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from caseloom.engine import ids
from caseloom.engine.errors import NotAllowed, NotFound
from caseloom.engine.facts import Kind
from caseloom.engine.live import LiveCase
from caseloom.engine.projection import Changes
from caseloom.engine.results import Notice
from caseloom.storage.database import Database
from caseloom.storage.payload import decode, encode
from caseloom.storage.records import CaseRecord, NoticeRecord, TaskRecord

MOST = 50


def due(
    case: CaseRecord, live: LiveCase, before: Mapping[str, TaskRecord], changes: Changes
) -> list[NoticeRecord]:
    """What a command gives occasion to tell; whoever gave it knows."""
    gone = [task for task_id in changes.gone_tasks if (task := before.get(task_id)) and _anothers(task, live)]
    back = [task for task in changes.new_tasks if live.replayed and _anothers(task, live)]
    if not gone and not back:
        return []
    first = live.run.facts[0].id
    done = {fact.causes[0] for fact in live.run.facts if fact.kind == Kind.END and fact.causes}
    withdrawn = _by_person(task for task in gone if ids.started(task.id, case.id) not in done)
    restored = _by_person(task for task in back if (ids.started(task.id, case.id) or first) < first)
    return [
        _notice(case, live, person, withdrawn.get(person, ()), restored.get(person, ()))
        for person in sorted({*withdrawn, *restored})
    ]


def _anothers(task: TaskRecord, live: LiveCase) -> bool:
    return task.assignee is not None and task.assignee != live.by


def _by_person(tasks: Iterable[TaskRecord]) -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    for task in tasks:
        names.setdefault(task.assignee or "", []).append(task.name)
    return names


def _notice(
    case: CaseRecord, live: LiveCase, person: str, withdrawn: Iterable[str], restored: Iterable[str]
) -> NoticeRecord:
    told = {
        "withdrawn": list(withdrawn),
        "restored": list(restored),
        "reason": live.reason,
        "by": live.by,
        "business_key": case.business_key,
    }
    return NoticeRecord(
        f"{case.id}-n{case.revision}-{person}",
        person=person,
        case_id=case.id,
        at=live.at,
        payload=encode(told),
    )


def of(database: Database, person: str) -> list[Notice]:
    """What one person has not put away yet, newest first."""
    with database.read() as reader:
        records = reader.notices(person, MOST)
    return [_told(record) for record in records]


def _told(record: NoticeRecord) -> Notice:
    return Notice(record.id, record.person, record.case_id, record.at, **decode(record.payload))


def dismiss(database: Database, notice_id: str, by: str | None) -> None:
    """Raises NotFound, and NotAllowed where it is somebody else's."""
    with database.begin() as transaction:
        found = transaction.notice(notice_id)
        if found is None:
            raise NotFound(f"There is no notice “{notice_id}”.")
        if by is not None and by != found.person:
            raise NotAllowed(f"The notice is for {found.person}; only they can put it away.")
        transaction.drop_notice(notice_id)
