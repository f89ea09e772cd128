"""Insert, skip, go back and undo from the page: a form, a preview, the change."""

from __future__ import annotations

import json

import pytest
from drawing import draw

from caseloom.adhoc import JumpTo
from caseloom.engine import Complete


def task(engine, name):
    return next(found for found in engine.tasks(held=True) if found.name == name)


def finish(engine, case, *names, by="anna"):
    for name in names:
        engine.do(case.id, Complete(task(engine, name).id), by=by)


@pytest.fixture
def path(case):
    return f"/cases/{case.id}"


@pytest.fixture
def apply(page):
    """Sends the form of a preview, as the button does."""

    def send(visitor, preview, more=()):
        form = page(preview).xpath("//form[.//button[@data-testid='apply']]")[0]
        fields = [(found.get("name"), found.get("value")) for found in form.xpath(".//input[@type='hidden']")]
        return visitor.post(
            form.get("action"), [field for field in fields if field[0] != "csrf_token"] + list(more)
        )

    return send


def test_insert_is_previewed_in_words_and_on_the_drawing_before_it_is_done(
    engine, case, anna, path, find, page, apply
):
    form = page(anna.get(f"{path}/insert"))
    (anchor,) = form.xpath("//option[@data-element='register']/@value")
    typed = {
        "names": "Ask a lawyer",
        "anchor": anchor,
        "who": "group:survey",
        "reason": "a big plot",
    }

    preview = anna.post(f"{path}/insert/preview", typed)

    assert engine.case(case.id).revision == case.revision
    (said,) = find(preview, "consequences")
    assert "“Ask a lawyer” comes before “Register”." in said
    assert "Opens now Ask a lawyer" in said
    shown = json.loads(page(preview).xpath("//script[@data-marks-for='diagram']")[0].text)
    assert {
        "anchor": "register",
        "place": "before",
        "name": "Ask a lawyer",
        "marks": ["preview-opened"],
    } in shown["inserted"]

    assert apply(anna, preview).status_code == 303
    inserted = task(engine, "Ask a lawyer")
    assert inserted.candidate_groups == ("survey",)
    assert task(engine, "Register").held


def test_several_tasks_go_in_at_once_with_questions_a_date_and_a_rule(engine, case, anna, path, apply):
    anna.get(f"{path}/insert")
    typed = {
        "names": "First opinion\nSecond opinion\n",
        "anchor": "before:register",
        "rule": "any",
        "who": "user:bo",
        "due": "2031-05-01",
        "goal": "We know the risk",
        "questions": "What is the risk?",
    }

    apply(anna, anna.post(f"{path}/insert/preview", typed))

    first = engine.task(task(engine, "First opinion").id)
    assert (first.assignee, first.goal, first.due_at.astimezone().strftime("%F %H:%M")) == (
        "bo",
        "We know the risk",
        "2031-05-01 17:00",
    )
    engine.do(case.id, Complete(first.id, data={"what_is_the_risk": "low"}))
    assert [found.name for found in engine.case(case.id).tasks] == ["Register"]


def test_the_form_of_inserted_work_asks_its_questions(engine, case, anna, path, apply, page):
    anna.get(f"{path}/insert")
    apply(anna, anna.post(f"{path}/insert/preview", {"names": "Call", "questions": "What did they say?"}))

    shown = page(anna.get(f"/tasks/{task(engine, 'Call').id}"))

    assert shown.xpath("//input[@name='what_did_they_say']/@id") == ["field-what_did_they_say"]


def test_a_waiting_step_is_skipped_with_a_reason_and_values(engine, case, anna, path, apply, find):
    form = anna.get(f"{path}/skip")
    target = f"now:{task(engine, 'Register').id}"
    assert target in form.text

    preview = anna.post(
        f"{path}/skip/preview",
        [
            ("target", target),
            ("when", "once"),
            ("reason", "known already"),
            ("free-name", "amount"),
            ("free-value", "9"),
        ],
    )
    apply(anna, preview)

    assert "“Register” is skipped, this time." in find(preview, "consequences")[0]
    now = engine.case(case.id)
    assert {found.name for found in now.tasks} == {"Check plot", "Check applicant"}
    assert now.data["amount"] == 9


