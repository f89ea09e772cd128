"""Turns the tree of a FEEL expression into closures, and notes on the way which variables it reads.

Every closure takes a `Scope` and gives a value. What cannot be computed is null, with the reason in the environment
(DMN 1.5, 10.3.2.5 ff.); what would never end, or grow without bound, raises `ExpressionError` (`running`).
"""

from __future__ import annotations

import decimal
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from caseloom.engine.expressions import functions, nodes, operators, properties, ranges, signatures, temporal
from caseloom.engine.expressions.external import java_function
from caseloom.engine.expressions.kinds import MISFIT, Kind, conforms, converted, kind_name, unconstrained
from caseloom.engine.expressions.operators import arithmetic, equal, within
from caseloom.engine.expressions.running import Run, Scope, check_list
from caseloom.engine.expressions.signatures import BUILTINS, call_builtin, invoke
from caseloom.engine.expressions.values import Function, Range, Value

Code = Callable[[Scope], Value]

FUNCTION_NAMES = functions.names()
_ITEM = "item"


class Compiler:
    """Compiles one expression; afterwards `reads`, `may_read` and `volatile` say what was found."""

    def __init__(self) -> None:
        self.blocks: list[
            frozenset[str] | None
        ] = []  # None is a filter: any name may be an entry of the item
        self.reads: set[str] = set()
        self.may_read: set[str] = set()
        self.volatile = False

    def compile(self, node: nodes.Node) -> Code:
        return _COMPILERS[type(node)](self, node)

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
                if name == _ITEM:
                    return
            elif name in block:
                return
        (self.may_read if in_filter else self.reads).add(name)


# --- leaves


def _literal(compiler: Compiler, node: nodes.Literal) -> Code:
    value = node.value
    return lambda scope: value


def _at_literal(compiler: Compiler, node: nodes.AtLiteral) -> Code:
    try:
        value = temporal.at_literal(node.text)
    except (ValueError, OverflowError):
        return _always_null(f'@"{node.text}" is no date, time or duration.')
    return lambda scope: value


def _always_null(reason: str) -> Code:
    def null(scope: Scope) -> None:
        scope.run.null(reason)

    return null


def _name(compiler: Compiler, node: nodes.Name) -> Code:
    name = node.name
    if name not in BUILTINS:
        compiler.note(name)
    if not compiler.blocks:
        return _outermost(name)
    return lambda scope: lookup(scope, name)


def _outermost(name: str) -> Code:
    def variable(scope: Scope) -> Value:
        try:
            return scope.names[name]
        except KeyError:
            return missing(scope, name)

    return variable


def lookup(scope: Scope, name: str) -> Value:
    """The value of a name in the innermost block that has it."""
    block: Scope | None = scope
    while block is not None:
        if name in block.names:
            return block.names[name]
        block = block.outer
    return missing(scope, name)


def missing(scope: Scope, name: str) -> Value:
    if name in BUILTINS:
        return signatures.as_value(name, scope.run)
    return scope.run.null(f"There is no variable “{name}”.")


# --- paths and filters


def _path(compiler: Compiler, node: nodes.Path) -> Code:
    base, name = compiler.compile(node.base), node.name

    def path(scope: Scope) -> Value:
        value = base(scope)
        if type(value) is dict and name in value:
            return value[name]
        return step(value, name, scope.run)

    return path


def step(value: Value, name: str, run: Run) -> Value:
    """`value.name`, for contexts, lists of contexts, and what dates, durations and ranges have."""
    if isinstance(value, Mapping):
        if name in value:
            return value[name]
        return run.null(f"The context has no entry “{name}”.")
    if isinstance(value, (list, tuple)):
        run.spend(len(value))
        return [step(item, name, run) for item in value]
    if value is None:
        return run.null(f"“{name}” was asked of null.")
    found = properties.property_of(value, name)
    if found is MISFIT:
        return run.null(f"A {kind_name(value)} has no “{name}”.")
    return found


