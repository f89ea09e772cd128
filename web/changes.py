"""Changing a case from its page: insert, skip, go back, undo, choose a way, correct the case file, pause and end it.

Each is a small form, a preview in words and on the drawing, and then the change itself, which is refused if
it would no longer do what the preview said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from caseloom.adhoc import RequestApproval, approval, options
from caseloom.adhoc.options import Options
from caseloom.engine.errors import Conflict
from caseloom.engine.results import Case, Effect, OccurrenceRef, Preview, Status
from caseloom.web import asking, bending, cases, commanding, marks, ordering, rows, wording
from caseloom.web.commanding import Typed
from caseloom.web.context import name_of, the_engine, the_person
from caseloom.web.inbox import Choice
from caseloom.web.refusals import refused

changes = Blueprint("changes", __name__, url_prefix="/cases/<case_id>")

_KEYS = (
    "insert", "skip", "jump", "sooner", "again", "elsewhere", "instead", "revisit", "undo", "decide", "finish",
    "correct", "suspend", "resume", "cancel", "reopen", "item", "drop", "wait", "release",
)  # fmt: skip
_KEY = f"/<any({', '.join(_KEYS)}):key>"
_CARRIED_NOT = frozenset({"csrf_token", "preview", "edit"})
_PARTS = {
    "opened": ("Opens now", "plus"),
    "withdrawn": ("Is taken back; what was typed is kept", "undo"),
    "superseded": ("No longer counts", "revisit"),
    "restored": ("Counts again", "check"),
}
_CHOICES = {
    "note": "I know; it stays as it is",
    "acknowledge": "I know; it stays as it is",
    "compensate": "Put it right by its counter-step",
    "keep": "Keep the result; do not do it again",
    "correct": "Add a task to correct it",
}
_EFFECTS = {
    "irreversible": "It has left the house and cannot be taken back.",
    "compensable": "It can be taken back by its own counter-step.",
    "idempotent": "It may be done again without harm.",
}


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of change: its words, how its form is filled and how it becomes a command."""

    title: str
    apply: str
    explains: str
    template: str
    nothing: str
    ask: Callable[[Case, Options, Typed], Mapping[str, Any]]
    command: Callable[[Typed], Any]
    problem: Callable[[Typed], str]
    sentence: Callable[[Typed, Options, Case], str]
    icon: str = ""


