"""Esplora's HTTP API, as far as Blockstream's API.md describes it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from adapters.chains import Node
from adapters.chains.esplora import EsploraChain
from adapters.clock import SystemClock
from payout.asset import Asset
from tests.adapters.chains.ledger import Answer, Block, FakeNode, Sent

BTC = Asset(code="BTC", network="bitcoin", decimals=8)


class FakeEsplora(FakeNode):
    """A stage of the contract. `left` are blocks that its index still holds though the chain has left them."""

    asset = BTC
    unit = 1_000_000
    deep = 2
    finds = pools = batches = apart = True

    def __init__(self) -> None:
        super().__init__()
        self.left: dict[str, Block] = {}

    def address(self) -> str:
        return "bc1q" + secrets.token_hex(19)

    def chain(self, **changes: Any) -> EsploraChain:
        facts: dict[str, Any] = {
            "network": "bitcoin",
            "tokens": {BTC: None},
            "url": self.server.url + "/api",
            "identity": self.ledger.blocks[0].hash,
            "depth": 3,
        }
        return EsploraChain(Node(**{**facts, **changes}), SystemClock())

    def _answer(self, _: str, path: str, __: Mapping[str, str], ___: Any) -> Answer:
        match path.removeprefix("/api").split("/")[1:]:
            case ["blocks", *start]:
                top = int(start[0]) if start else self.ledger.tip.height
                found = self.ledger.blocks[max(0, top - 9) : top + 1]
                return 200, [{"id": b.hash, "height": b.height, "timestamp": b.time} for b in reversed(found)]
            case ["tx", txid]:
                sent = self.ledger.sent.get(txid)
                return (404, "Transaction not found") if sent is None else (200, self._transaction(sent))
            case ["block", hash_, "status"]:
                return self._status(hash_)
            case ["address", address, "txs"]:
                return 200, [self._transaction(sent) for sent in self.ledger.paying(address)[:25]]
        return 404, "no such path"

    def _status(self, hash_: str) -> Answer:
        inside = any(block.hash == hash_ for block in self.ledger.blocks)
        if not inside and hash_ not in self.left:
            return 404, "Block not found"
        return 200, {"in_best_chain": inside}

    def _transaction(self, sent: Sent) -> dict[str, Any]:
        block = self.left.get(str(sent.extra.get("left"))) or self.ledger.block_of(sent.txid)
        status: dict[str, Any] = {"confirmed": block is not None}
        if block is not None:
            status |= {"block_height": block.height, "block_hash": block.hash, "block_time": block.time}
        outputs = [{"scriptpubkey_address": to, "value": units} for to, units in sent.payments]
        inputs = [{"prevout": None}, {"prevout": {"scriptpubkey_address": sent.extra.get("source", "bc1qother")}}]
        return {
            "txid": sent.txid,
            "vin": inputs,
            "vout": [*outputs, {"scriptpubkey": "6a", "value": 0}],
            "status": status,
        }
