"""What a program reads when it is refused: a problem with a sentence, never more than that."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from calling import Caller, house
from drawing import draw

from caseloom.engine import Engine
from caseloom.storage.errors import CorruptCase, StorageDown
from caseloom.web.api.app import LARGEST_BODY, create_api
from caseloom.web.people import People


@pytest.fixture
def ours():
    with house(anna=["clerks"]) as opened:
        opened.anna.deploy(ask=draw("Ask > Answer", key="ask"))
        yield opened


def problem(answer):
    assert answer.mimetype == "application/problem+json"
    assert answer.json["status"] == answer.status_code
    assert answer.json["title"]
    return answer.status_code, answer.json["type"].removeprefix("urn:caseloom:problem:")


@pytest.mark.parametrize(
    "header", [None, "Bearer", "Bearer ", "Bearer nonsense", "Basic YW5uYTphbm5h", "Bearer \udcff"]
)
def test_without_a_token_nobody_is_let_in(ours, header):
    headers = (
        {}
        if header is None
        else {"Authorization": header.encode("utf-8", "surrogateescape").decode("latin-1")}
    )

    answer = ours.nobody.get("/cases", headers=headers)

    assert problem(answer) == (401, "no-token")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer realm=")


def test_a_token_that_is_too_old_or_was_revoked_is_none(ours):
    old = ours.token("anna", expires_at=ours.engine.clock() - timedelta(seconds=1))
    good = ours.token("anna")

    assert Caller(ours.app, old).get("/cases").status_code == 401
    assert Caller(ours.app, good).get("/cases").status_code == 200


def test_the_token_of_somebody_who_is_no_longer_known_is_none(ours):
    token = ours.token("ghost")

    assert problem(Caller(ours.app, token).get("/cases")) == (401, "no-token")


def test_only_the_hash_of_a_token_is_kept(ours):
    token = ours.token("anna")

    with ours.engine.database.read() as reader:
        kept = reader.tokens("anna")

    assert all(token not in repr(record) for record in kept)


def test_a_session_cookie_opens_nothing(ours):
    browser = ours.app.test_client()
    with browser.session_transaction() as session:
        session["user"] = "anna"

    answers = [browser.get("/api/v1/cases"), browser.post("/api/v1/cases", json={"key": "ask"})]

    assert [answer.status_code for answer in answers] == [401, 401]
    assert ours.engine.cases() == []


def test_what_is_not_there_is_not_found(ours):
    assert problem(ours.anna.get("/cases/nowhere")) == (404, "not-found")
    assert problem(ours.anna.get("/tasks/nowhere")) == (404, "not-found")
    assert problem(ours.anna.get("/definitions/nowhere")) == (404, "not-found")
    assert problem(ours.anna.get("/definitions/nowhere/xml")) == (404, "not-found")
    assert problem(ours.anna.post("/cases", {"key": "nothing"})) == (404, "not-found")
    assert problem(ours.anna.post("/jobs/nothing/complete", {"worker": "w"})) == (404, "not-found")


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/v1", "/api/v1/nothing", "/api/v2/cases"])
def test_an_unknown_path_is_told_to_everybody(ours, path):
    assert problem(ours.nobody.get(path)) == (404, "no-such-path")


def test_a_path_says_which_methods_it_takes(ours):
    answer = ours.anna.call("DELETE", "/cases")

    assert problem(answer) == (405, "method")
    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))


def test_a_task_that_is_done_already_is_a_conflict(ours):
    case = ours.anna.post("/cases", {"key": "ask"}).json
    task = case["tasks"][0]["id"]
    ours.anna.do(case["id"], "Complete", task_id=task)

    answer = ours.anna.do(case["id"], "Complete", task_id=task)

    assert problem(answer) == (409, "conflict")
    assert answer.json["detail"] == "“Ask” is already done: someone was quicker."


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"command": "Explode"}, "Explode"),
        ({"command": "FireTimer", "occurrence_id": "x", "element": "y"}, "FireTimer"),
        ({"command": 5}, "5"),
        ({"task_id": "x"}, "command"),
        ({"command": "Claim"}, "task_id"),
        ({"command": "Claim", "task_id": 5}, "task_id"),
        ({"command": "Claim", "task_id": "x", "by": "bo"}, "by"),
        ({"command": "Complete", "task_id": "x", "data": [1]}, "data"),
        ({"command": "Skip", "target": "x", "reason": "r", "when": "never"}, "when"),
        ({"command": "Insert", "name": "n", "groups": "g"}, "groups"),
        ({"command": "Insert", "tasks": [{"name": "n", "colour": "red"}]}, "tasks[0].colour"),
        ({"command": "Insert", "tasks": [{"name": "n"}], "rule": True}, "rule"),
        ({"command": "Complete", "task_id": "x", "preview": 5}, "preview"),
        ([], "command"),
    ],
)
def test_what_makes_no_sense_is_named(ours, body, named):
    case = ours.anna.post("/cases", {"key": "ask"}).json

    answer = ours.anna.post(f"/cases/{case['id']}/commands", body)

    assert problem(answer) == (422, "invalid")
    assert named in answer.json["detail"]
    assert ours.engine.case(case["id"]).revision == 1


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("/tasks?colour=red", "colour"),
        ("/tasks?limit=0", "limit"),
        ("/tasks?limit=1001", "limit"),
        ("/tasks?limit=many", "limit"),
        ("/tasks?key=a&key=b", "key"),
        ("/tasks?held=perhaps", "held"),
        ("/tasks?due_before=tomorrow", "due_before"),
        ("/tasks?due_before=2026-01-01T00:00:00", "due_before"),
        ("/tasks?order=random", "order"),
        ("/cases?status=done", "status"),
        ("/cases?where=%7Bnot", "where"),
        ("/cases/x?expand=all", "expand"),
    ],
)
def test_a_parameter_that_makes_no_sense_is_named(ours, path, named):
    answer = ours.anna.get(path)

    assert problem(answer) == (422, "invalid")
    assert named in answer.json["detail"]


def test_an_expression_that_cannot_be_read_says_where(ours):
    answer = ours.anna.get("/cases", query_string={"where": "amount >"})

    assert problem(answer) == (422, "expression")
    assert answer.json["expression"] == "amount >"


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "nonsense",
        '{"key": NaN}',
        '{"key": "ask", "key": "ask"}',
        "[" * 100_000,
        b"\xff{}",
        '{"n": 1e999999999999999999999}',
    ],
)
def test_a_body_that_is_not_json_cannot_be_read(ours, body):
    answer = ours.anna.post("/cases", data=body, content_type="application/json")

    assert problem(answer) == (400, "not-json")


@pytest.mark.parametrize("path", ["/cases", "/deployments"])
def test_a_body_of_the_wrong_type_is_refused(ours, path):
    answer = ours.anna.post(path, data="key=ask", content_type="application/x-www-form-urlencoded")

    assert problem(answer) == (415, "media-type")


def test_a_body_that_is_too_large_is_refused_unread(ours):
    answer = ours.anna.post("/cases", data=b" " * (LARGEST_BODY + 1), content_type="application/json")

    assert problem(answer) == (413, "too-large")


def test_data_that_is_nested_too_deeply_is_refused(ours):
    data: dict = {}
    for _ in range(200):
        data = {"a": data}

    assert problem(ours.anna.post("/cases", {"key": "ask", "data": data})) == (422, "invalid")


def test_a_diagram_that_cannot_run_is_refused_with_its_findings(ours):
    answer = ours.anna.deploy(broken="<nonsense/>", good=draw("A > B", key="good"))

    assert problem(answer) == (422, "diagram")
    assert answer.json["findings"][0]["file"] == "broken.bpmn"
    assert answer.json["findings"][0]["severity"] == "error"
    assert ours.engine.definitions("good") == []


def test_an_idempotency_key_that_cannot_be_kept_is_refused(ours):
    for path, body in (("/signals", {"name": "s"}), ("/jobs/fetch-and-lock", {"topic": "t", "worker": "w"})):
        answer = ours.anna.post(path, body, headers={"Idempotency-Key": "k"})

        assert problem(answer) == (422, "invalid")
        assert "Idempotency-Key" in answer.json["detail"]


@pytest.mark.parametrize("key", ["", "k" * 256])
def test_an_idempotency_key_has_a_size(ours, key):
    answer = ours.anna.post("/cases", {"key": "ask"}, headers={"Idempotency-Key": key})

    assert problem(answer) == (422, "invalid")


def test_a_match_where_there_is_no_revision_is_refused(ours):
    answer = ours.anna.post("/cases", {"key": "ask"}, headers={"If-Match": '"1"'})

    assert problem(answer) == (422, "invalid")


class Away:
    """A clock that fails: the first thing that a request asks the engine for."""

    def __init__(self, failure: Exception) -> None:
        self.failure = failure

    def __call__(self):
        raise self.failure


@pytest.fixture
def failing():
    """A caller whose requests meet a failure."""
    with Engine("sqlite://") as engine:
        People(engine.database).put("anna", "Anna", password=None)
        app = create_api(engine)

        def caller(failure: Exception) -> Caller:
            engine.clock = Away(failure)
            return Caller(app, "any")

        yield caller


def test_a_database_that_is_away_asks_to_come_again(failing):
    answer = failing(StorageDown("The disk of the database is full; nothing was stored.")).get("/cases")

    assert problem(answer) == (503, "database-away")
    assert int(answer.headers["Retry-After"]) > 0


def test_damage_is_told_and_logged(failing, caplog):
    answer = failing(CorruptCase("c-1", 3)).get("/cases")

    assert problem(answer) == (500, "damaged")
    assert "row 3" in answer.json["detail"]
    assert "c-1" in caplog.text


def test_a_bug_tells_its_number_and_nothing_else(failing, caplog):
    with caplog.at_level(logging.ERROR):
        answer = failing(RuntimeError("secret: hunter2")).get("/cases")

    assert problem(answer) == (500, "bug")
    assert "hunter2" not in answer.get_data(as_text=True)
    assert answer.json["id"] in answer.json["detail"]
    assert answer.json["id"] in caplog.text
    assert "hunter2" in caplog.text


def test_answers_are_not_taken_for_anything_else(ours):
    answer = ours.anna.get("/cases")

    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in answer.headers
