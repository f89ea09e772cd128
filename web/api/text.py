"""JSON as it comes in: strict, and without losing a digit.

A number that a float cannot hold exactly becomes a Decimal; a name that stands twice in one object, NaN and
infinity are refused, because readers would differ on what they mean.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from caseloom.engine.errors import CaseloomError


class NotJson(CaseloomError):
    """Text that is not JSON."""


def parsed(text: str | bytes, what: str = "The body") -> Any:
    """The value of a JSON text (UTF-8). Raises NotJson."""
    try:
        return json.loads(
            text if isinstance(text, str) else text.decode("utf-8-sig"),
            parse_float=_exact,
            parse_constant=_no_number,
            object_pairs_hook=_once_each,
        )
    except json.JSONDecodeError as wrong:
        raise NotJson(
            f"{what} is not JSON: {wrong.msg}, line {wrong.lineno}, column {wrong.colno}."
        ) from None
    except UnicodeDecodeError:
        raise NotJson(f"{what} is not JSON: it is not UTF-8 text.") from None
    except RecursionError:
        raise NotJson(f"{what} is nested too deeply.") from None
    except (ValueError, ArithmeticError) as wrong:
        raise NotJson(f"{what} cannot be read: {wrong or 'a number is too large'}.") from None


def _exact(text: str) -> float | Decimal:
    number, exact = float(text), Decimal(text)
    return number if Decimal(repr(number)) == exact else exact


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is no number in JSON")


def _once_each(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"“{twice}” stands twice in one object")
    return found
