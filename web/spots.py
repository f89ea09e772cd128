"""What can be done at one element of the drawing: the small menu that a click on it opens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, render_template, url_for

from caseloom.adhoc import options
from caseloom.adhoc.options import Options, Target
from caseloom.engine.results import Case
from caseloom.web import rows
from caseloom.web.context import the_engine, the_person

spots = Blueprint("spots", __name__, url_prefix="/cases/<case_id>/at")

_INSERTS = {
    "before": "Insert work before it",
    "beside": "Insert work beside it",
    "after": "Insert work after it",
    "scope": "Insert work in it",
}


@dataclass(frozen=True, slots=True)
class Deed:
    """One entry of the menu; `key` is its icon."""

    key: str
    name: str
    href: str
    sent: Mapping[str, str] = field(default_factory=dict)  # posted instead of followed where there is any


@spots.get("/<element_id>")
def show(case_id: str, element_id: str) -> str:
    engine = the_engine()
    case = engine.case(case_id)
    possible = options(engine, case_id, by=the_person().id)
    deeds = [
        *_open(case, element_id),
        *_starts(case_id, element_id),
        *_inserts(case_id, possible, element_id),
    ]
    deeds += _others(case_id, possible, element_id)
    return render_template("_spot.html", deeds=deeds)


def _open(case: Case, element_id: str) -> Iterator[Deed]:
    for task in case.tasks:
        if task.element_id == element_id:
            yield Deed(
                "arrow", f"Open “{_with_item(task.name, task.item)}”", url_for("tasks.show", task_id=task.id)
            )


def _starts(case_id: str, element_id: str) -> Iterator[Deed]:
    """What people choose in an ad-hoc sub-process, and its end."""
    for scope in the_engine().startable(case_id, by=the_person().id):
        item = rows.item_text(scope.item)
        behind = f" ({item})" if item else ""
        for one in scope.activities:
            if one.element_id == element_id:
                sent = {"scope": scope.occurrence_id, "element": element_id}
                yield Deed("play", f"Start it{behind}", url_for("choosing.begin", case_id=case_id), sent)
        if scope.element_id == element_id and scope.completable:
            yield Deed(
                "check", f"Say that it is done{behind}", _panel(case_id, "finish", target=scope.occurrence_id)
            )


def _inserts(case_id: str, possible: Options, element_id: str) -> Iterator[Deed]:
    """One entry for each place, though a step that is open several times has several of them."""
    told: set[str] = set()
    for anchor in possible.insert:
        if anchor.element_id != element_id or anchor.kind not in _INSERTS or anchor.kind in told:
            continue
        told.add(anchor.kind)
        place = f"{anchor.kind}:{anchor.id}"
        yield Deed("insert", _INSERTS[anchor.kind], _panel(case_id, "insert", anchor=place))


def _others(case_id: str, possible: Options, element_id: str) -> Iterator[Deed]:
    skips = list(_at(possible.skip, element_id))
    later = "when it comes again" if any(target.occurrence_id for target in skips) else "when it comes"
    for target in skips:
        moment = "now" if target.occurrence_id else "next"
        name = _named("Skip it", later if moment == "next" else "", target)
        yield Deed("skip", name, _panel(case_id, "skip", target=f"{moment}:{target.id}"))
    for key, icon, name, targets in _gestures(possible):
        for target in _at(targets, element_id):
            yield Deed(icon, name, _panel(case_id, key, target=target.id))
    for target in list(_at(possible.revisit, element_id))[-1:]:
        yield Deed(
            "revisit", _named("Go back to it", "", target), _panel(case_id, "revisit", target=target.id)
        )
    for _ in _at(possible.decide, element_id):
        yield Deed("decide", "Choose the way", _panel(case_id, "decide"))


def _gestures(possible: Options) -> Iterator[tuple[str, str, str, Sequence[Target]]]:
    yield "jump", "jump", "Go ahead to it", possible.jump
    yield "sooner", "play", "Do it now", possible.start_now
    yield "again", "insert", "Do it once more", possible.repeat
    yield "elsewhere", "move", "Do it at another place", possible.move
    yield "instead", "swap", "Do something else instead", possible.move
    yield "item", "plus", "Add an item", possible.items


def _at(targets: Sequence[Target], element_id: str) -> Iterator[Target]:
    yield from (target for target in targets if target.element_id == element_id)


def _named(deed: str, when: str, target: Target) -> str:
    item = rows.item_text(target.item)
    return " ".join(part for part in (deed, when, f"({item})" if item else "") if part)


def _with_item(name: str, item: object) -> str:
    shown = rows.item_text(item)
    return f"{name} ({shown})" if shown else name


def _panel(case_id: str, key: str, **chosen: Any) -> str:
    return url_for("changes.show", case_id=case_id, key=key, **chosen)
