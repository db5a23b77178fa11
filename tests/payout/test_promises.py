"""
The promises that never bend, one test each: short, so that a planted mistake is told by the name of what it broke.

The reader of the world looks at every commit and at every first broadcast. Many of these tests assert little, because
the reader has judged the rest.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from adapters.memory.coin import Effect
from payout.change import Change, Pause
from payout.errors import RailUnavailable
from payout.limits import DAY_SCOPE, CapUse, utc_day
from payout.spend_journal import Entry
from payout.transfer import TransferKind, TransferStatus
from tests.payout.hands import Deeds, Once, Watch, alarms, failing, payload, payout, status, tables, transfers, waiting
from tests.scenarios.boundary import Crash
from tests.scenarios.world import COIN, LEASE, START, WALLET, World

if TYPE_CHECKING:
    from collections.abc import Callable

    from payout.worker import WalletWorker


class Paying:
    """A world in which one refund is on its way, and the process that sent it."""

    def __init__(self, *, lost: bool = False) -> None:
        self.world = World()
        self.key = self.world.approved("E1")
        self.network = Deeds(**({"relay": Effect.LOST, "resubmit": Effect.LOST} if lost else {}))
        self.worker = self.world.worker("a", faults=self.network)
        self.worker.pay()

    def mine_and_track(self, count: int) -> None:
        self.world.mine(count)
        self.worker.track()

    def give_up(self) -> None:
        self.world.desk().give_up(payout(self.world).id, "alice", "it never arrived")
        self.network.effects.clear()
        self.worker.track()

    @property
    def status(self) -> str:
        return status(self.world, self.key)


def signing(world: World, deed: Callable[[], object]) -> WalletWorker:
    """A process during whose first prepare something happens."""
    return world.worker("a", Watch(after={"coin.prepare": Once(deed)}))


def die() -> None:
    """A deed for Watch: the process is gone."""
    raise Crash


def taken_over(world: World) -> None:
    """The lease runs out, and another process takes the wallet."""
    world.clock.pass_by(31)
    assert world.database.store.claim_lease(WALLET, "b", LEASE)


def stopped_because(world: World) -> str:
    """Why the wallet is paused."""
    return " ".join(pause.why for pause in world.database.store.pauses() if pause.scope == WALLET)


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
    assert [alarm.kind for alarm in alarms(paying.world)] == ["transfer.seen"]


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


# ---------------------------------------------------------------- giving up


def test_a_give_up_spends_the_first_input_of_what_it_gives_up_and_nothing_else() -> None:
    paying = Paying(lost=True)
    given_up = payout(paying.world)
    paying.give_up()
    (sweep,) = transfers(paying.world, TransferKind.GIVE_UP)
    assert len(given_up.key_images) == 2
    assert sweep.key_images == given_up.key_images[:1]


def test_a_refund_is_free_when_the_give_up_is_final_and_not_before() -> None:
    paying = Paying(lost=True)
    paying.give_up()
    assert paying.status == "PAYING"
    paying.mine_and_track(9)
    assert paying.status == "PAYING"
    paying.mine_and_track(1)
    assert paying.status == "APPROVED"
    assert paying.world.wallet().journal.view().has(Entry.VOID, payout(paying.world).id)


def test_what_was_given_up_and_lands_after_all_stops_the_wallet() -> None:
    paying = Paying(lost=True)
    world = paying.world
    paying.give_up()
    paying.mine_and_track(10)
    world.chain.pop(11, drop=True)
    world.purse.resubmit(payload(payout(world)))
    paying.mine_and_track(12)
    assert "was given up, and is now mined" in stopped_because(world)


def test_an_input_that_a_stranger_spent_stops_the_wallet_until_it_is_explained_and_deep() -> None:
    paying = Paying(lost=True)
    world = paying.world
    paying.network.effects.clear()
    world.chain.on_first_broadcast = None
    theft = world.purse.foreign_spend("the thief", COIN // 10)
    world.reader.foreign.add(theft)
    world.chain.mine()  # In no time: the lease still runs, and no guard looks before the tracker does.
    world.reader.see_chain()
    paying.worker.track()
    assert "spent by a transaction that is not ours" in stopped_because(world)
    world.desk().classify(WALLET, theft, "alice", "my cousin")
    world.desk().resume(WALLET, "alice")
    paying.worker.track()
    assert paying.status == "PAYING"
    paying.mine_and_track(9)
    assert paying.status == "APPROVED"


# ---------------------------------------------------------------- doubt stops


def test_a_refund_that_the_journal_says_is_being_paid_is_held() -> None:
    world = World()
    worker = world.worker("a")
    worker.track()
    key = world.approved("E1")
    before = world.database.backup()
    worker.pay()
    world.database.restore(before)
    world.reader.repaired = True
    worker.pay()
    assert status(world, key) == "HELD"
    assert len(world.chain.first_broadcasts) == 1


def test_a_database_that_lacks_the_journals_last_transfer_takes_no_commit() -> None:
    world = World()
    worker = world.worker("a")
    worker.track()
    before = world.database.backup()
    world.approved("E1")
    worker.pay()
    world.database.restore(before)
    world.reader.repaired = True
    key = world.approved("E2")
    worker.pay()
    assert (status(world, key), transfers(world)) == ("APPROVED", ())
    assert world.database.rows().paused == {WALLET}


def test_a_spend_that_nobody_knows_stops_the_wallet_after_each_pause_too() -> None:
    world = World()
    worker = world.worker("a")
    worker.track()
    world.desk().pause(WALLET, "alice", "an audit")
    worker.pay()
    world.chain.on_first_broadcast = None
    world.purse.foreign_spend("the thief", COIN // 10)
    world.chain.mine()
    key = world.approved("E1")
    world.desk().resume(WALLET, "alice")
    worker.pay()
    assert (status(world, key), world.database.rows().paused) == ("APPROVED", {WALLET})


@pytest.mark.parametrize("other", [{"address": "another wallet"}, {"networks": frozenset({"stagenet"})}])
def test_another_wallet_or_network_than_the_configured_one_is_not_paid_from(other: dict[str, object]) -> None:
    world = World(**other)
    key = world.approved("E1")
    world.worker("a").pay()
    assert (status(world, key), world.database.rows().paused) == ("APPROVED", {WALLET})


def test_another_wallet_than_the_one_adopted_is_not_paid_from() -> None:
    world = World()
    world.worker("a").track()
    world.purse.address = "another wallet"
    key = world.approved("E1")
    world.worker("a").pay()
    assert (status(world, key), world.database.rows().paused) == ("APPROVED", {WALLET})


def test_a_signature_for_another_destination_pays_nobody() -> None:
    world = World()
    key = world.approved("E1")
    rows = tables(world)
    rows.refunds[key] = replace(rows.refunds[key], destination="the thief")
    world.worker("a").pay()
    assert (status(world, key), transfers(world)) == ("HELD", ())
