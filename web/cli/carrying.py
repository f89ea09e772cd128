"""Commands of the engine from the shell: the options that all of them share, and how one is carried out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from caseloom.engine.commands import Command
from caseloom.web.cli import output
from caseloom.web.cli.opening import acting, common, the_engine

F = TypeVar("F", bound=Callable[..., Any])

_SHARED = (
    acting,
    click.option("--preview", is_flag=True, help="Only say what would happen."),
    click.option(
        "--expect", metavar="TOKEN", help="Of a preview: refuse where something else would happen now."
    ),
    click.option(
        "--revision", type=click.IntRange(0), help="Refuse where the case is at another revision now."
    ),
    click.option("--request-id", metavar="ID", help="The same id twice is one effect."),
    common,
)


def carrying(command: F) -> F:
    """The options of a command that changes a case."""
    for option in reversed(_SHARED):
        command = option(command)
    return command


def carry_out(
    case_id: str,
    command: Command,
    *,
    by: str | None,
    preview: bool,
    expect: str | None,
    revision: int | None,
    request_id: str | None,
) -> None:
    """Does it, or says what it would do; a preview that is refused has exit code 1."""
    with the_engine(by=by) as engine:
        if not preview:
            output.case(
                engine.do(
                    case_id,
                    command,
                    by=by,
                    expect_revision=revision,
                    request_id=request_id,
                    preview=expect,
                )
            )
            return
        found = engine.preview(case_id, command, by=by)
    output.preview(found)
    if found.refusal is not None:
        click.get_current_context().exit(1)
