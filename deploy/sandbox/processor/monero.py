"""Deposits in a real Monero wallet of the processor's own, and returns paid from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from deploy.sandbox.network import NOT_YET_UNLOCKED
from deploy.sandbox.processor.backend import Deposit, NotNow
from deploy.sandbox.rpc import RpcError
from deploy.sandbox.wallet import WalletRpc


class MoneroVault:
    """A subaddress an order. What is returned comes out of everything that was deposited."""

    def __init__(self, wallet: WalletRpc) -> None:
        self.wallet = wallet

    def new_address(self) -> str:
        address = self.wallet.new_addresses(1)[0]
        self.wallet.store()
        return address

    def valid(self, address: str) -> bool:
        # A dot or an @ would make the wallet ask the DNS.
        return address.isalnum() and bool(self.wallet.call("validate_address", address=address)["valid"])

    def deposits(self) -> Mapping[str, list[Deposit]]:
        self.wallet.refresh()
        answer = self.wallet.call("get_transfers", **{"in": True, "pool": True}, account_index=0)
        found: defaultdict[str, list[Deposit]] = defaultdict(list)
        for entry in [*answer.get("in", []), *answer.get("pool", [])]:
            if entry["type"] in {"in", "pool"}:
                depth = int(entry.get("confirmations", 0)) if entry["type"] == "in" else 0
                deposit = Deposit(txid=str(entry["txid"]), units=int(entry["amount"]), depth=depth)
                found[str(entry["address"])].append(deposit)
        return found

    def send_back(self, address: str, units: int) -> str:
        try:
            txid = self.wallet.send((address, units))
        except RpcError as refusal:
            if refusal.code in NOT_YET_UNLOCKED:
                raise NotNow(f"the processor's coins are locked: {refusal}") from refusal
            raise
        self.wallet.store()
        return txid
