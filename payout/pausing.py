"""
What a pause does not stop: transfers that are committed are still broadcast and followed, and funded orders go on.

Whoever pauses is shown this, so that nobody takes what still arrives for a pause that does not work.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from payout.errors import BadInput
from payout.order import Order, OrderStatus
from payout.ports import Store
from payout.refund import Attempt, Refund
from payout.scope import ALL
from payout.text import iso
from payout.transfer import Transfer

ORDERS_MAX: Final = 1000
"""Funded orders that are told at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnItsWay:
    """One attempt whose money goes out, or went, with its refund."""

    attempt: Attempt
    refund: Refund


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """An OPEN transfer and whom it pays."""

    transfer: Transfer
    pays: tuple[OnItsWay, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "tx_id": self.transfer.id,
            "wallet": self.transfer.wallet,
            "kind": str(self.transfer.kind),
            "begun": self.transfer.begun,
            "place": str(self.transfer.place),
            "confirmations": self.transfer.depth,
            "committed_at": iso(self.transfer.committed_at),
            "refunds": [
                {
                    "id": each.refund.id,
                    "external_id": each.refund.external_id,
                    "amount": str(each.attempt.amount),
                    "asset": each.attempt.amount.asset.code,
                    "order": each.attempt.order_id,
                }
                for each in self.pays
            ],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """All that goes on in spite of a pause."""

    transfers: tuple[Leaving, ...]
    orders: tuple[tuple[Order, Refund | None], ...]
    """FUNDED ones: their deposits are in a committed transfer."""

    def to_json(self) -> dict[str, Any]:
        """As the API and the command line give it."""
        return {
            "transfers": [each.to_json() for each in self.transfers],
            "orders": [
                {
                    "id": order.id,
                    "external_id": refund.external_id if refund else None,
                    "processor": order.processor,
                    "processor_id": order.processor_id,
                    "deposit": str(order.deposit) if order.deposit else None,
                    "deposit_asset": order.deposit.asset.code if order.deposit else None,
                    "deposit_tx_id": order.transfer_id,
                    "receive": str(order.receive),
                    "asset": order.receive.asset.code,
                    "stage": str(order.stage) if order.stage else None,
                }
                for order, refund in self.orders
            ],
        }


def check_scope(scope: str, wallets: Iterable[str], processors: Iterable[str]) -> None:
    """
    Raises:
        BadInput: there is no such wallet or processor.
    """
    known = (ALL, *wallets, *processors)
    if scope not in known:
        raise BadInput("scope", f"{scope!r} is no wallet or processor", f"use {' or '.join(known)}")


def committed(store: Store, wallets: Sequence[str], scope: str) -> Committed:
    """What goes on though `scope` is paused. `wallets`: all that are configured."""
    orders = [
        order
        for order in store.open_orders((OrderStatus.FUNDED,), ORDERS_MAX)
        if scope in (ALL, order.wallet, order.processor)
    ]
    open_ones = [transfer for name in wallets for transfer in store.open_transfers(name)]
    if scope not in (ALL, *wallets):  # A processor: only transfers that pay its deposits.
        paying = {order.transfer_id for order in orders}
        open_ones = [transfer for transfer in open_ones if transfer.id in paying]
    elif scope != ALL:
        open_ones = [transfer for transfer in open_ones if transfer.wallet == scope]
    attempts = store.attempts_of([transfer.id for transfer in open_ones])
    ids = dict.fromkeys([each.refund_id for each in attempts] + [order.refund_id for order in orders])
    refunds = {refund.id: refund for refund in store.refunds(list(ids))}
    return Committed(
        transfers=tuple(Leaving(transfer=each, pays=_pays(each, attempts, refunds)) for each in open_ones),
        orders=tuple((order, refunds.get(order.refund_id)) for order in orders),
    )


def _pays(transfer: Transfer, attempts: Sequence[Attempt], refunds: dict[str, Refund]) -> tuple[OnItsWay, ...]:
    pays = (
        OnItsWay(attempt=each, refund=refunds[each.refund_id])
        for each in attempts
        if each.transfer_id == transfer.id and each.refund_id in refunds
    )
    return tuple(sorted(pays, key=lambda each: each.refund.external_id))
