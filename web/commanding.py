"""What a person typed into the form of a change, as the command it stands for and as a sentence about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from werkzeug.datastructures import MultiDict

from caseloom.adhoc import Decide, Insert, Revisit, Skip, Undo
from caseloom.adhoc.options import Options
from caseloom.engine import Cancel, CompleteSubProcess, Resume, SetData, Suspend
from caseloom.engine.errors import Invalid
from caseloom.engine.results import Case
from caseloom.web import correcting, forms, wording
from caseloom.web.fields import UnreadableError
from caseloom.web.finding import ways_of

# Work that is due on a day is due when the office closes.
_END_OF_DAY = time(17, 0)
_ROWS = 2


@dataclass(frozen=True, slots=True)
class NameValue:
    name: str
    value: str


class Typed:
    """The fields of a change's form by name; a field that was not sent is empty."""

    def __init__(self, sent: MultiDict[str, str]) -> None:
        self._sent = sent

    def __getattr__(self, name: str) -> str:
        default = _DEFAULTS.get(name, "")
        return self._sent.get(name, default).strip()

    @property
    def sent(self) -> MultiDict[str, str]:
        return self._sent

    @property
    def chosen_ways(self) -> list[tuple[str, str]]:
        """Pairs of a gateway and a flow that leaves it."""
        parted = [value.partition(":") for value in self._sent.getlist("target")]
        return [(gateway, flow) for gateway, _, flow in parted if gateway]

    @property
    def variable(self) -> str:
        """The name in the case file that is corrected; `new_name` where it is not there yet."""
        return self.name or self.new_name

    @property
    def lines(self) -> list[str]:
        return [line.strip() for line in self.names.splitlines() if line.strip()]

    @property
    def values(self) -> dict[str, Any]:
        """Names and values that stand in for what a skipped step would have written."""
        return {row.name: forms.plain(row.value) for row in self.values_rows if row.name}

    @property
    def values_rows(self) -> list[NameValue]:
        names, values = self._sent.getlist("free-name"), self._sent.getlist("free-value")
        rows = [NameValue(name.strip(), value) for name, value in zip(names, values, strict=False)]
        return rows + [NameValue("", "")] * (_ROWS - len(rows))

    @property
    def left_open(self) -> list[str]:
        """The names of answers that nobody has."""
        return [name.strip() for name in self._sent.get("left-open", "").split(",") if name.strip()]

    @property
    def place(self) -> tuple[str, str | None]:
        kind, _, id = self.anchor.partition(":")
        return kind or "case", id or None

    @property
    def effects(self) -> dict[str, str]:
        prefix = "effect-"
        return {
            name.removeprefix(prefix): value for name, value in self._sent.items() if name.startswith(prefix)
        }


_DEFAULTS = {"when": "once", "anchor": "case:"}


# -- commands ------------------------------------------------------------------------------------


def insert(typed: Typed) -> Any:
    kind, id = typed.place
    anchor = {} if kind == "case" else {kind: id}
    shared: dict[str, Any] = {"reason": typed.reason or None, "blocking": not typed.free, **anchor}
    if typed.repeat:
        shared["repeat"] = "every"
    if typed.pause:
        shared["pause_timers"] = True
    if typed.template:
        return Insert(template=typed.template, **shared)
    if typed.process:
        return Insert(" ".join(typed.lines), fragment=typed.process, **shared)
    return inserted(typed, **shared)


def inserted(typed: Typed, **shared: Any) -> Insert:
    """The tasks that were typed, one a line."""
    works = [_work(name, typed) for name in typed.lines]
    if len(works) == 1:
        return Insert(typed.lines[0], **_details(typed), **shared)
    return Insert.many(works, rule=_word(typed.rule or "all"), **shared)


def _work(name: str, typed: Typed) -> Any:
    return Insert(name, **_details(typed))


def _details(typed: Typed) -> dict[str, Any]:
    kind, _, who = typed.who.partition(":")
    return {
        "assignee": who if kind == "user" else None,
        "groups": (who,) if kind == "group" else (),
        "due": _due(typed.due),
        "follow_up": _due(typed.follow_up),
        "checklist": _checklist(typed.checklist),
        "goal": typed.goal or None,
        "form": _questions(typed.questions),
    }


