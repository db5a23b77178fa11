"""
An installation of the product on a sandbox network: its configuration, keys, database, command line and daemons.

Tests speak to it as people do (`cli`, `daemon`), or tick by tick in this process (`hands`). Nothing here helps the
product along: what it does to money it does through the shipped parts.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any, Final, Self

from Cryptodome.Hash import keccak
from monero import base58

from config.main import main
from config.settings import load
from config.wiring import House
from deploy.sandbox import XMR, Network, RateServer
from payout.errors import BadInput
from payout.intake import Request
from payout.ports import Clock
from payout.refund import Refund, RefundStatus
from payout.transfer import Transfer
from payout.wallet import Wallet
from payout.worker import WalletWorker

PAYOUT: Final = Path(sys.executable).with_name("payout")
ALICE: Final = "alice"
CODES: Final = frozenset({"XMR", "USDT"})
LEASE_SECONDS: Final = 3
PATIENCE_SECONDS: Final = 90.0
"""A wait that lasts longer fails the test; it proves nothing about speed."""
UNLOCK_BLOCKS: Final = 10
OUTPUTS_MIN: Final = 12
MAINNET_PREFIX: Final = 18
SOURCES: Final = ("kraken", "coingecko", "bitfinex", "kucoin")

SETTINGS: Final = """\
[instance]
id = "nodes"
state_dir = "state"

[database]
url = {database}

[wallets.hot]
kind = "monero"
wallet_file = {wallet_file}
password_file = {password_file}
rpc_url = {rpc_url}
rpc_login_file = {login_file}
daemon_url = {daemon_url}
confirmations = {confirmations}
outputs_target = {outputs_target}
fee_max_usd = {fee_max_usd}

[limits]
refund_max_usd = "1000000.00"
day_max_usd = "100000000.00"

[worker]
tick_seconds = 1
rates_seconds = 5
lease_seconds = {lease_seconds}

[logs]
level = "debug"

[rates]
sources = {sources}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """What the test itself remembers of a refund, apart from all records of the product."""

    external_id: str
    usd: str
    destination: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str


class Installation:
    """One payout.toml, with everything that it names, in one folder."""

    def __init__(
        self,
        network: Network,
        rates: RateServer,
        folder: Path,
        *,
        database: str = "sqlite:///state/payout.db",
        rpc_url: str | None = None,
        daemon_url: str | None = None,
        confirmations: int = 3,
        outputs_target: int = 16,
        fee_max_usd: str = "100.00",
    ) -> None:
        self.network = network
        self.folder = folder
        self.state = folder / "state"
        self.config = folder / "payout.toml"
        folder.mkdir(parents=True, exist_ok=True)
        values = {
            "database": database,
            "wallet_file": network.hot.filename,
            "password_file": str(network.password_file),
            "rpc_url": rpc_url or network.hot.url,
            "login_file": str(network.login_file),
            "daemon_url": daemon_url or network.daemon.url,
            "confirmations": confirmations,
            "outputs_target": outputs_target,
            "fee_max_usd": fee_max_usd,
            "lease_seconds": LEASE_SECONDS,
            "sources": list(SOURCES),
        }
        text = SETTINGS.format(**{name: json.dumps(value) for name, value in values.items()})
        text += "".join(f"\n[rates.{name}]\nurl = {json.dumps(rates.urls()[name])}\n" for name in SOURCES)
        self.config.touch(mode=0o600)
        self.config.write_text(text)
        self.must("init")
        self.parts = House(load(self.config))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.parts.close()

    @property
    def database_file(self) -> Path:
        return self.state / "payout.db"

    # ------------------------------------------------------------ as people use it

    def cli(self, *words: str) -> Ran:
        """Run a command of the product; in this process, since a start costs a second of this machine."""
        out, err = StringIO(), StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = main(["--config", str(self.config), "--as", ALICE, *words])
        return Ran(code=code, out=out.getvalue(), err=err.getvalue())

    def must(self, *words: str) -> Ran:
        """The same, for a command that has to succeed."""
        ran = self.cli(*words)
        assert ran.code == 0, f"payout {' '.join(words)} ended with {ran.code}:\n{ran.out}\n{ran.err}"
        return ran

    def listed(self) -> list[dict[str, Any]]:
        """The refunds as `payout refunds list --json` gives them."""
        listed: list[dict[str, Any]] = json.loads(self.must("refunds", "list", "--json").out)
        return listed

    def daemon(self, name: str) -> DaemonProcess:
        """Start `payout run`."""
        return DaemonProcess(self, name)

    # ------------------------------------------------------------ in this process

    def owe(self, *dollars: str, to: Sequence[str] | None = None) -> list[Owed]:
        """Put approved refunds on record, each for a fresh address of the customers' wallet unless `to` names them."""
        addresses = list(to) if to is not None else self.network.customer.new_addresses(len(dollars))
        first = sum(self.parts.store.counts().values()) + 1
        owed = [
            Owed(external_id=f"{self.folder.name}-{first + n:04d}", usd=usd, destination=address)
            for n, (usd, address) in enumerate(zip(dollars, addresses, strict=True))
        ]
        refunds = [self._read(each) for each in owed]
        self.parts.intake.add(refunds)
        for refund in refunds:
            self.parts.desk.approve(refund.id, ALICE)
        return owed

    def _read(self, owed: Owed) -> Refund:
        request = Request(external_id=owed.external_id, usd=owed.usd, asset="XMR", destination=owed.destination)
        refund, problems = self.parts.intake.read(request, "merchant")
        if refund is None:
            raise BadInput("refund", "; ".join(map(str, problems)), "mend the test")
        return refund

    def refund(self, owed: Owed) -> Refund:
        refund = self.parts.store.refund(owed.external_id)
        assert refund is not None, f"{owed.external_id} is not on record"
        return refund

    def transfers(self) -> tuple[Transfer, ...]:
        return self.parts.store.list_transfers()

    def count(self, status: RefundStatus) -> int:
        return self.parts.store.counts().get(status, 0)

    def kinds(self) -> list[str]:
        """The kinds of the newest events, oldest first."""
        return [event.kind for event in self.parts.store.events(limit=1000)]

    def why_paused(self) -> str:
        """Why the wallet is paused; empty if it is not."""
        return " ".join(pause.why for pause in self.parts.store.pauses())

    @contextmanager
    def hands(self, name: str = "hands", *, clock: Clock | None = None, **ports: Any) -> Iterator[Hands]:
        """A worker in this process, one tick at a time; `ports` replace those of the wallet."""
        hands = Hands(self, name, clock=clock, **ports)
        try:
            yield hands
        finally:
            hands.worker.release()
            hands.parts.close()


