"""What a person reads when something cannot be done: one page for all, by the class of the error.

Errors of ours carry their own sentence. Anything else is a bug: it is logged with its trace, and the page
says so without telling what was inside.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, Response, current_app, g, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from caseloom.engine.errors import CaseloomError, Conflict, Invalid, NotAllowed, NotFound
from caseloom.storage.errors import Damaged, StorageDown
from caseloom.storage.records import Counts
from caseloom.web.security import where_from


@dataclass(frozen=True, slots=True)
class Refusal:
    code: int
    title: str
    hint: str = ""


_REFUSALS: dict[type[Exception], Refusal] = {
    NotFound: Refusal(404, "This is not here", "It may have been finished, or the link may be old."),
    NotAllowed: Refusal(
        403, "This is not for you", "Ask somebody who has the right, or sign in as somebody else."
    ),
    Conflict: Refusal(409, "Something has changed meanwhile", "Nothing of what you sent was carried out."),
    Invalid: Refusal(422, "This does not work as it stands", "Nothing was changed. Go back and look again."),
    StorageDown: Refusal(
        503, "The database is not there just now", "Nothing was lost. Try again in a moment."
    ),
    Damaged: Refusal(500, "This case cannot be read", "The other cases are not touched by it."),
    CaseloomError: Refusal(500, "This could not be done"),
    CSRFError: Refusal(400, "This page was too old", "Open it again and send it once more."),
}
_BY_CODE = {
    403: Refusal(403, "This is not for you"),
    404: Refusal(404, "This is not here", "The link may be old, or mistyped."),
    405: Refusal(405, "This page cannot be used like that"),
    413: Refusal(413, "This is too large", "An upload may have 32 MB, an answer 2 MB."),
}
_BUG = Refusal(500, "Something went wrong here", "It is our mistake, not yours, and it has been recorded.")


def answer_for(app: Flask) -> None:
    for kind in (CaseloomError, CSRFError):
        app.register_error_handler(kind, refused)
    app.register_error_handler(HTTPException, _refused_by_http)
    app.register_error_handler(Exception, _broken)


def refused(error: Exception) -> Response:
    """The page for an error of ours: its own sentence under a heading for its class."""
    kinds = (kind for kind in type(error).__mro__ if kind in _REFUSALS)
    refusal = _REFUSALS[next(kinds)]
    message = "The form has lost its key." if isinstance(error, CSRFError) else str(error)
    return _page(refusal, message)


def _refused_by_http(error: HTTPException) -> Response:
    code = error.code or 500
    if code < 400:
        return make_response(error.get_response())
    refusal = _BY_CODE.get(code, Refusal(code, error.name))
    return _page(refusal, "" if code in _BY_CODE else error.description or "")


def _broken(error: Exception) -> Response:
    current_app.logger.exception("A page failed.", exc_info=error)
    return _page(_BUG, "")


def _page(refusal: Refusal, message: str) -> Response:
    if request.headers.get("HX-Request-Type") == "partial":
        # A word within the page, such as “saved”: the page and what was typed into it must stay.
        return Response(f"{refusal.title}. {message}".strip(), refusal.code, mimetype="text/plain")
    # The database may be what has failed: this page asks nothing of it.
    g.setdefault("counts", Counts(mine=0, offered=0, overdue=0))
    page = render_template(
        "refusal.html",
        code=refusal.code,
        title=refusal.title,
        message=message,
        hint=refusal.hint,
        back=where_from(""),
    )
    response = make_response(page, refusal.code)
    if request.headers.get("HX-Request"):
        # Whatever part of the page had been asked for: the refusal is shown as the page.
        response.headers.update({"HX-Retarget": "#main", "HX-Reselect": "#main", "HX-Reswap": "outerHTML"})
    if refusal.code == 503:
        response.headers["Retry-After"] = "5"
    return response