def _filter(compiler: Compiler, node: nodes.Filter) -> Code:
    base = compiler.compile(node.base)
    condition = compiler.inside(None, node.condition)
    fixed = node.condition.value if isinstance(node.condition, nodes.Literal) else None

    def filtered(scope: Scope) -> Value:
        value = base(scope)
        items = value if isinstance(value, (list, tuple)) else [] if value is None else [value]
        if type(fixed) is int:
            return item_at(items, fixed, scope.run)
        return chosen(items, condition, scope)

    return filtered


def chosen(items: Iterable[Value], condition: Code, scope: Scope) -> Value:
    """The items that fulfil the condition, or the one whose number it gives."""
    run = scope.run
    kept: list[Value] = []
    items = list(items)
    run.spend(len(items))
    for position, item in enumerate(items):
        outcome = condition(item_scope(item, scope))
        if outcome is True:
            kept.append(item)
        elif position == 0 and kind_name(outcome) == "number":
            return item_at(items, outcome, run)
        elif outcome is not False and outcome is not None:
            run.null("The condition of a filter is neither true nor false.")
            return None
    if not items:
        outcome = condition(item_scope(None, scope))
        return run.null("The list has no such item.") if kind_name(outcome) == "number" else kept
    return kept


def item_scope(item: Value, scope: Scope) -> Scope:
    block = Scope({_ITEM: item}, scope, scope.run)
    return Scope(item, block, scope.run) if isinstance(item, Mapping) else block


def item_at(items: Any, number: Value, run: Run) -> Value:
    """The item of a number that counts from 1, or from the end when negative."""
    if number != int(number) or not number or abs(number) > len(items):
        return run.null(f"The list has no item {number}.")
    return items[int(number) - 1 if number > 0 else int(number)]


# --- calls


def _call(compiler: Compiler, node: nodes.Call) -> Code:
    if isinstance(node.function, nodes.Name):
        special = _SPECIAL_CALLS.get(node.function.name)
        if special is not None and len(node.arguments) == 1:
            return special(compiler, node.arguments[0])
        if node.function.name in BUILTINS and not _is_bound(compiler, node.function.name):
            return _builtin_call(compiler, node, node.function.name)
    function = compiler.compile(node.function)
    arguments = [compiler.compile(argument) for argument in node.arguments]
    names = node.names

    def call(scope: Scope) -> Value:
        called = function(scope)
        return invoke(called, [argument(scope) for argument in arguments], names, scope.run)

    return call


def _is_bound(compiler: Compiler, name: str) -> bool:
    return any(block is not None and name in block for block in compiler.blocks)


def _builtin_call(compiler: Compiler, node: nodes.Call, name: str) -> Code:
    arguments = [compiler.compile(argument) for argument in node.arguments]
    if any(way.volatile for way in BUILTINS[name]):
        compiler.volatile = True
    if node.names is not None:
        return _named_call(name, node.names, arguments)
    ways = signatures.by_count(name, len(arguments))
    if not ways:
        return _wrong_arguments(
            name, f"“{name}” does not take {len(arguments)} arguments.", len(arguments), arguments
        )
    if len(arguments) == 1:
        (only,) = arguments
        return _shadowable(name, arguments, lambda scope: call_builtin(ways, (only(scope),), scope.run))
    return _shadowable(
        name,
        arguments,
        lambda scope: call_builtin(ways, [argument(scope) for argument in arguments], scope.run),
    )


def _wrong_arguments(name: str, reason: str, count: int, arguments: list[Code]) -> Code:
    return _shadowable(name, arguments, _always_null(reason))


def _shadowable(name: str, arguments: list[Code], code: Code, names: tuple[str, ...] | None = None) -> Code:
    """A function of the model (a business knowledge model, say) wins over a built-in one of the same name."""

    def call(scope: Scope) -> Value:
        outermost = scope
        while outermost.outer is not None:
            outermost = outermost.outer
        if name in outermost.names:
            own = outermost.names[name]
            if isinstance(own, Function):
                return invoke(own, [argument(scope) for argument in arguments], names, scope.run)
        return code(scope)

    return call


def _named_call(name: str, names: tuple[str, ...], arguments: list[Code]) -> Code:
    ways = signatures.by_names(name, names)
    if not ways:
        reason = f"“{name}” has no parameters called {', '.join(names)}."
        return _shadowable(name, arguments, _always_null(reason), names)

    def call(scope: Scope) -> Value:
        values = [argument(scope) for argument in arguments]
        way, order = ways[0]
        picked = [None if position < 0 else values[position] for position in order]
        return call_builtin([way], picked, scope.run)

    return _shadowable(name, arguments, call, names)


