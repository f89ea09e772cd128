"""What an instance is made of: tokens and occurrences, scopes, inserted work, standing orders, open incidents.

Records with no rules of their own; `instance` alone changes them, `snapshot` writes them down.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from caseloom.engine.facts import Fact
from caseloom.engine.flow.model import AdHoc, Model, Node, Plan
from caseloom.engine.flow.variables import Variables

TokenId = tuple[Any, ...]


class Token(Task):  # type: ignore[misc]
    """A token, and the occurrence that it became. Its id is its cause: the fact that made it, and the flow."""

    def __init__(self, id: TokenId, node: Node, scope: Scope, number: int | None = None) -> None:
        self.id = id
        self.task_spec = node
        self.node = node
        self.scope = scope
        self.number = number
        self.vars = scope.vars
        self.occurrence: str | None = None
        self.started = 0
        self.after: tuple[int, ...] = ()
        self.held: set[int] = set()
        self.passed: set[int] = set()
        self.chosen = False  # to run now, in an ad-hoc sub-process
        self.parked: int | None = None
        self.pending = False  # it has not been looked at yet
        self.ways: Sequence[str] | None = None  # the flows that a person chose for it
        self.at: datetime | None = None
        self.outcome: Mapping[str, Any] = {}
        self.assignee: str | None = None
        self.watch = False
        self.paused: set[int] = set()  # rounds that stop its timers
        self.restores: str | None = None  # the occurrence whose compensation this token is part of
        self.truths: dict[str, bool] = {}
        self.heard: dict[str, dict[str, int]] = {}
        self.has_job = True
        self.timers: dict[str, list[Any]] = {}
        self.previous: Mapping[str, Any] | None = None

    @property
    def state(self) -> int:
        """SpiffWorkflow's word for where this token stands."""
        if self.occurrence:
            return int(TaskState.STARTED)
        return int(TaskState.WAITING if self.node.joins else TaskState.READY)

    @property
    def data(self) -> dict[str, Any]:
        return self.vars.flat()

    @property
    def causes(self) -> tuple[int, ...]:
        return (self.started or self.id[0], *self.after)

    @property
    def remedy(self) -> bool:
        """Is it where something that a revisit took out is put right?"""
        return "round" in self.outcome

    @property
    def name(self) -> str:
        return str(self.outcome["name"]) if self.remedy else self.node.label

    def catcher(self, key: str) -> Node:
        """The event that this occurrence waits for under that name: itself, on its edge, or behind its gateway."""
        element, _, _ = key.partition("~")
        return self.node if self.node.name == element else self.scope.plan.nodes[element]

    def hears(self, event: str) -> bool:
        """May this event reach it now? What it waits for itself has to wait while it is held; its edge does not."""
        element, _, _ = event.partition("~")
        if event in self.heard.get(element, ()):
            return False  # the others of a parallel multiple event are waited for
        return not self.held or (element != self.node.name and self.node.kind != "eventBasedGateway")

    def ticks(self, event: str) -> bool:
        """May this timer fire now? Work put before a step may have stopped them."""
        return not self.paused and self.hears(event)

    @property
    def item(self) -> Any:
        """The value of the item that this occurrence belongs to, its index where the items have no value."""
        scope: Scope | None = self.scope
        number = self.number
        while scope is not None:
            if number is not None:
                value = scope.items[number] if scope.items else None  # a loop has rounds, not items
                return number if value is None else value
            number = scope.host.number if scope.host else None
            scope = scope.host.scope if scope.host else None
        return None