class Hands:
    """What the daemon's ticks do, when the test says so."""

    def __init__(self, installation: Installation, name: str, *, clock: Clock | None = None, **ports: Any) -> None:
        self.installation = installation
        self.parts = House(load(installation.config), clock)
        self.wallet: Wallet = replace(self.parts.wallet("hot"), **ports)
        self.worker = WalletWorker(self.wallet, name, timedelta(seconds=LEASE_SECONDS * 20))

    def rates(self) -> None:
        self.parts.poller.tick(CODES)

    def pay(self) -> None:
        self.rates()
        self.worker.pay()

    def track(self) -> None:
        self.worker.track()

    def settle(self, *owed: Owed, blocks: int = 40) -> None:
        """Mine, track and pay until these are PAID."""
        for _ in range(blocks):
            if all(self.installation.refund(each).status is RefundStatus.PAID for each in owed):
                return
            self.installation.network.mine()
            self.track()
            self.pay()
        said = {each.external_id: self.installation.refund(each) for each in owed}
        raise AssertionError(f"not paid within {blocks} blocks: {said}; {self.installation.why_paused()}")


class DaemonProcess:
    """A real `payout run`."""

    def __init__(self, installation: Installation, name: str) -> None:
        self.log = installation.folder / f"{name}.log"
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [PAYOUT, "--config", installation.config, "run"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=_environment(),
                cwd=installation.folder,
            )

    def alive(self) -> bool:
        return self._process.poll() is None

    def kill(self) -> None:
        """SIGKILL, at this very moment."""
        self._process.kill()
        self._process.wait()

    def suspend(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def stop(self) -> float:
        """SIGTERM; how many seconds it took to end."""
        began = time.monotonic()
        self._process.terminate()
        self._process.wait(timeout=PATIENCE_SECONDS)
        return time.monotonic() - began

    def end(self) -> None:
        """Whatever state it is in."""
        with suppress(ProcessLookupError):
            self._process.kill()
        self._process.wait()


def until(true: Callable[[], bool], what: str, seconds: float = PATIENCE_SECONDS) -> None:
    """Wait; a failure says what for."""
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends, f"waited {seconds} s in vain for {what}"
        time.sleep(0.05)


def restore(copy: Path, file: Path) -> None:
    """Put a copied SQLite database in the place of the present one, as an operator would."""
    for leftover in (f"{file}-wal", f"{file}-shm"):
        Path(leftover).unlink(missing_ok=True)
    shutil.copyfile(copy, file)


def quiet(network: Network) -> None:
    """Mine and read everything, until each output can be spent: the next test's wallet starts with a clean sheet."""
    network.mine(UNLOCK_BLOCKS)
    network.hot.refresh()


def replenish(network: Network) -> None:
    """As `quiet`, and with enough outputs for a test, whatever the one before has spent."""
    quiet(network)
    outputs = [entry for entry in network.hot.outputs() if entry["amount"] >= XMR]
    if len(outputs) < OUTPUTS_MIN:
        network.fund(10 * XMR, outputs=OUTPUTS_MIN)


def off_curve_address() -> str:
    """An address with a right checksum and no keys in it: intake cannot know, and the wallet refuses it."""
    body = bytes([MAINNET_PREFIX]) + bytes([2] + [0] * 31) * 2
    checksum = keccak.new(digest_bits=256, data=body).digest()[:4]
    return str(base58.encode((body + checksum).hex()))


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "PAYOUT_CONFIG"}
