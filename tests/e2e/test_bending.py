"""Work outside the diagram, from the page of a case: a form, a preview on the drawing, the change."""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.browser


def shape(page, element):
    return page.locator(f'#diagram .djs-shape[data-element-id="{element}"]')


def see(page, element, mark):
    page.locator(f'#diagram .djs-shape.cl-{mark}[data-element-id="{element}"]').wait_for()


def test_work_is_inserted_before_a_step_that_is_still_to_come(engine, sign_in, case_of):
    page = sign_in("emil")
    page.goto(case_of("L-204"))
    see(page, "draft", "current")

    page.get_by_test_id("insert").click()
    page.get_by_test_id("insert-names").fill("Ask a lawyer")
    page.get_by_test_id("insert-anchor").select_option(label="Before “Send letter”")
    page.get_by_test_id("insert-who").select_option("group:legal")
    page.get_by_test_id("reason").fill("The terms are unusual.")
    page.get_by_test_id("preview").click()

    assert "“Ask a lawyer” comes before “Send letter”." in page.get_by_test_id("consequences").inner_text()
    page.locator(".cl-card", has_text="Ask a lawyer").wait_for()
    page.get_by_test_id("apply").click()

    page.locator(".cl-card.cl-inserted", has_text="Ask a lawyer").wait_for()
    assert "The terms are unusual." in page.get_by_test_id("timeline").inner_text()


def test_a_step_is_chosen_on_the_drawing_and_skipped(engine, sign_in, case_of):
    page = sign_in("emil")
    page.goto(case_of("L-206"))
    page.get_by_test_id("skip").click()
    see(page, "check_plot", "current")

    shape(page, "check_plot").click()
    assert page.get_by_role("radio", checked=True).locator("xpath=..").inner_text().startswith("Check plot")
    page.get_by_test_id("reason").fill("The plot is known.")
    page.get_by_test_id("preview").click()
    assert "“Check plot” is skipped, this time." in page.get_by_test_id("consequences").inner_text()
    page.get_by_test_id("apply").click()

    see(page, "check_plot", "skipped")
    assert "“Check plot” was skipped" in page.get_by_test_id("timeline").inner_text()


def test_going_back_shows_what_falls_before_it_falls_and_undo_brings_it_back(engine, sign_in, case_of):
    page = sign_in("emil")
    page.goto(case_of("L-204"))
    page.get_by_test_id("revisit").click()
    page.locator("label", has_text="Check plot").click()
    page.get_by_test_id("reason").fill("The wrong plot was checked.")
    page.get_by_test_id("preview").click()

    said = page.get_by_test_id("consequences")
    said.wait_for()
    assert re.search(r"Is taken back.*\n+Draft lease", said.inner_text())
    see(page, "draft", "preview-withdrawn")
    see(page, "check_plot", "preview-opened")
    page.get_by_test_id("apply").click()

    see(page, "check_plot", "current")
    see(page, "check_applicant", "done")
    page.get_by_test_id("undo").click()
    page.locator("label", has_text="Went back").click()
    page.get_by_test_id("preview").click()
    page.get_by_test_id("consequences").wait_for()
    page.get_by_test_id("apply").click()

    see(page, "draft", "current")
    assert [task.name for task in engine.cases(business_key="L-204")[0].tasks] == ["Draft lease"]


def test_a_step_is_moved_and_another_one_replaced(engine, sign_in, case_of):
    page = sign_in("emil")
    page.goto(case_of("L-206"))
    page.get_by_test_id("more").click()
    page.get_by_test_id("elsewhere").click()
    page.get_by_role("radio", name="Draft lease").check()
    page.get_by_test_id("insert-anchor").select_option(label="Before “Check plot”")
    page.get_by_test_id("reason").fill("The file is wanted first.")
    page.get_by_test_id("preview").click()
    assert "“Draft lease” is done before “Check plot”." in page.get_by_test_id("consequences").inner_text()
    page.get_by_test_id("apply").click()

    page.get_by_test_id("more").click()
    page.get_by_test_id("instead").click()
    page.get_by_role("radio", name="Weigh objection").check()
    page.get_by_test_id("insert-names").fill("Ask the bank")
    page.get_by_test_id("reason").fill("It is an easy one.")
    page.get_by_test_id("preview").click()
    page.get_by_test_id("apply").click()

    assert "It is an easy one." in page.get_by_test_id("timeline").inner_text()
    page.locator(".cl-card", has_text="Draft lease").wait_for()
    page.locator(".cl-card", has_text="Ask the bank").wait_for()


