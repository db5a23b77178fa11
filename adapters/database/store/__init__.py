"""
The store: the port `payout.ports.Store` on SQLite or PostgreSQL.

Each method is one transaction, and none is open when it returns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.database.engine import check_schema, is_in_memory, make_engine, parse_url
from adapters.database.store.later import Later
from adapters.database.store.outward_half import Outward

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta

    from sqlalchemy import Connection

    from adapters.database.store import (
        attempts,
        audit,
        commit,
        conditions,
        leases,
        listing,
        order_claims,
        orders,
        records,
        refunds,
        return_addresses,
        transfers,
    )
    from payout.approval import Approval
    from payout.audit.chain import AuditKey
    from payout.change import Change, KnownSpend, Lease, Note, Pause, ReturnAddress, WalletRecord
    from payout.event import Event
    from payout.order import Order, OrderStatus
    from payout.ports import Clock, Holder
    from payout.quote import Quote
    from payout.refund import Attempt, Refund, RefundLine, RefundStatus
    from payout.transfer import Transfer
else:
    attempts = Later("attempts")
    audit = Later("audit")
    commit = Later("commit")
    conditions = Later("conditions")
    leases = Later("leases")
    listing = Later("listing")
    order_claims = Later("order_claims")
    orders = Later("orders")
    records = Later("records")
    refunds = Later("refunds")
    return_addresses = Later("return_addresses")
    transfers = Later("transfers")


def open_store(url: str, clock: Clock | None = None, *, audit: AuditKey) -> SqlStore:
    """
    Open the database at an address. One in memory is made new, with all its tables.

    `audit` makes the links of the audit chain; it must be the same in every process.

    Raises:
        SettingsError: the address is wrong, or `payout init` must run first.
        StoreUnavailable: the database did not answer.
    """
    parsed = parse_url(url)
    engine = make_engine(parsed)
    if is_in_memory(parsed):
        from adapters.database.migrate import migrate_engine

        migrate_engine(engine)
    else:
        try:
            check_schema(engine)
        except BaseException:
            engine.dispose()
            raise
    return SqlStore(engine, audit, clock)


class SqlStore(Outward):
    """The Store on a database whose tables are there. Threads may share it; each call takes a connection of its own."""

    def commit(self, change: Change) -> None:
        with self._writing() as conn:
            commit.apply(conn, change, self._key, self._clock)

    def note(self, notes: Sequence[Note]) -> None:
        if notes:
            with self._writing() as conn:
                refunds.note(conn, notes)

    def note_all(self, asset: tuple[str, str], waiting_for: str | None) -> None:
        with self._writing() as conn:
            refunds.note_all(conn, asset, waiting_for)

    def note_tip(self, wallet: str, tip: int, at: datetime) -> None:
        with self._writing() as conn:
            records.note_tip(conn, wallet, tip, at)

    def claim_lease(self, wallet: str, owner: str, ttl: timedelta) -> Lease | None:
        with self._writing() as conn:
            return leases.claim(conn, self._clock, wallet, owner, ttl)

    def release_lease(self, lease: Lease) -> None:
        with self._writing() as conn:
            leases.release(conn, lease)

    def lease_holder(self, wallet: str) -> Holder | None:
        return self._ask(leases.holder, self._clock, wallet)

    def refund(self, key: str) -> Refund | None:
        return self._ask(refunds.one, key)

    def refunds(self, ids: Sequence[str]) -> tuple[Refund, ...]:
        return self._ask(refunds.many, ids)

    def payable(self, asset: tuple[str, str], limit: int) -> tuple[Refund, ...]:
        return self._ask(refunds.payable, asset, limit)

    def expired(self, now: datetime, limit: int) -> tuple[Refund, ...]:
        return self._ask(refunds.expired, now, limit)

    def list_refunds(
        self,
        *,
        statuses: Sequence[RefundStatus] = (),
        after: str | None = None,
        limit: int | None = None,
    ) -> tuple[RefundLine, ...]:
        return self._ask(listing.list_refunds, statuses, after, limit)

    def counts(self) -> Mapping[RefundStatus, int]:
        return self._ask(refunds.counts)

    def approvals(self, refund_ids: Sequence[str]) -> tuple[Approval, ...]:
        return self._ask(records.approvals_of, refund_ids)

    def attempts(self, refund_ids: Sequence[str]) -> tuple[Attempt, ...]:
        return self._ask(attempts.of_refunds, refund_ids)

    def attempts_of(self, transfer_ids: Sequence[str]) -> tuple[Attempt, ...]:
        return self._ask(attempts.of_transfers, transfer_ids)

    def unproven(self, wallet: str, limit: int) -> tuple[Attempt, ...]:
        return self._ask(attempts.unproven, wallet, limit)

    def quote(self, quote_id: str) -> Quote | None:
        return self._ask(attempts.quote, quote_id)

    def transfer(self, txid: str) -> Transfer | None:
        return self._ask(transfers.one, txid)

    def open_transfers(self, wallet: str) -> tuple[Transfer, ...]:
        return self._ask(transfers.open_ones, wallet)

    def unwatched(self, wallet: str, limit: int) -> tuple[Transfer, ...]:
        return self._ask(transfers.unwatched, wallet, limit)

    def list_transfers(self, *, after: str | None = None, limit: int | None = None) -> tuple[Transfer, ...]:
        return self._ask(transfers.listed, after, limit)

    def spending(self, key_images: Sequence[str]) -> tuple[Transfer, ...]:
        return self._ask(transfers.spending, key_images)

    def known(self, txids: Sequence[str]) -> frozenset[str]:
        return self._ask(_known, txids)

    def known_spends(self, wallet: str) -> tuple[KnownSpend, ...]:
        return self._ask(records.spends_of, wallet)

    def last_begun(self, wallet: str, limit: int) -> tuple[str, ...]:
        return self._ask(transfers.last_begun, wallet, limit)

    def order(self, key: str) -> Order | None:
        return self._ask(orders.one, key)

    def orders_of(self, refund_ids: Sequence[str]) -> tuple[Order, ...]:
        return self._ask(orders.of_refunds, refund_ids)

    def orders_funded_by(self, transfer_id: str) -> tuple[Order, ...]:
        return self._ask(orders.funded_by, transfer_id)

    def open_orders(self, statuses: Sequence[OrderStatus], limit: int) -> tuple[Order, ...]:
        return self._ask(orders.open_ones, statuses, limit)

    def unwatched_orders(self, limit: int) -> tuple[Order, ...]:
        return self._ask(orders.unwatched, limit)

    def list_orders(self, *, after: str | None = None, limit: int | None = None) -> tuple[Order, ...]:
        return self._ask(orders.listed, after, limit)

    def poke(self, processor: str, processor_id: str, at: datetime) -> bool:
        with self._writing() as conn:
            return orders.poke(conn, processor, processor_id, at)

    def arrivals_taken(self, ids: Sequence[str]) -> frozenset[str]:
        return self._ask(order_claims.arrivals_taken, ids)

    def free_return_addresses(self, wallet: str, limit: int) -> tuple[ReturnAddress, ...]:
        return self._ask(return_addresses.free, wallet, limit)

    def payable_assets(self) -> frozenset[tuple[str, str]]:
        return self._ask(refunds.payable_assets)

    def events(
        self,
        *,
        refund_id: str | None = None,
        transfer_id: str | None = None,
        order_id: str | None = None,
        alarms: bool = False,
        limit: int = 100,
    ) -> tuple[Event, ...]:
        return self._ask(audit.newest_events, refund_id, transfer_id, order_id, alarms_only=alarms, limit=limit)

    def approved_owed(self) -> Mapping[tuple[str, str], int]:
        return self._ask(refunds.approved_owed)

    def refund_lines(self, ids: Sequence[str]) -> tuple[RefundLine, ...]:
        return self._ask(listing.some, ids)

    def pauses(self) -> tuple[Pause, ...]:
        return self._ask(records.pauses_in_force, self._clock)

    def cap_used(self, scope: str, day: str) -> int:
        return self._ask(conditions.counter, scope, day)

    def wallet(self, name: str) -> WalletRecord | None:
        return self._ask(records.wallet, name)


def _known(conn: Connection, txids: Sequence[str]) -> frozenset[str]:
    return frozenset(transfers.ids_among(conn, txids) | records.spends_among(conn, txids))
