"""
Bitcoin and its like through an Esplora server (electrs, mempool): an index of addresses over HTTP.

Every output to the destination is a payment of its own. `/tx/ID/status` calls an unknown transaction unconfirmed, so
only `/tx/ID` is asked. Amounts are whole satoshi there already.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from adapters.chains import OWN, ChainReader, Found, Node, Payment, Tip, Transaction, client, hash_txid, same_address
from adapters.http import Refused
from adapters.http.shape import Garbled, items, moment, obj, text, whole
from payout.ports import Clock, Expected

NOT_FOUND = 404


class EsploraChain(ChainReader):
    """One Bitcoin-like network. Its one asset is the network's coin; `Node.depth` must be set."""

    # A block's time may be hours off in either direction.
    slack: ClassVar[timedelta] = timedelta(hours=2)

    def __init__(self, node: Node, clock: Clock) -> None:
        super().__init__(node, clock)
        if node.depth is None or set(node.tokens.values()) != {None} or len(node.tokens) != 1:
            raise ValueError(f"{node.network} needs confirmations, and has one coin and no tokens")
        self._http = client(node)

    def _identify(self) -> str:
        return text(self._blocks("/blocks/0")[-1].get("id"), "the first block's hash")

    def _recognise(self) -> None:
        """There is nothing more to ask."""

    def _tip(self) -> Tip:
        newest = self._blocks("/blocks")[0]
        return Tip(height=whole(newest.get("height"), "its height"), at=moment(newest.get("timestamp"), "its time"))

    def _txid(self, txid: str) -> str | None:
        return hash_txid(txid)

    def _read(self, expected: Expected, txid: str) -> Transaction:
        try:
            answer = obj(self._http.get_json(f"/tx/{txid}"), "a transaction")
        except Refused as refused:
            if refused.status == NOT_FOUND:
                return Transaction(txid=txid, words=f"the server knows no transaction {txid}")
            raise
        if answer.get("txid") != txid:
            raise Garbled("the transaction is not the one asked for")
        status = obj(answer.get("status"), "its status")
        payments = _payments(items(answer.get("vout"), "its outputs"), expected.destination)
        words = f"transaction {txid} has no output to {expected.destination}"
        if any(_spends(obj(each, "an input"), expected.destination) for each in items(answer.get("vin"), "its inputs")):
            return Transaction(txid=txid, words=OWN.format(txid))
        if status.get("confirmed") is not True:
            return Transaction(txid=txid, payments=payments, words=words)
        block = text(status.get("block_hash"), "its block")
        if not self._in_chain(block):
            return Transaction(txid=txid, words=f"the block of transaction {txid} is no longer part of the chain")
        return Transaction(
            txid=txid,
            payments=payments,
            words=words,
            height=whole(status.get("block_height"), "its height"),
            block=block,
            at=moment(status.get("block_time"), "its block's time"),
        )

    def _in_chain(self, block: str) -> bool:
        """An index may still hold the transaction by a block that the server's chain has left."""
        try:
            return obj(self._http.get_json(f"/block/{block}/status"), "a block").get("in_best_chain") is True
        except Refused as refused:
            if refused.status == NOT_FOUND:
                return False
            raise

    def _search(self, expected: Expected) -> Found:
        """One page: up to 50 unconfirmed and the newest 25 confirmed."""
        page = items(self._http.get_json(f"/address/{expected.destination}/txs"), "a page of transactions")
        since = expected.since - self.slack
        found = []
        for each in page:
            entry = obj(each, "a transaction")
            status = obj(entry.get("status"), "its status")
            paid = _payments(items(entry.get("vout"), "its outputs"), expected.destination)
            recent = status.get("confirmed") is not True or moment(status.get("block_time"), "its time") >= since
            if recent and any(payment.units >= expected.amount.units for payment in paid):
                found.append(text(entry.get("txid"), "its id"))
        return Found(txids=tuple(found))

    def _blocks(self, path: str) -> list[Mapping[str, Any]]:
        """Blocks, newest first; never empty."""
        found = [obj(each, "a block") for each in items(self._http.get_json(path), "a list of blocks")]
        if not found:
            raise Garbled("a list of blocks is empty")
        return found


def _spends(entry: Mapping[str, Any], destination: str) -> bool:
    """The change of somebody's own payment is nothing that they were paid."""
    spent = entry.get("prevout")
    return spent is not None and same_address(obj(spent, "a spent output").get("scriptpubkey_address"), destination)


def _payments(outputs: list[Any], destination: str) -> tuple[Payment, ...]:
    return tuple(
        Payment(f":{place}", units)
        for place, output in enumerate(obj(each, "an output") for each in outputs)
        if same_address(output.get("scriptpubkey_address"), destination)
        and (units := whole(output.get("value"), "an output's value")) > 0
    )
