"""What a case and the world outside have told each other, as its page prints it.

What has left the house, and the messages that lie in the tray because nothing has taken them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from caseloom.engine.results import EffectState, LedgerEntry, TrayEntry
from caseloom.web import rows, wording
from caseloom.web.context import name_of, the_engine
from caseloom.web.wording import Moment

_STATES = {
    EffectState.DONE: "done",
    EffectState.KEPT: "done; its result was kept",
    EffectState.NOTED: "done, and taken back here without doing anything about it",
    EffectState.CORRECTED: "done; a task corrects it",
    EffectState.COMPENSATING: "done; it is being put right",
    EffectState.COMPENSATED: "done, and put right",
    EffectState.WITHDRAWN: "sent, and withdrawn before anybody had got it",
    EffectState.UNKNOWN: "was under way when it was taken back: ask whether it happened",
}


@dataclass(frozen=True, slots=True)
class EffectLine:
    id: str
    name: str
    state: str
    key: str
    by: str
    at: Moment


def effects(case_id: str) -> Sequence[EffectLine]:
    return [_line(entry) for entry in the_engine().effects(case_id)]


def _line(entry: LedgerEntry) -> EffectLine:
    item = rows.item_text(entry.occurrence.item)
    name = f"{entry.occurrence.name} ({item})" if item else entry.occurrence.name
    by = name_of(entry.by) if entry.by else ""
    return EffectLine(entry.id, name, _STATES[entry.state], entry.idempotency_key, by, rows.at_once(entry.at))


_WHY = {
    "superseded": "What it had reached no longer counts",
    "late": "It came for something that no longer waits",
    "early": "Nothing waits for it yet",
}


@dataclass(frozen=True, slots=True)
class Letter:
    """A message in the tray."""

    id: str
    name: str
    why: str
    values: Sequence[wording.Value]
    at: Moment


def tray(case_id: str) -> Sequence[Letter]:
    return [_letter(entry) for entry in the_engine().tray(case_id)]


def _letter(entry: TrayEntry) -> Letter:
    return Letter(
        entry.id,
        wording.label(entry.name),
        _WHY[entry.why],
        wording.values(entry.data),
        rows.at_once(entry.at),
    )
