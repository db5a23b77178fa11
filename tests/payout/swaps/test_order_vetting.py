"""Vetting an order before it is funded: whoever can only write to the database gains nothing by it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from payout.change import Change
from payout.errors import RateUnavailable
from payout.money import Money
from payout.order import OrderStatus, Stage
from payout.spend_journal import Entry
from payout.swaps.vetting import funding_problems
from payout.vetting import Checked, check_refunds
from tests.factories import make_transfer, usd, xmr
from tests.payout.swaps.brokering import BTC, Bazaar, make_order


class Case:
    """A refund with an order that may be funded, as the funder finds it."""

    def __init__(self, **facts: Any) -> None:
        self.bazaar = Bazaar()
        self.key = self.bazaar.approved(**facts)
        self.bazaar.broker().tick()
        self.order = self.bazaar.order(self.key)
        said = self.bazaar.readings.fresh(self.order, self.bazaar.clock.now(), self.bazaar.rules.reading_age)
        if said is None:
            raise ValueError("the broker left no reading")
        self.said = said
        self.refund = self.bazaar.refund(self.key)

    def problems(self, **order: Any) -> tuple[str, ...]:
        wallet, rules = self.bazaar.wallet(), self.bazaar.rules
        return funding_problems(wallet, rules, replace(self.order, **order), self.refund, self.said)


def test_an_order_as_the_broker_made_it_may_be_funded() -> None:
    assert Case().problems() == ()


def test_an_amount_capped_by_its_refund_is_no_shortfall() -> None:
    assert Case(amount_max=Money(20_000, BTC)).problems() == ()


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        ({"deposit_address": "a thief's address"}, "its deposit address was"),
        ({"deposit": xmr("0.5")}, "its deposit was"),
        ({"destination": "a thief"}, "its destination is not the refund's"),
        ({"memo": "7"}, "its memo is not the refund's"),
        ({"revision": 2}, "its revision is not the refund's"),
        ({"receive": Money(90_000, BTC)}, "it pays 0.0005 BTC instead of"),
        ({"processor_id": "alpha-7"}, "its id was 'alpha-7'"),
        ({"return_address": "a thief's address"}, "is none of our wallet"),
        ({"wallet": "cold"}, "it returns to wallet cold"),
        ({"processor": "gamma"}, "gamma is not configured"),
    ],
    ids=lambda each: next(iter(each)) if isinstance(each, dict) else "",
)
def test_a_row_that_somebody_edited_is_not_funded(edit: dict[str, Any], words: str) -> None:
    found = Case().problems(**edit)
    assert any(words in each for each in found), found


def test_a_smaller_order_that_somebody_made_in_the_row_and_at_the_processor_shorts_the_customer() -> None:
    case = Case()
    small = Money(10_000, BTC)
    case.said = replace(case.said, receive=small, deposit=xmr("0.04"))
    found = case.problems(receive=small, deposit=xmr("0.04"), offered=xmr("0.04"))
    assert found == ("it gives 0.0001 BTC, and 32.00 USD are 0.0005 by now",)


def test_a_dearer_order_that_somebody_made_is_held_to_what_is_owed_and_signed() -> None:
    case = Case()
    case.said = replace(case.said, deposit=xmr("0.4"), receive=Money(100_000, BTC))
    found = case.problems(receive=Money(100_000, BTC), deposit=xmr("0.4"), offered=xmr("0.4"), rate=Decimal(128000))
    assert any("by our own rates no more than 0.21" in each for each in found)


def test_a_rate_that_moved_beyond_the_spread_leaves_the_order_unfunded() -> None:
    case = Case()
    case.bazaar.pricing.prices["XMR"] = Decimal(190)
    assert any("by our own rates" in each for each in case.problems())
    case = Case()
    case.bazaar.pricing.prices["BTC"] = Decimal(60000)
    assert any("are 0.00053333 by now" in each for each in case.problems())


def test_an_order_that_no_longer_waits_or_is_about_to_run_out_is_not_funded() -> None:
    case = Case()
    case.said = replace(case.said, stage=Stage.DEPOSIT_SEEN)
    assert any("does not wait for a deposit" in each for each in case.problems())
    case = Case()
    case.bazaar.clock.time += timedelta(minutes=17)
    assert any("too soon to be paid in time" in each for each in case.problems())


def test_a_cap_that_was_lowered_meanwhile_stops_the_funding() -> None:
    case = Case()
    low = {name: replace(each, order_max=usd("20.00")) for name, each in case.bazaar.rules.processors.items()}
    case.bazaar.rules = replace(case.bazaar.rules, processors=low)
    assert any("order_max_usd = 20.00" in each for each in case.problems())


def test_without_a_rate_nothing_is_concluded() -> None:
    case = Case()
    case.bazaar.pricing.refusal = RateUnavailable("no fresh source")
    with pytest.raises(RateUnavailable):
        case.problems()


def test_refunds_in_other_coins_are_vetted_by_the_same_rules_as_direct_ones() -> None:
    bazaar = Bazaar()
    good, changed, held = (bazaar.approved(f"E-{n}") for n in range(3))
    bazaar.edit(changed, owed=usd("99.00"))
    wallet = bazaar.wallet()
    refunds = [bazaar.refund(key) for key in (good, changed, held)]
    checked = check_refunds(wallet, refunds, bazaar.rules.coins)
    assert [refund.id for refund in checked.refunds] == [good, held]
    (fault,) = checked.faults
    assert fault.refund.id == changed
    assert "is not what was handed in" in fault.words
    assert [event.kind for event in fault.events(wallet)] == ["approval.invalid", "refund.held"]


def test_a_refund_in_an_asset_that_is_not_configured_is_a_fault() -> None:
    bazaar = Bazaar()
    key = bazaar.approved()
    checked = check_refunds(bazaar.wallet(), [bazaar.refund(key)], {})
    assert checked.refunds == ()
    assert len(checked.faults) == 1


def test_a_refund_whose_return_the_journal_has_yet_to_learn_of_waits_without_a_word() -> None:
    bazaar = Bazaar()
    key = bazaar.approved()
    transfer = make_transfer()
    facts = {"refund_id": key, "owed_cents": 3200, "asset": "BTC", "network": "BTC", "destination": "customer E-1"}
    body: dict[str, object] = {"wallet": "hot", "attempts": [facts]}
    bazaar.journal.append(Entry.COMMIT, transfer.id, bazaar.clock.now(), body)
    funded = make_order(refund_id=key, status=OrderStatus.FUNDED, transfer_id=transfer.id)
    bazaar.store.commit(Change(transfers=(transfer,), orders=(funded,)))

    def checked() -> Checked:
        return check_refunds(bazaar.wallet(), [bazaar.refund(key)], bazaar.rules.coins)

    (fault,) = checked().faults
    assert f"transfer {transfer.id} already pays it" in fault.words
    bazaar.store.commit(Change(orders=(funded.to(OrderStatus.RETURNED),)))
    assert checked() == Checked(refunds=(), notes=(), faults=(), approved={})
    line: dict[str, object] = {"refund_id": key, "transfer_id": transfer.id}
    bazaar.journal.append(Entry.RETURN, funded.id, bazaar.clock.now(), line)
    assert [refund.id for refund in checked().refunds] == [key]


@pytest.mark.parametrize(("needed", "paid"), [(1, True), (2, False)])
def test_signatures_from_before_people_said_that_the_swap_failed_pay_nothing(needed: int, *, paid: bool) -> None:
    bazaar = Bazaar()
    key = bazaar.approved()
    transfer = make_transfer()
    facts = {"refund_id": key, "owed_cents": 3200, "asset": "BTC", "network": "BTC", "destination": "customer E-1"}
    body: dict[str, object] = {"wallet": "hot", "attempts": [facts]}
    bazaar.journal.append(Entry.COMMIT, transfer.id, bazaar.clock.now(), body)
    line: dict[str, object] = {"refund_id": key, "transfer_id": transfer.id, "revision": needed}
    bazaar.journal.append(Entry.RETURN, f"{key}-1", bazaar.clock.now(), line)
    checked = check_refunds(bazaar.wallet(), [bazaar.refund(key)], bazaar.rules.coins)
    assert [refund.id for refund in checked.refunds] == ([key] if paid else [])
    assert [f"asks for {needed}" in fault.words for fault in checked.faults] == ([] if paid else [True])