def _is_defined(compiler: Compiler, argument: nodes.Node) -> Code:
    """Camunda: whether a variable or an entry is there at all, even as null."""
    if isinstance(argument, nodes.Name):
        name = argument.name
        compiler.note(name)
        return lambda scope: _has(scope, name)
    if isinstance(argument, nodes.Path):
        base, entry = compiler.compile(argument.base), argument.name
        return lambda scope: isinstance(holder := base(scope), Mapping) and entry in holder
    code = compiler.compile(argument)
    return lambda scope: code(scope) is not None


def _has(scope: Scope | None, name: str) -> bool:
    while scope is not None:
        if name in scope.names:
            return True
        scope = scope.outer
    return False


_SPECIAL_CALLS: Mapping[str, Callable[[Compiler, nodes.Node], Code]] = {"is defined": _is_defined}


# --- operators


def _negate(compiler: Compiler, node: nodes.Negate) -> Code:
    operand = compiler.compile(node.operand)

    def negate(scope: Scope) -> Value:
        value = operand(scope)
        result = operators.negated(value)
        return scope.run.null(f"A {kind_name(value)} has no negative.") if result is MISFIT else result

    return negate


def _chain(compiler: Compiler, node: nodes.Chain) -> Code:
    first = compiler.compile(node.first)
    rest = [(operator, compiler.compile(operand)) for operator, operand in node.rest]
    if len(rest) == 1:
        ((operator, second),) = rest
        return lambda scope: computed(operator, first(scope), second(scope), scope.run)

    def chain(scope: Scope) -> Value:
        value = first(scope)
        for operator, operand in rest:
            value = computed(operator, value, operand(scope), scope.run)
        return value

    return chain


def computed(operator: str, a: Value, b: Value, run: Run) -> Value:
    """`a operator b`, or null with a reason."""
    try:
        result = arithmetic(operator, a, b)
    except decimal.DecimalException as fault:
        return run.null(f"{operator} gives {operators.fault_name(fault)}.")
    except (ValueError, OverflowError) as fault:
        return run.null(str(fault))
    if result is MISFIT:
        return run.null(f"“{operator}” is not defined for {kind_name(a)} and {kind_name(b)}.")
    return result


def _all(compiler: Compiler, node: nodes.All) -> Code:
    return _logical([compiler.compile(operand) for operand in node.operands], False)


def _any_of(compiler: Compiler, node: nodes.Any_) -> Code:
    return _logical([compiler.compile(operand) for operand in node.operands], True)


def _logical(operands: list[Code], decisive: bool) -> Code:
    """DMN 1.5, table 50: one false decides `and`, one true decides `or`, whatever else is null."""
    if len(operands) == 2:
        return _logical_pair(*operands, decisive)

    def logical(scope: Scope) -> Value:
        result: Value = not decisive
        for operand in operands:
            value = operand(scope)
            if value is decisive:
                return decisive
            if value is not result:
                result = None
        return result

    return logical


def _logical_pair(left: Code, right: Code, decisive: bool) -> Code:
    neutral = not decisive

    def pair(scope: Scope) -> Value:
        one = left(scope)
        if one is decisive:
            return decisive
        other = right(scope)
        if other is decisive:
            return decisive
        return neutral if one is neutral and other is neutral else None

    return pair


def _compare(compiler: Compiler, node: nodes.Compare) -> Code:
    left, right = compiler.compile(node.left), compiler.compile(node.right)
    if node.operator in ("=", "!="):
        return _equality(left, right, node.operator == "=")
    compare, operator = operators.ORDERS[node.operator], node.operator

    def ordered(scope: Scope) -> Value:
        a, b = left(scope), right(scope)
        result = compare(a, b)
        return not_comparable(operator, a, b, scope.run) if result is MISFIT else result

    return ordered


def not_comparable(operator: str, a: Value, b: Value, run: Run) -> None:
    run.null(f"“{operator}” cannot compare {kind_name(a)} with {kind_name(b)}.")


