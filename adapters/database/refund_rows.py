"""Rows of refunds, to values and back, and what they share with other rows: assets, and cents."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from payout.asset import USD, Asset
from payout.errors import BadInput
from payout.money import Money
from payout.refund import Refund, RefundStatus

if TYPE_CHECKING:
    from sqlalchemy import Row

    Values = dict[str, Any]

CENTS_MAX = 2**63 - 1
"""What a column of cents holds: some 92 quadrillion dollars."""


@lru_cache(maxsize=256)
def asset(code: str, network: str, decimals: int) -> Asset:
    """One value for each asset, however many rows name it."""
    return Asset(code=code, network=network, decimals=decimals)


def cents(field: str, money: Money) -> int:
    """
    USD as the database counts it.

    Raises:
        BadInput: another currency, or more than a column holds.
    """
    if money.asset != USD:
        problem = f"is in {money.asset.code} on {money.asset.network}"
        raise BadInput(field, problem, "give an amount in USD")
    if abs(money.units) > CENTS_MAX:
        raise BadInput(field, f"{money} USD is more than the database can count", "give less")
    return money.units


def _usd(units: int | None) -> Money | None:
    return None if units is None else Money(units, USD)


def refund_row(refund: Refund) -> Values:
    """All columns of a refund."""
    return {
        "id": refund.id,
        "external_id": refund.external_id,
        "revision": refund.revision,
        "owed_cents": cents("owed", refund.owed),
        "asset_code": refund.asset.code,
        "asset_network": refund.asset.network,
        "asset_decimals": refund.asset.decimals,
        "destination": refund.destination,
        "memo": refund.memo,
        "payment_tx": refund.payment_tx,
        "paid_cents": None if refund.paid is None else cents("paid_usd", refund.paid),
        "amount_max_units": None if refund.amount_max is None else refund.amount_max.units,
        "reason": refund.reason,
        "facts": refund.facts,
        "status": str(refund.status),
        "waiting_for": refund.waiting_for,
        "hold_reason": refund.hold_reason,
        "passed_over": refund.passed_over,
        "requested_by": refund.requested_by,
        "requested_at": refund.requested_at,
        "approved_at": refund.approved_at,
        "approved_until": refund.approved_until,
        "paid_at": refund.paid_at,
        "attempts": refund.attempts,
        "version": refund.version,
        "amended_at": refund.amended_at,
        "amended_by": refund.amended_by,
        "seal": refund.seal,
    }


def refund_of(row: Row[Any]) -> Refund:
    """The refund of a row of `refunds`."""
    kind = asset(row.asset_code, row.asset_network, row.asset_decimals)
    most = row.amount_max_units
    return Refund(
        id=row.id,
        external_id=row.external_id,
        revision=row.revision,
        owed=Money(row.owed_cents, USD),
        asset=kind,
        destination=row.destination,
        memo=row.memo,
        payment_tx=row.payment_tx,
        paid=_usd(row.paid_cents),
        amount_max=None if most is None else Money(most, kind),
        reason=row.reason,
        facts=row.facts,
        status=RefundStatus(row.status),
        waiting_for=row.waiting_for,
        hold_reason=row.hold_reason,
        passed_over=row.passed_over,
        requested_by=row.requested_by,
        requested_at=row.requested_at,
        approved_at=row.approved_at,
        approved_until=row.approved_until,
        paid_at=row.paid_at,
        attempts=row.attempts,
        version=row.version,
        amended_at=row.amended_at,
        amended_by=row.amended_by,
        seal=row.seal,
    )
