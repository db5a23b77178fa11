"""
The database of a world, with what a store may not offer: its raw rows, and a backup.

The rows are read past the store: whoever checks the store's word must not have it from the store.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from adapters.memory.store import MemoryStore
from tests.stores import AUDIT

if TYPE_CHECKING:
    from collections.abc import Hashable

    from payout.order import Order
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
    order_id: str | None = None


class OrderRow(NamedTuple):
    """One row of orders."""

    id: str
    refund_id: str
    processor: str
    status: str
    destination: str
    units: int
    processor_id: str | None
    deposit_address: str | None
    deposit_units: int | None
    return_address: str
    transfer_id: str | None
    attested_by: str | None
    trouble: str | None
    watched: bool


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
    lease_owner: str
    orders: dict[str, OrderRow] = {}  # noqa: RUF012 - No row is ever put into it: it stands for a table without rows.


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
        self.store = MemoryStore(clock, AUDIT)
        self._clock = clock

    def rows(self) -> Rows:
        tables, now = self.store._t, self._clock.now()
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
                    row.order_id,
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
            paused=frozenset(each.scope for each in tables.pauses.values() if each.in_force(now)),
            lease_owner=tables.leases["hot"].owner if "hot" in tables.leases else "",
            orders={row.id: _order(row) for row in tables.orders.values()},
        )

    def versions(self) -> Hashable:
        """What tells the rows from those of any other moment, but for remarks, times, and who held the lease."""
        tables = self.store._t
        return (
            tuple((row.id, row.version) for row in tables.refunds.values()),
            tuple((row.id, row.version) for row in tables.transfers.values()),
            tuple((row.id, row.status, row.proof) for row in tables.attempts.values()),
            tuple(tables.pauses),
            (len(tables.approvals), len(tables.wallets), len(tables.known_spends)),
            tuple((row.id, row.version) for row in tables.orders.values()),
            len(tables.return_addresses),
        )

    def backup(self) -> Any:
        return copy.deepcopy(self.store._t)

    def restore(self, copy_of: Any) -> None:
        self.store._t = copy.deepcopy(copy_of)

    def close(self) -> None:
        """Nothing to let go of."""


def _order(row: Order) -> OrderRow:
    return OrderRow(
        row.id,
        row.refund_id,
        row.processor,
        row.status.value,
        row.destination,
        row.receive.units,
        row.processor_id,
        row.deposit_address,
        row.deposit.units if row.deposit else None,
        row.return_address,
        row.transfer_id,
        row.attested_by,
        row.trouble,
        row.watched,
    )
