"""The OpenAPI 3.1 document, made from the table of operations and the types that they take and give."""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

from caseloom.web.api import shapes
from caseloom.web.api.operations import Operation, Repeat
from caseloom.web.api.schemas import Schema, Schemas, said

_PROBLEM: Schema = {
    "type": "object",
    "description": "RFC 9457: why it was refused.",
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "findings": {"type": "array", "items": {"$ref": "#/components/schemas/Finding"}},
    },
    "required": ["type", "title", "status", "detail"],
}
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The same key twice is one effect.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}
_MATCH = {
    "name": "If-Match",
    "in": "header",
    "description": "The revision that the case must still be at.",
    "schema": {"type": "string"},
}


def document(operations: Iterable[Operation]) -> dict[str, Any]:
    schemas = Schemas()
    paths: dict[str, Any] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _described(operation, schemas)
    schemas.named["Problem"] = _PROBLEM
    return {
        "openapi": "3.1.0",
        "info": {"title": "Caseloom", "version": version("caseloom"), "license": {"name": "Apache-2.0"}},
        "paths": paths,
        "components": {
            "schemas": dict(sorted(schemas.named.items())),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}],
    }


def _described(operation: Operation, schemas: Schemas) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": operation.id,
        "summary": said(operation.view),
        "tags": [operation.id.partition(".")[0]],
        "parameters": list(_parameters(operation, schemas)),
        "responses": _responses(operation, schemas),
    }
    if operation.body is not None:
        schema = operation.body.schema(schemas)
        found["requestBody"] = {
            "required": True,
            "content": {media: {"schema": schema} for media in operation.body.media},
        }
    if operation.public:
        found["security"] = []
    return found


def _parameters(operation: Operation, schemas: Schemas) -> Iterable[dict[str, Any]]:
    for name in re.findall(r"\{(\w+)\}", operation.path):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
    if operation.query is not None:
        for name, (kind, required) in shapes.members(operation.query).items():
            yield {"name": name, "in": "query", "required": required, "schema": _bare(schemas.of(kind))}
    if operation.repeat is Repeat.KEPT:
        yield _KEY
    if operation.revision:
        yield _MATCH


def _bare(schema: Schema) -> Schema:
    """A parameter is left out where it is not wanted; it is never null."""
    if isinstance(schema.get("type"), list):
        return {"type": next(one for one in schema["type"] if one != "null")}
    if "anyOf" in schema:
        return next(one for one in schema["anyOf"] if one != {"type": "null"})
    return schema


def _responses(operation: Operation, schemas: Schemas) -> dict[str, Any]:
    problem = {"$ref": "#/components/schemas/Problem"}
    refused = {"description": "Refused", "content": {"application/problem+json": {"schema": problem}}}
    if operation.gives is None:
        return {"204": {"description": "Done"}, "default": refused}
    schema = {} if operation.gives is bytes else schemas.of(operation.gives)
    done: dict[str, Any] = {"description": "Done", "content": {operation.media: {"schema": schema}}}
    if operation.paged:
        done["headers"] = {
            "Link": {"description": "The next page, as rel=next", "schema": {"type": "string"}}
        }
    return {str(operation.status): done, "default": refused}
