"""Expressions and decisions from the shell, by themselves: nothing is stored, no case is touched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from caseloom.engine import Engine
from caseloom.web import grounds, trying
from caseloom.web.api.answers import plain, written
from caseloom.web.cli import output
from caseloom.web.cli.opening import common, data, the_engine
from caseloom.web.grounds import Ground
from caseloom.web.trying import Ruling


@click.command()
@click.argument("expression")
@data
@common
def evaluate(expression: str, data: Mapping[str, Any] | None) -> None:
    """Compute a FEEL or ${…} expression on some data, and say why it is null where it is.

    It needs no database.
    """
    with Engine("sqlite://") as engine:
        found = trying.evaluate(engine, expression, data or {})
    if output.give(found):
        return
    click.echo(written(plain(found.value)))
    _say_why(found.reasons)


@click.command()
@click.argument("decision")
@data
@click.option("--version", type=int, help="Of the decision; else the newest.")
@common
def decision(decision: str, data: Mapping[str, Any] | None, version: int | None) -> None:
    """Take a deployed decision on some data, and say which rules matched and why the others did not."""
    with the_engine() as engine:
        found = trying.decide(engine, decision, data or {}, version)
    if output.give(found):
        return
    click.echo(written(plain(found.value)))
    for line in _grounds(found):
        output.say(line)
    _say_why(found.reasons)


def _grounds(found: Ruling) -> Iterator[str]:
    ground: Ground = grounds.of({"name": found.name, "explanation": found.explanation})
    for step in (*ground.before, *([ground.step] if ground.step else [])):
        for table in step.tables:
            for rule in table.matched:
                yield f"{step.name}: rule {rule.number} matched" + (f" ({rule.note})" if rule.note else "")
            for rule in table.others:
                yield f"{step.name}: rule {rule.number} did not: {rule.why}"


def _say_why(reasons: Sequence[str]) -> None:
    for reason in reasons:
        output.say(reason, colour="yellow")


COMMANDS = (evaluate, decision)
