"""A conformance case as one row of a table: its name, a diagram, steps, and the trace that they give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import Any

import pytest


@dataclass(frozen=True, slots=True)
class Row:
    """`text`, `steps` and `trace` as in `shapes` and `played`; `begin` is the step that starts the case."""

    name: str
    text: str
    steps: str
    trace: str
    _: KW_ONLY
    data: Mapping[str, Any] | None = None
    begin: str | None = None
    called: Mapping[str, str] = field(default_factory=dict)
    not_yet: str | None = None

    def trace_by(self, run: Any) -> str:
        return str(run(self.text, self.steps, self.data, self.begin, **self.called))


def row(
    name: str,
    text: str,
    steps: str,
    trace: str,
    *,
    data: Mapping[str, Any] | None = None,
    begin: str | None = None,
    not_yet: str | None = None,
    **called: str,
) -> Row:
    return Row(name, text, steps, trace, data=data, begin=begin, called=called, not_yet=not_yet)


def params(rows: tuple[Row, ...]) -> list[Any]:
    """Rows for `pytest.mark.parametrize`: what does not run yet has to fail, so that nobody forgets it."""
    return [
        pytest.param(
            one,
            id=one.name,
            marks=[pytest.mark.xfail(strict=True, reason=f"not yet: {one.not_yet}")] if one.not_yet else [],
        )
        for one in rows
    ]
