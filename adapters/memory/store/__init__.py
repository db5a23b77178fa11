"""
The Store in memory: what the database promises, on plain dicts under one lock.

It shares no code with the database's store, so that each is a witness against the other.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from adapters.memory.store import lists, orders
from adapters.memory.store.apply import apply, later
from adapters.memory.store.checks import check
from adapters.memory.store.outward import Outward
from adapters.memory.store.tables import Held, Tables
from payout.audit.chain import AuditKey
from payout.change import Lease
from payout.ports import Holder
from payout.refund import AttemptStatus, RefundStatus
from payout.transfer import TransferStatus

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import timedelta

    from payout.approval import Approval
    from payout.change import Change, KnownSpend, Note, Pause, ReturnAddress, WalletRecord
    from payout.order import Order, OrderStatus
    from payout.ports import Clock
    from payout.quote import Quote
    from payout.refund import Attempt, Refund, RefundLine
    from payout.transfer import Transfer

_KEY = AuditKey(b"of a store in memory")
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_COUNTED = (
    RefundStatus.REQUESTED,
    RefundStatus.WAITING,
    RefundStatus.APPROVED,
    RefundStatus.PAYING,
    RefundStatus.HELD,
    RefundStatus.PAID,
)


class SystemClock:
    """The machine's own."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class MemoryStore(Outward):
    """
    A Store that forgets all when its process ends. `clock` is "the database's" for leases, pauses and deliveries.

    Nobody but this process can write to it: the key of its audit chain need not be a secret.
    """

    def __init__(self, clock: Clock | None = None, audit: AuditKey | None = None) -> None:
        self._clock: Clock = clock or SystemClock()
        self._key = audit or _KEY
        self._lock = threading.Lock()
        self._t = Tables()

    def commit(self, change: Change) -> None:
        with self._lock:
            check(self._t, change, self._clock.now())
            apply(self._t, change, self._key)

    def note(self, notes: Sequence[Note]) -> None:
        with self._lock:
            for note in notes:
                refund = self._t.refunds.get(note.refund_id)
                if refund is not None and refund.status is RefundStatus.APPROVED:
                    self._t.refunds[refund.id] = replace(
                        refund, waiting_for=note.waiting_for, passed_over=note.passed_over
                    )

    def note_all(self, asset: tuple[str, str], waiting_for: str | None) -> None:
        with self._lock:
            for refund in lists.approved(self._t, asset):
                self._t.refunds[refund.id] = replace(refund, waiting_for=waiting_for)

    def note_tip(self, wallet: str, tip: int, at: datetime) -> None:
        with self._lock:
            if wallet in self._t.wallets:
                self._t.wallets[wallet] = replace(self._t.wallets[wallet], tip=tip, tip_at=at)

    def claim_lease(self, wallet: str, owner: str, ttl: timedelta) -> Lease | None:
        now = self._clock.now()
        with self._lock:
            held = self._t.leases.setdefault(wallet, Held("", 0, _LONG_AGO))
            runs = held.expires_at > now
            if runs and held.owner != owner:
                return None
            held.epoch += 0 if runs else 1
            held.owner, held.expires_at = owner, now + ttl
            return Lease(wallet=wallet, owner=owner, epoch=held.epoch)

    def release_lease(self, lease: Lease) -> None:
        with self._lock:
            held = self._t.leases.get(lease.wallet)
            if held is not None and (held.owner, held.epoch) == (lease.owner, lease.epoch):
                held.owner, held.expires_at = "", _LONG_AGO

    def lease_holder(self, wallet: str) -> Holder | None:
        with self._lock:
            held = self._t.leases.get(wallet)
            if held is None or held.expires_at <= self._clock.now():
                return None
            return Holder(owner=held.owner, until=held.expires_at)

    def refund(self, key: str) -> Refund | None:
        with self._lock:
            by_id = self._t.refunds.get(key)
            return by_id or self._t.refunds.get(self._t.by_external_id.get(key, ""))

    def refunds(self, ids: Sequence[str]) -> tuple[Refund, ...]:
        with self._lock:
            found = (self._t.refunds.get(each) for each in dict.fromkeys(ids))
            return tuple(refund for refund in found if refund is not None)

    def payable(self, asset: tuple[str, str], limit: int) -> tuple[Refund, ...]:
        with self._lock:
            queue = lists.approved(self._t, asset)
            return tuple(sorted(queue, key=lambda each: (each.approved_at, each.id))[:limit])

    def expired(self, now: datetime, limit: int) -> tuple[Refund, ...]:
        with self._lock:
            return lists.expired(self._t, now)[:limit]

    def list_refunds(
        self,
        *,
        statuses: Sequence[RefundStatus] = (),
        after: str | None = None,
        limit: int | None = None,
    ) -> tuple[RefundLine, ...]:
        with self._lock:
            return lists.refund_lines(self._t, statuses, after, limit)

    def counts(self) -> Mapping[RefundStatus, int]:
        with self._lock:
            standing = [refund.status for refund in self._t.refunds.values()]
            return {status: standing.count(status) for status in _COUNTED}

    def approvals(self, refund_ids: Sequence[str]) -> tuple[Approval, ...]:
        with self._lock:
            return tuple(each for each in self._t.approvals if each.refund_id in refund_ids)

    def attempts(self, refund_ids: Sequence[str]) -> tuple[Attempt, ...]:
        with self._lock:
            return lists.attempts(self._t, lambda each: each.refund_id in refund_ids)

    def attempts_of(self, transfer_ids: Sequence[str]) -> tuple[Attempt, ...]:
        with self._lock:
            return lists.attempts(self._t, lambda each: each.transfer_id in transfer_ids)

    def unproven(self, wallet: str, limit: int) -> tuple[Attempt, ...]:
        def lacks_proof(attempt: Attempt) -> bool:
            transfer = self._t.transfers[attempt.transfer_id]
            waits = attempt.status is AttemptStatus.OPEN and attempt.proof is None
            return waits and transfer.begun and transfer.wallet == wallet

        with self._lock:
            return lists.attempts(self._t, lacks_proof)[:limit]

    def quote(self, quote_id: str) -> Quote | None:
        with self._lock:
            return self._t.quotes.get(quote_id)

    def transfer(self, txid: str) -> Transfer | None:
        with self._lock:
            return self._t.transfers.get(txid)

    def open_transfers(self, wallet: str) -> tuple[Transfer, ...]:
        with self._lock:
            return lists.transfers(
                self._t,
                lambda each: each.wallet == wallet and each.status is TransferStatus.OPEN,
            )

    def unwatched(self, wallet: str, limit: int) -> tuple[Transfer, ...]:
        def is_looked_at(transfer: Transfer) -> bool:
            closed = transfer.status is not TransferStatus.OPEN
            return transfer.wallet == wallet and closed and not transfer.watched

        with self._lock:
            return lists.transfers(self._t, is_looked_at)[:limit]

    def list_transfers(self, *, after: str | None = None, limit: int | None = None) -> tuple[Transfer, ...]:
        with self._lock:
            newest_first = lists.transfers(self._t, lambda _: True)[::-1]
        return lists.page(newest_first, [each.id for each in newest_first], after, limit)

    def spending(self, key_images: Sequence[str]) -> tuple[Transfer, ...]:
        with self._lock:
            wanted = set(key_images)
            return lists.transfers(self._t, lambda each: not wanted.isdisjoint(each.key_images))

    def known(self, txids: Sequence[str]) -> frozenset[str]:
        with self._lock:
            ours = self._t.transfers.keys() | self._t.known_spends.keys()
            return frozenset(txids) & ours

    def known_spends(self, wallet: str) -> tuple[KnownSpend, ...]:
        with self._lock:
            found = [each for each in self._t.known_spends.values() if each.wallet == wallet]
            return tuple(sorted(found, key=lambda each: (each.at, each.txid)))

    def last_begun(self, wallet: str, limit: int) -> tuple[str, ...]:
        with self._lock:
            begun = [
                (each.begun_at, each.id)
                for each in self._t.transfers.values()
                if each.wallet == wallet and each.begun_at is not None
            ]
            return tuple(txid for _, txid in sorted(begun, reverse=True)[:limit])

    def order(self, key: str) -> Order | None:
        with self._lock:
            return orders.one(self._t, key)

    def orders_of(self, refund_ids: Sequence[str]) -> tuple[Order, ...]:
        with self._lock:
            return orders.ordered(self._t, lambda each: each.refund_id in refund_ids)

    def orders_funded_by(self, transfer_id: str) -> tuple[Order, ...]:
        with self._lock:
            return orders.ordered(self._t, lambda each: each.transfer_id == transfer_id)

    def open_orders(self, statuses: Sequence[OrderStatus], limit: int) -> tuple[Order, ...]:
        with self._lock:
            return orders.open_ones(self._t, statuses)[:limit]

    def unwatched_orders(self, limit: int) -> tuple[Order, ...]:
        with self._lock:
            return orders.unwatched(self._t)[:limit]

    def list_orders(self, *, after: str | None = None, limit: int | None = None) -> tuple[Order, ...]:
        with self._lock:
            return orders.listed(self._t, after, limit)

    def poke(self, processor: str, processor_id: str, at: datetime) -> bool:
        with self._lock:
            order = orders.funded(self._t, processor, processor_id)
            if order is not None:
                self._t.orders[order.id] = replace(order, poked_at=later(order.poked_at, at))
            return order is not None

    def arrivals_taken(self, ids: Sequence[str]) -> frozenset[str]:
        with self._lock:
            return orders.arrivals_taken(self._t, ids)

    def free_return_addresses(self, wallet: str, limit: int) -> tuple[ReturnAddress, ...]:
        with self._lock:
            return orders.free_return_addresses(self._t, wallet)[:limit]

    def payable_assets(self) -> frozenset[tuple[str, str]]:
        with self._lock:
            return orders.payable_assets(self._t)

    def approved_owed(self) -> Mapping[tuple[str, str], int]:
        with self._lock:
            owed: dict[tuple[str, str], int] = {}
            for refund in self._t.refunds.values():
                if refund.status is RefundStatus.APPROVED:
                    owed[refund.asset.key] = owed.get(refund.asset.key, 0) + refund.owed.units
            return owed

    def refund_lines(self, ids: Sequence[str]) -> tuple[RefundLine, ...]:
        with self._lock:
            return lists.lines_of(self._t, ids)

    def pauses(self) -> tuple[Pause, ...]:
        with self._lock:
            now = self._clock.now()
            found = [each for each in self._t.pauses.values() if each.in_force(now)]
            return tuple(sorted(found, key=lambda each: (each.at, each.scope, each.who)))

    def cap_used(self, scope: str, day: str) -> int:
        with self._lock:
            return self._t.counters.get((scope, day), 0)

    def wallet(self, name: str) -> WalletRecord | None:
        with self._lock:
            return self._t.wallets.get(name)
