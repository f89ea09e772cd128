"""Diagrams, tasks, messages, signals and jobs over HTTP."""

from __future__ import annotations

import io
import shutil
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from calling import house
from drawing import draw
from openings import CONDITIONAL, TWO_DOORS

from caseloom.engine import Engine
from caseloom.web.api.app import create_api
from caseloom.web.clock import Clock

ASK = draw("Ask <groups=clerks> > Answer <groups=survey>", key="ask", name="Ask and answer")
FORM = (
    b'{"type": "default", "id": "question", "components": [{"type": "textfield", "key": "q", "label": "Q"}]}'
)


@pytest.fixture
def ours():
    with house(anna=["clerks"], bo=["survey"]) as opened:
        yield opened


def test_files_are_deployed_together_and_the_same_again_are_the_same(ours):
    first = ours.anna.deploy(ask=ASK, other=draw("A", key="other"))
    again = ours.anna.deploy(ask=ASK, other=draw("A", key="other"))

    assert first.status_code == 201
    assert [(one["key"], one["version"]) for one in first.json["definitions"]] == [("ask", 1), ("other", 1)]
    assert again.json["definitions"] == first.json["definitions"]


def test_a_bundle_is_deployed_as_it_is(ours):
    bundle = io.BytesIO()
    with zipfile.ZipFile(bundle, "w") as archive:
        archive.writestr("ask.bpmn", ASK)

    answer = ours.anna.post("/deployments", data=bundle.getvalue(), content_type="application/zip")

    assert [one["key"] for one in answer.json["definitions"]] == ["ask"]


def test_a_part_that_is_no_file_is_refused(ours):
    data = {"note": "hello", "file": (io.BytesIO(ASK), "ask.bpmn")}

    answer = ours.anna.post("/deployments", data=data, content_type="multipart/form-data")

    assert answer.status_code == 422
    assert "note" in answer.json["detail"]


def test_a_deployment_without_files_is_refused(ours):
    answer = ours.anna.post("/deployments", data={}, content_type="multipart/form-data")

    assert answer.status_code == 422


def test_a_definition_comes_with_its_drawing(ours):
    definition = ours.anna.deploy(ask=ASK).json["definitions"][0]

    assert ours.anna.get(f"/definitions/{definition['id']}").json == definition
    assert ours.anna.get("/definitions?key=ask").json == [definition]
    assert ours.anna.get("/definitions?key=other").json == []
    assert ours.anna.get(f"/definitions/{definition['id']}/xml").data == ASK
    assert ours.anna.get(f"/definitions/{definition['id']}/form").status_code == 404


def test_a_form_that_was_deployed_comes_with_its_task(ours):
    diagram = draw("Ask <camunda.formKey=question>", key="ask")
    files = {"a": (io.BytesIO(diagram), "ask.bpmn"), "b": (io.BytesIO(FORM), "question.form")}
    ours.anna.post("/deployments", data=files, content_type="multipart/form-data")
    task = ours.anna.post("/cases", {"key": "ask"}).json["tasks"][0]

    form = ours.anna.get(f"/tasks/{task['id']}/form").json

    assert (form["kind"], form["schema"]["id"]) == ("form-js", "question")
    assert ours.anna.get(f"/tasks/{task['id']}").json["form"] == form


def test_a_task_without_a_form_says_so(ours):
    ours.anna.deploy(ask=ASK)
    task = ours.anna.post("/cases", {"key": "ask"}).json["tasks"][0]

    answer = ours.anna.get(f"/tasks/{task['id']}/form")

    assert (answer.status_code, answer.json["detail"]) == (404, "“Ask” has no form.")


@pytest.fixture
def inbox(ours):
    """Three open tasks; bo's colleague has the second."""
    ours.anna.deploy(ask=ASK)
    ids = [
        ours.anna.post("/cases", {"key": "ask", "business_key": f"k{n}"}).json["tasks"][0] for n in range(3)
    ]
    ours.anna.do(ids[1]["case_id"], "Claim", task_id=ids[1]["id"])

    def ask(**query):
        return [task["business_key"] for task in ours.anna.get("/tasks", query_string=query).json]

    return ask


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["k0", "k1", "k2"]),
        ({"for_user": "anna"}, ["k0", "k1", "k2"]),
        ({"for_user": "bo"}, []),
        ({"groups": "clerks"}, ["k0", "k1", "k2"]),
        ({"groups": ["survey", "clerks"]}, ["k0", "k1", "k2"]),
        ({"groups": "survey"}, []),
        ({"assignee": "anna"}, ["k1"]),
        ({"unassigned": "true"}, ["k0", "k2"]),
        ({"unassigned": "false"}, ["k1"]),
        ({"name": "Ask"}, ["k0", "k1", "k2"]),
        ({"q": "answ"}, []),
        ({"key": "other"}, []),
        ({"due_before": "2030-01-01T00:00:00Z"}, []),
        ({"limit": "1"}, ["k0"]),
        ({"order": "name", "held": "true"}, ["k0", "k1", "k2"]),
    ],
)
def test_tasks_are_filtered(inbox, query, found):
    assert inbox(**query) == found


