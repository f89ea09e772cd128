"""How a value of a case is written down, and which values may come in at all.

JSON text, with one tag for each type that JSON lacks: `{"@date": "2026-01-31"}`; the kinds are those of
`engine.expressions.values`. A mapping of the user's own whose only key begins with "@" gets one "@" more, so
that it never reads as a tag. The round trip is exact, but that tuples come back as lists and
`fold` is lost where it means nothing (without a date or without a zone).

`encode` and `decode` are for what is inside already; `checked` stands at the door.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from caseloom.engine.errors import Invalid
from caseloom.engine.expressions import values

LONGEST_TEXT = 1_000_000
LARGEST = 4_000_000
DEEPEST = 64
MOST_DIGITS = 1000

_MOST_BITS = 3322  # 1000 decimal digits
_ATOMS = frozenset({str, int, float, bool, type(None)})


def encode(value: Any) -> str:
    """The value as JSON text; `Invalid` where it has no exact form."""
    try:
        return json.dumps(_tagged(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except RecursionError:
        raise Invalid("The value is nested too deeply to be stored.") from None
    except ValueError as error:
        raise Invalid(f"The value cannot be stored: {error}.") from error


def decode(text: str) -> Any:
    """What `encode` was given; ValueError where `encode` cannot have written the text."""
    if '{"@' not in text:
        return json.loads(text)
    return json.loads(text, object_hook=_untagged)


def checked(value: Any, what: str = "The data") -> Any:
    """A deep copy in plain types, fit to be stored on every database; else `Invalid`, naming the place.

    `what` begins the sentence: "data.items[3].name: …".
    """
    copy = _copied(value, what, 0)
    size = len(encode(copy).encode())
    if size > LARGEST:
        raise Invalid(f"{what}: {size:,} bytes are too many; at most {LARGEST:,} are stored at once.")
    return copy


def legible(text: str, longest: int = 10_000) -> str:
    """A message from outside, made fit to be stored: replaced where it cannot be, cut where too long."""
    clean = text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
    return clean if len(clean) <= longest else clean[: longest - 1] + "…"


def _tagged(value: Any) -> Any:
    kind = type(value)
    if kind in _ATOMS:
        return value
    if kind is dict:
        return _tagged_mapping(value)
    if kind is list or kind is tuple:
        return [item if type(item) in _ATOMS else _tagged(item) for item in value]

    if kind is Decimal and not value.is_finite():
        raise Invalid(f"{value} is not a number that can be stored.")
    written = values.to_text(value)
    if written is None:
        return _tagged_relative(value)
    return {"@" + written[0]: written[1]}


def _tagged_mapping(value: Mapping[str, Any]) -> dict[str, Any]:
    plain = {}
    for key, item in value.items():
        if type(key) is not str:
            key = _text_key(key)
        plain[key] = item if type(item) in _ATOMS else _tagged(item)
    if len(plain) == 1:
        (key, only), *_ = plain.items()
        if key.startswith("@"):
            return {"@" + key: only}
    return plain


def _text_key(key: Any) -> str:
    if isinstance(key, str):
        return str.__str__(key)
    raise Invalid(f"A key must be text; {key!r} is not.")


_PARENTS: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    (str, str.__str__),
    (int, int),
    (float, float),
    (Mapping, dict),
    (list, list),
    (tuple, list),
)


def _tagged_relative(value: Any) -> Any:
    """Subclasses of what we know (enumerations, ordered mappings) are written as their parent."""
    for parent, plain in _PARENTS:
        if isinstance(value, parent):
            return _tagged(plain(value))
    raise Invalid(f"A value of type {type(value).__name__} cannot be stored.")


def _untagged(mapping: dict[str, Any]) -> Any:
    if len(mapping) != 1:
        return mapping
    (key, value), *_ = mapping.items()
    if not key.startswith("@"):
        return mapping
    if key.startswith("@@"):
        return {key[1:]: value}

    try:
        return values.from_text(key[1:], value)
    except (InvalidOperation, TypeError, AttributeError) as error:
        raise ValueError(f"{value!r} does not fit the tag “{key}”") from error


def _copied(value: Any, place: str, depth: int) -> Any:
    if depth > DEEPEST:
        raise Invalid(f"{place}: nested too deeply; at most {DEEPEST} levels are stored.")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Mapping):
        return {
            _checked_key(key, place): _copied(item, f"{place}.{key}", depth + 1)
            for key, item in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [_copied(item, f"{place}[{index}]", depth + 1) for index, item in enumerate(value)]

    for kind, check in _CHECKS:
        if isinstance(value, kind):
            return check(value, place)
    raise Invalid(f"{place}: a value of type {type(value).__name__} cannot be stored.")


def _checked_key(key: Any, place: str) -> str:
    if not isinstance(key, str):
        raise Invalid(f"{place}: a key must be text; {key!r} is not.")
    return _checked_text(key, f"{place}, key {key[:40]!r}")


def _checked_text(value: str, place: str) -> str:
    text = str.__str__(value)
    if len(text) > LONGEST_TEXT:
        raise Invalid(
            f"{place}: a text of {len(text):,} characters is too long; at most {LONGEST_TEXT:,} are stored."
        )
    fault = unstorable(text)
    if fault is not None:
        raise Invalid(f"{place}: the text holds {fault}, which cannot be stored.")
    return text


def unstorable(text: str) -> str | None:
    """What keeps a text out of some database, in words; None where it fits every one."""
    if "\0" in text:
        return "a NUL character"
    if text.isascii():
        return None
    try:
        text.encode()
    except UnicodeEncodeError:
        return "half of a surrogate pair"
    return None


def _checked_int(value: int, place: str) -> int:
    if value.bit_length() > _MOST_BITS:
        raise Invalid(f"{place}: the number has more than {MOST_DIGITS} digits.")
    return int(value)


def _checked_float(value: float, place: str) -> float:
    if not math.isfinite(value):
        raise Invalid(f"{place}: {value} is not a number that can be stored.")
    return float(value)


def _checked_decimal(value: Decimal, place: str) -> Decimal:
    if not value.is_finite():
        raise Invalid(f"{place}: {value} is not a number that can be stored.")
    return value


def _checked_other(value: Any, place: str) -> Any:
    if values.to_text(value) is None:
        raise Invalid(f"{place}: a value of type {type(value).__name__} cannot be stored.")
    return value


_CHECKS: tuple[tuple[Any, Callable[[Any, str], Any]], ...] = (
    (str, _checked_text),
    (int, _checked_int),
    (float, _checked_float),
    (Decimal, _checked_decimal),
    (object, _checked_other),
)
