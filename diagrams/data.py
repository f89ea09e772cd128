"""Data associations as they are written in a diagram: the texts that are computed, and the paths that are assigned."""

from __future__ import annotations

import re

from lxml import etree

PLACEHOLDER = (
    "__targetRef_placeholder"  # drawn by bpmn-js, whose associations need some end within the activity
)
ITEMS = frozenset(
    {
        "dataObject",
        "dataObjectReference",
        "dataStore",
        "dataStoreReference",
        "dataInput",
        "dataOutput",
        "property",
        "inputDataItem",
        "outputDataItem",
    }
)
_PATH = re.compile(r"[^\W\d][\w -]*(\.[^\W\d][\w -]*)*")


def computed_text(element: etree._Element) -> str:
    """The expression of a transformation or assignment; some modelers wrap it into an expression of DMN."""
    text = "".join(element.itertext()).strip()
    if not text.startswith("<"):
        return text
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        inner = etree.fromstring(text, parser).find("{*}text")
    except etree.XMLSyntaxError:
        return text
    return text if inner is None else (inner.text or "").strip()


def path_of(text: str) -> str | None:
    """What an assignment writes: a name, or names with dots between them, however it is wrapped; None for any other."""
    text = text.strip().removeprefix("=")
    if text.startswith(("${", "#{")):
        text = text[2:].removesuffix("}")
    text = text.strip()
    return text if _PATH.fullmatch(text) else None