_KINDS = {
    "insert": Kind(
        "Insert work",
        "Insert it",
        "Adds work to this case only. The drawing stays as it is.",
        "_insert.html",
        "Nothing can be inserted into this case just now.",
        asking.insert,
        commanding.insert,
        commanding.insert_problem,
        commanding.insert_sentence,
    ),
    "skip": Kind(
        "Skip a step",
        "Skip it",
        "The case goes on as if the step had been done. Nothing is sent and nothing runs.",
        "_skip.html",
        "No step of this case can be skipped just now.",
        asking.skip,
        commanding.skip,
        commanding.target_problem,
        commanding.skip_sentence,
    ),
    "revisit": Kind(
        "Go back to a step",
        "Go back",
        "The step is done again. Everything that came of it no longer counts; the rest stays.",
        "_revisit.html",
        "No step of this case is done yet, so there is nothing to go back to.",
        asking.revisit,
        commanding.revisit,
        commanding.target_problem,
        commanding.revisit_sentence,
    ),
    "undo": Kind(
        "Undo a change",
        "Undo it",
        "A change can be undone as long as nobody has acted on it.",
        "_undo.html",
        "There is no change that could be undone: there was none, or somebody has acted on it since.",
        asking.undo,
        commanding.undo,
        commanding.choice_problem,
        commanding.undo_sentence,
    ),
    "decide": Kind(
        "Choose the way",
        "Go this way",
        "The case waits here and cannot tell by itself which way to go.",
        "_decide.html",
        "The case does not wait for anybody to choose its way.",
        asking.decide,
        commanding.decide,
        commanding.decide_problem,
        commanding.decide_sentence,
    ),
    "finish": Kind(
        "Say that it is done",
        "It is done",
        "What can be chosen freely is over when somebody says so.",
        "_targets.html",
        "Nothing of this kind is open, or its end is not for you to say.",
        asking.finish,
        commanding.finish,
        commanding.choice_problem,
        commanding.finish_sentence,
        "check",
    ),
    "correct": Kind(
        "Correct the case file",
        "Correct it",
        "Changes one value by hand. What was done with the old one stays done.",
        "_correct.html",
        "The case has ended; its case file is closed.",
        asking.correct,
        commanding.correct,
        commanding.correct_problem,
        commanding.correct_sentence,
        "pencil",
    ),
    "jump": Kind(
        "Go ahead to a step",
        "Go ahead",
        "All that lies before it is left out, as if it had been done. Nothing is sent and nothing runs.",
        "_ahead.html",
        "There is no step ahead that the case comes to for sure.",
        bending.ahead,
        bending.jump,
        commanding.target_problem,
        bending.jump_sentence,
    ),
    "sooner": Kind(
        "Do a later step now",
        "Do it now",
        "The step is open at once. When the case comes to it, what was done counts.",
        "_step.html",
        "No step ahead can be done now.",
        bending.sooner,
        bending.start_now,
        commanding.target_problem,
        bending.start_now_sentence,
        "play",
    ),
    "again": Kind(
        "Do a step once more",
        "Do it again",
        "The step comes once more, after the one that is open now. What was done first still counts.",
        "_step.html",
        "There is no step that could be done once more here.",
        bending.again,
        bending.repeat,
        commanding.target_problem,
        bending.repeat_sentence,
        "insert",
    ),
    "elsewhere": Kind(
        "Do a step at another place",
        "Do it there",
        "The step is left out where it is drawn and done at the place that you choose, by the same people.",
        "_elsewhere.html",
        "No step of this case can be done at another place.",
        bending.elsewhere,
        bending.move,
        bending.move_problem,
        bending.move_sentence,
        "move",
    ),
    "instead": Kind(
        "Do something else instead",
        "Do that instead",
        "The step is left out; other work stands in its place, in this case only.",
        "_instead.html",
        "No step of this case can be replaced.",
        bending.instead,
        bending.replace,
        bending.replace_problem,
        bending.replace_sentence,
        "swap",
    ),
    "item": Kind(
        "Add an item",
        "Add it",
        "What is done for each of a list is done for one more.",
        "_item.html",
        "Nothing that is done for each of a list is under way.",
        ordering.one_more,
        ordering.add_item,
        commanding.target_problem,
        ordering.add_item_sentence,
        "plus",
    ),
    "drop": Kind(
        "Take an item out",
        "Take it out",
        "The case goes on as if it had never been in the list.",
        "_step.html",
        "Nothing that is done for each of a list is still open.",
        ordering.one_less,
        ordering.remove_item,
        commanding.target_problem,
        ordering.remove_item_sentence,
        "close",
    ),
    "wait": Kind(
        "Let a step wait",
        "Let it wait",
        "Of two steps that run beside each other, one does not begin before the other is done.",
        "_step.html",
        "No two steps run beside each other of which one could wait.",
        ordering.waiting,
        ordering.add_wait,
        commanding.target_problem,
        ordering.wait_sentence,
        "pause",
    ),
    "release": Kind(
        "Do not let it wait",
        "Let it go on",
        "The step begins as the drawing says.",
        "_step.html",
        "No step of this case has been made to wait.",
        ordering.released,
        ordering.release_wait,
        commanding.target_problem,
        ordering.release_sentence,
        "play",
    ),
    "reopen": Kind(
        "Reopen the case",
        "Reopen it",
        "The case goes on, at the step that was done last.",
        "_reopen.html",
        "Only a case that has ended can be reopened, where somebody did something in it.",
        bending.reopened,
        bending.reopen,
        commanding.reason_problem,
        bending.reopen_sentence,
        "revisit",
    ),
    "suspend": Kind(
        "Pause the case",
        "Pause it",
        "Nothing goes on in the case until it is resumed.",
        "_suspend.html",
        "Only a case that runs can be paused, and only by a case manager.",
        asking.whole_case(Status.RUNNING),
        commanding.suspend,
        commanding.no_problem,
        commanding.suspend_sentence,
        "pause",
    ),
    "resume": Kind(
        "Resume the case",
        "Resume it",
        "The case goes on where it stands.",
        "_resume.html",
        "Only a case that is paused can be resumed, and only by a case manager.",
        asking.whole_case(Status.SUSPENDED),
        commanding.resume,
        commanding.no_problem,
        commanding.resume_sentence,
        "play",
    ),
    "cancel": Kind(
        "Cancel the case",
        "Cancel it",
        "The case ends where it stands; open work is taken back. This cannot be undone.",
        "_cancel.html",
        "Only a case that has not ended can be cancelled, and only by a case manager.",
        asking.whole_case(Status.RUNNING, Status.SUSPENDED),
        commanding.cancel,
        commanding.cancel_problem,
        commanding.cancel_sentence,
        "stop",
    ),
}


