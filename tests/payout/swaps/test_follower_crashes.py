"""The follower's process dies at any call of any port: the next one brings every order to the same end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from payout.order import Stage
from payout.swaps.follower import Follower
from payout.swaps.lookout import Lookout
from payout.swaps.returns import journal_returns
from tests.factories import WALLET
from tests.payout.swaps.following import Following
from tests.scenarios.boundary import Bounded, Crash, Fuse

BOUNDARIES_MAX = 60


def settling() -> Following:
    world = Following()
    world.says(Stage.SETTLED, settle_txids=(world.pays(),))
    return world


def returning() -> Following:
    world = Following()
    world.comes_back("0.95")
    world.says(Stage.RETURNED)
    return world


def undone() -> Following:
    world = settling()
    world.look()
    world.tron.reorg(3, drop=True)
    return world


def short() -> Following:
    world = Following()
    world.comes_back("0.50")
    world.says(Stage.RETURNED)
    return world


def follower(world: Following, fuse: Fuse) -> Follower:
    """A process each of whose calls may be its last."""

    def bounded(port: object, name: str) -> Any:
        return Bounded(port, name, fuse)

    lookout = world.new_follower().lookout
    return Follower(
        lookout=Lookout(
            store=bounded(lookout.store, "store"),
            clock=lookout.clock,
            sealer=bounded(lookout.sealer, "sealer"),
            processors={name: bounded(each, name) for name, each in lookout.processors.items()},
            chains={name: bounded(each, name) for name, each in lookout.chains.items()},
            wallets={WALLET: world.wallet},
        )
    )


def outcome(world: Following) -> tuple[Any, ...]:
    row = world.row()
    return (
        world.standing,
        row.trouble,
        row.arrival_id,
        row.returned_units,
        world.refund().hold_reason,
        world.refund().attempts,
        [event.words for event in world.store.events(limit=1000)],
        world.wallet.journal.view().live_transfers(row.refund_id),
    )


@pytest.mark.parametrize("begin", [settling, returning, undone, short])
def test_a_death_at_any_call_changes_nothing_about_the_end(begin: Callable[[], Following]) -> None:
    whole = begin()
    whole.follower.tick()
    journal_returns(whole.wallet)
    expected = outcome(whole)
    for boundary in range(BOUNDARIES_MAX):
        world = begin()
        fuse = Fuse(boundary)
        try:
            follower(world, fuse).tick()
        except Crash:
            world.new_follower().tick()
        if not fuse.burnt:
            assert boundary > 8
            return
        journal_returns(world.wallet)
        assert outcome(world) == expected, f"it died at call {boundary}"
    raise AssertionError("the tick has more calls than this test looks at")
