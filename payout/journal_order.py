"""
An order in the body of a commit line: its facts as JSON values, and back.

What is kept is what was agreed and what reaching it takes; what its processor said since is asked for again.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from payout.asset import Asset
from payout.money import Money
from payout.order import Order, OrderStatus

if TYPE_CHECKING:
    from payout.spend_journal import Line

_TEXTS = (
    "processor",
    "wallet",
    "destination",
    "memo",
    "quote_id",
    "offer_ref",
    "return_address",
    "processor_id",
    "sealed_secret",
    "deposit_address",
    "support_url",
)
_NUMBERS = ("number", "revision", "return_index")
_TIMES = ("asked_at", "funded_at", "expires_at", "offer_expires_at")
_AMOUNTS = ("receive", "offered", "deposit")


def order_body(order: Order) -> dict[str, Any]:
    """All facts of a funded order; its secret stays sealed."""
    return {
        **{name: getattr(order, name) for name in (*_TEXTS, *_NUMBERS)},
        **{name: _iso(getattr(order, name)) for name in _TIMES},
        **{name: _amount_body(getattr(order, name)) for name in _AMOUNTS},
        "rate": str(order.rate),
    }


def order_id_of(facts: dict[str, Any]) -> str | None:
    """The order of an attempt of a commit line; None where the transfer paid the customer directly."""
    return f"{facts['refund_id']}/o{int(facts['order']['number'])}" if "order" in facts else None


def return_body(order: Order) -> dict[str, Any]:
    """
    The body of the line that says that a funded order's deposit came back.

    `revision`: where people said that it failed, the least that may be paid anew. Older signatures are void for ever.
    """
    body: dict[str, Any] = {
        "refund_id": order.refund_id,
        "transfer_id": order.transfer_id,
        "return_txid": order.return_txid,
        "units": str(order.returned_units or 0),
    }
    return body if order.attested_by is None else {**body, "revision": order.revision + 1}


def read_order(txid: str, facts: dict[str, Any], *, void: bool, back: Line | None = None) -> Order:
    """
    The order of an attempt of a commit line, as a new row.

    FUNDED; DROPPED where the transfer is VOID; RETURNED where `back`, the line of its return, is given.
    """
    order = _funded(txid, facts["refund_id"], facts["order"])
    if back is not None:
        order = replace(
            order,
            status=OrderStatus.RETURNED,
            return_txid=back.body["return_txid"],
            returned_units=int(back.body["units"]),
            ended_at=datetime.fromisoformat(back.at),
        )
    return replace(order, status=OrderStatus.DROPPED, ended_at=order.ended_at or order.funded_at) if void else order


def _funded(txid: str, refund_id: str, body: dict[str, Any]) -> Order:
    """The order as it was when this transfer was committed."""
    return Order(
        refund_id=refund_id,
        number=body["number"],
        processor=body["processor"],
        wallet=body["wallet"],
        revision=body["revision"],
        status=OrderStatus.FUNDED,
        destination=body["destination"],
        memo=body["memo"],
        receive=_amount(body["receive"]),
        rate=Decimal(body["rate"]),
        quote_id=body["quote_id"],
        offered=_amount(body["offered"]),
        offer_ref=body["offer_ref"],
        offer_expires_at=_time(body["offer_expires_at"]),
        return_address=body["return_address"],
        return_index=body["return_index"],
        processor_id=body["processor_id"],
        sealed_secret=body["sealed_secret"],
        deposit=_amount(body["deposit"]) if body["deposit"] is not None else None,
        deposit_address=body["deposit_address"],
        expires_at=_time(body["expires_at"]),
        transfer_id=txid,
        support_url=body["support_url"],
        asked_at=datetime.fromisoformat(body["asked_at"]),
        funded_at=_time(body["funded_at"]),
    )


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text is not None else None


def _amount_body(amount: Money | None) -> dict[str, Any] | None:
    if amount is None:
        return None
    asset = amount.asset
    return {"units": str(amount.units), "asset": asset.code, "network": asset.network, "decimals": asset.decimals}


def _amount(body: dict[str, Any]) -> Money:
    asset = Asset(code=body["asset"], network=body["network"], decimals=body["decimals"])
    return Money(int(body["units"]), asset)
