"""One task: its form, its draft, and where the case went once it is done."""

from __future__ import annotations

import json

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from caseloom.adhoc import Approve, Reject
from caseloom.engine import Assign, Claim, Complete, SaveDraft, Tick, Unclaim
from caseloom.engine.results import Case, Status, Task
from caseloom.web import choosing, forms, inbox, prose, rows, wording
from caseloom.web.context import the_engine, the_people, the_person, the_time
from caseloom.web.finding import draft_of, may_work, task_of
from caseloom.web.security import where_from

tasks = Blueprint("tasks", __name__, url_prefix="/tasks")


@tasks.get("/<task_id>")
def show(task_id: str) -> str:
    case, task = task_of(task_id)
    draft = draft_of(task, the_person().id)
    form = forms.filled(
        task.form, case.data, evaluate=the_engine().evaluate, draft=draft, previous=task.previous
    )
    return _page(case, task, form, "Draft restored" if draft else "")


@tasks.post("/<task_id>/claim")
def claim(task_id: str) -> Response:
    case, task = task_of(task_id)
    the_engine().do(case.id, Claim(task.id), by=the_person().id)

    flash(f"“{task.name}” is yours now.", "good")
    return _back_to(task_id)


@tasks.post("/<task_id>/release")
def release(task_id: str) -> Response:
    case, task = task_of(task_id)
    the_engine().do(case.id, Unclaim(task.id), by=the_person().id)

    flash(f"“{task.name}” is free for others again.", "good")
    return _back_to(task_id)


@tasks.post("/<task_id>/assign")
def assign(task_id: str) -> Response:
    case, task = task_of(task_id)
    user = request.form["user"]
    the_engine().do(case.id, Assign(task.id, user), by=the_person().id)

    flash(f"“{task.name}” was handed over.", "good")
    return redirect(url_for("cases.show", case_id=case.id), code=303)


@tasks.post("/<task_id>/draft")
def draft(task_id: str) -> Response:
    """What has been typed so far. A script is told which fields to hide, a browser gets the page again."""
    case, task = task_of(task_id)
    typed = forms.drafted(task.form, case.data, request.form, evaluate=the_engine().evaluate)
    the_engine().do(case.id, SaveDraft(task.id, typed), by=the_person().id)

    if request.headers.get("HX-Request"):
        return _saved(case, task, typed)
    flash("Saved. You can go on with it later.", "good")
    return redirect(url_for("tasks.show", task_id=task_id), code=303)


@tasks.post("/<task_id>/complete")
def complete(task_id: str) -> Response | tuple[str, int]:
    case, task = task_of(task_id)
    evaluate = the_engine().evaluate
    sent = forms.received(task.form, case.data, request.form, evaluate=evaluate)
    if sent.errors:
        return _page(
            case, task, forms.again(task.form, case.data, request.form, sent, evaluate=evaluate)
        ), 422

    the_engine().do(case.id, Complete(task.id, data=sent.data), by=the_person().id)
    return redirect(url_for("tasks.onward", case_id=case.id, done=task.name), code=303)


@tasks.post("/<task_id>/tick")
def tick(task_id: str) -> Response:
    """An item of the checklist is done, or is not done after all."""
    case, task = task_of(task_id)
    command = Tick(task.id, request.form["item"], done=request.form.get("done") == "true")
    the_engine().do(case.id, command, by=the_person().id)

    return redirect(url_for("tasks.show", task_id=task_id), code=303)


@tasks.post("/<task_id>/<any(approve, reject):answer>")
def decide(task_id: str, answer: str) -> Response | tuple[str, int]:
    """Yes or no to a change that somebody asked for."""
    case, task = task_of(task_id)
    note = request.form.get("reason", "").strip()
    if answer == "reject" and not note:
        form = forms.filled(task.form, case.data, evaluate=the_engine().evaluate)
        return _page(case, task, form, missing="Say why not, so that who asked understands it."), 422

    command = Approve(task.id, reason=note or None) if answer == "approve" else Reject(task.id, reason=note)
    the_engine().do(case.id, command, by=the_person().id)
    flash("Approved." if answer == "approve" else "Not approved; who asked is told.", "good")
    return redirect(url_for("cases.show", case_id=case.id), code=303)


@tasks.get("/onward/<case_id>")
def onward(case_id: str) -> str:
    """Where the case went, and what to do next."""
    case = the_engine().case(case_id)
    done = request.args.get("done", "")
    open_tasks = [task for task in case.tasks if not task.held]
    return render_template(
        "onward.html",
        case=rows.of_case(case),
        headline=f"“{done}” is done" if done else "Done",
        sentence=_whereto(case, open_tasks),
        open_tasks=rows.of_tasks(open_tasks, in_its_case=True),
        next_task=_next_task(case, open_tasks),
    )


def _page(case: Case, task: Task, form: forms.Filled, draft_state: str = "", missing: str = "") -> str:
    others = [other for other in case.tasks if other.id != task.id]
    return render_template(
        "task.html",
        case=rows.of_case(case),
        task=rows.of_task(task),
        mine_to_do=may_work(task),
        startable=choosing.offered_with(case, task),
        form=form,
        description=prose.to_html(task.description) if task.description else "",
        case_file=wording.values(case.data),
        others=rows.of_tasks(others, in_its_case=True),
        colleagues=the_people().all(),
        draft_state=draft_state,
        checklist=task.checklist,
        asks=task.asks,
        own_request=task.asks is not None and task.asks["by"] == the_person().id,
        missing=missing,
        follow_up=rows.at_once(task.follow_up_at) if task.follow_up_at else None,
    )


def _saved(case: Case, task: Task, typed: dict[str, object]) -> Response:
    hidden = forms.hidden_names(task.form, case.data, typed, the_engine().evaluate)
    response = make_response(f"Draft saved {the_time().astimezone():%H:%M}")
    response.headers["HX-Trigger"] = json.dumps({"caseloom:fields": {"hidden": hidden}})
    return response


def _back_to(task_id: str) -> Response:
    if request.form.get("back") == "task":
        return redirect(url_for("tasks.show", task_id=task_id), code=303)
    return redirect(where_from(url_for("inbox.show")), code=303)


def _whereto(case: Case, open_tasks: list[Task]) -> str:
    if case.status is Status.COMPLETED:
        return "That was the last step: the case is complete."
    if case.incidents:
        return "The case has run into a problem that somebody has to look at."
    if not open_tasks:
        return "The case goes on by itself; nothing waits for a person just now."
    return f"The case is now at {wording.listed([task.name for task in open_tasks[:4]])}."


def _next_task(case: Case, open_tasks: list[Task]) -> rows.TaskRow | None:
    """My next one: in this case before any other, and what is mine before what is offered."""
    me = the_person()
    in_this_case = [task for task in open_tasks if task.assignee == me.id]
    if in_this_case:
        return rows.of_task(in_this_case[0], in_its_case=True)
    for whose in ("mine", "groups"):
        found = the_engine().tasks(**inbox.filters(whose), order="due", limit=1)
        if found:
            return rows.of_task(found[0])
    return None
