"""Alembic runs this for every upgrade; the connection and its transaction are the caller's."""

from alembic import context

from caseloom.storage.migration import VERSION_TABLE
from caseloom.storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    transactional_ddl=True,
)
context.run_migrations()
