from __future__ import annotations

import json
from collections import OrderedDict
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caseloom.engine.errors import Invalid
from caseloom.engine.expressions.values import Range, YearMonthDuration
from caseloom.storage.payload import Encoder, checked, decode, encode, legible

zones = st.one_of(
    st.none(),
    st.just(UTC),
    st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes))),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kathmandu"]).map(ZoneInfo),
)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.decimals(allow_nan=False, allow_infinity=False),
    texts,
    st.dates(),
    st.times(timezones=zones),
    st.datetimes(timezones=zones),
    st.timedeltas(),
    st.integers(-10_000, 10_000).map(YearMonthDuration),
)
keys = st.one_of(texts, st.sampled_from(["@date", "@@", "@", "@decimal", "@duration"]))
values = st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(keys, inner), max_leaves=20)


def exactly(value: object) -> object:
    """The value with its types, so that 1, 1.0, True and Decimal(1) are four things, and so are zones."""
    if isinstance(value, dict):
        return {key: exactly(item) for key, item in value.items()}
    if isinstance(value, list):
        return [exactly(item) for item in value]
    if isinstance(value, datetime):
        return (
            datetime,
            value.replace(tzinfo=None, fold=0),
            value.utcoffset(),
            getattr(value.tzinfo, "key", None),
        )
    if isinstance(value, time):
        value = value.replace(fold=0)
    return type(value), repr(value)


@given(values)
def test_what_is_encoded_comes_back_exactly(value):
    assert exactly(decode(encode(value))) == exactly(value)


@given(values)
def test_what_is_checked_comes_through_unchanged(value):
    assert exactly(checked(value)) == exactly(value)


@given(values)
def test_the_text_is_plain_json(value):
    json.loads(encode(value))


@given(st.lists(st.dictionaries(keys, values, max_size=4), max_size=5))
def test_an_encoder_writes_what_encode_writes_whatever_it_wrote_before(changes):
    encoder, mapping = Encoder(), {}

    for change in changes:
        mapping = {**mapping, **change}

        assert encoder.encode(mapping) == encode(mapping)


def test_an_encoder_does_not_take_one_value_for_another():
    encoder = Encoder()

    assert encoder.encode({"a": 1, "b": True}) == '{"a":1,"b":true}'
    assert encoder.encode({"a": True, "b": 1}) == '{"a":true,"b":1}'
    assert encoder.encode({"b": 1.0, "a": Decimal(1)}) == '{"b":1.0,"a":{"@decimal":"1"}}'
    assert encoder.encode({"@date": "no date"}) == '{"@@date":"no date"}'


def test_the_text_is_compact_and_names_what_json_lacks():
    value = {"when": date(2026, 1, 31), "amount": Decimal("1.50"), "für": ["ä", 1, None]}

    assert encode(value) == '{"when":{"@date":"2026-01-31"},"amount":{"@decimal":"1.50"},"für":["ä",1,null]}'


def test_a_mapping_that_looks_like_a_tag_stays_a_mapping():
    value = {"@date": "not a date", "inner": {"@date": {"@@date": 1}}}

    assert decode(encode(value)) == value
    assert decode(encode({"@date": "not a date"})) == {"@date": "not a date"}


def test_a_range_of_dates_comes_back():
    value = Range(date(2026, 1, 1), date(2026, 2, 1), end_included=False)

    assert decode(encode({"period": value})) == {"period": value}


def test_both_hours_of_an_autumn_night_are_kept_apart():
    first = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    second = first.replace(fold=1)

    assert decode(encode(first)).utcoffset() == timedelta(hours=2)
    assert decode(encode(second)).utcoffset() == timedelta(hours=1)


def test_enumerations_and_other_mappings_are_written_as_what_they_are():
    class Status(StrEnum):
        RUNNING = "running"

    value = OrderedDict(status=Status.RUNNING, pair=(1, 2))

    assert decode(encode(value)) == {"status": "running", "pair": [1, 2]}
    assert type(checked(value)["status"]) is str


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (
            {"items": [{"price": float("nan")}]},
            "data.items[0].price: nan is not a number that can be stored.",
        ),
        ({"price": float("inf")}, "data.price: inf is not a number that can be stored."),
        ({"price": Decimal("sNaN")}, "data.price: sNaN is not a number that can be stored."),
        ({"price": Decimal("-Infinity")}, "data.price: -Infinity is not a number that can be stored."),
        ({"note": "a\0b"}, "data.note: the text holds a NUL character, which cannot be stored."),
        ({"note": "\ud83d"}, "data.note: the text holds half of a surrogate pair, which cannot be stored."),
        ({"a\0": 1}, "data, key 'a\\x00': the text holds a NUL character, which cannot be stored."),
        ({1: "one"}, "data: a key must be text; 1 is not."),
        ({"x": {1, 2}}, "data.x: a value of type set cannot be stored."),
        ({"x": b"raw"}, "data.x: a value of type bytes cannot be stored."),
        (
            {"x": "y" * 1_000_001},
            "data.x: a text of 1,000,001 characters is too long; at most 1,000,000 are stored.",
        ),
        ({"x": 10**1001}, "data.x: the number has more than 1000 digits."),
        (["x" * 900_000] * 5, "data: 4,500,016 bytes are too many; at most 4,000,000 are stored at once."),
    ],
)
def test_what_cannot_be_kept_everywhere_is_refused_at_the_door(value, sentence):
    with pytest.raises(Invalid) as refused:
        checked(value, "data")

    assert str(refused.value) == sentence


def test_a_value_that_contains_itself_is_refused():
    endless: list[object] = []
    endless.append(endless)

    with pytest.raises(Invalid, match="nested too deeply"):
        checked(endless)
    with pytest.raises(Invalid, match="nested too deeply"):
        encode(endless)


@pytest.mark.parametrize("value", [float("nan"), Decimal("NaN"), {1: 2}, object(), {"x": {1}}])
def test_nothing_unfit_is_encoded_either(value):
    with pytest.raises(Invalid):
        encode(value)


def test_the_copy_is_the_callers_no_longer():
    items = [1]
    copy = checked({"items": items})
    items.append(2)

    assert copy == {"items": [1]}


@pytest.mark.parametrize(
    "text", ['{"@date":"soon"}', '{"@surprise":"x"}', '{"@decimal":[]}', '{"@date":5}', "{"]
)
def test_a_text_that_nobody_encoded_is_not_decoded(text):
    with pytest.raises(ValueError, match=r".+"):
        decode(text)


def test_a_complaint_is_made_fit_to_be_stored():
    assert legible("a\0b\ud83d") == "a\ufffdb?"
    assert legible("x" * 20, longest=10) == "xxxxxxxxx…"


def test_a_time_of_day_keeps_its_zone():
    value = time(9, 30, tzinfo=ZoneInfo("Europe/Berlin"))

    assert decode(encode(value)).tzinfo == ZoneInfo("Europe/Berlin")
