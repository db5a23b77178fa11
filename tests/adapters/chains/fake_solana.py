"""Solana's JSON-RPC: slots, of which some are skipped, and balances before and after each transaction."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Any

from bip_utils import Base58Encoder

from adapters.chains import Node
from adapters.chains.solana import SolanaChain
from adapters.clock import SystemClock
from payout.asset import Asset
from tests.adapters.chains.ledger import Answer, FakeNode, Said, Sent, rpc

SOL = Asset(code="SOL", network="solana", decimals=9)
USDC = Asset(code="USDC", network="solana", decimals=6)
FINAL = 3
"""Slots on top that finalise one here; 32 on the real network."""


def new_key(length: int = 32) -> str:
    # A first byte of 255 gives a signature its usual 88 characters.
    return str(Base58Encoder.Encode(b"\xff" + secrets.token_bytes(length - 1)))


MINT = new_key()
FORGED = new_key()


def token_account(owner: str, mint: str) -> str:
    """Stands for the associated token account, which is derived from both."""
    return f"{owner[:20]}{mint[:20]}"


class FakeSolana(FakeNode):
    """A stage of the contract, in SOL or in a token."""

    deep = FINAL
    pools = apart = False
    batches = finds = True

    def __init__(self, *, token: bool) -> None:
        super().__init__()
        self.asset = USDC if token else SOL
        self.unit = 25_000_000
        self.decimals = 6
        self.healthy = True

    def address(self) -> str:
        return new_key()

    def absent(self) -> str:
        return new_key(64)

    def pay(self, *payments: tuple[str, int], **extra: Any) -> str:
        kind = {"mint": MINT} if self.asset is USDC else {}
        return super().pay(*payments, **{**kind, **extra})

    def chain(self, **changes: Any) -> SolanaChain:
        facts: dict[str, Any] = {
            "network": "solana",
            "tokens": {SOL: None, USDC: MINT},
            "url": self.server.url,
            "identity": self.ledger.blocks[0].hash,
        }
        return SolanaChain(Node(**{**facts, **changes}), SystemClock())

    def _answer(self, _: str, __: str, ___: Mapping[str, str], body: Any) -> Answer:
        methods: dict[str, Callable[..., Any]] = {
            "getGenesisHash": lambda: self.ledger.blocks[0].hash,
            "getHealth": self._health,
            "getSlot": lambda options: max(0, self.ledger.tip.height - self._lag(options)),
            "getBlockTime": lambda slot: self.ledger.blocks[slot].time,
            "getTokenSupply": lambda _: {"value": {"decimals": self.decimals, "amount": "1"}},
            "getTransaction": self._transaction,
            "getBlock": self._block,
            "getSignatureStatuses": self._statuses,
            "getSignaturesForAddress": self._signatures,
            "getTokenAccountsByOwner": self._token_accounts,
        }
        return rpc(methods, body)

    @staticmethod
    def _lag(options: Mapping[str, Any]) -> int:
        return FINAL if options["commitment"] == "finalized" else 0

    def _health(self) -> str:
        if not self.healthy:
            raise Said(-32005, "Node is behind by 42 slots")
        return "ok"

    def _block(self, slot: int, _: Mapping[str, Any]) -> dict[str, Any]:
        if slot >= len(self.ledger.blocks):
            raise Said(-32009, f"Slot {slot} was skipped, or missing in long-term storage")
        block = self.ledger.blocks[slot]
        return {"blockhash": block.hash, "blockTime": block.time, "signatures": list(block.txids)}

    def _transaction(self, txid: str, options: Mapping[str, Any]) -> dict[str, Any] | None:
        sent, block = self.ledger.sent.get(txid), self.ledger.block_of(txid)
        if sent is not None and "stale" in sent.extra:
            return self._shown(sent, int(sent.extra["stale"]))
        if sent is None or block is None or options["maxSupportedTransactionVersion"] != 0:
            return None
        return self._shown(sent, block.height)

    def _shown(self, sent: Sent, slot: int) -> dict[str, Any]:
        mint = sent.extra.get("mint")
        owners = list(dict.fromkeys(to for to, _ in sent.payments))
        keys = ["payer", *(token_account(owner, str(mint)) if mint else owner for owner in owners)]
        got = [sum(units for to, units in sent.payments if to == owner) for owner in owners]
        meta: dict[str, Any] = {"err": {"InstructionError": [0, {"Custom": 1}]} if sent.extra.get("failed") else None}
        if mint:
            held = [(place, owner, units) for place, (owner, units) in enumerate(zip(owners, got, strict=True), 1)]
            before = [self._held(place, owner, mint, 1000) for place, owner, _ in held]
            after = [self._held(place, owner, mint, 1000 + units) for place, owner, units in held]
            same = [7] * len(keys)
            meta |= {"preTokenBalances": before, "postTokenBalances": after, "preBalances": same, "postBalances": same}
        else:
            meta |= {"preTokenBalances": [], "postTokenBalances": []}
            meta |= {"preBalances": [10**12, *(5 for _ in got)], "postBalances": [10**9, *(5 + units for units in got)]}
        signer = sent.extra.get("signer")
        memo = [{"program": "spl-memo", "parsed": sent.extra["memo"]}] if "memo" in sent.extra else []
        message = {
            "accountKeys": [{"pubkey": key, "signer": key in ("payer", signer)} for key in keys],
            "instructions": [{"program": "system"}, *memo],
        }
        return {"slot": slot, "meta": meta, "transaction": {"message": message}}

    @staticmethod
    def _held(place: int, owner: str, mint: object, units: int) -> dict[str, Any]:
        amount = {"amount": str(units), "decimals": 6}
        return {"accountIndex": place, "owner": owner, "mint": mint, "uiTokenAmount": amount}

    def _statuses(self, txids: list[str], _: Mapping[str, Any]) -> dict[str, Any]:
        found: list[dict[str, Any] | None] = []
        for txid in txids:
            block = self.ledger.block_of(txid)
            if block is None:
                found.append(None)
                continue
            final = self.ledger.tip.height - block.height >= FINAL
            found.append({"slot": block.height, "confirmationStatus": "finalized" if final else "confirmed"})
        return {"value": found}

    def _signatures(self, account: str, _: Mapping[str, Any]) -> list[dict[str, Any]]:
        found = []
        for sent in reversed(self.ledger.sent.values()):
            block, mint = self.ledger.block_of(sent.txid), sent.extra.get("mint")
            touched = {token_account(to, str(mint)) if mint else to for to, _ in sent.payments}
            if account in touched and block is not None:
                err = "failed" if sent.extra.get("failed") else None
                found.append({"signature": sent.txid, "slot": block.height, "err": err, "blockTime": block.time})
        return found

    def _token_accounts(self, owner: str, wanted: Mapping[str, str], _: Mapping[str, Any]) -> dict[str, Any]:
        return {"value": [{"pubkey": token_account(owner, wanted["mint"])}]}
