"""
Where a refund may go: asks the check of the asset's own network, and refuses an address of ours.

Of our own addresses only the primary ones are known here; the worker, which has the wallet, checks every one again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from adapters.addresses import check_address
from config.assets import Assets
from config.settings import WalletSettings
from payout.asset import XMR, Asset
from payout.change import WalletRecord
from payout.errors import BadInput


@dataclass(frozen=True, kw_only=True)
class Destinations:
    """Checks destinations for the wallets and the assets that are configured."""

    wallets: Sequence[WalletSettings]
    record: Callable[[str], WalletRecord | None]
    """What the database remembers of a wallet."""
    assets: Assets
    """Only what is payable in it may be paid."""
    realms: Mapping[str, str]
    """Of each network that is not the real one: testnet or regtest."""

    def check(self, asset: Asset, address: str, memo: str | None) -> None:
        """
        Refuse what cannot be paid.

        Raises:
            BadInput: says what is wrong with the destination or the memo.
        """
        if asset not in self.assets.payable.values():
            known = sorted({each.code for each in self.assets.payable.values()})
            problem = f"{asset.code} on {asset.network} is paid by no configured wallet or processor"
            raise BadInput("asset", problem, f"use {' or '.join(known)}, or configure a [processors.NAME]")
        if asset == XMR:
            self._check_monero(address, memo)
        else:
            self._check_other(asset, address, memo)

    def _check_other(self, asset: Asset, address: str, memo: str | None) -> None:
        network = asset.network
        contracts = [contract for contract in self.assets.on(network).values() if contract]
        check_address(network, address, realm=self.realms.get(network, "mainnet"), contracts=contracts)
        rule = self.assets.rows[asset.key].memo
        if memo and rule == "none":
            problem = f"payments of {asset.code} on {network} carry no memo"
            raise BadInput("memo", problem, "leave it out; where the customer was given one, ask what it is for")
        if not memo and rule == "required":
            problem = f"{asset.code} on {network} needs a memo or tag, or the money is lost to the customer"
            raise BadInput("memo", problem, "ask the customer for it")

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
