"""The table of commands: every command by its class name, its keywords as the names of a JSON object.

{"command": "Complete", "task_id": "…", "data": {"approved": true}}
{"command": "Insert", "tasks": [{"name": "Ask A"}, {"name": "Ask B"}], "rule": "any", "after": "draft"}
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any, Literal, cast

from caseloom.adhoc import (
    AddItem,
    AddWait,
    Approve,
    Decide,
    Dismiss,
    Edit,
    Insert,
    JumpTo,
    Move,
    Plan,
    Reapply,
    Reject,
    ReleaseWait,
    Remove,
    RemoveDirective,
    RemoveItem,
    Reopen,
    Repeat,
    Replace,
    Replan,
    RequestApproval,
    Revisit,
    Skip,
    StartNow,
    Swap,
    Undo,
)
from caseloom.adhoc.insert import AtEnd, Rule
from caseloom.engine import (
    Assign,
    Cancel,
    Claim,
    Complete,
    CompleteSubProcess,
    Migrate,
    Resume,
    Retry,
    SaveDraft,
    SetData,
    StartActivity,
    Suspend,
    Tick,
    Unclaim,
)
from caseloom.engine.commands import Command
from caseloom.engine.errors import Invalid
from caseloom.web.api.shapes import record


@dataclass(frozen=True, slots=True)
class InsertMany:
    """Several tasks at one place: all or any of them, one after the other, or a number of them."""

    tasks: Sequence[Insert]
    _: KW_ONLY
    rule: Rule = "all"
    before: str | None = None
    after: str | None = None
    beside: str | None = None
    flow: str | None = None
    scope: str | None = None
    blocking: bool = True
    reason: str | None = None
    repeat: Literal["once", "every"] = "once"
    item: Any = None
    pause_timers: bool = False
    at_end: AtEnd | None = None


@dataclass(frozen=True, slots=True)
class ApprovalRequest:
    """Asks those who have to agree for `change`, which is a command as it would be sent by itself."""

    change: Mapping[str, Any]
    _: KW_ONLY
    reason: str | None = None


_MANY = "Insert.many"
_SHARED = (
    "before", "after", "beside", "flow", "scope", "blocking", "repeat", "item", "pause_timers", "at_end",
)  # fmt: skip

COMMANDS: Mapping[str, type] = {
    **{
        kind.__name__: kind
        for kind in (
            Claim, Unclaim, Assign, Complete, SaveDraft, SetData, Suspend, Resume, Cancel, Retry, Tick,
            StartActivity, CompleteSubProcess,
            Insert, Plan, Edit, Remove, Replan, Skip, Revisit, Undo, Decide, Migrate,
            RemoveDirective, JumpTo, StartNow, Repeat, Reopen, AddItem, RemoveItem, Move, Replace, Swap,
            AddWait, ReleaseWait, Reapply, Dismiss,
        )
    },
    _MANY: InsertMany,
    "RequestApproval": ApprovalRequest,
    "Approve": Approve,
    "Reject": Reject,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Order:
    """A command as it was sent; `preview` is the token of a preview that must still hold."""

    command: Command
    preview: str | None = None


def ordered(given: Any) -> Order:
    """The command that a JSON object stands for. Raises Invalid, naming what is unknown or missing."""
    if not isinstance(given, Mapping):
        raise Invalid("A command is an object, such as {“command”: “Claim”, “task_id”: “…”}.")
    keywords = dict(given)
    name, preview = keywords.pop("command", None), keywords.pop("preview", None)
    if name is None:
        raise Invalid("“command” is missing: name the command.")
    if not isinstance(name, str) or name not in COMMANDS:
        raise Invalid(f"There is no command “{name}”; there are {', '.join(COMMANDS)}.")
    if preview is not None and not isinstance(preview, str):
        raise Invalid("“preview” must be the token of a preview, which is text.")
    if name == "Insert" and "tasks" in keywords:
        name = _MANY
    return Order(_built(record(COMMANDS[name], keywords)), preview)


def _built(sent: Any) -> Command:
    if isinstance(sent, ApprovalRequest):
        return RequestApproval(ordered(sent.change).command, reason=sent.reason)
    if not isinstance(sent, InsertMany):
        return cast(Command, sent)
    shared = {name: getattr(sent, name) for name in _SHARED}
    return Insert.many(sent.tasks, rule=sent.rule, reason=sent.reason, **shared)
