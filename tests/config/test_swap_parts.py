"""The parts of paying through processors: what the settings say is what the business gets."""

from __future__ import annotations

import logging
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from config.daemon import Daemon
from config.settings import load
from config.wiring import House
from deploy.sandbox.rate_server import RateServer
from payout.errors import SettingsError
from tests.config.line import Line
from tests.config.swapping import with_processors, with_rates
from tests.factories import usd

GENESIS = "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206"
SWAPS = """\
[swaps]
choose = ["exolix", "changenow"]
spread_max_percent = "2.5"
overdue_hours = 30
[swaps.routes]
BTC = "best"
LTC = ["changenow"]
DOGE = "none"
"""


def house(line: Line) -> House:
    return House(load(line.file))


def test_without_processors_there_are_no_rules_and_only_monero_is_payable(line: Line) -> None:
    parts = house(line).swaps

    assert (parts.rules, parts.wallet, dict(parts.processors)) == (None, None, {})
    assert set(house(line).assets.payable) == {("XMR", "monero")}


def test_the_rules_are_what_the_settings_say(line: Line) -> None:
    with_processors(line, ["changenow", "exolix"], more=SWAPS)

    rules = house(line).swaps.rules

    assert rules is not None
    assert rules.wallet == "hot"
    assert rules.spread_max == Decimal("2.5")
    assert rules.overdue == timedelta(hours=30)
    assert rules.processors["exolix"].order_max == usd("500.00")
    assert rules.processors["exolix"].day_max == usd("2000.00")
    assert rules.route(("ETH", "ethereum")) == ("exolix", "changenow")
    assert rules.best(("BTC", "bitcoin"))
    assert rules.route(("LTC", "litecoin")) == ("changenow",)


def test_what_a_wallet_holds_is_never_swapped_for_and_what_has_no_route_is_not_payable(line: Line) -> None:
    with_processors(line, ["changenow", "exolix"], more=SWAPS)
    made = house(line)

    assert made.swaps.rules is not None
    assert set(made.swaps.rules.assets) == set(made.assets.payable) - {("XMR", "monero")}
    assert ("DOGE", "dogecoin") not in made.assets.payable
    assert ("USDC", "solana") in made.assets.payable


def test_every_configured_processor_is_made_under_its_own_name(line: Line) -> None:
    text = '[processors.second]\nkind = "trocador"\napi_key_file = "key"\n'
    with_processors(line, ["changenow", "exolix", "stealthex", "trocador"], more=text)

    made = house(line).swaps.processors

    assert {name: each.name for name, each in made.items()} == {name: name for name in made}
    assert set(made) == {"changenow", "exolix", "stealthex", "trocador", "second"}


def test_a_processor_is_told_its_own_webhook_address_only_where_we_can_be_reached(line: Line) -> None:
    with_processors(line, ["trocador"])
    assert house(line).swaps._hook("trocador") is None

    line.extend('[console]\npublic_url = "https://pay.example/"\n')
    parts = house(line).swaps
    hook = parts._hook("trocador")

    assert hook is not None
    assert hook.url == f"https://pay.example/hooks/trocador/{parts.hooks.token('trocador')}"
    assert hook.secret != parts.hooks.token("trocador")
    (line.folder / "var" / "hooks.key").unlink()
    with pytest.raises(SettingsError, match="hook_key_file"):
        _ = house(line).swaps.processors


def test_a_chain_knows_its_assets_its_depth_and_what_it_must_be_on(line: Line) -> None:
    line.extend(
        '[chains.bitcoin]\nurl = "http://127.0.0.1:9"\n'
        '[chains.ethereum]\nurl = "http://127.0.0.1:9"\nidentity = "31337"\nconfirmations = 5\n'
        '[chains.tron]\nurl = "http://127.0.0.1:9"\nbehind_minutes = 0\n'
    )
    chains = house(line).swaps.chains

    bitcoin, ethereum, tron = (chains[name]._node for name in ("bitcoin", "ethereum", "tron"))
    assert (bitcoin.depth, ethereum.depth, tron.depth) == (3, 5, None)
    assert bitcoin.tip_age_max == timedelta(hours=3)
    assert ethereum.identity == "31337"
    # A chain of our own has no clock; and whoever says 0 means it.
    assert (ethereum.tip_age_max, tron.tip_age_max) == (None, None)
    assert {asset.code: contract for asset, contract in tron.tokens.items()} == {
        "USDT": "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
        "TRX": None,
    }


def test_an_operators_own_table_of_assets_replaces_the_shipped_one(line: Line, tmp_path: Path) -> None:
    shipped = Path(__file__).parents[2] / "config" / "assets.toml"
    contract = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
    own = shipped.read_text().replace("0xdAC17F958D2ee523a2206206994597C13D831ec7", contract)
    (tmp_path / "own.toml").write_text(own)
    line.file.write_text(line.file.read_text().replace('id = "test"', 'id = "test"\nassets_file = "own.toml"'))
    with_processors(line, ["exolix"])

    assert house(line).assets.rows["USDT", "ethereum"].contract == contract


def ticks(line: Line) -> dict[str, float]:
    daemon = Daemon(house(line), ["hot"])
    found = {tick.name: tick.every_seconds for tick in daemon._ticks()}
    daemon._close()
    return found


def test_orders_are_made_and_followed_in_ticks_of_their_own_so_that_no_payment_waits_for_a_processor(
    line: Line,
) -> None:
    without = set(ticks(line))
    assert {"rates", "expire", "people", "track:hot", "pay:hot", "follow"} <= without

    with_processors(line, ["exolix"])
    assert set(ticks(line)) == {*without, "orders"}


def test_the_wallet_that_is_named_funds_orders_and_no_other(line: Line) -> None:
    line.extend('[wallets.cold]\nrpc_url = "http://127.0.0.1:10"\n')
    with_processors(line, ["exolix"], more='[swaps]\nwallet = "cold"\n')
    parts = house(line).swaps

    assert parts.funded_by("hot") is None
    swaps = parts.funded_by("cold")
    assert swaps is not None
    assert swaps.readings is parts.readings


def test_a_round_of_the_daemon_works_while_its_processors_are_away(
    line: Line, rate_server: RateServer, caplog: pytest.LogCaptureFixture
) -> None:
    with_processors(with_rates(line, rate_server), ["exolix", "changenow"])

    with caplog.at_level(logging.INFO):
        assert Daemon(house(line), ["hot"]).once() in {0, 1}

    assert not [record for record in caplog.records if record.exc_info]


def test_the_addresses_for_webhooks_are_printed_for_a_person_who_types_them_in(line: Line) -> None:
    with_processors(line, ["exolix"], more='[console]\npublic_url = "https://pay.example"\n')

    assert line("console", "--urls", "--json").json["exolix"].startswith("https://pay.example/hooks/exolix/")
    assert "https://pay.example/hooks/exolix/" in line("console", "--urls").out
