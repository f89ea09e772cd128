"""Tries an expression, a test of a cell or a decision on some data: its value, its type, and why it is so.

Nothing is stored, no case is touched. The bounds on work are those of the engine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from caseloom.engine import Engine
from caseloom.engine.decisions import DecisionModel, Outcome, read_model
from caseloom.engine.errors import Invalid
from caseloom.engine.expressions import (
    Environment,
    Expression,
    compile_feel,
    compile_place,
    compile_unary_tests,
    knowing,
)
from caseloom.engine.expressions.kinds import kind_name
from caseloom.storage.payload import checked

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The value of an expression and the name of its FEEL type; `reasons` say why something became null."""

    value: Any
    type: str
    reasons: Sequence[str]


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a decision came to.

    `explanation` says for every decision on the way which rules matched, and why the others did not. `version` is
    null for a model that is not deployed.
    """

    id: str
    name: str
    version: int | None
    value: Any
    type: str
    reasons: Sequence[str]
    explanation: Sequence[Mapping[str, Any]]


def evaluate(engine: Engine, expression: str, data: Data) -> Evaluation:
    """A FEEL expression, or a `${…}` one. Raises ExpressionError."""
    variables = _checked(data)
    return _evaluated(engine, _compiled(expression, variables), variables)


def test(engine: Engine, tests: str, given: Any, data: Data) -> Evaluation:
    """The tests of a cell, such as `< 5, [10..20]`, on what is given. Raises ExpressionError."""
    variables = {**_checked(data), "?": checked(given, "The value")}
    return _evaluated(engine, compile_unary_tests(tests.strip(), names=data.keys()), variables)


def decide(engine: Engine, decision: str, data: Data, version: int | None = None) -> Ruling:
    """A deployed decision, by its id or else its name. Raises NotFound."""
    model, record = engine.library.rules.find(decision, version=version)
    outcome = model.decide(record.key, _checked(data), Environment(now=engine.clock()))
    return _ruling(record.key, record.name or record.key, record.version, outcome)


def decide_by(engine: Engine, model: DecisionModel, decision: str, data: Data) -> Ruling:
    """A decision of a model that is not deployed; without a name, the one that all others lead to."""
    element = model.element(decision or _last(model))
    outcome = model.decide(element.id or element.name, _checked(data), Environment(now=engine.clock()))
    return _ruling(element.id, element.name, None, outcome)


def read(text: str) -> DecisionModel:
    """A model from the text of a DMN file. Raises DiagramError."""
    return read_model(text.encode(), name="pasted.dmn")


def _last(model: DecisionModel) -> str:
    required = {href.rpartition("#")[2] for decision in model.decisions for href in decision.requires}
    names = [decision.name for decision in model.decisions if decision.id not in required]
    if len(names) == 1:
        return names[0]
    listed = ", ".join(f"“{name}”" for name in names)
    raise Invalid(
        f"Say which decision is meant: {listed}." if names else "There is no decision in this model."
    )


def _checked(data: Data) -> dict[str, Any]:
    return dict(checked(dict(data), "The data"))


def _compiled(expression: str, variables: Data) -> Expression:
    text = expression.strip()
    if text.startswith(("${", "#{", "=")):
        with knowing(variables.keys()):
            return compile_place(text, bare="feel")
    return compile_feel(text, names=variables.keys())


def _evaluated(engine: Engine, expression: Expression, variables: Data) -> Evaluation:
    env = Environment(now=engine.clock())
    value = expression.evaluate(variables, env)
    return Evaluation(value, kind_name(value), tuple(env.reasons))


def _ruling(id: str, name: str, version: int | None, outcome: Outcome) -> Ruling:
    return Ruling(
        id, name, version, outcome.value, kind_name(outcome.value), outcome.reasons, outcome.explanation
    )
