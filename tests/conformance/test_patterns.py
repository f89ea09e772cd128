"""The workflow control-flow patterns, by number and name."""

from __future__ import annotations

import pytest
from patterns import PATTERNS
from rows import params


@pytest.mark.parametrize("pattern", params(PATTERNS))
def test_a_workflow_pattern_runs(run, pattern):
    assert pattern.trace_by(run) == pattern.trace
