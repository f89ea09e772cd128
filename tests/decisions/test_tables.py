"""Decision tables: hit policies, the index, the explanation."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from caseloom.engine.decisions.columns import Column, Constants, constants_of
from caseloom.engine.expressions import compile_unary_tests
from caseloom.engine.expressions.compiling import FUNCTION_NAMES
from caseloom.engine.expressions.parser import parse_tests

DISHES = """
    season, guests | dish
    "Fall"; <= 8 | "Ribs"
    "Winter"; <= 8 | "Roast"
    "Fall", "Winter"; > 8 | "Stew"
    not("Fall", "Winter"); - | "Salad"
"""


@pytest.mark.parametrize(
    ("season", "guests", "dish"),
    [("Fall", 4, "Ribs"), ("Winter", 8, "Roast"), ("Winter", 9, "Stew"), ("Spring", 99, "Salad")],
)
def test_the_matching_rule_decides(table, season, guests, dish):
    outcome = table(DISHES).decide("decision", {"season": season, "guests": guests})

    assert outcome.value == dish
    assert outcome.reasons == ()


def test_a_number_of_any_python_type_finds_its_rule(table):
    dishes = table(DISHES)

    for guests in (8, 8.0, Decimal("8.00")):
        assert dishes.decide("decision", {"season": "Fall", "guests": guests}).value == "Ribs"


TWO_MATCH = """
    age | discount
    >= 18 | 10
    >= 65 | 20
"""


@pytest.mark.parametrize(
    ("policy", "aggregation", "value"),
    [
        ("FIRST", "", 10),
        ("RULE ORDER", "", [10, 20]),
        ("COLLECT", "", [10, 20]),
        ("COLLECT", "SUM", 30),
        ("COLLECT", "MIN", 10),
        ("COLLECT", "MAX", 20),
        ("COLLECT", "COUNT", 2),
    ],
)
def test_the_hit_policy_says_what_becomes_of_several_matches(table, policy, aggregation, value):
    model = table(TWO_MATCH, policy=policy, aggregation=aggregation)

    assert model.decide("decision", {"age": 70}).value == value


@pytest.mark.parametrize(("policy", "value"), [("PRIORITY", 20), ("OUTPUT ORDER", [20, 10])])
def test_the_order_of_the_output_values_is_their_priority(table, policy, value):
    model = table(TWO_MATCH, policy=policy, values="20, 10")

    assert model.decide("decision", {"age": 70}).value == value


@pytest.mark.parametrize("policy", ["UNIQUE", "ANY"])
def test_a_conflict_is_null_and_names_the_rules(table, policy):
    outcome = table(TWO_MATCH, policy=policy).decide("decision", {"age": 70})

    assert outcome.value is None
    assert "rules 1, 2 match" in outcome.reasons[0]


def test_any_allows_rules_that_say_the_same(table):
    model = table("age | adult\n>= 18 | true\n>= 65 | true", policy="ANY")

    assert model.decide("decision", {"age": 70}).value is True


def test_nothing_matches_gives_the_default(table):
    assert table(TWO_MATCH, default="0").decide("decision", {"age": 3}).value == 0
    assert table(TWO_MATCH).decide("decision", {"age": 3}).value is None


def test_several_outputs_are_a_context(table):
    model = table('age | fee, note\n< 18 | 0; "child"\n>= 18 | 5; "adult"')

    assert model.decide("decision", {"age": 20}).value == {"fee": 5, "note": "adult"}


def test_the_explanation_says_what_matched_and_why_the_others_did_not(table):
    (decision,) = table(DISHES).decide("decision", {"season": "Fall", "guests": 4}).explanation
    (found,) = decision["tables"]

    assert decision["value"] == "Ribs"
    assert found["inputs"] == [{"label": "season", "value": "Fall"}, {"label": "guests", "value": 4}]
    assert [rule["rule"] for rule in found["matched"]] == [1]
    assert [(rule["rule"], rule["input"], rule["test"]) for rule in found["not_matched"]] == [
        (2, "season", '"Winter"'),
        (3, "guests", "> 8"),
        (4, "season", 'not("Fall", "Winter")'),
    ]


def test_a_cell_may_ask_for_more_than_constants(table):
    model = table('items | big\ncount(?) > limit | "yes"\ncount(?) <= limit | "no"')

    assert model.decide("decision", {"items": [1, 2, 3], "limit": 2}).value == "yes"


def test_ten_thousand_rules_are_found_by_their_values(table):
    rules = "\n".join(f'"k{number}"; [{number}..{number + 1}) | {number}' for number in range(10_000))
    model = table("key, size | result\n" + rules)

    assert model.decide("decision", {"key": "k7777", "size": 7777.5}).value == 7777
    assert model.decide("decision", {"key": "k7777", "size": 7778}).value is None


# --- the index finds what asking every cell finds

NUMBERS = st.integers(-5, 5) | st.decimals(-5, 5, places=1)
CELLS = st.one_of(
    st.just("-"),
    NUMBERS.map(str),
    st.tuples(st.sampled_from(["<", "<=", ">", ">="]), NUMBERS).map(lambda pair: f"{pair[0]} {pair[1]}"),
    st.tuples(st.sampled_from("[("), NUMBERS, NUMBERS, st.sampled_from("])")).map(
        lambda part: f"{part[0]}{min(part[1], part[2])}..{max(part[1], part[2])}{part[3]}"
    ),
    st.sampled_from(
        ['"a"', '"b"', '"a", "b"', 'not("a")', "not(1)", "not(< 0)", "true", "not(true)", "1, > 3"]
    ),
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(CELLS, min_size=1, max_size=12), NUMBERS | st.sampled_from(["a", "b", "c", True, False, None])
)
def test_the_index_finds_what_asking_every_cell_finds(cells, value):
    tests = [None if cell == "-" else compile_unary_tests(cell) for cell in cells]
    column = Column([test and test.code for test in tests], [constants(cell) for cell in cells])

    possible, asked = column.possible(value)

    for position, test in enumerate(tests):
        answer = True if test is None else test.evaluate({"?": value})
        found = bool(possible >> position & 1)
        if asked >> position & 1:
            assert found or not answer
            continue
        assert found == (answer is True), cells[position]


def constants(cell: str) -> Constants | None:
    return None if cell == "-" else constants_of(parse_tests(cell, (), FUNCTION_NAMES))
