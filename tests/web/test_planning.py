"""Plans, checklists and approvals on the pages: written, changed, saved, ticked, asked for and answered."""

from __future__ import annotations

import pytest
from drawing import draw

from caseloom import adhoc
from caseloom.adhoc import Insert, Plan, RequestApproval, Revisit
from caseloom.engine import Complete, Engine
from caseloom.web.app import create_app
from caseloom.web.demo import StoryClock
from caseloom.web.people import People


@pytest.fixture
def path(case):
    return f"/cases/{case.id}"


def task(engine, name):
    return next(found for found in engine.tasks(held=True) if found.name == name)


def planned(engine, case, *names, **more):
    engine.do(case.id, Plan([Insert(name) for name in names], title="Getting there", **more), by="anna")
    return adhoc.plans(engine, case.id)[0]


def names(engine, case):
    return [f"{one.name}: {one.progress}" for one in adhoc.plans(engine, case.id)[0].tasks]


# -- plans -----------------------------------------------------------------------------------------------


def test_a_plan_is_written_and_shown_on_the_page_of_its_case(engine, case, anna, path, find):
    assert find(anna.get(path), "plans") == ["Plan Write a plan Nothing is planned besides the drawing."]

    anna.get(f"{path}/plans/new")
    answer = anna.post(
        f"{path}/plans/new", {"title": "Getting there", "names": "Ask\nVisit", "in_turn": "true"}
    )

    assert (answer.status_code, answer.location) == (303, path)
    assert names(engine, case) == ["Ask: open", "Visit: to come"]
    (said,) = find(anna.get(path), "plans")
    assert "Getting there One after the other Change" in said
    assert "Ask open" in said
    assert "Visit to come" in said


def test_a_plan_without_tasks_is_not_written(engine, case, anna, path):
    answer = anna.post(f"{path}/plans/new", {"title": "Nothing", "names": " "})

    assert answer.status_code == 422
    assert "A plan needs at least one task." in answer.get_data(as_text=True)


def test_a_plan_is_changed_line_by_line(engine, case, anna, path, page):
    plan = planned(engine, case, "Ask", "Visit", "Report", in_turn=True)
    form = page(anna.get(f"{path}/plans/{plan.id}")).xpath("//form[@data-testid='plan-form']")[0]
    sent = {
        field.get("name"): field.get("value") or (field.text or "")
        for field in form.xpath(".//input[not(@type='checkbox')] | .//textarea")
        if field.get("name") != "csrf_token"
    }
    ask, visit, report = (one.id for one in plan.tasks)
    sent |= {
        f"place-{report}": "2", f"place-{visit}": "3", f"name-{report}": "Write it down",
        f"goal-{report}": "It is written",
        f"who-{report}": "group:survey", f"due-{report}": "P3D", f"checklist-{report}": "read\nsign !",
        f"remove-{ask}": "true", "add": "Archive", "in_turn": "true",
    }  # fmt: skip

    assert anna.post(f"{path}/plans/{plan.id}", sent).status_code == 303

    assert names(engine, case) == ["Write it down: open", "Visit: to come", "Archive: to come"]
    written = task(engine, "Write it down")
    assert (list(written.candidate_groups), written.goal) == (["survey"], "It is written")
    assert [(item.name, item.required) for item in written.checklist] == [("read", False), ("sign", True)]


def test_nothing_typed_changes_nothing(engine, case, anna, path, page):
    plan = planned(engine, case, "Ask", "Visit")
    form = page(anna.get(f"{path}/plans/{plan.id}")).xpath("//form[@data-testid='plan-form']")[0]
    sent = {
        field.get("name"): field.get("value") or (field.text or "")
        for field in form.xpath(".//input[not(@type='checkbox')] | .//textarea")
        if field.get("name") != "csrf_token"
    }

    anna.post(f"{path}/plans/{plan.id}", sent)

    assert adhoc.plans(engine, case.id)[0].tasks == plan.tasks


def test_a_date_that_is_none_is_said_on_the_page(engine, case, anna, path):
    plan = planned(engine, case, "Ask")

    answer = anna.post(
        f"{path}/plans/{plan.id}", {f"name-{plan.tasks[0].id}": "Ask", f"due-{plan.tasks[0].id}": "soon"}
    )

    assert answer.status_code == 422
    assert "“soon” is neither a date" in answer.get_data(as_text=True)


def test_a_plan_is_saved_and_the_next_case_begins_with_it(engine, case, anna, path):
    plan = planned(engine, case, "Ask", "Visit")
    anna.get(f"{path}/plans/{plan.id}")

    anna.post(f"{path}/plans/{plan.id}/save", {"template": "Usual"})
    other = engine.start("lease", by="anna")
    anna.post(f"/cases/{other.id}/plans/new", {"template": "Usual", "names": ""})

    assert names(engine, other) == ["Ask: open", "Visit: open"]


