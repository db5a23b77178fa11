"""
Where a refund may go: asks the coin's own check, and refuses an address of ours.

Only primary addresses are known here; the worker, which has the wallet, checks every one of ours again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from config.settings import WalletSettings
from payout.asset import XMR, Asset
from payout.change import WalletRecord
from payout.errors import BadInput


@dataclass(frozen=True, kw_only=True)
class Destinations:
    """Checks destinations for the wallets that are configured."""

    wallets: Sequence[WalletSettings]
    record: Callable[[str], WalletRecord | None]
    """What the database remembers of a wallet."""

    def check(self, asset: Asset, address: str, memo: str | None) -> None:
        """
        Refuse what cannot be paid.

        Raises:
            BadInput: says what is wrong with the destination or the memo.
        """
        if asset != XMR:
            problem = f"{asset.code} on {asset.network} cannot be paid by any configured wallet"
            raise BadInput("asset", problem, "use XMR")
        self._check_monero(address, memo)

    def _check_monero(self, address: str, memo: str | None) -> None:
        from adapters.coins.monero.address import base_address, check_destination

        check_destination(address, self._network)
        if memo:
            problem = "Monero has no memo"
            raise BadInput("memo", problem, "leave it out; a payment id is part of the address")
        if base_address(address) in self._own:
            problem = "is an address of our own wallet"
            raise BadInput("destination", problem, "give the customer's address")

    @cached_property
    def _network(self) -> str:
        return next((wallet.network for wallet in self.wallets), "mainnet")

    @cached_property
    def _own(self) -> frozenset[str]:
        recorded = [self.record(wallet.name) for wallet in self.wallets]
        return frozenset(
            {wallet.address for wallet in self.wallets if wallet.address}
            | {record.address for record in recorded if record}
        )
