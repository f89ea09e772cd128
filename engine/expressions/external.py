"""Functions that models ask of Java (`external {java: …}`): a few pure ones of its standard library.

Nothing is loaded or looked up by name: what is not in the table does not exist. Numbers pass through a float
where Java's own would (DMN 1.5, 10.3.2.13.3).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from caseloom.engine.expressions.numbers import from_float, number, number_from_text
from caseloom.engine.expressions.running import Run, check_string
from caseloom.engine.expressions.texts import plain_text
from caseloom.engine.expressions.values import Function, Value

_SIGNATURE = re.compile(r"\s*(\w+)\s*\((.*)\)\s*", re.DOTALL)
_FORMAT = re.compile(r"%[sd]")
_WHOLE = ("byte", "short", "int", "long")
_FLOATING = ("float", "double")
_BOXES: Mapping[str, str] = {
    "java.lang.Byte": "byte",
    "java.lang.Short": "short",
    "java.lang.Integer": "int",
    "java.lang.Long": "long",
    "java.lang.Float": "float",
    "java.lang.Double": "double",
}
_LIMITS: Mapping[str, int] = {"byte": 2**7, "short": 2**15, "int": 2**31, "long": 2**63}


def java_function(mapping: Value, parameters: tuple[str, ...], run: Run) -> Value:
    """The function that a mapping such as `{class: …, method signature: …}` names, or null with a reason."""
    java = mapping.get("java", mapping) if isinstance(mapping, Mapping) else None
    if not isinstance(java, Mapping):
        return run.null("Functions from outside are only known from Java's standard library.")
    name, signature = plain_text(java.get("class")), plain_text(java.get("method signature"))
    found = _SIGNATURE.fullmatch(signature)
    kinds = tuple(part.strip() for part in found[2].split(",")) if found and found[2].strip() else ()
    method = None if found is None else _method(name, found[1], kinds)
    if method is None or len(kinds) != len(parameters):
        return run.null(f"The function {name}.{signature} is not known here.")
    body = method

    def call(values: list[Value]) -> Value:
        arguments = [_argument(value, kind) for value, kind in zip(values, kinds, strict=True)]
        if any(argument is None for argument in arguments):
            return run.null(f"{name}.{signature} does not take these values.")
        try:
            return body(arguments)
        except (ValueError, ArithmeticError) as fault:
            return run.null(f"{name}.{signature}: {fault}")

    return Function(signature, parameters, call)


def _argument(value: Value, kind: str) -> Value:
    plain = number(value)
    if kind in _FLOATING:
        return None if plain is None else plain
    if kind in _WHOLE:
        fits = plain is not None and plain == int(plain) and -_LIMITS[kind] <= plain < _LIMITS[kind]
        return int(plain) if fits and plain is not None else None
    if kind == "char":
        return value if isinstance(value, str) and len(value) == 1 else None
    if kind == "java.lang.String":
        return value if isinstance(value, str) else None
    return value


def _method(name: str, method: str, kinds: tuple[str, ...]) -> Callable[[Sequence[Any]], Value] | None:
    if name == "java.lang.Math":
        return _MATH.get((method, len(kinds))) if set(kinds) <= {*_WHOLE, *_FLOATING} else None
    if name in _BOXES and method == "valueOf" and kinds in ((_BOXES[name],), ("java.lang.String",)):
        return lambda arguments: _spelled(arguments[0])
    if name == "java.lang.String" and method == "valueOf" and len(kinds) == 1:
        return lambda arguments: plain_text(arguments[0])
    if name == "java.lang.String" and method == "format" and kinds[:1] == ("java.lang.String",):
        return _formatted
    return None


def _spelled(value: Value) -> Value:
    return number_from_text(value) if isinstance(value, str) else value


def _formatted(arguments: Sequence[Any]) -> Value:
    """`%s` and `%d` only."""
    text, *rest = arguments
    parts = [plain_text(part) for one in rest for part in (one if isinstance(one, list) else [one])]
    if text.count("%") != len(_FORMAT.findall(text)) or len(_FORMAT.findall(text)) > len(parts):
        raise ValueError("only %s and %d are understood, one for each value")
    check_string(len(text) + sum(map(len, parts)))
    remaining = iter(parts)
    return _FORMAT.sub(lambda _: next(remaining), text)


def _float(function: Callable[..., float]) -> Callable[[Sequence[Any]], Value]:
    return lambda arguments: from_float(float(function(*(float(one) for one in arguments))))


_MATH: Mapping[tuple[str, int], Callable[[Sequence[Any]], Value]] = {
    ("max", 2): max,
    ("min", 2): min,
    ("abs", 1): lambda arguments: abs(arguments[0]),
    ("floor", 1): lambda arguments: int(Decimal(arguments[0]).to_integral_value("ROUND_FLOOR")),
    ("ceil", 1): lambda arguments: int(Decimal(arguments[0]).to_integral_value("ROUND_CEILING")),
    ("sqrt", 1): _float(math.sqrt),
    ("cbrt", 1): _float(math.cbrt),
    ("pow", 2): _float(math.pow),
    ("exp", 1): _float(math.exp),
    ("log", 1): _float(math.log),
    ("log10", 1): _float(math.log10),
    ("sin", 1): _float(math.sin),
    ("cos", 1): _float(math.cos),
    ("tan", 1): _float(math.tan),
    ("asin", 1): _float(math.asin),
    ("acos", 1): _float(math.acos),
    ("atan", 1): _float(math.atan),
    ("atan2", 2): _float(math.atan2),
    ("hypot", 2): _float(math.hypot),
    ("toRadians", 1): _float(math.radians),
    ("toDegrees", 1): _float(math.degrees),
}
