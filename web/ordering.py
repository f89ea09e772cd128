"""What is rarely bent on the page of a case: items more and less, and a step that has to wait for another one.

What each asks for, the command that it becomes, and the sentence that says what it will do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from caseloom.adhoc import AddItem, AddWait, ReleaseWait, RemoveItem
from caseloom.adhoc.items import under_way
from caseloom.adhoc.options import Options, Pair, Target
from caseloom.engine.flow import items
from caseloom.engine.flow.tokens import Scope
from caseloom.engine.results import Case
from caseloom.web import forms, rows, wording
from caseloom.web.asking import Offer
from caseloom.web.commanding import Typed
from caseloom.web.context import the_engine, the_person


def one_more(case: Case, possible: Options, typed: Typed) -> Mapping[str, Any]:
    choices = [Offer(one.id, one.name, "", one.element_id) for one in possible.items]
    return {"question": "One more of which?", "choices": choices}


def one_less(case: Case, possible: Options, typed: Typed) -> Mapping[str, Any]:
    live = the_engine().look(case.id, by=the_person().id)
    choices = [offer for one in possible.items for offer in _items(one, under_way(live, one.id))]
    return {"question": "Which one?", "choices": choices}


def _items(target: Target, body: Scope) -> Iterator[Offer]:
    """The items that are not done, by their number; a number is meant by itself."""
    for number, item in enumerate(body.items or ()):
        if number in body.removed or items.is_done(body, number):
            continue
        meant = item if isinstance(item, int | float | Decimal) else number
        yield Offer(f"{target.id} {meant}", rows.item_text(item) or f"Number {number + 1}", target.name)


def waiting(case: Case, possible: Options, typed: Typed) -> Mapping[str, Any]:
    return {"question": "Which step waits?", "choices": _pairs(case, possible.wait, "waits for")}


def released(case: Case, possible: Options, typed: Typed) -> Mapping[str, Any]:
    choices = _pairs(case, possible.release, "does not wait for")
    return {"question": "Which step need not wait?", "choices": choices}


def _pairs(case: Case, pairs: Sequence[Pair], verb: str) -> list[Offer]:
    return [
        Offer(f"{pair.first} {pair.then}", f"{_said(case, pair.then)} {verb} {_said(case, pair.first)}")
        for pair in pairs
    ]


def _said(case: Case, element: str) -> str:
    return f"“{the_engine().look(case.id, by=the_person().id).node(element).label}”"


def add_item(typed: Typed) -> Any:
    value = forms.plain(typed.item) if typed.item else None
    return AddItem(typed.target, value, reason=typed.reason)


def remove_item(typed: Typed) -> Any:
    target, _, item = typed.target.partition(" ")
    return RemoveItem(target, forms.plain(item), reason=typed.reason)


def add_wait(typed: Typed) -> Any:
    first, _, then = typed.target.partition(" ")
    return AddWait(first, then, reason=typed.reason)


def release_wait(typed: Typed) -> Any:
    first, _, then = typed.target.partition(" ")
    return ReleaseWait(first, then, reason=typed.reason)


def add_item_sentence(typed: Typed, possible: Options, case: Case) -> str:
    name = next((f"“{one.name}”" for one in possible.items if one.id == typed.target), "The step")
    return f"{name} is done for one more" + (f": {wording.text(typed.item)}." if typed.item else ".")


def remove_item_sentence(typed: Typed, possible: Options, case: Case) -> str:
    chosen = next(
        (one for one in one_less(case, possible, typed)["choices"] if one.value == typed.target), None
    )
    return f"“{chosen.note}” is not done for {chosen.name}." if chosen else "The item is taken out."


def wait_sentence(typed: Typed, possible: Options, case: Case) -> str:
    first, _, then = typed.target.partition(" ")
    return f"{_said(case, then)} does not begin before {_said(case, first)} is done."


def release_sentence(typed: Typed, possible: Options, case: Case) -> str:
    first, _, then = typed.target.partition(" ")
    return f"{_said(case, then)} no longer waits for {_said(case, first)}."
