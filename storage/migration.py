"""Brings the tables up to this release, within one transaction, by the steps in `migrations/versions`."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection

from caseloom.storage.errors import NewerSchema

VERSION_TABLE = "caseloom_schema"
_STEPS = Path(__file__).resolve().parent / "migrations"
_LOCK = 7_024_660_317  # any number, as long as every release uses the same


def upgrade(connection: Connection) -> None:
    """Creates or upgrades the tables; `NewerSchema` where a later release made them."""
    if connection.dialect.name == "postgresql":
        # SQLite's own lock is held already, since the transaction is one that writes.
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")

    config = Config()
    config.set_main_option("script_location", str(_STEPS).replace("%", "%%"))
    config.attributes["connection"] = connection
    found = revision(connection)
    known = ScriptDirectory.from_config(config)
    if found is not None and not _knows(known, found):
        raise NewerSchema(found)
    if found != known.get_current_head():
        command.upgrade(config, "head")


def newest() -> str | None:
    """The step of this release."""
    config = Config()
    config.set_main_option("script_location", str(_STEPS).replace("%", "%%"))
    return ScriptDirectory.from_config(config).get_current_head()


def revision(connection: Connection) -> str | None:
    """The step at which the tables are; None where there are none yet."""
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    return context.get_current_revision()


def _knows(steps: ScriptDirectory, revision: str) -> bool:
    try:
        return steps.get_revision(revision) is not None
    except CommandError:
        return False
