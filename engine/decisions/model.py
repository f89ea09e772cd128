"""What a DMN model says, as it stands in the file: plain frozen values, expressions still as text.

The names follow DMN 1.5 (chapters 6, 7, 8 and 10.2). `reading` makes these, `boxed` and `tables` compile
them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class HitPolicy(StrEnum):
    UNIQUE = "UNIQUE"
    ANY = "ANY"
    FIRST = "FIRST"
    PRIORITY = "PRIORITY"
    RULE_ORDER = "RULE ORDER"
    OUTPUT_ORDER = "OUTPUT ORDER"
    COLLECT = "COLLECT"


@dataclass(frozen=True, slots=True)
class Boxed:
    """Any expression of a model; `line` is where it stands in the file."""

    line: int = field(default=0, kw_only=True)
    type_ref: str | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class LiteralExpression(Boxed):
    text: str
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Input:
    id: str
    label: str
    text: str
    type_ref: str | None
    allowed: str | None
    language: str | None = None
    line: int = 0
    variable: str = "cellInput"  # by which Camunda's cells may call the value, besides `?`


@dataclass(frozen=True, slots=True)
class Output:
    id: str
    name: str
    label: str
    type_ref: str | None
    allowed: str | None
    default: LiteralExpression | None


@dataclass(frozen=True, slots=True)
class Cell:
    text: str
    line: int
    language: str | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    id: str
    line: int
    inputs: tuple[Cell, ...]
    outputs: tuple[Cell, ...]
    annotations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DecisionTable(Boxed):
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]
    hit_policy: HitPolicy
    aggregation: str | None
    annotations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    type_ref: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a boxed context; without a name it is the context's result."""

    name: str | None
    type_ref: str | None
    expression: Boxed | None


@dataclass(frozen=True, slots=True)
class Context(Boxed):
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Invocation(Boxed):
    function: Boxed | None
    bindings: tuple[tuple[str, Boxed | None], ...]


@dataclass(frozen=True, slots=True)
class ListOf(Boxed):
    items: tuple[Boxed | None, ...]


@dataclass(frozen=True, slots=True)
class Relation(Boxed):
    columns: tuple[str, ...]
    rows: tuple[tuple[Boxed | None, ...], ...]


@dataclass(frozen=True, slots=True)
class FunctionDefinition(Boxed):
    parameters: tuple[Parameter, ...]
    body: Boxed | None
    kind: str = "FEEL"


@dataclass(frozen=True, slots=True)
class Conditional(Boxed):
    condition: Boxed | None
    then: Boxed | None
    otherwise: Boxed | None


@dataclass(frozen=True, slots=True)
class FilterOf(Boxed):
    items: Boxed | None
    match: Boxed | None


@dataclass(frozen=True, slots=True)
class IterationOf(Boxed):
    """`kind` is `for`, `some` or `every`."""

    kind: str
    variable: str
    items: Boxed | None
    body: Boxed | None


@dataclass(frozen=True, slots=True)
class ItemDefinition:
    name: str
    type_ref: str | None = None
    is_collection: bool = False
    allowed: str | None = None
    constraint: str | None = None
    components: tuple[ItemDefinition, ...] = ()
    parameters: tuple[Parameter, ...] | None = None
    output_type: str | None = None


@dataclass(frozen=True, slots=True)
class InputData:
    id: str
    name: str
    type_ref: str | None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    id: str
    name: str
    variable: str
    type_ref: str | None
    requires: tuple[str, ...]
    knows: tuple[str, ...]
    expression: Boxed | None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Knowledge:
    """A business knowledge model."""

    id: str
    name: str
    type_ref: str | None
    knows: tuple[str, ...]
    function: FunctionDefinition | None
    line: int = 0


@dataclass(frozen=True, slots=True)
class DecisionService:
    id: str
    name: str
    type_ref: str | None
    outputs: tuple[str, ...]
    encapsulated: tuple[str, ...]
    input_decisions: tuple[str, ...]
    input_data: tuple[str, ...]
    line: int = 0


@dataclass(frozen=True, slots=True)
class Import:
    """`kind` is the address of the language: DMN, else something that is not read (PMML, XML schema)."""

    name: str
    namespace: str
    kind: str


Element = InputData | Decision | Knowledge | DecisionService


@dataclass(frozen=True, slots=True)
class Model:
    """One file. References (`requires`, `knows`, …) are `#id` or `namespace#id`."""

    file: str
    id: str
    name: str
    namespace: str
    language: str | None
    imports: tuple[Import, ...]
    types: tuple[ItemDefinition, ...]
    elements: tuple[Element, ...]
    entry_names: frozenset[str]
