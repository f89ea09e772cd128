"""Camunda 7's error mappings of external tasks: which answer of a worker is a BPMN error.

Each is asked when a worker completes its job, and when it reports a failure; the first that holds throws its error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from caseloom.engine.expressions import Environment, compile_place
from caseloom.engine.flow.model import ErrorMapping
from caseloom.engine.flow.tokens import Token
from caseloom.engine.flow.vendors import children

Element = Any


def mappings_of(element: Element, errors: Mapping[str, Mapping[str, Any]]) -> tuple[ErrorMapping, ...]:
    """The mappings of a service task; `errors` are the errors of the file by their id."""
    return tuple(_read(element, errors))


def _read(element: Element, errors: Mapping[str, Mapping[str, Any]]) -> Iterator[ErrorMapping]:
    for one in children(element, "errorEventDefinition"):
        code = errors.get(one.get("errorRef"), {}).get("error_code")
        expression = (one.get("expression") or "").strip()
        if code and expression:
            yield ErrorMapping(code, compile_place(expression, bare="text"))


def thrown(token: Token, data: Mapping[str, Any], failure: Mapping[str, Any], at: datetime) -> str | None:
    """The code of the error that an answer comes to. `failure` is what `externalTask` tells of one.

    Raises ExpressionError where a mapping cannot be computed.
    """
    told = {"errorMessage": "", "errorDetails": "", "topicName": token.outcome.get("topic"), **failure}
    view = token.vars.below({**data, "externalTask": told})
    holding = (
        one for one in token.node.error_mappings if one.when.evaluate(view, Environment(now=at)) is True
    )
    found = next(holding, None)
    return None if found is None else found.code
