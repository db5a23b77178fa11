"""
A world on the product's own store: SQLite in a file, copied from a migrated one, its rows read by hand-written SQL.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

from adapters.database.migrate import migrate
from adapters.database.store import SqlStore
from tests.scenarios.database import AttemptRow, OrderRow, RefundRow, Rows, TransferRow
from tests.stores import open_test_store

if TYPE_CHECKING:
    from pathlib import Path

    from payout.ports import Clock


class SqliteDatabase:
    """The store of the product, on a file of its own that is copied from a migrated one."""

    def __init__(self, clock: Clock, folder: Path) -> None:
        self.clock = clock
        self.file = folder / "payout.db"
        shutil.copyfile(template(folder.parent), self.file)
        self.store: SqlStore = open_test_store(f"sqlite:///{self.file}", clock)
        self._raw = sqlite3.connect(self.file, check_same_thread=False, isolation_level=None)

    def rows(self) -> Rows:
        ask = self._raw.execute
        refunds = ask("SELECT id, external_id, revision, owed_cents, destination, status FROM refunds")
        attempts = ask(
            "SELECT refund_id, number, transfer_id, destination, amount_units, quote_id, status, order_id FROM attempts"
        )
        orders = ask(
            "SELECT id, refund_id, processor, status, destination, receive_units, processor_id, deposit_address, "
            "deposit_units, return_address, transfer_id, attested_by, trouble, watched FROM orders"
        )
        transfers = ask("SELECT id, kind, status, begun_at, key_images, replaces, committed_at, watched FROM transfers")
        return Rows(
            refunds={row[0]: RefundRow(*row) for row in refunds},
            attempts={
                (row[0], row[1]): AttemptRow(row[0], row[1], row[2], row[3], int(row[4]), *row[5:8]) for row in attempts
            },
            transfers={
                row[0]: TransferRow(
                    row[0],
                    row[1],
                    row[2],
                    row[3] is not None,
                    tuple(json.loads(row[4])),
                    row[5],
                    row[6][:10],
                    bool(row[7]),
                )
                for row in transfers
            },
            paused=frozenset(row[0] for row in ask("SELECT scope FROM pauses")),
            lease_owner=next((row[0] for row in ask("SELECT owner FROM leases WHERE wallet = 'hot'")), ""),
            orders={row[0]: _order(row) for row in orders},
        )

    def backup(self) -> bytes:
        return self._raw.serialize()

    def restore(self, copy_of: bytes) -> None:
        self.close()
        for suffix in ("-wal", "-shm"):
            self.file.with_name(self.file.name + suffix).unlink(missing_ok=True)
        self.file.write_bytes(copy_of)
        self.store = open_test_store(f"sqlite:///{self.file}", self.clock)
        self._raw = sqlite3.connect(self.file, check_same_thread=False, isolation_level=None)

    def close(self) -> None:
        self.store.close()
        self._raw.close()


def _order(row: tuple[Any, ...]) -> OrderRow:
    named = dict(zip(OrderRow._fields, row, strict=True))
    deposit = named["deposit_units"]
    typed = {"units": int(named["units"]), "deposit_units": None if deposit is None else int(deposit)}
    return OrderRow(**{**named, **typed, "watched": bool(named["watched"])})


def template(folder: Path) -> Path:
    """A migrated database to copy; migrating takes longer than a hundred lives."""
    file = folder / "template.db"
    if not file.exists():
        migrate(f"sqlite:///{file}")
        with closing(sqlite3.connect(file)) as raw:
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return file
