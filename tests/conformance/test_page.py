"""The page about BPMN says what the suite shows."""

from __future__ import annotations

from bpmn_page import PAGE, page


def test_the_page_about_bpmn_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python tests/conformance/bpmn_page.py"
