"""Putting running cases on another version of their diagram: the mapping, what would become of each, the move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from caseloom.engine.errors import Invalid
from caseloom.engine.results import Case, Counterpart, Definition, Migrated
from caseloom.web import rows, wording
from caseloom.web.context import the_engine, the_person
from caseloom.web.finding import definition_of
from caseloom.web.inbox import Choice

moving = Blueprint("moving", __name__, url_prefix="/diagrams/<definition_id>/move")

_PREFIX = "to-"
_NOTHING = "-"


@dataclass(frozen=True, slots=True)
class Source:
    """A version whose cases may move, with how many of them run."""

    version: int
    text: str
    href: str
    here: bool


@dataclass(frozen=True, slots=True)
class Pair:
    """An element of the old version that has not simply kept its id, and what it may become."""

    field: str
    name: str
    note: str
    choices: Sequence[Choice]


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of one case."""

    title: str
    href: str
    refusal: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for: from which version, for which case (all, where empty), with which mapping."""

    target: Definition
    source: int
    case_id: str
    mapping: dict[str, str | None]
    reason: str

    @property
    def case_ids(self) -> list[str] | None:
        return [self.case_id] if self.case_id else None

    def previewed(self) -> list[Migrated]:
        return the_engine().preview_migrate_all(
            self.target.key, self.target.version, from_version=self.source, case_ids=self.case_ids,
            mapping=self.mapping, by=the_person().id, reason=self.reason,
        )  # fmt: skip

    def migrated(self) -> list[Migrated]:
        return the_engine().migrate_all(
            self.target.key, self.target.version, from_version=self.source, case_ids=self.case_ids,
            mapping=self.mapping, by=the_person().id, reason=self.reason,
        )  # fmt: skip


@moving.get("")
def show(definition_id: str) -> str:
    return _page(_wanted(definition_id))


@moving.post("/preview")
def preview(definition_id: str) -> str:
    wanted = _wanted(definition_id)
    return _page(wanted, wanted.previewed())


@moving.post("")
def move(definition_id: str) -> str | Response:
    wanted = _wanted(definition_id)
    if not wanted.reason:
        raise Invalid("Say why, so that others understand it later.")
    found = wanted.migrated()
    stayed = [one for one in found if one.refusal]
    moved = len(found) - len(stayed)
    flash(
        f"{wording.count(moved, 'case')} moved to version {wanted.target.version}."
        + (f" {wording.count(len(stayed), 'case')} did not fit and stayed." if stayed else ""),
        "info" if stayed else "good",
    )
    if wanted.case_id and moved:
        return redirect(url_for("cases.show", case_id=wanted.case_id), code=303)
    return _page(wanted, stayed, done=True)


def newer(case: Case) -> str | None:
    """Where a running case of an older version may be moved to the newest one."""
    latest = next((found for found in rows.latest_definitions() if found.key == case.key), None)
    if case.ended_at is not None or latest is None or latest.version <= case.version:
        return None
    return url_for("moving.show", definition_id=latest.id, source=case.version, case=case.id)


def sources(target: Definition) -> list[Source]:
    """The other versions that running or paused cases follow."""
    counted: dict[int, int] = {}
    for status in ("running", "suspended"):
        with the_engine().database.read() as reader:
            for record in reader.cases(key=target.key, status=status, limit=None):
                counted[record.version] = counted.get(record.version, 0) + 1
    at = request.values.get("source", type=int)
    return [
        Source(
            version,
            f"{wording.count(number, 'case')} on version {version}",
            url_for("moving.show", definition_id=target.id, source=version),
            version == at,
        )
        for version, number in sorted(counted.items())
        if version != target.version
    ]


def _wanted(definition_id: str) -> Wanted:
    target = definition_of(definition_id)
    found = sources(target)
    source = request.values.get("source", type=int) or (found[0].version if found else 0)
    sent = {
        name.removeprefix(_PREFIX): value
        for name, value in request.values.items()
        if name.startswith(_PREFIX) and value
    }
    mapping = {old: None if new == _NOTHING else new for old, new in sent.items()}
    return Wanted(
        target, source, request.values.get("case", ""), mapping, request.values.get("reason", "").strip()
    )


def _page(wanted: Wanted, found: Sequence[Migrated] | None = None, *, done: bool = False) -> str:
    target = wanted.target
    return render_template(
        "move.html",
        process=target.name or wording.label(target.key),
        version=target.version,
        back_href=url_for("diagrams.show", definition_id=target.id),
        sources=sources(target),
        wanted=wanted,
        pairs=_pairs(wanted) if wanted.source else [],
        fates=None if found is None else [_fate(one) for one in found],
        fitting=0 if found is None else sum(one.refusal is None for one in found),
        done=done,
        preview_href=url_for("moving.preview", definition_id=target.id),
        move_href=url_for("moving.move", definition_id=target.id),
    )


def _pairs(wanted: Wanted) -> list[Pair]:
    """Those that need a look: their id is not in the new version, or somebody has mapped them."""
    key, target = wanted.target.key, wanted.target
    found = the_engine().counterparts(key, wanted.source, target.version)
    taken = {one.becomes for one in found if one.found == "id"}
    new = [
        one
        for one in the_engine().counterparts(key, target.version, target.version)
        if one.element_id not in taken
    ]
    return [
        _pair(one, [other for other in new if other.kind == one.kind], wanted.mapping)
        for one in found
        if one.found != "id"
    ]


def _pair(old: Counterpart, alike: Sequence[Counterpart], mapping: dict[str, str | None]) -> Pair:
    chosen = mapping.get(old.element_id, old.becomes) if old.element_id in mapping else old.becomes
    choices = [Choice(one.element_id, _called(one), one.element_id == chosen) for one in alike]
    gone = Choice(
        _NOTHING, "It is gone: give up what was ordered there", old.element_id in mapping and chosen is None
    )
    note = "found by its name" if old.found == "name" else "not in the new version"
    return Pair(_PREFIX + old.element_id, _called(old), note, [*choices, gone])


def _called(one: Counterpart) -> str:
    return one.name if one.name != one.element_id else wording.label(one.element_id)


def _fate(one: Migrated) -> Fate:
    case = the_engine().case(one.case_id)
    return Fate(
        rows.title(case.business_key, case.id), url_for("cases.show", case_id=case.id), one.refusal or ""
    )
