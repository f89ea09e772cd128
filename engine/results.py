"""What the engine answers with: frozen values, safe to keep after the case has moved on.

Ids are opaque strings. Times are aware datetimes in UTC. Nothing here reads a database,
except that a `Case` fetches its occurrences when asked, as of its own revision.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from caseloom.engine.errors import Finding

Json = Any
Data = Mapping[str, Any]


class Status(StrEnum):
    RUNNING = "running"
    SUSPENDED = "suspended"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class State(StrEnum):
    """Where an occurrence stands."""

    ACTIVE = "active"
    HELD = "held"
    COMPLETED = "completed"
    SKIPPED = "skipped"
    WITHDRAWN = "withdrawn"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who acts; `groups` are the names that candidate groups refer to."""

    id: str
    groups: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Definition:
    """One executable process of a deployed diagram, or a global task; versions count from 1 per key.

    `soundness` is `sound` where no run can get stuck, `unsound` where one can, else `unknown`.
    """

    id: str
    key: str
    version: int
    name: str
    deployment_id: str
    file: str
    global_task: bool = False
    soundness: str = "unknown"


@dataclass(frozen=True, slots=True)
class Deployment:
    """What one `deploy` stored: process definitions, decisions by id, and the warnings."""

    id: str
    at: datetime
    definitions: Sequence[Definition]
    decisions: Sequence[str] = ()
    findings: Sequence[Finding] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """The form of a task.

    `kind` is `fields` (the `camunda:formData` of the diagram: `fields` is filled), `form-js`
    (`schema` is the JSON of a deployed form) or `key` (an embedder's own form, named by `key`). `binding` is `latest`,
    `deployment` or None: the one of the diagram's deployment, else the newest.
    """

    kind: str
    _: KW_ONLY
    key: str | None = None
    fields: Sequence[FormField] = ()
    schema: Data | None = None
    binding: str | None = None


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of a form drawn in the modeler; `type` is string, long, boolean, date, enum or the modeler's own."""

    id: str
    label: str
    type: str = "string"
    _: KW_ONLY
    default: Json = None
    options: Sequence[tuple[str, str]] = ()
    required: bool = False
    readonly: bool = False
    constraints: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CheckItem:
    """One item of a checklist: a task cannot be completed while one that is required is open."""

    name: str
    required: bool = False
    done: bool = False
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Template:
    """Work that was saved to be inserted again; `works` are the keywords of each task, `rule` how many are needed."""

    name: str
    _: KW_ONLY
    works: Sequence[Data]
    rule: Json
    created_at: datetime
    by: str | None = None


@dataclass(frozen=True, slots=True)
class DataStore:
    """A data store of the diagrams; `case_id` is the case that wrote the value, None for a program."""

    name: str
    _: KW_ONLY
    value: Json
    revision: int
    updated_at: datetime
    case_id: str | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """Something a person does; `kind` is `diagram` or `adhoc` (then `element_id` is None).

    `previous` holds what was answered, or drafted, in an earlier occurrence that a revisit took back. `asks` is set
    where the task is to approve a change that somebody asked for: its `command`, and `by` whom.
    """

    id: str
    case_id: str
    name: str
    _: KW_ONLY
    key: str
    definition_id: str
    occurrence_id: str
    element_id: str | None = None
    item: Json = None
    kind: str = "diagram"
    assignee: str | None = None
    candidate_users: Sequence[str] = ()
    candidate_groups: Sequence[str] = ()
    priority: int = 50
    due_at: datetime | None = None
    follow_up_at: datetime | None = None
    created_at: datetime
    form: Form | None = None
    held: bool = False
    previous: Data | None = None
    business_key: str | None = None
    description: str | None = None
    goal: str | None = None
    checklist: Sequence[CheckItem] = ()
    asks: Data | None = None


