"""Draws compensation: a handler for an activity of a line that `drawing` has drawn.

compensated("Book > Pay", book=node("userTask", "cancel", name="Cancel"))
"""

from __future__ import annotations

from xml.etree import ElementTree

from drawing import draw
from drawing_xml import Element, node


def compensated(line: str | bytes, **handlers: Element) -> bytes:
    """The line, or file, with a compensation boundary event and a handler for each of the named activities."""
    root = ElementTree.fromstring(line if isinstance(line, bytes) else draw(line))
    parents = {child.get("id"): parent for parent in root.iter() for child in parent}
    for activity, handler in handlers.items():
        event = node(
            "boundaryEvent", f"{activity}_compensate", attributes={"attachedToRef": activity},
            children=[node("compensateEventDefinition")],
        )  # fmt: skip
        handler.set("isForCompensation", "true")
        way = node(
            "association",
            attributes={"sourceRef": event.get("id") or "", "targetRef": handler.get("id") or ""},
        )
        parents[activity].extend([event, handler, way])

    return ElementTree.tostring(root)


def throwing(file: bytes, event: str, activity: str | None = None) -> bytes:
    """The file, where this intermediate event throws compensation: of all, or of one activity."""
    root = ElementTree.fromstring(file)
    thrower = next(element for element in root.iter() if element.get("id") == event)
    attributes = {"activityRef": activity} if activity else {}
    thrower.append(node("compensateEventDefinition", attributes=attributes))

    return ElementTree.tostring(root)


__all__ = ["compensated", "throwing"]
