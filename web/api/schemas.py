"""JSON Schemas of the types that come in and go out, from the same declarations that read and write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import is_dataclass
from datetime import datetime
from enum import StrEnum
from types import NoneType
from typing import Any, Literal, get_args, get_origin

from caseloom.web.api.answers import FIELDS, hint
from caseloom.web.api.shapes import is_union, members

Schema = dict[str, Any]

_SIMPLE: Mapping[Any, Schema] = {
    Any: {},
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    NoneType: {"type": "null"},
    datetime: {"type": "string", "format": "date-time"},
}


class Schemas:
    """Gathers named schemas while others refer to them."""

    def __init__(self) -> None:
        self.named: dict[str, Schema] = {}

    def of(self, kind: Any) -> Schema:
        if kind in _SIMPLE:
            return dict(_SIMPLE[kind])
        if is_union(kind):
            return _either([self.of(one) for one in get_args(kind)])
        if isinstance(kind, type) and issubclass(kind, StrEnum):
            return {"type": "string", "enum": [str(one) for one in kind]}
        if is_dataclass(kind):
            return self._reference(kind)
        return self._generic(kind)

    def _generic(self, kind: Any) -> Schema:
        origin, arguments = get_origin(kind), get_args(kind)
        if origin is Literal:
            return {"type": "string", "enum": list(arguments)}
        if origin in (Sequence, list):
            return {"type": "array", "items": self.of(arguments[0])}
        if origin in (Mapping, dict):
            return {"type": "object", "additionalProperties": self.of(arguments[1])}
        if origin is tuple:
            return {"type": "array", "prefixItems": [self.of(one) for one in arguments], "items": False}
        raise TypeError(f"{kind} has no schema")

    def _reference(self, kind: Any) -> Schema:
        name = kind.__name__
        if name not in self.named:
            self.named[name] = {}  # so that a type which holds itself ends here
            self.named[name] = self._sent(kind) if kind in FIELDS else self.taken(kind)
        return {"$ref": f"#/components/schemas/{name}"}

    def _sent(self, kind: Any) -> Schema:
        """What we answer: all of its fields, always."""
        names = list(FIELDS[kind])
        properties = {name: self.of(hint(kind, name)) for name in names}
        return {"type": "object", "description": said(kind), "properties": properties, "required": names}

    def taken(self, kind: Any) -> Schema:
        """What we take: nothing that is not declared."""
        declared = members(kind)
        required = [name for name, (_, must) in declared.items() if must]
        return {
            "type": "object",
            "description": said(kind),
            "properties": {name: self.of(own) for name, (own, _) in declared.items()},
            "additionalProperties": False,
            **({"required": required} if required else {}),
        }


def said(thing: Any) -> str:
    """The first sentence of its documentation."""
    return (thing.__doc__ or "").strip().split("\n\n")[0].replace("\n", " ").strip()


def _either(schemas: Sequence[Schema]) -> Schema:
    plain = [schema["type"] for schema in schemas if set(schema) == {"type"}]
    if len(plain) == len(schemas):
        return {"type": plain}
    return {} if {} in schemas else {"anyOf": list(schemas)}
