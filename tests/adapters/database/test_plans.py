"""No tick reads rows that are done: SQLite itself says which index each query of a tick walks."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa

from adapters.database.store import SqlStore
from payout.asset import XMR
from payout.change import Change, PaymentCap
from payout.order import OrderStatus
from payout.refund import RefundStatus
from tests.contracts.store.orders import funded
from tests.contracts.store.steps import begin, paying
from tests.factories import NOW, WALLET, make_refund, make_return_address, usd
from tests.stores import open_test_store

LARGE = (
    "refunds",
    "attempts",
    "transfers",
    "payloads",
    "events",
    "approvals",
    "key_images",
    "quotes",
    "orders",
    "return_addresses",
)
PARTIAL = (
    "refunds_payable",
    "refunds_expiring",
    "transfers_open",
    "transfers_to_watch",
    "attempts_unproven",
    "orders_live",
    "orders_to_watch",
    "return_addresses_free",
)


@pytest.fixture
def store(sqlite_url: str) -> Iterator[SqlStore]:
    store = open_test_store(sqlite_url)
    yield store
    store.close()


def plans(store: SqlStore, act: Callable[[], object]) -> list[str]:
    """The steps that SQLite takes for every statement of an act."""
    said: list[tuple[str, object]] = []

    def listen(_conn: object, _cursor: object, statement: str, given: object, _context: object, many: bool) -> None:  # noqa: FBT001
        said.append((statement, given[0] if many and isinstance(given, list) else given))

    sa.event.listen(store._engine, "before_cursor_execute", listen)
    act()
    sa.event.remove(store._engine, "before_cursor_execute", listen)
    with store._engine.connect() as conn:
        return [
            str(row[3])
            for statement, given in said
            if statement.split()[0] in ("SELECT", "UPDATE", "DELETE")
            for row in conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)  # type: ignore[arg-type]
        ]


def walks(steps: list[str]) -> list[str]:
    """Steps that go through a large table, or all of an index of one that is not partial."""
    return [
        step
        for step in steps
        if step.startswith("SCAN ")
        and step.split()[1] in LARGE
        and not any(f"INDEX {index}" in step for index in PARTIAL)
    ]


QUEUES: dict[str, tuple[str, Callable[[SqlStore], object]]] = {
    "payable": ("refunds_payable", lambda store: store.payable(XMR.key, 60)),
    "expired": ("refunds_expiring", lambda store: store.expired(NOW, 60)),
    "open_transfers": ("transfers_open", lambda store: store.open_transfers(WALLET)),
    "unwatched": ("transfers_to_watch", lambda store: store.unwatched(WALLET, 60)),
    "unproven": ("attempts_unproven", lambda store: store.unproven(WALLET, 60)),
    "last_begun": ("transfers_begun", lambda store: store.last_begun(WALLET, 1)),
    "list_refunds": ("refunds_listed", lambda store: store.list_refunds(limit=20, after="x")),
    "list_by_status": ("refunds_by_status", lambda store: store.list_refunds(statuses=[RefundStatus.PAID], limit=20)),
    "open_orders": ("orders_live", lambda store: store.open_orders(tuple(OrderStatus), 60)),
    "unwatched_orders": ("orders_to_watch", lambda store: store.unwatched_orders(60)),
    "free_return_addresses": ("return_addresses_free", lambda store: store.free_return_addresses(WALLET, 20)),
    "payable_assets": ("refunds_payable", lambda store: store.payable_assets()),
    "list_orders": ("orders_listed", lambda store: store.list_orders(limit=20, after="x")),
    "events_of_order": ("events_of_order", lambda store: store.events(order_id="x")),
    "events": ("events_of_refund", lambda store: store.events(refund_id="x")),
    "alarms": ("events_alarms", lambda store: store.events(alarms=True)),
}


@pytest.mark.parametrize("name", QUEUES)
def test_a_queue_is_read_from_its_own_index_in_its_order(store: SqlStore, name: str) -> None:
    index, ask = QUEUES[name]
    make = make_refund("x", requested_at=NOW)
    store.commit(Change(refunds=(make,)))

    steps = plans(store, lambda: ask(store))

    assert any(f"INDEX {index} " in f"{step} " for step in steps), steps
    assert [step for step in steps if "TEMP B-TREE" in step] == []


@pytest.mark.parametrize(
    "ask",
    [
        lambda store: store.refund("x"),
        lambda store: store.refunds(["x", "y"]),
        lambda store: store.approvals(["x", "y"]),
        lambda store: store.attempts(["x", "y"]),
        lambda store: store.attempts_of(["x", "y"]),
        lambda store: store.transfer("x"),
        lambda store: store.spending(["x", "y"]),
        lambda store: store.known(["x", "y"]),
        lambda store: store.known_spends(WALLET),
        lambda store: store.payable(XMR.key, 60),
        lambda store: store.expired(NOW, 60),
        lambda store: store.open_transfers(WALLET),
        lambda store: store.unwatched(WALLET, 60),
        lambda store: store.unproven(WALLET, 60),
        lambda store: store.last_begun(WALLET, 60),
        lambda store: store.order("x"),
        lambda store: store.orders_of(["x", "y"]),
        lambda store: store.orders_funded_by("x"),
        lambda store: store.open_orders(tuple(OrderStatus), 60),
        lambda store: store.unwatched_orders(60),
        lambda store: store.poke("changenow", "x", NOW),
        lambda store: store.arrivals_taken(["x", "y"]),
        lambda store: store.free_return_addresses(WALLET, 20),
        lambda store: store.payable_assets(),
        lambda store: store.note_all(XMR.key, "rates"),
        lambda store: begin(store, paying(store)[2]),
        lambda store: store.commit(Change(return_addresses=(make_return_address(),))),
        lambda store: funded(store).to(OrderStatus.SETTLED, arrival_id="x"),
    ],
)
def test_nothing_that_a_tick_asks_walks_through_history(store: SqlStore, ask: Callable[[SqlStore], object]) -> None:
    assert walks(plans(store, lambda: ask(store))) == []


def test_taking_a_refund_in_reads_only_those_of_its_payment(store: SqlStore) -> None:
    cap = PaymentCap(payment_tx="p-1", paid=usd("40.00"))
    refund = make_refund(payment_tx="p-1")

    steps = plans(store, lambda: store.commit(Change(refunds=(refund,), payment_caps=(cap,))))

    assert walks(steps) == []
    assert any("refunds_of_payment" in step for step in steps)
