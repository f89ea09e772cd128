"""What the storage takes and gives: one frozen record for each kind of row.

Ids are opaque strings of the caller's making. Times are aware and UTC, exact to the microsecond. A `payload`
(or `data`) is text that `payload.encode` wrote; the storage never looks inside, it only keeps a checksum of
it.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class DeploymentRecord:
    id: str
    _: KW_ONLY
    created_at: datetime
    by: str | None = None


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A file as it was uploaded. `sha256` is that of `data`, in hex; it is checked when the file is read."""

    deployment_id: str
    name: str
    _: KW_ONLY
    kind: str
    data: bytes
    sha256: str


@dataclass(frozen=True, slots=True)
class DefinitionRecord:
    """`payload`: what starts it besides a call (messages, signals, timers), as the engine likes it."""

    id: str
    _: KW_ONLY
    key: str
    version: int
    name: str | None
    deployment_id: str
    file_name: str
    element_id: str
    created_at: datetime
    payload: str = "{}"


@dataclass(frozen=True, slots=True)
class DecisionRecord:
    id: str
    _: KW_ONLY
    key: str
    version: int
    name: str | None
    deployment_id: str
    file_name: str


@dataclass(frozen=True, slots=True)
class FormRecord:
    id: str
    _: KW_ONLY
    key: str
    version: int
    deployment_id: str
    file_name: str


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """`data` is the case file, encoded. `updated_at` is the time of the last command."""

    id: str
    _: KW_ONLY
    definition_id: str
    key: str
    version: int
    business_key: str | None = None
    status: str = "running"
    revision: int
    data: str
    created_at: datetime
    created_by: str | None = None
    updated_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class EntryRecord:
    """One row of the journal: a command and, in `payload`, its facts. `seq` counts from 1 in each case."""

    case_id: str
    seq: int
    _: KW_ONLY
    at: datetime
    by: str | None
    command: str
    reason: str | None = None
    change_id: str | None = None
    request_id: str | None = None
    payload: str


@dataclass(frozen=True, slots=True)
class SnapshotRecord:
    """The working state of a case after `revision`."""

    case_id: str
    revision: int
    _: KW_ONLY
    payload: str


@dataclass(frozen=True, slots=True)
class TaskRecord:
    """An open task. `payload` carries what no query asks for: form, item, goal, earlier answers.

    `description` is searched like the name. `held`: behind a gate, not listed unless asked for.
    """

    id: str
    _: KW_ONLY
    case_id: str
    key: str
    business_key: str | None = None
    name: str
    description: str | None = None
    element_id: str | None = None
    occurrence_id: str
    kind: str = "diagram"
    assignee: str | None = None
    candidate_users: tuple[str, ...] = ()
    candidate_groups: tuple[str, ...] = ()
    priority: int = 50
    due_at: datetime | None = None
    follow_up_at: datetime | None = None
    created_at: datetime
    held: bool = False
    payload: str = "{}"


@dataclass(frozen=True, slots=True)
class JobRecord:
    """Work of the machine. `retries`: tries that are left; at 0 it waits for a person and is never due.

    `attempt` goes up with every lock, so that the answer to an older lock can be told from the current one.
    A timer that starts cases has a `definition_id` and no `case_id`.
    """

    id: str
    _: KW_ONLY
    case_id: str | None = None
    definition_id: str | None = None
    kind: str
    topic: str | None = None
    element_id: str
    occurrence_id: str | None = None
    due_at: datetime
    retries: int = 1
    attempt: int = 0
    locked_by: str | None = None
    lock_until: datetime | None = None
    error: str | None = None
    payload: str = "{}"


@dataclass(frozen=True, slots=True)
class SubscriptionRecord:
    """A case waits for a message or a signal. `correlation` is the encoded key, where there is one."""

    id: str
    _: KW_ONLY
    case_id: str
    kind: str
    name: str
    correlation: str | None = None
    element_id: str
    occurrence_id: str | None = None


@dataclass(frozen=True, slots=True)
class MessageRecord:
    """A message that came before anybody waited for it."""

    id: str
    _: KW_ONLY
    name: str
    case_id: str | None = None
    business_key: str | None = None
    correlation: str | None = None
    payload: str
    at: datetime


@dataclass(frozen=True, slots=True)
class DraftRecord:
    """What one person has typed so far; never process data."""

    case_id: str
    occurrence_id: str
    person: str
    _: KW_ONLY
    payload: str
    at: datetime


@dataclass(frozen=True, slots=True)
class IncidentRecord:
    """Work that failed and waits for a person. What cannot be stored of the message is replaced."""

    id: str
    _: KW_ONLY
    case_id: str
    element_id: str
    occurrence_id: str | None = None
    job_id: str | None = None
    kind: str
    message: str
    at: datetime


@dataclass(frozen=True, slots=True)
class UserRecord:
    id: str
    _: KW_ONLY
    name: str
    password_hash: str | None = None
    groups: tuple[str, ...] = ()
    is_admin: bool = False


@dataclass(frozen=True, slots=True)
class TokenRecord:
    """A key to the HTTP interface; only its hash is kept."""

    token_hash: str
    _: KW_ONLY
    user_id: str
    name: str
    created_at: datetime
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TemplateRecord:
    """Work that was saved under a name, to be inserted again; `payload` says what."""

    name: str
    _: KW_ONLY
    created_at: datetime
    by: str | None = None
    payload: str


@dataclass(frozen=True, slots=True)
class StoreRecord:
    """The value of a data store, one revision up with each write; `case_id` is the case that wrote it last."""

    name: str
    _: KW_ONLY
    revision: int
    updated_at: datetime
    case_id: str | None = None
    payload: str


@dataclass(frozen=True, slots=True)
class NoticeRecord:
    """What one person is told about their work in a case; `payload` says what, and why."""

    id: str
    _: KW_ONLY
    person: str
    case_id: str
    at: datetime
    payload: str


@dataclass(frozen=True, slots=True)
class Counts:
    """Badges of an inbox: assigned to me, offered to me, and how many of both are overdue."""

    mine: int
    offered: int
    overdue: int


@dataclass(frozen=True, slots=True)
class Damage:
    """One finding of `Reader.integrity`; `seq` is the journal row, where it is one."""

    case_id: str | None
    seq: int | None
    what: str
