"""What is doubtful in a decision model, found at deployment: warnings, since DMN lets such a model run.

One rule is one function; `completeness` looks for overlaps and gaps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from caseloom.engine.decisions import completeness, model
from caseloom.engine.decisions.columns import Constants
from caseloom.engine.decisions.imports import is_decision_model
from caseloom.engine.decisions.tables import Table
from caseloom.engine.errors import Finding, Severity
from caseloom.engine.expressions.kinds import kind_name
from caseloom.engine.expressions.signatures import BUILTINS

if TYPE_CHECKING:
    from caseloom.engine.decisions.compiled import DecisionModel


def check(decision_model: DecisionModel) -> Iterator[Finding]:
    """All findings but those of compiling."""
    for rule in RULES:
        yield from rule(decision_model)


def _warning(
    decision_model: DecisionModel, code: str, message: str, element_id: str | None, line: int = 0
) -> Finding:
    return Finding(decision_model.document.file, element_id, line, Severity.WARNING, code, message)


def what_is_required_is_there(decision_model: DecisionModel) -> Iterator[Finding]:
    """DMN 1.5, 6.3.9: a requirement names an element of this model or of an imported one."""
    for element in decision_model.document.elements:
        for href in _references(element):
            if decision_model.resolve(href) is None:
                message = f"“{element.name}” requires “{href.rpartition('#')[2]}”, which is not there."
                yield _warning(decision_model, "missing-requirement", message, element.id, element.line)


def _references(element: model.Element) -> tuple[str, ...]:
    if isinstance(element, model.Decision):
        return (*element.requires, *element.knows)
    if isinstance(element, model.Knowledge):
        return element.knows
    if isinstance(element, model.DecisionService):
        return (*element.outputs, *element.encapsulated, *element.input_decisions, *element.input_data)
    return ()


def imports_are_understood(decision_model: DecisionModel) -> Iterator[Finding]:
    """DMN 1.5, 6.3.3: imports of PMML and XML schema are not read."""
    for wanted in decision_model.document.imports:
        if not is_decision_model(wanted):
            message = (
                f"The import “{wanted.name}” ({wanted.kind}) is no decision model; nothing of it is known."
            )
            yield _warning(decision_model, "import-not-read", message, None)


def types_are_known(decision_model: DecisionModel) -> Iterator[Finding]:
    """DMN 1.5, 7.3.2: a type is FEEL's own, or an item definition."""
    for name in sorted(decision_model.types.unknown):
        message = f"There is no type “{name}”; its values are not checked."
        yield _warning(decision_model, "unknown-type", message, None)


def variables_are_known(decision_model: DecisionModel) -> Iterator[Finding]:
    """An expression reads what its decision requires; one that requires nothing reads the case."""
    strict = {one.id for one in decision_model.decisions if one.requires or one.knows}
    strict |= {one.id for one in decision_model.document.elements if isinstance(one, model.Knowledge)}
    for use in decision_model.compiler.uses:
        if use.element_id not in strict:
            continue
        for name in sorted(use.unknown - BUILTINS.keys()):
            message = f"“{name}” is nothing that this decision requires; it is looked for in the data."
            yield _warning(decision_model, "unknown-variable", message, use.element_id, use.line)


def cells_fit_their_column(decision_model: DecisionModel) -> Iterator[Finding]:
    """DMN 1.5, 8.2.3: a test compares values of its column's type."""
    for element_id, table in decision_model.compiler.tables:
        for number, column in enumerate(table.source.inputs):
            wanted = decision_model.types.kind(column.type_ref).name
            for position, constants in enumerate(table.columns[number].constants):
                found = None if constants is None else _misfit(constants, wanted)
                if found:
                    rule = table.source.rules[position]
                    message = f"Rule {position + 1} compares “{column.label}” ({wanted}) with a {found}."
                    yield _warning(decision_model, "cell-type", message, rule.id or element_id, rule.line)


def _misfit(constants: Constants, wanted: str) -> str | None:
    if constants.texts and wanted in ("number", "boolean"):
        return "string"
    if constants.intervals and wanted in ("string", "boolean"):
        return "number"
    return "boolean" if constants.booleans and wanted in ("string", "number") else None


