"""The forms of the changes: which choices they offer, in words for those who have never seen a token."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from caseloom.adhoc.options import Anchor, Change, Options, Request, Target
from caseloom.engine.results import Case, Occurrence, Status
from caseloom.web import correcting, rows, wording
from caseloom.web.commanding import Typed
from caseloom.web.context import name_of, the_engine, the_people, the_person
from caseloom.web.finding import may_manage, ways_of
from caseloom.web.inbox import Choice

_PLACES = {
    "before": ("Before a step", "Before {name}"),
    "after": ("After a step", "After {name}"),
    "beside": ("At the same time as a step", "Beside {name}"),
    "flow": ("On a line of the drawing", "On {name}"),
    "scope": ("In a part of the case", "In {name}"),
    "case": ("The case as a whole", "Anywhere, before the case ends"),
}
_RULES = {
    "": "All of them must be done",
    "any": "One of them is enough",
    "in-turn": "One after the other",
}
_MOMENTS = {"once": "This time only", "every": "Every time the case comes to it"}
_POLICIES = {
    "keep": "Stays filled in, to be checked again",
    "revert": "Goes back to what it was before",
    "clear": "Is emptied",
}
_REUSES = {
    "": "As this kind of case usually does it",
    "manual": "Are filled in with the earlier answers, to be confirmed",
    "unchanged": "Are done by themselves where nothing has changed",
    "never": "Start empty",
}
_TIMERS = {
    "": "Start anew",
    "resume": "Go on with what was left of their time",
    "absolute": "Stay as they were",
}
_MESSAGES = {
    "": "Are waited for again",
    "reuse": "Are taken as they were received",
}
_CHANGES = {
    "Insert": "Inserted work",
    "Plan": "Wrote a plan",
    "Replan": "Changed the plan",
    "Edit": "Changed inserted work",
    "Remove": "Took inserted work out",
    "RequestApproval": "Asked for approval",
    "Approve": "Approved a change",
    "Skip": "Skipped",
    "Revisit": "Went back",
    "Decide": "Chose a way",
    "Undo": "Undid",
    "Migrate": "Moved to another version",
}


MOVED_TO = ("before", "after", "beside")


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing to choose; `element` is where it stands on the drawing."""

    value: str
    name: str
    note: str = ""
    element: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    choices: Sequence[Offer]


@dataclass(frozen=True, slots=True)
class Place:
    """A gateway that waits, with its ways; `several` where more than one may be taken."""

    name: str
    several: bool
    ways: Sequence[Offer]


@dataclass(frozen=True, slots=True)
class Named:
    id: str
    name: str


def insert(case: Case, possible: Options, typed: Typed) -> Mapping[str, Any]:
    anchors = _anchors(possible.insert)
    return {
        "choices": anchors,
        "anchors": anchors,
        **whose(),
        "rules": [Choice(key, name) for key, name in _RULES.items()],
        "templates": [template.name for template in the_engine().templates()],
        "processes": [
            Named(one.key, one.name or one.key) for one in rows.latest_definitions() if one.key != case.key
        ],
    }


def whose() -> Mapping[str, Any]:
    """The people and groups that work may be given to."""
    people = the_people().all()
    groups = sorted({group for person in people for group in person.groups})
    return {"people": people, "groups": [Named(group, wording.label(group)) for group in groups]}


def beside_steps(possible: Options) -> list[Group]:
    """The places that a step can be moved to: before, after or beside another one."""
    return _anchors([anchor for anchor in possible.insert if anchor.kind in MOVED_TO])


def skip(case: Case, possible: Options, typed: Typed) -> Mapping[str, Any]:
    offers = _targets(possible.skip, case)
    return {
        "question": "Which step?",
        "choices": [
            *(_skippable(target, offer) for target, offer in zip(possible.skip, offers, strict=True)),
            *(_skippable(one, offer) for one, offer in _requests("Skip", possible)),
        ],
        "moments": [Choice(key, name) for key, name in _MOMENTS.items()],
    }


def revisit(case: Case, possible: Options, typed: Typed) -> Mapping[str, Any]:
    return {
        "question": "Back to which step?",
        "choices": [
            *_targets(possible.revisit, case),
            *(offer for _, offer in _requests("Revisit", possible)),
        ],
        "policies": [Choice(key, name) for key, name in _POLICIES.items()],
        "reuses": [Choice(key, name) for key, name in _REUSES.items()],
        "usual": the_engine().look(case.id).instance.model.data_policy or "keep",
        "timings": [Choice(key, name) for key, name in _TIMERS.items()],
        "hearings": [Choice(key, name) for key, name in _MESSAGES.items()],
    }


def undo(case: Case, possible: Options, typed: Typed) -> Mapping[str, Any]:
    return {"question": "Which change?", "choices": [_change(change) for change in possible.undo]}


