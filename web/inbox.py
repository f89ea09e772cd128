"""The inbox: what is mine, what my groups could take up, and everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from caseloom.engine.results import Notice, Task
from caseloom.storage.records import Counts
from caseloom.web import rows, wording
from caseloom.web.context import name_of, the_engine, the_person, the_time
from caseloom.web.rows import TaskRow
from caseloom.web.wording import Moment

inbox = Blueprint("inbox", __name__)

_PAGE = 50
_TABS = {"mine": "Mine", "groups": "Open to me", "all": "All"}
_ORDERS = {"due": "Due first", "created": "Oldest first", "priority": "Urgent first", "name": "By name"}
_HEADINGS = {"overdue": "Overdue", "today": "Due today", "later": "Later, or without a date"}


@dataclass(frozen=True, slots=True)
class Tab:
    key: str
    name: str
    count: int | None
    href: str
    here: bool


@dataclass(frozen=True, slots=True)
class Choice:
    key: str
    name: str
    here: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    tasks: Sequence[TaskRow]


@dataclass(frozen=True, slots=True)
class Nothing:
    title: str
    text: str
    href: str = ""
    action: str = ""


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """What somebody did to the work of the person here."""

    id: str
    href: str
    case_title: str
    what: str
    who: str
    why: str
    at: Moment


@inbox.get("/")
def show() -> str:
    whose, q = _whose(), request.args.get("q", "").strip()
    order = request.args.get("order", "due")
    found = _tasks(whose, q, order if order in _ORDERS else "due")

    return render_template(
        "inbox.html",
        greeting=_greeting(),
        summary=_summary(),
        tabs=_tabs(whose, q),
        orders=[Choice(key, name, key == order) for key, name in _ORDERS.items()],
        whose=whose,
        q=q,
        sections=_sections(rows.of_tasks(found), order),
        nothing=_nothing(whose, q),
        more=_more(found, whose, q, order),
        notices=[_notice(found) for found in the_engine().notices(the_person().id)],
    )


@inbox.post("/notices/<notice_id>/dismiss")
def dismiss(notice_id: str) -> Response:
    the_engine().dismiss_notice(notice_id, by=the_person().id)
    return redirect(url_for("inbox.show"), code=303)


def _notice(found: Notice) -> NoticeRow:
    told = [
        f"{wording.listed([f'“{name}”' for name in names])} {verb}"
        for names, verb in ((found.withdrawn, "taken away from you"), (found.restored, "with you again"))
        if names
    ]
    return NoticeRow(
        found.id,
        url_for("cases.show", case_id=found.case_id),
        rows.title(found.business_key, found.case_id),
        wording.listed(told),
        name_of(found.by) if found.by else "",
        found.reason or "",
        wording.moment(found.at, the_time()),
    )


def _whose() -> str:
    """The tab that was asked for; else the first of mine and of those open to me that has something in it."""
    whose = request.args.get("whose", "")
    if whose in _TABS:
        return whose
    counted = the_counts()
    return "groups" if counted.offered and not counted.mine else "mine"


def filters(whose: str) -> Mapping[str, Any]:
    """How the engine is asked for the tasks of a tab."""
    me = the_person()
    if whose == "mine":
        return {"assignee": me.id}
    if whose == "groups":
        return {"for_user": me.id, "groups": list(me.groups), "unassigned": True}
    return {}


def _tasks(whose: str, q: str, order: str) -> list[Task]:
    after = request.args.get("after")
    return the_engine().tasks(**filters(whose), q=q or None, order=order, limit=_PAGE, after=after)


def _more(found: Sequence[Task], whose: str, q: str, order: str) -> str | None:
    if len(found) < _PAGE:
        return None
    return url_for("inbox.show", whose=whose, q=q or None, order=order, after=found[-1].id)


def _tabs(whose: str, q: str) -> list[Tab]:
    counted = the_counts()
    known = {"mine": counted.mine, "groups": counted.offered}
    return [
        Tab(key, name, known.get(key), url_for("inbox.show", whose=key, q=q or None), key == whose)
        for key, name in _TABS.items()
    ]


def _sections(tasks: Sequence[TaskRow], order: str) -> list[Section]:
    if order != "due":
        return [Section("Tasks", tasks)] if tasks else []
    parted: dict[str, list[TaskRow]] = {key: [] for key in _HEADINGS}
    for task in tasks:
        parted[rows.due_section(task)].append(task)
    if not parted["overdue"] and not parted["today"]:
        return [Section("Open", tasks)] if tasks else []
    return [Section(_HEADINGS[key], found) for key, found in parted.items() if found]


def _greeting() -> str:
    hour = the_time().astimezone().hour
    part = "morning" if hour < 12 else "afternoon" if hour < 18 else "evening"
    return f"Good {part}, {the_person().name.split()[0]}"


def _summary() -> str:
    counted = the_counts()
    mine = f"{wording.count(counted.mine, 'task')} with you" if counted.mine else "Nothing is with you"
    offered = f"{counted.offered} to take up" if counted.offered else "nothing to take up"
    overdue = f" {counted.overdue} overdue." if counted.overdue else ""
    return f"{mine}, {offered}.{overdue}"


def _nothing(whose: str, q: str) -> Nothing:
    if q:
        return Nothing(
            "Nothing fits",
            f"No task or case here has “{q}” in its name.",
            url_for("inbox.show", whose=whose),
            "Show all",
        )
    if whose == "mine" and the_counts().offered:
        return Nothing(
            "Nothing is with you",
            "There is work for you that nobody has taken up yet. Claim a task there, and it appears here.",
            url_for("inbox.show", whose="groups"),
            "See what is open to me",
        )
    if whose == "all":
        return Nothing(
            "No work is open",
            "As soon as a case is started, its tasks appear here.",
            url_for("cases.choose"),
            "Start a case",
        )
    return Nothing("All done", "Nothing waits for you here. New work appears by itself.")


def the_counts() -> Counts:
    """How much is with the person here, and how much is offered to them; counted once a request."""
    counted = g.get("counts")
    if not isinstance(counted, Counts):
        me = the_person()
        with the_engine().database.read() as reader:
            counted = g.counts = reader.counts(me.id, me.groups, the_time())
    return counted
