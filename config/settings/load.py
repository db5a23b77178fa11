"""
Reads payout.toml into Settings, or raises with every problem in it.

Relative paths are relative to the file, never to the folder in which somebody happens to stand.
"""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from config.kinds import SOURCES, WALLETS
from config.settings.lines import key_lines
from config.settings.model import (
    Approvals,
    Database,
    Instance,
    Logs,
    Rates,
    RateSource,
    Settings,
    WalletSettings,
    Worker,
)
from config.settings.outward import read_alarms, read_audit, read_console, read_webhooks
from config.settings.secret import Secret
from config.settings.swaps import read_chains, read_processors, read_swaps
from config.settings.table import NAME, Problems, Table, nearest
from payout.asset import USD
from payout.errors import SettingsError
from payout.limits import Limits
from payout.money import Money
from payout.scope import ALL

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_FILE: Final = "payout.toml"
FILE_BYTES_MAX: Final = 1_000_000
SECTIONS: Final = (
    "instance",
    "database",
    "wallets",
    "rates",
    "limits",
    "approvals",
    "worker",
    "logs",
    "processors",
    "swaps",
    "chains",
    "console",
    "webhooks",
    "alarms",
    "audit",
)
LATER: Final = ("pages",)
"""Tables of the contract that this version does not read yet."""

DEFAULT_SOURCES: Final = ("kraken", "coingecko", "bitfinex", "kucoin")
NETWORKS: Final = ("mainnet", "stagenet", "testnet")
_PLAIN_SQLITE: Final = "sqlite:///"
_POSTGRES: Final = ("postgresql+psycopg://", "postgresql://", "postgres://")


def find_file(given: str | None, environ: Mapping[str, str] = os.environ) -> Path:
    """`--config`, else PAYOUT_CONFIG, else payout.toml in the working folder."""
    return Path(given or environ.get("PAYOUT_CONFIG") or DEFAULT_FILE).expanduser().absolute()


def load(file: Path) -> Settings:
    """
    Read and check the whole file.

    Raises:
        SettingsError: lists every problem, by name and line.
    """
    text = _read(file)
    try:
        body = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError((f"{file.name}: is not valid TOML: {error}",)) from None
    problems = Problems(file, key_lines(text))
    settings = _settings(body, problems)
    if problems.found:
        raise SettingsError(problems.found)
    return settings


def _read(file: Path) -> str:
    try:
        if file.stat().st_size > FILE_BYTES_MAX:
            raise SettingsError((f"{file}: is over {FILE_BYTES_MAX} bytes: not a configuration",))
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise SettingsError(
            (f"{file}: there is no such file; write one with `payout init`, or name it: --config",)
        ) from None
    except UnicodeDecodeError as error:
        raise SettingsError((f"{file}: byte {error.start + 1} is not UTF-8",)) from None
    except OSError as error:
        raise SettingsError((f"{file}: cannot be read: {error.strerror}",)) from None


def _settings(body: dict[str, Any], problems: Problems) -> Settings:
    for name in sorted(body.keys() - {*SECTIONS, *LATER}):
        near = nearest(name, SECTIONS)
        hint = f"did you mean [{near}]?" if near else f"known are {', '.join(SECTIONS)}"
        problems.add(name, f"is not a known table; {hint}")
    instance = _instance(Table("instance", body.get("instance"), problems))
    wallets = _wallets(body.get("wallets"), problems)
    processors = read_processors(body.get("processors"), problems, [wallet.name for wallet in wallets])
    swaps = Table("swaps", body.get("swaps"), problems)
    return Settings(
        file=problems.file,
        instance=instance,
        database=_database(Table("database", body.get("database"), problems), instance),
        wallets=wallets,
        rates=_rates(body.get("rates"), problems),
        limits=_limits(Table("limits", body.get("limits"), problems)),
        approvals=_approvals(Table("approvals", body.get("approvals"), problems), instance),
        worker=_worker(Table("worker", body.get("worker"), problems)),
        logs=_logs(Table("logs", body.get("logs"), problems)),
        processors=processors,
        swaps=read_swaps(swaps, instance, [wallet.name for wallet in wallets], [each.name for each in processors]),
        chains=read_chains(body.get("chains"), problems),
        console=read_console(Table("console", body.get("console"), problems), instance),
        webhooks=read_webhooks(Table("webhooks", body.get("webhooks"), problems)),
        alarms=read_alarms(Table("alarms", body.get("alarms"), problems)),
        audit=read_audit(Table("audit", body.get("audit"), problems), instance),
        unused=tuple(name for name in LATER if name in body),
    )


def _instance(table: Table) -> Instance:
    state_dir = table.path("state_dir", table.resolve("var"))
    instance = Instance(
        id=table.text("id", "payout", pattern=NAME),
        state_dir=state_dir,
        seal_key_file=table.path("seal_key_file", state_dir / "seal.key"),
        intake_key_file=table.path("intake_key_file", state_dir / "intake.key"),
        assets_file=table.path("assets_file", state_dir) if table.has("assets_file") else None,
    )
    table.done()
    return instance


def _database(table: Table, instance: Instance) -> Database:
    given = table.secret("url", may_be_seen=True)
    table.done()
    url = given.reveal() if given else f"{_PLAIN_SQLITE}{instance.state_dir / 'payout.db'}"
    if url.startswith(_PLAIN_SQLITE):
        name = url.removeprefix(_PLAIN_SQLITE)
        if name and not name.startswith(":") and "?" not in name:
            path = table.resolve(name)
            full = f"{_PLAIN_SQLITE}{path}"
            return Database(url=Secret(full), shown=full, sqlite_file=path)
        table.fault("url", "must name a file: sqlite:///var/payout.db")
    for scheme in _POSTGRES:
        if url.startswith(scheme):
            full = _POSTGRES[0] + url.removeprefix(scheme)
            return Database(url=Secret(full), shown=_without_password(full))
    if not url.startswith("sqlite:"):
        table.fault("url", "is not known: use sqlite:///FILE or postgresql://USER@HOST/NAME")
    return Database(url=Secret(url), shown=_without_password(url))


