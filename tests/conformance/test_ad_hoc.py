"""Ad-hoc sub-processes, wherever they may stand."""

from __future__ import annotations

import pytest
from ad_hoc_rows import COMPLETION, HOSTS, ORDERING
from rows import params


@pytest.mark.parametrize("case", params(ORDERING))
def test_people_choose_what_runs(run, case):
    assert case.trace_by(run) == case.trace


@pytest.mark.parametrize("case", params(COMPLETION))
def test_an_ad_hoc_sub_process_is_over(run, case):
    assert case.trace_by(run) == case.trace


@pytest.mark.parametrize("case", params(HOSTS))
def test_an_ad_hoc_sub_process_stands_among_others(run, case):
    assert case.trace_by(run) == case.trace
