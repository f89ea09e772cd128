"""Takes a decision: evaluates what it requires, once each, and keeps why (DMN 1.5, 6, 7 and 10.4).

One call of `take` is one `_Deciding`: it holds the data, remembers what was decided already, and gives every element
exactly the names that it requires. An invoked decision service runs as a `_Deciding` of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from caseloom.engine.decisions import boxed, model
from caseloom.engine.expressions.kinds import ANY, Kind
from caseloom.engine.expressions.running import Environment, Run, Scope, too_much
from caseloom.engine.expressions.values import Function, Value

if TYPE_CHECKING:
    from caseloom.engine.decisions.compiled import Reference

MAX_REQUIRED_DEEP = 150


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a decision came to.

    `reasons` say why something became null; `explanation` says for every decision on the way which rules matched, and
    why the others did not: plain values, fit for the journal.
    """

    value: Value
    reasons: tuple[str, ...]
    traces: tuple[Trace, ...] = field(repr=False, default=())

    @property
    def explanation(self) -> list[dict[str, Any]]:
        return [trace.as_data() for trace in self.traces]


@dataclass(frozen=True, slots=True)
class Trace:
    """One decision that was taken on the way, in the order in which they were taken."""

    id: str
    name: str
    value: Value
    tables: tuple[Any, ...]

    def as_data(self) -> dict[str, Any]:
        return {
            "decision": self.name,
            "id": self.id,
            "value": self.value,
            "tables": [explained.as_data() for explained in self.tables],
        }


def take(reference: Reference, data: Mapping[str, Value], env: Environment) -> Outcome:
    """Takes the decision that is referred to, with all that it requires."""
    before = len(env.reasons)
    deciding = _Deciding(data, Run(env))
    try:
        value = deciding.called(reference)
    except RecursionError:
        too_much("its decisions require each other too deep")
    return Outcome(value, tuple(env.reasons[before:]), tuple(deciding.traces))


