"""Ad-hoc sub-processes under random choices and changes: all laws hold, and a case can always be brought to its end."""

from __future__ import annotations

import sys
from pathlib import Path
from random import Random

import pytest
from playing import live

sys.path.insert(0, str(Path(__file__).parents[1] / "conformance"))

from shapes import shape

from caseloom.adhoc.testing.play import Clock, Play
from caseloom.adhoc.testing.scene import Scene
from caseloom.adhoc.testing.tally import Tally
from caseloom.engine import Engine
from caseloom.engine.flow.enabled import running

CASES = 2
DIAGRAMS = {
    "in any order": "start > adhoc:p { a > b | c } > w > end",
    "one after the other": "start > adhoc:p(sequential) { a > b | c } > w > end",
    "with gateways": "start > adhoc:p(sequential) { a > and:g > b > and:j > d | g > c > j } > w > end",
    "with a condition": "start > adhoc:p(over n > 5) { a > b | c } > w > end",
    "that lets the rest finish": "start > adhoc:p(over n > 5; keeps)"
    " { a > b | sub:s { s_start > c > d > s_end } } > w > end",
    "as instances": "start > adhoc:p(par 2; sequential) { a > b | c } > w > end",
    "that the diagram begins": 'start > adhoc:p(begins ["a"]) { a > b | adhoc:q(sequential) { c | d } } > w > end',
    "with an event on its edge": "start > adhoc:p { a(par 2) | b } > w > end"
    " | bound:x(on p; timer PT1H; alone) > c > x_end",
    "with events": "start > adhoc:p { a | catch:m(message m) > b"
    " | event:h { start:h_start(message n) > c > h_end } } > w > end",
    "in the inbox, put right": "start > adhoc:p(attr caseloom:inbox=true)"
    " { a | b | bound:x(on a; compensate) ~ c(handler) } > throw:t(compensate) > w > end",
    "beside a branch": "start > and:f > adhoc:p(sequential; over n > 5) { a > b | c } > and:j > end | f > w > j",
    "with a loop": "start > adhoc:p(seq 2) { a(loop n < 3; max 3) | b > c } > w > end",
}


def one_at_a_time(play: Play) -> None:
    """A sequential ad-hoc sub-process has one activity under way at most, whatever is done to the case."""
    for scope in live(play.engine, play.case_id).scopes.values():
        if scope.ad_hoc is not None and scope.ad_hoc.sequential:
            assert len(running(scope)) <= 1


@pytest.mark.parametrize("text", DIAGRAMS.values(), ids=DIAGRAMS)
@pytest.mark.parametrize("seed", range(CASES))
def test_the_laws_hold_where_people_choose_what_runs(text: str, seed: int) -> None:
    clock, tally = Clock(), Tally()
    with Engine("sqlite://", clock=clock) as engine:
        deployment = engine.deploy(("shape.bpmn", shape(text)))
        scene = Scene(engine, "case", [deployment.definitions[0].id], start={"n": 0}, values={"n": [0, 6]})
        play = Play(engine, clock, scene, Random(seed), tally=tally, more_laws=[one_at_a_time])

        try:
            play.play()
        except Exception as broken:
            broken.add_note(play.told())
            raise

    assert tally.ended == 1
    assert tally.steps["choose"] + tally.steps["complete"]
