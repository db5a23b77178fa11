"""Bitcoin Core's JSON-RPC with -txindex, including the search of unspent outputs that bcoin lacks."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from adapters.chains import Node
from adapters.chains.bitcoind import BitcoindChain
from adapters.clock import SystemClock
from payout.asset import Asset
from tests.adapters.chains.ledger import Answer, Block, FakeNode, Said, rpc

LTC = Asset(code="LTC", network="litecoin", decimals=8)


class MovableClock:
    """The true time, and what a test adds to it."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return SystemClock().now() + self.ahead


class FakeCore(FakeNode):
    """A stage of the contract."""

    asset = LTC
    unit = 1_000_000
    deep = 2
    finds = pools = batches = apart = True

    def __init__(self) -> None:
        super().__init__()
        self.headers_ahead = 0
        self.downloading = False
        self.indexed = True
        self.scans = 0
        self.left: dict[str, Block] = {}
        """By transaction: the block that it is still said to be in, though the chain has left it."""
        self.shown: dict[str, dict[str, Any]] = {}
        """By transaction: what is answered in place of the ledger's word."""
        self.clock = MovableClock()

    def address(self) -> str:
        return "ltc1q" + secrets.token_hex(19)

    def chain(self, **changes: Any) -> BitcoindChain:
        facts: dict[str, Any] = {
            "network": "litecoin",
            "tokens": {LTC: None},
            "url": self.server.url,
            "login": "user:password",
            "identity": self.ledger.blocks[0].hash,
            "depth": 3,
        }
        return BitcoindChain(Node(**{**facts, **changes}), self.clock)

    def _answer(self, _: str, __: str, ___: Mapping[str, str], body: Any) -> Answer:
        methods: dict[str, Callable[..., Any]] = {
            "getblockhash": self._hash,
            "getblockchaininfo": self._state,
            "getblockheader": self._header,
            "getrawtransaction": self._transaction,
            "scantxoutset": self._scan,
        }
        return rpc(methods, body)

    def _hash(self, height: int) -> str:
        if height >= len(self.ledger.blocks):
            raise Said(-8, "Block height out of range", 500)
        return self.ledger.blocks[height].hash

    def _state(self) -> dict[str, Any]:
        tip = self.ledger.tip
        headers = tip.height + self.headers_ahead
        state = {"blocks": tip.height, "headers": headers, "bestblockhash": tip.hash}
        return {**state, "initialblockdownload": self.downloading}

    def _header(self, hash_: str) -> dict[str, Any]:
        for block in [*self.ledger.blocks, *self.left.values()]:
            if block.hash == hash_:
                return {"hash": hash_, "height": block.height, "time": block.time}
        raise Said(-5, "Block not found", 500)

    def _transaction(self, txid: str, verbose: bool) -> dict[str, Any]:  # noqa: FBT001  (the protocol's)
        if not self.indexed:
            raise Said(-5, "No such mempool transaction. Use -txindex or provide a block hash", 500)
        sent = self.ledger.sent.get(txid)
        if sent is None or not verbose:
            raise Said(-5, "No such mempool or blockchain transaction", 500)
        if txid in self.shown:
            return self.shown[txid]
        outputs = [
            {"n": n, "value": units / 10**8, "scriptPubKey": {"address": to}}
            for n, (to, units) in enumerate(sent.payments)
        ]
        block = self.left.get(txid) or self.ledger.block_of(txid)
        mined = {} if block is None else {"blockhash": block.hash}
        return {"txid": txid, "vin": sent.extra.get("vin", [{"coinbase": "00"}]), "vout": outputs, **mined}

    def _scan(self, action: str, wanted: list[str]) -> dict[str, Any]:
        self.scans += 1
        found = []
        for sent in self.ledger.sent.values():
            block = self.ledger.block_of(sent.txid)
            for to, units in sent.payments if block is not None else ():
                if action == "start" and f"addr({to})" in wanted:
                    height = 0 if block is None else block.height
                    found.append({"txid": sent.txid, "amount": units / 10**8, "height": height})
        return {"success": True, "unspents": found}
