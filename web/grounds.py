"""Why a decision came out as it did, ready to print: what went in, which rules matched, why the others did not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from caseloom.web import wording
from caseloom.web.wording import Value

# How a table comes to its result when several rules could match (DMN 1.5, 8.2.8).
_POLICIES = {
    "UNIQUE": "Only one rule may match.",
    "FIRST": "The first rule that matches counts.",
    "ANY": "Several rules may match if they agree.",
    "PRIORITY": "Of the rules that match, the highest result counts.",
    "COLLECT": "All rules that match are gathered.",
    "RULE ORDER": "All rules that match count, in their order.",
    "OUTPUT ORDER": "All rules that match count, the highest result first.",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of a table; `why` is the cell that said no."""

    number: int
    note: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    policy: str
    inputs: Sequence[Value]
    matched: Sequence[Rule]
    others: Sequence[Rule]


@dataclass(frozen=True, slots=True)
class Step:
    """One decision that was taken on the way."""

    name: str
    result: Value
    tables: Sequence[Table]


@dataclass(frozen=True, slots=True)
class Ground:
    """The ground of one decision: the last step is the decision itself, `before` those that it required."""

    name: str
    version: int | None
    step: Step | None
    before: Sequence[Step]
    reasons: Sequence[str]


def of(told: Mapping[str, Any]) -> Ground:
    """From what the journal keeps of a decision: `name`, `version`, `explanation` and, perhaps, `reasons`."""
    steps = [_step(step) for step in told.get("explanation", ())]
    name = told.get("name") or wording.label(str(told.get("id", "")))
    return Ground(
        name, told.get("version"), steps[-1] if steps else None, steps[:-1], list(told.get("reasons", ()))
    )


def _step(told: Mapping[str, Any]) -> Step:
    name = told["decision"] or wording.label(str(told["id"]))
    return Step(name, wording.value("Result", told["value"]), [_table(table) for table in told["tables"]])


def _table(told: Mapping[str, Any]) -> Table:
    return Table(
        _POLICIES.get(told["hit_policy"], ""),
        [wording.value(one["label"], one["value"]) for one in told["inputs"]],
        [Rule(rule["rule"], _note(rule)) for rule in told["matched"]],
        [Rule(rule["rule"], _note(rule), _why(rule)) for rule in told["not_matched"]],
    )


def _note(rule: Mapping[str, Any]) -> str:
    return "; ".join(note for note in rule["annotations"] if note)


def _why(rule: Mapping[str, Any]) -> str:
    if rule["input"] is None:
        return "does not apply"
    return f"{rule['input']} is not {rule['test']}"
