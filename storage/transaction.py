"""Everything that can be written, within one transaction.

Each method is one statement (two where tasks have candidates), compiled once for the database and handed to
the driver as text; a list goes in one call. Nothing is durable, or visible to others, before the transaction
ends.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from caseloom.engine.errors import Conflict
from caseloom.storage import statements, tables
from caseloom.storage.errors import StoreChanged
from caseloom.storage.inbox import searchable
from caseloom.storage.reader import Reader, free_at, of_a_running_case
from caseloom.storage.records import (
    CaseRecord,
    DecisionRecord,
    DefinitionRecord,
    DeploymentRecord,
    EntryRecord,
    FileRecord,
    FormRecord,
    IncidentRecord,
    JobRecord,
    MessageRecord,
    NoticeRecord,
    StoreRecord,
    SubscriptionRecord,
    TaskRecord,
    TemplateRecord,
    TokenRecord,
    UserRecord,
)
from caseloom.storage.rows import (
    CASES,
    DECISIONS,
    DEFINITIONS,
    DEPLOYMENTS,
    FILES,
    FORMS,
    INCIDENTS,
    JOBS,
    JOURNAL,
    MESSAGES,
    NOTICES,
    STORES,
    SUBSCRIPTIONS,
    TASKS,
    TEMPLATES,
    TOKENS,
    USERS,
    R,
    Rows,
    bound,
    checksum,
)
from caseloom.storage.statements import Statement

_INSTANT = bound(tables.cases.c.updated_at)
_NAME = bound(tables.cases.c.id)
_PROSE = bound(tables.settings.c.value)


class Transaction(Reader):
    """A reader that writes, too."""

    # Deployments

    def add_deployment(self, deployment: DeploymentRecord) -> None:
        self._insert(DEPLOYMENTS, [deployment])

    def add_file(self, file: FileRecord) -> None:
        self._insert(FILES, [file])

    def add_definition(self, definition: DefinitionRecord) -> None:
        """`Conflict` where the version is there already."""
        self._insert(DEFINITIONS, [definition])

    def add_decision(self, decision: DecisionRecord) -> None:
        self._insert(DECISIONS, [decision])

    def add_form(self, form: FormRecord) -> None:
        self._insert(FORMS, [form])

    # Cases and their journals

    def insert_case(self, case: CaseRecord) -> None:
        self._insert(CASES, [case])

    def update_case(
        self,
        case_id: str,
        *,
        expected_revision: int,
        revision: int,
        status: str,
        data_text: str | None,
        ended_at: datetime | None,
        at: datetime,
    ) -> None:
        """The case after a command; `Conflict` where its revision is another than was expected.

        `data_text` None leaves the case file as it is; `ended_at` None means that the case has not ended.
        """
        row = {
            "case": case_id,
            "expected": expected_revision,
            "revision": revision,
            "status": status,
            "ended_at": _INSTANT(ended_at),
            "updated_at": _INSTANT(at),
        }
        if data_text is not None:
            row |= {"data": data_text, "checksum": checksum(data_text)}
        statement = statements.UPDATE_CASE if data_text is None else statements.UPDATE_CASE_AND_DATA
        if self._run(statement, row).rowcount != 1:
            raise Conflict(f"Case {case_id} was changed by someone else meanwhile.")

    def migrate_case(self, case_id: str, *, definition_id: str, version: int) -> None:
        """The case follows another version of its definition from now on; `update_case` goes with it."""
        self._run(
            statements.MIGRATE_CASE, {"case": case_id, "definition_id": definition_id, "version": version}
        )

    def append_entry(self, entry: EntryRecord) -> None:
        """`Conflict` where somebody wrote that row already; `RepeatedRequest` where the request was done."""
        self._insert(JOURNAL, [entry])

    def remember_request(self, request_id: str, case_id: str, seq: int) -> None:
        """For a command that writes no journal row; a row's own `request_id` is remembered with it."""
        self._run(statements.REMEMBER, {"request_id": _NAME(request_id), "case_id": case_id, "seq": seq})

    def put_snapshot(self, case_id: str, revision: int, payload: str) -> None:
        """The snapshot of the case from now on; an older one never replaces a newer one."""
        row = {"case_id": case_id, "revision": revision, "payload": payload, "checksum": checksum(payload)}
        self._run(statements.PUT_SNAPSHOT, row)

    def put_draft(self, case_id: str, occurrence_id: str, person: str, payload: str, at: datetime) -> None:
        row = {
            "case_id": case_id,
            "occurrence_id": occurrence_id,
            "person": _NAME(person),
            "payload": payload,
            "at": _INSTANT(at),
            "checksum": checksum(payload),
        }
        self._run(statements.PUT_DRAFT, row)

    def insert_incidents(self, incidents: Sequence[IncidentRecord]) -> None:
        self._insert(INCIDENTS, incidents)

    def delete_incidents(self, case_id: str, ids: Collection[str]) -> None:
        self._delete(statements.DELETE_INCIDENT, case_id, ids)

    # Tasks

    def insert_tasks(self, tasks: Sequence[TaskRecord]) -> None:
        self._run_many(TASKS.insert, [_task_row(task) for task in tasks])
        self._run_many(statements.INSERT_CANDIDATE, list(_candidates(tasks)))

    def update_tasks(self, tasks: Sequence[TaskRecord]) -> None:
        """All fields, candidates too."""
        self._run_many(statements.UPDATE_TASK, [_task_row(task) | {"task": task.id} for task in tasks])
        self._run_many(statements.DELETE_CANDIDATES, [{"task": task.id} for task in tasks])
        self._run_many(statements.INSERT_CANDIDATE, list(_candidates(tasks)))

    def delete_tasks(self, case_id: str, ids: Collection[str]) -> None:
        """Their candidates go with them."""
        self._delete(statements.DELETE_TASK, case_id, ids)

    # Jobs

    def job(self, job_id: str) -> JobRecord | None:
        """As `Reader.job`, and nobody else changes it before this transaction ends."""
        return self._one(JOBS, statements.JOB_TO_CHANGE, id=job_id)

    def insert_jobs(self, jobs: Sequence[JobRecord]) -> None:
        self._insert(JOBS, jobs)

    def delete_jobs(self, case_id: str | None, ids: Collection[str]) -> None:
        """`case_id` is None for jobs that start cases."""
        statement = statements.DELETE_START_JOB if case_id is None else statements.DELETE_JOB
        self._delete(statement, case_id, ids)

    def update_job(self, job: JobRecord) -> None:
        """All fields; `Conflict` where the job is gone or somebody has taken it since (another `attempt`)."""
        if self._run(statements.UPDATE_JOB, JOBS.row(job) | {"job": job.id}).rowcount != 1:
            raise Conflict(f"Job {job.id} was taken over by another worker or is gone.")

    def lock_jobs(
        self, topic: str, worker: str, until: datetime, max_jobs: int, at: datetime
    ) -> list[JobRecord]:
        """Takes free jobs of a topic for a worker, longest due first; `attempt` goes one up."""
        return self._lock(tables.jobs.c.topic == topic, worker, until, max_jobs, at)

    def lock_job(self, job_id: str, worker: str, until: datetime, at: datetime) -> JobRecord | None:
        """Takes one job; None where it is gone, not due or held by another."""
        found = self._lock(tables.jobs.c.id == job_id, worker, until, 1, at)
        return found[0] if found else None

    # Subscriptions and messages

    def insert_subscriptions(self, subscriptions: Sequence[SubscriptionRecord]) -> None:
        self._insert(SUBSCRIPTIONS, subscriptions)

    def delete_subscriptions(self, case_id: str, ids: Collection[str]) -> None:
        self._delete(statements.DELETE_SUBSCRIPTION, case_id, ids)

    def keep_message(self, message: MessageRecord) -> None:
        self._insert(MESSAGES, [message])

    def drop_message(self, message_id: str) -> bool:
        """True if it was there; False where another transaction has taken it."""
        return bool(self._run(statements.DROP_MESSAGE, {"message": message_id}).rowcount == 1)

    def seen_message(self, message_id: str, *, at: datetime | None = None) -> bool:
        """Whether a message of this id was accepted before; from now on it was."""
        row = {"message_id": _NAME(message_id), "at": _INSTANT(at)}
        return bool(self._run(statements.ACCEPT_MESSAGE, row).rowcount == 0)

    # People

    def put_user(self, user: UserRecord) -> None:
        """Adds the person or replaces all that is known of them."""
        self._run(statements.PUT_USER, USERS.row(user))

    def add_token(self, token: TokenRecord) -> None:
        self._insert(TOKENS, [token])

    def drop_token(self, token_hash: str) -> None:
        self._run(statements.DROP_TOKEN, {"token": token_hash})

    def put_template(self, template: TemplateRecord) -> None:
        """Adds the template, or replaces the one of that name."""
        self.drop_template(template.name)
        self._insert(TEMPLATES, [template])

    def drop_template(self, name: str) -> None:
        self._run(statements.DROP_TEMPLATE, {"template": _NAME(name)})

    def put_store(self, store: StoreRecord) -> None:
        """The value of a data store from now on; its revision is one more than that of the value it was made of.

        `StoreChanged` where somebody wrote another value meanwhile.
        """
        if store.revision == 1:
            if self.store(store.name) is not None:
                raise StoreChanged(store.name)
            self._insert(STORES, [store])
            return
        row = STORES.row(store) | {"store": _NAME(store.name), "expected": store.revision - 1}
        if self._run(statements.UPDATE_STORE, row).rowcount != 1:
            raise StoreChanged(store.name)

    def insert_notices(self, notices: Sequence[NoticeRecord]) -> None:
        self._insert(NOTICES, notices)

    def drop_notice(self, notice_id: str) -> None:
        self._run(statements.DROP_NOTICE, {"notice": _NAME(notice_id)})

    def keep_setting(self, name: str, value: str) -> str:
        """The value that is kept under the name: the first that anyone gave."""
        self._run(statements.KEEP_SETTING, {"name": _NAME(name), "value": _PROSE(value)})
        return self.setting(name) or value

    # How it is written

    def _run_many(self, statement: Statement, rows: list[dict[str, Any]]) -> None:
        if len(rows) == 1:
            self._run(statement, rows[0])
        elif rows:
            self._channel.execute_many(self._compiled[statement], rows)

    def _insert(self, kind: Rows[R], records: Sequence[R]) -> None:
        self._run_many(kind.insert, [kind.row(record) for record in records])

    def _delete(self, statement: Statement, case_id: str | None, ids: Collection[str]) -> None:
        self._run_many(statement, [{"case": case_id, "row": row} for row in ids])

    def _lock(
        self, wanted: Any, worker: str, until: datetime, max_jobs: int, at: datetime
    ) -> list[JobRecord]:
        job = tables.jobs.c
        free = (
            select(job.number)
            .where(wanted, free_at(at), of_a_running_case())
            .order_by(job.due_at, job.number)
            .limit(max_jobs)
            .with_for_update(skip_locked=True, of=tables.jobs)
        )
        taken = (
            update(tables.jobs)
            .where(job.number.in_(free))
            .values(locked_by=worker, lock_until=until, attempt=job.attempt + 1)
            .returning(*JOBS.select.selected_columns)
        )
        return sorted(JOBS.sound(self._connection.execute(taken)), key=lambda found: (found.due_at, found.id))


def _task_row(task: TaskRecord) -> dict[str, Any]:
    return TASKS.row(task) | {"searched": searchable(task.name, task.description, task.business_key)}


def _candidates(tasks: Sequence[TaskRecord]) -> Iterator[dict[str, str]]:
    for task in tasks:
        for kind, names in (("user", task.candidate_users), ("group", task.candidate_groups)):
            for name in dict.fromkeys(names):
                yield {"task_id": task.id, "kind": kind, "value": _NAME(name)}
