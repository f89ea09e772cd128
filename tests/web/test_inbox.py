"""The inbox: whose tasks, search, order, claim and release."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from drawing import draw

from caseloom.adhoc import Insert, Skip
from caseloom.engine import Assign, Claim, Complete


def names(page, answer):
    return [link.text for link in page(answer).xpath('//a[@class="row-title"]')]


def task(engine, name):
    return next(found for found in engine.tasks() if found.name == name)


def registered(engine, case):
    engine.do(case.id, Complete(task(engine, "Register").id), by="anna")


def test_an_empty_inbox_says_where_work_is(bo, page):
    answer = bo.get("/")

    assert "All done" in answer.text


def test_work_for_my_group_and_for_anybody_is_open_to_me_and_not_mine(engine, case, bo, anna, page):
    registered(engine, case)

    assert names(page, bo.get("/?whose=mine")) == []
    assert sorted(names(page, bo.get("/?whose=groups"))) == ["Check applicant", "Check plot"]
    assert names(page, anna.get("/?whose=groups")) == ["Check applicant"]
    assert sorted(names(page, bo.get("/?whose=all"))) == ["Check applicant", "Check plot"]


def test_the_inbox_opens_where_there_is_work(engine, case, bo, page):
    registered(engine, case)

    assert sorted(names(page, bo.get("/"))) == ["Check applicant", "Check plot"]


def test_a_claimed_task_is_mine_and_a_released_one_open_to_the_group_again(engine, case, bo, page):
    registered(engine, case)
    found = task(engine, "Check plot")
    bo.get("/?whose=groups")

    bo.post(f"/tasks/{found.id}/claim")
    assert names(page, bo.get("/?whose=mine")) == ["Check plot"]

    bo.post(f"/tasks/{found.id}/release")
    assert names(page, bo.get("/?whose=mine")) == []
    assert sorted(names(page, bo.get("/?whose=groups"))) == ["Check applicant", "Check plot"]


def test_a_task_that_somebody_else_has_taken_is_refused_with_a_sentence(engine, case, bo):
    registered(engine, case)
    found = task(engine, "Check plot")
    bo.get("/?whose=groups")
    engine.do(case.id, Claim(found.id), by="cleo")

    answer = bo.post(f"/tasks/{found.id}/claim")

    assert answer.status_code == 409
    assert "already taken by cleo" in answer.text


def test_search_looks_at_names_and_references(engine, case, anna, page):
    registered(engine, case)

    assert names(page, anna.get("/?whose=all&q=applicant")) == ["Check applicant"]
    assert len(names(page, anna.get("/?whose=all&q=l-1"))) == 2
    assert "Nothing fits" in anna.get("/?whose=all&q=zebra").text


def test_overdue_work_stands_first_under_its_own_heading(engine, case, anna, page):
    now = datetime.now(UTC)
    engine.do(case.id, Insert("Late", due=now - timedelta(days=2), assignee="anna"))
    engine.do(case.id, Insert("Soon", due=now + timedelta(days=30), assignee="anna"))

    answer = anna.get("/")

    assert names(page, answer) == ["Late", "Soon"]
    assert [found.text.strip() for found in page(answer).xpath("//h2[@class='section-title']")] == [
        "Overdue",
        "Later, or without a date",
    ]
    assert "Overdue by 2 days" in answer.text
    assert "2 tasks with you" in answer.text


@pytest.mark.parametrize("order", ["due", "created", "priority", "name", "nonsense"])
def test_any_order_may_be_asked_for(engine, case, anna, order):
    assert anna.get(f"/?whose=all&order={order}").status_code == 200


def test_a_long_inbox_comes_in_pages(engine, anna, page):
    engine.deploy(("one.bpmn", draw("Work", key="one")))
    for _ in range(60):
        engine.start("one")

    first = anna.get("/?whose=all&order=created")
    more = page(first).xpath("//a[text()='Show more']/@href")
    second = anna.get(more[0])

    assert len(names(page, first)) == 50
    assert len(names(page, second)) == 10


def test_what_was_taken_away_is_told_until_it_is_seen(engine, case, anna, bo, find):
    engine.do(case.id, Assign(engine.tasks(case_id=case.id)[0].id, "bo"))
    engine.do(case.id, Skip("register", reason="it came by letter"), by="anna")

    shown = bo.get("/")
    [notices] = find(shown, "notices")
    assert "L-1: “Register” taken away from you." in notices
    assert "Anna Berg" in notices
    assert "it came by letter" in notices

    [notice] = engine.notices("bo")
    assert bo.post(f"/notices/{notice.id}/dismiss").status_code == 303
    assert find(bo.get("/"), "notices") == []
