"""Variables that are read: does anything write them, or is it a slip of the pen?

What a case is started with, and what services answer, is not in the diagram. So a variable that nothing
writes is no mistake by itself; one that is read once, and is spelled almost like a written one, most likely is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from difflib import get_close_matches

from lxml import etree

from caseloom.diagrams.checks.expressions import Place, places
from caseloom.diagrams.checks.rules import Remark, process_rule
from caseloom.diagrams.checks.work import result_variable
from caseloom.diagrams.model import Process
from caseloom.diagrams.namespaces import BPMN, extension
from caseloom.engine.errors import ExpressionError, Severity
from caseloom.engine.expressions import compile_place

_ALIKE = 0.85
_MOST_COMPARED = 20_000
_ATTRIBUTES = ("elementVariable", "initiator", "errorCodeVariable", "errorMessageVariable")
# Extension elements that write a variable, and the attribute that names it.
_WRITERS = {
    "formField": "id",
    "formProperty": "id",
    "inputParameter": "name",
    "outputParameter": "name",
    "in": "target",
    "out": "target",
    "input": "target",
    "output": "target",
    "loopCharacteristics": "inputElement",
    "calledDecision": "resultVariable",
    "script": "resultVariable",
}


@process_rule("variable-misspelled", Severity.WARNING)
def variable_misspelled(process: Process) -> Iterator[Remark]:
    """A variable that is read is spelled as it is written.

    Looks at variables that only one expression reads and nothing in the diagram writes, when something writes
    one with almost the same name; in very large diagrams not at all.

    Cure: correct the name, or leave it when the case is started with both.
    """
    written = dict.fromkeys(sorted(_written(process)))
    readings = [(name, place) for place in places(process) for name in _reads(place)]
    times = Counter(name for name, _ in readings)
    doubtful = [(name, place) for name, place in readings if times[name] == 1 and name not in written]
    if len(doubtful) * len(written) > _MOST_COMPARED:
        return
    for name, place in doubtful:
        meant = get_close_matches(name, written, n=1, cutoff=_ALIKE)
        if not meant or _akin(name, meant[0]):
            continue
        message = f"The {place.what} of “{place.owner.label}” reads “{name}”: is “{meant[0]}” meant?"
        yield Remark(place.owner.id, place.line, message)


def _akin(one: str, other: str) -> bool:
    """`documents` and `document`, `line1` and `line2` are meant to be alike."""
    return one.rstrip("s0123456789") == other.rstrip("s0123456789")


def _reads(place: Place) -> frozenset[str]:
    try:
        return compile_place(place.text, bare=place.bare).reads
    except ExpressionError:
        return frozenset()


def _written(process: Process) -> Iterator[str]:
    for element in process.xml.iter("{*}*"):
        named = [extension(element, name) for name in _ATTRIBUTES]
        named += [result_variable(element), _by_extension(element), _item(element)]
        yield from (name for name in named if name)


def _by_extension(element: etree._Element) -> str | None:
    name = etree.QName(element)
    return (
        element.get(_WRITERS[name.localname])
        if name.localname in _WRITERS and name.namespace != BPMN
        else None
    )


def _item(element: etree._Element) -> str | None:
    return element.get("name") if element.tag == f"{{{BPMN}}}inputDataItem" else None


RULES = (variable_misspelled,)
