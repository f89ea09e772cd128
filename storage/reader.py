"""Everything that can be asked of the database, within one consistent view of it.

Records come out, never rows. A list leaves damaged rows out and reports them in the log; a question for one
thing raises `Damaged`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select

from caseloom.engine.errors import NotFound
from caseloom.storage import inbox, inspection, migration, statements, tables
from caseloom.storage.channel import Channel
from caseloom.storage.columns import Instant
from caseloom.storage.errors import Damaged
from caseloom.storage.inbox import TaskQuery
from caseloom.storage.records import (
    CaseRecord,
    Counts,
    Damage,
    DecisionRecord,
    DefinitionRecord,
    DeploymentRecord,
    DraftRecord,
    EntryRecord,
    FileRecord,
    FormRecord,
    IncidentRecord,
    JobRecord,
    MessageRecord,
    NoticeRecord,
    SnapshotRecord,
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
    DRAFTS,
    FILES,
    FORMS,
    INCIDENTS,
    JOBS,
    JOURNAL,
    MESSAGES,
    NOTICES,
    SNAPSHOTS,
    STORES,
    SUBSCRIPTIONS,
    TASKS,
    TEMPLATES,
    TOKENS,
    USERS,
    R,
    Rows,
)
from caseloom.storage.statements import Compiled, Statement

_JOB = tables.jobs.c


def free_at(at: datetime) -> ColumnElement[bool]:
    """Due, with tries left, and nobody works on it."""
    unlocked = or_(_JOB.lock_until.is_(None), _JOB.lock_until <= at)
    return and_(_JOB.due_at <= at, _JOB.retries > 0, unlocked)


def of_a_running_case() -> ColumnElement[bool]:
    case = tables.cases.c
    running = exists().where(case.id == _JOB.case_id, case.status == "running")
    return or_(_JOB.case_id.is_(None), running)


class Reader:
    def __init__(self, channel: Channel, compiled: Compiled) -> None:
        self._channel = channel
        self._connection = channel.connection
        self._compiled = compiled

    # Cases and their journals

    def case(self, case_id: str) -> CaseRecord | None:
        return self._one(CASES, statements.CASE, id=case_id)

    def revision(self, case_id: str) -> int | None:
        found = self._rows(statements.REVISION, id=case_id)
        return int(found[0][0]) if found else None

    def cases(
        self,
        *,
        key: str | None = None,
        version: int | None = None,
        status: str | None = None,
        business_key: str | None = None,
        order: str = "oldest",
        limit: int | None = 50,
        after: str | None = None,
    ) -> list[CaseRecord]:
        """In the order in which they were started; `order` is oldest or newest (first), `after` a case id."""
        if after is not None and self.revision(after) is None:
            raise NotFound(f"There is no case {after} to go on after.")
        statement = inbox.cases(
            key=key, version=version, status=status, business_key=business_key, order=order, after=after
        )
        return self._page(CASES, statement, limit)

    def snapshot(self, case_id: str) -> SnapshotRecord | None:
        """None where there is none or where it is damaged: the journal is the truth and can do without."""
        found = self._some(SNAPSHOTS, statements.SNAPSHOT, case=case_id)
        return found[0] if found else None

    def entries(self, case_id: str, after_seq: int = 0) -> list[EntryRecord]:
        """The journal behind `after_seq`, oldest first; raises `CorruptCase` for a damaged row."""
        rows = self._rows(statements.ENTRIES, case=case_id, after=after_seq)
        return [JOURNAL.record(row) for row in rows]

    def request(self, request_id: str) -> tuple[str, int] | None:
        """Case and journal row of a request that was carried out already."""
        found = self._rows(statements.REQUEST, request=request_id)
        return (str(found[0][0]), int(found[0][1])) if found else None

    def drafts(self, case_id: str) -> list[DraftRecord]:
        return self._some(DRAFTS, statements.DRAFTS_OF_CASE, case=case_id)

    def incidents(self, *, case_id: str | None = None, limit: int | None = None) -> list[IncidentRecord]:
        incident = tables.incidents.c
        statement = INCIDENTS.select.order_by(incident.number)
        if case_id is not None:
            statement = statement.where(incident.case_id == case_id)
        return self._page(INCIDENTS, statement, limit)

    def incident(self, incident_id: str) -> IncidentRecord | None:
        return self._one(INCIDENTS, INCIDENTS.select.where(tables.incidents.c.id == incident_id))

    # Tasks

    def task(self, task_id: str) -> TaskRecord | None:
        return self._one(TASKS, statements.TASK, id=task_id)

    def tasks_of(self, case_id: str) -> list[TaskRecord]:
        """All open tasks of a case, those behind a gate too, oldest first."""
        return self._some(TASKS, statements.TASKS_OF_CASE, case=case_id)

    def tasks(self, query: TaskQuery | None = None, **wanted: Any) -> list[TaskRecord]:
        """The open tasks of a query, or of its fields given by name; see `TaskQuery`.

        `NotFound` where the task to go on after is no longer open: then the list begins anew.
        """
        asked = replace(query or TaskQuery(), **wanted)
        if asked.after is not None and self.task(asked.after) is None:
            raise NotFound("The task to go on after is no longer open; begin again with the first page.")
        return self._page(TASKS, inbox.tasks(asked), asked.limit)

    def counts(self, for_user: str, groups: Collection[str], at: datetime) -> Counts:
        mine, offered, overdue = self._connection.execute(inbox.counts(for_user, groups, at)).one()
        return Counts(mine=int(mine), offered=int(offered), overdue=int(overdue))

    # Jobs, subscriptions, messages

    def job(self, job_id: str) -> JobRecord | None:
        return self._one(JOBS, statements.JOB, id=job_id)

    def jobs(self, *, case_id: str | None = None, definition_id: str | None = None) -> list[JobRecord]:
        """The jobs of a case, or those that start cases of a definition; oldest first."""
        if case_id is not None:
            return self._some(JOBS, statements.JOBS_OF_CASE, case=case_id)
        return self._some(JOBS, JOBS.select.where(_JOB.definition_id == definition_id).order_by(_JOB.number))

    def due_jobs(self, at: datetime, limit: int, kinds: Collection[str]) -> list[JobRecord]:
        """What may run now: due, tries left, not locked, of no case but a running one; longest due first."""
        statement = JOBS.select.where(free_at(at), _JOB.kind.in_(sorted(kinds)), of_a_running_case())
        return self._page(JOBS, statement.order_by(_JOB.due_at, _JOB.number), limit)

    def next_due(self, kinds: Collection[str]) -> datetime | None:
        """When `due_jobs` will find something; in the past where it does already."""
        able = (_JOB.kind.in_(sorted(kinds)), _JOB.retries > 0, of_a_running_case())
        free = select(_JOB.due_at).where(_JOB.lock_until.is_(None), *able).order_by(_JOB.due_at).limit(1)
        locked = select(_JOB.due_at, _JOB.lock_until).where(_JOB.lock_until.is_not(None), *able)

        moments = [max(row) for row in self._connection.execute(locked)]
        moments += self._connection.scalars(free)
        return Instant.back(min(moments, default=None))

    def subscriptions(self, case_id: str) -> list[SubscriptionRecord]:
        return self._some(SUBSCRIPTIONS, statements.SUBSCRIPTIONS_OF_CASE, case=case_id)

    def waiting_for(
        self,
        kind: str,
        name: str,
        *,
        case_id: str | None = None,
        business_key: str | None = None,
        correlation: str | None = None,
    ) -> list[SubscriptionRecord]:
        """Who waits for it in running cases, longest waiting first. A filter that is None does not matter."""
        waits, case = tables.subscriptions.c, tables.cases.c
        statement = SUBSCRIPTIONS.select.join(tables.cases, case.id == waits.case_id).where(
            waits.kind == kind, waits.name == name, case.status == "running"
        )
        filters = (
            (waits.case_id, case_id),
            (case.business_key, business_key),
            (waits.correlation, correlation),
        )
        for column, value in filters:
            if value is not None:
                statement = statement.where(column == value)
        return self._some(SUBSCRIPTIONS, statement.order_by(waits.number))

    def kept_messages(self, name: str) -> list[MessageRecord]:
        """Messages that nobody waited for when they came, oldest first."""
        row = tables.messages.c
        return self._some(MESSAGES, MESSAGES.select.where(row.name == name).order_by(row.number))

    def messages_for(self, case_id: str) -> list[MessageRecord]:
        """Kept messages that name this case, oldest first."""
        row = tables.messages.c
        return self._some(MESSAGES, MESSAGES.select.where(row.case_id == case_id).order_by(row.number))

    def keeps_message(self, names: Collection[str]) -> bool:
        """Is any message of these names kept?"""
        if not names:
            return False
        row = tables.messages.c
        found = select(row.number).where(row.name.in_(sorted(names))).limit(1)
        return self._connection.scalar(found) is not None

    def accepted_message(self, message_id: str) -> bool:
        """Whether a message of this id was accepted before."""
        row = tables.message_ids.c
        return self._connection.scalar(select(row.message_id).where(row.message_id == message_id)) is not None

    # Deployments

    def deployments(self) -> list[DeploymentRecord]:
        return self._some(DEPLOYMENTS, DEPLOYMENTS.select.order_by(tables.deployments.c.number))

    def file(self, deployment_id: str, name: str) -> FileRecord | None:
        """The file as it was uploaded; `Damaged` where it no longer is."""
        row = tables.files.c
        found = self._one(FILES, FILES.select.where(row.deployment_id == deployment_id, row.name == name))
        if found is not None and sha256(found.data).hexdigest() != found.sha256:
            raise Damaged(f"The file “{name}” of deployment {deployment_id} is damaged.")
        return found

    def digests(self, deployment_id: str) -> dict[str, str]:
        """SHA-256 (hex) of each file of a deployment, by its name."""
        row = tables.files.c
        statement = select(row.name, row.sha256).where(row.deployment_id == deployment_id)
        return {found.name: found.sha256 for found in self._rows(statement)}

    def definition(self, definition_id: str) -> DefinitionRecord | None:
        return self._one(DEFINITIONS, statements.DEFINITION, id=definition_id)

    def definitions(
        self, key: str | None = None, *, deployment_id: str | None = None
    ) -> list[DefinitionRecord]:
        """By key and version."""
        row = tables.definitions.c
        statement = DEFINITIONS.select.order_by(row.key, row.version)
        if key is not None:
            statement = statement.where(row.key == key)
        if deployment_id is not None:
            statement = statement.where(row.deployment_id == deployment_id)
        return self._some(DEFINITIONS, statement)

    def latest_definition(self, key: str) -> DefinitionRecord | None:
        return self._one(DEFINITIONS, statements.LATEST_DEFINITION, key=key)

    def latest_definitions(self) -> list[DefinitionRecord]:
        """The newest version of each key: what messages, signals and timers start."""
        row = tables.definitions.c
        newest = select(row.key, func.max(row.version).label("version")).group_by(row.key).subquery()
        same = (row.key == newest.c.key) & (row.version == newest.c.version)
        return self._some(DEFINITIONS, DEFINITIONS.select.join(newest, same).order_by(row.key))

    def definition_version(self, key: str, version: int) -> DefinitionRecord | None:
        row = tables.definitions.c
        return self._one(DEFINITIONS, DEFINITIONS.select.where(row.key == key, row.version == version))

    def decision(self, decision_id: str) -> DecisionRecord | None:
        return self._one(DECISIONS, DECISIONS.select.where(tables.decisions.c.id == decision_id))

    def decisions(self, key: str | None = None) -> list[DecisionRecord]:
        row = tables.decisions.c
        statement = DECISIONS.select.order_by(row.key, row.version)
        return self._some(DECISIONS, statement if key is None else statement.where(row.key == key))

    def latest_decision(self, key: str, deployment_id: str | None = None) -> DecisionRecord | None:
        """The newest, or the one that was deployed together with something else."""
        return self._latest(DECISIONS, key, deployment_id)

    def form(self, key: str, deployment_id: str | None = None) -> FormRecord | None:
        """The newest, or the one that was deployed together with something else."""
        return self._latest(FORMS, key, deployment_id)

    def form_keys(self) -> frozenset[str]:
        """Every key under which a form was deployed."""
        return frozenset(self._connection.scalars(select(tables.forms.c.key).distinct()))

    # People

    def user(self, user_id: str) -> UserRecord | None:
        return self._one(USERS, USERS.select.where(tables.users.c.id == user_id))

    def users(self) -> list[UserRecord]:
        return self._some(USERS, USERS.select.order_by(tables.users.c.id))

    def token(self, token_hash: str) -> TokenRecord | None:
        return self._one(TOKENS, TOKENS.select.where(tables.tokens.c.token_hash == token_hash))

    def tokens(self, user_id: str) -> list[TokenRecord]:
        row = tables.tokens.c
        return self._some(TOKENS, TOKENS.select.where(row.user_id == user_id).order_by(row.created_at))

    def notice(self, notice_id: str) -> NoticeRecord | None:
        return self._one(NOTICES, NOTICES.select.where(tables.notices.c.id == notice_id))

    def notices(self, person: str, limit: int | None = None) -> list[NoticeRecord]:
        """Of one person, newest first."""
        statement = NOTICES.select.where(tables.notices.c.person == person)
        return self._some(NOTICES, statement.order_by(tables.notices.c.at.desc()).limit(limit))

    def template(self, name: str) -> TemplateRecord | None:
        return self._one(TEMPLATES, TEMPLATES.select.where(tables.templates.c.name == name))

    def templates(self) -> list[TemplateRecord]:
        return self._some(TEMPLATES, TEMPLATES.select.order_by(tables.templates.c.name))

    def store(self, name: str) -> StoreRecord | None:
        """The value of a data store; None where nothing was ever written to it."""
        return self._one(STORES, STORES.select.where(tables.stores.c.name == name))

    def stores(self) -> list[StoreRecord]:
        return self._some(STORES, STORES.select.order_by(tables.stores.c.name))

    def setting(self, name: str) -> str | None:
        row = tables.settings.c
        return self._connection.scalar(select(row.value).where(row.name == name))

    # Is it whole?

    def integrity(self) -> Iterator[Damage]:
        """Everything that is wrong with what is stored; nothing where all is well. Reads the whole database."""
        return inspection.damages(self._connection)

    def durability(self) -> str:
        """How commits are kept, in words."""
        return inspection.durability(self._connection)

    def schema(self) -> tuple[str | None, str | None]:
        """The step at which the tables are (None: there are none), and the one of this release."""
        return migration.revision(self._connection), migration.newest()

    # How it is asked

    def _run(self, statement: Statement, row: dict[str, Any]) -> Any:
        """One of `statements`: compiled once, handed to the driver as text."""
        return self._channel.execute(self._compiled[statement], row)

    def _rows(self, statement: Statement, **row: Any) -> Sequence[Any]:
        """A statement with parameters is one of `statements`; any other was made for this question."""
        if row:
            return cast(Sequence[Any], self._run(statement, row).fetchall())
        return self._connection.execute(statement).all()

    def _one(self, kind: Rows[R], statement: Statement, **row: Any) -> R | None:
        found = self._rows(statement, **row)
        return kind.record(found[0]) if found else None

    def _some(self, kind: Rows[R], statement: Statement, **row: Any) -> list[R]:
        return kind.sound(self._rows(statement, **row))

    def _page(self, kind: Rows[R], statement: Select[Any], limit: int | None) -> list[R]:
        """A full page, even where damaged rows are left out: a short one would look like the last."""
        if limit is None:
            return self._some(kind, statement)
        found: list[R] = []
        read = 0
        while len(found) < limit:
            rows = self._connection.execute(statement.limit(limit).offset(read)).all()
            found += kind.sound(rows)
            read += len(rows)
            if len(rows) < limit:
                break
        return found[:limit]

    def _latest(self, kind: Rows[R], key: str, deployment_id: str | None = None) -> R | None:
        row = kind.table.c
        statement = kind.select.where(row.key == key).order_by(row.version.desc()).limit(1)
        if deployment_id is not None:
            statement = statement.where(row.deployment_id == deployment_id)
        return self._one(kind, statement)