def test_tasks_are_listed_page_by_page(ours, inbox):
    path, seen = "/tasks?limit=2&order=created", []
    while path:
        answer = ours.anna.get(path)
        seen += [task["business_key"] for task in answer.json]
        path = answer.headers.get("Link", "").partition(">")[0].lstrip("<")

    assert seen == ["k0", "k1", "k2"]


def test_a_message_reaches_the_case_that_waits_for_it(ours):
    ours.anna.deploy(wait=draw("@message payment Paid > Thank", key="wait"))
    case = ours.anna.post("/cases", {"key": "wait", "business_key": "A"}).json
    body = {"name": "payment", "business_key": "A", "data": {"paid": 5}}

    first = ours.anna.post("/messages", body, headers={"Idempotency-Key": "m-1"})
    again = ours.anna.post("/messages", body, headers={"Idempotency-Key": "m-1"})

    assert (first.json, again.json) == ({"case_ids": [case["id"]]}, {"case_ids": []})
    assert ours.anna.get(f"/cases/{case['id']}").json["data"] == {"paid": 5}


def test_two_ids_for_one_message_are_refused(ours):
    answer = ours.anna.post(
        "/messages", {"name": "payment", "message_id": "a"}, headers={"Idempotency-Key": "b"}
    )

    assert answer.status_code == 422


def test_a_message_that_came_early_is_kept(ours):
    ours.anna.deploy(wait=draw("Order > @message payment Paid > Thank", key="wait"))
    case = ours.anna.post("/cases", {"key": "wait", "business_key": "A"}).json

    kept = ours.anna.post("/messages", {"name": "payment", "business_key": "A"})
    ours.anna.do(case["id"], "Complete", task_id=case["tasks"][0]["id"])

    assert kept.json == {"case_ids": []}
    assert [task["name"] for task in ours.anna.get("/tasks").json] == ["Thank"]


def test_a_signal_reaches_everybody(ours):
    ours.anna.deploy(wait=draw("@signal alarm Alarm > Run", key="wait"))
    ids = [ours.anna.post("/cases", {"key": "wait"}).json["id"] for _ in range(2)]

    answer = ours.anna.post("/signals", {"name": "alarm"})

    assert sorted(answer.json["case_ids"]) == sorted(ids)


def test_a_condition_starts_the_process_that_waits_for_it(ours):
    ours.anna.deploy(heat=CONDITIONAL)

    cold = ours.anna.post("/conditions", {"data": {"degrees": 20}})
    hot = ours.anna.post("/conditions", {"data": {"degrees": 35}, "business_key": "July"})

    assert cold.json == {"case_ids": []}
    (id,) = hot.json["case_ids"]
    case = ours.anna.get(f"/cases/{id}").json
    assert (case["business_key"], case["data"]) == ("July", {"degrees": 35})


def test_a_case_begins_at_the_start_event_that_is_named(ours):
    ours.anna.deploy(doors=TWO_DOORS)

    vague = ours.anna.post("/cases", {"key": "doors"})
    case = ours.anna.post("/cases", {"key": "doors", "start_event": "back"})

    assert (vague.status_code, "front" in vague.json["detail"]) == (422, True)
    assert [task["name"] for task in case.json["tasks"]] == ["b"]


TOLD = draw("!tell Tell tenant ^error unknown ( Look up ) > File", key="tell")


@pytest.fixture
def told(ours):
    ours.anna.deploy(tell=TOLD)
    case = ours.anna.post("/cases", {"key": "tell", "data": {"name": "Ida"}}).json
    (job,) = ours.anna.post(
        "/jobs/fetch-and-lock", {"topic": "tell", "worker": "w1", "lock_seconds": 60}
    ).json
    return case, job


def test_a_worker_gets_a_job_once_and_completes_it(ours, told):
    _, job = told

    assert (job["topic"], job["data"], job["attempt"]) == ("tell", {"name": "Ida"}, 1)
    assert ours.anna.post("/jobs/fetch-and-lock", {"topic": "tell", "worker": "w2"}).json == []
    answer = ours.anna.post(f"/jobs/{job['id']}/complete", {"worker": "w1", "data": {"sent": True}})
    assert [task["name"] for task in answer.json["tasks"]] == ["File"]
    assert answer.json["data"] == {"name": "Ida", "sent": True}


