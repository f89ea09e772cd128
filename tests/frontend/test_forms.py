"""A form-js form within an ordinary form."""

from __future__ import annotations

import json

import pytest

pytestmark = pytest.mark.browser

SCHEMA = {
    "type": "default",
    "schemaVersion": 19,
    "components": [
        {
            "type": "textfield",
            "id": "what",
            "key": "what",
            "label": "What is broken?",
            "validate": {"required": True},
        },
        {"type": "checkbox", "id": "urgent", "key": "urgent", "label": "Urgent"},
    ],
}
FORM = """
<form id="task"><div data-form="schema" data-values="values">Needs JavaScript.</div>
<button>Complete</button> <button formnovalidate>Save draft</button></form>
<output id="sent"></output>
"""


@pytest.fixture
def page(show, block):
    shown = show(
        FORM + block("schema", SCHEMA) + block("values", {"urgent": True, "secret": 5}), "caseloom-form"
    )
    shown.wait_for_selector(".fjs-form")
    shown.evaluate(
        """() => {
            window.changes = 0;
            task.addEventListener("change", ({ target }) => { changes += target.type === "hidden" ? 1 : 0; });
            task.addEventListener("submit", (event) => {
                event.preventDefault();
                sent.value = task.form_data.value;
            });
        }"""
    )
    return shown


def kept(page):
    return json.loads(page.input_value("[name=form_data]"))


def test_the_hidden_field_begins_with_the_forms_own_values_only(page):
    assert kept(page) == {"what": "", "urgent": True}
    assert page.evaluate("changes") == 0


def test_typing_is_kept_and_announced(page, eventually):
    page.fill("input[type=text]", "the tap")
    eventually(page, lambda: page.evaluate("changes") > 0)

    assert kept(page)["what"] == "the tap"


def test_a_form_with_something_wrong_is_not_sent(page, eventually):
    page.click("text=Complete")
    page.wait_for_selector("text=Field is required.")
    eventually(page, lambda: page.evaluate("document.activeElement.type") == "text")

    assert page.inner_text("#sent") == ""


def test_a_form_that_is_right_is_sent(page):
    page.fill("input[type=text]", "the tap")
    page.click("text=Complete")

    assert json.loads(page.inner_text("#sent")) == {"what": "the tap", "urgent": True}


def test_a_draft_is_sent_as_it_is(page):
    page.click("text=Save draft")

    assert json.loads(page.inner_text("#sent")) == {"what": "", "urgent": True}
