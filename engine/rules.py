"""Decisions that have been deployed: which model has them, and how a business rule task gets its result."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from caseloom.diagrams.reading import Kind
from caseloom.engine.decisions import DecisionModel, read_models
from caseloom.engine.errors import ExpressionError, NotFound
from caseloom.engine.expressions import Environment
from caseloom.engine.flow.model import DecisionCall, Model
from caseloom.storage.database import Database
from caseloom.storage.reader import Reader
from caseloom.storage.records import DecisionRecord, FileRecord


class Rules:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._models: dict[tuple[str, str], DecisionModel] = {}
        self._guard = threading.Lock()

    def find(
        self, key: str, *, deployment_id: str | None = None, version: int | None = None
    ) -> tuple[DecisionModel, DecisionRecord]:
        """The model that has a decision, by its id or else its name. Raises NotFound."""
        with self._database.read() as reader:
            record = _record(reader, key, deployment_id, version)
            if record is None:
                raise NotFound(f"There is no decision “{key}”.")
            model = self._models.get((record.deployment_id, record.file_name))
            files = _tables(reader, record.deployment_id) if model is None else []
        return model or self._read(files, record), record

    def _read(self, files: list[FileRecord], record: DecisionRecord) -> DecisionModel:
        models = read_models([(file.name, file.data) for file in files])
        with self._guard:
            for file, model in zip(files, models, strict=True):
                self._models.setdefault((record.deployment_id, file.name), model)
            return self._models[(record.deployment_id, record.file_name)]

    def decide(
        self,
        caller: Model,
        call: DecisionCall,
        key: str,
        version: Any,
        data: Mapping[str, Any],
        env: Environment,
    ) -> tuple[Any, Mapping[str, Any]]:
        """The result of a business rule task and what is worth recording of it.

        Raises ExpressionError where the decision is not there, so that the case waits with an incident.
        """
        own = caller.deployment_id if call.binding == "deployment" else None
        wanted = int(version) if call.binding == "version" and str(version).isdecimal() else None
        try:
            model, record = self.find(key, deployment_id=own, version=wanted)
        except NotFound as missing:
            raise ExpressionError(str(missing), text=key) from missing
        outcome = model.decide(record.key, data, env)
        told: dict[str, Any] = {
            "id": record.key,
            "name": record.name,
            "version": record.version,
            "explanation": outcome.explanation,
        }
        if outcome.reasons:
            told["reasons"] = list(outcome.reasons)
        name = model.output_name(record.key) or record.name or record.key
        return mapped(outcome.value, call.mapping, name), told


def _record(
    reader: Reader, key: str, deployment_id: str | None, version: int | None
) -> DecisionRecord | None:
    if version is not None:
        return next((one for one in reader.decisions(key) if one.version == version), None)
    found = reader.latest_decision(key, deployment_id)
    if found is not None:
        return found
    named = [one for one in reader.decisions() if one.name == key]
    return max(named, key=lambda one: one.version, default=None)


def _tables(reader: Reader, deployment_id: str) -> list[FileRecord]:
    files = [reader.file(deployment_id, name) for name in sorted(reader.digests(deployment_id))]
    return [file for file in files if file is not None and file.kind == Kind.DMN]


def mapped(value: Any, mapping: str, name: str) -> Any:
    """A decision's result as Camunda 7's `mapDecisionResult` wants it; `raw` is the result as DMN gives it.

    `singleEntry` and `singleResult` raise ExpressionError where there are more.
    """
    if mapping == "raw":
        return value
    rows = [] if value is None else value if isinstance(value, list) else [value]
    results = [row if isinstance(row, dict) else {name: row} for row in rows]
    if mapping == "resultList":
        return results
    if mapping == "collectEntries":
        return [_only_entry(result, mapping) for result in results]
    if len(results) > 1:
        raise ExpressionError(f"The decision gave {len(results)} results where “{mapping}” allows one.")
    if not results:
        return None
    return results[0] if mapping == "singleResult" else _only_entry(results[0], mapping)


def _only_entry(result: Mapping[str, Any], mapping: str) -> Any:
    if len(result) > 1:
        raise ExpressionError(f"The decision gave {len(result)} outputs where “{mapping}” allows one.")
    return next(iter(result.values()), None)
