"""
What the configuration says, as typed values.

These are plain facts: `load.py` reads and checks them, `config/wiring.py` turns them into parts.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from config.settings.secret import Secret
    from payout.limits import Limits
    from payout.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """Which installation this is, and where it keeps its files."""

    id: str
    state_dir: Path
    seal_key_file: Path
    intake_key_file: Path
    assets_file: Path | None = None
    """An operator's own table of assets; None: the one that is shipped."""


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
    low: Money
    """USD: with less than this beyond what is approved, the merchant is told (wallet.low). 0: with less than that."""
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
class ProcessorSettings:
    """One `[processors.NAME]`. `url` is None where the processor's own public address is meant."""

    name: str
    kind: str
    url: str | None
    api_key: Secret | None
    private_key: Secret | None
    """ChangeNOW only: a second key, by which lost orders are found again."""
    kyc_worst: str
    """Trocador only: the worst rating of the exchanges behind it, A to D."""
    order_max: Money
    day_max: Money
    support_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SwapSettings:
    """`[swaps]`: which wallet pays for orders, and who is asked."""

    wallet: str | None
    """None: the only one that is configured, or there are no processors."""
    choose: tuple[str, ...]
    """Processors in order of preference; none: whoever quotes best."""
    routes: Mapping[tuple[str, str], tuple[str, ...] | None]
    """The same for one asset, by (code, network). None: it is not paid at all."""
    spread_max: Decimal
    """Percent by which a quote may be worse than our own rates."""
    overdue_hours: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainSettings:
    """One `[chains.NETWORK]`: who is asked what arrived there."""

    network: str
    kind: str
    url: Secret
    """A secret, as the paths of some services hold a key."""
    login: Secret | None
    api_key: Secret | None
    realm: str
    """mainnet, testnet or regtest: whose addresses are taken."""
    identity: str | None
    """The chain id, or the hash of block 0; None: what the network's own chain has."""
    confirmations: int | None
    """None: the chain's own word, or what the table of assets says."""
    behind_minutes: int | None
    """A newest block that is older means that the node is behind; 0: never; None: what suits the network."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """`[console]`: where the API and the receiver of webhooks listen, how they are reached, and how much they take."""

    host: str
    port: int
    public_url: str | None
    hook_key_file: Path
    trusted_proxies: tuple[str, ...]
    """Networks whose word is taken about who calls (X-Forwarded-For)."""
    requests_per_minute: int
    """Of each API key."""
    changes_per_day: int
    """Of each API key and scope."""
    strangers_per_minute: int
    """Calls without a valid key, of each address."""
    body_kb_max: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhooks:
    """`[webhooks]`: how the merchant's endpoints are told."""

    allow_private: tuple[str, ...]
    """Networks that are no public ones, and may be told all the same, also without TLS."""
    timeout_seconds: int
    keep_days: int
    """So long a delivery that has ended can be listed, and sent again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarms:
    """`[alarms]`: where operators are told, by mail or chat."""

    urls: tuple[Secret, ...]
    """As Apprise writes them. They hold passwords."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """`[audit]`: the key of the chain, and where its end is written down again and again."""

    key_file: Path
    checkpoint_files: tuple[Path, ...]
    checkpoint_minutes: int


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
    processors: tuple[ProcessorSettings, ...]
    swaps: SwapSettings
    chains: tuple[ChainSettings, ...]
    console: Console
    audit: Audit
    alarms: Alarms
    webhooks: Webhooks
    unused: tuple[str, ...] = ()
    """Tables that a later version reads; this one only knows their names."""

    def wallet(self, name: str) -> WalletSettings | None:
        """The wallet of this name."""
        return next((wallet for wallet in self.wallets if wallet.name == name), None)

    def chain(self, network: str) -> ChainSettings | None:
        """Who is asked about this network."""
        return next((chain for chain in self.chains if chain.network == network), None)
