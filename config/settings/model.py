"""
What the configuration says, as typed values.

These are plain facts: `load.py` reads and checks them, `config/wiring.py` turns them into parts.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from config.settings.secret import Secret
    from payout.limits import Limits
    from payout.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """Which installation this is, and where it keeps its files."""

    id: str
    state_dir: Path
    seal_key_file: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """`url` is a secret, since it may hold a password. `shown` is the same without one."""

    url: Secret
    shown: str
    sqlite_file: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletSettings:
    """One `[wallets.NAME]`."""

    name: str
    kind: str
    network: str
    rpc_url: str
    rpc_login: Secret | None
    daemon_url: str
    daemon_login: Secret | None
    wallet_file: str | None
    password: Secret | None
    address: str | None
    confirmations: int
    batch_max: int
    outputs_target: int
    priority: int
    fee_max: Money
    watch_depth: int

    @property
    def networks(self) -> frozenset[str]:
        """What its node may call its network. A regtest chain uses mainnet's addresses."""
        return frozenset({"mainnet", "fakechain"} if self.network == "mainnet" else {self.network})


@dataclass(frozen=True, slots=True, kw_only=True)
class RateSource:
    """One `[rates.NAME]`. `url` is None where the source's own public address is meant."""

    name: str
    url: str | None = None
    api_key: Secret | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Which sources are asked, and how many must agree."""

    sources: tuple[RateSource, ...]
    sources_min: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Approvals:
    """Who may approve, and the key that signs. Both lie outside the database."""

    people_file: Path
    key_file: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """How often the daemon looks. Seconds."""

    tick_seconds: int
    rates_seconds: int
    lease_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Logs:
    """How the daemon logs, on stderr."""

    level: str
    form: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All of payout.toml."""

    file: Path
    instance: Instance
    database: Database
    wallets: tuple[WalletSettings, ...]
    rates: Rates
    limits: Limits
    approvals: Approvals
    worker: Worker
    logs: Logs
    unused: tuple[str, ...] = ()
    """Tables that a later version reads; this one only knows their names."""

    def wallet(self, name: str) -> WalletSettings | None:
        """The wallet of this name."""
        return next((wallet for wallet in self.wallets if wallet.name == name), None)
