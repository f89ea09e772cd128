"""The door: who comes in, who does not, and what every answer carries."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caseloom.web.people import People
from caseloom.web.security import safe_path
from caseloom.web.throttle import Throttle


def test_a_stranger_is_sent_to_the_door_and_from_there_to_the_page_that_was_wanted(visitor):
    answer = visitor.get("/cases?q=x")
    assert (answer.status_code, answer.location) == (303, "/login?next=/cases?q%3Dx")

    visitor.get(answer.location)
    answer = visitor.post("/login", {"user": "anna", "password": "anna-secret", "next": "/cases?q=x"})

    assert (answer.status_code, answer.location) == (303, "/cases?q=x")
    assert visitor.get("/cases?q=x").status_code == 200


def test_a_wrong_password_is_refused_in_the_same_words_as_an_unknown_name(visitor):
    visitor.get("/login")

    wrong = visitor.post("/login", {"user": "anna", "password": "guess"})
    unknown = visitor.post("/login", {"user": "nobody", "password": "guess"})

    assert wrong.status_code == unknown.status_code == 422
    assert "do not belong together" in wrong.text
    assert "do not belong together" in unknown.text


def test_after_many_wrong_passwords_even_the_right_one_must_wait(visitor):
    visitor.get("/login")
    for _ in range(10):
        visitor.post("/login", {"user": "anna", "password": "guess"})

    answer = visitor.post("/login", {"user": "anna", "password": "anna-secret"})

    assert answer.status_code == 429
    assert "Too many tries" in answer.text


def test_a_form_without_its_key_is_refused(app):
    client = app.test_client()

    answer = client.post("/login", data={"user": "anna", "password": "anna-secret"})

    assert answer.status_code == 400
    assert "too old" in answer.text


def test_signing_out_shuts_the_door(anna):
    anna.get("/")
    assert anna.post("/logout").status_code == 303

    assert anna.get("/").status_code == 303


def test_a_user_who_was_removed_from_the_books_is_out(anna, app):
    with anna._client.session_transaction() as session:
        session["user"] = "ghost"

    assert anna.get("/").location.startswith("/login")


def test_every_page_carries_a_strict_policy(anna):
    answer = anna.get("/")

    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "unsafe-eval" not in policy
    assert "<script>" not in answer.text
    assert " onclick=" not in answer.text
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_session_cookie_cannot_be_read_by_scripts(visitor):
    visitor.get("/login")
    answer = visitor.post("/login", {"user": "anna", "password": "anna-secret"})

    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


@pytest.mark.parametrize(
    "elsewhere",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "",
    ],
)
def test_nobody_is_led_elsewhere_after_signing_in(elsewhere):
    assert safe_path(elsewhere, "/") == "/"


@given(st.text(max_size=40))
def test_a_safe_path_is_always_a_path_of_ours(wanted):
    path = safe_path(wanted, "/")

    assert path.startswith("/")
    assert path[1:2] not in ("/", "\\")


def test_passwords_are_kept_as_hashes(engine):
    with engine.database.read() as reader:
        user = reader.user("anna")

    assert user.password_hash.startswith("$argon2id$")


def test_the_people_of_the_pages_are_people_for_the_engine(engine):
    person = People(engine.database).person("bo")

    assert (person.id, tuple(person.groups)) == ("bo", ("survey",))


def test_a_throttle_opens_again_with_time():
    now = [0.0]
    throttle = Throttle(2, 60, clock=lambda: now[0])
    throttle.failed(["a"])
    throttle.failed(["a"])
    assert throttle.is_shut(["a"])
    assert not throttle.is_shut(["b"])

    now[0] = 61

    assert not throttle.is_shut(["a"])


def test_an_address_that_leads_nowhere_is_answered_even_to_a_stranger(visitor):
    answer = visitor.get("/nowhere/at/all")

    assert answer.status_code == 404
    assert "This is not here" in answer.text


def test_a_mistake_of_ours_is_admitted_without_telling_what_was_inside(app, anna, monkeypatch):
    monkeypatch.setattr("caseloom.web.inbox.the_engine", lambda: 1 / 0)

    answer = anna.get("/")

    assert answer.status_code == 500
    assert "Something went wrong here" in answer.text
    assert "division" not in answer.text
