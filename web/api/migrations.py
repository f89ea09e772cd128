"""Putting the running cases of a process on another version: one is the command `Migrate`, many are here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass

from caseloom.engine.results import Counterpart, Migrated
from caseloom.web.api.asked import the_user
from caseloom.web.api.operations import Operations, Repeat, json_body
from caseloom.web.context import the_engine

migrations = Operations()


@dataclass(frozen=True, slots=True)
class Migration:
    """The cases of `key` that have not ended, those of `from_version`, or those named, go to `version`.

    `mapping` names the counterpart of elements whose id has changed, null gives up what was ordered there. `preview`
    only tells what would become of each case.
    """

    key: str
    version: int
    _: KW_ONLY
    from_version: int | None = None
    case_ids: Sequence[str] | None = None
    mapping: Mapping[str, str | None] | None = None
    reason: str | None = None
    preview: bool = False


@dataclass(frozen=True, slots=True)
class Versions:
    key: str
    from_version: int
    version: int


@migrations.post("/migrations", body=json_body(Migration), gives=list[Migrated], repeat=Repeat.REFUSED)
def migrate(wanted: Migration) -> list[Migrated]:
    """Migrates many cases, each by itself, and tells what became of each. One that does not fit stays where it is."""
    engine = the_engine()
    way = engine.preview_migrate_all if wanted.preview else engine.migrate_all
    return way(
        wanted.key,
        wanted.version,
        from_version=wanted.from_version,
        case_ids=wanted.case_ids,
        mapping=wanted.mapping,
        by=the_user(),
        reason=wanted.reason,
    )


@migrations.get("/migrations/counterparts", query=Versions, gives=list[Counterpart])
def counterparts(wanted: Versions) -> list[Counterpart]:
    """Which element of one version stands for which of another, where no mapping says otherwise."""
    return the_engine().counterparts(wanted.key, wanted.from_version, wanted.version)
