"""What one evaluation carries with it: the scope of names, the bounds on work, and what it found out.

An expression comes from a diagram, and a diagram is not trusted: every loop, call and grown value is counted
here, and too much of it ends in an `ExpressionError`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NoReturn

from caseloom.engine.errors import ExpressionError
from caseloom.engine.expressions.values import Value

MAX_STEPS = 2_000_000
MAX_CALLS_DEEP = 100
STEPS_OF_A_CALL = 4
MAX_LIST = 200_000
MAX_STRING = 1_000_000
MAX_SIZE = 1_000_000
MAX_DEPTH = 100
MAX_REASONS = 50


@dataclass(slots=True)
class Environment:
    """What an evaluation may see besides variables, and where it leaves what it noticed.

    `now` is aware. `execution` is plain data about the case for JUEL's `execution.` and `task.`. After
    evaluating, `reasons` says why something became null, `writes` holds what `execution.setVariable` set, `local`
    what `setVariableLocal` set, `changes` what was done to the task itself (`task.setAssignee`), in order, and
    `used_volatile` is true when the result depends on the clock or on chance, so that the caller records
    it as an outcome.
    """

    now: datetime | None = None
    random: Callable[[], float] | None = None
    execution: Mapping[str, Any] | None = None
    writes: dict[str, Value] = field(default_factory=dict)
    local: dict[str, Value] = field(default_factory=dict)
    changes: list[tuple[str, Value]] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    used_volatile: bool = False


class Run:
    """The budget of one evaluation; `trace`, where it is a list, gathers the tables that were asked."""

    # Values of the class, so that making a Run, which every evaluation does, sets one attribute only.
    steps_left = MAX_STEPS
    calls_deep = 0
    trace: list[Any] | None = None

    def __init__(self, env: Environment) -> None:
        self.env = env

    def null(self, reason: str) -> Value:
        """FEEL's answer to what cannot be computed: null, with the reason kept."""
        reasons = self.env.reasons
        if len(reasons) < MAX_REASONS:
            reasons.append(reason)
        return None

    def spend(self, steps: int = 1) -> None:
        self.steps_left -= steps
        if self.steps_left < 0:
            too_much(f"it takes more than {MAX_STEPS:,} steps")

    def enter(self) -> None:
        self.steps_left -= STEPS_OF_A_CALL
        self.calls_deep += 1
        if self.calls_deep > MAX_CALLS_DEEP:
            too_much(f"functions call each other more than {MAX_CALLS_DEEP} deep")
        if self.steps_left < 0:
            too_much(f"it takes more than {MAX_STEPS:,} steps")

    def leave(self) -> None:
        self.calls_deep -= 1


class Scope:
    """A block of names inside another one; the outermost holds the variables of the case."""

    __slots__ = ("names", "outer", "run")

    def __init__(self, names: Mapping[str, Value], outer: Scope | None, run: Run) -> None:
        self.names = names
        self.outer = outer
        self.run = run


def too_much(what: str) -> NoReturn:
    raise ExpressionError(f"This expression asks for too much work: {what}.")


def check_string(length: int) -> None:
    if length > MAX_STRING:
        too_much(f"a text would have more than {MAX_STRING:,} characters")


def check_size(value: Value) -> None:
    """Refuses a value that would be too large, or too deep, to be written down.

    A list may stand in itself many times without taking memory, so what counts is what a reader would see.
    """
    size = 0
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for one in level:
            if type(one) is list:
                below.extend(one)
            elif type(one) is dict:
                below.extend(one.values())
            if len(below) > MAX_SIZE:
                too_much(f"its value would have more than {MAX_SIZE:,} parts")
        size += len(below)
        if size > MAX_SIZE:
            too_much(f"its value would have more than {MAX_SIZE:,} parts")
        if not below:
            return
        level = below
    too_much(f"its value would nest more than {MAX_DEPTH} levels deep")


def check_list(length: int) -> None:
    if length > MAX_LIST:
        too_much(f"a list would have more than {MAX_LIST:,} items")
