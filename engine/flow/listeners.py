"""What listeners write: expressions are evaluated and handlers called while a run decides, never on replay.

A listener's writes belong to the fact that it listens to: the start or the end of an occurrence, the firing that takes
a flow, the assignment of a task. What takes that fact out takes the writes with it. A step that is skipped has
not been completed, so its listeners for that are not heard.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from caseloom.engine import times
from caseloom.engine.errors import ExpressionError
from caseloom.engine.expressions import Environment
from caseloom.engine.facts import Writes
from caseloom.engine.flow import starting
from caseloom.engine.flow.attached import Listener
from caseloom.engine.flow.model import Flow, Node, Plan
from caseloom.engine.flow.tokens import Scope, Token
from caseloom.engine.flow.variables import Variables
from caseloom.engine.ids import occurrence_id
from caseloom.engine.results import Occasion

if TYPE_CHECKING:
    from caseloom.engine.flow.run import Run

_DATES = ("due", "follow_up")


@dataclass(frozen=True, slots=True)
class _About:
    """Whom the listeners belong to: its id and name, and what `execution` and `task` tell of it besides."""

    name: str
    label: str
    scope: Scope
    address: str = ""
    started: int = 0
    task: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class _Heard:
    """What listeners have set so far: variables, variables of the step's own, properties of the task."""

    view: Variables
    writes: dict[str, Any] = field(default_factory=dict)
    own: dict[str, Any] = field(default_factory=dict)
    changes: list[tuple[str, Any]] = field(default_factory=list)

    @property
    def seen(self) -> Variables:
        return self.view.below({**self.writes, **self.own})


# -- the moments of a case -------------------------------------------------------------------------


def of_process(run: Run, plan: Plan, event: str, scope: Scope, view: Variables) -> dict[str, Any]:
    """The process starts or ends: what its own listeners write."""
    if event not in plan.process_listeners:
        return {}
    heard = _Heard(view)
    _hear(run, plan.process_listeners[event], _About(plan.name, plan.description or plan.name, scope), heard)
    return {**heard.writes, **heard.own}


def opening(run: Run, token: Token, outcome: dict[str, Any], view: Variables) -> Variables:
    """An occurrence begins: what its start listeners wrote goes into `outcome`; gives what is seen from now on."""
    node = token.node
    if "start" not in node.listeners:
        return view
    heard = _Heard(view)
    _hear(run, node.listeners["start"], _beginning(run, token), heard)
    local = _local_names(token) | set(outcome.get("locals", ()))
    own = {name: value for name, value in heard.writes.items() if name in local} | heard.own
    if own:
        outcome["locals"] = {**outcome.get("locals", {}), **own}
    _keep_writes(outcome, {name: value for name, value in heard.writes.items() if name not in local})
    return heard.seen


def creating(run: Run, token: Token, outcome: dict[str, Any], view: Variables) -> None:
    """A task comes into an inbox: its listeners may write, and change who does it and by when."""
    events = [event for event in ("create", "assignment") if event in token.node.listeners]
    if not events:
        return
    heard = _Heard(view)
    if "create" in events:
        about = _beginning(run, token, outcome)
        _hear(run, token.node.listeners["create"], about, heard)
        _change_task(run, token.node, outcome, heard.changes)
    if "assignment" in events and outcome.get("assignee"):
        _hear(run, token.node.listeners["assignment"], _beginning(run, token, outcome), heard)
    if heard.own:
        outcome["locals"] = {**outcome.get("locals", {}), **heard.own}
    _keep_writes(outcome, heard.writes)


def assigning(run: Run, token: Token, user: str | None) -> Writes:
    """A task changes hands."""
    heard = _Heard(token.vars)
    about = _About(
        token.node.name, token.node.label, token.scope, token.occurrence or "", token.started,
        {**token.outcome, "assignee": user},
    )  # fmt: skip
    for event in ("update", "assignment"):
        _hear(run, token.node.listeners.get(event, ()), about, heard)
    return tuple(heard.writes.items())


def closing(run: Run, token: Token, writes: Writes, view: Variables) -> tuple[Writes, Variables]:
    """An occurrence is completed: with what its listeners wrote, and what is seen from now on."""
    node = token.node
    events = [event for event in ("complete", "end") if event in node.listeners]
    if not events:
        return writes, view
    heard = _Heard(view, dict(writes))
    about = _About(
        node.name, node.label, token.scope, token.occurrence or "", token.started,
        {**token.outcome, "assignee": token.assignee},
    )  # fmt: skip
    for event in events:
        _hear(run, node.listeners[event], about, heard)
    local = _local_names(token)
    kept = {name: value for name, value in heard.writes.items() if name not in local}
    return tuple(kept.items()), view.below(heard.own) if heard.own else view


def begun(run: Run, token: Token) -> tuple[Token, Writes]:
    """An element that needs nobody begins: the token as its work sees it, and what was written before that."""
    if "start" not in token.node.listeners:
        return token, ()
    own = starting.own_variables(run, token)
    heard = _Heard(token.vars.below(own) if own else token.vars)
    _hear(run, token.node.listeners["start"], _beginning(run, token), heard)
    seen = copy.copy(token)
    seen.vars = heard.seen
    return seen, tuple(heard.writes.items())


