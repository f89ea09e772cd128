"""Reads JSON into the types that a body, a query or a command is declared with, or refuses it by name.

A declaration is a dataclass: its fields are the names that may be sent, those without a default must be.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from caseloom.engine.errors import Invalid

WORDS: Mapping[Any, str] = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    datetime: "a date and time with a zone, such as 2026-03-01T09:00:00Z",
    NoneType: "null",
}


def read(kind: Any, given: Any, place: str) -> Any:
    """The value of type `kind` that parsed JSON stands for. Raises Invalid, naming the place."""
    if kind is Any:
        return given
    if is_dataclass(kind):
        return record(kind, given, place)
    reader = _READERS.get(get_origin(kind) or kind)
    if reader is None:
        raise TypeError(f"{kind} cannot be read from JSON")
    return reader(kind, given, place)


def record(kind: Any, given: Any, place: str = "") -> Any:
    """A dataclass from an object: no unknown names, none missing."""
    if not isinstance(given, Mapping):
        raise Invalid(f"{place or 'The body'} must be an object with names and values.")
    declared = members(kind)
    for name in given:
        if name not in declared:
            raise Invalid(f"“{_below(place, name)}” is not known here; known are {', '.join(declared)}.")
    for name, (_, required) in declared.items():
        if required and name not in given:
            raise Invalid(f"“{_below(place, name)}” is missing.")
    return kind(
        **{name: read(declared[name][0], value, _below(place, name)) for name, value in given.items()}
    )


@cache
def members(kind: Any) -> Mapping[str, tuple[Any, bool]]:
    """Each field's type, and whether it must be given."""
    hints = get_type_hints(kind)
    return {
        field.name: (hints[field.name], field.default is MISSING and field.default_factory is MISSING)
        for field in fields(kind)
    }


def query(kind: Any, given: Mapping[str, Sequence[str]]) -> Any:
    """A dataclass from the parameters of an address, each with all of its values."""
    declared = members(kind)
    for name, texts in given.items():
        if name not in declared:
            raise Invalid(f"There is no parameter “{name}” here; there are {', '.join(declared)}.")
        if len(texts) > 1 and get_origin(_main(declared[name][0])) is not Sequence:
            raise Invalid(f"The parameter “{name}” is given more than once.")
    for name, (_, required) in declared.items():
        if required and name not in given:
            raise Invalid(f"The parameter “{name}” is missing.")
    return kind(**{name: _from_texts(declared[name][0], texts, name) for name, texts in given.items()})


def words(kind: Any) -> str:
    """What fits a type, to be read in “… must be …”."""
    if is_union(kind):
        return " or ".join(words(one) for one in get_args(kind) if one is not NoneType)
    origin = get_origin(kind)
    if origin is Literal:
        return "one of " + ", ".join(map(str, get_args(kind)))
    return {Sequence: "a list", Mapping: "an object"}.get(origin) or WORDS.get(kind, "an object")


def is_union(kind: Any) -> bool:
    return get_origin(kind) in (Union, UnionType)


def _main(kind: Any) -> Any:
    """The type besides null, where there is just one."""
    others = [one for one in get_args(kind) if one is not NoneType] if is_union(kind) else [kind]
    return others[0] if len(others) == 1 else kind


def _below(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def _misfit(kind: Any, place: str) -> Invalid:
    return Invalid(f"“{place}” must be {words(kind)}.")


def _from_texts(kind: Any, texts: Sequence[str], name: str) -> Any:
    main = _main(kind)
    if get_origin(main) is Sequence:
        return list(texts)
    text = texts[0]
    if main is bool:
        return read(kind, {"true": True, "false": False}.get(text, text), name)
    if main is int:
        return read(kind, int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else text, name)
    return read(kind, text, name)


def _union(kind: Any, given: Any, place: str) -> Any:
    if given is None and NoneType in get_args(kind):
        return None
    main = _main(kind)
    if main is not kind:
        return read(main, given, place)
    for one in (one for one in get_args(kind) if one is not NoneType):
        try:
            return read(one, given, place)
        except Invalid:
            continue
    raise _misfit(kind, place)


def _literal(kind: Any, given: Any, place: str) -> Any:
    if not isinstance(given, str) or given not in get_args(kind):
        raise _misfit(kind, place)
    return given


def _mapping(kind: Any, given: Any, place: str) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        raise _misfit(kind, place)
    _, value = get_args(kind)
    return {name: read(value, one, _below(place, name)) for name, one in given.items()}


def _sequence(kind: Any, given: Any, place: str) -> list[Any]:
    if not isinstance(given, list):
        raise _misfit(kind, place)
    (item,) = get_args(kind)
    return [read(item, one, f"{place}[{number}]") for number, one in enumerate(given)]


def _text(kind: Any, given: Any, place: str) -> str:
    if not isinstance(given, str):
        raise _misfit(kind, place)
    return given


def _whole(kind: Any, given: Any, place: str) -> int:
    if not isinstance(given, int) or isinstance(given, bool):
        raise _misfit(kind, place)
    return given


def _number(kind: Any, given: Any, place: str) -> float:
    if not isinstance(given, int | float | Decimal) or isinstance(given, bool):
        raise _misfit(kind, place)
    try:
        return float(given)
    except OverflowError:
        raise _misfit(kind, place) from None


def _truth(kind: Any, given: Any, place: str) -> bool:
    if not isinstance(given, bool):
        raise _misfit(kind, place)
    return given


def _moment(kind: Any, given: Any, place: str) -> datetime:
    try:
        moment = datetime.fromisoformat(given)
    except (TypeError, ValueError):
        raise _misfit(kind, place) from None
    if moment.tzinfo is None:
        raise _misfit(kind, place)
    return moment


_READERS: Mapping[Any, Callable[[Any, Any, str], Any]] = {
    Union: _union,
    UnionType: _union,
    Literal: _literal,
    Mapping: _mapping,
    Sequence: _sequence,
    str: _text,
    int: _whole,
    float: _number,
    bool: _truth,
    datetime: _moment,
}
