"""
Reads what swaps need: `[processors.NAME]`, `[swaps]`, `[swaps.routes]` and `[chains.NETWORK]`.

Nothing here is guessed: a route names processors that are configured and assets that are in the table of assets.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from config.kinds import PROCESSORS
from config.settings.model import ChainSettings, Instance, ProcessorSettings, SwapSettings
from config.settings.secret import Secret
from config.settings.table import NAME, Problems, Table, nearest
from payout.asset import XMR
from payout.errors import SettingsError
from payout.scope import ALL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from config.assets import Assets

SPOKEN: Final[dict[str, tuple[str, ...]]] = {
    "bitcoin": ("esplora", "bitcoind"),
    "litecoin": ("esplora", "bitcoind"),
    "dogecoin": ("bitcoind", "esplora"),
    "ethereum": ("evm",),
    "tron": ("tron",),
    "solana": ("solana",),
}
"""What each network's servers speak; the first is the default."""

BEST: Final = "best"
NONE: Final = "none"
RATINGS: Final = ("A", "B", "C", "D")


def read_processors(values: Any, problems: Problems, wallets: Sequence[str]) -> tuple[ProcessorSettings, ...]:
    """Every `[processors.NAME]`."""
    found = []
    for name, value in Table("processors", values, problems).values.items():
        table = Table(f"processors.{name}", value, problems)
        if not re.fullmatch(NAME, name) or name in {ALL, BEST, NONE}:
            problems.add(f"processors.{name}", "choose another name: letters, digits, dashes")
        if name in wallets:
            problems.add(
                f"processors.{name}", f"is the name of [wallets.{name}] too: a pause could not tell them apart"
            )
        found.append(_processor(name, table))
        table.done()
    return tuple(found)


def _processor(name: str, table: Table) -> ProcessorSettings:
    if name not in PROCESSORS and not table.has("kind"):
        table.fault("kind", f"is missing: this name is no kind itself, so say {' or '.join(PROCESSORS)}")
    kind = table.choice("kind", name if name in PROCESSORS else PROCESSORS[0], PROCESSORS)
    api_key = table.secret("api_key")
    if api_key is None and not (table.has("api_key") or table.has("api_key_file")):
        table.fault("api_key_file", "is missing: name the file that holds the key, mode 0600")
    order_max = table.usd("order_max_usd", "500.00")
    day_max = table.usd("day_max_usd", "2000.00")
    if order_max > day_max:
        table.fault("day_max_usd", f"is below order_max_usd = {order_max}")
    return ProcessorSettings(
        name=name,
        kind=kind,
        url=table.optional_url("url"),
        api_key=api_key,
        private_key=table.secret("private_key") if kind == "changenow" else None,
        kyc_worst=table.choice("kyc_worst", "C", RATINGS) if kind == "trocador" else "C",
        order_max=order_max,
        day_max=day_max,
        support_url=table.optional_url("support_url"),
    )


def read_swaps(table: Table, instance: Instance, wallets: Sequence[str], processors: Sequence[str]) -> SwapSettings:
    """`[swaps]` and its routes."""
    wallet = table.optional("wallet")
    if wallet is not None and wallet not in wallets:
        table.fault("wallet", f"{wallet!r} is no wallet: use {' or '.join(wallets) or 'one of [wallets.NAME]'}")
    if wallet is None and processors:
        if len(wallets) > 1:
            table.fault("wallet", f"is needed, as there are several: {' or '.join(wallets)} pays for orders")
        wallet = next(iter(wallets), None)
    if table.values.get("choose") == NONE:
        table.fault("choose", f'must be "{BEST}" or a list of processors')
    swaps = SwapSettings(
        wallet=wallet,
        choose=_route(table, "choose", processors) or (),
        routes=_routes(table, instance, processors),
        spread_max=table.percent("spread_max_percent", "5", 50),
        overdue_hours=table.number("overdue_hours", 48, 1, 720),
    )
    table.done()
    return swaps


def _routes(
    swaps: Table, instance: Instance, processors: Sequence[str]
) -> dict[tuple[str, str], tuple[str, ...] | None]:
    swaps.asked.append("routes")
    table = Table("swaps.routes", swaps.values.get("routes"), swaps.problems)
    assets = _assets(table, instance)
    codes = {code for code, _ in assets.rows} if assets else set()
    loose: dict[tuple[str, str], tuple[str, ...] | None] = {}
    exact: dict[tuple[str, str], tuple[str, ...] | None] = {}
    for label in table.values:
        keys = [key for key in assets.named(label) if key != XMR.key] if assets else []
        if assets and not keys:
            known = sorted(codes - {XMR.code})
            near = nearest(label, known)
            hint = f"did you mean {near}?" if near else f"known are {', '.join(known)}, also as CODE-NETWORK"
            table.fault(label, f"is no asset that is swapped; {hint}")
        route = _route(table, label, processors)
        (exact if label not in codes else loose).update(dict.fromkeys(keys, route))
    # What names the network is more exact than what does not, wherever it stands.
    return loose | exact


def _assets(table: Table, instance: Instance) -> Assets | None:
    """The table of assets, whose own problems are told here, with all others."""
    if not table.values and instance.assets_file is None:
        return None
    from config.assets import SHIPPED, load_assets

    try:
        return load_assets(instance.assets_file or SHIPPED)
    except SettingsError as error:
        for problem in error.problems:
            table.problems.add("instance.assets_file", problem)
        return None


def _route(table: Table, key: str, processors: Sequence[str]) -> tuple[str, ...] | None:
    """The word best is (), none is None; else processors in order of preference."""
    if isinstance(table.values.get(key), str):
        word = table.choice(key, BEST, (BEST, NONE))
        return () if word == BEST else None
    if table.values.get(key) == []:
        table.fault(key, f'names nobody: write "{BEST}" or "{NONE}", or a list of processors')
    return table.names(key, (), processors)


def read_chains(values: Any, problems: Problems) -> tuple[ChainSettings, ...]:
    """Every `[chains.NETWORK]`."""
    given = Table("chains", values, problems).values
    if not given:
        return ()
    from adapters.addresses import NETWORKS

    found = []
    for network, value in given.items():
        table = Table(f"chains.{network}", value, problems)
        if network not in NETWORKS:
            problems.add(f"chains.{network}", f"is no network that is known: use {', '.join(sorted(NETWORKS))}")
            continue
        found.append(_chain(network, table))
        table.done()
    return tuple(found)


def _chain(network: str, table: Table) -> ChainSettings:
    from adapters.addresses import REALMS

    url = table.secret_url("url")
    if url is None and not (table.has("url") or table.has("url_file")):
        table.fault("url", "is missing: say whose word is taken about this chain")
    realm = table.choice("realm", "mainnet", REALMS)
    identity = table.optional("identity")
    if realm != "mainnet" and identity is None:
        table.fault("identity", f"is needed for a {realm}: its chain id (ethereum), or the hash of its block 0")
    return ChainSettings(
        network=network,
        kind=table.choice("kind", SPOKEN[network][0], SPOKEN[network]),
        url=url or Secret("http://127.0.0.1"),
        login=_login(table),
        api_key=table.secret("api_key"),
        realm=realm,
        identity=identity,
        confirmations=table.number("confirmations", 1, 1, 1000) if table.has("confirmations") else None,
        behind_minutes=table.number("behind_minutes", 0, 0, 100_000) if table.has("behind_minutes") else None,
    )


def _login(table: Table) -> Secret | None:
    secret = table.secret("login")
    if secret is not None and not all(secret.reveal().partition(":")):
        table.fault("login_file" if table.has("login_file") else "login", 'must read "user:password"')
    return secret
