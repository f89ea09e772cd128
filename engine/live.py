"""A case in memory while a command works on it: what commands ask, and where they write their facts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from caseloom.engine import facts as fact_rules
from caseloom.engine.errors import AlreadyDone, Conflict, Invalid, NotFound, Superseded
from caseloom.engine.facts import BEGINS, Fact, Kind
from caseloom.engine.flow.instance import Instance
from caseloom.engine.flow.model import Model
from caseloom.engine.flow.run import Run, World
from caseloom.engine.flow.tokens import Occurrence, Token, Work
from caseloom.engine.ids import occurrence_id, started
from caseloom.engine.projection import human
from caseloom.engine.results import ConsumedMessage, Effect, Overdue, Person, Status, Tainted
from caseloom.engine.translation import Translation
from caseloom.storage.payload import checked, decode
from caseloom.storage.reader import Reader
from caseloom.storage.records import CaseRecord, EntryRecord


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the journal, decoded."""

    seq: int
    at: datetime
    by: str | None
    command: str
    reason: str | None
    change_id: str | None
    facts: Sequence[Fact]


@dataclass(frozen=True, slots=True)
class Draft:
    """What one person has typed into one task so far."""

    occurrence_id: str
    person: str
    data: Mapping[str, Any]
    at: datetime


def row(entry: EntryRecord) -> Row:
    return Row(
        entry.seq, entry.at, entry.by, entry.command, entry.reason, entry.change_id,
        [fact_rules.from_json(fact) for fact in decode(entry.payload)],
    )  # fmt: skip


def replay(
    model: Model,
    models: Callable[[str], Model],
    rows: Iterable[Row],
    gone: set[int],
    *,
    detached: Iterable[int] = (),
    seen: Callable[[Instance, Fact], None] | None = None,
) -> Instance:
    """The instance that the effective facts give; `seen` may look at it after each of them.

    `detached` are events that stay although what they stood on is gone, besides those of earlier revisits.
    Raises Conflict where they do not fit together.
    """
    rows = in_words_of_now(list(rows), gone)
    instance = Instance(model, models)
    instance.highs = _highest(rows)
    instance.root.counts = dict(instance.highs.get("", ()))
    instance.detached = {*detached, *_detached(rows)}
    last = 0
    for line in rows:
        for fact in line.facts:
            last = fact.id
            if fact.id not in gone:
                try:
                    instance.apply(fact, line.at)
                except (KeyError, AssertionError) as misfit:
                    raise Conflict(
                        f"What happened at “{_called(model, fact)}” would no longer fit."
                    ) from misfit
                if seen is not None:
                    seen(instance, fact)
    instance.next_id = last + 1
    instance.highs = {}
    instance.settle_jobs()
    return instance


def _detached(rows: Iterable[Row]) -> Iterator[int]:
    for line in rows:
        for fact in line.facts:
            if fact.kind == Kind.REVISIT:
                yield from (fact.outcome or {}).get("detached", ())


def _called(model: Model, fact: Fact) -> str:
    node = model.node(fact.element)
    return node.label if node is not None else fact.element or fact.occurrence or fact.kind


def in_words_of_now(rows: list[Row], gone: set[int]) -> list[Row]:
    """Rows from before a migration, in the words of the diagram that the case follows now."""
    moves = [
        (fact.id, Translation((fact.outcome or {})["elements"], (fact.outcome or {})["flows"]))
        for line in rows
        for fact in line.facts
        if fact.kind == Kind.MIGRATE and fact.id not in gone
    ]
    for moved, translation in moves:
        if translation.changes_nothing:
            continue
        rows = [
            replace(line, facts=[translation.fact(fact) if fact.id < moved else fact for fact in line.facts])
            for line in rows
        ]
    return rows


def _highest(rows: Iterable[Row]) -> dict[str, dict[str, int]]:
    """Scope -> element -> the highest number ever used there, superseded ones included."""
    highs: dict[str, dict[str, int]] = {}
    for line in rows:
        for fact in line.facts:
            if fact.occurrence and fact.kind in BEGINS:
                name, number = fact_rules.numbered(fact.occurrence)
                local = name[len(fact.scope) + 1 :] if fact.scope else name
                counts = highs.setdefault(fact.scope, {})
                counts[local] = max(counts.get(local, 0), number)
    return highs


