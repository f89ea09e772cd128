"""Ids: opaque to everyone else. New ones sort by the time of their making, which keeps indexes compact.

An occurrence is known by its case and the fact that started it, so its id survives an undo.
"""

from __future__ import annotations

import secrets
from datetime import datetime

from caseloom.engine.errors import NotFound


def new_id(at: datetime) -> str:
    return f"{int(at.timestamp() * 1000):011x}{secrets.token_hex(6)}"


def occurrence_id(case_id: str, started: int) -> str:
    return f"{case_id}-{started}"


def part_id(case_id: str, started: int, name: str) -> str:
    """A timer or subscription of an occurrence."""
    return f"{case_id}-{started}.{name}"


def change_id(case_id: str, seq: int) -> str:
    return f"{case_id}-c{seq}"


def order_id(case_id: str, fact: int) -> str:
    """A standing order."""
    return f"{case_id}-o{fact}"


def incident_id(case_id: str, fact: int) -> str:
    return f"{case_id}-i{fact}"


def plan_id(case_id: str, insertion: int) -> str:
    """Work that was inserted together."""
    return f"{case_id}-p{insertion}"


def work_id(case_id: str, insertion: int, index: int) -> str:
    """One piece of inserted work, whether it is open or still to come."""
    return f"{case_id}-w{insertion}.{index}"


def inserted(id: str, case_id: str) -> tuple[int, int | None] | None:
    """The insertion that a plan's or work's id names, and which of its works; None where it is no such id."""
    prefix, _, rest = id.rpartition("-")
    number, dot, index = rest[1:].partition(".")
    if prefix != case_id or not number.isdecimal() or rest[:1] not in ("p", "w"):
        return None
    if rest[0] == "p":
        return (int(number), None) if not dot else None
    return (int(number), int(index)) if index.isdecimal() else None


def started(occurrence: str, case_id: str) -> int | None:
    """The fact that began an occurrence of this case, or None where the id is not one of its."""
    prefix, _, number = occurrence.rpartition("-")
    return int(number) if prefix == case_id and number.isdecimal() else None


def case_of(task_id: str) -> str:
    """The case that a task belongs to."""
    prefix, _, number = task_id.rpartition("-")
    if not prefix or not number.isdecimal():
        raise NotFound(f"There is no task “{task_id}”.")
    return prefix


def tray_id(case_id: str, fact: int) -> str:
    """A message in the tray of a case, by the fact that heard it or laid it there."""
    return f"{case_id}-t{fact}"


def thrown_id(case_id: str, seq: int, number: int) -> str:
    """A message that a case throws: the journal row of the throw, and its number in that row."""
    return f"{case_id}-m{seq}.{number}"


def thrower(message_id: str) -> str | None:
    """The case that threw a message; None where it comes from outside."""
    prefix, _, place = message_id.rpartition("-m")
    return prefix if prefix and place.replace(".", "", 1).isdecimal() else None
