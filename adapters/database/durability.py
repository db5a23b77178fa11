"""Is a commit a commit? What a database's own settings say about a power cut."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from adapters.database.engine import make_engine, parse_url
from adapters.database.faults import translated

FULL: Final = 2
"""SQLite's `synchronous` from which on a commit is on disk when it returns."""


def weakness(url: str) -> str | None:
    """
    What could lose a commit, in words; None where nothing could.

    Raises:
        StoreUnavailable: the database did not answer.
    """
    engine = make_engine(parse_url(url))
    try:
        with translated(), engine.connect() as conn:
            return _sqlite(conn) if engine.dialect.name == "sqlite" else _postgresql(conn)
    finally:
        engine.dispose()


def _sqlite(conn: sa.Connection) -> str | None:
    level = conn.exec_driver_sql("PRAGMA synchronous").scalar_one()
    mode = conn.exec_driver_sql("PRAGMA journal_mode").scalar_one()
    if int(level) < FULL:
        return f"synchronous is {level}, not FULL"
    return None if mode == "wal" else f"journal_mode is {mode}, not wal"


def _postgresql(conn: sa.Connection) -> str | None:
    for name in ("fsync", "full_page_writes", "synchronous_commit"):
        if conn.exec_driver_sql(f"SHOW {name}").scalar_one() == "off":
            return f"{name} is off: a power cut could lose commits"
    return None
