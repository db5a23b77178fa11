"""Ways found in review to make a transfer look impossible by editing rows, so that its refunds are paid twice."""

from __future__ import annotations

from dataclasses import replace

import pytest

from payout.errors import WalletUnsafe
from payout.refund import RefundStatus
from payout.repair import Reconciler
from payout.spend_journal import Entry
from payout.transfer import TransferStatus
from tests.payout.hands import sent, status, tables, transfers
from tests.payout.swaps.depositing import Till
from tests.scenarios.world import World


@pytest.mark.parametrize("edited", [0, 1])
def test_a_row_that_was_given_the_inputs_of_a_final_transfer_is_not_taken_for_its_rival(edited: int) -> None:
    till = Till()
    till.ordered("E-1")
    till.worker().pay()
    till.mine(9)
    key = till.ordered("E-2")
    worker = till.worker()
    worker.pay()
    both = till.fundings()
    mine, other = both[edited], both[1 - edited]
    till.store._t.transfers[mine.id] = replace(mine, key_images=(*mine.key_images, *other.key_images))
    till.mine(1)
    worker.track()
    assert "void" not in [entry for entry, _ in till.entries()]
    assert till.standing(key) == ("PAYING", "FUNDED")
    assert "somebody changed the row" in till.store.pauses()[0].why


def test_a_row_that_was_called_void_with_inputs_that_others_spent_frees_nothing() -> None:
    world = World()
    _, hands = sent(world)
    world.mine(12)
    hands.track()
    (first,) = transfers(world)
    third = world.approved("E3")
    hands.pay()
    last = transfers(world)[-1]
    rows = tables(world).transfers
    rows[last.id] = replace(last, status=TransferStatus.VOID, key_images=first.key_images)
    world.chain.pool.clear()
    with pytest.raises(WalletUnsafe):
        hands.track()
    assert not hands.wallet.journal.view().has(Entry.VOID, last.id)
    assert status(world, third) == "PAYING"


def test_repair_answers_no_line_of_a_transfer_that_is_out_though_its_row_says_that_it_never_began() -> None:
    world = World()
    key, hands = sent(world)
    world.mine(12)
    hands.track()
    (first,) = transfers(world)
    rows = tables(world)
    rows.transfers[first.id] = replace(first, status=TransferStatus.VOID, begun_at=None)
    rows.refunds[key] = replace(rows.refunds[key], status=RefundStatus.HELD, hold_reason="run a repair")
    hands.wallet.store.release_lease(hands.lease())
    Reconciler(wallet=hands.wallet).repair("alice")
    assert not hands.wallet.journal.view().has(Entry.VOID, first.id)
