"""Values on their way in and out: nothing is lost, nothing is guessed."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from caseloom.engine.errors import Invalid
from caseloom.engine.expressions.values import YearMonthDuration
from caseloom.web.api import shapes
from caseloom.web.api.answers import FIELDS, answer, plain, written
from caseloom.web.api.cases import Start
from caseloom.web.api.tasks import TaskQuery
from caseloom.web.api.text import NotJson, parsed

FLOATS = some.floats(allow_nan=False, allow_infinity=False)
JSON = some.recursive(
    some.none() | some.booleans() | some.integers() | FLOATS | some.text(),
    lambda inner: some.lists(inner) | some.dictionaries(some.text(), inner),
)
NAMES = some.sampled_from(["limit", "groups", "held", "due_before", "q", "x"])


@given(JSON)
def test_json_comes_back_as_it_went_out(value):
    assert parsed(written(plain(value))) == value


@given(some.decimals(allow_nan=False, allow_infinity=False))
def test_a_decimal_goes_out_as_a_number_only_where_that_is_exact(value):
    sent = plain(value)

    assert Decimal(sent if isinstance(sent, str) else repr(sent)) == value
    if isinstance(sent, str):
        assert Decimal(repr(float(value))) != value or not Decimal(float(value)).is_finite()


@given(some.decimals(allow_nan=False, allow_infinity=False, places=25))
def test_no_digit_of_a_number_is_lost_on_the_way_in(value):
    read = parsed(str(value))

    assert (read if isinstance(read, int | Decimal) else Decimal(repr(read))) == value


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        (Decimal("1.10"), 1.1),
        (Decimal("5"), 5),
        (Decimal("0.1234567890123456789"), "0.1234567890123456789"),
        (date(2026, 1, 31), "2026-01-31"),
        (datetime(2026, 1, 31, 9, tzinfo=UTC), "2026-01-31T09:00:00Z"),
        (datetime(2026, 1, 31, 9, tzinfo=timezone(timedelta(hours=2))), "2026-01-31T09:00:00+02:00"),
        (timedelta(days=3, hours=1), "P3DT1H"),
        (YearMonthDuration(14), "P1Y2M"),
        ({"a": [date(2026, 1, 31)]}, {"a": ["2026-01-31"]}),
    ],
)
def test_what_json_lacks_is_written_as_feel_writes_it(value, sent):
    assert plain(value) == sent
    assert json.loads(written(sent)) == sent


def test_moments_of_ours_are_in_utc():
    assert answer(datetime(2026, 1, 31, 9, tzinfo=timezone(timedelta(hours=2)))) == "2026-01-31T07:00:00Z"


def test_a_number_is_read_as_a_float_only_where_that_is_exact():
    assert parsed("0.1") == 0.1
    assert isinstance(parsed("0.1"), float)
    assert parsed("0.12345678901234567890123") == Decimal("0.12345678901234567890123")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('{"a": 1, "a": 2}', "“a” stands twice"),
        ("NaN", "NaN"),
        ("[Infinity]", "Infinity"),
        ('{"a": }', "column 7"),
        (b"\xff", "UTF-8"),
        ("[" * 50_000, "deep"),
        ("1" * 5000, "cannot be read"),
    ],
)
def test_what_readers_would_differ_on_is_refused(text, named):
    with pytest.raises(NotJson, match=named):
        parsed(text)


def test_a_declaration_says_what_must_be_sent_and_what_may():
    assert shapes.record(Start, {"key": "a"}) == Start("a")
    assert shapes.record(Start, {"key": "a", "business_key": None}) == Start("a")
    with pytest.raises(Invalid, match="“key” is missing"):
        shapes.record(Start, {})
    with pytest.raises(Invalid, match="“version” must be a whole number"):
        shapes.record(Start, {"key": "a", "version": True})
    with pytest.raises(Invalid, match="“data” must be an object"):
        shapes.record(Start, {"key": "a", "data": None})


@given(some.dictionaries(NAMES, some.lists(some.text(), min_size=1)))
def test_any_query_is_read_or_refused(query):
    with suppress(Invalid):
        assert isinstance(shapes.query(TaskQuery, query), TaskQuery)


@pytest.mark.parametrize("kind", FIELDS, ids=lambda kind: kind.__name__)
def test_every_field_that_goes_out_is_one_of_the_result(kind):
    assert all(hasattr(kind, name) for name in FIELDS[kind])