@dataclass(frozen=True, slots=True)
class Panel:
    """The words of the open panel and where its buttons lead."""

    key: str
    icon: str
    title: str
    apply: str
    explains: str
    template: str
    href: str
    preview_href: str
    apply_href: str
    ask_href: str


@dataclass(frozen=True, slots=True)
class Part:
    key: str
    title: str
    icon: str
    names: Sequence[str]


@dataclass(frozen=True, slots=True)
class EffectRow:
    id: str
    title: str
    text: str
    choices: Sequence[Choice]


@dataclass(frozen=True, slots=True)
class Shown:
    """A preview, ready to print."""

    sentence: str
    refusal: str | None
    parts: Sequence[Part]
    stale: str
    warnings: Sequence[str]
    told: str
    effects: Sequence[EffectRow]
    marks: marks.Marks
    token: str | None


@changes.get(_KEY)
def show(case_id: str, key: str) -> str:
    return _form_page(case_id, key, Typed(request.args))


@changes.post(_KEY)
def edit(case_id: str, key: str) -> str:
    """Back from the preview to the form, with what was typed."""
    return _form_page(case_id, key, Typed(request.form))


@changes.post(f"{_KEY}/preview")
def preview(case_id: str, key: str) -> str | tuple[str, int]:
    typed = Typed(request.form)
    if problem := _KINDS[key].problem(typed):
        return _form_page(case_id, key, typed, error=problem), 422
    return _preview_page(case_id, key)


def _preview_page(case_id: str, key: str, moved_on: str = "") -> str:
    typed, kind = Typed(request.form), _KINDS[key]
    engine, me = the_engine(), the_person()
    seen = engine.preview(case_id, kind.command(typed), by=me.id)
    case = engine.case(case_id)
    sentence = kind.sentence(typed, options(engine, case_id, by=me.id), case)
    cards = commanding.cards(typed, asking.elements_of(case))
    agreeing = _who_would_agree(case_id, kind.command(typed)) if seen.refusal else []
    shown = {"preview": _shown(seen, sentence, cards), "carried": _carried()}
    return _page(case, key, {**shown, "moved_on": moved_on, "agreeing": agreeing})


def _who_would_agree(case_id: str, command: Any) -> list[str]:
    """Who would be asked, where a change that is refused can be asked for."""
    engine, me = the_engine(), the_person()
    asked = engine.preview(case_id, RequestApproval(command), by=me.id)
    if asked.refusal:
        return []
    wants = approval.asked(engine.look(case_id, by=me.id), command)
    return [rows.who(want.users, want.groups) for want in wants]


@changes.post(f"{_KEY}/ask")
def ask(case_id: str, key: str) -> Response:
    """The change becomes a task for those who have to agree."""
    command = RequestApproval(_KINDS[key].command(Typed(request.form)))
    the_engine().do(case_id, command, by=the_person().id)

    flash("Those who have to agree are asked.", "good")
    return redirect(url_for("cases.show", case_id=case_id), code=303)


