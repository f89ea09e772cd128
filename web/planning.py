"""The plan of a case: its part of the case page, and the page on which it is written, changed and saved."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from caseloom import adhoc
from caseloom.adhoc import CasePlan, Edit, Insert, Plan, PlanTask, Replan
from caseloom.adhoc.planned import Progress
from caseloom.engine.errors import CaseloomError, Invalid, NotFound
from caseloom.engine.results import Case
from caseloom.web import rows, wording
from caseloom.web.asking import Named
from caseloom.web.context import name_of, the_engine, the_people, the_person, the_time

planning = Blueprint("planning", __name__, url_prefix="/cases/<case_id>/plans")

_END_OF_DAY = time(17, 0)
_FIELDS = ("name", "who", "due", "follow_up", "goal", "checklist")
_CHANGEABLE = (Progress.OPEN, Progress.TO_COME)
_WORDS = {Progress.WITHDRAWN: "taken back"}


@dataclass(frozen=True, slots=True)
class Line:
    """One task of a plan, ready to print and to be changed."""

    id: str
    name: str
    state: str
    is_open: bool
    is_done: bool
    changeable: bool
    href: str
    who: str
    who_key: str
    due: str
    due_value: str
    follow_up_value: str
    goal: str
    checked: str
    checklist_text: str
    place: int


@dataclass(frozen=True, slots=True)
class Card:
    """A plan, or work that was inserted together, ready to print."""

    id: str
    title: str
    note: str
    is_plan: bool
    in_turn: bool
    href: str
    changeable: bool
    lines: Sequence[Line]


def cards(case: Case) -> list[Card]:
    """The plans of a case, and inserted work of which something is still to come."""
    found = adhoc.plans(the_engine(), case.id, by=the_person().id)
    waiting = [one for one in found if one.title or any(t.progress is Progress.TO_COME for t in one.tasks)]
    return [_card(case, one) for one in waiting if one.tasks]


@planning.get("/new")
def write(case_id: str) -> str:
    return _write_page(case_id, "")


@planning.post("/new")
def create(case_id: str) -> Response | tuple[str, int]:
    sent = request.form
    names = [line.strip() for line in sent.get("names", "").splitlines() if line.strip()]
    command = Plan(
        [Insert(name) for name in names],
        title=sent.get("title", "").strip(),
        in_turn=bool(sent.get("in_turn")),
        template=sent.get("template") or None,
        blocking=not sent.get("free"),
    )
    try:
        the_engine().do(case_id, command, by=the_person().id)
    except Invalid as wrong:
        return _write_page(case_id, str(wrong)), 422

    flash("The plan is written.", "good")
    return redirect(url_for("cases.show", case_id=case_id), code=303)


@planning.get("/<plan_id>")
def show(case_id: str, plan_id: str) -> str:
    return _plan_page(case_id, plan_id, "")


@planning.post("/<plan_id>")
def change(case_id: str, plan_id: str) -> Response | tuple[str, int]:
    plan = _found(case_id, plan_id)
    try:
        the_engine().do(case_id, _replan(plan), by=the_person().id)
    except Invalid as wrong:
        return _plan_page(case_id, plan_id, str(wrong)), 422

    flash("The plan is changed.", "good")
    return redirect(url_for("cases.show", case_id=case_id), code=303)


@planning.post("/<plan_id>/save")
def save(case_id: str, plan_id: str) -> Response | tuple[str, int]:
    """Keeps the plan as a template for the next case."""
    name = request.form.get("template", "").strip()
    try:
        the_engine().save_template(name, case_id=case_id, plan_id=plan_id, by=the_person().id)
    except CaseloomError as wrong:
        return _plan_page(case_id, plan_id, str(wrong)), 422

    flash(f"Saved as “{name}”, for the next case.", "good")
    return redirect(url_for("planning.show", case_id=case_id, plan_id=plan_id), code=303)


def _found(case_id: str, plan_id: str) -> CasePlan:
    for plan in adhoc.plans(the_engine(), case_id, by=the_person().id):
        if plan.id == plan_id:
            return plan
    raise NotFound("There is no such plan in this case.")


def _write_page(case_id: str, error: str) -> str:
    case = the_engine().case(case_id)
    return render_template(
        "plan.html",
        case=rows.of_case(case),
        card=None,
        error=error,
        typed=request.form,
        templates=[template.name for template in the_engine().templates()],
    )


def _plan_page(case_id: str, plan_id: str, error: str) -> str:
    case = the_engine().case(case_id)
    people = the_people().all()
    groups = sorted({group for person in people for group in person.groups})
    return render_template(
        "plan.html",
        case=rows.of_case(case),
        card=_card(case, _found(case_id, plan_id)),
        error=error,
        people=people,
        groups=[Named(group, wording.label(group)) for group in groups],
    )


# -- what was typed ----------------------------------------------------------------------------------


def _replan(plan: CasePlan) -> Replan:
    """Only what was changed: another may have changed the rest meanwhile."""
    sent = request.form
    lines = [task for task in plan.tasks if task.progress in _CHANGEABLE and f"name-{task.id}" in sent]
    removed = [task.id for task in lines if sent.get(f"remove-{task.id}")]
    edits = [edit for task in lines if task.id not in removed and (edit := _edit(task)) is not None]
    before = [task.id for task in plan.tasks]
    order = sorted(before, key=lambda id: _number(sent.get(f"place-{id}"), before.index(id) + 1))
    in_turn = bool(sent.get("in_turn"))
    title = sent.get("title", "").strip()
    return Replan(
        plan.id,
        title=title if title and title != plan.title else None,
        in_turn=in_turn if in_turn != plan.in_turn else None,
        change=edits,
        add=[Insert(line.strip()) for line in sent.get("add", "").splitlines() if line.strip()],
        remove=removed,
        order=order if order != before else (),
    )


def _number(typed: str | None, otherwise: int) -> float:
    return float(typed) if typed and typed.isdecimal() else float(otherwise)


def _edit(task: PlanTask) -> Edit | None:
    line = _line(task, 0)
    shown = {
        "name": line.name, "who": line.who_key, "due": line.due_value, "follow_up": line.follow_up_value,
        "goal": line.goal, "checklist": line.checklist_text,
    }  # fmt: skip
    typed = {name: request.form.get(f"{name}-{task.id}", "").strip() for name in _FIELDS}
    changed = {name: text for name, text in typed.items() if text.splitlines() != shown[name].splitlines()}
    if not changed:
        return None
    found: dict[str, Any] = {}
    for name, text in changed.items():
        found.update(_READERS[name](text))
    return Edit(task.id, **found)


def _who(text: str) -> Mapping[str, Any]:
    kind, _, who = text.partition(":")
    return {"assignee": who if kind == "user" else None, "groups": [who] if kind == "group" else None}


def _moment(text: str) -> datetime | str | None:
    """A date is meant till the office closes; a duration counts from when the task opens."""
    if not text or text.startswith("P"):
        return text or None
    try:
        day = date.fromisoformat(text)
    except ValueError as cause:
        raise Invalid(
            f"“{text}” is neither a date, such as 2026-03-31, nor a duration, such as P3D."
        ) from cause
    return datetime.combine(day, _END_OF_DAY).astimezone()


def _checklist(text: str) -> list[Any]:
    """An item a line; an exclamation mark at its end makes it a must."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return [{"name": line.rstrip("! "), "required": line.endswith("!")} for line in lines]


