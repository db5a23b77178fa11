"""Real nodes as the stages of the chains' contract: anvil in its own coin and in a token, and bcoin."""

from __future__ import annotations

import secrets
from typing import Any

from adapters.chains import Node
from adapters.chains.bitcoind import BitcoindChain
from adapters.chains.evm import EvmChain
from adapters.clock import SystemClock
from deploy.sandbox.anvil import Anvil
from deploy.sandbox.bcoin import Bcoin
from payout.asset import Asset

ETH = Asset(code="ETH", network="ethereum", decimals=18)
USDT = Asset(code="USDT", network="ethereum", decimals=6)
BTC = Asset(code="BTC", network="bitcoin", decimals=8)


class EvmStage:
    """anvil makes a block for each transaction, so nothing ever waits in a pool."""

    pools = False
    deep = 2

    def __init__(self, anvil: Anvil, token: str) -> None:
        self.anvil = anvil
        self.token = token
        self._raw: dict[str, str] = {}
        self._paid = 0

    def address(self) -> str:
        return "0x" + secrets.token_hex(20)

    def absent(self) -> str:
        return secrets.token_hex(32)

    def mine(self, n: int = 1) -> None:
        """A payment has made its own block, the first of those asked for after it."""
        missing, self._paid = n - self._paid, 0
        if missing:
            self.anvil.mine(missing)

    def reorg(self, depth: int) -> None:
        self.anvil.reorg(depth)

    def again(self, txid: str) -> None:
        self.mine()
        self.anvil.rpc("eth_sendRawTransaction", self._raw[txid])

    def kept(self, txid: str) -> str:
        self._raw[txid] = self.anvil.raw(txid)
        self._paid = 1
        return txid

    def chain(self, **changes: Any) -> EvmChain:
        facts: dict[str, Any] = {
            "network": "ethereum",
            "tokens": {ETH: None, USDT: self.token},
            "url": self.anvil.url,
            "identity": str(self.anvil.chain_id),
        }
        return EvmChain(Node(**{**facts, **changes}), SystemClock())

    def down(self) -> None:
        self.anvil.stop()

    def up(self) -> None:
        self.anvil.start()


class EtherStage(EvmStage):
    """The network's own coin: it cannot be searched for, and what a batch passes on is not visible."""

    asset = ETH
    unit = 10**15 + 1
    finds = False
    batches = apart = False

    def pay(self, *payments: tuple[str, int]) -> str:
        ((to, units),) = payments
        return self.kept(self.anvil.pay(to, units))


class TokenStage(EvmStage):
    asset = USDT
    unit = 25_000_000
    finds = True
    batches = apart = True

    def pay(self, *payments: tuple[str, int]) -> str:
        if len(payments) == 1:
            return self.kept(self.anvil.pay(*payments[0], token=self.token))
        return self.kept(self.anvil.pay_many(payments, token=self.token))


class BitcoinStage:
    asset = BTC
    unit = 1_000_000
    deep = 2
    finds = False
    pools = True
    batches = apart = True

    def __init__(self, bcoin: Bcoin) -> None:
        self.bcoin = bcoin
        self._raw: dict[str, str] = {}

    def address(self) -> str:
        return self.bcoin.foreign_address()

    def absent(self) -> str:
        return secrets.token_hex(32)

    def pay(self, *payments: tuple[str, int]) -> str:
        txid = self.bcoin.pay_many(payments)
        self._raw[txid] = self.bcoin.raw(txid)
        return txid

    def mine(self, n: int = 1) -> None:
        self.bcoin.mine(n)

    def reorg(self, depth: int) -> None:
        self.bcoin.reorg(depth)

    def again(self, txid: str) -> None:
        self.bcoin.rpc("sendrawtransaction", self._raw[txid])
        self.bcoin.mine()

    def chain(self, **changes: Any) -> BitcoindChain:
        facts: dict[str, Any] = {
            "network": "bitcoin",
            "tokens": {BTC: None},
            "url": self.bcoin.url,
            "login": self.bcoin.login,
            "identity": self.bcoin.genesis,
            "depth": 3,
        }
        return BitcoindChain(Node(**{**facts, **changes}), SystemClock())

    def down(self) -> None:
        self.bcoin.stop()

    def up(self) -> None:
        self.bcoin.start()
