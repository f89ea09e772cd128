"""Diagrams of others: hostile ones are refused or harmless, real ones are read, and told what is missing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from caseloom.diagrams.bundles import unpack
from caseloom.diagrams.checks import check
from caseloom.diagrams.reading import Kind, read
from caseloom.engine.errors import DiagramError, Finding, Severity

SHARED = Path(__file__).parents[2] / ".." / "shared"
HOSTILE = SHARED / "hostile"
CORPUS = SHARED / "corpus"
SHIPPED = Path(__file__).parents[2] / "diagrams"

needs_shared = pytest.mark.skipif(
    not HOSTILE.is_dir(), reason="the shared files are not beside the repository"
)

# These show what they are when they run (a bound of the engine), or are legal altogether.
_LATER = {"mi_1e6.bpmn", "rework_loop.bpmn", "xinclude.bpmn"}


def manifest() -> list[str]:
    if not HOSTILE.is_dir():
        return []
    return [entry["file"] for entry in json.loads((HOSTILE / "manifest.json").read_text())]


def models(folder: str) -> list[Path]:
    return sorted((CORPUS / folder).glob("*.bpmn"))


def findings(path: Path) -> list[Finding]:
    data = path.read_bytes()
    try:
        files = unpack(path.name, data) if path.suffix == ".zip" else [(path.name, data)]
        return check([read(*file) for file in files])
    except DiagramError as refused:
        return refused.findings


def errors(found: list[Finding]) -> list[Finding]:
    return [finding for finding in found if finding.severity is Severity.ERROR]


@needs_shared
@pytest.mark.parametrize("name", [name for name in manifest() if not name.endswith(".dmn")])
def test_a_hostile_diagram_is_refused_before_it_runs(name):
    found = errors(findings(HOSTILE / name))

    assert bool(found) is (name not in _LATER)


@needs_shared
@pytest.mark.parametrize("name", [name for name in manifest() if name.startswith("invalid_")])
def test_an_invalid_diagram_is_refused_with_the_element(name):
    assert all(finding.element_id for finding in errors(findings(HOSTILE / name)))


@needs_shared
@pytest.mark.parametrize("name", [name for name in manifest() if name.endswith(".dmn")])
def test_a_hostile_table_is_only_read(name):
    assert read(name, (HOSTILE / name).read_bytes()).kind is Kind.DMN


@needs_shared
@pytest.mark.parametrize("path", models("miwg"), ids=lambda path: path.name)
def test_a_reference_model_runs_or_is_told_what_is_missing(path):
    found = findings(path)

    assert all(finding.message.endswith((".", "…")) and finding.code for finding in found)
    if path.name not in ("C.8.1.bpmn", "C.9.1.bpmn"):
        assert errors(found)


@needs_shared
@pytest.mark.parametrize("path", models("camunda7"), ids=lambda path: path.name)
def test_a_production_diagram_has_no_findings(path):
    assert findings(path) == []


@pytest.mark.parametrize("case_type", ["complaint", "fault_report", "lease_request"])
def test_the_case_types_that_ship_have_no_findings(case_type):
    files = sorted((SHIPPED / case_type).iterdir())
    sources = [
        read(file.name, file.read_bytes()) for file in files if file.suffix in (".bpmn", ".dmn", ".form")
    ]

    assert check(sources) == []