def test_saved_work_or_a_process_is_inserted_instead_of_a_task(engine, case, anna, path, find):
    engine.save_template("Usual", [Insert("Ask"), Insert("Visit")])
    engine.deploy(("survey.bpmn", draw("Measure", key="survey", name="Survey")))

    preview = anna.post(
        f"{path}/insert/preview", {"names": "", "anchor": "before:draft", "template": "Usual"}
    )
    assert "“Usual” comes before “Draft”." in find(preview, "consequences")[0]
    preview = anna.post(f"{path}/insert/preview", {"anchor": "case:", "process": "survey"})
    assert "Opens now" in find(preview, "consequences")[0]
    assert "Measure" in find(preview, "consequences")[0]


# -- checklists ------------------------------------------------------------------------------------------


def test_a_checklist_is_ticked_on_the_page_of_its_task(engine, case, anna, find):
    engine.do(case.id, Insert("Ask", checklist=["call", {"name": "write", "required": True}]))
    own = task(engine, "Ask").id
    assert find(anna.get(f"/tasks/{own}"), "checklist") == ["Checklist call write must be done"]

    anna.post(f"/tasks/{own}/tick", {"item": "write", "done": "true"})
    assert [item.done for item in engine.task(own).checklist] == [False, True]
    anna.post(f"/tasks/{own}/tick", {"item": "write", "done": "false"})

    assert [item.done for item in engine.task(own).checklist] == [False, False]
    assert anna.post(f"/tasks/{own}/complete").status_code == 409


# -- approvals -------------------------------------------------------------------------------------------


@pytest.fixture
def house():
    with Engine(
        "sqlite://", clock=StoryClock(), people=lambda user: People(engine.database).person(user)
    ) as engine:
        for user, groups in {"anna": ["clerks"], "bo": ["survey"]}.items():
            People(engine.database).put(user, user.title(), password=None, groups=groups)
        engine.deploy(
            ("lease.bpmn", draw("Register <groups=clerks> > Check <groups=survey> > Draft", key="lease"))
        )
        yield engine


@pytest.fixture
def visit(house, visitor):
    """Somebody who is signed in at that house: `visit("anna")`."""
    app = create_app(house, secret_key="for tests")
    return lambda user: type(visitor)(app).signed_in(user)


@pytest.fixture
def asked(house):
    """Register is done by anna, Check by bo."""
    case = house.start("lease")
    house.do(case.id, Complete(task(house, "Register").id), by="anna")
    house.do(case.id, Complete(task(house, "Check").id), by="bo")
    return case


def test_what_one_may_not_do_alone_is_offered_and_asked_for(house, asked, page, find, visit):
    anna = visit("anna")
    form = page(anna.get(f"/cases/{asked.id}/revisit"))
    (target,) = form.xpath("//label[contains(., 'Register')]/input[@name='target']/@value")
    assert "others have to agree" in form.xpath("string(//label[contains(., 'Register')])")

    preview = anna.post(f"/cases/{asked.id}/revisit/preview", {"target": target, "reason": "wrong plot"})
    assert find(preview, "ask") == ["Ask for approval"]
    assert "It can be done if Bo agrees." in find(preview, "consequences")[0]
    anna.post(f"/cases/{asked.id}/revisit/ask", {"target": target, "reason": "wrong plot"})

    assert task(house, "Approve: go back to “Register”").candidate_users == ("bo",)


def test_an_approval_is_answered_on_its_page(house, asked, find, visit):
    house.do(asked.id, RequestApproval(Revisit("register", reason="wrong plot")), by="anna")
    request = task(house, "Approve: go back to “Register”").id
    bo = visit("bo")
    anna = visit("anna")
    assert find(anna.get(f"/tasks/{request}"), "approve") == []
    assert find(bo.get(f"/tasks/{request}"), "approve") == ["Approve"]
    assert find(bo.get(f"/tasks/{request}"), "complete") == []

    assert bo.post(f"/tasks/{request}/reject", {"reason": ""}).status_code == 422
    bo.post(f"/tasks/{request}/approve", {"reason": "go on"})

    assert [one.name for one in house.tasks()] == ["Register"]
    assert "A change was approved" in find(bo.get(f"/cases/{asked.id}"), "timeline")[0]


def test_a_no_is_told_to_who_asked(house, asked, visit):
    house.do(asked.id, RequestApproval(Revisit("register", reason="wrong plot")), by="anna")
    request = task(house, "Approve: go back to “Register”").id
    bo = visit("bo")

    bo.post(f"/tasks/{request}/reject", {"reason": "it is right"})

    assert task(house, "Not approved: go back to “Register”").assignee == "anna"


def test_buttons_that_lead_nowhere_for_a_person_look_so(house, asked, page, visit):
    def idle(user):
        buttons = page(visit(user).get(f"/cases/{asked.id}")).xpath("//a[contains(@class, 'button-idle')]")
        return [button.get("data-testid") for button in buttons]

    assert idle("bo") == ["undo"]
    house.do(asked.id, Insert("Ask"), by="bo")

    assert idle("bo") == []
