"""Joins, ends, errors and escalations, where tokens meet, are lost or go too far."""

from __future__ import annotations

import pytest
from routes import COMPLEX, ERRORS, ESCALATIONS, INCLUSIVE, JOINS, TERMINATION
from rows import params


@pytest.mark.parametrize("case", params(JOINS))
def test_tokens_meet(run, case):
    assert case.trace_by(run) == case.trace


@pytest.mark.parametrize("case", params(INCLUSIVE))
def test_an_inclusive_gateway_waits_for_what_may_still_come(run, case):
    assert case.trace_by(run) == case.trace


@pytest.mark.parametrize("case", params(COMPLEX))
def test_a_complex_gateway_is_activated_by_its_condition(run, case):
    assert case.trace_by(run) == case.trace


@pytest.mark.parametrize("case", params(TERMINATION))
def test_a_scope_ends(run, case):
    assert case.trace_by(run) == case.trace


@pytest.mark.parametrize("case", params(ERRORS))
def test_an_error_finds_its_catcher(run, case):
    assert case.trace_by(run) == case.trace


@pytest.mark.parametrize("case", params(ESCALATIONS))
def test_an_escalation_finds_its_catcher(run, case):
    assert case.trace_by(run) == case.trace
