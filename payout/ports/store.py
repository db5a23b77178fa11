"""The store port: the database, in which each method is one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from payout.ports.outward_store import OutwardStore

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta

    from payout.approval import Approval
    from payout.change import Change, KnownSpend, Lease, Note, Pause, ReturnAddress, WalletRecord
    from payout.event import Event
    from payout.order import Order, OrderStatus
    from payout.quote import Quote
    from payout.refund import Attempt, Refund, RefundLine, RefundStatus
    from payout.transfer import Transfer


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Whose a lease is, and until when by the database's clock."""

    owner: str
    until: datetime


class Store(OutwardStore, Protocol):
    """
    The database. Each method is one transaction, and none stays open across a network call.

    Any method may raise StoreUnavailable (nothing was written).
    """

    def commit(self, change: Change) -> None:
        """
        Write all of a change, or nothing.

        Raises:
            StaleWrite: a row is not the version that the change was made from.
            LeaseLost: the lease has a newer epoch, or ended.
            Paused: a pause of one of `unless_paused` is in force.
            KeyImageTaken: another live transfer spends the same input.
            DatabaseBehind: `journal_head` is not on record.
            LimitReached: a cap would be passed; the message says which.
            OrderTaken: another live order of the refund, or one with the same address, processor's id or arrival.
            DuplicateRefund: the external_id is on record already.
            KeyUsed: a reply to this Idempotency-Key is on record already.
            CommitUnknown: the answer was lost; read again.
        """
        ...

    def note(self, notes: Sequence[Note]) -> None:
        """Write what APPROVED refunds wait for. Changes no version; skips refunds that are no longer APPROVED."""
        ...

    def note_all(self, asset: tuple[str, str], waiting_for: str | None) -> None:
        """The same words for every APPROVED refund of an asset (code, network) that says something else."""
        ...

    def note_tip(self, wallet: str, tip: int, at: datetime) -> None:
        """Remember how long the chain is; confirmations in listings are counted from it."""
        ...

    def claim_lease(self, wallet: str, owner: str, ttl: timedelta) -> Lease | None:
        """
        Take or keep the lease, by the database's clock. None while another owner's has not run out.

        A take-over raises the epoch; keeping one's own running lease keeps the epoch and extends it.
        """
        ...

    def release_lease(self, lease: Lease) -> None:
        """Let go, if it is still ours."""
        ...

    def lease_holder(self, wallet: str) -> Holder | None:
        """Who has the wallet now; None where nobody has, or the lease has run out."""
        ...

    def refund(self, key: str) -> Refund | None:
        """By id or by external_id."""
        ...

    def refunds(self, ids: Sequence[str]) -> tuple[Refund, ...]:
        """By id; missing ones are left out."""
        ...

    def payable(self, asset: tuple[str, str], limit: int) -> tuple[Refund, ...]:
        """APPROVED refunds of an asset (code, network), longest approved first."""
        ...

    def expired(self, now: datetime, limit: int) -> tuple[Refund, ...]:
        """APPROVED refunds whose approvals have run out."""
        ...

    def list_refunds(
        self,
        *,
        statuses: Sequence[RefundStatus] = (),
        after: str | None = None,
        limit: int | None = None,
    ) -> tuple[RefundLine, ...]:
        """Newest request first; `after` is the id of the last one seen."""
        ...

    def refund_lines(self, ids: Sequence[str]) -> tuple[RefundLine, ...]:
        """Refunds by id as a listing shows them, in the order asked; missing ones are left out."""
        ...

    def counts(self) -> Mapping[RefundStatus, int]:
        """How many refunds stand in each status that is not an end, and in PAID."""
        ...

    def approvals(self, refund_ids: Sequence[str]) -> tuple[Approval, ...]:
        """Every signature ever given for these refunds, oldest first."""
        ...

    def attempts(self, refund_ids: Sequence[str]) -> tuple[Attempt, ...]:
        """Every attempt of these refunds, oldest first."""
        ...

    def attempts_of(self, transfer_ids: Sequence[str]) -> tuple[Attempt, ...]:
        """Every attempt that these transfers pay."""
        ...

    def unproven(self, wallet: str, limit: int) -> tuple[Attempt, ...]:
        """OPEN attempts of a wallet's begun transfers that lack a proof, oldest first."""
        ...

    def quote(self, quote_id: str) -> Quote | None:
        """A quote as it was kept with its attempts."""
        ...

    def transfer(self, txid: str) -> Transfer | None:
        """By txid."""
        ...

    def open_transfers(self, wallet: str) -> tuple[Transfer, ...]:
        """OPEN ones, oldest first."""
        ...

    def unwatched(self, wallet: str, limit: int) -> tuple[Transfer, ...]:
        """FINAL and VOID ones that are still to be looked at (`watched` is false), oldest first."""
        ...

    def list_transfers(self, *, after: str | None = None, limit: int | None = None) -> tuple[Transfer, ...]:
        """Newest first; `after` is the txid of the last one seen."""
        ...

    def spending(self, key_images: Sequence[str]) -> tuple[Transfer, ...]:
        """Transfers of ours, of any status, that spend any of these key images."""
        ...

    def known(self, txids: Sequence[str]) -> frozenset[str]:
        """Those that are transfers of ours or spends that a person has explained."""
        ...

    def known_spends(self, wallet: str) -> tuple[KnownSpend, ...]:
        """Spends of a wallet that a person has explained."""
        ...

    def last_begun(self, wallet: str, limit: int) -> tuple[str, ...]:
        """The newest transfers of a wallet whose broadcast was begun."""
        ...

    def order(self, key: str) -> Order | None:
        """By our id, or by the processor's."""
        ...

    def orders_of(self, refund_ids: Sequence[str]) -> tuple[Order, ...]:
        """Every order of these refunds, oldest first."""
        ...

    def orders_funded_by(self, transfer_id: str) -> tuple[Order, ...]:
        """The orders whose deposits this transfer pays."""
        ...

    def open_orders(self, statuses: Sequence[OrderStatus], limit: int) -> tuple[Order, ...]:
        """Orders in one of these live statuses (ASKED, UNFUNDED, FUNDED), longest asked first."""
        ...

    def unwatched_orders(self, limit: int) -> tuple[Order, ...]:
        """SETTLED and RETURNED ones that are still to be looked at (`watched` is false), oldest first."""
        ...

    def list_orders(self, *, after: str | None = None, limit: int | None = None) -> tuple[Order, ...]:
        """Newest first; `after` is the id of the last one seen."""
        ...

    def poke(self, processor: str, processor_id: str, at: datetime) -> bool:
        """Ask for a look at an order of this processor; changes no version. False: there is none that is FUNDED."""
        ...

    def arrivals_taken(self, ids: Sequence[str]) -> frozenset[str]:
        """Those arrivals that settle an order already."""
        ...

    def free_return_addresses(self, wallet: str, limit: int) -> tuple[ReturnAddress, ...]:
        """Those that no order has, oldest first."""
        ...

    def payable_assets(self) -> frozenset[tuple[str, str]]:
        """(code, network) of what APPROVED refunds are owed in."""
        ...

    def events(
        self,
        *,
        refund_id: str | None = None,
        transfer_id: str | None = None,
        order_id: str | None = None,
        alarms: bool = False,
        limit: int = 100,
    ) -> tuple[Event, ...]:
        """The newest events of a refund, a transfer, an order, or all; oldest first among those given."""
        ...

    def pauses(self) -> tuple[Pause, ...]:
        """Those in force, by the database's clock."""
        ...

    def approved_owed(self) -> Mapping[tuple[str, str], int]:
        """What APPROVED refunds come to, in cents of USD, by their asset (code, network)."""
        ...

    def cap_used(self, scope: str, day: str) -> int:
        """Where a counter stands."""
        ...

    def wallet(self, name: str) -> WalletRecord | None:
        """What we remember of a wallet."""
        ...
