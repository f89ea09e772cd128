"""Which model imports which, and in what order they must be compiled (DMN 1.5, 6.3.3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from caseloom.engine.decisions import model
from caseloom.engine.errors import DiagramError, Finding, Severity

if TYPE_CHECKING:
    from caseloom.engine.decisions.compiled import DecisionModel


def imports_of(document: model.Model, models: Sequence[DecisionModel]) -> list[tuple[str, DecisionModel]]:
    """The imported models with the names by which they are seen; raises `DiagramError` if one is missing."""
    by_namespace = {one.document.namespace: one for one in models}
    found: list[tuple[str, DecisionModel]] = []
    for wanted in document.imports:
        if not is_decision_model(wanted):
            continue
        if wanted.namespace not in by_namespace:
            message = f"“{document.name}” imports “{wanted.namespace}”, which is not among the files."
            raise DiagramError([Finding(document.file, None, 0, Severity.ERROR, "missing-import", message)])
        found.append((wanted.name, by_namespace[wanted.namespace]))
    return found


def is_decision_model(wanted: model.Import) -> bool:
    """Whether an import is of the one language that is read here."""
    return not wanted.kind or "/DMN/" in wanted.kind


def in_order_of_import(documents: Sequence[model.Model]) -> list[model.Model]:
    """Every model after those that it imports; raises `DiagramError` for a circle."""
    by_namespace = {document.namespace: document for document in documents}
    ordered: list[model.Model] = []
    waiting = list(documents)
    while waiting:
        done = {document.namespace for document in ordered}
        ready = [
            document
            for document in waiting
            if all(one.namespace in done or one.namespace not in by_namespace for one in document.imports)
        ]
        if not ready:
            message = f"“{waiting[0].name}” imports itself by way of others."
            raise DiagramError(
                [Finding(waiting[0].file, None, 0, Severity.ERROR, "circular-import", message)]
            )
        ordered.extend(ready)
        waiting = [document for document in waiting if document not in ready]
    return ordered
