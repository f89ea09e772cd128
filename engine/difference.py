"""What a command came to, told as a preview: what opens, what is withdrawn, what is superseded or comes back."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from caseloom.engine import projection
from caseloom.engine.facts import Fact, Kind
from caseloom.engine.flow.instance import Instance
from caseloom.engine.flow.tokens import Occurrence, Token
from caseloom.engine.ids import occurrence_id
from caseloom.engine.live import LiveCase
from caseloom.engine.results import OccurrenceRef, Preview
from caseloom.storage.payload import encode


@dataclass(frozen=True, slots=True)
class Seen:
    """What was open before a command, by the fact that started it."""

    open: Mapping[int, Occurrence]
    next_id: int

    @classmethod
    def of(cls, instance: Instance) -> Seen:
        return cls(dict(instance.by_start), instance.next_id)


def difference(before: Seen, live: LiveCase) -> Preview:
    instance = live.instance
    ended = _ended_by(live.run.facts, before)
    after = instance.by_start
    opened = [ref(live, one) for number, one in _by_start(after) if number >= before.next_id and _shown(one)]
    withdrawn = [
        ref(live, one)
        for number, one in _by_start(before.open)
        if number not in after and number not in ended and _shown(one)
    ]
    restored = [
        ref(live, one)
        for number, one in _by_start(after)
        if number < before.next_id and number not in before.open and _shown(one)
    ]
    taken_out = _taken_out(live, set(before.open))
    effects, stale = list(live.effects), sorted(live.stale)
    return Preview(
        opened,
        withdrawn,
        taken_out,
        restored,
        effects,
        stale,
        None,
        _token(live, opened, withdrawn, taken_out, restored),
        _told(before, live, ended),
        list(live.tainted),
        list(live.messages),
        list(live.overdue),
    )


def _told(before: Seen, live: LiveCase, ended: set[int]) -> list[str]:
    """Whose open work is taken away, or comes back."""
    after = live.instance.by_start
    gone = [one for number, one in before.open.items() if number not in after and number not in ended]
    back = [one for number, one in after.items() if number < before.next_id and number not in before.open]
    people = {one.assignee for one in (*gone, *back) if one.assignee and projection.human(one)}
    return sorted(people - {live.by})


def _by_start(occurrences: Mapping[int, Occurrence]) -> list[tuple[int, Occurrence]]:
    """Oldest first: a copy of a case may hold them in another order."""
    return sorted(occurrences.items(), key=lambda pair: pair[0])


def _shown(occurrence: Occurrence) -> bool:
    return not isinstance(occurrence, Token) or not (
        occurrence.watch or occurrence.node.kind == "eventBasedGateway"
    )


def _ended_by(facts: Sequence[Fact], before: Seen) -> set[int]:
    """Occurrences that the command itself ended: done or skipped, not withdrawn."""
    addresses = {address for fact in facts if fact.kind in (Kind.END, Kind.SKIP) for address in fact.takes}
    return {number for number, one in before.open.items() if one.occurrence in addresses}


def _taken_out(live: LiveCase, open_before: set[int]) -> list[OccurrenceRef]:
    """The completed occurrences of the cone, oldest first."""
    cone = set(live.cone)
    if not cone:
        return []
    found = []
    for line in live.journal():
        for fact in line.facts:
            if fact.id in cone and fact.kind in (Kind.START, Kind.PASS) and fact.id not in open_before:
                node = live.node_of(fact)
                if fact.kind == Kind.PASS and (node is None or not node.activity):
                    continue
                found.append(
                    OccurrenceRef(
                        occurrence_id(live.id, fact.id), fact.element or None, live.name_of(fact), None, None
                    )
                )
    return found


def ref(live: LiveCase, occurrence: Occurrence) -> OccurrenceRef:
    own = live.id_of(occurrence)
    element = occurrence.node.name if isinstance(occurrence, Token) else None
    return OccurrenceRef(
        own, element, occurrence.name, occurrence.item, own if projection.human(occurrence) else None
    )


def _token(live: LiveCase, opened: Sequence[OccurrenceRef], *others: Sequence[OccurrenceRef]) -> str:
    """The same for the same outcome, in whatever order it comes about.

    What opens is told by its element, for its id is not given yet.
    """
    parts: list[Any] = [sorted(encode([one.element_id, one.name, one.item]) for one in opened)]
    parts += [sorted(one.id for one in refs) for refs in others]
    parts.append(sorted((effect.id, effect.kind) for effect in live.effects))
    parts.append(sorted(live.stale))
    parts.append(sorted(one.occurrence.id for one in live.tainted))
    parts.append(sorted(one.id for one in live.messages))
    return hashlib.sha256(encode(parts).encode()).hexdigest()[:32]
