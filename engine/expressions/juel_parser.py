"""Reads JUEL, the expressions of Camunda 7 diagrams (JSR 245, EL 2.2), into the same tree as FEEL."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal

from caseloom.engine.errors import ExpressionError
from caseloom.engine.expressions.lexer import MAX_TEXT, Token, fault
from caseloom.engine.expressions.nodes import (
    AllOf,
    AnyOf,
    Call,
    Chain,
    Compare,
    Empty,
    Filter,
    If,
    Literal,
    Method,
    Name,
    Negate,
    Node,
    Not,
    Path,
    Text,
)
from caseloom.engine.expressions.numbers import number_from_text

MAX_DEPTH = 40

_TOKEN = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
  | (?P<name>[A-Za-z_$][\w$]*)
  | (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
  | (?P<sign>&&|\|\||==|!=|<=|>=|[-+*/%<>!?:()\[\].,])
  | (?P<end>\})
    """,
    re.VERBOSE | re.DOTALL,
)
_OPENS = re.compile(r"\\[$#]\{|[$#]\{")

OR, AND, EQUAL, ORDER, ADD, MULTIPLY = range(1, 7)
_POWERS: Mapping[str, int] = {
    **dict.fromkeys(("||", "or"), OR),
    **dict.fromkeys(("&&", "and"), AND),
    **dict.fromkeys(("==", "!=", "eq", "ne"), EQUAL),
    **dict.fromkeys(("<", "<=", ">", ">=", "lt", "le", "gt", "ge"), ORDER),
    **dict.fromkeys(("+", "-"), ADD),
    **dict.fromkeys(("*", "/", "%", "div", "mod"), MULTIPLY),
}
_ONE_NAME: Mapping[str, str] = {
    "||": "or", "&&": "and", "eq": "=", "==": "=", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">=",
    "div": "/", "mod": "%",
}  # fmt: skip
_CONSTANTS: Mapping[str, bool | None] = {"true": True, "false": False, "null": None}
_RESERVED = frozenset(
    [
        "and",
        "or",
        "not",
        "eq",
        "ne",
        "lt",
        "gt",
        "le",
        "ge",
        "true",
        "false",
        "null",
        "empty",
        "div",
        "mod",
        "instanceof",
    ]
)


def parse_text(text: str) -> Text:
    """Literal text and the expressions in it, in order; raises `ExpressionError` with line and column."""
    if len(text) > MAX_TEXT:
        raise fault(text[:100], 0, f"this text is longer than {MAX_TEXT:,} characters")
    return Text(tuple(_parts(text)))


def _parts(text: str) -> Iterator[Node]:
    position = 0
    plain = ""
    while found := _OPENS.search(text, position):
        plain += text[position : found.start()]
        if found.group().startswith("\\"):
            plain += found.group()[1:]
            position = found.end()
            continue
        if plain:
            yield Literal(plain)
            plain = ""
        reader = JuelParser(text, found.end())
        yield reader.whole()
        position = reader.token.end
    plain += text[position:]
    if plain:
        yield Literal(plain)


