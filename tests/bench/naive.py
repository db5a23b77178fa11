"""
What the worker is compared with: clients that do what most scripts do, and nothing else.

They keep no record, check nothing and would pay twice after a lost answer; they are here to show what safety costs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from deploy.sandbox import Network, RpcError

Payment = tuple[str, int]
"""An address, and an amount in piconero."""

BATCH: Final = 15
NO_MONEY_NOW: Final = {-37, -17, -16}
"""What wallet-rpc answers while its outputs wait for their ten blocks."""


def pay_one_by_one(network: Network, payments: Sequence[Payment]) -> list[str]:
    """One refund a `transfer`, sent at once, until the unlocked money is gone; the txids."""
    txids = []
    for payment in payments:
        try:
            txids.append(network.hot.send(payment))
        except RpcError as refusal:
            if refusal.code not in NO_MONEY_NOW:
                raise
            break
    return txids


def pay_in_batches(network: Network, payments: Sequence[Payment]) -> list[str]:
    """The bare loop: 15 refunds a `transfer` that is held back, then `relay_tx`; the txids."""
    return [_held_then_relayed(network, batch) for batch in _batches(payments)]


def _held_then_relayed(network: Network, batch: Sequence[Payment]) -> str:
    answer = network.hot.call(
        "transfer",
        destinations=[{"address": address, "amount": amount} for address, amount in batch],
        account_index=0,
        priority=1,
        do_not_relay=True,
        get_tx_metadata=True,
    )
    network.hot.call("relay_tx", hex=answer["tx_metadata"])
    return str(answer["tx_hash"])


def _batches(payments: Sequence[Payment]) -> Iterator[Sequence[Payment]]:
    for start in range(0, len(payments), BATCH):
        yield payments[start : start + BATCH]
