"""The past of a case as people read it: journal entries and occurrences. Derived, never stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from caseloom.engine import facts as fact_rules
from caseloom.engine.facts import BEGINS, Fact, Kind
from caseloom.engine.flow.instance import Instance
from caseloom.engine.flow.model import Model, Node
from caseloom.engine.ids import occurrence_id
from caseloom.engine.live import Row, in_words_of_now
from caseloom.engine.results import Entry, Occurrence, State


class Names:
    """What people call the elements of a case, its called processes included."""

    def __init__(self, model: Model, models: Any) -> None:
        self._models = [model]
        self._load = models
        self._works: dict[str, str] = {}
        self._inserted: dict[int, list[str]] = {}

    def learn(self, fact: Fact) -> None:
        outcome = fact.outcome or {}
        if "called" in outcome and all(known.definition_id != outcome["called"] for known in self._models):
            self._models.append(self._load(outcome["called"]))
        if "round" in outcome and "name" in outcome:
            self._works[fact.occurrence] = str(outcome["name"])
        if fact.kind == Kind.INSERT:
            self._inserted[fact.id] = [str(work["name"]) for work in outcome["works"]]
        if fact.kind == Kind.EDIT:
            works = self._inserted[outcome["insertion"]]
            works += [str(work["name"]) for work in outcome.get("add", ())]
            for index, changes in outcome.get("set", ()):
                works[index] = str(changes.get("name") or works[index])

    def edited(self, outcome: Mapping[str, Any]) -> list[str]:
        """The inserted work that an edit was about."""
        works = self._inserted[outcome["insertion"]]
        added = [work["name"] for work in outcome.get("add", ())]
        changed = [works[index] for index, _ in outcome.get("set", ())]
        return [*changed, *added, *(works[index] for index in outcome.get("removed", ()))]

    def of(self, fact: Fact) -> str:
        if fact.occurrence in self._works:
            return self._works[fact.occurrence]
        node = self.node(fact)
        return fact.element if node is None else node.label

    def node(self, fact: Fact) -> Node | None:
        found = (model.node(fact.element) for model in self._models)
        return next((node for node in found if node is not None), None)


def entries(case_id: str, rows: Iterable[Row], model: Model, models: Any) -> list[Entry]:
    rows = list(rows)
    gone = fact_rules.superseded(fact for row in rows for fact in row.facts)
    rows = in_words_of_now(rows, gone)
    names = Names(model, models)
    started = _Started()
    told = []
    for row in rows:
        lines = []
        for fact in row.facts:
            names.learn(fact)
            lines.append(_line(case_id, fact, names, started.of(fact), fact.id not in gone))
        told.append(Entry(row.seq, row.at, row.by, row.command, row.reason, lines, row.change_id))
    return told


class _Started:
    """Which fact started the occurrence at an address, as the journal is read from the beginning."""

    def __init__(self) -> None:
        self._by_address: dict[str, int] = {}

    def of(self, fact: Fact) -> int | None:
        if fact.kind in BEGINS:
            self._by_address[fact.occurrence] = fact.id
        return self._by_address.get(fact.occurrence)


def _line(case_id: str, fact: Fact, names: Names, started: int | None, effective: bool) -> dict[str, Any]:
    outcome = fact.outcome or {}
    line: dict[str, Any] = {
        "id": fact.id,
        "kind": str(fact.kind),
        "element_id": fact.element or None,
        "name": names.of(fact) or None,
        "occurrence_id": None if started is None else occurrence_id(case_id, started),
        "writes": dict(fact.writes),
        "effective": effective,
        "causes": list(fact.causes),
    }
    for key in (
        "assignee",
        "decision",
        "error",
        "event",
        "signal",
        "message",
        "reasons",
        "skipped",
        "missing",
        "open",
        "ways",
        "read",
        "stores",
        "superseded",
        "restored",
        "insertion",
        "round",
        "directive",
        "target",
        "change",
        "unconfirmed",
        "reapplied",
        "entry",
        "approved",
        "asked_by",
        "carries",
        "rights",
        "item",
        "done",
    ):
        if key in outcome:
            line[key] = outcome[key]
    if "states" in outcome:
        line["states"] = {name: state for _, name, state in outcome["states"]}
    if fact.kind == Kind.EDIT:
        line["works"] = names.edited(outcome)
    if fact.kind == Kind.INSERT:
        line["place"], line["works"] = outcome["kind"], [work["name"] for work in outcome["works"]]
    if fact.kind == Kind.DIRECT:
        line["every"] = outcome["every"]
        line |= {key: outcome[key] for key in ("until", "condition") if key in outcome}
    if fact.kind in (Kind.REVISIT, Kind.UNDO, Kind.MIGRATE):
        for key in ("superseded", "restored"):
            line[key] = sorted(fact_rules.unpack(outcome.get(key, ())))
    if fact.gives and fact.kind != Kind.BEGIN:
        line["flows"] = [flow for flow in fact.gives if isinstance(flow, str)]
    return line


@dataclass(slots=True)
class _Lived:
    """An occurrence while its story is read."""

    fact: Fact
    address: str
    at: datetime
    name: str
    item: Any
    state: State = State.ACTIVE
    ended: datetime | None = None
    by: str | None = None


def occurrences(case_id: str, rows: Sequence[Row], instance: Instance) -> list[Occurrence]:
    """Everything that ran or runs, oldest first, superseded ones included."""
    gone = fact_rules.superseded(fact for row in rows for fact in row.facts)
    rows = in_words_of_now(list(rows), gone)
    names = Names(instance.model, instance.models)
    lived: dict[str, _Lived] = {}
    items: dict[str, Sequence[Any]] = {}
    for row in rows:
        for fact in row.facts:
            names.learn(fact)
            _live(fact, row, lived, items, names)
            if fact.kind in (Kind.REVISIT, Kind.UNDO, Kind.MIGRATE):
                _take_out(fact, row, lived)
    return _told(case_id, lived, instance, gone)


def _live(
    fact: Fact, row: Row, lived: dict[str, _Lived], items: dict[str, Sequence[Any]], names: Names
) -> None:
    outcome = fact.outcome or {}
    if "items" in outcome:
        items[fact.occurrence] = outcome["items"]
    if fact.kind == Kind.ITEM and "added" in outcome:
        items[fact.scope] = [*items[fact.scope][: outcome["number"]], outcome["added"]]
    if fact.occurrence and fact.kind in BEGINS and "watch" not in outcome:
        story = lived[fact.occurrence] = _Lived(
            fact, fact.occurrence, row.at, names.of(fact), _item(fact, lived, items)
        )
        if fact.kind not in (Kind.START, Kind.COMPENSATE):
            story.state = State.SKIPPED if outcome.get("skipped") else State.COMPLETED
            story.ended, story.by = row.at, row.by
    if fact.kind in (Kind.END, Kind.SKIP) and fact.takes[0] in lived:
        story = lived[fact.takes[0]]
        story.state = State.SKIPPED if fact.kind == Kind.SKIP else State.COMPLETED
        story.ended, story.by = row.at, row.by
    if fact.kind in (Kind.BOUNDARY, Kind.WITHDRAW, Kind.ITEM):
        for address in fact.takes:
            _withdraw(lived.get(address), row)
    if fact.closes is not None:
        for story in lived.values():
            if story.ended is None and fact_rules.inside(story.address, fact.closes):
                _withdraw(story, row)


def _withdraw(story: _Lived | None, row: Row) -> None:
    if story is not None and story.ended is None:
        story.state, story.ended, story.by = State.WITHDRAWN, row.at, row.by


def _take_out(fact: Fact, row: Row, lived: Mapping[str, _Lived]) -> None:
    outcome = fact.outcome or {}
    gone = fact_rules.unpack(outcome.get("superseded", ()))
    for story in lived.values():
        if story.fact.id in gone:
            _withdraw(story, row)


def _item(fact: Fact, lived: Mapping[str, _Lived], items: Mapping[str, Sequence[Any]]) -> Any:
    """The item that an occurrence is, or belongs to: its value, its index where it has none."""
    body = items.get(fact.scope)
    if body is not None and "[" in fact.occurrence:
        number = int(fact.occurrence.rpartition("[")[2].partition("]")[0])
        value = body[number] if number < len(body) else None  # a loop has rounds, not items
        return number if value is None else value
    host = lived.get(fact.scope)
    return host.item if host else None


def _told(case_id: str, lived: Mapping[str, _Lived], instance: Instance, gone: set[int]) -> list[Occurrence]:
    ranks: dict[tuple[str, str, str], int] = {}
    told = []
    for story in sorted(lived.values(), key=lambda story: story.fact.id):
        fact = story.fact
        effective = fact.id not in gone
        name, number = fact_rules.numbered(story.address)
        if effective:
            key = (fact.scope, name, fact.element)
            number = ranks[key] = ranks.get(key, 0) + 1
        host = lived.get(fact.scope)
        told.append(
            Occurrence(
                occurrence_id(case_id, fact.id),
                fact.element or None,
                story.name,
                occurrence_id(case_id, host.fact.id) if host else None,
                story.item,
                number,
                _state(story, instance, effective),
                effective,
                story.at,
                None if fact.id in instance.by_start else story.ended,
                None if fact.id in instance.by_start else story.by,
            )
        )
    return told


def _state(story: _Lived, instance: Instance, effective: bool) -> State:
    live = instance.by_start.get(story.fact.id)
    if live is not None:
        return State.FAILED if live.parked else State.HELD if live.held else State.ACTIVE
    if story.state is State.ACTIVE:
        return State.WITHDRAWN
    return story.state
