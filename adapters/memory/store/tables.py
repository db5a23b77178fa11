"""
What the in-memory store holds: plain dicts of the business's own values.

Values are immutable, so handing them out needs no copy.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from payout.transfer import TransferStatus

if TYPE_CHECKING:
    from datetime import datetime

    from payout.api_key import ApiKey
    from payout.approval import Approval
    from payout.audit.chain import AuditLine
    from payout.change import KnownSpend, Pause, ReturnAddress, WalletRecord
    from payout.event import Event
    from payout.money import Money
    from payout.order import Order
    from payout.quote import Quote
    from payout.refund import Attempt, Refund
    from payout.reply import Reply
    from payout.revision import Revision
    from payout.transfer import Transfer
    from payout.webhooks.message import Delivery, Endpoint, Message


@dataclass(slots=True)
class Held:
    """Who has a wallet, and until when. Stays when the lease ends: its epoch never goes back."""

    owner: str
    epoch: int
    expires_at: datetime


@dataclass(slots=True)
class Tables:
    """All rows, by their keys."""

    refunds: dict[str, Refund] = field(default_factory=dict)
    by_external_id: dict[str, str] = field(default_factory=dict)
    worths: dict[str, Money | None] = field(default_factory=dict)
    approvals: list[Approval] = field(default_factory=list)
    transfers: dict[str, Transfer] = field(default_factory=dict)
    spenders: dict[str, list[str]] = field(default_factory=dict)
    """Every transfer that names a key image, VOID ones too."""
    quotes: dict[str, Quote] = field(default_factory=dict)
    attempts: dict[str, Attempt] = field(default_factory=dict)
    attempt_ids: dict[str, dict[str, None]] = field(default_factory=dict)
    """By refund, in the order in which they were opened."""
    orders: dict[str, Order] = field(default_factory=dict)
    return_addresses: dict[str, ReturnAddress] = field(default_factory=dict)
    wallets: dict[str, WalletRecord] = field(default_factory=dict)
    known_spends: dict[str, KnownSpend] = field(default_factory=dict)
    leases: dict[str, Held] = field(default_factory=dict)
    pauses: dict[tuple[str, str], Pause] = field(default_factory=dict)
    counters: dict[tuple[str, str], int] = field(default_factory=dict)
    links: list[AuditLine] = field(default_factory=list)
    """The history, in the order of its numbers."""
    places: dict[str, int] = field(default_factory=dict)
    revisions: dict[tuple[str, int], Revision] = field(default_factory=dict)
    replies: dict[str, Reply] = field(default_factory=dict)
    api_keys: dict[str, ApiKey] = field(default_factory=dict)
    endpoints: dict[str, Endpoint] = field(default_factory=dict)
    messages: dict[str, Message] = field(default_factory=dict)
    """In the order in which they were written."""
    numbers: dict[str, int] = field(default_factory=dict)
    """Of the links that the messages tell of."""
    deliveries: dict[str, Delivery] = field(default_factory=dict)
    """In the order of their messages."""

    @property
    def events(self) -> list[Event]:
        """The history without its chain, oldest first."""
        return [line.event for line in self.links]

    def attempts_of(self, refund_id: str) -> list[Attempt]:
        """Oldest first."""
        tries = [self.attempts[each] for each in self.attempt_ids.get(refund_id, ())]
        return sorted(tries, key=lambda each: each.number)

    def live_spenders(self, image: str) -> set[str]:
        """Transfers that are not VOID and name this key image."""
        return {txid for txid in self.spenders.get(image, ()) if self.transfers[txid].status is not TransferStatus.VOID}
