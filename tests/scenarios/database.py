"""
The two databases of a world, each with what a store may not offer: its raw rows, and a backup.

The rows are read past the store: a dict in memory, SQL by hand in a file. Whoever checks the store's word must not
have it from the store.
"""

from __future__ import annotations

import copy
import json
import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from adapters.database.migrate import migrate
from adapters.database.store import SqlStore, open_store
from adapters.memory.store import MemoryStore

if TYPE_CHECKING:
    from pathlib import Path

    from payout.ports import Clock, Store


class RefundRow(NamedTuple):
    """One row of refunds, as far as a reader judges it."""

    id: str
    external_id: str
    revision: int
    owed_cents: int
    destination: str
    status: str


class AttemptRow(NamedTuple):
    """One row of attempts."""

    refund_id: str
    number: int
    transfer_id: str
    destination: str
    units: int
    quote_id: str
    status: str


class TransferRow(NamedTuple):
    """One row of transfers."""

    id: str
    kind: str
    status: str
    begun: bool
    key_images: tuple[str, ...]
    replaces: str | None
    committed_on: str
    watched: bool


class Rows(NamedTuple):
    """All rows that matter, at one moment."""

    refunds: dict[str, RefundRow]
    attempts: dict[tuple[str, int], AttemptRow]
    transfers: dict[str, TransferRow]
    paused: frozenset[str]


class Database(Protocol):
    """What lasts when every process is gone."""

    @property
    def store(self) -> Store:
        """As a process opens it."""
        ...

    def rows(self) -> Rows:
        """Read past the store."""
        ...

    def backup(self) -> Any:
        """A copy to restore later."""
        ...

    def restore(self, copy_of: Any) -> None:
        """What came after the copy is forgotten."""
        ...

    def close(self) -> None:
        """Let go of files."""
        ...


class MemoryDatabase:
    """The store of dicts."""

    def __init__(self, clock: Clock) -> None:
        self.store = MemoryStore(clock)

    def rows(self) -> Rows:
        tables = self.store._t
        return Rows(
            refunds={
                row.id: RefundRow(
                    row.id, row.external_id, row.revision, row.owed.units, row.destination, row.status.value
                )
                for row in tables.refunds.values()
            },
            attempts={
                (row.refund_id, row.number): AttemptRow(
                    row.refund_id,
                    row.number,
                    row.transfer_id,
                    row.destination,
                    row.amount.units,
                    row.quote_id,
                    row.status.value,
                )
                for row in tables.attempts.values()
            },
            transfers={
                row.id: TransferRow(
                    row.id,
                    row.kind.value,
                    row.status.value,
                    row.begun_at is not None,
                    row.key_images,
                    row.replaces,
                    row.committed_at.date().isoformat(),
                    row.watched,
                )
                for row in tables.transfers.values()
            },
            paused=frozenset(scope for scope, _ in tables.pauses),
        )

    def backup(self) -> Any:
        return copy.deepcopy(self.store._t)

    def restore(self, copy_of: Any) -> None:
        self.store._t = copy.deepcopy(copy_of)

    def close(self) -> None:
        """Nothing to let go of."""


class SqliteDatabase:
    """The store of the product, on a file of its own that is copied from a migrated one."""

    def __init__(self, clock: Clock, folder: Path) -> None:
        self.clock = clock
        self.file = folder / "payout.db"
        shutil.copyfile(template(folder.parent), self.file)
        self.store: SqlStore = open_store(f"sqlite:///{self.file}", clock)
        self._raw = sqlite3.connect(self.file, check_same_thread=False, isolation_level=None)

    def rows(self) -> Rows:
        ask = self._raw.execute
        refunds = ask("SELECT id, external_id, revision, owed_cents, destination, status FROM refunds")
        attempts = ask(
            "SELECT refund_id, number, transfer_id, destination, amount_units, quote_id, status FROM attempts"
        )
        transfers = ask(
            "SELECT id, kind, status, begun_at, key_images, replaces, committed_at, watched FROM transfers"
        )
        return Rows(
            refunds={row[0]: RefundRow(*row) for row in refunds},
            attempts={
                (row[0], row[1]): AttemptRow(row[0], row[1], row[2], row[3], int(row[4]), row[5], row[6])
                for row in attempts
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
        )

    def backup(self) -> bytes:
        return self._raw.serialize()

    def restore(self, copy_of: bytes) -> None:
        self.close()
        for suffix in ("-wal", "-shm"):
            self.file.with_name(self.file.name + suffix).unlink(missing_ok=True)
        self.file.write_bytes(copy_of)
        self.store = open_store(f"sqlite:///{self.file}", self.clock)
        self._raw = sqlite3.connect(self.file, check_same_thread=False, isolation_level=None)

    def close(self) -> None:
        self.store.close()
        self._raw.close()


def template(folder: Path) -> Path:
    """A migrated database to copy; migrating takes longer than a hundred lives."""
    file = folder / "template.db"
    if not file.exists():
        migrate(f"sqlite:///{file}")
        with closing(sqlite3.connect(file)) as raw:
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return file
