"""Compiles `if`, `for`, `some` and `every` (DMN 1.5, 10.3.2.14 and 10.3.2.16)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from caseloom.engine.expressions import nodes, ranges
from caseloom.engine.expressions.compiler import Code, Compiler
from caseloom.engine.expressions.kinds import kind_name
from caseloom.engine.expressions.running import Run, Scope, check_list
from caseloom.engine.expressions.unary import parts_of
from caseloom.engine.expressions.values import Range, Value

_Domain = tuple[str, Code, Code | None]


def if_(compiler: Compiler, node: nodes.If) -> Code:
    condition, then, otherwise = (
        compiler.compile(part) for part in (node.condition, node.then, node.otherwise)
    )
    return lambda scope: then(scope) if condition(scope) is True else otherwise(scope)


def _iterations(compiler: Compiler, iterations: tuple[nodes.Iteration, ...]) -> list[_Domain]:
    """Compiles the domains; leaves the variables bound, one block each."""
    domains: list[_Domain] = []
    for iteration in iterations:
        domain = compiler.repeated((), iteration.domain)
        last = compiler.compile(iteration.last) if iteration.last is not None else None
        domains.append((iteration.name, domain, last))
        compiler.blocks.append(frozenset((iteration.name,)))
    return domains


def for_(compiler: Compiler, node: nodes.For) -> Code:
    domains = _iterations(compiler, node.iterations)
    body = compiler.repeated(("partial",), node.body)
    del compiler.blocks[-len(domains) :]
    uses_partial = any(
        isinstance(part, nodes.Name) and part.name == "partial" for part in parts_of(node.body)
    )

    def for_(scope: Scope) -> Value:
        results: list[Value] = []
        for inner in each(domains, 0, scope):
            if inner is None:
                return None
            check_list(len(results))
            if uses_partial:
                scope.run.spend(len(results))
                inner = Scope({"partial": list(results)}, inner, scope.run)
            results.append(body(inner))
        return results

    return for_


def each(domains: list[_Domain], depth: int, scope: Scope) -> Iterator[Scope | None]:
    """A scope for every combination of the iterated values; `None` once, where a domain is not a list."""
    name, domain, last = domains[depth]
    items = items_of(domain(scope), last(scope) if last else None, last is not None, scope.run)
    if items is None:
        yield None
        return
    run, innermost = scope.run, depth + 1 == len(domains)
    for item in items:
        run.spend()
        if innermost:
            yield Scope({name: item}, scope, run)
            continue
        yield from each(domains, depth + 1, Scope({name: item}, scope, scope.run))


def items_of(first: Value, last: Value, has_last: bool, run: Run) -> Iterable[Value] | None:
    """What `for x in …` goes through: a list, a range of whole numbers or of dates, or a single value."""
    if has_last:
        return counted(first, last, run)
    if isinstance(first, (list, tuple)):
        return first
    if isinstance(first, Range):
        return ranges.items_of(first, run)
    if first is None:
        run.null("There is nothing to go through: it is null.")
        return None
    return [first]


def counted(first: Value, last: Value, run: Run) -> Iterable[Value] | None:
    """From the first to the last, down where the last is smaller."""
    found = ranges.counted(first, last)
    if found is None:
        run.null(f"“..” cannot count from {kind_name(first)} to {kind_name(last)}.")
        return None
    return found


def quantified(compiler: Compiler, node: nodes.Quantified) -> Code:
    domains = _iterations(compiler, node.iterations)
    condition = compiler.repeated((), node.condition)
    del compiler.blocks[-len(domains) :]
    decisive = not node.every

    def quantified(scope: Scope) -> Value:
        result: Value = not decisive
        for inner in each(domains, 0, scope):
            if inner is None:
                return None
            outcome = condition(inner)
            if outcome is decisive:
                return decisive
            if outcome is not result:
                result = None
        return result

    return quantified
