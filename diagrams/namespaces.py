"""Whose words stand in a diagram: the namespaces that we read, and attributes under any of their names.

Camunda 7's extension attributes mean the same under `camunda:`, `activiti:` and `operaton:`; whoever looks
one up with `extension` need not know which modeler drew the file.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
CASELOOM = "urn:caseloom:bpmn:1"
CAMUNDA = (
    "http://camunda.org/schema/1.0/bpmn",
    "http://operaton.org/schema/1.0/bpmn",
    "http://activiti.org/bpmn",
    "http://www.activiti.org/bpmn",
)
ZEEBE = "http://camunda.org/schema/zeebe/1.0"


def is_dmn(namespace: str) -> bool:
    """All releases of DMN; each has its own namespace, with its date in it."""
    return "://www.omg.org/spec/DMN/" in namespace and not namespace.rstrip("/").endswith("DI")


def name_of(element: etree._Element) -> etree.QName:
    return etree.QName(element)


def tag_of(element: etree._Element) -> str:
    """The local name: `userTask`."""
    return etree.QName(element).localname


def bpmn_children(element: etree._Element, *tags: str) -> Iterator[etree._Element]:
    for tag in tags:
        yield from element.iterchildren(f"{{{BPMN}}}{tag}")


def bpmn_child(element: etree._Element, tag: str) -> etree._Element | None:
    return element.find(f"{{{BPMN}}}{tag}")


def extension(element: etree._Element, name: str) -> str | None:
    """The Camunda 7 attribute `name` of an element, under whichever of its namespaces."""
    for namespace in CAMUNDA:
        value = element.get(f"{{{namespace}}}{name}")
        if value is not None:
            return value
    return None


def own(element: etree._Element, name: str) -> str | None:
    """Our own attribute `name` (`caseloom:goal`)."""
    return element.get(f"{{{CASELOOM}}}{name}")


def extension_elements(element: etree._Element, *names: str) -> Iterator[etree._Element]:
    """The direct children of `extensionElements` in Camunda 7's namespaces with one of these names."""
    yield from _extensions(element, CAMUNDA, names)


def zeebe_elements(element: etree._Element, *names: str) -> Iterator[etree._Element]:
    """The same of Camunda 8's namespace."""
    yield from _extensions(element, (ZEEBE,), names)


def _extensions(
    element: etree._Element, namespaces: tuple[str, ...], names: tuple[str, ...]
) -> Iterator[etree._Element]:
    holder = bpmn_child(element, "extensionElements")
    if holder is None:
        return
    for namespace in namespaces:
        for name in names:
            yield from holder.iterchildren(f"{{{namespace}}}{name}")


def text_of(element: etree._Element | None) -> str:
    """All text within, without the blanks around it."""
    return "" if element is None else "".join(element.itertext()).strip()
