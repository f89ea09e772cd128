"""One run of a case: from a command to the next wait. Decides, writes facts, applies them.

This is the side that evaluates expressions. Every decision goes into a fact, and only `Instance.apply` changes
the case, so that a replay of the facts gives the same case without deciding anything again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from caseloom.engine import times
from caseloom.engine.errors import Conflict, ExpressionError
from caseloom.engine.expressions import Environment, Expression
from caseloom.engine.facts import Fact, Kind, Writes, below, inside
from caseloom.engine.flow.instance import (
    Directive,
    Insertion,
    Instance,
    Occurrence,
    Round,
    Scope,
    Token,
    Work,
)
from caseloom.engine.flow.model import DecisionCall, Flow, Loop, Model, Node, ValueMapping
from caseloom.engine.flow.variables import Variables
from caseloom.engine.results import Status
from caseloom.engine.reuse import inputs, prints_of, unchanged

MAX_STEPS = 20_000
MAX_ITEMS = 20_000
MAX_DEPTH = 50


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

    def execution(self, scope: Scope, node: Node) -> Mapping[str, Any]: ...


class Thrown(NamedTuple):
    """A signal that goes out to other cases when the command is stored; in its own case it was heard at once."""

    name: str
    data: Mapping[str, Any]


class Run:
    """The facts of one command, as they are decided. `at` is the command's instant, aware and UTC."""

    def __init__(self, instance: Instance, world: World, at: datetime) -> None:
        self.instance = instance
        self.world = world
        self.at = at
        self.facts: list[Fact] = []
        self.signals: list[Thrown] = []
        self._look_at_conditions = False
        self._written: dict[str, int] = {}

    def note(self, kind: str, element: str = "", scope: str = "", occurrence: str = "", **rest: Any) -> Fact:
        """Writes a fact and applies it."""
        fact = Fact(self.instance.next_id, kind, element, scope, occurrence, **rest)
        self.instance.apply(fact, self.at)
        self.facts.append(fact)
        if fact.writes or fact.kind in _DATA_MAY_CHANGE:
            self._look_at_conditions = True
            self._written.update((name, fact.id) for name, _ in fact.writes)
        return fact

    # -- evaluating --------------------------------------------------------------------------------

    def environment(self, scope: Scope, node: Node, expression: Expression | None) -> Environment:
        juel = expression is not None and expression.language == "juel"
        return Environment(now=self.at, execution=self.world.execution(scope, node) if juel else None)

    def value(self, expression: Expression, token: Token, variables: Mapping[str, Any] | None = None) -> Any:
        """What an expression gives now. A FEEL result that is null for a reason keeps the reason for `because`."""
        if expression.constant and expression.language == "text":
            return expression.text
        env = self.environment(token.scope, token.node, expression)
        found = expression.evaluate(token.vars if variables is None else variables, env)
        self._reasons = env.reasons
        return found

    _reasons: Sequence[str] = ()

    def holds(
        self, expression: Expression, token: Token, what: str, variables: Mapping[str, Any] | None = None
    ) -> bool:
        """A condition's answer. What is neither true nor false stops here, instead of taking some way silently."""
        found = self.value(expression, token, variables)
        if isinstance(found, bool):
            return found
        because = f" ({self._reasons[0]})" if found is None and self._reasons else ""
        raise ExpressionError(
            f"{what}: “{expression.text}” gives {_say(found)}, neither true nor false{because}.",
            text=expression.text,
        )

    # -- the loop ----------------------------------------------------------------------------------

    def advance(self) -> None:
        """All automatic steps, to the next wait. Too many of them stop the case with an incident."""
        instance = self.instance
        while instance.stopped is None and instance.status is Status.RUNNING:
            if instance.queue:
                self._next(instance.queue.popleft())
            elif self._look_at_conditions:
                self._check_conditions()
            elif instance.rounds_touched:
                self._settle_rounds()
            elif not any(self.join(key, last=True) for key in list(instance.dirty)):
                return
            if len(self.facts) > MAX_STEPS:
                self._runaway()

    def _next(self, token: Token) -> None:
        scope = token.scope
        if self.instance.scopes.get(scope.path) is not scope or scope.tokens.get(token.id) is not token:
            return
        if token.occurrence or token.held or token.parked:
            return
        if self.instance.bends() and token.number is None and self._bent(token):
            return
        if token.node.joins and token.number is None:
            self.join((scope.path, token.node.name), last=False)
        else:
            self._attempt(token)

    def _attempt(self, token: Token) -> None:
        try:
            self.step(token)
        except ExpressionError as wrong:
            self.incident(token, "expression", str(wrong))

    def step(self, token: Token) -> None:
        node = token.node
        if node.repeats and token.number is None:
            self.start_body(token)
        elif node.waits or token.number is not None:
            self.start(token)
        else:
            self.fire(token)

    def _runaway(self) -> None:
        message = f"{MAX_STEPS} automatic steps without a wait: the diagram runs in circles."
        self.note(Kind.INCIDENT, outcome={"kind": "runaway", "message": message})

    def incident(self, subject: Occurrence, kind: str, message: str) -> Fact:
        """Parks a token, or the occurrence that it has become, until a person has looked."""
        element = subject.node.name if isinstance(subject, Token) else ""
        waiting = (
            {} if subject.occurrence or not isinstance(subject, Token) else {"tokens": [list(subject.id)]}
        )
        return self.note(
            Kind.INCIDENT,
            element,
            subject.scope.path,
            subject.occurrence or "",
            causes=subject.causes,
            outcome={"kind": kind, "message": message, **waiting},
        )

    def try_again(self, token: Token, retried: Fact) -> None:
        """What an incident stopped at an occurrence: its end, or its next item."""
        token.after = (*token.after, retried.id)
        own = self.instance.scopes.get(token.occurrence or "")
        if own is not None:
            self.ended(own)
        elif not token.node.waits:
            self._finish_item(token)

    # -- automatic elements ------------------------------------------------------------------------

    def fire(self, token: Token) -> None:
        """An element that needs nobody: consumes its token and goes on."""
        node, scope = token.node, token.scope
        if node.kind == "endEvent" and node.event.kind == "error":
            self.throw_at_end(token)
            return
        writes, outcome = self.work(token)
        terminates = node.kind == "endEvent" and node.event.kind == "terminate"
        self._pass(
            scope,
            node,
            [token],
            writes=writes,
            outcome=outcome,
            closes=scope.path if terminates else None,
            variables=_overlay(token.vars, writes),
        )

    def _pass(
        self,
        scope: Scope,
        node: Node,
        tokens: Sequence[Token],
        *,
        depends: Iterable[int] = (),
        writes: Writes = (),
        outcome: Mapping[str, Any] | None = None,
        closes: str | None = None,
        variables: Mapping[str, Any] | None = None,
    ) -> None:
        flows = self.choose(tokens[0], scope.vars if variables is None else variables)
        causes = sorted({cause for token in tokens for cause in token.causes} | set(depends))
        fact = self.note(
            Kind.PASS,
            node.name,
            scope.path,
            self.instance.next_occurrence(scope, node.name),
            takes=tuple(token.id for token in tokens),
            causes=tuple(causes),
            gives=tuple(flow.id for flow in flows),
            closes=closes,
            writes=writes,
            outcome=outcome or None,
        )
        given = list(self.instance.given)
        if outcome and "signal" in outcome:
            self._hear(outcome["signal"], fact)
        if outcome and "escalation" in outcome:
            self._escalate(scope, node, fact)
        self.instance.given = given
        self.left(fact, node, scope)

    def _hear(self, name: str, thrown: Fact) -> None:
        """A signal reaches all that wait for it in its own case at this moment, and they owe it to the throw (D5)."""
        data = tuple(self.signals[-1].data.items())
        for token in [one for one in self.instance.open.values() if isinstance(one, Token)]:
            for element, (wanted, _) in token.outcome.get("signals", {}).items():
                if wanted == name and self.instance.by_start.get(token.started) is token and not token.held:
                    catcher = token.catcher(element)
                    self.catch(token, catcher, data, outcome={"event": name}, depends=(thrown.id,))

    def decide(self, tokens: Sequence[Token], flows: Sequence[Flow]) -> None:
        """A person says where the tokens of a gateway go, instead of its conditions."""
        scope, node = tokens[0].scope, tokens[0].node
        depends = [token.parked for token in tokens if token.parked]
        fact = self.note(
            Kind.PASS, node.name, scope.path, self.instance.next_occurrence(scope, node.name),
            takes=tuple(token.id for token in tokens),
            causes=tuple(sorted({cause for token in tokens for cause in token.causes} | set(depends))),
            gives=tuple(flow.id for flow in flows), outcome={"decided": True},
        )  # fmt: skip
        self.left(fact, node, scope)

    def left(self, fact: Fact, node: Node, scope: Scope) -> None:
        """After tokens have left an element: inserted work that is due now, and the end of a scope."""
        if self.instance.insertions:
            self._watch_leaving(fact, node, scope, list(self.instance.given))
        self.ended(scope)

    def work(self, token: Token) -> tuple[Writes, dict[str, Any]]:
        """What an automatic element writes, and what is worth recording of it."""
        node = token.node
        if node.script is not None:
            return self._script(token)
        if node.decision is not None:
            return self._decide(token)
        if node.event.kind == "signal" and node.kind in ("intermediateThrowEvent", "endEvent"):
            name = self.value(node.event.name, token) if node.event.name else node.label
            self.signals.append(Thrown(str(name), self._inputs(token)))
            return (), {"signal": name}
        if node.event.kind == "escalation" and node.kind in ("intermediateThrowEvent", "endEvent"):
            return (), {"escalation": node.event.code}
        if node.event.kind == "message" and node.kind in ("intermediateThrowEvent", "endEvent"):
            name = self.value(node.event.name, token) if node.event.name else node.label
            return (), {"message": name}
        return (), {}

    def _script(self, token: Token) -> tuple[Writes, dict[str, Any]]:
        node = token.node
        assert node.script is not None
        variables = token.vars.below(self._inputs(token)) if node.input_mappings else token.vars
        env = self.environment(token.scope, node, node.script)
        found = node.script.evaluate(variables, env)
        writes = dict(env.writes)
        if node.result_variable:
            writes[node.result_variable] = found
        outcome: dict[str, Any] = {"reasons": list(env.reasons)} if found is None and env.reasons else {}
        return self._mapped(token, tuple(writes.items()), variables), outcome

    def _decide(self, token: Token) -> tuple[Writes, dict[str, Any]]:
        node = token.node
        assert node.decision is not None
        variables = token.vars.below(self._inputs(token)) if node.input_mappings else token.vars
        key = str(self.value(node.decision.key, token))
        version = self.value(node.decision.version, token) if node.decision.version else None
        env = self.environment(token.scope, node, None)
        found, explanation = self.world.decide(token.scope.model, node.decision, key, version, variables, env)
        name = node.decision.result_variable
        writes: Writes = ((name, found),) if name else ()
        return self._mapped(token, writes, variables), {"decision": dict(explanation)}

    def choose(self, token: Token, variables: Mapping[str, Any]) -> Sequence[Flow]:
        """The flows that a firing takes (BPMN 2.0.2, 10.6 and 13.3.4)."""
        node = token.node
        if node.kind in ("parallelGateway", "eventBasedGateway") or not any(
            flow.condition for flow in node.flows
        ):
            return self._unconditional(node)
        one = node.kind == "exclusiveGateway"
        chosen: list[Flow] = []
        conditional = False
        for flow in node.flows:
            if flow.default:
                continue
            if flow.condition is None:
                chosen.append(flow)
            elif self.holds(
                flow.condition, token, f"“{flow.name or flow.id}” from “{node.label}”", variables
            ):
                chosen.append(flow)
                conditional = True
            if one and chosen:
                return chosen
        if not conditional and (not chosen or not node.gateway):
            chosen.extend(flow for flow in node.flows if flow.default)
        if not chosen:
            raise ExpressionError(f"“{node.label}”: no condition holds, and there is no default way out.")
        return chosen

    def _unconditional(self, node: Node) -> Sequence[Flow]:
        if node.kind == "exclusiveGateway":
            return [flow for flow in node.flows if not flow.default][:1] or node.flows[:1]
        plain = [flow for flow in node.flows if not flow.default]
        return plain or node.flows

    # -- joins -------------------------------------------------------------------------------------

    def join(self, key: tuple[str, str], *, last: bool) -> bool:
        """Fires a join if it may; an inclusive one only when nothing else can move (`last`)."""
        scope = self.instance.scopes.get(key[0])
        waiting = scope.waiting.get(key[1]) if scope else None
        if scope is None or not waiting:
            self.instance.dirty.pop(key, None)
            return False
        node = scope.plan.nodes[key[1]]
        arrived: dict[Any, Token] = {}
        for token in waiting.values():
            if not token.held and not token.parked:
                arrived.setdefault(token.id[1], token)
        if not arrived or (not node.inclusive and len(arrived) < len(node.incoming)):
            self.instance.dirty.pop(key, None)
            return False
        if node.inclusive and not (last and self._nothing_comes(scope, node, arrived)):
            return False
        empty = set(node.incoming) - set(arrived)
        depends = (
            [fact for fact, gone in scope.lost.get(node.name, ()) if gone & empty] if node.inclusive else []
        )
        tokens = list(arrived.values())
        try:
            self._pass(scope, node, tokens, depends=depends)
        except ExpressionError as wrong:
            self._park_join(scope, node, tokens, str(wrong))
        return True

    def _nothing_comes(self, scope: Scope, node: Node, arrived: Mapping[Any, Token]) -> bool:
        """No token can still reach an empty input unless it can also reach a full one (BPMN 2.0.2, 13.4.3)."""
        full, found = set(arrived), scope.plan.reach[node.name]
        empty = set(node.incoming) - full
        for token in scope.tokens.values():
            if token.node is node:
                if token.held or token.parked:
                    return False
                continue
            reachable = found[token.node.name]
            if reachable & empty and not reachable & full:
                return False
        return True

    def _park_join(self, scope: Scope, node: Node, tokens: Sequence[Token], message: str) -> None:
        self.note(
            Kind.INCIDENT,
            node.name,
            scope.path,
            causes=tuple(sorted({cause for token in tokens for cause in token.causes})),
            outcome={
                "kind": "expression",
                "message": message,
                "tokens": [list(token.id) for token in tokens],
            },
        )

    # -- occurrences -------------------------------------------------------------------------------

    def start(self, token: Token) -> None:
        """A token becomes an occurrence that waits; an automatic item ends at once."""
        node, scope = token.node, token.scope
        outcome = self._entering(token)
        gives: tuple[str, ...] = ()
        if node.kind == "subProcess":
            gives = tuple(entrance.name for entrance in scope.model.plans[node.sub or ""].entrances())
        elif node.kind == "callActivity":
            gives = tuple(entrance.name for entrance in self._call(token, outcome).plan.entrances())
        if gives and scope.path.count("/") >= MAX_DEPTH:
            raise ExpressionError(f"“{node.label}” is nested more than {MAX_DEPTH} deep.")
        name = node.name if token.number is None else f"{node.name}[{token.number}]"
        self.note(
            Kind.START,
            node.name,
            scope.path,
            self.instance.next_occurrence(scope, name),
            takes=(token.id,),
            causes=token.causes,
            gives=gives,
            outcome=outcome or None,
        )
        self._started(token)
        if (own := self.instance.scopes.get(token.occurrence or "")) is not None:
            self.arm(own)
        if not node.waits:
            self._finish_item(token)
        elif token.previous and "prints" in token.previous:
            self._carry_over(token)

    def _carry_over(self, token: Token) -> None:
        """An earlier answer confirms itself where all that its step shows is as it was."""
        earlier = token.previous
        assert earlier is not None
        now = prints_of(token.vars, inputs(token.node), earlier["own"])
        if token.held or not unchanged(earlier["prints"], now, self.instance.stale):
            return
        self.finish(token, tuple(earlier["data"].items()), outcome={"carried": True, "by": earlier["by"]})

    def _started(self, token: Token) -> None:
        if self.instance.insertions and token.number is None:
            self._watch_start(token)

    def _finish_item(self, token: Token) -> None:
        try:
            writes, outcome = self.work(token)
            self.finish(token, writes, outcome=outcome)
        except ExpressionError as wrong:
            self.incident(token, "expression", str(wrong))

    def start_body(self, token: Token) -> None:
        """A multi-instance activity or a loop: the items are decided now, once; a loop decides after each round."""
        node, scope = token.node, token.scope
        items = [] if node.loop else self._items(token)
        outcome: dict[str, Any] = {"items": items}
        outcome.update(self._waits_for(self._catchers(token), token))
        self.note(
            Kind.START,
            node.name,
            scope.path,
            self.instance.next_occurrence(scope, node.name),
            takes=(token.id,),
            causes=token.causes,
            gives=self._first_items(token, items),
            outcome=outcome,
        )
        self._started(token)
        if not self.instance.scopes[token.occurrence or ""].tokens:
            self.finish(token)

    def _first_items(self, token: Token, items: Sequence[Any]) -> tuple[int, ...]:
        node = token.node
        if node.loop is not None:
            loop = node.loop
            goes = not loop.test_before or self._goes_on(loop, token, token.vars.below({"loopCounter": 0}), 0)
            return (0,) if goes else ()
        assert node.multi is not None
        return tuple(range(len(items[:1] if node.multi.sequential else items)))

    def _goes_on(self, loop: Loop, token: Token, view: Variables, rounds: int) -> bool:
        """Is there another round after so many?"""
        if loop.maximum is not None and rounds >= loop.maximum:
            return False
        what = f"The loop condition of “{token.node.label}”"
        return loop.condition is None or self.holds(loop.condition, token, what, view)

    def _items(self, token: Token) -> list[Any]:
        multi, node = token.node.multi, token.node
        assert multi is not None
        if multi.collection is not None:
            found = self.value(multi.collection, token)
            if not isinstance(found, list):
                raise ExpressionError(
                    f"“{node.label}”: “{multi.collection.text}” gives {_say(found)}, not a list.",
                    text=multi.collection.text,
                )
            return self._bounded(node, len(found)) and found
        if multi.cardinality is None:
            raise ExpressionError(f"“{node.label}” says neither how many items it has nor which.")
        count = self.value(multi.cardinality, token)
        if isinstance(count, bool) or not _whole(count) or count < 0:
            raise ExpressionError(
                f"“{node.label}”: “{multi.cardinality.text}” gives {_say(count)}, not a number of items.",
                text=multi.cardinality.text,
            )
        return self._bounded(node, int(count)) and [None] * int(count)

    def _bounded(self, node: Node, count: int) -> Any:
        if count > MAX_ITEMS:
            raise ExpressionError(
                f"“{node.label}” would have {count} items; at most {MAX_ITEMS} are allowed."
            )
        return count or []

    def _entering(self, token: Token) -> dict[str, Any]:
        """All that is decided when an occurrence begins: variables of its own, people, dates, subscriptions."""
        node = token.node
        outcome: dict[str, Any] = {}
        own = self._inputs(token)
        view = token.vars.below(own) if own else token.vars
        if own:
            outcome["locals"] = own
        if node.inbox:
            outcome.update(self._assignment(token, view))
        if node.topic is not None:
            outcome["topic"] = str(self.value(node.topic, token, view))
        outcome.update(self._waits_for(self._catchers(token), token, view))
        return outcome

    def _waits_for(
        self, catchers: Sequence[Node], token: Token, view: Variables | None = None
    ) -> dict[str, Any]:
        """Timers, messages, signals and conditions that an occurrence waits for, by event."""
        timers = self._timers(catchers, token, view)
        conditions = [one.name for one in catchers if one.event.kind == "conditional"]
        if conditions:
            self._look_at_conditions = True
        found = {"timers": timers, "conditions": conditions}
        return {name: value for name, value in found.items() if value} | self._subscriptions(
            catchers, token, view
        )

    def arm(self, scope: Scope) -> None:
        """The event sub-processes of a scope that was entered begin to wait."""
        for handler in scope.plan.handlers:
            trigger = scope.model.plans[handler.sub or ""].trigger
            token = Token((0, "watch"), trigger, scope)
            outcome = {"watch": trigger.name, **self._waits_for([trigger], token)}
            self.note(
                Kind.START, handler.name, scope.path, self.instance.next_occurrence(scope, f"{handler.name}!"),
                causes=(scope.host.started if scope.host else 1,), outcome=outcome,
            )  # fmt: skip

    def _inputs(self, token: Token) -> dict[str, Any]:
        own: dict[str, Any] = {}
        for mapping in token.node.input_mappings:
            view = token.vars.below(own)
            assert mapping.target
            own[mapping.target] = None if mapping.source is None else self.value(mapping.source, token, view)
        return own

    def _assignment(self, token: Token, view: Variables) -> dict[str, Any]:
        given, label = token.node.assignment, token.node.label

        def text_of(expression: Expression | None) -> Any:
            return None if expression is None else self.value(expression, token, view)

        found = {
            "assignee": _name(text_of(given.assignee)),
            "users": _names(text_of(given.users)),
            "groups": _names(text_of(given.groups)),
            "due": times.instant(text_of(given.due), self.at, element=label),
            "follow_up": times.instant(text_of(given.follow_up), self.at, element=label),
            "priority": _priority(text_of(given.priority), label),
        }
        return {name: value for name, value in found.items() if value not in (None, [])}

    def _catchers(self, token: Token) -> list[Node]:
        """The events that an occurrence waits for: on its edge, itself, or behind an event-based gateway."""
        node = token.node
        edge = node.boundary if token.number is None else []
        if node.kind == "eventBasedGateway":
            return [node.plan.nodes[flow.target] for flow in node.flows]
        return [*edge, node] if node.event.kind != "none" else list(edge)

    def _timers(
        self, catchers: Iterable[Node], token: Token, view: Variables | None = None
    ) -> dict[str, list[Any]]:
        timers: dict[str, list[Any]] = {}
        for catcher in catchers:
            event = catcher.event
            if event.kind == "timer" and event.when is not None and event.timer is not None:
                found = self.value(event.when, token, view)
                due = times.due(event.timer, found, self.at, element=catcher.label)
                timers[catcher.name] = [due.at, due.rest]
        return timers

    def _subscriptions(
        self, catchers: Iterable[Node], token: Token, view: Variables | None = None
    ) -> dict[str, Any]:
        found: dict[str, dict[str, Any]] = {}
        for catcher in catchers:
            event = catcher.event
            if event.kind not in ("message", "signal"):
                continue
            name = str(self.value(event.name, token, view)) if event.name else catcher.label
            key = None if event.correlation is None else self.value(event.correlation, token, view)
            found.setdefault(event.kind + "s", {})[catcher.name] = [name, key]
        return dict(found)

    def _call(self, token: Token, outcome: dict[str, Any]) -> Model:
        call = token.node.call
        assert call is not None
        own = outcome.get("locals", {})
        view = token.vars.below(own)
        key = str(self.value(call.key, token, view))
        version = self.value(call.version, token, view) if call.version else None
        model = self.world.called(token.scope.model, key, call.binding, version)
        outcome["called"] = model.definition_id
        if call.isolated:
            outcome["isolated"] = True
            outcome["in"] = self._pass_on(call.inputs, token, view)
        return model

    def _pass_on(
        self, mappings: Iterable[ValueMapping], token: Token, view: Mapping[str, Any]
    ) -> dict[str, Any]:
        passed: dict[str, Any] = {}
        for mapping in mappings:
            if mapping.target is None:
                passed.update(view)
            elif mapping.source is not None:
                passed[mapping.target] = self.value(mapping.source, token, view)
        return passed

    # -- ending ------------------------------------------------------------------------------------

    def finish(
        self,
        token: Occurrence,
        writes: Writes = (),
        *,
        kind: str = Kind.END,
        outcome: Mapping[str, Any] | None = None,
        depends: Iterable[int] = (),
    ) -> Fact:
        """Ends an occurrence: `writes` is what it leaves behind, by name."""
        if isinstance(token, Work):
            return self._finish_work(token, writes, kind, outcome)
        scope, node = token.scope, token.node
        assert token.occurrence
        view = self._leaving_view(token)
        if kind != Kind.SKIP:
            writes = self._mapped(token, writes, view)
        own_scope = token.occurrence if token.occurrence in self.instance.scopes else None
        outcome = dict(outcome or {})
        if token.number is None:
            gives: tuple[Any, ...] = tuple(
                flow.id for flow in self.choose(token, _overlay(scope.vars, writes))
            )
            self._collect(token, outcome, writes)
            writes = (*writes, *outcome.pop("collected", ()))
        else:
            gives = self._next_item(token, _overlay(token.vars, writes))
            self._item_result(token, _overlay(view, writes), outcome)
        causes = (*token.causes, *depends)
        fact = self.note(
            kind, node.name, scope.path, token.occurrence,
            takes=(token.occurrence,), causes=causes, gives=gives, closes=own_scope, writes=writes,
            outcome=outcome or None,
        )  # fmt: skip
        if token.number is None:
            self._hold_beside(fact, token)
            self.left(fact, node, scope)
        else:
            self._item_ended(fact, token)
        return fact

    def _leaving_view(self, token: Token) -> Variables:
        own = self.instance.scopes.get(token.occurrence or "")
        return own.vars if own is not None and not own.body else token.vars

    def _mapped(self, token: Token, writes: Writes, view: Variables) -> Writes:
        """Output mappings: they see what the occurrence saw and wrote, and write to the scope around it."""
        node = token.node
        if node.kind == "callActivity" and node.call is not None and node.call.isolated:
            out = self._pass_on(node.call.outputs, token, view)
            writes = tuple({**out, **dict(writes)}.items())
        own = token.outcome.get("locals", {})
        if not node.output_mappings:
            return tuple(pair for pair in writes if pair[0] not in own) if own else writes
        seen = view.below(dict(writes))
        mapped = {
            mapping.target: None if mapping.source is None else self.value(mapping.source, token, seen)
            for mapping in node.output_mappings
            if mapping.target
        }
        kept = {} if node.only_mapped_outputs else {name: value for name, value in writes if name not in own}
        return tuple({**kept, **mapped}.items())

    def _collect(self, token: Token, outcome: dict[str, Any], writes: Writes) -> None:
        """The results of the items, in their order, as the diagram's output collection."""
        body = self.instance.scopes.get(token.occurrence or "")
        multi = token.node.multi
        if body is None or multi is None or not multi.output or body.items is None:
            return
        results = [body.results.get(number) for number in range(len(body.items))]
        outcome["collected"] = ((multi.output, results),)

    def _item_result(self, token: Token, view: Mapping[str, Any], outcome: dict[str, Any]) -> None:
        multi = token.node.multi
        if multi and multi.output and multi.output_item is not None:
            outcome["result"] = self.value(multi.output_item, token, view)

    def _next_item(self, token: Token, view: Variables) -> tuple[int, ...]:
        node, items = token.node, token.scope.items
        assert items is not None
        assert token.number is not None
        following = token.number + 1
        if node.loop is not None:
            return (following,) if self._goes_on(node.loop, token, view, following) else ()
        assert node.multi is not None
        return (following,) if node.multi.sequential and following < len(items) else ()

    def _item_ended(self, fact: Fact, token: Token) -> None:
        scope, multi = token.scope, token.node.multi
        host = scope.host
        assert host is not None
        if multi is not None and multi.until is not None and scope.tokens:
            try:
                over = self.holds(multi.until, host, f"“{token.node.label}”", scope.vars)
            except ExpressionError as wrong:
                self.incident(host, "expression", str(wrong))
                return
            if over:
                self._finish_host(scope, host)
                return
        self.ended(scope)

    def ended(self, scope: Scope) -> None:
        """A scope with nothing left to do is over (rule D1 makes its end depend on all that happened in it)."""
        if scope.tokens or scope.rounds or self.instance.scopes.get(scope.path) is not scope:
            return
        if scope.host is not None:
            self._finish_host(scope, scope.host)
        elif not self.instance.is_completed():
            self.note(Kind.DONE, closes="", causes=())

    def _finish_host(self, scope: Scope, host: Token) -> None:
        try:
            self.finish(host)
        except ExpressionError as wrong:
            self.incident(host, "expression", str(wrong))

    # -- events ------------------------------------------------------------------------------------

    def catch(self, host: Token, catcher: Node, writes: Writes = (), **rest: Any) -> None:
        """An event reaches an occurrence: itself, behind its gateway, or on its edge.

        `depends` names the fact that threw it, where that is one of this case (rule D5).
        """
        if host.watch:
            self._handle(host, writes, **rest)
        elif catcher is host.node:
            self.finish(host, writes, **rest)
        elif host.node.kind == "eventBasedGateway":
            self._choose_event(host, catcher, writes, **rest)
        else:
            self.boundary(host, catcher, writes, **rest)

    def _choose_event(
        self,
        host: Token,
        catcher: Node,
        writes: Writes = (),
        *,
        depends: Iterable[int] = (),
        outcome: Mapping[str, Any] | None = None,
    ) -> None:
        scope = host.scope
        flow = next(flow for flow in host.node.flows if flow.target == catcher.name)
        fact = self.note(
            Kind.END, host.node.name, scope.path, host.occurrence or "",
            takes=(host.occurrence,), causes=(*host.causes, *depends), gives=(flow.id,), outcome=outcome,
        )  # fmt: skip
        token = scope.tokens[(fact.id, flow.id)]
        self._pass(scope, catcher, [token], writes=writes)

    def boundary(
        self,
        host: Token,
        event: Node,
        writes: Writes = (),
        *,
        depends: Iterable[int] = (),
        outcome: Mapping[str, Any] | None = None,
    ) -> None:
        """An event on the edge of an occurrence fires; an interrupting one ends it and all that belongs to it."""
        scope, address = host.scope, host.occurrence
        assert address
        flows = self.choose(_at(host, event), _overlay(scope.vars, writes))
        beside = self._beside(address) if event.interrupting else []
        fact = self.note(
            Kind.BOUNDARY,
            event.name,
            scope.path,
            self.instance.next_occurrence(scope, event.name),
            takes=(address, *(work.occurrence for work in beside)) if event.interrupting else (),
            causes=(*host.causes, *depends, *(work.started for work in beside)),
            gives=tuple(flow.id for flow in flows),
            closes=address if event.interrupting and address in self.instance.scopes else None,
            writes=writes,
            outcome={**(outcome or {}), "host": host.started},
        )
        self.left(fact, event, scope)

    def _beside(self, address: str) -> list[Work]:
        """Open inserted work that belongs to an occurrence."""
        return [
            work
            for found in self.instance.rounds.values()
            if found.host == address
            for where in found.open.values()
            if isinstance(work := self.instance.open[where], Work)
        ]

    def timer(self, host: Token, name: str) -> None:
        """A timer of an occurrence is due."""
        catcher = host.catcher(name)
        due, rest = host.timers[name]
        following = times.following(rest, due, element=catcher.label) if not catcher.interrupting else None
        timer = {"timer": [following.at, following.rest]} if following else {}
        self.catch(host, catcher, outcome=timer or None)

    def _handle(
        self,
        watch: Token,
        writes: Writes = (),
        *,
        depends: Iterable[int] = (),
        outcome: Mapping[str, Any] | None = None,
    ) -> None:
        """The event of an event sub-process has come (BPMN 2.0.2, 10.3.5 and 13.5.4)."""
        scope, trigger = watch.scope, watch.node
        handler = scope.plan.nodes[trigger.plan.name]
        interrupting = trigger.interrupting
        fact = self.note(
            Kind.START, handler.name, scope.path, self.instance.next_occurrence(scope, handler.name),
            takes=(watch.occurrence,) if interrupting else (), causes=(watch.started, *depends),
            gives=(trigger.name,), closes=scope.path if interrupting else None, writes=writes,
            outcome={**(outcome or {}), "handler": trigger.name, "host": watch.started},
        )  # fmt: skip
        self.arm(self.instance.scopes[fact.occurrence])

    def throw_at_end(self, token: Token) -> None:
        """An error end event: the error looks for its catcher from the scope outwards."""
        node, scope = token.node, token.scope
        found = _catcher("error", node.event.code, None, scope)
        if found is None:
            code = node.event.code or node.label
            self.incident(token, "error", f"Nothing catches the error “{code}” of “{node.label}”.")
            return
        fact = self.note(
            Kind.PASS, node.name, scope.path, self.instance.next_occurrence(scope, node.name),
            takes=(token.id,), causes=token.causes, outcome={"error": node.event.code},
        )  # fmt: skip
        self._caught(found, node.event.code, node.label, (), fact.id)

    def throw(self, token: Token, code: str, message: str, data: Mapping[str, Any]) -> None:
        """A service throws a BPMN error: nobody catching it is an incident, never a case that goes on."""
        found = _catcher("error", code, token, token.scope)
        if found is None:
            self.incident(token, "error", f"Nothing catches the error “{code}”: {message or 'no message'}.")
            return
        self._caught(found, code, message, tuple(data.items()), token.started)

    def _caught(
        self, found: tuple[Token, Node], code: str | None, message: str, writes: Writes, cause: int
    ) -> None:
        host, event = found
        named = ((event.event.code_variable, code), (event.event.message_variable, message))
        told = tuple((name, value) for name, value in named if name)
        self.catch(host, event, (*writes, *told), depends=(cause,), outcome={"error": code})

    def _escalate(self, scope: Scope, node: Node, thrown: Fact) -> None:
        """An escalation that nobody catches is no harm: the flow goes on (BPMN 2.0.2, 10.5.1)."""
        code = node.event.code
        found = _catcher("escalation", code, None, scope)
        if found is not None:
            host, event = found
            told = ((event.event.code_variable, code),) if event.event.code_variable else ()
            self.catch(host, event, told, depends=(thrown.id,), outcome={"escalation": code})

    def _check_conditions(self) -> None:
        """Conditional events fire when their condition becomes true, and owe it to the write that made it so (D5)."""
        self._look_at_conditions = False
        for token in [one for one in self.instance.open.values() if isinstance(one, Token)]:
            for name in token.outcome.get("conditions", ()):
                if self.instance.by_start.get(token.started) is token and not token.held:
                    self._check_condition(token, name)

    def _check_condition(self, token: Token, name: str) -> None:
        catcher = token.catcher(name)
        condition = catcher.event.condition
        assert condition is not None
        holds = self.value(condition, _at(token, catcher)) is True
        fired = token.truths.get(name, False)
        if holds and not fired:
            depends = sorted({self._written[read] for read in condition.reads if read in self._written})
            self.catch(token, catcher, depends=depends)
        elif fired and not holds:
            self.note(Kind.LAPSE, name, token.scope.path, token.occurrence or "", causes=(token.started,))

    # -- work beside the diagram -------------------------------------------------------------------

    def skip(self, token: Occurrence, writes: Writes, outcome: Mapping[str, Any] | None = None) -> Fact:
        return self.finish(token, writes, kind=Kind.SKIP, outcome=outcome)

    def _bent(self, token: Token) -> bool:
        """Inserted work before an element, on a flow, or an order to skip it: is the token taken care of?"""
        if (insertion := self._insertion_for(token)) is not None:
            self.open_round(insertion, token.scope, tokens=[token], depends=token.causes)
            return insertion.blocking or self._bent(token)
        directive = self._directive_for(token)
        if directive is None:
            return False
        try:
            self._skip_arriving(token, directive)
        except ExpressionError as wrong:
            self.incident(token, "expression", str(wrong))
        return True

    def _insertion_for(self, token: Token) -> Insertion | None:
        for insertion in self.instance.insertions.values():
            here = insertion.kind == "before" and insertion.element == token.node.name
            here = here or (insertion.kind == "flow" and insertion.element == token.id[1])
            if here and self._due(insertion, token):
                return insertion
        return None

    def _due(self, insertion: Insertion, token: Token) -> bool:
        return insertion.armed and insertion.id not in token.passed and _in(insertion.scope, token.scope)

    def _directive_for(self, token: Token) -> Directive | None:
        for directive in self.instance.directives.values():
            if directive.element == token.node.name and directive.armed and _in(directive.scope, token.scope):
                return directive
        return None

    def _skip_arriving(self, token: Token, directive: Directive) -> None:
        scope, node = token.scope, token.node
        writes = tuple((name, value) for name, value in directive.writes)
        flows = self.choose(token, _overlay(scope.vars, writes))
        fact = self.note(
            Kind.PASS, node.name, scope.path, self.instance.next_occurrence(scope, node.name),
            takes=(token.id,), causes=(*token.causes, directive.id), gives=tuple(flow.id for flow in flows),
            writes=writes, outcome={"skipped": True, "directive": directive.id},
        )  # fmt: skip
        self.left(fact, node, scope)

    def _watch_start(self, token: Token) -> None:
        for insertion in list(self.instance.insertions.values()):
            if (
                insertion.kind == "beside"
                and insertion.element == token.node.name
                and self._due(insertion, token)
            ):
                self.open_round(insertion, token.scope, host=token, depends=(token.started,))

    def _watch_leaving(self, fact: Fact, node: Node, scope: Scope, given: Sequence[Token]) -> None:
        for insertion in list(self.instance.insertions.values()):
            if insertion.kind != "after" or insertion.element != node.name or not insertion.armed:
                continue
            if _in(insertion.scope, scope):
                self.open_round(insertion, scope, tokens=given, depends=(fact.id,))

    def _hold_beside(self, fact: Fact, token: Token) -> None:
        """Blocking work beside an occurrence holds what leaves it until the work is done."""
        given = list(self.instance.given)
        for found in list(self.instance.rounds.values()):
            if (
                found.host == token.occurrence
                and self.instance.insertions[found.insertion].blocking
                and given
            ):
                self.note(
                    Kind.HOLD, scope=found.scope, causes=(fact.id, found.id),
                    outcome={"round": found.id, "tokens": [list(held.id) for held in given]},
                )  # fmt: skip
        self.instance.given = given

    def open_round(
        self,
        insertion: Insertion,
        scope: Scope,
        *,
        tokens: Sequence[Token] = (),
        host: Occurrence | None = None,
        depends: Iterable[int] = (),
    ) -> None:
        """Inserted work is due: it holds the tokens, or belongs to the occurrence, that it was put beside."""
        outcome: dict[str, Any] = {"insertion": insertion.id}
        if tokens:
            outcome["tokens"] = [list(token.id) for token in tokens]
        given = self.instance.given
        self.note(
            Kind.ROUND, insertion.element or "", scope.path, (host.occurrence or "") if host else "",
            causes=(insertion.id, *depends), outcome=outcome,
        )  # fmt: skip
        self.instance.given = given

    def _settle_rounds(self) -> None:
        touched, self.instance.rounds_touched = self.instance.rounds_touched, {}
        for round_id in touched:
            if found := self.instance.rounds.get(round_id):
                self._settle(found, self.instance.insertions[found.insertion])

    def _settle(self, found: Round, insertion: Insertion) -> None:
        waiting = [
            index
            for index in range(len(insertion.works))
            if index not in found.open and index not in found.closed and index not in found.dropped
        ]
        if len(found.closed) >= insertion.need or not (waiting or found.open):
            self._close_round(found)
        elif not insertion.in_turn:
            for index in waiting:
                self._open_work(found, insertion, index)
        elif not found.open:
            self._open_work(found, insertion, waiting[0])

    def _open_work(self, found: Round, insertion: Insertion, index: int) -> None:
        scope = self.instance.scopes[found.scope]
        work = insertion.works[index]
        name = f"+{insertion.id}.{index}"
        due = times.instant(work.get("due"), self.at, element=work["name"])
        self.note(
            Kind.START, "", scope.path, self.instance.next_occurrence(scope, name),
            causes=(found.id, *found.closed.values()) if insertion.in_turn else (found.id,),
            outcome={**{key: value for key, value in work.items() if key != "due"}, "round": found.id, "work": index}
            | ({"due": due} if due else {}),
        )  # fmt: skip

    def _finish_work(self, work: Work, writes: Writes, kind: str, outcome: Mapping[str, Any] | None) -> Fact:
        return self.note(
            kind, "", work.scope.path, work.occurrence,
            takes=(work.occurrence,), causes=work.causes, writes=writes, outcome=outcome,
        )  # fmt: skip

    def _close_round(self, found: Round) -> None:
        closings = tuple(found.closed.values())
        for address in list(found.open.values()):
            work = self.instance.open[address]
            self.note(
                Kind.WITHDRAW,
                "",
                work.scope.path,
                address,
                takes=(address,),
                causes=(*closings, work.started),
            )
        scope = self.instance.scopes[found.scope]
        self.note(Kind.RELEASE, scope=scope.path, causes=(found.id, *closings), outcome={"round": found.id})
        self.ended(scope)