def _due(typed: str) -> datetime | None:
    if not typed:
        return None
    try:
        day = date.fromisoformat(typed)
    except ValueError as cause:
        raise Invalid(f"“{typed}” is not a date, such as 2026-03-31.") from cause
    return datetime.combine(day, _END_OF_DAY).astimezone()


def _checklist(typed: str) -> list[dict[str, Any]]:
    """Each line an item; an exclamation mark at its end makes it a must."""
    lines = [line.strip() for line in typed.splitlines() if line.strip()]
    return [{"name": line.rstrip("! "), "required": line.endswith("!")} for line in lines]


def _questions(typed: str) -> Mapping[str, Any] | None:
    """Each line a question: a form-js schema with one text field for each."""
    questions = [line.strip() for line in typed.splitlines() if line.strip()]
    if not questions:
        return None
    components = [
        {"type": "textfield", "id": f"question_{number}", "key": _key(question), "label": question}
        for number, question in enumerate(questions, 1)
    ]
    return {"type": "default", "components": components}


def _key(question: str) -> str:
    words = "".join(letter if letter.isalnum() else " " for letter in question.lower()).split()
    key = "_".join(words)[:60]
    return key if key[:1].isalpha() else f"answer_{key}"


def skip(typed: Typed) -> Any:
    """The form's choice says `now:` of what is open already and `next:` of what is still to come."""
    moment, _, target = typed.target.partition(":")
    when = "every" if typed.when == "every" else moment
    return Skip(target, reason=typed.reason, data=typed.values, when=_word(when), missing=typed.left_open)


def _word(typed: str) -> Any:
    """One of the words of a command, which itself refuses those that it does not know."""
    return typed


def revisit(typed: Typed) -> Any:
    return Revisit(
        typed.target,
        reason=typed.reason,
        data_policy=_word(typed.data_policy) or None,
        reuse="unchanged" if typed.return_to_sender else _word(typed.reuse) or None,
        effects=typed.effects or None,
        timers=_word(typed.timers or "restart"),
        extend=f"P{typed.extend_days}D" if typed.extend_days else None,
        messages=_word(typed.messages) or None,
    )


def undo(typed: Typed) -> Any:
    return Undo(typed.target)


def decide(typed: Typed) -> Any:
    ways = typed.chosen_ways
    return Decide(ways[0][0], [flow for _, flow in ways], reason=typed.reason)


def correct(typed: Typed) -> Any:
    return SetData(
        {typed.variable: correcting.read(typed.manner or "free", typed.sent)}, reason=typed.reason or None
    )


def suspend(typed: Typed) -> Any:
    return Suspend(reason=typed.reason or None)


def resume(typed: Typed) -> Any:
    return Resume()


def cancel(typed: Typed) -> Any:
    return Cancel(reason=typed.reason or None)


# -- what is missing -----------------------------------------------------------------------------


def insert_problem(typed: Typed) -> str:
    if typed.template and typed.process:
        return "Choose a template or a process, not both."
    return "" if typed.lines or typed.template or typed.process else "Say what is to be done."


def choice_problem(typed: Typed) -> str:
    return "" if typed.target else "Choose one of the list."


def target_problem(typed: Typed) -> str:
    return choice_problem(typed) or reason_problem(typed)


def decide_problem(typed: Typed) -> str:
    ways = typed.chosen_ways
    if not ways:
        return "Choose one of the list."
    if len({gateway for gateway, _ in ways}) > 1:
        return "Choose ways of one place only."
    return reason_problem(typed)


def correct_problem(typed: Typed) -> str:
    if not typed.variable:
        return "Say which value is to be corrected."
    if typed.name != typed.shown:
        return f"The value below is not that of “{wording.label(typed.variable)}”: show that first."
    try:
        correcting.read(typed.manner or "free", typed.sent)
    except UnreadableError as wrong:
        return str(wrong)
    return reason_problem(typed)


def no_problem(typed: Typed) -> str:
    return ""


def cancel_problem(typed: Typed) -> str:
    return reason_problem(typed)


def reason_problem(typed: Typed) -> str:
    return "" if typed.reason else "Say why, so that others understand it later."


# -- sentences -----------------------------------------------------------------------------------


