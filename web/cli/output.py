"""How the command line answers: tables for people, JSON for programs, remarks on the standard error."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import click

from caseloom.engine.errors import Finding, Severity
from caseloom.engine.results import Case, OccurrenceRef, Preview
from caseloom.web.api.answers import answer, plain, written
from caseloom.web.cli.opening import wants_json

_COLOURS = {"running": "green", "suspended": "yellow", "cancelled": "red"}


def say(sentence: str, colour: str | None = None) -> None:
    """A remark, not the answer."""
    click.secho(sentence, err=True, fg=colour)


def give(value: Any) -> bool:
    """Prints JSON where JSON is wanted; whether it was."""
    if wants_json():
        click.echo(written(answer(value)))
    return wants_json()


def table(headings: Sequence[str], rows: Iterable[Sequence[Any]], *, empty: str) -> None:
    """Columns as wide as what stands in them."""
    lines = [[cell(one) for one in row] for row in rows]
    if not lines:
        say(empty)
        return
    widths = [max(len(line[column]) for line in [headings, *lines]) for column in range(len(headings))]
    click.secho(_line(headings, widths), bold=True)
    for line in lines:
        click.echo(_line(line, widths))


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(one.ljust(width) for one, width in zip(cells, widths, strict=True)).rstrip()


def cell(value: Any) -> str:
    """One line, whatever it is; moments in the machine's own time zone."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value.astimezone():%Y-%m-%d %H:%M}"
    if isinstance(value, str):
        return " ".join(value.split())
    return written(plain(value))


def case(found: Case) -> None:
    """The case as it is now: one line, then what is open and what went wrong."""
    if give(found):
        return
    status = click.style(str(found.status), fg=_COLOURS.get(found.status))
    key = f" {found.business_key}" if found.business_key else ""
    click.echo(f"{found.key}{key}: {status}, revision {found.revision}, case {found.id}")
    for task in found.tasks:
        who = f" ({task.assignee})" if task.assignee else ""
        click.echo(f"  {task.id}  {task.name}{who}")
    for incident in found.incidents:
        click.secho(f"  {incident.id}  {incident.message}", fg="red")


def preview(found: Preview) -> None:
    """What would happen, in words."""
    if give(found):
        return
    if found.refusal is not None:
        say(f"It would be refused: {found.refusal}", colour="yellow")
        return
    for verb, refs in (
        ("would open", found.opened),
        ("would be withdrawn", found.withdrawn),
        ("would no longer count", found.superseded),
        ("would be restored", found.restored),
    ):
        for one in refs:
            click.echo(f"{verb:22} {_named(one)}")
    for effect in found.effects:
        click.echo(f"{'has left the house':22} {_named(effect.occurrence)}: {', '.join(effect.choices)}")
    if found.stale:
        click.echo(f"{'to be checked again':22} {', '.join(found.stale)}")
    say(f"Nothing has happened. To do just this: --expect {found.token}")


def _named(one: OccurrenceRef) -> str:
    item = f" [{cell(one.item)}]" if one.item is not None else ""
    return f"{one.name}{item}  {one.id}"


def findings(found: Sequence[Finding]) -> None:
    """Each with its file and line, as compilers do."""
    if give(list(found)):
        return
    for one in found:
        colour = "red" if one.severity is Severity.ERROR else "yellow"
        place = f"{one.file}:{one.line}" if one.line else one.file
        element = f" ({one.element_id})" if one.element_id else ""
        click.echo(
            f"{place}: {click.style(one.severity.value, fg=colour)}: {one.message}{element} [{one.code}]"
        )
