"""Turns uploaded bytes into something that can be checked, and refuses what is not safe to look at.

Nothing here follows a reference: no DOCTYPE, no entities, no network, no XInclude. Bounds come before
trees: a streaming pass counts elements and depth, and only a document that passes is built. Bundles are
opened in `bundles`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NoReturn
from xml.parsers import expat

from lxml import etree

from caseloom.diagrams import global_tasks, namespaces
from caseloom.diagrams.model import FLOW_NODES
from caseloom.engine.errors import DiagramError, Finding, Severity

MOST_BYTES = 10_000_000
MOST_ELEMENTS = 200_000
MOST_DEPTH = 200
MOST_ATTRIBUTES = 500
MOST_STEPS = 10_000
LONGEST_RUN = 1_000_000  # bytes of one tag, or of one text: a tag with a million attributes is still one tag

_FORM_COMPONENTS = 5_000
_FORM_DEPTH = 40

_ENCODING = re.compile(r"""^<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]*)["']""")
_UNICODE = {"utf-8", "utf8", "utf-16", "utf-16le", "utf-16be"}
# In these a file of plain ASCII bytes is the very same text as in UTF-8 (not so in UTF-7).
_ASCII_WITHIN = {"us-ascii", "ascii", "iso-8859-1", "iso-8859-15", "latin1", "windows-1252"}
_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_BARE_UTF16 = ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))
_ARCHIVES = ((b"\x1f\x8b", "gzip"), (b"BZh", "bzip2"), (b"\xfd7zXZ", "xz"), (b"7z\xbc\xaf", "7-Zip"))


class Kind(StrEnum):
    BPMN = "bpmn"
    DMN = "dmn"
    FORM = "form"


@dataclass(frozen=True, slots=True)
class Source:
    """One readable file: a diagram or a table with its `root`, or a form with its `form`."""

    name: str
    kind: Kind
    data: bytes = field(repr=False)
    root: etree._Element | None = field(default=None, repr=False, compare=False)
    form: Mapping[str, Any] | None = field(default=None, repr=False, compare=False)


def read(name: str, data: bytes) -> Source:
    """What the file is, by its content; raises DiagramError when it is none of ours."""
    if name.lower().endswith((".form", ".json")):
        return Source(name, Kind.FORM, data, form=_form(name, data))

    root = parse_xml(name, data)
    kind = _kind(name, root)
    if kind is Kind.BPMN:
        _guard_steps(name, root)
        global_tasks.opened(root)
    return Source(name, kind, data, root=root)


def _guard_steps(name: str, root: etree._Element) -> None:
    steps = sum(
        1
        for _ in root.iter(
            f"{{{namespaces.BPMN}}}sequenceFlow", *(f"{{{namespaces.BPMN}}}{tag}" for tag in FLOW_NODES)
        )
    )
    if steps > 2 * MOST_STEPS:
        message = f"The diagram has more than {MOST_STEPS:,} steps: move some into called processes."
        _refuse(name, "diagram-size", message)


def parse_xml(name: str, data: bytes) -> etree._Element:
    """The root element of an XML file from a stranger, without comments; raises DiagramError.

    Takes UTF-8 and UTF-16 of at most 10 MB; a bounded time and memory for whatever is sent.
    """
    text = _as_utf8(name, data)
    _walk(name, text)

    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
    )
    try:
        return etree.fromstring(text, parser)
    except etree.XMLSyntaxError as error:
        _refuse(name, "xml-syntax", f"The file is not well-formed XML: {error.msg}.", error.lineno or 0)


def _refuse(name: str, code: str, message: str, line: int = 0) -> NoReturn:
    raise DiagramError([Finding(name, None, line, Severity.ERROR, code, message)])


