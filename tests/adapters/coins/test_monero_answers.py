"""What MoneroCoin makes of wallets and nodes that err, lie, lag and break off."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from adapters.coins.monero.calls import Call
from adapters.coins.monero.rpc import Rpc
from adapters.http import Timeouts
from payout.errors import FundsShort, RailUnavailable, SentTooEarly, TransferRefused
from payout.transfer import KeyImage, Output, Payload, Place, Trace
from tests.adapters.coins.fake_monero import (
    BLOCK,
    CANARIES,
    CUSTOMER,
    IMAGE,
    INFO,
    OWN,
    TIP,
    TXID,
    FakeMonero,
    error,
    result,
    signed,
)
from tests.adapters.raw_server import Behaviour, RawServer, answering, closing, dribbling

OUTPUTS = [Output(address=CUSTOMER, units=5)]
PAYLOAD = Payload(metadata="0102canary", blob="0200", tx_key="1a")
RIVAL = "dd" * 32


@pytest.fixture
def fake() -> Iterator[FakeMonero]:
    with FakeMonero() as fake:
        yield fake


# ---------------------------------------------------------------- the line


@pytest.mark.parametrize(
    "behave",
    [
        answering("401 Unauthorized", b"<html>401</html>", "Content-Type: text/html"),
        answering("500 Internal Server Error", b"{}"),
        answering("200 OK", b"<html>hello</html>"),
        answering("200 OK", b"[1, 2]"),
        answering("200 OK", b'{"id": "0"}'),
        answering("200 OK", b'{"result": 7}'),
        answering("200 OK", b'{"result": {}}'[:-3]),
        answering("302 Found", b"", "Location: http://127.0.0.1:1/"),
        closing(),
        closing(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"),
    ],
)
def test_an_answer_that_is_none_is_an_outage(behave: Behaviour) -> None:
    with RawServer(behave) as server, pytest.raises(RailUnavailable):
        Rpc(server.url, name="wallet-rpc").ask(Call(name="get_height"))


def test_a_server_that_dribbles_is_an_outage_after_the_time_for_the_call() -> None:
    behave = dribbling(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b" ")
    patience = Timeouts(connect=1, read=1, total=0.3)

    with RawServer(behave) as server, pytest.raises(RailUnavailable):
        Rpc(server.url, name="wallet-rpc").ask(Call(name="get_height", timeouts=patience))


def test_a_port_on_which_nobody_listens_is_an_outage() -> None:
    with RawServer(closing()) as server:
        url = server.url

    with pytest.raises(RailUnavailable, match="is it running"):
        Rpc(url, name="wallet-rpc").ask(Call(name="get_height"))


# ---------------------------------------------------------------- preparing


@pytest.mark.parametrize(
    ("code", "message", "expected"),
    [
        (-17, "not enough money", FundsShort),
        (-37, "not enough unlocked money", FundsShort),
        (-16, "Transaction not possible. Available only 1.0, transaction amount 2.0", FundsShort),
        (-16, "tx not possible", TransferRefused),
        (-18, "Transaction would be too large.  try /transfer_split.", TransferRefused),
        (-2, "WALLET_RPC_ERROR_CODE_WRONG_ADDRESS: x", TransferRefused),
        (-4, "transaction was not constructed", TransferRefused),
        (-4, "transaction sum + fee exceeds 18446744.073709551615", TransferRefused),
        (-5, "A single payment id is allowed per transaction", TransferRefused),
        (-20, "Transaction has no destination", TransferRefused),
        (-46, "destination amount is zero", TransferRefused),
        (-4, "failed to get output distribution", RailUnavailable),
        (-38, "no connection to daemon", RailUnavailable),
        (-13, "No wallet file", RailUnavailable),
        (0, "", RailUnavailable),
        (-32602, "Invalid params", RailUnavailable),
        (-999, "something new", RailUnavailable),
    ],
)
def test_each_refusal_of_the_wallet_says_what_the_caller_must_do(
    fake: FakeMonero, code: int, message: str, expected: type[Exception]
) -> None:
    fake.spoil("transfer", error(code, message))

    with pytest.raises(expected) as caught:
        fake.coin.prepare(OUTPUTS)

    assert type(caught.value) is expected


def test_a_shortage_is_told_in_the_wallets_own_words(fake: FakeMonero) -> None:
    fake.spoil("transfer", error(-37, "not enough unlocked money"))

    with pytest.raises(FundsShort, match="not enough unlocked money"):
        fake.coin.prepare(OUTPUTS)


def test_an_error_object_of_a_strange_shape_is_an_outage(fake: FakeMonero) -> None:
    for strange in (7, {}, {"code": "x", "message": 3}):
        fake.spoil("transfer", {"error": strange})
        with pytest.raises(RailUnavailable):
            fake.coin.prepare(OUTPUTS)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount", 4),
        ("amount", "5"),
        ("amount", None),
        ("amount", 5.0),
        ("fee", 0),
        ("fee", -1),
        ("fee", True),
        ("fee", None),
        ("tx_hash", ""),
        ("tx_hash", "zz" * 32),
        ("tx_hash", None),
        ("tx_key", ""),
        ("tx_key", None),
        ("tx_blob", ""),
        ("tx_blob", "0"),
        ("tx_metadata", ""),
        ("tx_metadata", None),
        ("spent_key_images", None),
        ("spent_key_images", {"key_images": []}),
        ("spent_key_images", {"key_images": ["zz"]}),
        ("spent_key_images", {"key_images": [7]}),
        ("spent_key_images", []),
    ],
)
def test_a_signed_transfer_is_taken_whole_or_not_at_all(fake: FakeMonero, field: str, value: Any) -> None:
    fake.spoil("transfer", signed(5, **{field: value}))

    with pytest.raises(RailUnavailable):
        fake.coin.prepare(OUTPUTS)


def test_a_held_back_transfer_is_asked_for_at_wallet_and_daemon(fake: FakeMonero) -> None:
    prepared = fake.coin.prepare(OUTPUTS)

    assert prepared.txid == TXID
    assert fake.methods == ["transfer", "get_transactions", "get_transfer_by_txid"]


def test_a_transfer_that_the_daemon_has_was_sent_too_early(fake: FakeMonero) -> None:
    fake.spoil("get_transactions", {"status": "OK", "txs": [{"tx_hash": TXID, "in_pool": True}]})

    with pytest.raises(SentTooEarly) as caught:
        fake.coin.prepare(OUTPUTS)

    assert caught.value.prepared.txid == TXID  # type: ignore[attr-defined]


def test_a_transfer_that_the_wallet_lists_was_sent_too_early(fake: FakeMonero) -> None:
    fake.spoil("get_transfer_by_txid", result(transfers=[{"type": "pending"}]))

    with pytest.raises(SentTooEarly):
        fake.coin.prepare(OUTPUTS)


@pytest.mark.parametrize(
    ("method", "answer"),
    [
        ("get_transactions", {"status": "BUSY"}),
        ("get_transactions", {"status": "OK"}),
        ("get_transfer_by_txid", error(0, "")),
        ("get_transfer_by_txid", error(-13, "No wallet file")),
    ],
)
def test_where_nobody_can_say_whether_it_is_out_it_is_thrown_away(
    fake: FakeMonero, method: str, answer: dict[str, Any]
) -> None:
    fake.spoil(method, answer)

    with pytest.raises(RailUnavailable):
        fake.coin.prepare(OUTPUTS)


@pytest.mark.parametrize(
    "address",
    ["pay@example.com", "donate.example.com", "monero:" + CUSTOMER, CUSTOMER + " ", "", "x" * 95 + "."],
)
def test_what_the_wallet_could_take_for_a_name_never_reaches_it(fake: FakeMonero, address: str) -> None:
    with pytest.raises(TransferRefused):
        fake.coin.prepare([Output(address=address, units=5)])

    assert fake.asked == []


@pytest.mark.parametrize("units", [0, -1, 2**64, True, 1.5])
def test_an_amount_that_is_no_amount_never_reaches_the_wallet(fake: FakeMonero, units: Any) -> None:
    with pytest.raises(TransferRefused):
        fake.coin.prepare([Output(address=CUSTOMER, units=units)])

    assert fake.asked == []


# ---------------------------------------------------------------- giving up


def test_a_give_up_rescans_once_when_the_wallet_takes_the_output_for_spent(
    fake: FakeMonero,
) -> None:
    found = signed(5, spent_key_images={"key_images": [IMAGE]})
    fake.spoil("sweep_single", error(-1, "No outputs found"), found)

    prepared = fake.coin.prepare_give_up(IMAGE)

    assert prepared.key_images == (IMAGE,)
    assert prepared.outputs == (Output(address=OWN, units=5, own=True),)
    assert fake.methods[:4] == ["get_address", "sweep_single", "rescan_spent", "sweep_single"]


def test_a_give_up_of_an_output_that_is_not_there_waits(fake: FakeMonero) -> None:
    fake.spoil("sweep_single", error(-1, "No outputs found"))

    with pytest.raises(RailUnavailable, match="unlocked, unspent"):
        fake.coin.prepare_give_up(IMAGE)


def test_a_give_up_that_would_spend_another_output_is_thrown_away(fake: FakeMonero) -> None:
    fake.spoil("sweep_single", signed(5, spent_key_images={"key_images": [RIVAL]}))

    with pytest.raises(RailUnavailable, match="another output"):
        fake.coin.prepare_give_up(IMAGE)


def test_a_give_up_that_would_spend_more_than_its_output_is_thrown_away(fake: FakeMonero) -> None:
    fake.spoil("sweep_single", signed(5, spent_key_images={"key_images": [IMAGE, RIVAL]}))

    with pytest.raises(RailUnavailable, match="another output"):
        fake.coin.prepare_give_up(IMAGE)


# ---------------------------------------------------------------- broadcasting


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


# ---------------------------------------------------------------- looking


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


# ---------------------------------------------------------------- the wallet


def test_a_wallet_that_is_not_open_is_opened_and_refreshed(fake: FakeMonero) -> None:
    fake.spoil("get_address", error(-13, "No wallet file"), result(address=OWN, addresses=[]))

    assert fake.coin.check().address == OWN
    assert fake.methods.index("open_wallet") < fake.methods.index("refresh")


def test_the_first_refresh_after_a_restart_of_the_daemon_may_fail_once(fake: FakeMonero) -> None:
    fake.spoil("refresh", error(-38, "no connection to daemon"), result())

    assert fake.coin.check().tip == TIP


def test_a_wallet_on_another_chain_than_the_daemon_is_not_believed(fake: FakeMonero) -> None:
    fake.spoil("get_height", result(height=TIP - 4))
    with pytest.raises(RailUnavailable, match="same daemon"):
        fake.coin.check()

    fake.spoil("get_height", result(height=TIP + 4))
    with pytest.raises(RailUnavailable, match="behind"):
        fake.coin.check()


def test_addresses_of_all_accounts_are_ours(fake: FakeMonero) -> None:
    accounts = [{"account_index": 0}, {"account_index": 1}]
    fake.spoil("get_accounts", result(subaddress_accounts=accounts))
    fake.spoil(
        "get_address",
        lambda body: result(address=OWN, addresses=[{"address": [OWN, CUSTOMER][body["account_index"]]}]),
    )
    coin = fake.coin

    coin.check()

    assert coin.owns(OWN)
    assert coin.owns(CUSTOMER)
    assert not coin.owns("somebody")


def test_frozen_and_spent_outputs_are_no_holdings(fake: FakeMonero) -> None:
    output = {"key_image": IMAGE, "amount": 5, "unlocked": True, "frozen": False, "spent": False}
    others = [output | {"frozen": True}, output | {"spent": True}]
    fake.spoil("incoming_transfers", result(transfers=[output, *others]))

    funds = fake.coin.funds()

    assert [holding.key_image for holding in funds.holdings] == [IMAGE]
    assert (funds.balance, funds.unlocked, funds.blocks_to_unlock) == (7, 5, 3)


def test_the_fee_is_estimated_at_the_configured_priority(fake: FakeMonero) -> None:
    assert fake.coin.fee_hint() == 20_000 * 7342


def test_failed_transactions_are_not_listed_and_one_told_of_twice_is_listed_twice(
    fake: FakeMonero,
) -> None:
    entry = {"txid": TXID, "height": 90, "amount": 5}
    fake.spoil(
        "get_transfers",
        result(out=[entry], pending=[entry | {"height": 0}], failed=[entry | {"txid": RIVAL}]),
    )

    spends = fake.coin.spends(0)

    assert [(spend.txid, spend.height) for spend in spends] == [(TXID, 90), (TXID, None)]


def test_a_wallet_that_cannot_scan_one_transaction_still_rescans(fake: FakeMonero) -> None:
    fake.spoil("scan_tx", error(-32601, "Method not found"))

    fake.coin.mend(TXID)

    assert fake.methods == ["scan_tx", "rescan_spent"]


def test_no_error_names_a_login_a_password_or_a_payload(fake: FakeMonero) -> None:
    coin = fake.coin
    fake.spoil("get_address", error(-13, "No wallet file"))
    fake.spoil("open_wallet", error(-1, "Failed to open wallet"))
    fake.spoil("send_raw_transaction", {"status": "Failed to parse"})
    fake.spoil("store", error(-1, "x"))
    said = []
    for call in (coin.check, coin.save, lambda: coin.resubmit(PAYLOAD)):
        with pytest.raises(RailUnavailable) as caught:
            call()
        said.append(str(caught.value) + repr(caught.value))

    assert not [canary for canary in CANARIES if canary in "".join(said)]
