"""Work that is saved under a name, so that the next case has it at hand: kept, listed, taken from a plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from caseloom.engine import ids, works
from caseloom.engine.errors import Invalid, NotFound
from caseloom.engine.flow.tokens import Insertion
from caseloom.engine.live import LiveCase
from caseloom.engine.results import Template
from caseloom.storage.database import Database
from caseloom.storage.payload import checked, decode, encode
from caseloom.storage.records import TemplateRecord

_DATES = ("due", "follow_up")
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Kept:
    works: Sequence[Mapping[str, Any]]
    rule: str | int


def all_of(database: Database) -> list[Template]:
    with database.read() as reader:
        return [_template(record) for record in reader.templates()]


def named(case: LiveCase, name: str) -> Template:
    """Raises NotFound."""
    with case.read() as reader:
        record = reader.template(name)
    if record is None:
        raise NotFound(f"There is no template “{name}”.")
    return _template(record)


def save(database: Database, name: str, kept: Kept, at: datetime, by: str | None) -> Template:
    if not isinstance(name, str) or not name.strip() or len(name) > _LONGEST:
        raise Invalid(f"A template needs a name, of at most {_LONGEST} letters.")
    name = checked(name.strip(), "The name")
    payload = encode({"works": list(kept.works), "rule": kept.rule})
    record = TemplateRecord(name, created_at=at, by=by, payload=payload)
    with database.begin() as transaction:
        transaction.put_template(record)
    return _template(record)


def drop(database: Database, name: str) -> None:
    with database.begin() as transaction:
        if transaction.template(name) is None:
            raise NotFound(f"There is no template “{name}”.")
        transaction.drop_template(name)


def of_tasks(tasks: Sequence[Any], rule: str | int, at: datetime) -> Kept:
    if not tasks:
        raise Invalid("A template needs at least one task.")
    if len(tasks) > works.MOST:
        raise Invalid(f"{len(tasks)} tasks are too many for a template; at most {works.MOST} fit into one.")
    works.need(rule, len(tasks))
    return Kept([works.described(task, at) for task in tasks], rule)


def of_plan(case: LiveCase, plan_id: str) -> Kept:
    """The work of a plan as it stands, without what was taken out."""
    found = ids.inserted(plan_id, case.id)
    insertion = case.instance.insertions.get(found[0]) if found else None
    if insertion is None or not insertion.left:
        raise NotFound(f"There is no plan “{plan_id}” with work in this case.")
    began = next(row.at for row in case.journal() for fact in row.facts if fact.id == insertion.id)
    kept = [_again(insertion.works[index], began) for index in insertion.left]
    return Kept(kept, _rule(insertion))


def _again(work: Mapping[str, Any], began: datetime) -> dict[str, Any]:
    told = {name: value for name, value in work.items() if name in works.FIELDS}
    for name in _DATES:
        if isinstance(told.get(name), datetime):
            told[name] = _since(began, told[name])
    return told


def _since(began: datetime, moment: datetime) -> str:
    """A moment as the time from the beginning of its plan, so that it fits the next case."""
    minutes = max(0, int((moment - began).total_seconds() // 60))
    days, minutes = divmod(minutes, 24 * 60)
    return f"P{days}DT{minutes}M" if minutes else f"P{days}D"


def _rule(insertion: Insertion) -> str | int:
    count = len(insertion.left)
    if insertion.in_turn:
        return "in-turn"
    return "all" if insertion.need >= count else insertion.need


def _template(record: TemplateRecord) -> Template:
    payload = decode(record.payload)
    return Template(
        record.name,
        works=payload["works"],
        rule=payload["rule"],
        created_at=record.created_at,
        by=record.by,
    )
