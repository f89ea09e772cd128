"""The page to try an expression, a test or a decision."""

from __future__ import annotations

import pytest

from caseloom.storage.records import UserRecord
from caseloom.web import tries

MODEL = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="rates" name="Rates" namespace="urn:r">
  <decision id="rate" name="Rate">
    <decisionTable hitPolicy="FIRST">
      <input label="Amount"><inputExpression><text>amount</text></inputExpression></input>
      <output/>
      <annotation name="Why"/>
      <rule><inputEntry><text>&lt; 100</text></inputEntry><outputEntry><text>0</text></outputEntry>
        <annotationEntry><text>not worth it</text></annotationEntry></rule>
      <rule><inputEntry><text>&gt;= 100</text></inputEntry><outputEntry><text>5</text></outputEntry></rule>
    </decisionTable>
  </decision>
</definitions>"""


@pytest.fixture
def ida(engine, app, anna):
    """An analyst."""
    with engine.database.begin() as transaction:
        transaction.put_user(UserRecord("ida", name="Ida Quist", groups=("analysts",), password_hash="x"))
    visitor = type(anna)(app).signed_in("ida")
    visitor.get("/try")
    return visitor


def rows(**data):
    return [pair for name, value in data.items() for pair in (("free-name", name), ("free-value", value))]


def test_only_those_who_draw_may_try(anna, ida, find):
    assert anna.get("/try").status_code == 403
    assert 'href="/try"' not in anna.get("/diagrams").text
    assert ida.get("/try").status_code == 200
    assert find(ida.get("/diagrams"), "try-link") == ["Try an expression"]


def test_somebody_who_is_not_signed_in_is_sent_to_sign_in(visitor):
    assert visitor.get("/try").status_code == 303


def test_an_expression_is_computed_on_named_values(ida, find):
    answer = ida.post("/try", [("expression", "amount * 2 > 10"), *rows(amount="7")])

    assert (find(answer, "value"), find(answer, "type")) == (["true"], ["boolean"])


def test_a_row_counts_before_the_json(ida, find):
    typed = [("expression", "[a, b]"), ("json", '{"a": 1, "b": 2}'), *rows(a="2026-03-31")]

    assert find(ida.post("/try", typed), "value") == ["[2026-03-31, 2]"]


def test_an_expression_of_an_imported_diagram_is_computed(ida, find):
    assert find(ida.post("/try", [("expression", "${a + 1}"), *rows(a="1")]), "value") == ["2"]


def test_null_says_why(ida, find):
    answer = ida.post("/try", {"expression": 'a + "x"', "json": '{"a": 1}'})

    assert find(answer, "value") == ["null"]
    assert "“+” is not defined for number and string" in find(answer, "reasons")[0]


def test_the_place_that_cannot_be_read_is_marked(ida, find, page):
    answer = ida.post("/try", {"expression": "1 +\r\n  + 2"})

    assert answer.status_code == 200
    assert page(answer).xpath("//pre[@class='source']")[0].text_content() == "1 +\n  + 2\n"
    assert page(answer).xpath("//pre[@class='source']/mark/text()") == ["+"]
    assert "stands where a value was expected" in find(answer, "problem")[0]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"expression": "1", "json": "{"}, "The data is not JSON"),
        ({"expression": "1", "json": "[1]"}, "an object with names and values"),
        ({"expression": "1", "json": '"' + "x" * tries.LONGEST_DATA + '"'}, "may have 200,000 characters"),
        ({"expression": "count(for a in 1..3000, b in 1..3000 return a)"}, "too much work"),
        ({"expression": "${execution.nonsense()}"}, "nonsense"),
        ({"what": "decision", "model": "<nonsense/>"}, "This model cannot be read."),
        ({"what": "decision", "decision": "nowhere"}, "There is no decision “nowhere”."),
    ],
)
def test_what_cannot_be_done_is_an_answer(ida, find, typed, sentence):
    answer = ida.post("/try", typed)

    assert answer.status_code == 200
    assert sentence in find(answer, "problem")[0]


@pytest.mark.parametrize(("given", "value"), [("150", "false"), ("250", "true"), ("20", "true")])
def test_the_test_of_a_cell_is_tried_on_a_value(ida, find, given, value):
    typed = {"what": "test", "tests": "< low, [200..300]", "given": given, "json": '{"low": 100}'}

    assert find(ida.post("/try", typed), "value") == [value]


def test_a_deployed_decision_tells_its_ground(engine, ida, find, page):
    engine.deploy(("rates.dmn", MODEL.encode()))
    assert "Rate" in ida.get("/try?what=decision").text

    answer = ida.post("/try", [("what", "decision"), ("decision", "rate"), *rows(amount="250")])

    assert find(answer, "value") == ["5"]
    (ground,) = find(answer, "ground")
    assert "Rate version 1" in ground
    assert "Amount 250 Matched Rule 2 Result 5" in ground
    assert "Rule 1: Amount is not < 100 (not worth it)" in ground


def test_a_pasted_model_is_tried_without_being_stored(engine, ida, find):
    answer = ida.post("/try", [("what", "decision"), ("model", MODEL), *rows(amount="20")])

    assert find(answer, "value") == ["0"]
    assert "Matched Rule 1 (not worth it)" in find(answer, "ground")[0]
    assert (
        "There is no decision"
        in find(ida.post("/try", {"what": "decision", "decision": "rate"}), "problem")[0]
    )


def test_where_several_decisions_could_be_meant_one_is_named(ida, find):
    two = MODEL.replace("</definitions>", '<decision id="b" name="B"/></definitions>')

    assert "“Rate”, “B”" in find(ida.post("/try", {"what": "decision", "model": two}), "problem")[0]
    named = [("what", "decision"), ("model", two), ("which", "rate"), *rows(amount="1")]
    assert find(ida.post("/try", named), "value") == ["0"]


def test_what_was_typed_stays_when_another_kind_is_shown(ida, page):
    answer = ida.post("/try", [("expression", "a + 1"), ("show", "test"), *rows(a="1")])

    shown = page(answer)
    assert shown.xpath("//input[@name='expression']/@value") == ["a + 1"]
    assert shown.xpath("//input[@name='free-name']/@value")[0] == "a"
    assert shown.xpath("//input[@name='what']/@value") == ["test"]


def test_a_long_value_stands_on_several_lines(ida, page):
    text = page(ida.post("/try", {"expression": "{names: for i in 1..30 return 1000 + i, b: {c: []}}"}))

    lines = text.xpath("//pre[@data-testid='value']")[0].text.splitlines()
    assert lines[:3] == ["{", "  names: [", "    1001,"]
    assert lines[-2:] == ["  b: {c: []}", "}"]


def test_markup_in_a_value_stays_text(ida):
    assert "<script>x" not in ida.post("/try", {"expression": '"<script>x"'}).text
