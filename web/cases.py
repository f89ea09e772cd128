"""Cases: the list, starting one, and the page of one case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from caseloom.adhoc import Dismiss, Reapply
from caseloom.engine import Retry
from caseloom.engine.errors import NotFound
from caseloom.engine.results import Case, Definition, Status
from caseloom.web import choosing, forms, marks, moving, outward, planning, prose, rows, timeline, wording
from caseloom.web.commanding import Typed
from caseloom.web.context import the_engine, the_person
from caseloom.web.finding import cases_like, idle_changes, may_manage, start_form_of, waiting_gateways
from caseloom.web.inbox import Choice

cases = Blueprint("cases", __name__, url_prefix="/cases")

_PAGE = 50
_STATES = {
    "": "Any state",
    "running": "Running",
    "suspended": "Paused",
    "completed": "Completed",
    "cancelled": "Cancelled",
}
_CHANGES = {
    "decide": ("Choose", "Say which way the case goes on"),
    "insert": ("Insert", "Add work that the drawing does not have"),
    "skip": ("Skip", "Leave out a step that is not needed"),
    "revisit": ("Go back", "Do a step again, with all that came of it"),
    "undo": ("Undo", "Take back the last change"),
}
_RARER = {
    "jump": ("Go ahead to a step", "jump"),
    "sooner": ("Do a later step now", "play"),
    "again": ("Do a step once more", "insert"),
    "elsewhere": ("Do a step at another place", "move"),
    "instead": ("Do something else instead", "swap"),
    "item": ("Add an item", "plus"),
    "drop": ("Take an item out", "close"),
    "wait": ("Let a step wait", "pause"),
    "release": ("Do not let it wait", "play"),
}
_OFFERED = {
    Status.RUNNING: ("suspend", "cancel"),
    Status.SUSPENDED: ("resume", "cancel"),
    Status.COMPLETED: ("reopen",),
    Status.CANCELLED: ("reopen",),
}
_COMMAND_NAMES = {
    "suspend": ("Pause", "pause"),
    "resume": ("Resume", "play"),
    "cancel": ("Cancel the case", "stop"),
    "reopen": ("Reopen", "revisit"),
}


@dataclass(frozen=True, slots=True)
class Button:
    key: str
    name: str
    icon: str = ""
    href: str = ""
    hint: str = ""
    here: bool = False
    idle: bool = False


@dataclass(frozen=True, slots=True)
class ProcessRow:
    key: str
    name: str
    version: int
    file: str
    href: str
    start_href: str


@cases.get("")
def index() -> str:
    asked = {name: request.args.get(name, "").strip() for name in ("key", "status", "q")}
    found = cases_like(**asked, limit=_PAGE, after=request.args.get("after"))
    return render_template(
        "cases.html",
        q=asked["q"],
        processes=[
            Choice(known.key, known.name or known.key, known.key == asked["key"])
            for known in rows.latest_definitions()
        ],
        states=[Choice(key, name, key == asked["status"]) for key, name in _STATES.items()],
        rows=[rows.of_case(case) for case in found],
        more=url_for(
            "cases.index", after=found[-1].id, q=asked["q"], key=asked["key"], status=asked["status"]
        )
        if len(found) == _PAGE
        else None,
    )


@cases.get("/new")
def choose() -> str:
    return render_template(
        "choose.html",
        processes=[process_row(found) for found in rows.latest_definitions() if not found.global_task],
    )


@cases.get("/new/<key>")
def begin(key: str) -> str:
    definition = _latest(key)
    asked, description = start_form_of(definition.id)
    return _start_page(definition, forms.filled(asked, {}, evaluate=the_engine().evaluate), description)


@cases.post("/new/<key>")
def start(key: str) -> Response | tuple[str, int]:
    definition = _latest(key)
    engine = the_engine()
    asked, description = start_form_of(definition.id)
    sent = forms.received(asked, {}, request.form, evaluate=engine.evaluate)
    if sent.errors:
        form = forms.again(asked, {}, request.form, sent, evaluate=engine.evaluate)
        return _start_page(definition, form, description), 422

    case = engine.start(
        key,
        sent.data,
        version=definition.version,
        business_key=request.form.get("business-key", "").strip() or None,
        start_event=request.form.get("start-event") or None,
        by=the_person().id,
        request_id=request.form.get("request-id") or None,
    )
    flash("The case is started.", "good")
    return redirect(url_for("cases.show", case_id=case.id), code=303)


@cases.get("/<case_id>")
def show(case_id: str) -> str:
    return render_template("case.html", **page(the_engine().case(case_id)))


@cases.post("/<case_id>/incidents/<incident_id>/retry")
def retry(case_id: str, incident_id: str) -> Response:
    command = Retry(incident_id, data=Typed(request.form).values)
    case = the_engine().do(case_id, command, by=the_person().id)

    flash(
        "Tried again." if case.incidents else "Tried again: it worked.", "info" if case.incidents else "good"
    )
    return redirect(url_for("cases.show", case_id=case_id), code=303)


@cases.post("/<case_id>/tray/<entry_id>/<any(reapply, dismiss):way>")
def settle(case_id: str, entry_id: str, way: str) -> Response:
    """A message in the tray reaches what waits for it now, or is not wanted."""
    command = Reapply(entry_id) if way == "reapply" else Dismiss(entry_id)
    the_engine().do(case_id, command, by=the_person().id)

    flash("The message is given to the case." if way == "reapply" else "The message is put away.", "good")
    return redirect(url_for("cases.show", case_id=case_id), code=303)


def page(case: Case, *, changing: str = "") -> dict[str, Any]:
    """What the page of a case prints; `changing` is the change whose panel is open."""
    entries = the_engine().history(case.id)
    seen = marks.picture(case, case.occurrences, entries)
    gateways = waiting_gateways(case)
    idle = idle_changes(case)
    return {
        "case": rows.of_case(case),
        "changes": [
            Button(key, name, href=_panel(case, key), hint=hint, here=key == changing, idle=key in idle)
            for key, (name, hint) in _CHANGES.items()
            if gateways or key != "decide"
        ],
        "rarer": [
            Button(key, name, icon, href=_panel(case, key), here=key == changing)
            for key, (name, icon) in _RARER.items()
            if key not in idle or key == changing
        ],
        "gateways": gateways,
        "correct_href": _panel(case, "correct") if case.ended_at is None else "",
        "marks": seen.marks,
        "legend": seen.legend,
        "in_words": seen.words,
        "tasks": rows.of_tasks(the_engine().tasks(case_id=case.id, held=True, limit=None), in_its_case=True),
        "nothing_open": _nothing_open(case),
        "timeline": timeline.story(entries),
        "case_file": wording.values(case.data, case.data_states),
        "commands": _commands(case, changing),
        "startable": choosing.offered(case),
        "move_href": moving.newer(case) if may_manage(case.id) else None,
        "effects": outward.effects(case.id),
        "tray": outward.tray(case.id),
        "plans": planning.cards(case),
        "plan_href": url_for("planning.write", case_id=case.id) if case.status is Status.RUNNING else "",
    }


def _panel(case: Case, key: str) -> str:
    return url_for("changes.show", case_id=case.id, key=key)


def _commands(case: Case, changing: str) -> list[Button]:
    """What a case manager may do to the whole case."""
    if not may_manage(case.id):
        return []
    return [
        Button(key, *_COMMAND_NAMES[key], href=_panel(case, key), here=key == changing)
        for key in _OFFERED.get(case.status, ())
    ]


def _nothing_open(case: Case) -> str:
    if case.status is Status.COMPLETED:
        return "This case is complete."
    if case.status is Status.CANCELLED:
        return "This case was cancelled."
    return "Nothing waits for a person just now."


def process_row(definition: Definition) -> ProcessRow:
    return ProcessRow(
        definition.key,
        definition.name or wording.label(definition.key),
        definition.version,
        definition.file,
        url_for("cases.begin", key=definition.key),
        url_for("cases.begin", key=definition.key),
    )


def _latest(key: str) -> Definition:
    for found in rows.latest_definitions():
        if found.key == key:
            return found
    raise NotFound("There is no such process.")


def _start_page(definition: Definition, form: forms.Filled, description: str) -> str:
    return render_template(
        "start.html",
        process=process_row(definition),
        description=prose.to_html(description),
        form=form,
        start_events=the_engine().start_events(definition.id),
        start_event=request.form.get("start-event", ""),
        business_key=request.form.get("business-key", ""),
        request_id=request.form.get("request-id") or uuid4().hex,
    )
