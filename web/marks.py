"""What happened in a case, as marks on its drawing and as the same in words.

The shape of the marks is that of the drawing's script (`frontend/src/viewer.js`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for

from caseloom.engine.errors import Finding
from caseloom.engine.results import Case, Entry, Occurrence, OccurrenceRef, Preview, State
from caseloom.web import wording
from caseloom.web.context import name_of

Marks = dict[str, Any]

LEGEND = {
    "done": "done",
    "current": "at work",
    "held": "on hold",
    "skipped": "skipped",
    "directive": "will be skipped",
    "superseded": "no longer counts",
    "inserted": "inserted by hand",
    "failed": "failed",
}
_WORDS = {
    "done": "done",
    "current": "at work",
    "held": "on hold",
    "skipped": "skipped",
    "directive": "will be skipped when it comes",
    "superseded": "done before, no longer counts",
    "withdrawn": "taken back",
    "failed": "failed",
}
_PREVIEW = {
    "opened": "preview-opened",
    "withdrawn": "preview-withdrawn",
    "superseded": "preview-superseded",
    "restored": "preview-restored",
}
# What an element shows of several occurrences: the first of these that one of them has.
_STATES = {
    State.FAILED: "failed",
    State.ACTIVE: "current",
    State.HELD: "held",
    State.COMPLETED: "done",
    State.SKIPPED: "skipped",
    State.WITHDRAWN: "withdrawn",
}


@dataclass(frozen=True, slots=True)
class Sign:
    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Line:
    """One element in words."""

    name: str
    state: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A case on its drawing: for the script, for the legend, and in words."""

    marks: Marks
    legend: Sequence[Sign]
    words: Sequence[Line]


def picture(case: Case, occurrences: Sequence[Occurrence], entries: Sequence[Entry]) -> Picture:
    past = _Past.of(entries)
    drawn = _by_element(occurrences)
    elements = {element: _mark(seen) for element, seen in drawn.items()}
    for element in past.orders:
        mark = elements.setdefault(element, {"marks": [], "count": 0, "title": ""})
        elements[element] = {**mark, "marks": [*mark["marks"], "directive"], "title": _WORDS["directive"]}
    flows = {flow: {"marks": ["done"]} for flow in past.flows}
    inserted = [_card(seen, case, past) for seen in occurrences if seen.element_id is None]
    inserted += [_to_come(work) for work in past.to_come]

    shown = {mark for element in elements.values() for mark in element["marks"]}
    shown |= {"inserted"} if inserted else set()
    legend = [Sign(key, name) for key, name in LEGEND.items() if key in shown]
    return Picture(
        {"elements": {**flows, **elements}, "inserted": inserted}, legend, _lines(drawn, inserted, past)
    )


def _lines(
    drawn: Mapping[str, list[Occurrence]], inserted: Sequence[Mapping[str, Any]], past: _Past
) -> list[Line]:
    """What has a name, in words; gateways and the like without one only guide the eye."""
    lines = [Line(seen[-1].name, _said(seen)) for element, seen in drawn.items() if seen[-1].name != element]
    lines += [Line(name, _WORDS["directive"]) for name in past.orders.values()]
    lines += [Line(card["name"], f"inserted by hand, {card['title']}") for card in inserted]
    return lines


@dataclass(frozen=True, slots=True)
class _Work:
    """Inserted work and its place on the drawing."""

    name: str
    place: str
    anchor: str | None


