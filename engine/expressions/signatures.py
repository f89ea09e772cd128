"""How FEEL's built-in functions are declared, found, and given arguments that fit.

A function is declared with its signature in FEEL's own words; from that come the names of its parameters,
the check and conversion of arguments (DMN 1.5, 10.3.2.9.4), and the table in the documentation:

    @builtin("substring(string: string, start position: number, length?: number)")
    def substring(run: Run, text: str, start: Number, length: Number | None = None) -> Value: ...

`?` marks a parameter that may be left out, `...` one that takes all the rest.
"""

from __future__ import annotations

import decimal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from caseloom.engine.expressions.kinds import MISFIT, kind_name
from caseloom.engine.expressions.numbers import number
from caseloom.engine.expressions.operators import fault_name
from caseloom.engine.expressions.running import Run
from caseloom.engine.expressions.values import Function, Value


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    kind: str
    optional: bool = False
    rest: bool = False


@dataclass(frozen=True, slots=True)
class Builtin:
    """One way to call a built-in function; `body(run, *arguments)` computes it."""

    name: str
    signature: str
    parameters: tuple[Parameter, ...]
    body: Callable[..., Value]
    volatile: bool = False
    cost: int = 4

    def takes(self, count: int) -> bool:
        if self.parameters and self.parameters[-1].rest:
            return count >= len(self.parameters)
        required = sum(not parameter.optional for parameter in self.parameters)
        return required <= count <= len(self.parameters)

    def takes_names(self, names: Sequence[str]) -> bool:
        own = {parameter.name for parameter in self.parameters}
        required = {parameter.name for parameter in self.parameters if not parameter.optional}
        return required <= set(names) <= own and len(set(names)) == len(names)


BUILTINS: dict[str, list[Builtin]] = {}


def builtin(
    signature: str, *, volatile: bool = False, cost: int = 4
) -> Callable[[Callable[..., Value]], Callable[..., Value]]:
    """Declares a built-in function of FEEL; several declarations of one name are several ways to call it.

    `cost` is the number of steps that a call counts as, one step being about half a microsecond.
    """

    def declare(body: Callable[..., Value]) -> Callable[..., Value]:
        name, _, rest = signature.partition("(")
        parameters = tuple(_parameter(part) for part in rest.removesuffix(")").split(", ") if part)
        BUILTINS.setdefault(name, []).append(Builtin(name, signature, parameters, body, volatile, cost))
        return body

    return declare


def _parameter(text: str) -> Parameter:
    name, _, kind = text.partition(": ")
    rest = kind.endswith("...")
    optional = name.endswith("?")
    return Parameter(name.removesuffix("?"), kind.removesuffix("..."), optional, rest)


# --- arguments that fit


def _number(value: Value) -> Value:
    plain = number(value)
    return MISFIT if plain is None else plain


def _any(value: Value) -> Value:
    return value


def _list(value: Value) -> Value:
    if isinstance(value, (list, tuple)):
        return value
    return MISFIT if value is None else [value]


def _string(value: Value) -> Value:
    return value if isinstance(value, str) else MISFIT


def _context(value: Value) -> Value:
    return value if isinstance(value, Mapping) else MISFIT


def _of(kind: str) -> Callable[[Value], Value]:
    return lambda value: value if kind_name(value) == kind else MISFIT


_FITS: Mapping[str, Callable[[Value], Value]] = {
    "number": _number,
    "Any": _any,
    "list": _list,
    "string": _string,
    "context": _context,
    "boolean": _of("boolean"),
    "date": _of("date"),
    "time": _of("time"),
    "date and time": _of("date and time"),
    "days and time duration": _of("days and time duration"),
    "years and months duration": _of("years and months duration"),
    "range": _of("range"),
    "function": _of("function"),
}


def fitted(value: Value, kind: str) -> Value:
    """The argument as the parameter wants it, a list of one unpacked; or `MISFIT`."""
    fit = _FITS[kind](value)
    if fit is MISFIT and isinstance(value, (list, tuple)) and len(value) == 1:
        return _FITS[kind](value[0])
    return fit


def _arguments(function: Builtin, values: Sequence[Value]) -> list[Value] | Misfitting:
    parameters = function.parameters
    last = len(parameters) - 1
    arguments: list[Value] = []
    for position, value in enumerate(values):
        parameter = parameters[min(position, last)]
        fit = fitted(value, parameter.kind)
        if fit is MISFIT:
            return Misfitting(function, parameter, value)
        arguments.append(fit)
    return arguments


@dataclass(frozen=True, slots=True)
class Misfitting:
    """An argument that no parameter takes."""

    function: Builtin
    parameter: Parameter
    value: Value

    def __str__(self) -> str:
        name, kind = self.parameter.name, self.parameter.kind
        return f"{self.function.name}: “{name}” must be a {kind}, not {kind_name(self.value)}"


def call_builtin(functions: Sequence[Builtin], values: Sequence[Value], run: Run) -> Value:
    """Calls the first of the ways that takes these values; null with a reason when none does."""
    misfit: Misfitting | None = None
    for function in functions:
        arguments = _arguments(function, values)
        if isinstance(arguments, Misfitting):
            misfit = misfit or arguments
            continue
        return _called(function, arguments, run)
    run.null(f"{misfit}.")
    return None


def _called(function: Builtin, arguments: list[Value], run: Run) -> Value:
    run.spend(function.cost)
    if function.volatile:
        run.env.used_volatile = True
    try:
        result = function.body(run, *arguments)
        if isinstance(result, (str, list)):
            run.spend(len(result) >> 4)
        return result
    except decimal.DecimalException as fault:
        run.null(f"{function.name}: {fault_name(fault)}.")
    except (ValueError, OverflowError) as fault:
        run.null(f"{function.name}: {fault}")
    return None


def by_count(name: str, count: int) -> list[Builtin]:
    return [function for function in BUILTINS.get(name, ()) if function.takes(count)]


def by_names(name: str, names: Sequence[str]) -> list[tuple[Builtin, tuple[int, ...]]]:
    """Each way that takes these names, with the order in which its parameters pick from them (-1 is none)."""
    found = []
    for function in BUILTINS.get(name, ()):
        if function.takes_names(names):
            order = [names.index(one.name) if one.name in names else -1 for one in function.parameters]
            while order and order[-1] < 0:
                order.pop()
            found.append((function, tuple(order)))
    return found


def as_value(name: str, run: Run) -> Function:
    """A built-in function as a value that can be passed on."""
    ways = BUILTINS[name]

    def call(values: list[Value]) -> Value:
        fitting = by_count(name, len(values))
        if not fitting:
            run.null(f"“{name}” does not take {len(values)} arguments.")
            return None
        return call_builtin(fitting, values, run)

    longest: Any = max(ways, key=lambda way: len(way.parameters))
    return Function(name, tuple(parameter.name for parameter in longest.parameters), call, variadic=True)


def invoke(function: Value, values: list[Value], names: tuple[str, ...] | None, run: Run) -> Value:
    """Calls a function that is a value; null with a reason when it is none, or the arguments do not fit."""
    if not isinstance(function, Function):
        return run.null(f"A {kind_name(function)} cannot be called.")
    if names is not None:
        if sorted(names) != sorted(function.parameters):
            return run.null(f"The function has no parameters called {', '.join(names)}.")
        given = dict(zip(names, values, strict=True))
        values = [given[name] for name in function.parameters]
    if not function.variadic and len(values) != len(function.parameters):
        return run.null(f"The function takes {len(function.parameters)} arguments, not {len(values)}.")
    run.enter()
    result = function.call(values)
    run.leave()
    return result
