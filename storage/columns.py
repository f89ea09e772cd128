"""The types of our columns: the same values in, the same values out, on every database.

SQLite and PostgreSQL differ on NUL characters, half surrogates, time zones, over-long index keys and numbers
of more than 64 bits. Each type refuses what one of them could not keep, so that it is refused on both. `back`
makes the value again of what the driver gives; `rows` calls it, SQLAlchemy does not, so that every way of
asking reads alike.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Boolean, Dialect, Text, TypeDecorator

from caseloom.engine.errors import Invalid
from caseloom.storage.payload import LONGEST_TEXT, legible, unstorable

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Name(TypeDecorator[str]):
    """A text that an index may hold, at most `longest` bytes: PostgreSQL takes 2704 for a whole key."""

    impl = Text
    cache_ok = True

    def __init__(self, longest: int = 512) -> None:
        super().__init__()
        self.longest = longest

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        fault = unstorable(value)
        if fault is not None:
            raise Invalid(f"“{legible(value, 60)}” holds {fault}, which cannot be stored.")
        if len(value) * 4 > self.longest and len(value.encode()) > self.longest:
            raise Invalid(f"“{value[:60]}…” is too long: at most {self.longest:,} bytes are kept here.")
        return value


class Prose(TypeDecorator[str]):
    """A text that people wrote, of any length that data may have."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        fault = unstorable(value)
        if fault is not None:
            raise Invalid(f"“{legible(value, 60)}” holds {fault}, which cannot be stored.")
        if len(value) > LONGEST_TEXT:
            raise Invalid(f"“{value[:60]}…” is too long: at most {LONGEST_TEXT:,} characters are kept here.")
        return value


class Complaint(TypeDecorator[str]):
    """What a failure said: mended, not refused, so that it never keeps the failure from being recorded."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else legible(value)


class Whole(TypeDecorator[int]):
    """A whole number of 64 bits."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> int | None:
        if value is not None and value.bit_length() > 63:
            raise Invalid(f"{value:.3e} is too large a number to be kept here.")
        return value


class Instant(TypeDecorator[datetime]):
    """A moment, as microseconds since 1970: exact, ordered and the same everywhere."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise Invalid(f"{value} has no time zone; moments are kept in UTC.")
        return (value - _EPOCH) // _MICROSECOND

    @staticmethod
    def back(value: int | None) -> datetime | None:
        return None if value is None else _EPOCH + timedelta(microseconds=value)


class Names(TypeDecorator[tuple[str, ...]]):
    """A few names, as a JSON list; where they are searched for, there is a table as well."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        return json.dumps(list(value), ensure_ascii=False, separators=(",", ":")) if value else "[]"

    @staticmethod
    def back(value: str) -> tuple[str, ...]:
        return tuple(json.loads(value))


class Flag(TypeDecorator[bool]):
    """Yes or no; SQLite keeps a number."""

    impl = Boolean
    cache_ok = True
    back = bool

    def process_bind_param(self, value: bool | None, dialect: Dialect) -> bool | None:
        return value
