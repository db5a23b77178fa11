"""Our own addresses: what wallet-rpc says of them is taken whole, and the daemon says how deep a payment is."""

from __future__ import annotations

from typing import Any

import pytest

from payout.errors import RailUnavailable
from tests.adapters.coins.fake_monero import CUSTOMER, INFO, OWN, TIP, TXID, Answer, FakeMonero, error, result

OTHER = "dd" * 32


def paid(txid: str = TXID, units: int = 5, minor: int = 7, **more: Any) -> Answer:
    """One entry of get_transfers."""
    facts = {"txid": txid, "amount": units, "subaddr_index": {"major": 0, "minor": minor}, "unlock_time": 0}
    return {**facts, **more}


def mined(*txids: str, height: int = TIP - 3) -> Answer:
    """The daemon has them in a block."""
    txs = [{"tx_hash": txid, "block_height": height, "in_pool": False} for txid in txids]
    return {"status": "OK", "txs": txs}


def test_a_new_address_is_stored_to_disk_before_it_is_given_out(fake: FakeMonero) -> None:
    fake.spoil("create_address", result(address=CUSTOMER, address_index=7))
    assert fake.coin.new_address("payout order") == (CUSTOMER, 7)
    assert fake.methods == ["create_address", "store"]


@pytest.mark.parametrize(
    "answer",
    [
        result(address=CUSTOMER),
        result(address=CUSTOMER, address_index="7"),
        result(address=CUSTOMER, address_index=0),
        result(address_index=7),
        error(-13, "No wallet file"),
    ],
)
def test_an_address_that_is_not_answered_whole_is_none(fake: FakeMonero, answer: Answer) -> None:
    fake.spoil("create_address", answer)
    with pytest.raises(RailUnavailable):
        fake.coin.new_address("payout order")


def test_an_address_that_the_wallet_could_not_store_is_none(fake: FakeMonero) -> None:
    fake.spoil("create_address", result(address=CUSTOMER, address_index=7))
    fake.spoil("store", error(-1, "disk full"))
    coin = fake.coin
    with pytest.raises(RailUnavailable):
        coin.new_address("payout order")
    assert not coin.owns(CUSTOMER)


def test_an_address_that_the_wallet_gives_out_again_is_not_used(fake: FakeMonero) -> None:
    coin = fake.coin
    coin.check()
    fake.spoil("create_address", result(address=OWN, address_index=7))
    with pytest.raises(RailUnavailable, match="before"):
        coin.new_address("payout order")


def test_the_daemon_says_how_deep_a_payment_is_and_not_the_wallet(fake: FakeMonero) -> None:
    fake.spoil("get_transfers", result(**{"in": [paid(confirmations=99, height=1)]}))
    fake.spoil("get_transactions", mined(TXID))
    (receipt,) = fake.coin.received(7)
    assert (receipt.txid, receipt.units, receipt.height, receipt.depth) == (TXID, 5, TIP - 3, 3)


def test_a_payment_that_the_daemon_does_not_have_is_none(fake: FakeMonero) -> None:
    fake.spoil("get_transfers", result(**{"in": [paid(confirmations=99, height=1)]}))
    assert fake.coin.received(7) == ()


@pytest.mark.parametrize(
    "entry",
    [
        paid(minor=8),
        paid(subaddr_index={"major": 1, "minor": 7}),
        paid(subaddr_index=None),
        paid(unlock_time=4_000_000),
    ],
    ids=["another address", "another account", "no index", "locked for years"],
)
def test_what_came_elsewhere_or_is_locked_is_not_listed_though_the_wallet_lists_it(
    fake: FakeMonero, entry: Answer
) -> None:
    fake.spoil("get_transfers", result(**{"in": [entry]}))
    fake.spoil("get_transactions", mined(TXID))
    assert fake.coin.received(7) == ()


def test_a_payment_that_stands_among_mined_and_pooled_is_counted_once(fake: FakeMonero) -> None:
    fake.spoil("get_transfers", result(**{"in": [paid()], "pool": [paid(), paid(OTHER, 6)]}))
    fake.spoil("get_transactions", mined(TXID, OTHER))
    assert [(receipt.txid, receipt.units) for receipt in fake.coin.received(7)] == [(TXID, 5), (OTHER, 6)]


@pytest.mark.parametrize("spoiled", [{"amount": "5"}, {"amount": -5}, {"txid": "short"}])
def test_an_entry_that_cannot_be_read_is_an_outage(fake: FakeMonero, spoiled: dict[str, Any]) -> None:
    fake.spoil("get_transfers", result(**{"in": [paid(**spoiled)]}))
    fake.spoil("get_transactions", mined(TXID))
    with pytest.raises(RailUnavailable):
        fake.coin.received(7)


def test_addresses_of_another_network_are_not_valid(fake: FakeMonero) -> None:
    coin = fake.coin
    assert coin.valid(CUSTOMER)
    fake.spoil("get_info", result(**{**INFO, "nettype": "stagenet"}))
    coin.check()
    assert not coin.valid(CUSTOMER)
