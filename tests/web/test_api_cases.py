"""Cases over HTTP: started, looked at, worked, bent, with the headers that make it safe."""

from __future__ import annotations

import pytest
from calling import House, house
from drawing import draw

from caseloom.adhoc import Insert, RequestApproval, Skip
from caseloom.engine import Complete, Engine
from caseloom.web.api.commands import COMMANDS, ordered

LEASE = draw("Register > ( Check plot <groups=survey> | Check applicant ) > Draft > Send", key="lease")


@pytest.fixture
def ours():
    with house(anna=["clerks"], bo=["survey"], mara=["case-managers"]) as opened:
        opened.anna.deploy(lease=LEASE)
        yield opened


@pytest.fixture
def case(ours):
    return ours.anna.post("/cases", {"key": "lease", "data": {"amount": 5}, "business_key": "A-17"}).json


def names(case):
    return [task["name"] for task in case["tasks"]]


def test_a_started_case_says_where_it_is_and_at_which_revision(ours):
    answer = ours.anna.post("/cases", {"key": "lease", "data": {"amount": 5}, "business_key": "A-17"})

    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/api/v1/cases/{answer.json['id']}"
    assert answer.headers["ETag"] == '"1"'
    assert names(answer.json) == ["Register"]
    assert (answer.json["data"], answer.json["business_key"]) == ({"amount": 5}, "A-17")
    assert ours.engine.history(answer.json["id"])[0].by == "anna"


def test_the_same_idempotency_key_twice_is_one_case(ours):
    first = ours.anna.post("/cases", {"key": "lease"}, headers={"Idempotency-Key": "k-1"})
    again = ours.anna.post("/cases", {"key": "lease"}, headers={"Idempotency-Key": "k-1"})

    assert first.json["id"] == again.json["id"]
    assert len(ours.engine.cases()) == 1


def test_the_same_idempotency_key_twice_is_one_command(ours, case):
    command = {"command": "SetData", "data": {"n": 1}}

    for _ in range(2):
        answer = ours.anna.post(f"/cases/{case['id']}/commands", command, headers={"Idempotency-Key": "k-2"})

        assert (answer.status_code, answer.json["revision"]) == (200, 2)


def test_an_older_version_is_started_by_its_number(ours):
    ours.anna.deploy(lease=draw("Only > Newer", key="lease"))

    old = ours.anna.post("/cases", {"key": "lease", "version": 1}).json
    new = ours.anna.post("/cases", {"key": "lease"}).json

    assert (names(old), names(new)) == (["Register"], ["Only"])


def test_a_case_shows_what_ran_in_it(ours, case):
    answer = ours.anna.get(f"/cases/{case['id']}")

    assert [(one["element_id"], one["state"]) for one in answer.json["occurrences"]][-1] == (
        "register",
        "active",
    )
    assert answer.headers["ETag"] == '"1"'


def test_a_case_that_has_not_changed_is_not_sent_again(ours, case):
    answer = ours.anna.get(f"/cases/{case['id']}", headers={"If-None-Match": '"1"'})

    assert (answer.status_code, answer.data) == (304, b"")


def test_work_goes_through_to_the_end(ours, case):
    while case["tasks"]:
        task = case["tasks"][0]
        case = ours.mara.do(case["id"], "Complete", task_id=task["id"], data={task["element_id"]: True}).json

    assert case["status"] == "completed"
    assert case["ended_at"].endswith("Z")
    assert case["data"]["send"] is True


def test_rights_are_those_of_the_person_of_the_token(ours, case):
    case = ours.anna.do(case["id"], "Complete", task_id=case["tasks"][0]["id"]).json
    plot = next(task["id"] for task in case["tasks"] if task["name"] == "Check plot")

    refused = ours.anna.do(case["id"], "Claim", task_id=plot)
    taken = ours.bo.do(case["id"], "Claim", task_id=plot)

    assert (refused.status_code, refused.json["type"]) == (403, "urn:caseloom:problem:not-allowed")
    assert "Check plot" in refused.json["detail"]
    assert next(task["assignee"] for task in taken.json["tasks"] if task["id"] == plot) == "bo"


