"""The menu at an element of the drawing: only what can be done there now."""

from __future__ import annotations

import pytest
from drawing import draw

from caseloom.engine import Complete, Suspend


@pytest.fixture
def menu(engine, anna, page):
    """The entries of the menu, and where they lead."""

    def read(case, element):
        answer = anna.get(f"/cases/{case.id}/at/{element}")
        assert answer.status_code == 200
        return {
            link.text_content(): link.get("href").partition(f"/cases/{case.id}")[2] or link.get("href")
            for link in page(answer).xpath("//a")
        }

    return read


def test_an_open_step_can_be_opened_surrounded_and_skipped(engine, case, menu):
    (task,) = engine.tasks(case_id=case.id)

    assert menu(case, "register") == {
        "Open “Register”": f"/tasks/{task.id}",
        "Insert work before it": f"/insert?anchor=before:{task.id}",
        "Insert work beside it": f"/insert?anchor=beside:{task.id}",
        "Insert work after it": f"/insert?anchor=after:{task.id}",
        "Skip it": f"/skip?target=now:{task.id}",
        "Do it once more": "/again?target=register",
        "Do it at another place": "/elsewhere?target=register",
        "Do something else instead": "/instead?target=register",
    }


def test_a_step_to_come_is_skipped_when_it_comes(case, menu):
    assert menu(case, "draft")["Skip it when it comes"] == "/skip?target=next:draft"


def test_one_goes_back_to_a_step_that_is_done(engine, case, menu):
    (task,) = engine.tasks(case_id=case.id)
    engine.do(case.id, Complete(task.id))

    assert menu(case, "register") == {"Go back to it": f"/revisit?target={task.id}"}


def test_a_gateway_that_waits_for_a_choice_offers_it(engine, menu):
    engine.deploy(("a.bpmn", draw("[ amount > 100: Big | amount < 10: Small ]", key="a")))
    case = engine.start("a", {"amount": 50})
    gateway = engine.case(case.id).incidents[0].element_id

    assert menu(case, gateway)["Choose the way"] == "/decide"


def test_what_is_chosen_in_the_menu_is_chosen_in_the_panel(engine, case, anna, menu, page):
    form = page(anna.get(f"/cases/{case.id}{menu(case, 'register')['Insert work after it']}"))

    assert "After “Register”" in form.xpath("//option[@selected]/text()")


def test_where_nothing_can_be_done_the_menu_says_so(engine, case, anna):
    engine.do(case.id, Suspend(reason="x"))

    assert "Nothing can be done here" in anna.get(f"/cases/{case.id}/at/draft").text
