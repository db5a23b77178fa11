"""Delivery: commit, journal, begun, broadcast, look, prove, save; and whoever comes next finishes what is not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from adapters.memory.coin import Effect
from adapters.memory.journal import MemoryJournal
from payout.errors import JournalBroken, LeaseLost, RailUnavailable, StaleWrite, WalletUnsafe
from payout.spend_journal import Entry
from payout.transfer import Place
from tests.payout.hands import (
    Deeds,
    Hands,
    Once,
    Watch,
    attempts,
    failing,
    payload,
    payout,
    status,
    transfers,
)
from tests.scenarios.world import World

if TYPE_CHECKING:
    from payout.errors import PayoutError

DEEDS = {
    "coin.prepare",
    "store.commit",
    "journal.append",
    "coin.relay",
    "coin.resubmit",
    "coin.look",
    "coin.prove",
    "coin.save",
}


def committed_only(world: World) -> str:
    """A refund whose transfer was committed, and whose worker then lost its disk; its id."""
    key = world.approved("E1")
    Hands(world)  # Adopts: that is a line of the journal, too.
    hands = Hands(world, hook=Watch({"journal.append": failing(JournalBroken("disk full"))}))
    with pytest.raises(JournalBroken):
        hands.pay()
    return key


def journaled_only(world: World, error: PayoutError) -> str:
    """A refund whose transfer was committed and journaled, and could not be begun; its id."""
    key = world.approved("E1")
    Hands(world)
    watch = Watch()
    watch.after["journal.append"] = lambda: watch.before.update({"store.commit": failing(error)})
    hands = Hands(world, hook=watch)
    with pytest.raises(type(error)):
        hands.pay()
    return key


# ---------------------------------------------------------------- the order


def test_a_payment_is_committed_journaled_begun_broadcast_looked_at_proved_and_saved_in_this_order() -> None:
    world = World()
    world.approved("E1")
    watch = Watch()
    hands = Hands(world, hook=watch)
    watch.calls.clear()
    hands.pay()
    assert [call for call in watch.calls if call in DEEDS] == [
        "coin.prepare",
        "store.commit",  # the decision
        "journal.append",
        "store.commit",  # begun
        "coin.relay",
        "coin.look",
        "coin.prove",
        "store.commit",  # what was seen, and the proof
        "coin.save",
    ]


def test_when_the_bytes_leave_the_row_says_begun_and_the_line_is_written() -> None:
    world = World()
    world.approved("E1")
    found: list[tuple[bool, bool]] = []

    def look() -> None:
        row = payout(world)
        found.append((row.begun, any(row.id in line for line in world.lines)))

    Hands(world, hook=Watch({"coin.relay": look})).pay()
    assert found == [(True, True)]


def test_the_line_holds_what_a_lost_database_needs() -> None:
    world = World()
    world.approved("E1")
    hands = Hands(world)
    hands.pay()
    line = list(hands.wallet.journal.lines())[-1]
    row = payout(world)
    assert (line.entry, line.txid) == (Entry.COMMIT, row.id)
    assert (line.body["sealed"], line.body["key_images"]) == (row.sealed, list(row.key_images))
    (facts,) = line.body["attempts"]
    assert (facts["external_id"], facts["units"], facts["destination"]) == ("E1", "152933259925", "address of E1")


def test_what_cannot_be_journaled_is_not_broadcast_and_not_begun() -> None:
    world = World()
    key = committed_only(world)
    assert not payout(world).begun
    assert not world.chain.first_broadcasts
    assert status(world, key) == "PAYING"


@pytest.mark.parametrize("error", [LeaseLost("taken over"), StaleWrite("moved")])
def test_what_another_worker_has_taken_over_is_not_broadcast_here(error: PayoutError) -> None:
    world = World()
    journaled_only(world, error)
    assert not payout(world).begun
    assert not world.chain.first_broadcasts


def test_a_broadcast_that_nobody_could_look_at_is_neither_repeated_nor_lost() -> None:
    world = World()
    key = world.approved("E1")
    Hands(world, hook=Watch({"coin.look": Once(failing(RailUnavailable("down")))})).pay()
    assert (status(world, key), payout(world).place) == ("PAYING", Place.UNSEEN)
    Hands(world).track()
    assert payout(world).place is Place.POOL


def test_a_broadcast_that_did_not_arrive_is_neither_told_as_seen_nor_proved() -> None:
    world = World()
    world.approved("E1")
    watch = Watch()
    Hands(world, hook=watch, faults=Deeds(relay=Effect.LOST)).pay()
    assert "coin.prove" not in watch.calls
    assert [event.kind for event in world.database.store.events(transfer_id=payout(world).id)][-1] == "transfer.begun"


# ---------------------------------------------------------------- proofs


def test_each_attempt_has_a_proof_for_its_own_address_and_refund() -> None:
    world = World()
    keys = [world.approved("E1"), world.approved("E2")]
    Hands(world).pay()
    txid = payout(world).id
    proofs = [attempts(world, key)[0].proof for key in keys]
    assert proofs == [f"proof:{txid}:address of E{n + 1}:{key}" for n, key in enumerate(keys)]


def test_a_proof_that_could_not_be_had_is_made_up_for() -> None:
    world = World()
    key = world.approved("E1")
    Hands(world, hook=Watch({"coin.prove": failing(RailUnavailable("busy"))})).pay()
    assert attempts(world, key)[0].proof is None
    Hands(world).track()
    assert attempts(world, key)[0].proof is not None


# ---------------------------------------------------------------- finishing


def test_what_was_committed_and_never_left_is_delivered_by_whoever_comes_next() -> None:
    world = World()
    key = committed_only(world)
    txid = payout(world).id
    Hands(world).finish()
    assert list(world.chain.first_broadcasts) == [txid]
    assert (payout(world).begun, len(attempts(world, key))) == (True, 1)


def test_what_was_journaled_and_not_begun_is_delivered_with_one_line() -> None:
    world = World()
    key = journaled_only(world, StaleWrite("gone"))
    hands = Hands(world)
    hands.finish()
    txid = payout(world).id
    assert (list(world.chain.first_broadcasts), len(attempts(world, key))) == ([txid], 1)
    assert [line.txid for line in hands.wallet.journal.lines()].count(txid) == 1


def test_what_is_begun_is_not_delivered_again() -> None:
    world = World()
    world.approved("E1")
    Hands(world).pay()
    watch = Watch()
    Hands(world, hook=watch).finish()
    assert "coin.relay" not in watch.calls


def test_what_is_mined_already_is_journaled_and_begun_but_never_relayed() -> None:
    world = World()
    world.approved("E1")
    copies: list[object] = []
    Hands(world)
    Hands(world, hook=Watch({"journal.append": lambda: copies.append(world.database.backup())})).pay()
    world.mine()
    world.database.restore(copies[-1])
    world.reader.repaired = True
    assert not payout(world).begun
    watch = Watch()
    hands = Hands(world, hook=watch)
    hands.finish()
    assert payout(world).begun
    assert "coin.relay" not in watch.calls
    assert [spend.txid for spend in world.purse.spends(0)] == [payout(world).id]


def test_what_is_being_given_up_is_not_delivered() -> None:
    world = World()
    committed_only(world)
    world.desk().give_up(payout(world).id, "alice", "changed our mind")
    Hands(world).finish()
    assert not world.chain.first_broadcasts


def test_nothing_of_an_old_database_is_delivered_while_the_journal_is_ahead_of_it() -> None:
    world = World()
    committed_only(world)
    before = world.database.backup()
    hands = Hands(world)
    hands.finish()
    world.approved("E2")
    hands.pay()
    world.database.restore(before)
    broadcast = list(world.chain.first_broadcasts)
    watch = Watch()
    with pytest.raises(WalletUnsafe, match="run `payout reconcile --repair`, then `payout resume`"):
        Hands(world, hook=watch).finish()
    assert "coin.relay" not in watch.calls
    assert list(world.chain.first_broadcasts) == broadcast


def test_a_line_written_while_its_transfer_was_voided_is_answered() -> None:
    world = World()
    key = world.approved("E1")
    Hands(world)

    def another_worker_voids_it() -> None:
        world.desk().give_up(payout(world).id, "alice", "changed our mind")
        world.clock.pass_by(31)
        Hands(world, owner="b").give_up()

    late = Watch({"journal.append": Once(another_worker_voids_it)})
    hands = Hands(world, hook=late)
    with pytest.raises(LeaseLost):
        hands.pay()
    (row,) = transfers(world)
    assert (row.status.value, status(world, key)) == ("VOID", "APPROVED")
    assert hands.wallet.journal.view().has(Entry.VOID, row.id)
    assert not world.chain.first_broadcasts


def test_the_same_bytes_twice_are_one_payment() -> None:
    world = World()
    key = world.approved("E1")
    hands = Hands(world, faults=Deeds(relay=Effect.TWICE))
    hands.pay()
    world.purse.resubmit(payload(payout(world)))
    world.mine(10)
    hands.track()
    assert status(world, key) == "PAID"
    world.reader.settle()


def test_what_another_wallet_journaled_while_ours_wrote_its_line_is_not_broadcast() -> None:
    world = World()
    world.approved("E1")
    Hands(world)
    other, watch = MemoryJournal([]), Watch()
    hands = Hands(world, hook=watch)
    hands.wallet = replace(hands.wallet, neighbours=(other,))

    def pay_beside() -> None:
        line = list(MemoryJournal(world.lines).lines())[-1]
        other.append(Entry.COMMIT, "another", world.clock.now(), line.body)

    watch.after["journal.append"] = pay_beside
    with pytest.raises(WalletUnsafe, match="another pays refund E1"):
        hands.pay()
    assert not world.chain.first_broadcasts
