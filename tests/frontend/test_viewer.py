"""The diagram in the page: marks, cards, previews, pointer and keyboard, and a file that cannot be drawn."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser


def shape(name, x, y, width, height):
    bounds = f'<dc:Bounds x="{x}" y="{y}" width="{width}" height="{height}" />'
    return f'<bpmndi:BPMNShape id="{name}_shape" bpmnElement="{name}">{bounds}</bpmndi:BPMNShape>'


def edge(name, start, end):
    points = f'<di:waypoint x="{start}" y="140" /><di:waypoint x="{end}" y="140" />'
    return f'<bpmndi:BPMNEdge id="{name}_edge" bpmnElement="{name}">{points}</bpmndi:BPMNEdge>'


# Report > Repair, as a modeler draws it.
DIAGRAM = f"""<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
             xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"
             xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"
             xmlns:di="http://www.omg.org/spec/DD/20100524/DI" id="drawing" targetNamespace="urn:test">
  <process id="fault" isExecutable="true">
    <startEvent id="start" />
    <sequenceFlow id="start__report" sourceRef="start" targetRef="report" />
    <userTask id="report" name="Report" />
    <sequenceFlow id="report__repair" sourceRef="report" targetRef="repair" />
    <userTask id="repair" name="Repair" />
    <sequenceFlow id="repair__end" sourceRef="repair" targetRef="end" />
    <endEvent id="end" />
  </process>
  <bpmndi:BPMNDiagram id="page"><bpmndi:BPMNPlane id="plane" bpmnElement="fault">
    {shape("start", 100, 122, 36, 36)}
    {shape("report", 200, 100, 100, 80)}
    {shape("repair", 400, 100, 100, 80)}
    {shape("end", 600, 122, 36, 36)}
    {edge("start__report", 136, 200)}
    {edge("report__repair", 300, 400)}
    {edge("repair__end", 500, 600)}
  </bpmndi:BPMNPlane></bpmndi:BPMNDiagram>
