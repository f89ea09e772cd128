"""Plays cases in tests: starts them from one drawn line, does their tasks by name, and tells how they stand.

    case = start(engine, "Register > ( Check plot | Check applicant ) > Draft")
    finish(engine, case, "Register", "Check plot")

    assert open_tasks(engine, case) == ["Check applicant"]

What a case *is* can be compared as a whole: `stored` is every row of it, `standing` is what matters to people
and to the clock (an undone change leaves it as it was), `marking` the working state alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from drawing import draw

from caseloom.adhoc.targets import Past
from caseloom.engine import Case, Complete, Engine, Task
from caseloom.engine import facts as fact_rules
from caseloom.engine.flow.instance import Instance
from caseloom.engine.flow.snapshot import freeze, thaw
from caseloom.engine.flow.tokens import Token, Work
from caseloom.engine.live import replay, row
from caseloom.storage.payload import decode, encode

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@dataclass
class Clock:
    """Stands still until it is told otherwise."""

    now: datetime = field(default=NOON)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **duration: float) -> datetime:
        self.now += timedelta(**duration)

        return self.now


def start(
    engine: Engine,
    line: str,
    data: Mapping[str, Any] | None = None,
    *,
    attributes: Mapping[str, Mapping[str, str]] | None = None,
    by: str | None = None,
    business_key: str | None = None,
) -> Case:
    """Draws the line, deploys it as `case` and starts it."""
    engine.deploy(("drawn.bpmn", draw(line, attributes=attributes)))

    return engine.start("case", data=data, by=by, business_key=business_key)


def start_drawn(engine: Engine, drawn: bytes, data: Mapping[str, Any] | None = None) -> Case:
    """Deploys a file with the process `case` and starts it."""
    engine.deploy(("drawn.bpmn", drawn))

    return engine.start("case", data=data)


def tasks(engine: Engine, case: Case, *, held: bool = False) -> list[Task]:
    return engine.tasks(case_id=case.id, held=held, limit=None)


def open_tasks(engine: Engine, case: Case) -> list[str]:
    """The names of the tasks that can be worked now, in alphabetical order."""
    return sorted(task.name for task in tasks(engine, case))


def held_tasks(engine: Engine, case: Case) -> list[str]:
    return sorted(task.name for task in tasks(engine, case, held=True) if task.held)


def task(engine: Engine, case: Case, name: str, *, item: Any = None, held: bool = False) -> Task:
    """The one open task with this name (of this item)."""
    found = [
        one
        for one in tasks(engine, case, held=held)
        if one.name == name and (item is None or one.item == item)
    ]
    assert len(found) == 1, f"{name!r} is open {len(found)} times; open are {open_tasks(engine, case)}"

    return found[0]


def finish(
    engine: Engine, case: Case, *names: str, by: str | None = None, item: Any = None, **data: Any
) -> Case:
    """Completes the tasks with these names, one after the other."""
    for name in names:
        case = engine.do(case.id, Complete(task(engine, case, name, item=item).id, data=data), by=by)

    return case


def again(engine: Engine, case: Case) -> Case:
    return engine.case(case.id)


def states(engine: Engine, case: Case, element: str) -> list[str]:
    """What became of each occurrence of an element, oldest first; the superseded ones in brackets."""
    return [
        str(one.state) if one.effective else f"({one.state})"
        for one in again(engine, case).occurrences
        if one.element_id == element
    ]


def last_change(engine: Engine, case: Case) -> str:
    """The id of the newest ad-hoc change."""
    return next(entry.change_id for entry in reversed(engine.history(case.id)) if entry.change_id is not None)


# -- a case as a whole -----------------------------------------------------------------------------------


def stored(engine: Engine, case_id: str) -> dict[str, Any]:
    """Every row that the database has of a case, and the state in memory."""
    with engine.database.read() as reader:
        rows = {
            "case": reader.case(case_id),
            "journal": reader.entries(case_id),
            "tasks": sorted(reader.tasks(case_id=case_id, held=True, limit=None), key=_by_id),
            "jobs": sorted(reader.jobs(case_id=case_id), key=_by_id),
            "subscriptions": sorted(reader.subscriptions(case_id), key=_by_id),
            "incidents": sorted(reader.incidents(case_id=case_id), key=_by_id),
            "drafts": sorted(reader.drafts(case_id), key=str),
        }

    return {**rows, "marking": marking(live(engine, case_id))}


def standing(engine: Engine, case_id: str) -> dict[str, Any]:
    """How a case stands: what an undone change must not alter. Not the journal, nor numbers once given."""
    found = stored(engine, case_id)
    record = found["case"]
    found["case"] = (record.status, record.data, record.ended_at)
    del found["journal"]

    return found


def live(engine: Engine, case_id: str) -> Instance:
    """The instance in memory, current."""
    return engine.door.fresh(case_id).instance


def rebuilt(engine: Engine, case_id: str) -> Instance:
    """The instance that the journal alone gives: a full replay."""
    case = engine.look(case_id)
    with engine.database.read() as reader:
        rows = [row(entry) for entry in reader.entries(case_id)]
    gone = fact_rules.superseded(fact for line in rows for fact in line.facts)

    return replay(case.instance.model, case.instance.models, rows, gone)


def reloaded(engine: Engine, case_id: str) -> Instance:
    """The instance that the database gives to a process that has never seen the case."""
    engine.door.hot.forget(case_id)

    return engine.door.load(case_id).instance


def thawed(instance: Instance) -> Instance:
    """Through a snapshot's text and back."""
    return thaw(decode(encode(freeze(instance))), instance.model, instance.models)


def marking(instance: Instance) -> dict[str, Any]:
    """The working state in a comparable form: without the numbers that only ever grow, in no order."""
    frozen = decode(encode(freeze(instance)))
    del frozen["next"]
    frozen["scopes"] = sorted(
        ([*scope[:7], *scope[8:10], sorted(scope[10], key=str), scope[14]] for scope in frozen["scopes"]),
        key=str,
    )
    for name in ("insertions", "rounds", "works", "directives", "troubles"):
        frozen[name] = sorted(frozen[name], key=str)

    return dict(frozen)


def past(engine: Engine, case: Case) -> Past:
    return Past.of(engine.look(case.id))


def leftovers(instance: Instance) -> list[str]:
    """Live tokens, occurrences, rounds and incidents: nothing of it may be left when a case has ended."""
    tokens = [f"token at {token.node.name}" for token in instance.get_tasks()]
    opened = [f"open {address}" for address in instance.open]
    rest = [f"round {number}" for number in instance.rounds]

    return [
        *tokens,
        *opened,
        *rest,
        *(f"incident {trouble.message}" for trouble in instance.troubles.values()),
    ]


def workable(instance: Instance) -> list[Token | Work]:
    """The tasks that a person could do now."""
    return [
        one
        for one in instance.open.values()
        if not one.held
        and not one.parked
        and (isinstance(one, Work) or (one.node.inbox and "items" not in one.outcome))
    ]


def _by_id(record: Any) -> str:
    return str(record.id)


__all__ = [
    "NOON",
    "Clock",
    "again",
    "finish",
    "held_tasks",
    "last_change",
    "leftovers",
    "live",
    "marking",
    "open_tasks",
    "past",
    "rebuilt",
    "reloaded",
    "standing",
    "start",
    "states",
    "stored",
    "task",
    "tasks",
    "thawed",
    "workable",
]
