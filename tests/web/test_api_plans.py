"""Plans, templates and checklists over HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from calling import House, house
from drawing import draw


@pytest.fixture
def ours() -> Iterator[House]:
    with house(anna=["clerks"]) as opened:
        opened.anna.deploy(lease=draw("Check > Send", key="lease"))
        yield opened


@pytest.fixture
def case(ours: House) -> str:
    return str(ours.anna.post("/cases", {"key": "lease"}).json["id"])


WORKS = [
    {"name": "Ask", "goal": "We know", "checklist": ["call", {"name": "write", "required": True}]},
    {"name": "Visit", "due": "P2D"},
]


def test_a_plan_is_written_changed_and_read(ours: House, case: str) -> None:
    assert ours.anna.do(case, "Plan", tasks=WORKS, title="Getting there", in_turn=True).status_code == 200

    [plan] = ours.anna.get(f"/cases/{case}/plans").json
    assert (plan["title"], plan["place"], plan["in_turn"], plan["by"]) == (
        "Getting there",
        "case",
        True,
        "anna",
    )
    assert [(one["name"], one["progress"], one["due"]) for one in plan["tasks"]] == [
        ("Ask", "open", None), ("Visit", "to come", "P2D"),
    ]  # fmt: skip

    asked, visit = plan["tasks"]
    answer = ours.anna.do(
        case, "Replan", plan_id=plan["id"], order=[visit["id"]], add=[{"name": "Archive"}],
        change=[{"task_id": asked["id"], "goal": None, "assignee": "anna"}],
    )  # fmt: skip
    assert answer.status_code == 200
    [plan] = ours.anna.get(f"/cases/{case}/plans").json
    assert [(one["name"], one["goal"], one["assignee"]) for one in plan["tasks"]] == [
        ("Visit", None, None), ("Ask", None, "anna"), ("Archive", None, None),
    ]  # fmt: skip


def test_a_checklist_is_ticked(ours: House, case: str) -> None:
    ours.anna.do(case, "Insert", **WORKS[0])
    [task] = [one for one in ours.anna.get("/tasks").json if one["name"] == "Ask"]
    assert ours.anna.do(case, "Complete", task_id=task["id"]).status_code == 409

    ours.anna.do(case, "Tick", task_id=task["id"], item="write")

    assert ours.anna.get(f"/tasks/{task['id']}").json["checklist"] == [
        {"name": "call", "required": False, "done": False, "by": None},
        {"name": "write", "required": True, "done": True, "by": "anna"},
    ]
    assert ours.anna.do(case, "Complete", task_id=task["id"]).status_code == 200


def test_a_template_is_saved_listed_used_and_dropped(ours: House, case: str) -> None:
    saved = ours.anna.post("/templates", {"name": "Usual", "tasks": WORKS, "rule": "any"})
    assert (saved.status_code, saved.json["by"], saved.json["rule"]) == (201, "anna", "any")
    assert [one["name"] for one in ours.anna.get("/templates").json] == ["Usual"]

    assert ours.anna.do(case, "Insert", template="Usual", before="send").status_code == 200
    [plan] = ours.anna.get(f"/cases/{case}/plans").json
    copied = ours.anna.post("/templates", {"name": "Copy", "case_id": case, "plan_id": plan["id"]})
    assert copied.json["works"] == saved.json["works"]

    assert ours.anna.call("DELETE", "/templates?name=Usual").status_code == 204
    assert ours.anna.call("DELETE", "/templates?name=Usual").status_code == 404
    assert [one["name"] for one in ours.anna.get("/templates").json] == ["Copy"]


def test_a_template_that_makes_no_sense_is_refused(ours: House) -> None:
    assert ours.anna.post("/templates", {"name": "Usual"}).status_code == 422
    assert ours.anna.post("/templates", {"name": "Usual", "tasks": [{"colour": "red"}]}).status_code == 422
