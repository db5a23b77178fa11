"""
What every table needs: the one MetaData, and indexes that hold some rows only.

A condition of a partial index is written as a literal and used again in the queries, because neither planner takes
such an index for a bound parameter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import Column, Index

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

metadata = sa.MetaData()


def is_literally(column: Column[Any], word: str) -> ColumnElement[bool]:
    """`column = 'word'`, with the word in the SQL itself."""
    return column == sa.literal_column(f"'{word}'")


def is_not_literally(column: Column[Any], word: str) -> ColumnElement[bool]:
    """`column != 'word'`, with the word in the SQL itself."""
    return column != sa.literal_column(f"'{word}'")


def is_one_literally(column: Column[Any], words: tuple[str, ...]) -> ColumnElement[bool]:
    """`column IN ('word', ...)`, with the words in the SQL itself."""
    return column.in_([sa.literal_column(f"'{word}'") for word in words])


def partial(name: str, *columns: Column[Any], where: Any, unique: bool = False) -> Index:
    """An index of the rows that fulfil `where`."""
    return Index(name, *columns, unique=unique, info={_WHERE: where})


_WHERE = "where"


def complete_metadata() -> sa.MetaData:
    """
    All tables with the conditions of their partial indexes, as migrations make them.

    Apart from the tables, because to name PostgreSQL's options SQLAlchemy imports all of its drivers: a third of the
    time that the store takes to start.
    """
    for index in (each for table in metadata.tables.values() for each in table.indexes):
        where = index.info.get(_WHERE)
        if where is not None:
            index.dialect_kwargs["sqlite_where"] = index.dialect_kwargs["postgresql_where"] = where
    return metadata
