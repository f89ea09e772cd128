"""The trap list of the ad-hoc rules: what goes wrong elsewhere, one test for each, by its name.

Many of these have longer tests beside their operation; here they stand together.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from playing import NOON, Clock, finish, last_change, leftovers, live, open_tasks, start, states, task, tasks

from caseloom.adhoc import Insert, Revisit, Skip, Undo
from caseloom.engine import Case, Complete, Engine, SaveDraft
from caseloom.engine.errors import CaseloomError, Conflict, Superseded
from caseloom.engine.results import Status


def back(engine: Engine, case: Case, target: str, **how: object) -> Case:
    return engine.do(case.id, Revisit(target, reason="wrong", **how))  # type: ignore[arg-type]


def ended(engine: Engine, case: Case) -> bool:
    return engine.case(case.id).status is Status.COMPLETED and leftovers(live(engine, case.id)) == []


@pytest.mark.parametrize("line", ["( A | B ) > C", "( true: A | true: B ) > C", "( A | B ) when 2 > C"])
def test_trap_joins_after_a_partial_redo(engine: Engine, line: str) -> None:
    case = start(engine, line)
    finish(engine, case, "A", "B")

    back(engine, case, "a")

    assert open_tasks(engine, case) == ["A"]
    finish(engine, case, "A", "C")
    assert ended(engine, case)


def test_trap_a_discriminator_after_a_partial_redo(engine: Engine) -> None:
    case = start(engine, "( A | B ) when 1 > C")
    finish(engine, case, "A", "B")

    back(engine, case, "a")

    finish(engine, case, "A")
    finish(engine, case, "C")
    assert ended(engine, case)


def test_trap_a_sub_process_with_several_ends(engine: Engine) -> None:
    case = start(engine, "{ S: A ~> ( B > @end | C > @end ) } > D")
    finish(engine, case, "A", "B", "C")

    back(engine, case, "b")

    assert open_tasks(engine, case) == ["B"]
    finish(engine, case, "B", "D")
    assert ended(engine, case)


def test_trap_terminate(engine: Engine) -> None:
    case = start(engine, "( A > @terminate | B )")
    other = task(engine, case, "B").id
    finish(engine, case, "A")

    back(engine, case, "a")

    assert open_tasks(engine, case) == ["A", "B"]
    assert task(engine, case, "B").id == other


@pytest.mark.parametrize(("mark", "left"), [("^", ["A"]), ("+", ["A"])])
def test_trap_interrupting_and_not(engine: Engine, mark: str, left: list[str]) -> None:
    case = start(engine, f"A {mark}message m ( B ) > C")
    engine.message("m", case_id=case.id)

    back(engine, case, "a_message")

    assert open_tasks(engine, case) == left


def test_trap_an_event_based_race(engine: Engine) -> None:
    case = start(engine, "[ @message paid > A | @timer P30D Late > B ]")
    engine.message("paid", case_id=case.id)

    back(engine, case, "paid")

    assert open_tasks(engine, case) == []
    assert engine.next_due() == NOON + timedelta(days=30)


def test_trap_boundary_timers_on_held_steps(engine: Engine, clock: Clock) -> None:
    case = start(engine, "A ^timer P2D ( B > ) > C")
    engine.do(case.id, Insert("Ask", before="a"))
    clock.forward(days=2)

    engine.run_due()

    assert open_tasks(engine, case) == ["B"]


def test_trap_timers_that_are_due_already_when_they_come_back(engine: Engine, clock: Clock) -> None:
    case = start(engine, "{ S: A > B } ^timer P2D ( X > ) > C")
    finish(engine, case, "A", "B")
    clock.forward(days=3)

    back(engine, case, "b")
    engine.run_due()

    assert open_tasks(engine, case) == ["X"]


def test_trap_a_message_that_will_not_come_twice(engine: Engine) -> None:
    case = start(engine, "@message paid Paid > A")
    engine.message("paid", case_id=case.id, data={"sum": 5})

    back(engine, case, "paid")

    assert open_tasks(engine, case) == []
    assert engine.message("paid", case_id=case.id) == [case.id]


def test_trap_a_message_that_comes_while_its_catch_is_held(engine: Engine) -> None:
    case = start(engine, "A > @message paid Paid > B")
    engine.do(case.id, Insert("Ask", before="paid"))
    finish(engine, case, "A")
    engine.message("paid", case_id=case.id)
    assert open_tasks(engine, case) == ["Ask"]

    finish(engine, case, "Ask")

    assert open_tasks(engine, case) == ["B"]


def test_trap_signals_are_never_given_again(engine: Engine) -> None:
    case = start(engine, "@signal alarm Alarm > A")
    engine.signal("alarm")

    back(engine, case, "alarm")

    assert open_tasks(engine, case) == []


def test_trap_a_receive_task_in_a_loop_with_one_correlation_key(engine: Engine) -> None:
    case = start(engine, "( @receive paid Wait > A until done )", {"done": False})
    for _ in range(2):
        engine.message("paid", case_id=case.id)
        finish(engine, case, "A", done=False)

    back(engine, case, "wait")

    assert len(engine.message("paid", case_id=case.id)) == 1
    assert open_tasks(engine, case) == ["A"]


def test_trap_compensation_twice(engine: Engine) -> None:
    """What takes a compensation out takes out what it put right as well."""
    case = start(engine, "A ^compensation ( Fix ) > B > @throw-compensation > C")
    finish(engine, case, "A", "B", "Fix")

    back(engine, case, "b", effects="note")

    assert open_tasks(engine, case) == ["A"]
    finish(engine, case, "A", "B", "Fix", "C")
    assert states(engine, case, "fix") == ["(completed)", "completed"]


def test_trap_an_error_thrown_by_a_child_after_its_parent_was_taken_out(engine: Engine) -> None:
    case = start(engine, "A > { S: !topic Do > B } ^error e ( X > ) > C")
    finish(engine, case, "A")
    [job] = engine.fetch_and_lock("topic", "w")

    back(engine, case, "a")

    with pytest.raises(CaseloomError):
        engine.job_error(job.id, "w", "e")
    assert open_tasks(engine, case) == ["A"]


def test_trap_a_collection_that_has_changed_between(engine: Engine) -> None:
    case = start(engine, "A each n in names > B", {"names": ["x", "y"]})
    finish(engine, case, "A", item="x")
    finish(engine, case, "A", item="y", names=["z"])

    engine.do(case.id, Revisit("a", reason="wrong", item="x"))

    assert [one.item for one in tasks(engine, case)] == ["x"]


def test_trap_standard_loop_counters(engine: Engine) -> None:
    case = start(engine, "A again while again > B", {"again": True})
    finish(engine, case, "A", "A", again=True)
    first = next(one for one in engine.case(case.id).occurrences if one.element_id == "a" and one.item == 0)

    back(engine, case, first.id)

    body = next(scope for scope in live(engine, case.id).scopes.values() if scope.body)
    assert body.vars["nrOfCompletedInstances"] == 0


def test_trap_a_step_within_a_standard_loop_means_that_of_its_last_round(engine: Engine) -> None:
    case = start(engine, "{ S: A } again while again > B", {"again": True})
    first = task(engine, case, "A").id
    finish(engine, case, "A", "A", again=True)
    finish(engine, case, "A", again=False)

    back(engine, case, "a")
    assert states(engine, case, "a") == ["completed", "completed", "(completed)", "active"]

    back(engine, case, first)
    assert states(engine, case, "a") == ["(completed)", "(completed)", "(completed)", "(withdrawn)", "active"]


def test_trap_late_answers_to_what_was_withdrawn(engine: Engine) -> None:
    case = start(engine, "A > B")
    finish(engine, case, "A")
    late = task(engine, case, "B").id
    back(engine, case, "a")

    with pytest.raises(Superseded):
        engine.do(case.id, Complete(late))


def test_trap_drafts(engine: Engine) -> None:
    case = start(engine, "A > B")
    finish(engine, case, "A")
    engine.do(case.id, SaveDraft(task(engine, case, "B").id, {"text": "half"}), by="bo")
    back(engine, case, "a")

    finish(engine, case, "A")

    assert task(engine, case, "B").previous == {"text": "half"}


def test_trap_implicit_merge(engine: Engine) -> None:
    case = start(engine, "A ~> ( B | C ) ~> D > E")
    finish(engine, case, "A", "B", "C")
    assert open_tasks(engine, case) == ["D", "D"]

    back(engine, case, "b")

    assert open_tasks(engine, case) == ["B", "D"]


def test_trap_two_handlers_at_once(engine: Engine) -> None:
    case = start(engine, "A > B")
    finish(engine, case, "A")
    seen = engine.case(case.id).revision
    engine.do(case.id, Revisit("a", reason="first"), expect_revision=seen)

    with pytest.raises(Conflict):
        engine.do(case.id, Revisit("a", reason="second"), expect_revision=seen)


def test_trap_a_preview_while_the_case_goes_on(engine: Engine) -> None:
    case = start(engine, "A > B")
    shown = engine.preview(case.id, Skip("a", reason="no"))
    finish(engine, case, "A")

    with pytest.raises(CaseloomError):
        engine.do(case.id, Skip("a", reason="no"), preview=shown.token)


def test_trap_standing_orders_come_back_with_what_used_them(engine: Engine) -> None:
    case = start(engine, "A > B > C")
    engine.do(case.id, Skip("b", reason="no", when="next"))
    finish(engine, case, "A")
    back(engine, case, "a")

    finish(engine, case, "A")

    assert open_tasks(engine, case) == ["C"]


def test_trap_taken_out_data_is_still_in_the_journal(engine: Engine) -> None:
    case = start(engine, "A > B")
    finish(engine, case, "A", secret="kept")
    back(engine, case, "a", data_policy="clear")

    assert "secret" not in engine.case(case.id).data
    assert any("kept" in str(entry.facts) for entry in engine.history(case.id))


def test_trap_undo_brings_the_same_task_back(engine: Engine) -> None:
    case = start(engine, "A > B")
    finish(engine, case, "A")
    before = task(engine, case, "B")
    back(engine, case, "a")

    engine.do(case.id, Undo(last_change(engine, case)))

    assert task(engine, case, "B") == before