def test_a_job_is_completed_by_who_holds_it(ours, told):
    _, job = told

    answer = ours.anna.post(f"/jobs/{job['id']}/complete", {"worker": "w2"})

    assert answer.status_code == 409
    assert "w1" in answer.json["detail"]


def test_a_job_that_failed_for_good_is_an_incident_to_retry(ours, told):
    case, job = told

    answer = ours.anna.post(
        f"/jobs/{job['id']}/fail", {"worker": "w1", "message": "no network", "retries": 0}
    )

    assert (answer.status_code, answer.data) == (204, b"")
    (incident,) = ours.anna.get(f"/cases/{case['id']}").json["incidents"]
    assert "no network" in incident["message"]
    retried = ours.anna.do(case["id"], "Retry", incident_id=incident["id"])
    assert retried.json["incidents"] == []


def test_a_job_that_failed_is_tried_again_later(ours, told):
    _, job = told
    body = {"worker": "w1", "message": "no network", "retries": 2, "retry_seconds": 0}

    ours.anna.post(f"/jobs/{job['id']}/fail", body)

    (again,) = ours.anna.post("/jobs/fetch-and-lock", {"topic": "tell", "worker": "w2"}).json
    assert (again["id"], again["attempt"]) == (job["id"], 2)
    assert again["idempotency_key"] == job["idempotency_key"]


def test_a_job_throws_an_error_that_the_diagram_catches(ours, told):
    _, job = told

    answer = ours.anna.post(f"/jobs/{job['id']}/error", {"worker": "w1", "code": "unknown"})

    assert [task["name"] for task in answer.json["tasks"]] == ["Look up"]


def test_a_worker_asks_for_more_time(ours, told):
    _, job = told

    answer = ours.anna.post(f"/jobs/{job['id']}/extend", {"worker": "w1", "seconds": 600})

    assert answer.status_code == 204
    assert ours.anna.post(f"/jobs/{job['id']}/extend", {"worker": "w2", "seconds": 600}).status_code == 409


@pytest.mark.parametrize(
    ("path", "body", "named"),
    [
        ("fetch-and-lock", {"topic": "t", "worker": "w", "max_jobs": 0}, "max_jobs"),
        ("fetch-and-lock", {"topic": "t", "worker": "w", "lock_seconds": 1e9}, "lock_seconds"),
        ("fetch-and-lock", {"topic": "t", "worker": "w", "lock_seconds": "long"}, "lock_seconds"),
        ("fetch-and-lock", {"topic": "t"}, "worker"),
        ("x/fail", {"worker": "w", "message": "m", "retries": -1}, "retries"),
        ("x/fail", {"worker": "w", "message": "m", "retries": 1, "retry_seconds": -1}, "retry_seconds"),
        ("x/extend", {"worker": "w", "seconds": -1}, "seconds"),
    ],
)
def test_what_a_worker_asks_has_bounds(ours, path, body, named):
    answer = ours.anna.post(f"/jobs/{path}", body)

    assert answer.status_code == 422
    assert named in answer.json["detail"]


def test_health_is_told_to_everybody(ours):
    answer = ours.nobody.get("/health")

    assert answer.status_code == 200
    assert (answer.json["status"], answer.json["database"]) == ("ok", "ok")
    assert answer.json["clock"] == {"running": False, "last_tick": None, "late": False}


def test_health_tells_when_the_clock_last_ticked_and_that_it_is_late():
    time = [datetime(2026, 3, 1, 9, tzinfo=UTC)]
    with Engine("sqlite://", clock=lambda: time[0]) as engine:
        clock = Clock(engine)
        client = create_api(engine, clock=clock).test_client()

        clock.tick()
        on_time = client.get("/health").json
        time[0] += timedelta(minutes=5)
        late = client.get("/health").json

    assert on_time["clock"] == {"running": True, "last_tick": "2026-03-01T09:00:00Z", "late": False}
    assert (late["status"], late["clock"]["late"]) == ("late", True)


def test_health_says_when_the_database_is_away(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    with Engine(f"sqlite:///{folder}/cases.db") as engine:
        client = create_api(engine).test_client()
        assert client.get("/health").status_code == 200
        engine.close()
        shutil.rmtree(folder)

        answer = client.get("/health")

    assert (answer.status_code, answer.json["type"]) == (503, "urn:caseloom:problem:database-away")
    assert answer.headers["Retry-After"]


def test_the_pages_are_still_there_beside_the_interface(ours):
    assert ours.app.test_client().get("/login").mimetype == "text/html"