def insert_sentence(typed: Typed, possible: Options, case: Case) -> str:
    listed = [typed.template or typed.process] if typed.template or typed.process else typed.lines
    names = wording.listed([f"“{name}”" for name in listed])
    verb = "comes" if len(listed) == 1 else "come"
    waits = "The case does not wait for it." if typed.free else _WAITS[typed.place[0]]
    return f"{names} {verb} {place_named(typed, possible)}. {waits}"


def place_named(typed: Typed, possible: Options) -> str:
    kind, id = typed.place
    where = next((anchor.name for anchor in possible.insert if (anchor.kind, anchor.id) == (kind, id)), "")
    return _PLACES[kind].format(name=f"“{where or id}”")


_PLACES = {
    "before": "before {name}",
    "after": "after {name}",
    "beside": "beside {name}",
    "flow": "on the line {name}",
    "scope": "in {name}",
    "case": "into the case as a whole",
}
_WAITS = {
    "before": "The step waits until that is done.",
    "after": "The case goes on when that is done.",
    "beside": "The case goes on when both are done.",
    "flow": "The case goes on when that is done.",
    "scope": "That part of the case ends when it is done.",
    "case": "The case ends when it is done.",
}


def skip_sentence(typed: Typed, possible: Options, case: Case) -> str:
    name = _chosen(typed.target.partition(":")[2], {target.id: target.name for target in possible.skip})
    times = "every time the case comes to it" if typed.when == "every" else "this time"
    return f"{name} is skipped, {times}."


def revisit_sentence(typed: Typed, possible: Options, case: Case) -> str:
    name = _chosen(typed.target, {target.id: target.name for target in possible.revisit})
    return f"The case goes back to {name}."


def undo_sentence(typed: Typed, possible: Options, case: Case) -> str:
    return "The case is again as it was before that change."


def finish(typed: Typed) -> CompleteSubProcess:
    return CompleteSubProcess(typed.target)


def finish_sentence(typed: Typed, possible: Options, case: Case) -> str:
    names = {one.id: one.name for one in case.occurrences}
    return f"{_chosen(typed.target, names)} is done: nothing new is started in it."


def decide_sentence(typed: Typed, possible: Options, case: Case) -> str:
    gateway = typed.chosen_ways[0][0]
    names = {target.id: target.name for target in possible.decide}
    if gateway not in names:
        return "Nothing waits there for a decision."
    ways, _ = ways_of(case.id, gateway)
    taken = [way.name for way in ways if (gateway, way.flow) in typed.chosen_ways]
    place = f"At “{names[gateway]}” the" if names[gateway] != gateway else "The"
    return f"{place} case goes on: {wording.listed(taken)}."


def correct_sentence(typed: Typed, possible: Options, case: Case) -> str:
    name, new = wording.label(typed.variable), correcting.read(typed.manner or "free", typed.sent)
    now = f"“{wording.text(new)}”" if not isinstance(new, dict | list) else "what you wrote"
    if typed.variable not in case.data:
        return f"“{name}” comes into the case file, as {now}."
    before = case.data[typed.variable]
    was = f", which was “{wording.text(before)}”" if not isinstance(before, dict | list) else ""
    return f"“{name}”{was}, becomes {now}." if was else f"“{name}” becomes {now}."


def suspend_sentence(typed: Typed, possible: Options, case: Case) -> str:
    return "The case rests: no work, no timer and no message, until somebody resumes it."


def resume_sentence(typed: Typed, possible: Options, case: Case) -> str:
    return "The case goes on where it stands. What came due meanwhile happens now."


def cancel_sentence(typed: Typed, possible: Options, case: Case) -> str:
    return "The case ends here. It stays readable, but nothing more can be done in it."


def _chosen(target: str, names: Mapping[str, str]) -> str:
    return f"“{names.get(target, target)}”"


def cards(typed: Typed, elements: Mapping[str, str | None]) -> list[dict[str, Any]]:
    """Work that would be inserted, as cards at its place on the drawing; `elements` finds occurrences there."""
    kind, id = typed.place
    anchor = elements.get(id or "", id)
    marks = ["preview-opened"]
    return [{"anchor": anchor, "place": kind, "name": name, "marks": marks} for name in typed.lines]
