"""Attesting: people say how a swap ended; two of them where people are configured, and nothing is freed by a word."""

from __future__ import annotations

from dataclasses import replace

import pytest

from payout.change import Change
from payout.errors import BadInput, IllegalTransition, NotAllowed, NotApproved, OrderTaken
from payout.order import OrderStatus, Stage
from payout.refund import RefundStatus
from payout.resolution import Resolution
from payout.spend_journal import Entry
from payout.swaps.attestation import words_of
from payout.swaps.returns import journal_returns
from payout.transfer import TransferStatus
from tests.approvers import make_approver, make_rules
from tests.payout.swaps.following import Following
from tests.stores import AUDIT

TXID = "0x4f2a"
PEOPLE = {
    "ann": ("approver",),
    "bob": ("finance",),
    "cy": ("requester",),
}
PAID = ("SETTLED", "PAID", "SETTLED")
UNDER_WAY = ("FUNDED", "PAYING", "OPEN")


def settle(world: Following, who: str = "ann", proof: str | None = TXID) -> None:
    world.desk().resolve("E-1", Resolution.SETTLED, who, "seen on an explorer", proof)


def fail(world: Following, who: str = "ann") -> None:
    world.desk().resolve("E-1", Resolution.FAILED, who, "their support wrote, ticket 9")


def test_one_person_attests_a_settlement_where_nobody_else_is_configured() -> None:
    world = Following(verified=False)
    world.tell(Stage.SETTLED)
    settle(world)
    row = world.row()
    assert world.standing == PAID
    assert (row.attested_by, row.settle_txid, row.watched, row.trouble) == ("ann", TXID, True, None)
    assert world.refund().paid_at == world.clock.time
    assert world.events()[-1].who == "ann"


def test_where_people_are_configured_two_must_say_the_same() -> None:
    world = Following(verified=False, people=PEOPLE)
    settle(world, "ann")
    assert world.standing == UNDER_WAY
    assert world.row().attested_by == f"ann: settled by {TXID}"
    settle(world, "bob")
    assert world.standing == PAID
    assert world.row().attested_by == "ann, bob"


def test_one_person_cannot_be_two() -> None:
    world = Following(people=PEOPLE)
    settle(world, "ann")
    with pytest.raises(NotApproved, match="another person"):
        settle(world, "ann")
    assert world.standing == UNDER_WAY


@pytest.mark.parametrize("who", ["cy", "a stranger"])
def test_only_an_approver_or_finance_may_attest(who: str) -> None:
    world = Following(people=PEOPLE)
    with pytest.raises(NotAllowed, match="ask ann, bob"):
        settle(world, who)


def test_two_who_say_different_things_end_nothing() -> None:
    world = Following(people=PEOPLE)
    settle(world, "ann", TXID)
    settle(world, "bob", "0xanother")
    assert world.standing == UNDER_WAY
    fail(world, "ann")
    assert world.standing == UNDER_WAY


def test_a_word_of_someone_who_has_left_does_not_count() -> None:
    world = Following(people=PEOPLE)
    settle(world, "ann")
    world.approver = make_approver(make_rules({"bob": ("finance",), "cy": ("requester",)}), intake=None)
    settle(world, "bob")
    assert world.standing == UNDER_WAY
    assert world.row().attested_by == f"bob: settled by {TXID}"


def test_a_word_that_only_the_row_has_does_not_count_and_is_an_alarm() -> None:
    world = Following(people=PEOPLE)
    forged = world.row().to(OrderStatus.FUNDED, attested_by=f"bob: settled by {TXID}")
    world.store.commit(Change(orders=(forged,)))
    settle(world, "ann")
    assert world.standing == UNDER_WAY
    assert world.row().attested_by == f"ann: settled by {TXID}"
    assert [event.kind for event in world.alarms()] == ["order.contradicted"]


def test_a_word_is_taken_from_the_chain_where_the_row_has_lost_it() -> None:
    world = Following(verified=False, people=PEOPLE)
    settle(world, "ann")
    world.store.commit(Change(orders=(world.row().to(OrderStatus.FUNDED, attested_by=None),)))
    settle(world, "bob")
    assert world.standing == PAID
    assert world.row().attested_by == "ann, bob"


def test_a_planted_link_is_nobodys_word() -> None:
    world = Following(people=PEOPLE)
    settle(world, "ann")
    link = world.store.audit_lines(0, 100, order_id=world.order.id)[-1]
    bobs = replace(link, number=link.number + 1, event=replace(link.event, who="bob"))
    world.store._t.links.append(bobs)
    assert words_of(world.store, AUDIT, world.order.id) == {"ann": f"settled by {TXID}"}


