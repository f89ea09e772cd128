"""Names with spaces or signs that a diagram declares, so that FEEL can tell them from two words (DMN 1.5, 10.3.1.2).

`Service Level = "Premium"` reads one variable where a data object of that name is drawn, or a form asks for it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from lxml import etree

from caseloom.diagrams.namespaces import BPMN, CAMUNDA, ZEEBE

_DATA = ("dataObject", "dataObjectReference", "dataInput", "dataOutput", "property", "dataStoreReference")
_WRITERS = {
    "formField": ("id",),
    "formProperty": ("id",),
    "inputParameter": ("name",),
    "outputParameter": ("name",),
    "in": ("target",),
    "out": ("target",),
    "input": ("target",),
    "output": ("target",),
    "loopCharacteristics": ("inputElement", "outputCollection"),
    "calledDecision": ("resultVariable",),
    "script": ("resultVariable",),
}
_EXTENSIONS = frozenset({*CAMUNDA, ZEEBE})


def spaced_names(root: etree._Element) -> frozenset[str]:
    """The declared names of a file that are no identifiers."""
    return frozenset(name for name in _declared(root) if name and not name.isidentifier())


def _declared(root: etree._Element) -> Iterator[str | None]:
    for element in root.iter(*(f"{{{BPMN}}}{tag}" for tag in _DATA)):
        yield element.get("name")
    for element in root.iter(*(f"{{*}}{tag}" for tag in _WRITERS)):
        found = etree.QName(element)
        if found.namespace in _EXTENSIONS:
            yield from (element.get(name) for name in _WRITERS[found.localname])
    for element in root.iter(f"{{{ZEEBE}}}userTaskForm"):
        yield from _keys(element.text or "")


def _keys(text: str) -> Iterator[str]:
    try:
        waiting: list[Any] = [json.loads(text)]
    except (ValueError, RecursionError):
        return
    while waiting:
        component = waiting.pop()
        if isinstance(component, dict):
            if isinstance(component.get("key"), str):
                yield component["key"].partition(".")[0]
            inner = component.get("components")
            waiting.extend(inner if isinstance(inner, list) else ())
