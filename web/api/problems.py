"""What a program reads when something cannot be done: RFC 9457 problems, all from one table.

Errors of ours carry their own sentence. Anything else is a bug: it is logged under a number, and the answer
says that number and nothing of what was inside.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, current_app, request
from werkzeug import exceptions as http

from caseloom.engine.errors import (
    CaseloomError,
    Conflict,
    DiagramError,
    ExpressionError,
    Invalid,
    NotAllowed,
    NotFound,
)
from caseloom.storage.errors import Damaged, StorageDown
from caseloom.web.api.answers import answer, written
from caseloom.web.api.text import NotJson

_URN = "urn:caseloom:problem:"
_KEPT = ("Allow", "WWW-Authenticate")
RETRY_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Problem:
    """One kind of refusal. `detail` stands where the error has no sentence of ours."""

    status: int
    name: str
    title: str
    detail: str = ""


PROBLEMS: Mapping[type[Exception], Problem] = {
    NotFound: Problem(404, "not-found", "It is not there"),
    NotAllowed: Problem(403, "not-allowed", "It is not for you"),
    Conflict: Problem(409, "conflict", "It is not in the state that you assume"),
    Invalid: Problem(422, "invalid", "It makes no sense as it stands"),
    DiagramError: Problem(422, "diagram", "The files were not deployed"),
    ExpressionError: Problem(422, "expression", "An expression cannot be computed"),
    NotJson: Problem(400, "not-json", "The body cannot be read"),
    StorageDown: Problem(503, "database-away", "The database is away"),
    Damaged: Problem(500, "damaged", "What is stored is damaged"),
    CaseloomError: Problem(500, "failed", "It could not be done"),
    http.BadRequest: Problem(400, "bad-request", "The request cannot be read", "It is not a proper request."),
    http.Unauthorized: Problem(
        401, "no-token", "Who are you?", "Send “Authorization: Bearer …” with a token that is still good."
    ),
    http.NotFound: Problem(404, "no-such-path", "There is no such path", "/api/v1/openapi.json lists them."),
    http.MethodNotAllowed: Problem(
        405, "method", "This path cannot be used like that", "The header “Allow” says which methods it takes."
    ),
    http.RequestEntityTooLarge: Problem(
        413, "too-large", "It is too large", "A body may have 8 MB, a deployment 32 MB."
    ),
    http.UnsupportedMediaType: Problem(415, "media-type", "It is of the wrong type"),
}
BUG = Problem(500, "bug", "Something went wrong here")


def answer_for(app: Flask) -> None:
    app.register_error_handler(Exception, refused)


def refused(error: Exception) -> Response:
    """The one handler."""
    found = next((PROBLEMS[kind] for kind in type(error).__mro__ if kind in PROBLEMS), None)
    if found is None and isinstance(error, http.HTTPException) and (error.code or 500) < 500:
        found = Problem(error.code or 400, "http", error.name)
    if found is None:
        return _bug(error)
    if isinstance(error, CaseloomError):
        if found.status == 500:
            current_app.logger.error("%s %s failed.", request.method, request.path, exc_info=error)
        return problem(found, str(error), **_more(error))
    response = problem(found, found.detail or _said(error))
    _keep_headers(error, response)
    return response


def problem(kind: Problem, detail: str, **more: Any) -> Response:
    body = {"type": _URN + kind.name, "title": kind.title, "status": kind.status, "detail": detail, **more}
    # A name that was sent may hold half a character, which no answer can.
    text = written(body).encode("utf-8", "replace")
    response = Response(text, kind.status, content_type="application/problem+json")
    if kind.status == 503:
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def _bug(error: Exception) -> Response:
    number = secrets.token_hex(6)
    current_app.logger.error("Failure %s: %s %s", number, request.method, request.path, exc_info=error)
    return problem(BUG, f"It is our mistake, not yours, and was recorded as {number}.", id=number)


def _more(error: CaseloomError) -> dict[str, Any]:
    if isinstance(error, DiagramError):
        return {"findings": answer(error.findings)}
    if isinstance(error, ExpressionError):
        return {"findings": [], "expression": error.text, "line": error.line, "column": error.column}
    return {"findings": []} if isinstance(error, Invalid) else {}


def _said(error: Exception) -> str:
    return (error.description or "") if isinstance(error, http.HTTPException) else ""


def _keep_headers(error: Exception, response: Response) -> None:
    if isinstance(error, http.HTTPException):
        for name, value in error.get_headers():
            if name in _KEPT:
                response.headers[name] = value