def test_another_revision_than_was_matched_is_a_conflict(ours, case):
    register = case["tasks"][0]["id"]
    ours.anna.do(case["id"], "Claim", task_id=register)

    stale = ours.anna.do(case["id"], "Complete", {"If-Match": '"1"'}, task_id=register)
    fresh = ours.anna.do(case["id"], "Complete", {"If-Match": '"2"'}, task_id=register)

    assert (stale.status_code, fresh.status_code) == (409, 200)
    assert "revision 2" in stale.json["detail"]


@pytest.mark.parametrize("match", ['"one"', "W/", '"1", "2"', '"-1"'])
def test_a_match_that_is_no_revision_is_refused(ours, case, match):
    answer = ours.anna.do(case["id"], "SetData", {"If-Match": match}, data={})

    assert answer.status_code == 422
    assert "If-Match" in answer.json["detail"]


def test_any_revision_matches_the_star(ours, case):
    assert ours.anna.do(case["id"], "SetData", {"If-Match": "*"}, data={"n": 1}).status_code == 200


def test_a_preview_changes_nothing_and_its_token_holds(ours, case):
    order = {"command": "Skip", "target": "register", "reason": "known"}

    preview = ours.anna.post(f"/cases/{case['id']}/preview", order).json

    assert [one["name"] for one in preview["opened"]] == ["Check plot", "Check applicant"]
    assert ours.anna.get(f"/cases/{case['id']}").json["revision"] == 1
    done = ours.anna.do(case["id"], **order, preview=preview["token"])
    assert names(done.json) == ["Check plot", "Check applicant"]


def test_a_preview_that_no_longer_holds_is_a_conflict(ours, case):
    order = {"command": "Skip", "target": "register", "reason": "known"}

    answer = ours.anna.do(case["id"], **order, preview="0" * 32)

    assert answer.status_code == 409


def test_a_preview_tells_a_refusal_and_is_none_itself(ours, case):
    answer = ours.anna.post(
        f"/cases/{case['id']}/preview", {"command": "Skip", "target": "draft", "reason": "known"}
    )

    assert (answer.status_code, answer.json["token"]) == (200, None)
    assert "Draft" in answer.json["refusal"]


def test_a_preview_of_a_case_that_is_not_there_is_not_found(ours):
    answer = ours.anna.post("/cases/nowhere/preview", {"command": "Resume"})

    assert answer.status_code == 404


def test_several_tasks_are_inserted_at_once(ours, case):
    order = {
        "tasks": [{"name": "Ask A"}, {"name": "Ask B", "due": "P3D"}],
        "rule": "any",
        "reason": "unclear",
    }

    answer = ours.anna.do(case["id"], "Insert", before="register", **order)

    assert names(answer.json) == ["Ask A", "Ask B"]
    assert answer.json["tasks"][1]["due_at"] is not None
    assert ours.anna.do(case["id"], "Insert.many", **order).status_code == 200


def test_what_may_be_done_and_undone_is_listed(ours, case):
    ours.anna.do(case["id"], "Insert", name="Ask the surveyor", after="register", reason="disputed")

    options = ours.anna.get(f"/cases/{case['id']}/options").json

    assert "register" in [one["element_id"] for one in options["skip"]]
    assert {name: options["insert"][0][name] for name in ("kind", "id")} == {"kind": "case", "id": None}
    undone = ours.anna.do(case["id"], "Undo", change_id=options["undo"][0]["id"])
    assert undone.status_code == 200
    assert ours.anna.get(f"/cases/{case['id']}/options").json["undo"] == []


def test_a_step_is_done_again(ours, case):
    register = case["tasks"][0]["id"]
    ours.anna.do(case["id"], "Complete", task_id=register, data={"plot": "A"})

    again = ours.anna.do(
        case["id"], "Revisit", target="register", reason="wrong plot", data_policy={"plot": "clear"}
    )

    assert names(again.json) == ["Register"]
    assert again.json["data"] == {"amount": 5}


def test_the_journal_says_who_when_and_why_page_by_page(ours, case):
    ours.bo.do(case["id"], "SetData", data={"n": 1}, reason="a slip")
    path = f"/cases/{case['id']}/history?limit=1"

    first = ours.anna.get(path)
    second = ours.anna.get(first.headers["Link"].partition(">")[0].lstrip("<"))

    assert [row["command"] for row in first.json] == ["Start"]
    assert [(row["by"], row["reason"]) for row in second.json] == [("bo", "a slip")]
    assert "Link" not in second.headers


