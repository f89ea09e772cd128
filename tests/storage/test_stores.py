"""Data stores: each has one value, and who writes it has to have read the last one."""

from __future__ import annotations

import pytest

from caseloom.storage.errors import StoreChanged
from caseloom.storage.records import StoreRecord


def test_a_store_has_the_value_that_was_written_last(database, noon):
    first = StoreRecord("stock", revision=1, updated_at=noon, case_id="case-1", payload="[1]")
    second = StoreRecord("stock", revision=2, updated_at=noon, case_id="case-2", payload="[1,2]")

    with database.begin() as transaction:
        transaction.put_store(first)
    with database.begin() as transaction:
        transaction.put_store(second)

    with database.read() as reader:
        assert reader.store("stock") == second
        assert reader.store("another") is None
        assert reader.stores() == [second]


@pytest.mark.parametrize("revision", [1, 3])
def test_who_has_not_read_the_last_value_may_not_write(database, noon, revision):
    with database.begin() as transaction:
        transaction.put_store(StoreRecord("stock", revision=1, updated_at=noon, payload="1"))

    with pytest.raises(StoreChanged), database.begin() as transaction:
        transaction.put_store(StoreRecord("stock", revision=revision, updated_at=noon, payload="2"))

    with database.read() as reader:
        assert reader.store("stock").payload == "1"
