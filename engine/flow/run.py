"""One run of a case: from a command to the next wait. Decides, writes facts, applies them.

This is the side that evaluates expressions. Every decision goes into a fact, and only `Instance.apply` changes
the case, so that a replay of the facts gives the same case without deciding anything again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from caseloom.engine.errors import ExpressionError
from caseloom.engine.expressions import Environment, Expression
from caseloom.engine.facts import Fact, Kind
from caseloom.engine.flow import beside, compensation, events, firing, joins, precedence, starting, ways
from caseloom.engine.flow.enabled import waits
from caseloom.engine.flow.instance import Instance
from caseloom.engine.flow.model import DecisionCall, Model, Node
from caseloom.engine.flow.thrown import Thrown
from caseloom.engine.flow.tokens import Occurrence, Scope, Token
from caseloom.engine.results import Occasion, Status

MAX_STEPS = 20_000


class Named(Protocol):
    """What has an id and a name: a node, a flow, a process."""

    @property
    def name(self) -> str: ...

    @property
    def label(self) -> str: ...


class World(Protocol):
    """What a run may ask outside its case."""

    def called(self, caller: Model, key: str, binding: str, version: Any) -> Model: ...

    def decide(
        self,
        caller: Model,
        call: DecisionCall,
        key: str,
        version: Any,
        data: Mapping[str, Any],
        env: Environment,
    ) -> tuple[Any, Mapping[str, Any]]: ...

    def version(self, key: str, version: int) -> Model: ...

    def store(self, name: str) -> Any: ...

    def stores_read(self) -> Mapping[str, int]: ...

    def execution(self, scope: Scope, node: Named) -> Mapping[str, Any]: ...

    def listen(self, occasion: Occasion, label: str) -> Mapping[str, Any]: ...


_DATA_MAY_CHANGE = frozenset({Kind.REVISIT, Kind.UNDO, Kind.RESUME})


class Run:
    """The facts of one command, as they are decided. `at` is the command's instant, aware and UTC."""

    def __init__(self, instance: Instance, world: World, at: datetime) -> None:
        self.instance = instance
        self.world = world
        self.at = at
        self.facts: list[Fact] = []
        self.thrown: list[Thrown] = []
        self._look_at_conditions = False
        self._stored: dict[str, Any] = {}
        self._to_tell: dict[str, Any] = {}

    def note(self, kind: str, element: str = "", scope: str = "", occurrence: str = "", **rest: Any) -> Fact:
        """Writes a fact and applies it."""
        if self._to_tell:
            rest["outcome"] = {**(rest.get("outcome") or {}), **self._told(kind)}
        fact = Fact(self.instance.next_id, kind, element, scope, occurrence, **rest)
        self.instance.apply(fact, self.at)
        self.facts.append(fact)
        if fact.writes or fact.kind in _DATA_MAY_CHANGE:
            self._look_at_conditions = True
        return fact

    def _told(self, kind: str) -> dict[str, Any]:
        """What was read from stores, and what is written to them, for the fact that it was decided for."""
        told, self._to_tell = self._to_tell, {}
        if kind == Kind.INCIDENT:  # the step was not done
            return {"read": told["read"]} if "read" in told else {}
        self._stored.update(told.get("stores", {}))
        return told

    def store(self, name: str) -> Any:
        """The value of a data store, as this command sees it; null where there is none yet."""
        waiting = self._to_tell.get("stores", {})
        if name in waiting or name in self._stored:
            return waiting.get(name, self._stored.get(name))
        found = self.world.store(name)
        self._to_tell.setdefault("read", {})[name] = found
        return found

    def will_store(self, name: str, value: Any) -> None:
        """The next fact writes to a data store, when the command is stored."""
        self._to_tell.setdefault("stores", {})[name] = value

    def will_state(self, path: str, name: str, state: str) -> None:
        """The next fact brings a data object of that scope into a data state."""
        self._to_tell.setdefault("states", []).append([path, name, state])

    reasons: Sequence[str] = ()

    def record(self, fact: Fact) -> None:
        """Writes a fact that a replay will apply."""
        self.facts.append(fact)
        self.instance.next_id = fact.id + 1

    def environment(self, scope: Scope, node: Node, expression: Expression | None) -> Environment:
        juel = expression is not None and expression.language == "juel"
        return Environment(now=self.at, execution=self.world.execution(scope, node) if juel else None)

    def value(self, expression: Expression, token: Token, variables: Mapping[str, Any] | None = None) -> Any:
        """What an expression gives now. A FEEL result that is null for a reason keeps the reason for `because`."""
        if expression.constant and expression.language == "text":
            return expression.text
        env = self.environment(token.scope, token.node, expression)
        found = expression.evaluate(token.vars if variables is None else variables, env)
        self.reasons = env.reasons
        return found

    def holds(
        self, expression: Expression, token: Token, what: str, variables: Mapping[str, Any] | None = None
    ) -> bool:
        """A condition's answer. What is neither true nor false stops here, instead of taking some way silently."""
        found = self.value(expression, token, variables)
        if isinstance(found, bool):
            return found
        because = f" ({self.reasons[0]})" if found is None and self.reasons else ""
        raise ExpressionError(
            f"{what}: “{expression.text}” gives {firing.say(found)}, neither true nor false{because}.",
            text=expression.text,
        )

    def advance(self) -> None:
        """All automatic steps, to the next wait. Too many of them stop the case with an incident."""
        instance = self.instance
        while instance.stopped is None and instance.status is Status.RUNNING:
            if instance.queue:
                self._next(instance.queue.popleft())
            elif self._look_at_conditions:
                events.check_conditions(self)
            elif self._goes_on_by_itself():
                pass
            elif instance.rounds_touched:
                beside.settle_rounds(self)
            elif not any(joins.join(self, key, last=True) for key in list(instance.dirty)) and not (
                instance.waits and precedence.settle(self)
            ):
                return
            if len(self.facts) > MAX_STEPS:
                self._runaway()

    def _goes_on_by_itself(self) -> bool:
        """A message that is heard again, or the next counter-step of a compensation."""
        instance = self.instance
        heard = bool(instance.replies) and events.answer(self)
        return heard or (bool(instance.restoring) and compensation.go_on(self))

    def _next(self, token: Token) -> None:
        scope = token.scope
        token.pending = False
        if self.instance.scopes.get(scope.path) is not scope or scope.tokens.get(token.id) is not token:
            return
        if token.occurrence or token.held or token.parked:
            return
        if token.number is None and waits(token):
            return
        if self.instance.bends() and token.number is None and beside.bent(self, token):
            return
        if token.node.joins and token.number is None and token.restores is None:
            joins.join(self, (scope.path, token.node.name), last=False)
        else:
            self.attempt(token)

    def attempt(self, token: Token, others: Sequence[Token] = ()) -> None:
        """One step, or an incident. `others` are the tokens that an activity waited for besides."""
        try:
            self._step(token, others)
        except ways.LeftOpen as unsaid:
            ways.ask(self, [token, *others], unsaid)
        except ExpressionError as wrong:
            self.incident(token, "expression", str(wrong), others)

    def _step(self, token: Token, others: Sequence[Token]) -> None:
        node = token.node
        if node.repeats and token.number is None:
            starting.start_body(self, token, others)
        elif node.waits or token.number is not None:
            starting.start(self, token, others)
        else:
            firing.fire(self, token, others)

    def _runaway(self) -> None:
        message = f"{MAX_STEPS} automatic steps without a wait: the diagram runs in circles."
        self.note(Kind.INCIDENT, outcome={"kind": "runaway", "message": message})

    def _has_gone(self, subject: Occurrence) -> bool:
        """Has the step been left already, so that nothing of it can wait?"""
        if isinstance(subject, Token) and not subject.occurrence:
            return subject.scope.tokens.get(subject.id) is not subject
        return subject.occurrence not in self.instance.open

    def incident(self, subject: Occurrence, kind: str, message: str, others: Sequence[Token] = ()) -> Fact:
        """Parks a token with the others that go with it, or what it has become, until a person has looked."""
        if self._has_gone(subject):
            return self.note(Kind.INCIDENT, outcome={"kind": kind, "message": message})
        element = subject.node.name if isinstance(subject, Token) else ""
        waiting: dict[str, Any] = {}
        if isinstance(subject, Token) and not subject.occurrence:
            waiting = {"tokens": [list(token.id) for token in (subject, *others)]}
        return self.note(
            Kind.INCIDENT,
            element,
            subject.scope.path,
            subject.occurrence or "",
            causes=subject.causes,
            outcome={"kind": kind, "message": message, **waiting},
        )
