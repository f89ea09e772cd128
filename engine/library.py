"""What has been deployed: definitions by key and version, their executable models, decisions and forms.

Definitions are immutable, so models are kept in memory for good once they are built.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from caseloom.diagrams.bundles import unpack
from caseloom.diagrams.checks import KnownThings, check
from caseloom.diagrams.reading import Kind, Source, parse_xml, read
from caseloom.engine.errors import DiagramError, ExpressionError, Finding, Invalid, NotFound, Severity
from caseloom.engine.expressions import Environment
from caseloom.engine.flow import parsing
from caseloom.engine.flow.model import DecisionCall, Model, Node, Plan
from caseloom.engine.ids import new_id
from caseloom.engine.results import Definition, Deployment
from caseloom.storage.database import Database
from caseloom.storage.payload import decode, encode
from caseloom.storage.reader import Reader
from caseloom.storage.records import (
    DecisionRecord,
    DefinitionRecord,
    DeploymentRecord,
    FileRecord,
    FormRecord,
)
from caseloom.storage.transaction import Transaction

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
Upload = str | Path | tuple[str, bytes]


def sources(files: Sequence[Upload]) -> list[Source]:
    """The files of one deployment, bundles unpacked. Raises DiagramError, or NotFound for a path that is not there."""
    found: list[Source] = []
    for file in files:
        name, data = file if isinstance(file, tuple) else _load(Path(file))
        pairs = unpack(name, data) if name.lower().endswith(".zip") else [(name, data)]
        found.extend(read(*pair) for pair in pairs)
    if not found:
        raise Invalid("There is nothing to deploy: name at least one file.")
    names = [source.name for source in found]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise Invalid(f"Two of the files are called “{twice}”; rename one of them.")
    return found


def _load(path: Path) -> tuple[str, bytes]:
    try:
        return path.name, path.read_bytes()
    except OSError as missing:
        raise NotFound(f"“{path}” cannot be read: {missing.strerror}.") from missing


class Library:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._models: dict[str, Model] = {}
        self._decisions: dict[str, Any] = {}
        self._guard = threading.RLock()

    # -- deploying ---------------------------------------------------------------------------------

    def examine(self, given: Sequence[Source]) -> list[Finding]:
        """The findings about files that would be deployed together, against what is deployed already."""
        with self._database.read() as reader:
            known = KnownThings(
                processes=frozenset(record.key for record in reader.definitions()),
                decisions=frozenset(record.key for record in reader.decisions()),
                forms=frozenset(),
            )
        return [*check(given, known=known), *_decision_findings(given)]

    def deploy(self, given: Sequence[Source], at: datetime, by: str | None) -> Deployment:
        """All of the files or none. The same bytes as the newest deployment: that deployment again."""
        findings = self.examine(given)
        if any(finding.severity is Severity.ERROR for finding in findings):
            raise DiagramError(findings)
        built = [
            (source, parsing.read(source.root, source.name)) for source in given if source.kind is Kind.BPMN
        ]
        with self._database.begin() as transaction:
            again = _deployed_before(transaction, given)
            if again is not None:
                return self._deployment(transaction, again, findings)
            record = DeploymentRecord(new_id(at), created_at=at, by=by)
            transaction.add_deployment(record)
            for source in given:
                transaction.add_file(
                    FileRecord(
                        record.id, source.name, kind=str(source.kind), data=source.data,
                        sha256=hashlib.sha256(source.data).hexdigest(),
                    )
                )  # fmt: skip
            for source, processes in built:
                self._add_definitions(transaction, record, source, processes)
            for source in given:
                self._add_others(transaction, record, source)
            return self._deployment(transaction, record.id, findings)

    def _add_definitions(
        self,
        transaction: Transaction,
        deployment: DeploymentRecord,
        source: Source,
        processes: Mapping[str, Mapping[str, Plan]],
    ) -> None:
        for key in executable(source):
            latest = transaction.latest_definition(key)
            version = latest.version + 1 if latest else 1
            plan = processes[key][key]
            transaction.add_definition(
                DefinitionRecord(
                    f"{key}:{version}:{deployment.id}",
                    key=key,
                    version=version,
                    name=plan.description or key,
                    deployment_id=deployment.id,
                    file_name=source.name,
                    element_id=key,
                    created_at=deployment.created_at,
                    payload=encode({"starts": _starts(plan), "tag": _version_tag(source, key)}),
                )
            )

    def _add_others(self, transaction: Transaction, deployment: DeploymentRecord, source: Source) -> None:
        if source.kind is Kind.DMN:
            for key, name in decision_names(source):
                latest = transaction.latest_decision(key)
                version = latest.version + 1 if latest else 1
                transaction.add_decision(
                    DecisionRecord(
                        f"{key}:{version}:{deployment.id}", key=key, version=version, name=name,
                        deployment_id=deployment.id, file_name=source.name,
                    )
                )  # fmt: skip
        if source.kind is Kind.FORM and source.form is not None:
            for key in {str(source.form.get("id") or ""), source.name} - {""}:
                known = transaction.form(key)
                version = known.version + 1 if known else 1
                transaction.add_form(
                    FormRecord(
                        f"{key}:{version}:{deployment.id}", key=key, version=version,
                        deployment_id=deployment.id, file_name=source.name,
                    )
                )  # fmt: skip

    def _deployment(self, reader: Reader, deployment_id: str, findings: Sequence[Finding]) -> Deployment:
        made = next(record for record in reader.deployments() if record.id == deployment_id)
        return Deployment(
            deployment_id,
            made.created_at,
            [definition(record) for record in reader.definitions(deployment_id=deployment_id)],
            [record.key for record in reader.decisions() if record.deployment_id == deployment_id],
            list(findings),
        )

    # -- looking up --------------------------------------------------------------------------------

    def definitions(self, key: str | None = None) -> list[Definition]:
        with self._database.read() as reader:
            return [definition(record) for record in reader.definitions(key)]

    def to_start(self, key: str, version: int | None) -> DefinitionRecord:
        with self._database.read() as reader:
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
        with self._database.read() as reader:
            record = reader.definition(definition_id)
            if record is None:
                raise NotFound(f"There is no definition “{definition_id}”.")
            file = reader.file(record.deployment_id, record.file_name)
        assert file is not None
        model = parsing.model(
            parse_xml(file.name, file.data),
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
        with self._database.read() as reader:
            record = reader.definition(definition_id)
            file = reader.file(record.deployment_id, record.file_name) if record else None
        if file is None:
            raise NotFound(f"There is no definition “{definition_id}”.")
        return file.data

    def form_schema(self, key: str, definition_id: str) -> Mapping[str, Any] | None:
        """A deployed form by the key that a task names it by: from its own deployment, else the newest."""
        name = key.removeprefix("camunda-forms:").removeprefix("deployment:").removeprefix("forms/")
        with self._database.read() as reader:
            record = reader.definition(definition_id)
            candidates = [name, f"{name}.form"]
            for own in (record.deployment_id if record else None, None):
                for candidate in candidates:
                    found = reader.form(candidate, own)
                    if found is not None:
                        file = reader.file(found.deployment_id, found.file_name)
                        return read(file.name, file.data).form if file else None
        return None

    # -- what a running case asks ------------------------------------------------------------------

    def called(self, caller: Model, key: str, binding: str, version: Any) -> Model:
        """The process that a call activity calls. Raises ExpressionError, so that the caller waits with an incident."""
        with self._database.read() as reader:
            found = _called(reader, caller, key, binding, version)
        if found is None:
            wanted = "" if binding == "latest" else f" ({binding} {version or ''})".replace(" )", ")")
            raise ExpressionError(f"The called process “{key}”{wanted} is not deployed.", text=key)
        return self.model(found.id)

    def decision(
        self, key: str, *, deployment_id: str | None = None, version: int | None = None
    ) -> tuple[Any, DecisionRecord]:
        """The decision model that has a decision, and its record. Raises NotFound."""
        with self._database.read() as reader:
            if version is not None:
                found = next((one for one in reader.decisions(key) if one.version == version), None)
            else:
                found = reader.latest_decision(key, deployment_id)
            if found is None:
                found = next((one for one in reversed(reader.decisions()) if one.name == key), None)
            if found is None:
                raise NotFound(f"There is no decision “{key}”.")
            models = self._decisions.get(f"{found.deployment_id}/{found.file_name}")
            if models is None:
                files = [
                    file
                    for name in reader.digests(found.deployment_id)
                    if (file := reader.file(found.deployment_id, name)) and file.kind == Kind.DMN
                ]
        if models is None:
            models = _decision_model(found.file_name, files)
            self._decisions[f"{found.deployment_id}/{found.file_name}"] = models
        return models, found

    def decide(
        self,
        caller: Model,
        call: DecisionCall,
        key: str,
        version: Any,
        data: Mapping[str, Any],
        env: Environment,
    ) -> tuple[Any, Mapping[str, Any]]:
        own = caller.deployment_id if call.binding == "deployment" else None
        wanted = int(version) if call.binding == "version" and version is not None else None
        try:
            model, record = self.decision(key, deployment_id=own, version=wanted)
        except NotFound as missing:
            raise ExpressionError(f"{missing}", text=key) from missing
        outcome = model.decide(record.key, data, env)
        told = {"id": record.key, "version": record.version, "explanation": outcome.explanation}
        if outcome.reasons:
            told["reasons"] = list(outcome.reasons)
        return outcome.mapped(call.mapping), told


class CaseWorld:
    """What the runs of one case may ask: the library, and the case's own name for JUEL's `execution`."""

    def __init__(self, library: Library, case_id: str, business_key: str | None) -> None:
        self._library = library
        self._case_id = case_id
        self._business_key = business_key
        self.called = library.called
        self.decide = library.decide

    def execution(self, scope: Any, node: Node) -> Mapping[str, Any]:
        return {
            "id": self._case_id,
            "case_id": self._case_id,
            "business_key": self._business_key,
            "definition_id": scope.model.definition_id,
            "element_id": node.name,
            "element_name": node.label,
        }


def definition(record: DefinitionRecord) -> Definition:
    return Definition(
        record.id,
        record.key,
        record.version,
        record.name or record.key,
        record.deployment_id,
        record.file_name,
    )


def executable(source: Source) -> list[str]:
    """The keys of the processes of a file that may be started, in document order."""
    if source.root is None:
        return []
    processes = source.root.iter(f"{BPMN}process")
    return [str(process.get("id")) for process in processes if process.get("isExecutable") == "true"]


def _version_tag(source: Source, key: str) -> str | None:
    assert source.root is not None
    process = next(found for found in source.root.iter(f"{BPMN}process") if found.get("id") == key)
    return parsing.vendor(process, "versionTag")


def _starts(plan: Plan) -> list[dict[str, Any]]:
    """The start events that something outside triggers."""
    return [
        {
            "element": node.name,
            "kind": node.event.kind,
            "name": node.event.name.text if node.event.name else None,
            "timer": node.event.timer,
            "when": node.event.when.text if node.event.when else None,
        }
        for node in plan.nodes.values()
        if node.kind == "startEvent" and node.event.kind != "none"
    ]


def starts(record: DefinitionRecord) -> list[dict[str, Any]]:
    return list(decode(record.payload)["starts"])


def _deployed_before(transaction: Transaction, given: Sequence[Source]) -> str | None:
    """The newest deployment, of those that hold any of these keys, if it has exactly these files."""
    wanted = {source.name: hashlib.sha256(source.data).hexdigest() for source in given}
    keys = [key for source in given for key in executable(source)]
    for key in keys:
        latest = transaction.latest_definition(key)
        if latest is None or transaction.digests(latest.deployment_id) != wanted:
            return None
        return latest.deployment_id
    for deployment in reversed(transaction.deployments()):
        if transaction.digests(deployment.id) == wanted:
            return deployment.id
    return None


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


def _decision_findings(given: Iterable[Source]) -> list[Finding]:
    from caseloom.engine import decisions

    return [
        finding
        for source in given
        if source.kind is Kind.DMN
        for finding in decisions.findings(source.name, source.data)
    ]


def _decision_model(name: str, files: Sequence[FileRecord]) -> Any:
    from caseloom.engine import decisions

    main = next(file for file in files if file.name == name)
    return decisions.read_model(main.data, imports=[file.data for file in files if file.name != name])


def decision_names(source: Source) -> list[tuple[str, str | None]]:
    """Decisions, decision services and business knowledge models of a DMN file: id and name."""
    assert source.root is not None
    found = []
    for element in source.root:
        if isinstance(element.tag, str) and element.tag.rpartition("}")[2] in (
            "decision",
            "decisionService",
            "businessKnowledgeModel",
        ):
            name = element.get("name")
            found.append((str(element.get("id") or name), name))
    return found
