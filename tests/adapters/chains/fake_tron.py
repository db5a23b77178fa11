"""A full node's HTTP API of Tron's, with TronGrid's index of accounts on top unless that is switched off."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from bip_utils import Base58Decoder, Base58Encoder

from adapters.chains import Node
from adapters.chains.tron import TRANSFER_TOPIC, TronChain
from adapters.clock import SystemClock
from payout.asset import Asset
from tests.adapters.chains.ledger import Answer, FakeNode, Sent

TRX = Asset(code="TRX", network="tron", decimals=6)
USDT = Asset(code="USDT", network="tron", decimals=6)
SOLID = 3
"""Blocks on top that make one irreversible here; about 19 on the real network."""


def new_address() -> str:
    return str(Base58Encoder.CheckEncode(b"\x41" + secrets.token_bytes(20)))


def hex_of(address: str) -> str:
    return bytes(Base58Decoder.CheckDecode(address)).hex()


CONTRACT = new_address()
FORGED = new_address()


class FakeTron(FakeNode):
    """A stage of the contract, in TRX or in a token."""

    deep = SOLID
    pools = True

    def __init__(self, *, token: bool) -> None:
        super().__init__()
        self.asset = USDT if token else TRX
        self.unit = 25_000_000
        self.batches = self.apart = token
        self.pools = not token
        self.finds = True
        self.grid = True
        self.decimals = 6

    def address(self) -> str:
        return new_address()

    def pay(self, *payments: tuple[str, int], **extra: Any) -> str:
        kind = {"token": CONTRACT} if self.asset is USDT else {}
        return super().pay(*payments, **{**kind, **extra})

    def chain(self, **changes: Any) -> TronChain:
        facts: dict[str, Any] = {
            "network": "tron",
            "tokens": {TRX: None, USDT: CONTRACT},
            "url": self.server.url,
            "identity": self.ledger.blocks[0].hash,
        }
        return TronChain(Node(**{**facts, **changes}), SystemClock())

    def _answer(self, _: str, path: str, query: Mapping[str, str], body: Any) -> Answer:
        match path.split("/")[1:]:
            case ["wallet", "getblockbynum" | "getnowblock"]:
                return 200, self._block(body.get("num", self.ledger.tip.height))
            case ["wallet", "gettransactionbyid"]:
                return 200, self._transaction(body["value"])
            case [side, "gettransactioninfobyid"]:
                return 200, self._info(body["value"], solid=side == "walletsolidity")
            case ["wallet", "triggerconstantcontract"]:
                known = body["contract_address"] == hex_of(CONTRACT) and body["function_selector"] == "decimals()"
                return 200, {"constant_result": [f"{self.decimals:064x}"] if known else [""]}
            case ["v1", "accounts", address, "transactions", *kind] if self.grid:
                return 200, {"success": True, "data": self._page(address, query, tokens=kind == ["trc20"])}
        return 404, "no such path"

    def _block(self, number: int) -> dict[str, Any]:
        if number >= len(self.ledger.blocks):
            return {}
        block = self.ledger.blocks[number]
        header = {"raw_data": {"number": number, "timestamp": block.time * 1000}}
        held = {"transactions": [{"txID": txid} for txid in block.txids]} if block.txids else {}
        return {"blockID": block.hash, "block_header": header, **held}

    def _transaction(self, txid: str) -> dict[str, Any]:
        sent = self.ledger.sent.get(txid)
        if sent is None:
            return {}
        if "token" in sent.extra:
            act: Any = {"type": "TriggerSmartContract", "parameter": {"value": {"contract_address": "41" + "00" * 20}}}
        else:
            ((to, units),) = sent.payments
            act = {"type": "TransferContract", "parameter": {"value": {"to_address": hex_of(to), "amount": units}}}
        act["parameter"]["value"]["owner_address"] = hex_of(str(sent.extra.get("owner", FORGED)))
        memo = {"data": str(sent.extra["memo"]).encode().hex()} if "memo" in sent.extra else {}
        result = "REVERT" if sent.extra.get("failed") else "SUCCESS"
        return {"txID": txid, "ret": [{"contractRet": result}], "raw_data": {"contract": [act], **memo}}

    def _info(self, txid: str, *, solid: bool) -> dict[str, Any]:
        sent, block = self.ledger.sent.get(txid), self.ledger.block_of(txid)
        if sent is not None and sent.extra.get("stale"):
            return {"id": txid, "blockNumber": 1, "blockTimeStamp": self.ledger.tip.time * 1000, "receipt": {}}
        if sent is None or block is None or (solid and self.ledger.tip.height - block.height < SOLID):
            return {}
        info: dict[str, Any] = {"id": txid, "blockNumber": block.height, "blockTimeStamp": block.time * 1000}
        if sent.extra.get("failed"):
            return {**info, "result": "FAILED", "receipt": {"result": "REVERT"}}
        if "token" not in sent.extra:
            return {**info, "receipt": {"net_fee": 1}}
        return {**info, "receipt": {"result": "SUCCESS"}, "log": self._logs(sent)}

    @staticmethod
    def _logs(sent: Sent) -> list[dict[str, Any]]:
        word = "00" * 12
        logs: list[dict[str, Any]] = [{"address": "12" * 20, "topics": ["ab" * 32], "data": ""}]
        for to, units in sent.payments:
            topics = [TRANSFER_TOPIC, word + "34" * 20, word + hex_of(to)[2:]]
            logs.append({"address": hex_of(str(sent.extra["token"]))[2:], "topics": topics, "data": f"{units:064x}"})
        return logs

    def _page(self, address: str, query: Mapping[str, str], *, tokens: bool) -> list[dict[str, Any]]:
        found = []
        for sent in self.ledger.paying(address):
            if tokens != ("token" in sent.extra) or query["only_to"] != "true":
                continue
            if not tokens:
                found.append({"txID": sent.txid})
            elif query["contract_address"] == sent.extra["token"]:
                for to, units in sent.payments:
                    found.append({"transaction_id": sent.txid, "to": to, "value": str(units)})
        return found
