"""The inbox from the shell: list tasks, take them, do them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import click

from caseloom.engine import Assign, Claim, Complete, Unclaim
from caseloom.engine.ids import case_of
from caseloom.web.cli import output
from caseloom.web.cli.carrying import carry_out, carrying
from caseloom.web.cli.opening import common, data, the_engine

_TASK = click.argument("task_id", metavar="TASK")


@click.command()
@click.option("--for", "for_user", metavar="USER", help="What this person has or may claim.")
@click.option("--group", "groups", multiple=True, metavar="GROUP", help="Offered to this group, or to any.")
@click.option("--assignee", metavar="USER")
@click.option("--unassigned", is_flag=True, help="Nobody has it.")
@click.option("--case", "case_id", metavar="CASE")
@click.option("--key", help="Of one process.")
@click.option("--name", metavar="TEXT", help="The whole name.")
@click.option("--search", "q", metavar="TEXT", help="A piece of the name.")
@click.option("--due-before", type=click.DateTime(), help="In the machine's own time zone.")
@click.option("--held", is_flag=True, help="Also what inserted work holds back.")
@click.option("--order", type=click.Choice(["created", "due", "priority", "name"]), default="created")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True)
@click.option("--after", metavar="TASK", help="The last task of the page before.")
@common
def tasks(
    groups: Sequence[str],
    unassigned: bool,
    due_before: datetime | None,
    for_user: str | None,
    **wanted: Any,
) -> None:
    """List open tasks, oldest first."""
    with the_engine(by=for_user) as engine:
        found = engine.tasks(
            for_user=for_user,
            groups=list(groups) or None,
            unassigned=True if unassigned else None,
            due_before=due_before.astimezone() if due_before else None,
            **wanted,
        )
    if output.give(found):
        return
    rows = [
        (
            one.id, one.name, one.business_key or one.key, one.assignee or ", ".join(one.candidate_groups),
            one.due_at,
        )
        for one in found
    ]  # fmt: skip
    output.table(("TASK", "NAME", "CASE", "WHO", "DUE"), rows, empty="There is nothing to do.")


@click.command()
@_TASK
@carrying
def claim(task_id: str, **how: Any) -> None:
    """Take a task on; --by says for whom."""
    carry_out(case_of(task_id), Claim(task_id), **how)


@click.command()
@_TASK
@carrying
def unclaim(task_id: str, **how: Any) -> None:
    """Give a task back to its candidates."""
    carry_out(case_of(task_id), Unclaim(task_id), **how)


@click.command()
@_TASK
@click.argument("user")
@carrying
def assign(task_id: str, user: str, **how: Any) -> None:
    """Give a task to somebody."""
    carry_out(case_of(task_id), Assign(task_id, user), **how)


@click.command()
@_TASK
@data
@carrying
def complete(task_id: str, data: Mapping[str, Any] | None, **how: Any) -> None:
    """Say that a task is done; --data goes into the case file."""
    carry_out(case_of(task_id), Complete(task_id, data=data or {}), **how)


COMMANDS = (tasks, claim, unclaim, assign, complete)
