"""FEEL: what expressions mean. The compatibility kit (tests/decisions) covers the functions; this the rest."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caseloom.engine.errors import ExpressionError
from caseloom.engine.expressions import Environment, compile_feel, compile_unary_tests, evaluate
from caseloom.engine.expressions.values import Range, YearMonthDuration


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1 + 2 * 3", 7),
        ("-3 ** 2", 9),
        ("10 / 4", Decimal("2.5")),
        ("10 / 5", 2),
        ("1 / 3", Decimal("0.3333333333333333333333333333333333")),
        ("0.1 + 0.2", Decimal("0.3")),
        ("1.0", 1),
        ('"a" + "b"', "ab"),
        ("true and null", None),
        ("false and null", False),
        ("true or null", True),
        ("if null then 1 else 2", 2),
        ("5 between 1 and 10", True),
        ("5 in (1, 5)", True),
        ("5 in [1..5)", False),
        ("5 in ]1..5]", True),
        ("5 in (> 3)", True),
        ("[1, 2, 3][item > 1]", [2, 3]),
        ("[1, 2, 3][-1]", 3),
        ("[{a: 1}, {a: 2}][a > 1].a", [2]),
        ("[{a: 1}, {a: 2}].a", [1, 2]),
        ("{a: 1, b: a + 1}.b", 2),
        ("for x in [1, 2], y in [3, 4] return x * y", [3, 4, 6, 8]),
        ("for i in 1..5 return if i < 3 then 1 else partial[-1] + partial[-2]", [1, 1, 2, 3, 5]),
        ("some x in [1, 2] satisfies x > 1", True),
        ("every x in [1, 2] satisfies x > 1", False),
        ("(function(x: number) x * 2)(21)", 42),
        ("{fact: function(n) if n < 2 then 1 else n * fact(n - 1), r: fact(20)}.r", 2432902008176640000),
        ('@"2026-01-31" + @"P1M"', date(2026, 2, 28)),
        ('@"2026-03-01" - @"2026-02-01"', timedelta(days=28)),
        ('duration("P1Y") / 2', YearMonthDuration(6)),
        ('string(@"PT36H")', "P1DT12H"),
        ("[1..3]", Range(1, 3)),
        ('"x" instance of string', True),
        ("[1] instance of list<number>", True),
        ('string join(["a", null, "b"], "-")', "a-b"),
        ("get or else(null, 1)", 1),
        ("sum()", None),
        ("// a comment\n1 /* another */ + 1", 2),
    ],
)
def test_an_expression_has_its_value(expression, value):
    assert evaluate(expression, {}) == value


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("missing + 1", "There is no variable “missing”."),
        ('1 + "a"', "“+” is not defined for number and string."),
        ('1 < "a"', "“<” cannot compare number with string."),
        ("1 / 0", "/ gives a division by zero."),
        ("{a: 1}.b", "The context has no entry “b”."),
        ("[1][2]", "The list has no item 2."),
        ("upper case(1)", "upper case: “string” must be a string, not number."),
        ("upper case()", "“upper case” does not take 0 arguments."),
        ("now()", "now: nobody said what time it is."),
        ('date("2026-02-30")', "date: There is no date 2026-02-30."),
    ],
)
def test_what_cannot_be_computed_is_null_and_says_why(expression, reason):
    env = Environment()

    assert compile_feel(expression).evaluate({}, env) is None
    assert env.reasons[0] == reason


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("1 +", 1, 4, "the expression ends where a value was expected"),
        ("a >\n  or 5", 2, 3, "“or” stands where a value was expected"),
        ("if a then b", 1, 12, "“else”"),
        ('"abc', 1, 1, "no closing quotation mark"),
        ("/* abc", 1, 1, "no closing “*/”"),
        ("first name > 5", 1, 7, "written `first name`"),
        ("x instance of tns.", 1, 19, "the expression ends"),
        ("f(1", 1, 4, "“)” to close the arguments"),
        ("a # b", 1, 3, "“#” has no meaning"),
        ("f(a: 1, 2)", 1, 2, "either all arguments of a call have names, or none has"),
    ],
)
def test_an_error_names_the_place_and_what_was_expected(text, line, column, words):
    with pytest.raises(ExpressionError) as raised:
        compile_feel(text)

    assert (raised.value.line, raised.value.column) == (line, column)
    assert words in str(raised.value)


def test_names_with_spaces_and_signs_are_read_where_they_are_known():
    names = ["monthly income", "a-b", "income"]

    assert compile_feel("monthly income - a-b", names=names).evaluate({"monthly income": 5, "a-b": 2}) == 3
    assert compile_feel("`monthly income` + 1").evaluate({"monthly income": 5}) == 6
    assert compile_feel("{first name: 1}.first name").evaluate({}) == 1
    assert compile_feel("for my item in [1] return my item + 1").evaluate({}) == [2]


def test_an_expression_says_what_it_reads():
    expression = compile_feel(
        "sum(for i in items return i.price * rate) > limit and orders[status = x].id != null"
    )

    assert expression.reads == {"items", "rate", "limit", "orders"}
    assert expression.may_read == {"status", "x"}
    assert not expression.constant
    assert compile_feel("count > 5").reads == {"count"}
    assert compile_feel("1 + 1").constant
    assert not compile_feel("now()").constant


def test_a_variable_may_have_the_name_of_a_function():
    assert evaluate("count(list) + count", {"list": [1, 2], "count": 5}) == 7


def test_numbers_come_in_as_floats_and_are_computed_as_decimals():
    assert evaluate("a + b", {"a": 0.1, "b": 0.2}) == Decimal("0.3")
    assert evaluate("a = 5", {"a": 5.0}) is True
    assert evaluate("my amount + 1", {"my amount": 1.5}) == Decimal("2.5")
    assert evaluate("[1, 2][a]", {"a": 2.0}) == 2
    for odd in (float("nan"), float("inf"), Decimal("NaN")):
        assert evaluate("a > 1", {"a": odd}) is None
        assert evaluate("a + 1", {"a": odd}) is None
        assert evaluate("[1, 2][a]", {"a": odd}) is None


def test_defined_is_another_thing_than_null():
    assert evaluate("is defined(a)", {"a": None}) is True
    assert evaluate("is defined(b)", {"a": None}) is False
    assert evaluate("is defined(a.b)", {"a": {}}) is False


def test_the_clock_and_chance_are_given_and_their_use_is_noted():
    env = Environment(now=datetime(2026, 11, 24, 9, tzinfo=UTC), random=lambda: 0.5)

    assert compile_feel("today()").evaluate({}, env) == date(2026, 11, 24)
    assert env.used_volatile
    assert compile_feel("random number()").evaluate({}, env) == Decimal("0.5")


@pytest.mark.parametrize(
    ("cell", "inputs", "others"),
    [
        ("-", [1, None, "x"], []),
        ('"a", "b"', ["a", "b"], ["c", None, 1]),
        ('not("a", "b")', ["c", 1], ["a"]),
        ("< 5, [10..20)", [4, 10], [5, 20, "a"]),
        ("> limit", [11], [10]),
        ("[1, 2]", [1, 2], [3]),
        ("? > 3 and ? < limit", [4], [10]),
        ('contains(?, "x")', ["axb"], ["b"]),
        ("true", [True], [False, None, "true"]),
        ("null", [None], [0]),
        ('date("2026-01-01")', [date(2026, 1, 1)], [date(2026, 1, 2)]),
    ],
)
def test_a_cell_matches_its_inputs_and_no_others(cell, inputs, others):
    tests = compile_unary_tests(cell)

    for value in inputs:
        assert tests.evaluate({"?": value, "limit": 10}) is True, value
    for value in others:
        assert tests.evaluate({"?": value, "limit": 10}) is False, value


DECIMALS = st.decimals(-(10**12), 10**12, allow_nan=False, allow_infinity=False, places=4)
NUMBERS = st.integers(-(10**20), 10**20) | DECIMALS


@given(NUMBERS, NUMBERS)
def test_arithmetic_obeys_its_laws(a, b):
    data = {"a": a, "b": b}

    assert evaluate("a + b = b + a", data) is True
    assert evaluate("a - b = -(b - a)", data) is True
    assert evaluate("(a < b) = (b > a)", data) is True
    assert evaluate("if b = 0 then true else abs(a / b * b - a) <= abs(a) / 10**30", data) is True


@given(st.dates(), st.integers(-5000, 5000))
def test_days_added_can_be_taken_away_again(day, count):
    try:
        expected = day + timedelta(days=count)
    except OverflowError:
        return

    assert evaluate('d + duration("P1D") * n', {"d": day, "n": count}) == expected
    assert evaluate('d + duration("P1D") * n - d = duration("P1D") * n', {"d": day, "n": count}) is True


PLAIN = st.none() | st.booleans() | st.integers(-99, 99) | st.text('ab\\"', max_size=5)


@given(st.recursive(PLAIN, lambda values: st.lists(values, max_size=3), max_leaves=8))
def test_what_string_writes_is_read_back(value):
    text = compile_feel("string([v])").evaluate({"v": value})

    assert evaluate(text, {}) == [value]
