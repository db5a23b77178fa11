"""A database that fails: what was written is never in doubt where it can be known, and said where it cannot."""

from __future__ import annotations

import socket
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Self

import pytest
import sqlalchemy as sa

from adapters.database.engine import parse_url
from adapters.database.migrate import migrate
from adapters.database.store import SqlStore
from payout.change import Change
from payout.errors import BadInput, CommitUnknown, StoreError, StoreUnavailable
from payout.money import Money
from tests.factories import make_event, make_quote, make_refund, usd
from tests.stores import open_test_store

CHANGE = Change(refunds=(make_refund(),), events=(make_event(),))


@pytest.fixture
def sqlite(sqlite_url: str) -> Iterator[SqlStore]:
    store = open_test_store(f"{sqlite_url}?timeout=0.05")
    yield store
    store.close()


def test_a_file_that_another_process_holds_is_unavailable_and_then_fine(sqlite: SqlStore, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "payout.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(StoreUnavailable, match="another process"):
        sqlite.commit(CHANGE)
    assert sqlite.refund("E-1") is None

    other.execute("ROLLBACK")
    other.close()
    sqlite.commit(CHANGE)
    assert sqlite.refund("E-1") is not None


def test_a_full_disk_is_unavailable_and_nothing_was_written(sqlite: SqlStore) -> None:
    with sqlite._engine.connect() as conn:
        pages = conn.scalar(sa.text("PRAGMA page_count"))
        conn.execute(sa.text(f"PRAGMA max_page_count = {pages}"))
    many = tuple(make_refund(f"E-{number}", reason="x" * 4_000) for number in range(20))

    with pytest.raises(StoreUnavailable, match="make room"):
        sqlite.commit(Change(refunds=many))

    assert sqlite.list_refunds() == ()


def test_a_file_that_was_damaged_is_unavailable_with_what_to_do(sqlite: SqlStore, tmp_path: Path) -> None:
    sqlite.commit(CHANGE)
    sqlite.close()
    with (tmp_path / "payout.db").open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 65536)

    with pytest.raises(StoreUnavailable, match="restore"):
        sqlite.list_refunds()


def test_a_quote_that_somebody_changed_is_not_handed_out(sqlite: SqlStore) -> None:
    quote = make_quote()
    sqlite.commit(Change(quotes=(quote,)))
    with sqlite._engine.begin() as conn:
        conn.execute(sa.text("DROP TRIGGER quotes_no_update"))
        conn.execute(sa.text("UPDATE quotes SET body = replace(body, '330.00', '33.000')"))

    with pytest.raises(StoreError, match=quote.id):
        sqlite.quote(quote.id)


@pytest.mark.parametrize("owed", [usd("92233720368547758.08"), Money(1, make_refund().asset)])
def test_an_amount_that_cents_cannot_hold_is_refused_by_name(sqlite: SqlStore, owed: Money) -> None:
    with pytest.raises(BadInput, match="owed"):
        sqlite.commit(Change(refunds=(make_refund(owed=owed),)))


def test_an_error_says_nothing_of_what_was_being_written(sqlite: SqlStore) -> None:
    with sqlite._engine.begin() as conn:
        conn.execute(sa.text("DROP TABLE events"))

    with pytest.raises(StoreUnavailable) as failure:
        sqlite.commit(Change(events=(make_event("a word that must not appear"),)))

    chain = str(failure.value) + str(failure.value.__cause__)
    assert "a word that must not appear" not in chain


@pytest.fixture
def postgresql(postgres_url: str) -> Iterator[SqlStore]:
    migrate(postgres_url)
    store = open_test_store(postgres_url)
    yield store
    store.close()


def at_commit(store: SqlStore, deed: str) -> None:
    """Let the server do something of its own at each COMMIT that wrote an event."""
    with store._engine.begin() as conn:
        conn.execute(
            sa.text(f"CREATE FUNCTION deed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {deed}; RETURN NULL; END $$")
        )
        conn.execute(
            sa.text(
                "CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON events DEFERRABLE INITIALLY DEFERRED "
                "FOR EACH ROW EXECUTE FUNCTION deed()"
            )
        )


@pytest.mark.nodes
def test_a_server_that_goes_away_during_a_commit_leaves_it_unknown(postgresql: SqlStore) -> None:
    at_commit(postgresql, "PERFORM pg_terminate_backend(pg_backend_pid())")

    with pytest.raises(CommitUnknown, match="read again"):
        postgresql.commit(CHANGE)

    assert postgresql.refund("E-1") is None


@pytest.mark.nodes
def test_a_commit_that_the_server_itself_refused_was_not_written(postgresql: SqlStore) -> None:
    at_commit(postgresql, "RAISE EXCEPTION 'out of disk' USING ERRCODE = '53100'")

    with pytest.raises(StoreUnavailable, match="out of disk"):
        postgresql.commit(CHANGE)

    assert postgresql.refund("E-1") is None


@pytest.mark.nodes
def test_a_server_that_goes_away_before_the_commit_wrote_nothing(postgresql: SqlStore) -> None:
    with postgresql._engine.begin() as conn:
        conn.execute(
            sa.text(
                "CREATE FUNCTION bye() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$"
            )
        )
        conn.execute(sa.text("CREATE TRIGGER bye BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION bye()"))

    with pytest.raises(StoreUnavailable, match="nothing was written"):
        postgresql.commit(CHANGE)

    assert postgresql.refund("E-1") is None


@pytest.mark.nodes
def test_connections_that_the_server_closed_are_replaced_unseen(postgresql: SqlStore, postgres_url: str) -> None:
    postgresql.commit(CHANGE)
    other = sa.create_engine(postgres_url)
    with other.connect() as conn:
        conn.execute(
            sa.text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    other.dispose()

    assert postgresql.refund("E-1") is not None


@pytest.mark.nodes
def test_a_commit_whose_answer_was_lost_is_unknown_and_may_be_there(
    postgresql: SqlStore, postgres_url: str, tmp_path: Path
) -> None:
    server = Path(str(parse_url(postgres_url).query["host"])) / ".s.PGSQL.5432"
    with AnswerLoser(tmp_path, server) as loser:
        far = open_test_store(postgres_url.replace(str(server.parent), str(tmp_path)))
        loser.armed = True

        with pytest.raises(CommitUnknown):
            far.commit(CHANGE)

        far.close()
    assert postgresql.refund("E-1") == make_refund()


class AnswerLoser:
    """Stands between a store and its server; once armed, hangs up when the answer to a COMMIT comes back."""

    def __init__(self, folder: Path, server: Path) -> None:
        self.armed = False
        self._server = str(server)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / server.name))
        self._listener.listen()
        self._open: list[socket.socket] = [self._listener]

    def __enter__(self) -> Self:
        Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for each in self._open:
            each.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                Thread(target=self._serve, args=(near,), daemon=True).start()

    def _serve(self, near: socket.socket) -> None:
        far = socket.socket(socket.AF_UNIX)
        far.connect(self._server)
        self._open += [near, far]
        with suppress(OSError), near, far:
            Thread(target=self._answers, args=(far, near), daemon=True).start()
            while data := near.recv(65536):
                far.sendall(data)

    def _answers(self, far: socket.socket, near: socket.socket) -> None:
        with suppress(OSError):
            while data := far.recv(65536):
                if self.armed and b"COMMIT\0" in data:
                    near.shutdown(socket.SHUT_RDWR)
                    return
                near.sendall(data)
