"""Messages in the part of a case that is taken back: those that it had got, those that it waited for, those it sent.

One that was got will not come again by itself: it is awaited again, or its recorded content is heard again. What comes
later for a subscription with a key that was closed goes to the tray of the case (`engine.tray`). One that was sent and
that nobody has taken yet is withdrawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from caseloom.adhoc.targets import Past
from caseloom.engine.claims import recalling
from caseloom.engine.errors import Invalid
from caseloom.engine.facts import Fact, Kind, place_key
from caseloom.engine.flow.firing import thrown
from caseloom.engine.ids import occurrence_id, thrown_id, tray_id
from caseloom.engine.live import LiveCase
from caseloom.engine.results import ConsumedMessage, OccurrenceRef

AWAIT = "await"
REUSE = "reuse"


def consumed(case: LiveCase, past: Past, fallen: Iterable[Fact]) -> list[ConsumedMessage]:
    """The messages that reached what falls, oldest first."""
    return [_consumed(case, past, fact) for fact in fallen if "payload" in (fact.outcome or {})]


def _consumed(case: LiveCase, past: Past, fact: Fact) -> ConsumedMessage:
    outcome = fact.outcome or {}
    ref = OccurrenceRef(
        occurrence_id(case.id, fact.id), fact.element or None, case.name_of(fact), past.item(fact), None
    )
    return ConsumedMessage(
        tray_id(case.id, fact.id), outcome["event"], ref, dict(outcome["payload"]), outcome.get("message")
    )


def reused(told: Sequence[ConsumedMessage], given: Mapping[str, str] | str | None) -> set[str]:
    """The ids of those whose content is heard again. Raises Invalid for what is no answer, or no message."""
    answers = given if isinstance(given, Mapping) else {}
    known = {name for one in told for name in (one.id, one.name, one.occurrence.element_id)}
    if unknown := sorted(set(answers) - known):
        raise Invalid(f"“{unknown[0]}” is not a message that this change takes back.")
    chosen = {one.id: given if isinstance(given, str) else _answer(answers, one) for one in told}
    words = [given] if isinstance(given, str) else list(answers.values())
    if wrong := [word for word in words if word not in (AWAIT, REUSE)]:
        raise Invalid(f"“{wrong[0]}”: a message is awaited again (await) or heard again (reuse).")
    return {id for id, answer in chosen.items() if answer == REUSE}


def _answer(given: Mapping[str, str], one: ConsumedMessage) -> str:
    found = (given[name] for name in (one.id, one.name, one.occurrence.element_id or "") if name in given)
    return next(found, AWAIT)


def replies(case: LiveCase, past: Past, fallen: Iterable[Fact], wanted: set[str]) -> dict[str, list[Any]]:
    """Place -> what is heard there again, in its order; what an earlier revisit laid out comes after it."""
    found: dict[str, list[Any]] = {}
    for fact in fallen:
        outcome = fact.outcome or {}
        if "payload" not in outcome or tray_id(case.id, fact.id) not in wanted:
            continue
        heard = {name: outcome[name] for name in ("event", "payload", "message") if name in outcome}
        found.setdefault(_where(past, fact), []).append({**heard, "of": fact.id})
    for key, waiting in case.instance.replies.items():
        found.setdefault(key, []).extend(dict(one) for one in waiting)
    return found


def _where(past: Past, fact: Fact) -> str:
    """Where it was waited for."""
    outcome = fact.outcome or {}
    host = past.fact(outcome["host"]) if "host" in outcome else None
    return place_key((host or fact).occurrence, outcome["at"])


def closed(case: LiveCase, fallen: Iterable[Fact]) -> list[list[Any]]:
    """The subscriptions with a key that are closed for good, with those of earlier revisits."""
    found = [
        [fact.id, element, name, key]
        for fact in fallen
        if fact.kind == Kind.START
        for element, (name, key) in (fact.outcome or {}).get("messages", {}).items()
        if key is not None and not isinstance(key, Mapping)  # properties are no key of one subscription
    ]
    return [*(one for one in case.instance.closed if one not in found), *found]


def withdraw(case: LiveCase, past: Past, fallen: Iterable[Fact]) -> set[int]:
    """Takes back the messages that nobody has taken yet, with the change; the facts that sent them."""
    ids = _thrown_ids(case, {fact.id for fact in fallen})
    if not ids:
        return set()
    with case.read() as reader:
        kept = {message.id for name, _, _ in ids for message in reader.kept_messages(name)}
        waiting = {id for _, id, _ in ids if id in kept or reader.job(id) is not None}
    for _, id, _ in ids:
        if id in waiting:
            case.along.append(recalling(id))
    return {fact for _, id, fact in ids if id in waiting}


def _thrown_ids(case: LiveCase, fallen: set[int]) -> list[tuple[str, str, int]]:
    """Name, id and fact of each message that the facts threw: messages are counted within a row of the journal."""
    found = []
    for row in case.journal():
        number = 0
        for fact in row.facts:
            for kind, name in thrown(fact.outcome) if fact.kind == Kind.PASS else ():
                if kind != "message":
                    continue
                if fact.id in fallen:
                    found.append((str(name), thrown_id(case.id, row.seq, number), fact.id))
                number += 1
    return found
