"""Choosing a batch: who goes, who waits and why, and what we hand back to ourselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from payout.asset import XMR
from payout.batch import OLDEST_WAIT, PASSED_OVER_MAX, Batch, Item, choose, own_outputs
from payout.ports import Funds, Holding
from payout.wallet import WalletRules
from tests.factories import NOW, make_approved, usd, xmr

FEE = xmr("0.001").units
RULES = WalletRules(name="hot", asset=XMR, fee_max=usd("1.00"))


def funds(*unlocked: str, locked: tuple[str, ...] = (), blocks: int = 0) -> Funds:
    held = [(amount, True) for amount in unlocked] + [(amount, False) for amount in locked]
    holdings = tuple(
        Holding(key_image=str(number), units=xmr(amount).units, unlocked=is_unlocked)
        for number, (amount, is_unlocked) in enumerate(held)
    )
    return Funds(
        balance=sum(holding.units for holding in holdings),
        unlocked=sum(holding.units for holding in holdings if holding.unlocked),
        holdings=holdings,
        blocks_to_unlock=blocks,
    )


PLENTY = funds(*(["10"] * 16))


def item(number: int, amount: str = "0.1", **changes: object) -> Item:
    facts = {"destination": f"address-{number}", "approved_at": NOW, **changes}
    alone = bool(facts.pop("alone", False))
    return Item(refund=make_approved(f"E-{number}", **facts), amount=xmr(amount), alone=alone)


def batch(*items: Item, holds: Funds = PLENTY, expected: int = 0, later: timedelta = timedelta()) -> Batch:
    return choose(items, funds=holds, expected=expected, fee=FEE, rules=RULES, now=NOW + later)


def paid(chosen: Batch) -> list[str]:
    return [each.refund.external_id for each in chosen.items]


def words(chosen: Batch) -> dict[str, str | None]:
    names = {item(number).refund.id: f"E-{number}" for number in range(40)}
    return {names[note.refund_id]: note.waiting_for for note in chosen.notes}


def test_up_to_fifteen_go_in_the_order_of_their_approval() -> None:
    chosen = batch(*(item(number) for number in range(20)))

    assert paid(chosen) == [f"E-{number}" for number in range(15)]
    assert chosen.own == ()


def test_no_address_stands_twice_in_one_transfer() -> None:
    chosen = batch(item(1), item(2, destination="address-1"), item(3))

    assert paid(chosen) == ["E-1", "E-3"]


def test_an_integrated_address_goes_alone() -> None:
    assert paid(batch(item(1, alone=True), item(2))) == ["E-1"]
    assert paid(batch(item(1), item(2, alone=True), item(3))) == ["E-1", "E-3"]
    few = funds("10", "10")
    assert batch(item(1, alone=True), holds=few).own == ()


def test_with_plenty_of_outputs_a_single_refund_goes_at_once() -> None:
    assert paid(batch(item(1))) == ["E-1"]


def test_with_few_unlocked_outputs_it_waits_for_a_full_batch_or_five_minutes() -> None:
    scarce = funds(*(["10"] * 4), locked=("10",) * 12)

    waiting = batch(item(1), holds=scarce)

    assert waiting.items == ()
    assert words(waiting) == {"E-1": "a fuller batch (1 of 15), as few outputs are unlocked; at the latest 12:05 UTC"}
    assert len(batch(*(item(number) for number in range(15)), holds=scarce).items) == 15
    assert paid(batch(item(1), holds=scarce, later=OLDEST_WAIT)) == ["E-1"]


def test_a_shortfall_is_stated_to_the_unit_and_others_go_on() -> None:
    holds = funds("1", locked=("5",), blocks=4)

    chosen = batch(item(1, "2.5"), item(2, "0.4"), holds=holds, later=OLDEST_WAIT)

    assert paid(chosen) == ["E-2"]
    # 2.5 takes both outputs, so the fee stays within the hint's two inputs.
    assert words(chosen)["E-1"] == (
        "1.501 XMR more: it takes 2.5 and about 0.001 of fee, and 1 is unlocked; 5 unlocks within 4 blocks"
    )


def test_what_no_unlocking_covers_asks_for_a_deposit() -> None:
    said = words(batch(item(1, "2.5"), holds=funds("1")))["E-1"]

    assert said is not None
    assert said.endswith("deposit 1.501 XMR")


def test_one_passed_over_too_often_reserves_the_next_outputs() -> None:
    holds = funds("1")
    passed = item(1, "2.5", passed_over=PASSED_OVER_MAX)

    reserved = batch(passed, item(2, "0.4"), holds=holds, later=OLDEST_WAIT)
    counted = batch(item(1, "2.5", passed_over=7), item(2, "0.4"), holds=holds, later=OLDEST_WAIT)

    assert reserved.items == ()
    assert paid(counted) == ["E-2"]
    assert [note.passed_over for note in counted.notes] == [8]


def test_nobody_is_passed_over_when_nobody_goes() -> None:
    assert [note.passed_over for note in batch(item(1, "2.5"), holds=funds("1")).notes] == [0]


def test_below_the_target_a_batch_hands_outputs_back_and_stays_within_fifteen() -> None:
    few = funds("40", "40", "40")

    chosen = batch(*(item(number) for number in range(20)), holds=few)

    assert len(chosen.items) == 14
    assert len(chosen.own) == 1


def test_outputs_in_transfers_on_their_way_count_towards_the_target() -> None:
    few = funds("40", "40", "40")
    full = [item(number) for number in range(15)]

    assert batch(*full, holds=few, expected=13).own == ()
    assert len(batch(*full, holds=few, expected=13).items) == 15


def test_own_outputs_never_exceed_what_the_largest_output_has_left() -> None:
    few = funds("8", "3")

    own = own_outputs([item(1, "2")], few, 0, FEE, RULES)

    assert own
    assert sum(own) + xmr("2").units + FEE <= xmr("8").units


def test_outputs_too_small_to_pay_with_are_not_made() -> None:
    dust = Funds(balance=3 * FEE, unlocked=3 * FEE, holdings=(Holding(key_image="a", units=3 * FEE, unlocked=True),))

    assert own_outputs((), dust, 0, FEE, RULES) == ()


def test_when_the_wallet_refuses_a_batch_the_next_try_is_smaller() -> None:
    four = Batch(items=tuple(item(number) for number in range(4)), own=(1, 2))

    plain = replace(four, own=())
    assert four.smaller() == plain
    assert plain.smaller() == Batch(items=four.items[:2])
    assert Batch(items=four.items[:1]).smaller() is None
