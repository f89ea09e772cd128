"""The journal of a case as a story: who did what, when and why, and what changed in the case file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from caseloom.engine.results import Entry
from caseloom.web import wording
from caseloom.web.context import name_of, the_time
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
    "Skip": "{what} was skipped",
    "Revisit": "The case went back to {what}",
    "Undo": "A change was undone",
    "Decide": "The way was chosen at {what}",
}
_ICONS = {
    "Start": "play",
    "Complete": "check",
    "Claim": "person",
    "Unclaim": "people",
    "Assign": "person",
    "SetData": "pencil",
    "Suspend": "pause",
    "Resume": "play",
    "Cancel": "stop",
    "Retry": "revisit",
    "Insert": "insert",
    "Skip": "skip",
    "Revisit": "revisit",
    "Undo": "undo",
}
_WEFT = frozenset({"Insert", "Skip", "Revisit", "Undo", "Decide"})
_QUIET = frozenset({"SaveDraft"})
# The fact that says what a command was about.
_SUBJECTS = {
    "Complete": ("end",),
    "Skip": ("skip", "direct"),
    "Insert": ("insert",),
    "Claim": ("assign",),
    "Unclaim": ("assign",),
    "Assign": ("assign",),
    "Retry": ("retry", "incident", "start"),
    "Decide": ("pass",),
}
_MOVING = frozenset({"begin", "pass", "start", "end", "skip", "boundary", "done"})


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


def story(entries: Sequence[Entry]) -> list[Event]:
    """Newest first; what was only typed and not yet said is left out."""
    known: dict[str, Any] = {}
    events = []
    for entry in entries:
        writes = _writes(entry, known)
        if entry.command not in _QUIET:
            events.append(replace(_event(entry), writes=writes))
    return events[::-1]


def _event(entry: Entry) -> Event:
    return Event(
        what=_sentence(entry),
        who=name_of(entry.by),
        at=wording.moment(entry.at, the_time()),
        why=entry.reason or "",
        icon=_ICONS.get(entry.command, "clock"),
        tone="weft" if entry.command in _WEFT else "done" if entry.command == "Complete" else "plain",
        gone=_is_gone(entry),
        consequence=_consequence(entry),
        writes=(),
    )


def _sentence(entry: Entry) -> str:
    template = _SENTENCES.get(entry.command)
    if template is None:
        return wording.label(entry.command)
    names = _names(entry, _SUBJECTS.get(entry.command, ()))
    return template.format(what=wording.listed(names[:4]) or "a step")


def _names(entry: Entry, kinds: Sequence[str]) -> list[str]:
    names = [fact.get("name") for fact in entry.facts if fact.get("kind") in kinds]
    return list(dict.fromkeys(f"“{name}”" for name in names if name))


def _consequence(entry: Entry) -> str:
    opened = _names(entry, ("start",))
    ended = any(fact.get("kind") == "done" for fact in entry.facts)
    parts = [
        f"Then {wording.listed(opened[:5])} came up." if opened else "",
        "The case ended." if ended else "",
    ]
    return " ".join(part for part in parts if part)


def _is_gone(entry: Entry) -> bool:
    moving = [fact for fact in entry.facts if fact.get("kind") in _MOVING]
    return bool(moving) and not any(fact.get("effective", True) for fact in moving)


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
    text = (
        wording.text(content) if not isinstance(content, Mapping) else ", ".join(map(wording.label, content))
    )
    return text if len(text) <= 160 else f"{text[:157]}…"
