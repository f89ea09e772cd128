"""Data stores: one value under a name, shared by all cases and there when they have ended.

A diagram reads and writes them by data associations. Cases that write to one at the same time do so one after the
other: who is second reads the new value first.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from caseloom.engine.errors import Invalid, NotFound
from caseloom.engine.results import DataStore
from caseloom.storage.database import Database
from caseloom.storage.payload import checked, decode, encode
from caseloom.storage.records import StoreRecord
from caseloom.storage.transaction import Transaction


def all_of(database: Database) -> list[DataStore]:
    with database.read() as reader:
        return [_store(record) for record in reader.stores()]


def one(database: Database, name: str) -> DataStore:
    with database.read() as reader:
        record = reader.store(name)
    if record is None:
        raise NotFound(f"Nothing has been written to a data store “{name}” yet.")
    return _store(record)


def write(database: Database, name: str, value: Any, at: datetime) -> DataStore:
    """Puts a value into a store from outside, whatever was in it."""
    if not isinstance(name, str) or not name.strip():
        raise Invalid("A data store has a name.")
    payload = encode(checked({"value": value}, "The value")["value"])
    with database.begin() as transaction:
        record = next_value(transaction, name, payload, at)
        transaction.put_store(record)
    return _store(record)


def put(
    transaction: Transaction, case_id: str, written: Mapping[str, Any], read: Mapping[str, int], at: datetime
) -> None:
    """What a case wrote. `read` are the revisions that it had seen; `StoreChanged` where one is no longer the last."""
    for name, value in written.items():
        payload = encode(value)
        if name in read:
            record = StoreRecord(
                name, revision=read[name] + 1, updated_at=at, case_id=case_id, payload=payload
            )
        else:
            record = next_value(transaction, name, payload, at, case_id)
        transaction.put_store(record)


def next_value(
    transaction: Transaction, name: str, payload: str, at: datetime, case_id: str | None = None
) -> StoreRecord:
    before = transaction.store(name)
    revision = before.revision + 1 if before is not None else 1
    return StoreRecord(name, revision=revision, updated_at=at, case_id=case_id, payload=payload)


def _store(record: StoreRecord) -> DataStore:
    return DataStore(
        record.name,
        value=decode(record.payload),
        revision=record.revision,
        updated_at=record.updated_at,
        case_id=record.case_id,
    )
