"""Attributes and extension elements of the modelers, under whichever namespace they were written."""

from __future__ import annotations

from typing import Any

from lxml import etree

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
ZEEBE = "http://camunda.org/schema/zeebe/1.0"
OURS = "urn:caseloom:bpmn:1"
VENDORS = (
    "http://camunda.org/schema/1.0/bpmn",
    "http://operaton.org/schema/1.0/bpmn",
    "http://activiti.org/bpmn",
    "http://www.activiti.org/bpmn",
)

Element = Any


def local(element: Element) -> str:
    return etree.QName(element).localname


def told(element: Element, name: str, *, unless: str = "false") -> bool:
    """A yes or no of BPMN's own: XML writes yes as `true` or `1`; `unless` is what its absence means."""
    return element.get(name, unless).strip() in ("true", "1")


def vendor(element: Element, name: str) -> str | None:
    """An attribute of Camunda 7, Operaton or Activiti."""
    if element is None:
        return None
    for namespace in VENDORS:
        value = element.get(f"{{{namespace}}}{name}")
        if value is not None:
            return str(value)
    return None


def of_ours(element: Element, name: str) -> str | None:
    value = element.get(f"{{{OURS}}}{name}")
    return None if value is None else str(value)


def children(element: Element, name: str, *namespaces: str) -> list[Element]:
    """Extension elements of that name, in document order."""
    extensions = element.find(f"{{{BPMN}}}extensionElements")
    if extensions is None:
        return []
    wanted = {f"{{{namespace}}}{name}" for namespace in namespaces or VENDORS}
    return [child for child in extensions if child.tag in wanted]


def extension(element: Element, namespace: str, name: str) -> Element | None:
    if element is None:
        return None
    found = children(element, name, namespace)
    return found[0] if found else None


def version_tag(process: Element) -> str | None:
    """The name that a modeler gave to this version of a process."""
    tagged = extension(process, ZEEBE, "versionTag")
    return vendor(process, "versionTag") or (None if tagged is None else tagged.get("value"))
