"""Trying expressions and decisions in the browser, and the ground of a decision in the story of a case."""

from __future__ import annotations

import pytest
from drawing import draw

pytestmark = pytest.mark.browser

RATES = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="rates" name="Rates" namespace="urn:r">
  <decision id="rate" name="Rate">
    <decisionTable hitPolicy="UNIQUE">
      <input label="Amount"><inputExpression><text>amount</text></inputExpression></input>
      <output/>
      <rule><inputEntry><text>&lt; 100</text></inputEntry><outputEntry><text>0</text></outputEntry></rule>
      <rule><inputEntry><text>&gt;= 100</text></inputEntry><outputEntry><text>5</text></outputEntry></rule>
    </decisionTable>
  </decision>
</definitions>"""


def test_the_answer_follows_the_typing(sign_in):
    page = sign_in("admin")
    page.keyboard.press("g")
    page.keyboard.press("t")
    page.locator(".card[data-htmx-powered]").wait_for()
    page.get_by_label("Name 1").fill("amount")
    page.get_by_label("Value 1").fill("7")
    page.get_by_test_id("expression").fill("amount * 2 > ")

    page.get_by_test_id("problem").wait_for()
    page.get_by_test_id("expression").press_sequentially("10")
    page.locator("[data-testid=value]", has_text="true").wait_for()

    assert page.get_by_test_id("type").inner_text() == "boolean"


@pytest.mark.parametrize("scripts", [True, False])
def test_a_decision_is_tried_by_its_button(engine, sign_in, scripts):
    engine.deploy(("rates.dmn", RATES.encode()))
    page = sign_in("admin", java_script_enabled=scripts)
    page.goto("/try")
    page.get_by_test_id("try-decision").click()
    page.get_by_test_id("decision").select_option(label="Rate")
    page.get_by_label("Name 1").fill("amount")
    page.get_by_label("Value 1").fill("250")
    page.get_by_test_id("try").click()

    page.locator("[data-testid=value]", has_text="5").wait_for()
    page.get_by_text("Why not the others?").click()

    assert page.get_by_text("Rule 1: Amount is not < 100").is_visible()


def test_a_return_in_a_field_tries_what_is_shown(sign_in):
    page = sign_in("admin")
    page.goto("/try?what=test")
    page.get_by_test_id("tests").fill("> 5")
    page.get_by_test_id("given").fill("6")
    page.get_by_test_id("given").press("Enter")
    page.wait_for_load_state()

    page.locator("[data-testid=value]", has_text="true").wait_for()
    assert page.get_by_test_id("tests").input_value() == "> 5"


def test_the_story_of_a_case_tells_the_ground_of_its_decision(engine, sign_in):
    engine.deploy(("a.bpmn", draw("@rule rate Rate > File", key="a")), ("rates.dmn", RATES.encode()))
    case = engine.start("a", {"amount": 250})
    page = sign_in("admin", expected=(404,))
    page.goto(f"/cases/{case.id}")

    page.get_by_test_id("ground").get_by_text("Why not the others?").click()

    assert page.get_by_text("Rule 1: Amount is not < 100").is_visible()