def test_a_preview_can_be_changed_and_closed(sign_in, case_of):
    page = sign_in("emil")
    page.goto(case_of("L-204"))
    page.get_by_test_id("insert").click()
    page.get_by_test_id("insert-names").fill("Ask")
    page.get_by_test_id("preview").click()
    page.get_by_test_id("edit").click()
    page.get_by_test_id("insert-names").fill("Ask a lawyer")
    page.get_by_test_id("preview").click()
    page.locator(".consequences", has_text="“Ask a lawyer”").wait_for()
    page.wait_for_load_state()

    page.keyboard.press("Escape")

    page.wait_for_url(lambda url: url.endswith(case_of("L-204")))
    assert page.get_by_test_id("change-panel").count() == 0


def test_after_the_end_of_a_case_what_left_the_house_must_be_answered_for(engine, sign_in, case_of):
    page = sign_in("emil")
    page.goto(case_of("L-201"))
    page.get_by_test_id("revisit").click()
    page.locator("label", has_text="Draft lease").click()
    page.get_by_test_id("reason").fill("A clause is missing.")
    page.get_by_test_id("preview").click()
    page.get_by_test_id("consequences").wait_for()

    for group in page.locator("#change fieldset").all():
        group.get_by_role("radio").first.check()
    page.get_by_test_id("apply").click()

    page.get_by_test_id("status").wait_for()
    assert page.get_by_test_id("status").inner_text() == "running"


def test_what_a_person_may_not_do_is_refused_in_plain_words(engine, sign_in, case_of):
    page = sign_in("bo")
    page.goto(case_of("L-207"))
    page.get_by_test_id("skip").click()

    assert page.get_by_test_id("change-panel").is_visible()


def test_a_click_on_the_drawing_offers_what_can_be_done_there(engine, sign_in, case_of):
    page = sign_in("emil")
    page.goto(case_of("L-204"))
    see(page, "draft", "current")

    shape(page, "draft").click()
    page.get_by_test_id("spot").get_by_text("Insert work before it").click()

    page.get_by_test_id("insert-names").fill("Ask a lawyer")
    page.get_by_test_id("preview").click()
    page.locator(".consequences", has_text="“Ask a lawyer” comes before “Draft lease”.").wait_for()


def test_the_menu_on_the_drawing_answers_to_the_keyboard(sign_in, case_of):
    page = sign_in("emil")
    page.goto(case_of("L-204"))
    see(page, "draft", "current")

    shape(page, "draft").press("Enter")
    page.get_by_test_id("spot").wait_for()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.textContent") == "Insert work before it"
    page.keyboard.press("Escape")
    assert page.get_by_test_id("spot").count() == 0
    assert page.evaluate("document.activeElement.dataset.elementId") == "draft"

    shape(page, "draft").press("Enter")
    page.get_by_test_id("spot").wait_for()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.get_by_test_id("change-panel").wait_for()


def test_a_value_of_the_case_file_is_corrected(engine, sign_in, case_of):
    page = sign_in("emil")
    page.goto(case_of("L-204"))
    page.get_by_test_id("correct").click()
    page.locator("[data-testid=correct-name][data-htmx-powered]").select_option("amount")
    page.locator("input[name=shown][value=amount]").wait_for(state="attached")
    page.get_by_label("New value").fill("1200")
    page.get_by_test_id("reason").fill("A slip of the pen.")
    page.get_by_test_id("preview").click()

    page.locator(".consequences", has_text="“Amount”").wait_for()
    page.get_by_test_id("apply").click()

    page.get_by_test_id("status").wait_for()
    page.get_by_test_id("timeline").get_by_text("A slip of the pen.").wait_for()
    assert engine.cases(business_key="L-204")[0].data["amount"] == 1200


def test_a_case_is_paused_and_resumed_by_a_case_manager(sign_in, case_of):
    page = sign_in("admin")
    page.goto(case_of("L-204"))
    page.get_by_test_id("suspend").click()
    page.get_by_test_id("preview").click()
    page.get_by_text("The case rests").wait_for()
    page.get_by_test_id("apply").click()
    page.get_by_test_id("resume").click()
    page.get_by_test_id("preview").click()
    page.get_by_test_id("apply").click()

    page.get_by_test_id("suspend").wait_for()
    assert page.get_by_test_id("status").inner_text() == "running"
