"""For developers who embed the engine: may the handlers of your process do what they like to its cases?

    from caseloom.adhoc.testing import assert_adhoc_safe

    def test_our_handlers_may_bend_it():
        assert_adhoc_safe("lease.bpmn", cases=200, services={"send-letter": lambda job: {"sent": True}})

Each case is played to its end by random work and up to ten random changes: inserts, skips, revisits, undos, decisions,
jumps, early starts, repeats, moves, items that are added or taken out, waits. After every step the laws of `laws` are
checked, and in the end the case must have ended with nothing left over.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

from caseloom.adhoc.testing.operations import EVERY, Maker
from caseloom.adhoc.testing.play import Clock, Play
from caseloom.adhoc.testing.scene import Scene, Service
from caseloom.adhoc.testing.tally import Tally
from caseloom.engine import Engine
from caseloom.engine.errors import Invalid

Diagram = str | Path | tuple[str, bytes]


def assert_adhoc_safe(
    diagram: Diagram | Sequence[Diagram],
    *,
    cases: int = 200,
    seed: int | None = None,
    operations: Collection[str] | None = None,
    data: Mapping[str, Any] | None = None,
    values: Mapping[str, Sequence[Any]] | None = None,
    services: Mapping[str, Service] | None = None,
    key: str | None = None,
) -> Tally:
    """Plays `cases` random cases of a diagram; raises AssertionError with the story of the first that goes wrong.

    `diagram` is a path or a `(name, bytes)` pair, or several of them: what is called, decided and filled in belongs to
    it. `key` names the process where there are several. `operations` are some of `operations.EVERY` (all by default, an
    empty list for none). `data` is what every case starts with, `values` what a variable may hold (by default what
    the diagram's conditions distinguish), `services` answer by topic (by default with nothing, and now and then they
    fail). The same `seed` gives the same cases; each case has its own, which the message of a failure names.

    Gives what was played, so that a test can ask whether it was enough.
    """
    first = Random().randrange(10**6) if seed is None else seed
    files = [diagram] if isinstance(diagram, (str, Path, tuple)) else list(diagram)
    tally = Tally()
    for number in range(first, first + cases):
        _one(files, number, key, _operations(operations), data or {}, values or {}, services or {}, tally)
    return tally


def _operations(names: Collection[str] | None) -> dict[str, Maker]:
    if names is None:
        return dict(EVERY)
    if unknown := sorted(set(names) - set(EVERY)):
        raise Invalid(f"“{unknown[0]}” is not an operation; there are {', '.join(EVERY)}.")
    return {name: EVERY[name] for name in names}


def _one(
    files: Sequence[Diagram],
    seed: int,
    key: str | None,
    operations: Mapping[str, Maker],
    data: Mapping[str, Any],
    values: Mapping[str, Sequence[Any]],
    services: Mapping[str, Service],
    tally: Tally,
) -> None:
    clock = Clock()
    with Engine("sqlite://", clock=clock) as engine:
        deployed = engine.deploy(*files)
        wanted = key or deployed.definitions[0].key
        scene = Scene(
            engine,
            wanted,
            [one.id for one in deployed.definitions],
            start=data,
            values=values,
            services=services,
        )
        play = Play(engine, clock, scene, Random(seed), tally=tally, operations=operations)
        try:
            play.play()
        except (
            Exception
        ) as broken:  # whatever goes wrong here is a failure of the case, and told with its story
            raise AssertionError(
                f"{_named(broken)}\n\nThe case ({wanted}), to be played again with cases=1, seed={seed}:\n{play.told()}"
            ) from broken


def _named(broken: Exception) -> str:
    return str(broken) if isinstance(broken, AssertionError) else f"{type(broken).__name__}: {broken}"


__all__ = ["Diagram", "assert_adhoc_safe"]
