"""A decision model, compiled: what is asked for decisions (DMN 1.5, 6, 7 and 10.4).

One call of `decide` is one `_Deciding`: it holds the data, remembers what was decided already, and gives
every element exactly the names that it requires. A decision service or an invoked one runs as a `_Deciding`
of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from caseloom.engine.decisions import boxed, checks, model
from caseloom.engine.decisions.imports import imports_of, in_order_of_import
from caseloom.engine.decisions.reading import read_document, read_tree
from caseloom.engine.decisions.types import Types
from caseloom.engine.errors import DiagramError, Finding, NotFound
from caseloom.engine.expressions.kinds import ANY, Kind
from caseloom.engine.expressions.running import Environment, Run, Scope, too_much
from caseloom.engine.expressions.values import Function, Value

MAX_REQUIRED_DEEP = 150


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a decision came to. `reasons` say why something became null; `explanation` which rules matched,
    and why others did not, for every decision that was asked: plain values, fit for the journal."""

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


@dataclass(frozen=True, slots=True)
class Reference:
    """An element that another one requires, under the name by which that one sees it."""

    owner: DecisionModel
    element: model.Element
    prefix: str

    @property
    def key(self) -> tuple[str, str]:
        return self.owner.document.namespace, self.element.id or self.element.name


class DecisionModel:
    """The decisions of one file, with those of the files that it imports."""

    def __init__(self, document: model.Model, imports: Sequence[tuple[str, DecisionModel]]) -> None:
        self.document = document
        self.imported = imports
        self.by_id = {element.id: element for element in document.elements if element.id}
        self.types: Types = Types(document, [(name, one.types) for name, one in imports])
        self.compiler = boxed.Compiler(document, self.types, self.known_names)
        self._codes: dict[str, Callable[[Scope], Value]] = {}
        self._required: dict[str, tuple[Reference, ...]] = {}
        self._callable: dict[str, model.Element] = {}
        for element in document.elements:
            self._compile(element)
            if not isinstance(element, model.InputData):
                self._callable.setdefault(element.name, element)
        self._callable |= {
            key: one for key, one in self.by_id.items() if not isinstance(one, model.InputData)
        }

    @property
    def id(self) -> str:
        return self.document.id

    @property
    def name(self) -> str:
        return self.document.name

    @cached_property
    def known_names(self) -> frozenset[str]:
        """All names that an expression of the model may hold."""
        own = {element.name for element in self.document.elements} | set(self.document.entry_names)
        for name, one in self.imported:
            own |= {name, *one.known_names}
        return frozenset(name for name in own if name)

    @cached_property
    def reserved_names(self) -> frozenset[str]:
        """Names that stand for an element, so that data of that name is seen only where it is required."""
        own = {element.name for element in self.document.elements}
        return frozenset(own.union(*(one.reserved_names for _, one in self.imported)))

    @cached_property
    def findings(self) -> list[Finding]:
        """What is doubtful in the model: warnings, and errors for what is not understood."""
        return [*self.compiler.findings, *checks.check(self)]

    @property
    def decisions(self) -> list[model.Decision]:
        return [element for element in self.document.elements if isinstance(element, model.Decision)]

    def element(self, name_or_id: str) -> model.Element:
        """A decision, service or business knowledge model by its id, else by its name."""
        found = self._callable.get(name_or_id)
        if found is not None:
            return found
        raise NotFound(f"There is no decision “{name_or_id}” in “{self.name or self.document.file}”.")

    def decide(self, name_or_id: str, data: Mapping[str, Value], env: Environment | None = None) -> Outcome:
        """Takes a decision on the input data, by name; raises `NotFound` for one that is not there."""
        element = self.element(name_or_id)
        environment = Environment() if env is None else env
        before = len(environment.reasons)
        run = Run(environment)
        run.trace = []
        deciding = _Deciding(data, run)
        try:
            value = deciding.called(Reference(self, element, ""))
        except RecursionError:
            too_much("its decisions require each other too deep")
        return Outcome(value, tuple(environment.reasons[before:]), tuple(deciding.traces))

    # --- compiling

    def _compile(self, element: model.Element) -> None:
        self.compiler.element_id = element.id or None
        self.kind_of(element)  # so that a type that is not known is found now
        names = frozenset(self._names_for(element))
        if isinstance(element, model.Decision):
            self._codes[element.id or element.name] = self.compiler.compile(element.expression, names)
        if isinstance(element, model.Knowledge):
            function = element.function
            code = self.compiler.compile(function, names | {element.name})
            self._codes[element.id or element.name] = code

    def code(self, element: model.Element) -> Callable[[Scope], Value]:
        return self._codes[element.id or element.name]

    def _names_for(self, element: model.Element) -> Iterator[str]:
        for reference in self.required(element):
            yield reference.prefix or reference.element.name
            if not reference.prefix:
                yield from output_names(reference.element)

    def required(self, element: model.Element) -> tuple[Reference, ...]:
        """What an element requires, as far as it can be found."""
        key = element.id or element.name
        if key not in self._required:
            self._required[key] = tuple(self._resolved(element))
        return self._required[key]

    def _resolved(self, element: model.Element) -> Iterator[Reference]:
        hrefs: Sequence[str] = ()
        if isinstance(element, model.Decision):
            hrefs = (*element.requires, *element.knows)
        if isinstance(element, model.Knowledge):
            hrefs = element.knows
        for href in hrefs:
            found = self.resolve(href)
            if found is not None:
                yield found

    def resolve(self, href: str) -> Reference | None:
        """The element that `#id` or `namespace#id` names."""
        namespace, _, element_id = href.rpartition("#")
        if not namespace or namespace == self.document.namespace:
            element = self.by_id.get(element_id)
            if element is not None:
                return Reference(self, element, "")
        for prefix, one in self.imported:
            if (not namespace or one.document.namespace == namespace) and element_id in one.by_id:
                return Reference(one, one.by_id[element_id], prefix)
        return None

    def kind_of(self, element: model.Element) -> Kind:
        return self.types.kind(element.type_ref)


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


