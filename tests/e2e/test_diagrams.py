"""Diagrams: a real one is uploaded and started, a broken one is refused on its drawing."""

from __future__ import annotations

from pathlib import Path

import pytest
from drawing import draw

pytestmark = pytest.mark.browser

SHARED = Path(__file__).parents[3] / "shared"
CORPUS = SHARED / "corpus"
TABLES = SHARED / "dmn-tck" / "compliance-level-2" / "0004-simpletable-U"


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not beside the repository")
def test_a_diagram_of_a_camunda_user_is_uploaded_unchanged_and_started(sign_in):
    page = sign_in("admin")
    page.get_by_role("link", name="Diagrams").click()
    page.get_by_label("Upload diagrams").set_input_files(CORPUS / "camunda7" / "process-e-signing.bpmn")
    page.get_by_test_id("upload").click()
    page.get_by_text("Stored and ready to run").wait_for()

    page.locator("[data-testid^=process-]", has_text="signing").first.get_by_role("link").first.click()
    page.locator("#diagram .djs-shape").first.wait_for()
    page.get_by_test_id("start-case").click()
    page.get_by_test_id("start").click()

    page.locator("#diagram .djs-shape").first.wait_for()


def test_a_broken_diagram_is_refused_on_its_drawing(sign_in, case_of):
    page = sign_in("admin", expected=(422,))
    page.goto("/diagrams")
    lease = Path(__file__).parents[2] / "diagrams" / "lease_request" / "lease_request.bpmn"
    broken = lease.read_bytes().replace(b"amount &gt; 100000", b"amount &gt; &gt;")
    assert broken != lease.read_bytes()
    page.get_by_label("Upload diagrams").set_input_files(
        {"name": "broken.bpmn", "mimeType": "application/xml", "buffer": broken}
    )
    page.get_by_test_id("upload").click()

    page.locator(".cl-finding-error").first.wait_for()
    page.locator("[data-shows]").first.click()
    page.locator(".djs-element.cl-chosen").first.wait_for()
    assert "Nothing was stored." in page.get_by_role("alert").first.inner_text()


def test_a_drawing_without_a_layout_says_so_instead_of_failing(engine, sign_in):
    engine.deploy(("plain.bpmn", draw("Work", key="plain")))
    page = sign_in("admin")
    page.goto("/diagrams")
    page.get_by_test_id("process-plain").get_by_role("link").first.click()

    page.get_by_text("The diagram cannot be shown").wait_for()


@pytest.mark.skipif(not TABLES.is_dir(), reason="the decision models are not beside the repository")
def test_a_decision_table_is_uploaded_and_looked_at(sign_in):
    page = sign_in("admin")
    page.goto("/diagrams")
    page.get_by_label("Upload diagrams").set_input_files(TABLES / "0004-simpletable-U.dmn")
    page.get_by_test_id("upload").click()
    page.locator("[data-testid^=decision-]").first.get_by_role("link").first.click()

    page.locator("#diagram .cl-tabs [role=tab]").nth(1).click()
    page.locator("#diagram table").first.wait_for()
