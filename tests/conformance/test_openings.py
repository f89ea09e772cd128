"""A process begins where its diagram says, and what starts it has come."""

from __future__ import annotations

import pytest
from opening_rows import OPENINGS
from rows import Row, params


@pytest.mark.parametrize("case", params(OPENINGS))
def test_a_process_begins_by_what_starts_it(case: Row, run) -> None:
    assert case.trace_by(run) == case.trace
