"""What is found doubtful in a decision model at deployment."""

from __future__ import annotations

import pytest

from caseloom.engine.decisions import findings
from caseloom.engine.errors import Severity


def found(model) -> list[tuple[str, str]]:
    return [(finding.code, finding.message) for finding in model.findings]


def test_a_table_that_is_sound_has_no_findings(table):
    model = table("age | adult\n< 18 | false\n>= 18 | true", types="number boolean")

    assert found(model) == []


@pytest.mark.parametrize(
    ("drawing", "message"),
    [
        ("age | fee\n< 18 | 0\n> 18 | 5", "No rule matches age = 18."),
        ('age, kind | fee\n-; "a" | 0\n> 18; "b" | 5', "No rule matches age = 17, kind = “b”."),
        ("adult | fee\ntrue | 5", "No rule matches adult = false."),
        ("age | fee\n[0..10) | 1\n(10..20] | 2", "No rule matches age = -1."),
    ],
)
def test_a_gap_is_shown_by_an_example(table, drawing, message):
    assert ("table-gap", message) in found(table(drawing))


def test_a_table_with_a_default_or_one_that_gives_a_list_has_no_gap(table):
    assert found(table("age | fee\n< 18 | 0", default="5")) == []
    assert found(table("age | fee\n< 18 | 0", policy="COLLECT")) == []


@pytest.mark.parametrize(
    ("drawing", "message"),
    [
        ("age | fee\n<= 18 | 0\n>= 18 | 5", "Rules 1 and 2 both match age = 18."),
        (
            'kind, age | fee\n"a", "b"; - | 0\nnot("a"); < 5 | 5',
            "Rules 1 and 2 both match kind = “b”, age = 4.",
        ),
    ],
)
def test_an_overlap_is_shown_by_an_example(table, drawing, message):
    assert ("table-overlap", message) in found(table(drawing))


def test_rules_of_any_may_overlap_when_they_say_the_same(table):
    drawing = "age | fee\n<= 18 | {}\n>= 18 | 5"

    assert found(table(drawing.format("5"), policy="ANY")) == []
    assert [code for code, _ in found(table(drawing.format("0"), policy="ANY"))] == ["table-overlap"]


def test_a_cell_of_another_type_than_its_column_is_found(table):
    model = table('age | fee\n"old" | 1\n- | "much"', types="number number")

    assert ("cell-type", "Rule 1 compares “age” (number) with a string.") in found(model)
    assert ("output-type", "Rule 2 gives a string for “fee” (number).") in found(model)


def test_an_expression_that_does_not_compile_is_found_and_runs_to_null(table):
    model = table('age | fee\n> | 1\n- | "x" +')
    cell, output = [finding for finding in model.findings if finding.code == "expression"]

    assert (cell.severity, cell.line, cell.element_id) == (Severity.WARNING, 1, "d")
    assert '“"x" +” cannot be read' in output.message
    assert model.decide("decision", {"age": 1}).value is None


def test_a_variable_that_is_not_required_is_found(model):
    elements = """
        <inputData id="i" name="amount"/>
        <decision id="d" name="d">
          <informationRequirement><requiredInput href="#i"/></informationRequirement>
          <informationRequirement><requiredInput href="#gone"/></informationRequirement>
          <literalExpression><text>amount > limit</text></literalExpression>
        </decision>
    """

    assert found(model(elements)) == [
        ("missing-requirement", "“d” requires “gone”, which is not there."),
        ("unknown-variable", "“limit” is nothing that this decision requires; it is looked for in the data."),
    ]


def test_a_type_that_is_not_known_is_found(model):
    elements = '<inputData id="i" name="a"><variable name="a" typeRef="tGone"/></inputData>'

    assert found(model(elements)) == [
        ("unknown-type", "There is no type “tGone”; its values are not checked.")
    ]


def test_a_file_that_is_no_model_gives_its_errors():
    (finding,) = findings("a.dmn", b"<definitions/>")

    assert (finding.file, finding.severity, finding.code) == ("a.dmn", Severity.ERROR, "not-dmn")
