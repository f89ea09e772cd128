"""Expressions: FEEL, and the JUEL of existing diagrams, compiled once and evaluated often.

    from caseloom.engine.expressions import compile_feel

    expensive = compile_feel("amount > 5000 and not(approved)")
    expensive.reads                                        # {'amount', 'approved'}
    expensive.evaluate({"amount": 7000, "approved": False})     # True

An expression sees the variables it is given and nothing else: no Python object, no file, no clock but the
one in its `Environment`. A FEEL expression that cannot be computed is `None`, and `Environment.reasons` says
why; JUEL raises `ExpressionError`, and so does any expression that asks for too much work. Needs no database.
"""

from __future__ import annotations

from caseloom.engine.expressions.expression import (
    Expression,
    compile_feel,
    compile_juel,
    compile_place,
    compile_unary_tests,
    evaluate,
    knowing,
    list_of,
    map_of,
)
from caseloom.engine.expressions.running import Environment

__all__ = [
    "Environment",
    "Expression",
    "compile_feel",
    "compile_juel",
    "compile_place",
    "compile_unary_tests",
    "evaluate",
    "knowing",
    "list_of",
    "map_of",
]
