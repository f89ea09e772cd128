"""Expressions and decisions by themselves: nothing is stored, no case is touched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import Any

from caseloom.web import trying as tried
from caseloom.web.api.operations import Operations, json_body
from caseloom.web.context import the_engine
from caseloom.web.trying import Evaluation, Ruling

trying = Operations()


@dataclass(frozen=True, slots=True)
class Evaluate:
    """`expression` is FEEL, or `${…}`; `data` is what it sees."""

    expression: str
    _: KW_ONLY
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DecideBy:
    """`decision` is the id, else the name, of a deployed one; without `version`, the newest."""

    decision: str
    _: KW_ONLY
    data: Mapping[str, Any] = field(default_factory=dict)
    version: int | None = None


@trying.post("/evaluate", body=json_body(Evaluate), gives=Evaluation)
def evaluate(wanted: Evaluate) -> Evaluation:
    """The value of an expression, its type, and why something in it became null."""
    return tried.evaluate(the_engine(), wanted.expression, wanted.data)


@trying.post("/decide", body=json_body(DecideBy), gives=Ruling)
def decide(wanted: DecideBy) -> Ruling:
    """The result of a deployed decision, with the rules that matched and why the others did not."""
    return tried.decide(the_engine(), wanted.decision, wanted.data, wanted.version)