def passing(run: Run, token: Token, writes: Writes, *events: str) -> Writes:
    """An element that is passed at once, or an event that comes: `writes`, and those of the listeners."""
    if not token.node.listeners:
        return writes
    listeners = [one for event in events for one in token.node.listeners.get(event, ())]
    heard = _Heard(token.vars, dict(writes))
    _hear(run, listeners, _beginning(run, token), heard)
    return tuple(heard.writes.items())


def taking(run: Run, token: Token, flows: Sequence[Flow], writes: Writes, view: Variables) -> Writes:
    """A token goes along flows, one after the other."""
    if not any(flow.listeners for flow in flows):
        return writes
    heard = _Heard(view)
    for flow in flows:
        _hear(run, flow.listeners, _About(flow.id, flow.name or flow.id, token.scope), heard)
    return (*writes, *heard.writes.items())


def cut_off(run: Run, occurrences: Iterable[Token]) -> Writes:
    """Work is ended from outside: by an event on its edge, an end of everything, a cancelled case."""
    written: dict[str, Any] = {}
    for token in occurrences:
        listeners = [one for event in ("delete", "end") for one in token.node.listeners.get(event, ())]
        if not listeners or not token.occurrence or token.watch:
            continue
        heard = _Heard(token.vars, dict(written))
        about = _About(
            token.node.name, token.node.label, token.scope, token.occurrence, token.started, token.outcome
        )
        _hear(run, listeners, about, heard)
        written = {name: value for name, value in heard.writes.items() if name not in _local_names(token)}
    return tuple(written.items())


def inside(run: Run, path: str | None) -> Iterator[Token]:
    """All that is open within a scope, the innermost first."""
    scope = None if path is None else run.instance.scopes.get(path)
    if scope is None:
        return
    for inner in list(scope.inner):
        yield from inside(run, inner)
    yield from (token for token in scope.tokens.values() if token.occurrence)


# -- one after the other ---------------------------------------------------------------------------


def _hear(run: Run, listeners: Iterable[Listener], about: _About, heard: _Heard) -> None:
    for listener in listeners:
        if listener.expression is not None:
            _evaluate(run, listener, about, heard)
        elif listener.handler is not None:
            _call(run, listener, about, heard)


def _evaluate(run: Run, listener: Listener, about: _About, heard: _Heard) -> None:
    assert listener.expression is not None
    env = _environment(run, listener, about)
    listener.expression.evaluate(heard.seen, env)
    heard.own.update(env.local)
    for name, value in env.writes.items():
        (heard.own if name in heard.own else heard.writes)[name] = value
    heard.changes.extend(env.changes)


def _call(run: Run, listener: Listener, about: _About, heard: _Heard) -> None:
    assert listener.handler is not None
    env = _environment(run, listener, about)
    name = str(listener.handler.evaluate(heard.seen, env))
    known = env.execution or {}
    case_id = str(known.get("case_id"))
    occasion = Occasion(
        name, listener.event, case_id,
        element_id=about.name,
        occurrence_id=known.get("occurrence_id"),
        data=heard.seen.flat(),
        idempotency_key=f"{case_id}:{about.address or about.name}:{listener.event}:{name}",
        business_key=known.get("business_key"),
        assignee=known.get("assignee"),
    )  # fmt: skip
    heard.writes.update(run.world.listen(occasion, about.label))


def _environment(run: Run, listener: Listener, about: _About) -> Environment:
    known = dict(run.world.execution(about.scope, about))
    task = about.task
    if about.started:
        known["occurrence_id"] = known["task_id"] = occurrence_id(str(known.get("case_id")), about.started)
    known |= {
        "event_name": listener.event, "assignee": task.get("assignee"), "priority": task.get("priority"),
        "due_at": task.get("due"), "follow_up_at": task.get("follow_up"), "created_at": run.at,
    }  # fmt: skip
    return Environment(now=run.at, execution=known)


def _beginning(run: Run, token: Token, task: Mapping[str, Any] | None = None) -> _About:
    """An element whose fact is the next one to be written."""
    node, scope = token.node, token.scope
    name = node.name if token.number is None else f"{node.name}[{token.number}]"
    address = run.instance.next_occurrence(scope, name)
    return _About(node.name, node.label, scope, address, run.instance.next_id, task or {})


def _local_names(token: Token) -> set[str]:
    """Variables that only this occurrence has: its input mappings', and its item's."""
    outer = len(token.scope.vars.maps)
    return {name for own in token.vars.maps[: len(token.vars.maps) - outer] for name in own}


def _keep_writes(outcome: dict[str, Any], writes: Mapping[str, Any]) -> None:
    if writes:
        outcome["writes"] = {**outcome.get("writes", {}), **writes}


def _change_task(run: Run, node: Node, outcome: dict[str, Any], changes: Sequence[tuple[str, Any]]) -> None:
    """What `task.setAssignee` and its like did, in the words of the fact that starts a task."""
    for what, value in changes:
        if what in ("users", "groups"):
            named = value if isinstance(value, list) else str(value).split(",")
            outcome[what] = [*outcome.get(what, ()), *(str(one).strip() for one in named)]
        elif what in _DATES:
            outcome[what] = times.instant(value, run.at, element=node.label)
        elif what == "priority" and not _whole(value):
            raise ExpressionError(f"“{node.label}”: the priority “{value}” is not a whole number.")
        else:
            outcome[what] = value if value is None else int(value) if what == "priority" else str(value)


def _whole(value: Any) -> bool:
    return value is None or str(value).strip().lstrip("-").isdecimal()