_READERS: Mapping[str, Any] = {
    "name": lambda text: {"name": text},
    "who": _who,
    "due": lambda text: {"due": _moment(text)},
    "follow_up": lambda text: {"follow_up": _moment(text)},
    "goal": lambda text: {"goal": text or None},
    "checklist": lambda text: {"checklist": _checklist(text) or None},
}


# -- as it is printed --------------------------------------------------------------------------------


def _card(case: Case, plan: CasePlan) -> Card:
    ended = case.ended_at is not None
    return Card(
        plan.id,
        plan.title or "Inserted work to come",
        _note(plan),
        plan.title is not None,
        plan.in_turn,
        url_for("planning.show", case_id=case.id, plan_id=plan.id),
        not ended and not plan.done,
        [_line(task, number) for number, task in enumerate(plan.tasks, 1)],
    )


def _note(plan: CasePlan) -> str:
    where = f"{plan.place} “{plan.element_name}”" if plan.element_name else ""
    return ", ".join(filter(None, [where, "one after the other" if plan.in_turn else ""])).capitalize()


def _line(task: PlanTask, place: int) -> Line:
    done = sum(item.done for item in task.checklist)
    return Line(
        id=task.id,
        name=task.name,
        state=_WORDS.get(task.progress, str(task.progress)),
        is_open=task.progress is Progress.OPEN,
        is_done=task.progress is Progress.DONE,
        changeable=task.progress in _CHANGEABLE and task.fragment is None,
        href=url_for("tasks.show", task_id=task.task_id) if task.task_id and task.fragment is None else "",
        who=_for_whom(task),
        who_key=_who_key(task),
        due=_due(task.due),
        due_value=_date_value(task.due),
        follow_up_value=_date_value(task.follow_up),
        goal=task.goal or "",
        checked=f"{done} of {len(task.checklist)} ticked" if task.checklist else "",
        checklist_text="\n".join(f"{item.name}{' !' if item.required else ''}" for item in task.checklist),
        place=place,
    )


def _for_whom(task: PlanTask) -> str:
    if task.assignee:
        return name_of(task.assignee)
    return wording.listed([wording.label(group) for group in task.groups], "or")


def _who_key(task: PlanTask) -> str:
    if task.assignee:
        return f"user:{task.assignee}"
    return f"group:{task.groups[0]}" if task.groups else ""


def _due(value: Any) -> str:
    if isinstance(value, datetime):
        return wording.due(value, the_time()).text
    if days := re.fullmatch(r"P(\d+)D", str(value or "")):
        return f"Due {wording.count(int(days[1]), 'day')} after it opens"
    return f"Due {value} after it opens" if value else ""


def _date_value(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone().date().isoformat()
    return str(value or "")
