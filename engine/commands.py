"""Commands that follow the diagram: what people and programs may want of a case.

Each is a frozen value with one method, `decide`, which refuses (raises) or writes facts. The engine carries it out
and runs the automatic steps that follow; nothing is stored when it refuses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, ClassVar, Protocol

from caseloom.engine import choosing, rights, works
from caseloom.engine.errors import Conflict, ExpressionError, Invalid, NotFound
from caseloom.engine.facts import Kind, Writes
from caseloom.engine.flow import delivering, ending, error_mappings, events, listeners
from caseloom.engine.flow.tokens import Occurrence, Token
from caseloom.engine.live import LiveCase
from caseloom.engine.projection import human
from caseloom.engine.results import Status
from caseloom.storage.payload import checked

Data = Mapping[str, Any]


class Command(Protocol):
    """What `Engine.do` takes. `decide` writes facts to the case or raises a `CaseloomError`."""

    def decide(self, case: LiveCase) -> None: ...


@dataclass(frozen=True, slots=True)
class Claim:
    """Takes a task on. Refused where somebody else has it."""

    task_id: str

    def decide(self, case: LiveCase) -> None:
        case.running()
        task = case.workable(self.task_id)
        rights.check_work(case, task)
        if case.by is None:
            raise Invalid("A task is claimed by somebody: say by whom.")
        if task.assignee == case.by:
            return
        if task.assignee is not None:
            raise Conflict(f"“{task.name}” is already taken by {task.assignee}.")
        _assign(case, task, case.by)


@dataclass(frozen=True, slots=True)
class Unclaim:
    """Gives a task back to its candidates."""

    task_id: str

    def decide(self, case: LiveCase) -> None:
        case.running()
        task = case.task(self.task_id)
        rights.check_work(case, task)
        if task.assignee is not None:
            _assign(case, task, None)


@dataclass(frozen=True, slots=True)
class Assign:
    """Gives a task to somebody; None takes it away from everybody."""

    task_id: str
    user: str | None

    def decide(self, case: LiveCase) -> None:
        case.running()
        task = case.task(self.task_id)
        rights.check_work(case, task)
        user = checked(self.user, "The user")
        if user is not None and not isinstance(user, str):
            raise Invalid("The user is named by an id, which is text.")
        if task.assignee != user:
            _assign(case, task, user)


def _assign(case: LiveCase, task: Occurrence, user: str | None) -> None:
    writes = listeners.assigning(case.run, task, user) if isinstance(task, Token) else ()
    case.run.note(
        Kind.ASSIGN, scope=task.scope.path, occurrence=task.occurrence or "", causes=(task.started,),
        writes=writes, outcome={"assignee": user},
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Complete:
    """A task is done; `data` goes into the case file."""

    task_id: str
    _: KW_ONLY
    data: Data = field(default_factory=dict)

    def decide(self, case: LiveCase) -> None:
        case.running()
        task = case.workable(self.task_id)
        rights.check_work(case, task)
        if task.parked:
            raise Conflict(f"“{task.name}” waits for an incident to be resolved; retry that first.")
        works.check_complete(task)
        own = case.instance.scopes.get(task.occurrence or "")
        if own is not None and own.ad_hoc is not None:
            choosing.complete(case, own, self.data)
        else:
            ending.finish(
                case.run, task, case.writes(self.data), outcome={"by": case.by} if case.by else None
            )


@dataclass(frozen=True, slots=True)
class Tick:
    """An item of an inserted task's checklist is done; `done=False` takes it back."""

    task_id: str
    item: str
    done: bool = True

    def decide(self, case: LiveCase) -> None:
        case.running()
        task = case.workable(self.task_id)
        rights.check_work(case, task)
        works.check_item(task, self.item)
        if works.is_ticked(task, self.item) != self.done:
            case.run.note(
                Kind.TICK, scope=task.scope.path, occurrence=task.occurrence or "", causes=(task.started,),
                outcome={"item": self.item, "done": bool(self.done), "by": case.by},
            )  # fmt: skip


