"""A wallet that holds too little says so once, and once when it is filled again; and stops nothing by it."""

from __future__ import annotations

from payout.change import Change
from payout.errors import RateUnavailable
from payout.event import Event
from payout.low_water import LowWater
from payout.ports import Store
from tests.factories import make_approved, make_swapped, usd
from tests.payout.hands import Watch, failing, status
from tests.scenarios.world import HOT, LEASE, WALLET, World

# The wallet holds one coin at first, which is worth 163.47 USD.


def told(world: World) -> list[str]:
    """What was said of it, oldest first."""
    events = world.database.store.events(limit=1000)
    return [event.kind for event in events if event.kind in {"wallet.low", "wallet.refilled"}]


def last(world: World) -> Event:
    return next(event for event in reversed(world.database.store.events()) if event.kind.startswith("wallet."))


def look(world: World, *, owner: str = "a", swaps: bool = False) -> None:
    """A process that has just started looks once."""
    store: Store = world.database.store
    lease = store.claim_lease(WALLET, owner, LEASE)
    assert lease is not None
    wallet = world.wallet()
    wallet.coin.check()
    LowWater(wallet=wallet, swaps=swaps).look(lease)
    store.release_lease(lease)


def adopted(**rules: object) -> World:
    """A world whose wallet is on record."""
    world = World(outputs=1, **rules)  # type: ignore[arg-type]
    world.worker("a").track()
    world.worker("a").release()
    return world


def owe(world: World, *usds: str) -> None:
    number = len(world.database.store.list_refunds())
    refunds = [make_approved(f"E-{number + n}", owed=usd(each)) for n, each in enumerate(usds)]
    world.database.store.commit(Change(refunds=tuple(refunds)))


def test_a_wallet_that_covers_what_is_approved_says_nothing() -> None:
    world = adopted()
    owe(world, "150.00")
    look(world)
    assert told(world) == []


def test_a_wallet_that_does_not_is_low_with_an_alarm_and_says_it_once_across_processes() -> None:
    world = adopted()
    owe(world, "100.00", "100.00")
    for owner in ("a", "b", "c"):
        look(world, owner=owner)
    assert told(world) == ["wallet.low"]
    event = last(world)
    assert (event.wallet, event.alarm) == (WALLET, True)
    assert "holds 1 XMR, less than the 200.00 USD that are approved: send it more" in event.words
    record = world.database.store.wallet(WALLET)
    assert record is not None
    assert record.low


def test_it_is_filled_again_only_when_it_holds_a_tenth_more_than_it_needs() -> None:
    world = adopted()
    owe(world, "100.00", "100.00")
    look(world)
    world.chain.fund(HOT, 300_000_000_000, outputs=1)  # 1.3 coins, 212.51 USD
    world.mine(11)
    look(world)
    assert told(world) == ["wallet.low"]
    world.chain.fund(HOT, 50_000_000_000, outputs=1)  # 1.35 coins, 220.68 USD
    world.mine(11)
    look(world)
    look(world, owner="b")
    assert told(world) == ["wallet.low", "wallet.refilled"]
    assert not last(world).alarm


def test_locked_outputs_count_as_they_will_be_there() -> None:
    world = adopted()
    owe(world, "100.00", "100.00")
    world.chain.fund(HOT, 1_000_000_000_000, outputs=1)
    world.mine(1)
    look(world)
    assert told(world) == []


def test_the_floor_is_kept_beside_what_is_approved() -> None:
    world = adopted(low=usd("50.00"))
    owe(world, "100.00")
    look(world)
    assert told(world) == []
    owe(world, "25.00")
    look(world)
    assert "125.00 USD that are approved, and 50.00 USD beside them" in last(world).words


def test_what_other_coins_owe_counts_only_where_the_wallet_funds_orders() -> None:
    world = adopted()
    world.database.store.commit(Change(refunds=(make_swapped("S-1", owed=usd("400.00")),)))
    look(world)
    assert told(world) == []
    look(world, swaps=True)
    assert told(world) == ["wallet.low"]


def test_without_a_rate_nobody_can_say_and_nothing_is_said() -> None:
    world = adopted()
    owe(world, "100.00", "100.00")
    watch = Watch({"pricing.quote": failing(RateUnavailable("no source answers"))})
    lease = world.database.store.claim_lease(WALLET, "a", LEASE)
    assert lease is not None
    LowWater(wallet=world.wallet(watch)).look(lease)
    assert told(world) == []


def test_a_process_looks_once_a_minute() -> None:
    world = adopted()
    watch = Watch()
    worker = world.worker("b", watch)
    for _ in range(13):
        worker.pay()
        world.clock.pass_by(5)
    assert watch.calls.count("store.approved_owed") == 2


def test_a_worker_says_it_and_pays_what_it_can_all_the_same() -> None:
    world = adopted()
    small = world.approved("E-small", "25.00")
    world.approved("E-large", "400.00")
    world.clock.pass_by(301)  # While outputs are few, refunds wait for company, five minutes at most.
    world.worker("a").pay()
    assert status(world, small) == "PAYING"
    assert told(world) == ["wallet.low"]
