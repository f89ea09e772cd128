"""`docs/camunda.md`: what becomes of each word that Camunda adds to BPMN; made from the tables of the checks.

python tests/diagrams/words_page.py        writes docs/camunda.md anew
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from caseloom.diagrams.checks import vendors
from caseloom.diagrams.checks.supported import CURED_EXTENSIONS, RUNS_CAMUNDA, RUNS_ZEEBE

PAGE = Path(__file__).parents[2] / "docs" / "camunda.md"

_REFUSED_ELSEWHERE = {
    "caseRef": "a case of CMMN does not run: call a process",
    "resource": "write the script into the diagram",
    "variableMappingClass": "use `camunda:in` and `camunda:out`",
    "variableMappingDelegateExpression": "use `camunda:in` and `camunda:out`",
}

_HEAD = """# Diagrams of Camunda

Diagrams that were drawn for Camunda 7, Operaton or Activiti, and for Camunda 8, run as they are, as far as this page
says. The words of the first three mean the same under `camunda:`, `operaton:` and `activiti:`. What is refused is
refused when the diagram is deployed, with the element and what to do instead; a word that is on neither list is
refused, too. This page is made from the checks by `tests/diagrams/words_page.py`.

Java does not run. A `delegateExpression="${name}"` or a `class` names a topic, which is served by a Python function or
by a worker; scripts and listeners have [a page of their own](scripts.md), expressions [another](expressions.md)."""


def page() -> str:
    runs = sorted(vendors.RUNS - _REFUSED_ELSEWHERE.keys())
    refused = {**vendors.REFUSED, **_REFUSED_ELSEWHERE}
    cured = {
        name: cure for name, (_, cure) in CURED_EXTENSIONS.items() if name not in ("preScript", "postScript")
    }
    parts = [
        _HEAD,
        "## Camunda 7: attributes\n\nThese run: " + _words(runs) + ".",
        "These change nothing, since every step is durable and each job is given out by itself, or since they are for "
        "other programs: " + _words(sorted(vendors.CHANGES_NOTHING)) + ".",
        "These have no effect, and a warning says so:\n\n"
        + _table("Attribute", "Instead", vendors.HAS_NO_EFFECT),
        "These are refused:\n\n" + _table("Attribute", "What to do", refused),
        "## Camunda 7: elements\n\nThese run: " + _words(sorted(RUNS_CAMUNDA - {"potentialStarter"})) + ".",
        "These are refused:\n\n" + _table("Element", "What to do", cured),
        "## Camunda 8: elements\n\nThese run, with the attributes that are named; others are refused:\n\n"
        + _table("Element", "Attributes", {name: _attributes(name) for name in sorted(RUNS_ZEEBE)}),
    ]
    return "\n\n".join(parts) + "\n"


def _attributes(element: str) -> str:
    listeners = ["eventType", "type", "retries"] if element.endswith("Listeners") else []
    return _words(listeners or sorted(vendors.ZEEBE.get(element, ())))


def _words(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _table(left: str, right: str, rows: Mapping[str, str]) -> str:
    lines = [f"| {left} | {right} |", "| --- | --- |"]
    return "\n".join([*lines, *(f"| `{name}` | {rows[name]} |" for name in sorted(rows))])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
