"""Chains on paper: deposits are told, payouts are written down, and nothing takes time.

For contract tests. Addresses are real main-network ones, since clients check them.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace

from deploy.sandbox.processor.backend import Deposit, NotNow
from deploy.sandbox.processor.coin import Coin

SUBADDRESS_BYTE = 0x2A
SHORTEST_ADDRESS = 20


def monero_address() -> str:
    """A subaddress of the main network that belongs to nobody, its points and checksum right."""
    from monero import base58, ed25519
    from monero.keccak import keccak_256

    secret_keys = (ed25519.scalar_reduce(secrets.token_bytes(64)) for _ in range(2))
    data = bytes([SUBADDRESS_BYTE]) + b"".join(map(ed25519.scalarmult_B, secret_keys))
    text: str = base58.encode((data + keccak_256(data).digest()[:4]).hex())
    return text


class PaperVault:
    """Monero's side: `deposit` is the customer of the processor, `mine` makes it deep."""

    def __init__(self) -> None:
        self._deposits: defaultdict[str, list[Deposit]] = defaultdict(list)
        self.sent_back: dict[str, int] = {}
        """Piconero returned, by return address."""
        self.locked = False
        """Nothing is free to be sent back now."""

    def new_address(self) -> str:
        return monero_address()

    def valid(self, address: str) -> bool:
        from monero.address import address as parsed

        try:
            return bool(repr(parsed(address)) == address)
        except (ValueError, IndexError, TypeError):
            return False

    def deposit(self, address: str, units: int, *, depth: int = 0) -> str:
        """Somebody pays this deposit address; the transaction's id."""
        txid = secrets.token_hex(32)
        self._deposits[address].append(Deposit(txid=txid, units=units, depth=depth))
        return txid

    def mine(self, n: int = 1) -> None:
        for payments in self._deposits.values():
            payments[:] = [replace(payment, depth=payment.depth + n) for payment in payments]

    def forget(self, txid: str) -> None:
        """A deposit is gone from pool and chain, as after a reorganisation."""
        for payments in self._deposits.values():
            payments[:] = [payment for payment in payments if payment.txid != txid]

    def deposits(self) -> Mapping[str, list[Deposit]]:
        return self._deposits

    def send_back(self, address: str, units: int) -> str:
        if self.locked:
            raise NotNow("the paper vault is locked")
        self.sent_back[address] = self.sent_back.get(address, 0) + units
        return secrets.token_hex(32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Payout:
    """One payment to a customer, on paper."""

    coin: str
    address: str
    memo: str | None
    units: int
    txid: str


class PaperTill:
    """Every network at once; each payout is in its first block at once, or when `slow` ends."""

    def __init__(self) -> None:
        self.payouts: list[Payout] = []
        self.slow = False

    def valid(self, coin: Coin, address: str) -> bool:
        """A rough look: real chains judge better."""
        if coin.network == "ethereum":
            return address.startswith("0x") and len(address) == 42
        return len(address) >= SHORTEST_ADDRESS and address.isalnum() and address.isascii()

    def pay(self, coin: Coin, address: str, memo: str | None, units: int) -> str:
        txid = ("0x" if coin.network == "ethereum" else "") + secrets.token_hex(32)
        self.payouts.append(Payout(coin=coin.key, address=address, memo=memo, units=units, txid=txid))
        return txid

    def depth(self, txid: str) -> int:
        return int(not self.slow and any(payout.txid == txid for payout in self.payouts))
