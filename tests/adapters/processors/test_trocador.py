"""Trocador keeps the contract of processors."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest

from adapters.clock import SystemClock
from adapters.processors.base import Access
from adapters.processors.trocador import Trocador
from deploy.sandbox.processor.server import ProcessorServer
from payout.errors import OrderMissing, OrderRefused, OrderUnknown, ProcessorDenied, ProcessorGarbled
from tests.adapters.processors.mutations.contract import MutationContract
from tests.adapters.processors.teller import Teller, telling
from tests.contracts.processor import ProcessorContract
from tests.contracts.processor.world import CONTRACTS, HUNDRED, USDT, access_to, order_of


def made(server: ProcessorServer, access: Access, contracts: Any) -> Trocador:
    return Trocador(
        access, contracts, SystemClock(), webhook_url="https://merchant.example/hook", webhook_secret="secret"
    )


class TestTrocador(ProcessorContract):
    name = "trocador"
    make = staticmethod(made)
    names_bounds = False
    names_contracts_in_lists = False
    names_returns = False


class TestTrocadorMutated(MutationContract):
    name = "trocador"
    make = staticmethod(made)
    names: ClassVar = {
        "id": frozenset({"trade_id"}),
        "deposit": frozenset({"amount_from"}),
        "receive": frozenset({"amount_to"}),
        "deposit_address": frozenset({"address_provider"}),
        "deposit_memo": frozenset({"address_provider_memo"}),
        "destination": frozenset({"address_user"}),
        "memo": frozenset({"address_user_memo"}),
        "return_address": frozenset({"refund_address"}),
        "ticker": frozenset({"ticker_to", "ticker"}),
        "network": frozenset({"network_to", "network"}),
        "fixed": frozenset({"fixed"}),
        "expires": frozenset({"expiresAt"}),
        "status": frozenset({"status"}),
    }


@pytest.fixture
def teller() -> Iterator[Teller]:
    with telling("trocador", made) as teller:
        yield teller


def webhook(**told: object) -> bytes:
    return json.dumps(told).encode()


def test_a_trade_is_made_under_its_rates_id_with_the_best_fixed_exchange(teller: Teller) -> None:
    order, said = teller.placed()

    (asked,) = teller.asked("/new_trade")

    assert asked["id"] == order.offer_ref == said.processor_id
    assert (asked["payment"], asked["fixed"], asked["amount_to"], asked["markup"]) == ("True", "True", "100", "0")
    assert (asked["provider"], asked["address_memo"]) == ("Exolix", "0")


def test_a_floating_quote_is_passed_over_and_the_dearer_fixed_one_counts(teller: Teller) -> None:
    cheap = teller.client.quote(HUNDRED)

    def float_the_first(rate: dict[str, Any]) -> None:
        rate["quotes"]["quotes"][0]["fixed"] = "False"

    teller.tell(float_the_first)
    offer = teller.client.quote(HUNDRED)

    assert offer.provider == "LetsExchange"
    assert offer.deposit > cheap.deposit


def test_where_nobody_offers_a_fixed_rate_there_is_no_quote(teller: Teller) -> None:
    teller.tell(lambda rate: rate["quotes"].update(quotes=[]))

    with pytest.raises(OrderRefused, match="fixed rate"):
        teller.client.quote(HUNDRED)


def test_the_amount_of_the_rate_counts_only_for_the_exchange_that_it_names(teller: Teller) -> None:
    def without_amounts(rate: dict[str, Any]) -> None:
        for quote in rate["quotes"]["quotes"]:
            del quote["amount_from"]

    teller.tell(without_amounts)
    assert teller.client.quote(HUNDRED).provider == "Exolix"

    def of_another(rate: dict[str, Any]) -> None:
        without_amounts(rate)
        rate["provider"] = "Somebody"

    teller.tell(of_another)
    with pytest.raises(ProcessorGarbled):
        teller.client.quote(HUNDRED)


def test_its_support_gets_what_it_asks_for_and_nobody_else_sees_it(teller: Teller) -> None:
    _, said = teller.placed()
    order = teller.server.order(said.processor_id)

    assert said.secret == f"provider Exolix, id_provider {order.provider_id}, password {order.secret}"
    assert order.secret not in repr(said)
    assert teller.client.read(said.processor_id, said.secret, USDT).secret is None
    assert said.support_url == "https://support.example/sandbox"


def test_a_rate_that_no_trade_was_made_of_is_not_found(teller: Teller) -> None:
    order = order_of(teller.client.quote(HUNDRED))

    assert teller.client.find(order, order.asked_at) == ()


def test_a_trade_that_is_said_to_be_there_already_may_be_ours(teller: Teller) -> None:
    offer = teller.client.quote(HUNDRED)
    order = order_of(offer)
    said = teller.client.create(order, offer)

    with pytest.raises(OrderUnknown):
        teller.client.create(order, offer)
    assert teller.client.find(order, order.asked_at) == (said,)


@pytest.mark.parametrize("status", ["200 OK", "400 Bad Request"])
def test_an_error_about_the_key_is_for_a_person_whatever_its_status(teller: Teller, status: str) -> None:
    teller.answer(status, '{"error": "Missing API Key"}')

    for call in (teller.client.refresh, lambda: teller.client.quote(HUNDRED)):
        with pytest.raises(ProcessorDenied, match="api_key_file"):
            call()


def test_a_trade_that_was_deleted_is_missing(teller: Teller) -> None:
    for status, body in (("200 OK", '{"error": "no trade"}'), ("400 Bad Request", '{"error": "?"}'), ("200 OK", "[]")):
        teller.answer(status, body)
        with pytest.raises(OrderMissing):
            teller.client.read("abc", None, USDT)


def test_without_an_expiry_ten_minutes_are_taken(teller: Teller) -> None:
    _, said = teller.placed()

    def forget(answer: list[dict[str, Any]]) -> None:
        answer[0] |= {"details": None, "quotes": None, "date": "2026-08-01T12:00:00.650325Z"}

    read = teller.read(said.processor_id, forget)

    assert read.expires_at == datetime(2026, 8, 1, 12, 10, 0, 650325, tzinfo=UTC)


def test_a_webhook_with_the_trades_own_key_is_a_hint_and_any_other_is_none(teller: Teller) -> None:
    (_, one), (_, two) = teller.placed(), teller.placed()
    keys = {asked["id"]: asked["webhook_key"] for asked in teller.asked("/new_trade")}
    key = keys[one.processor_id]

    assert teller.client.hint({}, webhook(trade_id=one.processor_id, webhook_key=key, status="x")) == one.processor_id
    for forged in (
        webhook(trade_id=two.processor_id, webhook_key=key),
        webhook(trade_id=one.processor_id, webhook_key=key[:-1]),
        webhook(trade_id=one.processor_id, webhook_key="\u00e9"),
        webhook(trade_id=one.processor_id, webhook_key=None),
        webhook(trade_id=[one.processor_id], webhook_key=key),
        webhook(trade_id=one.processor_id),
        webhook(trade_id=one.processor_id, webhook_key=key, more="x" * 200_000),
    ):
        assert teller.client.hint({}, forged) is None


def test_without_a_secret_no_webhook_is_asked_for_or_believed(teller: Teller) -> None:
    client = Trocador(access_to(teller.server, "trocador"), CONTRACTS, SystemClock())
    client.refresh()
    offer = client.quote(HUNDRED)
    said = client.create(order_of(offer), offer)

    assert teller.server.order(said.processor_id).webhook is None
    assert client.hint({}, webhook(trade_id=said.processor_id, webhook_key="")) is None


def test_a_token_whose_ticker_alone_would_name_it_is_not_taken(teller: Teller) -> None:
    assert Trocador(access_to(teller.server, "trocador"), CONTRACTS, SystemClock()).words(("DAI", "ethereum")) is None