def _equality(left: Code, right: Code, wanted: bool) -> Code:
    def equality(scope: Scope) -> Value:
        a, b = left(scope), right(scope)
        result = equal(a, b, scope.run)
        if result is MISFIT:
            return not_comparable("=" if wanted else "!=", a, b, scope.run)
        return result is wanted

    return equality


def _between(compiler: Compiler, node: nodes.Between) -> Code:
    value, low, high = (compiler.compile(part) for part in (node.value, node.low, node.high))

    def between(scope: Scope) -> Value:
        middle, least, most = value(scope), low(scope), high(scope)
        above = operators.greater_or_equal(middle, least)
        below = operators.less_or_equal(middle, most)
        if MISFIT in (above, below):
            return scope.run.null(f"“between” cannot compare {kind_name(middle)} with its limits.")
        return above and below

    return between


def _in(compiler: Compiler, node: nodes.In) -> Code:
    value = compiler.compile(node.value)
    compiler.blocks.append(frozenset("?"))
    tests = [test_code(compiler, test) for test in node.tests]
    compiler.blocks.pop()

    def in_(scope: Scope) -> Value:
        subject = value(scope)
        inner = Scope({"?": subject}, scope, scope.run)
        return any_true(test(inner, subject) for test in tests)

    return in_


def any_true(outcomes: Iterator[Value]) -> Value:
    result: Value = False
    for outcome in outcomes:
        if outcome is True:
            return True
        if outcome is None:
            result = None
    return result


def _instance_of(compiler: Compiler, node: nodes.InstanceOf) -> Code:
    value = compiler.compile(node.value)
    kind = unconstrained(node.kind)
    if kind.reference is not None:
        return _always_null(f"There is no type “{kind.reference}”.")
    return lambda scope: is_instance(value(scope), kind)


def is_instance(value: Value, kind: Kind) -> bool:
    if kind.name == "Null":
        return value is None
    if value is None:
        return False
    return conforms(value, kind)


# --- tests

TestCode = Callable[[Scope, Value], Value]


def test_code(compiler: Compiler, node: nodes.Node) -> TestCode:
    """A positive unary test; the input is both in the scope as `?` and the second argument."""
    if isinstance(node, nodes.UnaryTest):
        return _comparison_test(compiler, node)
    if isinstance(node, nodes.Literal) and node.value is not None:
        return _literal_test(node.value)
    outer, compiler.reads = compiler.reads, set()
    code = compiler.compile(node)
    uses_input = _mentions_input(node)
    compiler.reads |= outer

    def test(scope: Scope, subject: Value) -> Value:
        return matched(subject, code(scope), scope.run, uses_input)

    return test


def _mentions_input(node: nodes.Node) -> bool:
    return any(isinstance(part, nodes.Name) and part.name == "?" for part in parts_of(node))


def parts_of(node: nodes.Node) -> Iterator[nodes.Node]:
    """The node and all below it."""
    pending: list[Any] = [node]
    while pending:
        part = pending.pop()
        if isinstance(part, nodes.Node):
            yield part
            pending.extend(getattr(part, slot) for slot in part.__slots__)
        elif isinstance(part, tuple):
            pending.extend(part)


def _literal_test(value: Value) -> TestCode:
    def test(scope: Scope, subject: Value) -> Value:
        if type(subject) is type(value):
            return subject == value
        return matched(subject, value, scope.run, False)

    return test


def _comparison_test(compiler: Compiler, node: nodes.UnaryTest) -> TestCode:
    operand, operator = compiler.compile(node.operand), node.operator
    if operator in ("=", "!="):
        wanted = operator == "="

        def equality(scope: Scope, subject: Value) -> Value:
            result = equal(subject, operand(scope), scope.run)
            return None if result is MISFIT else result is wanted

        return equality
    compare = operators.ORDERS[operator]

    def comparison(scope: Scope, subject: Value) -> Value:
        limit = operand(scope)
        result = compare(subject, limit)
        return not_comparable(operator, subject, limit, scope.run) if result is MISFIT else result

    return comparison


