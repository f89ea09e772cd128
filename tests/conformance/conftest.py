"""Lets the tests of this folder share its modules, and one engine: a new database for each case would take too long."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

Run = Callable[..., str]


@pytest.fixture(scope="session")
def hall() -> Iterator[Any]:
    """An engine and its clock, for all cases of this folder one after the other."""
    from playing import Clock

    from caseloom.engine import Engine

    clock = Clock()
    with Engine("sqlite://", clock=clock) as engine:
        yield engine, clock


@pytest.fixture
def run(hall: Any) -> Iterator[Run]:
    """Plays a shape by steps and tells its trace; what is still open afterwards is cancelled."""
    from played import play, put_away
    from shapes import shape

    engine, clock = hall

    def run(
        text: str,
        steps: str = "",
        data: Mapping[str, Any] | None = None,
        begin: str | None = None,
        **called: str,
    ) -> str:
        return play(engine, clock, shape(text, **called), steps, data=data, begin=begin)

    yield run
    put_away(engine)
