"""The state of one case, and the only function that changes it: `Instance.apply(fact)`.

Nothing here evaluates an expression, reads a clock or asks anybody: whatever looks at data decides elsewhere
(`run`) and writes what it decided into the fact. So running, replay, preview and recovery are the same code.
SpiffWorkflow's `Task` and `BpmnWorkflow` are the base classes; their tree of predicted tasks is not used.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from SpiffWorkflow.bpmn import BpmnWorkflow

from caseloom.engine.facts import BEGINS, Fact, Kind, below, numbered, place, place_of_items
from caseloom.engine.flow.enabled import makes_room, running
from caseloom.engine.flow.model import SCOPED, Model, Node
from caseloom.engine.flow.tokens import (
    Compensable,
    Directive,
    Insertion,
    Occurrence,
    Round,
    Scope,
    Token,
    TokenId,
    Trouble,
    Wait,
    Work,
)
from caseloom.engine.flow.variables import Variables
from caseloom.engine.results import Status


class Instance(BpmnWorkflow):  # type: ignore[misc]
    """One case in memory. `models` gives the model of a called definition by its id."""

    def __init__(self, model: Model, models: Callable[[str], Model]) -> None:
        super().__init__(model.plan, dict(model.plans), script_engine=_NO_SCRIPTS, deserializing=True)
        self.model = model
        self.models = models
        self.status = Status.RUNNING
        self.next_id = 1
        self.open: dict[str, Occurrence] = {}
        self.by_start: dict[int, Occurrence] = {}
        self.conditional: dict[int, Token] = {}
        self.insertions: dict[int, Insertion] = {}
        self.rounds: dict[int, Round] = {}
        self.directives: dict[int, Directive] = {}
        self.waits: dict[int, Wait] = {}
        self.troubles: dict[int, Trouble] = {}
        self.restoring: dict[str, Token] = {}
        self.stopped: int | None = None
        self.dropped_troubles = False
        self.offers: dict[str, list[Mapping[str, Any]]] = {}
        self.stale: set[str] = set()
        self.missing: set[str] = set()
        self.left_open: set[str] = set()
        self.writers: dict[str, int] = {}
        self.replies: dict[
            str, list[Mapping[str, Any]]
        ] = {}  # messages to be heard again without being sent again
        self.dates: dict[str, list[list[Any]]] = {}  # when timers of what is done again are due
        self.detached: set[int] = set()  # events whose offshoots stay although their host is gone
        self.closed: list[list[Any]] = []  # subscriptions with a key that a revisit has closed
        self.highs: dict[str, dict[str, int]] = {}
        self.queue: deque[Token] = deque()
        self.dirty: dict[tuple[str, str], None] = {}
        self.touched: dict[int, Occurrence] = {}
        self.rounds_touched: dict[int, None] = {}
        self.rounds_wanted: frozenset[int] = frozenset()  # opened again by a replay
        self.given: list[Token] = []
        self.file = Variables({})
        self.scopes: dict[str, Scope] = {"": Scope("", None, model, model.plan, self.file)}

    # -- what SpiffWorkflow would answer from its tree ---------------------------------------------

    def is_completed(self) -> bool:
        return self.status in (Status.COMPLETED, Status.CANCELLED)

    def get_tasks(self, *_: Any, **__: Any) -> list[Token]:
        """The live tokens."""
        return [token for scope in self.scopes.values() for token in scope.tokens.values()]

    def cancel(self, *_: Any, **__: Any) -> None:
        raise TypeError("A case is cancelled by the command Cancel.")

    def reset_from_task_id(self, *_: Any, **__: Any) -> None:
        raise TypeError("Going back is the command Revisit.")

    # -- asking ------------------------------------------------------------------------------------

    @property
    def root(self) -> Scope:
        return self.scopes[""]

    def next_occurrence(self, scope: Scope, name: str) -> str:
        return below(scope.path, f"{name}#{scope.counts.get(name, 0) + 1}")

    def bends(self) -> bool:
        """Is there any standing insertion or directive?"""
        return bool(self.insertions or self.directives or self.waits)

    def settle_jobs(self) -> None:
        """After loading: a service has its job unless something holds it."""
        for occurrence in self.by_start.values():
            if isinstance(occurrence, Token):
                occurrence.has_job = not occurrence.held and not occurrence.parked

    # -- the one mutator ---------------------------------------------------------------------------

    def apply(self, fact: Fact, at: datetime) -> None:
        """Changes the state by one fact. Raises KeyError where the fact does not fit the state."""
        self.next_id = max(self.next_id, fact.id + 1)
        self.given = []
        if fact.occurrence and fact.kind in BEGINS:
            self._number(fact)
        _APPLY[fact.kind](self, fact, at)
        if fact.outcome and "reused" in fact.outcome:
            self._take(self.replies, fact.outcome["reused"])
        if fact.outcome and "talk" in fact.outcome:
            self._talk(fact)
        if fact.outcome and "states" in fact.outcome:
            self._bring_into_states(fact)

    def _talk(self, fact: Fact) -> None:
        """A message was exchanged, by whose properties others will find the case."""
        scope = self.scopes.get(fact.scope)
        if scope is None:
            return
        scope.talking.talk((fact.outcome or {})["talk"])
        for one in self.open.values():
            if "messages" in one.outcome:
                self.touched[one.started] = one

    def _number(self, fact: Fact) -> None:
        name, number = numbered(fact.occurrence)
        scope = self.scopes[fact.scope]
        name = name[len(scope.path) + 1 :] if scope.path else name
        if number > scope.counts.get(name, 0):
            scope.counts[name] = number

    def _bring_into_states(self, fact: Fact) -> None:
        """Data objects are in the data states in which their references are drawn."""
        for path, name, state in (fact.outcome or {})["states"]:
            if scope := self.scopes.get(path):
                scope.states[name] = state

    def _begin(self, fact: Fact, at: datetime) -> None:
        self._write(self.file, fact)
        self._enter(self.root, fact)

    def _pass(self, fact: Fact, at: datetime) -> None:
        scope = self.scopes[fact.scope]
        self._leave_open(fact)
        self._meet(fact)
        for token_id in fact.takes:
            if scope.tokens[token_id].node.name != fact.element:
                raise KeyError(fact.element)
            self._consume(scope, token_id)
        self._write(scope.vars, fact)
        if fact.closes is not None:
            self._clear(scope)
            return
        self._remember_pass(scope, fact)
        if scope.plan.nodes[fact.element].activity:
            self._make_room(scope, scope.plan.nodes[fact.element], fact)
        self._give(scope, fact)
        self._directed(fact)
        self._activate(scope, fact)

    def _activate(self, scope: Scope, fact: Fact) -> None:
        """A complex gateway was activated, or what came late has made it ready again."""
        outcome = fact.outcome or {}
        if "activated" in outcome:
            scope.activated[fact.element] = [fact.id, *outcome["activated"]]
            self.dirty[(scope.path, fact.element)] = None
        elif "late" in outcome:
            scope.activated[fact.element] = [fact.id]

    def _select(self, fact: Fact, at: datetime) -> None:
        """An activity of an ad-hoc sub-process is chosen: a new token, or the one that waits there."""
        scope = self.scopes[fact.scope]
        node = scope.plan.nodes[fact.element]
        if scope.ad_hoc is None or (scope.ad_hoc.sequential and node.activity and running(scope)):
            raise KeyError(fact.element)
        self._write(scope.vars, fact)
        for token_id in (fact.outcome or {}).get("tokens", ()):
            token = scope.tokens[tuple(token_id)]
            if token.occurrence or token.node is not node:
                raise KeyError(fact.element)
            token.chosen, token.after = True, (*token.after, fact.id)
            self._ready(token)
        for name in fact.gives:
            self.put(scope, scope.plan.nodes[name], (fact.id, name)).chosen = True
        if node.activity:
            scope.freed.clear()

    def _closing(self, fact: Fact, at: datetime) -> None:
        scope = self.scopes[fact.scope]
        if scope.ad_hoc is None:
            raise KeyError(fact.element)
        self._write(scope.vars, fact)
        scope.closing = True

    def _make_room(self, scope: Scope, node: Node, fact: Fact) -> None:
        if makes_room(scope, node):
            scope.freed.append(fact.id)

    def _ready_again(self, fact: Fact, at: datetime) -> None:
        scope = self.scopes[fact.scope]
        scope.activated[fact.element] = [fact.id]
        scope.lost.pop(fact.element, None)

    def _start(self, fact: Fact, at: datetime) -> None:
        scope = self.scopes[fact.scope]
        outcome = fact.outcome or {}
        if "round" in outcome:
            open_it = self._open_remedy if "compensates" in outcome else self._open_work
            open_it(fact, scope, at)
            return
        if "watch" in outcome:
            self._open_watch(fact, scope, at)
            return
        if "handler" in outcome:
            self._open_handler(fact, scope, at)
            return
        token = scope.tokens[fact.takes[0]]
        if token.occurrence or token.node.name != fact.element:
            raise KeyError(fact.element)
        node = token.node
        self._gathered(scope, token, fact.takes[1:])
        if "cancels" in outcome:
            del scope.tokens[token.id]
            self._clear(scope)
            scope.tokens[token.id] = token
        self._write(scope.vars, fact)
        self._occur(token, fact, at)
        self._offer(token)
        if outcome.get("locals"):
            token.vars = token.vars.below(dict(outcome["locals"]))
        if "items" in outcome:
            self._open_body(token, fact, outcome["items"])
        elif node.kind in SCOPED:
            self._open_scope(token, fact)

    def _gathered(self, scope: Scope, token: Token, others: Iterable[TokenId]) -> None:
        """A token that waited for others at an activity goes on with them, as one."""
        for other in others:
            if scope.tokens[other].node is not token.node:
                raise KeyError(other)
            self._consume(scope, other)
        self.stop_waiting(token)

    def _occur(self, token: Token, fact: Fact, at: datetime) -> None:
        """A token becomes an occurrence."""
        outcome = fact.outcome or {}
        token.occurrence, token.started, token.at, token.outcome = fact.occurrence, fact.id, at, outcome
        token.assignee = outcome.get("assignee")
        token.timers = {name: list(timer) for name, timer in outcome.get("timers", {}).items()}
        self.open[fact.occurrence] = self.by_start[fact.id] = token
        self.touched[fact.id] = token
        for key in outcome.get("dated", ()):
            self._take(self.dates, key)
        if "compensates" in outcome:
            self.restoring[fact.occurrence] = token
        if "conditions" in outcome:
            self.conditional[fact.id] = token

    def _open_watch(self, fact: Fact, scope: Scope, at: datetime) -> None:
        """An event sub-process begins to wait for its event."""
        handler = scope.plan.nodes[fact.element]
        token = Token((fact.id, "watch"), scope.model.plans[handler.sub or ""].trigger, scope)
        token.watch = True
        self._occur(token, fact, at)
        scope.watches[fact.occurrence] = token

    def _open_handler(self, fact: Fact, scope: Scope, at: datetime) -> None:
        """The event of an event sub-process has come; an interrupting one ends all else in its scope."""
        if fact.closes is not None:
            self._clear(scope)
            scope.closing = scope.ad_hoc is not None
        else:
            self._rearm(fact, scope.model.plans[scope.plan.nodes[fact.element].sub or ""].trigger.name)
        token = Token((fact.id, "handler"), scope.plan.nodes[fact.element], scope)
        scope.tokens[token.id] = token
        self._occur(token, fact, at)
        self._write(scope.vars, fact)
        self._open_scope(token, fact)

    def _open_body(self, token: Token, fact: Fact, items: list[Any]) -> None:
        own = {"nrOfInstances": len(items), "nrOfCompletedInstances": 0, "nrOfActiveInstances": 0}
        scope = Scope(
            fact.occurrence, token, token.scope.model, token.scope.plan, token.vars.below(own), list(items)
        )
        self._add_scope(scope)
        for number in fact.gives:
            self.put(scope, token.node, (fact.id, number), number)

    def _open_scope(self, token: Token, fact: Fact) -> None:
        outcome = fact.outcome or {}
        if called := outcome.get("called"):
            model = self.models(called)
            plan = model.plan
            own = dict(outcome.get("in", {}))
            variables = Variables(own) if outcome.get("isolated") else token.vars.below(own)
        else:
            model = token.scope.model
            plan = model.plans[token.node.sub or ""]
            variables = token.vars.below(dict.fromkeys(outcome.get("declares", ())))
        scope = Scope(fact.occurrence, token, model, plan, variables)
        self._add_scope(scope)
        self._enter(scope, fact)

    def _add_scope(self, scope: Scope) -> None:
        scope.counts = dict(self.highs.get(scope.path, ()))
        self.scopes[scope.path] = scope

    def _end(self, fact: Fact, at: datetime) -> None:
        occurrence = self.open[fact.takes[0]]
        scope = occurrence.scope
        self._closed(occurrence)
        if isinstance(occurrence, Work):
            self._close(fact.closes)
            self._close_work(occurrence, fact)
            return
        self._leave_open(fact)
        if thrower := self.restoring.get(occurrence.restores or ""):
            thrower.after = (*thrower.after, fact.id)  # what comes next, and its end, are owed to this
        self._meet(fact)
        if fact.kind == Kind.END and not occurrence.restores and not occurrence.remedy:
            self._remember(occurrence, fact)
        self._close(fact.closes)
        del scope.tokens[occurrence.id]
        self._write(scope.vars, fact)
        if occurrence.remedy:
            self._close_remedy(occurrence, fact)
            return
        if occurrence.number is None:
            self._make_room(scope, occurrence.node, fact)
            self._give(scope, fact)
            return
        self._count_items(scope, completed=1)
        if fact.outcome and "result" in fact.outcome:
            scope.results[occurrence.number] = fact.outcome["result"]
        for number in fact.gives:
            self.put(scope, occurrence.node, (fact.id, number), number)

    def _remember(self, token: Token, fact: Fact) -> None:
        """What was completed may have to be put right later, with the data that it had then."""
        own = self.scopes.get(fact.closes) if fact.closes is not None else None
        inner = own.compensable if own is not None else []
        whole = own is not None and not own.body and own.plan.compensating is not None
        if token.node.compensator is None and not inner and not whole:
            return
        data = {**token.vars.flat(), **(own.vars.flat() if own is not None else {}), **dict(fact.writes)}
        called = token.outcome.get("called")
        token.scope.compensable.append(Compensable(fact.id, token.node.name, data, inner, called))

    def _remember_pass(self, scope: Scope, fact: Fact) -> None:
        """What an automatic activity did may have to be put right too."""
        node = scope.plan.nodes[fact.element]
        if node.compensator is not None and not (fact.outcome or {}).get("skipped"):
            scope.compensable.append(Compensable(fact.id, node.name, scope.vars.flat(), []))

    def _compensate(self, fact: Fact, at: datetime) -> None:
        outcome = fact.outcome or {}
        scope = self.scopes[fact.scope]
        entry = next((one for one in scope.compensable if one.end == outcome["entry"]), None)
        if entry is None:
            raise KeyError(outcome["entry"])
        scope.compensable.remove(entry)
        token = Token((fact.id, "compensate"), scope.plan.nodes[fact.element], scope)
        token.restores = outcome["for"]
        token.vars = scope.vars.below(dict(entry.data))
        scope.tokens[token.id] = token
        if "inside" not in outcome:
            self._look_at(token)
            return
        self._occur(token, fact, at)
        model = self.models(entry.called) if entry.called else scope.model
        plan = model.plan if entry.called else scope.plan
        if token.node.sub and outcome["inside"] != "items":
            plan = model.plans[token.node.sub]
        own = Scope(fact.occurrence, token, model, plan, token.vars.below({}))
        own.compensable = entry.inner
        self._add_scope(own)

    def _boundary(self, fact: Fact, at: datetime) -> None:
        scope = self.scopes[fact.scope]
        self._leave_open(fact)
        if fact.takes:
            for address in fact.takes:
                occurrence = self.open[address]
                self._closed(occurrence)
                if isinstance(occurrence, Token):
                    del scope.tokens[occurrence.id]
                    if occurrence.number is not None:
                        self._count_items(scope, completed=0)
                    self._make_room(scope, occurrence.node, fact)
            self._close(fact.closes)
            for address in fact.takes:
                self._drop_rounds(address)
        else:
            self._rearm(fact, fact.element)
        self._write(scope.vars, fact)
        host = scope.plan.nodes[fact.element].host
        self._give(scope, fact, origin=host.name if fact.takes and host else None)

    def _rearm(self, fact: Fact, event: str) -> None:
        """An event that does not interrupt: its host goes on, with the next date of a cycle or none."""
        outcome = fact.outcome or {}
        if fact.id in self.detached and outcome["host"] not in self.by_start:
            return
        host = self.by_start[outcome["host"]]
        assert isinstance(host, Token)
        key = outcome.get("part", event)
        if host.heard.pop(event, None):
            self.touched[host.started] = host
        if key in host.timers:
            del host.timers[key]
            if outcome.get("timer"):
                host.timers[key] = list(outcome["timer"])
            self.touched[host.started] = host
        if key in host.outcome.get("conditions", ()):
            host.truths[key] = True

    def _hear(self, fact: Fact, at: datetime) -> None:
        """One part of a parallel multiple event has come."""
        host = self.open[fact.occurrence]
        assert isinstance(host, Token)
        self._write(host.scope.vars, fact)
        host.heard.setdefault(fact.element, {})[(fact.outcome or {})["part"]] = fact.id
        self.touched[host.started] = host

    def _lapse(self, fact: Fact, at: datetime) -> None:
        host = self.open[fact.occurrence]
        assert isinstance(host, Token)
        host.truths[fact.element] = False

    def _done(self, fact: Fact, at: datetime) -> None:
        self._write(self.file, fact)
        self._clear(self.root)
        self.status = Status.CANCELLED if fact.kind == Kind.CANCEL else Status.COMPLETED

    def _suspend(self, fact: Fact, at: datetime) -> None:
        self.status = Status.SUSPENDED if fact.kind == Kind.SUSPEND else Status.RUNNING

    def _data(self, fact: Fact, at: datetime) -> None:
        for name, value in fact.writes:
            self.file.maps[0][name] = value
            self.writers[name] = fact.id
            self.stale.discard(name)

    def _assign(self, fact: Fact, at: datetime) -> None:
        occurrence = self.open[fact.occurrence]
        occurrence.assignee = (fact.outcome or {}).get("assignee")
        self._write(occurrence.scope.vars, fact)
        self.touched[occurrence.started] = occurrence

    def _draft(self, fact: Fact, at: datetime) -> None:
        if fact.occurrence not in self.open:
            raise KeyError(fact.occurrence)

    def _incident(self, fact: Fact, at: datetime) -> None:
        outcome = fact.outcome or {}
        tokens = [tuple(token) for token in outcome.get("tokens", ())]
        started = None
        if fact.occurrence:
            host = self.open[fact.occurrence]
            started = host.started
            if host.parked:  # it is in trouble again: what it was before is told no longer
                self._drop_trouble(host.parked)
        trouble = Trouble(
            fact.id, fact.element, fact.scope, fact.occurrence or None, tokens, outcome["kind"], outcome["message"],
            at, started,
        )  # fmt: skip
        self.troubles[fact.id] = trouble
        if outcome["kind"] == "runaway":
            self.stopped = fact.id
        for subject in self._troubled(trouble):
            subject.parked = fact.id
            if subject.started:
                self.touched[subject.started] = subject

    def _troubled(self, trouble: Trouble) -> list[Occurrence]:
        if trouble.occurrence:
            return [self.open[trouble.occurrence]]
        scope = self.scopes[trouble.scope]
        return [scope.tokens[token_id] for token_id in trouble.tokens]

    def _retry(self, fact: Fact, at: datetime) -> None:
        trouble = self.troubles.pop((fact.outcome or {})["incident"])
        self.dropped_troubles = True
        if self.stopped == trouble.id:
            self.stopped = None
        self._write(self.scopes[trouble.scope].vars, fact)
        for subject in self._troubled(trouble):
            subject.parked = None
            if subject.started:
                self.touched[subject.started] = subject
            if not isinstance(subject, Token):
                continue
            if not subject.occurrence:
                self._ready(subject)
            elif "topic" not in subject.outcome:
                subject.after = (*subject.after, fact.id)  # what is tried again now is owed to this

    # -- work beside the diagram -------------------------------------------------------------------

    def _insert(self, fact: Fact, at: datetime) -> None:
        outcome = fact.outcome or {}
        works = [dict(work) for work in outcome["works"]]  # an edit changes them, and the fact must stay
        self.insertions[fact.id] = Insertion(
            fact.id,
            outcome.get("scope"),
            outcome["kind"],
            outcome.get("element"),
            outcome["blocking"],
            outcome["every"],
            outcome["need"],
            outcome["in_turn"],
            works,
            title=outcome.get("title"),
            pauses=outcome.get("pauses", False),
            stays=outcome.get("stays", False),
            by=outcome.get("by"),
            order=list(range(len(works))),
        )

    def _edit(self, fact: Fact, at: datetime) -> None:
        outcome = fact.outcome or {}
        insertion = self.insertions[outcome["insertion"]]
        insertion.last_edit = fact.id
        insertion.works += [dict(work) for work in outcome.get("add", ())]
        for index, changes in outcome.get("set", ()):
            insertion.works[index] = _changed(insertion.works[index], changes)
            insertion.edited[index] = fact.id
        insertion.order = list(outcome.get("order", insertion.order))
        insertion.removed.update((index, fact.id) for index in outcome.get("removed", ()))
        for name in ("need", "in_turn", "title"):
            if name in outcome:
                setattr(insertion, name, outcome[name])
        for found in [one for one in self.rounds.values() if one.insertion == insertion.id]:
            self.rounds_touched[found.id] = None
            for index, changes in outcome.get("now", ()):
                self._edit_open(found, index, changes)

    def _edit_open(self, found: Round, index: int, changes: Mapping[str, Any]) -> None:
        """A task that is open already is changed with the plan that it comes from."""
        work = self.open.get(found.open.get(index, ""))
        if not isinstance(work, Work):
            return
        work.outcome = _changed(work.outcome, changes)
        if "assignee" in changes:
            work.assignee = changes["assignee"]
        if "checklist" in changes:
            kept = {name for name, _ in changes["checklist"] or ()}
            work.ticked = {name: by for name, by in work.ticked.items() if name in kept}
        self.touched[work.started] = work

    def _tick(self, fact: Fact, at: datetime) -> None:
        outcome = fact.outcome or {}
        work = self.open[fact.occurrence]
        assert isinstance(work, Work)
        work.ticked.pop(outcome["item"], None)
        if outcome["done"]:
            work.ticked[outcome["item"]] = outcome.get("by")
        self.touched[work.started] = work

    def _override(self, fact: Fact, at: datetime) -> None:
        """Nothing: it is on record."""

    def _round(self, fact: Fact, at: datetime) -> None:
        outcome = fact.outcome or {}
        insertion = self.insertions[outcome["insertion"]]
        insertion.rounds += 1
        scope = self.scopes[fact.scope]
        host = self.open[fact.occurrence] if fact.occurrence else None
        holds = bool(host and insertion.blocking and insertion.kind in _HOLDS_ITS_HOST)
        found = Round(fact.id, insertion.id, fact.scope, host.occurrence if host else None, holds)
        self.rounds[fact.id] = found
        self.rounds_touched[fact.id] = None
        if insertion.waited_for:
            scope.rounds.add(fact.id)
        if host is not None and holds:
            host.held.add(fact.id)
            self.touched[host.started] = host
            if insertion.pauses and isinstance(host, Token):
                found.paused = at
                host.paused.add(fact.id)
        where = self.scopes[outcome.get("where", fact.scope)]
        self._hold_tokens(found, insertion, where, outcome.get("tokens", ()))

    def _hold(self, fact: Fact, at: datetime) -> None:
        outcome = fact.outcome or {}
        if "wait" in outcome:
            self._hold_for(self.waits[outcome["wait"]], fact)
            return
        found = self.rounds[outcome["round"]]
        where = self.scopes[outcome.get("where", fact.scope)]
        self._hold_tokens(found, self.insertions[found.insertion], where, outcome["tokens"])

    def _hold_tokens(self, found: Round, insertion: Insertion, scope: Scope, tokens: Iterable[Any]) -> None:
        for token_id in tokens:
            token = scope.tokens[tuple(token_id)]
            token.passed.add(insertion.id)
            if insertion.blocking:
                token.held.add(found.id)
                found.tokens[token.id] = scope.path

    def _open_work(self, fact: Fact, scope: Scope, at: datetime) -> None:
        outcome = fact.outcome or {}
        found = self.rounds[outcome["round"]]
        work = Work(fact, scope, found.id, outcome["work"], at)
        found.open[work.index] = fact.occurrence
        self.open[fact.occurrence] = self.by_start[fact.id] = work
        self.touched[fact.id] = work
        if work.process:
            self._open_process(work, fact)
        else:
            self._offer(work)

    def _open_process(self, work: Work, fact: Fact) -> None:
        """A process that was inserted runs in the place of a task."""
        model = self.models(work.outcome["called"])
        variables = work.vars.below(dict(work.outcome.get("data") or {}))
        scope = Scope(fact.occurrence, work, model, model.plan, variables)
        self._add_scope(scope)
        self._enter(scope, fact)

    def _open_remedy(self, fact: Fact, scope: Scope, at: datetime) -> None:
        """What a revisit took out is put right: its handler runs in a scope of its own, with the data of that time."""
        outcome = fact.outcome or {}
        found = self.rounds[outcome["round"]]
        work = self.insertions[found.insertion].works[outcome["work"]]
        token = Token((fact.id, "remedy"), scope.plan.remedy, scope)
        scope.tokens[token.id] = token
        self._occur(token, fact, at)
        found.open[outcome["work"]] = fact.occurrence
        definition = work["definition"]
        model = self.model if definition == self.model.definition_id else self.models(definition)
        own = Scope(fact.occurrence, token, model, model.plans[work["plan"]], scope.vars.below({}))
        own.compensable = [Compensable.of(work["entry"])]
        self._add_scope(own)

    def _close_remedy(self, token: Token, fact: Fact) -> None:
        found = self.rounds[token.outcome["round"]]
        found.open.pop(token.outcome["work"], None)
        found.closed[token.outcome["work"]] = fact.id
        self.rounds_touched[found.id] = None

    def _close_work(self, work: Work, fact: Fact) -> None:
        found = self.rounds[work.round]
        found.open.pop(work.index, None)
        found.closed[work.index] = fact.id
        for directive in self.directives.values():
            if directive.source == found.insertion:
                directive.result, directive.writes = fact.id, [list(pair) for pair in fact.writes]
        self._choose_ways(found, fact)
        self.rounds_touched[found.id] = None
        self._write(work.scope.vars, fact)

    def _choose_ways(self, found: Round, fact: Fact) -> None:
        """A person has said which way the tokens, or the occurrence, that the work holds go on."""
        ways = (fact.outcome or {}).get("ways")
        if ways is None:
            return
        scope = self.scopes[found.scope]
        subjects: list[Any] = [scope.tokens[token_id] for token_id in found.tokens]
        for subject in [*subjects, *([self.open[found.host]] if found.host else [])]:
            subject.ways = ways

    def _withdraw(self, fact: Fact, at: datetime) -> None:
        work = self.open[fact.occurrence]
        assert isinstance(work, Work)
        self._closed(work)
        self._close(fact.closes)
        self._drop_rounds(fact.occurrence)
        found = self.rounds[work.round]
        found.open.pop(work.index, None)
        found.dropped.add(work.index)
        self.rounds_touched[found.id] = None

    def _release(self, fact: Fact, at: datetime) -> None:
        if "wait" in (fact.outcome or {}):
            self._let_go(self.waits.pop((fact.outcome or {})["wait"]), fact)
            return
        found = self.rounds.pop((fact.outcome or {})["round"])
        scope = self.scopes[found.scope]
        scope.rounds.discard(found.id)
        if found.host and found.host in self.open:
            host = self.open[found.host]
            host.held.discard(found.id)
            host.after = (*host.after, fact.id)
            self.touched[host.started] = host
            if isinstance(host, Token) and found.paused is not None:
                self._let_tick(host, found, found.paused, at)
        for token in self.held_by(found):
            token.held.discard(found.id)
            token.after = (*token.after, fact.id)
            self._ready(token)

    def _let_tick(self, host: Token, found: Round, since: datetime, at: datetime) -> None:
        """Timers that stood still go on with the time that was left, unless other work still stops them."""
        host.paused.discard(found.id)
        for other in [self.rounds[number] for number in host.paused]:
            other.paused = min(since, other.paused or since)
        if not host.paused:
            for timer in host.timers.values():
                timer[0] += at - since

    def _direct(self, fact: Fact, at: datetime) -> None:
        outcome = fact.outcome or {}
        self.directives[fact.id] = Directive(
            fact.id, outcome.get("scope"), fact.element, outcome["every"], outcome["writes"],
            until=outcome.get("until"), condition=outcome.get("condition"),
            missing=list(outcome.get("missing", ())), source=outcome.get("source"),
        )  # fmt: skip

    def _wait(self, fact: Fact, at: datetime) -> None:
        self.waits[fact.id] = Wait(fact.id, fact.scope, (fact.outcome or {})["first"], fact.element)

    def _hold_for(self, wait: Wait, fact: Fact) -> None:
        subjects: list[Occurrence] = [self.open[fact.occurrence]] if fact.occurrence else []
        for token_id in (fact.outcome or {})["tokens"]:
            subjects.append(self.scopes[fact.scope].tokens[tuple(token_id)])
            wait.tokens.add(tuple(token_id))
        for subject in subjects:
            subject.held.add(wait.id)
            if subject.started:
                wait.hosts.add(subject.occurrence or "")
                self.touched[subject.started] = subject

    def _let_go(self, wait: Wait, fact: Fact) -> None:
        for subject in self.waiting_for(wait):
            subject.held.discard(wait.id)
            subject.after = (*subject.after, fact.id)
            if subject.started:
                self.touched[subject.started] = subject
            elif isinstance(subject, Token):
                self._ready(subject)

    def waiting_for(self, wait: Wait) -> list[Occurrence]:
        """What a wait holds, and is still there."""
        scope = self.scopes[wait.scope]
        tokens: list[Occurrence | None] = [scope.tokens.get(one) for one in sorted(wait.tokens, key=str)]
        hosts = [self.open.get(address) for address in sorted(wait.hosts)]
        return [one for one in (*tokens, *hosts) if one is not None]

    def _meet(self, fact: Fact) -> None:
        """What a step waits for is done."""
        for wait in self.waits.values():
            if wait.first == fact.element and wait.scope == fact.scope and wait.met is None:
                wait.met = fact.id

    def _jump(self, fact: Fact, at: datetime) -> None:
        self._write(self.scopes[fact.scope].vars, fact)
        self._leave_open(fact)

    def _item(self, fact: Fact, at: datetime) -> None:
        """One item more, or one less, of a multi-instance activity that is under way."""
        outcome = fact.outcome or {}
        body = self.scopes[fact.scope]
        assert body.items is not None
        if "added" in outcome:
            body.added[len(body.items)] = fact.id
            body.items.append(outcome["added"])
        else:
            self._take_out(body, outcome["removed"], fact)
        body.vars.maps[0]["nrOfInstances"] = len(body.left)
        for number in fact.gives:
            self.put(body, body.plan.nodes[fact.element], (fact.id, number), number)

    def _take_out(self, body: Scope, number: int, fact: Fact) -> None:
        body.removed[number] = fact.id
        token = next((token for token in body.tokens.values() if token.number == number), None)
        if token is None:
            return
        if token.occurrence:
            self._closed(token)
            self._close(fact.closes)
            self._drop_rounds(token.occurrence)
        self._forget(token)
        del body.tokens[token.id]
        self._count_items(body, completed=0)

    def _lift(self, fact: Fact, at: datetime) -> None:
        self.directives[(fact.outcome or {})["directive"]].over = True

    def _reached(self, element: str) -> None:
        """Orders that hold until an element is reached."""
        for directive in self.directives.values():
            if directive.until == element:
                directive.over = True

    def _leave_open(self, fact: Fact) -> None:
        """What a skipped step has not said: a condition that rests on it asks a person."""
        if fact.outcome:
            self.missing.update(fact.outcome.get("missing", ()))
            self.left_open.update(fact.outcome.get("open", ()))

    def _directed(self, fact: Fact) -> None:
        if fact.outcome and "directive" in fact.outcome:
            self.directives[fact.outcome["directive"]].used += 1

    def _revisit(self, fact: Fact, at: datetime) -> None:
        outcome = fact.outcome or {}
        self.offers = {address: list(offers) for address, offers in outcome.get("offers", {}).items()}
        for path, name, value in outcome.get("kept", ()):
            if scope := self.scopes.get(path):
                scope.vars.write(name, value)
        for path, name in outcome.get("cleared", ()):
            if scope := self.scopes.get(path):
                scope.vars.erase(name)
        self.stale.update(outcome.get("stale", ()))
        self.writers.update((name, fact.id) for _, name, _ in outcome.get("kept", ()))
        self.replies = {place: list(found) for place, found in outcome.get("replies", {}).items()}
        self.dates = {place: list(found) for place, found in outcome.get("dates", {}).items()}
        self.closed.extend(list(one) for one in outcome.get("closed", ()))

    @staticmethod
    def _take(waiting: dict[str, list[Any]], key: str) -> None:
        """The first of what a revisit has laid out for a place is used up."""
        if key in waiting:
            waiting[key].pop(0)
            if not waiting[key]:
                del waiting[key]

    def _arm(self, fact: Fact, at: datetime) -> None:
        outcome = fact.outcome or {}
        token = self.open[fact.occurrence]
        assert isinstance(token, Token)
        merged = dict(token.outcome)
        for kind in ("timers", "messages", "signals"):
            waits = {**token.outcome.get(kind, {}), **outcome.get(kind, {})}
            merged[kind] = {
                key: value for key, value in waits.items() if key not in outcome.get("dropped", ())
            }
        conditions = [*token.outcome.get("conditions", ()), *outcome.get("conditions", ())]
        merged["conditions"] = [key for key in conditions if key not in outcome.get("dropped", ())]
        token.outcome = {name: value for name, value in merged.items() if value or name not in _WAITS}
        token.timers.update((key, list(timer)) for key, timer in outcome.get("timers", {}).items())
        for key in outcome.get("dropped", ()):
            token.timers.pop(key, None)
        self.touched[token.started] = token

    def _tray(self, fact: Fact, at: datetime) -> None:
        """Nothing: what lies in the tray is told by the journal."""

    def _migrate(self, fact: Fact, at: datetime) -> None:
        """Nothing: older facts are translated before a replay."""

    def _undo(self, fact: Fact, at: datetime) -> None:
        """Nothing: which facts count is decided before a replay."""

    def offered(self, address: str) -> dict[str, Any]:
        """What a start at this address has to record: which earlier answer it is offered, if there is one."""
        waiting = self.offers.get(self._offer_key(address)) if self.offers else None
        return {"offered": waiting[0]["of"]} if waiting else {}

    def _offer_key(self, address: str) -> str:
        """The same item is offered its answer, wherever it stands now; one without a value goes by its index."""
        key = place_of_items(address, self._item_of)
        return key if key in self.offers else place(address)

    def _item_of(self, path: str, number: int) -> Any:
        items = self.scopes[path].items
        return items[number] if items is not None and number < len(items) else None

    def _offer(self, occurrence: Occurrence) -> None:
        """The start has recorded which answer it took, so that a replay without another start gives it no other."""
        wanted = occurrence.outcome.get("offered")
        if wanted is None or not occurrence.occurrence:
            return
        key = self._offer_key(occurrence.occurrence)
        waiting = self.offers.get(key, [])
        for offer in [offer for offer in waiting if offer["of"] == wanted]:
            occurrence.previous = offer
            waiting.remove(offer)
        if not waiting:
            self.offers.pop(key, None)

    # -- tokens ------------------------------------------------------------------------------------

    def _enter(self, scope: Scope, fact: Fact) -> None:
        for name in fact.gives:
            token = self.put(scope, scope.plan.nodes[name], (fact.id, name))
            token.chosen = scope.ad_hoc is not None

    def _write(self, variables: Variables, fact: Fact) -> None:
        for name, value in fact.writes:
            variables.write(name, value)
            self.writers[name] = fact.id
            if self.stale:
                self.stale.discard(name)

    def _give(self, scope: Scope, fact: Fact, *, origin: str | None = None) -> None:
        nodes = scope.plan.nodes
        if fact.gives:
            chosen = [(flow, fact.gives.count(flow.id)) for flow in nodes[fact.element].flows]
            if sum(count for _, count in chosen) != len(fact.gives):
                raise KeyError(fact.element)
            for flow, count in chosen:
                for which in range(count):
                    token_id = (fact.id, flow.id, which) if which else (fact.id, flow.id)
                    self.put(scope, nodes[flow.target], token_id)
        if scope.plan.reach and not scope.body:
            self._lose_reach(scope, fact, origin or fact.element)

    def put(self, scope: Scope, node: Node, token_id: TokenId, number: int | None = None) -> Token:
        token = Token(token_id, node, scope, number)
        scope.tokens[token_id] = token
        self.given.append(token)
        if self.directives:
            self._reached(node.name)
        if number is not None:
            own: dict[str, Any] = {"loopCounter": number}
            if node.multi and node.multi.item and scope.items is not None:
                own[node.multi.item] = scope.items[number]
            token.vars = scope.vars.below(own)
            self._count_items(scope, started=1)
        self._ready(token)
        return token

    def _look_at(self, token: Token) -> None:
        """It is its turn soon; before, no join may count it: a gate may hold it, or an order skip its step."""
        token.pending = True
        self.queue.append(token)

    def rest(self) -> None:
        """Nothing has to be looked at: the state is one in which the flow had come to a wait."""
        for token in self.queue:
            token.pending = False
        self.queue.clear()
        self.rounds_touched.clear()

    def _ready(self, token: Token) -> None:
        if token.node.joins and token.number is None:
            token.scope.waiting.setdefault(token.node.name, {})[token.id] = token
            self.dirty[(token.scope.path, token.node.name)] = None
        self._look_at(token)

    def _consume(self, scope: Scope, token_id: TokenId) -> None:
        token = scope.tokens.pop(token_id)
        self.stop_waiting(token)
        self._forget(token)

    def stop_waiting(self, token: Token) -> None:
        """A token is no longer among those that wait for others at its element."""
        waiting = token.scope.waiting.get(token.node.name)
        if waiting is not None and token.number is None:
            waiting.pop(token.id, None)
            if not waiting:
                del token.scope.waiting[token.node.name]

    def _forget(self, token: Token) -> None:
        """A token that is gone no longer waits for a person, nor for inserted work."""
        if token.parked:
            self._drop_trouble(token.parked)
        for round_id in list(token.held):
            self._drop_round(round_id)

    def _drop_trouble(self, trouble_id: int) -> None:
        self.dropped_troubles = True
        self.troubles.pop(trouble_id, None)
        if self.stopped == trouble_id:
            self.stopped = None

    def _count_items(self, scope: Scope, *, started: int = 0, completed: int | None = None) -> None:
        own = scope.vars.maps[0]
        own["nrOfActiveInstances"] += started - (completed is not None)
        own["nrOfCompletedInstances"] += completed or 0

    def _closed(self, occurrence: Occurrence) -> None:
        assert occurrence.occurrence
        del self.open[occurrence.occurrence]
        self.restoring.pop(occurrence.occurrence, None)
        self.conditional.pop(occurrence.started, None)
        del self.by_start[occurrence.started]
        self.touched[occurrence.started] = occurrence
        if occurrence.parked:
            self._drop_trouble(occurrence.parked)

    def _close(self, path: str | None) -> None:
        """Ends a scope and all that is in it; nothing where the occurrence was not one."""
        if path is None or (scope := self.scopes.get(path)) is None:
            return
        self._clear(scope)
        del self.scopes[path]
        if scope.host is not None:
            del scope.host.scope.inner[path]

    def _clear(self, scope: Scope) -> None:
        for path in list(scope.inner):
            self._close(path)
        for token in (*scope.tokens.values(), *scope.watches.values()):
            if token.occurrence:
                self._closed(token)
            elif token.parked:
                self._drop_trouble(token.parked)
            for number in token.held:
                if number in self.rounds:
                    self.rounds[number].tokens.pop(token.id, None)
        scope.tokens.clear()
        scope.watches.clear()
        scope.waiting.clear()
        scope.lost.clear()
        scope.activated.clear()
        for found in [found for found in self.rounds.values() if found.scope == scope.path]:
            self._drop_round(found.id)
        for wait in [wait for wait in self.waits.values() if wait.scope == scope.path]:
            del self.waits[wait.id]
        for trouble in [trouble for trouble in self.troubles.values() if trouble.scope == scope.path]:
            self._drop_trouble(trouble.id)

    def _drop_rounds(self, host: str) -> None:
        for found in [found for found in self.rounds.values() if found.host == host]:
            self._drop_round(found.id)

    def _drop_round(self, round_id: int) -> None:
        found = self.rounds.pop(round_id, None)
        if found is None:
            return
        scope = self.scopes[found.scope]
        for address in found.open.values():
            work = self.open.get(address)
            if work is None:
                continue
            self._close(address)
            self._closed(work)
            self._drop_rounds(address)
            if isinstance(work, Token):
                scope.tokens.pop(work.id, None)
        scope.rounds.discard(round_id)
        for token in self.held_by(found):
            token.held.discard(round_id)
            self._ready(token)  # nothing else would look at it again

    def held_by(self, found: Round) -> list[Token]:
        return [
            token
            for token_id, path in found.tokens.items()
            if (scope := self.scopes.get(path)) and (token := scope.tokens.get(token_id))
        ]

    def _lose_reach(self, scope: Scope, fact: Fact, origin: str) -> None:
        """Rule D2: remembers which firings took the last hope of an empty input from an inclusive join.

        Where tokens of several runs are under way at once, a firing of the join itself has taken theirs too.
        """
        for join, found in scope.plan.reach.items():
            if join == fact.element:
                if "activated" in (fact.outcome or {}):
                    continue  # it still waits for the rest
                others = [token.node.name for token in scope.tokens.values() if token.id[0] != fact.id]
                if any(name == join or found.get(name) for name in others):
                    taken = frozenset(str(token[1]) for token in fact.takes)
                    scope.lost.setdefault(join, []).append((fact.id, taken))
                else:
                    scope.lost.pop(join, None)
                continue
            before = found.get(origin)
            if not before:
                continue
            after: set[str] = set()
            for flow in scope.plan.nodes[fact.element].flows:
                if flow.id in fact.gives:
                    after |= {flow.id} if flow.target == join else found[flow.target]
            if gone := before - after:
                scope.lost.setdefault(join, []).append((fact.id, frozenset(gone)))


def _changed(described: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """None takes something away."""
    return {name: value for name, value in {**described, **changes}.items() if value is not None}


_HOLDS_ITS_HOST = frozenset({"before", "decision"})
_WAITS = frozenset({"timers", "messages", "signals", "conditions"})

_APPLY: dict[str, Callable[[Instance, Fact, datetime], None]] = {
    Kind.BEGIN: Instance._begin,
    Kind.PASS: Instance._pass,
    Kind.START: Instance._start,
    Kind.END: Instance._end,
    Kind.SKIP: Instance._end,
    Kind.COMPENSATE: Instance._compensate,
    Kind.BOUNDARY: Instance._boundary,
    Kind.SELECT: Instance._select,
    Kind.CLOSING: Instance._closing,
    Kind.READY: Instance._ready_again,
    Kind.HEARD: Instance._hear,
    Kind.LAPSE: Instance._lapse,
    Kind.DONE: Instance._done,
    Kind.CANCEL: Instance._done,
    Kind.SUSPEND: Instance._suspend,
    Kind.RESUME: Instance._suspend,
    Kind.DATA: Instance._data,
    Kind.ASSIGN: Instance._assign,
    Kind.DRAFT: Instance._draft,
    Kind.INCIDENT: Instance._incident,
    Kind.RETRY: Instance._retry,
    Kind.INSERT: Instance._insert,
    Kind.ROUND: Instance._round,
    Kind.HOLD: Instance._hold,
    Kind.WITHDRAW: Instance._withdraw,
    Kind.RELEASE: Instance._release,
    Kind.EDIT: Instance._edit,
    Kind.TICK: Instance._tick,
    Kind.OVERRIDE: Instance._override,
    Kind.DIRECT: Instance._direct,
    Kind.LIFT: Instance._lift,
    Kind.JUMP: Instance._jump,
    Kind.WAIT: Instance._wait,
    Kind.ITEM: Instance._item,
    Kind.MIGRATE: Instance._migrate,
    Kind.ARM: Instance._arm,
    Kind.LAID: Instance._tray,
    Kind.DISMISS: Instance._tray,
    Kind.REVISIT: Instance._revisit,
    Kind.UNDO: Instance._undo,
}


class _NoScripts:
    """Stands where SpiffWorkflow keeps its Python interpreter, so that nothing can reach one."""

    def __getattr__(self, name: str) -> Any:
        raise TypeError("SpiffWorkflow's script engine is not used.")


_NO_SCRIPTS = _NoScripts()
