"""
What every query here needs: long lists cut into pieces, and inserts that mind what is there.

Neither database takes any number of values in one `IN`: lists go through `pieces`.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection, Select, Table

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


def add(conn: Connection, table: Table) -> Any:
    """INSERT, and do nothing where a key is taken."""
    return _add(conn.dialect.name, table)


def added(conn: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """INSERT one row; False: a key is taken, and nothing was done."""
    return conn.execute(add(conn, table), row).rowcount == 1


def upsert(conn: Connection, table: Table) -> Any:
    """Insert a whole row, or replace all but the key of the one that is there."""
    return _upsert(conn.dialect.name, table)


def add_up(conn: Connection, table: Table, column: str) -> Any:
    """Insert a row, or add to this column of the one that is there, if it is no more than `:room`. Counts the rows."""
    return _add_up(conn.dialect.name, table, column)


# Statements are made once: making one takes longer than running it.


@cache
def _add(dialect: str, table: Table) -> Any:
    return _insert(dialect, table).on_conflict_do_nothing().execution_options(preserve_rowcount=True)


@cache
def _upsert(dialect: str, table: Table) -> Any:
    statement = _insert(dialect, table)
    keys = [column.name for column in table.primary_key]
    news = {column.name: statement.excluded[column.name] for column in table.columns if column.name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=news)


@cache
def _add_up(dialect: str, table: Table, column: str) -> Any:
    statement = _insert(dialect, table)
    return statement.on_conflict_do_update(
        index_elements=list(table.primary_key),
        set_={column: table.c[column] + statement.excluded[column]},
        where=table.c[column] <= bindparam("room"),
    ).execution_options(preserve_rowcount=True)


def _insert(dialect: str, table: Table) -> Any:
    """Each dialect brings an INSERT of its own, of the same shape."""
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table)
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(table)


def among(column: ColumnElement[str]) -> ColumnElement[bool]:
    """`column IN :among`, for a list given at execution."""
    return column.in_(bindparam("among", expanding=True))