class JuelParser:
    """Reads one expression, up to the brace that closes it; token by token, since literal text follows."""

    def __init__(self, text: str, position: int) -> None:
        self.text = text
        self.depth = 0
        self.token = self.token_at(position)

    def token_at(self, position: int) -> Token:
        while position < len(self.text):
            found = _TOKEN.match(self.text, position)
            if found is None:
                raise fault(self.text, position, f"“{self.text[position]}” has no meaning in an expression")
            if found.lastgroup != "space":
                return Token(found.lastgroup or "", found.group(), position, found.end())
            position = found.end()
        raise fault(self.text, position, "the expression has no closing “}”")

    def advance(self) -> Token:
        token = self.token
        self.token = self.token_at(token.end)
        return token

    def accept(self, sign: str) -> bool:
        if self.token.kind != "sign" or self.token.text != sign:
            return False
        self.advance()
        return True

    def expect(self, sign: str, why: str) -> None:
        if not self.accept(sign):
            raise self.misplaced(f"“{sign}” {why}")

    def misplaced(self, wanted: str) -> ExpressionError:
        """The error that says what stands here, and what was expected; to be raised."""
        return fault(self.text, self.token.start, f"“{self.token.text}” stands where {wanted} was expected")

    def whole(self) -> Node:
        node = self.ternary()
        if self.token.kind != "end":
            raise self.misplaced("an operator or “}”")
        return node

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise fault(
                self.text, self.token.start, f"this expression nests more than {MAX_DEPTH} levels deep"
            )

    def ternary(self) -> Node:
        self.deeper()
        condition = self.binary(OR)
        if self.accept("?"):
            then = self.ternary()
            self.expect(":", "after “? …”")
            condition = If(condition, then, self.ternary())
        self.depth -= 1
        return condition

    def binary(self, power: int) -> Node:
        if power > MULTIPLY:
            return self.unary()
        first = self.binary(power + 1)
        rest: list[tuple[str, Node]] = []
        while self.token.kind in ("sign", "name") and _POWERS.get(self.token.text) == power:
            operator = self.advance().text
            rest.append((_ONE_NAME.get(operator, operator), self.binary(power + 1)))
        if len(rest) > MAX_DEPTH and power in (EQUAL, ORDER):
            raise self.misplaced("an end of the comparisons")
        return _joined(power, first, rest) if rest else first

    def unary(self) -> Node:
        reader = _PREFIXES.get(self.token.text) if self.token.kind in ("sign", "name") else None
        if reader is None:
            return self.postfix(self.primary())
        self.deeper()
        self.advance()
        node = reader(self.unary())
        self.depth -= 1
        return node

    def postfix(self, node: Node) -> Node:
        for _ in range(MAX_DEPTH):
            if self.accept("["):
                index = self.ternary()
                self.expect("]", "to close the index")
                node = Filter(node, index)
            elif self.accept("."):
                node = self.member(node)
            else:
                return node
        raise fault(self.text, self.token.start, f"this expression nests more than {MAX_DEPTH} levels deep")

    def member(self, base: Node) -> Node:
        if self.token.kind != "name":
            raise self.misplaced("a name")
        name = self.advance()
        if self.accept("("):
            return Method(base, name.text, self.arguments(), name.start)
        return Path(base, name.text)

    def arguments(self) -> tuple[Node, ...]:
        arguments: list[Node] = []
        while not self.accept(")"):
            if arguments:
                self.expect(",", "between the arguments")
            arguments.append(self.ternary())
        return tuple(arguments)

    def primary(self) -> Node:
        token = self.token
        if token.kind == "number":
            return Literal(number_from_text(self.advance().text))
        if token.kind == "string":
            return Literal(re.sub(r"\\(.)", r"\1", self.advance().text[1:-1], flags=re.DOTALL))
        if self.accept("("):
            node = self.ternary()
            self.expect(")", "to close the parenthesis")
            return node
        if token.kind != "name":
            raise self.misplaced("a value")
        return self.word(token)

    def word(self, token: Token) -> Node:
        if token.text in _CONSTANTS:
            self.advance()
            return Literal(_CONSTANTS[token.text])
        if token.text in _RESERVED:
            raise self.misplaced("a value")
        name = Name(self.advance().text, token.start)
        return Call(name, self.arguments(), None, token.start) if self.accept("(") else name


def _joined(power: int, first: Node, rest: list[tuple[str, Node]]) -> Node:
    operands = (first, *(operand for _, operand in rest))
    if power == OR:
        return AnyOf(operands)
    if power == AND:
        return AllOf(operands)
    if power >= ADD:
        return Chain(first, tuple(rest))
    node = first
    for operator, operand in rest:
        node = Compare(operator, node, operand)
    return node


def _minus(operand: Node) -> Node:
    if isinstance(operand, Literal) and type(operand.value) in (int, Decimal):
        return Literal(-operand.value)
    return Negate(operand)


_PREFIXES: Mapping[str, Callable[[Node], Node]] = {"-": _minus, "!": Not, "not": Not, "empty": Empty}
