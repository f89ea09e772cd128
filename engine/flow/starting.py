"""How an occurrence begins: people, dates and subscriptions are decided, items counted, scopes entered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from caseloom.engine import times
from caseloom.engine.errors import ExpressionError
from caseloom.engine.expressions import Expression
from caseloom.engine.facts import Kind, place_key
from caseloom.engine.flow import beside, conversation, data, ending, firing, listeners, selection, ways
from caseloom.engine.flow.model import Event, Loop, Model, Node
from caseloom.engine.flow.tokens import Scope, Token
from caseloom.engine.flow.variables import Variables
from caseloom.engine.reuse import inputs, prints_of, unchanged

if TYPE_CHECKING:
    from caseloom.engine.flow.run import Run

MAX_ITEMS = 20_000
MAX_DEPTH = 50


def start(run: Run, token: Token, others: Sequence[Token] = ()) -> None:
    """A token becomes an occurrence that waits; an automatic item ends at once."""
    node, scope = token.node, token.scope
    outcome = _entering(run, token)
    writes = outcome.pop("writes", {})
    gives: tuple[str, ...] = ()
    if node.kind == "adHocSubProcess":
        view = token.vars.below(outcome.get("locals", {}))
        gives = selection.begins_with(run, token, scope.model.plans[node.sub or ""], view)
    elif node.kind in ("subProcess", "transaction"):
        gives = tuple(entrance.name for entrance in scope.model.plans[node.sub or ""].entrances())
    elif node.kind == "callActivity":
        gives = tuple(entrance.name for entrance in _call(run, token, outcome).plan.entrances())
        writes |= outcome.pop("writes", {})
    if node.sub is not None:
        outcome |= data.declaring(token)
    if gives and scope.path.count("/") >= MAX_DEPTH:
        raise ExpressionError(f"“{node.label}” is nested more than {MAX_DEPTH} deep.")
    name = node.name if token.number is None else f"{node.name}[{token.number}]"
    address = run.instance.next_occurrence(scope, name)
    outcome |= run.instance.offered(address)
    outcome |= _dated(run, address, outcome)
    run.note(
        Kind.START,
        node.name,
        scope.path,
        address,
        takes=(token.id, *(other.id for other in others)),
        causes=(*token.causes, *(cause for other in others for cause in other.causes)),
        gives=gives,
        writes=tuple(writes.items()),
        outcome=outcome or None,
    )
    _started(run, token)
    if (own := run.instance.scopes.get(token.occurrence or "")) is not None:
        arm(run, own)
        if own.ad_hoc is not None:
            ending.ended(run, own)
    if not node.waits:
        ending.finish_item(run, token)
    elif token.previous and "prints" in token.previous:
        _carry_over(run, token)


def _dated(run: Run, address: str, outcome: Mapping[str, Any]) -> dict[str, Any]:
    """When what begins here is due, where a revisit has said so: at a moment, or after what was left of its time."""
    if not run.instance.dates:
        return {}
    asked = {key: place_key(address, key) for key in (*outcome.get("timers", {}), "due")}
    told = {
        key: _moment(found[0], run.at) for key, at in asked.items() if (found := run.instance.dates.get(at))
    }
    if not told:
        return {}
    timers = {key: [told.get(key, timer[0]), timer[1]] for key, timer in outcome.get("timers", {}).items()}
    found_due = {"due": told["due"]} if "due" in told else {}
    return {"dated": [asked[key] for key in told], **({"timers": timers} if timers else {}), **found_due}


def _moment(told: Sequence[Any], at: datetime) -> datetime:
    how, value = told
    return at + timedelta(seconds=float(value)) if how == "left" else value


def _carry_over(run: Run, token: Token) -> None:
    """An earlier answer confirms itself where all that its step shows is as it was."""
    earlier = token.previous
    assert earlier is not None
    if token.node.sub:
        return  # what was done inside has to be done again
    now = prints_of(token.vars, inputs(token.node), earlier["own"])
    if token.held or not unchanged(earlier["prints"], now, run.instance.stale):
        return
    ending.finish(run, token, tuple(earlier["data"].items()), outcome={"carried": True, "by": earlier["by"]})


def _started(run: Run, token: Token) -> None:
    if not run.instance.insertions:
        return
    if token.number is None:
        beside.watch_start(run, token)
    beside.watch_opening(run, token)


def start_body(run: Run, token: Token, others: Sequence[Token] = ()) -> None:
    """A multi-instance activity or a loop: the items are decided now, once; a loop decides after each round."""
    node, scope = token.node, token.scope
    items = [] if node.loop else _items(run, token)
    outcome: dict[str, Any] = {"items": items}
    outcome.update(_waits_for(run, node.boundary, token))
    address = run.instance.next_occurrence(scope, node.name)
    outcome |= _dated(run, address, outcome)
    run.note(
        Kind.START,
        node.name,
        scope.path,
        address,
        takes=(token.id, *(other.id for other in others)),
        causes=(*token.causes, *(cause for other in others for cause in other.causes)),
        gives=_first_items(run, token, items),
        outcome=outcome,
    )
    _started(run, token)
    if not run.instance.scopes[token.occurrence or ""].tokens:
        ending.finish(run, token)


def _first_items(run: Run, token: Token, items: Sequence[Any]) -> tuple[int, ...]:
    node = token.node
    if node.loop is not None:
        loop = node.loop
        goes = not loop.test_before or goes_on(run, loop, token, token.vars.below({"loopCounter": 0}), 0)
        return (0,) if goes else ()
    assert node.multi is not None
    return tuple(range(len(items[:1] if node.multi.sequential else items)))


def goes_on(run: Run, loop: Loop, token: Token, view: Variables, rounds: int) -> bool:
    """Is there another round after so many?"""
    if loop.maximum is not None and rounds >= loop.maximum:
        return False
    what = f"The loop condition of “{token.node.label}”"
    if loop.condition is not None:
        ways.check(run, token.node, loop.condition, view)
    return loop.condition is None or run.holds(loop.condition, token, what, view)


def _items(run: Run, token: Token) -> list[Any]:
    multi, node = token.node.multi, token.node
    assert multi is not None
    if multi.collection is not None:
        view = token.vars.below(data.fed(run, token)) if node.data_inputs else token.vars
        found = run.value(multi.collection, token, view)
        if not isinstance(found, list):
            raise ExpressionError(
                f"“{node.label}”: “{multi.collection.text}” gives {firing.say(found)}, not a list.",
                text=multi.collection.text,
            )
        return _bounded(run, node, len(found)) and found
    if multi.cardinality is None:
        raise ExpressionError(f"“{node.label}” says neither how many items it has nor which.")
    count = run.value(multi.cardinality, token)
    if isinstance(count, bool) or not _whole(count) or count < 0:
        raise ExpressionError(
            f"“{node.label}”: “{multi.cardinality.text}” gives {firing.say(count)}, not a number of items.",
            text=multi.cardinality.text,
        )
    return _bounded(run, node, int(count)) and [None] * int(count)


def _bounded(run: Run, node: Node, count: int) -> Any:
    if count > MAX_ITEMS:
        raise ExpressionError(f"“{node.label}” would have {count} items; at most {MAX_ITEMS} are allowed.")
    return count or []


def _entering(run: Run, token: Token) -> dict[str, Any]:
    """All that is decided when an occurrence begins: variables of its own, people, dates, subscriptions."""
    node = token.node
    outcome: dict[str, Any] = {}
    own = own_variables(run, token)
    view = token.vars.below(own) if own else token.vars
    if own:
        outcome["locals"] = own
    view = listeners.opening(run, token, outcome, view)
    if node.inbox or node.kind == "adHocSubProcess":
        outcome.update(assignment(run, token, view))
        listeners.creating(run, token, outcome, view)
    if node.form_defaults:
        outcome["defaults"] = {
            name: run.value(default, token, view) for name, default in node.form_defaults.items()
        }
    if node.topic is not None:
        outcome["topic"] = str(run.value(node.topic, token, view))
    outcome.update(_waits_for(run, _catchers(run, token), token, view))
    return outcome


def _waits_for(
    run: Run, catchers: Sequence[Node], token: Token, view: Variables | None = None
) -> dict[str, Any]:
    """Timers, messages, signals and conditions that an occurrence waits for, by event."""
    timers = _timers(run, catchers, token, view)
    conditions = [key for one in catchers for key, event in one.parts if event.kind == "conditional"]
    if conditions:
        run._look_at_conditions = True
    found = {"timers": timers, "conditions": conditions}
    return {name: value for name, value in found.items() if value} | _subscriptions(
        run, catchers, token, view
    )


def events_of(run: Run, token: Token) -> dict[str, Any]:
    """What an occurrence would wait for if it began now."""
    return _waits_for(run, _catchers(run, token), token)


def arm(run: Run, scope: Scope) -> None:
    """The event sub-processes of a scope that was entered begin to wait, but for those that do already."""
    if scope.body:
        return
    waiting = {watch.node.plan.name for watch in scope.watches.values()}
    for handler in scope.plan.handlers:
        if handler.compensates_scope or handler.name in waiting:
            continue
        trigger = scope.model.plans[handler.sub or ""].trigger
        token = Token((0, "watch"), trigger, scope)
        outcome = {"watch": trigger.name, **_waits_for(run, [trigger], token)}
        address = run.instance.next_occurrence(scope, f"{handler.name}!")
        outcome |= _dated(run, address, outcome)
        run.note(
            Kind.START, handler.name, scope.path, address,
            causes=(scope.host.started if scope.host else 1,), outcome=outcome,
        )  # fmt: skip


def own_variables(run: Run, token: Token) -> dict[str, Any]:
    own = data.entering(run, token) if token.node.has_data else {}
    for mapping in token.node.input_mappings:
        view = token.vars.below(own)
        assert mapping.target
        own[mapping.target] = None if mapping.source is None else run.value(mapping.source, token, view)
    return own


def assignment(run: Run, token: Token, view: Variables) -> dict[str, Any]:
    """Who a task is for, and by when, as the diagram says."""
    given, label = token.node.assignment, token.node.label

    def text_of(expression: Expression | None) -> Any:
        return None if expression is None else run.value(expression, token, view)

    found = {
        "assignee": _name(text_of(given.assignee)),
        "users": _names(text_of(given.users)),
        "groups": _names(text_of(given.groups)),
        "due": times.instant(text_of(given.due), run.at, element=label),
        "follow_up": times.instant(text_of(given.follow_up), run.at, element=label),
        "priority": _priority(text_of(given.priority), label),
    }
    return {name: value for name, value in found.items() if value not in (None, [])}


def _catchers(run: Run, token: Token) -> list[Node]:
    """The events that an occurrence waits for: on its edge, itself, or behind an event-based gateway."""
    node = token.node
    edge = node.boundary if token.number is None else []
    if node.kind == "eventBasedGateway":
        return [node.plan.nodes[flow.target] for flow in node.flows]
    waits = node.event.kind != "none" and node.kind not in firing.THROWS and not node.sends
    return [*edge, node] if waits else list(edge)


def _timers(
    run: Run, catchers: Iterable[Node], token: Token, view: Variables | None = None
) -> dict[str, list[Any]]:
    timers: dict[str, list[Any]] = {}
    for catcher, key, event in _parts(catchers):
        if event.kind == "timer" and event.when is not None and event.timer is not None:
            found = run.value(event.when, token, view)
            due = times.due(event.timer, found, run.at, element=catcher.label)
            timers[key] = [due.at, due.rest]
    return timers


def _subscriptions(
    run: Run, catchers: Iterable[Node], token: Token, view: Variables | None = None
) -> dict[str, Any]:
    found: dict[str, dict[str, Any]] = {}
    for catcher, key, event in _parts(catchers):
        if event.kind not in ("message", "signal"):
            continue
        name = str(run.value(event.name, token, view)) if event.name else catcher.label
        correlation: Any = None
        if event.correlation is not None:
            correlation = run.value(event.correlation, token, view)
        elif event.properties:
            correlation = conversation.expected(run, token, event, view)
        found.setdefault(event.kind + "s", {})[key] = [name, correlation]
    return dict(found)


def _parts(catchers: Iterable[Node]) -> Iterator[tuple[Node, str, Event]]:
    for catcher in catchers:
        for key, event in catcher.parts:
            yield catcher, key, event


def _call(run: Run, token: Token, outcome: dict[str, Any]) -> Model:
    call = token.node.call
    assert call is not None
    own = outcome.get("locals", {})
    view = token.vars.below(own)
    key = str(run.value(call.key, token, view))
    version = run.value(call.version, token, view) if call.version else None
    model = run.world.called(token.scope.model, key, call.binding, version)
    if not model.plan.entrances():
        raise ExpressionError(f"“{token.node.label}” calls “{key}”, which only an event can start.")
    if model.plan.begins_apart:
        raise ExpressionError(f"“{token.node.label}” calls “{key}”, which has several starts.")
    outcome["called"] = model.definition_id
    if call.isolated:
        outcome["isolated"] = True
        given = {one.target.name for one in token.node.data_inputs if one.target is not None}
        handed = {name: value for name, value in own.items() if name in given}
        outcome["in"] = {**ending.passed_on(run, call.inputs, token, view), **handed}
    if call.business_key is not None:
        outcome["business_key"] = _name(run.value(call.business_key, token, view))
    _begin_called(run, token, model, outcome)
    return model


def _begin_called(run: Run, token: Token, model: Model, outcome: dict[str, Any]) -> None:
    """The start listeners of a called process write into its own variables, where it has some."""
    view = Variables(dict(outcome["in"])) if "in" in outcome else token.vars
    written = listeners.of_process(run, model.plan, "start", token.scope, view)
    if written:
        where = "in" if "in" in outcome else "writes"
        outcome[where] = {**outcome.get(where, {}), **written}


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
