"""Vetting: how much a refund is, and what keeps it from being paid, asked of the row as it stands."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from adapters.memory.journal import MemoryJournal
from payout.caps import DAY_SCOPE, utc_day
from payout.spend_journal import Entry
from payout.vetting import vet
from tests.factories import usd, xmr
from tests.payout.hands import Hands, alarms, payout, refund, status, tables
from tests.scenarios.world import World

if TYPE_CHECKING:
    from payout.vetting import Vetted


def vetted(world: World, hands: Hands | None = None) -> Vetted:
    wallet = (hands or Hands(world)).wallet
    refunds = wallet.store.payable(world.rules.asset.key, 100)
    return vet(wallet, refunds, world.pricing.quote("XMR", world.clock.now()))


def fault_of(world: World, hands: Hands | None = None) -> str:
    (fault,) = vetted(world, hands).faults
    return fault.words


# ---------------------------------------------------------------- how much


@pytest.mark.parametrize(
    ("owed", "price", "units"),
    [
        ("25.00", "163.47", 152_933_259_925),  # 152933259925.37
        ("40.00", "163.47", 244_693_215_880),  # 244693215880.59: nearest would be one more
        ("1.00", "3", 333_333_333_333),
        ("30.00", "150.00", 200_000_000_000),
    ],
)
def test_an_amount_is_rounded_down_to_the_unit(owed: str, price: str, units: int) -> None:
    world = World()
    world.pricing.price = Decimal(price)
    world.approved("E1", owed)
    (item,) = vetted(world).items
    assert item.amount.units == units


@pytest.mark.parametrize(("amount_max", "amount"), [("0.1", "0.1"), ("0.2", "0.152933259925")])
def test_an_amount_is_never_above_what_the_refund_allows(amount_max: str, amount: str) -> None:
    world = World()
    world.approved("E1", amount_max=amount_max)
    (item,) = vetted(world).items
    assert item.amount == xmr(amount)


def test_an_amount_of_no_unit_at_all_needs_a_person() -> None:
    world = World()
    world.approved("E1")
    world.pricing.price = Decimal(10) ** 15
    assert "less than the smallest unit of XMR" in fault_of(world)


# ---------------------------------------------------------------- signatures


@pytest.mark.parametrize(
    "edit",
    [
        {"destination": "a thief's address"},
        {"owed": usd("99.00")},
        {"owed": usd("-5.00")},
        {"amount_max": xmr("9")},
        {"memo": "another"},
        {"revision": 2},
        {"requested_by": "alice"},
    ],
    ids=lambda edit: next(iter(edit)),
)
def test_no_fact_that_was_signed_can_change_unseen(edit: dict[str, Any]) -> None:
    world = World()
    key = world.approved("E1", amount_max="0.5")
    tables(world).refunds[key] = replace(refund(world, key), **edit)
    assert "is not what was handed in" in fault_of(world)


def test_a_row_that_counts_with_other_decimals_than_the_asset_has_is_never_priced() -> None:
    world = World()
    key = world.approved("E1")
    row = refund(world, key)
    tables(world).refunds[key] = replace(row, asset=replace(row.asset, decimals=13))
    assert "13 decimals: find out who changed it" in fault_of(world)


def test_a_status_of_approved_without_a_signature_is_not_enough() -> None:
    world = World()
    key = world.request("E1")
    now = world.clock.now()
    tables(world).refunds[key] = refund(world, key).approve(now, now.replace(year=2030))
    assert "0 of 1 valid approvals" in fault_of(world)


def test_an_approval_whose_end_was_edited_away_counts_by_its_signature() -> None:
    world = World()
    key = world.approved("E1")
    tables(world).refunds[key] = replace(refund(world, key), approved_until=world.clock.now().replace(year=2030))
    world.clock.pass_by(7 * 86_400)
    assert "expired at" in fault_of(world)


def test_an_expired_refund_is_left_to_the_desk_without_a_word() -> None:
    world = World()
    world.approved("E1")
    world.clock.pass_by(7 * 86_400)
    found = vetted(world)
    assert (found.items, found.notes, found.faults) == ((), (), ())


# ---------------------------------------------------------------- limits


def test_a_limit_that_was_lowered_since_the_approval_holds_the_refund() -> None:
    world = World()
    world.approved("E1")
    hands = Hands(world)
    hands.wallet = replace(hands.wallet, limits=replace(world.limits, refund_max=usd("20.00")))
    assert "limits.refund_max_usd = 20.00" in fault_of(world, hands)


def test_the_day_is_shared_in_the_order_of_approval_and_a_smaller_refund_takes_what_is_left() -> None:
    world = World(day_max="40.00")
    for number, owed in enumerate(("25.00", "20.00", "15.00", "1.00")):
        world.approved(f"E{number}", owed)
        world.clock.pass_by(1)
    found = vetted(world)
    assert [item.refund.external_id for item in found.items] == ["E0", "E2"]
    assert len(found.notes) == 2
    assert all("limits.day_max_usd" in (note.waiting_for or "") for note in found.notes)


def test_what_the_database_counted_today_is_not_paid_again_from_the_day() -> None:
    world = World(day_max="40.00")
    hands = Hands(world)
    tables(world).counters[DAY_SCOPE, utc_day(world.clock.now())] = 1_501
    world.approved("E1", "25.00")
    assert vetted(world, hands).items == ()


def test_what_the_journal_has_of_today_counts_though_the_database_forgot_it() -> None:
    world = World(day_max="40.00")
    world.approved("E1")
    hands = Hands(world)
    hands.pay()
    tables(world).counters.clear()
    world.approved("E2")
    found = vetted(world, hands)
    assert found.items == ()
    assert "15.00 USD of 40.00 is left today" in (found.notes[0].waiting_for or "")


# ---------------------------------------------------------------- the journal


def test_a_refund_with_a_live_line_in_the_journal_is_never_payable() -> None:
    world = World()
    key = world.approved("E1")
    before = world.database.backup()
    hands = Hands(world)
    hands.pay()
    paid = payout(world).id
    world.database.restore(before)
    assert status(world, key) == "APPROVED"
    assert f"transfer {paid} already pays it" in fault_of(world, hands)
    assert "`payout reconcile --repair`" in fault_of(world, hands)


def test_a_refund_is_payable_again_once_its_line_is_void() -> None:
    world = World()
    world.approved("E1")
    before = world.database.backup()
    hands = Hands(world)
    hands.pay()
    hands.wallet.journal.append(Entry.VOID, payout(world).id, world.clock.now(), {})
    world.database.restore(before)
    assert len(vetted(world, hands).items) == 1


def neighbour(world: World) -> Hands:
    """Another wallet of the same installation, with a journal of its own; it reads ours."""
    hands = Hands(world)
    own = replace(hands.wallet, journal=MemoryJournal([]), neighbours=(hands.wallet.journal,))
    hands.wallet = own
    return hands


def test_what_another_wallet_has_journaled_is_neither_paid_again_nor_left_out_of_the_day() -> None:
    world = World(day_max="40.00")
    world.approved("E1")
    before = world.database.backup()
    Hands(world).pay()
    world.database.restore(before)
    world.reader.repaired = True
    world.approved("E2")
    found = vetted(world, neighbour(world))
    assert [fault.refund.external_id for fault in found.faults] == ["E1"]
    assert "15.00 USD of 40.00 is left today" in (found.notes[0].waiting_for or "")


def test_vetting_writes_nothing() -> None:
    world = World()
    world.approved("E1")
    hands = Hands(world)
    before = world.database.rows(), len(world.lines), alarms(world)
    vetted(world, hands)
    assert (world.database.rows(), len(world.lines), alarms(world)) == before
