"""Repair of what was paid through processors: orders come back as they were funded, and are never funded twice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from adapters.memory.journal import MemoryJournal
from adapters.memory.store import MemoryStore
from payout.change import Change
from payout.delivery import journal
from payout.footing import pairs_of
from payout.guard import adopt
from payout.journal_order import return_body
from payout.order import Order, OrderStatus
from payout.refund import Attempt, AttemptStatus, Refund, RefundStatus
from payout.repair import Reconciler
from payout.spend_journal import Entry
from payout.transfer import Transfer, TransferKind, TransferStatus
from payout.wallet import Wallet
from tests.factories import NOW, WALLET, answered, digest, make_attempt, make_funding, make_order, make_swapped
from tests.scenarios.world import World

TTL = timedelta(seconds=30)


@dataclass
class Office:
    """One wallet with a database that can be put back to what it was, and a journal that goes on."""

    wallet: Wallet
    store: MemoryStore

    def repair(self) -> list[tuple[str, bool]]:
        """Findings, and whether each was mended."""
        return [(each.kind, each.mended) for each in Reconciler(wallet=self.wallet).repair("alice").findings]

    def forget(self, *changes: Change) -> None:
        """Another database, which knows no more than these changes."""
        self.store = MemoryStore()
        self.wallet = replace(self.wallet, store=self.store)
        for change in changes:
            self.store.commit(change)

    def fund(self, refund: Refund, order: Order, name: str = "T-1") -> Transfer:
        """What funding does, short of the network: the change, the line, the begin."""
        change, transfer = funding(refund, order, name)
        self.store.commit(change)
        journal(self.wallet, transfer, pairs_of(self.wallet, transfer))
        self.store.commit(Change(transfers=(transfer.begin(NOW),)))
        return transfer

    def get_back(self, order_id: str) -> None:
        """The deposit came back: on record, and in the journal."""
        order, refund = self.order(order_id), self.refund()
        over = order.to(OrderStatus.RETURNED, return_txid=digest("back"), returned_units=7, ended_at=NOW)
        tries = self.store.attempts([refund.id])
        failed = replace(tries[-1], status=AttemptStatus.FAILED, closed_at=NOW)
        self.store.commit(Change(orders=(over,), attempts=(failed,), refunds=(refund.fail_attempt(),)))
        self.wallet.journal.append(Entry.RETURN, order_id, NOW, return_body(over))

    def order(self, order_id: str) -> Order:
        found = self.store.order(order_id)
        assert found is not None
        return found

    def refund(self) -> Refund:
        found = self.store.refund("E-1")
        assert found is not None
        return found

    def tries(self) -> list[Attempt]:
        return list(self.store.attempts([self.refund().id]))


def office() -> Office:
    """A refund of 25 USD in USDT, approved, with an order that waits for its deposit."""
    store = MemoryStore()
    wallet = replace(World().wallet(), store=store, journal=MemoryJournal([]))
    lease = store.claim_lease(WALLET, "a", TTL)
    assert lease is not None
    adopt(wallet, wallet.coin.check(), lease)
    store.release_lease(lease)
    store.commit(in_store())
    return Office(wallet, store)


def in_store(number: int = 1) -> Change:
    refund = make_swapped()
    return Change(refunds=(refund,), orders=(replace(unfunded(refund, number), version=0),))


def unfunded(refund: Refund, number: int = 1) -> Order:
    made = make_order(
        refund,
        number=number,
        memo="tag",
        offer_ref="rate-1",
        offer_expires_at=NOW + TTL,
        return_index=2**33,
    )
    return answered(made, support_url="https://example.com/help")


def funding(refund: Refund, order: Order, name: str) -> tuple[Change, Transfer]:
    transfer = make_funding(name, order)
    opened = refund.open_attempt()
    attempt = make_attempt(
        opened, transfer, order_id=order.id, deposit_address=order.deposit_address, amount=order.receive
    )
    paid = order.to(OrderStatus.FUNDED, transfer_id=transfer.id, funded_at=NOW)
    return Change(refunds=(opened,), orders=(paid,), attempts=(attempt,), transfers=(transfer,)), transfer


def first(world: Office) -> Order:
    return world.order(f"{world.refund().id}/o1")


def test_an_empty_database_gets_refund_order_attempt_and_transfer_back() -> None:
    world = office()
    transfer = world.fund(world.refund(), first(world))
    before, tried = first(world), world.tries()

    world.forget()

    assert world.repair() == [("transfer.missing", True)]
    assert world.refund().status is RefundStatus.PAYING
    said = replace(before, stage=None, status_text=None, said_at=None, version=0)
    assert first(world) == said
    assert world.tries() == tried
    row = world.store.transfer(transfer.id)
    assert row is not None
    assert (row.kind, row.status, row.begun) == (TransferKind.FUNDING, TransferStatus.OPEN, True)
    assert [event.kind for event in world.store.events(order_id=before.id)] == ["refund.recreated"]


def test_an_order_that_the_old_database_has_as_unfunded_is_funded_again() -> None:
    world = office()
    world.fund(world.refund(), first(world))

    world.forget(in_store())
    world.repair()

    assert (first(world).status, first(world).version) == (OrderStatus.FUNDED, 1)
    assert world.refund().status is RefundStatus.PAYING
    assert world.store.orders_funded_by(digest("T-1")) == (first(world),)


def test_what_the_old_database_ordered_anew_gives_way_to_what_was_funded() -> None:
    world = office()
    world.fund(world.refund(), first(world))

    world.forget(in_store(number=2))
    world.repair()

    orders = world.store.orders_of([world.refund().id])
    assert [(order.number, order.status) for order in orders] == [(1, OrderStatus.FUNDED), (2, OrderStatus.DROPPED)]


def test_an_order_made_under_the_same_number_since_gives_way_too() -> None:
    world = office()
    world.fund(world.refund(), first(world))
    refund = make_swapped()
    other = make_order(refund, processor="exolix", return_address="another one")

    world.forget(Change(refunds=(refund,), orders=(other,)))
    world.repair()

    assert (first(world).processor, first(world).status) == ("changenow", OrderStatus.FUNDED)


def test_an_order_whose_funding_is_void_comes_back_as_dropped() -> None:
    world = office()
    transfer = world.fund(world.refund(), first(world))
    world.wallet.journal.append(Entry.VOID, transfer.id, NOW, {})

    world.forget()
    world.repair()

    assert first(world).status is OrderStatus.DROPPED
    assert [each.status for each in world.tries()] == [AttemptStatus.FAILED]
    assert world.refund().status is RefundStatus.REQUESTED


def test_an_order_whose_deposit_came_back_returns_as_such_and_its_refund_must_be_approved_anew() -> None:
    world = office()
    transfer = world.fund(world.refund(), first(world))
    world.get_back(first(world).id)

    world.forget()
    world.repair()

    order = first(world)
    assert (order.status, order.returned_units, order.return_txid) == (OrderStatus.RETURNED, 7, digest("back"))
    assert [each.status for each in world.tries()] == [AttemptStatus.FAILED]
    assert world.refund().status is RefundStatus.REQUESTED
    row = world.store.transfer(transfer.id)
    assert row is not None
    assert row.status is TransferStatus.OPEN


def test_a_deposit_that_came_back_since_makes_room_for_the_order_that_followed() -> None:
    world = office()
    order = first(world)
    approved = world.refund()
    change, transfer = funding(approved, order, "T-1")
    world.fund(approved, order)
    world.get_back(order.id)
    second = unfunded(world.refund(), 2)
    world.store.commit(Change(orders=(replace(second, version=0),)))
    world.fund(world.refund(), replace(second, version=0), "T-2")

    world.forget(in_store(), change, Change(transfers=(transfer.begin(NOW),)))
    world.repair()

    orders = world.store.orders_of([world.refund().id])
    assert [order.status for order in orders] == [OrderStatus.RETURNED, OrderStatus.FUNDED]
    assert [each.status for each in world.tries()] == [AttemptStatus.FAILED, AttemptStatus.OPEN]
    assert (world.refund().status, world.refund().attempts) == (RefundStatus.PAYING, 2)


def test_a_lost_journal_learns_of_fundings_and_of_deposits_that_came_back() -> None:
    world = office()
    transfer = world.fund(world.refund(), first(world))
    world.get_back(first(world).id)
    refund_id = world.refund().id
    lines = list(world.wallet.journal.lines())

    world.wallet = replace(world.wallet, journal=MemoryJournal([]))
    assert world.repair() == [("transfer.unjournaled", True)]

    again = {line.entry: line.body for line in world.wallet.journal.lines()}
    assert again[Entry.COMMIT] == {line.entry: line.body for line in lines}[Entry.COMMIT]
    view = world.wallet.journal.view()
    assert view.has(Entry.RETURN, first(world).id)
    assert view.has(Entry.COMMIT, transfer.id)
    assert view.live_transfers(refund_id) == frozenset()


def test_repairing_twice_changes_nothing_more() -> None:
    world = office()
    world.fund(world.refund(), first(world))
    world.forget()
    world.repair()
    before = first(world)

    assert world.repair() == []
    assert first(world) == before
