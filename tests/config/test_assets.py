"""The table of assets: what is shipped is sound, and each mistake in it is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.assets import load_assets
from payout.asset import XMR
from payout.errors import SettingsError
from payout.money import Money

ROW = """
[[asset]]
code = "XMR"
network = "monero"
decimals = 12
payable = true
confirmations = 10
dust = "0.0001"
rates = { kraken = "XXMRZUSD" }
"""


def load(tmp_path: Path, text: str) -> str:
    """The problems that are found in this text, a line each."""
    path = tmp_path / "assets.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as found:
        load_assets(path)
    return str(found.value)


def test_the_shipped_table_pays_monero_and_can_price_it_by_four_sources() -> None:
    assets = load_assets()

    assert assets.payable == {("XMR", "monero"): XMR}
    assert assets.polled == {"XMR", "USDT"}
    row = assets.rows["XMR", "monero"]
    assert row.confirmations == 10
    assert row.dust == Money(100_000_000, XMR)
    assert set(row.rates) == {"kraken", "coingecko", "bitfinex", "kucoin"}


def test_every_source_has_its_symbols() -> None:
    assets = load_assets()

    assert assets.symbols("kucoin")["XMR"] == "XMR-USDT"
    assert assets.symbols("coinbase")["BTC"] == "BTC-USD"
    assert "USDT" not in assets.symbols("kucoin")
    assert assets.symbols("nobody") == {}


def test_a_row_of_the_operators_own_is_read(tmp_path: Path) -> None:
    path = tmp_path / "assets.toml"
    path.write_text(ROW, encoding="utf-8")

    assert load_assets(path).symbols("kraken") == {"XMR": "XXMRZUSD"}


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("decimals = 12", "", "asset 1: decimals is missing"),
        ("decimals = 12", 'decimals = "12"', "decimals must be int, not str"),
        ("decimals = 12", "decimals = true", "decimals must be int, not bool"),
        ("decimals = 12", "decimals = -1", "decimals must be 0 to"),
        ("decimals = 12", "decimals = 12\ncolour = 1", "unknown column colour"),
        ("confirmations = 10", "confirmations = 0", "confirmations must be 1 to"),
        ('dust = "0.0001"', "dust = 0.0001", "dust must be str, not float"),
        ('dust = "0.0001"', 'dust = "1e-4"', "dust: is written with an exponent"),
        ('code = "XMR"', 'code = ""', "needs a code and a network"),
        ("kraken =", "krakn =", "unknown rate source krakn: use bitfinex, coinbase"),
        ('"XXMRZUSD"', "5", "the symbol at kraken must be text"),
        ("payable = true", "payable = false", "no asset is payable"),
        ("[[asset]]", "[[assets]]", "unknown key assets"),
        ("[[asset]]", "[asset", "cannot be read as TOML"),
    ],
)
def test_each_mistake_is_named(tmp_path: Path, before: str, after: str, problem: str) -> None:
    assert problem in load(tmp_path, ROW.replace(before, after))


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    wrong = ROW.replace("decimals = 12", "").replace("payable = true", "")

    problems = load(tmp_path, wrong + ROW + ROW)

    assert "asset 1: decimals is missing" in problems
    assert "asset 1: payable is missing" in problems
    assert "XMR on monero stands twice" in problems


def test_a_code_on_two_networks_has_its_rates_once(tmp_path: Path) -> None:
    other = ROW.replace('"monero"', '"elsewhere"')

    assert "XMR has rates in two rows" in load(tmp_path, ROW + other)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nothing\.toml"):
        load_assets(tmp_path / "nothing.toml")
