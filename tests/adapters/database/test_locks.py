"""
PostgreSQL, where writers run side by side: a second one waits for what the first has checked, and then sees it.

Each test lets the second run into the first's open transaction, and only then lets the first commit.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeVar

import pytest
import sqlalchemy as sa

from adapters.database.store import SqlStore, commit, conditions, deliveries, leases
from payout.caps import CapUse
from payout.change import Change, Lease, PaymentCap
from payout.errors import DuplicateRefund, KeyImageTaken, KeyUsed, LimitReached, PayoutError, StaleWrite, StoreError
from tests.adapters.conftest import emptied
from tests.clock import HandClock
from tests.contracts.store.audit import followed
from tests.contracts.store.steps import add
from tests.factories import (
    WALLET,
    digest,
    make_approved,
    make_attempt,
    make_endpoint,
    make_event,
    make_refund,
    make_reply,
    make_transfer,
    make_wallet,
    usd,
)
from tests.stores import AUDIT, open_test_store

pytestmark = pytest.mark.nodes

TTL = timedelta(seconds=30)
PATIENCE_SECONDS = 20
WRITERS = 4
TURNS = 10
Answer = TypeVar("Answer")


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def postgres_url(migrated: sa.Engine) -> str:
    return emptied(migrated)


@pytest.fixture
def store(postgres_url: str, clock: HandClock) -> Iterator[SqlStore]:
    store = open_test_store(postgres_url, clock)
    yield store
    store.close()


@dataclass
class Meeting:
    store: SqlStore

    def of(self, first: Callable[[sa.Connection], object], second: Callable[[], Answer]) -> Answer:
        """Do the first without its commit, let the second run into it, commit the first; the second's answer."""
        with ThreadPoolExecutor(1) as pool, self.store._writer.connect() as conn:
            first(conn)
            waiting = pool.submit(second)
            self._wait_until_blocked(waiting)
            conn.commit()
            return waiting.result()

    def of_changes(self, first: Change, second: Change) -> None:
        self.of(lambda conn: commit.apply(conn, first, AUDIT), lambda: self.store.commit(second))

    def _wait_until_blocked(self, waiting: Future[Answer]) -> None:
        blocked = sa.text(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        give_up_at = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < give_up_at and not waiting.done():
            with self.store._engine.connect() as conn:
                if conn.scalar(blocked):
                    return
        raise AssertionError("the second did not wait for the first")


@pytest.fixture
def meeting(store: SqlStore) -> Meeting:
    return Meeting(store)


def test_a_take_over_waits_for_a_commit_that_has_checked_its_lease(
    meeting: Meeting, store: SqlStore, clock: HandClock
) -> None:
    mine = store.claim_lease(WALLET, "me", TTL)
    clock.move(minutes=1)

    theirs = meeting.of(
        lambda conn: conditions.lease_is_ours(conn, mine), lambda: store.claim_lease(WALLET, "them", TTL)
    )

    assert theirs == Lease(wallet=WALLET, owner="them", epoch=2)


def test_of_two_take_overs_the_second_sees_the_first(meeting: Meeting, store: SqlStore, clock: HandClock) -> None:
    store.claim_lease(WALLET, "dead", TTL)
    clock.move(minutes=1)

    second = meeting.of(
        lambda conn: leases.claim(conn, clock, WALLET, "me", TTL), lambda: store.claim_lease(WALLET, "them", TTL)
    )

    assert second is None
    store.commit(Change(lease=Lease(wallet=WALLET, owner="me", epoch=2)))


def test_of_two_refunds_of_a_payment_the_second_sees_the_first(meeting: Meeting, store: SqlStore) -> None:
    worth = PaymentCap(payment_tx="p-1", paid=usd("40.00"))
    store.commit(Change(payment_caps=(worth,)))
    first, second = (make_refund(name, owed=usd("25.00"), payment_tx="p-1") for name in ("E-1", "E-2"))

    with pytest.raises(LimitReached, match=r"15\.00 are left"):
        meeting.of_changes(
            Change(refunds=(first,), payment_caps=(worth,)), Change(refunds=(second,), payment_caps=(worth,))
        )


def test_of_two_worths_of_a_new_payment_the_second_sees_the_first(meeting: Meeting) -> None:
    first = PaymentCap(payment_tx="p-1", paid=usd("40.00"))
    refund = make_refund(owed=usd("40.01"), payment_tx="p-1")

    with pytest.raises(LimitReached):
        meeting.of_changes(
            Change(payment_caps=(first,)),
            Change(refunds=(refund,), payment_caps=(replace(first, paid=None),)),
        )


def test_of_two_uses_of_a_counter_the_second_sees_the_first(meeting: Meeting, store: SqlStore) -> None:
    use = CapUse(scope="day", day="2026-11-22", units=60, cap=100)

    with pytest.raises(LimitReached, match=r"0\.40 are left"):
        meeting.of_changes(Change(caps=(use,)), Change(caps=(use,)))

    assert store.cap_used("day", "2026-11-22") == 60


def test_of_two_changes_of_a_refund_the_second_is_stale(meeting: Meeting, store: SqlStore) -> None:
    refund = make_refund()
    add(store, refund)

    with pytest.raises(StaleWrite, match="version 1"):
        meeting.of_changes(Change(refunds=(refund.hold("a"),)), Change(refunds=(refund.hold("b"),)))


@pytest.mark.parametrize(
    ("first", "second", "refusal"),
    [
        (
            Change(refunds=(make_refund("E-1"),)),
            Change(refunds=(make_refund("E-1", reason="another"),)),
            DuplicateRefund,
        ),
        (
            Change(transfers=(make_transfer("T-1", key_images=(digest("one"),)),)),
            Change(transfers=(make_transfer("T-2", key_images=(digest("one"),)),)),
            KeyImageTaken,
        ),
        (Change(transfers=(make_transfer("T-1"),)), Change(transfers=(make_transfer("T-1"),)), StaleWrite),
    ],
    ids=["external_id", "key image", "txid"],
)
def test_of_two_that_claim_the_same_the_second_is_refused(
    meeting: Meeting, first: Change, second: Change, refusal: type[StoreError]
) -> None:
    with pytest.raises(refusal):
        meeting.of_changes(first, second)


def test_of_two_attempts_at_a_refund_the_second_is_stale(meeting: Meeting, store: SqlStore) -> None:
    refund, transfers = make_approved(), (make_transfer("T-1"), make_transfer("T-2"))
    store.commit(Change(refunds=(refund,), transfers=transfers))
    first, second = (make_attempt(refund, each, number=number) for number, each in enumerate(transfers, 1))

    with pytest.raises(StaleWrite, match="not FAILED"):
        meeting.of_changes(Change(attempts=(first,)), Change(attempts=(second,)))


def test_of_two_links_of_the_audit_chain_the_second_follows_the_first(meeting: Meeting, store: SqlStore) -> None:
    first, second = make_event("first"), make_event("second")

    meeting.of_changes(Change(events=(first,)), Change(events=(second,)))

    assert [line.event for line in followed(store)] == [first, second]


def test_of_two_requests_with_one_key_the_second_waits_for_the_first_answer(meeting: Meeting, store: SqlStore) -> None:
    first, second = (Change(refunds=(make_refund(name),), replies=(make_reply(),)) for name in ("E-1", "E-2"))

    with pytest.raises(KeyUsed):
        meeting.of_changes(first, second)

    assert store.refund("E-2") is None


def test_a_process_that_claims_passes_by_what_another_is_claiming(store: SqlStore, clock: HandClock) -> None:
    store.commit(Change(endpoints=(make_endpoint(),)))
    refunds = [make_refund(f"E-{number}") for number in range(4)]
    for refund in refunds:
        store.commit(Change(refunds=(refund,), events=(make_event(refund_id=refund.id),)))
    endpoint_id = make_endpoint().id

    with store._writer.connect() as conn:
        mine = deliveries.claim(conn, clock, endpoint_id, TTL, 2)
        theirs = store.claim_deliveries(endpoint_id, TTL, 10)
        conn.commit()

    assert [parcel.message.refund_id for parcel in mine] == [each.id for each in refunds[:2]]
    assert [parcel.message.refund_id for parcel in theirs] == [each.id for each in refunds[2:]]
    assert store.claim_deliveries(endpoint_id, TTL, 10) == ()


def test_writers_of_everything_side_by_side_never_wait_for_each_other_in_a_circle(
    store: SqlStore, clock: HandClock
) -> None:
    """A deadlock would be an error: PostgreSQL ends one of the two."""
    store.commit(Change(endpoints=(make_endpoint(), make_endpoint("other")), wallets=(make_wallet(),)))
    shared = [make_refund(f"S-{number}") for number in range(3)]
    add(store, *shared)

    def write(worker: int) -> Counter[str]:
        said: Counter[str] = Counter()
        for turn in range(TURNS):
            name = f"E-{worker}.{turn}"
            use = CapUse(scope=f"cap {turn % 2}", day="2026-11-22", units=1, cap=10**6)
            seen = [store.refund(each.id) for each in shared[:: 1 if worker % 2 else -1]]
            held = tuple(each.hold(name) for each in seen if each is not None)
            acts: tuple[Callable[[], object], ...] = (
                lambda: store.commit(
                    Change(
                        refunds=(make_refund(name),),  # noqa: B023  # Each is done before the next turn.
                        caps=(use, replace(use, scope="all")),  # noqa: B023
                        events=(make_event(refund_id=make_refund(name).id), make_event(alarm=True)),  # noqa: B023
                        replies=(make_reply(f"K-{turn}"),),  # noqa: B023
                        unless_paused=(WALLET,),
                    )
                ),
                lambda: store.commit(
                    Change(refunds=held, events=tuple(make_event(refund_id=each.id) for each in held))  # noqa: B023
                ),
                lambda: report_all(store),
                lambda: store.note_tip(WALLET, turn, clock.now()),  # noqa: B023
            )
            for act in acts:
                said[outcome(act)] += 1
        return said

    with ThreadPoolExecutor(WRITERS) as pool:
        outcomes = sum((each.result() for each in [pool.submit(write, n) for n in range(WRITERS)]), Counter[str]())

    assert set(outcomes) <= {"done", "StaleWrite", "KeyUsed"}
    assert outcomes["done"] >= 2 * TURNS
    followed(store)


def report_all(store: SqlStore) -> None:
    for parcel in store.claim_deliveries("we_shop", TTL, 3):
        store.report_delivery(parcel.delivery)


def outcome(act: Callable[[], object]) -> str:
    try:
        act()
    except PayoutError as error:
        return type(error).__name__
    return "done"


def test_a_remark_for_all_passes_by_what_another_change_holds(store: SqlStore) -> None:
    held, free = make_approved("E-1"), make_approved("E-2")
    add(store, held, free)

    with store._writer.connect() as conn:
        commit.apply(conn, Change(refunds=(held.hold("a person looks"),)), AUDIT)
        store.note_all(held.asset.key, "fresh rates")
        conn.commit()

    assert store.refund(held.id) == held.hold("a person looks")
    assert store.refund(free.id) == replace(free, waiting_for="fresh rates")
