"""A model's item definitions as kinds of values (DMN 1.5, 7.3.2 and 7.3.3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from caseloom.engine.decisions.model import ItemDefinition, Model
from caseloom.engine.errors import ExpressionError
from caseloom.engine.expressions.expression import compile_unary_tests
from caseloom.engine.expressions.kinds import ANY, SIMPLE, Kind
from caseloom.engine.expressions.values import Value

# Names that Camunda 7's modeler gives to types, and the ones of the model element "typeRef" in DMN 1.1.
_OTHER_NAMES: Mapping[str, str] = {
    "integer": "number",
    "long": "number",
    "double": "number",
    "int": "number",
    "float": "number",
    "days and time duration": "days and time duration",
    "yearMonthDuration": "years and months duration",
    "dayTimeDuration": "days and time duration",
    "dateTime": "date and time",
    "any": "Any",
}
_MOST_NESTED: Final = 50


class Types:
    """The kinds that a model may name: FEEL's own, its item definitions, and those that it imports."""

    def __init__(self, model: Model, imported: Sequence[tuple[str, Types]]) -> None:
        self._definitions = {definition.name: definition for definition in model.types}
        self._imported = imported
        self._made: dict[str, Kind] = {}
        self._being_made: set[str] = set()
        self.unknown: set[str] = set()

    def named(self) -> dict[str, Kind]:
        """All kinds by name, as `instance of` may ask for them."""
        own = {name: self.kind(name) for name in self._definitions}
        for prefix, types in self._imported:
            own |= {f"{prefix}.{name}" if prefix else name: kind for name, kind in types.named().items()}
        return own

    def kind(self, reference: str | None) -> Kind:
        """The kind of a `typeRef`; any value where there is none, or where it is not known."""
        if not reference:
            return ANY
        name = reference.removeprefix("feel:")
        if name in self._definitions:
            return self._defined(name)
        simple = SIMPLE.get(_OTHER_NAMES.get(name, name))
        if simple is not None:
            return simple
        return self._foreign(name)

    def _foreign(self, name: str) -> Kind:
        for separator in (".", ":"):
            prefix, found, rest = name.partition(separator)
            if not found:
                continue
            for own, types in self._imported:
                if own == prefix:
                    return types.kind(rest)
            if separator == ":":
                return self.kind(rest)
        for _, types in self._imported:
            if name in types._definitions:
                return types.kind(name)
        self.unknown.add(name)
        return ANY

    def _defined(self, name: str) -> Kind:
        if name in self._made:
            return self._made[name]
        if name in self._being_made or len(self._being_made) > _MOST_NESTED:
            return ANY  # a type that contains itself is not looked into any deeper

        self._being_made.add(name)
        kind = self._of(self._definitions[name])
        self._being_made.discard(name)
        self._made[name] = kind
        return kind

    def _of(self, definition: ItemDefinition) -> Kind:
        item = self._item(definition)
        item = _constrained(item, definition.allowed)
        if definition.is_collection:
            item = Kind("list", items=item)
        return _constrained(item, definition.constraint)

    def _item(self, definition: ItemDefinition) -> Kind:
        if definition.components:
            return Kind("context", entries=tuple((one.name, self._of(one)) for one in definition.components))
        if definition.parameters is not None:
            parameters = tuple(self.kind(one.type_ref) for one in definition.parameters)
            return Kind("function", parameters=parameters, items=self.kind(definition.output_type))
        return self.kind(definition.type_ref)


def _constrained(kind: Kind, tests: str | None) -> Kind:
    allowed = allows(tests)
    if allowed is None:
        return kind
    before = kind.allowed
    both = allowed if before is None else lambda value: before(value) and allowed(value)
    return replace(kind, allowed=both)


def allows(tests: str | None) -> Callable[[Value], bool] | None:
    """Whether a value passes some unary tests; `None` for tests that say nothing, or cannot be read."""
    if not tests:
        return None
    try:
        expression = compile_unary_tests(tests)
    except ExpressionError:
        return None
    return lambda value: expression.evaluate({"?": value}) is True