@dataclass(frozen=True, slots=True)
class Incident:
    """Work that failed and waits for a person; `kind` is `expression`, `job`, `error`, `runaway` or `decision`."""

    id: str
    occurrence_id: str | None
    element_id: str | None
    message: str
    at: datetime
    kind: str


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One activation of an element (or of an inserted task: then `element_id` is None).

    `number` is the rank among the effective ones of that element in that scope, from 1.
    """

    id: str
    element_id: str | None
    name: str
    scope_id: str | None
    item: Json
    number: int
    state: State
    effective: bool
    started_at: datetime
    ended_at: datetime | None
    by: str | None


@dataclass(frozen=True, slots=True)
class Startable:
    """An activity that can be started now; `waiting` where a flow has led there already."""

    element_id: str
    name: str
    waiting: bool = False


@dataclass(frozen=True, slots=True)
class AdHocSubProcess:
    """An open ad-hoc sub-process: what may be started in it now, and whether a person may say that it is done.

    `allowed` where this person may choose here at all; `closing` where it takes nothing new on and ends when its open
    work is done; `sequential` where its activities are done one after the other; `ends_by_itself` where the diagram
    says when it is over; `cancels_remaining` where what still runs then is withdrawn, not done first.
    """

    occurrence_id: str
    element_id: str
    name: str
    item: Json
    activities: Sequence[Startable]
    _: KW_ONLY
    completable: bool
    allowed: bool = True
    closing: bool = False
    sequential: bool = False
    ends_by_itself: bool = False
    cancels_remaining: bool = True


@dataclass(frozen=True, slots=True)
class Case:
    """One running or ended instance of a definition, as it was at `revision`."""

    id: str
    key: str
    version: int
    definition_id: str
    business_key: str | None
    status: Status
    revision: int
    created_at: datetime
    ended_at: datetime | None
    incidents: Sequence[Incident]
    _: KW_ONLY
    values: Data = field(repr=False)
    data_states: Mapping[str, str] = field(default_factory=dict)  # of its data objects, by name
    read_tasks: Callable[[], list[Task]] = field(repr=False, compare=False)
    read_occurrences: Callable[[], list[Occurrence]] = field(repr=False, compare=False)

    @property
    def tasks(self) -> list[Task]:
        """The open tasks that can be worked, oldest first; those behind a gate are left out."""
        return self.read_tasks()

    @property
    def data(self) -> dict[str, Any]:
        """The case file: a copy that may be changed without changing the case."""
        return copy.deepcopy(dict(self.values))

    @property
    def occurrences(self) -> list[Occurrence]:
        """Everything that ran or runs, oldest first, superseded ones included; read from the journal."""
        return self.read_occurrences()


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the journal: who wanted what, when and why, and the facts that came of it.

    `facts` are mappings with `id`, `kind`, `element_id`, `name`, `occurrence_id`, `writes` and `effective`.
    `change_id` is set for an ad-hoc change: what `Undo` names.
    """

    seq: int
    at: datetime
    by: str | None
    command: str
    reason: str | None
    facts: Sequence[Data]
    change_id: str | None


@dataclass(frozen=True, slots=True)
class Job:
    """Work for a service; `data` is what it may read, `idempotency_key` stays the same when it is tried again.

    `headers` are what the diagram says to the worker (`zeebe:taskHeaders`).
    """

    id: str
    topic: str
    case_id: str
    occurrence_id: str
    data: Data
    idempotency_key: str
    attempt: int
    element_id: str | None = None
    business_key: str | None = None
    headers: Data = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a listener's handler is told: `event` is start, end, take, create, assignment, complete, update or delete.

    `data` are the variables as they are then; `occurrence_id` is None for a flow or a process.
    """

    name: str
    event: str
    case_id: str
    _: KW_ONLY
    element_id: str
    occurrence_id: str | None
    data: Data
    idempotency_key: str
    business_key: str | None = None
    assignee: str | None = None


class BpmnError(Exception):
    """Raised by a service to throw a BPMN error with `code`: a boundary event may catch it."""

    def __init__(self, code: str, message: str = "", data: Data | None = None) -> None:
        self.code = code
        self.message = message
        self.data = dict(data or {})
        super().__init__(f"{code}: {message}" if message else code)


@dataclass(frozen=True, slots=True)
class OccurrenceRef:
    """An occurrence as a preview names it; `task_id` where it is a person's task."""

    id: str
    element_id: str | None
    name: str
    item: Json
    task_id: str | None


