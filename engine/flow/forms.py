"""Forms and input parameters as a modeler writes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from caseloom.diagrams.reading import read
from caseloom.engine.expressions import Expression, compile_place, list_of, map_of
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
    """The value of a `camunda:inputParameter` or `outputParameter`: a text, or a list or map of any of these."""
    if _inner(element):
        return _value(element)
    text = (element.text or "").strip()
    return compile_place(text, bare="text") if text else None


def _value(element: Element) -> Expression:
    nested = _inner(element)
    return _collected(nested[0]) if nested else compile_place((element.text or "").strip(), bare="text")


def _collected(element: Element) -> Expression:
    parts = _inner(element)
    if local(element) == "list":
        return list_of([_item(part) for part in parts], "list")
    return map_of({part.get("key", ""): _value(part) for part in parts}, "map")


def _item(element: Element) -> Expression:
    """An item of a list: a value, or a list or map without one around it."""
    return _collected(element) if local(element) in ("list", "map") else _value(element)


def _inner(element: Element) -> list[Element]:
    return [child for child in element if isinstance(child.tag, str)]


__all__ = ["BPMN", "of", "parameter"]
