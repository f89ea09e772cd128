"""Events, compensation, repeated activities, calls, event sub-processes and listeners."""

from __future__ import annotations

import pytest
from activity_rows import CALLS, COMPENSATION, INSTANCES
from event_rows import CONDITIONS, HANDLERS, MESSAGES, SIGNALS, TIMERS
from listener_rows import LISTENERS
from rows import params


@pytest.mark.parametrize("case", params(MESSAGES))
def test_a_message_reaches_whom_it_is_for(run, case):
    assert case.trace_by(run) == case.trace


@pytest.mark.parametrize("case", params(SIGNALS))
def test_a_signal_reaches_all_that_wait(run, case):
    assert case.trace_by(run) == case.trace


@pytest.mark.parametrize("case", params(TIMERS))
def test_a_timer_comes_when_it_is_due(run, case):
    assert case.trace_by(run) == case.trace


@pytest.mark.parametrize("case", params(CONDITIONS))
def test_a_condition_fires_when_it_becomes_true(run, case):
    assert case.trace_by(run) == case.trace


@pytest.mark.parametrize("case", params(COMPENSATION))
def test_what_was_done_is_put_right(run, case):
    assert case.trace_by(run) == case.trace


@pytest.mark.parametrize("case", params(INSTANCES))
def test_an_activity_runs_again_and_again(run, case):
    assert case.trace_by(run) == case.trace


@pytest.mark.parametrize("case", params(CALLS))
def test_a_process_calls_another(run, case):
    assert case.trace_by(run) == case.trace


@pytest.mark.parametrize("case", params(HANDLERS))
def test_an_event_sub_process_handles_its_event(run, case):
    assert case.trace_by(run) == case.trace


@pytest.mark.parametrize("case", params(LISTENERS))
def test_a_listener_is_heard(run, case):
    assert case.trace_by(run) == case.trace
