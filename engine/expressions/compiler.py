"""What compiling a tree carries with it: how each node is compiled, and what was found on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from caseloom.engine.expressions import nodes
from caseloom.engine.expressions.running import Scope
from caseloom.engine.expressions.values import Value

Code = Callable[[Scope], Value]
CompilerTable = Mapping[type[nodes.Node], Callable[["Compiler", Any], Code]]


class Compiler:
    """Compiles one expression; afterwards `reads`, `may_read` and `volatile` say what was found."""

    def __init__(self, table: CompilerTable) -> None:
        self.table = table
        self.blocks: list[
            frozenset[str] | None
        ] = []  # in a filter (None) any name may be an entry of the item
        self.reads: set[str] = set()
        self.may_read: set[str] = set()
        self.volatile = False

    def compile(self, node: nodes.Node) -> Code:
        return self.table[type(node)](self, node)

    def inside(self, names: Iterable[str] | None, node: nodes.Node) -> Code:
        self.blocks.append(None if names is None else frozenset(names))
        code = self.compile(node)
        self.blocks.pop()
        return code

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


def always_null(reason: str) -> Code:
    def null(scope: Scope) -> None:
        scope.run.null(reason)

    return null
