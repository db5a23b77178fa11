"""Migrations go up and down on both databases, and end where the code's own tables are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from adapters.database.engine import SCHEMA, make_engine, parse_url, writer
from adapters.database.migrate import NOTHING, alembic_config, migrate
from adapters.database.store import SqlStore
from adapters.database.tables import complete_metadata
from payout.audit.chain import AuditHead
from payout.change import Change
from payout.errors import SettingsError, StoreUnavailable
from tests.factories import make_event
from tests.stores import AUDIT

metadata = complete_metadata()

SQLITE_SHAPE = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE type IN ('table', 'index') ORDER BY name"
POSTGRES_INDEXES = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexname"
POSTGRES_COLUMNS = """
    SELECT table_name, ordinal_position, column_name, data_type, numeric_precision, is_nullable, column_default
    FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, ordinal_position
"""
POSTGRES_CONSTRAINTS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace ORDER BY conrelid::regclass::text, conname
"""
FIRST = "0001"
SECOND = "0002"
SHAPES = {"sqlite": (SQLITE_SHAPE,), "postgresql": (POSTGRES_INDEXES, POSTGRES_COLUMNS, POSTGRES_CONSTRAINTS)}


class Migrations:
    """Run on each database; `url` is one without any table."""

    @pytest.fixture
    def engine(self, url: str) -> Iterator[sa.Engine]:
        engine = make_engine(parse_url(url))
        yield engine
        engine.dispose()

    def test_up_makes_what_the_code_expects(self, url: str, engine: sa.Engine) -> None:
        migrate(url)
        migrate(url)

        with engine.connect() as conn:
            context = MigrationContext.configure(conn, opts={"compare_type": True})
            assert compare_metadata(context, metadata) == []
            assert context.get_current_revision() == SCHEMA

    def test_down_takes_all_of_it_away_and_up_brings_it_back(self, url: str, engine: sa.Engine) -> None:
        migrate(url)
        before = shape(engine)
        migrate(url, NOTHING)

        assert sa.inspect(engine).get_table_names() == ["alembic_version"]

        migrate(url)
        assert shape(engine) == before

    def test_the_second_step_keeps_what_is_on_record_and_can_be_taken_back(self, url: str, engine: sa.Engine) -> None:
        migrate(url, FIRST)
        before = shape(engine)
        with engine.begin() as conn:
            conn.execute(
                sa.text("INSERT INTO events (at, kind, words, who, alarm) VALUES (:at, 'a.b', 'w', 'me', :no)"),
                {"at": "2026-01-01 00:00:00+00:00", "no": False},
            )

        migrate(url)
        with engine.connect() as conn:
            assert conn.execute(sa.text("SELECT kind, order_id FROM events")).all() == [("a.b", None)]
        take_back(engine, FIRST)

        assert shape(engine) == before
        with engine.connect() as conn:
            assert conn.scalar(sa.text("SELECT kind FROM events")) == "a.b"

    def test_the_third_step_leaves_older_lines_out_of_the_chain_and_can_be_taken_back(
        self, url: str, engine: sa.Engine
    ) -> None:
        migrate(url, SECOND)
        before = shape(engine)
        with engine.begin() as conn:
            for kind in ("a.b", "c.d"):
                conn.execute(
                    sa.text("INSERT INTO events (at, kind, words, who, alarm) VALUES (:at, :kind, 'w', 'me', :no)"),
                    {"at": "2026-01-01 00:00:00+00:00", "kind": kind, "no": False},
                )

        migrate(url)
        store = SqlStore(engine, AUDIT)
        first = AUDIT.first(2)
        assert store.audit_head() == AuditHead(number=0, mac=first, before=2)
        store.commit(Change(events=(make_event("new"),)))

        assert [event.words for event in store.events()] == ["w", "w", "new"]
        assert [event.words for event in store.events(limit=2)] == ["w", "new"]
        assert store.audit_head() == AuditHead(number=1, mac=AUDIT.link(first, 1, make_event("new")), before=2)
        assert store.unchained() == 2
        take_back(engine, SECOND)
        assert shape(engine) == before
        with engine.connect() as conn:
            kinds = conn.scalars(sa.text("SELECT kind FROM events ORDER BY seq")).all()
        assert kinds == ["a.b", "c.d", "refund.requested"]

    def test_every_index_and_column_is_as_the_tables_say(self, url: str, engine: sa.Engine) -> None:
        migrate(url)
        migrated = shape(engine)
        migrate(url, NOTHING)

        metadata.create_all(engine)

        assert shape(engine) == migrated

    def test_an_upgrade_that_fails_leaves_nothing_behind(self, url: str, engine: sa.Engine) -> None:
        with engine.begin() as conn:
            conn.execute(sa.text("CREATE TABLE events (mine text)"))

        with pytest.raises(StoreUnavailable, match="events"):
            migrate(url)

        assert sa.inspect(engine).get_table_names() == ["events"]

    def test_what_is_on_record_for_ever_cannot_be_changed_or_deleted(self, url: str, engine: sa.Engine) -> None:
        migrate(url)
        self.fill(engine)

        for name in ("events", "approvals", "quotes", "payloads", "revisions", "replies", "messages"):
            written = metadata.tables[name]
            first = written.columns.values()[0]
            edit, end = sa.update(written).values({first: first}), sa.delete(written)
            # A message goes when it is no longer owed to anybody.
            for statement in (edit,) if name == "messages" else (edit, end):
                with pytest.raises(sa.exc.DBAPIError, match=f"{name} is append-only"), engine.begin() as conn:
                    conn.execute(statement)

    def fill(self, engine: sa.Engine) -> None:
        """One row in each append-only table, and what they point to; SQLite's triggers look at rows."""
        with engine.begin() as conn:
            for table in metadata.sorted_tables:
                if conn.scalar(sa.select(sa.func.count()).select_from(table)) == 0:
                    conn.execute(sa.insert(table).values(plain_row(table)))


