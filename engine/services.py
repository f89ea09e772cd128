"""Work that machines do: functions registered in this process, and workers outside that fetch and lock jobs.

A job is tried until its retries run out; then the case gets an incident. What a service did is recorded in the
journal, so it is never done again by a replay.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from caseloom.engine import times
from caseloom.engine.commands import Command, CompleteJob, FailJob, ThrowError, guard_open
from caseloom.engine.committing import Done
from caseloom.engine.door import Door
from caseloom.engine.errors import CaseloomError, Conflict, ExpressionError, Invalid, NotFound
from caseloom.engine.flow import error_mappings
from caseloom.engine.flow.tokens import Token
from caseloom.engine.ids import case_of, started
from caseloom.engine.ledger import idempotency_key
from caseloom.engine.results import BpmnError, Job
from caseloom.storage.database import Database
from caseloom.storage.payload import checked, decode, legible
from caseloom.storage.records import JobRecord

log = logging.getLogger("caseloom.services")

Service = Callable[[Job], Mapping[str, Any] | None]
IN_PROCESS = "in-process"
LOCK = timedelta(minutes=5)
MAX_CHAIN = 1000


class Carry(Protocol):
    def __call__(self, case_id: str, command: Command, at: datetime) -> Done: ...


def backoff(attempt: int) -> timedelta:
    """How long to wait before the next try: 10 s, 40 s, 90 s, …"""
    return timedelta(seconds=10 * attempt * attempt)


def _wait(record: JobRecord, at: datetime) -> timedelta | None:
    """What the diagram says about the time between two tries, if anything."""
    wait = decode(record.payload).get("wait")
    return times.due("duration", wait, at, element=record.element_id).at - at if wait else None


class Services:
    def __init__(self, database: Database, door: Door, clock: Callable[[], datetime], carry: Carry) -> None:
        self._database = database
        self._door = door
        self._clock = clock
        self._carry = carry
        self._functions: dict[str, Service] = {}

    # -- in this process ---------------------------------------------------------------------------

    def register(self, topic: str) -> Callable[[Service], Service]:
        if not topic or not isinstance(topic, str):
            raise Invalid("A service is registered under a topic, which is text.")

        def registered(function: Service) -> Service:
            self._functions[topic] = function
            return function

        return registered

    @property
    def topics(self) -> frozenset[str]:
        return frozenset(self._functions)

    def run_now(self, due: Sequence[tuple[str, str]], follow_up: Callable[[Done], None]) -> None:
        """Runs each service that became due once, and what becomes due because of it, outside any transaction."""
        waiting = list(due)
        for _ in range(MAX_CHAIN):
            if not waiting:
                return
            job_id, topic = waiting.pop(0)
            done = self._run_one(job_id) if topic in self._functions else None
            if done is not None:
                follow_up(done)
                waiting.extend(done.topics)

    def run_due(self, job: JobRecord) -> Done | None:
        """A job whose time has come again; None where another process was quicker."""
        return self._run_one(job.id)

    def _run_one(self, job_id: str) -> Done | None:
        at = self._clock()
        with self._database.begin() as transaction:
            record = transaction.lock_job(job_id, IN_PROCESS, at + LOCK, at)
        if record is None or record.topic is None:
            return None
        try:
            job = self._job(record)
        except Conflict:
            return None
        try:
            result = self._functions[record.topic](job)
        except BpmnError as error:
            return self._settle(record, ThrowError(job.occurrence_id, error.code, error.message, error.data))
        except Exception as problem:  # whatever a service raises is that service's failure, not ours
            log.warning("The service “%s” failed in case %s", record.topic, job.case_id, exc_info=True)
            return self._failed(
                record, f"{type(problem).__name__}: {problem}", record.retries - 1, _wait(record, at)
            )
        return self._settle(record, CompleteJob(job.occurrence_id, IN_PROCESS, dict(result or {})))

    def _settle(self, record: JobRecord, command: Command) -> Done | None:
        assert record.case_id is not None
        try:
            return self._carry(record.case_id, command, self._clock())
        except (Conflict, NotFound) as late:
            log.info("A late answer of “%s” was not needed: %s", record.topic, late)
            return None
        except Invalid as wrong:
            return self._failed(record, str(wrong), record.retries - 1, _wait(record, self._clock()))

    def _failed(self, record: JobRecord, message: str, retries: int, wait: timedelta | None) -> Done | None:
        at = self._clock()
        assert record.case_id is not None and record.occurrence_id is not None
        text = legible(message)
        if (code := self._mapped(record, text, retries)) is not None:
            return self._settle(record, ThrowError(record.occurrence_id, code, text, {}))
        if retries <= 0:
            command = FailJob(record.occurrence_id, f"The service “{record.topic}” failed: {text}")
            try:
                return self._carry(record.case_id, command, at)
            except (Conflict, NotFound):
                return None
        later = replace(
            record, retries=retries, due_at=at + (backoff(record.attempt) if wait is None else wait),
            locked_by=None, lock_until=None, error=text,
        )  # fmt: skip
        with self._database.begin() as transaction:
            try:
                transaction.update_job(later)
            except Conflict:
                return None
        return None

    def _mapped(self, record: JobRecord, message: str, retries: int) -> str | None:
        """The BPMN error that the diagram makes of a failure, if any; a mapping that fails makes none."""
        assert record.case_id is not None and record.occurrence_id is not None
        number = started(record.occurrence_id, record.case_id)
        told = {
            "errorMessage": message,
            "errorDetails": message,
            "retries": retries,
            "workerId": record.locked_by,
        }
        with self._door.reading(record.case_id) as hot:
            token = hot.instance.by_start.get(number or 0)
            if not isinstance(token, Token) or not token.node.error_mappings:
                return None
            try:
                return error_mappings.thrown(token, {}, told, self._clock())
            except ExpressionError as wrong:
                log.warning("An error mapping of “%s” cannot be computed: %s", token.name, wrong)
                return None

    def _job(self, record: JobRecord) -> Job:
        """The job as a service sees it. Raises Conflict where the case has moved on."""
        assert record.case_id is not None and record.occurrence_id is not None and record.topic is not None
        number = started(record.occurrence_id, record.case_id)
        with self._door.reading(record.case_id) as hot:
            token = hot.instance.by_start.get(number or 0)
            if not isinstance(token, Token):
                raise Conflict("The work was taken back meanwhile.")
            return Job(
                record.id,
                record.topic,
                record.case_id,
                record.occurrence_id,
                checked(token.vars.flat(), "The case file"),
                idempotency_key(record.case_id, token.node.name, token.occurrence or ""),
                record.attempt,
                token.node.name,
                hot.record.business_key,
                dict(token.node.headers),
            )

    # -- workers outside ---------------------------------------------------------------------------

    def fetch_and_lock(
        self, topic: str, worker: str, *, max_jobs: int = 1, lock_seconds: float = 30
    ) -> list[Job]:
        """Jobs for a worker, who has `lock_seconds` for them before they go to the next one."""
        if max_jobs < 1 or lock_seconds <= 0:
            raise Invalid("Ask for at least one job, and lock it for more than 0 seconds.")
        at = self._clock()
        with self._database.begin() as transaction:
            records = transaction.lock_jobs(topic, worker, at + timedelta(seconds=lock_seconds), max_jobs, at)
        jobs = []
        for record in records:
            try:
                jobs.append(self._job(record))
            except CaseloomError:
                log.warning("Job %s cannot be given out", record.id, exc_info=True)
        return jobs

    def held_by(self, job_id: str, worker: str) -> JobRecord:
        """The job, if this worker holds it now. Raises NotFound or Conflict."""
        at = self._clock()
        with self._database.read() as reader:
            record = reader.job(job_id)
        if record is None:
            self._explain_missing(job_id)
            raise NotFound(f"There is no job “{job_id}”.")
        if record.locked_by != worker:
            other = f"{record.locked_by} has it now" if record.locked_by else "fetch it again"
            raise Conflict(f"Job “{job_id}” is not locked by {worker}: {other}.")
        if record.lock_until is not None and record.lock_until <= at:
            raise Conflict(f"The lock of {worker} on job “{job_id}” ran out.")
        return record

    def _explain_missing(self, job_id: str) -> None:
        """Late answers: the work was done by somebody else, taken back or held. Raises Conflict then."""
        with self._door.reading(case_of(job_id)) as hot:
            case = self._door.look(hot)
        guard_open(case.occurrence(job_id))

    def complete(self, job_id: str, worker: str, data: Mapping[str, Any] | None) -> Done:
        record = self.held_by(job_id, worker)
        assert record.case_id and record.occurrence_id
        return self._carry(
            record.case_id, CompleteJob(record.occurrence_id, worker, dict(data or {})), self._clock()
        )

    def error(
        self, job_id: str, worker: str, code: str, message: str, data: Mapping[str, Any] | None
    ) -> Done:
        record = self.held_by(job_id, worker)
        assert record.case_id and record.occurrence_id
        command = ThrowError(record.occurrence_id, code, message, dict(data or {}))
        return self._carry(record.case_id, command, self._clock())

    def fail(self, job_id: str, worker: str, message: str, retries: int, retry_seconds: float) -> Done | None:
        record = self.held_by(job_id, worker)
        return self._failed(record, message, retries, timedelta(seconds=retry_seconds))

    def extend(self, job_id: str, worker: str, seconds: float) -> None:
        record = self.held_by(job_id, worker)
        until = self._clock() + timedelta(seconds=seconds)
        with self._database.begin() as transaction:
            transaction.update_job(replace(record, lock_until=until))
