"""Puts the pages together: one Flask application around an engine.

    app = create_app(Engine("sqlite:///cases.db"))

The pages need the users of the same database (`People`), and know who is signed in by a session cookie.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask, g, request, url_for
from flask_wtf.csrf import CSRFProtect

from caseloom.engine import Engine
from caseloom.web import refusals, security
from caseloom.web.accounts import accounts, let_in
from caseloom.web.api.app import beside, create_api
from caseloom.web.cases import cases
from caseloom.web.changes import changes
from caseloom.web.choosing import choosing
from caseloom.web.clock import Clock
from caseloom.web.context import Office, open_office
from caseloom.web.diagrams import diagrams
from caseloom.web.inbox import inbox, the_counts
from caseloom.web.moving import moving
from caseloom.web.people import Account, People
from caseloom.web.planning import planning
from caseloom.web.spots import spots
from caseloom.web.tasks import tasks
from caseloom.web.throttle import Throttle
from caseloom.web.tries import tries

_HERE = Path(__file__).parent
_PAGES = (accounts, inbox, tasks, changes, choosing, planning, spots, cases, diagrams, moving, tries)
_TRIES, _WITHIN_SECONDS = 10, 300.0

csrf = CSRFProtect()


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the main menu."""

    name: str
    icon: str
    href: str
    here: bool
    key: str
    count: int = 0


def create_app(
    engine: Engine,
    *,
    secret_key: str | None = None,
    people: People | None = None,
    secure_cookies: bool = False,
    clock: Clock | None = None,
) -> Flask:
    """The pages as a WSGI application, with the HTTP interface beside them.

    `secret_key` signs the sessions; without one a key is made once and kept in the database, so that people
    stay signed in over a restart. `secure_cookies` for a site that is reached by https only.
    `clock` is the one whose last tick `/health` tells.
    """
    people = people or People(engine.database)
    app = Flask("caseloom.web", root_path=str(_HERE))
    app.secret_key = secret_key or _kept_key(engine)
    security.protect(app)
    app.config["SESSION_COOKIE_SECURE"] = secure_cookies
    csrf.init_app(app)
    open_office(app, Office(engine, people, Throttle(_TRIES, _WITHIN_SECONDS)))

    app.before_request(let_in)
    for pages in _PAGES:
        app.register_blueprint(pages)
    refusals.answer_for(app)
    app.context_processor(_for_every_page)
    app.url_defaults(_with_version)
    api = create_api(engine, people=people, clock=clock)
    app.wsgi_app = beside(app.wsgi_app, api.wsgi_app)  # type: ignore[method-assign, assignment]
    return app


def _kept_key(engine: Engine) -> str:
    with engine.database.begin() as transaction:
        return transaction.keep_setting("session key", secrets.token_hex(32))


def _for_every_page() -> dict[str, Any]:
    me = g.get("person")
    return {
        "me": me,
        "places": _places(me) if isinstance(me, Account) else (),
        "has_assets": (_HERE / "static" / "vendor" / "htmx.js").is_file(),
    }


def _places(me: Account) -> list[Place]:
    at = (request.endpoint or "").partition(".")[0]
    counted = the_counts()
    return [
        Place("Inbox", "inbox", url_for("inbox.show"), at in ("inbox", "tasks"), "inbox", counted.mine),
        Place(
            "Cases",
            "cases",
            url_for("cases.index"),
            at in ("cases", "changes", "planning", "spots") and not _starting(),
            "cases",
        ),
        Place("Start", "start", url_for("cases.choose"), _starting(), "new"),
        Place("Diagrams", "diagram", url_for("diagrams.index"), at in ("diagrams", "moving"), "diagrams"),
        *([Place("Try", "try", url_for("tries.show"), at == "tries", "try")] if me.is_analyst else []),
    ]


def _starting() -> bool:
    return request.endpoint in ("cases.choose", "cases.begin", "cases.start")


def _with_version(endpoint: str, values: dict[str, Any]) -> None:
    """A static file's address changes with its content, so that browsers may keep it.

    Fonts keep the plain addresses by which the style sheets name them: two addresses would be two downloads.
    """
    name = str(values.get("filename", ""))
    if endpoint != "static" or name.startswith("fonts/"):
        return
    file = _HERE / "static" / name
    if file.is_file():
        values["v"] = f"{int(file.stat().st_mtime):x}"
