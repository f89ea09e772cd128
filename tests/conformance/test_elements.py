"""Every element in every place, by its trace."""

from __future__ import annotations

import pytest
from bpmn_page import ROOM_FOR_TWO
from elements import GROUPS
from placements import PLACES

CASES = [
    pytest.param(fragment, place, id=f"{group}: {fragment.name} - {where}")
    for group, fragments in GROUPS.items()
    for fragment in fragments
    for where, place in PLACES.items()
    if where != ROOM_FOR_TWO or fragment.together
]


@pytest.mark.parametrize(("fragment", "place"), CASES)
def test_an_element_runs_in_its_place(run, fragment, place):
    placed = place(fragment)

    words = run(placed.text, placed.steps, placed.data, **placed.called).split()

    found = [word for word in words if word not in placed.beside.split()]
    expected = placed.trace.split()
    assert (sorted(found) if placed.unordered else found) == (
        sorted(expected) if placed.unordered else expected
    )