@dataclass(slots=True)
class LiveCase:
    """One case, one command. `run` writes facts; `journal()` and `drafts()` read the database when they are asked.

    `along` is done in the transaction of the command; what it raises refuses the command.
    """

    record: CaseRecord
    instance: Instance
    world: World
    run: Run
    person: Person | None
    at: datetime
    read: Callable[[], Any]
    enforced: bool = False
    break_glass: str | None = None
    previewing: bool = False
    replayed: bool = False
    reason: str | None = None
    change: bool = False
    draft: tuple[str, str, Mapping[str, Any]] | None = None
    effects: list[Effect] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    cone: list[int] = field(default_factory=list)
    tainted: list[Tainted] = field(default_factory=list)
    messages: list[ConsumedMessage] = field(default_factory=list)
    overdue: list[Overdue] = field(default_factory=list)
    along: list[Callable[[Any], None]] = field(default_factory=list)
    wants: list[Any] | None = None  # what a person lacks is gathered here, where it is not refused
    overrides: list[tuple[str, str]] = field(default_factory=list)  # operation and name of the step
    _rows: list[Row] | None = None
    _called: dict[str, str] | None = None

    @property
    def id(self) -> str:
        return self.record.id

    @property
    def by(self) -> str | None:
        return self.person.id if self.person else None

    # -- finding -----------------------------------------------------------------------------------

    def occurrence(self, id: str) -> Occurrence:
        """The live occurrence with this id. Raises AlreadyDone, Superseded or NotFound."""
        number = started(id, self.id)
        found = None if number is None else self.instance.by_start.get(number)
        if found is not None:
            return found
        raise self._missing(id, number)

    def task(self, task_id: str) -> Occurrence:
        """The open task with this id, which a person may work now: not held."""
        found = self.occurrence(task_id)
        if not human(found):
            raise Invalid(f"“{found.name}” is not a task for a person.")
        return found

    def workable(self, task_id: str) -> Occurrence:
        found = self.task(task_id)
        if found.held:
            raise Conflict(f"“{found.name}” is held: work that was put before it is still open.")
        return found

    def _missing(self, id: str, number: int | None) -> Exception:
        if number is not None:
            rows = self.journal()
            gone = fact_rules.superseded(fact for line in rows for fact in line.facts)
            for line in rows:
                for fact in line.facts:
                    if fact.id == number and fact.kind in BEGINS:
                        name = self.name_of(fact)
                        return Superseded(name) if number in gone else AlreadyDone(name)
        return NotFound(f"There is no “{id}” in this case.")

    def name_of(self, fact: Fact) -> str:
        """What a person calls the element of a fact."""
        if fact.outcome and "round" in fact.outcome and "name" in fact.outcome:
            return str(fact.outcome["name"])
        node = self.node_of(fact)
        return node.label if node is not None else fact.element

    def node_of(self, fact: Fact) -> Any:
        scope = self.instance.scopes.get(fact.scope)
        if scope is not None and fact.element in scope.plan.nodes:
            return scope.plan.nodes[fact.element]
        path = fact.scope
        while scope is None and path:  # a scope that is over
            if (called := self._called_before().get(path)) is not None:
                return self.instance.models(called).node(fact.element)
            path = fact_rules.parent(path)
            scope = self.instance.scopes.get(path)
        return self.node(fact.element) if scope is None else scope.model.node(fact.element)

    def node(self, element_id: str) -> Any:
        """A node of the diagram, or of a process that it calls now."""
        found = self.instance.model.node(element_id)
        if found is not None:
            return found
        for scope in self.instance.scopes.values():
            if (found := scope.model.node(element_id)) is not None:
                return found
        for definition in dict.fromkeys(self._called_before().values()):
            if (found := self.instance.models(definition).node(element_id)) is not None:
                return found
        return None

    def _called_before(self) -> dict[str, str]:
        """The definition that each called or inserted process of the past had, by the address of its host."""
        if self._called is None:
            facts = [fact for line in self.journal() for fact in line.facts]
            self._called = {
                fact.occurrence: fact.outcome["called"]
                for fact in facts
                if fact.outcome and "called" in fact.outcome
            }
        return self._called

    def id_of(self, occurrence: Occurrence) -> str:
        return occurrence_id(self.id, occurrence.started)

    # -- reading the past --------------------------------------------------------------------------

    def journal(self) -> list[Row]:
        """The rows of the journal before this command, oldest first."""
        if self._rows is None:
            with self.read() as reader:
                self._rows = _rows(reader, self.id, self.record.revision)
        return self._rows

    def drafts(self) -> list[Draft]:
        with self.read() as reader:
            found = reader.drafts(self.id)
        return [Draft(one.occurrence_id, one.person, decode(one.payload), one.at) for one in found]

    # -- changing ----------------------------------------------------------------------------------

    def running(self) -> None:
        """Refuses work on a case that is suspended or has ended."""
        status = self.instance.status
        if status is Status.SUSPENDED:
            raise Conflict("The case is suspended; resume it first.")
        if status is not Status.RUNNING:
            raise Conflict(f"The case has ended ({status}).")

    def replay(self, gone: set[int], *, model: Model | None = None, detached: Iterable[int] = ()) -> None:
        """Goes on from the facts that count when `gone` do not, on another version of the diagram if one is given.

        Raises Conflict where they would not fit.
        """
        rows = [*self.journal(), Row(0, self.at, self.by, "", None, None, list(self.run.facts))]
        models = self.instance.models
        self.instance = replay(model or self.instance.model, models, rows, gone, detached=detached)
        self.run.instance = self.instance
        self.instance.rounds_wanted = frozenset(self.instance.rounds_touched)
        self.replayed = True

    def note_overrides(self) -> None:
        """Puts on record that somebody went past the rights of the diagram."""
        if self.overrides:
            told = [list(pair) for pair in dict.fromkeys(self.overrides)]
            self.run.note(Kind.OVERRIDE, outcome={"by": self.by, "rights": told})

    def writes(self, data: Mapping[str, Any], what: str = "The data") -> tuple[tuple[str, Any], ...]:
        if not isinstance(data, Mapping):
            raise Invalid(f"{what} must be a mapping of names to values.")
        return tuple(checked(data, what).items())


def _rows(reader: Reader, case_id: str, upto: int) -> list[Row]:
    return [row(entry) for entry in reader.entries(case_id) if entry.seq <= upto]


__all__ = ["LiveCase", "Row", "Token", "Work", "replay", "row"]
