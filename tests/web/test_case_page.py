"""The page of a case, starting one, and the list of cases."""

from __future__ import annotations

import json

import pytest
from drawing import draw
from openings import TWO_DOORS

from caseloom.adhoc import Insert, Revisit, Skip
from caseloom.engine import Complete


def task(engine, name):
    return next(found for found in engine.tasks() if found.name == name)


def finish(engine, case, *names, by="anna", **data):
    for name in names:
        engine.do(case.id, Complete(task(engine, name).id, data=data), by=by)


@pytest.fixture
def marks(page):
    """The marks of the drawing on a page."""

    def read(answer):
        return json.loads(page(answer).xpath("//script[@id='marks']")[0].text)

    return read


def test_the_drawing_shows_what_is_done_and_what_is_open(engine, case, anna, marks, page):
    finish(engine, case, "Register")

    answer = anna.get(f"/cases/{case.id}")

    elements = marks(answer)["elements"]
    assert elements["register"] == {"marks": ["done"], "count": 1, "title": "done by Anna Berg"}
    assert elements["check_plot"]["marks"] == ["current"]
    assert elements["register__fork_1"]["marks"] == ["done"]
    assert "draft" not in elements
    assert [
        " ".join(item.text_content().split()) for item in page(answer).xpath("//ul[@class='legend']/li")
    ] == [
        "done",
        "at work",
    ]


def test_the_same_is_said_in_words(engine, case, anna, page):
    finish(engine, case, "Register")
    engine.do(case.id, Skip("draft", reason="not needed", when="next"))
    engine.do(case.id, Insert("Ask a lawyer", before="send"))

    lines = page(anna.get(f"/cases/{case.id}")).xpath("//ul[@data-testid='drawing-words']/li")

    assert [line.text_content() for line in lines] == [
        "Register: done by Anna Berg",
        "Check plot: at work",
        "Check applicant: at work",
        "Draft: will be skipped when it comes",
        "Ask a lawyer: inserted by hand, comes up when the case gets there",
    ]


def test_inserted_work_is_a_card_at_its_place(engine, case, anna, marks):
    engine.do(case.id, Insert("Ask first", before="register"))
    engine.do(case.id, Insert("Call", groups=["survey"]))

    first, call = marks(anna.get(f"/cases/{case.id}"))["inserted"]

    assert (first["anchor"], first["place"], first["name"], first["marks"]) == (
        "register",
        "before",
        "Ask first",
        ["current"],
    )
    assert (call["anchor"], call["place"]) == (None, "case")
    assert first["href"].startswith("/tasks/")


def test_what_a_revisit_took_out_is_grey(engine, case, anna, marks):
    finish(engine, case, "Register", "Check plot", "Check applicant")
    engine.do(case.id, Revisit("check_plot", reason="wrong plot"), by="anna")

    elements = marks(anna.get(f"/cases/{case.id}"))["elements"]

    assert elements["check_plot"]["marks"] == ["current"]
    assert elements["check_applicant"]["marks"] == ["done"]
    assert elements["join_1"]["marks"] == ["superseded"]
    assert elements["draft"]["marks"] == ["withdrawn"]


def test_the_timeline_tells_who_did_what_and_why_newest_first(engine, case, anna, page):
    finish(engine, case, "Register", amount=7)
    engine.do(case.id, Insert("Ask a lawyer", before="send", reason="a big plot"), by="bo")

    story = page(anna.get(f"/cases/{case.id}")).xpath("//ol[@data-testid='timeline']/li")
    told = [" ".join(item.text_content().split()) for item in story]

    assert told[0].startswith("“Ask a lawyer” was inserted Bo Nilsson, today")
    assert told[0].endswith("a big plot")
    assert told[1].startswith("“Register” was completed Anna Berg, today")
    assert "Then “Check plot” and “Check applicant” came up." in told[1]
    assert told[1].endswith("Amount5 7")
    assert told[2].startswith("The case was started Anna Berg, today")


def test_an_entry_that_no_longer_counts_is_struck_through(engine, case, anna, page):
    finish(engine, case, "Register", "Check plot")
    engine.do(case.id, Revisit("check_plot", reason="wrong plot"))

    gone = page(anna.get(f"/cases/{case.id}")).xpath("//li[contains(@class, 'moment-gone')]")

    assert [" ".join(item.text_content().split()).split(" Anna")[0] for item in gone] == [
        "“Check plot” was completed"
    ]


def test_a_problem_is_told_and_can_be_tried_again(engine, anna, find):
    tries = []

    @engine.service("post")
    def post(job):
        tries.append(job)
        if len(tries) < 4:
            raise RuntimeError("the printer is on fire")

    engine.deploy(("send.bpmn", draw("!post Print", key="send")))
    case = engine.start("send")
    while due := engine.next_due():
        engine.clock.tell(due)
        engine.run_due()
    engine.clock.resume()
    answer = anna.get(f"/cases/{case.id}")
    assert "the printer is on fire" in answer.text
    assert find(answer, "status") == ["needs help"]

    incident = engine.case(case.id).incidents[0]
    anna.post(f"/cases/{case.id}/incidents/{incident.id}/retry")

    assert engine.case(case.id).status == "completed"


