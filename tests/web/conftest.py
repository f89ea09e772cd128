"""Real pages on a real engine in memory, and somebody who clicks through them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import pytest
from argon2 import PasswordHasher
from drawing import draw
from lxml import html
from werkzeug.test import TestResponse

from caseloom.engine import Engine
from caseloom.storage.records import UserRecord
from caseloom.web.app import create_app
from caseloom.web.demo import StoryClock

PEOPLE = {"anna": ("Anna Berg", ("clerks",)), "bo": ("Bo Nilsson", ("survey",))}
LEASE = draw(
    "Register > ( Check plot <groups=survey> | Check applicant ) > Draft > Send", key="lease", name="Lease"
)


@pytest.fixture
def engine() -> Iterator[Engine]:
    with Engine("sqlite://", clock=StoryClock()) as engine:
        with engine.database.begin() as transaction:
            for user, (name, groups) in PEOPLE.items():
                transaction.put_user(
                    UserRecord(user, name=name, groups=groups, password_hash=_hash(f"{user}-secret"))
                )
        yield engine


@cache
def _hash(password: str) -> str:
    """A hash as slow as the real one, made once for all tests."""
    return PasswordHasher().hash(password)


@pytest.fixture
def app(engine):
    return create_app(engine, secret_key="for tests")


@pytest.fixture
def case(engine):
    """A lease request that waits at its first step."""
    engine.deploy(("lease.bpmn", LEASE))
    return engine.start("lease", {"amount": 5}, business_key="L-1", by="anna")


class Visitor:
    """Somebody with a browser that keeps cookies and sends the forms of the page that it has seen last."""

    def __init__(self, app):
        self._client = app.test_client()
        self._token = ""

    def get(self, path: str, **options) -> TestResponse:
        return self._seen(self._client.get(path, **options))

    def post(self, path: str, data=None, *, htmx: bool = False, headers=None, **options) -> TestResponse:
        """`data` may be pairs, where a name comes more than once."""
        pairs = list(data.items()) if isinstance(data, dict) else list(data or ())
        fields: dict[str, list[object]] = {"csrf_token": [self._token]}
        for name, value in pairs:
            fields.setdefault(name, []).append(value)
        headers = headers or ({"HX-Request": "true"} if htmx else {})
        return self._seen(self._client.post(path, data=fields, headers=headers, **options))

    def signed_in(self, user: str) -> Visitor:
        """As somebody who has signed in; checking a password takes its time, and other tests do that."""
        with self._client.session_transaction() as session:
            session["user"] = user
        self.get("/")
        return self

    def _seen(self, answer: TestResponse) -> TestResponse:
        if found := re.search(r'name="csrf_token" value="([^"]+)"', answer.get_data(as_text=True)):
            self._token = found[1]
        return answer


@pytest.fixture
def visitor(app):
    return Visitor(app)


@pytest.fixture
def anna(app):
    return Visitor(app).signed_in("anna")


@pytest.fixture
def bo(app):
    return Visitor(app).signed_in("bo")


@pytest.fixture
def page():
    """Reads an answer as a tree: `page(answer).xpath(…)`."""

    def read(answer: TestResponse):
        return html.fromstring(answer.get_data(as_text=True))

    return read


@pytest.fixture
def find():
    """The texts of the elements with a `data-testid`."""

    def texts(answer: TestResponse, testid: str) -> list[str]:
        tree = html.fromstring(answer.get_data(as_text=True))
        return [
            " ".join(found.text_content().split()) for found in tree.xpath(f'//*[@data-testid="{testid}"]')
        ]

    return texts
