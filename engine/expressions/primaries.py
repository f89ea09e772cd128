"""Reads what an expression of FEEL is made of: literals, names, brackets, and the forms that begin with a word."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from caseloom.engine.expressions.cursor import normal_name
from caseloom.engine.expressions.kind_reader import read_kind
from caseloom.engine.expressions.kinds import Kind
from caseloom.engine.expressions.lexer import Token, fault, string_value
from caseloom.engine.expressions.nodes import (
    AtLiteral,
    ContextNode,
    For,
    FunctionNode,
    If,
    Iteration,
    ListNode,
    Literal,
    Name,
    Node,
    Quantified,
    RangeNode,
)
from caseloom.engine.expressions.numbers import number_from_text
from caseloom.engine.expressions.values import Value

if TYPE_CHECKING:
    from caseloom.engine.expressions.parser import Parser

# How strongly an operator binds; what binds more strongly is read first.
OR, AND, COMPARE, ADD, MULTIPLY, POWER = range(1, 7)

COMPARISONS = frozenset(("=", "!=", "<", "<=", ">", ">="))
_CONSTANTS: Mapping[str, Value] = {"true": True, "false": False, "null": None}
_RESERVED = frozenset(
    [
        "and",
        "or",
        "in",
        "between",
        "then",
        "else",
        "return",
        "satisfies",
        "instance",
        "true",
        "false",
        "null",
        "if",
        "for",
        "some",
        "every",
        "function",
    ]
)


def parenthesised(parser: Parser, item: Callable[[], Node]) -> Node | tuple[Node, ...]:
    """`(a..b]`, or what stands in parentheses, parted by commas."""
    parser.advance()
    first = item()
    if parser.accept(".."):
        return _range_end(parser, first, start_included=False)
    items = [first]
    while parser.accept(","):
        items.append(item())
    parser.expect(")", "to close the parenthesis")
    return tuple(items)


def primary(parser: Parser) -> Node:
    token = parser.token
    if token.kind == "name":
        return _word(parser, token)
    if token.kind == "number":
        return _number(parser)
    if token.kind == "string":
        return Literal(string_value(parser.advance().text))
    if token.kind == "quoted":
        return Name(normal_name(parser.advance().text[1:-1]), token.start)
    if token.kind == "sign":
        return _bracketed(parser, token)
    raise parser.misplaced("a value")


def _number(parser: Parser) -> Node:
    token = parser.advance()
    try:
        return Literal(number_from_text(token.text))
    except (ArithmeticError, ValueError) as wrong:
        raise fault(parser.text, token.start, f"“{token.text[:40]}” is too large a number") from wrong


def _bracketed(parser: Parser, token: Token) -> Node:
    reader = _BRACKETS.get(token.text)
    if reader is None:
        raise parser.misplaced("a value")
    was, parser.in_range_end = parser.in_range_end, False
    node = reader(parser)
    parser.in_range_end = was
    return node


def _parenthesis(parser: Parser) -> Node:
    content = parenthesised(parser, parser.test)
    if isinstance(content, Node):
        return content
    if len(content) > 1:
        raise parser.misplaced("no list in parentheses (write [a, b] for a list)")
    return content[0]


def _square_bracket(parser: Parser) -> Node:
    parser.advance()
    if parser.accept("]"):
        return ListNode(())
    first = parser.test()
    if parser.accept(".."):
        return _range_end(parser, first, start_included=True)
    items = [first]
    while parser.accept(","):
        items.append(parser.test())
    parser.expect("]", "to close the list")
    return ListNode(tuple(items))


def _open_range(parser: Parser) -> Node:
    parser.advance()
    first = parser.expression(ADD)
    parser.expect("..", "between the two ends of a range")
    return _range_end(parser, first, start_included=False)


def _range_end(parser: Parser, start: Node, *, start_included: bool) -> Node:
    parser.in_range_end = True
    end = parser.expression(ADD)
    parser.in_range_end = False
    if parser.accept("]"):
        return RangeNode(start, end, start_included, True)
    if parser.accept(")") or parser.accept("["):
        return RangeNode(start, end, start_included, False)
    raise parser.misplaced("“]” or “)” to close the range")


def _comparison_range(parser: Parser) -> Node:
    return parser.test()


def _context(parser: Parser) -> Node:
    parser.advance()
    entries: list[tuple[str, Node]] = []
    with parser.block():
        while not parser.is_sign("}"):
            name = parser.name_until(
                lambda token: token.kind == "sign" and token.text in ":}", "the name of an entry"
            )
            parser.expect(":", f"after the name “{name}”")
            entries.append((name, parser.expression()))
            parser.declare(name)
            if not parser.accept(","):
                break
    parser.expect("}", "to close the context")
    return ContextNode(tuple(entries))


def _at_literal(parser: Parser) -> Node:
    parser.advance()
    if parser.token.kind != "string":
        raise parser.misplaced("a text in quotation marks after “@”")
    return AtLiteral(string_value(parser.advance().text))


def _word(parser: Parser, token: Token) -> Node:
    known = parser.known_name()
    if known is not None:
        return Name(known, token.start)
    reader = _KEYWORDS.get(token.text)
    if reader is not None:
        return reader(parser)
    if token.text in _CONSTANTS:
        parser.advance()
        return Literal(_CONSTANTS[token.text])
    if token.text in _RESERVED:
        raise parser.misplaced("a value")
    return Name(parser.advance().text, token.start)


def _if(parser: Parser) -> Node:
    parser.advance()
    condition = parser.expression()
    parser.expect_word("then", "after the condition of “if”")
    then = parser.expression()
    parser.expect_word("else", "(“if” always has one)")
    return If(condition, then, parser.expression())


def _for(parser: Parser) -> Node:
    parser.advance()
    with parser.block():
        iterations = _iterations(parser)
        parser.declare("partial")
        parser.expect_word("return", "after “for … in …”")
        return For(iterations, parser.expression())


def _quantified(parser: Parser) -> Node:
    every = parser.advance().text == "every"
    with parser.block():
        iterations = _iterations(parser)
        parser.expect_word("satisfies", "after “in …”")
        return Quantified(every, iterations, parser.expression())


def _iterations(parser: Parser) -> tuple[Iteration, ...]:
    iterations = [_iteration(parser)]
    while parser.accept(","):
        iterations.append(_iteration(parser))
    return tuple(iterations)


def _iteration(parser: Parser) -> Iteration:
    name = parser.name_until(
        lambda token: token.kind == "name" and token.text == "in", "the name of a variable"
    )
    parser.expect_word("in", f"after “{name}”")
    domain = parser.expression()
    last = parser.expression() if parser.accept("..") else None
    parser.declare(name)
    return Iteration(name, domain, last)


def _function(parser: Parser) -> Node:
    parser.advance()
    parser.expect("(", "after “function”")
    names: list[str] = []
    kinds: list[Kind | None] = []
    while not parser.is_sign(")"):
        names.append(
            parser.name_until(
                lambda token: token.kind == "sign" and token.text in ",:)", "the name of a parameter"
            )
        )
        kinds.append(read_kind(parser) if parser.accept(":") else None)
        if not parser.accept(","):
            break
    parser.expect(")", "after the parameters")
    external = parser.accept_word("external")
    with parser.block(*names):
        body = parser.expression()
    return FunctionNode(tuple(names), tuple(kinds), body, external)


_BRACKETS: Mapping[str, Callable[[Parser], Node]] = {
    "(": _parenthesis,
    "[": _square_bracket,
    "]": _open_range,
    "{": _context,
    "@": _at_literal,
    **dict.fromkeys(COMPARISONS, _comparison_range),
}
_KEYWORDS: Mapping[str, Callable[[Parser], Node]] = {
    "if": _if,
    "for": _for,
    "some": _quantified,
    "every": _quantified,
    "function": _function,
}
