"""Funding obeys people and limits at the moment of the commit: approvals, holds, pauses, caps."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from payout.batch import Item
from payout.change import Change, Pause
from payout.commitment import commit_funding, commit_payout
from payout.order import Order
from payout.transfer import Output
from payout.worker import WalletWorker
from tests.factories import make_quote, usd, xmr
from tests.payout.hands import Once, Watch
from tests.payout.swaps.brokering import ETH
from tests.payout.swaps.depositing import Till
from tests.scenarios.world import LEASE, START, WALLET


@pytest.fixture
def till() -> Till:
    return Till()


# ---------------------------------------------------------------- its refund


def test_the_order_of_a_refund_that_a_person_stopped_is_dropped(till: Till) -> None:
    key = till.ordered()
    held = till.refund(key).hold("a doubt")
    till.store.commit(Change(refunds=(held,)))
    till.worker().pay()
    assert till.standing(key) == ("HELD", "DROPPED")
    assert not till.chain.first_broadcasts


def test_a_hold_that_comes_while_the_wallet_signs_is_obeyed(till: Till) -> None:
    key = till.ordered()

    def hold() -> None:
        till.store.commit(Change(refunds=(till.refund(key).hold("a doubt"),)))

    till.worker(Watch(after={"coin.prepare": Once(hold)})).pay()
    assert till.refund(key).status == "HELD"
    assert not till.chain.first_broadcasts


@pytest.mark.parametrize("edit", [{"owed": usd("64.00")}, {"destination": "a thief"}, {"asset": ETH}])
def test_a_refund_that_was_edited_after_its_approval_is_held_and_its_order_dropped(
    till: Till, edit: dict[str, Any]
) -> None:
    key = till.ordered()
    till.edit(key, **edit)
    same = {"owed": {}, "destination": edit, "asset": {}}[next(iter(edit))]
    till.edit_order(till.order(key), **same)
    till.worker().pay()
    assert till.refund(key).status in {"HELD", "APPROVED"}
    assert till.last(key).status == "DROPPED"
    assert not till.chain.first_broadcasts


def test_a_forged_approval_holds_the_refund_with_an_alarm_and_drops_its_order(till: Till) -> None:
    key = till.ordered()
    till.store._t.approvals[:] = [replace(each, signature="forged") for each in till.store._t.approvals]
    till.worker().pay()
    assert till.standing(key) == ("HELD", "DROPPED")
    assert [event.kind for event in till.alarms()] == ["approval.invalid", "refund.held"]
    assert not till.chain.first_broadcasts


def test_approvals_that_ran_out_fund_nothing(till: Till) -> None:
    key = till.ordered()
    till.edit(key, approved_until=till.clock.now())
    till.worker().pay()
    assert till.refund(key).status == "APPROVED"
    assert not till.chain.first_broadcasts


def test_a_refund_that_the_journal_says_is_being_paid_is_held_and_not_funded(till: Till) -> None:
    key = till.ordered()
    backup = till.store._t.refunds[key], till.store._t.orders.copy()
    till.worker().pay()
    till.store._t.refunds[key] = backup[0]
    till.store._t.orders.update(backup[1])
    till.store._t.attempts.clear()
    till.store._t.attempt_ids.clear()
    first = len(till.chain.first_broadcasts)
    till.refresh()
    till.worker().pay()
    assert till.standing(key) == ("HELD", "DROPPED")
    assert len(till.chain.first_broadcasts) == first


# ---------------------------------------------------------------- pauses and caps


@pytest.mark.parametrize("scope", ["all", WALLET, "alpha"])
@pytest.mark.parametrize("kind", ["row", "file"])
def test_a_pause_of_all_the_wallet_or_the_processor_stops_its_fundings(till: Till, scope: str, kind: str) -> None:
    key = till.ordered()
    pause = Pause(scope=scope, who="alice", why="an audit", at=START)
    _pause(till, pause, kind)
    till.worker().pay()
    assert till.standing(key) == ("APPROVED", "UNFUNDED")
    assert till.waiting(key) == f"{scope} is paused by alice: an audit"
    _pause(till, None, kind)
    till.worker().pay()
    assert till.standing(key) == ("PAYING", "FUNDED")


@pytest.mark.parametrize("scope", ["all", WALLET, "alpha"])
@pytest.mark.parametrize("kind", ["row", "file"])
def test_a_pause_that_comes_while_the_wallet_signs_stops_the_commit(till: Till, scope: str, kind: str) -> None:
    key = till.ordered()
    pause = Pause(scope=scope, who="alice", why="an audit", at=START)
    till.worker(Watch(after={"coin.prepare": Once(lambda: _pause(till, pause, kind))})).pay()
    assert till.standing(key) == ("APPROVED", "UNFUNDED")
    assert till.fundings() == ()


def _pause(till: Till, pause: Pause | None, kind: str) -> None:
    if kind == "file":
        till.halts.there = (pause,) if pause else ()
    elif pause:
        till.store.commit(Change(pauses=(pause,)))
    else:
        till.store.commit(Change(resume=("all", WALLET, "alpha")))


def test_a_paused_processor_stops_no_other(till: Till) -> None:
    stopped = till.ordered("E-1")
    till.alpha.unlisted[ETH.key] = "switched off"
    other = till.ordered("E-2", asset=ETH)
    assert till.last(other).processor == "beta"
    till.store.commit(Change(pauses=(Pause(scope="alpha", who="alice", why="an audit", at=START),)))
    till.worker().pay()
    assert (till.standing(stopped)[1], till.standing(other)[1]) == ("UNFUNDED", "FUNDED")


def test_what_a_processors_day_no_longer_allows_waits_and_stops_no_other(till: Till) -> None:
    alpha = replace(till.rules.processors["alpha"], day_max=usd("40.00"))
    first = till.ordered("E-1", "32.00")
    till.clock.pass_by(1)
    second = till.ordered("E-2", "10.00")
    till.alpha.unlisted[ETH.key] = "switched off"
    other = till.ordered("E-3", "10.00", asset=ETH)
    till.rules = replace(till.rules, processors={**till.rules.processors, "alpha": alpha})
    till.worker().pay()
    assert [till.standing(key)[1] for key in (first, second, other)] == ["FUNDED", "UNFUNDED", "FUNDED"]
    assert "processors.alpha.day_max_usd: 8.00 USD of 40.00 is left today" in till.waiting(second)


def test_a_cap_that_is_reached_while_the_wallet_signs_stops_the_commit(till: Till) -> None:
    key = till.ordered()
    alpha = till.rules.processors["alpha"]
    rest = alpha.day_use(usd("980.00"), till.clock.now())
    till.worker(Watch(after={"coin.prepare": Once(lambda: till.store.commit(Change(caps=(rest,))))})).pay()
    assert till.standing(key) == ("APPROVED", "UNFUNDED")
    assert "processor:alpha" in till.waiting(key)
    assert till.fundings() == ()


def test_an_order_above_its_processors_largest_is_not_funded(till: Till) -> None:
    key = till.ordered()
    alpha = replace(till.rules.processors["alpha"], order_max=usd("31.99"))
    till.rules = replace(till.rules, processors={**till.rules.processors, "alpha": alpha})
    till.worker().pay()
    assert till.standing(key) == ("APPROVED", "DROPPED")
    assert not till.chain.first_broadcasts


def test_a_network_fee_above_its_cap_funds_nothing_and_says_so(till: Till) -> None:
    key = till.ordered()
    till.chain.fee_per_byte *= 300
    till.worker().pay()
    assert till.standing(key) == ("APPROVED", "UNFUNDED")
    assert "above fee_max_usd" in till.waiting(key)


def test_a_wallet_without_swaps_funds_nothing(till: Till) -> None:
    key = till.ordered()
    WalletWorker(till.wallet_of(), "a", LEASE).pay()
    assert till.standing(key) == ("APPROVED", "UNFUNDED")


def test_swaps_of_another_wallet_are_refused_at_the_start(till: Till) -> None:
    till.rules = replace(till.rules, wallet="cold")
    with pytest.raises(ValueError, match="cold"):
        till.worker()


def test_an_order_of_another_wallet_is_left_alone(till: Till) -> None:
    key = till.ordered()
    till.edit_order(till.order(key), wallet="cold")
    till.worker().pay()
    assert till.standing(key) == ("APPROVED", "UNFUNDED")


# ---------------------------------------------------------------- the commit itself


def test_a_funding_that_pays_anything_but_deposits_is_never_committed(till: Till) -> None:
    key = till.ordered()
    wallet = till.wallet_of()
    wallet.coin.check()
    refund, order = till.refund(key), till.order(key)
    assert order.deposit is not None
    lease = till.store.claim_lease(WALLET, "a", timedelta(seconds=30))
    assert lease is not None
    prepared = wallet.coin.prepare([Output(address=order.deposit_address or "", units=order.deposit.units)])
    quote = make_quote(taken_at=till.clock.now())
    processors = till.rules.processors
    whole = Item(refund=refund, amount=order.deposit, order=order)
    for wrong in (replace(whole, order=None), replace(whole, amount=xmr("0.1"))):
        with pytest.raises(ValueError, match="whole, and nothing else"):
            commit_funding(wallet, lease, prepared, [wrong], quote, processors=processors)
    with pytest.raises(ValueError, match="never paid directly"):
        commit_payout(wallet, lease, prepared, [whole], quote)
    assert till.store.list_transfers() == ()


def test_an_order_that_someone_dropped_while_the_wallet_signed_is_not_funded(till: Till) -> None:
    key = till.ordered()

    def drop() -> None:
        order: Order = till.order(key)
        till.store.commit(Change(orders=(order.to("DROPPED", ended_at=till.clock.now()),)))  # type: ignore[arg-type]

    till.worker(Watch(after={"coin.prepare": Once(drop)})).pay()
    assert till.standing(key) == ("APPROVED", "DROPPED")
    assert not till.chain.first_broadcasts
