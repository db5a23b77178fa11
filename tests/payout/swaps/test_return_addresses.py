"""Return addresses: a pool of our own, made under the lease, on the wallet's disk before they are on record."""

from __future__ import annotations

from dataclasses import replace

import pytest

from payout.errors import RailUnavailable
from payout.swaps.readings import Readings
from payout.swaps.return_addresses import MADE_PER_TICK, POOL
from payout.worker import WalletWorker
from tests.payout.hands import Watch, failing
from tests.payout.swaps.depositing import Till
from tests.scenarios.world import LEASE, WALLET


@pytest.fixture
def till() -> Till:
    return Till(addresses=0)


def free(till: Till) -> list[str]:
    return [each.address for each in till.store.free_return_addresses(WALLET, 1000)]


def test_the_pool_is_filled_a_few_at_a_tick_and_no_further(till: Till) -> None:
    worker = till.worker()
    counts = []
    for _ in range(6):
        worker.track()
        counts.append(len(free(till)))
    assert counts == [MADE_PER_TICK, 2 * MADE_PER_TICK, 3 * MADE_PER_TICK, POOL, POOL, POOL]
    assert len(set(free(till))) == POOL
    assert all(till.coin.owns(address) for address in free(till))


def test_an_address_that_an_order_has_is_replaced_and_never_free_again(till: Till) -> None:
    for _ in range(4):
        till.worker().track()
    key = till.ordered()
    till.worker().track()
    assert len(free(till)) == POOL
    assert till.order(key).return_address not in free(till)


def test_a_wallet_that_funds_no_orders_makes_none(till: Till) -> None:
    WalletWorker(till.wallet_of(), "a", LEASE).track()
    assert free(till) == []


def test_what_the_wallet_did_not_confirm_is_not_on_record(till: Till) -> None:
    till.worker(Watch(after={"coin.new_address": failing(RailUnavailable("no answer"))})).track()
    assert free(till) == []
    till.worker().track()
    assert len(free(till)) == MADE_PER_TICK


def test_without_the_lease_none_goes_on_record(till: Till) -> None:
    def overtaken() -> None:
        till.clock.pass_by(31)
        till.store.claim_lease(WALLET, "b", LEASE)

    till.worker(Watch(after={"coin.new_address": overtaken})).track()
    assert free(till) == []


def test_an_order_whose_return_address_is_not_ours_is_never_funded(till: Till) -> None:
    till.give_addresses(1)
    key = till.ordered()
    stranger = "a thief's address"
    till.edit_order(till.order(key), return_address=stranger)
    word = replace(till.alpha.orders["alpha-1"].said, return_address=stranger)
    readings = Readings()
    readings.take("alpha", word, till.clock.now())
    till.worker(readings=readings).pay()
    assert till.standing(key) == ("APPROVED", "DROPPED")
    assert not till.chain.first_broadcasts
