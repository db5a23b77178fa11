"""
How orders read outside: their JSON, and both legs of a swap told as one story.

A processor's secret is never in here: only `payout orders show --secret` unseals it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from config.views import moment, short
from payout.money import Money
from payout.order import LIVE, OrderStatus, Stage
from payout.text import iso, plain
from payout.transfer import Place

if TYPE_CHECKING:
    from datetime import datetime

    from payout.asset import Asset
    from payout.order import Order
    from payout.refund import Attempt, Refund
    from payout.transfer import Transfer

USUAL: Final = timedelta(hours=24)
"""What a swap may take beside the time of our own transfer, when nothing goes wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tale:
    """An order with what belongs to it, as far as it is on record."""

    order: Order
    refund: Refund | None
    attempt: Attempt | None
    transfer: Transfer | None
    coin: Asset
    """What its deposit is paid in."""
    overdue: timedelta
    now: datetime

    @property
    def is_live(self) -> bool:
        return self.order.status in LIVE

    @property
    def late_at(self) -> datetime | None:
        """When it raises itself, if it has not ended by then."""
        return self.order.funded_at + self.overdue if self.order.funded_at else None

    @property
    def is_overdue(self) -> bool:
        return self.order.status is OrderStatus.FUNDED and self.late_at is not None and self.late_at <= self.now


def order_json(tale: Tale) -> dict[str, Any]:
    """One order."""
    order = tale.order
    returned = None if order.returned_units is None else str(Money(order.returned_units, tale.coin))
    return {
        "id": order.id,
        "refund_id": order.refund_id,
        "external_id": tale.refund.external_id if tale.refund else None,
        "processor": order.processor,
        "processor_id": order.processor_id,
        "status": str(order.status),
        "trouble": order.trouble,
        "stage": str(order.stage) if order.stage else None,
        "status_text": order.status_text,
        "reason": order.reason,
        "settled_unproven": order.settled_unproven,
        "asset": order.receive.asset.code,
        "network": order.receive.asset.network,
        "receive": str(order.receive),
        "rate_usd": plain(order.rate),
        "destination": order.destination,
        "memo": order.memo,
        "deposit": str(order.deposit) if order.deposit else None,
        "deposit_asset": tale.coin.code,
        "deposit_address": order.deposit_address,
        "deposit_tx_id": order.transfer_id,
        "deposit_proven": bool(tale.attempt and tale.attempt.proof),
        "wallet": order.wallet,
        "return_address": order.return_address,
        "returned": returned,
        "return_tx_id": order.return_txid,
        "settle_tx_id": order.settle_txid,
        "settle_height": order.settle_height,
        "attested_by": order.attested_by,
        "support_url": order.support_url,
        "has_secret": order.sealed_secret is not None,
        "asked_at": iso(order.asked_at),
        "expires_at": iso(order.expires_at),
        "funded_at": iso(order.funded_at),
        "said_at": iso(order.said_at),
        "ended_at": iso(order.ended_at),
        "expected_by": iso(tale.late_at),
        "overdue": tale.is_overdue,
        "watched": order.watched,
    }


def legs(tale: Tale) -> list[tuple[str, str | None]]:
    """Both legs and the time that they take, a line each."""
    return [
        ("1. our deposit", _deposit(tale)),
        ("2. to the customer", _settlement(tale)),
        ("expected", _expected(tale)),
        ("look at", tale.order.trouble if tale.is_live else None),
    ]


def _deposit(tale: Tale) -> str:
    order = tale.order
    if order.deposit is None or order.deposit_address is None:
        return f"none: {order.processor} never named an address for it" if not tale.is_live else "not agreed yet"
    what = f"{order.deposit} {tale.coin.code} to {short(order.deposit_address)}"
    if order.transfer_id is None:
        until = f", if it leaves before {moment(order.expires_at)} UTC" if order.expires_at else ""
        return f"{what}: not sent{'' if not tale.is_live else ' yet' + until}"
    proof = "proof saved" if tale.attempt and tale.attempt.proof else "no proof yet"
    return f"{what} in {short(order.transfer_id)}, {_place(tale.transfer)}, {proof}"


def _place(transfer: Transfer | None) -> str:
    if transfer is None:
        return "not on record"
    if not transfer.begun:
        return "not sent yet"
    if transfer.place is Place.MINED:
        return f"{transfer.depth} deep, {transfer.status}"
    return "in the pool" if transfer.place is Place.POOL else "unseen"


def _settlement(tale: Tale) -> str:  # noqa: PLR0911  (one line a status reads best)
    order = tale.order
    asset = order.receive.asset
    what = f"{order.receive} {asset.code} ({asset.network}) to {short(order.destination)}"
    said = f"{order.processor} says {order.stage}" if order.stage else f"{order.processor} has said nothing yet"
    match order.status:
        case OrderStatus.ASKED:
            return f"{what}: {order.processor} has yet to answer"
        case OrderStatus.UNFUNDED:
            return f"{what}, once the deposit is there"
        case OrderStatus.FUNDED if order.attested_by:
            return f"{what}: {said}; {order.attested_by}, and another person must say the same"
        case OrderStatus.FUNDED if order.settled_unproven:
            seen = f" in {order.settle_txid}" if order.settle_txid else ""
            return f"{what}: settled{seen} by {order.processor}'s word; unproven, no chain has shown it"
        case OrderStatus.FUNDED if order.stage is Stage.RETURNED:
            seen = f" in {order.return_txid}" if order.return_txid else ""
            return f"{what}: {said}{seen}; it counts once our wallet has it, deep enough"
        case OrderStatus.FUNDED:
            return f"{what}: {said}{f' ({order.reason})' if order.reason else ''}"
        case OrderStatus.SETTLED if order.attested_by:
            return f"{what}: arrived in {order.settle_txid}, attested by {order.attested_by}"
        case OrderStatus.SETTLED:
            return f"{what}: arrived in {order.settle_txid}, seen in block {order.settle_height}"
        case OrderStatus.RETURNED:
            return f"nothing: {_returned(tale)}"
        case OrderStatus.DROPPED:
            return f"nothing: dropped, never paid for{f'; {order.reason}' if order.reason else ''}"


def _returned(tale: Tale) -> str:
    order = tale.order
    if not order.returned_units:
        by = f", by the word of {order.attested_by}" if order.attested_by else ""
        return f"it failed{by}, and nothing has come back to us"
    came = Money(order.returned_units, tale.coin)
    lost = f", a loss of {order.deposit - came} {tale.coin.code}" if order.deposit and came < order.deposit else ""
    return f"{came} {tale.coin.code} came back to us in {order.return_txid}{lost}"


def _expected(tale: Tale) -> str | None:
    """How long a person should wait before they worry."""
    if not tale.is_live:
        return None
    hours = int(tale.overdue.total_seconds()) // 3600
    usual = min(int(USUAL.total_seconds()) // 3600, hours)
    if tale.late_at is None:
        return f"minutes to hours after the deposit; a swap may take {usual} to {hours} hours"
    if tale.is_overdue:
        return f"OVERDUE: funded at {moment(tale.order.funded_at)} UTC, should have ended by {moment(tale.late_at)} UTC"
    return f"by {moment(tale.late_at)} UTC: a swap may take {usual} to {hours} hours after its deposit"