def test_a_case_starts_once_however_often_the_form_is_sent(engine, case, anna, page):
    form = page(anna.get("/cases/new/lease"))
    request_id = form.xpath("//input[@name='request-id']/@value")[0]
    typed = {"business-key": "L-2", "request-id": request_id}

    first = anna.post("/cases/new/lease", typed)
    again = anna.post("/cases/new/lease", typed)

    assert first.location == again.location
    assert len(engine.cases(key="lease")) == 2
    assert "<h1>L-2</h1>" in anna.get(first.location).text


def test_who_starts_a_case_chooses_among_several_starts(engine, anna, page):
    engine.deploy(("doors.bpmn", TWO_DOORS))

    offered = page(anna.get("/cases/new/doors")).xpath("//select[@name='start-event']/option/@value")
    begun = anna.post("/cases/new/doors", {"start-event": "back"})

    assert offered == ["front", "back"]
    [case] = engine.cases(key="doors")
    assert (begun.status_code, [one.name for one in case.tasks]) == (303, ["b"])


def test_cases_are_found_by_reference_by_content_and_by_state(engine, case, anna, page):
    def found(query):
        return [link.text for link in page(anna.get(f"/cases?{query}")).xpath('//a[@class="row-title"]')]

    engine.start("lease", {"tenant": "Ida Quist"}, business_key="L-9")

    assert found("") == ["L-9", "L-1"]
    assert found("q=l-9") == ["L-9"]
    assert found("q=quist") == ["L-9"]
    assert found("status=completed") == []
    assert found("key=lease&status=running") == ["L-9", "L-1"]


def test_a_case_that_is_not_there_is_answered_in_plain_words(anna):
    answer = anna.get("/cases/nothing")

    assert answer.status_code == 404
    assert "There is no case" in answer.text


def test_text_from_people_cannot_become_markup(engine, case, anna):
    engine.do(case.id, Insert("<img src=x onerror=alert(1)>", reason="</script><script>alert(1)</script>"))

    text = anna.get(f"/cases/{case.id}").text

    assert "<img src=x" not in text
    assert "<script>alert" not in text


def test_what_has_left_the_house_is_told_with_what_became_of_it(engine, anna, page):
    engine.deploy(("letters.bpmn", draw("A > @send letter Send letter > B", key="letters")))
    engine.service("letter")(lambda job: None)
    case = engine.start("letters", by="anna")
    assert not page(anna.get(f"/cases/{case.id}")).xpath("//*[@data-testid='effects']")
    finish(engine, case, "A")
    engine.do(case.id, Revisit("a", reason="wrong", effects="note"), by="anna")

    [told] = page(anna.get(f"/cases/{case.id}")).xpath("//*[@data-testid='effects']")

    words = " ".join(told.text_content().split())
    assert "Send letter" in words
    assert "without doing anything about it (Anna Berg)" in words


@pytest.mark.parametrize(("way", "opened"), [("reapply", ["B"]), ("dismiss", [])])
def test_a_message_in_the_tray_is_taken_or_put_away(engine, anna, page, way, opened):
    engine.deploy(("paid.bpmn", draw("A > @message payment > B", key="paid")))
    case = engine.start("paid", by="anna")
    finish(engine, case, "A")
    engine.message("payment", case_id=case.id, data={"amount": 5})
    engine.do(case.id, Revisit("a", reason="wrong"))
    finish(engine, case, "A")

    [tray] = page(anna.get(f"/cases/{case.id}")).xpath("//*[@data-testid='tray']")
    assert "no longer counts" in tray.text_content()
    [form] = [form for form in tray.xpath(".//form") if form.get("action").endswith(way)]
    assert anna.post(form.get("action")).status_code == 303

    assert [found.name for found in engine.case(case.id).tasks] == opened
    assert engine.tray(case.id) == []
    assert not page(anna.get(f"/cases/{case.id}")).xpath("//*[@data-testid='tray']")


def test_a_decision_on_what_nobody_has_confirmed_is_told_so(engine, anna, page):
    engine.deploy(("lease.bpmn", draw("A > B > [ x = 1: X | else: Y ]", key="two")))
    case = engine.start("two", by="anna")
    finish(engine, case, "A")
    finish(engine, case, "B", x=1)
    engine.do(case.id, Revisit("b", reason="wrong"), by="anna")
    finish(engine, case, "B")

    [story] = page(anna.get(f"/cases/{case.id}")).xpath("//*[@data-testid='timeline']")

    assert "decided on unconfirmed data: X." in " ".join(story.text_content().split())


def test_rarer_gestures_wait_behind_one_button_and_only_those_that_can_be_made(engine, anna, page):
    engine.deploy(("long.bpmn", draw("A > B > C", key="long")))
    case = engine.start("long", by="anna")

    def offered():
        nav = page(anna.get(f"/cases/{case.id}")).xpath("//nav[contains(@class, 'case-changes')]")[0]
        return [link.get("data-testid") for link in nav.xpath(".//details//a")]

    assert offered() == ["jump", "sooner", "again", "elsewhere", "instead"]
    finish(engine, case, "A", "B")
    assert offered() == ["again", "elsewhere", "instead"]
    finish(engine, case, "C")
    assert offered() == []


def test_a_value_with_names_of_its_own_is_told_in_full(engine, anna, page):
    engine.deploy(("lease.bpmn", draw("A > B", key="named")))
    case = engine.start("named", {"address": {"street": "Long Lane 5", "city": "Oldtown"}}, by="anna")

    [told] = page(anna.get(f"/cases/{case.id}")).xpath("//*[@data-testid='timeline']")

    assert "Street: Long Lane 5, City: Oldtown" in told.text_content()
