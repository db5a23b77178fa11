"""Payouts on a real Bitcoin regtest node: bcoin, from the wallet that mined its coins."""

from __future__ import annotations

from deploy.sandbox.bcoin import Bcoin
from deploy.sandbox.processor.coin import Coin
from deploy.sandbox.rpc import RpcError

NETWORK = "bitcoin"


class BitcoinTill:
    """One output a payout."""

    def __init__(self, bcoin: Bcoin) -> None:
        self.bcoin = bcoin

    def valid(self, coin: Coin, address: str) -> bool:  # noqa: ARG002
        return bool(self.bcoin.rpc("validateaddress", address)["isvalid"])

    def pay(self, coin: Coin, address: str, memo: str | None, units: int) -> str:  # noqa: ARG002
        return self.bcoin.pay(address, units)

    def depth(self, txid: str) -> int:
        try:
            found = self.bcoin.rpc("getrawtransaction", txid, True)  # noqa: FBT003  (bcoin takes no number)
        except RpcError:
            return 0
        return int(found.get("confirmations") or 0)
