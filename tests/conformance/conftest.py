"""Lets the tests of this folder share its modules, and one engine: a new database for each case would take too long."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

CASES_PER_ENGINE = 25

Run = Callable[..., str]


class Hall:
    """An engine for many cases one after the other; a new one after so many, since definitions pile up."""

    def __init__(self) -> None:
        self.used = 0
        self.engine: Any = None

    def fresh_enough(self) -> tuple[Any, Any]:
        from playing import Clock

        from caseloom.engine import Engine

        if self.used % CASES_PER_ENGINE == 0:
            self.close()
            self.clock = Clock()
            self.engine = Engine("sqlite://", clock=self.clock)
        self.used += 1

        return self.engine, self.clock

    def close(self) -> None:
        if self.engine is not None:
            self.engine.close()


@pytest.fixture(scope="session")
def hall() -> Iterator[Hall]:
    opened = Hall()
    yield opened
    opened.close()


@pytest.fixture
def run(hall: Hall) -> Iterator[Run]:
    """Plays a shape by steps and tells its trace; what is still open afterwards is cancelled."""
    from played import play, put_away
    from shapes import shape

    engine, clock = hall.fresh_enough()

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


@pytest.fixture
def begin(hall: Hall) -> Iterator[Callable[[str], Any]]:
    """Deploys a shape and starts a case of it: the engine and the case."""
    from played import put_away
    from shapes import shape

    engine, _ = hall.fresh_enough()

    def begin(text: str, data: Mapping[str, Any] | None = None) -> Any:
        engine.deploy(("shape.bpmn", shape(text)))
        return engine, engine.start("case", data=data)

    yield begin
    put_away(engine)
