"""The form of a task or of a start: its fields, filled for the page, and what a person sent as data.

A form drawn in the modeler and a deployed form-js form come out alike. A task without a form may still
record values by name, so that a diagram from elsewhere can be worked at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from caseloom.engine.errors import ExpressionError
from caseloom.engine.results import Form, FormField
from caseloom.web import formjs, wording
from caseloom.web.fields import (
    SILENT,
    Answers,
    Control,
    Field,
    Kind,
    Option,
    UnreadableError,
    control,
    read,
    retyped,
)

_FREE_ROWS = 3
_KINDS = {
    "boolean": Kind.TICK,
    "date": Kind.DATE,
    "enum": Kind.SELECT,
    "long": Kind.NUMBER,
    "integer": Kind.NUMBER,
    "double": Kind.NUMBER,
    "number": Kind.NUMBER,
    "text": Kind.LONG_TEXT,
    "textarea": Kind.LONG_TEXT,
}
_WHOLE = frozenset({"long", "integer"})
_MISSING = object()


@dataclass(frozen=True, slots=True)
class Filled:
    """A form with values, ready to print; `elsewhere` names a form that another program shows."""

    controls: Sequence[Control]
    elsewhere: str | None = None
    free: bool = False

    @property
    def wrong(self) -> list[Control]:
        return [shown for shown in self.controls if shown.error]


@dataclass(frozen=True, slots=True)
class Sent:
    """What came back: `data` for the case file, and a sentence for each field that is wrong."""

    data: dict[str, Any]
    errors: dict[str, str]


def filled(
    form: Form | None,
    data: Mapping[str, Any],
    *,
    evaluate: formjs.Evaluate,
    draft: Mapping[str, Any] | None = None,
    previous: Mapping[str, Any] | None = None,
) -> Filled:
    """A form as first seen: a draft fills it, else an earlier answer, else the case file, else a default."""
    known = {**data, **(previous or {}), **(draft or {})}
    controls = [
        control(
            asked,
            _first(asked, draft or {}, previous or {}, data),
            previous=_earlier(asked, previous or {}),
            hidden=is_hidden(asked, known, evaluate),
        )
        for asked in asked_by(form, data, evaluate)
    ]
    return Filled(controls, _elsewhere(form), form is None)


def again(
    form: Form | None, data: Mapping[str, Any], answers: Answers, sent: Sent, *, evaluate: formjs.Evaluate
) -> Filled:
    """A form with what was typed and what is wrong with it."""
    controls = [
        retyped(
            asked,
            answers,
            error=sent.errors.get(asked.name, ""),
            hidden=is_hidden(asked, {**data, **sent.data}, evaluate),
        )
        for asked in asked_by(form, data, evaluate)
    ]
    return Filled(controls, _elsewhere(form), form is None)


def received(
    form: Form | None, data: Mapping[str, Any], answers: Answers, *, evaluate: formjs.Evaluate
) -> Sent:
    """Reads and checks all fields that are shown; hidden and read-only ones say nothing."""
    if form is None:
        return Sent(_free(answers), {})

    sent = Sent({}, {})
    late: list[tuple[Field, str]] = []
    for asked in asked_by(form, data, evaluate):
        if asked.kind in SILENT or asked.readonly:
            continue
        if asked.kind is Kind.COMPUTED:
            _put(sent.data, asked.name, _computed(asked, {**data, **sent.data}, evaluate))
            continue
        try:
            _put(sent.data, asked.name, read(asked, answers))
        except UnreadableError as wrong:
            late.append((asked, str(wrong)))
    # A condition may read a field that stands further down, so who is hidden is asked at the end.
    for asked, sentence in late:
        if not is_hidden(asked, {**data, **sent.data}, evaluate):
            sent.errors[asked.name] = sentence
    return _without_hidden(sent, form, data, evaluate)


def drafted(
    form: Form | None, data: Mapping[str, Any], answers: Answers, *, evaluate: formjs.Evaluate
) -> dict[str, Any]:
    """What can be read of an unfinished form; the rest waits until it is complete."""
    return received(form, data, answers, evaluate=evaluate).data


def hidden_names(
    form: Form | None, data: Mapping[str, Any], draft: Mapping[str, Any], evaluate: formjs.Evaluate
) -> list[str]:
    """The fields that a form hides while it is filled like this."""
    known = {**data, **draft}
    return [asked.name for asked in asked_by(form, data, evaluate) if is_hidden(asked, known, evaluate)]


def asked_by(form: Form | None, data: Mapping[str, Any], evaluate: formjs.Evaluate) -> list[Field]:
    if form is None:
        return []
    if form.schema is not None:
        return formjs.fields(form.schema, formjs.Context(_forgiving(evaluate), data))
    return [_drawn(part) for part in form.fields]


def is_hidden(asked: Field, known: Mapping[str, Any], evaluate: formjs.Evaluate) -> bool:
    if not asked.hidden_when:
        return False
    return _forgiving(evaluate)(asked.hidden_when.removeprefix("="), known) is True


def _forgiving(evaluate: formjs.Evaluate) -> formjs.Evaluate:
    """A form is filled bit by bit: an expression that cannot be computed yet counts as nothing."""

    def computed(expression: str, data: Mapping[str, Any]) -> Any:
        try:
            return evaluate(expression, data)
        except ExpressionError:
            return None

    return computed


def _computed(asked: Field, data: Mapping[str, Any], evaluate: formjs.Evaluate) -> Any:
    return _forgiving(evaluate)((asked.expression or "null").removeprefix("="), data)


def _without_hidden(sent: Sent, form: Form, data: Mapping[str, Any], evaluate: formjs.Evaluate) -> Sent:
    for name in hidden_names(form, data, sent.data, evaluate):
        _take(sent.data, name)
    return sent


def _elsewhere(form: Form | None) -> str | None:
    return form.key if form is not None and form.schema is None and not form.fields else None


# -- the modeler's own fields --------------------------------------------------------------------


def _drawn(part: FormField) -> Field:
    checks = part.constraints
    kind = Kind.SELECT if part.options else _KINDS.get(part.type, Kind.TEXT)
    return Field(
        part.id,
        kind,
        part.label or wording.label(part.id),
        default=part.default,
        required=part.required,
        readonly=part.readonly,
        options=[Option(value, label, value) for value, label in part.options],
        minimum=_decimal(checks.get("min")),
        maximum=_decimal(checks.get("max")),
        min_length=_whole(checks.get("minlength")),
        max_length=_whole(checks.get("maxlength")),
        whole=part.type in _WHOLE,
    )


def _decimal(text: str | None) -> Decimal | None:
    try:
        return Decimal(text) if text else None
    except InvalidOperation:
        return None


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() else None


# -- values --------------------------------------------------------------------------------------


def _first(asked: Field, *sources: Mapping[str, Any]) -> Any:
    for source in sources:
        content = _look_up(source, asked.name)
        if content is not _MISSING:
            return content
    return asked.default


def _earlier(asked: Field, previous: Mapping[str, Any]) -> str:
    content = _look_up(previous, asked.name)
    return "" if content is _MISSING or asked.kind in SILENT else wording.text(content)


def _look_up(source: Mapping[str, Any], name: str) -> Any:
    content: Any = source
    for part in name.split("."):
        if not isinstance(content, Mapping) or part not in content:
            return _MISSING
        content = content[part]
    return content


def _put(data: dict[str, Any], name: str, content: Any) -> None:
    *path, last = name.split(".")
    for part in path:
        data = data.setdefault(part, {})
    data[last] = content


def _take(data: dict[str, Any], name: str) -> None:
    *path, last = name.split(".")
    for part in path:
        data = data.get(part, {})
    data.pop(last, None)


# -- without a form ------------------------------------------------------------------------------


def free_rows() -> Iterable[int]:
    return range(_FREE_ROWS)


def _free(answers: Answers) -> dict[str, Any]:
    """Names and values that a person typed where no form was drawn."""
    rows = zip(answers.getlist("free-name"), answers.getlist("free-value"), strict=False)
    return {name.strip(): plain(typed) for name, typed in rows if name.strip()}


def plain(typed: str) -> Any:
    """What a person most likely means: a number, yes or no, a date, or text."""
    typed = typed.strip()
    word = typed.lower()
    if word in _WORDS:
        return _WORDS[word]
    for parse in (int, Decimal, date.fromisoformat, datetime.fromisoformat):
        try:
            content = parse(typed)
        except (ValueError, InvalidOperation):
            continue
        if not isinstance(content, Decimal) or content.is_finite():
            return content
    return typed


_WORDS: Mapping[str, bool | None] = {
    "yes": True,
    "true": True,
    "no": False,
    "false": False,
    "": None,
}
