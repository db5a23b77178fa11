"""What MoneroCoin makes of a wallet that refuses, errs, or sends what it was told to hold back."""

from __future__ import annotations

from typing import Any

import pytest

from payout.errors import FundsShort, RailUnavailable, SentTooEarly, TransferRefused
from payout.transfer import Output, Payload
from tests.adapters.coins.fake_monero import (
    CANARIES,
    CUSTOMER,
    IMAGE,
    OWN,
    TIP,
    TXID,
    FakeMonero,
    error,
    result,
    signed,
)

OUTPUTS = [Output(address=CUSTOMER, units=5)]
PAYLOAD = Payload(metadata="0102c4nary", blob="0200", tx_key="1a")
RIVAL = "dd" * 32


@pytest.mark.parametrize(
    ("code", "message", "expected"),
    [
        (-17, "not enough money", FundsShort),
        (-37, "not enough unlocked money", FundsShort),
        (-16, "Transaction not possible. Available only 1.0, transaction amount 2.0", FundsShort),
        (-16, "tx not possible", FundsShort),
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
        ("amount", 6),
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
