"""Behaviours of multi-instance activities, shared event definitions, and throw events that a service serves."""

from __future__ import annotations

import pytest
from rows import params
from telling_rows import BEHAVIOURS, SERVED, SHARED


@pytest.mark.parametrize("case", params(BEHAVIOURS))
def test_instances_tell_when_they_complete(run, case):
    assert case.trace_by(run) == case.trace


@pytest.mark.parametrize("case", params(SHARED))
def test_an_event_refers_to_a_definition(run, case):
    assert case.trace_by(run) == case.trace


@pytest.mark.parametrize("case", params(SERVED))
def test_a_service_sends_one_of_several(run, case):
    assert case.trace_by(run) == case.trace
