"""
Values for tests: plain functions, each giving a whole and valid value that differs only where the test says so.

Times are fixed: a test says what day it is.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from payout.api_key import ApiKey, Scope
from payout.approval import Approval
from payout.asset import USD, XMR, Asset
from payout.change import ReturnAddress, WalletRecord
from payout.event import Event
from payout.limits import Limits
from payout.money import Money
from payout.order import Order, OrderStatus, Stage
from payout.quote import Quote, Sample
from payout.refund import Attempt, Refund, RefundStatus, refund_id
from payout.reply import Reply
from payout.revision import Revision
from payout.transfer import Output, Transfer, TransferKind
from payout.webhooks.message import Endpoint

NOW = datetime(2026, 11, 22, 12, 0, 0, 123456, tzinfo=UTC)
WEEK = timedelta(days=7)
INSTANCE = "test"
WALLET = "hot"
ADDRESS = "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A"

USDT = Asset(code="USDT", network="TRX", decimals=6)
TRON_ADDRESS = "TQn9Y2khEsLJW1ChVWFMSMeRDow5KcbLSE"


def digest(text: str) -> str:
    """64 hex digits that stand for a txid, a key image or a manifest."""
    return hashlib.sha256(text.encode()).hexdigest()


def usd(text: str) -> Money:
    """An amount of USD, such as "25.00"."""
    return Money(int(Decimal(text).scaleb(2)), USD)


def xmr(text: str) -> Money:
    """An amount of XMR, such as "0.1"."""
    return Money(int(Decimal(text).scaleb(12)), XMR)


LIMITS = Limits(refund_min=usd("1.00"), refund_max=usd("500.00"), day_max=usd("5000.00"))


def make_refund(external_id: str = "E-1", **changes: Any) -> Refund:
    """A refund of 25 USD in XMR, REQUESTED and new."""
    facts: dict[str, Any] = {
        "id": refund_id(INSTANCE, external_id),
        "external_id": external_id,
        "owed": usd("25.00"),
        "asset": XMR,
        "destination": ADDRESS,
        "requested_by": "panel",
        "requested_at": NOW,
        "facts": digest(f"facts of {external_id}"),
    }
    return Refund(**{**facts, **changes})


def make_approved(external_id: str = "E-1", **changes: Any) -> Refund:
    """A refund that may be paid for a week; as a row of version 0."""
    facts: dict[str, Any] = {
        "status": RefundStatus.APPROVED,
        "approved_at": NOW,
        "approved_until": NOW + WEEK,
    }
    return make_refund(external_id, **{**facts, **changes})


def make_transfer(name: str = "T-1", **changes: Any) -> Transfer:
    """A committed payout of one output, not begun. Its txid and key images are made from its name."""
    facts: dict[str, Any] = {
        "id": digest(name),
        "wallet": WALLET,
        "kind": TransferKind.PAYOUT,
        "outputs": (Output(address=ADDRESS, units=75_000_000_000),),
        "fee": 30_680_000,
        "key_images": (digest(f"{name} input 1"), digest(f"{name} input 2")),
        "sealed": f'{{"metadata": "of {name}", "blob": "", "tx_key": ""}}',
        "committed_at": NOW,
    }
    return Transfer(**{**facts, **changes})


def make_give_up(replaced: Transfer, name: str = "G-1", **changes: Any) -> Transfer:
    """A transfer to ourselves that spends the first key image of another."""
    facts: dict[str, Any] = {
        "kind": TransferKind.GIVE_UP,
        "outputs": (Output(address=ADDRESS, units=74_000_000_000, own=True),),
        "key_images": replaced.key_images[:1],
        "replaces": replaced.id,
    }
    return make_transfer(name, **{**facts, **changes})


def make_attempt(refund: Refund, transfer: Transfer, **changes: Any) -> Attempt:
    """An open attempt at a refund, with the number that the refund counts."""
    facts: dict[str, Any] = {
        "refund_id": refund.id,
        "number": max(1, refund.attempts),
        "transfer_id": transfer.id,
        "destination": refund.destination,
        "amount": xmr("0.075757575757"),
        "rate": Decimal("330.00"),
        "quote_id": make_quote().id,
        "manifest_digest": digest(f"manifest of {refund.id}"),
        "opened_at": transfer.committed_at,
    }
    return Attempt(**{**facts, **changes})


def make_swapped(external_id: str = "E-1", **changes: Any) -> Refund:
    """A refund of 25 USD in USDT on Tron that may be paid."""
    return make_approved(external_id, **{"asset": USDT, "destination": TRON_ADDRESS, **changes})


def make_order(refund: Refund, **changes: Any) -> Order:
    """An order that was just asked for; what it has for itself alone is made from its refund and number."""
    number = changes.get("number", 1)
    facts: dict[str, Any] = {
        "refund_id": refund.id,
        "number": number,
        "processor": "changenow",
        "wallet": WALLET,
        "revision": refund.revision,
        "destination": refund.destination,
        "receive": Money(25_000_000, refund.asset),
        "rate": Decimal("1.00"),
        "quote_id": make_quote().id,
        "offered": xmr("0.0763"),
        "return_address": f"return address of {refund.id}/o{number}",
        "return_index": number,
        "asked_at": NOW,
    }
    return Order(**{**facts, **changes})


def answered(order: Order, **changes: Any) -> Order:
    """The same order with its processor's answer: UNFUNDED, with an id and a deposit of its own."""
    facts: dict[str, Any] = {
        "processor_id": f"swap {order.id}",
        "sealed_secret": f"sealed secret of {order.id}",
        "deposit": order.offered,
        "deposit_address": f"deposit address of {order.id}",
        "expires_at": NOW + timedelta(hours=1),
        "stage": Stage.AWAITING_DEPOSIT,
        "status_text": "waiting",
        "said_at": NOW,
    }
    return order.to(OrderStatus.UNFUNDED, **{**facts, **changes})


