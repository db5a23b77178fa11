"""The processor in memory: what its tests and the simulator rely on, as the port promises it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from adapters.memory.processor import MemoryProcessor, Outcome, SwapService
from payout.errors import AmountOutOfRange, OrderMissing, OrderRefused, OrderUnknown, RailUnavailable
from payout.money import Money
from payout.order import Order, Stage
from tests.factories import xmr
from tests.payout.swaps.brokering import BTC, ETH, PRICES, make_order
from tests.scenarios.world import Calendar

RECEIVE = Money(50_000, BTC)


def service(**facts: object) -> tuple[SwapService, MemoryProcessor]:
    made = SwapService("alpha", Calendar(), dict(PRICES), spread=Decimal(1))
    for name, value in facts.items():
        setattr(made, name, value)
    client = MemoryProcessor(made)
    client.refresh()
    return made, client


def asked(client: MemoryProcessor) -> Order:
    return make_order(status="ASKED", processor_id=None, receive=RECEIVE, offered=client.quote(RECEIVE).deposit)


def test_before_its_lists_are_read_it_offers_nothing() -> None:
    made, _ = service()
    client = MemoryProcessor(made)
    assert client.refusal(BTC) == "its lists were not read yet"
    with pytest.raises(OrderRefused):
        client.quote(RECEIVE)


def test_a_quote_is_for_exactly_what_was_asked_at_its_own_price_and_spread() -> None:
    _, client = service()
    offer = client.quote(RECEIVE)
    assert offer.receive == RECEIVE
    assert offer.deposit == xmr("0.202") + Money(1, offer.deposit.asset)


def test_amounts_beyond_its_bounds_or_decimals_are_refused() -> None:
    made, client = service()
    made.least[BTC.key] = Money(60_000, BTC)
    with pytest.raises(AmountOutOfRange) as error:
        client.quote(RECEIVE)
    assert (error.value.least, error.value.most) == ("0.0006 BTC", None)
    with pytest.raises(OrderRefused, match="at most 8 decimals"):
        client.quote(Money(10**16 + 1, ETH))


def test_an_order_is_made_as_agreed_and_reads_the_same_but_for_its_secret() -> None:
    _, client = service()
    order = asked(client)
    said = client.create(order, client.quote(RECEIVE))
    assert (said.destination, said.receive, said.deposit) == (order.destination, RECEIVE, order.offered)
    assert said.return_address == order.return_address
    assert said.secret is not None
    assert client.read(said.processor_id, said.secret, BTC) == replace(said, secret=None)


def test_an_order_that_nobody_paid_expires() -> None:
    made, client = service()
    said = client.create(asked(client), client.quote(RECEIVE))
    made.clock.pass_by(timedelta(minutes=20).total_seconds())  # type: ignore[attr-defined]  # a Calendar
    assert client.read(said.processor_id, None, BTC).stage is Stage.EXPIRED


def test_a_lost_answer_leaves_one_order_that_can_be_found() -> None:
    made, client = service()
    made.script["create"] = [Outcome.LOST, Outcome.NEVER]
    order, offer = asked(client), client.quote(RECEIVE)
    for _ in range(2):
        with pytest.raises(OrderUnknown):
            client.create(order, offer)
    assert [said.processor_id for said in client.find(order, order.asked_at)] == ["alpha-1"]
    assert client.find(replace(order, destination="another"), order.asked_at) == ()
    assert client.find(order, order.asked_at + timedelta(seconds=1)) == ()


def test_a_read_whose_answer_is_lost_is_for_later() -> None:
    made, client = service()
    made.script["quote"] = [Outcome.LOST]
    with pytest.raises(RailUnavailable):
        client.quote(RECEIVE)


def test_it_says_what_it_is_told_to_say_and_forgets_what_it_is_told_to_forget() -> None:
    made, client = service()
    said = client.create(asked(client), client.quote(RECEIVE))
    made.set(said.processor_id, Stage.SETTLED, settle_txids=("txid",))
    assert client.read(said.processor_id, None, BTC).settle_txids == ("txid",)
    made.forget(said.processor_id)
    with pytest.raises(OrderMissing):
        client.read(said.processor_id, None, BTC)


def test_a_hint_is_taken_from_whoever_has_the_key() -> None:
    made, client = service()
    assert client.hint({"X-Hint-Key": made.hint_key}, b"alpha-1") == "alpha-1"
    assert client.hint({"X-Hint-Key": "guessed"}, b"alpha-1") is None
    assert client.hint({}, b"alpha-1") is None
