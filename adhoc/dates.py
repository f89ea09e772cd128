"""What is due when: timers of steps that are done again, and of steps that come back.

Time starts anew for what is done again (`restart`), goes on with what was left (`resume`) or keeps its date
(`absolute`). What comes back keeps its dates; those that have passed fire at once, unless more time is given.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal

from caseloom.engine import times
from caseloom.engine.difference import ref
from caseloom.engine.errors import ExpressionError, Invalid
from caseloom.engine.facts import Fact, Kind, place_key
from caseloom.engine.flow.tokens import Token
from caseloom.engine.live import LiveCase
from caseloom.engine.results import Overdue

Timers = Literal["restart", "resume", "absolute"]
TIMERS = ("restart", "resume", "absolute")


def kept(case: LiveCase, fallen: Iterable[Fact], how: Timers) -> dict[str, list[Any]]:
    """Place -> when what begins there again is due; what an earlier revisit said comes after it."""
    fallen = list(fallen)
    stopped = _stopped(case) if how == "resume" else {}
    found: dict[str, list[Any]] = {}
    for fact in fallen if how != "restart" else ():
        if fact.kind == Kind.START:
            for key, due in _dues(case, fact).items():
                told = _told(how, due, stopped.get(fact.occurrence, case.at))
                if told is not None:
                    found.setdefault(place_key(fact.occurrence, key), []).append(told)
    for key, waiting in case.instance.dates.items():
        found.setdefault(key, []).extend(list(one) for one in waiting)
    return found


def _dues(case: LiveCase, start: Fact) -> dict[str, datetime]:
    outcome = start.outcome or {}
    live = case.instance.by_start.get(start.id)
    timers: Mapping[str, Any] = live.timers if isinstance(live, Token) else outcome.get("timers", {})
    dues = {key: timer[0] for key, timer in timers.items()}
    return {**dues, "due": outcome["due"]} if outcome.get("due") else dues


def _told(how: Timers, due: datetime, stopped: datetime) -> list[Any] | None:
    if how == "absolute":
        return ["at", due]
    left = (due - stopped).total_seconds()
    return ["left", left] if left > 0 else None  # it had fired: its time starts anew


def _stopped(case: LiveCase) -> dict[str, datetime]:
    """When each occurrence ended, by address."""
    return {
        address: row.at
        for row in case.journal()
        for fact in row.facts
        for address in fact.takes
        if isinstance(address, str)
    }


def overdue(case: LiveCase, open_before: Iterable[int], extend: str | None) -> list[Overdue]:
    """The dates of what comes back that have passed. With `extend` they are moved that far into the future instead."""
    known = set(open_before)
    found = []
    for number, token in sorted(case.instance.by_start.items()):
        if number in known or not isinstance(token, Token):
            continue
        late = {key: timer for key, timer in token.timers.items() if timer[0] <= case.at}
        if late and extend is not None:
            _extend(case, token, late, extend)
            continue
        found += [Overdue(ref(case, token), key, timer[0]) for key, timer in late.items()]
    return found


def _extend(case: LiveCase, token: Token, late: Mapping[str, Any], extend: str) -> None:
    until = later(case, extend)
    case.run.note(
        Kind.ARM, token.node.name, token.scope.path, token.occurrence or "", causes=(token.started,),
        outcome={"timers": {key: [until, rest] for key, (_, rest) in late.items()}},
    )  # fmt: skip


def later(case: LiveCase, extend: str) -> datetime:
    """Raises Invalid where it is no length of time."""
    try:
        return times.due("duration", extend, case.at, element="extend").at
    except ExpressionError as wrong:
        raise Invalid(f"“{extend}” is no length of time, such as P3D.") from wrong