def matched(subject: Value, value: Value, run: Run, uses_input: bool) -> Value:
    """Whether what a test gave says yes to the input (DMN 1.5, 10.3.2.8)."""
    if uses_input and (value is True or value is False or value is None):
        return value
    if isinstance(value, Range):
        result = within(subject, value)
        return run.null(f"A {kind_name(subject)} cannot lie in this range.") if result is MISFIT else result
    if isinstance(value, (list, tuple)) and not isinstance(subject, (list, tuple)):
        run.spend(len(value))
        return any(matched(subject, item, run, False) is True for item in value)
    result = equal(subject, value, run)
    if isinstance(value, (list, tuple)) and result is not True:
        return any(matched(subject, item, run, False) is True for item in value)
    if result is MISFIT:
        return True if value is True else not_comparable("=", subject, value, run)
    return result


def _tests(compiler: Compiler, node: nodes.Tests) -> Code:
    compiler.blocks.append(frozenset("?"))
    tests = [test_code(compiler, test) for test in node.tests]
    compiler.blocks.pop()
    if not tests:
        return lambda scope: True
    if node.negated:
        return lambda scope: not any(test(scope, scope.names["?"]) is True for test in tests)
    if len(tests) == 1:
        (only,) = tests
        return lambda scope: only(scope, scope.names["?"]) is True
    return lambda scope: any(test(scope, scope.names["?"]) is True for test in tests)


def _unary_test(compiler: Compiler, node: nodes.UnaryTest) -> Code:
    """Outside a cell `< 5` is a value: a range open on one side."""
    operand, operator = compiler.compile(node.operand), node.operator
    if operator == "!=":
        return _always_null("“!=” alone is no range.")

    def range_(scope: Scope) -> Value:
        limit = operand(scope)
        if limit is None:
            return scope.run.null("A range cannot end at null.")
        if operator == "=":
            return Range(limit, limit)
        if operator[0] == "<":
            return Range(None, limit, False, operator == "<=")
        return Range(limit, None, operator == ">=", False)

    return range_


# --- conditions and loops


def _if(compiler: Compiler, node: nodes.If) -> Code:
    condition, then, otherwise = (
        compiler.compile(part) for part in (node.condition, node.then, node.otherwise)
    )
    return lambda scope: then(scope) if condition(scope) is True else otherwise(scope)


_Domain = tuple[str, Code, Code | None]


def _iterations(compiler: Compiler, iterations: tuple[nodes.Iteration, ...]) -> list[_Domain]:
    """Compiles the domains; leaves the variables bound, one block each."""
    domains: list[_Domain] = []
    for iteration in iterations:
        domain = compiler.compile(iteration.domain)
        last = compiler.compile(iteration.last) if iteration.last is not None else None
        domains.append((iteration.name, domain, last))
        compiler.blocks.append(frozenset((iteration.name,)))
    return domains


def _for(compiler: Compiler, node: nodes.For) -> Code:
    domains = _iterations(compiler, node.iterations)
    body = compiler.inside(("partial",), node.body)
    del compiler.blocks[-len(domains) :]
    uses_partial = any(
        isinstance(part, nodes.Name) and part.name == "partial" for part in parts_of(node.body)
    )

    def for_(scope: Scope) -> Value:
        results: list[Value] = []
        outer = scope
        for inner in each(domains, 0, scope, outer):
            if inner is None:
                return None
            check_list(len(results))
            partial = list(results) if uses_partial else results
            scope.run.spend(len(partial) if uses_partial else 0)
            results.append(body(Scope({"partial": partial}, inner, scope.run)))
        return results

    return for_


def each(domains: list[_Domain], depth: int, scope: Scope, outer: Scope) -> Iterator[Scope | None]:
    """A scope for every combination of the iterated values; `None` once, where a domain is not a list."""
    if depth == len(domains):
        yield scope
        return
    name, domain, last = domains[depth]
    items = items_of(domain(scope), last(scope) if last else None, last is not None, scope.run)
    if items is None:
        yield None
        return
    for item in items:
        scope.run.spend()
        yield from each(domains, depth + 1, Scope({name: item}, scope, scope.run), outer)


