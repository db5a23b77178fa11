"""
Scripts of swaps: each trouble that an order can meet between our asking for it and the customer's coins.

As in the other scripts, what must come of it is the reader's to say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.memory.coin import Effect
from adapters.memory.processor import Outcome
from payout.errors import AmountOutOfRange, JournalBroken, OrderMissing, ProcessorDenied, RailUnavailable
from tests.scenarios.swaps.exchange import Kind
from tests.scenarios.swaps.swap_world import USDT

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.scenarios.swaps.swap_stage import SwapStage

MINUTE = 60


def mixed_queue(stage: SwapStage) -> None:
    """Direct refunds and two coins through processors, two of them to one address."""
    world = stage.world
    world.approved("E1")
    world.approved_swap("S1", "25.00", to="shared")
    world.approved_swap("S2", "25.00", to="shared")
    world.approved_swap("S3", "10.00", USDT)
    stage.fate(Kind.PAYS_SILENTLY)
    stage.order()
    stage.tick("a.pay")
    stage.finish()


def two_processes(stage: SwapStage) -> None:
    """Two processes make orders for the same refunds and take turns with the lease."""
    for number in range(3):
        stage.world.approved_swap(f"S{number}")
        stage.order("a")
        stage.tick("b.orders", "b.pay", "a.pay")
        stage.world.clock.pass_by(31)
        stage.tick("b.orders", "b.pay", "b.track", "a.orders")
        stage.world.mine()
    stage.finish(owners=("a", "b"))


def answer_lost(stage: SwapStage) -> None:
    """Two creating calls lose their answers: one was done, one was not; the service can be asked."""
    service = stage.alpha.service
    service.script["create"] = [Outcome.LOST, Outcome.NEVER]
    stage.world.approved_swap("S1")
    stage.world.approved_swap("S2", "12.00", USDT)
    stage.order()
    stage.tick("a.pay", "a.orders")
    stage.finish()


def answer_lost_for_ever(stage: SwapStage) -> None:
    """The service cannot be asked: its order is left alone, and another is made."""
    service = stage.alpha.service
    service.can_find = False
    service.script["create"] = [Outcome.LOST]
    stage.world.approved_swap("S1")
    stage.order()
    stage.world.clock.pass_by(3 * MINUTE)
    stage.tick("a.orders", "a.pay")
    stage.finish()


def refused_at_first(stage: SwapStage) -> None:
    """One service refuses us, the other finds the amount too small, and then both work."""
    alpha, beta = (exchange.service for exchange in stage.world.exchanges)
    alpha.script["quote"] = [ProcessorDenied("no such key")]
    beta.script["quote"] = [AmountOutOfRange("too little", "1 XMR")]
    stage.world.approved_swap("S1")
    stage.order()
    stage.world.clock.pass_by(5 * MINUTE)
    stage.tick("a.orders")
    alpha.script["create"] = [RailUnavailable("no connection")]
    stage.finish()


def expired_before_commit(stage: SwapStage) -> None:
    """The wallet is away until the order is too old to be funded."""
    stage.world.approved_swap("S1")
    stage.order()
    stage.broken["coin.prepare"] = RailUnavailable("busy")
    stage.tick("a.pay")
    stage.world.clock.pass_by(18 * MINUTE)
    stage.broken.clear()
    stage.tick("a.pay", "a.orders", "a.pay")
    stage.finish()


def expired_before_broadcast(stage: SwapStage) -> None:
    """Committed; the disk is full until it is too late to send: it never leaves, and the refund is free."""
    stage.world.approved_swap("S1")
    stage.order()
    stage.broken["journal.append"] = JournalBroken("disk full")
    stage.tick("a.pay")
    stage.world.clock.pass_by(20 * MINUTE)
    stage.broken.clear()
    stage.act(lambda desk: desk.resume("hot", "alice"))
    stage.tick("a.pay", "a.track")
    stage.finish()


def late_deposit(stage: SwapStage) -> None:
    """Begun in time, and the network gets it long after the order has run out."""
    stage.world.approved_swap("S1")
    stage.order()
    stage.effects["coin.relay"] = Effect.LOST
    stage.effects["coin.resubmit"] = Effect.LOST
    stage.tick("a.pay")
    stage.world.clock.pass_by(40 * MINUTE)
    stage.tick("a.orders", "a.track")
    stage.effects.clear()
    stage.finish()


def sent_back(stage: SwapStage) -> None:
    """The service says that it returned the deposit, and much later does; dust comes before; the other one pays."""
    stage.world.approved_swap("S1")
    stage.order()
    stage.fate(Kind.CLAIMS_RETURN)
    stage.tick("a.pay")
    stage.world.mine(12)
    _dust(stage)
    stage.fate()
    stage.finish(blocks=2)


def _dust(stage: SwapStage) -> None:
    """Somebody sends a little to the return address."""
    for row in stage.world.database.rows().orders.values():
        stage.world.chain.fund(row.return_address, 1000)


def paid_short(stage: SwapStage) -> None:
    """Less than was agreed arrives, and the service calls it settled: people must end it."""
    stage.world.approved_swap("S1")
    stage.fate(Kind.PAYS_SHORT)
    stage.order()
    stage.tick("a.pay")
    stage.finish()


def lied_to(stage: SwapStage) -> None:
    """A wrong transaction, a status that goes backwards, a forgotten order: all three pay in the end."""
    for number, kind in enumerate((Kind.CLAIMS_FIRST, Kind.GOES_BACKWARDS, Kind.VANISHES)):
        stage.world.approved_swap(f"S{number}", f"{20 + number}.00")
        stage.fate(kind)
        stage.order()
        stage.tick("a.pay")
        stage.world.mine(3)
    stage.finish(blocks=2)


def their_chain_reorganised(stage: SwapStage) -> None:
    """Settled and final; then their chain undoes it, and forgets it for a while."""
    stage.world.approved_swap("S1")
    stage.order()
    stage.tick("a.pay")
    for _ in range(8):
        stage.world.mine(3)
        stage.tick("a.orders", "a.track")
    stage.world.chains["bitcoin"].reorg(len(stage.world.chains["bitcoin"].blocks) - 1, drop=True)
    stage.world.clock.pass_by(11 * MINUTE)
    stage.tick("a.orders")
    stage.finish()


def our_chain_reorganised(stage: SwapStage) -> None:
    """The deposit is final; then eleven blocks are undone, and the pool forgets."""
    stage.world.approved_swap("S1")
    stage.fate(Kind.PAYS_AFTER_HOLD)
    stage.order()
    stage.tick("a.pay", "a.track")
    stage.world.mine(10)
    stage.tick("a.track", "a.orders")
    stage.world.reorganise(11, drop=True)
    stage.tick("a.track", "a.orders", "a.pay")
    stage.finish()


def deposit_given_up(stage: SwapStage) -> None:
    """The deposit never reaches the network, and a person gives the funding up; the refund is swapped anew."""
    stage.world.approved_swap("S1")
    stage.order()
    stage.effects["coin.relay"] = Effect.LOST
    stage.tick("a.pay")
    for row in stage.world.database.rows().transfers.values():
        if row.kind == "FUNDING":
            stage.act(lambda desk, txid=row.id: desk.give_up(txid, "alice", "scenario"))  # type: ignore[misc]
    stage.effects.clear()
    stage.tick("a.track")
    stage.finish()


def withdrawn(stage: SwapStage) -> None:
    """A refund is canceled and another amended while their orders wait to be funded."""
    one, two = stage.world.approved_swap("S1"), stage.world.approved_swap("S2", "30.00")
    stage.order()
    stage.act(lambda desk: desk.cancel(one, "alice", "withdrawn"))
    stage.world.reader.debts["S2"].destinations.append("another address")
    stage.act(lambda desk: desk.amend(two, "another address", None, "alice", "the customer wrote"))
    stage.tick("a.pay", "a.orders", "a.pay")
    stage.finish()


def changed_its_mind(stage: SwapStage) -> None:
    """The service forgets one order, and wants another deposit address for the next."""
    service = stage.alpha.service
    stage.world.approved_swap("S1")
    service.script["read"] = [OrderMissing("unknown"), OrderMissing("unknown"), OrderMissing("unknown")]
    stage.order()
    stage.tick("a.orders", "a.pay", "a.orders", "a.pay")
    stage.finish()


def restored_before_funding(stage: SwapStage) -> None:
    """Yesterday's database has the order unfunded; the journal knows that it was funded."""
    world = stage.world
    world.approved_swap("S1")
    world.approved("E1")
    stage.order()
    copy = world.database.backup()
    stage.tick("a.pay")
    world.mine(2)
    _restore(stage, copy)
    stage.tick("b.orders", "b.pay", "b.track")
    stage.reconcile()
    stage.finish()


