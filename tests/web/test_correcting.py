"""A value of a case file as a field of a form, and back."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some
from werkzeug.datastructures import MultiDict

from caseloom.engine.errors import Invalid
from caseloom.web import correcting

ATOMS = (
    some.none()
    | some.booleans()
    | some.integers(-(10**14), 10**14)
    | some.dates()
    | some.timedeltas(timedelta(0), timedelta(days=999))
    | some.decimals(-1000, 1000, places=2)
)
PARTS = some.recursive(
    ATOMS | some.text(),
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(some.text(), inner, max_size=4),
    max_leaves=12,
)


def there_and_back(content):
    manner = correcting.manner_of(content)
    shown = correcting.control(manner, content)
    sent = next(iter(shown.chosen), "") if manner == "yes-no" else shown.value
    return correcting.read(manner, MultiDict({"value": sent}))


@given(ATOMS | some.lists(PARTS, max_size=4) | some.dictionaries(some.text(), PARTS, max_size=4))
def test_what_is_sent_as_it_was_shown_changes_nothing(content):
    assert there_and_back(content) == content


def test_values_in_parts_keep_their_kinds():
    content = {"on": [date(2026, 1, 31), Decimal("1.10")]}

    assert repr(there_and_back(content)) == repr(content)


def test_a_kind_that_does_not_exist_is_refused():
    with pytest.raises(Invalid):
        correcting.read("nonsense", MultiDict({"value": "1"}))
