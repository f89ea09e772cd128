"""Another version of a process for running cases, from the shell: one case, or all of them."""

from __future__ import annotations

from collections.abc import Sequence

import click

from caseloom.engine import Migrate
from caseloom.engine.results import Migrated
from caseloom.web.cli import output
from caseloom.web.cli.carrying import carry_out, carrying
from caseloom.web.cli.opening import acting, common, the_engine

_TO = click.option("--to", "version", type=click.IntRange(1), required=True, help="The version to go to.")
_MAP = click.option(
    "--map",
    "pairs",
    multiple=True,
    metavar="OLD=NEW",
    help="An element whose id has changed; OLD= gives up what was ordered there.",
)
_REASON = click.option("--reason", metavar="TEXT", help="Why; it stands in the journal.")


@click.command()
@click.argument("case_id", metavar="CASE")
@_TO
@_MAP
@_REASON
@carrying
def migrate(case_id: str, version: int, pairs: Sequence[str], reason: str | None, **how: object) -> None:
    """Put one running case on another version of its process."""
    carry_out(case_id, Migrate(version, mapping=_mapping(pairs), reason=reason), **how)  # type: ignore[arg-type]


@click.command("migrate-all")
@click.argument("key")
@_TO
@click.option("--from", "from_version", type=click.IntRange(1), help="Only cases of this version.")
@_MAP
@_REASON
@click.option("--preview", is_flag=True, help="Only say what would become of each case.")
@acting
@common
def migrate_all(
    key: str,
    version: int,
    from_version: int | None,
    pairs: Sequence[str],
    reason: str | None,
    preview: bool,
    by: str | None,
) -> None:
    """Put the running cases of a process on another version. Exit code 1 where one does not fit and stays."""
    with the_engine(by=by) as engine:
        way = engine.preview_migrate_all if preview else engine.migrate_all
        found = way(key, version, from_version=from_version, mapping=_mapping(pairs), by=by, reason=reason)
    _told(found, preview)
    if any(one.refusal for one in found):
        click.get_current_context().exit(1)


def _told(found: Sequence[Migrated], preview: bool) -> None:
    if output.give(list(found)):
        return
    moved = "would go" if preview else "went"
    rows = [(one.case_id, one.refusal or moved, one.change_id) for one in found]
    output.table(("CASE", "RESULT", "CHANGE"), rows, empty="There is no case to migrate.")


def _mapping(pairs: Sequence[str]) -> dict[str, str | None] | None:
    for pair in pairs:
        if "=" not in pair:
            raise click.UsageError(f"“{pair}”: write --map OLD=NEW, or OLD= for no counterpart.")
    parted = [pair.partition("=") for pair in pairs]
    return {old: new or None for old, _, new in parted} or None


COMMANDS = (migrate, migrate_all)
