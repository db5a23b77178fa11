"""
Ethereum and its like, through web3: the native coin and ERC-20 tokens.

A token's payment is a Transfer log of the configured contract in a receipt that succeeded, never the call's data: a
log of any other contract is not money. What a contract passes on inside a transaction as native coin leaves no log and
is not visible here; the words of the finding say so.

web3 takes seconds to import and is imported with the first question.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from adapters.chains import OWN, ChainReader, Found, Node, Payment, Tip, Transaction, client, hash_txid
from adapters.http.json_rpc import JsonRpc
from adapters.http.shape import Garbled, moment, whole
from payout.ports import Clock, Expected

if TYPE_CHECKING:
    from adapters.chains.evm.reader import EvmReader, Log

NOT_SHOWN: Final = (
    "transaction {txid} calls the contract {to}, and what a contract passes on inside it is not visible to this check; "
    "look it up in a block explorer and let two people attest it"
)
NO_SEARCH: Final = "payments in the network's own coin cannot be searched for: name the transaction"


class EvmChain(ChainReader):
    """One EVM network. `Node.identity` is its chain id in decimal."""

    def __init__(self, node: Node, clock: Clock) -> None:
        super().__init__(node, clock)
        self._rpc = JsonRpc(client(node))

    @cached_property
    def _reader(self) -> EvmReader:
        from adapters.chains.evm.reader import EvmReader

        return EvmReader(self._rpc)

    def _identify(self) -> str:
        return str(self._reader.chain_id())

    def _recognise(self) -> None:
        """A contract that counts in other decimals than the asset would make every amount wrong."""
        for asset, contract in self._node.tokens.items():
            if contract is None:
                continue
            decimals = self._reader.decimals(contract)
            if decimals is None:
                raise self._unavailable(f"has no token contract at {contract} for {asset.code}")
            if decimals != asset.decimals:
                words = f"the contract of {asset.code} counts in {decimals} decimals"
                raise self._unavailable(f"{words}, config/assets.toml in {asset.decimals}")

    def _tip(self) -> Tip:
        if self._reader.syncing():
            raise self._unavailable("is still synchronising")
        block = self._reader.block("latest")
        if block is None:
            raise Garbled("there is no newest block")
        return Tip(height=whole(block.number, "its number"), at=moment(block.time, "its time"))

    def _txid(self, txid: str) -> str | None:
        bare = hash_txid(txid)
        return None if bare is None else "0x" + bare

    def _read(self, expected: Expected, txid: str) -> Transaction:
        reader, contract = self._reader, self._contract(expected)
        sent = reader.transaction(txid)
        if sent is None:
            return Transaction(txid=txid, words=f"the node knows no transaction {txid}")
        destination = reader.address(expected.destination)
        if sent.sender == destination:
            return Transaction(txid=txid, words=OWN.format(txid))
        receipt = reader.receipt(txid) if sent.block is not None else None
        if receipt is None:
            paid = contract is None and sent.to == destination and sent.value > 0
            waiting = (Payment("", sent.value),) if paid else ()
            return Transaction(txid=txid, payments=waiting, words=f"transaction {txid} is in no block yet")
        block = reader.block(receipt.height)
        if block is None or block.hash != receipt.block:
            return Transaction(txid=txid, words=f"the block of transaction {txid} is no longer part of the chain")
        payments: tuple[Payment, ...] = ()
        words = f"transaction {txid} failed: it is in block {receipt.height} and moved nothing"
        if receipt.succeeded:
            if contract is None:
                payments, words = self._native(sent.to, sent.value, destination, txid)
            else:
                payments, words = self._token(receipt.logs, reader.address(contract), destination, txid)
        return Transaction(
            txid=txid,
            payments=payments,
            words=words,
            height=receipt.height,
            block=receipt.block,
            at=moment(block.time, "a block's time"),
            final=self._node.depth is None and bool(payments) and self._finalized() >= receipt.height,
        )

    def _native(self, to: str | None, value: int, destination: str, txid: str) -> tuple[tuple[Payment, ...], str]:
        if to == destination:
            payments = (Payment("", value),) if value > 0 else ()
            return payments, f"transaction {txid} sends nothing"
        if to is None or self._reader.is_contract(to):
            return (), NOT_SHOWN.format(txid=txid, to=to)
        return (), f"transaction {txid} pays {to}, not {destination}"

    def _token(
        self, logs: tuple[Log, ...], contract: str, destination: str, txid: str
    ) -> tuple[tuple[Payment, ...], str]:
        """A log's place in the receipt stays the same when the transaction moves to another block."""
        mine = [log for log in logs if log.to == destination and log.units > 0]
        payments = tuple(Payment(f":{log.place}", log.units) for log in mine if log.contract == contract)
        if payments:
            return payments, ""
        others = sorted({log.contract for log in mine})
        if others:
            return (), f"transaction {txid} pays it in tokens of {', '.join(others)}, not of {contract}"
        return (), f"transaction {txid} moves no token of {contract} to {destination}"

    def _finalized(self) -> int:
        block = self._reader.block("finalized")
        if block is None:
            raise self._unavailable("does not tell which blocks are final; set confirmations")
        return block.number

    def _search(self, expected: Expected) -> Found:
        contract = self._contract(expected)
        if contract is None:
            return Found(words=NO_SEARCH)
        txids, complete = self._reader.paying(contract, expected.destination, expected.since - self.slack)
        return Found(txids=txids, words="" if complete else "only the newest blocks were searched")