def test_a_step_to_come_is_skipped_in_advance(engine, case, anna, path, apply):
    anna.get(f"{path}/skip")

    apply(
        anna,
        anna.post(f"{path}/skip/preview", {"target": "next:draft", "when": "once", "reason": "no draft"}),
    )
    finish(engine, case, "Register", "Check plot", "Check applicant")

    assert [found.name for found in engine.case(case.id).tasks] == ["Send"]


def test_going_back_says_what_falls_and_does_it(engine, case, anna, path, apply, find, page):
    finish(engine, case, "Register", "Check plot", "Check applicant")
    form = page(anna.get(f"{path}/revisit"))
    choice = form.xpath("//label[@data-element='check_plot']")[0]
    assert "done by Anna Berg, today" in choice.text_content()

    preview = anna.post(
        f"{path}/revisit/preview",
        {"target": choice.xpath(".//input/@value")[0], "reason": "the wrong plot", "data_policy": "keep"},
    )
    (said,) = find(preview, "consequences")
    apply(anna, preview)

    assert "Opens now Check plot" in said
    assert "Is taken back; what was typed is kept Draft" in said
    assert "No longer counts Check plot" in said
    assert [found.name for found in engine.case(case.id).tasks] == ["Check plot"]


def test_undo_takes_back_the_last_change(engine, case, anna, path, apply, page):
    anna.get(f"{path}/insert")
    apply(anna, anna.post(f"{path}/insert/preview", {"names": "Call", "anchor": "before:register"}))
    form = page(anna.get(f"{path}/undo"))
    (change,) = form.xpath("//input[@name='target']/@value")

    apply(anna, anna.post(f"{path}/undo/preview", {"target": change}))

    assert [found.name for found in engine.case(case.id).tasks] == ["Register"]
    assert "no longer counts" in anna.get(path).text


def test_where_nothing_can_be_done_the_panel_says_so(case, anna, path):
    assert "There is no change that could be undone" in anna.get(f"{path}/undo").text
    assert "so there is nothing to go back to" in anna.get(f"{path}/revisit").text


@pytest.mark.parametrize(
    ("change", "typed", "sentence"),
    [
        ("insert", {"names": "  "}, "Say what is to be done."),
        ("skip", {"reason": "x"}, "Choose one of the list."),
        ("skip", {"target": "next:draft"}, "Say why, so that others understand it later."),
    ],
)
def test_what_is_missing_is_asked_for(case, anna, path, change, typed, sentence):
    anna.get(f"{path}/{change}")

    answer = anna.post(f"{path}/{change}/preview", typed)

    assert answer.status_code == 422
    assert sentence in answer.text


def test_a_change_that_would_be_refused_says_why_in_its_preview(engine, case, anna, path, find):
    anna.get(f"{path}/insert")

    preview = anna.post(f"{path}/insert/preview", {"names": "Call", "anchor": "after:nowhere"})

    assert "nowhere" in find(preview, "consequences")[0]
    assert find(preview, "apply") == []


def test_a_preview_that_no_longer_holds_is_not_applied(engine, case, anna, path, apply):
    finish(engine, case, "Register", "Check plot")
    anna.get(f"{path}/revisit")
    preview = anna.post(f"{path}/revisit/preview", {"target": "check_plot", "reason": "wrong plot"})
    finish(engine, case, "Check applicant", by="bo")
    before = engine.case(case.id).revision

    answer = apply(anna, preview)

    assert answer.status_code == 409
    assert engine.case(case.id).revision == before
    assert "The case has changed since the preview" in answer.text
    assert "Is taken back; what was typed is kept" in " ".join(answer.text.split())