class _Deciding:
    """One call: the data, and the values of the elements that are known by now."""

    def __init__(self, data: Mapping[str, Value], run: Run) -> None:
        self.data = data
        self.run = run
        self.known: dict[tuple[str, str], Value] = {}
        self.open: set[tuple[str, str]] = set()
        self.traces: list[Trace] = []

    def called(self, reference: Reference) -> Value:
        """What was asked for by name; a service or knowledge model is called with the data."""
        element = reference.element
        if isinstance(element, model.DecisionService):
            arguments = {}
            for parameter in _parameters(reference):
                value = self.given(parameter)
                arguments[parameter.key] = boxed.as_kind(
                    value, parameter.owner.kind_of(parameter.element), f"“{parameter.element.name}”", self.run
                )
            return self.serve(reference, arguments)
        value = self.value(reference)
        if isinstance(element, model.Knowledge) and isinstance(value, Function):
            return value.call([self.data.get(name) for name in value.parameters])
        return value

    def given(self, reference: Reference) -> Value:
        """An input of the data: by its own name, or below the name of the import."""
        name, prefix = reference.element.name, reference.prefix
        if prefix and isinstance(holder := self.data.get(prefix), Mapping) and name in holder:
            return holder[name]
        if name in self.data:
            return self.data[name]
        return self.run.null(f"The data has no “{name}”.")

    def value(self, reference: Reference) -> Value:
        """The value of an element, decided once."""
        key = reference.key
        if key in self.known:
            return self.known[key]
        if key in self.open or len(self.open) > MAX_REQUIRED_DEEP:
            return self.run.null(f"“{reference.element.name}” requires itself.")

        self.open.add(key)
        value = _VALUES[type(reference.element)](self, reference)
        self.open.discard(key)
        self.known[key] = value
        return value

    def input(self, reference: Reference) -> Value:
        element = reference.element
        return boxed.as_kind(
            self.given(reference), reference.owner.kind_of(element), f"“{element.name}”", self.run
        )

    def decision(self, reference: Reference) -> Value:
        owner, element = reference.owner, reference.element
        scope = self.scope(reference)
        outer, self.run.trace = self.run.trace, []
        value = owner.code(element)(scope)
        tables, self.run.trace = tuple(self.run.trace or ()), outer
        result = boxed.as_kind(value, owner.kind_of(element), f"“{element.name}”", self.run)
        self.traces.append(Trace(element.id, element.name, _plain(result), tables))
        return result

    def scope(self, reference: Reference) -> Scope:
        """What an element sees: what it requires, and data that no element of the model stands for."""
        owner = reference.owner
        names: dict[str, Value] = {
            name: value for name, value in self.data.items() if name not in owner.reserved_names
        }
        for required in owner.required(reference.element):
            value = self.value(required)
            if required.prefix:
                names[required.prefix] = {**names.get(required.prefix, {}), required.element.name: value}
                continue
            names |= _by_output(required.element, value, owner.reserved_names)
            names[required.element.name] = value
        return Scope(names, None, self.run)

    def knowledge(self, reference: Reference) -> Value:
        """The function of a knowledge model; its scope is made at the call, since it may know itself."""
        owner, element = reference.owner, reference.element
        if not isinstance(element, model.Knowledge) or element.function is None:
            return self.run.null(f"“{element.name}” says nothing.")
        parameters = tuple(parameter.name for parameter in element.function.parameters)
        code, kind = owner.code(element), owner.kind_of(element)

        def call(values: list[Value]) -> Value:
            self.known[reference.key] = function
            made = code(self.scope(reference))
            if not isinstance(made, Function):
                return None
            return boxed.as_kind(made.call(values), kind, f"“{element.name}”", self.run)

        kinds = tuple(owner.types.kind(parameter.type_ref) for parameter in element.function.parameters)
        function = Function(element.name, parameters, call, parameter_types=kinds, result_type=_known(kind))
        return function

    def service(self, reference: Reference) -> Value:
        parameters = _parameters(reference)
        names = tuple(parameter.element.name for parameter in parameters)
        kinds = tuple(parameter.owner.kind_of(parameter.element) for parameter in parameters)

        def call(values: list[Value]) -> Value:
            bound = boxed.bound_arguments(names, kinds, values, self.run)
            if bound is None:
                return None
            keys = [parameter.key for parameter in parameters]
            return self.serve(reference, dict(zip(keys, bound.values(), strict=True)))

        result = _known(reference.owner.kind_of(reference.element))
        return Function(reference.element.name, names, call, parameter_types=kinds, result_type=result)

    def serve(self, reference: Reference, arguments: Mapping[tuple[str, str], Value]) -> Value:
        """Runs a decision service on its arguments; several outputs are a context."""
        service = reference.element
        if not isinstance(service, model.DecisionService):
            return None
        inner = _Deciding({}, self.run)
        inner.known.update(arguments)
        inner.open = set(self.open)
        inner.traces = self.traces
        outputs = [found for href in service.outputs if (found := reference.owner.resolve(href)) is not None]
        values = {output.element.name: inner.value(output) for output in outputs}
        result = next(iter(values.values())) if len(values) == 1 else values
        return boxed.as_kind(result, reference.owner.kind_of(service), f"“{service.name}”", self.run)


def output_names(element: model.Element) -> tuple[str, ...]:
    """The names of a decision's outputs: Camunda lets the decisions that require it use them, too."""
    if not isinstance(element, model.Decision):
        return ()
    table = element.expression
    outputs = (
        tuple(one.name for one in table.outputs if one.name) if isinstance(table, model.DecisionTable) else ()
    )
    return (element.variable, *outputs)


def _by_output(element: model.Element, value: Value, reserved: frozenset[str]) -> dict[str, Value]:
    names = [name for name in output_names(element) if name not in reserved]
    if not names:
        return {}
    several = isinstance(value, dict) and set(names) <= value.keys()
    return {name: value[name] for name in names} if several else dict.fromkeys(names, value)


def _parameters(reference: Reference) -> list[Reference]:
    """What a decision service takes, in order: its input data, then its input decisions."""
    service = reference.element
    if not isinstance(service, model.DecisionService):
        return []
    hrefs = (*service.input_data, *service.input_decisions)
    return [found for href in hrefs if (found := reference.owner.resolve(href)) is not None]


def _known(kind: Kind) -> Kind | None:
    return None if kind is ANY else kind


def _plain(value: Value) -> Value:
    return f"function {value.name}" if isinstance(value, Function) else value


_VALUES: Mapping[type, Callable[[_Deciding, Reference], Value]] = {
    model.InputData: _Deciding.input,
    model.Decision: _Deciding.decision,
    model.Knowledge: _Deciding.knowledge,
    model.DecisionService: _Deciding.service,
}
