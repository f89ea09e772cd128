"""Every page fits its screen, at a desk and on a phone, in the light and in the dark."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_no_page_is_wider_than_the_screen(engine, sign_in, case_of, width, scheme):
    page = sign_in("admin", width=width, color_scheme=scheme)
    case = case_of("L-203")
    task = next(found for found in engine.tasks() if found.name == "Draft lease")
    definition = engine.definitions("lease_request")[0]
    paths = ["/", "/?whose=all", "/cases", case, f"/tasks/{task.id}", "/cases/new", "/cases/new/fault_report"]
    paths += [f"{case}/{change}" for change in ("insert", "skip", "revisit", "undo", "jump", "plans/new")]
    paths += [
        "/try",
        "/try?what=test",
        "/try?what=decision",
        "/diagrams",
        f"/diagrams/{definition.id}",
        f"/tasks/onward/{case.rpartition('/')[2]}",
    ]

    too_wide = []
    for path in paths:
        page.goto(path)
        if page.locator("#diagram").count():
            page.locator("#diagram .djs-shape").first.wait_for()
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            too_wide.append(path)

    assert too_wide == []


def test_the_page_does_not_jump_while_it_loads(sign_in, case_of):
    page = sign_in("emil")
    page.add_init_script(
        "window.jumped = 0; new PerformanceObserver(list => { for (const entry of list.getEntries()) "
        "if (!entry.hadRecentInput) window.jumped += entry.value; }).observe({ type: 'layout-shift', buffered: true });"
    )

    for path in ("/", "/cases", case_of("L-203")):
        page.goto(path)
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(300)
        assert page.evaluate("window.jumped") < 0.02, path
