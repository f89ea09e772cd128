"""The methods that JUEL expressions may call on values.

Everything is a table. No attribute of a Python object is ever looked up; what is not in the table does not exist.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from caseloom.engine.errors import ExpressionError
from caseloom.engine.expressions import moments, shifting
from caseloom.engine.expressions.functions import patterns
from caseloom.engine.expressions.kinds import MISFIT, kind_name
from caseloom.engine.expressions.numbers import number, whole
from caseloom.engine.expressions.operators import order
from caseloom.engine.expressions.running import MAX_STRING, check_string, too_much
from caseloom.engine.expressions.texts import plain_text
from caseloom.engine.expressions.values import NANOS_PER_SECOND, Value

Method = Callable[..., Value]


def _on_text(method: Method) -> Method:
    def on_text(subject: Value, *arguments: Value) -> Value:
        return method(subject, *arguments) if isinstance(subject, str) else MISFIT

    return on_text


def _on_moment(unit: str) -> Callable[[int], Method]:
    nanos = _UNITS.get(unit)

    def signed(sign: int) -> Method:
        def shift(subject: Value, amount: Value) -> Value:
            steps = number(amount)
            if steps is None or not (moments.is_date_time(subject) or moments.is_date(subject)):
                return MISFIT
            try:
                if nanos is not None:
                    return shifting.shifted(subject, sign * int(steps) * nanos)
                return shifting.shifted_months(subject, sign * int(steps) * _MONTHS[unit])
            except (ValueError, OverflowError) as fault:
                raise ExpressionError(str(fault)) from fault

        return shift

    return signed


_UNITS: Mapping[str, int] = {
    "Seconds": NANOS_PER_SECOND,
    "Minutes": 60 * NANOS_PER_SECOND,
    "Hours": 3600 * NANOS_PER_SECOND,
    "Days": moments.NANOS_PER_DAY,
    "Weeks": 7 * moments.NANOS_PER_DAY,
}
_MONTHS: Mapping[str, int] = {"Months": 1, "Years": 12}


def _size(subject: Value) -> Value:
    return len(subject) if isinstance(subject, (str, list, tuple, Mapping)) else MISFIT


def _is_empty(subject: Value) -> Value:
    return not subject if isinstance(subject, (str, list, tuple, Mapping)) else MISFIT


def _contains(subject: Value, item: Value) -> Value:
    if isinstance(subject, str):
        return plain_text(item) in subject
    return any(_equals(one, item) for one in subject) if isinstance(subject, (list, tuple)) else MISFIT


def _contains_key(subject: Value, key: Value) -> Value:
    return plain_text(key) in subject if isinstance(subject, Mapping) else MISFIT


def _contains_value(subject: Value, value: Value) -> Value:
    return _contains(list(subject.values()), value) if isinstance(subject, Mapping) else MISFIT


def _equals(subject: Value, other: Value) -> Value:
    one, two = number(subject), number(other)
    if one is not None and two is not None:
        return one == two
    return kind_name(subject) == kind_name(other) and bool(subject == other)


def _equals_ignoring_case(subject: str, other: Value) -> Value:
    return isinstance(other, str) and subject.casefold() == other.casefold()


def _index_of(subject: Value, item: Value) -> Value:
    if isinstance(subject, str):
        return subject.find(plain_text(item))
    if not isinstance(subject, (list, tuple)):
        return MISFIT
    return next((place for place, one in enumerate(subject) if _equals(one, item)), -1)


def _substring(subject: str, start: Value, end: Value = None) -> Value:
    first, last = number(start), len(subject) if end is None else number(end)
    if first is None or last is None or not 0 <= first <= last <= len(subject):
        raise ExpressionError(f"“{subject[:50]}” has no such part.")
    return subject[int(first) : int(last)]


def _replace(subject: str, old: Value, new: Value) -> Value:
    found, instead = plain_text(old), plain_text(new)
    times = subject.count(found)
    check_string(len(subject) + times * len(instead))
    return subject.replace(found, instead)


def _split(subject: str, separator: Value) -> Value:
    return list(subject.split(plain_text(separator))) if separator else list(subject)


def _concat(subject: str, more: Value) -> Value:
    check_string(len(subject))
    return subject + plain_text(more)


def _get(subject: Value, key: Value) -> Value:
    if isinstance(subject, Mapping):
        return subject.get(plain_text(key))
    index = number(key)
    if not isinstance(subject, (list, tuple)) or index is None:
        return MISFIT
    if not 0 <= index < len(subject):
        raise ExpressionError(f"The list has no item {index} (it counts from 0).")
    return subject[int(index)]


def _get_or_default(subject: Value, key: Value, default: Value) -> Value:
    return subject.get(plain_text(key), default) if isinstance(subject, Mapping) else MISFIT


def _last_index_of(subject: Value, item: Value) -> Value:
    if isinstance(subject, str):
        return subject.rfind(plain_text(item))
    if not isinstance(subject, (list, tuple)):
        return MISFIT
    return max((place for place, one in enumerate(subject) if _equals(one, item)), default=-1)


def _char_at(subject: str, place: Value) -> Value:
    index = number(place)
    if index is None:
        return MISFIT
    if index != int(index) or not 0 <= index < len(subject):
        raise ExpressionError(f"The text has no character {index} (it counts from 0).")
    return subject[int(index)]


def _matches(subject: str, pattern: Value) -> Value:
    """As in Java the whole text has to fit."""
    try:
        return bool(patterns.compiled(plain_text(pattern), "").fullmatch(subject))
    except ValueError as fault:
        raise ExpressionError(f"“{plain_text(pattern)}” is no pattern: {fault}") from fault


def _prop(subject: Value, name: Value) -> Value:
    if not isinstance(subject, Mapping):
        return MISFIT
    key = plain_text(name)
    if key not in subject:
        raise ExpressionError(f"There is no property “{key}”.")
    return subject[key]


def _itself(subject: Value) -> Value:
    return subject


def _whole_number(subject: Value) -> Value:
    plain = number(subject)
    return MISFIT if plain is None else int(plain)


def _as_number(subject: Value) -> Value:
    plain = number(subject)
    return MISFIT if plain is None else whole(Decimal(plain))


def _as_boolean(subject: Value) -> Value:
    return subject if isinstance(subject, bool) else MISFIT


def _elements(subject: Value) -> Value:
    return subject if isinstance(subject, (list, tuple)) else MISFIT


def _keys(subject: Value) -> Value:
    return list(subject) if isinstance(subject, Mapping) else MISFIT


def _values(subject: Value) -> Value:
    return list(subject.values()) if isinstance(subject, Mapping) else MISFIT


def _compared(outcomes: Sequence[int]) -> Method:
    def compared(subject: Value, other: Value) -> Value:
        found = order(subject, other)
        return found if found is MISFIT else found in outcomes

    return compared


def _compare_to(subject: Value, other: Value) -> Value:
    return order(subject, other)


def _bounded_text(subject: Value) -> Value:
    text = plain_text(subject)
    if len(text) > MAX_STRING:
        too_much("the text is too long")
    return text


METHODS: Mapping[tuple[str, int], Any] = {
    ("size", 0): _size,
    ("length", 0): _size,
    ("isEmpty", 0): _is_empty,
    ("isBlank", 0): _on_text(lambda subject: not subject.strip()),
    ("contains", 1): _contains,
    ("containsKey", 1): _contains_key,
    ("containsValue", 1): _contains_value,
    ("equals", 1): _equals,
    ("equalsIgnoreCase", 1): _on_text(_equals_ignoring_case),
    ("toLowerCase", 0): _on_text(lambda subject: subject.lower()),
    ("toUpperCase", 0): _on_text(lambda subject: subject.upper()),
    ("trim", 0): _on_text(lambda subject: subject.strip()),
    ("startsWith", 1): _on_text(lambda subject, start: subject.startswith(plain_text(start))),
    ("endsWith", 1): _on_text(lambda subject, end: subject.endswith(plain_text(end))),
    ("indexOf", 1): _index_of,
    ("substring", 1): _on_text(_substring),
    ("substring", 2): _on_text(_substring),
    ("replace", 2): _on_text(_replace),
    ("split", 1): _on_text(_split),
    ("concat", 1): _on_text(_concat),
    ("charAt", 1): _on_text(_char_at),
    ("lastIndexOf", 1): _last_index_of,
    ("matches", 1): _on_text(_matches),
    ("get", 1): _get,
    ("getOrDefault", 2): _get_or_default,
    ("toString", 0): _bounded_text,
    ("intValue", 0): _whole_number,
    ("longValue", 0): _whole_number,
    ("doubleValue", 0): _as_number,
    ("booleanValue", 0): _as_boolean,
    ("keySet", 0): _keys,
    ("values", 0): _values,
    ("compareTo", 1): _compare_to,
    ("before", 1): _compared((-1,)),
    ("after", 1): _compared((1,)),
    ("isBefore", 1): _compared((-1,)),
    ("isAfter", 1): _compared((1,)),
    ("toDate", 0): _itself,
    ("prop", 1): _prop,
    ("hasProp", 1): _contains_key,
    ("value", 0): _itself,
    ("stringValue", 0): _on_text(_itself),
    ("numberValue", 0): _as_number,
    ("boolValue", 0): _as_boolean,
    ("elements", 0): _elements,
    **{
        (f"{verb}{unit}", 1): _on_moment(unit)(sign)
        for unit in (*_UNITS, *_MONTHS)
        for verb, sign in (("plus", 1), ("minus", -1))
    },
}
