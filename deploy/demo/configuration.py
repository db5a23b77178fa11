"""
Fills in the payout.toml that `payout init` wrote, line by line, as a person would with an editor.

A setting that the file does not show is an error here: the demo must not hide what a newcomer would miss.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from deploy.demo.shell import DemoError
from deploy.sandbox import Network
from deploy.sandbox.swap_nodes import SwapNodes

TICK_SECONDS: Final = 1
LEASE_SECONDS: Final = 6
FEE_MAX_USD: Final = "20.00"
SOURCES: Final = ("kraken", "coingecko", "bitfinex", "kucoin")
"""Coinbase trades no XMR: it is served here, and asked for its own coins only."""

ONE_APPROVES_USD: Final = "100.00"
"""Above it two people have to."""

ORDER_MAX_USD: Final = "100.00"
ROUTES: Final = {"BTC": ["trocador", "exolix"], "USDT-ethereum": ["stealthex", "changenow"]}
"""Which processors may be used for a coin, in order of preference; for all others, the best offer."""

Settings = Mapping[tuple[str, str], object]
"""Values by table and key."""


def settings_for(network: Network) -> Settings:
    """What differs from the defaults on this network."""
    return {
        ("wallets.hot", "rpc_url"): network.hot.url,
        ("wallets.hot", "rpc_login_file"): str(network.login_file),
        ("wallets.hot", "daemon_url"): network.daemon.url,
        ("wallets.hot", "wallet_file"): network.hot.filename,
        ("wallets.hot", "password_file"): str(network.password_file),
        # Regtest's block reward makes fees far higher than mainnet's.
        ("wallets.hot", "fee_max_usd"): FEE_MAX_USD,
        ("worker", "tick_seconds"): TICK_SECONDS,
    }


def fill_in(file: Path, settings: Settings, rates: Mapping[str, str]) -> None:
    """
    Write the settings into the file, and where each rate source is found.

    Raises:
        DemoError: the file does not show one of these settings.
    """
    lines = file.read_text().splitlines()
    for (table, key), value in settings.items():
        lines[_line_of(lines, table, key)] = f"{key} = {json.dumps(value)}"
    worker = lines.index(next(line for line in lines if line.startswith("[worker]")))
    lines.insert(worker + 1, f"lease_seconds = {LEASE_SECONDS}")
    for source in SOURCES:
        lines += ["", f"[rates.{source}]", f"url = {json.dumps(rates[source])}"]
    file.write_text("\n".join(lines) + "\n")


def swaps_for(nodes: SwapNodes, processors_url: str) -> str:
    """The sections about processors and the customers' chains, as they stand behind the others."""
    lines = []
    for line in nodes.configuration(processors_url).splitlines():
        lines.append(line)
        if line.startswith("[processors."):
            lines.append(f"order_max_usd = {json.dumps(ORDER_MAX_USD)}")
        if line == "[swaps.routes]":
            lines += [f"{coin} = {json.dumps(names)}" for coin, names in ROUTES.items()]
    return "\n".join(lines) + "\n"


def outward_for(port: int) -> str:
    """Where the API listens, and that messages may go to a receiver on this machine."""
    return f'\n[console]\nlisten = "127.0.0.1:{port}"\n\n[webhooks]\nallow_private = ["127.0.0.0/8"]\n'


def people_file(keys: Mapping[str, str]) -> str:
    """Who may do what: everybody in `keys` approves, alice manages too, and carol only hands refunds in."""
    lines = ["[[tiers]]", f'up_to_usd = "{ONE_APPROVES_USD}"', "approvals = 1", "[[tiers]]", "approvals = 2"]
    for name, key in keys.items():
        roles = ["approver", "admin"] if name == "alice" else ["approver"]
        lines += [f"[people.{name}]", f"roles = {json.dumps(roles)}", f"keys = [{json.dumps(key)}]"]
    return "\n".join([*lines, "[people.carol]", 'roles = ["requester"]', ""])


def raise_order_max(file: Path, processor: str, usd: str) -> None:
    """Allow one processor larger orders, as a person would with an editor."""
    heading = f"[processors.{processor}]\n"
    before, found, after = file.read_text().partition(heading)
    old = f"order_max_usd = {json.dumps(ORDER_MAX_USD)}"
    if not found or not after.startswith(old):
        raise DemoError(f"payout.toml shows no order_max_usd under {heading.strip()}")
    file.write_text(f"{before}{heading}order_max_usd = {json.dumps(usd)}{after.removeprefix(old)}")


def _line_of(lines: list[str], table: str, key: str) -> int:
    """The line that sets this key, or shows its default behind a #."""
    inside = ""
    for number, line in enumerate(lines):
        heading = re.match(r"\[([\w.]+)\]", line)
        inside = heading[1] if heading else inside
        if inside == table and re.match(rf"#?\s*{key}\s*=", line):
            return number
    raise DemoError(f"payout.toml shows no {key} under [{table}]: `payout init` should write it")