@dataclass(frozen=True, slots=True)
class _Past:
    """What only the journal knows: lines that were walked, where work was inserted, standing orders."""

    flows: frozenset[str]
    places: Mapping[str, _Work]
    to_come: Sequence[_Work]
    orders: Mapping[str, str]

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> _Past:
        facts = [fact for entry in entries for fact in entry.facts]
        counts = [fact for fact in facts if fact["effective"]]
        inserts = {fact["id"]: fact for fact in facts if fact["kind"] == "insert"}
        rounds = {fact["id"]: inserts.get(fact["insertion"]) for fact in facts if fact["kind"] == "round"}
        begun = {fact["insertion"] for fact in counts if fact["kind"] == "round"}
        used = {fact["directive"] for fact in counts if "directive" in fact}
        lifted = {fact["directive"] for fact in counts if fact["kind"] == "lift"}
        return cls(
            frozenset(flow for fact in counts for flow in fact.get("flows", ())),
            {
                fact["occurrence_id"]: _work(rounds[fact["round"]], fact["name"])
                for fact in facts
                if fact["kind"] == "start" and fact.get("round") in rounds
            },
            [
                _work(fact, name)
                for number, fact in inserts.items()
                if fact["effective"] and number not in begun
                for name in fact["works"]
            ],
            {
                fact["element_id"]: fact["name"]
                for fact in counts
                if fact["kind"] == "direct"
                and fact["id"] not in lifted
                and (fact["every"] or fact["id"] not in used)
            },
        )


def _work(insert: Mapping[str, Any] | None, name: str) -> _Work:
    if insert is None or insert["place"] == "scope":
        return _Work(name, "case", None)
    return _Work(name, insert["place"], insert["element_id"])


def _to_come(work: _Work) -> Mapping[str, Any]:
    return {
        "anchor": work.anchor,
        "place": work.place,
        "name": work.name,
        "marks": ["inserted"],
        "title": "comes up when the case gets there",
    }


def of_preview(preview: Preview) -> Marks:
    """What a change would do, on the drawing."""
    elements: dict[str, Any] = {}
    inserted = []
    for part, mark in _PREVIEW.items():
        refs: Iterable[OccurrenceRef] = getattr(preview, part)
        for ref in refs:
            if ref.element_id is None:
                inserted.append({"anchor": None, "place": "case", "name": ref.name, "marks": [mark]})
                continue
            # A step that is done again both opens and no longer counts; what comes now says more.
            elements.setdefault(ref.element_id, {"marks": [mark]})
    return {"elements": elements, "inserted": inserted}


def of_findings(findings: Iterable[Finding]) -> Marks:
    elements: dict[str, Any] = {}
    for finding in findings:
        if finding.element_id is None:
            continue
        mark = elements.setdefault(finding.element_id, {"marks": [], "title": finding.message})
        mark["marks"].append(f"finding-{finding.severity}")
    return {"elements": elements, "inserted": []}


def _by_element(occurrences: Iterable[Occurrence]) -> Mapping[str, list[Occurrence]]:
    drawn: dict[str, list[Occurrence]] = {}
    for seen in occurrences:
        if seen.element_id is not None:
            drawn.setdefault(seen.element_id, []).append(seen)
    return drawn


def _mark(seen: Sequence[Occurrence]) -> Mapping[str, Any]:
    done = sum(1 for one in seen if one.effective and one.state is State.COMPLETED)
    return {"marks": [_state(seen)], "count": done, "title": _said(seen)}


def _state(seen: Sequence[Occurrence]) -> str:
    effective = {one.state for one in seen if one.effective}
    for state, mark in _STATES.items():
        if state in effective:
            return mark
    return "superseded" if any(one.state is State.COMPLETED for one in seen) else "withdrawn"


def _said(seen: Sequence[Occurrence]) -> str:
    mark = _state(seen)
    done = [one for one in seen if one.effective and one.state in (State.COMPLETED, State.SKIPPED)]
    by = wording.listed(list(dict.fromkeys(name_of(one.by) for one in done if one.by)))
    times = f" {len(done)} times" if len(done) > 1 else ""
    return f"{_WORDS[mark]}{times}" + (f" by {by}" if by and mark in ("done", "skipped") else "")


def _card(seen: Occurrence, case: Case, past: _Past) -> Mapping[str, Any]:
    task = next((task for task in case.tasks if task.occurrence_id == seen.id), None)
    work = past.places.get(seen.id, _Work(seen.name, "case", None))
    card: dict[str, Any] = {
        "anchor": work.anchor,
        "place": work.place,
        "name": seen.name,
        "marks": [_state([seen])],
        "title": _said([seen]),
    }
    if task is not None:
        card["href"] = url_for("tasks.show", task_id=task.id)
    return card
