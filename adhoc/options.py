"""What a person may do to a case now, outside its diagram."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Target:
    """Something to skip, revisit or decide; `id` is what the command takes."""

    id: str
    element_id: str | None
    name: str
    occurrence_id: str | None
    item: Any


@dataclass(frozen=True, slots=True)
class Anchor:
    """A place for an inserted task; `kind` is the keyword of `Insert`: before, after, beside, flow, scope or case."""

    kind: str
    id: str | None
    name: str


@dataclass(frozen=True, slots=True)
class Change:
    """An ad-hoc change that can still be undone; `id` is what `Undo` takes."""

    id: str
    command: str
    by: str | None
    at: datetime
    reason: str | None


@dataclass(frozen=True, slots=True)
class Options:
    """Only what would be accepted now is listed; `undo` is newest first."""

    skip: Sequence[Target] = ()
    revisit: Sequence[Target] = ()
    insert: Sequence[Anchor] = ()
    decide: Sequence[Target] = ()
    undo: Sequence[Change] = ()
