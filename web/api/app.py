"""Puts the HTTP interface together, and beside the pages.

app = create_app(engine)          # the pages, with this beside them
api = create_api(engine)          # the interface alone
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, Response, request

from caseloom.engine import Engine
from caseloom.web.api import openapi, problems
from caseloom.web.api.answers import written
from caseloom.web.api.asked import let_in
from caseloom.web.api.cases import cases
from caseloom.web.api.definitions import definitions
from caseloom.web.api.health import CLOCK, health
from caseloom.web.api.jobs import jobs
from caseloom.web.api.migrations import migrations
from caseloom.web.api.operations import JSON, PREFIX, Operation, Operations, serving
from caseloom.web.api.plans import plans
from caseloom.web.api.post import post
from caseloom.web.api.stores import stores
from caseloom.web.api.tasks import tasks
from caseloom.web.api.trying import trying
from caseloom.web.clock import Clock
from caseloom.web.context import Office, open_office
from caseloom.web.people import People
from caseloom.web.throttle import Throttle

LARGEST_BODY = 8 * 1024 * 1024
LARGEST_DEPLOYMENT = 32 * 1024 * 1024

description = Operations()


@description.get("/openapi.json", gives=dict[str, Any], public=True)
def document() -> Response:
    """This document."""
    return Response(written(openapi.document(OPERATIONS)), content_type=JSON)


OPERATIONS: tuple[Operation, ...] = tuple(
    operation
    for part in (
        definitions,
        migrations,
        cases,
        plans,
        tasks,
        stores,
        post,
        jobs,
        trying,
        description,
        health,
    )
    for operation in part.all
)


def create_api(engine: Engine, *, people: People | None = None, clock: Clock | None = None) -> Flask:
    """The HTTP interface as a WSGI application. `clock` is the one whose last tick `/health` tells."""
    app = Flask("caseloom.web.api", static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=LARGEST_DEPLOYMENT, PROPAGATE_EXCEPTIONS=False)
    app.extensions[CLOCK] = clock
    open_office(app, Office(engine, people or People(engine.database), Throttle(1, 1.0)))
    for operation in OPERATIONS:
        app.add_url_rule(
            operation.rule, operation.id, serving(operation), methods=[operation.method], strict_slashes=False
        )
    public = frozenset(operation.id for operation in OPERATIONS if operation.public)
    app.before_request(lambda: None if request.endpoint in public else _known())
    app.after_request(_with_headers)
    problems.answer_for(app)
    return app


def beside(pages: WSGIApplication, api: WSGIApplication) -> WSGIApplication:
    """Both under one address: what begins with `/api`, and `/health`, is for programs."""

    def wsgi(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        for_programs = path in ("/health", "/api") or path.startswith("/api/")
        return (api if for_programs else pages)(environ, start_response)

    return wsgi


def _known() -> None:
    """A path that is not there says so to everybody; any other first asks who it is."""
    if request.routing_exception is not None:
        return
    let_in()
    if request.path != f"{PREFIX}/deployments":
        request.max_content_length = LARGEST_BODY


def _with_headers(response: Response) -> Response:
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Cache-Control", "no-cache")
    return response
