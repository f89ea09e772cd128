"""Work for programs outside: fetch and lock jobs, then complete or fail them, or ask for more time.

A job whose lock ran out goes to the next worker; the late answer gets a conflict.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import Any

from caseloom.engine.errors import Invalid
from caseloom.engine.results import Case, Job
from caseloom.web.api.operations import MOST, Operations, Repeat, json_body
from caseloom.web.context import the_engine

jobs = Operations()

LONGEST_LOCK = 86_400.0
MOST_RETRIES = 1000


@dataclass(frozen=True, slots=True)
class Fetch:
    """Up to `max_jobs` jobs of a topic, for `lock_seconds`."""

    topic: str
    worker: str
    _: KW_ONLY
    max_jobs: int = 1
    lock_seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class Result:
    worker: str
    _: KW_ONLY
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Failure:
    """`retries` is how often it is to be tried again; 0 raises an incident."""

    worker: str
    message: str
    _: KW_ONLY
    retries: int = 0
    retry_seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class Error:
    """A BPMN error where the job stands."""

    worker: str
    code: str
    _: KW_ONLY
    message: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Extension:
    """The lock runs out `seconds` from now."""

    worker: str
    seconds: float


@jobs.post("/jobs/fetch-and-lock", body=json_body(Fetch), gives=list[Job], repeat=Repeat.REFUSED)
def fetch_and_lock(wanted: Fetch) -> list[Job]:
    """Jobs for a worker, longest due first; none where nothing waits."""
    if not 1 <= wanted.max_jobs <= MOST:
        raise Invalid(f"“max_jobs” lies between 1 and {MOST}.")
    return the_engine().fetch_and_lock(
        wanted.topic,
        wanted.worker,
        max_jobs=wanted.max_jobs,
        lock_seconds=_seconds(wanted.lock_seconds, "lock_seconds"),
    )


@jobs.post("/jobs/{job_id}/complete", body=json_body(Result), gives=Case)
def complete(job_id: str, wanted: Result) -> Case:
    """The work is done."""
    return the_engine().complete_job(job_id, wanted.worker, wanted.data)


@jobs.post("/jobs/{job_id}/fail", body=json_body(Failure))
def fail(job_id: str, wanted: Failure) -> None:
    """The work could not be done."""
    if not 0 <= wanted.retries <= MOST_RETRIES:
        raise Invalid(f"“retries” lies between 0 and {MOST_RETRIES}.")
    seconds = _seconds(wanted.retry_seconds, "retry_seconds") if wanted.retries else 0.0
    the_engine().fail_job(job_id, wanted.worker, wanted.message, wanted.retries, seconds)


@jobs.post("/jobs/{job_id}/error", body=json_body(Error), gives=Case)
def error(job_id: str, wanted: Error) -> Case:
    """Throws a BPMN error where the job stands."""
    return the_engine().job_error(job_id, wanted.worker, wanted.code, wanted.message, wanted.data)


@jobs.post("/jobs/{job_id}/extend", body=json_body(Extension))
def extend(job_id: str, wanted: Extension) -> None:
    """More time for the work."""
    the_engine().extend_lock(job_id, wanted.worker, _seconds(wanted.seconds, "seconds"))


def _seconds(seconds: float, name: str) -> float:
    if not 0 <= seconds <= LONGEST_LOCK:
        raise Invalid(f"“{name}” lies between 0 and {LONGEST_LOCK:.0f}.")
    return seconds
