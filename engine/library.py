"""What has been deployed: definitions by key and version, their executable models, and forms.

Definitions are immutable, so models are kept in memory for good once they are built.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from caseloom.diagrams.reading import read
from caseloom.engine.errors import ExpressionError, NotFound
from caseloom.engine.flow import parsing
from caseloom.engine.flow.model import Model
from caseloom.engine.flow.run import Named
from caseloom.engine.flow.tokens import Scope
from caseloom.engine.handlers import Handlers
from caseloom.engine.results import Definition, Occasion
from caseloom.engine.rules import Rules
from caseloom.storage.database import Database
from caseloom.storage.payload import decode
from caseloom.storage.reader import Reader
from caseloom.storage.records import DefinitionRecord


class Library:
    def __init__(self, database: Database) -> None:
        self.database = database
        self._models: dict[str, Model] = {}
        self._guard = threading.Lock()
        self.rules = Rules(database)

    # -- looking up --------------------------------------------------------------------------------

    def definitions(self, key: str | None = None) -> list[Definition]:
        with self.database.read() as reader:
            return [definition(record) for record in reader.definitions(key)]

    def to_start(self, key: str, version: int | None) -> DefinitionRecord:
        with self.database.read() as reader:
            if version is not None:
                found = reader.definition_version(key, version)
            else:
                found = reader.latest_definition(key)
            if found is None:
                raise NotFound(_no_such_process(reader, key, version))
            return found

    def model(self, definition_id: str) -> Model:
        """The executable model of a definition, built on first use."""
        found = self._models.get(definition_id)
        if found is not None:
            return found
        with self.database.read() as reader:
            record = reader.definition(definition_id)
            if record is None:
                raise NotFound(f"There is no definition “{definition_id}”.")
            file = reader.file(record.deployment_id, record.file_name)
        assert file is not None
        root = read(file.name, file.data).root
        assert root is not None
        model = parsing.model(
            root,
            file=file.name,
            key=record.element_id,
            definition_id=record.id,
            version=record.version,
            deployment_id=record.deployment_id,
        )
        with self._guard:
            return self._models.setdefault(definition_id, model)

    def diagram(self, definition_id: str) -> bytes:
        """The BPMN file of a definition, byte for byte as it was deployed."""
        with self.database.read() as reader:
            record = reader.definition(definition_id)
            file = reader.file(record.deployment_id, record.file_name) if record else None
        if file is None:
            raise NotFound(f"There is no definition “{definition_id}”.")
        return file.data

    def catches(self, name: str) -> bool:
        """Could a case of any deployed process, newest versions only, wait for this message?"""
        with self.database.read() as reader:
            newest = reader.latest_definitions()
        return any(self.model(one.id).awaits(name) for one in newest)

    def form_schema(
        self, key: str, definition_id: str, binding: str | None = None
    ) -> Mapping[str, Any] | None:
        """A deployed form by the key that a task names it by: from its own deployment, else the newest.

        `binding` may be `deployment` or `latest`, for one of the two alone.
        """
        name = key.removeprefix("camunda-forms:").removeprefix("deployment:").removeprefix("forms/")
        with self.database.read() as reader:
            record = reader.definition(definition_id)
            candidates = [name, f"{name}.form"]
            together = [record.deployment_id] if record else []
            homes: list[str | None] = [*together, None]
            if binding is not None:
                homes = [None] if binding == "latest" else [*together]
            for own in homes:
                for candidate in candidates:
                    found = reader.form(candidate, own)
                    if found is not None:
                        file = reader.file(found.deployment_id, found.file_name)
                        return read(file.name, file.data).form if file else None
        return None

    # -- what a running case asks ------------------------------------------------------------------

    def called(self, caller: Model, key: str, binding: str, version: Any) -> Model:
        """The process that a call activity calls. Raises ExpressionError, so that the caller waits with an incident."""
        with self.database.read() as reader:
            found = _called(reader, caller, key, binding, version)
        if found is None:
            wanted = "" if binding == "latest" else f" ({binding} {version or ''})".replace(" )", ")")
            raise ExpressionError(f"The called process “{key}”{wanted} is not deployed.", text=key)
        return self.model(found.id)


class CaseWorld:
    """What the runs of one case may ask: the library, and the case's own name for JUEL's `execution`.

    Without `handlers`, as in a preview, listeners' handlers are not called.
    """

    def __init__(
        self, library: Library, case_id: str, business_key: str | None, handlers: Handlers | None = None
    ) -> None:
        self._library = library
        self._case_id = case_id
        self._business_key = business_key
        self._handlers = handlers
        self._revisions: dict[str, int] = {}
        self.called = library.called
        self.decide = library.rules.decide

    def version(self, key: str, version: int) -> Model:
        """One version of a process. Raises NotFound."""
        return self._library.model(self._library.to_start(key, version).id)

    def listen(self, occasion: Occasion, label: str) -> Mapping[str, Any]:
        return {} if self._handlers is None else self._handlers.call(occasion, label)

    def store(self, name: str) -> Any:
        """The value of a data store; null where nothing was written to it yet."""
        with self._library.database.read() as reader:
            found = reader.store(name)
        self._revisions[name] = found.revision if found is not None else 0
        return decode(found.payload) if found is not None else None

    def stores_read(self) -> Mapping[str, int]:
        """The revisions of the values that were read; 0 is that of a store without one."""
        return self._revisions

    def execution(self, scope: Any, node: Named) -> Mapping[str, Any]:
        return {
            "id": self._case_id,
            "case_id": self._case_id,
            "business_key": _business_key(scope, self._business_key),
            "definition_id": scope.model.definition_id,
            "element_id": node.name,
            "element_name": node.label,
        }


def _business_key(scope: Scope | None, own: str | None) -> str | None:
    """The key that a call activity gave to the process of this scope; else that of the case."""
    while scope is not None and scope.host is not None:
        if "business_key" in scope.host.outcome:
            return scope.host.outcome["business_key"]  # type: ignore[no-any-return]
        scope = scope.host.scope
    return own


def definition(record: DefinitionRecord) -> Definition:
    return Definition(
        record.id,
        record.key,
        record.version,
        record.name or record.key,
        record.deployment_id,
        record.file_name,
        decode(record.payload).get("global", False),
        soundness=decode(record.payload).get("soundness", "unknown"),
    )


def starts(record: DefinitionRecord) -> list[dict[str, Any]]:
    return list(decode(record.payload)["starts"])


def _called(reader: Reader, caller: Model, key: str, binding: str, version: Any) -> DefinitionRecord | None:
    if binding == "deployment":
        return next((one for one in reader.definitions(key, deployment_id=caller.deployment_id)), None)
    if binding == "version":
        return reader.definition_version(key, int(version)) if str(version).isdecimal() else None
    if binding == "versionTag":
        tagged = [one for one in reader.definitions(key) if decode(one.payload)["tag"] == version]
        return tagged[-1] if tagged else None
    return reader.latest_definition(key)


def _no_such_process(reader: Reader, key: str, version: int | None) -> str:
    keys = sorted({record.key for record in reader.definitions()})
    if key in keys:
        return f"“{key}” has no version {version}."
    listed = ", ".join(f"“{known}”" for known in keys[:10])
    return f"There is no process “{key}”. " + (
        f"Deployed are {listed}." if keys else "Nothing is deployed yet."
    )
