"""The program: its commands, and what becomes of a refusal."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import click

from caseloom.engine.errors import CaseloomError, DiagramError
from caseloom.web.api.text import NotJson
from caseloom.web.cli import cases, changes, diagrams, doctor, output, people, serving, tasks
from caseloom.web.cli.opening import common

_PARTS = (serving, diagrams, cases, tasks, changes, people, doctor)


class Program(click.Group):
    """Commands in the order of the parts, and refusals as sentences."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

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


for part in _PARTS:
    for command in part.COMMANDS:
        caseloom.add_command(command)


def run(arguments: Sequence[str] | None) -> int:
    """The exit code."""
    colour = False if os.environ.get("NO_COLOR") else None
    try:
        caseloom.main(arguments, prog_name="caseloom", color=colour)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 1
    return 0
