"""Funding goes by what the processor itself just said to this process, and never by the database's copy."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from payout.errors import RatesDisagree, RateUnavailable
from payout.money import Money
from payout.order import Said, Stage
from payout.swaps.readings import Readings
from tests.factories import xmr
from tests.payout.hands import Once, Watch
from tests.payout.swaps.brokering import BTC, ETH
from tests.payout.swaps.depositing import Shift, Till, price, twist
from tests.scenarios.world import HOT

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def till() -> Till:
    return Till()


def test_without_a_word_of_the_processor_to_this_process_nothing_is_funded(till: Till) -> None:
    key = till.ordered()
    till.worker(readings=Readings()).pay()
    assert till.standing(key) == ("APPROVED", "UNFUNDED")
    assert till.waiting(key) == "alpha to confirm order alpha-1"
    assert not till.chain.first_broadcasts


def test_a_word_older_than_a_minute_is_none_and_a_new_one_mends_that(till: Till) -> None:
    key = till.ordered()
    till.clock.pass_by(61)
    till.worker().pay()
    assert till.standing(key) == ("APPROVED", "UNFUNDED")
    till.refresh()
    till.worker().pay()
    assert till.standing(key) == ("PAYING", "FUNDED")


def said(**changes: Any) -> Callable[[Said], Said]:
    """A service's word with changes."""
    return lambda word: replace(word, **changes)


LIES = {
    "deposit address": said(deposit_address="an address of a thief"),
    "no deposit address": said(deposit_address=None),
    "deposit": said(deposit=xmr("0.2021")),
    "no deposit": said(deposit=None),
    "destination": said(destination="a thief"),
    "receive": said(receive=Money(49_999, BTC)),
    "memo": said(memo="7"),
    "deposit memo": said(deposit_memo="7"),
    "return address": said(return_address="a thief"),
    "stage": said(stage=Stage.DEPOSIT_SEEN),
    "expired": said(stage=Stage.EXPIRED),
    "unknown word": said(stage=Stage.UNKNOWN, status_text="paused"),
    "our own address": said(deposit_address=HOT),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_an_order_of_which_its_processor_now_says_something_else_is_never_funded(
    till: Till, lie: Callable[[Said], Said]
) -> None:
    key = till.ordered()
    word = lie(till.alpha.orders["alpha-1"].said)
    till.readings.take("alpha", word, till.clock.now())
    till.worker().pay()
    assert till.standing(key) == ("APPROVED", "DROPPED")
    assert "order.dropped" in till.kinds()
    assert not till.chain.first_broadcasts


EDITS: dict[str, dict[str, Any]] = {
    "deposit address": {"deposit_address": "an address of a thief"},
    "deposit": {"deposit": xmr("0.9")},
    "destination": {"destination": "a thief"},
    "receive": {"receive": Money(5_000_000, BTC)},
    "asset": {"receive": Money(50_000, ETH)},
    "revision": {"revision": 2},
    "return address of somebody": {"return_address": "a thief's"},
    "processor": {"processor": "gamma"},
    "id": {"processor_id": "alpha-7"},
    "no deposit address": {"deposit_address": None},
    "no deposit": {"deposit": None},
    "no expiry": {"expires_at": None},
    "no id": {"processor_id": None},
    "another wallet": {"wallet": "cold"},
    "somebody's other order": {"processor": "beta"},
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_a_row_that_somebody_edited_is_never_funded(till: Till, edit: dict[str, Any]) -> None:
    key = till.ordered()
    till.edit_order(till.order(key), **edit)
    till.worker().pay()
    assert till.refund(key).status == "APPROVED"
    assert not till.chain.first_broadcasts


def test_row_and_processor_that_agree_on_more_than_is_owed_are_not_believed(till: Till) -> None:
    key = till.ordered()
    many, dear = Money(500_000, BTC), xmr("2.02")
    till.edit_order(till.order(key), receive=many, deposit=dear, offered=dear)
    word = replace(till.alpha.orders["alpha-1"].said, receive=many, deposit=dear)
    till.readings.take("alpha", word, till.clock.now())
    till.worker().pay()
    assert till.standing(key) == ("APPROVED", "DROPPED")
    assert not till.chain.first_broadcasts


@pytest.mark.parametrize(("code", "factor"), [("XMR", "1.10"), ("BTC", "0.90")])
def test_an_order_that_our_own_rates_left_behind_is_not_funded(till: Till, code: str, factor: str) -> None:
    key = till.ordered()
    price(till, code, factor)
    till.worker().pay()
    assert till.standing(key) == ("APPROVED", "DROPPED")
    assert not till.chain.first_broadcasts


def test_a_processor_that_changes_its_mind_while_the_wallet_signs_is_not_paid(till: Till) -> None:
    key = till.ordered()

    def change() -> None:
        twist(till, said(deposit_address="another"))
        word = replace(till.alpha.orders["alpha-1"].said, deposit_address="another")
        till.readings.take("alpha", word, till.clock.now())

    till.worker(Watch(after={"coin.prepare": Once(change)})).pay()
    assert till.standing(key) == ("APPROVED", "DROPPED")
    assert len(till.chain.signed) == 1
    assert not till.chain.first_broadcasts


def test_a_word_that_grows_old_while_the_wallet_signs_for_minutes_is_none(till: Till) -> None:
    key = till.ordered()
    till.pricing.life *= 100
    till.worker(Watch(after={"coin.prepare": Shift(till, minutes=2, seconds=1)})).pay()
    assert till.standing(key) == ("APPROVED", "UNFUNDED")
    assert till.fundings() == ()


def test_without_a_rate_it_waits_in_words(till: Till) -> None:
    key = till.ordered()
    till.pricing.refusal = RateUnavailable("one of 4 sources is fresh")
    till.worker().pay()
    assert till.standing(key) == ("APPROVED", "UNFUNDED")
    assert till.waiting(key) == "a rate: one of 4 sources is fresh"
    till.pricing.refusal = None
    till.worker().pay()
    assert till.standing(key) == ("PAYING", "FUNDED")


def test_an_asset_without_a_rate_waits_and_the_others_are_funded(till: Till) -> None:
    lacking, other = till.ordered("E-1"), till.ordered("E-2", asset=ETH)
    till.pricing.refusals[BTC.code] = RatesDisagree("by 9 percent")
    till.worker().pay()
    assert till.standing(lacking) == ("APPROVED", "UNFUNDED")
    assert till.waiting(lacking) == "a rate: by 9 percent"
    assert till.standing(other) == ("PAYING", "FUNDED")
