"""
What arrived, by those who received it: the customers' Monero wallet, Ethereum, Bitcoin, the processors' own wallet.

Every figure is read from a wallet or a node here, and none through the product.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from deploy.demo.cast import Owed
from deploy.sandbox import Network
from deploy.sandbox.processor import COINS
from deploy.sandbox.swap_nodes import SwapNodes
from deploy.sandbox.wallet import WalletRpc

TOKENS: Final = {"USDT": COINS["USDT-ethereum"].contract}

Payments = Mapping[tuple[str, str], Sequence[int]]
"""Amounts that the customers' wallet received, by txid and the address that was written to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """All that was received since the demo began. Amounts in the smallest unit of each coin."""

    payments: Payments
    """In Monero, by the customers' wallet."""
    elsewhere: Mapping[str, int]
    """On the other chains: all that an address ever received."""
    deposits: Mapping[str, int]
    """By the processors' wallet: what came to each of its addresses."""
    incoming: Mapping[str, int]
    """By the merchant's wallet: what came to each of its addresses, own change left out."""

    @property
    def count(self) -> int:
        """Payments that the customers' wallet lists, one for each transaction and address."""
        return sum(len(amounts) for amounts in self.payments.values())


def read_accounts(network: Network, nodes: SwapNodes, refunds: Sequence[Owed]) -> Accounts:
    """Ask every recipient; the daemon and the miners must have stopped."""
    return Accounts(
        payments=_payments(network),
        elsewhere={owed.destination: _on_chain(nodes, owed) for owed in refunds if not owed.is_direct},
        deposits=_came_to(nodes.wallet),
        incoming=_came_to(network.hot),
    )


def _payments(network: Network) -> dict[tuple[str, str], list[int]]:
    found: dict[tuple[str, str], list[int]] = {}
    for payment in network.customer.payments():
        address = network.customer.paid_address(payment)
        found.setdefault((payment["txid"], address), []).append(int(payment["amount"]))
    return found


def _on_chain(nodes: SwapNodes, owed: Owed) -> int:
    """Addresses are fresh and nobody spends from them: what is there is all that ever came."""
    if owed.asset == "BTC":
        return sum(nodes.bcoin.received(owed.destination))
    return nodes.anvil.balance(owed.destination, TOKENS.get(owed.asset))


def _came_to(wallet: WalletRpc) -> dict[str, int]:
    wallet.refresh()
    sums: dict[str, int] = {}
    for entry in wallet.call("get_transfers", **{"in": True}, account_index=0).get("in", []):
        sums[entry["address"]] = sums.get(entry["address"], 0) + int(entry["amount"])
    return sums