def test_cases_are_listed_page_by_page(ours):
    ids = [ours.anna.post("/cases", {"key": "lease"}).json["id"] for _ in range(3)]

    first = ours.anna.get("/cases?limit=2&key=lease&status=running")
    rest = ours.anna.get(first.headers["Link"].partition(">")[0].lstrip("<"))

    assert [case["id"] for case in first.json + rest.json] == ids
    assert "Link" not in rest.headers


def test_cases_are_found_by_what_is_in_their_file(ours):
    for amount in (5, 500):
        ours.anna.post("/cases", {"key": "lease", "data": {"amount": amount}, "business_key": str(amount)})

    def found(**query):
        return [case["business_key"] for case in ours.anna.get("/cases", query_string=query).json]

    assert found(where="amount > 100") == ["500"]
    assert found(where='{"amount": 5}') == ["5"]
    assert found(business_key="500") == ["500"]


EXAMPLES = {
    "Claim": {"task_id": "t"},
    "Unclaim": {"task_id": "t"},
    "Assign": {"task_id": "t", "user": "bo"},
    "Complete": {"task_id": "t", "data": {"a": 1}},
    "SaveDraft": {"task_id": "t", "data": {}},
    "SetData": {"data": {"a": 1}, "reason": "r"},
    "Suspend": {"reason": "r"},
    "Resume": {},
    "Cancel": {"reason": "r"},
    "Retry": {"incident_id": "i", "data": {"a": 1}},
    "Insert": {"name": "n", "after": "x", "groups": ["g"], "due": "2026-03-01T09:00:00Z", "repeat": "every"},
    "Insert.many": {"tasks": [{"name": "a"}], "rule": 1, "scope": "s"},
    "Skip": {"target": "t", "reason": "r", "data": {"a": 1}, "when": "next", "item": 1, "missing": ["b"]},
    "StartActivity": {"element_id": "e", "data": {"a": 1}},
    "CompleteSubProcess": {"target": "t", "reason": "r"},
    "RemoveDirective": {"directive": "o", "reason": "r"},
    "JumpTo": {"target": "t", "reason": "r", "branch": "b", "data": {"a": 1}, "missing": ["b"]},
    "StartNow": {"element": "e", "reason": "r"},
    "Repeat": {"target": "t", "reason": "r", "after": "a"},
    "Reopen": {"reason": "r", "target": "t", "effects": "note"},
    "AddItem": {"target": "t", "value": {"a": 1}, "reason": "r"},
    "RemoveItem": {"target": "t", "item": 1, "reason": "r"},
    "Move": {"element": "e", "before": "b", "reason": "r"},
    "Replace": {"element": "e", "by": {"name": "n"}, "reason": "r"},
    "Swap": {"first": "a", "second": "b", "reason": "r"},
    "AddWait": {"first": "a", "then": "b", "reason": "r"},
    "ReleaseWait": {"first": "a", "then": "b", "reason": "r"},
    "Revisit": {
        "target": "t",
        "reason": "r",
        "data_policy": "revert",
        "effects": {"e": "note"},
        "reuse": "never",
        "also": ["u"],
        "timers": "resume",
        "extend": "P3D",
        "messages": {"m": "reuse"},
        "detach": ["late"],
    },
    "RequestApproval": {"change": {"command": "Skip", "target": "t", "reason": "r"}, "reason": "r"},
    "Approve": {"task_id": "t", "reason": "r"},
    "Reject": {"task_id": "t", "reason": "r"},
    "Tick": {"task_id": "t", "item": "call", "done": False},
    "Plan": {
        "title": "p",
        "in_turn": True,
        "template": "usual",
        "scope": "s",
        "at_end": "finish",
        "blocking": False,
    },
    "Edit": {"task_id": "t", "name": "n", "assignee": None, "groups": ["g"], "checklist": ["call"]},
    "Remove": {"task_id": "t", "reason": "r"},
    "Replan": {"plan_id": "p", "title": "n", "in_turn": False, "remove": ["a"], "order": ["b", "c"]},
    "Migrate": {"version": 2, "mapping": {"a": "b"}, "reason": "r"},
    "Reapply": {"entry_id": "e"},
    "Dismiss": {"entry_id": "e", "reason": "r"},
    "Undo": {"change_id": "c"},
    "Decide": {"gateway": "g", "flows": ["f"], "reason": "r"},
}


