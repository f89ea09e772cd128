"""A refused command leaves the case exactly as it was: rows, journal, and the state in memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playing import finish, last_change, live, marking, rebuilt, start, stored, task

from caseloom.adhoc import Decide, Insert, Revisit, Skip, Undo
from caseloom.engine import Cancel, Case, Claim, Complete, Engine, Resume, Retry, SaveDraft, SetData, Suspend
from caseloom.engine.errors import CaseloomError

LINE = (
    "A > ( B +timer P3D ( Remind ) | { S: C > D } each n in names | @send letter Send )"
    " > [ x > 1: E | else: F ] > G"
)


def bent(engine: Engine) -> Case:
    case = start(engine, LINE, {"names": ["N1", "N2"]})
    finish(engine, case, "A")
    finish(engine, case, "C", item="N1")
    engine.do(case.id, SaveDraft(task(engine, case, "B").id, {"x": 1}), by="bo")
    engine.do(case.id, Skip("g", reason="no", when="next"), by="ada")
    engine.do(case.id, Insert("X", before="b"), by="ada")
    engine.do(case.id, Revisit("c", item="N1", reason="no"), by="ada")
    for item in ("N1", "N2"):
        engine.do(case.id, Claim(task(engine, case, "C", item=item).id), by="bo")

    return engine.case(case.id)


REFUSED: dict[str, Callable[[Engine, Case], Any]] = {
    "complete a held task": lambda e, c: Complete(task(e, c, "B", held=True).id),
    "complete with what cannot be stored": lambda e, c: Complete(
        task(e, c, "X").id, data={"x": float("inf")}
    ),
    "complete nothing": lambda e, c: Complete(f"{c.id}-999"),
    "complete something of another case": lambda e, c: Complete("elsewhere-4"),
    "claim what another has": lambda e, c: Claim(task(e, c, "C", item="N2").id),
    "draft for a service": lambda e, c: SaveDraft(service(e, c), {"x": 1}),
    "retry nothing": lambda e, c: Retry(f"{c.id}-i7"),
    "resume what runs": lambda e, c: Resume(),
    "set what cannot be stored": lambda e, c: SetData({"x": object()}),
    "insert nowhere": lambda e, c: Insert("Y", before="nowhere"),
    "insert several with one wrong": lambda e, c: Insert.many([Insert("Y"), Insert("")], before="e"),
    "skip what does not wait": lambda e, c: Skip("e", reason="x"),
    "skip what is held": lambda e, c: Skip("b", reason="x"),
    "skip without a reason": lambda e, c: Skip("c", item="N2", reason=""),
    "skip what waits twice": lambda e, c: Skip("c", reason="x"),
    "revisit what never ran": lambda e, c: Revisit("e", reason="x"),
    "revisit with a wrong policy": lambda e, c: Revisit("a", reason="x", data_policy="lose"),  # type: ignore[arg-type]
    "revisit with a wrong effect": lambda e, c: Revisit("a", reason="x", effects={"b": "note"}),
    "undo what somebody has acted on": lambda e, c: Undo(f"{c.id}-c7"),
    "undo nothing": lambda e, c: Undo("c99"),
    "decide where nothing waits": lambda e, c: Decide("choice_1", ["choice_1__e"], reason="x"),
}


def service(engine: Engine, case: Case) -> str:
    return next(one.id for one in case.occurrences if one.element_id == "send" and str(one.state) == "active")


@pytest.mark.parametrize("command", list(REFUSED.values()), ids=list(REFUSED))
def test_after_a_refusal_all_is_as_it_was(engine: Engine, command: Callable[[Engine, Case], Any]) -> None:
    case = bent(engine)
    wanted = command(engine, case)
    before = stored(engine, case.id)

    with pytest.raises(CaseloomError) as refused:
        engine.do(case.id, wanted, by="ada")

    assert stored(engine, case.id) == before
    assert marking(live(engine, case.id)) == marking(rebuilt(engine, case.id)) == before["marking"]
    assert str(refused.value)


def test_a_command_that_is_refused_half_way_leaves_nothing_behind(engine: Engine) -> None:
    """The second task of a command is decided after the first has changed the case in memory."""
    case = bent(engine)
    before = stored(engine, case.id)
    shown = engine.preview(case.id, Skip("c", item="N2", reason="x"))
    engine.do(case.id, SetData({"y": 1}))
    after = stored(engine, case.id)

    with pytest.raises(CaseloomError):
        engine.do(case.id, Revisit("a", reason="x"), preview=shown.token)

    assert stored(engine, case.id) == after != before


@pytest.mark.parametrize(
    "command", [Complete("?"), Insert("Y"), Skip("c", reason="x"), Revisit("a", reason="x"), Claim("?")]
)
def test_a_suspended_case_takes_no_work(engine: Engine, command: Any) -> None:
    case = bent(engine)
    engine.do(case.id, Suspend())
    before = stored(engine, case.id)

    with pytest.raises(CaseloomError, match="suspended"):
        engine.do(case.id, command, by="ada")

    assert stored(engine, case.id) == before
    engine.do(case.id, Resume())


@pytest.mark.parametrize(
    "command", [Insert("Y"), Skip("c", reason="x"), Cancel(), Suspend(), SetData({"x": 1})]
)
def test_a_cancelled_case_takes_no_work(engine: Engine, command: Any) -> None:
    case = bent(engine)
    engine.do(case.id, Cancel(reason="over"))
    before = stored(engine, case.id)

    with pytest.raises(CaseloomError, match="ended"):
        engine.do(case.id, command, by="ada")

    assert stored(engine, case.id) == before


def test_a_cancelled_case_comes_back_by_a_revisit_of_any_step(engine: Engine) -> None:
    case = bent(engine)
    engine.do(case.id, Cancel(reason="a mistake"))

    engine.do(case.id, Revisit("a", reason="not over"))

    assert engine.case(case.id).status == "running"
    engine.do(case.id, Undo(last_change(engine, case)))
    assert engine.case(case.id).status == "cancelled"
