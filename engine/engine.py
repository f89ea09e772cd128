"""The engine that developers embed: deploy diagrams, start cases, do commands, ask what is there."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from caseloom.engine import (
    batch_migration,
    history,
    ledger,
    notices,
    projection,
    stores,
    templates,
    times,
    tray,
)
from caseloom.engine import facts as fact_rules
from caseloom.engine.choosing import startable
from caseloom.engine.commands import Command, FireTimer
from caseloom.engine.committing import Also, Done
from caseloom.engine.counterparts import Given, counterparts
from caseloom.engine.deploying import Upload, deploy, examine, sources
from caseloom.engine.door import Door
from caseloom.engine.errors import CaseloomError, Conflict, Finding, Invalid, NotAllowed, NotFound
from caseloom.engine.expressions import Environment, compile_feel, compile_place
from caseloom.engine.handlers import Handler
from caseloom.engine.hot import Hot
from caseloom.engine.ids import case_of
from caseloom.engine.library import Library, starts
from caseloom.engine.live import LiveCase, replay, row
from caseloom.engine.migration import Migrate
from caseloom.engine.post import Post
from caseloom.engine.results import (
    AdHocSubProcess,
    Case,
    Counterpart,
    DataStore,
    Definition,
    Deployment,
    Entry,
    Form,
    Incident,
    Job,
    LedgerEntry,
    Migrated,
    Notice,
    Occurrence,
    Person,
    Preview,
    Status,
    Task,
    Template,
    TrayEntry,
)
from caseloom.engine.services import IN_PROCESS, LOCK, Service, Services
from caseloom.storage.database import Database
from caseloom.storage.errors import Damaged, RepeatedRequest
from caseloom.storage.payload import checked, decode, encode
from caseloom.storage.records import CaseRecord, DefinitionRecord, IncidentRecord, JobRecord

log = logging.getLogger("caseloom.engine")

Data = Mapping[str, Any]
DUE_AT_ONCE = 100
MAX_ECHOES = 20


def now() -> datetime:
    """The one place that reads the machine's clock."""
    return datetime.now(UTC)


