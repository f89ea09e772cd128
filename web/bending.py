"""The single gestures on the page of a case: ahead to a step, a step now, a step once more, an ended case again.

What each asks for, the command that it becomes, and the sentence that says what it will do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from caseloom.adhoc import JumpTo, Reopen, Repeat, StartNow
from caseloom.adhoc.options import Options, Target
from caseloom.engine.results import Case
from caseloom.web import wording
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


def reopened(case: Case, possible: Options, typed: Typed) -> Mapping[str, Any]:
    return {"choices": possible.reopen}


def jump(typed: Typed) -> Any:
    return JumpTo(typed.target, reason=typed.reason, data=typed.values, missing=typed.left_open)


def start_now(typed: Typed) -> Any:
    return StartNow(typed.target, reason=typed.reason)


def repeat(typed: Typed) -> Any:
    return Repeat(typed.target, reason=typed.reason)


def reopen(typed: Typed) -> Any:
    return Reopen(reason=typed.reason, effects=typed.effects or None)


def jump_sentence(typed: Typed, possible: Options, case: Case) -> str:
    return f"All that lies before {_name(typed.target, possible.jump)} is left out."


def start_now_sentence(typed: Typed, possible: Options, case: Case) -> str:
    name = _name(typed.target, possible.start_now)
    return f"{name} is done now. When the case comes to it, what was done counts."


def repeat_sentence(typed: Typed, possible: Options, case: Case) -> str:
    return f"{_name(typed.target, possible.repeat)} is done once more, after the step that is open now."


def reopen_sentence(typed: Typed, possible: Options, case: Case) -> str:
    return "The case goes on where it ended."


def _name(id: str, targets: Iterable[Target]) -> str:
    return next((f"“{_said(one)}”" for one in targets if one.id == id), "The step")


def _said(target: Target) -> str:
    """Its name; where the drawing gives it none, its id as words."""
    return wording.label(target.name) if target.name == target.element_id else target.name
