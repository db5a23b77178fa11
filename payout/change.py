"""
A change: all that one step writes, in one transaction, with the conditions under which it may be written.

The store applies a change wholly or not at all. This is the only way in which anything is written, so every rule
that must hold between two rows stands here as a condition.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from payout.text import iso

if TYPE_CHECKING:
    from datetime import datetime

    from payout.api_key import ApiKey
    from payout.approval import Approval
    from payout.caps import CapUse
    from payout.event import Event
    from payout.money import Money
    from payout.order import Order
    from payout.quote import Quote
    from payout.refund import Attempt, Refund
    from payout.reply import Reply
    from payout.revision import Revision
    from payout.transfer import Transfer
    from payout.webhooks.message import Endpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to write for one wallet. A write says `AND epoch = mine`; a later epoch ends it."""

    wallet: str
    owner: str
    epoch: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Stops commits. `scope` is a wallet's name or "all"; it is lifted by a person."""

    scope: str
    who: str
    why: str
    at: datetime
    until: datetime | None = None
    """It ends by itself then; None: only a person ends it."""

    @property
    def words(self) -> str:
        """Who stops what, and why."""
        end = f" until {iso(self.until)}" if self.until else ""
        return f"{self.scope} is paused by {self.who}{end}: {self.why}"

    def in_force(self, now: datetime) -> bool:
        """It still stops commits."""
        return self.until is None or now < self.until


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletRecord:
    """What we remember of a wallet: whose it is, and since when its spends are ours to explain."""

    name: str
    address: str
    network: str
    adopted_height: int
    """Spends mined below it were made before this system had the wallet."""
    tip: int = 0
    """Number of blocks when the daemon was last looked at."""
    tip_at: datetime | None = None
    low: bool = False
    """It was said that it holds too little, and that has not changed yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSpend:
    """A transaction of the wallet that is not ours, and that a person has explained."""

    txid: str
    wallet: str
    who: str
    why: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnAddress:
    """A subaddress of ours, made ahead for an order to return to. On the wallet's disk before it is on record."""

    address: str
    wallet: str
    index: int
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What an APPROVED refund waits for, in words; a remark that no decision rests on."""

    refund_id: str
    waiting_for: str | None
    passed_over: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentCap:
    """Refunds of this payment that are not rejected or canceled never sum above what it was worth."""

    payment_tx: str
    paid: Money | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """
    One transaction.

    Rows: `refunds`, `transfers` and `orders` of version 0 are inserted, others replace version - 1. `attempts` are
    inserted or replaced by their id. `quotes` are kept once by id. `api_keys` and `endpoints` of version 0 are
    inserted, others replace version - 1. The rest is appended; `resume` ends every pause of a scope,
    `lift` that of one (scope, who).

    Written beside them, in the same transaction: each event gets its link in the audit chain, and what the merchant is
    to be told of it goes to the outbox.

    Conditions, each checked inside the transaction:
    `lease`: still held with this epoch. `unless_paused`: no pause of these scopes. `journal_head`: this transfer is
    on record. `caps`: counters raised, none passed. `payment_caps`: see PaymentCap. `replies`: the key is new.
    Always: a key image is spent by one transfer that is not VOID, save that a GIVE_UP may name one of the
    transfer that it replaces; a refund has one attempt that is not FAILED and one order that is ASKED, UNFUNDED or
    FUNDED; no two orders share a return address, a deposit address, a processor's id or an arrival.
    """

    refunds: tuple[Refund, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    orders: tuple[Order, ...] = ()
    return_addresses: tuple[ReturnAddress, ...] = ()
    quotes: tuple[Quote, ...] = ()
    approvals: tuple[Approval, ...] = ()
    events: tuple[Event, ...] = ()
    wallets: tuple[WalletRecord, ...] = ()
    known_spends: tuple[KnownSpend, ...] = ()
    pauses: tuple[Pause, ...] = ()
    resume: tuple[str, ...] = ()
    lift: tuple[tuple[str, str], ...] = ()
    lease: Lease | None = None
    unless_paused: tuple[str, ...] = ()
    journal_head: str | None = None
    caps: tuple[CapUse, ...] = ()
    payment_caps: tuple[PaymentCap, ...] = ()
    revisions: tuple[Revision, ...] = ()
    api_keys: tuple[ApiKey, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    replies: tuple[Reply, ...] = ()
