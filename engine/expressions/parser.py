"""Reads FEEL (DMN 1.5, 10.3.1) by hand: operator precedence, names resolved as they are met."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal

from caseloom.engine.expressions.cursor import MAX_DEPTH, Cursor, normal_name
from caseloom.engine.expressions.kind_reader import read_kind
from caseloom.engine.expressions.kinds import Kind
from caseloom.engine.expressions.lexer import Token, fault
from caseloom.engine.expressions.nodes import (
    AllOf,
    AnyOf,
    Between,
    Call,
    Chain,
    Compare,
    Filter,
    In,
    InstanceOf,
    Literal,
    Negate,
    Node,
    Path,
    Tests,
    UnaryTest,
)
from caseloom.engine.expressions.primaries import (
    ADD,
    AND,
    COMPARE,
    COMPARISONS,
    MULTIPLY,
    OR,
    POWER,
    parenthesised,
    primary,
)

_POWERS: Mapping[str, int] = {
    "or": OR,
    "and": AND,
    "=": COMPARE,
    "!=": COMPARE,
    "<": COMPARE,
    "<=": COMPARE,
    ">": COMPARE,
    ">=": COMPARE,
    "between": COMPARE,
    "in": COMPARE,
    "+": ADD,
    "-": ADD,
    "*": MULTIPLY,
    "/": MULTIPLY,
    "**": POWER,
}
_ENDS_AN_OPERAND = frozenset(
    ["and", "or", "in", "between", "then", "else", "return", "satisfies", "instance"]
)


class Parser(Cursor):
    """Reads one expression; use `parse_expression` and `parse_tests`."""

    in_range_end = False

    def whole(self) -> Node:
        node = self.expression()
        if self.token.kind != "end":
            self.no_operator()
        return node

    def no_operator(self) -> None:
        before = self.tokens[self.at - 1]
        if self.token.kind == "name" and before.kind == "name":
            name = f"{before.text} {self.token.text}"
            hint = f"an operator (a name with a space is written `{name}`, unless it is known here)"
            raise self.misplaced(hint)
        raise self.misplaced("an operator or the end")

    def expression(self, power: int = OR) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.too_deep()
        left = self.operand()
        for _ in range(MAX_DEPTH):
            token = self.token
            own = _POWERS.get(token.text, 0) if token.kind in ("sign", "name") else 0
            if own < power or not own:
                break
            left = self.operation(token, own, left)
        else:
            raise self.too_deep()
        self.depth -= 1
        return left

    def operation(self, token: Token, power: int, left: Node) -> Node:
        operator = token.text
        if power == OR:
            return AnyOf(self.operands(left, "or", AND))
        if power == AND:
            return AllOf(self.operands(left, "and", COMPARE))
        if power >= ADD:
            return self.chain(left, power)

        self.advance()
        if operator == "between":
            low = self.expression(ADD)
            self.expect_word("and", "between the two limits")
            return Between(left, low, self.expression(ADD))
        if operator == "in":
            return In(left, self.in_tests())
        return Compare(operator, left, self.expression(ADD))

    def operands(self, first: Node, word: str, power: int) -> tuple[Node, ...]:
        operands = [first]
        while self.accept_word(word):
            operands.append(self.expression(power))
        return tuple(operands)

    def chain(self, first: Node, power: int) -> Node:
        rest: list[tuple[str, Node]] = []
        while self.token.kind == "sign" and _POWERS.get(self.token.text) == power:
            operator = self.advance().text
            rest.append((operator, self.expression(power + 1)))
        return Chain(first, tuple(rest))

    def in_tests(self) -> tuple[Node, ...]:
        if not self.is_sign("("):
            return (self.test(ADD),)
        range_or_tests = parenthesised(self, self.test)
        return range_or_tests if isinstance(range_or_tests, tuple) else (range_or_tests,)

    def test(self, power: int = OR) -> Node:
        """A positive unary test."""
        if self.token.kind == "sign" and self.token.text in COMPARISONS:
            operator = self.advance().text
            return UnaryTest(operator, self.expression(ADD))
        return self.expression(power)

    def operand(self) -> Node:
        if self.is_sign("-"):
            self.advance()
            inner = self.deeper_operand()
            number = isinstance(inner, Literal) and type(inner.value) in (int, Decimal)
            return Literal(-inner.value) if number and isinstance(inner, Literal) else Negate(inner)
        node = self.postfix(primary(self))
        while self.is_word("instance"):
            self.advance()
            self.expect_word("of", "after “instance”")
            node = InstanceOf(node, read_kind(self))
        return node

    def deeper_operand(self) -> Node:
        with self.deeper():
            return self.operand()

    def postfix(self, node: Node) -> Node:
        for _ in range(MAX_DEPTH):
            if self.token.kind != "sign":
                return node
            if self.accept("."):
                node = Path(node, self.step_name())
            elif self.is_sign("["):
                if self.opens_a_range_end():
                    return node
                node = self.filter(node)
            elif self.is_sign("("):
                node = self.call(node)
            else:
                return node
        raise self.too_deep()

    def opens_a_range_end(self) -> bool:
        """`[1..5[` ends with the sign that would otherwise begin a filter."""
        if not self.in_range_end:
            return False
        following = self.tokens[self.at + 1]
        if following.kind == "end":
            return True
        if following.kind == "name":
            return following.text in _ENDS_AN_OPERAND
        return following.kind == "sign" and following.text not in ("-", "(", "[", "{", "@")

    def filter(self, base: Node) -> Node:
        self.advance()
        was, self.in_range_end = self.in_range_end, False
        with self.block("item"):
            condition = self.expression()
        self.in_range_end = was
        self.expect("]", "to close the filter")
        return Filter(base, condition)

    def step_name(self) -> str:
        token = self.token
        if token.kind == "quoted":
            return normal_name(self.advance().text[1:-1])
        if token.kind != "name":
            raise self.misplaced("the name of an entry")
        for table in self.steps:
            for words, name in table.get(token.text, ()):
                if self.reads(words):
                    self.skip_to(self.at + len(words))
                    return name
        name = self.advance().text
        while self.token.kind == "name" and self.token.text not in _ENDS_AN_OPERAND:
            name = f"{name} {self.advance().text}"
        return name

    def call(self, function: Node) -> Node:
        position = self.token.start
        self.advance()
        arguments: list[Node] = []
        names: list[str] = []
        was, self.in_range_end = self.in_range_end, False
        while not self.is_sign(")"):
            name = self.argument_name()
            if name:
                names.append(name)
            arguments.append(self.expression())
            if not self.accept(","):
                break
        self.in_range_end = was
        self.expect(")", "to close the arguments")
        if names and len(names) != len(arguments):
            raise fault(self.text, position, "either all arguments of a call have names, or none has")
        return Call(function, tuple(arguments), tuple(names) if names else None, position)

    def argument_name(self) -> str | None:
        if self.token.kind not in ("name", "quoted"):
            return None
        ahead = self.at
        while self.tokens[ahead].kind in ("name", "quoted") or self.tokens[ahead].text in ("'", "-"):
            ahead += 1
        if self.tokens[ahead].text != ":" or self.tokens[ahead].kind != "sign":
            return None
        name = self.name_until(lambda token: token.kind == "sign" and token.text == ":", "a name")
        self.advance()
        return name

    def tests(self) -> Node:
        if self.is_sign("-") and self.tokens[self.at + 1].kind == "end":
            return Tests(())
        negated = self.is_word("not") and self.tokens[self.at + 1].text == "(" and self.closes_at_the_end()
        if negated:
            self.advance()
            self.advance()
        tests = [self.test()]
        while self.accept(","):
            tests.append(self.test())
        if negated:
            self.expect(")", "to close “not”")
        if self.token.kind != "end":
            self.no_operator()
        return Tests(tuple(tests), negated)

    def closes_at_the_end(self) -> bool:
        depth = 0
        for position in range(self.at + 1, len(self.tokens) - 1):
            token = self.tokens[position]
            if token.kind != "sign":
                continue
            depth += (token.text == "(") - (token.text == ")")
            if not depth:
                return self.tokens[position + 1].kind == "end"
        return False


_NO_KINDS: Mapping[str, Kind] = {}


def parse_expression(
    text: str, names: Collection[str], functions: frozenset[str], kinds: Mapping[str, Kind] = _NO_KINDS
) -> Node:
    return Parser(text, frozenset(names), functions, kinds).whole()


def parse_tests(
    text: str, names: Collection[str], functions: frozenset[str], kinds: Mapping[str, Kind] = _NO_KINDS
) -> Node:
    return Parser(text, frozenset(names), functions, kinds).tests()
