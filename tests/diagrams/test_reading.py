"""What is read, and what is refused before anybody looks at it."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from drawing import draw
from hypothesis import given
from hypothesis import strategies as st

from caseloom.diagrams import reading
from caseloom.diagrams.reading import Kind, parse_xml, read
from caseloom.engine.errors import DiagramError

DIAGRAM = draw("Register > Check")
DMN = b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="x"/>'
FORM = {"id": "check", "type": "default", "components": [{"type": "textfield", "key": "name"}]}


def refusal(data: bytes, name: str = "a.bpmn") -> str:
    with pytest.raises(DiagramError) as refused:
        read(name, data)
    (finding,) = refused.value.findings
    assert finding.file == name
    return finding.code


def test_a_file_is_what_its_content_says():
    assert read("a.xml", DIAGRAM).kind is Kind.BPMN
    assert read("a.bpmn", DMN).kind is Kind.DMN
    assert read("a.form", json.dumps(FORM).encode()).form == FORM


def test_the_source_keeps_the_bytes_as_they_came():
    assert read("a.bpmn", DIAGRAM).data == DIAGRAM


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_is_read_in_all_its_forms(encoding):
    text = "<?xml version='1.0'?>\n" + draw("Prüfen").decode().split("\n", 1)[1]

    root = parse_xml("a.bpmn", text.encode(encoding))

    assert "Prüfen" in {element.get("name") for element in root.iter()}


def test_a_declared_encoding_does_not_matter_where_the_bytes_are_ascii():
    data = b"<?xml version='1.0' encoding='ISO-8859-1'?>" + DIAGRAM.split(b"\n", 1)[1]

    assert read("a.bpmn", data).kind is Kind.BPMN
    assert refusal(data.replace(b"Register", "Prüfen".encode("latin-1"))) == "xml-encoding"


@pytest.mark.parametrize("encoding", ["UTF-7", "UTF-32", "IBM037", "x-unknown"])
def test_other_encodings_are_refused(encoding):
    data = f"<?xml version='1.0' encoding='{encoding}'?>".encode() + DIAGRAM.split(b"\n", 1)[1]

    assert refusal(data) == "xml-encoding"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "xml-empty"),
        (b" \n\t ", "xml-empty"),
        (b"hello", "xml-syntax"),
        (b"<definitions", "xml-syntax"),
        (b"<a>&unknown;</a>", "xml-syntax"),
        (b"<a/>", "not-a-diagram"),
        (b'<definitions xmlns="http://example.com"/>', "not-a-diagram"),
        (b"<a>\0</a>", "xml-nul"),
        (b"\x1f\x8b\x08\0abc", "xml-archive"),
        (b"PK\x03\x04abc", "xml-archive"),
        (b"<!DOCTYPE a><a/>", "xml-doctype"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "xml-doctype"),
        (b'<!DOCTYPE a SYSTEM "http://127.0.0.1:1/a.dtd"><a/>', "xml-doctype"),
        (b"\xff\xfe<\0a\0/\0>", "xml-encoding"),
    ],
)
def test_what_is_no_diagram_is_refused_by_name(data, code):
    assert refusal(data) == code


def test_the_line_of_a_mistake_is_told():
    with pytest.raises(DiagramError) as refused:
        read("a.bpmn", b"<a>\n<b>\n</a>")

    assert refused.value.findings[0].line == 3


def test_size_depth_and_count_are_bounded():
    assert refusal(b"<a>" + b" " * reading.MOST_BYTES + b"</a>") == "xml-size"
    assert refusal(b"<a>" * 201 + b"</a>" * 201) == "xml-depth"
    assert refusal(b"<a>" + b"<b/>" * reading.MOST_ELEMENTS + b"</a>") == "xml-count"
    assert refusal(b"<a " + b" ".join(b'a%d=""' % n for n in range(501)) + b"/>") == "xml-count"
    assert refusal(b"<a " + b" ".join(b'a%d=""' % n for n in range(120_000)) + b"/>") == "xml-size"


def test_a_diagram_of_too_many_steps_is_refused():
    steps = b"".join(b'<bpmn:task id="t%d"/>' % n for n in range(2 * reading.MOST_STEPS + 1))

    assert refusal(DIAGRAM.replace(b"</bpmn:process>", steps + b"</bpmn:process>")) == "diagram-size"


def test_xinclude_stays_what_it_is(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("hush")
    include = (
        f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{secret.as_uri()}" parse="text"/>'
    )
    data = DIAGRAM.replace(b"<bpmn:process ", include.encode() + b"<bpmn:process ")

    root = parse_xml("a.bpmn", data)

    assert "hush" not in "".join(root.itertext())


@given(st.binary(max_size=400))
def test_whatever_bytes_come_the_answer_is_a_diagram_or_a_refusal(data):
    with suppress(DiagramError):
        read("a.bpmn", data)


@given(st.integers(0, len(DIAGRAM) - 1), st.binary(min_size=1, max_size=8))
def test_a_damaged_diagram_is_read_or_refused(at, bytes_instead):
    with suppress(DiagramError):
        read("a.bpmn", DIAGRAM[:at] + bytes_instead + DIAGRAM[at + len(bytes_instead) :])


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"{", "form-syntax"),
        (b"[" * 100_000, "form-syntax"),
        (b"[]", "form-shape"),
        (b"{}", "form-shape"),
        (b'{"components": 1}', "form-shape"),
        (b'{"components": [1]}', "form-shape"),
        (b'{"components": [{"key": "a"}]}', "form-shape"),
        (b'{"components": [{"type": "textfield", "key": 1}]}', "form-shape"),
        (b'{"components": [{"type": "group", "components": {}}]}', "form-shape"),
        (b'{"components": []}' + b" " * reading.LONGEST_RUN, "form-size"),
        (b'{"components": [' + b'{"type": "group", "components": [' * 50 + b"]}" * 50 + b"]}", "form-size"),
        (b"\xff", "form-encoding"),
    ],
)
def test_what_is_no_form_is_refused_by_name(data, code):
    assert refusal(data, "a.form") == code