@dataclass(frozen=True, slots=True)
class SaveDraft:
    """Keeps what a person has typed so far. Each person has their own; it never becomes process data by itself."""

    task_id: str
    data: Data

    def decide(self, case: LiveCase) -> None:
        case.running()
        task = case.task(self.task_id)
        rights.check_work(case, task)
        writes = dict(case.writes(self.data, "The draft"))
        if case.by is None:
            raise Invalid("A draft is somebody's: say by whom.")
        own = case.id_of(task)
        if not any(draft.occurrence_id == own and draft.person == case.by for draft in case.drafts()):
            case.run.note(
                Kind.DRAFT, scope=task.scope.path, occurrence=task.occurrence or "", causes=(task.started,),
                outcome={"by": case.by},
            )  # fmt: skip
        case.draft = (own, case.by, writes)


@dataclass(frozen=True, slots=True)
class SetData:
    """Corrects the case file by hand."""

    data: Data
    _: KW_ONLY
    reason: str | None = None

    def decide(self, case: LiveCase) -> None:
        if case.instance.status in (Status.COMPLETED, Status.CANCELLED):
            raise Conflict("The case has ended; its case file is closed.")
        if not any(rights.may_work(case, task) for task in case.instance.open.values() if human(task)):
            rights.check_manager(case, "Correcting a case without work for you")
        writes = case.writes(self.data)
        if writes:
            case.run.note(Kind.DATA, writes=writes)


@dataclass(frozen=True, slots=True)
class Suspend:
    """Stops the case: no work, no timer, no message until it is resumed."""

    _: KW_ONLY
    reason: str | None = None

    def decide(self, case: LiveCase) -> None:
        rights.check_manager(case, "Suspending a case")
        case.running()
        case.run.note(Kind.SUSPEND)


@dataclass(frozen=True, slots=True)
class Resume:
    """Lets a suspended case go on. What came due meanwhile happens at the next tick of the clock."""

    def decide(self, case: LiveCase) -> None:
        rights.check_manager(case, "Resuming a case")
        if case.instance.status is not Status.SUSPENDED:
            raise Conflict("The case is not suspended.")
        case.run.note(Kind.RESUME)


@dataclass(frozen=True, slots=True)
class Cancel:
    """Ends the case where it stands; open work is withdrawn."""

    _: KW_ONLY
    reason: str | None = None

    def decide(self, case: LiveCase) -> None:
        rights.check_manager(case, "Cancelling a case")
        if case.instance.is_completed():
            raise Conflict(f"The case has ended already ({case.instance.status}).")
        writes, outcome = _last_words(case)
        case.run.note(Kind.CANCEL, closes="", writes=writes, outcome=outcome)


def _last_words(case: LiveCase) -> tuple[Writes, dict[str, Any] | None]:
    """What the listeners of the open work write. One that fails must not keep a case from being cancelled."""
    try:
        return listeners.cut_off(case.run, listeners.inside(case.run, "")), None
    except ExpressionError as wrong:
        return (), {"reasons": [str(wrong)]}


@dataclass(frozen=True, slots=True)
class Retry:
    """Tries again what failed, after the cause was mended; `data` corrects the case file first."""

    incident_id: str
    _: KW_ONLY
    data: Data = field(default_factory=dict)

    def decide(self, case: LiveCase) -> None:
        case.running()
        _, _, number = self.incident_id.rpartition("-i")
        trouble = case.instance.troubles.get(int(number)) if number.isdecimal() else None
        if trouble is None or not self.incident_id.startswith(f"{case.id}-i"):
            raise NotFound(f"There is no open incident “{self.incident_id}” in this case.")
        subject = case.instance.open.get(trouble.occurrence) if trouble.occurrence else None
        if subject is not None:
            rights.check_work(case, subject)
        case.run.note(
            Kind.RETRY, trouble.element, trouble.scope, causes=(trouble.id,), writes=case.writes(self.data),
            outcome={"incident": trouble.id},
        )  # fmt: skip
        if trouble.kind == "listener":
            ending.ended(case.run, case.instance.root)
        elif trouble.kind == delivering.UNDELIVERED and isinstance(subject, Token):
            delivering.once_more(case.run, subject, _held(case, trouble.id))
        elif isinstance(subject, Token) and "topic" not in subject.outcome:
            ending.try_again(case.run, subject)


def _held(case: LiveCase, incident: int) -> Mapping[str, Any]:
    """The event that an incident holds."""
    facts = (fact for line in case.journal() for fact in line.facts if fact.id == incident)
    held: Mapping[str, Any] = (next(facts).outcome or {})["held"]
    return held


