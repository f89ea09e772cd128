"""Forms and input parameters as a modeler writes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from caseloom.diagrams.reading import read
from caseloom.engine.errors import ExpressionError
from caseloom.engine.expressions import Expression, compile_place
from caseloom.engine.flow.vendors import BPMN, VENDORS, ZEEBE, children, extension, local, vendor
from caseloom.engine.results import Form, FormField

Element = Any

EMBEDDED = "camunda-forms:bpmn:"


def of(element: Element) -> Form | None:
    """The form of a user task or start event; the schema of a deployed form is looked up when it is shown."""
    data = children(element, "formData")
    if data:
        return Form("fields", fields=tuple(_field(child) for child in data[0] if local(child) == "formField"))
    if properties := children(element, "formProperty"):
        return Form("fields", fields=tuple(_property(child) for child in properties))
    zeebe = extension(element, ZEEBE, "formDefinition")
    told = {} if zeebe is None else zeebe
    key = vendor(element, "formKey") or vendor(element, "formRef") or _zeebe_key(told)
    if key is None:
        return None
    schema = embedded(element, key)
    if schema is not None:
        return Form("form-js", key=key, schema=schema)
    return Form("key", key=key, binding=vendor(element, "formRefBinding") or told.get("bindingType"))


def _zeebe_key(definition: Any) -> str | None:
    found = (definition.get(name) for name in ("formId", "formKey", "externalReference"))
    return next(filter(None, found), None)


def embedded(element: Element, key: str) -> Mapping[str, Any] | None:
    """The form that stands in the diagram itself (`zeebe:userTaskForm`), where the key names one."""
    if not key.startswith(EMBEDDED):
        return None
    wanted = key.removeprefix(EMBEDDED)
    for form in element.getroottree().iter(f"{{{ZEEBE}}}userTaskForm"):
        if form.get("id") == wanted:
            return read(f"{wanted}.form", (form.text or "").strip().encode()).form
    return None


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


def _property(element: Element) -> FormField:
    """Activiti's form property."""
    return FormField(
        element.get("id"),
        element.get("name") or element.get("id"),
        element.get("type") or "string",
        default=element.get("default"),
        options=tuple(
            (child.get("id"), child.get("name") or child.get("id")) for child in _ours(element, "value")
        ),
        required=element.get("required") == "true",
        readonly=element.get("writable") == "false",
        constraints={"required": ""} if element.get("required") == "true" else {},
    )


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
