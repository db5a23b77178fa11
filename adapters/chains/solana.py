"""
Solana through its JSON-RPC: SOL and SPL tokens.

What arrived is the difference between balances before and after the transaction: of the destination itself, or of its
token accounts of the right mint, which belong to it as their owner (its associated account, or any other). So one
transaction is one payment. A slot plays the part of a height; "finalized" is the chain's own word for final.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from adapters.chains import OWN, ChainReader, Found, Node, Payment, Tip, Transaction, client
from adapters.http.json_rpc import JsonRpc, RpcSaid
from adapters.http.shape import Garbled, digits, items, moment, obj, text, whole
from payout.ports import Clock, Expected

SIGNATURE: Final = re.compile(r"[1-9A-HJ-NP-Za-km-z]{80,90}")
"""64 bytes in base58."""
SKIPPED: Final = frozenset({-32007, -32009})
PAGE: Final = 100
ACCOUNTS_MAX: Final = 5
SEEN: Final = {"commitment": "confirmed"}


class SolanaChain(ChainReader):
    """One cluster. `Node.identity` is its genesis hash."""

    memos: ClassVar[bool] = True

    def __init__(self, node: Node, clock: Clock) -> None:
        super().__init__(node, clock)
        self._rpc = JsonRpc(client(node))

    def _identify(self) -> str:
        return text(self._rpc.call("getGenesisHash"), "the genesis hash")

    def _recognise(self) -> None:
        """A mint that counts in other decimals than the asset would make every amount wrong."""
        for asset, mint in self._node.tokens.items():
            if mint is None:
                continue
            supply = obj(obj(self._rpc.call("getTokenSupply", mint), "a supply").get("value"), "a supply")
            decimals = whole(supply.get("decimals"), "a mint's decimals")
            if decimals != asset.decimals:
                words = f"the mint of {asset.code} counts in {decimals} decimals"
                raise self._unavailable(f"{words}, config/assets.toml in {asset.decimals}")

    def _tip(self) -> Tip:
        """A node that is behind answers `getHealth` with an error."""
        self._rpc.call("getHealth")
        slot = whole(self._rpc.call("getSlot", SEEN), "a slot")
        final = whole(self._rpc.call("getSlot", {"commitment": "finalized"}), "a slot")
        return Tip(height=slot, at=moment(self._rpc.call("getBlockTime", final), "a block's time"))

    def _txid(self, txid: str) -> str | None:
        return txid if SIGNATURE.fullmatch(txid) else None

    def _read(self, expected: Expected, txid: str) -> Transaction:
        options = {"encoding": "jsonParsed", "maxSupportedTransactionVersion": 0, **SEEN}
        answer = self._rpc.call("getTransaction", txid, options)
        if answer is None:
            return Transaction(txid=txid, words=f"the node knows no transaction {txid} that is confirmed")
        found = obj(answer, "a transaction")
        meta = obj(found.get("meta"), "a transaction's effects")
        message = obj(obj(found.get("transaction"), "a transaction").get("message"), "a transaction's message")
        slot = whole(found.get("slot"), "a slot")
        if meta.get("err") is not None:
            return Transaction(txid=txid, words=f"transaction {txid} failed: it is in slot {slot} and moved nothing")
        if expected.destination in _signers(message):
            return Transaction(txid=txid, words=OWN.format(txid))
        if expected.memo and expected.memo not in _memos(message):
            return Transaction(txid=txid, words=f"transaction {txid} does not carry the memo {expected.memo!r}")
        block = self._block(slot)
        if block is None or txid not in items(block.get("signatures"), "a block's signatures"):
            return Transaction(txid=txid, words=f"the block of transaction {txid} is no longer part of the chain")
        mint = self._contract(expected)
        units = _lamports(message, meta, expected) if mint is None else _tokens(message, meta, expected, mint)
        return Transaction(
            txid=txid,
            payments=(Payment("", units),) if units > 0 else (),
            words=f"transaction {txid} brings {expected.destination} nothing of {expected.amount.asset.code}",
            height=slot,
            block=text(block.get("blockhash"), "a block's hash"),
            at=moment(block.get("blockTime"), "a block's time"),
            final=units > 0 and self._finalized(txid),
        )

    def _block(self, slot: int) -> Mapping[str, Any] | None:
        """None where the chain has no block in this slot (any more)."""
        options = {"transactionDetails": "signatures", "rewards": False, "maxSupportedTransactionVersion": 0, **SEEN}
        try:
            answer = self._rpc.call("getBlock", slot, options)
        except RpcSaid as said:
            if said.code in SKIPPED:
                return None
            raise
        return None if answer is None else obj(answer, "a block")

    def _finalized(self, txid: str) -> bool:
        answer = obj(self._rpc.call("getSignatureStatuses", [txid], {"searchTransactionHistory": True}), "statuses")
        (status,) = items(answer.get("value"), "statuses") or [None]
        return status is not None and obj(status, "a status").get("confirmationStatus") == "finalized"

    def _search(self, expected: Expected) -> Found:
        mint = self._contract(expected)
        accounts = [expected.destination]
        if mint is not None:
            options = {"encoding": "jsonParsed", **SEEN}
            answer = obj(self._rpc.call("getTokenAccountsByOwner", accounts[0], {"mint": mint}, options), "accounts")
            owned = [obj(each, "an account") for each in items(answer.get("value"), "accounts")]
            accounts = [text(each.get("pubkey"), "an account's address") for each in owned[:ACCOUNTS_MAX]]
        since = expected.since - self.slack
        found: list[tuple[int, str]] = []
        for account in accounts:
            page = items(self._rpc.call("getSignaturesForAddress", account, {"limit": PAGE, **SEEN}), "signatures")
            for entry in (obj(each, "a signature") for each in page):
                time = entry.get("blockTime")
                if entry.get("err") is None and (time is None or moment(time, "a block's time") >= since):
                    found.append((whole(entry.get("slot"), "a slot"), text(entry.get("signature"), "a signature")))
        found.sort(key=lambda each: -each[0])
        return Found(txids=tuple(dict.fromkeys(txid for _, txid in found)))


def _accounts(message: Mapping[str, Any]) -> list[str]:
    keys = [obj(each, "an account") for each in items(message.get("accountKeys"), "the accounts")]
    return [text(key.get("pubkey"), "an account's address") for key in keys]


def _signers(message: Mapping[str, Any]) -> list[Any]:
    keys = [obj(each, "an account") for each in items(message.get("accountKeys"), "the accounts")]
    return [key.get("pubkey") for key in keys if key.get("signer") is True]


def _lamports(message: Mapping[str, Any], meta: Mapping[str, Any], expected: Expected) -> int:
    before = items(meta.get("preBalances"), "balances")
    after = items(meta.get("postBalances"), "balances")
    accounts = _accounts(message)
    if not len(accounts) == len(before) == len(after):
        raise Garbled("balances are not one for each account")
    return sum(
        whole(after[place], "a balance") - whole(before[place], "a balance")
        for place, account in enumerate(accounts)
        if account == expected.destination
    )


def _tokens(message: Mapping[str, Any], meta: Mapping[str, Any], expected: Expected, mint: str) -> int:
    accounts = _accounts(message)

    def held(what: str) -> int:
        total = 0
        for entry in (obj(each, "a balance") for each in items(meta.get(what), "token balances")):
            place = whole(entry.get("accountIndex"), "an account's place")
            if place >= len(accounts):
                raise Garbled("a balance is of no account")
            theirs = expected.destination in {entry.get("owner"), accounts[place]}
            if theirs and entry.get("mint") == mint:
                amount = obj(entry.get("uiTokenAmount"), "an amount")
                total += digits(amount.get("amount"), "an amount")
        return total

    return held("postTokenBalances") - held("preTokenBalances")


def _memos(message: Mapping[str, Any]) -> list[Any]:
    """The texts of the memo program's instructions."""
    found = [obj(each, "an instruction") for each in items(message.get("instructions"), "the instructions")]
    return [each.get("parsed") for each in found if each.get("program") == "spl-memo"]
