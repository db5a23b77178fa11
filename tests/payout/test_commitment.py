"""The commitment: all of a payment or nothing of it, and every rule once more in the transaction itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from payout.caps import DAY_SCOPE, utc_day
from payout.change import Lease, Pause
from payout.commitment import commit_own, commit_payout
from payout.departure import digest_of_line
from payout.errors import KeyImageTaken, LeaseLost, LimitReached, Paused, PayoutError, StaleWrite, WalletUnsafe
from payout.footing import pairs_of
from payout.transfer import Output, TransferKind
from payout.vetting import vet
from tests.payout.hands import Hands, attempts, payload, payout, status, tables, transfers
from tests.scenarios.world import COIN, HOT, START, WALLET, World

if TYPE_CHECKING:
    from collections.abc import Callable

    from payout.batch import Item
    from payout.quote import Quote
    from payout.transfer import Prepared

WEEK = 7 * 86_400
"""Seconds for which an approval holds."""


class Ready:
    """Two refunds are vetted, priced and signed: all but committed."""

    def __init__(self, *, approved_for: int = WEEK) -> None:
        self.world = World()
        self.keys = [self.world.approved("E1"), self.world.approved("E2", "40.00")]
        self.world.clock.pass_by(WEEK - approved_for)
        self.hands = Hands(self.world)
        self.lease: Lease = self.hands.lease()
        self.quote: Quote = self.world.pricing.quote("XMR", self.world.clock.now())
        refunds = self.world.database.store.refunds(self.keys)
        self.items: tuple[Item, ...] = vet(self.hands.wallet, refunds, self.quote).items
        self.prepared: Prepared = self.sign()

    def sign(self) -> Prepared:
        """The wallet takes the same inputs each time."""
        pays = [Output(address=item.refund.destination, units=item.amount.units) for item in self.items]
        return self.hands.wallet.coin.prepare(pays)

    def sign_own(self) -> Prepared:
        return self.hands.wallet.coin.prepare([Output(address=HOT, units=COIN // 2, own=True)])

    def commit(self, *, is_out: bool = False) -> None:
        commit_payout(self.hands.wallet, self.lease, self.prepared, self.items, self.quote, is_out=is_out)


def test_a_commit_writes_transfer_attempts_refunds_quote_day_and_events_together() -> None:
    ready = Ready()
    ready.commit()
    store, transfer = ready.world.database.store, payout(ready.world)
    assert (transfer.id, transfer.key_images) == (ready.prepared.txid, ready.prepared.key_images)
    assert not transfer.begun
    line = digest_of_line(transfer, pairs_of(ready.hands.wallet, transfer))
    assert payload(transfer) == replace(ready.prepared.payload, txid=transfer.id, line=line)
    assert [status(ready.world, key) for key in ready.keys] == ["PAYING", "PAYING"]
    assert store.quote(ready.quote.id) == ready.quote
    assert store.cap_used(DAY_SCOPE, utc_day(ready.world.clock.now())) == 6_500
    assert [store.events(refund_id=key)[-1].kind for key in ready.keys] == ["attempt.opened"] * 2


def test_an_attempt_keeps_the_amount_the_rate_and_the_manifest_that_it_was_committed_with() -> None:
    ready = Ready()
    ready.commit()
    (attempt,) = attempts(ready.world, ready.keys[0])
    assert (attempt.number, attempt.amount.units, str(attempt.rate)) == (1, 152_933_259_925, "163.47")
    signed = ready.world.database.store.approvals([ready.keys[0]])[0]
    assert attempt.manifest_digest == signed.digest


def pause_by_row(ready: Ready) -> None:
    ready.world.desk().pause(WALLET, "alice", "now")


def pause_by_file(ready: Ready) -> None:
    ready.world.halts.there = (Pause(scope="all", who="a file", why="now", at=START),)


def let_the_quote_run_out(ready: Ready) -> None:
    ready.world.clock.pass_by(121)


def set_the_clock_back(ready: Ready) -> None:
    ready.world.clock.pass_by(-600)


def hold(ready: Ready) -> None:
    ready.world.desk().hold(ready.keys[1], "bob", "looks odd")


def amend(ready: Ready) -> None:
    ready.world.desk().amend(ready.keys[1], "elsewhere", None, "bob", "asked")


def use_the_day_up(ready: Ready) -> None:
    day = utc_day(ready.world.clock.now())
    tables(ready.world).counters[DAY_SCOPE, day] = ready.world.limits.day_max.units - 6_499


def lose_the_lease(ready: Ready) -> None:
    ready.world.database.store.release_lease(ready.lease)


def restore_an_old_database(ready: Ready) -> None:
    rows = tables(ready.world)
    ready.world.reader.repaired = True
    spent = ready.sign_own()
    transfer = commit_own(ready.hands.wallet, ready.lease, TransferKind.SPLIT, spent)
    ready.hands.finish()
    del rows.transfers[transfer.id]


@pytest.mark.parametrize(
    ("happens", "error"),
    [
        (pause_by_row, Paused),
        (pause_by_file, Paused),
        (let_the_quote_run_out, StaleWrite),
        (set_the_clock_back, StaleWrite),
        (hold, StaleWrite),
        (amend, StaleWrite),
        (use_the_day_up, LimitReached),
        (lose_the_lease, LeaseLost),
        (restore_an_old_database, WalletUnsafe),
    ],
)
def test_whatever_slips_in_between_signing_and_commit_keeps_all_of_it_out(
    happens: Callable[[Ready], None], error: type[PayoutError]
) -> None:
    ready = Ready()
    happens(ready)
    before = ready.world.database.rows()
    with pytest.raises(error):
        ready.commit()
    assert ready.world.database.rows() == before
    assert ready.prepared.txid not in ready.world.chain.first_broadcasts


def test_an_approval_that_ran_out_while_the_wallet_signed_commits_nothing() -> None:
    ready = Ready(approved_for=60)
    before = ready.world.database.rows()
    ready.world.clock.pass_by(60)
    with pytest.raises(StaleWrite, match="ran out"):
        ready.commit()
    assert ready.world.database.rows() == before


def test_the_pause_file_of_another_wallet_stops_no_commit() -> None:
    ready = Ready()
    ready.world.halts.there = (Pause(scope="savings", who="a file", why="now", at=START),)
    ready.commit()
    assert [status(ready.world, key) for key in ready.keys] == ["PAYING", "PAYING"]


def test_a_database_behind_the_journal_names_the_repair() -> None:
    ready = Ready()
    restore_an_old_database(ready)
    with pytest.raises(WalletUnsafe, match="run `payout reconcile --repair`"):
        ready.commit()


def test_a_second_transfer_with_an_input_of_a_live_one_is_refused() -> None:
    ready = Ready()
    second = ready.sign_own()
    assert set(second.key_images) & set(ready.prepared.key_images)
    ready.commit()
    with pytest.raises(KeyImageTaken):
        commit_own(ready.hands.wallet, ready.lease, TransferKind.SPLIT, second)


def test_a_transfer_that_pays_something_else_than_its_refunds_is_never_committed() -> None:
    ready = Ready()
    first, second = ready.prepared.outputs
    ready.prepared = replace(ready.prepared, outputs=(replace(first, units=first.units + 1), second))
    with pytest.raises(WalletUnsafe, match="do not resume"):
        ready.commit()
    assert transfers(ready.world) == ()


@pytest.mark.parametrize("happens", [pause_by_row, pause_by_file, let_the_quote_run_out, use_the_day_up])
def test_what_is_out_already_is_put_on_record_whatever_the_rules_say(happens: Callable[[Ready], None]) -> None:
    ready = Ready()
    happens(ready)
    # Past the world's reader, who would call it what it is: a broken rule.
    ready.hands.wallet = replace(ready.hands.wallet, store=ready.world.database.store)
    ready.commit(is_out=True)
    assert payout(ready.world).begun
    assert [status(ready.world, key) for key in ready.keys] == ["PAYING", "PAYING"]


@pytest.mark.parametrize("pause", [pause_by_row, pause_by_file])
def test_a_pause_stops_a_split(pause: Callable[[Ready], None]) -> None:
    ready = Ready()
    pause(ready)
    with pytest.raises(Paused):
        commit_own(ready.hands.wallet, ready.lease, TransferKind.SPLIT, ready.sign_own())


@pytest.mark.parametrize("pause", [pause_by_row, pause_by_file])
def test_no_pause_stops_a_give_up(pause: Callable[[Ready], None]) -> None:
    ready = Ready()
    ready.commit()
    first = ready.prepared.key_images[0]
    pause(ready)
    swept = ready.hands.wallet.coin.prepare_give_up(first)
    commit_own(ready.hands.wallet, ready.lease, TransferKind.GIVE_UP, swept, replaces=ready.prepared.txid)
    (give_up,) = transfers(ready.world, TransferKind.GIVE_UP)
    assert (give_up.replaces, give_up.key_images) == (ready.prepared.txid, (first,))
