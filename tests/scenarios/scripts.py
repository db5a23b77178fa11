"""
Scripts: short plays of one installation's life, each with its own trouble. Any process may die in the middle.

A script says what happens and never what must come of it: that is the reader's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.memory.coin import Effect
from payout.errors import FundsShort, JournalBroken, RailUnavailable, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.scenarios.stage import Stage


def batch(stage: Stage) -> None:
    """Some refunds: two to one address, one that goes alone, one with a ceiling, one that the wallet refuses."""
    world = stage.world
    world.purse.integrated_addresses.add("integrated")
    world.purse.refused_addresses.add("refused")
    world.approved("E1", "25.00")
    world.approved("E2", "10.00", "shared")
    world.approved("E3", "10.00", "shared")
    world.approved("E4", "7.77", "integrated")
    world.approved("E5", "40.00", amount_max="0.1")
    world.approved("E6", "5.00", "refused")
    stage.tick("a.pay", "a.track")
    stage.finish()


def two_workers(stage: Stage) -> None:
    """Two processes take turns, each after the other's lease has run out."""
    for number in range(3):
        stage.world.approved(f"E{number}")
        stage.tick("a.pay", "b.pay", "b.track")
        stage.world.clock.pass_by(31)
        stage.tick("b.pay", "a.pay", "a.track")
        stage.world.mine()
    stage.finish(owners=("a", "b"))


def split(stage: Stage) -> None:
    """One large output, and nothing to pay at first."""
    stage.tick("a.pay")
    stage.world.approved("E1")
    stage.tick("a.pay", "a.track")
    stage.world.mine(2)
    stage.finish()


def give_up_unjournaled(stage: Stage) -> None:
    """The disk is full when the journal's line is due; a person gives the transfer up."""
    stage.tick("a.track")
    stage.world.approved("E1")
    stage.broken["journal.append"] = JournalBroken("disk full")
    stage.tick("a.pay")
    stage.give_up_all()
    stage.broken.clear()
    stage.tick("a.track")
    stage.finish()


def give_up_journaled(stage: Stage) -> None:
    """Journaled, and the database goes away before the broadcast may begin; then it is given up."""
    stage.world.approved("E1")
    stage.broken["sealer.unseal"] = StoreUnavailable("gone")
    stage.tick("a.pay")
    stage.give_up_all()
    stage.broken.clear()
    stage.tick("a.track")
    stage.finish()


def give_up_lost(stage: Stage) -> None:
    """The broadcast never arrives, and it is given up, at the second try; one more refund is paid meanwhile."""
    stage.world.approved("E1")
    stage.effects["coin.relay"] = Effect.LOST
    stage.tick("a.pay")
    stage.give_up_all()
    stage.broken["coin.prepare_give_up"] = FundsShort("the output does not cover the fee")
    stage.tick("a.track")
    stage.broken.clear()
    stage.effects.clear()
    stage.tick("a.track")
    stage.world.approved("E2")
    stage.tick("a.pay")
    stage.finish()


def give_up_flushed(stage: Stage) -> None:
    """Seen in the pool, dropped by it, given up; at last a late copy of the old bytes turns up."""
    stage.world.approved("E1")
    stage.effects["coin.relay"] = Effect.TWICE
    stage.tick("a.pay", "a.track")
    late = dict(stage.world.chain.pool)
    stage.world.chain.flush()
    stage.give_up_all()
    stage.tick("a.track")
    for tx in late.values():
        stage.world.chain.submit(tx)
    stage.world.mine()
    stage.finish()


def reorganisation(stage: Stage) -> None:
    """Paid and final; then eleven blocks are undone, and the pool forgets."""
    stage.world.approved("E1")
    stage.tick("a.pay", "a.track")
    stage.world.mine(10)
    stage.tick("a.track")
    stage.world.approved("E2")
    stage.tick("a.pay")
    stage.world.mine()
    stage.world.reorganise(11, drop=True)
    stage.tick("a.track", "a.pay")
    stage.finish()


def invalid_for_ever(stage: Stage) -> None:
    """A deep reorganisation takes ring members away: the bytes can never be mined, and are given up unasked."""
    stage.world.chain.rings_regrow = False
    stage.world.approved("E1")
    stage.tick("a.pay")
    stage.world.reorganise(14, drop=True)
    for _ in range(6):
        stage.tick("a.track", "a.pay")
        stage.world.mine(2)
    stage.finish()


