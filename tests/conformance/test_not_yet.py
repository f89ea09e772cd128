"""What does not run yet, kept in sight; and that it is refused by name, never accepted and ignored."""

from __future__ import annotations

import pytest
from not_yet import NOT_YET
from rows import params

from caseloom.engine.errors import DiagramError


@pytest.mark.parametrize("case", params(NOT_YET))
def test_what_does_not_run_yet(run, case):
    assert case.trace_by(run) == case.trace


@pytest.mark.parametrize("case", NOT_YET, ids=lambda case: case.name)
def test_what_does_not_run_yet_is_refused_by_name(run, case):
    with pytest.raises(DiagramError) as refused:
        case.trace_by(run)

    assert any(finding.code.startswith("unsupported") for finding in refused.value.findings)