# --- reading


def read_model(
    data: bytes | Any, *, name: str = "decisions.dmn", imports: Sequence[DecisionModel | bytes] = ()
) -> DecisionModel:
    """Reads and compiles a DMN file (its bytes, or the root of the XML that was read already).

    `imports` are the other files of the deployment, as bytes or as models; what the file imports is found
    there by its namespace, and what is no DMN is passed over. Raises `DiagramError` for what is no DMN, or
    imports what is not there.
    """
    document = read_document(name, data) if isinstance(data, bytes) else read_tree(name, data)
    others = [one for one in imports if isinstance(one, DecisionModel)]
    others += _models([one for one in map(_if_readable, imports) if one is not None])
    return DecisionModel(document, imports_of(document, others))


def _if_readable(data: DecisionModel | bytes) -> model.Model | None:
    if not isinstance(data, bytes):
        return None
    try:
        return read_document("imported.dmn", data)
    except DiagramError:
        return None


def _models(documents: Sequence[model.Model]) -> list[DecisionModel]:
    made: list[DecisionModel] = []
    for document in in_order_of_import(documents):
        made.append(DecisionModel(document, imports_of(document, made)))
    return made


def read_models(files: Sequence[tuple[str, bytes]]) -> list[DecisionModel]:
    """Reads several files that may import each other; the models come in the order of the files."""
    documents = [read_document(name, data) for name, data in files]
    made = {one.document.file: one for one in _models(documents)}
    return [made[document.file] for document in documents]


def findings(name: str, data: bytes, *, imports: Sequence[DecisionModel | bytes] = ()) -> list[Finding]:
    """What is wrong (errors) or doubtful (warnings) in a DMN file; never raises."""
    try:
        return read_model(data, name=name, imports=imports).findings
    except DiagramError as wrong:
        return wrong.findings


def decide(
    decision_model: DecisionModel, decision: str, data: Mapping[str, Value], env: Environment | None = None
) -> Outcome:
    """Takes a decision where no engine and no database is at hand."""
    return decision_model.decide(decision, data, env)
