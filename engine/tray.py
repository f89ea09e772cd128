"""The message tray of a case: messages whose reception a revisit took out, that came late, or that came early.

Derived from the journal and the kept messages. What was heard again, or dismissed, is no longer in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from caseloom.engine import facts as fact_rules
from caseloom.engine import rights
from caseloom.engine.claims import taking
from caseloom.engine.errors import Conflict, NotFound
from caseloom.engine.facts import Fact, Kind
from caseloom.engine.flow import events
from caseloom.engine.flow.tokens import Token
from caseloom.engine.ids import tray_id
from caseloom.engine.live import LiveCase, Row
from caseloom.engine.projection import human
from caseloom.engine.results import TrayEntry
from caseloom.storage.payload import decode
from caseloom.storage.records import MessageRecord


def entries(
    case_id: str, rows: Sequence[Row], kept: Iterable[MessageRecord], replies: Mapping[str, Sequence[Any]]
) -> list[TrayEntry]:
    """What lies in the tray, oldest first. `replies` are messages that a revisit has laid out to be heard again."""
    gone = fact_rules.superseded(fact for row in rows for fact in row.facts)
    settled = _settled(case_id, rows) | {
        tray_id(case_id, one["of"]) for waiting in replies.values() for one in waiting
    }
    found = [*_heard(case_id, rows, gone), *(_early(record) for record in kept)]
    return sorted((entry for entry in found if entry.id not in settled), key=lambda entry: entry.at)


def _settled(case_id: str, rows: Iterable[Row]) -> set[str]:
    """What was dismissed, or heard again: that hearing is what counts from then on."""
    found: set[str] = set()
    for fact in (fact for row in rows for fact in row.facts):
        outcome = fact.outcome or {}
        if fact.kind == Kind.DISMISS:
            found.add(outcome["entry"])
        if "reapplied" in outcome:
            found.add(outcome["reapplied"])
        if "of" in outcome and "payload" in outcome:
            found.add(tray_id(case_id, outcome["of"]))
    return found


def _heard(case_id: str, rows: Iterable[Row], gone: set[int]) -> Iterator[TrayEntry]:
    for row in rows:
        for fact in row.facts:
            if "payload" not in (fact.outcome or {}):
                continue
            if fact.kind == Kind.LAID or fact.id in gone:
                yield _of_fact(case_id, row, fact)


def _of_fact(case_id: str, row: Row, fact: Fact) -> TrayEntry:
    outcome = fact.outcome or {}
    why = "late" if fact.kind == Kind.LAID else "superseded"
    return TrayEntry(
        tray_id(case_id, fact.id), outcome["event"], dict(outcome["payload"]), row.at, why,
        message_id=outcome.get("message"), element_id=fact.element or None,
    )  # fmt: skip


def _early(record: MessageRecord) -> TrayEntry:
    return TrayEntry(record.id, record.name, decode(record.payload), record.at, "early", message_id=record.id)


@dataclass(frozen=True, slots=True)
class Reapply:
    """A message in the tray reaches what waits for its name now, whatever its key."""

    entry_id: str

    def decide(self, case: LiveCase) -> None:
        case.running()
        _guard(case)
        case.change = True
        entry = _entry(case, self.entry_id)
        host, element = _waiting(case, entry)
        outcome: dict[str, Any] = {
            "event": entry.name, "payload": dict(entry.data), "at": element, "reapplied": entry.id,
        }  # fmt: skip
        if entry.message_id:
            outcome["message"] = entry.message_id
        if entry.why == "early":
            case.along.append(taking(entry.id))
        events.catch(
            case.run, host, host.catcher(element), case.writes(entry.data), part=element, outcome=outcome
        )


@dataclass(frozen=True, slots=True)
class Dismiss:
    """A message in the tray is not wanted any more."""

    entry_id: str
    reason: str | None = None

    def decide(self, case: LiveCase) -> None:
        _guard(case)
        entry = _entry(case, self.entry_id)
        if entry.why == "early":
            case.along.append(taking(entry.id))
        case.run.note(Kind.DISMISS, entry.element_id or "", outcome={"entry": entry.id, "event": entry.name})


def _guard(case: LiveCase) -> None:
    if not any(rights.may_work(case, one) for one in case.instance.open.values() if human(one)):
        rights.check_manager(case, "The message tray of a case without work for you")


def of(case: LiveCase) -> list[TrayEntry]:
    with case.read() as reader:
        kept = reader.messages_for(case.id)
    return entries(case.id, case.journal(), kept, case.instance.replies)


def _entry(case: LiveCase, entry_id: str) -> TrayEntry:
    for entry in of(case):
        if entry.id == entry_id:
            return entry
    raise NotFound(f"There is no message “{entry_id}” in the tray of this case.")


def _waiting(case: LiveCase, entry: TrayEntry) -> tuple[Token, str]:
    """Who waits for it now: the same element first, else who has waited longest."""
    found = [
        (token, element)
        for token in case.instance.open.values()
        if isinstance(token, Token) and not token.parked
        for element, (name, _) in token.outcome.get("messages", {}).items()
        if name == entry.name and token.hears(element)
    ]
    if not found:
        raise Conflict(f"Nothing waits for “{entry.name}” now; apply it again when something does.")
    return min(found, key=lambda pair: (pair[1] != entry.element_id, pair[0].started))


__all__ = ["Dismiss", "Reapply", "entries", "of"]