_DATA_MAY_CHANGE = frozenset({Kind.REVISIT, Kind.UNDO, Kind.RESUME})


def _catcher(kind: str, code: str | None, thrower: Token | None, scope: Scope) -> tuple[Token, Node] | None:
    """Who catches an error or escalation: on the edge of the thrower, else in its scope, else further out."""
    token = thrower
    while True:
        edge = token.node.boundary if token is not None and token.number is None and not token.watch else []
        if token is not None and (event := _listening(edge, kind, code)):
            return token, event
        for watch in scope.watches.values():
            if _listening([watch.node], kind, code):
                return watch, watch.node
        if scope.host is None:
            return None
        token, scope = scope.host, scope.host.scope


def _listening(events: Iterable[Node], kind: str, code: str | None) -> Node | None:
    """The event that names the code, else one that catches any."""
    fitting = [one for one in events if one.event.kind == kind and one.event.code in (code, None)]
    return min(fitting, key=lambda one: one.event.code is None, default=None)


def _overlay(variables: Variables, writes: Writes) -> Variables:
    return variables.below(dict(writes)) if writes else variables


def _at(host: Token, event: Node) -> Token:
    """The event's own place beside its host, for evaluating its conditions."""
    token = Token(host.id, event, host.scope)
    token.occurrence = host.occurrence
    return token


def _in(path: str | None, scope: Scope) -> bool:
    return path is None or inside(scope.path, path)


def _say(value: Any) -> str:
    return "nothing" if value is None else f"“{value}”"


def _whole(value: Any) -> bool:
    try:
        return bool(value == int(value))
    except (TypeError, ValueError, ArithmeticError):
        return False


def _name(value: Any) -> str | None:
    return str(value) if value not in (None, "") else None


def _names(value: Any) -> list[str]:
    if value is None:
        return []
    parts = value if isinstance(value, list) else str(value).split(",")
    return [text for part in parts if (text := str(part).strip())]


def _priority(value: Any, label: str) -> int | None:
    if value is None or value == "":
        return None
    try:
        return int(value)
    except (TypeError, ValueError) as wrong:
        raise ExpressionError(
            f"“{label}”: the priority “{value}” is not a whole number.", text=str(value)
        ) from wrong


__all__ = ["MAX_STEPS", "Conflict", "Run", "World", "below"]
