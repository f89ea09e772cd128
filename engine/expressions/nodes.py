"""What an expression means once it is read: a tree of small immutable nodes.

Both readers (FEEL and JUEL) build it; `compiling` and `juel` turn it into closures. `position` is an offset
into the text.
"""

from __future__ import annotations

from dataclasses import dataclass

from caseloom.engine.expressions.kinds import Kind
from caseloom.engine.expressions.values import Value


@dataclass(frozen=True, slots=True)
class Node:
    """Any part of an expression."""


@dataclass(frozen=True, slots=True)
class Literal(Node):
    value: Value


@dataclass(frozen=True, slots=True)
class AtLiteral(Node):
    text: str


@dataclass(frozen=True, slots=True)
class Name(Node):
    name: str
    position: int = 0


@dataclass(frozen=True, slots=True)
class Path(Node):
    base: Node
    name: str


@dataclass(frozen=True, slots=True)
class Filter(Node):
    base: Node
    condition: Node


@dataclass(frozen=True, slots=True)
class Call(Node):
    function: Node
    arguments: tuple[Node, ...]
    names: tuple[str, ...] | None = None
    position: int = 0


@dataclass(frozen=True, slots=True)
class Method(Node):
    """JUEL only: `base.name(arguments)`."""

    base: Node
    name: str
    arguments: tuple[Node, ...]
    position: int = 0


@dataclass(frozen=True, slots=True)
class Negate(Node):
    operand: Node


@dataclass(frozen=True, slots=True)
class Not(Node):
    """JUEL only; in FEEL `not` is a function."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Empty(Node):
    """JUEL only: `empty x`."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Chain(Node):
    """Operations of one precedence, left to right, kept flat so that a long sum is not a deep tree."""

    first: Node
    rest: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class AllOf(Node):
    """`a and b and …`"""

    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class AnyOf(Node):
    """`a or b or …`"""

    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Compare(Node):
    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Between(Node):
    value: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class In(Node):
    value: Node
    tests: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class InstanceOf(Node):
    value: Node
    kind: Kind


@dataclass(frozen=True, slots=True)
class If(Node):
    condition: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Iteration(Node):
    """One `name in domain`; `last` is the upper end of `name in domain..last`."""

    name: str
    domain: Node
    last: Node | None = None


@dataclass(frozen=True, slots=True)
class For(Node):
    iterations: tuple[Iteration, ...]
    body: Node


@dataclass(frozen=True, slots=True)
class Quantified(Node):
    every: bool
    iterations: tuple[Iteration, ...]
    condition: Node


@dataclass(frozen=True, slots=True)
class FunctionNode(Node):
    parameters: tuple[str, ...]
    kinds: tuple[Kind | None, ...]
    body: Node | None
    external: bool = False


@dataclass(frozen=True, slots=True)
class ContextNode(Node):
    entries: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class ListNode(Node):
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class RangeNode(Node):
    start: Node
    end: Node
    start_included: bool
    end_included: bool


@dataclass(frozen=True, slots=True)
class UnaryTest(Node):
    """`< 5`: in a test a comparison with the input, elsewhere a range that is open on one side."""

    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Tests(Node):
    """The unary tests of a cell; none at all is `-`."""

    tests: tuple[Node, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Text(Node):
    """JUEL only: literal text with expressions in between, joined to one string."""

    parts: tuple[Node, ...]
