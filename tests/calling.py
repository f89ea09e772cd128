"""A program that calls the HTTP interface with a token, and holds every answer to the OpenAPI document.

with house(anna=["clerks"]) as ours:
    ours.anna.post("/cases", {"key": "lease"}).json["id"]
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

from caseloom.engine import Engine
from caseloom.web.api.app import OPERATIONS
from caseloom.web.api.openapi import document
from caseloom.web.app import create_app
from caseloom.web.people import People
from caseloom.web.tokens import Tokens

DOCUMENT = document(OPERATIONS)


def misfits(method: str, path: str, status: int, media: str, body: Any) -> list[str]:
    """What the document does not say about an answer."""
    for template, methods in DOCUMENT["paths"].items():
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path) and method.lower() in methods:
            answers = methods[method.lower()]["responses"]
            answer = answers.get(str(status)) or answers["default"]
            content = answer.get("content")
            if content is None:
                return [] if body is None else ["A body that is not foretold"]
            if media not in content:
                return [f"{media} is not foretold"]
            schema = {**content[media]["schema"], "components": DOCUMENT["components"]}
            return (
                []
                if body is None
                else [error.message for error in Draft202012Validator(schema).iter_errors(body)]
            )
    return [] if status in (404, 405) else [f"{method} {path} is not foretold"]


class Caller:
    def __init__(self, app: Any, token: str | None = None) -> None:
        self._client = app.test_client(use_cookies=False)
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.call("GET", path, **options)

    def post(self, path: str, json: Any = None, **options: Any) -> TestResponse:
        return self.call("POST", path, **({"json": json} if json is not None else {}), **options)

    def deploy(self, **files: str | bytes) -> TestResponse:
        """Each file under its name, with the ending `.bpmn`."""
        parts = {
            name: (io.BytesIO(text if isinstance(text, bytes) else text.encode()), f"{name}.bpmn")
            for name, text in files.items()
        }
        return self.post("/deployments", data=parts, content_type="multipart/form-data")

    def do(
        self, case_id: str, command: str, headers: Mapping[str, str] | None = None, **keywords: Any
    ) -> TestResponse:
        return self.post(
            f"/cases/{case_id}/commands", {"command": command, **keywords}, headers=headers or {}
        )

    def call(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **options: Any
    ) -> TestResponse:
        whole = path if path.startswith(("/health", "/api")) else f"/api/v1{path}"
        sent = {**self._headers, **(headers or {})}
        answer = self._client.open(whole, method=method, headers=sent, **options)
        body = answer.get_json(silent=True)
        wrong = misfits(method, whole.partition("?")[0], answer.status_code, answer.mimetype, body)
        assert answer.status_code == 304 or not wrong, wrong
        return answer


class House:
    """An engine that knows its people, and for each of them, under their name, a program that calls it."""

    def __init__(self, engine: Engine, people: Mapping[str, Sequence[str]]) -> None:
        self.engine = engine
        self.app = create_app(engine, secret_key="for tests")
        self.nobody = Caller(self.app)
        for user, groups in people.items():
            People(engine.database).put(user, user.title(), password=None, groups=groups)
            setattr(self, user, Caller(self.app, self.token(user)))

    def token(self, user: str, **more: Any) -> str:
        return Tokens(self.engine.database).make(user, name="tests", at=self.engine.clock(), **more)


@contextmanager
def house(**people: Sequence[str]) -> Iterator[House]:
    with Engine("sqlite://", people=lambda user: People(engine.database).person(user)) as engine:
        yield House(engine, people)
