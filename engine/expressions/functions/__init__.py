"""FEEL's built-in functions, one module for each chapter of DMN 1.5, 10.3.4; importing this one declares them all."""

from __future__ import annotations

from caseloom.engine.expressions.functions import (
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

CHAPTERS = (conversion, logic, strings, lists, numeric, dates, contexts, relations, camunda)


def names() -> frozenset[str]:
    """The names of all built-in functions."""
    return frozenset(BUILTINS)
