"""Ad-hoc sub-processes under random choices and changes: the journal gives the case, and the case can always end."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playing import Clock, last_change, leftovers, live, marking, rebuilt, standing, thawed, workable

sys.path.insert(0, str(Path(__file__).parents[1] / "conformance"))

from shapes import shape

from caseloom.adhoc import Insert, Revisit, Skip, Undo, options
from caseloom.engine import Complete, CompleteSubProcess, Engine, StartActivity
from caseloom.engine.errors import CaseloomError
from caseloom.engine.flow.enabled import running
from caseloom.engine.results import Status

few = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))

DIAGRAMS = (
    "start > adhoc:p { a > b | c } > w > end",
    "start > adhoc:p(sequential) { a > b | c } > w > end",
    "start > adhoc:p(sequential) { a > and:g > b > and:j > d | g > c > j } > w > end",
    "start > adhoc:p(over n > 5) { a > b | c } > w > end",
    "start > adhoc:p(over n > 5; keeps) { a > b | sub:s { s_start > c > d > s_end } } > w > end",
    "start > adhoc:p(par 2; sequential) { a > b | c } > w > end",
    'start > adhoc:p(begins ["a"]) { a > b | adhoc:q(sequential) { c | d } } > w > end',
    "start > adhoc:p { a(par 2) | b } > w > end | bound:x(on p; timer PT1H; alone) > c > x_end",
)


class Player:
    """Does what may be done next, at random, and compares after each step."""

    def __init__(self, engine: Engine, text: str, seed: int) -> None:
        engine.deploy(("shape.bpmn", shape(text)))
        self.engine, self.random = engine, Random(seed)
        self.id = engine.start("case", data={"n": 0}).id

    @property
    def ended(self) -> bool:
        return self.case.status is Status.COMPLETED

    def do(self, command: Any) -> bool:
        try:
            self.engine.do(self.id, command)
        except CaseloomError:
            return False
        self.check()

        return True

    def check(self) -> None:
        instance = live(self.engine, self.id)
        assert marking(instance) == marking(rebuilt(self.engine, self.id)) == marking(thawed(instance))
        for scope in instance.scopes.values():
            if scope.ad_hoc is not None and scope.ad_hoc.sequential:
                assert len(running(scope)) <= 1

    def start(self) -> bool:
        found = [
            StartActivity(one.element_id, scope=scope.occurrence_id)
            for scope in self.engine.startable(self.id)
            for one in scope.activities
        ]

        return bool(found) and self.do(self.random.choice(found))

    def complete(self) -> bool:
        case = self.engine.look(self.id)
        found = [case.id_of(one) for one in workable(case.instance)]

        return bool(found) and self.do(
            Complete(self.random.choice(found), data={"n": self.random.randint(0, 6)})
        )

    def finish(self) -> bool:
        found = [one for one in self.engine.startable(self.id) if one.completable]

        return bool(found) and self.do(CompleteSubProcess(self.random.choice(found).occurrence_id))

    def skip(self) -> bool:
        return self.change([Skip(one.id, reason="r") for one in self._options().skip if one.occurrence_id])

    def revisit(self) -> bool:
        return self.change([Revisit(one.id, reason="r") for one in self._options().revisit])

    def insert(self) -> bool:
        anchors = [one for one in self._options().insert if one.kind != "case"]

        return self.change([Insert("i", reason="r", **{one.kind: one.id}) for one in anchors])

    def change(self, found: Sequence[Any]) -> bool:
        """An ad-hoc change; half of them are undone at once, and then all is as it was."""
        if not found:
            return False
        before = standing(self.engine, self.id)
        if not self.do(self.random.choice(found)):
            return False
        if self.random.random() < 0.5 and self.do(Undo(last_change(self.engine, self.case))):
            assert standing(self.engine, self.id) == before

        return True

    @property
    def case(self) -> Any:
        return self.engine.case(self.id)

    def _options(self) -> Any:
        return options(self.engine, self.id)


def to_the_end(player: Player) -> None:
    """Ordinary work alone brings every case to its end."""
    for _ in range(300):
        if player.ended:
            return
        moves: tuple[Callable[[], bool], ...] = (player.complete, player.finish, player.start)
        assert any(move() for move in player.random.sample(moves, 3)), "nothing can be done any more"


@few
@given(st.sampled_from(DIAGRAMS), st.integers(0, 2**32))
def test_a_case_with_ad_hoc_sub_processes_can_always_be_brought_to_its_end(text: str, seed: int) -> None:
    with Engine("sqlite://", clock=Clock()) as engine:
        player = Player(engine, text, seed)
        moves = [player.start, player.complete, player.finish, player.skip, player.revisit, player.insert]
        for _ in range(player.random.randint(2, 12)):
            player.random.choice(moves)()

        to_the_end(player)

        assert leftovers(live(engine, player.id)) == []
