"""`payout processors`, the doctor's look at processors and chains, and pauses of a processor."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest

from deploy.sandbox.processor import COINS, ProcessorServer
from deploy.sandbox.rate_server import RateServer
from tests.config.line import Line
from tests.config.swapping import Swap, with_processors, with_rates

ALL = ("changenow", "exolix", "stealthex", "trocador")


@pytest.fixture
def service() -> Iterator[ProcessorServer]:
    with ProcessorServer() as server:
        yield server


@pytest.fixture
def market(line: Line, rate_server: RateServer, service: ProcessorServer) -> Line:
    """An installation with one processor that answers."""
    rate_server.set_price("XMR", "160.00")
    service.engine.prices.set_price("XMR", "160.00")
    return with_processors(with_rates(line, rate_server), ["exolix"], service)


def checks(line: Line) -> dict[str, dict[str, Any]]:
    return {check["check"]: check for check in line("doctor", "--json").json}


def test_without_processors_only_monero_is_paid_and_the_command_says_so(line: Line) -> None:
    said = line("processors")

    assert said.code == 2
    assert "no processor is configured: add a [processors.NAME]" in said.err
    words = ("--external-id", "E-1", "--usd", "25.00", "--asset", "BTC", "--destination", "bc1q")
    assert "'BTC' cannot be paid; use one of XMR" in line("refunds", "add", *words).err


@pytest.mark.parametrize("name", ALL)
def test_each_processor_is_shown_with_what_it_delivers_and_how_dear(
    line: Line, rate_server: RateServer, service: ProcessorServer, name: str
) -> None:
    with_processors(with_rates(line, rate_server), [name], service)

    said = line("processors", "--asset", "BTC", "--asset", "usdt-tron", "--json")

    assert said.code == 0
    (processor,) = said.json
    assert (processor["processor"], processor["healthy"], processor["fault"]) == (name, True, None)
    assert [(each["asset"], each["network"]) for each in processor["assets"]] == [
        ("BTC", "bitcoin"),
        ("USDT", "tron"),
    ]
    for each in processor["assets"]:
        assert each["listed"]
        assert each["deposit"] is not None
        assert each["spread_percent"] is not None


def test_what_it_asks_for_is_compared_with_our_own_rates(market: Line, service: ProcessorServer) -> None:
    service.engine.prices.set_spread("exolix", "0.09")

    said = market("processors", "--asset", "LTC", "--json")

    (litecoin,) = said.json[0]["assets"]
    assert 9 < float(litecoin["spread_percent"]) < 10
    assert litecoin["too_dear"] is True
    assert "spread_max_percent is 5" in litecoin["words"]
    assert "refused" in market("processors", "--asset", "LTC").out


def test_bounds_that_it_names_are_shown(market: Line) -> None:
    said = market("processors", "--asset", "LTC", "--usd", "1.00", "--json")

    (litecoin,) = said.json[0]["assets"]
    assert litecoin["deposit"] is None
    assert litecoin["least"]


def test_an_asset_that_it_does_not_list_or_lists_with_another_contract_is_refused_in_words(
    market: Line, service: ProcessorServer
) -> None:
    del service.engine.coins["DOGE-dogecoin"]
    service.engine.coins["USDT-ethereum"] = COINS["USDT-ethereum"].at("0x" + "12" * 20)

    assets = {(each["asset"], each["network"]): each for each in market("processors", "--json").json[0]["assets"]}

    assert not assets["DOGE", "dogecoin"]["listed"]
    assert not assets["USDT", "ethereum"]["listed"]
    assert "contract" in assets["USDT", "ethereum"]["words"]
    found = checks(market)
    assert found["processor exolix DOGE-dogecoin"]["state"] == "warning"
    assert 'DOGE-dogecoin = "none"' in found["processor exolix DOGE-dogecoin"]["remedy"]
    assert "BTC-bitcoin" in found["processor exolix"]["words"]


def test_a_route_keeps_a_processor_from_being_asked(market: Line) -> None:
    market.extend('[swaps.routes]\nDOGE = "none"\n')

    shown = {each["asset"] for each in market("processors", "--json").json[0]["assets"]}

    assert "DOGE" not in shown
    assert "BTC" in shown


@pytest.mark.parametrize("name", ALL)
def test_a_key_that_is_not_taken_is_found_by_the_doctor(
    line: Line, rate_server: RateServer, service: ProcessorServer, name: str
) -> None:
    with_processors(with_rates(line, rate_server), [name], service)
    (line.folder / "key").write_text("a wrong one")

    found = checks(line)[f"processor {name}"]
    assert found["state"] == "FAIL"
    assert f"api_key_file of [processors.{name}]" in found["remedy"]
    said = line("processors", "--asset", "BTC", "--json")
    assert said.code == 1
    assert said.json[0]["denied"] is True
    assert "a wrong one" not in said.out + said.err


def test_one_that_is_down_is_not_well_and_hides_no_other(market: Line, service: ProcessorServer) -> None:
    market.extend('[processors.changenow]\napi_key_file = "key"\nurl = "http://127.0.0.1:9"\n')

    said = market("processors", "--asset", "BTC", "--json")

    by_name = {each["processor"]: each for each in said.json}
    assert said.code == 1
    assert by_name["exolix"]["healthy"]
    assert not by_name["changenow"]["healthy"]
    assert "not well" in market("processors", "--asset", "BTC").out


def test_limits_and_open_orders_stand_beside_it(market: Line) -> None:
    Swap(market, "E-1", "exolix").made()
    Swap(market, "E-2", "exolix").funded()

    (processor,) = market("processors", "--asset", "BTC", "--json").json

    assert processor["open_orders"] == {"FUNDED": 1, "UNFUNDED": 1}
    assert (processor["order_max_usd"], processor["day_max_usd"]) == ("500.00", "2000.00")
    assert "1 FUNDED, 1 UNFUNDED" in market("processors", "--asset", "BTC").out


def test_a_processor_is_paused_and_resumed_by_its_name(market: Line) -> None:
    assert market("pause", "exolix", "--why", "too slow", "--as", "alice").code == 0

    (processor,) = market("processors", "--asset", "BTC", "--json").json
    assert [(each["scope"], each["why"]) for each in processor["paused"]] == [("exolix", "too slow")]
    assert "exolix is resumed" in market("resume", "exolix").out
    assert "use all or hot or exolix" in market("pause", "changenow").err


@pytest.mark.parametrize(("flag", "value"), [("--usd", "-1"), ("--usd", "1e3"), ("--asset", "EUR")])
def test_what_is_not_understood_is_bad_input(market: Line, flag: str, value: str) -> None:
    assert market("processors", flag, value).code == 2


def test_a_refund_in_another_coin_is_taken_once_something_can_deliver_it(market: Line) -> None:
    words = ("--external-id", "E-1", "--usd", "25.00", "--asset", "USDT", "--network", "tron")

    wrong = market("refunds", "add", *words, "--destination", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed")
    assert wrong.code == 2
    assert "is an address of Ethereum, not of Tron" in wrong.err
    assert market("refunds", "add", *words, "--destination", "TJRabPrwbZy45sbavfcjinPJC18kjpRTv8").code == 0
    assert market("refunds", "approve", "E-1").code == 0


def test_the_doctor_names_networks_that_nobody_watches_and_chains_that_do_not_answer(market: Line) -> None:
    market.extend('[chains.tron]\nurl = "http://127.0.0.1:9"\n')

    found = checks(market)

    assert found["chain tron"]["state"] == "FAIL"
    assert "[chains.tron]" in found["chain tron"]["remedy"]
    assert found["chain bitcoin"]["state"] == "warning"
    assert "attest" in found["chain bitcoin"]["remedy"]


def test_a_chain_that_cannot_be_described_is_a_failed_check_of_its_own(market: Line) -> None:
    (market.folder / "key").chmod(0o600)
    market.extend('[chains.bitcoin]\nurl = "http://127.0.0.1:9"\napi_key_file = "key"\n')

    said = market("doctor", "--json")

    assert any("[chains.bitcoin] api_key: a esplora server takes none" in each["words"] for each in said.json)


def test_the_rows_of_the_sandbox_are_the_ones_that_are_pinned() -> None:
    assert {dataclasses.asdict(coin).get("contract") for coin in COINS.values()} >= {
        "0xdAC17F958D2ee523a2206206994597C13D831ec7"
    }
