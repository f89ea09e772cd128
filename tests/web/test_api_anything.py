"""Whatever is sent, the answer is a result or a problem of the sender: never a bug of ours, never a half-done case."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from calling import house
from drawing import draw
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from caseloom.web.api.app import OPERATIONS
from caseloom.web.api.commands import COMMANDS

HOSTILE = Path(__file__).parents[2] / ".." / "shared" / "hostile"
FLOW = draw(
    "Ask > ( Check | !tell Tell ) > [ amount > 5: More ] > @message payment Paid > Answer", key="flow"
)

TEXTS = some.sampled_from(
    [
        "",
        "flow",
        "ask",
        "check",
        "payment",
        "tell",
        "w",
        "now",
        "keep",
        "P3D",
        "amount > 5",
        "\x00",
        "\ud800",
        "-1",
        "ä" * 600,
    ]
)
NUMBERS = some.integers() | some.floats(allow_nan=False, allow_infinity=False)
VALUES = some.recursive(
    some.none() | some.booleans() | NUMBERS | TEXTS | some.text(max_size=5),
    lambda inner: (
        some.lists(inner, max_size=3) | some.dictionaries(TEXTS | some.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def ours():
    with house(anna=["case-managers"]) as opened:
        opened.anna.deploy(flow=FLOW)
        yield opened


def names_of(operation):
    return sorted(operation.query.__dataclass_fields__)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=some.data())
def test_no_command_breaks_anything(ours, data):
    case = ours.anna.post("/cases", {"key": "flow", "data": {"amount": 7}}).json
    known = some.sampled_from([case["id"], case["tasks"][0]["id"], f"{case['id']}-2", f"{case['id']}-c1"])
    name = data.draw(some.sampled_from(sorted(COMMANDS)))
    fields = sorted(set(COMMANDS[name].__dataclass_fields__) - {"_"})
    keywords = data.draw(some.dictionaries(some.sampled_from(fields or ["x"]), known | VALUES, max_size=5))

    before = ours.anna.get(f"/cases/{case['id']}").json
    previewed = ours.anna.post(f"/cases/{case['id']}/preview", {"command": name, **keywords})
    answer = ours.anna.do(case["id"], name, **keywords)
    after = ours.anna.get(f"/cases/{case['id']}").json

    assert previewed.status_code < 500
    assert answer.status_code < 500
    assert answer.status_code == 200 or after == before
    if previewed.status_code == 200 and previewed.json["refusal"] is None:
        assert answer.status_code == 200


POSTS = [
    one for one in OPERATIONS if one.method == "POST" and "{" not in one.path and "deploy" not in one.path
]
FIELDS = ["key", "data", "version", "business_key", "name", "case_id", "correlation", "message_id", "topic", "worker",
          "max_jobs", "lock_seconds"]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    operation=some.sampled_from(POSTS),
    body=VALUES | some.dictionaries(some.sampled_from(FIELDS), VALUES),
)
def test_no_body_breaks_anything(ours, operation, body):
    assert ours.anna.post(operation.path, json=body).status_code < 500


GETS = [one for one in OPERATIONS if one.query is not None and "{" not in one.path]


@settings(max_examples=150, deadline=None)
@given(data=some.data())
def test_no_parameter_breaks_anything(ours, data):
    operation = data.draw(some.sampled_from(GETS))
    texts = TEXTS.filter(lambda text: "\ud800" not in text) | some.text(
        some.characters(exclude_categories=["Cs"]), max_size=5
    )
    query = data.draw(some.dictionaries(some.sampled_from(names_of(operation)), texts, max_size=3))

    assert ours.anna.get(operation.path, query_string=query).status_code < 500


@settings(max_examples=50, deadline=None)
@given(header=some.text(some.characters(min_codepoint=32, max_codepoint=255), max_size=20))
def test_no_header_breaks_anything(ours, header):
    for name in ("Authorization", "Idempotency-Key", "If-Match", "If-None-Match", "Content-Type"):
        answer = ours.anna.post("/cases/x/commands", data=b"{}", headers={name: header})

        assert answer.status_code < 500


@pytest.mark.skipif(not HOSTILE.is_dir(), reason="the hostile files lie beside a working copy only")
def test_no_hostile_file_breaks_anything(ours):
    files = sorted(path for path in HOSTILE.rglob("*") if path.suffix in (".bpmn", ".dmn", ".zip", ".form"))
    assert files

    statuses = {}
    for path in files:
        data = {"file": (io.BytesIO(path.read_bytes()), path.name)}
        answer = ours.anna.post("/deployments", data=data, content_type="multipart/form-data")
        statuses[path.name] = answer.status_code

    assert {name: status for name, status in statuses.items() if status >= 500} == {}
