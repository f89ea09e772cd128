"""Splits the text of a FEEL expression into tokens, and says in words where that is not possible."""

from __future__ import annotations

import re
from typing import NamedTuple

from caseloom.engine.errors import ExpressionError

MAX_TEXT = 100_000

_NAME_START = (
    r"?A-Z_a-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C-\u200D\u2070-\u218F"
    r"\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD\U00010000-\U000EFFFF"
)
_NAME_PART = _NAME_START + r"0-9\u00B7\u0300-\u036F\u203F-\u2040"

_TOKEN = re.compile(
    rf"""
    (?P<space>[\s\u0085\u00A0\u180E\u200B\uFEFF]+ | //[^\n]* | /\*.*?\*/)
  | (?P<unclosed_comment>/\*)
  | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)? | \.\d+(?:[eE][+-]?\d+)?)
  | (?P<name>[{_NAME_START}][{_NAME_PART}]*)
  | (?P<string>"(?:[^"\\]|\\.)*")
  | (?P<unclosed_string>")
  | (?P<quoted>`[^`]+`)
  | (?P<sign>\*\* | \.\. | != | <= | >= | -> | [-+*/=<>()\[\]{{}},:.@'])
    """,
    re.VERBOSE | re.DOTALL,
)

_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "'": "'", "\\": "\\", "b": "\b", "f": "\f", "/": "/"}
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{6})|(.))", re.DOTALL)


class Token(NamedTuple):
    """`kind` is `name`, `quoted`, `number`, `string`, `sign` or `end`."""

    kind: str
    text: str
    start: int
    end: int


def tokens_of(text: str) -> list[Token]:
    """The tokens of an expression, the last of kind `end`."""
    if len(text) > MAX_TEXT:
        raise ExpressionError(f"This expression is longer than {MAX_TEXT:,} characters.", text=text[:100])

    tokens: list[Token] = []
    position = 0
    match = _TOKEN.match
    while position < len(text):
        found = match(text, position)
        if found is None:
            raise fault(text, position, f"“{text[position]}” has no meaning in an expression")
        kind = found.lastgroup or ""
        end = found.end()
        if kind != "space":
            _refuse_unclosed(kind, text, position)
            tokens.append(Token(kind, found.group(), position, end))
        position = end

    tokens.append(Token("end", "", position, position))
    return tokens


def _refuse_unclosed(kind: str, text: str, position: int) -> None:
    if kind == "unclosed_comment":
        raise fault(text, position, "this comment has no closing “*/”")
    if kind == "unclosed_string":
        raise fault(text, position, "this text has no closing quotation mark")


def string_value(literal: str) -> str:
    """The value of a string literal, its quotation marks included."""
    inner = literal[1:-1]
    if "\\" not in inner:
        return inner

    plain = _ESCAPE.sub(_unescaped, inner)
    # Two \\u escapes may be the halves of one character; a half alone is no text that could be stored.
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _unescaped(found: re.Match[str]) -> str:
    short, long, plain = found.groups()
    if plain is not None:
        return _ESCAPES.get(plain, f"\\{plain}")
    code = int(short or long, 16)
    return chr(code) if code < 0x110000 else found.group()


def fault(text: str, position: int, what: str) -> ExpressionError:
    """The error that names line and column, to be raised."""
    line = text.count("\n", 0, position) + 1
    column = position - (text.rfind("\n", 0, position) + 1) + 1
    return ExpressionError(f"Line {line}, column {column}: {what}.", text=text, line=line, column=column)
