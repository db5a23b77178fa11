"""One regtest network in one folder: a chain, the merchant's hot wallet, the customers' wallet.

Everything that a network writes lies under its root, and `stop` ends exactly what it started.
The wallets' password is the same everywhere, since snapshots carry it: no real money, ever.
"""

from __future__ import annotations

import contextlib
import secrets
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self

from deploy.sandbox import snapshot
from deploy.sandbox.configuration import payout_toml
from deploy.sandbox.daemon import Daemon
from deploy.sandbox.process import SandboxError, write_secret
from deploy.sandbox.rpc import RpcError
from deploy.sandbox.wallet import Customer, WalletRpc

XMR = 10**12
OUTPUTS = 16
OUTPUT_AMOUNT = 10 * XMR
WALLET_PASSWORD = "worthless-sandbox-coins"  # noqa: S105 -- regtest coins are worth nothing
# Coinbase unlocks after 60 blocks; the rest is the faucet, at 35 XMR a block.
FAUCET_BLOCKS = 130
UNLOCK_BLOCKS = 10
DESTINATIONS_A_TRANSFER = 15
# What wallet-rpc answers while all coins wait for their ten blocks (facts of 0.18.0.0).
NOT_YET_UNLOCKED = {-16, -17, -37}


class Network:
    """A running sandbox. Use it as a context manager, or call `stop`."""

    def __init__(self, root: Path) -> None:
        """The network that lies in this folder, running or not; see `start` and `attach`."""
        self.root = root.resolve()
        self.root.mkdir(parents=True, exist_ok=True)
        self.login_file = self.root / "hot.login"
        self.password_file = self.root / "hot.password"
        self.daemon = Daemon(self.root)
        self.hot = WalletRpc(
            self.root,
            self.daemon.url,
            filename="hot",
            password=WALLET_PASSWORD,
            login=login_of(self.login_file),
        )
        self.customer = Customer(
            self.root,
            self.daemon.url,
            filename="customer",
            password=WALLET_PASSWORD,
            login=login_of(self.root / "customer.login"),
        )
        write_secret(self.password_file, WALLET_PASSWORD)

    @classmethod
    def start(
        cls,
        root: Path,
        *,
        outputs: int = OUTPUTS,
        amount: int = OUTPUT_AMOUNT,
        snapshot_file: Path | None = None,
    ) -> Network:
        """Boot a fresh network, its hot wallet open with `outputs` spendable outputs of `amount`.

        Whatever an earlier network left in the folder is removed. The first call for a new pair of
        outputs and amount takes half a minute to build a snapshot; later ones take a few seconds.
        """
        if cls(root).running():
            raise SandboxError(f"a sandbox runs in {root} already: stop it, or name another --dir")
        shutil.rmtree(root)
        snapshot.unpack(snapshot_file or _funded(outputs, amount), root)
        network = cls(root)
        try:
            network._boot()
        except BaseException:
            network.stop()
            raise
        return network

    @classmethod
    def attach(cls, root: Path) -> Network:
        """The network that another process started in this folder."""
        if not root.is_dir() or not (network := cls(root)).running():
            raise SandboxError(f"no sandbox runs in {root}: start one with `make sandbox`")
        return network

    def running(self) -> bool:
        return any(server.alive() for server in (self.daemon, self.hot, self.customer))

    def stop(self) -> None:
        """End the three processes, in order; the wallets save first."""
        for server in (self.hot, self.customer, self.daemon):
            server.stop()

    def mine(self, n: int = 1) -> int:
        """Mine n blocks; the new height. The wallets see them at their next refresh."""
        return self.daemon.mine(n)

    def fund(self, amount: int, outputs: int = 1, *, mine: bool = True, address: str | None = None) -> list[str]:
        """Pay the hot wallet, or an address, `outputs` outputs of `amount` from the faucet; the transactions' ids.

        With `mine` ten blocks follow and the hot wallet is refreshed, so that all can be spent.
        """
        address, txids = address or self.hot.address(), []
        self.customer.refresh()
        while outputs > 0:
            count = min(DESTINATIONS_A_TRANSFER, outputs)
            txids.append(self._faucet_pays([(address, amount)] * count))
            outputs -= count
        if mine:
            self.mine(UNLOCK_BLOCKS)
            self.hot.refresh()
        return txids

    def reorg(self, depth: int, *, longer: int = 1, drop: bool = False) -> int:
        """Replace the last `depth` blocks by `depth + longer` others; the new height.

        What they held goes back to the pool and is mined again, unless `drop` flushes it first.
        """
        self.daemon.pop_blocks(depth)
        if drop:
            self.daemon.flush_pool()
        return self.mine(depth + longer)

    def snapshot(self, file: Path) -> None:
        """Pack this network as it is now, for `start(snapshot_file=...)`; monerod restarts."""
        self.hot.store()
        self.customer.store()
        self.daemon.stop()
        snapshot.pack(self.root, file)
        self.daemon.start()
        for wallet in (self.hot, self.customer):
            wallet.refresh()

    def payout_toml(self, rates: dict[str, str] | None = None) -> str:
        """A configuration for the worker on this network; `rates` are base urls by source."""
        return payout_toml(self.hot, self.login_file, self.password_file, rates or {})

    def _boot(self) -> None:
        together(self.daemon.start, self.hot.start, self.customer.start)
        together(self.hot.open, self.customer.open)
        together(self.hot.refresh, self.customer.refresh)

    def _faucet_pays(self, payments: list[tuple[str, int]]) -> str:
        for _ in range(UNLOCK_BLOCKS):
            with contextlib.suppress(RpcError):
                return self._pay_unless_locked(payments)
            self.mine(UNLOCK_BLOCKS)
            self.customer.refresh()
        raise SandboxError("the faucet is empty: start the sandbox anew")

    def _pay_unless_locked(self, payments: list[tuple[str, int]]) -> str:
        try:
            return self.customer.send(*payments)
        except RpcError as refusal:
            if refusal.code not in NOT_YET_UNLOCKED:
                raise SandboxError(f"the faucet could not pay: {refusal}") from refusal
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def _funded(outputs: int, amount: int) -> Path:
    def build(scratch: Path) -> None:
        with Network.start(scratch, snapshot_file=snapshot.cached("faucet", _build_faucet)) as net:
            net.fund(amount, outputs)

    return snapshot.cached(f"hot-{outputs}x{amount}", build)


def _build_faucet(scratch: Path) -> None:
    """A chain whose rewards so far belong to the customers' account 0, and an empty hot wallet."""
    network = Network(scratch)
    try:
        together(network.daemon.start, network.hot.start, network.customer.start)
        together(network.hot.create, network.customer.create)
        network.daemon.mine(FAUCET_BLOCKS, network.customer.address())
        network.customer.refresh()
    finally:
        network.stop()


def together(*acts: Callable[[], None]) -> None:
    """Run them at once: starting and opening are waits and RSA keys, one process each."""
    with ThreadPoolExecutor(len(acts)) as pool:
        for running in [pool.submit(act) for act in acts]:
            running.result()


def login_of(file: Path) -> str:
    if not file.exists():
        write_secret(file, f"worker:{secrets.token_hex(16)}")
    return file.read_text().strip()
