"""
The promises that never bend, one test each: short, so that a planted mistake is told by the name of what it broke.

The reader of the world looks at every commit and at every first broadcast. Many of these tests assert little, because
the reader has judged the rest.
"""

from __future__ import annotations

import pytest

from payout.caps import DAY_SCOPE, CapUse, utc_day
from payout.change import Change, Pause
from payout.errors import RailUnavailable
from payout.transfer import TransferStatus
from tests.payout.hands import Once, Watch, alarms, failing, payout, status, tables, transfers, waiting
from tests.payout.paying import Paying, die, signing, taken_over
from tests.scenarios.boundary import Crash
from tests.scenarios.world import COIN, START, WALLET, World

# ---------------------------------------------------------------- committed, journaled, begun, and only then sent


def test_what_leaves_was_committed_journaled_and_begun_before() -> None:
    paying = Paying()
    sent = payout(paying.world)
    assert list(paying.world.chain.first_broadcasts) == [sent.id]
    assert paying.world.wallet().journal.view().commits() == (sent.id,)


def test_a_worker_whose_wallet_was_taken_over_while_it_signed_commits_nothing() -> None:
    world = World()
    key = world.approved("E1")
    signing(world, lambda: taken_over(world)).pay()
    assert (status(world, key), transfers(world)) == ("APPROVED", ())


def test_a_worker_whose_wallet_was_taken_over_after_its_commit_sends_nothing() -> None:
    world = World()
    world.approved("E1")
    world.worker("a").track()
    world.worker("a", Watch(after={"journal.append": Once(lambda: taken_over(world))})).pay()
    assert not payout(world).begun
    assert not world.chain.first_broadcasts


def test_a_worker_whose_wallet_was_taken_over_while_it_looked_settles_nothing() -> None:
    paying = Paying()
    paying.world.mine(10)
    paying.world.worker("c", Watch(after={"coin.look": Once(lambda: taken_over(paying.world))})).track()
    assert paying.status == "PAYING"


@pytest.mark.parametrize("scope", ["all", WALLET])
def test_a_pause_that_comes_while_the_wallet_signs_stops_the_commit(scope: str) -> None:
    world = World()
    key = world.approved("E1")
    signing(world, lambda: world.desk().pause(scope, "bob", "stop")).pay()
    assert (status(world, key), transfers(world)) == ("APPROVED", ())
    assert not world.chain.first_broadcasts


def test_a_pause_file_that_comes_while_the_wallet_signs_stops_the_commit() -> None:
    world = World()
    key = world.approved("E1")
    pauses = (Pause(scope="all", who="a file", why="stop", at=START),)
    signing(world, lambda: setattr(world.halts, "there", pauses)).pay()
    assert (status(world, key), transfers(world)) == ("APPROVED", ())


def test_what_others_spend_of_the_days_cap_while_the_wallet_signs_stops_the_commit() -> None:
    world = World()
    key = world.approved("E1")
    use = CapUse(scope=DAY_SCOPE, day=utc_day(START), units=499_000, cap=500_000)
    signing(world, lambda: world.database.store.commit(Change(caps=(use,)))).pay()
    assert (status(world, key), transfers(world)) == ("APPROVED", ())
    assert "cap" in waiting(world, key)


def test_the_journal_remembers_what_the_day_had_when_the_database_forgets() -> None:
    world = World(day_max="40.00")
    worker = world.worker("a")
    world.approved("E1")
    worker.pay()
    tables(world).counters.clear()
    key = world.approved("E2")
    worker.pay()
    assert status(world, key) == "APPROVED"
    assert "tomorrow" in waiting(world, key)


def test_a_refund_gets_no_more_coins_than_it_may() -> None:
    world = World()
    world.approved("E1", amount_max="0.1")
    world.worker("a").pay()
    assert [output.units for output in payout(world).outputs if not output.own] == [COIN // 10]


def test_what_was_given_up_before_its_broadcast_never_leaves() -> None:
    world = World()
    world.worker("a").track()
    key = world.approved("E1")
    with pytest.raises(Crash):
        world.worker("a", Watch(before={"journal.append": die})).pay()
    world.desk().give_up(payout(world).id, "alice", "its worker died")
    world.clock.pass_by(31)
    world.worker("b").pay()
    assert not world.chain.first_broadcasts
    world.worker("b").track()
    assert status(world, key) == "APPROVED"


# ---------------------------------------------------------------- open until evidence closes it


def test_a_node_that_does_not_answer_closes_nothing() -> None:
    paying = Paying()
    deaf = Watch(before={"coin.look": failing(RailUnavailable("timed out"))})
    for _ in range(3):
        paying.world.worker("a", deaf).track()
    assert (paying.status, payout(paying.world).status) == ("PAYING", TransferStatus.OPEN)


def test_a_broadcast_that_nobody_confirms_closes_nothing() -> None:
    world = World()
    key = world.approved("E1")
    world.worker("a", Watch(after={"coin.relay": Once(world.chain.stop)})).pay()
    assert (status(world, key), payout(world).status) == ("PAYING", TransferStatus.OPEN)


def test_what_nobody_finds_stays_open_and_is_sent_again() -> None:
    paying = Paying(lost=True)
    paying.worker.track()
    assert (paying.status, payout(paying.world).status) == ("PAYING", TransferStatus.OPEN)
    paying.network.effects.clear()
    paying.worker.track()
    assert list(paying.world.chain.pool) == [payout(paying.world).id]


def test_it_is_paid_at_the_tenth_confirmation_and_not_before() -> None:
    paying = Paying()
    paying.mine_and_track(9)
    assert paying.status == "PAYING"
    paying.mine_and_track(1)
    assert paying.status == "PAID"


def test_what_was_paid_and_is_undone_is_being_paid_again() -> None:
    paying = Paying()
    paying.mine_and_track(10)
    paying.world.reorganise(11, drop=True)
    paying.worker.track()
    assert paying.status == "PAYING"
    assert {alarm.kind for alarm in alarms(paying.world)} == {"transfer.reopened", "refund.reopened"}


def test_what_was_paid_and_is_in_another_block_by_now_is_opened_again() -> None:
    paying = Paying()
    paying.mine_and_track(10)
    paying.world.reorganise(11)
    paying.worker.track()
    assert paying.status == "PAYING"


def test_what_moves_to_another_block_before_it_is_final_is_told() -> None:
    paying = Paying()
    paying.mine_and_track(2)
    paying.world.reorganise(2)
    paying.worker.track()
    assert [alarm.kind for alarm in alarms(paying.world)] == ["transfer.moved"]


def test_a_mined_transfer_that_an_old_database_thinks_unsent_is_not_relayed() -> None:
    world = World()
    world.worker("a").track()
    key = world.approved("E1")
    with pytest.raises(Crash):
        world.worker("a", Watch(after={"journal.append": die})).pay()
    unsent = world.database.backup()
    world.clock.pass_by(31)
    world.worker("b").pay()
    world.mine()
    world.database.restore(unsent)
    world.clock.pass_by(31)
    watch = Watch()
    world.worker("c", watch).track()
    assert "coin.relay" not in watch.calls
    assert (status(world, key), payout(world).begun) == ("PAYING", True)


def test_a_mined_transfer_that_the_wallet_does_not_list_is_not_relayed() -> None:
    paying = Paying()
    paying.world.mine(40)
    paying.world.approved("E2")
    watch = Watch()
    paying.world.worker("c", watch).pay()
    assert watch.calls.count("coin.relay") == 0
    assert watch.calls.count("coin.mend") == 1
