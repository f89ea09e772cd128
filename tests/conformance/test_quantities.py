"""Activities that several tokens start, or that several tokens leave."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from played import check, finish, told
from quantity_rows import QUANTITIES
from rows import params

from caseloom.adhoc import Insert, Revisit, Skip
from caseloom.engine import Complete


@pytest.mark.parametrize("case", params(QUANTITIES))
def test_tokens_are_counted(run, case):
    assert case.trace_by(run) == case.trace


def test_an_order_to_skip_waits_for_all_tokens_that_would_start_the_activity(begin):
    engine, case = begin("start > and:f > a > c(attr startQuantity=2) > d > end | f > b > c")
    engine.do(case.id, Skip("c", reason="not needed", when="next"))

    finish(engine, case, "a")
    assert told(engine, case.id) == "start f a b?"

    finish(engine, case, "b")
    assert told(engine, case.id) == "start f a b c d?"


def test_a_skipped_activity_gives_as_many_tokens_as_a_completed_one(begin):
    engine, case = begin("start > a(attr completionQuantity=2) > b > end")

    engine.do(case.id, Skip("a", reason="not needed"))

    check(engine, case.id)
    assert told(engine, case.id) == "start a b? b?"


def test_inserted_work_holds_one_of_the_tokens_that_an_activity_needs(begin):
    engine, case = begin("start > a(attr completionQuantity=2) > c(attr startQuantity=2) > end")
    engine.do(case.id, Insert("Ask", before="c", reason="to be sure"))

    finish(engine, case, "a")
    assert [task.name for task in engine.tasks(case_id=case.id)] == ["Ask"]

    engine.do(case.id, Complete(engine.tasks(case_id=case.id)[0].id))
    check(engine, case.id)
    assert told(engine, case.id).startswith("start a") and told(engine, case.id).endswith("c?")


def test_work_after_an_activity_holds_all_tokens_that_leave_it(begin):
    engine, case = begin("start > a(attr completionQuantity=2) > b > end")
    engine.do(case.id, Insert("Ask", after="a", reason="to be sure"))

    finish(engine, case, "a")
    assert [task.name for task in engine.tasks(case_id=case.id)] == ["Ask"]

    engine.do(case.id, Complete(engine.tasks(case_id=case.id)[0].id))
    check(engine, case.id)
    assert [task.element_id for task in engine.tasks(case_id=case.id)] == ["b", "b"]


def test_revisiting_one_source_of_an_activity_that_needs_two_takes_the_activity_back(begin):
    engine, case = begin("start > and:f > a > c(attr startQuantity=2) > end | f > b > c")
    finish(engine, case, "a", "b")

    changed = engine.do(case.id, Revisit("a", reason="wrong"))
    check(engine, case.id)
    assert {task.element_id for task in engine.tasks(case_id=case.id)} == {"a"}

    finish(engine, case, "a")
    assert {task.element_id for task in engine.tasks(case_id=case.id)} == {"c"}
    assert changed.status == "running"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(given=st.integers(1, 7), needed=st.integers(1, 4), passed_on=st.integers(1, 3))
def test_an_activity_runs_as_often_as_its_tokens_suffice(run, given, needed, passed_on):
    runs, left = divmod(given, needed)

    line = run(
        f"start > task:a(attr completionQuantity={given})"
        f" > task:b(attr startQuantity={needed}; attr completionQuantity={passed_on}) > task:c > end"
    )

    words = line.split()
    assert (words.count("b"), words.count("c")) == (runs, runs * passed_on)
    assert line.endswith("…") is (left > 0)
