"""BPMN 2.0 XML by hand: what `drawing` is made of, for diagrams that its notation cannot say.

    bpmn(
        process(
            "order",
            node("startEvent", "start"),
            node("userTask", "check", name="Check", attributes={"camunda:assignee": "anna"}),
            node("endEvent", "end", children=[node("terminateEventDefinition")]),
            flow("start", "check"),
            flow("check", "end"),
        ),
        node("message", "payment", name="payment"),
    )

Tags without a prefix are BPMN's; `camunda:`, `caseloom:`, `zeebe:` and `xsi:` may be used in tags and
attributes. Nothing is checked here: a test may well want to draw what is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from xml.etree import ElementTree

NAMESPACES = {
    "bpmn": "http://www.omg.org/spec/BPMN/20100524/MODEL",
    "camunda": "http://camunda.org/schema/1.0/bpmn",
    "caseloom": "urn:caseloom:bpmn:1",
    "zeebe": "http://camunda.org/schema/zeebe/1.0",
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
}
TARGET_NAMESPACE = "urn:caseloom:tests"

type_of_formal_expression = {"xsi:type": "bpmn:tFormalExpression"}

Element = ElementTree.Element


def node(
    tag: str,
    id: str | None = None,
    *,
    name: str | None = None,
    text: str | None = None,
    attributes: Mapping[str, str] | None = None,
    children: Iterable[Element] = (),
) -> Element:
    """Any element: an activity, an event, a gateway, or what stands inside of one."""
    given = {"id": id, "name": name, **(attributes or {})}
    element = ElementTree.Element(
        _tag(tag), {_attribute(key): v for key, v in given.items() if v is not None}
    )
    element.text = text
    element.extend(children)

    return element


def flow(source: str, target: str, condition: str | None = None, *, id: str | None = None) -> Element:
    """A sequence flow; its id is `source__target` unless another is given."""
    inside = [expression("conditionExpression", condition)] if condition is not None else []

    return node(
        "sequenceFlow",
        id or f"{source}__{target}",
        attributes={"sourceRef": source, "targetRef": target},
        children=inside,
    )


def expression(tag: str, text: str) -> Element:
    """A formal expression, as conditions, timers and completion conditions hold it."""
    return node(tag, text=text, attributes=type_of_formal_expression)


def extensions(*inside: Element) -> Element:
    return node("extensionElements", children=inside)


def process(key: str, *inside: Element, name: str | None = None, executable: bool = True) -> Element:
    return node(
        "process", key, name=name, attributes={"isExecutable": str(executable).lower()}, children=inside
    )


def bpmn(*inside: Element) -> bytes:
    """The whole file: processes, and the messages, signals and errors that they refer to."""
    definitions = node(
        "definitions", "definitions", attributes={"targetNamespace": TARGET_NAMESPACE}, children=inside
    )
    # A prefix that stands only inside of a value (xsi:type="bpmn:...") has to be declared as well.
    for prefix, address in NAMESPACES.items():
        ElementTree.register_namespace(prefix, address)
    ElementTree.indent(definitions)

    text = ElementTree.tostring(definitions, encoding="unicode")

    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()


def _tag(tag: str) -> str:
    prefix, colon, local = tag.rpartition(":")

    return f"{{{NAMESPACES[prefix if colon else 'bpmn']}}}{local}"


def _attribute(name: str) -> str:
    prefix, colon, local = name.rpartition(":")

    return f"{{{NAMESPACES[prefix]}}}{local}" if colon else name