class Engine:
    """All cases of one database.

    `url` is an SQLAlchemy URL of SQLite or PostgreSQL; the tables are created or migrated. `clock` gives the time,
    aware and UTC. `people` finds a person by id: then rights are enforced and an unknown person is refused; without
    it the program is trusted. Who is in the group `break_glass` may go past the rights of a diagram, with a reason and
    on record; None is no such group. `fast_commit` trades the last commits at a power cut for speed (SQLite NORMAL).
    Thread-safe, not fork-safe; a context manager.
    """

    def __init__(
        self,
        url: str,
        *,
        clock: Callable[[], datetime] | None = None,
        people: Callable[[str], Person | None] | None = None,
        fast_commit: bool = False,
        break_glass: str | None = "break-glass",
    ) -> None:
        self.clock = clock or now
        self._people = people
        self.database = Database(url, fast_commit=fast_commit)
        self.database.migrate()
        self.library = Library(self.database)
        self.door = Door(self.database, self.library)
        self.door.break_glass = break_glass
        self._sending = threading.local()
        self._services = Services(self.database, self.door, self.clock, self._carry)
        self._post = Post(self.database, self.door, self.library, self.clock, self._carry_on, self._begin)

    def close(self) -> None:
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- diagrams ----------------------------------------------------------------------------------

    def deploy(self, *files: str | Path | tuple[str, bytes], by: str | None = None) -> Deployment:
        """Stores diagrams, tables and forms together, or none of them.

        A file is a path or a `(name, bytes)` pair; a `.zip` is a bundle. The same bytes again are the same version.
        Raises DiagramError with all findings.
        """
        deployment = deploy(self.database, sources(files), self.clock(), self._person_id(by))
        self._arm_start_timers(deployment.definitions)
        return deployment

    def check(self, *files: Upload) -> list[Finding]:
        """The findings that a deployment of these files would give; nothing is stored."""
        return examine(self.database, sources(files))

    def definitions(self, key: str | None = None) -> list[Definition]:
        """Deployed definitions by key and version, oldest version first."""
        return self.library.definitions(key)

    def start_events(self, definition_id: str) -> dict[str, str]:
        """The plain start events of a definition, id and name: with several, `start` wants to know at which."""
        entrances = self.library.model(definition_id).plan.entrances()
        return {node.name: node.label for node in entrances if node.kind == "startEvent"}

    # -- cases -------------------------------------------------------------------------------------

    def start(
        self,
        key: str,
        data: Data | None = None,
        *,
        version: int | None = None,
        business_key: str | None = None,
        start_event: str | None = None,
        by: str | None = None,
        request_id: str | None = None,
    ) -> Case:
        """A new case of the newest version of `key`, or of `version`. Raises NotFound, Conflict or Invalid.

        `start_event` is the id of the plain start event at which it begins, needed where there are several. A process
        that only conditions start begins where one holds with `data`.
        """
        person = self._person(by)
        if (again := self._again(request_id)) is not None:
            return self.case(again)
        definition = self.library.to_start(key, version)
        try:
            done = self.door.start(
                definition, data, person=person, at=self.clock(), business_key=_text(business_key, "The business key"),
                request_id=request_id, entrance=start_event,
            )  # fmt: skip
        except Conflict:
            if (again := self._again(request_id)) is not None:
                return self.case(again)
            raise
        return self._case_after(done)

    def do(
        self,
        case_id: str,
        command: Command,
        *,
        by: str | None = None,
        expect_revision: int | None = None,
        request_id: str | None = None,
        preview: str | None = None,
    ) -> Case:
        """Carries out one command, the only way to change a case.

        `by=None` is the program itself. `preview` is the token of a preview that must still hold. Raises NotFound,
        NotAllowed, Conflict or Invalid, and then nothing has changed.
        """
        person = self._person(by)
        if (again := self._again(request_id)) is not None:
            if again != case_id:
                raise Conflict(f"The request “{request_id}” was carried out on another case.")
            return self.case(case_id)
        done = self.door.carry_out(
            case_id, command, person=person, enforced=self._enforced(command, by), at=self.clock(),
            expect_revision=expect_revision, request_id=request_id, preview=preview,
        )  # fmt: skip
        return self._case_after(done)

    def preview(self, case_id: str, command: Command, *, by: str | None = None) -> Preview:
        """What `do` would come to, worked out on a copy. A refusal is told in `.refusal`, never raised."""
        try:
            person = self._person(by)
            return self.door.preview(
                case_id, command, person=person, enforced=self._enforced(command, by), at=self.clock()
            )
        except CaseloomError as refusal:
            return Preview(refusal=str(refusal))

    def migrate(
        self,
        case_id: str,
        version: int,
        *,
        mapping: Given | None = None,
        by: str | None = None,
        reason: str | None = None,
    ) -> Case:
        """Puts a running case on another version of its process.

        `mapping` names the counterpart of elements whose id has changed (None: gives up what handlers have ordered
        there); others are found by id, else by name. Raises Conflict, naming the step, where what has happened does
        not fit the other version.
        """
        return self.do(case_id, Migrate(version, mapping=mapping, reason=reason), by=by)

    def preview_migration(
        self,
        case_id: str,
        version: int,
        *,
        mapping: Given | None = None,
        by: str | None = None,
        reason: str | None = None,
    ) -> Preview:
        """What `migrate` would come to; a refusal is told in `.refusal`."""
        return self.preview(case_id, Migrate(version, mapping=mapping, reason=reason), by=by)

    def migrate_all(
        self,
        key: str,
        version: int,
        *,
        from_version: int | None = None,
        case_ids: Sequence[str] | None = None,
        mapping: Given | None = None,
        by: str | None = None,
        reason: str | None = None,
    ) -> list[Migrated]:
        """Puts many cases of a process on another version, each by itself, and tells what became of each.

        All that have not ended, or those of `from_version`, or those of `case_ids`. One that does not fit stays where
        it is, with its refusal; each that moved can be undone by its `change_id`.
        """
        self.library.to_start(key, version)
        found = batch_migration.chosen(self, key, version, from_version, case_ids)
        return batch_migration.migrated(self, found, Migrate(version, mapping=mapping, reason=reason), by)

    def preview_migrate_all(
        self,
        key: str,
        version: int,
        *,
        from_version: int | None = None,
        case_ids: Sequence[str] | None = None,
        mapping: Given | None = None,
        by: str | None = None,
        reason: str | None = None,
    ) -> list[Migrated]:
        """What `migrate_all` would come to; nothing happens."""
        self.library.to_start(key, version)
        found = batch_migration.chosen(self, key, version, from_version, case_ids)
        return batch_migration.previewed(self, found, Migrate(version, mapping=mapping, reason=reason), by)

    def counterparts(
        self, key: str, from_version: int, version: int, *, mapping: Given | None = None
    ) -> list[Counterpart]:
        """The mapping of elements that a migration would use: as given, else by id, else by name and kind."""
        old = self.library.model(self.library.to_start(key, from_version).id)
        new = self.library.model(self.library.to_start(key, version).id)
        return counterparts(old, new, mapping or {})

    def case(self, case_id: str) -> Case:
        """The case as it is now. Raises NotFound."""
        with self.door.reading(case_id) as hot:
            return self._case(hot)

    def cases(
        self,
        *,
        key: str | None = None,
        status: str | None = None,
        business_key: str | None = None,
        where: str | Data | None = None,
        limit: int = 50,
        after: str | None = None,
    ) -> list[Case]:
        """Cases in the order in which they were started.

        `where` is a FEEL condition over the case file, or a mapping of names to the values that they must have.
        `after` is the id of the last case of the page before.
        """
        fits = _filter(where)
        found: list[CaseRecord] = []
        while len(found) < limit:
            page_size = max(limit - len(found), 50) if where is not None else limit - len(found)
            with self.database.read() as reader:
                page = reader.cases(
                    key=key, status=status, business_key=business_key, limit=page_size, after=after
                )
            found.extend(record for record in page if fits(decode(record.data)))
            if len(page) < page_size:
                break
            after = page[-1].id
        return [case for record in found[:limit] if (case := self._sound_case(record.id)) is not None]

    def _sound_case(self, case_id: str) -> Case | None:
        """None for a damaged case: it is reported, and must not hide the others."""
        try:
            return self.case(case_id)
        except Damaged:
            log.exception("Case %s is damaged and left out", case_id)
            return None

    def tasks(
        self,
        *,
        case_id: str | None = None,
        for_user: str | None = None,
        groups: Sequence[str] | None = None,
        assignee: str | None = None,
        unassigned: bool | None = None,
        name: str | None = None,
        key: str | None = None,
        due_before: datetime | None = None,
        held: bool = False,
        q: str | None = None,
        order: str = "created",
        limit: int | None = 50,
        after: str | None = None,
    ) -> list[Task]:
        """Open tasks, oldest first.

        `for_user` are those that a person has or may claim, those that name nobody among them (with `people`, their
        groups count too); `groups` those
        offered to any of these groups; `q` a piece of the name; `order` created, due, priority or name; `after` the
        id of the last task of the page before.
        """
        if for_user is not None and groups is None and self._people is not None:
            person = self._people(for_user)
            groups = list(person.groups) if person else []
        with self.database.read() as reader:
            records = reader.tasks(
                case_id=case_id, for_user=for_user, groups=groups, assignee=assignee, unassigned=unassigned,
                name=name, key=key, due_before=due_before, held=held, q=q, order=order, limit=limit, after=after,
            )  # fmt: skip
            definitions = {
                record.case_id: case.definition_id
                for record in records
                if (case := reader.case(record.case_id)) is not None
            }
        return [projection.task(record, definitions.get(record.case_id, "")) for record in records]

    def task(self, task_id: str) -> Task:
        """One open task, with the schema of its deployed form. Raises NotFound, or Conflict where it is past."""
        with self.database.read() as reader:
            record = reader.task(task_id)
            case = reader.case(record.case_id) if record else None
        if record is None or case is None:
            self._explain_missing(task_id)
            raise NotFound(f"There is no task “{task_id}”.")
        found = projection.task(record, case.definition_id)
        return replace(found, form=self._with_schema(found.form, found.definition_id))

    def _with_schema(self, form: Form | None, definition_id: str) -> Form | None:
        """A form that was deployed, with its schema; an embedder's own form stays a key."""
        if form is None or form.kind != "key" or form.key is None:
            return form
        schema = self.library.form_schema(form.key, definition_id, form.binding)
        return form if schema is None else Form("form-js", key=form.key, schema=schema)

    def _explain_missing(self, task_id: str) -> None:
        with self.door.reading(case_of(task_id)) as hot:
            case = self.door.look(hot)
        case.occurrence(task_id)

    def drafts(self, task_id: str) -> dict[str, Data]:
        """What each person has typed into a task so far, by person."""
        with self.database.read() as reader:
            found = reader.drafts(case_of(task_id))
        return {draft.person: decode(draft.payload) for draft in found if draft.occurrence_id == task_id}

    def notices(self, person: str) -> list[Notice]:
        """What a person is told about work that was taken away from them or came back, newest first; at most 50."""
        return notices.of(self.database, person)

    def dismiss_notice(self, notice_id: str, *, by: str | None = None) -> None:
        """Puts a notice away. Raises NotFound, and NotAllowed where `by` is not whom it is for."""
        notices.dismiss(self.database, notice_id, by)

    def history(self, case_id: str) -> list[Entry]:
        """The journal, oldest first. Superseded facts stay in it, marked as no longer effective."""
        hot = self.door.fresh(case_id)
        with self.database.read() as reader:
            rows = [row(entry) for entry in reader.entries(case_id)]
        return history.entries(case_id, rows, hot.instance.model, self.library.model)

    def effects(self, case_id: str) -> list[LedgerEntry]:
        """What has left the house, oldest first, and what became of it."""
        hot = self.door.fresh(case_id)
        with self.database.read() as reader:
            rows = [row(entry) for entry in reader.entries(case_id)]
        return ledger.entries(case_id, rows, hot.instance.model, self.library.model)

    def tray(self, case_id: str) -> list[TrayEntry]:
        """Messages that reached the case, or were for it, and that nothing has taken: oldest first."""
        return tray.of(self.look(case_id))

    def look(self, case_id: str, *, by: str | None = None) -> LiveCase:
        """The live case, to ask what a person may do; it must not be changed."""
        person = self._person(by)
        with self.door.reading(case_id) as hot:
            return self.door.look(hot, person, enforced=self._people is not None and by is not None)

    def startable(self, case_id: str, *, by: str | None = None) -> list[AdHocSubProcess]:
        """The open ad-hoc sub-processes of a case, with the activities that this person may start in them now."""
        return startable(self.look(case_id, by=by))

    # -- work to be inserted again ---------------------------------------------------------------------

    def stores(self) -> list[DataStore]:
        """The data stores that something was written to, by name."""
        return stores.all_of(self.database)

    def store(self, name: str) -> DataStore:
        """One data store. Raises NotFound where nothing was written to it yet."""
        return stores.one(self.database, name)

    def write_store(self, name: str, value: Any) -> DataStore:
        """Puts a value into a data store, from outside all cases; what was in it is gone."""
        return stores.write(self.database, name, value, self.clock())

    def templates(self) -> list[Template]:
        """Work that was saved, by name: what `Insert(template=…)` and `Plan(template=…)` take."""
        return templates.all_of(self.database)

    def save_template(
        self,
        name: str,
        tasks: Sequence[Any] = (),
        *,
        rule: str | int = "all",
        case_id: str | None = None,
        plan_id: str | None = None,
        by: str | None = None,
    ) -> Template:
        """Saves work under a name, in place of what it stood for.

        Either `tasks` (`Insert` commands without a place, or mappings with their keywords) and how many of them are
        needed, or a plan of a case. Dates of a plan are saved as the time from its beginning.
        """
        person, at = self._person(by), self.clock()
        if (case_id is None) != (plan_id is None) or (case_id is not None and tasks):
            raise Invalid("A template is saved from tasks, or from the plan of a case: case_id and plan_id.")
        if case_id is not None and plan_id is not None:
            kept = templates.of_plan(self.look(case_id), plan_id)
        else:
            kept = templates.of_tasks(tasks, rule, at)
        return templates.save(self.database, name, kept, at, person.id if person else None)

    def drop_template(self, name: str) -> None:
        """The name stands for nothing any more; what was inserted from it stays. Raises NotFound."""
        templates.drop(self.database, name)

    # -- from outside ------------------------------------------------------------------------------

    def message(
        self,
        name: str,
        *,
        case_id: str | None = None,
        business_key: str | None = None,
        correlation: Any = None,
        data: Data | None = None,
        message_id: str | None = None,
    ) -> list[str]:
        """Gives a message to whom it fits; the ids of the cases that took it or were started by it.

        `correlation` is the value of the waiting event's correlation key, or a mapping of variables that must be
        equal. Nobody waits yet: it is kept. The same `message_id` twice is one message.
        """
        return self._post.message(
            name,
            case_id=case_id,
            business_key=business_key,
            correlation=correlation,
            data=data,
            message_id=message_id,
        )

    def signal(self, name: str, data: Data | None = None) -> list[str]:
        """Broadcasts a signal; the ids of the cases that took it or were started by it."""
        return self._post.signal(name, data)

    def conditions(self, data: Data, *, business_key: str | None = None, by: str | None = None) -> list[str]:
        """Starts a case at each conditional start event, newest versions only, whose condition holds with `data`.

        The ids of the cases. Conditions that start processes are looked at here, and nowhere else.
        """
        person, key = self._person(by), _text(business_key, "The business key")
        variables, begun = checked(dict(data), "The data"), []
        for definition, opening, label in self._conditional(variables):
            done = self.door.start(
                definition, variables, person=person, at=self.clock(), business_key=key, request_id=None,
                entrance=opening[0], part=opening[1], outcome={"event": label},
            )  # fmt: skip
            self._follow_up(done)
            begun.append(done.hot.record.id)
        return begun

    def _conditional(self, data: Data) -> list[tuple[DefinitionRecord, tuple[str, str], str]]:
        with self.database.read() as reader:
            newest = reader.latest_definitions()
        return [
            (definition, (entrance, part), catcher.label)
            for definition in newest
            if any(start["kind"] == "conditional" for start in starts(definition))
            for entrance, part, catcher in self.door.conditions_met(definition, data, self.clock())
        ]

    # -- time --------------------------------------------------------------------------------------

    def run_due(self, now: datetime | None = None) -> int:
        """Does all that is due, timers and services of this process to be tried again; how many there were."""
        at = now or self.clock()
        count = 0
        tried: set[tuple[str, datetime]] = set()
        for _ in range(1000):
            jobs = [job for job in self._due(at) if (job.id, job.due_at) not in tried]
            if not jobs:
                return count
            tried.update((job.id, job.due_at) for job in jobs)
            count += sum(self._ran(job, at) for job in jobs)
        return count

    def _due(self, at: datetime) -> list[JobRecord]:
        kinds = [projection.TIMER, projection.START_TIMER, projection.POST]
        with self.database.read() as reader:
            due = reader.due_jobs(at, DUE_AT_ONCE, kinds)
            services = reader.due_jobs(at, DUE_AT_ONCE, [projection.SERVICE])
        return due + [job for job in services if job.topic in self._services.topics]

    def _ran(self, job: JobRecord, at: datetime) -> bool:
        """Whether it was done. One that cannot be done now rests a while, for it must not stand before the others."""
        try:
            return self._run_job(job, at)
        except (Conflict, NotFound):
            return False
        except CaseloomError:
            log.exception("“%s” of %s cannot be done now", job.element_id, job.case_id or job.definition_id)
        with self.database.begin() as transaction:
            transaction.lock_job(job.id, IN_PROCESS, at + LOCK, at)
        return False

    def _run_job(self, job: JobRecord, at: datetime) -> bool:
        if job.kind == projection.START_TIMER:
            return self._start_by_timer(job, at)
        if job.kind == projection.POST:
            return self._post.deliver(job)
        if job.kind == projection.SERVICE:
            done = self._services.run_due(job)
        else:
            done = self._fire(job, at)
        if done is not None:
            self._follow_up(done)
        return done is not None

    def _fire(self, job: JobRecord, at: datetime) -> Done:
        assert job.case_id and job.occurrence_id
        command = FireTimer(job.occurrence_id, job.element_id)
        return self.door.carry_out(job.case_id, command, person=None, enforced=False, at=at)

    def next_due(self) -> datetime | None:
        """When `run_due` will next have something to do; None when nothing waits for its time."""
        with self.database.read() as reader:
            moments = [reader.next_due([projection.TIMER, projection.START_TIMER, projection.POST])]
            if self._services.topics:
                moments.append(reader.next_due([projection.SERVICE]))
        return min((moment for moment in moments if moment is not None), default=None)

    def _arm_start_timers(self, definitions: Sequence[Definition]) -> None:
        """The newest version of each process is the one that its timers start."""
        at = self.clock()
        for definition in definitions:
            with self.database.begin() as transaction:
                if transaction.latest_definition(definition.key) != transaction.definition(definition.id):
                    continue
                newest = transaction.definition(definition.id)
                before = transaction.definition_version(definition.key, definition.version - 1)
                if before is not None:  # older ones were disarmed when it came
                    known = transaction.jobs(definition_id=before.id)
                    transaction.delete_jobs(None, [job.id for job in known])
                if newest is not None and not transaction.jobs(definition_id=newest.id):
                    transaction.insert_jobs(_start_jobs(newest, at))

    def _start_by_timer(self, job: JobRecord, at: datetime) -> bool:
        with self.database.read() as reader:
            current = reader.job(job.id)
            definition = reader.definition(job.definition_id or "")
        if current is None or definition is None:
            return False
        following = times.following(decode(job.payload).get("rest"), job.due_at, at, element=job.element_id)
        try:
            # The start is a request with a name: whoever comes second, or comes back after a crash, starts nothing.
            done = self.door.start(
                definition, {}, person=None, at=self.clock(), business_key=None, request_id=f"timer:{job.id}",
                entrance=_entrance(definition, job.element_id), part=job.element_id,
                outcome={"event": job.element_id},
            )  # fmt: skip
        except RepeatedRequest:
            self._wind(job, following)
            return False
        self._wind(job, following)
        self._follow_up(done)
        return True

    def _wind(self, job: JobRecord, following: times.Due | None) -> None:
        """The timer of a start is set to its next time, if it has one and nobody was quicker."""
        with self.database.begin() as transaction:
            if transaction.job(job.id) is None:
                return
            transaction.delete_jobs(None, [job.id])
            if following is not None:
                transaction.insert_jobs([_start_job(job.definition_id or "", job.element_id, following)])

    # -- services ----------------------------------------------------------------------------------

    def service(self, topic: str) -> Callable[[Service], Service]:
        """Registers a function for a topic: `f(job) -> mapping or None`, run in this process.

        It may raise `BpmnError`; any other exception is tried again and then becomes an incident.
        """
        return self._services.register(topic)

    def listener(self, name: str) -> Callable[[Handler], Handler]:
        """Registers a function for the listeners of that name: `f(occasion) -> mapping or None`.

        It is called while a command is decided, and may be called again where two commands collide
        (`occasion.idempotency_key` is the same then). What it raises refuses the command, or is an incident.
        """
        return self.door.handlers.register(name)

    def fetch_and_lock(
        self, topic: str, worker: str, *, max_jobs: int = 1, lock_seconds: float = 30
    ) -> list[Job]:
        """Up to `max_jobs` jobs for an external worker, each locked for `lock_seconds`."""
        return self._services.fetch_and_lock(topic, worker, max_jobs=max_jobs, lock_seconds=lock_seconds)

    def complete_job(self, job_id: str, worker: str, data: Data | None = None) -> Case:
        return self._case_after(self._services.complete(job_id, worker, data))

    def fail_job(
        self, job_id: str, worker: str, message: str, retries: int = 0, retry_seconds: float = 60
    ) -> None:
        """`retries` is how often it is to be tried again; 0 raises an incident."""
        done = self._services.fail(job_id, worker, message, retries, retry_seconds)
        if done is not None:
            self._follow_up(done)

    def job_error(
        self, job_id: str, worker: str, code: str, message: str = "", data: Data | None = None
    ) -> Case:
        """Throws a BPMN error where the job stands."""
        return self._case_after(self._services.error(job_id, worker, code, message, data))

    def extend_lock(self, job_id: str, worker: str, seconds: float) -> None:
        """The lock runs out `seconds` from now."""
        self._services.extend(job_id, worker, seconds)

    # -- expressions -------------------------------------------------------------------------------

    def evaluate(self, expression: str, data: Data | None = None) -> Any:
        """The value of a FEEL expression, or of a `${…}` one. Raises ExpressionError."""
        variables = checked(dict(data or {}), "The data")
        text = expression.strip()
        if text.startswith(("${", "#{", "=")):
            compiled = compile_place(text, bare="feel")
        else:
            compiled = compile_feel(text, names=variables.keys())
        return compiled.evaluate(variables, Environment(now=self.clock()))

    def decide(self, decision: str, data: Data | None = None) -> Any:
        """The result of a deployed decision, decision service or business knowledge model. Raises NotFound."""
        variables = checked(dict(data or {}), "The data")
        model, record = self.library.rules.find(decision)
        return model.decide(record.key, variables, Environment(now=self.clock())).value

    # -- inside ------------------------------------------------------------------------------------

    def _person(self, by: str | None) -> Person | None:
        if by is None:
            return None
        if self._people is None:
            return Person(_text(by, "The person") or "")
        person = self._people(by)
        if person is None:
            raise NotAllowed(f"Nobody is known as “{by}”.")
        return person

    def _person_id(self, by: str | None) -> str | None:
        person = self._person(by)
        return person.id if person else None

    def _enforced(self, command: Command, by: str | None) -> bool:
        return self._people is not None and by is not None

    def _again(self, request_id: str | None) -> str | None:
        """The case of a request that was carried out already."""
        if request_id is None:
            return None
        with self.database.read() as reader:
            found = reader.request(_text(request_id, "The request id") or "")
        return found[0] if found else None

    def _carry(self, case_id: str, command: Command, at: datetime, *, also: Also | None = None) -> Done:
        return self.door.carry_out(case_id, command, person=None, enforced=False, at=at, also=also)

    def _carry_on(self, case_id: str, command: Command, at: datetime, *, also: Also | None = None) -> Done:
        done = self._carry(case_id, command, at, also=also)
        self._follow_up(done)
        return done

    def _begin(
        self,
        definition: DefinitionRecord,
        data: Data,
        *,
        entrance: str,
        part: str | None,
        business_key: str | None,
        outcome: Data,
        also: Also | None = None,
    ) -> Done:
        done = self.door.start(
            definition, data, person=None, at=self.clock(), business_key=business_key, request_id=None,
            entrance=entrance, part=part, outcome=outcome, also=also,
        )  # fmt: skip
        self._follow_up(done)
        return done

    def _follow_up(self, done: Done) -> None:
        """After a commit: services of this process, early messages, thrown signals."""
        self._notice(done)
        self._services.run_now(done.topics, self._notice)

    def _notice(self, done: Done) -> None:
        if done.look is not None:
            self._post.deliver(done.look)
        elif done.waits:
            self._post.look_for_kept(done.hot.record.id)
        if done.signals or done.posts:
            self._send(done)

    def _send(self, done: Done) -> None:
        sender = done.hot.record.id
        with self._passing_on(sender) as able:
            for signal in done.signals if able else ():
                self._post.signal(signal.name, signal.data, origin=sender)
            for job in done.posts:
                if able:
                    self._post.deliver(job)
                else:
                    self._post.give_up(job)

    @contextmanager
    def _passing_on(self, sender: str) -> Iterator[bool]:
        """What goes to other cases may make them send in their turn: not for ever, though."""
        depth = getattr(self._sending, "depth", 0)
        if depth >= MAX_ECHOES:
            log.error("What case %s sends goes no further: it has been passed on %d times", sender, depth)
        self._sending.depth = depth + 1
        try:
            yield depth < MAX_ECHOES
        finally:
            self._sending.depth = depth

    def _case_after(self, done: Done) -> Case:
        if not (done.topics or done.waits or done.signals or done.posts):
            return self._case(done.hot)
        self._follow_up(done)
        return self.case(done.hot.record.id)

    def _case(self, hot: Hot) -> Case:
        record, rows = hot.record, hot.tasks.values()
        return Case(
            record.id,
            record.key,
            record.version,
            record.definition_id,
            record.business_key,
            Status(record.status),
            record.revision,
            record.created_at,
            record.ended_at,
            [_incident(one) for one in projection.incidents(record, hot.instance.troubles.values())],
            values=dict(hot.instance.file.maps[0]),
            data_states=dict(hot.instance.root.states),
            read_tasks=lambda: [projection.task(row, record.definition_id) for row in rows if not row.held],
            read_occurrences=lambda: self._occurrences(record),
        )

    def _occurrences(self, record: CaseRecord) -> list[Occurrence]:
        """As of the case's revision: a case that has moved on is rebuilt from the rows up to it."""
        with self.database.read() as reader:
            rows = [row(entry) for entry in reader.entries(record.id) if entry.seq <= record.revision]
        gone = fact_rules.superseded(fact for line in rows for fact in line.facts)
        instance = replay(self.library.model(record.definition_id), self.library.model, rows, gone)
        return history.occurrences(record.id, rows, instance)


