"""Several workers at once: of writes that exclude each other, one is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

from payout.caps import CapUse
from payout.change import Change, PaymentCap
from payout.errors import PayoutError
from payout.ports import Store
from tests.contracts.store.steps import add
from tests.factories import (
    WALLET,
    answered,
    digest,
    make_approved,
    make_attempt,
    make_give_up,
    make_order,
    make_refund,
    make_swapped,
    make_transfer,
    usd,
)

WORKERS = 4
DONE = "done"


def outcomes(acts: Sequence[Callable[[], object]]) -> Counter[str]:
    """Do all at the same moment; how many were done, and what refused the others."""
    together = Barrier(len(acts))

    def attempt(act: Callable[[], object]) -> str:
        together.wait()
        try:
            act()
        except PayoutError as error:
            return type(error).__name__
        return DONE

    with ThreadPoolExecutor(len(acts)) as pool:
        return Counter(pool.map(attempt, acts))


def commit_all(store: Store, changes: Sequence[Change]) -> Counter[str]:
    return outcomes([lambda change=change: store.commit(change) for change in changes])  # type: ignore[misc]


class Races:
    def test_one_of_several_changes_of_a_version_is_kept(self, store: Store) -> None:
        refund = make_refund()
        add(store, refund)
        changes = [Change(refunds=(refund.hold(f"{n}"),)) for n in range(WORKERS)]

        assert commit_all(store, changes) == {DONE: 1, "StaleWrite": WORKERS - 1}

    def test_one_of_several_intakes_of_an_external_id_is_kept(self, store: Store) -> None:
        changes = [
            Change(refunds=tuple(make_refund(f"E-{m}", reason=f"{n}") for m in order))
            for n, order in enumerate([(1, 2, 3), (3, 2, 1), (2, 3, 1), (1, 3, 2)])
        ]

        assert commit_all(store, changes) == {DONE: 1, "DuplicateRefund": WORKERS - 1}
        assert len({line.refund.reason for line in store.list_refunds()}) == 1

    def test_one_of_several_payouts_of_a_refund_is_kept(self, store: Store) -> None:
        refund = make_approved()
        add(store, refund)
        changes = []
        for number in range(WORKERS):
            transfer, opened = make_transfer(f"T-{number}"), refund.open_attempt()
            attempt = make_attempt(opened, transfer)
            changes.append(Change(refunds=(opened,), attempts=(attempt,), transfers=(transfer,)))

        assert commit_all(store, changes) == {DONE: 1, "StaleWrite": WORKERS - 1}
        assert len(store.attempts([refund.id])) == len(store.list_transfers()) == 1

    def test_one_of_several_attempts_lives_even_without_the_refunds_own_row(self, store: Store) -> None:
        refund = make_approved()
        add(store, refund)
        changes = []
        for number in range(1, WORKERS + 1):
            transfer = make_transfer(f"T-{number}")
            attempt = make_attempt(refund, transfer, number=number)
            changes.append(Change(attempts=(attempt,), transfers=(transfer,)))

        assert commit_all(store, changes) == {DONE: 1, "StaleWrite": WORKERS - 1}

    def test_one_of_several_transfers_gets_an_input(self, store: Store) -> None:
        changes = [
            Change(transfers=(make_transfer(f"T-{n}", key_images=(digest("one"), digest(f"{n}"))),))
            for n in range(WORKERS)
        ]

        assert commit_all(store, changes) == {DONE: 1, "KeyImageTaken": WORKERS - 1}

    def test_one_of_several_give_ups_gets_the_input(self, store: Store) -> None:
        stuck = make_transfer("stuck")
        store.commit(Change(transfers=(stuck,)))
        changes = [Change(transfers=(make_give_up(stuck, f"G-{n}"),)) for n in range(WORKERS)]

        assert commit_all(store, changes) == {DONE: 1, "KeyImageTaken": WORKERS - 1}

    def test_one_of_several_orders_of_a_refund_lives(self, store: Store) -> None:
        refund = make_swapped()
        add(store, refund)
        changes = [Change(orders=(make_order(refund, number=number),)) for number in range(1, WORKERS + 1)]

        assert commit_all(store, changes) == {DONE: 1, "OrderTaken": WORKERS - 1}
        assert len(store.list_orders()) == 1

    def test_one_of_several_orders_gets_what_all_of_them_want(self, store: Store) -> None:
        for what, first in (("return_address", True), ("deposit_address", False), ("processor_id", False)):
            refunds = [make_swapped(f"{what} {number}") for number in range(WORKERS)]
            orders = [make_order(refund, **({what: "same"} if first else {})) for refund in refunds]
            add(store, *refunds)
            if not first:
                store.commit(Change(orders=tuple(orders)))
                orders = [answered(order, **{what: "same"}) for order in orders]

            assert commit_all(store, [Change(orders=(each,)) for each in orders]) == {
                DONE: 1,
                "OrderTaken": WORKERS - 1,
            }

    def test_refunds_taken_at_once_never_sum_above_their_payment(self, store: Store) -> None:
        worth = PaymentCap(payment_tx="p-1", paid=usd("50.00"))
        changes = [
            Change(
                refunds=(make_refund(f"E-{n}", owed=usd("25.00"), payment_tx="p-1"),),
                payment_caps=(worth,),
            )
            for n in range(WORKERS)
        ]

        assert commit_all(store, changes) == {DONE: 2, "LimitReached": WORKERS - 2}
        assert len(store.list_refunds()) == 2

    def test_counters_raised_at_once_never_pass_their_cap(self, store: Store) -> None:
        use = CapUse(scope="day", day="2026-11-22", units=25, cap=75)
        other = replace(use, scope="all")
        changes = [Change(caps=(use, other)[:: 1 if n % 2 else -1]) for n in range(WORKERS)]

        assert commit_all(store, changes) == {DONE: 3, "LimitReached": WORKERS - 3}
        assert store.cap_used("day", "2026-11-22") == store.cap_used("all", "2026-11-22") == 75

    def test_one_of_several_workers_gets_the_lease(self, store: Store) -> None:
        ttl = timedelta(seconds=30)
        got: list[object] = []
        claims = [lambda n=n: got.append(store.claim_lease(WALLET, f"worker {n}", ttl)) for n in range(WORKERS)]

        assert outcomes(claims) == {DONE: WORKERS}
        assert len([each for each in got if each is not None]) == 1
