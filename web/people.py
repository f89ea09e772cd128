"""The people who sign in: their names, groups and passwords, as the database keeps them.

Passwords are stored as argon2 hashes. `People.person` is what an `Engine` takes as `people=`, so that the
rights of groups hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from caseloom.engine.errors import NotAllowed
from caseloom.engine.results import Person
from caseloom.engine.rights import CASE_MANAGERS
from caseloom.storage.database import Database
from caseloom.storage.records import UserRecord
from caseloom.web import wording

# The group of those who draw the diagrams; administrators count as such.
ANALYSTS = "analysts"

_hasher = PasswordHasher()
# Checked where there is no such user, so that the answer takes as long as for a wrong password.
_NOBODY = _hasher.hash("nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """Someone who can sign in, ready to print."""

    id: str
    name: str
    groups: Sequence[str] = ()
    is_admin: bool = False

    @property
    def initials(self) -> str:
        return wording.initials(self.name)

    @property
    def groups_text(self) -> str:
        return ", ".join(wording.label(group) for group in self.groups) or "no group"

    @property
    def is_analyst(self) -> bool:
        return self.is_admin or ANALYSTS in self.groups


class People:
    """Looks people up in a database; every call sees the newest state."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, user_id: str) -> Account | None:
        with self._database.read() as reader:
            user = reader.user(user_id)
        return _account(user) if user else None

    def all(self) -> list[Account]:
        """By name."""
        with self._database.read() as reader:
            users = reader.users()
        return sorted(map(_account, users), key=lambda account: account.name)

    def person(self, user_id: str) -> Person | None:
        """Who an engine should take this user for."""
        account = self.find(user_id)
        return Person(account.id, account.groups) if account else None

    def signed_in(self, user_id: str, password: str) -> Account | None:
        """The account, if that is its password. A hash made with older settings of argon2 is renewed."""
        with self._database.read() as reader:
            user = reader.user(user_id)
        if not _fits(user, password) or user is None:
            return None
        if user.password_hash and _hasher.check_needs_rehash(user.password_hash):
            self._put(replace(user, password_hash=_hasher.hash(password)))
        return _account(user)

    def put(
        self,
        user_id: str,
        name: str,
        *,
        password: str | None,
        groups: Sequence[str] = (),
        is_admin: bool = False,
    ) -> Account:
        """Creates a user, or replaces one. Without a password they cannot sign in (a program with a token)."""
        user = UserRecord(
            user_id,
            name=name,
            password_hash=None if password is None else _hasher.hash(password),
            groups=tuple(groups),
            is_admin=is_admin,
        )
        self._put(user)
        return _account(user)

    def _put(self, user: UserRecord) -> None:
        with self._database.begin() as transaction:
            transaction.put_user(user)


def check_may_try(account: Account) -> None:
    """Trying things is for those who draw them: it can take a server's time."""
    if not account.is_analyst:
        raise NotAllowed(f"Trying expressions needs the group “{ANALYSTS}”.")


def _account(user: UserRecord) -> Account:
    """Administrators are case managers too: they may do in a case what nobody else may."""
    groups = dict.fromkeys((*user.groups, *([CASE_MANAGERS] if user.is_admin else [])))
    return Account(user.id, user.name, tuple(groups), user.is_admin)


def _fits(user: UserRecord | None, password: str) -> bool:
    try:
        return _hasher.verify(user.password_hash if user and user.password_hash else _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return False
