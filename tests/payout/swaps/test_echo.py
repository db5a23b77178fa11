"""The echo: no field that a processor answers otherwise than asked goes unseen."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from adapters.memory.coin import MemoryChain, MemoryCoin, MemoryWallet
from payout.money import Money
from payout.order import Order, Said, Stage
from payout.swaps.echo import differences, echo_problems, good_until, mismatches, same_address
from tests.factories import make_refund, xmr
from tests.payout.swaps.brokering import BTC, ETH, make_order, make_said, swap_rules
from tests.scenarios.world import HOT

RULES = swap_rules()
NOW = make_order().asked_at
LIMIT = xmr("0.21")


def coin() -> MemoryCoin:
    wallet = MemoryWallet(MemoryChain(Random(1)), HOT)
    wallet.new_address()
    wallet.refused_addresses = {"0", ""}
    found = MemoryCoin(wallet)
    found.check()
    return found


COIN = coin()


def problems(order: Order | None = None, **changes: Any) -> tuple[str, ...]:
    order = order or make_order()
    said = make_said(order, **changes)
    return echo_problems(order, said, coin=COIN, limit=LIMIT, rules=RULES, now=NOW)


def test_an_answer_that_is_right_in_every_field_has_no_problem() -> None:
    assert problems() == ()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"destination": "a thief"}, "it pays to 'a thief' instead of customer"),
        ({"destination": None}, "it pays to nothing instead of customer"),
        ({"destination": ""}, "it pays to nothing instead of customer"),
        ({"memo": "12345"}, "its memo is '12345' instead of nothing"),
        ({"receive": Money(49_999, BTC)}, "it pays 0.00049999 BTC instead of 0.0005 BTC"),
        ({"receive": Money(50_001, BTC)}, "it pays 0.00050001 BTC instead of 0.0005 BTC"),
        ({"receive": Money(50_000, replace(BTC, network="lightning"))}, "it pays 0.0005 BTC instead of"),
        ({"receive": Money(50_000, ETH)}, "ETH instead of 0.0005 BTC"),
        ({"receive": None}, "it pays nothing instead of"),
        ({"deposit": None}, "it asks for a deposit of nothing"),
        ({"deposit": xmr("0")}, "it asks for a deposit of 0 XMR"),
        ({"deposit": Money(10**7, BTC)}, "it asks for a deposit of 0.1 BTC"),
        ({"deposit": xmr("0.20302")}, "it asks for 0.20302 XMR, and had offered 0.202"),
        ({"deposit_address": None}, "its deposit address nothing is none of our coin"),
        ({"deposit_address": "0"}, "its deposit address '0' is none of our coin"),
        ({"deposit_address": "name@example.org"}, "is none of our coin"),
        ({"deposit_address": HOT}, "its deposit address is one of our own wallet"),
        ({"deposit_address": f"{HOT}-1"}, "its deposit address is one of our own wallet"),
        ({"deposit_address": "customer"}, "its deposit address is one that we gave it"),
        ({"deposit_memo": "abc"}, "it wants a memo with the deposit ('abc')"),
        ({"return_address": "a thief"}, f"it would return to 'a thief' instead of {HOT}-1"),
        ({"expires_at": NOW + timedelta(minutes=3)}, "too soon to be paid in time"),
        ({"expires_at": NOW - timedelta(days=1)}, "too soon to be paid in time"),
        ({"processor_id": ""}, "is none that an order could have"),
        ({"processor_id": "../other"}, "is none that an order could have"),
        ({"processor_id": "x" * 129}, "is none that an order could have"),
        ({"processor_id": "a b"}, "is none that an order could have"),
        ({"stage": Stage.EXPIRED, "status_text": "overdue"}, "it is expired ('overdue')"),
        ({"stage": Stage.UNKNOWN, "status_text": "frobnicated"}, "it is unknown ('frobnicated')"),
        ({"stage": Stage.DEPOSIT_SEEN}, "it does not wait for a deposit"),
    ],
)
def test_each_field_that_is_wrong_is_one_problem_in_words(changes: dict[str, Any], words: str) -> None:
    (problem,) = problems(**changes)
    assert words in problem


def test_every_field_of_what_a_processor_says_is_either_checked_or_known_to_be_harmless() -> None:
    # A new field must be sorted into one of the two before this passes again.
    checked = {
        "processor_id", "stage", "deposit_address", "deposit_memo", "deposit", "destination", "memo", "receive",
        "return_address", "expires_at",
    }  # fmt: skip
    harmless = {
        "status_text", "settle_txids", "return_txids", "reason",
        "support_url", "secret",
    }  # fmt: skip
    assert set(Said.__dataclass_fields__) == checked | harmless


def test_what_is_allowed_passes() -> None:
    assert problems(memo="") == ()
    assert problems(deposit=xmr("0.20301")) == ()  # half a percent above its offer
    assert problems(expires_at=NOW + timedelta(minutes=3, seconds=1)) == ()
    assert problems(make_order(memo="7"), memo="7") == ()


def test_an_order_that_names_no_return_address_is_a_problem() -> None:
    assert len(problems(return_address=None)) == 1
    assert "it would return to nothing" in problems(return_address=None)[0]


def test_a_memo_that_is_left_out_is_a_problem() -> None:
    assert problems(make_order(memo="7"), memo=None) == ("its memo is nothing instead of '7'",)


def test_a_deposit_above_what_our_own_rates_allow_is_a_problem_though_it_was_offered() -> None:
    order = make_order(offered=xmr("0.215"))
    (problem,) = problems(order)
    assert "by our own rates no more than 0.21 (swaps.spread_max_percent = 5)" in problem


def test_all_problems_are_told_at_once() -> None:
    assert len(problems(destination="a thief", deposit=None, deposit_address="0", stage=Stage.HOLD)) == 4


def test_a_processors_words_are_shown_escaped_and_cut() -> None:
    (problem,) = problems(destination="\x1b[2J" + "x" * 500)
    assert "\\x1b[2J" in problem
    assert len(problem) < 200


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("0xAbC1", "0xabc1", True),
        ("0xAbC1", "0xabc2", False),
        ("bc1qAbc", "bc1qabc", False),
        ("TAbc", "Tabc", False),
    ],
)
def test_only_addresses_in_hex_may_differ_in_case(one: str, other: str, *, same: bool) -> None:
    assert same_address(one, other) is same


# ---------------------------------------------------------------- when it runs out


@pytest.mark.parametrize(
    ("row", "said", "offer", "minutes"),
    [
        (None, 20, 1, 20),
        (20, 15, None, 15),
        (15, 20, None, 15),
        (20, None, 1, 20),
        (None, None, None, 10),
        (None, None, 5, 5),
        (None, None, 30, 10),
    ],
)
def test_an_order_runs_out_at_the_earliest_that_was_said(
    row: int | None, said: int | None, offer: int | None, minutes: int
) -> None:
    def at(value: int | None) -> Any:
        return None if value is None else NOW + timedelta(minutes=value)

    order = make_order(expires_at=at(row), offer_expires_at=at(offer))
    assert good_until(order, make_said(order, expires_at=at(said)), RULES) == at(minutes)


# ---------------------------------------------------------------- an order that was agreed


@pytest.mark.parametrize(
    "changes",
    [
        {"processor_id": "alpha-2"},
        {"deposit_address": "elsewhere"},
        {"deposit_address": None},
        {"deposit": xmr("0.201")},
        {"deposit": None},
        {"destination": "a thief"},
        {"memo": "7"},
        {"receive": Money(49_999, BTC)},
    ],
    ids=str,
)
def test_a_new_reading_that_differs_in_one_field_is_seen(changes: dict[str, Any]) -> None:
    order = make_order()
    assert differences(order, make_said(order)) == ()
    assert len(differences(order, make_said(order, **changes))) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"revision": 2},
        {"destination": "elsewhere"},
        {"memo": "7"},
        {"asset": ETH},
        {"amount_max": Money(49_999, BTC)},
    ],
    ids=str,
)
def test_an_order_that_no_longer_fits_its_refund_is_seen(changes: dict[str, Any]) -> None:
    refund = make_refund(asset=BTC, destination="customer")
    assert mismatches(make_order(), refund) == ()
    assert len(mismatches(make_order(), replace(refund, **changes))) == 1