def items_of(first: Value, last: Value, has_last: bool, run: Run) -> Iterable[Value] | None:
    """What `for x in …` goes through: a list, a range of whole numbers or of dates, or a single value."""
    if has_last:
        return counted(first, last, run)
    if isinstance(first, (list, tuple)):
        return first
    if isinstance(first, Range):
        return ranges.items_of(first, run)
    if first is None:
        return run.null("There is nothing to go through: it is null.")
    return [first]


def counted(first: Value, last: Value, run: Run) -> Iterable[Value] | None:
    """From the first to the last, down where the last is smaller."""
    found = ranges.counted(first, last)
    if found is None:
        return run.null(f"“..” cannot count from {kind_name(first)} to {kind_name(last)}.")
    return found


def _quantified(compiler: Compiler, node: nodes.Quantified) -> Code:
    domains = _iterations(compiler, node.iterations)
    condition = compiler.compile(node.condition)
    del compiler.blocks[-len(domains) :]
    decisive = not node.every

    def quantified(scope: Scope) -> Value:
        result: Value = not decisive
        for inner in each(domains, 0, scope, scope):
            if inner is None:
                return None
            outcome = condition(inner)
            if outcome is decisive:
                return decisive
            if outcome is not result:
                result = None
        return result

    return quantified


# --- composed values


def _function(compiler: Compiler, node: nodes.FunctionNode) -> Code:
    if node.body is None:
        return _always_null("The function says nothing.")
    if node.external:
        mapping, outside = compiler.compile(node.body), node.parameters
        return lambda scope: java_function(mapping(scope), outside, scope.run)
    body = compiler.inside(node.parameters, node.body)
    parameters, kinds = node.parameters, node.kinds

    def define(scope: Scope) -> Value:
        def call(values: list[Value]) -> Value:
            bound: dict[str, Value] = {}
            for name, kind, value in zip(parameters, kinds, values, strict=True):
                fit = value if kind is None else converted(value, kind)
                if fit is MISFIT:
                    return scope.run.null(f"“{name}” cannot be a {kind_name(value)}.")
                bound[name] = fit
            return body(Scope(bound, scope, scope.run))

        return Function("function", parameters, call, parameter_types=kinds)

    return define


def _context(compiler: Compiler, node: nodes.ContextNode) -> Code:
    names = [name for name, _ in node.entries]
    if len(set(names)) < len(names):
        return _always_null("A context has two entries of the same name.")
    entries: list[tuple[str, Code]] = []
    for position, (name, entry) in enumerate(node.entries):
        # A function may call itself by the name of its own entry.
        visible = position + isinstance(entry, nodes.FunctionNode)
        entries.append((name, compiler.inside(names[:visible], entry)))

    def context(scope: Scope) -> Value:
        result: dict[str, Value] = {}
        inner = Scope(result, scope, scope.run)
        for name, entry in entries:
            result[name] = entry(inner)
        return result

    return context


def _list(compiler: Compiler, node: nodes.ListNode) -> Code:
    items = [compiler.compile(item) for item in node.items]
    return lambda scope: [item(scope) for item in items]


def _range(compiler: Compiler, node: nodes.RangeNode) -> Code:
    start, end = compiler.compile(node.start), compiler.compile(node.end)
    start_included, end_included = node.start_included, node.end_included

    def range_(scope: Scope) -> Value:
        return ranges.checked(start(scope), end(scope), start_included, end_included, scope.run)

    return range_


_COMPILERS: Mapping[type[nodes.Node], Callable[[Compiler, Any], Code]] = {
    nodes.Literal: _literal,
    nodes.AtLiteral: _at_literal,
    nodes.Name: _name,
    nodes.Path: _path,
    nodes.Filter: _filter,
    nodes.Call: _call,
    nodes.Negate: _negate,
    nodes.Chain: _chain,
    nodes.All: _all,
    nodes.Any_: _any_of,
    nodes.Compare: _compare,
    nodes.Between: _between,
    nodes.In: _in,
    nodes.InstanceOf: _instance_of,
    nodes.Tests: _tests,
    nodes.UnaryTest: _unary_test,
    nodes.If: _if,
    nodes.For: _for,
    nodes.Quantified: _quantified,
    nodes.FunctionNode: _function,
    nodes.ContextNode: _context,
    nodes.ListNode: _list,
    nodes.RangeNode: _range,
}
