"""Reads DMN files, with those that they import, and compiles them: the way into decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from caseloom.engine.decisions import model
from caseloom.engine.decisions.compiled import DecisionModel
from caseloom.engine.decisions.deciding import Outcome
from caseloom.engine.decisions.imports import imports_of, in_order_of_import
from caseloom.engine.decisions.reading import read_document, read_tree
from caseloom.engine.errors import DiagramError, Finding
from caseloom.engine.expressions.running import Environment
from caseloom.engine.expressions.values import Value


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