class Work:
    """Inserted work that is open: a task, or a small process run in its place, whose scope it is then."""

    human = True
    number = None
    item = None
    remedy = False

    def __init__(self, fact: Fact, scope: Scope, round_id: int, index: int, at: datetime) -> None:
        assert fact.outcome is not None
        self.occurrence = fact.occurrence
        self.started = fact.id
        self.scope = scope
        self.round = round_id
        self.index = index
        self.outcome: Mapping[str, Any] = fact.outcome
        self.after: tuple[int, ...] = ()
        self.held: set[int] = set()
        self.vars = scope.vars
        self.assignee: str | None = fact.outcome.get("assignee")
        self.previous: Mapping[str, Any] | None = None
        self.parked: int | None = None
        self.at = at
        self.ticked: dict[str, str | None] = {}  # items of its checklist that are done, and by whom

    @property
    def process(self) -> bool:
        """Is it a process of its own, so that nobody does it as one task?"""
        return "called" in self.outcome

    @property
    def causes(self) -> tuple[int, ...]:
        return (self.started, *self.after)

    @property
    def name(self) -> str:
        return str(self.outcome["name"])


@dataclass(slots=True)
class Compensable:
    """A completed occurrence that can be put right: the fact of its end, its data then, and what was done inside it."""

    end: int
    element: str
    data: dict[str, Any]
    inner: list[Compensable]
    called: str | None = None

    def row(self) -> list[Any]:
        """As plain data, for a snapshot or a fact."""
        return [self.end, self.element, dict(self.data), [one.row() for one in self.inner], self.called]

    @classmethod
    def of(cls, row: Sequence[Any]) -> Compensable:
        end, element, data, inner, called = row
        return cls(end, element, dict(data), [cls.of(one) for one in inner], called)


class Scope:
    """A live scope: the case, a sub-process, a called process, the body of a multi-instance activity or loop.

    `watches` are its event sub-processes that wait for their event; they do not keep it open. An ad-hoc sub-process is
    `closing` when it takes nothing new on; `freed` are the facts that made room for what is chosen next. `added` and
    `removed` are the items that somebody put into a multi-instance activity, or took out of it, with the facts.
    """

    __slots__ = (
        "activated", "added", "closing", "compensable", "counts", "freed", "host", "inner", "items", "lost", "model",
        "path", "plan", "removed", "results", "rounds", "states", "talks", "tokens", "vars", "waiting", "watches",
    )  # fmt: skip

    def __init__(
        self,
        path: str,
        host: Token | Work | None,
        model: Model,
        plan: Plan,
        variables: Variables,
        items: list[Any] | None = None,
    ) -> None:
        self.path = path
        self.host = host
        self.model = model
        self.plan = plan
        self.vars = variables
        self.items = items
        self.tokens: dict[TokenId, Token] = {}
        self.waiting: dict[str, dict[TokenId, Token]] = {}
        self.lost: dict[str, list[tuple[int, frozenset[str]]]] = {}
        self.inner: dict[str, Scope] = {}
        self.counts: dict[str, int] = {}
        self.rounds: set[int] = set()
        self.results: dict[int, Any] = {}
        self.added: dict[int, int] = {}
        self.removed: dict[int, int] = {}
        self.watches: dict[str, Token] = {}
        self.compensable: list[Compensable] = []
        self.activated: dict[str, list[Any]] = {}
        self.states: dict[str, str] = {}
        self.closing = False
        self.freed: list[int] = []
        self.talks: list[dict[str, Any]] = []
        if host is not None:
            host.scope.inner[path] = self

    @property
    def talking(self) -> Scope:
        """The scope that holds the conversations: the item of a multi-instance sub-process, else the case."""
        scope = self
        while scope.host is not None and scope.host.number is None:
            scope = scope.host.scope
        return scope

    @property
    def known_talks(self) -> list[dict[str, Any]]:
        """The conversations that a message can belong to, oldest first: the nearest ones that there are."""
        scope = self.talking
        while not scope.talks and scope.host is not None:
            scope = scope.host.scope.talking
        return scope.talks

    def talk(self, said: Mapping[str, Any]) -> None:
        """A message was exchanged: it goes on with a conversation, or begins one."""
        for known in self.talks:
            shared = known.keys() & said.keys()
            if shared and all(known[key] == said[key] for key in shared):
                known.update(said)
                return
        self.talks.append(dict(said))

    def awaits_rest(self, gateway: str) -> bool:
        """Was a complex gateway activated, and may something still come that it takes without effect?"""
        return len(self.activated.get(gateway, ())) > 1

    @property
    def body(self) -> bool:
        """Is this the body of a multi-instance activity, whose tokens are items?"""
        return self.items is not None

    @property
    def left(self) -> list[int]:
        """The items that are not taken out."""
        return [number for number in range(len(self.items or ())) if number not in self.removed]

    def following(self, number: int) -> int | None:
        """The item that comes after another one in a sequence."""
        return next((one for one in self.left if one > number), None)

    @property
    def ad_hoc(self) -> AdHoc | None:
        """How people choose what runs here; None where the flows say it, and where what was done is put right."""
        if self.plan.ad_hoc is None or self.body or self.host is None or "inside" in self.host.outcome:
            return None
        return self.plan.ad_hoc


