"""A complex gateway is ready again as soon as nothing of its round can come any more, also where nothing came late."""

from __future__ import annotations

import pytest
from playing import finish, live, marking, open_tasks, rebuilt, reloaded, start

from caseloom.adhoc import Revisit
from caseloom.engine import Case, Engine

LINE = "( ( A | B | [ late: C | else: D > @end ] ) when 2 > E until done ) > F"


def in_the_second_round(engine: Engine) -> Case:
    """Two of three branches were enough; the third came to an end by itself."""
    case = start(engine, LINE, {"late": False, "done": False})
    finish(engine, case, "A", "B", "D")
    return finish(engine, case, "E", late=True, done=False)


def test_what_comes_in_the_next_round_counts(engine: Engine) -> None:
    case = in_the_second_round(engine)

    finish(engine, case, "A", "C")

    assert open_tasks(engine, case) == ["B", "E"]


@pytest.mark.parametrize("order", [("A", "B", "D"), ("A", "D", "B"), ("D", "B", "A")])
def test_in_whatever_order_the_branches_end(engine: Engine, order: tuple[str, ...]) -> None:
    case = start(engine, LINE, {"late": False, "done": False})

    finish(engine, case, *order)
    finish(engine, case, "E", late=True, done=True)

    assert open_tasks(engine, case) == ["F"]


def test_memory_snapshot_and_replay_agree_that_it_is_ready(engine: Engine) -> None:
    case = start(engine, LINE, {"late": False, "done": False})
    finish(engine, case, "A", "B")
    assert (
        marking(live(engine, case.id))
        == marking(reloaded(engine, case.id))
        == marking(rebuilt(engine, case.id))
    )

    finish(engine, case, "D")

    assert (
        marking(live(engine, case.id))
        == marking(reloaded(engine, case.id))
        == marking(rebuilt(engine, case.id))
    )


def test_a_branch_that_is_done_again_is_late_for_its_own_round(engine: Engine) -> None:
    case = start(engine, LINE, {"late": False, "done": False})
    finish(engine, case, "A", "B", "D")

    engine.do(case.id, Revisit("d", reason="once more"))
    finish(engine, case, "D")
    finish(engine, case, "E", late=True, done=False)
    finish(engine, case, "A", "C")

    assert open_tasks(engine, case) == ["B", "E"]
