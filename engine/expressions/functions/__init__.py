"""FEEL's built-in functions, one module per chapter of DMN 1.5, 10.3.4; importing this declares them."""

from __future__ import annotations

from caseloom.engine.expressions.functions import (
    aggregates,
    camunda,
    contexts,
    conversion,
    dates,
    lists,
    logic,
    numeric,
    relations,
    strings,
)
from caseloom.engine.expressions.signatures import BUILTINS

CHAPTERS = (conversion, logic, strings, lists, aggregates, numeric, dates, contexts, relations, camunda)


def names() -> frozenset[str]:
    """The names of all built-in functions."""
    return frozenset(BUILTINS)
