"""What compiling a tree carries with it: how each node is compiled, and what was found on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from caseloom.engine.expressions import nodes
from caseloom.engine.expressions.running import Scope
from caseloom.engine.expressions.values import Value

Code = Callable[[Scope], Value]
NODES_PER_STEP = 8  # that many take about as long as what else counts as a step

CompilerTable = Mapping[type[nodes.Node], Callable[["Compiler", Any], Code]]


class Compiler:
    """Compiles one expression; afterwards `reads`, `may_read` and `volatile` say what was found."""

    def __init__(self, table: CompilerTable) -> None:
        self.table = table
        # The names that each block around binds; in a filter (None) any name may be an entry of the item.
        self.blocks: list[frozenset[str] | None] = []
        self.reads: set[str] = set()
        self.may_read: set[str] = set()
        self.volatile = False
        self.nodes = 0

    def compile(self, node: nodes.Node) -> Code:
        self.nodes += 1
        return self.table[type(node)](self, node)

    def inside(self, names: Iterable[str] | None, node: nodes.Node) -> Code:
        self.blocks.append(None if names is None else frozenset(names))
        code = self.compile(node)
        self.blocks.pop()
        return code

    def repeated(self, names: Iterable[str] | None, node: nodes.Node) -> Code:
        """The same, for what may run many times: each run is charged for its size."""
        before = self.nodes
        code = self.inside(names, node)
        weight = (self.nodes - before) // NODES_PER_STEP
        return weighed(code, weight) if weight else code

    def note(self, name: str) -> None:
        in_filter = False
        for block in reversed(self.blocks):
            if block is None:
                in_filter = True
                if name == "item":
                    return
            elif name in block:
                return
        (self.may_read if in_filter else self.reads).add(name)


def weighed(code: Code, weight: int) -> Code:
    def run(scope: Scope) -> Value:
        scope.run.spend(weight)
        return code(scope)

    return run


def always_null(reason: str) -> Code:
    def null(scope: Scope) -> None:
        scope.run.null(reason)

    return null
