"""Diagrams from the shell: check them, deploy them, list them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from caseloom.engine import Engine
from caseloom.engine.errors import DiagramError, Finding, Severity
from caseloom.web.cli import output
from caseloom.web.cli.opening import acting, common, given_url, the_engine

_FILES = click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))


@click.command()
@_FILES
@acting
@common
def deploy(files: Sequence[Path], by: str | None) -> None:
    """Store diagrams, tables, forms and bundles together, or none of them."""
    with the_engine(by=by, create=True) as engine:
        deployment = engine.deploy(*files, by=by)
    if output.give(deployment):
        return
    output.findings(deployment.findings)
    rows: list[tuple[object, ...]] = [
        (found.key, found.version, found.name, found.file) for found in deployment.definitions
    ]
    rows += [(decision, "", "decision", "") for decision in deployment.decisions]
    output.table(("KEY", "VERSION", "NAME", "FILE"), rows, empty="Stored; nothing in it starts by itself.")


@click.command()
@_FILES
@common
def check(files: Sequence[Path]) -> None:
    """Say what is wrong with diagrams; nothing is stored. Exit code 1 where there is an error.

    With a database, what is deployed there counts as known.
    """
    found = _examined(files)
    output.findings(found)
    errors = sum(one.severity is Severity.ERROR for one in found)
    if errors:
        output.say(f"{errors} of {len(found)} findings keep the files from being deployed.", colour="red")
        click.get_current_context().exit(1)
    output.say("The files can be deployed." + (" There are warnings." if found else ""), colour="green")


def _examined(files: Sequence[Path]) -> list[Finding]:
    try:
        if given_url() is not None:
            with the_engine() as engine:
                return engine.check(*files)
        with Engine("sqlite://") as engine:
            return engine.check(*files)
    except DiagramError as unreadable:
        return unreadable.findings


@click.command()
@click.argument("key", required=False)
@common
def definitions(key: str | None) -> None:
    """List what is deployed, all versions."""
    with the_engine() as engine:
        found = engine.definitions(key)
    if output.give(found):
        return
    rows = [(one.key, one.version, one.name, one.file, one.id) for one in found]
    output.table(("KEY", "VERSION", "NAME", "FILE", "ID"), rows, empty="Nothing is deployed.")


@click.command()
@click.argument("name", required=False)
@common
def stores(name: str | None) -> None:
    """Show the data stores that cases share, or one of them."""
    with the_engine() as engine:
        found = engine.stores() if name is None else [engine.store(name)]
    if output.give(found if name is None else found[0]):
        return
    rows = [(one.name, one.value, one.updated_at, one.case_id) for one in found]
    output.table(
        ("NAME", "VALUE", "WRITTEN", "BY CASE"), rows, empty="Nothing was written to a data store yet."
    )


COMMANDS = (deploy, check, definitions, stores)