def _as_utf8(name: str, data: bytes) -> bytes:
    _guard_bytes(name, data)
    encoding = _encoding(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        _refuse(name, "xml-encoding", f"The file is not valid {encoding.upper()}: save it as UTF-8.", line)
    text = text.removeprefix("\ufeff")
    _guard_declared(name, text, plain=data.isascii())
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        _refuse(name, "xml-nul", "The file holds NUL characters: it is damaged, or not XML.", line)

    utf8 = text.encode() if encoding != "utf-8" else data.removeprefix(b"\xef\xbb\xbf")
    if re.search(rb"<[^<]{%d}" % LONGEST_RUN, utf8):
        _refuse(name, "xml-size", f"A single tag or text is longer than {LONGEST_RUN:,} bytes.")
    return utf8


def _guard_bytes(name: str, data: bytes) -> None:
    if not data.strip():
        _refuse(name, "xml-empty", "The file is empty.")
    if len(data) > MOST_BYTES:
        _refuse(name, "xml-size", f"The file has {len(data):,} bytes; at most {MOST_BYTES:,} are read.")
    if data.startswith(b"PK\x03\x04"):
        _refuse(name, "xml-archive", "The file is a ZIP archive: give it a name that ends in .zip.")
    for magic, what in _ARCHIVES:
        if data.startswith(magic):
            _refuse(name, "xml-archive", f"The file is compressed ({what}): unpack it first.")


def _encoding(data: bytes) -> str:
    for mark, encoding in (*_MARKS, *_BARE_UTF16):
        if data.startswith(mark):
            return encoding
    return "utf-8"


def _guard_declared(name: str, text: str, *, plain: bool) -> None:
    declared = _ENCODING.match(text)
    if declared is None:
        return
    encoding = declared.group(1).lower()
    if encoding in _UNICODE or (plain and encoding in _ASCII_WITHIN):
        return

    _refuse(name, "xml-encoding", f"The encoding is {declared.group(1)}: save the file as UTF-8.", 1)


def _walk(name: str, utf8: bytes) -> None:
    """The streaming pass: no DOCTYPE, and nothing too deep or too many, before any tree is built."""
    parser = expat.ParserCreate("utf-8")
    depth = count = 0

    def no_doctype(*_: object) -> None:
        _refuse(name, "xml-doctype", "The file has a DOCTYPE: remove it.", parser.CurrentLineNumber)

    def enter(_tag: str, attributes: Mapping[str, str]) -> None:
        nonlocal depth, count
        depth += 1
        count += 1
        if len(attributes) > MOST_ATTRIBUTES:
            message = f"An element has more than {MOST_ATTRIBUTES} attributes."
            _refuse(name, "xml-count", message, parser.CurrentLineNumber)
        if depth > MOST_DEPTH:
            message = f"The elements are nested more than {MOST_DEPTH} deep."
            _refuse(name, "xml-depth", message, parser.CurrentLineNumber)
        if count > MOST_ELEMENTS:
            message = f"The file has more than {MOST_ELEMENTS:,} elements."
            _refuse(name, "xml-count", message, parser.CurrentLineNumber)

    def leave(_tag: str) -> None:
        nonlocal depth
        depth -= 1

    parser.StartDoctypeDeclHandler = no_doctype
    parser.StartElementHandler = enter
    parser.EndElementHandler = leave
    try:
        parser.Parse(utf8, True)
    except expat.ExpatError as error:
        message = f"The file is not well-formed XML: {expat.ErrorString(error.code)}."
        _refuse(name, "xml-syntax", message, error.lineno)


def _kind(name: str, root: etree._Element) -> Kind:
    found = etree.QName(root)
    if found.localname == "definitions" and found.namespace == namespaces.BPMN:
        return Kind.BPMN
    if found.localname == "definitions" and namespaces.is_dmn(found.namespace or ""):
        return Kind.DMN

    message = f"The file is neither a BPMN diagram nor a DMN table: it begins with <{found.localname}>."
    _refuse(name, "not-a-diagram", message, root.sourceline or 0)


def _form(name: str, data: bytes) -> Mapping[str, Any]:
    if len(data) > LONGEST_RUN:
        _refuse(name, "form-size", f"A form has at most {LONGEST_RUN:,} bytes.")
    try:
        form = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        _refuse(name, "form-encoding", "The form is not valid UTF-8: save it as UTF-8.")
    except json.JSONDecodeError as error:
        _refuse(name, "form-syntax", f"The form is not valid JSON: {error.msg}.", error.lineno)
    except (RecursionError, ValueError):
        _refuse(
            name, "form-syntax", "The form is not valid JSON: it is nested too deep or a number is too long."
        )
    if not isinstance(form, dict) or not isinstance(form.get("components"), list):
        _refuse(
            name, "form-shape", "A form is a JSON object with a list of “components”, as form-js writes it."
        )

    _guard_components(name, form["components"])
    return form


def _guard_components(name: str, components: list[Any]) -> None:
    waiting = [(component, 1) for component in components]
    count = 0
    while waiting:
        component, depth = waiting.pop()
        count += 1
        if count > _FORM_COMPONENTS or depth > _FORM_DEPTH:
            _refuse(
                name, "form-size", f"A form has at most {_FORM_COMPONENTS:,} components, {_FORM_DEPTH} deep."
            )
        _guard_component(name, component)
        waiting.extend((inner, depth + 1) for inner in component.get("components", ()))


def _guard_component(name: str, component: Any) -> None:
    if not isinstance(component, dict) or not isinstance(component.get("type"), str):
        _refuse(name, "form-shape", "Every component of a form is a JSON object with a “type”.")
    shown = component.get("label") or component.get("id") or component["type"]
    for word in ("key", "id", "path"):
        if not isinstance(component.get(word, ""), str):
            _refuse(name, "form-shape", f"The component “{shown}” has a “{word}” that is no text.")
    if not isinstance(component.get("components", []), list):
        _refuse(name, "form-shape", f"The “components” of “{shown}” are no list.")
