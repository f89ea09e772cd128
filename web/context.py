"""What a view may ask for: the engine, the people, the person who is here, the time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Flask, current_app, g

from caseloom.engine import Engine
from caseloom.engine.errors import NotAllowed
from caseloom.web.people import Account, People
from caseloom.web.throttle import Throttle

_KEY = "caseloom"


@dataclass(frozen=True, slots=True)
class Office:
    """All that the pages of one application share."""

    engine: Engine
    people: People
    throttle: Throttle


def open_office(app: Flask, office: Office) -> None:
    app.extensions[_KEY] = office


def the_office() -> Office:
    office = current_app.extensions[_KEY]
    assert isinstance(office, Office)
    return office


def the_engine() -> Engine:
    return the_office().engine


def the_people() -> People:
    return the_office().people


def the_person() -> Account:
    """Whoever is signed in; views behind the door can rely on it."""
    account = g.get("person")
    if not isinstance(account, Account):
        raise NotAllowed("Sign in first.")
    return account


def name_of(user_id: str | None) -> str:
    """A person's name; the id of somebody who is not in the books, and nothing for the program itself."""
    if user_id is None:
        return ""
    names = g.setdefault("names", {})
    if user_id not in names:
        account = the_people().find(user_id)
        names[user_id] = account.name if account else user_id
    return str(names[user_id])


def the_time() -> datetime:
    return datetime.now(UTC)