@dataclass(slots=True)
class Insertion:
    """Work that a handler put beside the diagram: `kind` and `element` say where, `works` what.

    `title` is that of a plan. `pauses`: the timers of what it holds stop. `stays`: it holds nothing, but the case does
    not end without it. `edited` and `removed` name works by index, with the fact that did it.
    """

    id: int
    scope: str | None
    kind: str
    element: str | None
    blocking: bool
    every: bool
    need: int
    in_turn: bool
    works: list[dict[str, Any]]
    rounds: int = 0
    title: str | None = None
    pauses: bool = False
    stays: bool = False
    by: str | None = None
    last_edit: int | None = None
    order: list[int] = field(default_factory=list)
    edited: dict[int, int] = field(default_factory=dict)
    removed: dict[int, int] = field(default_factory=dict)

    @property
    def armed(self) -> bool:
        return bool(self.left) and (self.every or not self.rounds)

    @property
    def left(self) -> list[int]:
        """The works that were not taken out, in their order."""
        return [index for index in self.order if index not in self.removed]

    @property
    def waited_for(self) -> bool:
        """Does the scope that it lies in wait for it?"""
        return self.blocking or self.stays


@dataclass(slots=True)
class Round:
    """One time that inserted work is due. It holds tokens, or an occurrence, until enough of it is done.

    `tokens` are held in the scopes whose paths are given: a step that is done ahead of its turn may lie deeper.
    """

    id: int
    insertion: int
    scope: str
    host: str | None = None  # the occurrence that it belongs to: held, or left beside
    holds: bool = False  # `host` itself may not be worked
    tokens: dict[TokenId, str] = field(default_factory=dict)
    open: dict[int, str] = field(default_factory=dict)
    closed: dict[int, int] = field(default_factory=dict)
    dropped: set[int] = field(default_factory=set)
    paused: datetime | None = None  # since when the timers of `host` stand still


@dataclass(slots=True)
class Directive:
    """A standing order: skip this element when it comes.

    It holds `until` an instant, or until the element of that id has been reached; `condition` is FEEL, looked at on
    arrival. `source` is the insertion whose result it waits for: the step was done ahead of its turn.
    """

    id: int
    scope: str | None
    element: str
    every: bool
    writes: list[list[Any]]
    used: int = 0
    until: datetime | str | None = None
    condition: str | None = None
    missing: list[str] = field(default_factory=list)
    source: int | None = None
    result: int | None = None  # the fact that gave the result
    over: bool = False

    @property
    def armed(self) -> bool:
        if self.over or (self.source is not None and self.result is None):
            return False
        return self.every or not self.used


@dataclass(slots=True)
class Wait:
    """A step that does not begin before another one in the same scope is done, and what has met it.

    It holds `tokens` that have arrived, and `hosts`: the occurrences that had begun already.
    """

    id: int
    scope: str
    first: str
    then: str
    tokens: set[TokenId] = field(default_factory=set)
    hosts: set[str] = field(default_factory=set)
    met: int | None = None

    @property
    def holds(self) -> bool:
        return bool(self.tokens or self.hosts)


@dataclass(slots=True)
class Trouble:
    """An open incident: the tokens or the occurrence that wait for a person."""

    id: int
    element: str
    scope: str
    occurrence: str | None
    tokens: list[TokenId]
    kind: str
    message: str
    at: datetime
    started: int | None = None


Occurrence = Token | Work
