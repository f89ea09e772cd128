"""An ad-hoc sub-process from the page of a case: starting what is needed, and saying that it is done."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser


def see(page, element, mark):
    page.locator(f'#diagram .djs-shape.cl-{mark}[data-element-id="{element}"]').wait_for()


def test_what_a_complaint_needs_is_started_and_then_it_is_done(engine, sign_in, case_of):
    page = sign_in("anna")
    page.goto(case_of("C-32"))
    see(page, "clear_up", "current")
    see(page, "talk_to_neighbour", "done")

    page.get_by_test_id("start-talk_to_neighbour").click()

    assert "“Talk to a neighbour” is started." in page.locator("main").inner_text()
    see(page, "talk_to_neighbour", "current")
    page.get_by_test_id("finish-clear_up").click()
    told = page.get_by_test_id("consequences").inner_text()
    assert "“Clear it up” is done" in told
    assert "Talk to a neighbour" in told.split("taken back", 1)[-1]
    page.get_by_test_id("apply").click()

    see(page, "clear_up", "done")
    see(page, "answer", "current")
    assert "“Clear it up” was said to be done" in page.get_by_test_id("timeline").inner_text()


def test_an_activity_is_started_from_the_menu_at_its_place(engine, sign_in, case_of):
    page = sign_in("anna")
    page.goto(case_of("C-32"))
    see(page, "clear_up", "current")

    page.locator('#diagram .djs-shape[data-element-id="talk_to_tenant"]').click()
    page.get_by_test_id("spot-play").click()

    see(page, "talk_to_tenant", "current")
    assert "“Talk to the tenant” was started" in page.get_by_test_id("timeline").inner_text()
