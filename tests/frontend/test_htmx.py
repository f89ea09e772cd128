"""htmx under the content security policy of the pages."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser


def test_htmx_swaps_what_the_server_answers(show):
    button = (
        '<button hx-get="/part" hx-target="#here" hx-swap="innerHTML">More</button><main id="here"></main>'
    )
    page = show(button, files={"/part": "<p>Three tasks</p>"}, scripts=["htmx"])

    page.click("text=More")

    page.wait_for_selector("#here >> text=Three tasks")