@changes.post(f"{_KEY}/apply")
def apply(case_id: str, key: str) -> Response:
    typed, kind = Typed(request.form), _KINDS[key]
    the_engine().do(
        case_id, kind.command(typed), by=the_person().id, preview=request.form.get("preview") or None
    )

    flash(f"{kind.title}: done.", "good")
    return redirect(url_for("cases.show", case_id=case_id), code=303)


@changes.errorhandler(Conflict)
def moved_on(error: Conflict) -> Response | tuple[str, int]:
    """A change that can no longer be applied as it was previewed: what it would do now."""
    if request.endpoint != "changes.apply":
        return refused(error)

    arguments = request.view_args or {}
    return _preview_page(arguments["case_id"], arguments["key"], str(error)), 409


def _form_page(case_id: str, key: str, typed: Typed, error: str = "") -> str:
    engine, kind = the_engine(), _KINDS[key]
    case = engine.case(case_id)
    asked = kind.ask(case, options(engine, case_id, by=the_person().id), typed)
    nothing = "" if asked["choices"] else kind.nothing
    return _page(case, key, {**asked, "typed": typed, "error": error, "nothing_to_do": nothing})


def _page(case: Case, key: str, more: Mapping[str, Any]) -> str:
    return render_template(
        "change.html", **cases.page(case, changing=key), change=_panel(case.id, key), **more
    )


def _panel(case_id: str, key: str) -> Panel:
    kind = _KINDS[key]
    return Panel(
        key,
        kind.icon or key,
        kind.title,
        kind.apply,
        kind.explains,
        kind.template,
        url_for("changes.edit", case_id=case_id, key=key),
        url_for("changes.preview", case_id=case_id, key=key),
        url_for("changes.apply", case_id=case_id, key=key),
        url_for("changes.ask", case_id=case_id, key=key),
    )


def _carried() -> list[tuple[str, str]]:
    """What was typed, to be sent again with the change."""
    form: MultiDict[str, str] = request.form
    return [(name, value) for name, value in form.items(multi=True) if name not in _CARRIED_NOT]


def _shown(preview: Preview, sentence: str, cards: Sequence[Mapping[str, Any]]) -> Shown:
    parts = [Part(key, title, icon, _names(getattr(preview, key))) for key, (title, icon) in _PARTS.items()]
    drawn = marks.of_preview(preview)
    drawn["inserted"] = [*(card for card in drawn["inserted"] if not cards), *cards]
    return Shown(
        sentence=sentence,
        refusal=preview.refusal,
        parts=[part for part in parts if part.names],
        stale=", ".join(wording.label(name) for name in preview.stale),
        told=wording.listed([name_of(person) for person in preview.told]),
        warnings=list(_warnings(preview)),
        effects=[_effect(effect) for effect in preview.effects],
        marks=drawn,
        token=preview.token,
    )


def _warnings(preview: Preview) -> Iterator[str]:
    """What stays as it is, but has to do with what is taken back."""
    for step in preview.tainted:
        names = ", ".join(wording.label(name) for name in step.names)
        yield f"“{_name(step.occurrence)}” stays done, and has used what was written here: {names}."
    for message in preview.messages:
        yield f"“{wording.label(message.name)}” had come and will not come twice by itself."
    for late in preview.overdue:
        yield f"“{_name(late.occurrence)}” comes back, and its date {rows.at_once(late.due_at).text} has passed."


def _names(refs: Sequence[OccurrenceRef]) -> list[str]:
    return [_name(ref) for ref in refs]


def _name(ref: OccurrenceRef) -> str:
    item = rows.item_text(ref.item)
    return f"{ref.name} ({item})" if item else ref.name


def _effect(effect: Effect) -> EffectRow:
    choices = [
        Choice(key, _CHOICES.get(key, wording.label(key)), key == effect.default) for key in effect.choices
    ]
    title = f"“{_name(effect.occurrence)}” was done. What about it?"
    return EffectRow(effect.id, title, _EFFECTS.get(effect.kind, ""), choices)
