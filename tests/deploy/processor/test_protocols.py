"""Each protocol swaps as the service does: quote, order, deposit, payout, and its own words for all of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from deploy.sandbox.processor import COINS, MONERO, ProcessorServer, Stage
from deploy.sandbox.processor.changenow import WORDS as CHANGENOW_WORDS
from deploy.sandbox.processor.exolix import WORDS as EXOLIX_WORDS
from deploy.sandbox.processor.stealthex import WORDS as STEALTHEX_WORDS
from deploy.sandbox.processor.trocador import WORDS as TROCADOR_WORDS
from tests.deploy.processor.clients import (
    BTC,
    BTC_ADDRESS,
    EVM_ADDRESS,
    ChangeNow,
    Client,
    Exolix,
    StealthEx,
    Trocador,
    ask,
)

FINISHED = {"ChangeNow": "finished", "Trocador": "finished", "Exolix": "success", "StealthEx": "finished"}


def test_an_order_is_quoted_made_paid_and_paid_out(client: Client, server: ProcessorServer) -> None:
    made = client.create("100")
    assert made.status in {200, 201}
    trade = client.trade(made.body)
    assert trade.receive == 100
    assert trade.destination == EVM_ADDRESS
    assert client.trade(client.read(trade.id).body) == trade
    order = server.order(trade.id)
    assert MONERO.units(trade.deposit) == order.deposit
    server.deposit(trade.id)
    assert order.stage is Stage.CONFIRMING
    server.complete(trade.id)
    ended = client.trade(client.read(trade.id).body)
    assert ended.status == FINISHED[type(client).__name__]
    [payout] = server.till.payouts
    assert (payout.coin, payout.address, payout.units) == ("USDT-ethereum", EVM_ADDRESS, 100 * 10**6)
    assert ended.settle_txid == payout.txid


def test_bitcoin_goes_by_each_protocols_own_names(client: Client, server: ProcessorServer) -> None:
    trade = client.trade(client.create("0.00150001", BTC).body)
    assert trade.receive == Decimal("0.00150001")
    server.complete(trade.id)
    assert [(payout.coin, payout.units) for payout in server.till.payouts] == [("BTC-bitcoin", 150001)]


def test_each_order_has_its_own_deposit_address_and_a_deposit_fit_for_the_price(
    client: Client, server: ProcessorServer
) -> None:
    server.engine.prices.set_price("XMR", "200")
    first, second = (client.trade(client.create("100").body) for _ in range(2))
    assert first.deposit_address != second.deposit_address
    # 100 USDT at 1.0003 USD, 1 % more, and a quarter of a dollar, at 200 USD an XMR: rounded up.
    assert first.deposit == second.deposit == Decimal("0.5064015")


def test_a_wrong_destination_is_refused_and_nothing_is_made(client: Client, server: ProcessorServer) -> None:
    field = {"ChangeNow": "address", "Trocador": "address", "Exolix": "withdrawalAddress", "StealthEx": "address"}
    wrong: dict[str, Any] = {field[type(client).__name__]: BTC_ADDRESS}
    refused = client.create("100", **wrong)
    assert refused.status == 400
    assert server.engine.orders == {}


def test_a_wrong_return_address_is_refused(client: Client, server: ProcessorServer) -> None:
    field = {"ChangeNow": "refundAddress", "Trocador": "refund", "Exolix": "refundAddress"}
    wrong: dict[str, Any] = {field.get(type(client).__name__, "refund_address"): EVM_ADDRESS}
    refused = client.create("100", **wrong)
    assert refused.status == 400
    assert server.engine.orders == {}


def test_more_decimals_than_a_processor_takes_are_refused(client: Client, server: ProcessorServer) -> None:
    assert client.create("0.123456789", COINS["ETH-ethereum"]).status == 400
    assert server.engine.orders == {}


def test_what_is_not_listed_is_refused(client: Client, server: ProcessorServer) -> None:
    del server.engine.coins["USDT-ethereum"]
    assert client.quote("100").status == 400


def test_an_unknown_order_is_not_found(client: Client) -> None:
    assert client.read("nothing").status == 404


def test_an_order_of_one_protocol_is_unknown_to_the_others(server: ProcessorServer) -> None:
    trade = ChangeNow(server).trade(ChangeNow(server).create("100").body)
    assert Exolix(server).read(trade.id).status == 404


@pytest.mark.parametrize("words", [CHANGENOW_WORDS, TROCADOR_WORDS, EXOLIX_WORDS, STEALTHEX_WORDS])
def test_every_stage_has_a_word_in_every_protocol(words: dict[Stage, str]) -> None:
    assert set(words) == set(Stage)


def test_no_key_opens_nothing(server: ProcessorServer) -> None:
    for client in (ChangeNow(server), Trocador(server), Exolix(server), StealthEx(server)):
        client.keys.clear()
        assert client.create("100").status in {400, 401}
    assert server.engine.orders == {}


# ---------------------------------------------------------------- ChangeNOW


def test_changenow_lists_coins_to_everyone_with_network_and_contract(server: ProcessorServer) -> None:
    rows = ask("GET", f"{server.base_url('changenow')}/exchange/currencies").body
    [row] = [row for row in rows if (row["ticker"], row["network"]) == ("usdt", "eth")]
    assert row["tokenContract"] == "0xdAC17F958D2ee523a2206206994597C13D831ec7"
    assert row["supportsFixedRate"] is True
    assert [row["hasExternalId"] for row in rows if row["ticker"] == "xrp"] == [True]


def test_changenow_says_what_range_a_refused_amount_is_out_of(server: ProcessorServer) -> None:
    client = ChangeNow(server)
    small = client.quote("1")
    assert small.status == 400
    assert small.body["error"] == "deposit_too_small"
    assert 0 < small.body["payload"]["range"]["minAmount"] < small.body["payload"]["range"]["maxAmount"]
    assert client.quote("100000").body["error"] == "out_of_range"
    found = ask("GET", f"{client.url}/exchange/range", params=client.pair(BTC, ""), headers=client.keys)
    assert found.body["minAmount"] > 0


def test_changenows_list_opens_with_the_private_key_alone(server: ProcessorServer) -> None:
    client = ChangeNow(server)
    ids = [client.create("100").body["id"] for _ in range(3)]
    url = f"{client.url}/exchanges"
    assert ask("GET", url, headers=client.keys).status == 401
    query = {"sortDirection": "DESC", "limit": "2"}
    rows = ask("GET", url, params=query, headers={"x-changenow-api-key": server.private_key}).body["exchanges"]
    assert [row["requestId"] for row in rows] == ids[:0:-1]
    assert rows[0]["payout"]["expectedAmount"] == 100
    assert rows[0]["payout"]["address"] == EVM_ADDRESS


def test_changenow_refuses_a_rate_that_has_run_out(server: ProcessorServer) -> None:
    client = ChangeNow(server)
    quoted = client.quote("100").body
    until = datetime.fromisoformat(quoted["validUntil"])
    assert until - server.engine.now() > timedelta(seconds=60)
    server.engine.advance(600)
    assert client.create("100", rateId=quoted["rateId"]).body["error"] == "rate_id_not_found_or_expired"


# ---------------------------------------------------------------- Trocador


def test_a_trocador_trade_has_the_id_of_its_rate_and_is_made_once(server: ProcessorServer) -> None:
    client = Trocador(server)
    rate = client.quote("100").body
    assert rate["status"] == "new"
    assert client.read(rate["trade_id"]).body["status"] == "new"
    assert client.create("100", id=rate["trade_id"]).body["trade_id"] == rate["trade_id"]
    assert client.read(rate["trade_id"]).body["status"] == "waiting"
    assert "already" in client.create("100", id=rate["trade_id"]).body["error"]


def test_trocadors_providers_ask_each_their_own_price(server: ProcessorServer) -> None:
    client = Trocador(server)
    quotes = client.quote("100").body["quotes"]["quotes"]
    assert [quote["kycrating"] for quote in quotes] == ["A", "B", "C"]
    made = client.create("100", provider=quotes[1]["provider"]).body
    assert made["amount_from"] == Decimal(quotes[1]["amount_from"]) > Decimal(quotes[0]["amount_from"])
    assert made["provider"] == quotes[1]["provider"]
    strict = ask(
        "GET", f"{client.url}/new_rate", params={**client.pair(BTC, "0.01"), "min_kycrating": "A"}, headers=client.keys
    )
    assert len(strict.body["quotes"]["quotes"]) == 1


def test_trocador_keeps_the_providers_password_and_the_expiry_in_the_trade(server: ProcessorServer) -> None:
    body = Trocador(server).create("100").body
    assert len(body["password"]) == 40
    assert body["id_provider"]
    left = datetime.fromisoformat(body["details"]["expiresAt"]) - server.engine.now()
    assert timedelta(minutes=15) < left < timedelta(minutes=25)


# ---------------------------------------------------------------- Exolix


def test_exolix_hides_what_is_too_little_in_a_message_under_http_200(server: ProcessorServer) -> None:
    small = Exolix(server).quote("1")
    assert small.status == 200
    assert small.body["message"]
    assert small.body["withdrawMin"] > 1
    direct = {"coinFrom": "XMR", "networkFrom": "XMR", "coinTo": "BTC", "networkTo": "BTC", "amount": "0.0001"}
    assert ask("GET", f"{server.base_url('exolix')}/rate", params=direct).status == 422


def test_exolix_lists_transactions_newest_first_page_by_page(server: ProcessorServer) -> None:
    client = Exolix(server)
    ids = [client.create("100").body["id"] for _ in range(3)]
    query = {"page": 2, "size": 2}
    listed = ask("GET", f"{client.url}/transactions", params=query, headers=client.keys).body
    assert listed["count"] == 3
    assert [row["id"] for row in listed["data"]] == ids[:1]
    assert ask("GET", f"{client.url}/transactions").status == 401


def test_exolix_pages_its_coins_until_none_is_left(server: ProcessorServer) -> None:
    url = f"{server.base_url('exolix')}/currencies"
    first = ask("GET", url, params={"page": 1, "size": 4, "withNetworks": "true"}).body
    assert len(first["data"]) == 4
    assert ask("GET", url, params={"page": 9, "size": 4}).body["data"] == []


# ---------------------------------------------------------------- StealthEX


def test_stealthex_takes_amounts_as_numbers_only(server: ProcessorServer) -> None:
    client = StealthEx(server)
    body = {**client.pair(BTC, "0.01"), "amount": "0.01"}
    refused = ask("POST", f"{client.url}/rates/estimated-amount", json=body, headers=client.keys)
    assert (refused.status, refused.body["err"]["kind"]) == (400, "InvalidData")


def test_stealthex_names_its_range_in_the_coin_that_is_counted(server: ProcessorServer) -> None:
    client = StealthEx(server)
    found = ask("POST", f"{client.url}/rates/range", json=client.pair(BTC, "1"), headers=client.keys).body
    assert found["min_amount"] == Decimal("3.334e-5")
    assert client.quote("1").body["err"]["kind"] == "InvalidAmount"


def test_the_server_says_what_it_speaks_where_nothing_is(server: ProcessorServer) -> None:
    found = ask("GET", f"{server.url}/nowhere")
    assert found.status == 404
    assert "/exolix/api/v2" in found.body["processors"]
