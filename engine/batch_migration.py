"""Migrating many cases at once: each by itself, so that one which does not fit holds up none of the others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from caseloom.engine.errors import CaseloomError, Invalid
from caseloom.engine.ids import change_id
from caseloom.engine.migration import Migrate
from caseloom.engine.results import Migrated, Status

if TYPE_CHECKING:
    from caseloom.engine.engine import Engine

_PAGE = 200


def migrated(engine: Engine, case_ids: Iterable[str], command: Migrate, by: str | None) -> list[Migrated]:
    """What became of each case."""
    found = []
    for case_id in case_ids:
        try:
            case = engine.do(case_id, command, by=by)
        except CaseloomError as refusal:
            found.append(Migrated(case_id, refusal=str(refusal)))
        else:
            found.append(Migrated(case_id, change_id(case_id, case.revision)))
    return found


def previewed(engine: Engine, case_ids: Iterable[str], command: Migrate, by: str | None) -> list[Migrated]:
    """What would become of each case; nothing happens."""
    return [
        Migrated(case_id, refusal=engine.preview(case_id, command, by=by).refusal) for case_id in case_ids
    ]


def chosen(
    engine: Engine, key: str, version: int, from_version: int | None, case_ids: Sequence[str] | None
) -> list[str]:
    """The cases that are meant: those named, else all of the process that have not ended and are on another version.

    Raises Invalid where one that is named is of another process.
    """
    if case_ids is None:
        return list(_unfinished(engine, key, version, from_version))
    for case_id in case_ids:
        if (found := engine.door.fresh(case_id).record.key) != key:
            raise Invalid(f"The case {case_id} is of the process “{found}”, not “{key}”.")
    return list(case_ids)


def _unfinished(engine: Engine, key: str, version: int, from_version: int | None) -> Iterator[str]:
    for status in (Status.RUNNING, Status.SUSPENDED):
        after = None
        while True:
            with engine.database.read() as reader:
                page = reader.cases(key=key, version=from_version, status=status, limit=_PAGE, after=after)
            yield from (record.id for record in page if record.version != version)
            if len(page) < _PAGE:
                break
            after = page[-1].id
