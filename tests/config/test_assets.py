"""The table of assets: what is shipped is sound, and each mistake in it is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.addresses import decoded
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


def test_the_shipped_table_can_price_monero_by_four_sources() -> None:
    assets = load_assets()

    row = assets.rows["XMR", "monero"]
    assert row.confirmations == 10
    assert row.dust == Money(100_000_000, XMR)
    assert set(row.rates) == {"kraken", "coingecko", "bitfinex", "kucoin"}


def test_what_nobody_holds_or_delivers_is_neither_payable_nor_polled_but_still_prices() -> None:
    assets = load_assets().paying({XMR.key})

    assert assets.payable == {XMR.key: XMR}
    assert assets.polled == {"XMR", "USDT"}
    assert assets.symbols("kraken")["BTC"] == "XXBTZUSD"


def test_every_asset_that_the_issue_names_is_payable_and_has_enough_sources_to_be_priced() -> None:
    assets = load_assets()

    assert set(assets.payable) == {
        ("XMR", "monero"),
        ("BTC", "bitcoin"),
        ("LTC", "litecoin"),
        ("DOGE", "dogecoin"),
        ("ETH", "ethereum"),
        ("USDT", "ethereum"),
        ("USDT", "tron"),
        ("USDC", "ethereum"),
        ("USDC", "solana"),
        ("SOL", "solana"),
        ("TRX", "tron"),
    }
    for code in assets.polled:
        asked = [name for name in ("kraken", "coingecko", "bitfinex", "kucoin") if code in assets.symbols(name)]
        assert len(asked) >= 3, f"{code}: with one source away, two must still agree"


def test_tokens_are_pinned_to_their_contracts_and_coins_have_none() -> None:
    assets = load_assets()

    contracts = {key: row.contract for key, row in assets.rows.items() if row.contract}
    assert contracts == {
        ("USDT", "ethereum"): "0xdAC17F958D2ee523a2206206994597C13D831ec7",
        ("USDT", "tron"): "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
        ("USDC", "ethereum"): "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48",
        ("USDC", "solana"): "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v",
    }
    for (_, network), contract in contracts.items():
        assert decoded(network, contract).payload  # its own checksum is right


def test_the_decimals_are_those_of_the_chains() -> None:
    by_key = {key: row.asset.decimals for key, row in load_assets().rows.items()}

    assert {code: by_key[code, net] for code, net in by_key if net not in {"monero", "ethereum"}} == {
        "BTC": 8,
        "LTC": 8,
        "DOGE": 8,
        "USDT": 6,
        "USDC": 6,
        "SOL": 9,
        "TRX": 6,
    }
    assert (by_key["ETH", "ethereum"], by_key["USDT", "ethereum"], by_key["USDC", "ethereum"]) == (18, 6, 6)


def test_a_word_of_the_configuration_means_every_network_of_a_code_or_the_one_it_names() -> None:
    assets = load_assets()

    assert assets.named("USDT") == (("USDT", "ethereum"), ("USDT", "tron"))
    assert assets.named("USDT-tron") == (("USDT", "tron"),)
    assert assets.named("EUR") == ()


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
        ('"monero"', '"ripple"', "XMR: addresses on ripple cannot be checked, so it cannot be payable"),
        ("decimals = 12", 'decimals = 12\nmemo = "perhaps"', "memo must be none or optional or required"),
        ("decimals = 12", 'decimals = 12\ncontract = " "', "contract is empty"),
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


def test_two_codes_for_one_contract_are_refused(tmp_path: Path) -> None:
    other = ROW.replace('"XMR"', '"XMX"').replace("rates =", "# rates =")

    assert "XMR and XMX are the same own coin of monero" in load(tmp_path, ROW + other)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nothing\.toml"):
        load_assets(tmp_path / "nothing.toml")
