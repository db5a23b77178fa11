"""Where refunds may go: each asset by its own network's rules, memos, and nothing that nobody can pay."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.assets import load_assets
from config.destinations import Destinations
from payout.asset import XMR, Asset
from payout.errors import BadInput
from tests.factories import ADDRESS

TRON = "TJRabPrwbZy45sbavfcjinPJC18kjpRTv8"
ETHEREUM = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"

TABLE = """\
[[asset]]
code = "TRX"
network = "tron"
decimals = 6
payable = true
confirmations = 20
dust = "0.1"
memo = "required"

[[asset]]
code = "USDT"
network = "tron"
decimals = 6
payable = true
confirmations = 20
dust = "0.1"
contract = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"
memo = "optional"
"""


def shipped(**realms: str) -> Destinations:
    return Destinations(wallets=(), record=lambda _: None, assets=load_assets(), realms=realms)


def of_table(folder: Path) -> Destinations:
    file = folder / "assets.toml"
    file.write_text(TABLE)
    return Destinations(wallets=(), record=lambda _: None, assets=load_assets(file), realms={})


def asset(code: str, network: str) -> Asset:
    return load_assets().rows[code, network].asset


def test_each_asset_is_checked_by_its_own_network() -> None:
    shipped().check(XMR, ADDRESS, None)
    shipped().check(asset("USDT", "tron"), TRON, None)
    shipped().check(asset("USDT", "ethereum"), ETHEREUM, None)

    with pytest.raises(BadInput, match="is an address of Tron, not of Ethereum"):
        shipped().check(asset("USDT", "ethereum"), TRON, None)


@pytest.mark.parametrize("code", ["ETH", "USDT", "USDC"])
def test_no_asset_of_a_network_is_sent_to_the_contract_of_another(code: str) -> None:
    usdc = load_assets().rows["USDC", "ethereum"].contract
    assert usdc is not None

    with pytest.raises(BadInput, match="is the contract of a token"):
        shipped().check(asset(code, "ethereum"), usdc.lower(), None)


def test_an_asset_that_nothing_configured_can_deliver_is_refused() -> None:
    only_monero = Destinations(wallets=(), record=lambda _: None, assets=load_assets().paying({XMR.key}), realms={})

    with pytest.raises(BadInput, match="BTC on bitcoin is paid by no configured wallet or processor; use XMR"):
        only_monero.check(asset("BTC", "bitcoin"), "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", None)


def test_an_asset_with_other_decimals_than_the_table_is_no_asset_of_ours() -> None:
    forged = Asset(code="BTC", network="bitcoin", decimals=2)

    with pytest.raises(BadInput, match="is paid by no configured"):
        shipped().check(forged, "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", None)


def test_a_memo_is_refused_where_there_is_none_and_demanded_where_it_is_required(tmp_path: Path) -> None:
    own = of_table(tmp_path)
    trx, usdt = (Asset(code=code, network="tron", decimals=6) for code in ("TRX", "USDT"))

    with pytest.raises(BadInput, match="payments of BTC on bitcoin carry no memo"):
        shipped().check(asset("BTC", "bitcoin"), "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", "77")
    with pytest.raises(BadInput, match="TRX on tron needs a memo or tag"):
        own.check(trx, TRON, None)
    own.check(trx, TRON, "77")
    own.check(usdt, TRON, "77")
    own.check(usdt, TRON, None)


def test_the_chain_that_is_configured_decides_whose_addresses_are_taken() -> None:
    own = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080"

    shipped(bitcoin="regtest").check(asset("BTC", "bitcoin"), own, None)
    with pytest.raises(BadInput, match="Bitcoin regtest"):
        shipped().check(asset("BTC", "bitcoin"), own, None)
