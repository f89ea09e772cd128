"""A diagram is not trusted: no expression reaches a Python object, runs for ever, or eats the memory."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from caseloom.engine.errors import ExpressionError
from caseloom.engine.expressions import Environment, compile_feel, compile_juel, compile_place
from caseloom.engine.expressions.signatures import BUILTINS

NESTED = "{" + ", ".join(f"a{n}: [a{n - 1}, a{n - 1}]" for n in range(1, 40)).replace("a0", "1") + "}"


@pytest.mark.parametrize(
    "expression",
    [
        "for i in 1..100000000 return i",
        "some x in 1..1000000000 satisfies x < 0",
        "{f: function(x) f(x), r: f(1)}.r",
        "{f: function(x) [f(x), f(x)], r: f(1)}.r",
        "for i in 1..1000000 return exp(i / 1000000)",
        f'for i in 1..1000000 return "{"a" * 50_000}" + "b"',
        f"for i in 1..200000 return [{', '.join(['1'] * 20_000)}]",
        "for i in 1..1000 return for j in 1..1000 return i",
        "for i in 1..500 return [partial[-1]]",
        'string join(for i in 1..200000 return "aaaaaaaaaa")',
        NESTED,
        f"string({NESTED})",
        f"flatten({NESTED}.a39)",
        f"{NESTED}.a39 = {NESTED}.a39",
        f"distinct values([{NESTED}, {NESTED}])",
    ],
)
def test_too_much_work_is_refused(expression):
    with pytest.raises(ExpressionError, match="too much work"):
        compile_feel(expression).evaluate({})


TOO_DEEP = ["(" * 3000, "[" * 3000, "-" * 5000 + "1", "{a: " * 500, "if a then " * 900, "not(" * 900]
TOO_LONG = ["a" + ".b" * 3000, "1" + " < 1" * 3000, "1" * 200_000]


@pytest.mark.parametrize("text", [*TOO_DEEP, *TOO_LONG])
def test_text_that_nests_or_runs_on_is_refused(text):
    with pytest.raises(ExpressionError):
        compile_feel(text)
    with pytest.raises(ExpressionError):
        compile_juel("${" + text + "}" + " " * 200_000)


def test_a_long_sum_is_no_deep_tree():
    assert compile_feel("1" + " + 1" * 20_000).evaluate({}) == 20_001
    assert compile_juel("${1" + " + 1" * 20_000 + "}").evaluate({}) == 20_001


def test_a_pattern_that_would_backtrack_for_ever_does_not():
    assert compile_feel('matches(text, "(a+)+$")').evaluate({"text": "a" * 50_000 + "b"}) is False


class Secret:
    password = "secret"

    def read(self) -> str:
        return self.password


@pytest.mark.parametrize("name", ["password", "read", "__class__", "__dict__", "__init__", "__globals__"])
def test_no_attribute_of_an_object_is_reached(name):
    data = {"x": Secret(), "text": "a", "list": [], "context": {}}

    for subject in ("x", "text", "list[1]", "context", "1", "today()"):
        assert compile_feel(f"{subject}.{name}").evaluate(data) is None
    for subject in ("x", "text"):
        with pytest.raises(ExpressionError):
            compile_juel("${" + f"{subject}.{name}" + "}").evaluate(data)
        with pytest.raises(ExpressionError, match="not understood here"):
            compile_juel("${" + f"{subject}.{name}()" + "}")


@pytest.mark.parametrize("name", ["__import__", "open", "eval", "exec", "getattr", "globals", "type"])
def test_the_functions_of_python_do_not_exist(name):
    env = Environment()

    assert compile_feel(f'{name}("os")').evaluate({}, env) is None
    assert env.reasons
    with pytest.raises(ExpressionError, match=name):
        compile_juel("${" + name + "('os')}")


SIGNS = "a b item ? 1 0 -1 2.5 1e30 true false null + - * / ** = != < <= > >= ( ) [ ] { } : , . .."
KEYWORDS = "if then else for in return some every satisfies function between and or not external"
LITERALS = ['"a"', '"2026-01-01"', '@"2026-01-01"', '@"P1D"', '@"PT1H"', "`a b`", "instance of"]
WORDS = st.sampled_from([*BUILTINS, *SIGNS.split(), *KEYWORDS.split(), *LITERALS])


@settings(max_examples=500, deadline=None)
@given(st.lists(WORDS, max_size=12).map(" ".join))
def test_any_words_give_a_value_or_an_error_of_ours(text):
    data = {"a": [1, {"b": "x"}], "b": {"a": None}, "?": 5}

    with suppress(ExpressionError):
        compile_feel(text).evaluate(data)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text):
    for place in (text, "=" + text, "${" + text + "}"):
        with suppress(ExpressionError):
            compile_place(place, bare="feel").evaluate({})


NUMBERS = ["1", "-1", "0", "1e6000", "0.5"]
MOMENTS = ['@"2026-01-31"', '@"2026-01-31T09:00:00@Europe/Berlin"', '@"09:00:00Z"', '@"P1D"', '@"P1M"']
OTHERS = ["null", '"a"', '""', '"("', "[]", "[1, 2]", "{}", "[{}]", "[null]", "true", "[1..3]", "(< 3)"]
FUNCTIONS = ["function(x, y) true", "abs"]


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(sorted(BUILTINS)),
    st.lists(st.sampled_from([*NUMBERS, *MOMENTS, *OTHERS, *FUNCTIONS]), max_size=4),
)
def test_a_function_takes_anything_and_fails_as_null(name, arguments):
    compile_feel(f"{name}({', '.join(arguments)})").evaluate({})