def test_back_from_the_preview_what_was_typed_is_still_there(case, anna, path, page):
    anna.get(f"{path}/insert")

    answer = anna.post(f"{path}/insert", {"names": "Call", "who": "user:bo", "goal": "We know", "edit": "1"})

    assert page(answer).xpath("//textarea[@name='names']")[0].text == "Call"
    assert page(answer).xpath("//option[@value='user:bo']/@selected")
    assert page(answer).xpath("//input[@name='goal']/@value") == ["We know"]


def test_return_to_sender_goes_back_to_one_step_and_straight_on_again(engine, case, anna, path, apply):
    engine.do(case.id, Complete(task(engine, "Register").id, data={"plot": 7}))
    engine.do(case.id, Complete(task(engine, "Check plot").id, data={"fits": True}))
    done = next(one.id for one in engine.case(case.id).occurrences if one.element_id == "register")
    form = anna.get(f"{path}/revisit")
    assert 'data-testid="return-to-sender"' in form.text

    typed = {"target": done, "reason": "wrong", "return_to_sender": "1", "data_policy": "keep"}
    apply(anna, anna.post(f"{path}/revisit/preview", typed))
    engine.do(case.id, Complete(task(engine, "Register").id, data={"plot": 7}))

    assert [found.name for found in engine.case(case.id).tasks] == ["Check applicant"]


def test_going_back_warns_of_messages_and_may_take_them_as_received(engine, anna, apply):
    engine.deploy(("paid.bpmn", draw("A > @message payment > B", key="paid")))
    paid = engine.start("paid", by="anna")
    engine.do(paid.id, Complete(task(engine, "A").id))
    engine.message("payment", case_id=paid.id)
    path = f"/cases/{paid.id}/revisit"
    done = next(one.id for one in engine.case(paid.id).occurrences if one.element_id == "a")
    anna.get(path)

    shown = anna.post(f"{path}/preview", {"target": done, "reason": "wrong", "messages": "reuse"})
    assert "will not come twice" in shown.text
    apply(anna, shown)
    engine.do(paid.id, Complete(task(engine, "A").id))

    assert [found.name for found in engine.case(paid.id).tasks] == ["B"]


# -- single gestures ---------------------------------------------------------------------------------------------


def test_the_case_goes_ahead_to_a_step_and_what_lies_before_it_is_left_out(
    engine, case, anna, path, apply, page
):
    form = page(anna.get(f"{path}/jump"))
    assert "draft" in form.xpath("//label/@data-element")

    preview = anna.post(f"{path}/jump/preview", {"target": "draft", "reason": "all of it is known"})
    assert "All that lies before “Draft” is left out." in preview.text
    apply(anna, preview)

    assert [found.name for found in engine.case(case.id).tasks] == ["Draft"]
    assert "The case went ahead to “Draft”" in anna.get(path).text


def test_a_later_step_is_done_now_and_an_open_one_once_more(engine, case, anna, path, apply):
    anna.get(f"{path}/sooner")
    apply(anna, anna.post(f"{path}/sooner/preview", {"target": "draft", "reason": "she is here"}))
    assert {found.name for found in engine.case(case.id).tasks} == {"Register", "Draft"}

    apply(anna, anna.post(f"{path}/again/preview", {"target": "register", "reason": "to be sure"}))
    finish(engine, case, "Register")

    assert {found.name for found in engine.case(case.id).tasks} == {"Register", "Draft"}