def test_whoever_says_otherwise_later_has_not_said_the_first() -> None:
    world = Following(people=PEOPLE)
    settle(world, "ann", TXID)
    fail(world, "ann")
    settle(world, "bob", TXID)
    assert world.standing == UNDER_WAY


def test_words_of_before_a_settlement_that_was_undone_do_not_count() -> None:
    world = Following(people=PEOPLE)
    fail(world, "ann")
    world.tell(Stage.SETTLED, settle_txids=(world.pays(),))
    assert world.standing == PAID
    world.tron.reorg(3, drop=True)
    world.look()
    assert world.standing == UNDER_WAY
    fail(world, "bob")
    assert world.standing == UNDER_WAY


def test_what_the_processor_says_between_two_words_changes_neither() -> None:
    world = Following(verified=False, people=PEOPLE)
    settle(world, "ann")
    world.tell(Stage.SETTLED, settle_txids=("another",))
    settle(world, "bob")
    assert world.standing == PAID
    assert world.row().settle_txid == TXID


@pytest.mark.parametrize("proof", [None, "", "  ", "two words", "x" * 200, "caf\N{LATIN SMALL LETTER E WITH ACUTE}"])
def test_a_settlement_needs_a_transaction_as_proof(proof: str | None) -> None:
    with pytest.raises(BadInput, match="proof"):
        settle(Following(), proof=proof)


def test_one_payment_is_attested_for_one_refund_of_a_customer() -> None:
    world = Following()
    world.funded("E-2")
    settle(world)
    with pytest.raises(OrderTaken):
        world.desk().resolve("E-2", Resolution.SETTLED, "ann", "the same one", TXID)


def test_a_payment_that_people_named_for_one_order_is_never_the_proof_of_another() -> None:
    world = Following()
    other = world.funded("E-2")
    txid = world.pays()
    settle(world, proof=txid)
    world.says(Stage.SETTLED, settle_txids=(txid,), processor_id=other.processor_id)
    world.look(other)
    assert (world.row(other).status, world.refund(other).status) == (OrderStatus.FUNDED, RefundStatus.PAYING)
    assert "settles another order" in (world.row(other).trouble or "")


@pytest.mark.parametrize("how", [Resolution.SETTLED, Resolution.FAILED])
def test_a_swap_whose_own_deposit_is_not_final_cannot_be_attested(how: Resolution) -> None:
    world = Following()
    transfer = world.store.transfer(world.order.transfer_id or "")
    assert transfer is not None
    world.store.commit(Change(transfers=(transfer.to(TransferStatus.OPEN),)))
    with pytest.raises(IllegalTransition, match="not final"):
        world.desk().resolve("E-1", how, "ann", "why", TXID)
    assert world.standing == UNDER_WAY


@pytest.mark.parametrize("how", [Resolution.SETTLED, Resolution.FAILED])
def test_what_is_no_swap_under_way_cannot_be_attested(how: Resolution) -> None:
    world = Following()
    settle(world)
    with pytest.raises(IllegalTransition, match="no swap under way"):
        world.desk().resolve("E-1", how, "ann", "again", TXID)


def test_a_swap_under_way_cannot_be_ended_as_credited() -> None:
    world = Following()
    with pytest.raises(IllegalTransition):
        world.desk().resolve("E-1", Resolution.CREDITED, "ann", "why")


def test_a_failed_swap_is_paid_anew_only_after_new_approvals() -> None:
    world = Following()
    world.comes_back("0.50")
    world.tell(Stage.RETURNED)
    fail(world)
    refund = world.refund()
    assert world.standing == ("RETURNED", "HELD", "FAILED")
    assert (refund.revision, refund.approved_at) == (2, None)
    assert world.row().returned_units == 38_150_000_000
    journal_returns(world.wallet)
    assert world.wallet.journal.view().has(Entry.RETURN, world.order.id)
    assert world.desk().release("E-1", "ann").status is RefundStatus.REQUESTED
    assert world.desk().approve("E-1", "ann").status is RefundStatus.APPROVED


def test_two_people_attest_a_failure_too() -> None:
    world = Following(people=PEOPLE)
    fail(world, "ann")
    assert world.standing == UNDER_WAY
    fail(world, "bob")
    assert world.standing == ("RETURNED", "REQUESTED", "FAILED")


def test_a_look_is_asked_for_by_refund_order_or_processors_id() -> None:
    world = Following()
    for key in ("E-1", world.order.refund_id, world.order.id, world.order.processor_id or ""):
        world.later(seconds=1)
        assert world.desk().recheck(key) == 1
        assert world.row().poked_at == world.clock.time


def test_a_look_at_what_is_not_funded_is_not_asked_for() -> None:
    world = Following()
    settle(world)
    assert world.desk().recheck("E-1") == 0
    with pytest.raises(BadInput, match="not on record"):
        world.desk().recheck("nothing of ours")
