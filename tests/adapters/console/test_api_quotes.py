"""What a refund would pay now, and why: the price with its evidence, and everything that keeps it waiting."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from payout.approval import Caps, CoolingOff, Person, Role, Rules, Tier
from payout.caps import DAY_SCOPE, EVER, TOTAL_SCOPE, CapUse, utc_day, wallet_scope
from payout.change import Change, Pause
from payout.refund import RefundStatus
from tests.adapters.console.counter import AUTOMATIC, OTHER, Counter
from tests.factories import ADDRESS, NOW, USDT, WALLET, make_refund, make_swapped, usd, xmr

ALICE = {"alice": Person(name="alice", roles=frozenset({Role.APPROVER}))}


def ask(counter: Counter, **asked: Any) -> Any:
    said = counter("POST", "/quotes", asked or {"refund": "E-1"})
    assert said.status == 200, said.body
    return said.json


def used(counter: Counter, scope: str, text: str, day: str = utc_day(NOW)) -> None:
    counter.store.commit(Change(caps=(CapUse(scope=scope, day=day, units=usd(text).units, cap=10**9),)))


def approved(counter: Counter, **changes: Any) -> None:
    facts = {"approved_at": NOW, "approved_until": NOW + timedelta(days=7), **changes}
    counter.store.commit(Change(refunds=(make_refund(status=RefundStatus.APPROVED, **facts),)))


def test_an_approved_refund_is_priced_rounded_down_with_every_source(counter: Counter) -> None:
    approved(counter)
    before = (counter.store.events(), counter.store.refund("E-1"))

    told = ask(counter)

    assert told["amount"] == "0.075757575757"  # 25 / 330, and never a unit more.
    assert Decimal(told["amount"]) * 330 <= 25
    assert (told["rate_usd"], told["rail"], told["fee_rule"]) == ("330", "wallet", "merchant pays")
    assert [(each["source"], each["price_usd"], each["taken"]) for each in told["sources"]] == [
        ("bitfinex", "330.00", True),
        ("kraken", "330.00", True),
    ]
    assert all(each["as_of"] for each in told["sources"])
    assert (told["pays_now"], told["waits_for"]) == (True, [])
    assert (counter.store.events(), counter.store.refund("E-1")) == before  # It writes nothing.


def test_an_amount_that_is_not_on_record_is_priced_too(counter: Counter) -> None:
    told = ask(counter, usd="33.00", asset="xmr")

    assert (told["refund"], told["amount"], told["asset"]) == (None, "0.1", "XMR")
    assert told["approvals"] == {"needed": 1, "given": 0, "signers": []}
    assert told["waits_for"] == ["1 more approval of revision 1"]
    assert counter.count == 0


def test_what_it_may_pay_at_most_caps_the_amount(counter: Counter) -> None:
    approved(counter, amount_max=xmr("0.05"))

    told = ask(counter)

    assert told["amount"] == "0.05"
    assert any("amount_max" in note for note in told["notes"])


def test_without_a_rate_it_says_why_and_still_what_else_it_waits_for(counter: Counter) -> None:
    counter.owe()
    counter.clock.move(minutes=10)

    told = ask(counter)

    assert (told["amount"], told["rate_usd"], told["pays_now"]) == (None, None, False)
    assert "0 fresh sources" in told["refusal"]
    assert [words.partition(":")[0] for words in told["waits_for"]] == ["1 more approval of revision 1", "a rate"]


def test_a_swap_says_that_no_processor_was_asked(counter: Counter) -> None:
    counter.store.commit(Change(refunds=(make_swapped(),)))
    counter.price("1.00", USDT)

    told = ask(counter)

    assert (told["rail"], told["amount"]) == ("processor", "25")
    assert any("No processor is asked" in note for note in told["notes"])


def test_how_many_approvals_it_takes_follows_the_tiers_and_those_given_are_counted(counter: Counter) -> None:
    counter.rules = Rules(people=ALICE, tiers=(Tier(up_to=usd("20.00"), approvals=1), Tier(up_to=None, approvals=2)))
    counter.owe()
    refund = counter.store.refund("E-1")
    assert refund is not None
    key = Counter().approver  # Of another process: it has no key either, and the API does not verify.
    draft = replace(key._draft(refund, "bob", NOW, "hmac"), signature="x")
    gone = replace(draft, signer="carol", expires_at=NOW)
    counter.store.commit(Change(approvals=(draft, gone)))

    told = ask(counter)

    assert told["approvals"] == {"needed": 2, "given": 1, "signers": ["bob"]}
    assert told["waits_for"] == ["1 more approval of revision 1"]


def test_what_intake_approves_shows_what_is_left_of_its_own_cap() -> None:
    counter = Counter(rules=AUTOMATIC)
    used(counter, "automatic", "45.00")

    told = ask(counter, usd="10.00", asset="XMR")
    counter.close()

    assert told["approvals"]["needed"] == 0
    automatic = next(each for each in told["caps"] if each["scope"] == "automatic")
    assert (automatic["cap_usd"], automatic["left_usd"]) == ("50.00", "5.00")
    assert any("a person who approves it" in words for words in told["waits_for"])


def test_every_ceiling_is_shown_with_what_is_left_of_it(counter: Counter) -> None:
    counter.rules = Rules(
        caps=Caps(
            day=usd("100.00"), total=usd("1000.00"), destination_day=usd("30.00"), wallet_day={WALLET: usd("60.00")}
        )
    )
    approved(counter)
    used(counter, DAY_SCOPE, "90.00")
    used(counter, wallet_scope(WALLET), "10.00")
    used(counter, TOTAL_SCOPE, "999.00", EVER)

    told = ask(counter)

    left = {each["scope"].partition(":")[0]: each["left_usd"] for each in told["caps"]}
    assert left == {"day": "10.00", "wallet": "50.00", "total": "1.00", "destination": "30.00"}
    assert len(told["waits_for"]) == 2
    assert "caps.day_usd" in told["waits_for"][0]
    assert "caps.total_usd" in told["waits_for"][1]


def test_a_changed_destination_waits_out_its_cooling_off(counter: Counter) -> None:
    counter.rules = Rules(cooling_off=CoolingOff(above=usd("20.00"), wait=timedelta(hours=24)))
    counter.owe()
    counter("POST", "/refunds/E-1/amend", {"destination": OTHER, "why": "w", "revision": 1})

    told = ask(counter)

    assert told["waits_for"][-1].startswith("2026-11-23 12:00 UTC: api:panel changed its destination")


@pytest.mark.parametrize(
    ("scope", "waits"), [("all", True), (WALLET, True), ("trocador", False), ("another wallet", False)]
)
def test_a_pause_that_concerns_it_is_named(counter: Counter, scope: str, waits: bool) -> None:  # noqa: FBT001
    approved(counter)
    counter.halts.append(Pause(scope=scope, who="a pause file", why="moving", at=NOW))

    told = ask(counter)

    assert told["waits_for"] == ([f"{scope} is paused by a pause file: moving"] if waits else [])


@pytest.mark.parametrize(
    ("status", "waits"),
    [
        (RefundStatus.HELD, "a person: look"),
        (RefundStatus.PAID, "nothing: it is PAID"),
        (RefundStatus.CANCELED, "nothing: it is CANCELED"),
        (RefundStatus.PAYING, "the payment that is under way: nothing else pays it"),
    ],
)
def test_a_status_in_which_nothing_is_paid_is_said(counter: Counter, status: RefundStatus, waits: str) -> None:
    counter.store.commit(Change(refunds=(make_refund(status=status, hold_reason="look"),)))

    told = ask(counter)

    assert told["waits_for"][0] == waits
    assert not told["pays_now"]


def test_what_a_limit_refuses_is_said_with_the_limit(counter: Counter) -> None:
    counter.rules = Rules(caps=Caps(refund=usd("100.00")))

    assert any("limits.refund_max_usd" in words for words in ask(counter, usd="900.00", asset="XMR")["waits_for"])
    assert any("caps.refund_usd" in words for words in ask(counter, usd="200.00", asset="XMR")["waits_for"])


def test_less_than_the_smallest_unit_is_nothing(counter: Counter) -> None:
    counter.store.commit(Change(refunds=(make_swapped(owed=usd("1.00")),)))
    counter.price("9000000", USDT)

    told = ask(counter)

    assert told["amount"] == "0"
    assert any("smallest unit" in words for words in told["waits_for"])


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({}, "usd"),
        ({"usd": "25.00"}, "asset"),
        ({"asset": "XMR"}, "usd"),
        ({"usd": 25, "asset": "XMR"}, "usd"),
        ({"usd": "x", "asset": "XMR"}, "usd"),
        ({"usd": "1.00", "asset": "DOGE"}, "asset"),
        ({"usd": "1.00", "asset": "XMR", "network": "eth"}, "network"),
        ({"refund": "E-1", "usd": "1.00"}, "usd"),
        ({"refund": ""}, "refund"),
        ({"refund": "E-1", "destination": ADDRESS}, "destination"),
    ],
)
def test_a_question_that_is_wrong_is_told_so(counter: Counter, asked: dict[str, Any], field: str) -> None:
    said = counter("POST", "/quotes", asked)

    assert (said.status, said.code, said.json["field"]) == (422, "invalid", field)
    assert said.json["remedy"]


def test_a_refund_that_is_not_there_has_no_price(counter: Counter) -> None:
    assert counter("POST", "/quotes", {"refund": "E-9"}).code == "refund_not_found"
