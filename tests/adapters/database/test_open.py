"""Opening a database: what is refused, in words, and what it costs."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from adapters.database.migrate import NOTHING, migrate
from payout.change import Change, Pause
from payout.errors import Paused, SettingsError, StoreUnavailable
from tests.factories import WALLET, make_endpoint, make_event, make_refund
from tests.stores import open_test_store

ROOT = Path(__file__).parents[3]
TTL = timedelta(seconds=30)


@pytest.mark.parametrize(
    "url",
    [
        "payout.db",
        "mysql://root:hunter2@localhost/payout",
        "sqlite+aiosqlite:///x.db",
        "",
        "postgresql://u:hunter2@h:x/d",
    ],
)
def test_an_address_that_is_not_supported_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(SettingsError, match=r"database\.url") as refusal:
        open_test_store(url)

    assert "sqlite:///" in str(refusal.value)
    assert "hunter2" not in str(refusal.value)


def test_a_file_that_is_not_there_is_not_made_by_opening_it(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="payout init"):
        open_test_store(f"sqlite:///{tmp_path}/payout.db")

    assert list(tmp_path.iterdir()) == []


def test_a_file_without_tables_is_sent_to_init(tmp_path: Path) -> None:
    (tmp_path / "payout.db").touch()

    with pytest.raises(SettingsError, match="payout init"):
        open_test_store(f"sqlite:///{tmp_path}/payout.db")


def test_a_database_whose_tables_were_taken_away_is_sent_to_init(sqlite_url: str) -> None:
    migrate(sqlite_url, NOTHING)

    with pytest.raises(SettingsError, match="payout init"):
        open_test_store(sqlite_url)


@pytest.mark.parametrize(("version", "words"), [("0000", "payout init"), ("9999", "newer program")])
def test_another_schema_is_refused_with_what_to_do(sqlite_url: str, version: str, words: str) -> None:
    engine = sa.create_engine(sqlite_url)
    with engine.begin() as conn:
        conn.execute(sa.text("UPDATE alembic_version SET version_num = :v"), {"v": version})
    engine.dispose()

    with pytest.raises(SettingsError, match=words) as refusal:
        open_test_store(sqlite_url)

    assert version in str(refusal.value)


def test_a_file_of_another_kind_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "payout.db").write_text("this is no database at all, but long enough to look like one" * 20)

    with pytest.raises(StoreUnavailable, match="another kind"):
        open_test_store(f"sqlite:///{tmp_path}/payout.db")


def test_a_server_that_does_not_answer_is_unavailable_and_its_password_unsaid(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable) as refusal:
        open_test_store(f"postgresql://user:hunter2@/payout?host={tmp_path}")

    assert "hunter2" not in str(refusal.value)
    assert "nothing was written" in str(refusal.value)


def test_a_database_in_memory_has_all_tables_and_lasts_as_long_as_its_store() -> None:
    store = open_test_store("sqlite://")
    store.commit(Change(refunds=(make_refund(),)))

    assert store.refund("E-1") == make_refund()
    assert open_test_store("sqlite://").refund("E-1") is None
    store.close()


def test_sqlite_waits_for_the_disk_at_each_commit(sqlite_url: str) -> None:
    store = open_test_store(sqlite_url)
    with store._engine.connect() as conn:
        asked = {
            name: conn.scalar(sa.text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous", "foreign_keys")
        }

    assert asked == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    store.close()


def test_sqlite_leases_run_by_its_own_clock(sqlite_url: str) -> None:
    leases_run_by_the_databases_clock(sqlite_url)


@pytest.mark.nodes
def test_postgresql_leases_run_by_its_own_clock(postgres_url: str) -> None:
    migrate(postgres_url)
    leases_run_by_the_databases_clock(postgres_url)


def leases_run_by_the_databases_clock(url: str) -> None:
    store = open_test_store(url)

    mine = store.claim_lease(WALLET, "me", TTL)
    assert mine is not None
    assert store.claim_lease(WALLET, "them", TTL) is None
    assert store.claim_lease(WALLET, "me", -TTL) == mine

    theirs = store.claim_lease(WALLET, "them", TTL)
    assert theirs is not None
    assert theirs.epoch == mine.epoch + 1
    store.close()


def test_sqlite_pauses_and_deliveries_run_by_its_own_clock(sqlite_url: str) -> None:
    pauses_and_deliveries_run_by_the_databases_clock(sqlite_url)


@pytest.mark.nodes
def test_postgresql_pauses_and_deliveries_run_by_its_own_clock(postgres_url: str) -> None:
    migrate(postgres_url)
    pauses_and_deliveries_run_by_the_databases_clock(postgres_url)


def pauses_and_deliveries_run_by_the_databases_clock(url: str) -> None:
    store = open_test_store(url)
    now, day = datetime.now(UTC), timedelta(days=1)
    ended = Pause(scope=WALLET, who="alice", why="a", at=now - day, until=now - day)
    lasts = replace(ended, who="bob", until=now + day)
    store.commit(Change(pauses=(ended, lasts), endpoints=(make_endpoint(),)))
    store.commit(Change(events=tuple(make_event(kind="wallet.low", at=at) for at in (now - day, now + day))))

    assert store.pauses() == (lasts,)
    with pytest.raises(Paused, match="bob"):
        store.commit(Change(unless_paused=(WALLET,)))
    (parcel,) = store.claim_deliveries(make_endpoint().id, day, 10)
    assert parcel.message.at == now - day
    assert parcel.delivery.next_at > now
    store.close()


def test_opening_a_store_imports_neither_alembic_nor_another_databases_driver(sqlite_url: str) -> None:
    program = (
        "import sys; from adapters.database.store import open_store; from payout.audit.chain import AuditKey\n"
        "open_store(sys.argv[1], audit=AuditKey(b'key')).counts()\n"
        "heavy = {'alembic', 'mako', 'psycopg', 'sqlalchemy.dialects.postgresql', 'sqlalchemy.orm'}\n"
        "print(*(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, sqlite_url], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert done.stdout.split() == []
