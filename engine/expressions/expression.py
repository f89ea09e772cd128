"""The compiled expression: what the rest of the engine holds in its hands."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from caseloom.engine.errors import ExpressionError
from caseloom.engine.expressions import compiling, juel, nodes, parser
from caseloom.engine.expressions.compiling import FUNCTION_NAMES
from caseloom.engine.expressions.kinds import Kind
from caseloom.engine.expressions.running import Environment, Run, Scope, check_size, too_much
from caseloom.engine.expressions.unary import parts_of
from caseloom.engine.expressions.values import Value

_NO_KINDS: Mapping[str, Kind] = {}


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression, ready to be evaluated any number of times, by any thread.

    `reads` are the variables that it reads (the first step of a path); `may_read` those named inside a
    filter, where each may also be an entry of the item. `writes` are those that `setVariable` sets (`*` where the
    name is computed), `changes` the methods of the task that it calls, such as `setAssignee`. `constant` means that
    neither data nor clock nor chance can change its value.
    """

    text: str
    language: str
    reads: frozenset[str]
    constant: bool
    may_read: frozenset[str] = frozenset()
    volatile: bool = False
    writes: frozenset[str] = frozenset()
    changes: frozenset[str] = frozenset()
    code: Callable[[Scope], Value] = field(repr=False, compare=False, default=lambda scope: None)

    def evaluate(self, variables: Mapping[str, Value], env: Environment | None = None) -> Value:
        """The value for these variables.

        FEEL gives `None` for what it cannot compute and leaves the reason in `env.reasons`; JUEL raises
        `ExpressionError`. Both raise it for too much work.
        """
        run = Run(Environment() if env is None else env)
        try:
            return self.code(Scope(variables, None, run))
        except RecursionError:
            too_much("it nests too deep")


def compile_feel(
    text: str, *, names: Collection[str] = (), kinds: Mapping[str, Kind] = _NO_KINDS
) -> Expression:
    """Compiles FEEL; raises `ExpressionError` with line and column.

    `names` are variables (and entries) whose names hold spaces or signs, `kinds` the types that a model
    defines.
    """
    return _compiled(text, lambda: parser.parse_expression(text, names, FUNCTION_NAMES, kinds))


def compile_unary_tests(
    text: str, *, names: Collection[str] = (), kinds: Mapping[str, Kind] = _NO_KINDS
) -> Expression:
    """Compiles the tests of a cell, such as `< 5, [10..20]`; the input is the variable `?`."""
    return _compiled(text, lambda: parser.parse_tests(text, names, FUNCTION_NAMES, kinds))


def _compiled(text: str, read: Callable[[], nodes.Node]) -> Expression:
    try:
        tree = read()
        code, compiler = compiling.compiled(tree)
    except RecursionError:
        raise _too_deep(text) from None
    if any(isinstance(part, _BUILDERS) for part in parts_of(tree)):
        code = _bounded(code)
    reads = frozenset(compiler.reads)
    may_read = frozenset(compiler.may_read)
    constant = not reads and not may_read and not compiler.volatile
    return Expression(text, "feel", reads, constant, may_read, compiler.volatile, code=code)


def _too_deep(text: str) -> ExpressionError:
    return ExpressionError("This expression nests too deep.", text=text)


_BUILDERS = (nodes.ListNode, nodes.ContextNode, nodes.For, nodes.Call)


def _bounded(code: Callable[[Scope], Value]) -> Callable[[Scope], Value]:
    def bounded(scope: Scope) -> Value:
        value = code(scope)
        if type(value) is list or type(value) is dict:
            check_size(value)
        return value

    return bounded


def compile_juel(text: str) -> Expression:
    """Compiles `${…}` or `#{…}`, also with literal text around it; pure literal text is that string.

    Raises `ExpressionError` for what is no JUEL, and for calls that are not understood, by their name.
    """
    try:
        compiled = juel.compile_text(text)
    except RecursionError:
        raise _too_deep(text) from None
    language = "juel" if compiled.has_expression else "text"
    constant = not compiled.reads and not compiled.volatile
    return Expression(
        text, language, compiled.reads, constant,
        volatile=compiled.volatile, writes=compiled.writes, changes=compiled.changes, code=compiled.code,
    )  # fmt: skip


_known_names: ContextVar[Collection[str]] = ContextVar("names that a diagram declares", default=())


@contextmanager
def knowing(names: Collection[str]) -> Iterator[None]:
    """While a diagram is read: the names with spaces or signs that `compile_place` has to know."""
    before = _known_names.set(names)
    try:
        yield
    finally:
        _known_names.reset(before)


def compile_place(text: str, *, bare: Literal["feel", "text"]) -> Expression:
    """Compiles what stands in an attribute or element, by its form.

    `${…}` and `#{…}` are JUEL and a leading `=` is FEEL everywhere; anything else is what `bare` says. Names with
    spaces are known by `knowing`.
    """
    names = _known_names.get()
    stripped = text.lstrip()
    if stripped.startswith("="):
        return compile_feel(stripped[1:], names=names)
    if "${" in text or "#{" in text:
        return compile_juel(text)
    if bare == "feel":
        return compile_feel(text, names=names)
    return Expression(text, "text", frozenset(), True, code=lambda scope: text)


def list_of(parts: Sequence[Expression], text: str) -> Expression:
    """The list of what expressions give, each in its own language."""
    codes = [part.code for part in parts]
    return _composed(parts, text, lambda scope: [code(scope) for code in codes])


def map_of(entries: Mapping[str, Expression], text: str) -> Expression:
    """The map of what expressions give, each in its own language."""
    codes = {key: part.code for key, part in entries.items()}
    return _composed(
        list(entries.values()), text, lambda scope: {key: code(scope) for key, code in codes.items()}
    )


def _composed(parts: Sequence[Expression], text: str, code: Callable[[Scope], Value]) -> Expression:
    def joined(name: Literal["reads", "may_read", "writes", "changes"]) -> frozenset[str]:
        return frozenset().union(*(getattr(part, name) for part in parts))

    return Expression(
        text,
        "juel" if any(part.language == "juel" for part in parts) else "feel",
        joined("reads"),
        all(part.constant for part in parts),
        joined("may_read"),
        any(part.volatile for part in parts),
        joined("writes"),
        joined("changes"),
        _bounded(code),
    )


@lru_cache(maxsize=1024)
def _cached(text: str, names: frozenset[str]) -> Expression:
    return compile_feel(text, names=names)


def evaluate(expression: str, data: Mapping[str, Value], env: Environment | None = None) -> Value:
    """The value of a FEEL expression for some data, where no engine and no database is at hand."""
    names = frozenset(name for name in data if not name.isidentifier())
    return _cached(expression, names).evaluate(data, env)


__all__ = [
    "Environment",
    "Expression",
    "ExpressionError",
    "compile_feel",
    "compile_juel",
    "compile_place",
    "knowing",
    "list_of",
    "map_of",
]
