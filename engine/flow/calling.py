"""Whom a call activity calls and what passes between the two, as the modelers write it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from caseloom.engine.expressions import Expression, compile_feel, compile_place
from caseloom.engine.flow.model import Call, ValueMapping
from caseloom.engine.flow.vendors import ZEEBE, children, extension, told, vendor

Element = Any

_ALL = (ValueMapping(None, None),)


def call_of(element: Element, own: Sequence[ValueMapping]) -> Call:
    """`own` are the input mappings of the activity: what a Camunda 8 call hands over when it withholds the rest."""
    zeebe = extension(element, ZEEBE, "calledElement")
    if zeebe is not None and not element.get("calledElement"):
        return _of_zeebe(zeebe, own)
    given, returned = children(element, "in"), children(element, "out")
    keys = (one.get("businessKey") for one in given)
    return Call(
        key=_text(_local_name(element.get("calledElement") or "")) or compile_place("", bare="text"),
        binding=vendor(element, "calledElementBinding") or "latest",
        version=_text(vendor(element, "calledElementVersion") or vendor(element, "calledElementVersionTag")),
        inputs=tuple(_passed(given)),
        outputs=tuple(_passed(returned)),
        isolated=bool(given or returned),
        business_key=_text(next(filter(None, keys), None)),
    )


def _of_zeebe(called: Element, own: Sequence[ValueMapping]) -> Call:
    hands_over = told(called, "propagateAllParentVariables", unless="true")
    gets_back = told(called, "propagateAllChildVariables", unless="true")
    mapped = tuple(
        ValueMapping(one.target, compile_feel(one.target, names=[one.target])) for one in own if one.target
    )
    return Call(
        key=compile_place(called.get("processId") or "", bare="text"),
        binding=called.get("bindingType") or "latest",
        version=_text(called.get("versionTag")),
        inputs=_ALL if hands_over else mapped,
        outputs=_ALL if gets_back else (),
        isolated=not (hands_over and gets_back),
    )


def _local_name(key: str) -> str:
    """A QName's prefix names the file's own namespace."""
    prefix, _, name = key.rpartition(":")
    return name if prefix and "{" not in key else key


def _passed(elements: Iterable[Element]) -> Iterator[ValueMapping]:
    """`camunda:in` and `camunda:out`."""
    for element in elements:
        if element.get("variables") == "all":
            yield ValueMapping(None, None)
        elif element.get("target"):
            source = element.get("sourceExpression") or element.get("source")
            yield ValueMapping(element.get("target"), _text(source, feel=True))


def _text(value: str | None, *, feel: bool = False) -> Expression | None:
    if value is None or not value.strip():
        return None
    return compile_place(value.strip(), bare="feel" if feel else "text")