READ = ("due", "by")  # what is not sent as it is kept


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_known_by_its_class_name_and_keywords(name):
    command = ordered({"command": name, **EXAMPLES[name]}).command

    if name == "RequestApproval":
        assert command == RequestApproval(Skip("t", reason="r"), reason="r")
        return
    if name == "Insert.many":
        assert command == Insert.many([Insert("a")], rule=1, scope="s")
        return
    assert type(command).__name__ == name
    assert {key: value for key, value in EXAMPLES[name].items() if key not in READ} == {
        key: getattr(command, key) for key in EXAMPLES[name] if key not in READ
    }


def test_a_draft_is_kept_for_the_person_who_typed_it(ours, case):
    task = case["tasks"][0]["id"]
    ours.anna.do(case["id"], "SaveDraft", task_id=task, data={"plot": "half"})

    assert ours.anna.get(f"/tasks/{task}/draft").json == {"plot": "half"}
    assert ours.bo.get(f"/tasks/{task}/draft").json == {}


def test_an_embedded_engine_without_people_takes_the_person_at_their_word():
    with Engine("sqlite://") as engine:
        ours = House(engine, {"anna": ()})
        ours.anna.deploy(lease=LEASE)
        case = ours.anna.post("/cases", {"key": "lease"}).json
        engine.do(case["id"], Complete(case["tasks"][0]["id"]))

        plot = next(task for task in ours.anna.get("/tasks").json if task["name"] == "Check plot")

        assert ours.anna.do(case["id"], "Claim", task_id=plot["id"]).status_code == 200


def test_what_has_left_the_house_is_listed_with_what_became_of_it(ours):
    ours.anna.deploy(letters=draw("A > @send letter Send > B", key="letters"))
    case = ours.anna.post("/cases", {"key": "letters"}).json
    ours.engine.service("letter")(lambda job: None)
    ours.anna.do(case["id"], "Complete", task_id=case["tasks"][0]["id"])

    ours.mara.do(case["id"], "Revisit", target="a", reason="wrong", effects={"send": "note"})

    [effect] = ours.anna.get(f"/cases/{case['id']}/effects").json
    assert (effect["occurrence"]["element_id"], effect["kind"]) == ("send", "irreversible")
    assert (effect["state"], effect["by"]) == ("noted", "mara")
    assert effect["idempotency_key"].endswith("send#1")


def test_the_tray_of_a_case_is_looked_at_and_emptied(ours):
    ours.anna.deploy(paid=draw("A > @message payment > B", key="paid"))
    case = ours.anna.post("/cases", {"key": "paid"}).json
    ours.anna.do(case["id"], "Complete", task_id=case["tasks"][0]["id"])
    ours.anna.post("/messages", {"name": "payment", "case_id": case["id"], "data": {"amount": 5}})
    order = {"command": "Revisit", "target": "a", "reason": "wrong"}
    [message] = ours.mara.post(f"/cases/{case['id']}/preview", order).json["messages"]
    assert (message["name"], message["choices"]) == ("payment", ["await", "reuse"])
    revisited = ours.mara.post(f"/cases/{case['id']}/commands", order).json
    ours.anna.do(case["id"], "Complete", task_id=revisited["tasks"][0]["id"])

    [entry] = ours.anna.get(f"/cases/{case['id']}/tray").json
    assert (entry["name"], entry["why"], entry["data"]) == ("payment", "superseded", {"amount": 5})
    assert ours.anna.do(case["id"], "Reapply", entry_id=entry["id"]).status_code == 403
    answer = ours.mara.do(case["id"], "Reapply", entry_id=entry["id"])

    assert names(answer.json) == ["B"]
    assert ours.anna.get(f"/cases/{case['id']}/tray").json == []


def test_the_orders_to_skip_something_are_told_with_what_became_of_them(ours, case):
    ours.anna.do(
        case["id"], "Skip", target="draft", reason="known", when="next", until="2999-01-01T00:00:00Z"
    )

    [order] = ours.anna.get(f"/cases/{case['id']}/orders").json

    assert (order["element_id"], order["state"], order["fired"]) == ("draft", "standing", 0)
    answer = ours.anna.do(case["id"], "RemoveDirective", directive=order["id"], reason="no")
    assert answer.status_code == 200, answer.json
    assert [one["state"] for one in ours.anna.get(f"/cases/{case['id']}/orders").json] == ["lifted"]
