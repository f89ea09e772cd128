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
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias

from caseloom.engine.errors import Invalid
from caseloom.engine.expressions import values

LONGEST_TEXT = 1_000_000
LARGEST = 4_000_000
DEEPEST = 64
MOST_DIGITS = 1000

_MOST_BITS = 3322  # 1000 decimal digits
_ATOMS = frozenset({str, int, float, bool, type(None)})
_TEXT = frozenset({str})
# What contains itself does not get as far as the writer: it need not look for that again.
_WRITER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), check_circular=False)


def encode(value: Any) -> str:
    """The value as JSON text; `Invalid` where it has no exact form."""
    try:
        return _WRITER.encode(_tagged(value))
    except RecursionError:
        raise Invalid("The value is nested too deeply to be stored.") from None
    except ValueError as error:
        raise Invalid(f"The value cannot be stored: {error}.") from error


class Encoder:
    """Encodes one mapping again and again; only values that are other objects than the last time cost anything.

    For a mapping whose values are replaced, never changed in place.
    """

    __slots__ = ("_written",)

    def __init__(self) -> None:
        self._written: dict[str, tuple[Any, str]] = {}

    def encode(self, mapping: Mapping[str, Any]) -> str:
        """What `payload.encode` makes of the mapping."""
        if len(mapping) == 1:  # it may read as a tag
            return encode(mapping)
        self._written = {name: self._pair(name, value) for name, value in mapping.items()}
        return "{" + ",".join([text for _, text in self._written.values()]) + "}"

    def _pair(self, name: str, value: Any) -> tuple[Any, str]:
        """The value itself is kept beside its text, so that no other object can take its place."""
        known = self._written.get(name)
        if known is not None and known[0] is value:
            return known
        return value, f"{encode(_text_key(name))}:{encode(value)}"


def decode(text: str) -> Any:
    """What `encode` was given; ValueError where `encode` cannot have written the text."""
    if '{"@' not in text:
        return json.loads(text)
    return json.loads(text, object_hook=_untagged)


def checked(value: Any, what: str = "The data") -> Any:
    """A deep copy in plain types, fit to be stored on every database; else `Invalid`, naming the place.

    `what` begins the sentence: "data.items[3].name: …".
    """
    try:
        copy = _copied(value, 0)
    except _Unfit as fault:
        raise Invalid(f"{what}{fault.place}: {fault.sentence}") from None
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
        return value if _ATOMS.issuperset(map(type, value)) else [_tagged(item) for item in value]

    if kind is Decimal and not value.is_finite():
        raise Invalid(f"{value} is not a number that can be stored.")
    written = values.to_text(value)
    if written is None:
        return _tagged_relative(value)
    return {"@" + written[0]: written[1]}


def _tagged_mapping(value: Mapping[str, Any]) -> Mapping[str, Any]:
    if not _TEXT.issuperset(map(type, value)):
        value = {_text_key(key): item for key, item in value.items()}
    if not _ATOMS.issuperset(map(type, value.values())):
        value = {key: _tagged(item) for key, item in value.items()}
    if len(value) == 1:
        (key, only), *_ = value.items()
        if key.startswith("@"):
            return {"@" + key: only}
    return value


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


class _Unfit(Exception):
    """A value that may not come in; on the way out the place is put before the sentence, step by step."""

    def __init__(self, sentence: str, *, place: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.place = place

    def inside(self, step: str) -> _Unfit:
        return _Unfit(self.sentence, place=step + self.place)


def _copied(value: Any, depth: int) -> Any:
    if depth > DEEPEST:
        raise _Unfit(f"nested too deeply; at most {DEEPEST} levels are stored.")
    check = _CHECKS.get(type(value)) or _relative_check(value)
    return check(value, depth)


def _relative_check(value: Any) -> _Check:
    """The check of a subclass of something that we know."""
    return next(check for kind, check in _RELATIVES if isinstance(value, kind))


def _copied_mapping(value: Mapping[Any, Any], depth: int) -> dict[str, Any]:
    copy = {}
    for key, item in value.items():
        name = _checked_key(key)
        try:
            copy[name] = _copied(item, depth + 1)
        except _Unfit as fault:
            raise fault.inside(f".{name}") from None
    return copy


def _copied_list(value: Sequence[Any], depth: int) -> list[Any]:
    copy = []
    for index, item in enumerate(value):
        try:
            copy.append(_copied(item, depth + 1))
        except _Unfit as fault:
            raise fault.inside(f"[{index}]") from None
    return copy


def _checked_key(key: Any) -> str:
    if not isinstance(key, str):
        raise _Unfit(f"a key must be text; {key!r} is not.")
    try:
        return _checked_text(key, 0)
    except _Unfit as fault:
        raise fault.inside(f", key {key[:40]!r}") from None


def _as_it_is(value: Any, depth: int) -> Any:
    return value


def _checked_text(value: str, depth: int) -> str:
    text = str.__str__(value)
    if len(text) > LONGEST_TEXT:
        raise _Unfit(f"a text of {len(text):,} characters is too long; at most {LONGEST_TEXT:,} are stored.")
    fault = unstorable(text)
    if fault is not None:
        raise _Unfit(f"the text holds {fault}, which cannot be stored.")
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


def _checked_int(value: int, depth: int) -> int:
    if value.bit_length() > _MOST_BITS:
        raise _Unfit(f"the number has more than {MOST_DIGITS} digits.")
    return int(value)


def _checked_float(value: float, depth: int) -> float:
    if not math.isfinite(value):
        raise _Unfit(f"{value} is not a number that can be stored.")
    return float(value)


def _checked_decimal(value: Decimal, depth: int) -> Decimal:
    if not value.is_finite():
        raise _Unfit(f"{value} is not a number that can be stored.")
    return value


def _checked_other(value: Any, depth: int) -> Any:
    if values.to_text(value) is None:
        raise _Unfit(f"a value of type {type(value).__name__} cannot be stored.")
    return value


_Check: TypeAlias = Callable[[Any, int], Any]
_CHECKS: Mapping[type, _Check] = {
    type(None): _as_it_is,
    bool: _as_it_is,
    str: _checked_text,
    int: _checked_int,
    float: _checked_float,
    dict: _copied_mapping,
    list: _copied_list,
    tuple: _copied_list,
    Decimal: _checked_decimal,
}
_RELATIVES: tuple[tuple[Any, _Check], ...] = (
    (Mapping, _copied_mapping),
    ((list, tuple), _copied_list),
    (str, _checked_text),
    (int, _checked_int),
    (float, _checked_float),
    (Decimal, _checked_decimal),
    (object, _checked_other),
)
