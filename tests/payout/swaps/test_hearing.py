"""Hearing: what of a processor's answer is kept, and what of it is told."""

from __future__ import annotations

from typing import Any

import pytest

from payout.money import Money
from payout.order import Order, OrderStatus, Said, Stage
from payout.swaps.hearing import TEXT_MAX, TXIDS_MAX, changed, hear, txids
from tests.factories import NOW, answered, make_order, make_swapped


def funded(**changes: Any) -> Order:
    order = answered(make_order(make_swapped()), **changes)
    return order.to(OrderStatus.FUNDED, transfer_id="t", funded_at=NOW)


def said(stage: Stage = Stage.AWAITING_DEPOSIT, **changes: Any) -> Said:
    return Said(**{"processor_id": "id", "stage": stage, "status_text": "waiting", **changes})


def test_the_same_words_again_are_no_news_and_change_nothing() -> None:
    order = funded()
    assert hear(order, said(), NOW) == (order, ())


def test_a_new_word_is_told_with_the_one_before() -> None:
    heard, news = hear(funded(), said(Stage.HOLD, status_text="verifying", reason="documents"), NOW)
    assert news == ("changenow says 'verifying' (on hold, after awaiting deposit): documents",)
    assert (heard.stage, heard.status_text, heard.reason, heard.said_at) == (Stage.HOLD, "verifying", "documents", NOW)


def test_a_transaction_once_named_is_kept_when_it_is_named_no_more() -> None:
    heard, _ = hear(funded(), said(settle_txids=("aa", "bb")), NOW)
    assert hear(heard, said(settle_txids=()), NOW)[0].settle_txid == "aa"
    assert hear(heard, said(settle_txids=("bb", "aa")), NOW) == (heard, ())


def test_another_transaction_in_its_place_is_told() -> None:
    heard, _ = hear(funded(), said(settle_txids=("aa",)), NOW)
    now, news = hear(heard, said(settle_txids=("bb",)), NOW)
    assert now.settle_txid == "bb"
    assert news == ("changenow names transaction bb for the customer, instead of aa",)


@pytest.mark.parametrize("garbage", ["", "two words", "<script>", "x" * 129, "line\nbreak", "\N{SNOWMAN}", "0x12;--"])
def test_what_cannot_be_a_transaction_is_none(garbage: str) -> None:
    assert txids((garbage, "0xabc")) == ("0xabc",)


def test_a_flood_of_transactions_is_cut() -> None:
    assert len(txids(tuple(f"tx{n}" for n in range(1000)))) == TXIDS_MAX


def test_a_processors_words_are_cut_and_cannot_command_a_screen() -> None:
    heard, news = hear(funded(), said(status_text="\x1b[31mred" + "x" * 5000, reason="\r\n" * 900), NOW)
    assert len(heard.status_text or "") == TEXT_MAX
    assert "\x1b" not in (heard.status_text or "")
    assert all(line.isprintable() for line in news)


def test_a_support_link_once_known_is_kept() -> None:
    heard, _ = hear(funded(), said(support_url="https://support.example"), NOW)
    assert hear(heard, said(), NOW)[0].support_url == "https://support.example"


def test_what_was_agreed_and_what_is_left_out_are_no_change() -> None:
    order = funded()
    assert changed(order, said()) is None
    same: dict[str, Any] = {
        "destination": order.destination,
        "receive": order.receive,
        "return_address": order.return_address,
    }
    assert changed(order, said(**same)) is None
    more = Money(order.receive.units + 1, order.receive.asset)
    assert changed(order, said(receive=more)) is None


def test_an_address_in_hexadecimal_is_the_same_in_any_case() -> None:
    order = answered(make_order(make_swapped(destination="0xAbCd")))
    assert changed(order, said(destination="0xabcd")) is None
    assert changed(order, said(destination="0xabce")) == "it says that it pays 0xabce"


def test_less_than_was_agreed_is_a_change() -> None:
    order = funded()
    less = Money(order.receive.units - 1, order.receive.asset)
    assert changed(order, said(receive=less)) == "it says that it pays 24.999999 of 25 USDT"


def test_another_memo_is_a_change() -> None:
    order = answered(make_order(make_swapped(), memo="4711"))
    assert changed(order, said(memo="4712")) == "it says that it pays with memo 4712"
