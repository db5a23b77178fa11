"""The worker in trouble: each kind of error ends one tick at most, and is told in one line."""

from __future__ import annotations

import logging

import pytest

from payout.errors import (
    CommitUnknown,
    DatabaseBehind,
    FundsShort,
    JournalBroken,
    LeaseLost,
    PayoutError,
    RailUnavailable,
    StaleWrite,
    StoreUnavailable,
    WalletUnsafe,
)
from tests.payout.hands import (
    Once,
    Watch,
    alarms,
    attempts,
    failing,
    status,
    transfers,
    waiting,
)
from tests.scenarios.world import WALLET, World


def states(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    """(level, state) of every line about a worker's state."""
    return [(line.levelname, vars(line)["state"]) for line in caplog.records if line.message == "wallet.state"]


@pytest.mark.parametrize(
    "error",
    [
        RailUnavailable("down"),
        StoreUnavailable("gone"),
        CommitUnknown("lost"),
        StaleWrite("moved"),
        LeaseLost("over"),
        DatabaseBehind("old"),
        FundsShort("empty"),
        PayoutError("anything of ours"),
    ],
    ids=lambda error: type(error).__name__,
)
@pytest.mark.parametrize("point", ["store.claim_lease", "coin.check", "coin.funds", "store.open_transfers"])
def test_an_error_that_passes_ends_the_tick_and_the_next_one_goes_on(point: str, error: PayoutError) -> None:
    world = World()
    key = world.approved("E1")
    worker = world.worker("a", Watch({point: Once(failing(error))}))
    worker.pay()
    worker.pay()
    assert (status(world, key), len(attempts(world, key))) == ("PAYING", 1)
    assert world.database.store.pauses() == ()


@pytest.mark.parametrize(
    "error",
    [JournalBroken("the journal cannot be read: restore it"), WalletUnsafe("the key is another one", "put it back")],
    ids=lambda error: type(error).__name__,
)
def test_an_error_that_needs_a_person_pauses_the_wallet_with_its_words_and_one_alarm(error: PayoutError) -> None:
    world = World()
    world.approved("E1")
    worker = world.worker("a", Watch({"journal.view": failing(error)}))
    for _ in range(3):
        worker.pay()
    assert [(pause.scope, pause.why) for pause in world.database.store.pauses()] == [(WALLET, str(error))]
    assert len(alarms(world)) == 1
    assert transfers(world) == ()


def test_a_database_that_is_gone_when_the_wallet_must_stop_does_not_end_the_process() -> None:
    world = World()
    hook = Watch({"journal.view": failing(JournalBroken("torn")), "store.commit": failing(StoreUnavailable("gone"))})
    worker = world.worker("a", hook)
    worker.pay()
    hook.before.pop("store.commit")
    worker.pay()
    assert [pause.why for pause in world.database.store.pauses()] == ["torn"]


def test_refunds_say_that_they_wait_for_a_wallet_that_is_out_of_reach() -> None:
    world = World()
    key = world.approved("E1")
    world.chain.stop()
    worker = world.worker("a")
    worker.pay()
    assert waiting(world, key) == "the wallet, which is out of reach: the node does not answer: start it"
    world.chain.start()
    worker.pay()
    assert (status(world, key), waiting(world, key)) == ("PAYING", "")


def test_a_fault_of_the_program_is_told_to_refunds_is_not_swallowed_and_the_next_tick_goes_on() -> None:
    world = World()
    key = world.approved("E1")
    worker = world.worker("a", Watch({"coin.check": Once(failing(ZeroDivisionError()))}))
    with pytest.raises(ZeroDivisionError):
        worker.pay()
    assert waiting(world, key) == "the worker, which meets a fault of the program (ZeroDivisionError): see its log"
    worker.pay()
    assert (status(world, key), waiting(world, key)) == ("PAYING", "")


# ---------------------------------------------------------------- what it says


def test_a_state_does_not_flap_while_one_tick_fails_and_the_other_works(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    world = World()
    watch = Watch()
    worker = world.worker("a", watch)
    for broken in (False, True, False):
        watch.before = {"coin.funds": failing(RailUnavailable("the wallet is slow"))} if broken else {}
        for number in range(3):
            world.approved(f"E{broken}{number}{len(watch.calls)}")
            worker.pay()
            worker.track()
    assert states(caplog) == [
        ("INFO", "ready"),
        ("WARNING", "out of reach: the wallet is slow"),
        ("INFO", "ready"),
    ]


def test_a_state_is_logged_once_however_many_ticks_it_lasts(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    world = World()
    worker = world.worker("a")
    for running in (True, False, True):
        world.chain.running = running
        for _ in range(3):
            worker.pay()
            worker.track()
    assert states(caplog) == [
        ("INFO", "ready"),
        ("WARNING", "out of reach: the node does not answer: start it"),
        ("INFO", "ready"),
    ]


def test_a_worker_says_that_it_stands_by(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    world = World()
    world.worker("a").track()
    world.worker("b").pay()
    assert states(caplog)[-1] == ("INFO", "standing by: another worker has the wallet")


@pytest.mark.parametrize(
    ("error", "level", "state"),
    [
        (StoreUnavailable("gone"), "WARNING", "database trouble: gone"),
        (LeaseLost("over"), "INFO", "another worker took the wallet over"),
        (JournalBroken("torn"), "ERROR", "stopped: torn"),
        (FundsShort("empty"), "ERROR", "failed: empty"),
    ],
)
def test_each_kind_of_trouble_has_its_own_line(
    error: PayoutError, level: str, state: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    World().worker("a", Watch({"coin.check": failing(error)})).pay()
    assert states(caplog) == [(level, state)]


def test_a_row_that_someone_else_moved_is_not_worth_a_line(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    World().worker("a", Watch({"coin.check": failing(StaleWrite("moved"))})).pay()
    assert states(caplog) == []
