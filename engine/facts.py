"""Facts: what happened in a case, and what came of what. Pure functions, no state, no clock, no database.

A fact is frozen and never deleted. Whether it still counts is derived: a later `revisit` or `undo` fact names
the ones that it took out (superseded) or put back (restored).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple


class Kind(StrEnum):
    """What a fact says. The first six move tokens."""

    BEGIN = "begin"  # the case starts
    PASS = "pass"  # an automatic element fired
    START = "start"  # an occurrence begins to wait, or a scope opens
    END = "end"  # an occurrence was completed
    SKIP = "skip"  # an occurrence was skipped
    COMPENSATE = "compensate"  # what a completed activity did is put right by its handler
    BOUNDARY = "boundary"  # an event on the edge of an occurrence fired
    HEARD = "heard"  # one part of a parallel multiple event came
    SELECT = "select"  # an activity of an ad-hoc sub-process was chosen to run next
    CLOSING = "closing"  # an ad-hoc sub-process takes nothing new on, and ends when its open work is done
    READY = "ready"  # a complex gateway waits for its activation again
    LAPSE = "lapse"  # a condition that had fired no longer holds
    DONE = "done"  # nothing is left to do: the case has ended
    CANCEL = "cancel"  # the case was stopped by a person
    SUSPEND = "suspend"
    RESUME = "resume"
    DATA = "data"  # the case file was written by hand
    ASSIGN = "assign"  # a task changed hands
    DRAFT = "draft"  # somebody began to answer
    INCIDENT = "incident"  # work failed and waits for a person
    RETRY = "retry"
    INSERT = "insert"  # work was inserted ad hoc
    ROUND = "round"  # inserted work is due now; holds what it blocks
    HOLD = "hold"  # more tokens wait for a round
    WITHDRAW = "withdraw"  # inserted work is no longer needed
    RELEASE = "release"  # a round is over
    EDIT = "edit"  # inserted work was changed, added, put in another order or taken out
    TICK = "tick"  # an item of a checklist is done, or is not done after all
    OVERRIDE = "override"  # somebody went past the rights of the diagram, in an emergency
    DIRECT = "direct"  # a standing order: skip this when it comes
    LIFT = "lift"  # a standing order, or a wait, no longer holds
    JUMP = "jump"  # a region of the diagram is skipped: the facts that follow from it name it as their cause
    WAIT = "wait"  # a step does not begin before another one is done
    ITEM = "item"  # an item was added to a multi-instance activity under way, or taken out of it
    MIGRATE = "migrate"  # the case follows another version of its diagram from here on
    ARM = "arm"  # an occurrence waits for other events than before, after a migration
    LAID = "laid"  # a message came for what no longer waits: it lies in the tray of the case
    DISMISS = "dismiss"  # what lay in the tray is not wanted
    REVISIT = "revisit"
    UNDO = "undo"


# Facts that begin an occurrence, where they carry its address.
BEGINS = frozenset({Kind.PASS, Kind.START, Kind.BOUNDARY, Kind.COMPENSATE})

# (the fact that produced it, the flow or item number it stands on, and which one of several put there at once)
Token = tuple[Any, ...]
Writes = tuple[tuple[str, Any], ...]


class Fact(NamedTuple):
    """One thing that happened.

    `takes` are the tokens (or occurrences, by address) consumed, `gives` the flows or item numbers that got a token,
    `causes` the facts without which this one could not have happened, `closes` the scope that it completes or
    interrupts, `outcome` what was decided, so that nothing is evaluated again on replay. A flow that got several
    tokens is named in `gives` as often.
    """

    id: int
    kind: str
    element: str = ""
    scope: str = ""
    occurrence: str = ""
    takes: tuple[Any, ...] = ()
    causes: tuple[int, ...] = ()
    gives: tuple[Any, ...] = ()
    closes: str | None = None
    writes: Writes = ()
    outcome: Mapping[str, Any] | None = None


_DEFAULTS = Fact(0, "")


def to_json(fact: Fact) -> list[Any]:
    """A fact as a JSON list, without its trailing defaults."""
    row = list(fact)
    while len(row) > 2 and row[-1] == _DEFAULTS[len(row) - 1]:
        row.pop()
    return row


def from_json(row: Sequence[Any]) -> Fact:
    fields = list(row)
    size = len(fields)
    if size > 5:
        fields[5] = tuple(tuple(token) if isinstance(token, list) else token for token in fields[5])
    if size > 6:
        fields[6] = tuple(fields[6])
    if size > 7:
        fields[7] = tuple(fields[7])
    if size > 9:
        fields[9] = tuple((name, value) for name, value in fields[9])
    return Fact(*fields)


# -- addresses -----------------------------------------------------------------------------------

_NUMBER = re.compile(r"#\d+")
_INDEX = re.compile(r"\[(\d+)\]")


def below(scope: str, name: str) -> str:
    """The address of `name` in a scope: `H#1/H[1]#1` + `N#2` = `H#1/H[1]#1/N#2`."""
    return f"{scope}/{name}" if scope else name


def parent(address: str) -> str:
    return address.rpartition("/")[0]


def inside(address: str, scope: str) -> bool:
    return not scope or address == scope or address.startswith(scope + "/")


def place(address: str) -> str:
    """An address without its numbers: the same for every round of a loop."""
    return _NUMBER.sub("", address)


def place_of_items(address: str, item: Callable[[str, int], Any]) -> str:
    """A place that tells items by what they are, not by their index, which may be another one next time.

    `item` gives the value of an item of a body, None where it has none.
    """
    told, scope = [], ""
    for part in address.split("/"):
        index = _INDEX.search(part)
        value = item(scope, int(index[1])) if index else None
        scope = below(scope, part)
        told.append(part if index is None or value is None else _INDEX.sub(f"[={value!r}]", part))
    return place("/".join(told))


def place_key(address: str, element: str) -> str:
    """What is waited for at an address, the same for every occurrence of that place."""
    return f"{place(address)}|{element}"


def numbered(address: str) -> tuple[str, int]:
    """Splits `S#1/u#3` into `S#1/u` and 3."""
    name, _, number = address.rpartition("#")
    return name, int(number)


# -- what counts ---------------------------------------------------------------------------------


def pack(ids: Iterable[int]) -> list[list[int]]:
    """Ids as inclusive ranges, so that a large cone stays small in the journal."""
    ranges: list[list[int]] = []
    for number in sorted(ids):
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ranges


def unpack(ranges: Iterable[Sequence[int]]) -> set[int]:
    return {number for first, last in ranges for number in range(first, last + 1)}


def superseded(facts: Iterable[Fact]) -> set[int]:
    """The ids of the facts that a revisit, an undo or a migration took out, in the end."""
    gone: set[int] = set()
    for fact in facts:
        if fact.outcome and fact.kind in (Kind.REVISIT, Kind.UNDO, Kind.MIGRATE):
            gone |= unpack(fact.outcome.get("superseded", ()))
            gone -= unpack(fact.outcome.get("restored", ()))
    return gone


def effective(facts: Sequence[Fact], gone: set[int] | None = None) -> list[Fact]:
    out = superseded(facts) if gone is None else gone
    return [fact for fact in facts if fact.id not in out]


def cone(facts: Iterable[Fact], roots: Iterable[int]) -> set[int]:
    """`roots` and all that came of them, among effective `facts` in commit order.

    One forward pass. A fact falls when one of its causes falls, or when it closes a scope in which
    something falls (rule D1: closing a scope, and deciding to close it, depends on everything that happened in it).
    """
    hit = set(roots)
    first = min(hit, default=0)
    scopes: set[str] = set()
    for fact in facts:
        if fact.id < first:
            continue
        if (
            fact.id in hit
            or not hit.isdisjoint(fact.causes)
            or (fact.closes is not None and fact.closes in scopes)
            or (fact.kind == Kind.CLOSING and fact.scope in scopes)
        ):
            hit.add(fact.id)
            scopes.update(_enclosing(fact.scope, scopes))
    return hit


def _enclosing(scope: str, known: set[str]) -> Iterator[str]:
    while scope not in known:
        yield scope
        if not scope:
            return
        scope = parent(scope)
