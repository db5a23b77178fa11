"""Funding: an order's deposit is paid once, whole, in time, and only where its processor just said that it goes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from payout.batch import Item
from payout.change import Change, Pause
from payout.commitment import commit_funding, commit_payout
from payout.errors import RateUnavailable
from payout.money import Money
from payout.order import Order, Said, Stage
from payout.readings import Readings
from payout.transfer import Output, TransferKind
from tests.factories import make_quote, usd, xmr
from tests.payout.brokering import BTC, ETH
from tests.payout.depositing import Till, price, twist
from tests.payout.hands import Once, Watch
from tests.scenarios.world import HOT, START, WALLET

if TYPE_CHECKING:
    from collections.abc import Callable

DAY = 86_400


@pytest.fixture
def till() -> Till:
    return Till()


# ---------------------------------------------------------------- what is paid


def test_an_order_is_funded_whole_at_its_deposit_address_and_its_refund_is_paying(till: Till) -> None:
    key = till.ordered()
    till.worker().pay()
    till.mine()
    order = till.order(key)
    assert till.standing(key) == ("PAYING", "FUNDED")
    assert order.deposit is not None
    assert till.deposited(order) == [order.deposit.units]
    assert (order.transfer_id, order.funded_at) == (till.funding().id, till.funding().committed_at)
    (attempt,) = till.attempts(key)
    assert (attempt.order_id, attempt.deposit_address) == (order.id, order.deposit_address)
    assert (attempt.amount, attempt.destination) == (order.receive, till.refund(key).destination)


def test_an_order_is_never_funded_twice_by_any_number_of_ticks_and_processes(till: Till) -> None:
    key = till.ordered()
    for number in range(6):
        till.worker(owner="ab"[number % 2]).pay()
        till.clock.pass_by(31)
        till.refresh()
    till.mine()
    assert len(till.fundings()) == 1
    assert len(till.deposited(till.order(key))) == 1


def test_a_refund_is_never_funded_twice_though_two_of_its_orders_are_live(till: Till) -> None:
    key = till.ordered()
    one = till.order(key)
    word = till.alpha.orders["alpha-1"].said
    twin = replace(
        one, number=2, processor_id="alpha-2", deposit_address="deposit-alpha-2", return_address=f"{HOT}-2", version=1
    )
    till.store._t.orders[twin.id] = twin
    other = replace(word, processor_id="alpha-2", deposit_address="deposit-alpha-2", return_address=twin.return_address)
    till.alpha.orders["alpha-2"] = replace(till.alpha.orders["alpha-1"], said=other)
    till.readings.take("alpha", other, till.clock.now())
    till.worker().pay()
    till.mine()
    assert len(till.attempts(key)) == 1
    assert len(till.sent_to_services()) == 1


def test_orders_share_a_transfer_and_never_with_a_refund_that_is_paid_directly(till: Till) -> None:
    keys = [till.ordered(f"E-{number}", asset=asset) for number, asset in enumerate((BTC, ETH, BTC))]
    direct = till.refund_in_xmr("E-9")
    till.worker().pay()
    assert {till.last(key).transfer_id for key in keys} == {till.funding().id}
    (payout,) = [each for each in till.store.list_transfers() if each.kind is TransferKind.PAYOUT]
    assert till.attempts(direct)[0].transfer_id == payout.id
    assert till.store.attempts_of([payout.id]) == till.attempts(direct)


def test_a_direct_refund_goes_before_the_orders(till: Till) -> None:
    till.ordered()
    till.refund_in_xmr("E-9")
    till.worker().pay()
    kinds = [till.store.transfer(txid).kind for txid in till.chain.first_broadcasts]  # type: ignore[union-attr]
    assert kinds == [TransferKind.PAYOUT, TransferKind.FUNDING]


def test_an_order_does_not_wait_for_a_fuller_batch_though_outputs_are_scarce(till: Till) -> None:
    lock_all_but(till, 2)
    key, direct = till.ordered(), till.refund_in_xmr("E-9")
    till.worker().pay()
    assert till.waiting(direct).startswith("a fuller batch")
    assert till.standing(key) == ("PAYING", "FUNDED")


def test_an_integrated_deposit_address_goes_alone(till: Till) -> None:
    keys = [till.ordered(f"E-{number}") for number in range(3)]
    till.purse.integrated_addresses.add(till.last(keys[1]).deposit_address or "")
    till.worker().pay()
    by_transfer = [len([output for output in each.outputs if not output.own]) for each in till.fundings()]
    assert sorted(by_transfer) == [1, 2]
    assert all(till.standing(key) == ("PAYING", "FUNDED") for key in keys)


def test_the_proof_that_is_kept_is_of_the_deposit(till: Till) -> None:
    key = till.ordered()
    till.worker().pay()
    (attempt,) = till.attempts(key)
    assert attempt.proof == f"proof:{attempt.transfer_id}:{till.order(key).deposit_address}:{key}"


def test_what_is_owed_raises_the_counters_of_the_day_and_of_the_processor(till: Till) -> None:
    till.ordered("E-1", "32.00")
    till.ordered("E-2", "10.00")
    till.worker().pay()
    day = till.clock.now().date().isoformat()
    assert till.store.cap_used("day", day) == 4200
    assert till.store.cap_used("processor:alpha", day) == 4200
    assert till.store.cap_used("processor:beta", day) == 0


def test_the_wallet_is_not_split_while_an_order_waits_to_be_funded(till: Till) -> None:
    lock_all_but(till, 2)
    key = till.ordered()
    worker = till.worker(readings=Readings())
    worker.pay()
    assert till.store.list_transfers() == ()
    till.edit_order(till.order(key), wallet="another")
    worker.pay()
    assert [each.kind for each in till.store.list_transfers()] == [TransferKind.SPLIT]


def lock_all_but(till: Till, count: int) -> None:
    """The wallet keeps so many outputs."""
    for holding in till.purse.funds().holdings[count:]:
        till.purse._book.marked[holding.key_image] = "spent elsewhere"


# ---------------------------------------------------------------- the processor's own word


def test_without_a_word_of_the_processor_to_this_process_nothing_is_funded(till: Till) -> None:
    key = till.ordered()
    till.worker(readings=Readings()).pay()
    assert till.standing(key) == ("APPROVED", "UNFUNDED")
    assert till.waiting(key) == "alpha to confirm order alpha-1"
    assert not till.chain.first_broadcasts


def test_a_word_older_than_a_minute_is_none_and_a_new_one_mends_that(till: Till) -> None:
    key = till.ordered()
    till.clock.pass_by(61)
    till.worker().pay()
    assert till.standing(key) == ("APPROVED", "UNFUNDED")
    till.refresh()
    till.worker().pay()
    assert till.standing(key) == ("PAYING", "FUNDED")


def said(**changes: Any) -> Callable[[Said], Said]:
    """A service's word with changes."""
    return lambda word: replace(word, **changes)


