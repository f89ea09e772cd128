"""Forms and input parameters as a modeler writes them."""

from __future__ import annotations

from typing import Any

from caseloom.engine.errors import ExpressionError
from caseloom.engine.expressions import Expression, compile_place
from caseloom.engine.flow.vendors import BPMN, VENDORS, ZEEBE, children, extension, local, vendor
from caseloom.engine.results import Form, FormField

Element = Any


def of(element: Element) -> Form | None:
    """The form of a user task or start event; the schema of a deployed form is looked up when it is shown."""
    data = children(element, "formData")
    if data:
        return Form("fields", fields=tuple(_field(child) for child in data[0] if local(child) == "formField"))
    zeebe = extension(element, ZEEBE, "formDefinition")
    key = (
        vendor(element, "formKey")
        or vendor(element, "formRef")
        or (zeebe is not None and (zeebe.get("formId") or zeebe.get("formKey")))
        or None
    )
    return None if key is None else Form("key", key=key)


def defaults(form: Form | None) -> dict[str, Expression]:
    """The default values that are computed when the task opens, by field."""
    given = (
        {field.id: str(field.default) for field in form.fields if field.default} if form is not None else {}
    )
    return {
        name: compile_place(text, bare="text")
        for name, text in given.items()
        if text.startswith("=") or "${" in text or "#{" in text
    }


def _field(element: Element) -> FormField:
    constraints = {
        child.get("name"): child.get("config") or ""
        for group in _ours(element, "validation")
        for child in group
        if isinstance(child.tag, str)
    }
    return FormField(
        element.get("id"),
        element.get("label") or element.get("id"),
        element.get("type") or "string",
        default=element.get("defaultValue"),
        options=tuple(
            (child.get("id"), child.get("name") or child.get("id")) for child in _ours(element, "value")
        ),
        required="required" in constraints,
        readonly="readonly" in constraints,
        constraints=constraints,
    )


def _ours(element: Element, name: str) -> list[Element]:
    wanted = {f"{{{namespace}}}{name}" for namespace in VENDORS}
    return [child for child in element if child.tag in wanted]


def parameter(element: Element) -> Expression | None:
    """The value of a `camunda:inputParameter` or `outputParameter`: a text, a list or a map of texts."""
    nested = [child for child in element if isinstance(child.tag, str)]
    if not nested:
        value = (element.text or "").strip()
        return compile_place(value, bare="text") if value else None
    return compile_place("=" + _literal(nested[0]), bare="text")


def _literal(element: Element) -> str:
    """A list or map of parameters as a FEEL literal; its texts are FEEL when they carry `=`, else strings."""
    if local(element) == "list":
        return "[" + ", ".join(_text(child) for child in element if isinstance(child.tag, str)) + "]"
    entries = [child for child in element if isinstance(child.tag, str)]
    return "{" + ", ".join(f'"{child.get("key")}": {_text(child)}' for child in entries) + "}"


def _text(element: Element) -> str:
    value = (element.text or "").strip()
    if value.startswith("="):
        return value[1:]
    if "${" in value or "#{" in value:
        raise ExpressionError(
            f"“{value}”: inside a list or map write FEEL with a leading “=” instead.", text=value
        )
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


__all__ = ["BPMN", "of", "parameter"]
