"""Signing in and out, and the door that keeps everybody else out of the pages."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from caseloom.web.context import the_office, the_people
from caseloom.web.people import Account
from caseloom.web.security import safe_path

accounts = Blueprint("accounts", __name__)

# The pages behind this door, and those of them that are for everybody.
_DOORS = frozenset(
    {
        "accounts",
        "inbox",
        "tasks",
        "cases",
        "changes",
        "choosing",
        "diagrams",
        "spots",
        "moving",
        "planning",
        "tries",
    }
)
_OPEN = frozenset({"accounts.login", "accounts.sign_in"})
_WRONG = "This user name and password do not belong together."
_SHUT = "Too many tries. Wait a few minutes, then try again."


def let_in() -> Response | None:
    """Runs before every page: who is here, or where to sign in. What is no page has its own door."""
    if request.blueprint not in _DOORS:
        return None

    user_id = session.get("user")
    g.person = the_people().find(user_id) if user_id else None
    if g.person or request.endpoint in _OPEN:
        return None
    if request.headers.get("HX-Request-Type") == "partial":
        return Response("You are signed out. Sign in again in another window.", 401, mimetype="text/plain")
    if request.headers.get("HX-Request"):
        return Response(status=204, headers={"HX-Refresh": "true"})
    return redirect(url_for("accounts.login", next=_wanted()), code=303)


def _wanted() -> str:
    return request.full_path.rstrip("?") if request.method == "GET" else "/"


@accounts.get("/login")
def login() -> str | Response:
    if g.person:
        return redirect(_next(request.args.get("next")), code=303)
    return _form()


@accounts.post("/login")
def sign_in() -> Response | tuple[str, int]:
    user = request.form.get("user", "").strip()
    keys = (f"user {user}", f"address {request.remote_addr}")
    throttle = the_office().throttle
    if throttle.is_shut(keys):
        return _form(_SHUT), 429

    account = the_people().signed_in(user, request.form.get("password", ""))
    if account is None:
        throttle.failed(keys)
        return _form(_WRONG), 422
    throttle.succeeded(keys)
    return _welcome(account)


def _welcome(account: Account) -> Response:
    wanted = _next(request.form.get("next"))
    session.clear()
    session["user"] = account.id
    return redirect(wanted, code=303)


@accounts.post("/logout")
def logout() -> Response:
    session.clear()
    return redirect(url_for("accounts.login"), code=303)


def _next(wanted: str | None) -> str:
    return safe_path(wanted, url_for("inbox.show"))


def _form(error: str = "") -> str:
    wanted = request.values.get("next", "")
    return render_template("login.html", error=error, user=request.form.get("user", ""), next=wanted)
