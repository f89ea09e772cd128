"""Behaviours of multi-instance activities, shared event definitions, and throw events that a service serves."""

from __future__ import annotations

import pytest
from played import check, finish, told
from rows import params
from telling_rows import BEHAVIOURS, SERVED, SHARED

from caseloom.adhoc import Revisit, Skip, Undo


@pytest.mark.parametrize("case", params(BEHAVIOURS))
def test_instances_tell_when_they_complete(run, case):
    assert case.trace_by(run) == case.trace


@pytest.mark.parametrize("case", params(SHARED))
def test_an_event_refers_to_a_definition(run, case):
    assert case.trace_by(run) == case.trace


@pytest.mark.parametrize("case", params(SERVED))
def test_a_service_sends_one_of_several(run, case):
    assert case.trace_by(run) == case.trace


_ONE = "start > a(par 3; behavior One signal s) > end | bound:x(on a; signal s; alone) > b > x_end"


def test_revisiting_the_instance_that_told_takes_back_what_came_of_it(begin):
    engine, case = begin(_ONE)
    finish(engine, case, "a")
    assert told(engine, case.id) == "start a? a a? a? x b?"

    engine.do(case.id, Revisit("a", reason="wrong", item=0))
    check(engine, case.id)
    assert {task.element_id for task in engine.tasks(case_id=case.id)} == {"a"}

    finish(engine, case, "a")
    assert sorted(task.element_id for task in engine.tasks(case_id=case.id)) == ["a", "a", "b"]


def test_revisiting_another_instance_leaves_what_the_first_told(begin):
    engine, case = begin(_ONE)
    finish(engine, case, "a", "a")

    changed = engine.do(case.id, Revisit("a", reason="wrong", item=1))

    check(engine, case.id)
    assert sorted(task.element_id for task in changed.tasks) == ["a", "a", "b"]


def test_a_skipped_instance_tells_too_and_undoing_it_takes_that_back(begin):
    engine, case = begin(_ONE)

    engine.do(case.id, Skip("a", reason="not needed", item=0))
    check(engine, case.id)
    assert told(engine, case.id) == "start a? a a? a? x b?"

    change = engine.history(case.id)[-1].change_id
    engine.do(case.id, Undo(change))
    check(engine, case.id)
    assert told(engine, case.id) == "start a? a? a? a?"


def test_what_ended_the_rest_is_taken_back_with_it(begin):
    engine, case = begin(
        "start > a(par 3; behavior Complex signal s when numberOfCompletedInstances = 2) > b > end"
    )
    finish(engine, case, "a", "a")
    assert [task.element_id for task in engine.tasks(case_id=case.id)] == ["b"]

    changed = engine.do(case.id, Revisit("a", reason="wrong", item=1))

    check(engine, case.id)
    assert [task.element_id for task in changed.tasks] == ["a", "a"]
