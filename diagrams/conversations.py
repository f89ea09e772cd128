"""What pools say to each other: which message goes along a message flow, and what a message finds its case by.

BPMN 2.0.2, 8.4 and 9: correlation properties are read from messages by retrieval expressions, and from the case by
the bindings of a correlation subscription.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from caseloom.diagrams.namespaces import BPMN, bpmn_child, bpmn_children, text_of


@dataclass(frozen=True, slots=True)
class Retrieval:
    """A correlation property as one message carries it: `path` reads it from the message, `bound` from the case."""

    id: str
    name: str
    path: str
    bound: str | None = None


def referred(reference: str | None) -> str:
    """The id that a reference means: a prefix names the file's own namespace."""
    return (reference or "").rpartition(":")[2]


def message_of(root: etree._Element, element: etree._Element, own: str | None) -> str | None:
    """The id of the message of an event or task: its own, else that of the message flow at it, or of its other end."""
    if own:
        return referred(own)
    for flow, other in flows_at(root, element.get("id") or ""):
        if flow.get("messageRef"):
            return referred(flow.get("messageRef"))
        if (found := own_message(other)) is not None:
            return found
    return None


def flows_at(root: etree._Element, id: str) -> Iterator[tuple[etree._Element, etree._Element | None]]:
    """The message flows that begin or end at an element, each with what stands at its other end."""
    for flow in root.iterfind(f"{{{BPMN}}}collaboration/{{{BPMN}}}messageFlow"):
        ends = [referred(flow.get("sourceRef")), referred(flow.get("targetRef"))]
        if id in ends:
            other = ends[1 - ends.index(id)]
            yield flow, next((one for one in root.iter(f"{{{BPMN}}}*") if one.get("id") == other), None)


def own_message(element: etree._Element | None) -> str | None:
    """The message that an event or task refers to itself."""
    if element is None:
        return None
    given = [element, *bpmn_children(element, "messageEventDefinition")]
    return next((referred(one.get("messageRef")) for one in given if one.get("messageRef")), None)


def retrievals(root: etree._Element, message: str | None, process: etree._Element | None) -> list[Retrieval]:
    """What a message finds its case by, in this process."""
    bound = bindings(process)
    found = []
    for declared in bpmn_children(root, "correlationProperty"):
        id = declared.get("id") or ""
        for retrieval in bpmn_children(declared, "correlationPropertyRetrievalExpression"):
            path = text_of(bpmn_child(retrieval, "messagePath"))
            if message and referred(retrieval.get("messageRef")) == message and path:
                found.append(Retrieval(id, declared.get("name") or id, path, bound.get(id)))
    return found


def bindings(process: etree._Element | None) -> dict[str, str]:
    """The data paths of the correlation subscriptions of a process, by the id of the property."""
    if process is None:
        return {}
    return {
        referred(binding.get("correlationPropertyRef")): text_of(bpmn_child(binding, "dataPath"))
        for subscription in bpmn_children(process, "correlationSubscription")
        for binding in bpmn_children(subscription, "correlationPropertyBinding")
    }