LIES = {
    "deposit address": said(deposit_address="an address of a thief"),
    "no deposit address": said(deposit_address=None),
    "deposit": said(deposit=xmr("0.2021")),
    "no deposit": said(deposit=None),
    "destination": said(destination="a thief"),
    "receive": said(receive=Money(49_999, BTC)),
    "memo": said(memo="7"),
    "deposit memo": said(deposit_memo="7"),
    "return address": said(return_address="a thief"),
    "stage": said(stage=Stage.DEPOSIT_SEEN),
    "expired": said(stage=Stage.EXPIRED),
    "unknown word": said(stage=Stage.UNKNOWN, status_text="paused"),
    "our own address": said(deposit_address=HOT),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_an_order_of_which_its_processor_now_says_something_else_is_never_funded(
    till: Till, lie: Callable[[Said], Said]
) -> None:
    key = till.ordered()
    word = lie(till.alpha.orders["alpha-1"].said)
    till.readings.take("alpha", word, till.clock.now())
    till.worker().pay()
    assert till.standing(key) == ("APPROVED", "DROPPED")
    assert "order.dropped" in till.kinds()
    assert not till.chain.first_broadcasts


EDITS: dict[str, dict[str, Any]] = {
    "deposit address": {"deposit_address": "an address of a thief"},
    "deposit": {"deposit": xmr("0.9")},
    "destination": {"destination": "a thief"},
    "receive": {"receive": Money(5_000_000, BTC)},
    "asset": {"receive": Money(50_000, ETH)},
    "revision": {"revision": 2},
    "return address of somebody": {"return_address": "a thief's"},
    "processor": {"processor": "gamma"},
    "id": {"processor_id": "alpha-7"},
    "no deposit address": {"deposit_address": None},
    "no deposit": {"deposit": None},
    "no expiry": {"expires_at": None},
    "no id": {"processor_id": None},
    "another wallet": {"wallet": "cold"},
    "somebody's other order": {"processor": "beta"},
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_a_row_that_somebody_edited_is_never_funded(till: Till, edit: dict[str, Any]) -> None:
    key = till.ordered()
    till.edit_order(till.order(key), **edit)
    till.worker().pay()
    assert till.refund(key).status == "APPROVED"
    assert not till.chain.first_broadcasts


def test_row_and_processor_that_agree_on_more_than_is_owed_are_not_believed(till: Till) -> None:
    key = till.ordered()
    many, dear = Money(500_000, BTC), xmr("2.02")
    till.edit_order(till.order(key), receive=many, deposit=dear, offered=dear)
    word = replace(till.alpha.orders["alpha-1"].said, receive=many, deposit=dear)
    till.readings.take("alpha", word, till.clock.now())
    till.worker().pay()
    assert till.standing(key) == ("APPROVED", "DROPPED")
    assert not till.chain.first_broadcasts


@pytest.mark.parametrize(("code", "factor"), [("XMR", "1.10"), ("BTC", "0.90")])
def test_an_order_that_our_own_rates_left_behind_is_not_funded(till: Till, code: str, factor: str) -> None:
    key = till.ordered()
    price(till, code, factor)
    till.worker().pay()
    assert till.standing(key) == ("APPROVED", "DROPPED")
    assert not till.chain.first_broadcasts


def test_a_processor_that_changes_its_mind_while_the_wallet_signs_is_not_paid(till: Till) -> None:
    key = till.ordered()

    def change() -> None:
        twist(till, said(deposit_address="another"))
        word = replace(till.alpha.orders["alpha-1"].said, deposit_address="another")
        till.readings.take("alpha", word, till.clock.now())

    till.worker(Watch(after={"coin.prepare": Once(change)})).pay()
    assert till.standing(key) == ("APPROVED", "DROPPED")
    assert len(till.chain.signed) == 1
    assert not till.chain.first_broadcasts


def test_without_a_rate_it_waits_in_words(till: Till) -> None:
    key = till.ordered()
    till.pricing.refusal = RateUnavailable("one of 4 sources is fresh")
    till.worker().pay()
    assert till.standing(key) == ("APPROVED", "UNFUNDED")
    assert till.waiting(key) == "a rate: one of 4 sources is fresh"
    till.pricing.refusal = None
    till.worker().pay()
    assert till.standing(key) == ("PAYING", "FUNDED")


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
    assert [event.kind for event in till.alarms()] == ["refund.held"]
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
    from payout.worker import WalletWorker
    from tests.scenarios.world import LEASE

    key = till.ordered()
    WalletWorker(till.wallet_of(), "a", LEASE).pay()
    assert till.standing(key) == ("APPROVED", "UNFUNDED")


def test_swaps_of_another_wallet_are_refused_at_the_start(till: Till) -> None:
    till.rules = replace(till.rules, wallet="cold")
    with pytest.raises(ValueError, match="cold"):
        till.worker()


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
