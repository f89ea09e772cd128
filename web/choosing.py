"""Ad-hoc sub-processes on the page of a case: what may be started in them, and the way to say that one is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from caseloom.engine import StartActivity
from caseloom.engine.results import AdHocSubProcess, Case, Startable, Task
from caseloom.web import rows
from caseloom.web.context import the_engine, the_person
from caseloom.web.security import where_from

choosing = Blueprint("choosing", __name__, url_prefix="/cases/<case_id>")


@dataclass(frozen=True, slots=True)
class Offered:
    """One open ad-hoc sub-process, ready to print.

    `finish` where this person may say that it is done, `mine` where they may choose at all, `end` what that means
    for open work.
    """

    id: str
    element: str
    name: str
    item: str
    note: str
    activities: Sequence[Startable]
    finish: bool
    mine: bool
    end: str


def offered(case: Case) -> list[Offered]:
    """The open ad-hoc sub-processes of a case, with what this person may start in them."""
    found = the_engine().startable(case.id, by=the_person().id)
    return [
        Offered(
            one.occurrence_id,
            one.element_id,
            one.name,
            rows.item_text(one.item),
            _note(one),
            one.activities,
            one.completable,
            one.allowed,
            _end(one),
        )
        for one in found
    ]


def offered_with(case: Case, task: Task) -> list[Offered]:
    """For a task that stands for an ad-hoc sub-process: it is completed by its own button."""
    return [replace(one, finish=False) for one in offered(case) if one.id == task.id]


def _end(found: AdHocSubProcess) -> str:
    open_work = "is taken back" if found.cancels_remaining else "is done first"
    return f"Complete it when nothing more is needed; what is still open in it {open_work}."


def _note(found: AdHocSubProcess) -> str:
    if found.closing:
        return "Takes nothing new on: it ends when its open work is done."
    if not found.allowed:
        return "Others choose what is needed here."
    order = "One after the other, in any order" if found.sequential else "In any order, also at the same time"
    end = " Ends by itself when enough is done." if found.ends_by_itself else ""
    return f"{order}, as often as needed.{end}"


@choosing.post("/begin")
def begin(case_id: str) -> Response:
    """Starts an activity of an ad-hoc sub-process."""
    element, scope = request.form.get("element", ""), request.form.get("scope") or None
    case = the_engine().do(case_id, StartActivity(element, scope=scope), by=the_person().id)

    flash(f"“{_name(case, element)}” is started.", "good")
    return redirect(where_from(url_for("cases.show", case_id=case_id)), code=303)


def _name(case: Case, element: str) -> str:
    return next((one.name for one in reversed(case.occurrences) if one.element_id == element), element)