def outputs_fit_their_column(decision_model: DecisionModel) -> Iterator[Finding]:
    """An output that is a constant is of its column's type."""
    for element_id, table in decision_model.compiler.tables:
        for position, rule in enumerate(table.source.rules):
            for column, cell in zip(table.source.outputs, rule.outputs, strict=False):
                wanted = decision_model.types.kind(column.type_ref).name
                found = completeness.constant_kind(cell.text)
                if found and wanted in _SIMPLE and found != wanted:
                    name = column.name or column.label or "the output"
                    message = f"Rule {position + 1} gives a {found} for “{name}” ({wanted})."
                    yield _warning(decision_model, "output-type", message, rule.id or element_id, cell.line)


_SIMPLE = frozenset(("number", "string", "boolean"))


def rules_fill_every_column(decision_model: DecisionModel) -> Iterator[Finding]:
    """DMN 1.5, 8.3.3: a rule has one cell for each column."""
    for element_id, table in decision_model.compiler.tables:
        source = table.source
        for position, rule in enumerate(source.rules):
            if len(rule.inputs) != len(source.inputs) or len(rule.outputs) != len(source.outputs):
                message = f"Rule {position + 1} does not have one cell for each column."
                yield _warning(decision_model, "cells-missing", message, rule.id or element_id, rule.line)


def cells_name_allowed_values(decision_model: DecisionModel) -> Iterator[Finding]:
    """A test for a value that its column does not allow never matches."""
    for element_id, table in decision_model.compiler.tables:
        for number, column in enumerate(table.source.inputs):
            allowed = table.allowed[number]
            if allowed is None:
                continue
            for position, constants in enumerate(table.columns[number].constants):
                strange = sorted(text for text in (constants.texts if constants else ()) if not allowed(text))
                if strange:
                    rule = table.source.rules[position]
                    message = f"Rule {position + 1} asks for “{strange[0]}”, which “{column.label}” never is."
                    yield _warning(
                        decision_model, "value-not-allowed", message, rule.id or element_id, rule.line
                    )


def large_tables_are_not_judged(decision_model: DecisionModel) -> Iterator[Finding]:
    """What was not looked for is said."""
    for element_id, table in decision_model.compiler.tables:
        if len(table.source.rules) > completeness.MOST_RULES:
            message = f"The table has more than {completeness.MOST_RULES:,} rules: gaps and overlaps are not sought."
            yield _warning(decision_model, "table-not-judged", message, element_id, table.source.line)


def rules_do_not_overlap(decision_model: DecisionModel) -> Iterator[Finding]:
    """DMN 1.5, 8.3.8: UNIQUE allows one matching rule only, ANY several that say the same."""
    for element_id, table in decision_model.compiler.tables:
        for first, second, example in completeness.overlaps(table):
            rule = table.source.rules[second]
            message = f"Rules {first + 1} and {second + 1} both match {_shown(table, example)}."
            yield _warning(decision_model, "table-overlap", message, rule.id or element_id, rule.line)


def rules_leave_no_gap(decision_model: DecisionModel) -> Iterator[Finding]:
    """A table that must give one result has a rule, or a default, for every input."""
    for element_id, table in decision_model.compiler.tables:
        example = completeness.gap(table)
        if example is not None:
            message = f"No rule matches {_shown(table, example)}."
            yield _warning(decision_model, "table-gap", message, element_id, table.source.line)


def _shown(table: Table, example: Mapping[int, object]) -> str:
    parts = [f"{table.source.inputs[number].label} = {_value(value)}" for number, value in example.items()]
    return ", ".join(parts) or "anything"


def _value(value: object) -> str:
    return f"“{value}”" if kind_name(value) == "string" else str(value).lower()


RULES: tuple[Callable[[DecisionModel], Iterator[Finding]], ...] = (
    what_is_required_is_there,
    imports_are_understood,
    types_are_known,
    variables_are_known,
    cells_fit_their_column,
    outputs_fit_their_column,
    rules_fill_every_column,
    cells_name_allowed_values,
    large_tables_are_not_judged,
    rules_do_not_overlap,
    rules_leave_no_gap,
)