def _without_password(url: str) -> str:
    hidden = re.sub(r"//([^/@:]*):[^/]*@", r"//\1:***@", url)
    return re.sub(r"([?&]password=)[^&]*", r"\1***", hidden)


def _wallets(values: Any, problems: Problems) -> tuple[WalletSettings, ...]:
    named = Table("wallets", values, problems).values
    wallets = []
    for name, value in named.items():
        table = Table(f"wallets.{name}", value, problems)
        if not re.fullmatch(NAME, name) or name == ALL:
            problems.add(f"wallets.{name}", "choose another name: letters, digits, dashes")
        wallets.append(_wallet(name, table))
        table.done()
    networks = sorted({wallet.network for wallet in wallets})
    if len(networks) > 1:
        problems.add("wallets", f"are on several networks, {' and '.join(networks)}: use one")
    seen: dict[str, str] = {}
    for wallet in wallets:
        twin = seen.setdefault(wallet.rpc_url, wallet.name)
        if twin != wallet.name:
            problems.add(f"wallets.{wallet.name}.rpc_url", f"is the one of [wallets.{twin}] too")
    return tuple(wallets)


def _wallet(name: str, table: Table) -> WalletSettings:
    confirmations = table.number("confirmations", 10, 1, 1000)
    watch_depth = table.number("watch_depth", max(100, confirmations), 1, 100_000)
    if watch_depth < confirmations:
        table.fault("watch_depth", f"must be at least confirmations = {confirmations}")
    wallet_file = table.optional("wallet_file")
    if wallet_file and "/" in wallet_file:
        table.fault("wallet_file", "is a name in wallet-rpc's --wallet-dir, not a path")
    return WalletSettings(
        name=name,
        kind=table.choice("kind", WALLETS[0], WALLETS),
        network=table.choice("network", "mainnet", NETWORKS),
        rpc_url=table.url("rpc_url", "http://127.0.0.1:18083"),
        rpc_login=_login(table, "rpc_login"),
        daemon_url=table.url("daemon_url", "http://127.0.0.1:18081"),
        daemon_login=_login(table, "daemon_login"),
        wallet_file=wallet_file,
        password=table.secret("password"),
        address=table.optional("address"),
        confirmations=confirmations,
        batch_max=table.number("batch_max", 15, 1, 15),
        outputs_target=table.number("outputs_target", 16, 1, 1000),
        priority=table.number("priority", 1, 1, 4),
        fee_max=table.usd("fee_max_usd", "1.00"),
        low=table.usd("low_usd", "1.00") if table.has("low_usd") else Money(0, USD),
        watch_depth=watch_depth,
    )


def _login(table: Table, key: str) -> Secret | None:
    secret = table.secret(key)
    if secret is not None and not all(secret.reveal().partition(":")):
        table.fault(f"{key}_file" if table.has(f"{key}_file") else key, 'must read "user:password"')
    return secret


def _rates(values: Any, problems: Problems) -> Rates:
    table = Table("rates", values, problems)
    names = table.names("sources", DEFAULT_SOURCES, SOURCES)
    fewest = table.number("sources_min", 2, 2, len(SOURCES))
    if len(names) < fewest:
        table.fault("sources", f"names {len(names)}, and sources_min asks for {fewest} that agree")
    # A source may be described and not used; one that nobody knows is a slip.
    table.asked += SOURCES
    table.done()
    sources = {name: _source(name, table, problems) for name in SOURCES if name in table.values}
    return Rates(
        sources=tuple(sources.get(name, RateSource(name=name)) for name in names),
        sources_min=fewest,
    )


def _source(name: str, rates: Table, problems: Problems) -> RateSource:
    table = Table(f"rates.{name}", rates.values.get(name), problems)
    source = RateSource(
        name=name,
        url=table.optional_url("url"),
        api_key=table.secret("api_key") if name == "coingecko" else None,
    )
    table.done()
    return source


def _limits(table: Table) -> Limits:
    limits = Limits(
        refund_min=table.usd("refund_min_usd", "1.00"),
        refund_max=table.usd("refund_max_usd", "500.00"),
        day_max=table.usd("day_max_usd", "5000.00"),
    )
    table.done()
    if limits.refund_min > limits.refund_max:
        table.fault("refund_min_usd", f"is above refund_max_usd = {limits.refund_max}")
    if limits.refund_max > limits.day_max:
        table.fault("day_max_usd", f"is below refund_max_usd = {limits.refund_max}")
    return limits


def _approvals(table: Table, instance: Instance) -> Approvals:
    approvals = Approvals(
        people_file=table.path("people_file", table.resolve("people.toml")),
        key_file=table.path("key_file", instance.state_dir / "approval.key"),
    )
    table.done()
    return approvals


def _worker(table: Table) -> Worker:
    worker = Worker(
        tick_seconds=table.number("tick_seconds", 5, 1, 3600),
        rates_seconds=table.number("rates_seconds", 20, 1, 60),
        lease_seconds=table.number("lease_seconds", 30, 3, 600),
    )
    table.done()
    return worker


def _logs(table: Table) -> Logs:
    logs = Logs(
        level=table.choice("level", "info", ("debug", "info", "warning", "error")),
        form=table.choice("form", "text", ("text", "json")),
    )
    table.done()
    return logs
