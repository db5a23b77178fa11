"""
Alembic's entry: runs revisions on the connection that `adapters.database.migrate` hands over.

All revisions run in the caller's one transaction, also on SQLite, so that a failed upgrade leaves nothing behind.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context

from adapters.database.tables import complete_metadata

_ONE_AT_A_TIME = 5_120_711
"""A number of ours for PostgreSQL's advisory lock: two processes must not upgrade at once."""


def _run(connection: sa.Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ONE_AT_A_TIME)))
    context.configure(
        connection=connection,
        target_metadata=complete_metadata(),
        transactional_ddl=True,
        compare_type=True,
    )
    context.run_migrations()


_run(context.config.attributes["connection"])