@dataclass(frozen=True, slots=True)
class Effect:
    """Something that has left the house and that a change would take out of the record.

    `kind` is `idempotent`, `compensable` or `irreversible`; `choices` are the answers that `effects=` may give,
    `default` the one that is taken where none is given (None: it must be answered).
    """

    id: str
    occurrence: OccurrenceRef
    kind: str
    choices: Sequence[str]
    default: str | None = None


class EffectState(StrEnum):
    """What became of something that has left the house."""

    DONE = "done"  # it counts
    KEPT = "kept"  # the step was taken back, its result stays
    NOTED = "noted"  # the step was taken back, and nothing was done about it
    CORRECTED = "corrected"  # a task corrects it
    COMPENSATING = "compensating"  # it is to be put right
    COMPENSATED = "compensated"  # it was put right
    WITHDRAWN = "withdrawn"  # a message that nobody had taken yet was taken back
    UNKNOWN = "unknown"  # it was under way when the step was taken back or skipped


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """Something that has left the house. `by` is who took it back, `idempotency_key` what the receiver knows it by."""

    id: str
    occurrence: OccurrenceRef
    kind: str
    state: EffectState
    at: datetime
    idempotency_key: str
    _: KW_ONLY
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Tainted:
    """A step that stays done although it has read values which a change takes out; `names` are those values."""

    occurrence: OccurrenceRef
    names: Sequence[str]


@dataclass(frozen=True, slots=True)
class ConsumedMessage:
    """A message that reached what a change takes out, and will not come again by itself.

    `choices` are the answers that `messages=` may give: `await` or `reuse`.
    """

    id: str
    name: str
    occurrence: OccurrenceRef
    data: Data
    message_id: str | None = None
    choices: Sequence[str] = ("await", "reuse")


@dataclass(frozen=True, slots=True)
class Overdue:
    """A date of a step that comes back, which has passed meanwhile: it fires at once."""

    occurrence: OccurrenceRef
    element_id: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class TrayEntry:
    """A message that lies in the tray of a case. `why` is `superseded`, `late` or `early`.

    Superseded: what it had reached was taken out by a revisit. Late: what waited for it is gone. Early: nothing waits
    for it yet.
    """

    id: str
    name: str
    data: Data
    at: datetime
    why: str
    _: KW_ONLY
    message_id: str | None = None
    element_id: str | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What a command would do; nothing has happened. `refusal` says why it would be refused.

    `told` are the people who would get a notice: their open work would be taken away, or come back.
    """

    opened: Sequence[OccurrenceRef] = ()
    withdrawn: Sequence[OccurrenceRef] = ()
    superseded: Sequence[OccurrenceRef] = ()
    restored: Sequence[OccurrenceRef] = ()
    effects: Sequence[Effect] = ()
    stale: Sequence[str] = ()
    refusal: str | None = None
    token: str | None = None
    told: Sequence[str] = ()
    tainted: Sequence[Tainted] = ()
    messages: Sequence[ConsumedMessage] = ()
    overdue: Sequence[Overdue] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """What a person is told about their own tasks in a case: the names of those that were taken away or came back.

    `by` is who did it (None: the program, or the course of the case), `reason` why.
    """

    id: str
    person: str
    case_id: str
    at: datetime
    withdrawn: Sequence[str] = ()
    restored: Sequence[str] = ()
    reason: str | None = None
    by: str | None = None
    business_key: str | None = None


@dataclass(frozen=True, slots=True)
class Counterpart:
    """An element of one version of a diagram and what it becomes in another; None where it has no counterpart.

    `found` says how: `given` by hand, by the same `id`, or by the same `name`.
    """

    element_id: str
    name: str
    kind: str
    becomes: str | None
    found: str | None


@dataclass(frozen=True, slots=True)
class Migrated:
    """What became of one case in a migration of many: the change to undo, or why it was refused."""

    case_id: str
    change_id: str | None = None
    refusal: str | None = None
