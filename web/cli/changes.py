"""Work outside the diagram from the shell: insert, skip, revisit, undo, decide, each with a preview."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click

from caseloom.adhoc import Decide, Insert, Revisit, Skip, Undo
from caseloom.web.cli.carrying import carry_out, carrying
from caseloom.web.cli.opening import data, read_object

_CASE = click.argument("case_id", metavar="CASE")
_TARGET = click.argument("target")
_WHY = click.option("--reason", metavar="TEXT", required=True, help="Why; it stands in the journal.")
_ITEM = click.option("--item", metavar="VALUE", help="One of several at the same step, by value or index.")
_ANCHORS = ("before", "after", "beside", "flow", "scope")


@click.command()
@_CASE
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option("--before", metavar="TARGET", help="A task, an occurrence or an element.")
@click.option("--after", metavar="TARGET")
@click.option("--beside", metavar="TARGET")
@click.option("--flow", metavar="FLOW", help="On a flow.")
@click.option("--scope", metavar="TARGET", help="In a sub-process that is under way.")
@click.option("--free", is_flag=True, help="The case does not wait for it.")
@click.option("--every", is_flag=True, help="Every time the case comes to that place.")
@click.option(
    "--rule", default="all", help="With several: all, any, in-turn, or how many.", show_default=True
)
@click.option("--assignee", metavar="USER")
@click.option("--group", "groups", multiple=True, metavar="GROUP")
@click.option("--due", metavar="WHEN", help="A date, a date and time, or a duration such as P3D.")
@click.option("--goal", metavar="TEXT")
@click.option("--form", callback=read_object, metavar="JSON", help="A form-js schema; @FILE reads a file.")
@data
@click.option("--reason", metavar="TEXT", help="Why; it stands in the journal.")
@carrying
def insert(case_id: str, names: Sequence[str], **given: Any) -> None:
    """Add tasks that the diagram does not have; without a place, to the case as a whole."""
    how = _how(given)
    place = {
        **{name: given[name] for name in _ANCHORS},
        "blocking": not given["free"],
        "repeat": "every" if given["every"] else "once",
        "reason": given["reason"],
    }
    own = {name: given[name] for name in ("assignee", "groups", "due", "goal", "form", "data")}
    if len(names) == 1:
        carry_out(case_id, Insert(names[0], **own, **place), **how)
        return
    rule = int(given["rule"]) if given["rule"].isdecimal() else given["rule"]
    carry_out(case_id, Insert.many([Insert(name, **own) for name in names], rule=rule, **place), **how)


@click.command()
@_CASE
@_TARGET
@_WHY
@data
@click.option("--when", type=click.Choice(["now", "next", "every"]), default="now", show_default=True)
@_ITEM
@carrying
def skip(
    case_id: str,
    target: str,
    reason: str,
    data: Mapping[str, Any] | None,
    when: Any,
    item: str | None,
    **how: Any,
) -> None:
    """Go on as if a step had been done; --data stands in for what it would have written."""
    carry_out(case_id, Skip(target, reason=reason, data=data, when=when, item=_item(item)), **how)


@click.command()
@_CASE
@_TARGET
@_WHY
@click.option(
    "--policy",
    type=click.Choice(["keep", "revert", "clear"]),
    help="What becomes of values written by what no longer counts; else what the diagram says, or keep.",
)
@click.option("--also", multiple=True, metavar="TARGET", help="A further step to do again; may be repeated.")
@click.option(
    "--timers",
    type=click.Choice(["restart", "resume", "absolute"]),
    default="restart",
    show_default=True,
    help="When what is done again is due.",
)
@click.option("--extend", metavar="DURATION", help="More time, such as P3D, for what comes back too late.")
@click.option("--messages", type=click.Choice(["await", "reuse"]), help="Of messages received since then.")
@click.option("--reuse", type=click.Choice(["manual", "unchanged", "never"]), help="Of earlier answers.")
@click.option(
    "--effect",
    "effects",
    multiple=True,
    metavar="ID=CHOICE",
    help="What to do about something that has left the house: note, correct or keep.",
)
@_ITEM
@carrying
def revisit(
    case_id: str,
    target: str,
    reason: str,
    policy: Any,
    reuse: Any,
    effects: Sequence[str],
    item: str | None,
    also: Sequence[str],
    timers: Any,
    extend: str | None,
    messages: str | None,
    **how: Any,
) -> None:
    """Do a step again: it and all that came of it no longer counts."""
    command = Revisit(
        target,
        reason=reason,
        data_policy=policy,
        reuse=reuse,
        effects=_effects(effects),
        item=_item(item),
        also=also,
        timers=timers,
        extend=extend,
        messages=messages,
    )
    carry_out(case_id, command, **how)


@click.command()
@_CASE
@click.argument("change")
@click.option("--reason", metavar="TEXT")
@carrying
def undo(case_id: str, change: str, reason: str | None, **how: Any) -> None:
    """Take one change back; “caseloom history” and “caseloom options” name them."""
    carry_out(case_id, Undo(change, reason=reason), **how)


@click.command()
@_CASE
@click.argument("gateway")
@click.argument("flows", nargs=-1, required=True, metavar="FLOW...")
@_WHY
@carrying
def decide(case_id: str, gateway: str, flows: Sequence[str], reason: str, **how: Any) -> None:
    """Send the token that waits at a gateway on along these flows."""
    carry_out(case_id, Decide(gateway, list(flows), reason=reason), **how)


def _how(given: dict[str, Any]) -> dict[str, Any]:
    return {name: given[name] for name in ("by", "preview", "expect", "revision", "request_id")}


def _item(text: str | None) -> Any:
    """A whole number is an index (or such a value), all else is text."""
    return int(text) if text is not None and text.isascii() and text.isdecimal() else text


def _effects(pairs: Sequence[str]) -> dict[str, str] | None:
    for pair in pairs:
        if "=" not in pair:
            raise click.UsageError(f"“{pair}”: write --effect ID=note, ID=correct or ID=keep.")
    return dict(pair.split("=", 1) for pair in pairs) or None


COMMANDS = (insert, skip, revisit, undo, decide)
