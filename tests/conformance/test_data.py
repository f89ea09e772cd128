"""Data as BPMN draws it: objects, stores, inputs, outputs, and what leads from one to another."""

from __future__ import annotations

import pytest
from data_rows import CALLS, DRAWN, EVENTS, NEEDS, OBJECTS, STORES
from played import check, finish
from rows import params

from caseloom.adhoc import Revisit, Skip, Undo


@pytest.mark.parametrize("case", params(OBJECTS))
def test_data_goes_from_step_to_step(run, case):
    assert case.trace_by(run) == case.trace


@pytest.mark.parametrize("case", params(DRAWN))
def test_a_drawing_as_modelers_make_it_runs(run, case):
    assert case.trace_by(run) == case.trace


@pytest.mark.parametrize("case", params(NEEDS))
def test_a_step_needs_its_inputs(run, case):
    assert case.trace_by(run) == case.trace


@pytest.mark.parametrize("case", params(EVENTS))
def test_data_comes_and_goes_with_events(run, case):
    assert case.trace_by(run) == case.trace


@pytest.mark.parametrize("case", params(CALLS))
def test_a_call_hands_data_over(run, case):
    assert case.trace_by(run) == case.trace


@pytest.mark.parametrize("case", params(STORES))
def test_a_store_is_written_and_read(run, case):
    assert case.trace_by(run) == case.trace


_APPROVED = (
    "start > a(writes d from out) > b(writes r from out) > c > end | object:d | ref:r(of d; state approved)"
)


def test_a_revisit_takes_back_a_data_object_and_its_state(begin):
    engine, case = begin(_APPROVED)
    finish(engine, case, "a", out=1)
    finish(engine, case, "b", out=2)
    assert (engine.case(case.id).data, engine.case(case.id).data_states) == ({"d": 2}, {"d": "approved"})

    engine.do(case.id, Revisit("b", reason="wrong", data_policy="revert"))
    check(engine, case.id)
    assert (engine.case(case.id).data, engine.case(case.id).data_states) == ({"d": 1}, {})

    engine.do(case.id, Undo(engine.history(case.id)[-1].change_id))
    check(engine, case.id)
    assert (engine.case(case.id).data, engine.case(case.id).data_states) == ({"d": 2}, {"d": "approved"})


def test_a_skipped_step_leads_no_data_on(begin):
    engine, case = begin(_APPROVED)
    finish(engine, case, "a", out=1)

    changed = engine.do(case.id, Skip("b", reason="not needed"))

    check(engine, case.id)
    assert (changed.data, changed.data_states) == ({"d": 1}, {})


def test_a_reopened_sub_process_has_its_own_data_objects_again(begin):
    engine, case = begin("start > sub:p { p_start > a(writes d from out) > b > p_end | object:d } > c > end")
    finish(engine, case, "a", out=1)
    finish(engine, case, "b")
    assert engine.case(case.id).data == {}

    engine.do(case.id, Revisit("b", reason="wrong"))

    check(engine, case.id)
    assert engine.case(case.id).data == {}
    finish(engine, case, "b")
    assert [task.element_id for task in engine.tasks(case_id=case.id)] == ["c"]