def restored_before_return(stage: SwapStage) -> None:
    """Yesterday's database has the order funded; its deposit came back since, and the refund was paid by another."""
    world = stage.world
    world.approved_swap("S1")
    stage.order()
    stage.fate(Kind.RETURNS)
    stage.tick("a.pay")
    copy = world.database.backup()
    for _ in range(12):
        world.mine(3)
        stage.tick("a.track", "a.orders")
        stage.fate()
        stage.tick("a.pay")
        world.clock.pass_by(60)
    _restore(stage, copy)
    stage.tick("b.orders", "b.pay", "b.track", "b.orders", "b.pay")
    stage.reconcile()
    stage.finish()


def _restore(stage: SwapStage, copy: object) -> None:
    world = stage.world
    world.database.restore(copy)
    world.reader.repaired = True
    stage.stop()


SWAP_SCRIPTS: tuple[Callable[[SwapStage], None], ...] = (
    mixed_queue,
    two_processes,
    answer_lost,
    answer_lost_for_ever,
    refused_at_first,
    expired_before_commit,
    expired_before_broadcast,
    late_deposit,
    sent_back,
    paid_short,
    lied_to,
    their_chain_reorganised,
    our_chain_reorganised,
    deposit_given_up,
    withdrawn,
    changed_its_mind,
    restored_before_funding,
    restored_before_return,
)
