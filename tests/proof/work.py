"""A random case on a random diagram: the kit's play, and the laws that only a second opinion on the diagram can tell.

`Worker` is a `Play` on one drawn diagram. After each step the independent simulator plays the facts that count, and
the case file is compared with the writes that count.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from random import Random
from typing import Any

from drawing_random import RandomDiagram
from simulator import Simulator, is_beside
from table_rows import note_rows

from caseloom.adhoc.testing.play import Clock, Play
from caseloom.adhoc.testing.scene import Scene
from caseloom.adhoc.testing.tally import Tally
from caseloom.engine import Engine
from caseloom.engine.commands import Command
from caseloom.engine.facts import Fact, Kind

CASES_OF_AN_ENGINE = 40
_OWN_VALUES = frozenset({"call", "repeat", "standard_loop", "compensation"})


class Worker(Play):
    """`diagram` is deployed as a version of its own; the laws are those of the kit and the two of this module."""

    def __init__(
        self, engine: Engine, clock: Clock, diagram: RandomDiagram, random: Random, tally: Tally, **more: Any
    ) -> None:
        self.diagram = diagram
        deployed = engine.deploy(("random.bpmn", diagram.xml))
        self.keys = {one.id: one.key for one in deployed.definitions}
        scene = Scene(
            engine,
            "case",
            sorted(self.keys),
            values=diagram.choices,
            start=diagram.start_data,
            ending=diagram.start_data,
        )
        own_laws = (i2_what_counts_is_a_run_of_the_diagram, i7_values_are_the_last_that_count)
        super().__init__(engine, clock, scene, random, tally=tally, more_laws=own_laws, **more)

    def begin(self) -> None:
        self.tally.features.update(self.diagram.features)
        super().begin()

    def _look_back(self, command: Command, tasks: Any, shown: Any, facts: Sequence[Fact]) -> None:
        super()._look_back(command, tasks, shown, facts)
        note_rows(self, command, facts)


def i2_what_counts_is_a_run_of_the_diagram(worker: Play) -> None:
    """I2, I14: the facts that count, without inserted work, are a plain run, and lead to the live marking."""
    assert isinstance(worker, Worker)
    simulator = Simulator(worker.diagram.xml, worker.keys)
    simulator.play(worker.effective())
    tokens = [one for one in worker.instance.get_tasks() if not is_beside(one.scope.path)]
    waiting = [(one.scope.path, str(one.id[0]), str(one.id[1])) for one in tokens if not one.occurrence]
    occurrences = [one for one in worker.tokens() if not is_beside(one.occurrence or "")]
    opened = [one.occurrence for one in occurrences if not one.watch]
    watched = [(one.scope.path, one.node.plan.name) for one in occurrences if one.watch]
    _same(simulator.tokens(), sorted(waiting), "tokens")
    _same(simulator.open(), sorted(opened), "open activities")
    _same(simulator.armed(), sorted(watched), "event sub-processes that wait")
    worker.tally.checked["I14"] += 1
    if not worker.diagram.unsafe:
        assert simulator.most_at_once <= 1, "two tokens stand in one place"


def i7_values_are_the_last_that_count(worker: Play) -> None:
    """I7: a variable has what the last fact that counts has written."""
    assert isinstance(worker, Worker)
    if worker.diagram.features & _OWN_VALUES:
        return
    file: dict[str, Any] = {}
    for fact in worker.effective():
        _write(file, fact)
    _same(dict(worker.instance.file.maps[0]), file, "the case file")


def _write(file: dict[str, Any], fact: Fact) -> None:
    file.update(dict(fact.writes))
    outcome = fact.outcome or {}
    if fact.kind == Kind.REVISIT:
        file.update({name: value for path, name, value in outcome.get("kept", ()) if not path})
        for path, name in outcome.get("cleared", ()):
            if not path:
                file.pop(name, None)


def _same(found: Any, wanted: Any, what: str) -> None:
    assert found == wanted, f"{what}: {found} instead of {wanted}"


class Bench:
    """An engine for many cases, one after the other; a case that went wrong leaves nothing to the next."""

    def __init__(self) -> None:
        self._engine: Engine | None = None
        self._clock = Clock()
        self._left = 0

    @contextmanager
    def place(self) -> Iterator[tuple[Engine, Clock]]:
        if self._engine is None or not self._left:
            self.close()
            self._clock = Clock()
            self._engine, self._left = Engine("sqlite://", clock=self._clock), CASES_OF_AN_ENGINE
        self._left -= 1
        try:
            yield self._engine, self._clock
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        if self._engine is not None:
            self._engine.close()
            self._engine = None


__all__ = ["Bench", "Clock", "Tally", "Worker"]
