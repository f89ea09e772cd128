"""The program: its commands, and what becomes of a refusal."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version
from typing import Any

import click

from caseloom.engine.errors import CaseloomError, DiagramError
from caseloom.web.api.text import NotJson
from caseloom.web.cli import output
from caseloom.web.cli.opening import common

# Each module with its commands, in the order of the help. A module is loaded when one of its commands is wanted.
_HOMES = {
    "serving": ("demo", "serve", "worker"),
    "diagrams": ("deploy", "check", "definitions", "stores"),
    "cases": (
        "start", "case", "cases", "history", "options", "set-data", "suspend", "resume", "cancel", "retry",
        "message", "signal", "conditions",
    ),
    "tasks": ("tasks", "claim", "unclaim", "assign", "complete"),
    "choosing": ("startable", "begin", "finish"),
    "changes": ("insert", "skip", "revisit", "undo", "decide"),
    "migrations": ("migrate", "migrate-all"),
    "trying": ("evaluate", "decision"),
    "people": ("user", "token", "revoke"),
    "doctor": ("doctor",),
}  # fmt: skip


class Program(click.Group):
    """Commands that are loaded when they are wanted, and refusals as sentences."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for names in _HOMES.values() for name in names]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        for home, names in _HOMES.items():
            if name in names:
                found = import_module(f"caseloom.web.cli.{home}").COMMANDS
                wanted: click.Command = next(command for command in found if command.name == name)
                return wanted
        return None

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except DiagramError as refusal:
            output.findings(refusal.findings)
            _refused(refusal, ctx)
        except CaseloomError as refusal:
            _refused(refusal, ctx)


def _refused(refusal: CaseloomError, ctx: click.Context) -> None:
    output.say(f"Refused: {refusal}", colour="red")
    ctx.exit(2 if isinstance(refusal, NotJson) else 1)


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(version("caseloom"), prog_name="caseloom")
@common
def caseloom() -> None:
    """Cases that follow a drawn process, and work outside the drawing."""


def run(arguments: Sequence[str] | None) -> int:
    """The exit code."""
    colour = False if os.environ.get("NO_COLOR") else None
    try:
        caseloom.main(arguments, prog_name="caseloom", color=colour)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 1
    return 0
