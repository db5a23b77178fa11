"""
What every query here needs: long lists cut into pieces, and inserts that mind what is there.

Neither database takes any number of values in one `IN`: lists go through `pieces`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import Connection, Select, Table

    AnySelect = Select[Any]

PIECE = 500


def pieces(values: Iterable[str]) -> Iterator[Sequence[str]]:
    """The distinct values, in order, at most PIECE at a time."""
    distinct = list(dict.fromkeys(values))
    for start in range(0, len(distinct), PIECE):
        yield distinct[start : start + PIECE]


def through(query: AnySelect, table: Table, index: str) -> AnySelect:
    """
    Read a table through this index alone. SQLite keeps no statistics unless asked: left alone, it takes an index
    that also holds what is done.
    """
    return query.with_hint(table, f"INDEXED BY {index}", "sqlite")


def insert(conn: Connection, table: Table) -> Any:
    """An INSERT that has `on_conflict_do_...`; each dialect brings its own, of the same shape."""
    if conn.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table)
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(table)


def upsert(conn: Connection, table: Table) -> Any:
    """Insert a whole row, or replace all but the key of the one that is there."""
    statement = insert(conn, table)
    keys = [column.name for column in table.primary_key]
    news = {column.name: statement.excluded[column.name] for column in table.columns if column.name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=news)
