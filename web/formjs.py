"""Reads a form-js schema (a deployed `.form` file) into fields.

Every component that asks for something or says something is known here; one that is not becomes a field that
says so on the page, so that nobody believes to have seen the whole form.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from caseloom.web import prose
from caseloom.web.fields import Field, Kind, Option

Component = Mapping[str, Any]
Evaluate = Callable[[str, Mapping[str, Any]], Any]
Reader = Callable[[Component, "Context"], Field]

_KINDS = {
    "textfield": Kind.TEXT,
    "textarea": Kind.LONG_TEXT,
    "number": Kind.NUMBER,
    "checkbox": Kind.TICK,
    "select": Kind.SELECT,
    "radio": Kind.RADIO,
    "checklist": Kind.TICKS,
    "taglist": Kind.TICKS,
    "date": Kind.DATE,
    "time": Kind.TIME,
}
_DATETIMES = {"date": Kind.DATE, "time": Kind.TIME, "datetime": Kind.DATETIME}
_RULES = frozenset({"separator", "spacer"})
_NOTHING = frozenset({"button"})
_PATTERNS = {"email": r"^[^@\s]+@[^@\s]+\.[^@\s]+$", "phone": r"^\+?[\d\s()./-]{5,}$"}
_TEMPLATE = re.compile(r"\{\{(.+?)\}\}")


class Context:
    """The case file that a form's expressions read, and how they are computed."""

    def __init__(self, evaluate: Evaluate, data: Mapping[str, Any]) -> None:
        self._evaluate = evaluate
        self.data = data

    def value(self, expression: str) -> Any:
        return self._evaluate(expression.removeprefix("="), self.data)

    def text(self, written: Any) -> str:
        """Text as it stands, or computed where it begins with `=` or has `{{…}}` in it."""
        if not isinstance(written, str):
            return "" if written is None else str(written)
        if written.startswith("="):
            return _said(self.value(written))
        return _TEMPLATE.sub(lambda match: _said(self.value(match[1].strip())), written)


def fields(schema: Component, context: Context) -> list[Field]:
    """All fields of a form in reading order; groups are laid flat."""
    return list(_fields(schema.get("components", ()), context, path="", hidden_when=None))


def _fields(
    components: Sequence[Component], context: Context, *, path: str, hidden_when: str | None
) -> Iterator[Field]:
    for component in components:
        kind = str(component.get("type", ""))
        hide = _either(hidden_when, (component.get("conditional") or {}).get("hide"))
        if kind in _NOTHING:
            continue
        if kind == "group":
            yield from _group(component, context, path=path, hidden_when=hide)
            continue
        yield _field(component, kind, context, path=path, hidden_when=hide)


def _either(outer: str | None, inner: str | None) -> str | None:
    if outer and inner:
        return f"({outer.removeprefix('=')}) or ({inner.removeprefix('=')})"
    return inner or outer


def _group(component: Component, context: Context, *, path: str, hidden_when: str | None) -> Iterator[Field]:
    label = context.text(component.get("label"))
    inner = _join(path, component.get("path") or "")
    if label:
        html = prose.to_html(f"## {label}")
        yield Field(
            f"{inner}.{component.get('id', label)}", Kind.PROSE, "", html=html, hidden_when=hidden_when
        )
    yield from _fields(component.get("components", ()), context, path=inner, hidden_when=hidden_when)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path and name else path or name


def _field(component: Component, kind: str, context: Context, *, path: str, hidden_when: str | None) -> Field:
    name = _join(path, str(component.get("key") or component.get("id") or kind))
    if kind in ("text", "headline"):
        return Field(name, Kind.PROSE, "", html=_prose(component, kind, context), hidden_when=hidden_when)
    if kind in _RULES:
        return Field(name, Kind.RULE, "", hidden_when=hidden_when)
    if kind == "expression":
        expression = str(component.get("expression") or "")
        return Field(name, Kind.COMPUTED, "", expression=expression, hidden_when=hidden_when)
    if kind == "datetime":
        return _asked(component, _DATETIMES[component.get("subtype") or "date"], name, context, hidden_when)
    if kind in _KINDS:
        return _asked(component, _KINDS[kind], name, context, hidden_when)

    return Field(name, Kind.UNKNOWN, kind, hidden_when=hidden_when)


def _prose(component: Component, kind: str, context: Context) -> Any:
    text = context.text(component.get("text") or component.get("label"))
    return prose.to_html(f"## {text}" if kind == "headline" else text)


def _asked(component: Component, kind: Kind, name: str, context: Context, hidden_when: str | None) -> Field:
    checks = component.get("validate") or {}
    label = context.text(component.get("label") or component.get("dateLabel") or component.get("timeLabel"))
    return Field(
        name,
        kind,
        label or name,
        help=context.text(component.get("description")),
        default=component.get("defaultValue"),
        required=bool(checks.get("required")),
        readonly=bool(component.get("readonly") or component.get("disabled")),
        options=_options(component, context),
        minimum=_decimal(checks.get("min")),
        maximum=_decimal(checks.get("max")),
        digits=component.get("decimalDigits"),
        min_length=_whole(checks.get("minLength")),
        max_length=_whole(checks.get("maxLength")),
        pattern=_PATTERNS.get(checks.get("validationType", ""), checks.get("pattern")),
        placeholder=context.text((component.get("appearance") or {}).get("placeholder")),
        hidden_when=hidden_when,
    )


def _options(component: Component, context: Context) -> list[Option]:
    if expression := component.get("valuesExpression"):
        choices = context.value(expression)
    elif key := component.get("valuesKey"):
        choices = context.data.get(key)
    else:
        choices = component.get("values")
    return [_option(choice) for choice in choices or ()]


def _option(choice: Any) -> Option:
    content = choice.get("value") if isinstance(choice, Mapping) else choice
    label = choice.get("label") if isinstance(choice, Mapping) else None
    value = content if isinstance(content, str) else json.dumps(content, default=str)
    return Option(value, str(label or _said(content)), content)


def _said(content: Any) -> str:
    return "" if content is None else str(content)


def _decimal(number: Any) -> Decimal | None:
    return None if number in (None, "") else Decimal(str(number))


def _whole(number: Any) -> int | None:
    return None if number in (None, "") else int(number)
