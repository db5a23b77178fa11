"""What MoneroCoin believes of a daemon that lags, moves, contradicts itself or refuses."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from payout.errors import RailUnavailable
from payout.transfer import KeyImage, Output, Payload, Place, Trace
from tests.adapters.coins.fake_monero import (
    BLOCK,
    CUSTOMER,
    IMAGE,
    INFO,
    TIP,
    TXID,
    FakeMonero,
    error,
    result,
)

OUTPUTS = [Output(address=CUSTOMER, units=5)]
PAYLOAD = Payload(metadata="0102c4nary", blob="0200", tx_key="1a")
RIVAL = "dd" * 32


@pytest.mark.parametrize("answer", [error(-4, "Failed to commit tx."), result(), {"x": 1}])
def test_a_relay_says_nothing_whatever_is_answered(
    fake: FakeMonero, answer: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    fake.spoil("relay_tx", answer)

    with caplog.at_level(logging.DEBUG):
        fake.coin.relay(PAYLOAD)

    assert fake.asked == [("relay_tx", {"hex": PAYLOAD.metadata})]
    assert PAYLOAD.metadata not in caplog.text


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"status": "OK", "not_relayed": True, "reason": "Not relayed"}, None),
        ({"status": "Failed", "double_spend": True}, None),
        ({"status": "Failed", "double_spend": True, "invalid_input": True}, None),
        ({"status": "Failed"}, None),
        ({"status": "Failed", "invalid_input": True}, "invalid_input"),
        ({"status": "Failed", "fee_too_low": True, "reason": "fee too low"}, "fee_too_low"),
        ({"status": "Failed", "sanity_check_failed": True}, "sanity_check_failed"),
    ],
)
def test_only_bytes_that_the_daemon_calls_invalid_are_refused(
    fake: FakeMonero, answer: dict[str, Any], words: str | None
) -> None:
    fake.spoil("send_raw_transaction", answer)

    refusal = fake.coin.resubmit(PAYLOAD)

    assert (refusal is None) is (words is None)
    assert words is None or words in str(refusal)


def test_a_busy_daemon_refuses_nothing(fake: FakeMonero) -> None:
    fake.spoil("send_raw_transaction", {"status": "BUSY"})

    with pytest.raises(RailUnavailable):
        fake.coin.resubmit(PAYLOAD)


def mined(height: int = TIP - 3, **spoiled: Any) -> dict[str, Any]:
    entry = {"tx_hash": TXID, "in_pool": False, "block_height": height} | spoiled
    return {"status": "OK", "txs": [entry]}


def looked(fake: FakeMonero) -> Any:
    return fake.coin.look([Trace(id=TXID, key_images=(IMAGE,))])[TXID]


def test_a_mined_transfer_has_a_height_a_block_and_a_depth(fake: FakeMonero) -> None:
    fake.spoil("get_transactions", mined())

    sighting = looked(fake)

    assert (sighting.place, sighting.height, sighting.block_hash) == (Place.MINED, TIP - 3, BLOCK)
    assert (sighting.depth, sighting.tip) == (3, TIP)


@pytest.mark.parametrize(("state", "expected"), [(0, KeyImage.FREE), (1, KeyImage.IN_CHAIN), (2, KeyImage.IN_POOL)])
def test_a_missing_transfers_key_images_are_told(fake: FakeMonero, state: int, expected: KeyImage) -> None:
    fake.spoil("is_key_image_spent", {"status": "OK", "spent_status": [state]})

    sighting = looked(fake)

    assert (sighting.place, sighting.key_images) == (Place.UNSEEN, (expected,))


def test_one_that_arrives_between_two_questions_is_not_its_own_rival(fake: FakeMonero) -> None:
    missing = {"status": "OK", "missed_tx": [TXID]}
    fake.spoil("get_transactions", missing, mined(in_pool=True))
    fake.spoil("is_key_image_spent", {"status": "OK", "spent_status": [2]})

    assert looked(fake).place is Place.POOL


def test_a_block_that_comes_meanwhile_makes_it_look_again(fake: FakeMonero) -> None:
    later = result(**INFO | {"height": TIP + 1, "top_block_hash": RIVAL})
    fake.spoil("get_info", result(**INFO), later)
    fake.spoil("get_transactions", {"status": "OK", "missed_tx": [TXID]}, mined(TIP))

    sighting = looked(fake)

    assert (sighting.place, sighting.depth, sighting.tip) == (Place.MINED, 1, TIP + 1)


def test_a_chain_that_never_stands_still_is_looked_at_later(fake: FakeMonero) -> None:
    heights = iter(range(TIP, TIP + 100))

    def growing(_: dict[str, Any]) -> dict[str, Any]:
        height = next(heights)
        return result(**INFO | {"height": height, "top_block_hash": f"{height:064x}"})

    fake.spoil("get_info", growing)

    with pytest.raises(RailUnavailable, match="moves faster"):
        looked(fake)


@pytest.mark.parametrize(
    ("method", "answer"),
    [
        ("get_transactions", {"status": "OK"}),
        ("get_transactions", {"status": "OK", "txs": [{"tx_hash": RIVAL, "in_pool": True}]}),
        ("get_transactions", {"status": "OK", "txs": 7}),
        ("get_transactions", mined(in_pool=None)),
        ("get_transactions", mined(in_pool="no")),
        ("get_transactions", mined(block_height=None)),
        ("get_transactions", mined() | {"untrusted": True}),
        ("is_key_image_spent", {"status": "OK", "spent_status": []}),
        ("is_key_image_spent", {"status": "OK", "spent_status": [3]}),
        ("is_key_image_spent", {"status": "Failed"}),
        ("get_info", result(**INFO | {"synchronized": False})),
        ("get_info", result(**INFO | {"target_height": TIP + 50})),
        ("get_info", result(**INFO | {"status": "BUSY"})),
        ("get_info", result(**INFO | {"height": "100"})),
        ("get_info", error(-32601, "Method not found")),
    ],
)
def test_a_look_that_is_not_whole_is_no_evidence(fake: FakeMonero, method: str, answer: dict[str, Any]) -> None:
    fake.spoil(method, answer)

    with pytest.raises(RailUnavailable):
        looked(fake)


def test_a_block_that_is_gone_when_it_is_asked_for_is_no_evidence(fake: FakeMonero) -> None:
    fake.spoil("get_transactions", mined())
    fake.spoil("get_block_header_by_height", error(-2, "Requested block height: 97 greater"))

    with pytest.raises(RailUnavailable):
        looked(fake)


def test_a_daemon_that_became_much_shorter_is_not_believed_until_it_has_grown(
    fake: FakeMonero,
) -> None:
    coin = fake.coin
    coin.look([Trace(id=TXID)])

    fake.spoil("get_info", result(**INFO | {"height": TIP - 4}))
    with pytest.raises(RailUnavailable, match="behind"):
        coin.look([Trace(id=TXID)])

    fake.spoil("get_info", result(**INFO | {"height": TIP - 3}))
    assert coin.look([Trace(id=TXID)])[TXID].tip == TIP - 3


def test_many_transfers_are_asked_for_a_hundred_at_a_time(fake: FakeMonero) -> None:
    traces = [Trace(id=f"{n:064x}", key_images=(f"{n:064x}",)) for n in range(250)]

    sightings = fake.coin.look(traces)

    assert len(sightings) == 250
    asked = [len(body["txs_hashes"]) for method, body in fake.asked if method == "get_transactions"]
    assert asked == [100, 100, 50]
    assert fake.methods.count("is_key_image_spent") == 3


def test_a_look_at_nothing_asks_nothing(fake: FakeMonero) -> None:
    assert fake.coin.look([]) == {}
    assert fake.asked == []


@pytest.mark.parametrize("text", ["{", "[]", '{"vin": 7}', '{"vin": [{}]}', ""])
def test_inputs_that_cannot_be_read_are_no_evidence(fake: FakeMonero, text: str) -> None:
    fake.spoil("get_transactions", mined(as_json=text))

    with pytest.raises(RailUnavailable):
        fake.coin.inputs(TXID)
