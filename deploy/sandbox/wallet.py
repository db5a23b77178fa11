"""A real monero-wallet-rpc with one open wallet: the merchant's hot one, or the customers'.

wallet-rpc saves only when told to, or on SIGTERM; after any restart no wallet is open.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deploy.sandbox import quick_keys
from deploy.sandbox.rpc import RpcError
from deploy.sandbox.server import Server

NO_PAYMENT_ID = "0" * 16
ADDRESSES_A_CALL = 64


class WalletRpc(Server):
    """One wallet-rpc process. It runs one call at a time, whoever asks."""

    program = "monero-wallet-rpc"

    def __init__(
        self,
        root: Path,
        daemon_url: str,
        *,
        filename: str,
        password: str,
        login: str,
        port: int | None = None,
    ) -> None:
        super().__init__(root, f"wallet-{filename}", port=port, login=login)
        self.daemon_url = daemon_url
        self.filename = filename
        self.password = password

    @property
    def folder(self) -> Path:
        return self.root / "wallets"

    def arguments(self) -> list[str]:
        self.folder.mkdir(parents=True, exist_ok=True)
        return [
            *("--daemon-address", self.daemon_url.removeprefix("http://"), "--trusted-daemon"),
            *("--daemon-ssl", "disabled", "--rpc-ssl", "disabled", "--no-dns"),
            *("--wallet-dir", str(self.folder), "--rpc-login", str(self.login)),
            *("--rpc-bind-ip", "127.0.0.1", "--rpc-bind-port", str(self.port)),
            *("--shared-ringdb-dir", str(self.root / "ringdb"), "--non-interactive"),
            *("--log-file", str(self.root / f"{self.name}.own.log"), "--log-level", "0"),
        ]

    def environment(self) -> Mapping[str, str]:
        return quick_keys.environment()

    def probe(self) -> object:
        return self.call("get_version", timeout=5)

    def open(self) -> None:
        """Open the wallet; takes 1 to 8 s of CPU, less with quick keys. Needed after every restart."""
        self.call("open_wallet", filename=self.filename, password=self.password)

    def create(self) -> None:
        self.call("create_wallet", filename=self.filename, password=self.password, language="English")

    def address(self, account: int = 0) -> str:
        return str(self.call("get_address", account_index=account)["address"])

    def new_addresses(self, n: int, account: int = 0) -> list[str]:
        """So many fresh subaddresses; lost on SIGKILL unless stored."""
        fresh: list[str] = []
        while len(fresh) < n:
            count = min(ADDRESSES_A_CALL, n - len(fresh))
            fresh += self.call("create_address", account_index=account, count=count)["addresses"]
        return fresh

    def new_accounts(self, n: int) -> list[str]:
        """So many fresh accounts, each by its first address."""
        return [str(self.call("create_account")["address"]) for _ in range(n)]

    def integrated(self, payment_id: str | None = None) -> str:
        """The primary address with a payment id in it (16 hex digits; a random one if None)."""
        answer = self.call("make_integrated_address", payment_id=payment_id or "")
        return str(answer["integrated_address"])

    def refresh(self) -> None:
        """See the chain as it is now; tried twice, for the first call after monerod's restart."""
        with contextlib.suppress(RpcError):
            self.call("refresh")
            return
        self.call("refresh")

    def store(self) -> None:
        self.call("store")

    def balance(self, account: int = 0) -> int:
        return int(self.call("get_balance", account_index=account)["balance"])

    def unlocked(self, account: int = 0) -> int:
        return int(self.call("get_balance", account_index=account)["unlocked_balance"])

    def outputs(self, account: int = 0) -> list[dict[str, Any]]:
        """The unspent outputs, each with amount, key_image and unlocked."""
        answer = self.call("incoming_transfers", transfer_type="available", account_index=account)
        return list(answer.get("transfers", []))

    def send(self, *payments: tuple[str, int], account: int = 0) -> str:
        """Pay at once, as a naive client would; the transaction's id."""
        destinations = [{"address": address, "amount": amount} for address, amount in payments]
        answer = self.call("transfer", destinations=destinations, account_index=account, priority=1)
        return str(answer["tx_hash"])


class Customer(WalletRpc):
    """The customers' wallet: what it says it received is the judge of every payment.

    Its account 0 also holds the faucet's coinbase, which is never counted as received.
    """

    def received(self, *, confirmed: bool = True) -> dict[str, int]:
        """Piconero received per address, the sum of all payments; no coinbase, no change.

        What came to an integrated address stands under that address. With `confirmed=False`
        payments that are still in the pool count too.
        """
        sums: dict[str, int] = {}
        for payment in self.payments():
            if payment["type"] == "in" or not confirmed:
                address = self.paid_address(payment)
                sums[address] = sums.get(address, 0) + int(payment["amount"])
        return sums

    def received_at(self, address: str) -> int:
        return self.received().get(address, 0)

    def payments(self) -> list[dict[str, Any]]:
        """Every payment, mined (type "in") or waiting ("pool"): address, amount, txid, height...

        One entry per transaction and address: being paid twice shows as two entries.
        """
        self.refresh()
        kinds = {"in": True, "pool": True}
        answer = self.call("get_transfers", **kinds, all_accounts=True)
        entries = [*answer.get("in", []), *answer.get("pool", [])]
        return [entry for entry in entries if entry["type"] in kinds]

    def paid_address(self, payment: dict[str, Any]) -> str:
        """The address that this payment was sent to, as it was given to the payer."""
        if payment["payment_id"] == NO_PAYMENT_ID:
            return str(payment["address"])
        answer = self.call(
            "make_integrated_address",
            standard_address=payment["address"],
            payment_id=payment["payment_id"],
        )
        return str(answer["integrated_address"])
