"""A decision model to look at, and the drawing board."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

# dmn-js and the modeler set style attributes, which their pages have to allow.
STYLE_BY_ATTRIBUTE = "default-src 'self'; img-src 'self' data:; style-src-attr 'unsafe-inline'"

# DMN 1.5, one table.
DECISION = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" id="limits" name="Limits"
             namespace="urn:test">
  <decision id="approval" name="Approval">
    <decisionTable id="table">
      <input id="i1" label="Amount">
        <inputExpression id="x1" typeRef="number"><text>amount</text></inputExpression>
      </input>
      <output id="o1" name="approval" typeRef="string" />
      <rule id="r1">
        <inputEntry id="c1"><text>&gt; 1000</text></inputEntry>
        <outputEntry id="v1"><text>"manager"</text></outputEntry>
      </rule>
    </decisionTable>
  </decision>
</definitions>
"""
DIAGRAM = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:caseloom="urn:caseloom:bpmn:1"
             xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"
             xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"
             id="drawing" targetNamespace="urn:test">
  <process id="fault" isExecutable="true">
    <userTask id="report" name="Report" caseloom:skipGroups="leads" caseloom:effect="irreversible" />
  </process>
  <bpmndi:BPMNDiagram id="d"><bpmndi:BPMNPlane id="p" bpmnElement="fault">
    <bpmndi:BPMNShape id="s" bpmnElement="report">
      <dc:Bounds x="300" y="100" width="100" height="80" />
    </bpmndi:BPMNShape>
  </bpmndi:BPMNPlane></bpmndi:BPMNDiagram>
</definitions>
"""


def test_a_decision_table_is_shown_whatever_its_version_of_dmn(show):
    page = show(
        '<div data-diagram="/limits.dmn">One table.</div>',
        "caseloom-viewer",
        files={"/limits.dmn": DECISION},
        policy=STYLE_BY_ATTRIBUTE,
    )

    page.wait_for_selector(".tjs-table")

    assert page.locator(".cl-tabs button").all_inner_texts() == ["Approval"]
    assert "> 1000" in page.inner_text(".tjs-table")


def test_a_decision_that_cannot_be_read_leaves_its_words_in_place(show):
    page = show(
        '<div data-diagram="/limits.dmn">One table.</div>',
        "caseloom-viewer",
        files={"/limits.dmn": "<nothing/>"},
        policy=STYLE_BY_ATTRIBUTE,
    )

    page.wait_for_selector(".cl-failure")

    assert "One table." in page.inner_text("[data-diagram]")


def test_the_drawing_board_writes_the_xml_back_with_our_attributes(show, eventually):
    page = show(
        '<form><div data-modeler="/fault.bpmn" data-panel="#panel"></div><div id="panel"></div></form>',
        "caseloom-modeler",
        files={"/fault.bpmn": DIAGRAM},
        policy=STYLE_BY_ATTRIBUTE,
    )
    page.wait_for_selector('[data-element-id="report"]')
    page.click('[data-element-id="report"]')
    page.click("text=General")
    page.fill("#bio-properties-panel-name", "Report a fault")
    eventually(page, lambda: "Report a fault" in page.input_value("[name=diagram]"))

    xml = page.input_value("[name=diagram]")
    assert 'caseloom:skipGroups="leads"' in xml
    assert 'caseloom:effect="irreversible"' in xml
