"""
An order: one swap at a processor, from our asking for it to what the customer received.

Its deposit is paid by a funding transfer of ours. What the processor says is a fact on the row, never a status: an
order ends only when its settlement is seen on the customer's chain, when its return has arrived in our wallet, or
when it was never funded.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from payout.errors import IllegalTransition

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from payout.money import Money


class OrderStatus(StrEnum):
    """What we know, by our own records and by two chains."""

    ASKED = "ASKED"  # the processor may have been asked to make it; no answer is on record
    UNFUNDED = "UNFUNDED"  # made, and its echo was right; nothing was sent to it
    FUNDED = "FUNDED"  # a committed transfer of ours pays its deposit
    SETTLED = "SETTLED"  # what the customer was to get is final on their chain, or a person attested it
    RETURNED = "RETURNED"  # the deposit came back to our wallet, and nothing reached the customer
    DROPPED = "DROPPED"  # ended unfunded: orphaned, refused, expired, or its funding is VOID


_S = OrderStatus

TRANSITIONS: dict[OrderStatus, frozenset[OrderStatus]] = {
    _S.ASKED: frozenset(
        {
            _S.UNFUNDED,  # its answer came, or it was found again
            _S.DROPPED,  # refused, or its answer was lost and nothing was found
        }
    ),
    _S.UNFUNDED: frozenset(
        {
            _S.UNFUNDED,  # the processor said something new
            _S.FUNDED,  # its deposit is in a committed transfer
            _S.DROPPED,  # expired, no longer wanted, or no longer what was agreed
        }
    ),
    _S.FUNDED: frozenset(
        {
            _S.FUNDED,  # the processor, or a chain, said something new
            _S.SETTLED,  # seen final on the customer's chain, or attested
            _S.RETURNED,  # the deposit is back, that deep
            _S.DROPPED,  # its funding transfer is VOID: nothing was ever deposited
        }
    ),
    _S.SETTLED: frozenset(
        {
            _S.SETTLED,  # deep enough to be looked at no more
            _S.FUNDED,  # a reorganisation of the customer's chain undid it
        }
    ),
    _S.RETURNED: frozenset(
        {
            _S.RETURNED,  # looked at no more
        }
    ),
    _S.DROPPED: frozenset(
        {
            _S.FUNDED,  # repair: the spend journal shows a funding that the database forgot
        }
    ),
}

LIVE = frozenset({_S.ASKED, _S.UNFUNDED, _S.FUNDED})
"""At most one order of a refund is in one of these."""


class Stage(StrEnum):
    """A processor's word, in ours. None of them ends an order."""

    AWAITING_DEPOSIT = "awaiting deposit"
    DEPOSIT_SEEN = "deposit seen"
    EXCHANGING = "exchanging"
    SENDING = "sending"
    SETTLED = "settled"
    UNDERPAID = "underpaid"
    HOLD = "on hold"
    RETURN_PENDING = "being returned"
    RETURNED = "returned"
    EXPIRED = "expired"
    FAILED = "failed"
    CANCELED = "canceled"
    VANISHED = "vanished"  # the processor does not know it any more
    UNKNOWN = "unknown"  # a word that no table has: looked at again, and reported


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """
    What a processor says of one order, at one moment. None where it does not say.

    Amounts are in the smallest unit of the asset that they count; an amount with more decimals than the asset has is
    rounded away from us: deposits up, what is received down.
    """

    processor_id: str
    stage: Stage
    status_text: str
    """Its own word."""
    deposit_address: str | None = None
    deposit_memo: str | None = None
    deposit: Money | None = None
    """What it wants to get from us, exactly."""
    destination: str | None = None
    memo: str | None = None
    receive: Money | None = None
    """What it will send, in the asset that was asked for: its echo of asset, network and contract was checked."""
    return_address: str | None = None
    expires_at: datetime | None = None
    settle_txids: tuple[str, ...] = ()
    return_txids: tuple[str, ...] = ()
    reason: str | None = None
    support_url: str | None = None
    secret: str | None = field(default=None, repr=False)
    """What its support asks for: a token or password. Only the answer to the creating call may have it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One swap order of one refund."""

    refund_id: str
    number: int
    """1 for a refund's first order, however it ended."""
    processor: str
    wallet: str
    """Whose transfer funds it, and where it returns to."""
    revision: int
    """Of the refund, when it was asked for: an amended refund drops it."""
    status: OrderStatus = OrderStatus.ASKED
    destination: str
    memo: str | None = None
    receive: Money
    """What the customer gets, exactly."""
    rate: Decimal
    """USD a coin of what the customer gets, by our own sources."""
    quote_id: str
    """The evidence of `rate`."""
    offered: Money
    """The deposit that the processor's quote asked for."""
    offer_ref: str | None = None
    """The processor's id of that quote; a lost answer may be found by it."""
    offer_expires_at: datetime | None = None
    return_address: str
    """A subaddress of ours that no other order has."""
    return_index: int
    processor_id: str | None = None
    sealed_secret: str | None = field(default=None, repr=False)
    deposit: Money | None = None
    deposit_address: str | None = None
    expires_at: datetime | None = None
    """The deposit must be on its way before."""
    transfer_id: str | None = None
    """FUNDED and after: the transfer that pays its deposit."""
    stage: Stage | None = None
    status_text: str | None = None
    reason: str | None = None
    support_url: str | None = None
    said_at: datetime | None = None
    """When stage, words or transactions last changed."""
    missing: int = 0
    """Looks in a row at which the processor did not know it."""
    settle_txid: str | None = None
    """On the customer's chain, as the processor named it or as it was found there."""
    arrival_id: str | None = None
    """SETTLED: the one payment on that chain that settles this order and no other."""
    settle_height: int | None = None
    settle_block: str | None = None
    attested_by: str | None = None
    """SETTLED by a person's word, as no verifier is configured for its chain."""
    return_txid: str | None = None
    returned_units: int | None = None
    """What came back, in units of the wallet's asset."""
    trouble: str | None = None
    """What a person should look at, in words; None while all goes well."""
    asked_at: datetime
    funded_at: datetime | None = None
    ended_at: datetime | None = None
    poked_at: datetime | None = None
    """A webhook, or a person, asked for a look then."""
    watched: bool = False
    """Ended, and no longer looked at."""
    version: int = 0

    @property
    def id(self) -> str:
        """`<refund id>/o<number>`."""
        return f"{self.refund_id}/o{self.number}"

    @property
    def settled_unproven(self) -> bool:
        """The processor calls it settled, and no chain has shown it."""
        return self.status is OrderStatus.FUNDED and self.stage is Stage.SETTLED

    def to(self, status: OrderStatus, **changes: Any) -> Order:
        """
        The next version, in `status`.

        Raises:
            IllegalTransition: the table has no such edge.
        """
        if status not in TRANSITIONS[self.status]:
            raise IllegalTransition(f"order {self.id} is {self.status}: not {status}")
        return replace(self, status=status, version=self.version + 1, **changes)
