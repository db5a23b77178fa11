"""
The body of a commit line: rows as JSON values, and back.

It holds every fact of a transfer, its attempts, their refunds and, of a funding, their orders, so that a lost database
can be recreated from it. Lines that were written before there were orders read as ever: whatever is added here must
be left out, or be absent, where it does not apply.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from payout.asset import USD, Asset
from payout.journal_order import order_body, order_id_of
from payout.money import Money
from payout.refund import Attempt, AttemptStatus, Refund, RefundStatus
from payout.transfer import Output, Transfer, TransferKind, TransferStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from payout.order import Order


def commit_body(
    transfer: Transfer, pairs: Iterable[tuple[Attempt, Refund]], orders: Iterable[Order] = ()
) -> dict[str, Any]:
    """
    All facts of a committed transfer, its attempts, their refunds and the orders that it funds, as JSON values.

    Raises:
        ValueError: an attempt's order is not among `orders`; a line without it could not recreate it.
    """
    by_id = {order.id: order for order in orders}
    return {
        "wallet": transfer.wallet,
        "kind": str(transfer.kind),
        "replaces": transfer.replaces,
        "fee": str(transfer.fee),
        "key_images": list(transfer.key_images),
        "sealed": transfer.sealed,
        "outputs": [
            {"address": output.address, "units": str(output.units), "own": output.own} for output in transfer.outputs
        ],
        "committed_at": _iso(transfer.committed_at),
        "attempts": [_attempt_body(attempt, refund, by_id) for attempt, refund in pairs],
    }


def _attempt_body(attempt: Attempt, refund: Refund, orders: Mapping[str, Order]) -> dict[str, Any]:
    facts = _payment_body(attempt, refund)
    if attempt.order_id is not None:
        order = orders.get(attempt.order_id)
        if order is None:
            raise ValueError(f"attempt {attempt.id} is paid by order {attempt.order_id}, which was not given")
        facts["order"] = order_body(order)
    if attempt.automatic:
        facts["automatic"] = True
    if refund.amended_at is not None:
        facts["amended_at"], facts["amended_by"] = _iso(refund.amended_at), refund.amended_by
    if refund.seal:
        facts["seal"] = refund.seal
    return facts


def _payment_body(attempt: Attempt, refund: Refund) -> dict[str, Any]:
    return {
        "refund_id": refund.id,
        "number": attempt.number,
        "destination": attempt.destination,
        "units": str(attempt.amount.units),
        "rate": str(attempt.rate),
        "quote_id": attempt.quote_id,
        "manifest_digest": attempt.manifest_digest,
        "opened_at": _iso(attempt.opened_at),
        "external_id": refund.external_id,
        "revision": refund.revision,
        "owed_cents": str(refund.owed.units),
        "asset": refund.asset.code,
        "network": refund.asset.network,
        "decimals": refund.asset.decimals,
        "memo": refund.memo,
        "payment_tx": refund.payment_tx,
        "paid_cents": str(refund.paid.units) if refund.paid else None,
        "amount_max_units": str(refund.amount_max.units) if refund.amount_max else None,
        "reason": refund.reason,
        "facts": refund.facts,
        "requested_by": refund.requested_by,
        "requested_at": _iso(refund.requested_at),
        "approved_at": _iso(refund.approved_at) if refund.approved_at else None,
        "approved_until": _iso(refund.approved_until) if refund.approved_until else None,
    }


def _iso(at: datetime) -> str:
    return at.isoformat()


def read_transfer(txid: str, body: dict[str, Any], *, void: bool) -> Transfer:
    """The transfer of a commit line; it counts as begun."""
    committed_at = datetime.fromisoformat(body["committed_at"])
    return Transfer(
        id=txid,
        wallet=body["wallet"],
        kind=TransferKind(body["kind"]),
        status=TransferStatus.VOID if void else TransferStatus.OPEN,
        outputs=tuple(
            Output(address=output["address"], units=int(output["units"]), own=output["own"])
            for output in body["outputs"]
        ),
        fee=int(body["fee"]),
        key_images=tuple(body["key_images"]),
        sealed=body["sealed"],
        replaces=body["replaces"],
        committed_at=committed_at,
        begun_at=committed_at,
    )


def read_attempt(txid: str, facts: dict[str, Any], *, void: bool) -> Attempt:
    """One attempt of a commit line; FAILED where its transfer is VOID, or its order's deposit came back."""
    opened_at = datetime.fromisoformat(facts["opened_at"])
    return Attempt(
        refund_id=facts["refund_id"],
        number=int(facts["number"]),
        transfer_id=txid,
        destination=facts["destination"],
        amount=Money(int(facts["units"]), _asset(facts)),
        rate=Decimal(facts["rate"]),
        quote_id=facts["quote_id"],
        manifest_digest=facts["manifest_digest"],
        status=AttemptStatus.FAILED if void else AttemptStatus.OPEN,
        opened_at=opened_at,
        closed_at=opened_at if void else None,
        order_id=order_id_of(facts),
        deposit_address=facts["order"]["deposit_address"] if "order" in facts else None,
        automatic=facts.get("automatic", False),
    )


def read_refund(facts: dict[str, Any], status: RefundStatus) -> Refund:
    """The refund of an attempt of a commit line, as a new row in `status`."""
    return Refund(
        id=facts["refund_id"],
        external_id=facts["external_id"],
        revision=int(facts["revision"]),
        owed=Money(int(facts["owed_cents"]), USD),
        asset=_asset(facts),
        destination=facts["destination"],
        memo=facts["memo"],
        payment_tx=facts["payment_tx"],
        paid=Money(int(facts["paid_cents"]), USD) if facts["paid_cents"] else None,
        amount_max=(Money(int(facts["amount_max_units"]), _asset(facts)) if facts["amount_max_units"] else None),
        reason=facts["reason"],
        facts=facts["facts"],
        status=status,
        requested_by=facts["requested_by"],
        requested_at=datetime.fromisoformat(facts["requested_at"]),
        amended_by=facts.get("amended_by"),
        amended_at=_time(facts.get("amended_at")),
        seal=facts.get("seal", ""),
        approved_at=_time(facts["approved_at"]),
        approved_until=_time(facts["approved_until"]),
        attempts=int(facts["number"]),
    )


def _asset(facts: dict[str, Any]) -> Asset:
    return Asset(code=facts["asset"], network=facts["network"], decimals=facts["decimals"])


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
