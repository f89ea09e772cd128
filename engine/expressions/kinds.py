"""The types of FEEL: what `instance of` asks about and what a decision's item definitions promise.

DMN 1.5, 10.3.2.1 (types), 10.3.2.9 (conformance and conversions).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from caseloom.engine.expressions.values import (
    Function,
    Range,
    Value,
    WideDate,
    WideDateTime,
    WideDuration,
    WideTime,
    YearMonthDuration,
)

MAX_DEPTH = 50


class Misfit:
    """The one answer that is not a value: this operation, or this kind, is not for that value."""

    __slots__ = ()


MISFIT: Final = Misfit()


@dataclass(frozen=True, slots=True)
class Kind:
    """A type: a simple one by its name, or one made of others.

    `items` is the kind of a list's or range's items; `entries` are a context's; `parameters` and `items` a
    function's. `allowed`, where given, decides whether a value is among the allowed ones.
    """

    name: str
    items: Kind | None = None
    entries: tuple[tuple[str, Kind], ...] | None = None
    parameters: tuple[Kind, ...] | None = None
    allowed: Callable[[Value], bool] | None = None
    reference: str | None = None


ANY = Kind("Any")

SIMPLE: Mapping[str, Kind] = {
    name: Kind(name)
    for name in (
        "number",
        "string",
        "boolean",
        "date",
        "time",
        "date and time",
        "days and time duration",
        "years and months duration",
        "Any",
        "Null",
    )
} | {
    "dateTime": Kind("date and time"),
    "dayTimeDuration": Kind("days and time duration"),
    "yearMonthDuration": Kind("years and months duration"),
    "list": Kind("list"),
    "context": Kind("context"),
    "function": Kind("function"),
    "range": Kind("range"),
}

_BY_TYPE: Mapping[type, str] = {
    bool: "boolean",
    int: "number",
    float: "number",
    Decimal: "number",
    str: "string",
    date: "date",
    WideDate: "date",
    time: "time",
    WideTime: "time",
    datetime: "date and time",
    WideDateTime: "date and time",
    timedelta: "days and time duration",
    WideDuration: "days and time duration",
    YearMonthDuration: "years and months duration",
    list: "list",
    tuple: "list",
    dict: "context",
    Range: "range",
    Function: "function",
    type(None): "null",
}


def kind_name(value: Value) -> str:
    """The name of a value's type, as an analyst would say it."""
    name = _BY_TYPE.get(type(value))
    if name is not None:
        return name
    return _inherited_name(value)


def _inherited_name(value: Value) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    if isinstance(value, Mapping):
        return "context"
    if isinstance(value, datetime):
        return "date and time"
    for base, name in ((int, "number"), (list, "list"), (tuple, "list"), (date, "date"), (time, "time")):
        if isinstance(value, base):
            return name
    return "something that expressions cannot read"


def conforms(value: Value, kind: Kind, depth: int = 0) -> bool:
    """Whether the value is of this kind; null is of every kind but asks `instance of` itself."""
    if kind.name == "Any":
        return True
    if value is None:
        return True
    if depth > MAX_DEPTH:
        return False
    if kind_name(value) != kind.name:
        return False
    parts = _PARTS.get(kind.name)
    if parts is not None and not parts(value, kind, depth + 1):
        return False

    return kind.allowed is None or kind.allowed(value)


def _list_conforms(value: Sequence[Value], kind: Kind, depth: int) -> bool:
    items = kind.items
    return items is None or all(conforms(item, items, depth) for item in value)


def _context_conforms(value: Mapping[str, Value], kind: Kind, depth: int) -> bool:
    if kind.entries is None:
        return True
    return all(name in value and conforms(value[name], entry, depth) for name, entry in kind.entries)


def _range_conforms(value: Range, kind: Kind, depth: int) -> bool:
    items = kind.items
    return items is None or all(conforms(end, items, depth) for end in (value.start, value.end))


def unconstrained(kind: Kind) -> Kind:
    """The kind without what it allows: `instance of` looks at the type alone."""
    return Kind(
        kind.name,
        items=None if kind.items is None else unconstrained(kind.items),
        entries=None
        if kind.entries is None
        else tuple((name, unconstrained(one)) for name, one in kind.entries),
        parameters=kind.parameters,
        reference=kind.reference,
    )


def _function_conforms(value: Function, kind: Kind, depth: int) -> bool:
    if kind.parameters is None or value.variadic:
        return True
    if len(value.parameters) != len(kind.parameters):
        return False
    own: Sequence[Kind | None] = value.parameter_types or [None] * len(value.parameters)
    # A parameter may be wider than asked for, a result narrower (10.3.2.9.1); what is not declared may be
    # anything.
    takes = all(narrower(asked, given or ANY) for asked, given in zip(kind.parameters, own, strict=False))
    return takes and (value.result_type is None or narrower(value.result_type, kind.items or ANY))


def converted(value: Value, kind: Kind) -> Value:
    """The value as this kind: a list of one unpacked, a value made a list of one, a date made midnight UTC.

    `MISFIT` where no conversion leads there (10.3.2.9.4).
    """
    if conforms(value, kind):
        return value
    if kind.name == "list":
        single = [value]
        return single if not isinstance(value, (list, tuple)) and conforms(single, kind) else MISFIT
    if isinstance(value, (list, tuple)) and len(value) == 1 and conforms(value[0], kind):
        return value[0]
    if kind.name == "date and time" and kind_name(value) == "date":
        midnight = midnight_utc(value)
        return midnight if conforms(midnight, kind) else MISFIT
    return MISFIT


def midnight_utc(value: date | WideDate) -> datetime | WideDateTime:
    if isinstance(value, WideDate):
        return WideDateTime(value.year, value.month, value.day, 0, UTC)
    return datetime(value.year, value.month, value.day, tzinfo=UTC)


def narrower(one: Kind, other: Kind) -> bool:
    """Whether every value of `one` is also of `other`."""
    if other.name == "Any" or one.name == "Null":
        return True
    if one.name != other.name:
        return False
    if other.name in ("list", "range"):
        return other.items is None or narrower(one.items or ANY, other.items)
    if other.name == "context" and other.entries is not None:
        own = dict(one.entries or ())
        return all(name in own and narrower(own[name], entry) for name, entry in other.entries)
    if other.name == "function" and other.parameters is not None:
        if one.parameters is None or len(one.parameters) != len(other.parameters):
            return False
        takes = all(
            narrower(theirs, mine) for theirs, mine in zip(other.parameters, one.parameters, strict=True)
        )
        return takes and narrower(one.items or ANY, other.items or ANY)
    return True


_PARTS: Mapping[str, Callable[[Any, Kind, int], bool]] = {
    "list": _list_conforms,
    "context": _context_conforms,
    "range": _range_conforms,
    "function": _function_conforms,
}
