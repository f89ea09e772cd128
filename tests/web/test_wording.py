"""How values and times read on a page."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caseloom.web import wording

NOON = datetime(2026, 3, 12, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        (timedelta(0), "today 12:00"),
        (timedelta(days=1), "yesterday 12:00"),
        (timedelta(days=3), "Monday 12:00"),
        (timedelta(days=20), "20 Feb"),
        (timedelta(days=400), "5 Feb 2025"),
    ],
)
def test_a_time_reads_as_people_say_it(ago, said):
    assert wording.moment(NOON - ago, NOON, UTC).text == said


@pytest.mark.parametrize(
    ("ahead", "state", "said"),
    [
        (timedelta(days=-2), "overdue", "Overdue by 2 days"),
        (timedelta(hours=-3), "overdue", "Overdue by 3 hours"),
        (timedelta(minutes=-1), "overdue", "Overdue by 1 minute"),
        (timedelta(hours=5), "today", "Due today 17:00"),
        (timedelta(days=1), "soon", "Due tomorrow"),
        (timedelta(days=3), "soon", "Due Sunday"),
        (timedelta(days=30), "later", "Due 11 Apr"),
    ],
)
def test_what_is_due_says_how_urgent_it_is(ahead, state, said):
    due = wording.due(NOON + ahead, NOON, UTC)

    assert (due.state, due.text) == (state, said)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("approval_limit", "Approval limit"),
        ("approvalLimit", "Approval limit"),
        ("amount", "Amount"),
        ("case-managers", "Case managers"),
        ("", ""),
    ],
)
def test_names_of_values_read_as_words(name, said):
    assert wording.label(name) == said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (True, "yes"),
        (None, "–"),
        (140000, "140,000"),
        (Decimal("1234.50"), "1,234.50"),
        (0.5, "0.5"),
        (-12, "-12"),
        (["a", "b"], "a, b"),
        ([], "–"),
        (date(2026, 5, 1), "1 May 2026"),
        (timedelta(days=1, hours=2), "1 day 2 hours"),
    ],
)
def test_values_read_as_words(content, said):
    assert wording.text(content) == said


def test_a_value_with_names_of_its_own_keeps_them():
    value = wording.value("Address", {"street": "Mill Lane", "number": 12})

    assert [(part.name, part.text) for part in value.parts] == [("Street", "Mill Lane"), ("Number", "12")]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.decimals() | st.text(), st.lists
    )
)
def test_every_value_can_be_said(content):
    assert isinstance(wording.text(content), str)


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)))
def test_every_time_can_be_said(at, now):
    assert wording.moment(at, now, UTC).text
    assert wording.due(at, now, UTC).text
