"""The payer: what time mends waits in words, what needs a person is held, and the wallet is never misled."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.memory.coin import Effect
from adapters.memory.coin.chain import FEE_PER_BYTE
from payout.change import Pause
from payout.errors import RatesDisagree, RateUnavailable, WalletUnsafe
from payout.spend_journal import Entry
from payout.transfer import TransferKind
from tests.payout.hands import (
    Deeds,
    Hands,
    Once,
    Watch,
    alarms,
    attempts,
    payload,
    payout,
    refund,
    status,
    tables,
    transfers,
    waiting,
)
from tests.scenarios.world import COIN, START, WALLET, World

DAY = 86_400


# ---------------------------------------------------------------- what time mends


@pytest.mark.parametrize("scope", ["all", WALLET])
def test_a_pause_on_record_stops_commits_says_so_and_ends_when_it_is_lifted(scope: str) -> None:
    world = World()
    key = world.approved("E1")
    hands = Hands(world)
    world.desk().pause(scope, "alice", "an audit")
    hands.pay()
    assert (status(world, key), waiting(world, key)) == ("APPROVED", f"{scope} is paused by alice: an audit")
    world.desk().resume(scope, "alice")
    hands.pay()
    assert (status(world, key), waiting(world, key)) == ("PAYING", "")


def test_a_pause_file_stops_commits_says_so_and_ends_when_it_is_removed() -> None:
    world = World()
    key = world.approved("E1")
    hands = Hands(world)
    world.halts.there = (Pause(scope="all", who="a file", why="var/pause exists", at=START),)
    hands.pay()
    assert (status(world, key), waiting(world, key)) == ("APPROVED", "all is paused by a file: var/pause exists")
    world.halts.there = ()
    hands.pay()
    assert status(world, key) == "PAYING"


@pytest.mark.parametrize("refusal", [RateUnavailable("one of 4 sources is fresh"), RatesDisagree("by 9 percent")])
def test_without_a_rate_a_refund_waits_in_words_and_goes_on_by_itself(
    refusal: RateUnavailable | RatesDisagree,
) -> None:
    world = World()
    key = world.approved("E1")
    hands = Hands(world)
    world.pricing.refusal = refusal
    hands.pay()
    assert (status(world, key), waiting(world, key)) == ("APPROVED", f"a rate: {refusal}")
    world.pricing.refusal = None
    hands.pay()
    assert status(world, key) == "PAYING"


def test_a_quote_that_ran_out_while_the_wallet_signed_is_discarded_and_a_new_one_is_taken() -> None:
    world = World()
    key = world.approved("E1")
    signing_takes_minutes = Once(lambda: world.clock.pass_by(121))
    hands = Hands(world, hook=Watch(after={"coin.prepare": signing_takes_minutes}))
    hands.pay()
    (attempt,) = attempts(world, key)
    assert len(world.chain.signed) == 2
    assert list(world.chain.first_broadcasts) == [attempt.transfer_id]
    assert world.pricing.given[attempt.quote_id].is_fresh(attempt.opened_at)


def test_a_network_fee_above_fee_max_waits_and_says_both_figures() -> None:
    world = World()
    key = world.approved("E1")
    hands = Hands(world)
    world.chain.fee_per_byte = 300 * FEE_PER_BYTE
    hands.pay()
    assert status(world, key) == "APPROVED"
    assert "would cost" in waiting(world, key)
    assert "above fee_max_usd = 1.00" in waiting(world, key)
    assert not world.chain.first_broadcasts
    world.chain.fee_per_byte = FEE_PER_BYTE
    hands.pay()
    assert status(world, key) == "PAYING"


def test_a_shortfall_waits_with_its_exact_figures_and_ends_with_a_deposit() -> None:
    world = World(outputs=1, units=COIN // 10)
    key = world.approved("E1")
    hands = Hands(world)
    hands.pay()
    assert status(world, key) == "APPROVED"
    assert "0.152933259925" in waiting(world, key)
    assert "deposit 0.05" in waiting(world, key)
    world.chain.fund("hot-address", COIN)
    world.mine(11)
    hands.pay()
    assert status(world, key) == "PAYING"


def test_what_the_day_no_longer_allows_is_paid_tomorrow() -> None:
    world = World(day_max="40.00")
    first = world.approved("E1")
    world.clock.pass_by(1)
    second = world.approved("E2")
    hands = Hands(world)
    hands.pay()
    assert (status(world, first), status(world, second)) == ("PAYING", "APPROVED")
    assert waiting(world, second).startswith("tomorrow (UTC)")
    assert "15.00 USD of 40.00 is left today" in waiting(world, second)
    world.clock.pass_by(DAY)
    hands.pay()
    assert status(world, second) == "PAYING"


def test_a_refund_whose_approvals_ran_out_is_skipped_without_alarm_and_goes_back_for_approval() -> None:
    world = World()
    late = world.approved("E1")
    world.clock.pass_by(7 * DAY)
    fresh = world.approved("E2")
    Hands(world).pay()
    assert (status(world, late), status(world, fresh)) == ("APPROVED", "PAYING")
    assert alarms(world) == []
    world.desk().expire()
    assert status(world, late) == "REQUESTED"


# ---------------------------------------------------------------- what needs a person


def test_a_row_edited_after_its_approval_is_held_with_an_alarm_and_the_rest_is_paid() -> None:
    world = World()
    edited, honest = world.approved("E1"), world.approved("E2")
    rows = tables(world)
    rows.refunds[edited] = replace(rows.refunds[edited], destination="a thief's address")
    Hands(world).pay()
    assert (status(world, edited), status(world, honest)) == ("HELD", "PAYING")
    assert "is not what was handed in" in (refund(world, edited).hold_reason or "")
    told = [(alarm.kind, alarm.refund_id) for alarm in alarms(world)]
    assert told == [("approval.invalid", edited), ("refund.held", edited)]
    assert "a thief's address" not in {output.address for output in payout(world).outputs}


def test_a_destination_of_our_own_wallet_is_held() -> None:
    world = World()
    world.purse.view.addresses |= {"our subaddress"}
    key = world.approved("E1", destination="our subaddress")
    Hands(world).pay()
    assert (status(world, key), transfers(world)) == ("HELD", ())
    assert "our own wallet" in (refund(world, key).hold_reason or "")


def test_a_destination_that_the_wallet_refuses_is_isolated_and_held_while_the_rest_goes_on() -> None:
    world = World()
    keys = [world.approved(f"E{number}") for number in range(7)]
    world.purse.refused_addresses.add("address of E3")
    Hands(world).pay()
    assert [status(world, key) for key in keys] == ["PAYING"] * 3 + ["HELD"] + ["PAYING"] * 3
    assert "the wallet refuses the address address of E3" in (refund(world, keys[3]).hold_reason or "")


def test_a_refund_held_while_the_wallet_signs_is_not_paid_and_the_rest_is() -> None:
    world = World()
    held, other = world.approved("E1"), world.approved("E2")
    hold = Once(lambda: world.desk().hold(held, "bob", "looks odd"))
    Hands(world, hook=Watch(after={"coin.prepare": hold})).pay()
    assert (status(world, held), status(world, other)) == ("HELD", "PAYING")
    assert [output.address for output in payout(world).outputs if not output.own] == ["address of E2"]


def test_what_the_wallet_sent_against_orders_is_committed_as_sent_and_stops_the_wallet() -> None:
    world = World()
    world.chain.on_first_broadcast = None  # The reader would call it what it is.
    key = world.approved("E1")
    hands = Hands(world, faults=Deeds(prepare=Effect.EARLY))
    with pytest.raises(WalletUnsafe, match="check the version of monero-wallet-rpc before you resume"):
        hands.pay()
    sent = payout(world)
    assert (status(world, key), sent.begun) == ("PAYING", True)
    assert hands.wallet.journal.view().has(Entry.COMMIT, sent.id)


# ---------------------------------------------------------------- a wallet that must not be misled


def test_a_wallet_that_forgot_a_pooled_transfer_is_told_of_it_and_nothing_is_prepared_over_it() -> None:
    world = World()
    world.approved("E1")
    Hands(world, faults=Deeds(save=Effect.LOST)).pay()
    world.purse.kill()
    world.purse.start()
    key, watch = world.approved("E2"), Watch()
    hands = Hands(world, hook=watch)
    hands.pay()
    assert "coin.prepare" not in watch.calls
    assert waiting(world, key) == "the wallet to learn of a transfer that is on its way"
    hands.pay()
    assert status(world, key) == "PAYING"
    first, second = transfers(world)
    assert not set(first.key_images) & set(second.key_images)


def test_a_transfer_that_neither_wallet_nor_node_knows_keeps_everything_else_waiting() -> None:
    world = World()
    world.approved("E1")
    Hands(world, faults=Deeds(relay=Effect.LOST)).pay()
    key, watch = world.approved("E2"), Watch()
    hands = Hands(world, hook=watch)
    hands.pay()
    hands.pay()
    assert "coin.prepare" not in watch.calls
    assert status(world, key) == "APPROVED"


def test_a_transfer_that_the_wallet_was_told_of_after_it_was_mined_is_mended_before_the_next_payment() -> None:
    world = World()
    world.approved("E1")
    hands = Hands(world)
    hands.pay()
    world.mine()
    hands.check()
    world.purse.relay(payload(payout(world)))
    assert len(world.purse.spends(0)) == 2
    world.approved("E2")
    hands.pay()
    first, second = transfers(world)
    assert sorted(spend.txid for spend in world.purse.spends(0)) == sorted([first.id, second.id])
    assert not set(first.key_images) & set(second.key_images)


def test_inputs_of_a_live_transfer_are_never_committed_again_and_the_wallet_is_made_to_look() -> None:
    world = World()
    world.approved("E1")
    Hands(world, faults=Deeds(relay=Effect.LOST)).pay()
    world.desk().give_up(payout(world).id, "alice", "lost")
    key, watch = world.approved("E2"), Watch()
    Hands(world, hook=watch).pay()
    assert (status(world, key), len(transfers(world))) == ("APPROVED", 1)
    assert waiting(world, key) == "the wallet to learn which of its outputs are spent"
    assert watch.calls.count("coin.prepare") == watch.calls.count("coin.rescan") == 1


# ---------------------------------------------------------------- outputs of our own


def test_an_idle_wallet_splits_up_to_its_target_and_then_leaves_its_outputs_alone() -> None:
    world = World(outputs=1, units=8 * COIN)
    hands = Hands(world)
    hands.pay()
    (split,) = transfers(world, TransferKind.SPLIT)
    assert {(output.address, output.own) for output in split.outputs} == {("hot-address", True)}
    world.mine(11)
    hands.track()
    hands.pay()
    assert len(world.purse.funds().holdings) >= world.rules.outputs_target
    assert len(transfers(world, TransferKind.SPLIT)) == 1


def test_no_split_is_made_while_a_transfer_is_not_mined() -> None:
    world = World(outputs=4)
    world.purse.integrated_addresses.add("goes alone")  # So it hands no outputs back itself.
    world.approved("E1", destination="goes alone")
    hands = Hands(world)
    hands.pay()
    hands.pay()
    assert (len(transfers(world)), transfers(world, TransferKind.SPLIT)) == (1, ())
    world.mine()
    hands.track()
    hands.pay()
    assert len(transfers(world, TransferKind.SPLIT)) == 1