</definitions>
"""
FILES = {"/fault.bpmn": DIAGRAM}
BOARD = '<div id="diagram" data-diagram="/fault.bpmn" data-marks="marks"><p>Report is done.</p></div>'


def element(name):
    return f'.djs-element[data-element-id="{name}"]'


def has(page, name, mark):
    return mark in page.locator(element(name)).get_attribute("class").split()


def listen(page, event):
    page.evaluate("() => { window.heard = []; }")
    page.evaluate("event => document.addEventListener(event, (sent) => heard.push(sent.detail))", event)


def heard(page):
    return page.evaluate("window.heard")


def test_marks_are_drawn_on_elements_and_said_to_screen_readers(show, block):
    marks = {
        "elements": {
            "report": {"marks": ["done"], "count": 3, "title": "done by Anna"},
            "repair": {"marks": ["current"]},
            "report__repair": {"marks": ["done"]},
            "gone": {"marks": ["done"]},
        }
    }

    page = show(BOARD + block("marks", marks), "caseloom-viewer", files=FILES)
    page.wait_for_selector(".cl-badge")

    assert has(page, "report", "cl-done")
    assert has(page, "report__repair", "cl-done")
    assert has(page, "repair", "cl-current")
    assert page.locator(".cl-badge").all_inner_texts() == ["×3", ""]
    assert page.get_attribute(element("report"), "aria-label") == "Report: done by Anna"
    assert page.get_attribute(element("repair"), "aria-label") == "Repair: current"
    assert page.locator("#diagram").inner_text().startswith("Report is done.")


def test_what_is_skipped_or_will_be_is_struck_through(show, block):
    marks = {"elements": {"report": {"marks": ["skipped"]}, "repair": {"marks": ["directive"]}}}

    page = show(BOARD + block("marks", marks), "caseloom-viewer", files=FILES)
    page.wait_for_selector(".cl-badge")

    assert page.locator(".cl-strike").count() == 2


def test_inserted_work_stands_as_a_card_at_its_anchor_or_at_the_edge(show, block):
    marks = {
        "inserted": [
            {
                "anchor": "repair",
                "place": "before",
                "name": "Ask",
                "marks": ["current"],
                "href": "/tasks/7",
                "id": "7",
            },
            {"anchor": None, "place": "case", "name": "File a claim", "marks": ["done"]},
            {"anchor": "gone", "place": "after", "name": "Lost", "marks": ["held"]},
        ]
    }

    page = show(BOARD + block("marks", marks), "caseloom-viewer", files=FILES)
    page.wait_for_selector(".cl-card")

    assert page.locator(".cl-cards .cl-card").all_inner_texts() == ["Ask"]
    assert page.get_attribute('[data-inserted-id="7"]', "href") == "/tasks/7"
    assert page.locator(".cl-case-cards .cl-card").all_inner_texts() == ["File a claim", "Lost"]


def test_a_click_or_the_keyboard_chooses_an_element(show, block):
    page = show(BOARD + block("marks", {}), "caseloom-viewer", files=FILES)
    page.wait_for_selector(element("report"))
    listen(page, "caseloom:element")

    page.click(element("report"))
    page.focus(element("repair"))
    page.keyboard.press("Enter")

    assert heard(page) == [
        {"id": "report", "name": "Report", "type": "UserTask"},
        {"id": "repair", "name": "Repair", "type": "UserTask"},
    ]
    assert not has(page, "report", "cl-chosen")
    assert has(page, "repair", "cl-chosen")


def test_a_preview_that_enters_the_page_shows_on_the_drawing_until_it_leaves(show, block):
    page = show(
        BOARD + block("marks", {"elements": {"report": {"marks": ["done"]}}}) + '<div id="panel"></div>',
        "caseloom-viewer",
        files=FILES,
    )
    page.wait_for_selector(".cl-badge")

    would = {"report": {"marks": ["preview-superseded"]}, "repair": {"marks": ["preview-opened"]}}
    preview = block("preview", {"elements": would}).replace("<script", '<script data-marks-for="diagram"')
    page.evaluate("html => { panel.innerHTML = html; }", preview)
    page.wait_for_selector(".cl-preview-opened")
    assert has(page, "report", "cl-preview-superseded")
    assert has(page, "report", "cl-done")

    page.evaluate("() => panel.replaceChildren()")
    page.wait_for_selector(".cl-preview-opened", state="detached")
    assert has(page, "report", "cl-done")


def test_marks_are_read_again_when_asked(show, block):
    page = show(BOARD + block("marks", {}), "caseloom-viewer", files=FILES)
    page.wait_for_selector(element("report"))

    page.evaluate(
        """() => { marks.textContent = '{"elements": {"repair": {"marks": ["held"]}}}';
                   diagram.dispatchEvent(new CustomEvent("caseloom:marks")); }"""
    )

    page.wait_for_selector(f"{element('repair')}.cl-held")


def test_a_link_brings_an_element_into_view(show, block):
    link = '<a href="#diagram" data-shows="repair">Repair has no form</a>'

    page = show(BOARD + block("marks", {}) + link, "caseloom-viewer", files=FILES)
    page.wait_for_selector(element("report"))
    page.click("text=Repair has no form")

    assert has(page, "repair", "cl-chosen")


def test_the_drawing_is_found_again_after_the_page_swapped_it(show, block):
    page = show('<main id="here"></main>', "caseloom-viewer", files=FILES)

    page.evaluate(
        "html => { here.innerHTML = html; }",
        BOARD + block("marks", {"elements": {"end": {"marks": ["done"]}}}),
    )

    page.wait_for_selector(".cl-badge")


def test_a_diagram_without_a_drawing_leaves_its_words_in_place(show, block):
    bare = DIAGRAM.split("<bpmndi:")[0] + "</definitions>"

    page = show(BOARD + block("marks", {}), "caseloom-viewer", files={"/fault.bpmn": bare})
    page.wait_for_selector(".cl-failure")

    assert "cannot be shown" in page.inner_text(".cl-failure")
    assert "Report is done." in page.inner_text("#diagram")


def test_the_drawing_fits_and_the_mark_of_bpmn_io_is_in_view(show, block):
    page = show(BOARD + block("marks", {}), "caseloom-viewer", files=FILES)
    page.wait_for_selector(element("end"))

    board = page.locator("#diagram").bounding_box()
    end = page.locator(element("end")).bounding_box()
    assert board["x"] < end["x"] < board["x"] + board["width"] - end["width"]
    assert page.locator("a.bjs-powered-by").is_visible()


def test_a_drawing_that_nobody_moved_fits_again_when_its_room_changes(show, block, eventually):
    page = show(BOARD + block("marks", {}), "caseloom-viewer", files=FILES)
    page.wait_for_selector(element("end"))
    wide = page.locator(element("end")).bounding_box()

    page.set_viewport_size({"width": 620, "height": 720})

    eventually(page, lambda: page.locator(element("end")).bounding_box()["x"] < wide["x"] - 100)
    assert 0 < page.locator(element("start")).bounding_box()["x"] < 300


def test_a_drawing_that_somebody_moved_stays_where_it_is(show, block):
    page = show(BOARD + block("marks", {}), "caseloom-viewer", files=FILES)
    page.wait_for_selector(element("end"))
    page.click("[aria-label='Zoom in']")
    before = page.locator(element("report")).bounding_box()

    page.set_viewport_size({"width": 1100, "height": 720})
    page.wait_for_timeout(200)

    assert page.locator(element("report")).bounding_box()["width"] == before["width"]


def test_on_a_phone_the_drawing_stays_readable_and_shows_where_the_case_stands(show, block):
    wide = DIAGRAM.replace('x="400" y="100"', 'x="2400" y="100"').replace(
        'x="600" y="122"', 'x="2600" y="122"'
    )
    page = show(
        BOARD + block("marks", {"elements": {"repair": {"marks": ["current"]}}}),
        "caseloom-viewer",
        files={"/fault.bpmn": wide},
    )
    page.set_viewport_size({"width": 390, "height": 800})
    page.reload()
    page.wait_for_selector(".cl-badge")

    box = page.locator(element("repair")).bounding_box()
    assert box["width"] > 50
    assert 0 < box["x"] < 390 - box["width"]
