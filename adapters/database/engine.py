"""
Opening a database: how each kind must be spoken to so that a commit is a commit.

SQLite: write-ahead log, `synchronous=FULL` (a commit survives a power cut), and `BEGIN IMMEDIATE` for writes, so that
what a transaction checked is still true when it writes. PostgreSQL: READ COMMITTED, with row locks and versions.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import event, exc
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.pool import QueuePool

from adapters.database.faults import translated
from payout.errors import SettingsError

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import PoolProxiedConnection

SCHEMA = "0003"
"""The migration that this code was written for; a test compares it with the newest one."""

BUSY_SECONDS = 10
CONNECT_SECONDS = 10
LOCK_MS = 10_000
STATEMENT_MS = 60_000
_IN_MEMORY = ("", ":memory:")


def parse_url(text: str) -> URL:
    """
    The address of a database.

    Raises:
        SettingsError: not an address, or of a database that is not supported. The text is never repeated.
    """
    try:
        url = sa.make_url(text)
    except (exc.ArgumentError, ValueError):
        raise SettingsError((f"database.url: not an address of a database; {_EXAMPLES}",)) from None
    if url.drivername in ("sqlite", "sqlite+pysqlite"):
        return url.set(drivername="sqlite")
    if url.drivername in ("postgresql", "postgres", "postgresql+psycopg"):
        return url.set(drivername="postgresql+psycopg")
    raise SettingsError((f"database.url: {url.drivername} is not supported; {_EXAMPLES}",))


_EXAMPLES = "write sqlite:///var/payout.db or postgresql://user@host/name"


def is_in_memory(url: URL) -> bool:
    """A SQLite database that lives as long as its engine."""
    return url.drivername == "sqlite" and (url.database or "") in _IN_MEMORY


def make_engine(url: URL) -> Engine:
    """An engine that begins its transactions as the module says. Connects to nothing yet."""
    return _sqlite(url) if url.drivername == "sqlite" else _postgresql(url)


def writer(engine: Engine) -> Engine:
    """For transactions that will write, on the same connections: SQLite has to know it when they begin."""
    is_sqlite = engine.dialect.name == "sqlite"
    return _sqlite_engine(engine.url, "BEGIN IMMEDIATE", pool=engine.pool) if is_sqlite else engine


def create_file(url: URL) -> None:
    """
    Make SQLite's file with a mode that keeps others out; the log beside it gets the same mode.

    Raises:
        SettingsError: the folder is missing or not writable.
    """
    if url.drivername != "sqlite" or is_in_memory(url):
        return
    try:
        os.close(os.open(str(url.database), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise SettingsError(
            (f"database.url: {url.database} cannot be made ({error.strerror}); check its folder",)
        ) from error


def check_schema(engine: Engine) -> None:
    """
    Refuse a database that this code was not written for.

    Raises:
        SettingsError: it is missing, older or newer; the message says what to run.
        StoreUnavailable: it did not answer.
    """
    name = engine.url.render_as_string(hide_password=True)
    if engine.dialect.name == "sqlite" and not Path(str(engine.url.database)).exists():
        raise _unfit(f"{name} does not exist; run `payout init`")
    with translated(), engine.connect() as conn:
        version = _version(conn)
    if version is None:
        raise _unfit(f"{name} has no tables of ours; run `payout init`")
    if version < SCHEMA:
        raise _unfit(
            f"{name} has schema {version}, this program needs {SCHEMA}; "
            "make a backup, then run `payout init` to upgrade it"
        )
    if version > SCHEMA:
        raise _unfit(
            f"{name} has schema {version}, this program only knows {SCHEMA}; run the newer program that upgraded it"
        )


def _unfit(problem: str) -> SettingsError:
    return SettingsError((f"database.url: {problem}",))


def _version(conn: Connection) -> str | None:
    """Read by hand: Alembic would take longer to import than the daemon takes to start."""
    if not sa.inspect(conn).has_table("alembic_version"):
        return None
    version = conn.scalar(sa.text("SELECT version_num FROM alembic_version"))
    return None if version is None else str(version)


def _sqlite(url: URL) -> Engine:
    # isolation_level None: the driver begins nothing by itself, `_sqlite_engine` says how.
    # One connection is the whole database when it is in memory: threads take turns with it.
    size: dict[str, Any] = {"pool_size": 1, "max_overflow": 0} if is_in_memory(url) else {}
    given = _unless_in(url, isolation_level=None, timeout=BUSY_SECONDS, check_same_thread=False)
    engine = _sqlite_engine(url, "BEGIN", poolclass=QueuePool, connect_args=given, **size)
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _sqlite_engine(url: URL, begin: str, **pool: Any) -> Engine:
    def begun(dbapi_connection: PoolProxiedConnection) -> None:
        dbapi_connection.cursor().execute(begin)

    engine = sa.create_engine(url, hide_parameters=True, **pool)
    engine.dialect.statement_compiler = _HintingCompiler
    # Rather than an event: one listener makes every statement of an engine ask for listeners six times.
    engine.dialect.do_begin = begun  # type: ignore[method-assign]
    return engine


class _HintingCompiler(SQLiteCompiler):
    """Writes out the hints of `store.sql.through`, which SQLAlchemy has for other databases only."""

    def get_from_hint_text(self, table: object, text: str | None) -> str | None:  # noqa: ARG002
        return text


def _prepare_sqlite(connection: DBAPIConnection, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _postgresql(url: URL) -> Engine:
    limits = (
        f"-c lock_timeout={LOCK_MS} -c statement_timeout={STATEMENT_MS} "
        f"-c idle_in_transaction_session_timeout={STATEMENT_MS}"
    )
    return sa.create_engine(
        url,
        isolation_level="READ COMMITTED",
        pool_pre_ping=True,
        connect_args=_unless_in(url, connect_timeout=CONNECT_SECONDS, options=limits),
        hide_parameters=True,
    )


def _unless_in(url: URL, **given: Any) -> dict[str, Any]:
    """What the address itself says, counts."""
    return {name: value for name, value in given.items() if name not in url.query}
