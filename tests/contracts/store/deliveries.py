"""Deliveries: to one process at a time, of each refund in order, and as often as it takes."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Barrier

from payout.change import Change
from payout.ports import Store
from payout.webhooks.message import Delivery, DeliveryStatus, Parcel
from tests.clock import HandClock
from tests.contracts.store.races import WORKERS
from tests.factories import NOW, make_endpoint, make_event, make_refund

SHOP = make_endpoint()
OTHER = make_endpoint("other")
HOLD = timedelta(seconds=60)
HOUR = timedelta(hours=1)


def tell(store: Store, *names: str, at: datetime = NOW) -> None:
    """One message of each refund, in this order."""
    for name in names:
        refund = store.refund(name) or make_refund(name)
        new = () if store.refund(name) else (refund,)
        store.commit(Change(refunds=new, events=(make_event(refund_id=refund.id, at=at),)))


def open_shop(store: Store, *names: str) -> None:
    store.commit(Change(endpoints=(SHOP, OTHER)))
    tell(store, *names)


def claim(store: Store, limit: int = 100, endpoint_id: str = SHOP.id) -> tuple[Parcel, ...]:
    return store.claim_deliveries(endpoint_id, HOLD, limit)


def names(store: Store, parcels: tuple[Parcel, ...]) -> list[str]:
    refunds = {refund.id: refund for refund in store.refunds([each.message.refund_id or "" for each in parcels])}
    return [refunds[parcel.message.refund_id or ""].external_id for parcel in parcels]


def done(delivery: Delivery, status: DeliveryStatus = DeliveryStatus.DELIVERED) -> Delivery:
    return replace(delivery, status=status, tries=delivery.tries + 1, first_tried_at=NOW, said="said", ended_at=NOW)


class Deliveries:
    def test_what_is_due_is_given_with_all_that_it_needs_and_held_for_so_long(
        self, store: Store, clock: HandClock
    ) -> None:
        open_shop(store, "E-1", "E-2")

        first = claim(store)

        assert names(store, first) == ["E-1", "E-2"]
        assert all(parcel.endpoint == SHOP for parcel in first)
        assert all(parcel.delivery.next_at == NOW + HOLD for parcel in first)
        assert store.delivery(first[0].delivery.id) == first[0]
        clock.move(seconds=59)
        assert claim(store) == ()
        clock.move(seconds=1)
        assert names(store, claim(store)) == ["E-1", "E-2"]

    def test_each_endpoint_has_its_own(self, store: Store) -> None:
        open_shop(store, "E-1")

        assert len(claim(store)) == 1
        assert len(claim(store, endpoint_id=OTHER.id)) == 1
        assert claim(store, endpoint_id="we_unknown") == ()

    def test_the_longest_due_come_first_and_no_more_than_asked(self, store: Store, clock: HandClock) -> None:
        open_shop(store)
        tell(store, "E-1", at=NOW + 3 * HOUR)
        tell(store, "E-2", at=NOW + HOUR)
        tell(store, "E-3", at=NOW + 2 * HOUR)
        tell(store, "E-4", at=NOW + 5 * HOUR)
        clock.move(hours=4)

        assert names(store, claim(store, 2)) == ["E-2", "E-3"]
        assert names(store, claim(store, 2)) == ["E-1"]

    def test_of_one_refund_only_the_oldest_is_given(self, store: Store) -> None:
        open_shop(store, "E-1", "E-1", "E-2", "E-1")

        first = claim(store)
        assert names(store, first) == ["E-1", "E-2"]
        assert claim(store) == ()

        store.report_delivery(done(first[0].delivery))
        second = claim(store)

        assert names(store, second) == ["E-1"]
        assert second[0].message != first[0].message
        store.report_delivery(done(second[0].delivery, DeliveryStatus.FAILED))
        assert names(store, claim(store)) == ["E-1"]

    def test_the_next_waits_while_the_first_is_put_off(self, store: Store, clock: HandClock) -> None:
        open_shop(store, "E-1", "E-1")
        (first,) = claim(store)
        store.report_delivery(replace(first.delivery, tries=1, next_at=NOW + HOUR))
        tell(store, "E-1")

        assert claim(store) == ()
        clock.move(hours=1)
        (again,) = claim(store)

        assert again.message == first.message
        assert again.delivery.tries == 1
        store.report_delivery(done(again.delivery))
        assert len(claim(store)) == 1

    def test_what_waits_behind_a_delivery_that_is_put_off_waits_as_long(self, store: Store) -> None:
        open_shop(store, "E-1", "E-1", "E-2", "E-1")
        first, _ = claim(store)

        store.report_delivery(replace(first.delivery, tries=1, next_at=NOW + HOUR))

        kept = [each.delivery for each in store.list_deliveries(endpoint_id=SHOP.id, refund_id=make_refund("E-1").id)]
        assert [each.next_at for each in kept] == [NOW + HOUR] * 3
        assert [each.tries for each in kept] == [0, 0, 1]
        others = [each.delivery for each in store.list_deliveries(endpoint_id=OTHER.id)]
        assert {each.next_at for each in others} == {NOW}

    def test_what_is_of_no_refund_waits_for_nothing(self, store: Store) -> None:
        open_shop(store)
        store.commit(Change(events=tuple(make_event(kind="wallet.low", wallet="hot") for _ in range(3))))

        assert len(claim(store)) == 3

    def test_what_came_of_a_try_is_kept_and_an_ended_one_is_not_reported_again(self, store: Store) -> None:
        open_shop(store, "E-1")
        (parcel,) = claim(store)
        delivered = done(parcel.delivery)

        store.report_delivery(delivered)
        store.report_delivery(replace(parcel.delivery, tries=9, said="a process that slept"))
        store.report_delivery(replace(parcel.delivery, id="unknown"))

        kept = store.delivery(delivered.id)
        assert kept is not None
        assert kept.delivery == delivered
        assert claim(store) == ()

    def test_an_ended_one_can_be_sent_again_from_the_beginning(self, store: Store, clock: HandClock) -> None:
        open_shop(store, "E-1", "E-1")
        (parcel,) = claim(store)
        assert not store.resend(parcel.delivery.id, NOW)
        store.report_delivery(done(parcel.delivery, DeliveryStatus.FAILED))

        assert store.resend(parcel.delivery.id, NOW)

        again = store.delivery(parcel.delivery.id)
        assert again is not None
        assert again.delivery == replace(parcel.delivery, next_at=NOW)
        (given,) = claim(store)  # It is the oldest again.
        assert given.message == parcel.message
        assert not store.resend("unknown", clock.now())

    def test_a_stopped_endpoint_is_given_nothing_and_loses_nothing(self, store: Store) -> None:
        open_shop(store, "E-1")
        stopped = replace(SHOP, stopped_at=NOW, stopped_why="410", version=1)

        store.commit(Change(endpoints=(stopped,)))

        assert claim(store) == ()
        (parcel,) = store.list_deliveries(endpoint_id=SHOP.id)
        assert parcel.delivery.status is DeliveryStatus.PENDING

    def test_what_ended_long_ago_is_forgotten_a_few_at_a_time_with_its_message(self, store: Store) -> None:
        open_shop(store, "E-1", "E-2", "E-3", "E-4")
        for endpoint_id in (SHOP.id, OTHER.id):
            for number, parcel in enumerate(claim(store, endpoint_id=endpoint_id)[:3]):
                status = DeliveryStatus.FAILED if number else DeliveryStatus.DELIVERED
                store.report_delivery(replace(done(parcel.delivery, status), ended_at=NOW + number * HOUR))
        newest = store.list_deliveries()[0].message.id

        assert store.forget_deliveries(NOW, 100) == 0
        assert store.forget_deliveries(NOW + 2 * HOUR, 3) == 3
        assert store.forget_deliveries(NOW + 2 * HOUR, 3) == 1
        assert store.forget_deliveries(NOW + 2 * HOUR, 3) == 0

        left = store.list_deliveries()
        assert len(left) == 4  # Two that ended later, and two that are still owed, however old they are.
        assert {parcel.delivery.status for parcel in left} == {DeliveryStatus.FAILED, DeliveryStatus.PENDING}
        assert left[0].message.id == newest
        assert store.forget_deliveries(NOW + 3 * HOUR, 3) == 2
        assert {parcel.delivery.status for parcel in store.list_deliveries()} == {DeliveryStatus.PENDING}

    def test_those_that_failed_are_listed_by_themselves(self, store: Store) -> None:
        open_shop(store, "E-1", "E-2", "E-3")
        parcels = claim(store)
        for parcel, status in zip(parcels, DeliveryStatus, strict=True):
            store.report_delivery(
                done(parcel.delivery, status) if status is not DeliveryStatus.PENDING else parcel.delivery
            )

        assert names(store, store.list_deliveries(failed=True)) == ["E-3"]
        assert store.list_deliveries(failed=True, endpoint_id=OTHER.id) == ()
        assert store.list_deliveries(failed=True, after=parcels[2].delivery.id) == ()

    def test_what_was_asked_for_again_is_not_forgotten(self, store: Store) -> None:
        open_shop(store, "E-1")
        (parcel,) = claim(store)
        store.report_delivery(done(parcel.delivery))
        store.resend(parcel.delivery.id, NOW)

        assert store.forget_deliveries(NOW + HOUR, 100) == 0
        assert len(claim(store)) == 1

    def test_what_a_stopped_endpoint_never_took_is_forgotten_and_others_keep_the_message(self, store: Store) -> None:
        open_shop(store, "E-1")
        store.commit(Change(endpoints=(replace(SHOP, stopped_at=NOW, stopped_why="410", version=1),)))

        assert store.forget_deliveries(NOW, 100) == 0
        assert store.forget_deliveries(NOW + HOUR, 100) == 1

        (parcel,) = store.list_deliveries()
        assert parcel.endpoint == OTHER
        assert claim(store, endpoint_id=OTHER.id)[0].message == parcel.message

    def test_processes_that_claim_at_once_never_get_the_same_one(self, store: Store) -> None:
        open_shop(store, *(f"E-{n}" for n in range(12)), *(f"E-{n}" for n in range(12)))
        together = Barrier(WORKERS)

        def work() -> list[str]:
            mine: list[str] = []
            together.wait()
            while parcels := claim(store, 2):
                mine.extend(parcel.delivery.id for parcel in parcels)
            return mine

        with ThreadPoolExecutor(WORKERS) as pool:
            claims = Counter(each for mine in [pool.submit(work) for _ in range(WORKERS)] for each in mine.result())

        assert len(claims) == 12
        assert set(claims.values()) == {1}

    def test_each_refund_is_told_in_order_whoever_tells_it(self, store: Store) -> None:
        open_shop(store, *(f"E-{n % 3}" for n in range(15)))
        order = {p.message.id: n for n, p in enumerate(reversed(store.list_deliveries(endpoint_id=SHOP.id)))}
        heard: list[Parcel] = []

        def work() -> None:
            while len(heard) < len(order):
                for parcel in claim(store, 1):
                    heard.append(parcel)
                    store.report_delivery(done(parcel.delivery))

        with ThreadPoolExecutor(WORKERS) as pool:
            for worker in [pool.submit(work) for _ in range(WORKERS)]:
                worker.result()

        for name in range(3):
            of_one = [order[p.message.id] for p in heard if p.message.refund_id == make_refund(f"E-{name}").id]
            assert len(of_one) == 5
            assert of_one == sorted(of_one)
