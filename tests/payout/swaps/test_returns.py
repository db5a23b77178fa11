"""Returns in the spend journal: what frees a refund to be paid anew, and never the database's word alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from payout.change import Change
from payout.errors import WalletUnsafe
from payout.order import OrderStatus, Stage
from payout.spend_journal import Entry
from payout.swaps.returns import journal_returns
from tests.factories import xmr
from tests.payout.swaps.following import Following


def returned() -> Following:
    world = Following()
    world.comes_back("0.95")
    world.tell(Stage.RETURNED)
    return world


def test_the_journal_frees_the_refund_of_a_return_that_our_wallet_shows() -> None:
    world = returned()
    assert world.wallet.journal.view().live_transfers(world.order.refund_id)
    journal_returns(world.wallet)
    journal_returns(world.wallet)
    view = world.wallet.journal.view()
    assert view.has(Entry.RETURN, world.order.id)
    assert not view.live_transfers(world.order.refund_id)
    assert len(world.journal_lines) == 2


@pytest.mark.parametrize("sent", [False, True])
def test_the_journal_never_believes_a_return_that_the_follower_did_not_see(*, sent: bool) -> None:
    """Not even where as much came to its address: anybody may have sent that."""
    world = Following()
    if sent:
        world.comes_back("0.95")
    forged = world.row().to(OrderStatus.RETURNED, returned_units=76_300_000_000, ended_at=world.clock.time)
    world.store.commit(Change(orders=(forged,), refunds=(world.refund().fail_attempt(),)))
    with pytest.raises(WalletUnsafe, match="the audit trail does not"):
        journal_returns(world.wallet)
    assert world.wallet.journal.view().live_transfers(world.order.refund_id)


def test_a_return_that_is_no_longer_in_our_wallet_frees_nothing() -> None:
    world = returned()
    world.monero.pop(12, drop=True)
    world.monero.flush()
    journal_returns(world.wallet)
    assert world.wallet.journal.view().live_transfers(world.order.refund_id)


def test_a_row_that_was_given_another_orders_return_stops_the_wallet() -> None:
    world = returned()
    other = world.funded("E-2")
    journal_returns(world.wallet)
    tables = world.store._t
    real = world.row()
    tables.orders[real.id] = replace(real, return_address="nobody's", return_index=99)
    tables.orders[other.id] = replace(
        world.row(other),
        status=OrderStatus.RETURNED,
        return_address=real.return_address,
        return_index=real.return_index,
    )
    with pytest.raises(WalletUnsafe, match="somebody changed the row"):
        journal_returns(world.wallet)
    assert world.wallet.journal.view().live_transfers(other.refund_id)


def test_a_row_whose_deposit_was_made_small_stops_the_wallet() -> None:
    world = Following()
    world.comes_back("0.005")
    tables = world.store._t
    tables.orders[world.order.id] = replace(world.row(), status=OrderStatus.RETURNED, deposit=xmr("0.0001"))
    with pytest.raises(WalletUnsafe, match="somebody changed the row"):
        journal_returns(world.wallet)


@pytest.mark.parametrize("revisions", [0, 1])
def test_a_forged_attestation_frees_nothing_whatever_the_revision_and_stops_the_wallet(revisions: int) -> None:
    world = Following()
    forged = world.row().to(OrderStatus.RETURNED, attested_by="ann, bob", ended_at=world.clock.time)
    freed = world.refund().fail_attempt()
    world.store.commit(Change(orders=(forged,), refunds=(replace(freed, revision=freed.revision + revisions),)))
    with pytest.raises(WalletUnsafe, match="the audit trail does not"):
        journal_returns(world.wallet)
    assert world.wallet.journal.view().live_transfers(world.order.refund_id)


def test_a_returned_order_is_watched_for_a_day_and_until_it_is_journaled() -> None:
    world = returned()
    world.later(hours=24)
    world.look()
    assert not world.row().watched
    journal_returns(world.wallet)
    world.look()
    assert world.row().watched
