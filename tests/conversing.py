"""Draws pools that talk: correlation properties, keys and message flows around processes that are drawn already."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree import ElementTree

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"


def _tag(name: str) -> str:
    return f"{{{BPMN}}}{name}"


def conversing(
    diagram: bytes,
    properties: Mapping[str, Mapping[str, str]],
    *,
    bound: Mapping[str, Mapping[str, str]] | None = None,
    flows: Mapping[str, str] | None = None,
) -> bytes:
    """The diagram with `properties` (name -> message name -> path) as one key of its collaboration.

    `bound` are the correlation subscriptions: process -> property -> data path. `flows` are the message flows, from
    element to element.
    """
    root = ElementTree.fromstring(diagram)
    messages = {one.get("name"): one.get("id") for one in root.iter(_tag("message"))}
    collaboration = ElementTree.SubElement(root, _tag("collaboration"), id="talk")
    for process in root.findall(_tag("process")):
        ElementTree.SubElement(
            collaboration,
            _tag("participant"),
            id=f"pool_{process.get('id')}",
            processRef=process.get("id") or "",
        )
    for number, (source, target) in enumerate((flows or {}).items()):
        ElementTree.SubElement(
            collaboration, _tag("messageFlow"), id=f"flow_{number}", sourceRef=source, targetRef=target
        )
    key = (
        ElementTree.SubElement(collaboration, _tag("correlationKey"), id="key")
        if properties
        else collaboration
    )
    for name, paths in properties.items():
        ElementTree.SubElement(key, _tag("correlationPropertyRef")).text = f"p_{name}"
        declared = ElementTree.SubElement(root, _tag("correlationProperty"), id=f"p_{name}", name=name)
        for message, path in paths.items():
            retrieval = ElementTree.SubElement(
                declared, _tag("correlationPropertyRetrievalExpression"), messageRef=messages[message] or ""
            )
            ElementTree.SubElement(retrieval, _tag("messagePath")).text = path
    for process, paths in (bound or {}).items():
        found = next(one for one in root.findall(_tag("process")) if one.get("id") == process)
        subscription = ElementTree.Element(_tag("correlationSubscription"), correlationKeyRef="key")
        found.append(subscription)
        for name, path in paths.items():
            binding = ElementTree.SubElement(
                subscription, _tag("correlationPropertyBinding"), correlationPropertyRef=f"p_{name}"
            )
            ElementTree.SubElement(binding, _tag("dataPath")).text = path
    return ElementTree.tostring(root)
