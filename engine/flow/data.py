"""Data associations as they happen: what an element reads when it begins, and writes when it ends.

BPMN 2.0.2, 10.4.2 and 13.3.2. What was read from a store, written to one, or brought into a data state stands in
the fact that it was decided for, so that a replay asks no store again and writes to none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from caseloom.engine.errors import ExpressionError
from caseloom.engine.expressions import Expression
from caseloom.engine.facts import Writes
from caseloom.engine.flow.model import Association, DataNeeds, Item, Node
from caseloom.engine.flow.tokens import Scope, Token
from caseloom.engine.flow.variables import Variables

if TYPE_CHECKING:
    from caseloom.engine.flow.run import Run

_MISSING = object()
_HANDS_ON = frozenset({"callActivity", "intermediateThrowEvent", "endEvent"})

Own = Callable[[Item], Any]


def entering(run: Run, token: Token) -> dict[str, Any]:
    """The inputs and properties of an element that begins. Raises ExpressionError where a needed input is missing."""
    node = token.node
    found = fed(run, token)
    _check(node.label, node.data_needs, found, {one.target.name for one in node.data_inputs if one.target})
    return {**dict.fromkeys(node.properties), **{name: found[name] for name in _copies(node, found)}}


def declaring(token: Token) -> dict[str, Any]:
    """The data objects that a sub-process has for itself while it runs.

    One that is drawn for a variable which is there already, and no data object of a scope around, is that variable.
    """
    names = token.scope.model.plans[token.node.sub or ""].declares
    own = [name for name in names if name not in token.vars or _is_data_object(token.scope, name)]
    return {"declares": own} if own else {}


def _is_data_object(scope: Scope | None, name: str) -> bool:
    while scope is not None:
        if name in scope.plan.declares:
            return True
        scope = scope.host.scope if scope.host is not None else None
    return False


def fed(run: Run, token: Token) -> dict[str, Any]:
    """What leads into an element, by the names of its inputs."""
    found: dict[str, Any] = {}
    for one in token.node.data_inputs:
        found.update(_values(run, token, one, token.vars.below(found), lambda _: _MISSING))
    return found


def _copies(node: Node, found: Mapping[str, Any]) -> Iterable[str]:
    """An input with the very name of its variable is that variable, unless it is handed on."""
    if node.kind in _HANDS_ON:
        return found
    same = {one.target.name for one in node.data_inputs if one.target is not None and _is_same(one)}
    return (name for name in found if name not in same)


def _is_same(one: Association) -> bool:
    assert one.target is not None
    plain = one.transformation is None and not one.assignments
    return plain and [(one.target.name, "variable")] == [(source.name, source.kind) for source in one.sources]


def _check_start(token: Token) -> None:
    """A process begins when its own inputs are there."""
    needed = token.scope.plan.data_needs
    names = {name for row in needed.sets for name in row} if needed is not None else set()
    _check(token.scope.plan.description or token.scope.plan.name, needed, token.vars, names)


def _check(label: str, needed: DataNeeds | None, found: Mapping[str, Any], led_to: set[str]) -> None:
    """One of the sets has to be complete; an input that nothing leads to is filled by whoever does the work."""
    if needed is None:
        return
    missing = [[name for name in row if name in led_to and found.get(name) is None] for row in needed.sets]
    if all(missing):
        raise ExpressionError(
            f"“{label}” needs the data input “{missing[0][0]}”, and there is no value for it yet: "
            "write what leads to it, and try again."
        )


def leaving(run: Run, token: Token, produced: Writes, writes: Writes, view: Variables) -> Writes:
    """What an activity writes: its outputs go where they lead. `produced` is what it left behind before mappings."""
    if not token.node.activity:
        return writes  # what came with an event has been led on by `received`
    outputs = [one for one in token.node.data_outputs if not _is_of_body(token.node, one)]
    return _led(run, token, outputs, produced, writes, view)


def leaving_body(run: Run, token: Token, writes: Writes) -> Writes:
    """The same for the collected results of all instances."""
    outputs = [one for one in token.node.data_outputs if _is_of_body(token.node, one)]
    return _led(run, token, outputs, writes, writes, token.vars)


def _is_of_body(node: Node, one: Association) -> bool:
    return node.multi is not None and node.multi.output in {source.name for source in one.sources}


def _led(
    run: Run, token: Token, outputs: Sequence[Association], produced: Writes, writes: Writes, view: Variables
) -> Writes:
    if not outputs:
        return writes
    made, inner = dict(produced), _inner(token.scope, view)

    def own(item: Item) -> Any:
        return next(
            (one[name] for one in (made, inner) for name in (item.name, item.id) if name in one), _MISSING
        )

    seen = view.below(made)
    led = _written(run, token, outputs, seen, own)
    sources = {source.name for one in outputs for source in one.sources if source.kind == "own"}
    stores = {one.target.name for one in outputs if one.target is not None and one.target.kind == "store"}
    kept = {name: value for name, value in writes if name not in sources | stores}
    return tuple({**kept, **led}.items())


def _inner(scope: Scope, view: Variables) -> Mapping[str, Any]:
    """What an occurrence has of its own, apart from all that is around it."""
    around = {id(one) for one in scope.vars.maps}
    return Variables(*(one for one in view.maps if id(one) not in around)).flat()


def begun(run: Run, token: Token) -> Writes:
    """A start event: the inputs of its process have to be there, and what came with it goes where it leads."""
    _check_start(token)
    if not token.node.data_outputs:
        return ()
    came = next((fact.writes for fact in run.facts if fact.id == token.id[0]), ())
    led = received(run, token, token.node, came)
    return tuple(pair for pair in led if pair not in came)


def received(
    run: Run, host: Token, catcher: Node, writes: Writes, told: Mapping[str, Any] | None = None
) -> Writes:
    """What came with an event: its data by their own names, and where its data outputs lead.

    `told` is what only its data outputs can take.
    """
    if not catcher.data_outputs:
        return writes
    payload = {**(told or {}), **dict(writes)}

    def own(item: Item) -> Any:
        return payload.get(item.name, payload.get(item.id, payload or _MISSING))

    at = Token(host.id, catcher, host.scope)
    led = _written(run, at, catcher.data_outputs, host.scope.vars.below(payload), own)
    return tuple({**dict(writes), **led}.items())


def _written(
    run: Run, token: Token, outputs: Iterable[Association], seen: Variables, own: Own
) -> dict[str, Any]:
    led: dict[str, Any] = {}
    for one in outputs:
        for name, value in _values(run, token, one, seen.below(led), own).items():
            target = one.target if one.target is not None and one.target.name == name else None
            if target is not None and target.kind == "store":
                run.will_store(name, value)
                continue
            led[name] = value
            if target is not None and target.state is not None:
                run.will_state(_home(token.scope, name), name, target.state)
    return led


def _home(scope: Scope, name: str) -> str:
    """The scope in which a variable is written (as `Variables.write` does)."""
    found: Scope | None = scope
    while found is not None and found.host is not None and name not in found.vars.maps[0]:
        found = found.host.scope if len(found.vars.maps) > 1 else None
    return found.path if found is not None else scope.path


def _values(run: Run, token: Token, one: Association, seen: Variables, own: Own) -> dict[str, Any]:
    """What an association leads on: the names that it writes, with their values."""
    target = one.target
    sources = one.sources or ((Item(target.id, target.name, "own"),) if target is not None else ())
    given = {source: value for source in sources if (value := _value(run, source, seen, own)) is not _MISSING}
    named = {name: value for source, value in given.items() for name in (source.id, source.name)}
    view = seen.below(named)
    found: dict[str, Any] = {}
    if one.transformation is not None and target is not None:
        found[target.name] = _computed(run, token, one.transformation, view)
    elif target is not None and not one.assignments and sources and sources[0] in given:
        found[target.name] = given[sources[0]]
    for source, path in one.assignments:
        value = None if source is None else _computed(run, token, source, view)
        _assign(run, found, target, path, value, seen)
    return found


def _computed(run: Run, token: Token, expression: Expression, view: Variables) -> Any:
    """What is led on. Nothing, for a reason, stops the step: it must not wipe out what is there."""
    found = run.value(expression, token, view)
    if found is None and run.reasons:
        raise ExpressionError(
            f"“{token.node.label}”: “{expression.text}” gives nothing ({run.reasons[0]}).",
            text=expression.text,
        )
    return found


def _value(run: Run, item: Item, seen: Variables, own: Own) -> Any:
    if item.kind == "store":
        return run.store(item.name)
    if item.kind == "own" and (value := own(item)) is not _MISSING:
        return value
    if item.kind == "own":
        return _MISSING
    return seen.get(item.name, _MISSING)


def _assign(
    run: Run, found: dict[str, Any], target: Item | None, path: str, value: Any, seen: Variables
) -> None:
    """Writes a value, or one part of one; the rest of it stays as it is."""
    name, *inner = path.split(".")
    if target is not None and name in (target.id, target.name):
        name = target.name
    before = found.get(name, _MISSING)
    if before is _MISSING and target is not None and target.kind == "store" and name == target.name:
        before = run.store(name) if inner else None
    elif before is _MISSING:
        before = seen.get(name)
    found[name] = _with(before, inner, value)


def _with(whole: Any, path: Sequence[str], value: Any) -> Any:
    if not path:
        return value
    known = dict(whole) if isinstance(whole, Mapping) else {}
    return {**known, path[0]: _with(known.get(path[0]), path[1:], value)}
