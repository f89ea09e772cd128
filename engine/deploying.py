"""Deploying: files are read, checked and stored together, or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from caseloom.diagrams.bundles import unpack
from caseloom.diagrams.checks import Judgement, KnownThings, judge
from caseloom.diagrams.global_tasks import is_global
from caseloom.diagrams.reading import Kind, Source, read
from caseloom.diagrams.soundness import Verdict
from caseloom.engine import decisions
from caseloom.engine.errors import DiagramError, Finding, Invalid, NotFound, Severity
from caseloom.engine.flow import parsing
from caseloom.engine.flow.model import Plan
from caseloom.engine.flow.vendors import version_tag
from caseloom.engine.ids import new_id
from caseloom.engine.library import definition
from caseloom.engine.results import Deployment
from caseloom.storage.database import Database
from caseloom.storage.payload import encode
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


def examine(database: Database, given: Sequence[Source]) -> list[Finding]:
    """The findings about files that would be deployed together, against what is deployed already."""
    return _judged(database, given).findings


def _judged(database: Database, given: Sequence[Source]) -> Judgement:
    with database.read() as reader:
        known = KnownThings(
            processes=frozenset(record.key for record in reader.definitions()),
            decisions=frozenset(record.key for record in reader.decisions()),
            forms=reader.form_keys(),
        )
    found = judge(given, known=known)
    return replace(found, findings=[*found.findings, *_decision_findings(given)])


def deploy(database: Database, given: Sequence[Source], at: datetime, by: str | None) -> Deployment:
    """All of the files or none. The same bytes as the newest deployment: that deployment again."""
    judged = _judged(database, given)
    findings = judged.findings
    if any(finding.severity is Severity.ERROR for finding in findings):
        raise DiagramError(findings)
    built = [
        (source, parsing.read(source.root, source.name))
        for source in given
        if source.kind is Kind.BPMN and source.root is not None
    ]
    with database.begin() as transaction:
        again = _deployed_before(transaction, given)
        if again is not None:
            return _deployment(transaction, again, findings)
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
            _add_definitions(transaction, record, source, processes, judged.verdicts)
        for source in given:
            _add_others(transaction, record, source)
        return _deployment(transaction, record.id, findings)


def _add_definitions(
    transaction: Transaction,
    deployment: DeploymentRecord,
    source: Source,
    processes: Mapping[str, Mapping[str, Plan]],
    verdicts: Mapping[str, Verdict],
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
                payload=encode(
                    {
                        "starts": _starts(plan),
                        "tag": _version_tag(source, key),
                        "global": _is_global(source, key),
                        "soundness": str(verdicts.get(key, Verdict.UNKNOWN)),
                    }
                ),
            )
        )


def _add_others(transaction: Transaction, deployment: DeploymentRecord, source: Source) -> None:
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


def _deployment(reader: Reader, deployment_id: str, findings: Sequence[Finding]) -> Deployment:
    made = next(record for record in reader.deployments() if record.id == deployment_id)
    return Deployment(
        deployment_id,
        made.created_at,
        [definition(record) for record in reader.definitions(deployment_id=deployment_id)],
        [record.key for record in reader.decisions() if record.deployment_id == deployment_id],
        list(findings),
    )


def executable(source: Source) -> list[str]:
    """The keys of the processes of a file that may be started, in document order."""
    if source.root is None:
        return []
    processes = source.root.iter(f"{BPMN}process")
    return [str(process.get("id")) for process in processes if process.get("isExecutable") == "true"]


def _version_tag(source: Source, key: str) -> str | None:
    return version_tag(_process(source, key))


def _is_global(source: Source, key: str) -> bool:
    return is_global(_process(source, key))


def _process(source: Source, key: str) -> Any:
    assert source.root is not None
    return next(found for found in source.root.iter(f"{BPMN}process") if found.get("id") == key)


def _starts(plan: Plan) -> list[dict[str, Any]]:
    """What something outside starts, one for each event: the element that is entered, and what catches the event."""
    return [
        {
            "element": entrance.name,
            "part": part,
            "kind": event.kind,
            "name": event.name.text if event.name else catcher.label,
            "timer": event.timer,
            "when": event.when.text if event.when else None,
        }
        for entrance, catcher in plan.openings()
        for part, event in catcher.parts
    ]


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


def _decision_findings(given: Sequence[Source]) -> list[Finding]:
    tables = [(source.name, source.data) for source in given if source.kind is Kind.DMN]
    return [finding for model in decisions.read_models(tables) for finding in model.findings]
