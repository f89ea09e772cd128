"""Values written as text: FEEL's `string()`, and what a value looks like in the middle of a sentence."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from caseloom.engine.expressions import temporal
from caseloom.engine.expressions.kinds import kind_name
from caseloom.engine.expressions.numbers import number, number_text
from caseloom.engine.expressions.running import check_string, too_much
from caseloom.engine.expressions.values import Range, Value

MAX_DEPTH = 50
_NOT_IN_A_KEY = frozenset('{}[]:,"\\')
_TEMPORAL = ("date", "time", "date and time", "days and time duration", "years and months duration")


def feel_text(value: Value) -> str | None:
    """What FEEL's `string()` gives (DMN 1.5, 10.3.4.1); `None` for null and for functions."""
    if value is None or kind_name(value) == "function":
        return None
    return value if isinstance(value, str) else "".join(_Writer().written(value, 0))


def plain_text(value: Value) -> str:
    """The value in the middle of a text; null is nothing."""
    if value is None:
        return ""
    return str(value) if isinstance(value, str) else feel_text(value) or ""


class _Writer:
    """Writes a value, counting what it writes: the same list may occur in itself a million times."""

    def __init__(self) -> None:
        self.length = 0

    def written(self, value: Value, depth: int) -> list[str]:
        if depth > MAX_DEPTH:
            too_much(f"a value nests more than {MAX_DEPTH} levels deep")
        name = kind_name(value)
        if name == "list":
            return self.between("[", [self.written(item, depth + 1) for item in value], "]")
        if name == "context":
            return self.between("{", [self.entry(key, item, depth) for key, item in value.items()], "}")
        text = _simple(value, name)
        self.length += len(text) + 2
        check_string(self.length)
        return [text]

    def entry(self, key: str, item: Value, depth: int) -> list[str]:
        plain = key and not _NOT_IN_A_KEY.intersection(key)
        return [key if plain else f'"{_escaped(key)}"', ": ", *self.written(item, depth + 1)]

    def between(self, opens: str, items: list[list[str]], closes: str) -> list[str]:
        parts = [opens]
        for position, item in enumerate(items):
            if position:
                parts.append(", ")
            parts.extend(item)
        parts.append(closes)
        return parts


def _simple(value: Value, name: str) -> str:
    if name == "string":
        return f'"{_escaped(value)}"'
    if name == "boolean":
        return "true" if value else "false"
    if name == "number":
        plain = number(value)
        return "null" if plain is None else number_text(plain)
    if name in _TEMPORAL:
        return temporal.text_of(value)
    if name == "range":
        return _range_text(value)
    return "null" if value is None else name


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _range_text(value: Range) -> str:
    start = "[" if value.start_included else "("
    end = "]" if value.end_included else ")"
    ends = (_end_text(value.start), _end_text(value.end))
    return f"{start}{ends[0]}..{ends[1]}{end}"


def _end_text(value: Value) -> str:
    if isinstance(value, (date, datetime, time, timedelta)):
        return f'@"{temporal.text_of(value)}"'
    return _simple(value, kind_name(value))