def make_funding(name: str, *orders: Order, **changes: Any) -> Transfer:
    """A committed transfer that pays the deposits of these orders."""
    outputs = tuple(
        Output(address=order.deposit_address or "", units=order.deposit.units if order.deposit else 0)
        for order in orders
    )
    return make_transfer(name, **{"kind": TransferKind.FUNDING, "outputs": outputs, **changes})


def make_return_address(name: str = "A-1", **changes: Any) -> ReturnAddress:
    """An address of ours that no order has."""
    return ReturnAddress(**{"address": name, "wallet": WALLET, "index": 1, "made_at": NOW, **changes})


def make_quote(rate: str = "330.00", taken_at: datetime = NOW) -> Quote:
    """A quote for XMR from two sources that agree."""
    samples = tuple(
        Sample(
            source=source,
            asset_code=XMR.code,
            pair="XMRUSD",
            price=Decimal(rate),
            as_of=taken_at,
            received_at=taken_at,
        )
        for source in ("kraken", "bitfinex")
    )
    return Quote(
        asset_code=XMR.code,
        rate=Decimal(rate),
        samples=samples,
        verdicts=(),
        taken_at=taken_at,
        expires_at=taken_at + timedelta(seconds=120),
    )


def make_approval(refund: Refund, signer: str = "alice", **changes: Any) -> Approval:
    """A signature over a refund; good enough for a store, which does not verify it."""
    facts: dict[str, Any] = {
        "refund_id": refund.id,
        "revision": refund.revision,
        "kind": "hmac",
        "signer": signer,
        "digest": digest(f"manifest of {refund.id}"),
        "signed_at": NOW,
        "expires_at": NOW + WEEK,
        "signature": digest(f"{signer} signs {refund.id}"),
    }
    return Approval(**{**facts, **changes})


def make_event(words: str = "something happened", **changes: Any) -> Event:
    """A line of history."""
    facts: dict[str, Any] = {"at": NOW, "kind": "refund.requested", "words": words}
    return Event(**{**facts, **changes})


def make_wallet(name: str = WALLET, **changes: Any) -> WalletRecord:
    """A wallet that was adopted at height 100."""
    facts: dict[str, Any] = {
        "name": name,
        "address": ADDRESS,
        "network": "mainnet",
        "adopted_height": 100,
    }
    return WalletRecord(**{**facts, **changes})


def make_api_key(name: str = "panel", **changes: Any) -> ApiKey:
    """A key that may read and write refunds."""
    facts: dict[str, Any] = {
        "id": f"key_{name}",
        "name": name,
        "scopes": (Scope.READ, Scope.WRITE),
        "digest": digest(f"secret of {name}"),
        "made_by": "alice",
        "made_at": NOW,
    }
    return ApiKey(**{**facts, **changes})


def make_endpoint(name: str = "shop", **changes: Any) -> Endpoint:
    """An endpoint that wants everything."""
    facts: dict[str, Any] = {
        "id": f"we_{name}",
        "url": f"https://{name}.example/hook",
        "types": (),
        "sealed_secrets": f"sealed secrets of {name}",
        "made_by": "alice",
        "made_at": NOW,
    }
    return Endpoint(**{**facts, **changes})


def make_reply(key: str = "K-1", **changes: Any) -> Reply:
    """What was answered to a request."""
    facts: dict[str, Any] = {"key": key, "fingerprint": digest(key), "status": 201, "body": "{}", "at": NOW}
    return Reply(**{**facts, **changes})


def make_revision(refund: Refund, number: int = 1, **changes: Any) -> Revision:
    """What an amendment of a refund replaced."""
    facts: dict[str, Any] = {
        "refund_id": refund.id,
        "number": number,
        "destination": f"destination {number}",
        "memo": None,
        "replaced_by": "alice",
        "replaced_at": NOW,
    }
    return Revision(**{**facts, **changes})
