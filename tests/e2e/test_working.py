"""The main job: sign in, start a case, work it through to its end."""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.browser


def test_a_fault_is_reported_and_worked_through_to_its_end(engine, sign_in):
    page = sign_in("anna")
    page.get_by_role("link", name="Start", exact=True).click()
    page.get_by_role("link", name="Fault report").click()
    page.get_by_label("Your name").fill("Ida Quist")
    page.get_by_label("Your e-mail address").fill("ida@example.org")
    page.get_by_label("House and flat").fill("12 Mill Lane")
    page.get_by_label("What is it about?").select_option("plumbing")
    page.get_by_label("What is broken?").fill("The tap drips")
    page.get_by_label("Reference").fill("F-9")
    page.get_by_test_id("start").click()
    assert page.get_by_role("heading", level=1).inner_text() == "F-9"

    page.get_by_role("link", name="Choose parts").click()
    page.get_by_label("Parts").fill("Tap")
    page.get_by_label(re.compile("stimate|cost", re.I)).fill("40")
    page.get_by_test_id("complete").click()
    assert "is done" in page.get_by_role("heading", level=1).inner_text()

    other = sign_in("bo")
    other.get_by_test_id("tab-groups").click()
    other.locator(".row", has_text="F-9").get_by_test_id("claim").click()
    other.get_by_test_id("tab-mine").click()
    other.locator(".row", has_text="F-9").get_by_role("link").click()
    other.get_by_label("What is broken?").fill("Worn washer")
    other.get_by_label(re.compile("hours", re.I)).fill("1")
    other.get_by_test_id("complete").click()
    other.get_by_test_id("onward").wait_for()
    assert "Repair" in other.get_by_test_id("onward").inner_text()

    other.get_by_role("link", name="Repair", exact=True).click()
    other.get_by_label("What did you do?").fill("New washer")
    other.get_by_label("Hours spent").fill("1.5")
    other.get_by_test_id("complete").click()

    assert "the case is complete" in other.get_by_test_id("onward").inner_text()
    assert engine.cases(business_key="F-9")[0].status == "completed"


def test_a_draft_is_saved_while_one_types(engine, sign_in, case_of):
    page = sign_in("emil")
    page.goto(case_of("L-204"))
    page.get_by_role("link", name="Draft lease").click()

    page.get_by_label("Letter").press_sequentially("Dear Sundberg Timber")
    page.get_by_text(re.compile(r"Draft saved \d\d:\d\d")).wait_for()
    page.reload()

    assert page.get_by_label("Letter").input_value() == "Dear Sundberg Timber"


def test_the_inbox_is_searched_while_one_types(sign_in):
    page = sign_in("admin")
    page.get_by_test_id("tab-all").click()
    page.wait_for_url("**whose=all")  # and its scripts are there
    rows = page.locator("#tasks .row")
    assert rows.count() > 5

    page.get_by_label("Search tasks and cases").press_sequentially("L-204")
    rows.nth(1).wait_for(state="detached")

    assert "Draft lease" in rows.first.inner_text()


def test_a_wrong_answer_is_shown_beside_its_field(sign_in, case_of):
    page = sign_in("emil", expected=(422,))
    page.goto(case_of("L-204"))
    page.get_by_role("link", name="Draft lease").click()
    page.get_by_label("For how many years").fill("ten")
    page.get_by_test_id("complete").click()

    assert page.locator("#field-years-error").inner_text() == "“ten” is not a number."
    assert page.get_by_label("For how many years").input_value() == "ten"


def test_everything_works_without_scripts(engine, sign_in, case_of):
    page = sign_in("emil", java_script_enabled=False)
    page.goto(case_of("L-204"))
    page.get_by_test_id("insert").click()
    page.get_by_test_id("insert-names").fill("Ask a lawyer")
    page.get_by_test_id("preview").click()
    assert "“Ask a lawyer” comes" in page.get_by_test_id("consequences").inner_text()
    page.get_by_test_id("apply").click()
    page.get_by_role("link", name="Ask a lawyer").click()
    page.get_by_test_id("complete").click()

    assert "“Ask a lawyer” is done" in page.get_by_role("heading", level=1).inner_text()


def test_the_keyboard_is_enough(sign_in):
    page = sign_in("anna")

    page.keyboard.press("?")
    page.get_by_role("dialog", name="Keyboard shortcuts").wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "q"
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.wait_for_url("**/cases")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.get_by_test_id("timeline").wait_for()

    page.goto("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the page"
