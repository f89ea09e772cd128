"""Values that JSON lacks are written and read back exactly, and ISO 8601 is read as it is meant."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caseloom.engine.expressions import evaluate
from caseloom.engine.expressions.temporal import MixedDuration, parse_date_time, parse_duration, text_of
from caseloom.engine.expressions.values import (
    Range,
    WideDate,
    WideDateTime,
    WideDuration,
    WideTime,
    YearMonthDuration,
    from_text,
    to_text,
)

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = (
    st.none()
    | st.just(UTC)
    | st.just(BERLIN)
    | st.integers(-1080, 1080).map(lambda m: timezone(timedelta(minutes=m)))
)
SIMPLE = st.one_of(
    st.decimals(allow_nan=False, allow_infinity=False),
    st.dates(),
    st.times(timezones=ZONES),
    st.datetimes(timezones=ZONES, allow_imaginary=False),
    st.timedeltas(),
    st.integers(-(10**6), 10**6).map(YearMonthDuration),
)


@given(SIMPLE | st.tuples(SIMPLE, SIMPLE).map(lambda pair: Range(*pair, False, True)))
def test_a_value_survives_its_text(value):
    written = to_text(value)

    read = from_text(*written)
    assert read == value
    assert type(read) is type(value)
    assert to_text(read) == written


@pytest.mark.parametrize(
    "value",
    [
        WideDate(-12_000, 2, 29),
        WideTime(123_456_789, UTC),
        WideDateTime(99_999, 12, 31, 1, timezone(timedelta(hours=-5))),
        WideDateTime(2026, 1, 1, 123_456_789, None),
        WideDuration(10**26 + 1),
        Range(None, 5, False, True),
        datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=BERLIN),
        Decimal("1.50"),
    ],
)
def test_an_unusual_value_survives_its_text(value):
    written = to_text(value)

    assert to_text(from_text(*written)) == written
    assert from_text(*written) == value


@pytest.mark.parametrize("value", [None, True, 1, 1.5, "a", [], {}])
def test_what_json_has_needs_no_text(value):
    assert to_text(value) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("P60D", timedelta(days=60)),
        ("PT0.5S", timedelta(milliseconds=500)),
        ("PT36H", timedelta(hours=36)),
        ("P1Y2M", YearMonthDuration(14)),
        ("-P1M", YearMonthDuration(-1)),
        ("P2W", timedelta(weeks=2)),
        ("P1Y2M3DT4H", MixedDuration((YearMonthDuration(14), timedelta(days=3, hours=4)))),
    ],
)
def test_a_duration_is_read(text, value):
    assert parse_duration(text) == value


NO_DURATIONS = ["", "P", "PT", "-P", "P1", "1D", "P1H", "PT1D", "P1DT", "P-1D", "R/PT0S", "pt1h", "P1S"]


@pytest.mark.parametrize("text", NO_DURATIONS)
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(ValueError, match="duration"):
        parse_duration(text)


def test_a_moment_is_read_with_its_zone():
    assert parse_date_time("2026-12-31T09:30:00") == datetime(2026, 12, 31, 9, 30)
    assert parse_date_time("2026-12-31T09:30:00Z") == datetime(2026, 12, 31, 9, 30, tzinfo=UTC)
    assert parse_date_time("2026-12-31T09:30:00@Europe/Berlin") == datetime(
        2026, 12, 31, 9, 30, tzinfo=BERLIN
    )
    assert parse_date_time("2026-12-31T09:30Z") == datetime(2026, 12, 31, 9, 30, tzinfo=UTC)
    assert parse_date_time("2026-12-31T09:30:00.5+0100").utcoffset() == timedelta(hours=1)
    assert evaluate('date and time("2026-12-31T09:30Z")', {}) is None
    assert parse_date_time("2026-12-31T24:00:00") == datetime(2027, 1, 1)
    with pytest.raises(ValueError, match="no date and time"):
        parse_date_time("2026-12-31")


@given(
    st.datetimes(timezones=ZONES, allow_imaginary=False),
    st.timedeltas(timedelta(days=-500), timedelta(days=500)),
)
def test_a_duration_is_real_time_also_when_the_clocks_change(moment, duration):
    try:
        expected = (moment.astimezone(UTC) + duration) if moment.tzinfo else moment + duration
    except OverflowError:
        return
    if not 2 < expected.year < 9998:
        return

    found = evaluate("moment + duration", {"moment": moment, "duration": duration})
    assert (found.astimezone(UTC) if moment.tzinfo else found) == expected


MOMENTS = st.datetimes(timezones=ZONES, allow_imaginary=False)
DURATIONS = st.timedeltas(timedelta(days=-(10**6)), timedelta(days=10**6))


@given(st.dates() | st.times() | MOMENTS | DURATIONS)
def test_the_text_of_a_temporal_value_is_its_literal(value):
    read = evaluate(f'@"{text_of(value)}"', {})

    if isinstance(value, datetime) and value.tzinfo is BERLIN:
        assert read.replace(tzinfo=None) == value.replace(
            tzinfo=None
        )  # the literal does not tell the two 02:30
        return
    assert read == value


def test_dates_and_times_know_their_parts():
    moment = datetime(2026, 11, 24, 9, 30, tzinfo=BERLIN)

    assert evaluate("[m.year, m.weekday, m.hour, m.timezone]", {"m": moment}) == [2026, 2, 9, "Europe/Berlin"]
    assert evaluate("m.time offset", {"m": moment}) == timedelta(hours=1)
    assert evaluate("day of week(d)", {"d": date(2026, 11, 24)}) == "Tuesday"
    assert evaluate("t.minute", {"t": time(9, 30)}) == 30
