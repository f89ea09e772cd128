"""Ad-hoc sub-processes from the shell: what can be started, starting it, and saying that one is done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from caseloom.engine import CompleteSubProcess, StartActivity
from caseloom.web.cli import output
from caseloom.web.cli.carrying import carry_out, carrying
from caseloom.web.cli.opening import acting, common, data, the_engine

_CASE = click.argument("case_id", metavar="CASE")


@click.command()
@_CASE
@acting
@common
def startable(case_id: str, by: str | None) -> None:
    """List what can be started in the open ad-hoc sub-processes of a case."""
    with the_engine(by=by) as engine:
        found = engine.startable(case_id, by=by)
    if output.give(found):
        return
    rows = [
        (scope.occurrence_id, scope.name, scope.item, one.element_id, one.name)
        for scope in found
        for one in scope.activities
    ]
    output.table(("SCOPE", "IN", "ITEM", "ELEMENT", "NAME"), rows, empty="Nothing can be started now.")


@click.command()
@_CASE
@click.argument("element", metavar="ELEMENT")
@click.option("--scope", metavar="SCOPE", help="In which ad-hoc sub-process, where several have it.")
@data
@carrying
def begin(case_id: str, element: str, scope: str | None, data: Mapping[str, Any] | None, **how: Any) -> None:
    """Start an activity of an ad-hoc sub-process; --data goes into the case file first."""
    carry_out(case_id, StartActivity(element, scope=scope, data=data or {}), **how)


@click.command()
@_CASE
@click.argument("target", metavar="TARGET")
@data
@carrying
def finish(case_id: str, target: str, data: Mapping[str, Any] | None, **how: Any) -> None:
    """Say that an ad-hoc sub-process is done; TARGET is its element, or its SCOPE of `startable`."""
    carry_out(case_id, CompleteSubProcess(target, data=data or {}), **how)


COMMANDS = (startable, begin, finish)
