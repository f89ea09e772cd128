"""Ranges spelled as text, for the function `range`: only constants may be their ends (DMN 1.5, 10.3.4.1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from caseloom.engine.errors import ExpressionError
from caseloom.engine.expressions import temporal
from caseloom.engine.expressions.nodes import AtLiteral, Call, Literal, Name, Node, RangeNode
from caseloom.engine.expressions.parser import parse_expression
from caseloom.engine.expressions.values import Value

_CONSTRUCTORS: Mapping[str, Callable[[str], Value]] = {
    "date": temporal.parse_date,
    "time": temporal.parse_time,
    "date and time": temporal.feel_date_time,
    "duration": temporal.feel_duration,
}


def parse_range(text: str) -> tuple[Value, Value, bool, bool]:
    """Both ends, and whether each belongs to it; raises `ValueError` for what is no range of constants."""
    try:
        node = parse_expression(text, (), frozenset(_CONSTRUCTORS))
    except ExpressionError as wrong:
        raise ValueError(f"“{text[:50]}” is no range.") from wrong
    if not isinstance(node, RangeNode):
        raise ValueError(f"“{text[:50]}” is no range.")

    return _constant(node.start), _constant(node.end), node.start_included, node.end_included


def _constant(node: Node) -> Value:
    if isinstance(node, Literal):
        return node.value
    if isinstance(node, AtLiteral):
        return temporal.at_literal(node.text)
    if isinstance(node, Call) and isinstance(node.function, Name) and len(node.arguments) == 1:
        reader = _CONSTRUCTORS.get(node.function.name)
        (argument,) = node.arguments
        if reader is not None and isinstance(argument, Literal) and isinstance(argument.value, str):
            return reader(argument.value)
    raise ValueError("The ends of a range must be constants.")
