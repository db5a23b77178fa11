"""One payout.toml on a sandbox network, and everything that it names."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any, Final, Self

from config.main import main
from config.settings import load
from config.wiring import House
from deploy.sandbox import Network, RateServer
from payout.errors import BadInput
from payout.intake import Request
from payout.ports import Clock
from payout.refund import Refund, RefundStatus
from payout.transfer import Transfer
from tests.canary import heard
from tests.nodes.house.daemon import DaemonProcess
from tests.nodes.house.hands import Hands

ALICE: Final = "alice"
LEASE_SECONDS: Final = 3
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
level = "info"

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
        heard(out.getvalue() + err.getvalue())
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
        return DaemonProcess(self.config, self.folder / f"{name}.log")

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

    def paid_by(self, owed: Owed) -> str:
        """The transfer of a refund's newest attempt."""
        return self.parts.store.attempts([self.refund(owed).id])[-1].transfer_id

    def transfers(self) -> tuple[Transfer, ...]:
        return self.parts.store.list_transfers()

    def count(self, status: RefundStatus) -> int:
        return self.parts.store.counts().get(status, 0)

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