def finish(case: Case, possible: Options, typed: Typed) -> Mapping[str, Any]:
    open_ones = the_engine().startable(case.id, by=the_person().id)
    offers = [
        Offer(one.occurrence_id, one.name, rows.item_text(one.item), one.element_id)
        for one in open_ones
        if one.completable
    ]
    return {"question": "What is done?", "choices": offers}


def decide(case: Case, possible: Options, typed: Typed) -> Mapping[str, Any]:
    return {"choices": [_place(target, case) for target in possible.decide], "chosen": typed.chosen_ways}


def _place(target: Target, case: Case) -> Place:
    ways, several = ways_of(case.id, target.id)
    named = target.name != target.id
    return Place(
        f"Where from “{target.name}”?" if named else "Which way?",
        several,
        [Offer(f"{target.id}:{way.flow}", wording.label(way.name), "", way.leads_to) for way in ways],
    )


def correct(case: Case, possible: Options, typed: Typed) -> Mapping[str, Any]:
    """The value is shown anew when another name is chosen; what was typed for this one stays."""
    if case.ended_at is not None:
        return {"choices": []}
    wanted = typed.name if "name" in typed.sent else next(iter(case.data), "")
    name = wanted if wanted in case.data else ""
    content = case.data.get(name)
    manner = correcting.manner_of(content)
    kept = typed.manner == manner and typed.shown == name and "value" in typed.sent
    control = correcting.retyped(manner, typed.sent) if kept else correcting.control(manner, content)
    return {
        "choices": [Choice(key, wording.label(key), key == name) for key in case.data] or [_NOTHING_YET],
        "variable": name,
        "manner": manner,
        "shown": control,
    }


_NOTHING_YET = Choice("", "Something new", True)


def whole_case(*states: Status) -> Callable[[Case, Options, Typed], Mapping[str, Any]]:
    """What concerns the case as a whole, in one of these states, is for case managers."""

    def ask(case: Case, possible: Options, typed: Typed) -> Mapping[str, Any]:
        return {"choices": case.status in states and may_manage(case.id)}

    return ask


def elements_of(case: Case) -> Mapping[str, str | None]:
    """Where an occurrence stands on the drawing."""
    return {seen.id: seen.element_id for seen in case.occurrences}


def _anchors(anchors: Sequence[Anchor]) -> list[Group]:
    groups: dict[str, list[Offer]] = {}
    for anchor in filter(_has_a_name, anchors):
        title, words = _PLACES.get(anchor.kind, (wording.label(anchor.kind), "{name}"))
        # Only one option can follow a click on the drawing: the one before the step.
        element = anchor.element_id if anchor.kind == "before" else None
        offer = Offer(
            f"{anchor.kind}:{anchor.id or ''}", words.format(name=_quoted(anchor.name)), "", element
        )
        groups.setdefault(title, []).append(offer)
    return [Group(title, offers) for title, offers in groups.items()]


def _has_a_name(anchor: Anchor) -> bool:
    """Gateways without a name, and the lines between, mean nothing to a reader; what stands beside them does."""
    return anchor.name != anchor.id and "→" not in anchor.name


def _quoted(name: str) -> str:
    return f"“{name}”" if name else "it"


def _targets(targets: Sequence[Target], case: Case) -> list[Offer]:
    seen = {occurrence.id: occurrence for occurrence in case.occurrences}
    return [
        Offer(target.id, _target_name(target), _note(seen.get(target.occurrence_id or "")), target.element_id)
        for target in targets
    ]


def _requests(command: str, possible: Options) -> Iterator[tuple[Request, Offer]]:
    """What somebody else has to agree to."""
    for one in possible.request:
        if one.command == command:
            yield one, Offer(one.id, _target_name(one), "others have to agree", one.element_id)


def _skippable(target: Target | Request, offer: Offer) -> Offer:
    moment = "now" if target.occurrence_id else "next"
    return replace(offer, value=f"{moment}:{target.id}")


def _target_name(target: Target | Request) -> str:
    item = rows.item_text(target.item)
    return f"{target.name} ({item})" if item else target.name


def _note(seen: Occurrence | None) -> str:
    if seen is None:
        return "not reached yet"
    number = f"round {seen.number}, " if seen.number > 1 else ""
    if seen.ended_at is None:
        return f"{number}open since {rows.at_once(seen.started_at).text}"
    by = f" by {name_of(seen.by)}" if seen.by else ""
    return f"{number}done{by}, {rows.at_once(seen.ended_at).text}"


def _change(change: Change) -> Offer:
    who = f" by {name_of(change.by)}" if change.by else ""
    note = f"{rows.at_once(change.at).text}{who}" + (f": {change.reason}" if change.reason else "")
    return Offer(change.id, _CHANGES.get(change.command, wording.label(change.command)), note)
