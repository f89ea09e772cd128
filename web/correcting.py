"""Corrects the case file by hand: one value at a time, asked for in the kind that it has now.

Lists and values with names of their own are shown as JSON; a date among them as `{"@date": "2026-03-31"}`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from werkzeug.datastructures import MultiDict

from caseloom.engine.errors import Invalid
from caseloom.engine.expressions import evaluate
from caseloom.engine.expressions.kinds import kind_name
from caseloom.engine.expressions.texts import plain_text
from caseloom.storage.payload import decode, encode
from caseloom.web import fields, forms
from caseloom.web.fields import Control, Field, Kind, Option, UnreadableError

_LONG = 80
_YES_OR_NO = (Option("true", "Yes", True), Option("false", "No", False))
_LABEL = "New value"


@dataclass(frozen=True, slots=True)
class Manner:
    """How one kind of value is asked for, shown and read."""

    field: Field
    show: Callable[[Any], Any]
    read: Callable[[Any], Any]


def manner_of(content: Any) -> str:
    """The name of the manner in which this value is asked for."""
    for kind, manner in _BY_TYPE:
        if isinstance(content, kind):
            return manner
    if isinstance(content, str):
        return "long" if len(content) > _LONG or "\n" in content else "text"
    return "duration" if "duration" in kind_name(content) else "free"


def control(manner: str, content: Any) -> Control:
    """The value as it is now."""
    asked = _manner(manner)
    return fields.control(asked.field, asked.show(content))


def retyped(manner: str, sent: MultiDict[str, str]) -> Control:
    return fields.retyped(_manner(manner).field, sent)


def read(manner: str, sent: MultiDict[str, str]) -> Any:
    """The new value. Raises UnreadableError with a sentence."""
    asked = _manner(manner)
    return asked.read(fields.read(asked.field, sent))


def _manner(name: str) -> Manner:
    if name not in _MANNERS:
        raise Invalid("A value is asked for in the kind that it has.")
    return _MANNERS[name]


def _same(content: Any) -> Any:
    return content


def _as_json(content: Any) -> str:
    return json.dumps(json.loads(encode(content)), ensure_ascii=False, indent=2)


def _from_json(text: str | None) -> Any:
    try:
        return decode(json.dumps(json.loads(text or "null"), ensure_ascii=False, separators=(",", ":")))
    except (ValueError, RecursionError) as cause:
        raise UnreadableError(f"This is not JSON: {cause}.") from cause


def _duration(text: str | None) -> Any:
    if text is None:
        return None
    span = evaluate("duration(text)", {"text": text})
    if span is None:
        raise UnreadableError(f"“{text}” is not a duration, such as P3D or PT2H.")
    return span


def _free(text: str | None) -> Any:
    return forms.plain(text or "")


def _field(kind: Kind, **more: Any) -> Field:
    return Field("value", kind, _LABEL, **more)


_EMPTY = "Left empty, the value is taken away."
_MANNERS: Mapping[str, Manner] = {
    "yes-no": Manner(_field(Kind.RADIO, options=_YES_OR_NO), _same, _same),
    "number": Manner(_field(Kind.NUMBER, help=_EMPTY), _same, _same),
    "date": Manner(_field(Kind.DATE, help=_EMPTY), _same, _same),
    "time": Manner(_field(Kind.TIME, help=_EMPTY), _same, _same),
    "moment": Manner(_field(Kind.DATETIME, help=_EMPTY), _same, _same),
    "text": Manner(_field(Kind.TEXT, help=_EMPTY), _same, _same),
    "long": Manner(_field(Kind.LONG_TEXT, help=_EMPTY), _same, _same),
    "duration": Manner(_field(Kind.TEXT, help="Such as P3D or PT2H."), plain_text, _duration),
    "json": Manner(_field(Kind.LONG_TEXT, help="As JSON."), _as_json, _from_json),
    "free": Manner(
        _field(Kind.TEXT, help="Numbers, yes and no, and dates such as 2026-03-31 are read as such."),
        plain_text,
        _free,
    ),
}
# In this order: a truth value is a number, too, and a moment a date.
_BY_TYPE: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (bool, "yes-no"),
    ((int, float, Decimal), "number"),
    (datetime, "moment"),
    (date, "date"),
    (time, "time"),
    (timedelta, "duration"),
    ((list, tuple, dict), "json"),
)
