"""The event definitions of an element: drawn inside it, or shared and referred to (BPMN 2.0.2, 10.5.6)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from caseloom.engine.flow.vendors import BPMN, local

Element = Any


def event_kind(element: Element) -> str:
    """`message` of a messageEventDefinition; empty for any other element."""
    name = local(element) if isinstance(element.tag, str) else ""
    return name.removesuffix("EventDefinition") if name.endswith("EventDefinition") else ""


def definitions_of(element: Element) -> list[Element]:
    """What an event waits for or throws, its own definitions and shared ones, in the order of the file."""
    return list(_found(element))


def referred(element: Element, reference: str | None) -> Element | None:
    """The event definition with that id, wherever it is in the file."""
    wanted = (reference or "").strip().rpartition(":")[2]
    found = (one for one in element.getroottree().iter(f"{{{BPMN}}}*") if one.get("id") == wanted)
    return next((one for one in found if wanted and event_kind(one)), None)


def _found(element: Element) -> Iterator[Element]:
    for child in element:
        if event_kind(child):
            yield child
        elif child.tag == f"{{{BPMN}}}eventDefinitionRef":
            shared = referred(element, child.text)
            if shared is not None:
                yield shared
