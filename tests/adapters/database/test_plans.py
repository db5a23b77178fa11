"""No tick reads rows that are done: SQLite itself says which index each query of a tick walks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
import sqlalchemy as sa

from adapters.database.store import SqlStore
from payout.asset import XMR
from payout.caps import CapUse
from payout.change import Change, Pause, PaymentCap
from payout.order import OrderStatus
from payout.refund import RefundStatus
from payout.webhooks.message import DeliveryStatus
from tests.contracts.store.orders import funded
from tests.contracts.store.steps import begin, paying
from tests.factories import (
    NOW,
    WALLET,
    make_api_key,
    make_approval,
    make_endpoint,
    make_event,
    make_refund,
    make_reply,
    make_return_address,
    make_revision,
    make_wallet,
    usd,
)
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
    "messages",
    "deliveries",
    "revisions",
    "replies",
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
    "deliveries_due",
    "deliveries_in_turn",
    "events_unchained",
    "deliveries_ended",
)
OUTWARD = ("endpoints", "audit_head", "events", "messages", "deliveries", "replies", "api_keys", "revisions")
HOLD = timedelta(minutes=1)


@pytest.fixture
def store(sqlite_url: str) -> Iterator[SqlStore]:
    store = open_test_store(sqlite_url)
    yield store
    store.close()


def executed(store: SqlStore, act: Callable[[], object]) -> list[tuple[str, object]]:
    """Every statement of an act, with what it was given."""
    said: list[tuple[str, object]] = []

    def listen(_conn: object, _cursor: object, statement: str, given: object, _context: object, many: bool) -> None:  # noqa: FBT001
        said.append((statement, given[0] if many and isinstance(given, list) else given))

    engines = {store._engine, store._writer}
    for engine in engines:
        sa.event.listen(engine, "before_cursor_execute", listen)
    act()
    for engine in engines:
        sa.event.remove(engine, "before_cursor_execute", listen)
    return said


def statements(store: SqlStore, act: Callable[[], object]) -> list[str]:
    """Their texts, each on one line."""
    return [" ".join(text.split()) for text, _ in executed(store, act)]


def plans(store: SqlStore, act: Callable[[], object]) -> list[str]:
    """The steps that SQLite takes for every statement of an act."""
    said = executed(store, act)
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


def told(store: SqlStore, kind: str) -> None:
    """A change of which an endpoint hears."""
    refund, _, transfer = paying(store)
    store.commit(Change(endpoints=(make_endpoint(),)))
    event = make_event(kind=kind, refund_id=refund.id, transfer_id=transfer.id, at=NOW - timedelta(days=1))
    store.commit(Change(events=(event,)))


def put_off(store: SqlStore) -> None:
    """A delivery that failed, and is to be tried again."""
    told(store, "refund.requested")
    (parcel,) = store.claim_deliveries("we_shop", HOLD, 60)
    store.report_delivery(parcel.delivery)


def forgotten(store: SqlStore) -> None:
    """Deliveries that ended, and one that a stopped endpoint never took."""
    told(store, "refund.requested")
    (parcel,) = store.claim_deliveries("we_shop", HOLD, 60)
    store.report_delivery(replace(parcel.delivery, status=DeliveryStatus.DELIVERED, ended_at=NOW - HOLD))
    assert store.forget_deliveries(NOW, 60) == 1


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
    "all events": ("events_number", lambda store: store.events()),
    "audit_lines": ("events_number", lambda store: store.audit_lines(5, 60)),
    "audit_lines_of_refund": ("events_of_refund", lambda store: store.audit_lines(0, 60, refund_id="x")),
    "audit_lines_of_transfer": ("events_of_transfer", lambda store: store.audit_lines(0, 60, transfer_id="x")),
    "audit_lines_of_order": ("events_of_order", lambda store: store.audit_lines(0, 60, order_id="x")),
    "alarms_after": ("events_alarms", lambda store: store.alarms_after(5, 60)),
    "unchained": ("events_unchained", lambda store: store.unchained()),
    "due deliveries": ("deliveries_due", lambda store: store.claim_deliveries("we_shop", HOLD, 60)),
    "deliveries in turn": ("deliveries_in_turn", lambda store: store.claim_deliveries("we_shop", HOLD, 60)),
    "list_deliveries": ("deliveries_listed", lambda store: store.list_deliveries(limit=20, after="x")),
    "list_deliveries_of_endpoint": (
        "deliveries_of_endpoint",
        lambda store: store.list_deliveries(endpoint_id="we_shop", limit=20, after="x"),
    ),
    "list_deliveries_that_failed": ("deliveries_failed", lambda store: store.list_deliveries(failed=True, limit=20)),
    "list_deliveries_of_refund": (
        "deliveries_of_refund",
        lambda store: store.list_deliveries(refund_id="x", limit=20),
    ),
}


@pytest.mark.parametrize("name", QUEUES)
def test_a_queue_is_read_from_its_own_index_in_its_order(store: SqlStore, name: str) -> None:
    index, ask = QUEUES[name]
    make = make_refund("x", requested_at=NOW)
    # Its delivery is not due yet, by the database's own clock: whoever claims one reads small tables too.
    event = make_event(refund_id=make.id, at=NOW + timedelta(days=36500))
    store.commit(Change(refunds=(make,), endpoints=(make_endpoint(),), events=(event,)))

    steps = plans(store, lambda: ask(store))

    assert any(f"INDEX {index} " in f"{step} " for step in steps), steps
    # Endpoints are few, and sorted as they come.
    sorted_afterwards = [before for before, step in pairwise(steps) if "TEMP B-TREE" in step]
    assert set(sorted_afterwards) <= {"SCAN endpoints"}


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
        lambda store: store.approved_owed(),
        lambda store: store.refund_lines(["x", "y"]),
        lambda store: store.revisions("x"),
        lambda store: store.reply("x"),
        lambda store: store.audit_head(),
        lambda store: store.delivery("x"),
        lambda store: store.resend("x", NOW),
        forgotten,
        lambda store: store.place("mail"),
        lambda store: store.move_place("mail", None, 3),
        lambda store: told(store, "refund.requested"),
        lambda store: told(store, "transfer.seen"),
        put_off,
    ],
)
def test_nothing_that_a_tick_asks_walks_through_history(store: SqlStore, ask: Callable[[SqlStore], object]) -> None:
    assert walks(plans(store, lambda: ask(store))) == []


def test_a_commit_of_which_nobody_hears_asks_once_for_the_endpoints_and_once_for_the_chains_end(
    store: SqlStore,
) -> None:
    refund = make_refund()
    seen = statements(store, lambda: store.commit(Change(refunds=(refund,), events=(make_event(refund_id=refund.id),))))

    tables = [(text.split()[0], table) for text in seen for table in OUTWARD if f" {table}" in text]
    assert tables == [("SELECT", "endpoints"), ("SELECT", "audit_head"), ("INSERT", "events"), ("UPDATE", "audit_head")]


def test_the_end_of_the_chain_is_locked_last_and_only_the_history_follows(store: SqlStore) -> None:
    refund = make_refund(payment_tx="p-1")
    change = Change(
        refunds=(refund,),
        approvals=(make_approval(refund),),
        wallets=(make_wallet(),),
        endpoints=(make_endpoint(),),
        api_keys=(make_api_key(),),
        revisions=(make_revision(refund),),
        replies=(make_reply(),),
        caps=(CapUse(scope="day", day="2026-11-22", units=1, cap=2),),
        payment_caps=(PaymentCap(payment_tx="p-1", paid=usd("40.00")),),
        pauses=(Pause(scope=WALLET, who="alice", why="why", at=NOW),),
        events=(make_event(refund_id=refund.id),),
    )
    said = statements(store, lambda: store.commit(change))

    locked = max(place for place, text in enumerate(said) if text.startswith("SELECT audit_head"))
    assert [text.split()[:3] for text in said[locked + 1 :]] == [
        ["INSERT", "INTO", "events"],
        ["UPDATE", "audit_head", "SET"],
        ["INSERT", "INTO", "messages"],
        ["INSERT", "INTO", "deliveries"],
    ]


def test_taking_a_refund_in_reads_only_those_of_its_payment(store: SqlStore) -> None:
    cap = PaymentCap(payment_tx="p-1", paid=usd("40.00"))
    refund = make_refund(payment_tx="p-1")

    steps = plans(store, lambda: store.commit(Change(refunds=(refund,), payment_caps=(cap,))))

    assert walks(steps) == []
    assert any("refunds_of_payment" in step for step in steps)
