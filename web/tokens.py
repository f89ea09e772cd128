"""The keys by which programs are known at the HTTP interface: made once, shown once, kept as a hash only.

A key holds 256 random bits, so a plain hash is enough: there is nothing to guess from.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from caseloom.storage.database import Database
from caseloom.storage.records import TokenRecord

_PREFIX = "caseloom_"


class Tokens:
    """The tokens of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def make(self, user_id: str, *, name: str, at: datetime, expires_at: datetime | None = None) -> str:
        """A new token that acts for the user. Nobody can read it again later."""
        token = _PREFIX + secrets.token_urlsafe(32)
        record = TokenRecord(_hashed(token), user_id=user_id, name=name, created_at=at, expires_at=expires_at)
        with self._database.begin() as transaction:
            transaction.add_token(record)
        return token

    def user_of(self, token: str, at: datetime) -> str | None:
        """For whom it acts; None where it is unknown, or too old."""
        with self._database.read() as reader:
            record = reader.token(_hashed(token))
        if record is None or (record.expires_at is not None and record.expires_at <= at):
            return None
        return record.user_id

    def revoke(self, token: str) -> bool:
        """Whether there was such a token; from now on there is none."""
        with self._database.begin() as transaction:
            known = transaction.token(_hashed(token)) is not None
            transaction.drop_token(_hashed(token))
        return known


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