class TestSqlite(Migrations):
    @pytest.fixture
    def url(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path}/payout.db"

    def test_the_file_is_its_owners_alone(self, url: str, tmp_path: Path) -> None:
        migrate(url)

        modes = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.iterdir()}
        assert set(modes.values()) == {0o600}

    def test_a_folder_that_is_not_there_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(SettingsError, match="nowhere"):
            migrate(f"sqlite:///{tmp_path}/nowhere/payout.db")


@pytest.mark.nodes
class TestPostgresql(Migrations):
    @pytest.fixture
    def url(self, postgres_url: str) -> str:
        return postgres_url

    def test_an_append_only_table_cannot_be_emptied(self, url: str, engine: sa.Engine) -> None:
        migrate(url)

        with pytest.raises(sa.exc.DBAPIError, match="events is append-only"), engine.begin() as conn:
            conn.execute(sa.text("TRUNCATE events"))


def test_the_code_asks_for_the_newest_migration() -> None:
    assert ScriptDirectory.from_config(alembic_config()).get_heads() == [SCHEMA]


def take_back(engine: sa.Engine, to: str) -> None:
    """Go down to a revision; the program itself only ever goes up, or takes all away."""
    config = alembic_config()
    with writer(engine).begin() as conn:
        config.attributes["connection"] = conn
        command.downgrade(config, to)


def shape(engine: sa.Engine) -> list[tuple[object, ...]]:
    """
    Every table, column, index and constraint, as the database itself describes it.

    SQLite gives back the text that it was given; a column that came later is written with other spaces.
    """
    with engine.connect() as conn:
        rows = [
            tuple(" ".join(each.split()) if isinstance(each, str) else each for each in row)
            for query in SHAPES[engine.dialect.name]
            for row in conn.execute(sa.text(query))
        ]
    return [row for row in rows if "alembic" not in str(row)]


def plain_row(table: sa.Table) -> dict[str, object]:
    """Something in every column; all rows point to each other's "x"."""
    row: dict[str, object] = {}
    for column in table.columns:
        kind = column.type.python_type if not isinstance(column.type, sa.TypeDecorator) else str
        row[column.name] = 1 if kind in (int, bool) else "x"
        if isinstance(column.type, sa.TypeDecorator):
            row[column.name] = sa.text("'1'") if "units" in column.name else sa.text("'2026-01-01 00:00:00+00:00'")
        if kind is bool:
            row[column.name] = True
    return row
