"""The page to try things: an expression, a test of a cell or a decision, against sample data.

It answers as one types where there is JavaScript, and by its button where there is none. What cannot be read is
an answer here, too, with its place marked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any

from flask import Blueprint, render_template, request, url_for

from caseloom.engine.errors import CaseloomError, DiagramError, ExpressionError, Finding, Invalid
from caseloom.engine.expressions.texts import feel_text
from caseloom.web import forms, grounds, trying, wording
from caseloom.web.api.text import parsed
from caseloom.web.commanding import NameValue, Typed
from caseloom.web.context import the_engine, the_person
from caseloom.web.finding import latest_decisions
from caseloom.web.grounds import Ground
from caseloom.web.inbox import Choice
from caseloom.web.people import check_may_try

tries = Blueprint("tries", __name__, url_prefix="/try")

LONGEST_EXPRESSION = 20_000
LONGEST_DATA = 200_000
LONGEST_MODEL = 1_000_000
_LONGEST_SHOWN = 20_000
_ONE_LINE = 60
_ROWS = 4
_KINDS = {"expression": "An expression", "test": "A test of a cell", "decision": "A decision"}


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One line of what was typed; `at` is where reading it failed."""

    before: str
    at: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of it, ready to print: a problem, or a value with its type and its ground."""

    _: KW_ONLY
    problem: str = ""
    lines: Sequence[SourceLine] = ()
    findings: Sequence[Finding] = ()
    value: str = ""
    type: str = ""
    reasons: Sequence[str] = ()
    ground: Ground | None = None
    doubts: Sequence[Finding] = field(default=())


@tries.before_request
def _only_for_analysts() -> None:
    check_may_try(the_person())


@tries.get("")
def show() -> str:
    return _page(Typed(request.args), None)


@tries.post("")
def tell() -> str:
    typed = Typed(request.form)
    return _page(typed, _tried(typed))


def _page(typed: Typed, tried: Tried | None) -> str:
    kind = _kind(typed)
    return render_template(
        "try.html",
        kinds=[Choice(key, name, key == kind) for key, name in _KINDS.items()],
        kind=kind,
        typed=typed,
        rows=_rows(typed),
        decisions=[
            Choice(found.key, found.name or wording.label(found.key), found.key == typed.decision)
            for found in latest_decisions()
        ],
        tried=tried,
        limits={"expression": LONGEST_EXPRESSION, "data": LONGEST_DATA, "model": LONGEST_MODEL},
        href=url_for("tries.tell"),
    )


def _kind(typed: Typed) -> str:
    """The button that was pressed, else what the page was about."""
    wanted = typed.show or typed.what
    return wanted if wanted in _KINDS else "expression"


def _rows(typed: Typed) -> list[NameValue]:
    """What was filled in, and two more rows to go on with."""
    filled = [row for row in typed.values_rows if row.name or row.value]
    return filled + [NameValue("", "")] * max(2, _ROWS - len(filled))


# -- trying --------------------------------------------------------------------------------------


def _tried(typed: Typed) -> Tried | None:
    try:
        return _TRYING[_kind(typed)](typed)
    except DiagramError as wrong:
        return Tried(problem="This model cannot be read.", findings=wrong.findings)
    except ExpressionError as wrong:
        return Tried(problem=str(wrong), lines=list(_marked(wrong)))
    except CaseloomError as refusal:
        return Tried(problem=str(refusal))


def _expression(typed: Typed) -> Tried | None:
    text = _bounded(typed.expression, LONGEST_EXPRESSION, "The expression")
    if not text:
        return None
    return _evaluated(trying.evaluate(the_engine(), text, _data(typed)))


def _test(typed: Typed) -> Tried | None:
    text = _bounded(typed.tests, LONGEST_EXPRESSION, "The test")
    if not text:
        return None
    return _evaluated(trying.test(the_engine(), text, forms.plain(typed.given), _data(typed)))


def _evaluated(found: trying.Evaluation) -> Tried:
    return Tried(value=_literal(found.value), type=found.type, reasons=found.reasons)


def _decision(typed: Typed) -> Tried | None:
    model = _bounded(typed.model, LONGEST_MODEL, "The model")
    if model:
        return _by_pasted(model, typed)
    if not typed.decision:
        return None
    return _ruled(trying.decide(the_engine(), typed.decision, _data(typed)))


def _by_pasted(text: str, typed: Typed) -> Tried:
    model = trying.read(text)
    return _ruled(trying.decide_by(the_engine(), model, typed.which, _data(typed)), doubts=model.findings)


def _ruled(found: trying.Ruling, doubts: Sequence[Finding] = ()) -> Tried:
    told = {"name": found.name, "version": found.version, "explanation": found.explanation}
    return Tried(
        value=_literal(found.value),
        type=found.type,
        reasons=found.reasons,
        ground=grounds.of(told),
        doubts=doubts,
    )


_TRYING: Mapping[str, Callable[[Typed], Tried | None]] = {
    "expression": _expression,
    "test": _test,
    "decision": _decision,
}


# -- reading -------------------------------------------------------------------------------------


def _data(typed: Typed) -> dict[str, Any]:
    """JSON first, then the rows, which count where both name something."""
    text = _bounded(typed.json, LONGEST_DATA, "The data")
    data = parsed(text, "The data") if text else {}
    if not isinstance(data, dict):
        raise Invalid('The data is an object with names and values, such as {"amount": 5}.')
    return {**data, **typed.values}


def _bounded(text: str, longest: int, what: str) -> str:
    if len(text) > longest:
        raise Invalid(f"{what} may have {longest:,} characters; this has {len(text):,}.")
    return text.replace("\r\n", "\n")


# -- printing ------------------------------------------------------------------------------------


def _marked(wrong: ExpressionError) -> Iterator[SourceLine]:
    """The lines of an expression, with the place where it failed. Too much work has no place."""
    for number, line in enumerate(wrong.text.split("\n") if wrong.text else (), 1):
        if number != wrong.line:
            yield SourceLine(line)
            continue
        at = wrong.column - 1
        yield SourceLine(line[:at], line[at : at + 1] or "\u00a0", line[at + 1 :])


def _literal(value: Any) -> str:
    """The value as FEEL writes it, over several lines where it is long."""
    text = _written(value, "")
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


def _written(value: Any, margin: str) -> str:
    # As an item of a list a text stands in its quotes, and null is a word.
    one_line = (feel_text([value]) or "[]")[1:-1]
    if len(one_line) <= _ONE_LINE or not isinstance(value, list | dict):
        return one_line
    inner = f"{margin}  "
    if isinstance(value, list):
        return _block("[", [_written(item, inner) for item in value], "]", margin)
    return _block("{", [f"{name}: {_written(item, inner)}" for name, item in value.items()], "}", margin)


def _block(opens: str, parts: Sequence[str], closes: str, margin: str) -> str:
    return "\n".join(
        [opens, *(f"{margin}  {part}," for part in parts[:-1]), f"{margin}  {parts[-1]}", margin + closes]
    )
