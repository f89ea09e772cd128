"""The page of a task: form, draft, earlier answers, completing, handing over."""

from __future__ import annotations

import json

import pytest
from drawing import draw

from caseloom.adhoc import Insert, Revisit
from caseloom.engine import Complete

FORM = json.dumps(
    {
        "id": "report",
        "type": "default",
        "components": [
            {"type": "textfield", "key": "tenant", "label": "Tenant", "validate": {"required": True}},
            {"type": "number", "key": "rooms", "label": "Rooms"},
            {
                "type": "textfield",
                "key": "why",
                "label": "Why so many?",
                "conditional": {"hide": "=rooms = null or rooms < 5"},
            },
        ],
    }
)


@pytest.fixture
def report(engine):
    """A case whose first task has a deployed form."""
    xml = draw("Report > Check", key="fault", attributes={"report": {"camunda:formKey": "report.form"}})
    engine.deploy(("report.bpmn", xml), ("report.form", FORM.encode()))
    return engine.start("fault")


def task(case, name):
    return next(found for found in case.tasks if found.name == name)


def test_a_deployed_form_is_shown_and_its_answers_go_into_the_case_file(engine, report, anna, page):
    path = f"/tasks/{task(report, 'Report').id}"

    shown = page(anna.get(path))
    answer = anna.post(f"{path}/complete", {"tenant": "Ida", "rooms": "3"})

    assert [label.text.strip() for label in shown.xpath("//form[@data-testid='task-form']//label")] == [
        "Tenant",
        "Rooms",
        "Why so many?",
    ]
    assert answer.status_code == 303
    assert engine.case(report.id).data == {"tenant": "Ida", "rooms": 3}


def test_a_missing_answer_is_asked_for_and_what_was_typed_stays(engine, report, anna, page):
    path = f"/tasks/{task(report, 'Report').id}"
    anna.get(path)

    answer = anna.post(f"{path}/complete", {"tenant": "", "rooms": "3"})

    assert answer.status_code == 422
    assert "This is needed." in answer.text
    assert page(answer).xpath("//input[@name='rooms']/@value") == ["3"]
    assert page(answer).xpath("//input[@name='tenant']/@aria-invalid") == ["true"]
    assert [found.name for found in engine.case(report.id).tasks] == ["Report"]


def test_a_draft_is_kept_for_the_person_and_is_no_case_data(engine, report, anna, bo, page):
    path = f"/tasks/{task(report, 'Report').id}"
    anna.get(path)

    answer = anna.post(f"{path}/draft", {"tenant": "Ida", "rooms": "7"}, htmx=True)

    assert "Draft saved" in answer.text
    assert json.loads(answer.headers["HX-Trigger"]) == {"caseloom:fields": {"hidden": []}}
    assert page(anna.get(path)).xpath("//input[@name='tenant']/@value") == ["Ida"]
    assert page(bo.get(path)).xpath("//input[@name='tenant']/@value") == [""]
    assert engine.case(report.id).data == {}


def test_saving_for_later_works_without_scripts(report, anna):
    path = f"/tasks/{task(report, 'Report').id}"
    anna.get(path)

    answer = anna.post(f"{path}/draft", {"tenant": "Ida"})

    assert (answer.status_code, answer.location) == (303, path)


def test_a_field_is_hidden_until_it_is_needed(report, anna, page):
    path = f"/tasks/{task(report, 'Report').id}"

    assert page(anna.get(path)).xpath("//*[@data-field='why']/@hidden")
    anna.post(f"{path}/draft", {"rooms": "7"})
    assert not page(anna.get(path)).xpath("//*[@data-field='why']/@hidden")


def test_after_completing_one_reads_where_the_case_went_and_what_is_next(engine, case, anna, find):
    engine.do(case.id, Insert("Call the tenant", assignee="anna"))
    path = f"/tasks/{task(case, 'Register').id}"
    anna.get(path)

    answer = anna.get(anna.post(f"{path}/complete").location)

    assert "“Register” is done" in answer.text
    assert find(answer, "onward") == ["The case is now at Call the tenant, Check plot and Check applicant."]
    assert find(answer, "next-task") == ["Open Call the tenant"]


def test_the_last_step_ends_the_case_and_the_page_says_so(engine, anna, find):
    engine.deploy(("one.bpmn", draw("Work", key="one")))
    path = f"/tasks/{engine.start('one').tasks[0].id}"
    anna.get(path)

    answer = anna.get(anna.post(f"{path}/complete").location)

    assert find(answer, "onward") == ["That was the last step: the case is complete."]


def test_a_task_without_a_form_takes_values_by_name(engine, case, anna):
    path = f"/tasks/{task(case, 'Register').id}"
    anna.get(path)

    anna.post(f"{path}/complete", [("free-name", "amount"), ("free-value", "120")])

    assert engine.case(case.id).data["amount"] == 120


def test_earlier_answers_are_offered_again_after_going_back(engine, report, anna, page):
    engine.do(report.id, Complete(task(report, "Report").id, data={"tenant": "Ida", "rooms": 3}))
    case = engine.do(report.id, Revisit("report", reason="wrong tenant"))

    answer = anna.get(f"/tasks/{task(case, 'Report').id}")

    assert "This step was worked on before" in answer.text
    assert "Answered before: Ida" in answer.text
    assert page(answer).xpath("//input[@name='tenant']/@value") == ["Ida"]


def test_a_task_that_is_already_done_is_refused_in_plain_words(engine, case, anna):
    path = f"/tasks/{task(case, 'Register').id}"
    engine.do(case.id, Complete(task(case, "Register").id), by="bo")

    answer = anna.get(path)

    assert answer.status_code == 409
    assert "“Register” is already done: someone was quicker." in answer.text


def test_a_task_on_hold_cannot_be_completed_yet(engine, case, anna, page):
    held = task(case, "Register")
    engine.do(case.id, Insert("Ask first", before="register"))

    answer = anna.get(f"/tasks/{held.id}")

    assert "Other work in this case comes first" in answer.text
    assert page(answer).xpath("//button[@data-testid='complete']/@disabled")
    assert anna.post(f"/tasks/{held.id}/complete").status_code == 409


def test_a_task_can_be_handed_over(engine, case, anna):
    found = task(case, "Register")
    anna.get(f"/tasks/{found.id}")

    anna.post(f"/tasks/{found.id}/assign", {"user": "bo"})

    assert engine.task(found.id).assignee == "bo"


def test_an_address_that_leads_nowhere_is_answered_in_plain_words(anna):
    answer = anna.get("/tasks/nothing")

    assert answer.status_code == 404
    assert "This is not here" in answer.text


def test_a_draft_that_cannot_be_saved_leaves_the_page_as_it_is(engine, case, anna):
    path = f"/tasks/{task(case, 'Register').id}"
    anna.get(path)
    engine.do(case.id, Complete(task(case, "Register").id), by="bo")

    answer = anna.post(f"{path}/draft", headers={"HX-Request": "true", "HX-Request-Type": "partial"})

    assert answer.status_code == 409
    assert answer.text.startswith("Something has changed meanwhile. “Register” is already done")
    assert "<html" not in answer.text
