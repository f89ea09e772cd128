"""Data as BPMN draws it: objects, stores, inputs, outputs, and what leads from one to another."""

from __future__ import annotations

import pytest
from data_rows import CALLS, DRAWN, EVENTS, NEEDS, OBJECTS, STORES
from rows import params


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