def test_a_step_is_done_at_another_place(engine, case, anna, path, apply, page):
    form = page(anna.get(f"{path}/elsewhere"))
    assert "draft" in form.xpath("//input[@name='target']/@value")
    assert {value.partition(":")[0] for value in form.xpath("//select[@name='anchor']//@value")} == {
        "before", "after", "beside",
    }  # fmt: skip
    refused = anna.post(f"{path}/elsewhere/preview", {"target": "draft", "reason": "sooner"})
    assert (refused.status_code, "where the step is to be done" in refused.text) == (422, True)

    (after,) = form.xpath("//option[starts-with(@value, 'after:') and contains(., 'Register')]/@value")
    typed = {"target": "draft", "anchor": after, "reason": "sooner"}
    preview = anna.post(f"{path}/elsewhere/preview", typed)
    assert "“Draft” is done after “Register”." in preview.text
    apply(anna, preview)
    finish(engine, case, "Register")

    assert [found.name for found in engine.case(case.id).tasks] == ["Draft"]


def test_something_else_is_done_instead_of_a_step(engine, case, anna, path, apply):
    anna.get(f"{path}/instead")
    typed = {
        "target": "register",
        "names": "Ask the surveyor\nAsk the clerk",
        "who": "user:ben",
        "reason": "by letter",
    }
    assert anna.post(f"{path}/instead/preview", {**typed, "names": " "}).status_code == 422

    preview = anna.post(f"{path}/instead/preview", typed)
    assert "“Ask the surveyor” and “Ask the clerk” stand in the place of “Register”." in preview.text
    apply(anna, preview)

    found = engine.case(case.id).tasks
    assert {one.name: one.assignee for one in found} == {"Ask the surveyor": "ben", "Ask the clerk": "ben"}


def test_an_item_is_added_and_another_one_taken_out(engine, anna, apply, page):
    engine.deploy(("ask.bpmn", draw("Ask each n in names > Draft", key="ask")))
    asked = engine.start("ask", {"names": ["Ann", "Bea"]}, by="anna")
    path = f"/cases/{asked.id}"
    (body,) = page(anna.get(f"{path}/item")).xpath("//input[@name='target']/@value")

    preview = anna.post(f"{path}/item/preview", {"target": body, "item": "Cem", "reason": "new here"})
    assert "“Ask” is done for one more: Cem." in preview.text
    apply(anna, preview)
    first = page(anna.get(f"{path}/drop")).xpath("//input[@name='target']/@value")[0]
    preview = anna.post(f"{path}/drop/preview", {"target": first, "reason": "moved away"})
    assert "“Ask” is not done for Ann." in preview.text
    apply(anna, preview)

    assert [found.item for found in engine.case(asked.id).tasks] == ["Bea", "Cem"]


def test_a_step_waits_for_one_beside_it_until_it_is_let_go_on(engine, anna, apply, page):
    engine.deploy(("both.bpmn", draw("( A > B | C > D ) > E", key="both")))
    both = engine.start("both", by="anna")
    path = f"/cases/{both.id}"
    assert "“C” waits for “A”" in anna.get(f"{path}/wait").text

    preview = anna.post(f"{path}/wait/preview", {"target": "a c", "reason": "A knows"})
    assert "“C” does not begin before “A” is done." in preview.text
    apply(anna, preview)
    assert [found.name for found in engine.case(both.id).tasks if not found.held] == ["A"]
    apply(anna, anna.post(f"{path}/release/preview", {"target": "a c", "reason": "in a hurry"}))

    assert {found.name for found in engine.case(both.id).tasks if not found.held} == {"A", "C"}


def test_an_ended_case_is_reopened_from_its_page(engine, case, anna, path, apply):
    engine.do(case.id, JumpTo("send", reason="known"))
    finish(engine, case, "Send")
    anna.get(f"{path}/reopen")

    preview = anna.post(f"{path}/reopen/preview", {"reason": "he has complained"})
    assert "The case goes on where it ended." in preview.text
    apply(anna, preview)

    assert [found.name for found in engine.case(case.id).tasks] == ["Send"]


def test_the_menu_of_a_step_offers_the_gestures(case, anna, path):
    menu = anna.get(f"{path}/at/draft").text

    assert "Go ahead to it" in menu
    assert "Do it now" in menu
    assert "Do it once more" in anna.get(f"{path}/at/register").text
