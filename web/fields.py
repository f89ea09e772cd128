"""One field of a form: what it asks for, how it is read, and how it stands on the page.

Reading checks everything again, whatever the browser has checked: nothing here trusts it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, TypeVar

import re2
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from caseloom.web import wording

Answers = MultiDict[str, str]
T = TypeVar("T")


class Kind(StrEnum):
    """The control that a field becomes; those below `PROSE` ask for nothing."""

    TEXT = "text"
    LONG_TEXT = "textarea"
    NUMBER = "number"
    TICK = "checkbox"
    SELECT = "select"
    RADIO = "radio"
    TICKS = "checklist"
    DATE = "date"
    TIME = "time"
    DATETIME = "datetime-local"
    COMPUTED = "computed"
    PROSE = "prose"
    RULE = "rule"
    UNKNOWN = "unknown"


_EMPTY = Markup("")
SILENT = frozenset({Kind.PROSE, Kind.RULE, Kind.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Option:
    """One choice; `content` is what the case file gets, which need not be text."""

    value: str
    label: str
    content: Any


@dataclass(frozen=True, slots=True)
class Field:
    """What a form asks for; `name` is a path with dots where a form nests its data."""

    name: str
    kind: Kind
    label: str
    _: KW_ONLY
    help: str = ""
    default: Any = None
    required: bool = False
    readonly: bool = False
    options: Sequence[Option] = ()
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    digits: int | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    whole: bool = False
    placeholder: str = ""
    html: Markup = _EMPTY
    hidden_when: str | None = None
    expression: str | None = None
    group: bool = False


@dataclass(frozen=True, slots=True)
class Control:
    """A field as it stands on the page, ready to print; `chosen` are the option values that are ticked."""

    field: Field
    id: str
    value: str = ""
    chosen: frozenset[str] = frozenset()
    error: str = ""
    previous: str = ""
    hidden: bool = False


class UnreadableError(ValueError):
    """What was typed does not fit the field; the text is the sentence shown beside it."""


def control(
    asked: Field, content: Any, *, error: str = "", previous: str = "", hidden: bool = False
) -> Control:
    """A field with a value from the case file, a draft or an earlier answer."""
    chosen = frozenset(option.value for option in asked.options if _holds(content, option.content))
    if asked.kind is Kind.TICK and content in (True, "true"):
        chosen = frozenset({"true"})
    return Control(asked, control_id(asked), _typed(asked, content), chosen, error, previous, hidden)


def retyped(asked: Field, answers: Answers, *, error: str = "", hidden: bool = False) -> Control:
    """A field with exactly what a person typed, right or wrong."""
    chosen = frozenset(answers.getlist(asked.name))
    return Control(asked, control_id(asked), answers.get(asked.name, ""), chosen, error, "", hidden)


def control_id(asked: Field) -> str:
    return "field-" + re.sub(r"[^A-Za-z0-9_-]", "-", asked.name)


def read(asked: Field, answers: Answers) -> Any:
    """What was typed, as data; `None` for nothing. Raises `UnreadableError` with a sentence."""
    content = _READERS.get(asked.kind, _read_text)(asked, answers)
    if asked.required and (content is None or content == [] or (asked.kind is Kind.TICK and not content)):
        raise UnreadableError(_missing(asked))
    if content is not None:
        _check(asked, content)
    return content


def _missing(asked: Field) -> str:
    if asked.kind in (Kind.SELECT, Kind.RADIO, Kind.TICKS):
        return "Choose one." if asked.kind is not Kind.TICKS else "Choose at least one."
    return "Tick this to go on." if asked.kind is Kind.TICK else "This is needed."


# -- reading -------------------------------------------------------------------------------------


def _read_text(asked: Field, answers: Answers) -> str | None:
    typed = answers.get(asked.name, "").replace("\r\n", "\n").strip()
    return typed or None


def _read_number(asked: Field, answers: Answers) -> int | Decimal | None:
    typed = answers.get(asked.name, "").strip().replace(" ", "")
    if not typed:
        return None
    try:
        number = Decimal(typed)
    except InvalidOperation as cause:
        raise UnreadableError(f"“{typed}” is not a number.") from cause
    if not number.is_finite() or abs(number) > Decimal("1e15"):
        raise UnreadableError("That number is too large.")
    if number == number.to_integral_value():
        return int(number)
    if asked.whole:
        raise UnreadableError("Give a whole number.")
    return number


def _read_tick(asked: Field, answers: Answers) -> bool:
    return answers.get(asked.name) == "true"


def _read_choice(asked: Field, answers: Answers) -> Any:
    typed = answers.get(asked.name, "")
    return _option(asked, typed).content if typed else None


def _read_choices(asked: Field, answers: Answers) -> list[Any]:
    return [_option(asked, typed).content for typed in answers.getlist(asked.name) if typed]


def _option(asked: Field, typed: str) -> Option:
    for option in asked.options:
        if option.value == typed:
            return option
    raise UnreadableError(f"“{typed}” is not one of the choices.")


def _read_date(asked: Field, answers: Answers) -> date | None:
    return _parsed(answers.get(asked.name, ""), date.fromisoformat, "a date, such as 2026-03-31")


def _read_time(asked: Field, answers: Answers) -> time | None:
    return _parsed(answers.get(asked.name, ""), time.fromisoformat, "a time, such as 14:30")


def _read_datetime(asked: Field, answers: Answers) -> datetime | None:
    moment = _parsed(answers.get(asked.name, ""), datetime.fromisoformat, "a date and time")
    return moment.astimezone() if moment else None


def _parsed(typed: str, parse: Callable[[str], T], what: str) -> T | None:
    if not typed.strip():
        return None
    try:
        return parse(typed.strip())
    except ValueError as cause:
        raise UnreadableError(f"“{typed}” is not {what}.") from cause


_READERS: Mapping[Kind, Callable[[Field, Answers], Any]] = {
    Kind.NUMBER: _read_number,
    Kind.TICK: _read_tick,
    Kind.SELECT: _read_choice,
    Kind.RADIO: _read_choice,
    Kind.TICKS: _read_choices,
    Kind.DATE: _read_date,
    Kind.TIME: _read_time,
    Kind.DATETIME: _read_datetime,
}


# -- checking ------------------------------------------------------------------------------------


def _check(asked: Field, content: Any) -> None:
    if isinstance(content, int | Decimal) and not isinstance(content, bool):
        _check_number(asked, Decimal(content))
    if isinstance(content, str):
        _check_text(asked, content)


def _check_number(asked: Field, number: Decimal) -> None:
    if asked.minimum is not None and number < asked.minimum:
        raise UnreadableError(f"At least {wording.number(asked.minimum)}, please.")
    if asked.maximum is not None and number > asked.maximum:
        raise UnreadableError(f"At most {wording.number(asked.maximum)}, please.")
    exponent = number.normalize().as_tuple().exponent
    if asked.digits is not None and isinstance(exponent, int) and -exponent > asked.digits:
        raise UnreadableError(f"At most {wording.count(asked.digits, 'digit')} after the point.")


def _check_text(asked: Field, content: str) -> None:
    if asked.min_length is not None and len(content) < asked.min_length:
        raise UnreadableError(f"At least {wording.count(asked.min_length, 'character')}, please.")
    if asked.max_length is not None and len(content) > asked.max_length:
        raise UnreadableError(
            f"At most {wording.count(asked.max_length, 'character')}; this has {len(content)}."
        )
    if asked.pattern and len(content) < 10_000 and not _matches(asked.pattern, content):
        raise UnreadableError("This does not have the form that is asked for.")


def _matches(pattern: str, content: str) -> bool:
    # A pattern comes from an uploaded form, and re2 cannot be made to run forever.
    try:
        return re2.search(pattern, content) is not None
    except re2.error as cause:
        raise UnreadableError(
            f"The form's own pattern “{pattern}” cannot be read: tell whoever drew it."
        ) from cause


# -- showing -------------------------------------------------------------------------------------


def _holds(content: Any, choice: Any) -> bool:
    return choice in content if isinstance(content, list | tuple) else bool(content == choice)


def _typed(asked: Field, content: Any) -> str:
    if content is None or isinstance(content, bool | list | dict):
        return ""
    if isinstance(content, datetime):
        here = content.astimezone() if asked.kind is Kind.DATETIME else content
        return f"{here:%Y-%m-%d}" if asked.kind is Kind.DATE else f"{here:%Y-%m-%dT%H:%M}"
    if isinstance(content, time):
        return f"{content:%H:%M}"
    return f"{content:f}" if isinstance(content, Decimal) else str(content)