@dataclass(frozen=True, slots=True)
class _Outside:
    """A command of the engine itself: something outside the case has happened."""

    by_program: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class FireTimer(_Outside):
    occurrence_id: str
    element: str

    def decide(self, case: LiveCase) -> None:
        case.running()
        host = case.occurrence(self.occurrence_id)
        if (
            not isinstance(host, Token)
            or self.element not in host.timers
            or host.timers[self.element][0] > case.at
            or not host.ticks(self.element)
        ):
            raise Conflict("The timer was moved or taken off meanwhile.")
        if host.parked:
            raise Conflict(f"“{host.name}” waits for an incident to be resolved.")
        try:
            events.timer(case.run, host, self.element)
        except ExpressionError as wrong:
            case.run.incident(host, "expression", str(wrong))


def arrived(name: str, message_id: str | None, talk: Data) -> dict[str, Any]:
    """What is remembered of a message or signal: its name, its id where it had one, what it was correlated by."""
    found = {"event": name, "message": message_id, "talk": dict(talk)}
    return {key: value for key, value in found.items() if value}


@dataclass(frozen=True, slots=True)
class Receive(_Outside):
    """A message or signal from outside the case reaches what waits for it."""

    occurrence_id: str
    element: str
    name: str
    data: Data
    message_id: str | None = None
    talk: Data = field(default_factory=dict)

    def decide(self, case: LiveCase) -> None:
        case.running()
        host = case.occurrence(self.occurrence_id)
        if not isinstance(host, Token) or not host.hears(self.element):
            raise Conflict("Nothing waits for it.")
        catcher = host.catcher(self.element)
        writes = case.writes(self.data)
        outcome = arrived(self.name, self.message_id, self.talk)
        if self.element in host.outcome.get("messages", {}):  # a signal is never heard again
            outcome |= {"payload": dict(writes), "at": self.element}
        events.catch(case.run, host, catcher, writes, part=self.element, outcome=outcome)


@dataclass(frozen=True, slots=True)
class LayAside(_Outside):
    """A message came for a subscription that a revisit has closed: it waits in the tray of the case."""

    name: str
    data: Data
    message_id: str | None = None
    correlation: Any = None

    def decide(self, case: LiveCase) -> None:
        known = {"message": self.message_id, "correlation": self.correlation}
        told = {name: value for name, value in known.items() if value is not None}
        case.run.note(
            Kind.LAID, outcome={"event": self.name, "payload": dict(case.writes(self.data)), **told}
        )


@dataclass(frozen=True, slots=True)
class CompleteJob(_Outside):
    occurrence_id: str
    worker: str
    data: Data

    def decide(self, case: LiveCase) -> None:
        case.running()
        host = _served(case, self.occurrence_id)
        writes = case.writes(self.data, "The result")
        code = error_mappings.thrown(host, dict(writes), {"workerId": self.worker}, case.at)
        if code is not None:
            events.throw(case.run, host, code, f"The answer of {self.worker} says so.", dict(writes))
            return
        if host.node.result_variable:
            writes = ((host.node.result_variable, dict(writes)),)
        ending.finish(case.run, host, writes, outcome={"worker": self.worker})


@dataclass(frozen=True, slots=True)
class ThrowError(_Outside):
    occurrence_id: str
    code: str
    message: str
    data: Data

    def decide(self, case: LiveCase) -> None:
        case.running()
        host = _served(case, self.occurrence_id)
        writes = case.writes(self.data)
        events.throw(case.run, host, self.code, self.message, dict(writes))


@dataclass(frozen=True, slots=True)
class FailJob(_Outside):
    """A service failed for the last time: a person has to look."""

    occurrence_id: str
    message: str

    def decide(self, case: LiveCase) -> None:
        case.running()
        case.run.incident(_served(case, self.occurrence_id), "job", self.message)


def _served(case: LiveCase, occurrence_id: str) -> Token:
    """The occurrence that a service works for. Raises Conflict where its answer is not wanted any more, or not yet."""
    host = case.occurrence(occurrence_id)
    assert isinstance(host, Token)
    guard_open(host)
    return host


def guard_open(host: Occurrence) -> None:
    """Refuses an answer for work that is held, or that waits for a person: its job is given out again afterwards."""
    if host.held:
        raise Conflict(
            f"“{host.name}” is held: work was put before it meanwhile. Its job is given out again once that is done."
        )
    if host.parked:
        raise Conflict(
            f"“{host.name}” waits for an incident to be resolved; its job is given out again after that."
        )
