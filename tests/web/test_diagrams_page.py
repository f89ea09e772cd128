"""The diagrams page: upload, findings on the drawing, versions."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
from drawing import draw

BROKEN = draw("Register > [ amount > : Manager ] > Send", key="broken")
HOSTILE = Path(__file__).parents[3] / "shared" / "hostile"


@pytest.fixture
def upload(anna):
    def send(*files):
        anna.get("/diagrams")
        return anna.post("/diagrams", [("files", (io.BytesIO(data), name)) for name, data in files])

    return send


def test_an_uploaded_diagram_is_ready_to_start(engine, anna, upload, find):
    answer = upload(("lease.bpmn", draw("Register > Send", key="lease", name="Lease")))

    assert answer.status_code == 200
    assert "“Lease”, version 1" in answer.text
    assert "Register" not in find(answer, "process-lease")[0]
    assert anna.get("/cases/new/lease").status_code == 200


def test_what_cannot_run_is_refused_with_the_place_on_the_drawing(engine, upload, page, find):
    answer = upload(("broken.bpmn", BROKEN))

    assert answer.status_code == 422
    assert "Nothing was stored." in answer.text
    assert engine.definitions() == []
    marks = json.loads(page(answer).xpath("//script[@id='marks-1']")[0].text)
    assert any("finding-error" in mark["marks"] for mark in marks["elements"].values())
    assert page(answer).xpath("//pre[@id='xml-1']")[0].text_content() == BROKEN.decode()
    assert page(answer).xpath("//a[@data-shows]/@data-shows")


def test_a_second_upload_is_a_second_version_and_the_first_stays(engine, anna, upload, page):
    upload(("lease.bpmn", draw("Register > Send", key="lease")))
    upload(("lease.bpmn", draw("Register > Check > Send", key="lease")))
    engine.start("lease", version=1)

    first, second = engine.definitions("lease")
    answer = anna.get(f"/diagrams/{second.id}")

    cells = [cell.text_content() for cell in page(answer).xpath("//table//tr/td")]
    assert cells == ["Version 2", "lease.bpmn", "0 running", "Version 1", "lease.bpmn", "1 running"]
    assert b"Check" not in anna.get(f"/diagrams/{first.id}/diagram.bpmn").data


def test_a_version_says_whether_its_cases_can_get_stuck(engine, anna, upload, find):
    upload(("lease.bpmn", draw("Register > Send", key="lease")))
    [lease] = engine.definitions("lease")

    assert "sound" in find(anna.get("/diagrams"), "process-lease")[0]
    assert find(anna.get(f"/diagrams/{lease.id}"), "soundness") == ["sound"]


def test_the_drawing_comes_byte_for_byte(engine, anna):
    xml = draw("Register", key="lease")
    engine.deploy(("lease.bpmn", xml))

    answer = anna.get(f"/diagrams/{engine.definitions()[0].id}/diagram.bpmn")

    assert answer.data == xml
    assert answer.mimetype == "application/xml"
    assert "immutable" in answer.headers["Cache-Control"]


def test_a_bundle_is_one_upload(engine, upload):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as bundle:
        bundle.writestr("a.bpmn", draw("A", key="a"))
        bundle.writestr("b.bpmn", draw("B", key="b"))

    assert upload(("both.zip", packed.getvalue())).status_code == 200
    assert [found.key for found in engine.definitions()] == ["a", "b"]


def test_an_upload_without_a_file_is_asked_again(anna):
    anna.get("/diagrams")

    assert anna.post("/diagrams").status_code == 422


def test_a_script_hidden_in_a_file_does_not_become_part_of_the_page(upload):
    evil = BROKEN.replace(
        b"</definitions>", b"<!-- </pre></script><script>alert(1)</script> --></definitions>"
    )
    evil = evil.replace(
        b"</bpmn:definitions>", b"<!-- </pre><script>alert(1)</script> --></bpmn:definitions>"
    )

    answer = upload(("<script>alert(2)</script>.bpmn", evil))

    assert answer.status_code == 422
    assert "<script>alert" not in answer.text


@pytest.mark.skipif(not HOSTILE.is_dir(), reason="the hostile files are not beside the repository")
def test_no_hostile_file_breaks_the_page(upload):
    for file in sorted(HOSTILE.glob("*.bpmn")):
        if file.stat().st_size < 2_000_000:
            assert upload((file.name, file.read_bytes())).status_code in (200, 422), file.name


def test_a_diagram_that_is_not_there(anna):
    assert anna.get("/diagrams/nothing").status_code == 404
    assert anna.get("/diagrams/nothing/diagram.bpmn").status_code == 404


TABLE = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="Limits" namespace="urn:test">
  <inputData id="amount" name="amount"><variable name="amount" typeRef="number"/></inputData>
  <decision id="limit" name="Limit">
    <variable name="Limit" typeRef="string"/>
    <informationRequirement><requiredInput href="#amount"/></informationRequirement>
    <decisionTable hitPolicy="UNIQUE">
      <input id="i"><inputExpression typeRef="number"><text>amount</text></inputExpression></input>
      <output id="o" typeRef="string"/>
      <rule id="r1"><inputEntry><text>&lt; 10</text></inputEntry><outputEntry><text>"low"</text></outputEntry></rule>
      <rule id="r2"><inputEntry><text>&gt;= 10</text></inputEntry><outputEntry><text>"high"</text></outputEntry></rule>
    </decisionTable>
  </decision>
</definitions>"""


def test_a_decision_is_listed_and_can_be_looked_at(engine, anna, upload, find, page):
    answer = upload(("limits.dmn", TABLE.encode()))
    assert answer.status_code == 200, answer.text
    assert "Limit" in find(answer, "decision-limit")[0]

    path = page(answer).xpath("//li[@data-testid='decision-limit']//a/@href")[0]
    drawing = page(anna.get(path)).xpath("//div[@id='diagram']/@data-diagram")[0]

    assert anna.get(drawing).data == TABLE.encode()
    assert anna.get("/diagrams/decisions/nothing").status_code == 404
