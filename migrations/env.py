"""Runs migrations on the connection that nexus.adapters.sql.migrations opened."""

from alembic import context

import nexus.adapters.sql.answers
import nexus.adapters.sql.work  # noqa: F401  (every table hangs itself on the metadata)
from nexus.adapters.sql.schema import metadata

connection = context.config.attributes["connection"]
# A migration that cannot have its lock at once must not queue the shop behind it.
connection.exec_driver_sql("SET lock_timeout = '3s'")
context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=True)
with context.begin_transaction():
    context.run_migrations()
