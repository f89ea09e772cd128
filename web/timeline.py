"""The journal of a case as a story: who did what, when and why, and what changed in the case file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from caseloom.engine.results import Entry
from caseloom.web import grounds, wording
from caseloom.web.context import name_of, the_time
from caseloom.web.grounds import Ground
from caseloom.web.wording import Moment

# How a command reads; {what} is the step it was about.
_SENTENCES = {
    "Start": "The case was started",
    "Claim": "{what} was taken up",
    "Unclaim": "{what} was given back",
    "Assign": "{what} was handed over",
    "Complete": "{what} was completed",
    "SetData": "The case file was changed",
    "Suspend": "The case was paused",
    "Resume": "The case was resumed",
    "Cancel": "The case was cancelled",
    "Retry": "{what} was tried again",
    "Insert": "{what} was inserted",
    "Plan": "A plan was written: {what}",
    "Replan": "The plan was changed",
    "Edit": "{what} was changed",
    "Remove": "{what} was taken out",
    "Tick": "A checklist was ticked",
    "RequestApproval": "An approval was asked for",
    "Approve": "A change was approved",
    "Reject": "A change was not approved",
    "Skip": "{what} was skipped",
    "RemoveDirective": "{what} is to be done after all",
    "JumpTo": "The case went ahead to {what}",
    "StartNow": "{what} was started ahead of its turn",
    "Repeat": "{what} is to be done again",
    "Reopen": "The case was reopened",
    "AddItem": "An item was added to {what}",
    "RemoveItem": "An item was taken out of {what}",
    "Move": "{what} was moved",
    "Replace": "{what} was replaced",
    "Swap": "{what} changed places",
    "AddWait": "{what} has to wait",
    "ReleaseWait": "{what} no longer waits",
    "Revisit": "The case went back to {what}",
    "Undo": "A change was undone",
    "Decide": "The way was chosen at {what}",
    "Migrate": "The case went to another version of its drawing",
    "CompleteJob": "{what} was done by a service",
    "ThrowError": "{what} ended with an error",
    "FailJob": "{what} failed",
    "StartActivity": "{what} was started",
    "CompleteSubProcess": "{what} was said to be done",
    "FireTimer": "The time of {what} had come",
    "Receive": "{what} was received",
    "Reapply": "A message from the tray reached {what}",
    "Dismiss": "A message was put away",
    "LayAside": "A message came for something that no longer waits",
}
_ICONS = {
    "Start": "play",
    "Complete": "check",
    "StartActivity": "play",
    "CompleteSubProcess": "check",
    "Claim": "person",
    "Unclaim": "people",
    "Assign": "person",
    "SetData": "pencil",
    "Suspend": "pause",
    "Resume": "play",
    "Cancel": "stop",
    "Retry": "revisit",
    "Insert": "insert",
    "Plan": "insert",
    "Replan": "pencil",
    "Edit": "pencil",
    "Remove": "close",
    "Tick": "check",
    "RequestApproval": "people",
    "Approve": "check",
    "Reject": "close",
    "Skip": "skip",
    "Revisit": "revisit",
    "Undo": "undo",
    "Migrate": "revisit",
    "CompleteJob": "check",
    "ThrowError": "warning",
    "FailJob": "warning",
    "Receive": "inbox",
}
_WEFT = frozenset(
    {
        "Insert",
        "Plan",
        "Replan",
        "Edit",
        "Remove",
        "RequestApproval",
        "Approve",
        "Reject",
        "Skip",
        "RemoveDirective",
        "JumpTo",
        "StartNow",
        "Repeat",
        "Reopen",
        "AddItem",
        "RemoveItem",
        "Move",
        "Replace",
        "Swap",
        "AddWait",
        "ReleaseWait",
        "Revisit",
        "Undo",
        "Decide",
        "Migrate",
    }
)
_QUIET = frozenset({"SaveDraft"})
# The facts that say what a command was about.
_SUBJECTS = {
    "Complete": ("end", "closing"),
    "StartActivity": ("select",),
    "CompleteSubProcess": ("end", "closing"),
    "Skip": ("skip", "direct"),
    "Claim": ("assign",),
    "Unclaim": ("assign",),
    "Assign": ("assign",),
    "Retry": ("retry",),
    "RemoveDirective": ("lift",),
    "JumpTo": ("jump",),
    "StartNow": ("direct",),
    "AddItem": ("item",),
    "RemoveItem": ("item",),
    "Move": ("direct", "skip"),
    "Replace": ("direct", "skip"),
    "Swap": ("direct", "skip"),
    "AddWait": ("wait",),
    "ReleaseWait": ("release",),
    "Revisit": ("revisit",),
    "Decide": ("pass",),
    "CompleteJob": ("end",),
    "ThrowError": ("boundary", "end"),
    "FailJob": ("incident",),
    "FireTimer": ("boundary", "end", "pass"),
    "Receive": ("boundary", "end", "pass"),
    "Reapply": ("boundary", "end", "pass"),
}
_COUNTING = frozenset(
    {"select", "begin", "pass", "start", "end", "skip", "boundary", "done", "insert", "direct", "revisit"}
)
_DONE = frozenset({"Complete", "CompleteSubProcess", "CompleteJob"})
# Commands about one step, whose other facts are what came of it.
_ONE = frozenset(
    {
        "Complete",
        "StartActivity",
        "CompleteSubProcess",
        "CompleteJob",
        "ThrowError",
        "FireTimer",
        "Receive",
        "Decide",
        "Revisit",
    }
)


@dataclass(frozen=True, slots=True)
class Write:
    name: str
    text: str
    was: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One moment of the story, ready to print."""

    what: str
    who: str
    at: Moment
    why: str
    icon: str
    tone: str
    gone: bool
    consequence: str
    writes: Sequence[Write]
    grounds: Sequence[Ground]


