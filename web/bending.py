"""The single gestures on the page of a case: ahead to a step, a step now, once more, elsewhere, or something else.

What each asks for, the command that it becomes, and the sentence that says what it will do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from caseloom.adhoc import JumpTo, Move, Reopen, Repeat, Replace, StartNow
from caseloom.adhoc.options import Options, Target
from caseloom.engine.results import Case
from caseloom.web import asking, commanding, wording
from caseloom.web.asking import Offer
from caseloom.web.commanding import Typed

Ask = Callable[[Case, Options, Typed], Mapping[str, Any]]


def _ask(question: str, targets: Callable[[Options], Sequence[Target]]) -> Ask:
    def ask(case: Case, possible: Options, typed: Typed) -> Mapping[str, Any]:
        choices = [Offer(one.id, _said(one), "", one.element_id) for one in targets(possible)]
        return {"question": question, "choices": choices}

    return ask


ahead = _ask("On to which step?", lambda possible: possible.jump)
sooner = _ask("Which step?", lambda possible: possible.start_now)
again = _ask("Which step?", lambda possible: possible.repeat)


def elsewhere(case: Case, possible: Options, typed: Typed) -> Mapping[str, Any]:
    asked = _ask("Which step?", lambda possible: possible.move)(case, possible, typed)
    return {**asked, "anchors": asking.beside_steps(possible)}


def instead(case: Case, possible: Options, typed: Typed) -> Mapping[str, Any]:
    asked = _ask("Instead of which step?", lambda possible: possible.move)(case, possible, typed)
    return {**asked, **asking.whose()}


def reopened(case: Case, possible: Options, typed: Typed) -> Mapping[str, Any]:
    return {"choices": possible.reopen}


def jump(typed: Typed) -> Any:
    return JumpTo(typed.target, reason=typed.reason, data=typed.values, missing=typed.left_open)


def start_now(typed: Typed) -> Any:
    return StartNow(typed.target, reason=typed.reason)


def repeat(typed: Typed) -> Any:
    return Repeat(typed.target, reason=typed.reason)


def move(typed: Typed) -> Any:
    kind, id = typed.place
    return Move(typed.target, reason=typed.reason, **{kind: id})


def move_problem(typed: Typed) -> str:
    if typed.place[0] not in asking.MOVED_TO:
        return "Say where the step is to be done."
    return commanding.target_problem(typed)


def replace(typed: Typed) -> Any:
    return Replace(typed.target, commanding.inserted(typed), reason=typed.reason)


def replace_problem(typed: Typed) -> str:
    return commanding.insert_problem(typed) or commanding.target_problem(typed)


def reopen(typed: Typed) -> Any:
    return Reopen(reason=typed.reason, effects=typed.effects or None)


def jump_sentence(typed: Typed, possible: Options, case: Case) -> str:
    return f"All that lies before {_name(typed.target, possible.jump)} is left out."


def start_now_sentence(typed: Typed, possible: Options, case: Case) -> str:
    name = _name(typed.target, possible.start_now)
    return f"{name} is done now. When the case comes to it, what was done counts."


def repeat_sentence(typed: Typed, possible: Options, case: Case) -> str:
    return f"{_name(typed.target, possible.repeat)} is done once more, after the step that is open now."


def move_sentence(typed: Typed, possible: Options, case: Case) -> str:
    return f"{_name(typed.target, possible.move)} is done {commanding.place_named(typed, possible)}."


def replace_sentence(typed: Typed, possible: Options, case: Case) -> str:
    names = wording.listed([f"“{name}”" for name in typed.lines])
    stands = "stands" if len(typed.lines) == 1 else "stand"
    return f"{names} {stands} in the place of {_name(typed.target, possible.move)}."


def reopen_sentence(typed: Typed, possible: Options, case: Case) -> str:
    return "The case goes on where it ended."


def _name(id: str, targets: Iterable[Target]) -> str:
    return next((f"“{_said(one)}”" for one in targets if one.id == id), "The step")


def _said(target: Target) -> str:
    """Its name; where the drawing gives it none, its id as words."""
    return wording.label(target.name) if target.name == target.element_id else target.name