def outage(stage: Stage) -> None:
    """The node goes away when a transfer is out, and comes back after it was mined."""
    world = stage.world
    world.approved("E1")
    stage.tick("a.pay")
    stage.broken["coin.look"] = RailUnavailable("gone while it was asked")
    stage.tick("a.track")
    stage.broken.clear()
    world.chain.stop()
    stage.tick("a.track", "a.pay")
    world.mine(2)
    world.approved("E2")
    stage.tick("a.pay", "a.track")
    world.chain.start()
    stage.tick("a.pay", "a.track")
    stage.finish()


def stolen(stage: Stage) -> None:
    """Someone else with the wallet's keys spends an input of a transfer that was lost on its way."""
    world = stage.world
    world.approved("E1")
    stage.effects["coin.relay"] = Effect.LOST
    stage.tick("a.pay")
    stage.effects.clear()
    for row in stage.open_payouts():
        world.steal(row.key_images[0])
    world.mine(2)
    stage.tick("a.track", "a.pay")
    stage.finish()


def told_twice(stage: Stage) -> None:
    """A copy of the broadcast reaches the wallet when the transfer is long mined: the wallet's books are wrong."""
    world = stage.world
    world.approved("E1")
    stage.tick("a.pay")
    world.mine(2)
    stage.tick("a.track")
    world.relay_again()
    world.approved("E2")
    stage.tick("a.pay")
    world.mine(2)
    world.relay_again()
    world.mine(6)
    stage.tick("a.track")
    world.approved("E3", "150.00")
    stage.tick("a.pay", "a.track")
    stage.finish()


def restored_backup(stage: Stage) -> None:
    """Yesterday's database comes back; one refund of today is not in it, another is, and both were paid."""
    world = stage.world
    world.approved("E1")
    stage.tick("a.pay")
    world.mine(2)
    world.approved("E2")
    copy = world.database.backup()
    world.approved("E3")
    stage.tick("a.track", "a.pay")
    world.mine(2)
    _restore(stage, copy)
    stage.tick("a.pay", "a.track")
    stage.reconcile()
    world.request("E3")
    stage.finish()


def restored_before_a_broadcast(stage: Stage) -> None:
    """Yesterday's database has a transfer that never began; it was broadcast since, and is mined."""
    world = stage.world
    stage.tick("a.track")
    world.approved("E1")
    stage.broken["journal.append"] = JournalBroken("disk full")
    stage.tick("a.pay")
    copy = world.database.backup()
    stage.broken.clear()
    stage.tick("a.track")
    world.mine(2)
    stage.tick("a.track")
    _restore(stage, copy)
    stage.tick("b.track", "b.pay")
    stage.finish()


def restored_before_a_give_up(stage: Stage) -> None:
    """Yesterday's database has a transfer open that was given up since, and its refund paid by another."""
    world = stage.world
    world.approved("E1")
    stage.effects["coin.relay"] = Effect.LOST
    stage.tick("a.pay")
    copy = world.database.backup()
    stage.give_up_all()
    stage.effects.clear()
    for _ in range(5):
        stage.tick("a.track", "a.pay")
        world.mine(3)
    _restore(stage, copy)
    stage.tick("a.pay", "a.track")
    stage.reconcile()
    stage.finish()


def restored_before_a_voiding(stage: Stage) -> None:
    """Yesterday's database has a transfer that never began; it was voided since, and its refund paid by another."""
    world = stage.world
    stage.tick("a.track")
    world.approved("E1")
    stage.broken["journal.append"] = JournalBroken("disk full")
    stage.tick("a.pay")
    copy = world.database.backup()
    stage.give_up_all()
    stage.broken.clear()
    stage.tick("a.track")
    stage.act(lambda desk: desk.resume("hot", "alice"))
    world.chain.fund("hot-address", 10**12, outputs=4)
    world.mine()
    stage.tick("a.pay", "a.track")
    world.mine()
    _restore(stage, copy)
    stage.tick("b.pay", "b.track", "b.pay", "b.track")
    stage.reconcile()
    stage.finish()


def _restore(stage: Stage, copy: object) -> None:
    """Everything stops, an old copy is put back, and a process is started on it."""
    world = stage.world
    world.database.restore(copy)
    world.reader.repaired = True
    stage.stop()


SCRIPTS: tuple[Callable[[Stage], None], ...] = (
    batch,
    two_workers,
    split,
    give_up_unjournaled,
    give_up_journaled,
    give_up_lost,
    give_up_flushed,
    reorganisation,
    invalid_for_ever,
    outage,
    stolen,
    told_twice,
    restored_backup,
    restored_before_a_broadcast,
    restored_before_a_give_up,
    restored_before_a_voiding,
)
OUTPUTS: dict[Callable[[Stage], None], tuple[int, int]] = {split: (1, 8 * 10**12)}
"""How many outputs of how many units a script starts with; 20 of one coin where it is not said."""
