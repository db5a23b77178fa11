"""
The table of assets: reads `assets.toml`, or an operator's own file of the same form.

Every mistake in it is reported at once. A wrong number of decimals here would pay ten times too
much, so nothing is guessed and no unknown column is passed over.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from adapters.addresses import NETWORKS
from config.kinds import SOURCES
from payout.asset import XMR, Asset
from payout.errors import BadInput, SettingsError
from payout.money import Money, parse_money

SHIPPED: Final = Path(__file__).with_name("assets.toml")
LEGS: Final = frozenset({"USDT"})
"""Stablecoins that some source's pairs are priced in (KuCoin's)."""

CONFIRMATIONS_MAX: Final = 1000
CHECKED: Final = frozenset({XMR.network, *NETWORKS})
"""Networks whose addresses can be checked; nothing is paid to others."""

MEMOS: Final = ("none", "optional", "required")

_TYPES: Final[Mapping[str, type]] = {
    "code": str,
    "network": str,
    "decimals": int,
    "payable": bool,
    "confirmations": int,
    "dust": str,
    "contract": str,
    "memo": str,
    "rates": dict,
}
_OPTIONAL: Final = frozenset({"contract", "memo", "rates"})


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetRow:
    """One asset and how it is handled. `rates` maps a source's name to its symbol."""

    asset: Asset
    payable: bool
    confirmations: int
    dust: Money
    contract: str | None = None
    """None for a network's own coin."""
    memo: str = "none"
    rates: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assets:
    """All rows, by (code, network)."""

    rows: Mapping[tuple[str, str], AssetRow]

    @property
    def payable(self) -> dict[tuple[str, str], Asset]:
        """What refunds may be paid in."""
        return {key: row.asset for key, row in self.rows.items() if row.payable}

    def paying(self, deliverable: Iterable[tuple[str, str]]) -> Assets:
        """The same table, in which only these may be paid: what a wallet holds and what a processor delivers."""
        can = frozenset(deliverable)
        rows = {key: replace(row, payable=row.payable and key in can) for key, row in self.rows.items()}
        return Assets(rows=rows)

    def on(self, network: str) -> dict[Asset, str | None]:
        """Every asset of a network, with its contract."""
        return {row.asset: row.contract for row in self.rows.values() if row.asset.network == network}

    def named(self, label: str) -> tuple[tuple[str, str], ...]:
        """The keys that a word of the configuration means: "BTC", or "USDT-tron" for one network of several."""
        return tuple(key for key, row in self.rows.items() if label in {row.asset.code, label_of(row.asset)})

    @property
    def polled(self) -> frozenset[str]:
        """The codes that a daemon needs rates of: what it pays in, and what converts them."""
        needed = {code for code, _ in self.payable} | LEGS
        return frozenset(needed & {row.asset.code for row in self.rows.values() if row.rates})

    def symbols(self, source: str) -> dict[str, str]:
        """From asset code to the symbol that a rate source knows it by."""
        return {row.asset.code: row.rates[source] for row in self.rows.values() if source in row.rates}


def label_of(asset: Asset) -> str:
    """How the configuration names an asset on one network: USDT-tron."""
    return f"{asset.code}-{asset.network}"


def load_assets(path: Path = SHIPPED) -> Assets:
    """
    Read the table.

    Raises:
        SettingsError: Lists every problem, each with its row.
    """
    try:
        body = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError((f"{path.name}: cannot be read as TOML: {error}",)) from error
    problems = [f"{path.name}: unknown key {key}" for key in sorted(body.keys() - {"asset"})]
    listed = body.get("asset", [])
    rows: dict[tuple[str, str], AssetRow] = {}
    for place, raw in enumerate(listed if isinstance(listed, list) else [], start=1):
        row = _row(raw, f"{path.name}: asset {place}", problems)
        if row is None:
            continue
        if row.asset.key in rows:
            problems.append(f"{path.name}: {row.asset.code} on {row.asset.network} stands twice")
        rows[row.asset.key] = row
    problems += [f"{path.name}: {each}" for each in _across(rows)]
    if problems:
        raise SettingsError(tuple(problems))
    return Assets(rows=rows)


def _across(rows: Mapping[tuple[str, str], AssetRow]) -> list[str]:
    """What is wrong between rows that are each well formed."""
    if not any(row.payable for row in rows.values()):
        return ["no asset is payable: set payable = true in at least one [[asset]]"]
    rated = [row.asset.code for row in rows.values() if row.rates]
    twice = sorted({code for code in rated if rated.count(code) > 1})
    problems = [f"{code} has rates in two rows: leave them in one" for code in twice]
    problems += [
        f"{row.asset.code}: addresses on {row.asset.network} cannot be checked, so it cannot be payable"
        for row in rows.values()
        if row.payable and row.asset.network not in CHECKED
    ]
    owners: dict[tuple[str, str | None], str] = {}
    for row in rows.values():
        first = owners.setdefault((row.asset.network, row.contract), row.asset.code)
        if first != row.asset.code:
            what = "contract" if row.contract else "own coin"
            problems.append(f"{first} and {row.asset.code} are the same {what} of {row.asset.network}")
    return problems


def _row(raw: Any, where: str, problems: list[str]) -> AssetRow | None:
    """One row, or None with its problems added."""
    found = _column_problems(raw) if isinstance(raw, dict) else ["is not a table"]
    if not found:
        found = _value_problems(raw)
    if found:
        problems.extend(f"{where}: {each}" for each in found)
        return None
    asset = _asset(raw)
    return AssetRow(
        asset=asset,
        payable=raw["payable"],
        confirmations=raw["confirmations"],
        dust=parse_money(raw["dust"], asset, name="dust"),
        contract=raw.get("contract"),
        memo=raw.get("memo", "none"),
        rates=dict(raw.get("rates", {})),
    )


def _asset(raw: Mapping[str, Any]) -> Asset:
    return Asset(code=raw["code"], network=raw["network"], decimals=raw["decimals"])


def _column_problems(raw: Mapping[str, Any]) -> list[str]:
    problems = [f"unknown column {key}" for key in sorted(raw.keys() - _TYPES.keys())]
    for key, kind in _TYPES.items():
        if key not in raw:
            problems += [] if key in _OPTIONAL else [f"{key} is missing"]
        elif type(raw[key]) is not kind:
            problems.append(f"{key} must be {kind.__name__}, not {type(raw[key]).__name__}")
    return problems


def _value_problems(raw: Mapping[str, Any]) -> list[str]:
    problems = []
    if not 1 <= raw["confirmations"] <= CONFIRMATIONS_MAX:
        problems.append(f"confirmations must be 1 to {CONFIRMATIONS_MAX}")
    if raw.get("memo", "none") not in MEMOS:
        problems.append(f"memo must be {' or '.join(MEMOS)}")
    if not raw.get("contract", "it").strip():
        problems.append("contract is empty: leave it out for a network's own coin")
    for source, symbol in raw.get("rates", {}).items():
        if source not in SOURCES:
            problems.append(f"unknown rate source {source}: use {', '.join(SOURCES)}")
        elif not isinstance(symbol, str) or not symbol:
            problems.append(f"the symbol at {source} must be text")
    try:
        parse_money(raw["dust"], _asset(raw), name="dust")
    except BadInput as error:
        problems.append(str(error))
    except ValueError as error:
        problems.append(str(error))
    return problems
