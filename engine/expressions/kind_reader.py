"""Reads the types that `instance of` and a function's parameters name (DMN 1.5, 10.3.1.2)."""

from __future__ import annotations

from caseloom.engine.expressions.cursor import Cursor, words_of
from caseloom.engine.expressions.kinds import SIMPLE, Kind

_LONG_KINDS = ("date and time", "days and time duration", "years and months duration")


def read_kind(cursor: Cursor) -> Kind:
    with cursor.deeper():
        return _read(cursor)


def _read(cursor: Cursor) -> Kind:
    name = _name(cursor)
    if name == "context" and cursor.accept("<"):
        return _context(cursor)
    if name == "function" and cursor.accept("<"):
        return _function(cursor)
    if name in ("list", "range") and cursor.accept("<"):
        items = read_kind(cursor)
        cursor.expect(">", "to close the type")
        return Kind(name, items=items)
    kind = cursor.kinds.get(name) or SIMPLE.get(name)
    return kind or Kind("Unknown", reference=name)


def _name(cursor: Cursor) -> str:
    if cursor.token.kind != "name":
        raise cursor.misplaced("the name of a type")
    for name in _LONG_KINDS:
        words = words_of(name)
        if cursor.reads(words):
            cursor.skip_to(cursor.at + len(words))
            return name
    for name in cursor.kinds:
        words = words_of(name)
        if cursor.reads(words):
            cursor.skip_to(cursor.at + len(words))
            return name
    name = cursor.advance().text
    while cursor.accept("."):
        name = f"{name}.{cursor.advance().text}"
    return name


def _context(cursor: Cursor) -> Kind:
    entries: list[tuple[str, Kind]] = []
    while not cursor.is_sign(">"):
        name = cursor.name_until(
            lambda token: token.kind == "sign" and token.text in ":>", "the name of an entry"
        )
        cursor.expect(":", "before the type")
        entries.append((name, read_kind(cursor)))
        if not cursor.accept(","):
            break
    cursor.expect(">", "to close the type")
    return Kind("context", entries=tuple(entries))


def _function(cursor: Cursor) -> Kind:
    parameters: list[Kind] = []
    while not cursor.is_sign(">"):
        parameters.append(read_kind(cursor))
        if not cursor.accept(","):
            break
    cursor.expect(">", "to close the parameters")
    cursor.expect("->", "before the type of the result")
    return Kind("function", parameters=tuple(parameters), items=read_kind(cursor))
