"""The diagrams page: upload, what the checks found, versions, and the drawing itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, make_response, render_template, request, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from caseloom.engine.errors import DiagramError, Finding, Invalid
from caseloom.engine.results import Definition, Deployment
from caseloom.storage.records import DecisionRecord
from caseloom.web import cases, marks, moving, rows, wording
from caseloom.web.context import the_engine, the_person
from caseloom.web.finding import decision_of, definition_of, file_of, latest_decisions

diagrams = Blueprint("diagrams", __name__, url_prefix="/diagrams")

_SOUNDNESS = {
    "sound": "No case of this version can get stuck, however it is bent.",
    "unsound": "A case of this version can get stuck; the findings of its upload say where.",
    "unknown": "Whether a case of this version can get stuck is not known.",
}
_KINDS = {".bpmn": "bpmn", ".xml": "bpmn", ".dmn": "dmn"}


@dataclass(frozen=True, slots=True)
class FindingRow:
    severity: str
    message: str
    element: str | None
    name: str
    line: int
    code: str


@dataclass(frozen=True, slots=True)
class FileFindings:
    """What was found in one file; `xml` is empty where there is nothing to draw."""

    name: str
    kind: str
    summary: str
    xml: str
    marks: marks.Marks
    findings: Sequence[FindingRow]


@dataclass(frozen=True, slots=True)
class Upload:
    refused: bool
    title: str
    text: str
    files: Sequence[FileFindings]


@dataclass(frozen=True, slots=True)
class Version:
    version: int
    file: str
    href: str
    cases: str
    here: bool


@dataclass(frozen=True, slots=True)
class DecisionRow:
    key: str
    name: str
    version: int
    file: str
    href: str
    drawing_href: str


@diagrams.get("")
def index() -> str:
    return _page(None)


@diagrams.post("")
def upload() -> str:
    files = _files(request.files.getlist("files"))
    deployment = the_engine().deploy(*files.items(), by=the_person().id)

    return _page(_stored(deployment, files))


@diagrams.errorhandler(DiagramError)
def refused(error: DiagramError) -> Response:
    """The findings of an upload that was refused, on the drawings that came with it."""
    files = _files(request.files.getlist("files"))
    text = f"{wording.count(len(error.findings), 'finding')} to look at."
    upload = Upload(True, "Nothing was stored.", text, _findings(error.findings, files))
    return make_response(_page(upload), 422)


@diagrams.get("/<definition_id>")
def show(definition_id: str) -> str:
    definition = definition_of(definition_id)
    may_move = the_person().is_analyst and moving.sources(definition)
    return render_template(
        "diagram.html",
        process=_process(definition),
        versions=_versions(definition),
        move_href=url_for("moving.show", definition_id=definition.id) if may_move else None,
    )


@diagrams.get("/<definition_id>/diagram.bpmn")
def drawing(definition_id: str) -> Response:
    return _lasting(the_engine().library.diagram(definition_id))


@diagrams.get("/decisions/<decision_id>")
def decision(decision_id: str) -> str:
    return render_template("decision.html", decision=_decision(decision_of(decision_id)))


@diagrams.get("/decisions/<decision_id>/model.dmn")
def model(decision_id: str) -> Response:
    return _lasting(file_of(decision_of(decision_id)))


def _lasting(content: bytes) -> Response:
    """XML of something deployed, which never changes."""
    response = make_response(content)
    response.mimetype = "application/xml"
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    return response


def _files(sent: Iterable[FileStorage]) -> dict[str, bytes]:
    files = {}
    for file in sent:
        file.stream.seek(0)
        if file.filename:
            files[file.filename] = file.stream.read()
    if not files:
        raise Invalid("Choose at least one file to upload.")
    return files


def _stored(deployment: Deployment, files: Mapping[str, bytes]) -> Upload:
    names = [f"“{found.name or found.key}”, version {found.version}" for found in deployment.definitions]
    names += [f"decision “{decision}”" for decision in deployment.decisions]
    text = f"{wording.listed(names)}." if names else "The files are stored."
    return Upload(False, "Stored and ready to run:", text, _findings(deployment.findings, files))


def _findings(findings: Iterable[Finding], files: Mapping[str, bytes]) -> list[FileFindings]:
    by_file: dict[str, list[Finding]] = {}
    for finding in findings:
        by_file.setdefault(finding.file, []).append(finding)
    return [_of_file(name, found, files.get(name, b"")) for name, found in by_file.items()]


def _of_file(name: str, findings: Sequence[Finding], content: bytes) -> FileFindings:
    errors = sum(1 for finding in findings if finding.severity == "error")
    warnings = len(findings) - errors
    counted = [
        wording.count(errors, "error") if errors else "",
        wording.count(warnings, "warning") if warnings else "",
    ]
    kind = _KINDS.get(f".{name.rpartition('.')[2].lower()}", "")
    placed = any(finding.element_id for finding in findings)
    return FileFindings(
        name,
        kind,
        wording.listed([part for part in counted if part]),
        _drawable(content) if kind and placed else "",
        marks.of_findings(findings),
        [_row(finding) for finding in sorted(findings, key=lambda finding: finding.severity != "error")],
    )


def _drawable(content: bytes) -> str:
    """XML that may be shown: a drawing that cannot be read as text is not drawn."""
    text = content.decode("utf-8", errors="replace")
    return "" if "<!DOCTYPE" in text or "\ufffd" in text else text


def _row(finding: Finding) -> FindingRow:
    name = wording.label(finding.element_id) if finding.element_id else ""
    return FindingRow(
        finding.severity.value, finding.message, finding.element_id, name, finding.line, finding.code
    )


def _page(shown: Upload | None) -> str:
    return render_template(
        "diagrams.html",
        upload=shown,
        processes=[_process(found) for found in rows.latest_definitions()],
        decisions=[_decision(found) for found in latest_decisions()],
    )


def _process(definition: Definition) -> Any:
    found = cases.process_row(definition)
    return {
        "key": found.key,
        "name": found.name,
        "version": found.version,
        "file": found.file,
        "href": url_for("diagrams.show", definition_id=definition.id),
        "drawing_href": url_for("diagrams.drawing", definition_id=definition.id),
        "start_href": found.start_href,
        "soundness": definition.soundness,
        "soundness_text": _SOUNDNESS[definition.soundness],
    }


def _decision(record: DecisionRecord) -> DecisionRow:
    return DecisionRow(
        record.key,
        record.name or wording.label(record.key),
        record.version,
        record.file_name,
        url_for("diagrams.decision", decision_id=record.id),
        url_for("diagrams.model", decision_id=record.id),
    )


def _versions(definition: Definition) -> list[Version]:
    versions = the_engine().definitions(definition.key)
    running = the_engine().cases(key=definition.key, status="running", limit=1000)
    counted = {known.version: 0 for known in versions}
    for case in running:
        counted[case.version] = counted.get(case.version, 0) + 1
    return [
        Version(
            known.version,
            known.file,
            url_for("diagrams.show", definition_id=known.id),
            f"{counted[known.version]} running",
            known.id == definition.id,
        )
        for known in sorted(versions, key=lambda known: -known.version)
    ]
