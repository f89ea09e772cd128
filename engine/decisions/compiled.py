"""A decision model, compiled: its elements, what each requires, and what is doubtful in it (DMN 1.5, 6)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from caseloom.engine.decisions import boxed, checks, model
from caseloom.engine.decisions.deciding import Outcome, output_names, take
from caseloom.engine.decisions.types import Types
from caseloom.engine.errors import Finding, NotFound
from caseloom.engine.expressions.kinds import Kind
from caseloom.engine.expressions.running import Environment, Scope
from caseloom.engine.expressions.values import Value


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

    def output_name(self, key: str) -> str | None:
        """What the only output of a decision is called: its column, else its variable."""
        found = self.by_id.get(key)
        if not isinstance(found, model.Decision):
            return None
        table = found.expression
        columns = [one.name for one in table.outputs] if isinstance(table, model.DecisionTable) else []
        return (columns[0] if len(columns) == 1 else None) or found.variable or found.name

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
        reference = Reference(self, self.element(name_or_id), "")
        return take(reference, data, Environment() if env is None else env)

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