def story(entries: Sequence[Entry]) -> list[Event]:
    """Newest first; what was only typed and not yet said is left out."""
    known: dict[str, Any] = {}
    names = _names_of_occurrences(entries)
    events = []
    for entry in entries:
        writes = _writes(entry, known)
        if entry.command not in _QUIET:
            events.append(_event(entry, names, writes))
    return events[::-1]


def _names_of_occurrences(entries: Sequence[Entry]) -> Mapping[str, str]:
    return {
        fact["occurrence_id"]: fact["name"]
        for entry in entries
        for fact in entry.facts
        if fact["kind"] in ("start", "pass", "boundary") and fact["occurrence_id"] and fact["name"]
    }


def _event(entry: Entry, names: Mapping[str, str], writes: Sequence[Write]) -> Event:
    return Event(
        what=_sentence(entry, names) + (" past the rights of the drawing" if _broke_glass(entry) else ""),
        who=name_of(entry.by),
        at=wording.moment(entry.at, the_time()),
        why=entry.reason or "",
        icon=_ICONS.get(entry.command, "clock"),
        tone="weft" if entry.command in _WEFT else "done" if entry.command in _DONE else "plain",
        gone=_is_gone(entry),
        consequence=_consequence(entry, names),
        writes=writes,
        grounds=[grounds.of(fact["decision"]) for fact in entry.facts if "decision" in fact],
    )


def _broke_glass(entry: Entry) -> bool:
    """Did somebody who may in an emergency do what the diagram does not let them?"""
    return any(fact["kind"] == "override" for fact in entry.facts)


def _sentence(entry: Entry, names: Mapping[str, str]) -> str:
    template = _SENTENCES.get(entry.command)
    if template is None:
        return wording.label(entry.command)
    return template.format(what=wording.listed(_subject(entry, names)[:4]) or "a step")


def _subject(entry: Entry, names: Mapping[str, str]) -> list[str]:
    if entry.command in ("Insert", "Plan", "Repeat", "Edit", "Remove"):
        return [f"“{work}”" for fact in entry.facts for work in fact.get("works", ())]
    return _named(entry, _SUBJECTS.get(entry.command, ()), names)[: 1 if entry.command in _ONE else None]


def _named(entry: Entry, kinds: Sequence[str], names: Mapping[str, str]) -> list[str]:
    found = [
        fact["name"] or names.get(fact["occurrence_id"] or "")
        for fact in entry.facts
        if fact["kind"] in kinds
    ]
    return list(dict.fromkeys(f"“{name}”" for name in found if name))


def _consequence(entry: Entry, names: Mapping[str, str]) -> str:
    """What came up because of it. An inserted task that came up at once says nothing new."""
    opened = [name for name in _named(entry, ("start",), names) if name not in _subject(entry, names)]
    ended = any(fact["kind"] == "done" for fact in entry.facts)
    came = f"Then {wording.listed(opened[:5])} came up." if opened else ""
    return " ".join(part for part in (came, *_unconfirmed(entry), "The case ended." if ended else "") if part)


def _unconfirmed(entry: Entry) -> list[str]:
    """Decisions that rest on what nobody has confirmed since the case went back."""
    names = [name for fact in entry.facts for name in fact.get("unconfirmed", ())]
    told = wording.listed([wording.label(name) for name in dict.fromkeys(names)])
    return [f"Its way was decided on unconfirmed data: {told}."] if names else []


def _is_gone(entry: Entry) -> bool:
    counting = [fact for fact in entry.facts if fact["kind"] in _COUNTING]
    return bool(counting) and not any(fact["effective"] for fact in counting)


def _writes(entry: Entry, known: dict[str, Any]) -> list[Write]:
    writes = []
    for fact in entry.facts:
        written: Mapping[str, Any] = fact.get("writes") or {}
        for name, content in written.items():
            before = known.get(name)
            known[name] = content
            if before == content:
                continue
            was = "" if before is None else wording.text(before)
            writes.append(Write(wording.label(name), _short(content), was))
    return writes


def _short(content: Any) -> str:
    text = wording.text(content)
    return text if len(text) <= 160 else f"{text[:157]}…"
