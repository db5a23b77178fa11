"""
A pause between any two steps of a payment: nothing is committed after it, and what was committed still goes out.

The pause is set before each call of a port in turn, as another process would set it. After a call is the same moment as
before the next one.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from payout.change import Change, Pause
from payout.order import OrderStatus
from payout.transfer import TransferStatus
from tests.payout.hands import transfers
from tests.payout.swaps.depositing import Till
from tests.scenarios.boundary import Fuse
from tests.scenarios.world import START, WALLET, World

HOUR = timedelta(hours=1)
SCOPES = ("all", WALLET)
UNSEEN_BY_A_FILE = {"journal.view", "store.commit"}
"""Between the last look at the files and the commit: no transaction can hold a file."""


class Meddler(Fuse):
    """Does something before the call numbered `at`, and remembers which that was."""

    def __init__(self, at: int, deed: Callable[[], object]) -> None:
        super().__init__(at)
        self._deed = deed
        self.point: str | None = None

    def at(self, point: str, *, before: bool) -> None:
        if not before:
            return
        number, self.passed = self.passed, self.passed + 1
        if number == self.crash_at:
            self.point = point
            self._deed()


def two_batches() -> World:
    """Two refunds that are paid one after the other: a second commit may follow the first."""
    world = World(batch_max=1)
    world.approved("E1")
    world.approved("E2")
    world.worker("a").track()
    return world


def calls() -> int:
    count = Meddler(-1, list)
    two_batches().worker("a", count).pay()
    return count.passed


def went_out(world: World) -> set[str]:
    """After a tick of another process, all that was broadcast."""
    world.clock.pass_by(31)
    world.worker("b").pay()
    return set(world.chain.first_broadcasts)


def test_a_pause_at_any_step_stops_the_next_commit_and_nothing_that_was_committed() -> None:
    counts = set()
    for number in range(calls()):
        world = two_batches()
        there: list[str] = []

        def stop(world: World = world, there: list[str] = there, scope: str = SCOPES[number % 2]) -> None:
            world.desk().pause(scope, "bob", "stop")
            there.extend(each.id for each in transfers(world))

        world.worker("a", Meddler(number, stop)).pay()

        assert went_out(world) == set(there), number
        assert [each.id for each in transfers(world)] == there, number
        counts.add(len(there))
    assert counts >= {0, 1}


def test_a_pause_file_at_any_step_stops_all_but_the_commit_that_has_looked_for_it() -> None:
    pause = Pause(scope="all", who="a file", why="stop", at=START)
    for number in range(calls()):
        world = two_batches()
        there: list[str] = []

        def stop(world: World = world, there: list[str] = there) -> None:
            world.halts.there = (pause,)
            there.extend(each.id for each in transfers(world))

        meddler = Meddler(number, stop)
        world.worker("a", meddler).pay()

        late = set(went_out(world)) - set(there)
        assert len(late) <= (meddler.point in UNSEEN_BY_A_FILE), (number, meddler.point)


def test_a_pause_at_any_step_of_a_funding_stops_its_commit() -> None:
    def till_with_an_order() -> tuple[Till, str]:
        till = Till()
        return till, till.ordered()

    till, key = till_with_an_order()
    processor = till.last(key).processor
    count = Meddler(-1, list)
    till.worker(count).pay()

    ends = set()
    for number in range(count.passed):
        till, key = till_with_an_order()
        there: list[str] = []

        scope = processor if number % 3 else SCOPES[number % 2]

        def stop(till: Till = till, there: list[str] = there, scope: str = scope) -> None:
            till.store.commit(Change(pauses=(Pause(scope=scope, who="bob", why="stop", at=START),)))
            there.extend(each.id for each in till.fundings())

        till.worker(Meddler(number, stop)).pay()
        till.worker().pay()

        assert [each.id for each in till.fundings()] == there, number
        assert set(till.chain.first_broadcasts) == set(there), number
        assert till.last(key).status is (OrderStatus.FUNDED if there else OrderStatus.UNFUNDED), number
        ends.add(len(there))
    assert ends == {0, 1}


def test_a_pause_with_an_end_stops_commits_until_then_and_no_longer() -> None:
    world = World()
    key = world.approved("E1")
    worker = world.worker("a")
    worker.track()
    world.desk().pause(WALLET, "bob", "lunch", until=world.clock.now() + HOUR)

    worker.pay()
    assert transfers(world) == ()
    assert "bob until" in (world.database.store.refund(key).waiting_for or "")  # type: ignore[union-attr]

    world.clock.pass_by(3600)
    worker.pay()
    (paid,) = transfers(world)
    assert paid.status is TransferStatus.OPEN
    assert paid.id in world.chain.first_broadcasts


def test_a_guard_that_stops_the_wallet_is_not_kept_from_it_by_a_pause_that_ends_by_itself() -> None:
    world = World()
    world.desk().pause(WALLET, "bob", "lunch", until=world.clock.now() + HOUR)

    world.wallet().pause("an unknown spend")

    setters = {pause.who for pause in world.database.store.pauses()}
    assert setters == {"bob", "payout"}
