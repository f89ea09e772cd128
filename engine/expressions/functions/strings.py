"""String functions (DMN 1.5, 10.3.4.3)."""

from __future__ import annotations

from collections.abc import Sequence

from caseloom.engine.expressions.functions import patterns
from caseloom.engine.expressions.kinds import kind_name
from caseloom.engine.expressions.numbers import Number
from caseloom.engine.expressions.running import Run, check_string
from caseloom.engine.expressions.signatures import builtin
from caseloom.engine.expressions.values import Value


@builtin("substring(string: string, start position: number, length?: number)")
def substring(run: Run, text: str, start: Number, length: Number | None = None) -> Value:
    """A part; positions count from 1, or from the end when negative. `substring("foobar", 3) = "obar"`"""
    first = int(start)
    if not first or abs(first) > len(text):
        return run.null(f"substring: there is no position {start}.")
    place = first - 1 if first > 0 else len(text) + first
    if length is None:
        return text[place:]
    if length < 1:
        return run.null("substring: the length must be 1 or more.")
    return text[place : place + int(length)]


@builtin("string length(string: string)")
def string_length(run: Run, text: str) -> Value:
    """The number of characters. `string length("foo") = 3`"""
    return len(text)


@builtin("upper case(string: string)")
def upper_case(run: Run, text: str) -> Value:
    """All in capitals. `upper case("aBc4") = "ABC4"`"""
    return text.upper()


@builtin("lower case(string: string)")
def lower_case(run: Run, text: str) -> Value:
    """All in small letters. `lower case("aBc4") = "abc4"`"""
    return text.lower()


@builtin("substring before(string: string, match: string)")
def substring_before(run: Run, text: str, match: str) -> Value:
    """What stands before a match. `substring before("foobar", "bar") = "foo"`"""
    return text.partition(match)[0] if match and match in text else ""


@builtin("substring after(string: string, match: string)")
def substring_after(run: Run, text: str, match: str) -> Value:
    """What stands after a match. `substring after("foobar", "ob") = "ar"`"""
    return text.partition(match)[2] if match else text


@builtin("contains(string: string, match: string)")
def contains(run: Run, text: str, match: str) -> Value:
    """Whether the match stands somewhere in the text. `contains("foobar", "of") = false`"""
    return match in text


@builtin("starts with(string: string, match: string)")
def starts_with(run: Run, text: str, match: str) -> Value:
    """Whether the text begins so. `starts with("foobar", "fo") = true`"""
    return text.startswith(match)


@builtin("ends with(string: string, match: string)")
def ends_with(run: Run, text: str, match: str) -> Value:
    """Whether the text ends so. `ends with("foobar", "r") = true`"""
    return text.endswith(match)


@builtin("matches(input: string, pattern: string, flags?: Any)", cost=20)
def matches(run: Run, text: str, pattern: str, flags: Value = None) -> Value:
    """Whether a regular expression fits somewhere. `matches("foobar", "^fo*b") = true`"""
    run.spend(len(text) >> 8)
    return bool(patterns.compiled(pattern, _flags(flags)).search(text))


@builtin("replace(input: string, pattern: string, replacement: string, flags?: Any)", cost=20)
def replace(run: Run, text: str, pattern: str, replacement: str, flags: Value = None) -> Value:
    """Every fit of a pattern replaced. `replace("abcd", "(ab)|(a)", "[1=$1][2=$2]") = "[1=ab][2=]cd"`"""
    return patterns.replaced(text, pattern, replacement, _flags(flags))


@builtin("split(string: string, delimiter: string)", cost=20)
def split(run: Run, text: str, delimiter: str) -> Value:
    """The parts between the fits of a regular expression. `split("a;b", ";") = ["a", "b"]`"""
    return patterns.split(text, delimiter)


@builtin("extract(string: string, pattern: string)", cost=20)
def extract(run: Run, text: str, pattern: str) -> Value:
    """All fits of a regular expression (Camunda). `extract("a1 b2", "[a-z][0-9]") = ["a1", "b2"]`"""
    return patterns.fits(text, pattern)


def _flags(flags: Value) -> str:
    if flags is None:
        return ""
    if not isinstance(flags, str):
        raise ValueError(f"the flags must be a string, not {kind_name(flags)}.")
    return flags


@builtin("string join(list: list, delimiter?: Any)")
def string_join(run: Run, items: Sequence[Value], delimiter: Value = None) -> Value:
    """The texts of a list as one. `string join(["a", "b"], ", ") = "a, b"`"""
    return _joined(run, items, delimiter)


@builtin("string join(list: list, delimiter: Any, prefix: string, suffix: string)")
def string_join_between(
    run: Run, items: Sequence[Value], delimiter: Value, prefix: str, suffix: str
) -> Value:
    joined = _joined(run, items, delimiter)
    return None if joined is None else prefix + joined + suffix


def _joined(run: Run, items: Sequence[Value], delimiter: Value) -> str | None:
    between = "" if delimiter is None else delimiter
    present = [item for item in items if item is not None]
    for item in (between, *present):
        if not isinstance(item, str):
            run.null(f"string join: a {kind_name(item)} is no string.")
            return None
    check_string(sum(len(item) for item in present) + len(between) * len(present))
    run.spend(len(present))
    return str(between).join(present)