def _incident(record: IncidentRecord) -> Incident:
    return Incident(
        record.id, record.occurrence_id, record.element_id or None, record.message, record.at, record.kind
    )


def _entrance(definition: DefinitionRecord, part: str) -> str:
    """What is entered when the timer of that name is due."""
    return next((str(one["element"]) for one in starts(definition) if one.get("part") == part), part)


def _start_jobs(definition: DefinitionRecord, at: datetime) -> list[JobRecord]:
    found = []
    for start in starts(definition):
        if start["kind"] == "timer" and start["when"] and start["timer"]:
            value = compile_place(start["when"], bare="text").evaluate({}, Environment(now=at))
            part = start.get("part", start["element"])
            due = times.due(start["timer"], value, at, element=start["element"])
            found.append(_start_job(definition.id, part, due))
    return found


def _start_job(definition_id: str, element: str, due: times.Due) -> JobRecord:
    return JobRecord(
        f"{definition_id}.{element}.{int(due.at.timestamp())}",
        definition_id=definition_id,
        kind=projection.START_TIMER,
        element_id=element,
        due_at=due.at,
        payload=encode({"rest": due.rest}),
    )


def _filter(where: str | Data | None) -> Callable[[Data], bool]:
    if where is None:
        return lambda data: True
    if isinstance(where, Mapping):
        wanted = dict(where)
        return lambda data: all(name in data and data[name] == value for name, value in wanted.items())
    condition = compile_feel(where)
    return lambda data: condition.evaluate(data, Environment(now=now())) is True


def _text(value: str | None, what: str) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise Invalid(f"{what} is text.")
    return str(checked(value, what))
