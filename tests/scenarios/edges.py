"""
What rows may never say: the reader's own table of edges, and its own rules between rows. Pure.

Written from the design and not from the code: where the two differ, one of them is wrong.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from tests.scenarios.violation import fail

if TYPE_CHECKING:
    from tests.scenarios.database import AttemptRow, Rows

ENDED_BY_A_PERSON = {"CREDITED", "PAID_OUTSIDE", "REJECTED", "CANCELED"}
REFUND_EDGES = {
    "new": {"REQUESTED", "APPROVED"},
    "REQUESTED": {"APPROVED", "HELD", *ENDED_BY_A_PERSON},
    "APPROVED": {"PAYING", "REQUESTED", "HELD", *ENDED_BY_A_PERSON},
    "PAYING": {"PAID", "APPROVED", "HELD"},
    "HELD": {"APPROVED", "REQUESTED", *ENDED_BY_A_PERSON},
    "PAID": {"PAYING"},
}
TRANSFER_EDGES = {"new": {"OPEN"}, "OPEN": {"FINAL", "VOID"}, "FINAL": {"OPEN"}}
ATTEMPT_EDGES = {"new": {"OPEN"}, "OPEN": {"SETTLED", "FAILED"}, "SETTLED": {"OPEN"}}
ATTEMPT_OF = {"OPEN": "OPEN", "FINAL": "SETTLED", "VOID": "FAILED"}
ORDER_EDGES = {
    "new": {"ASKED"},
    "ASKED": {"UNFUNDED", "DROPPED"},
    "UNFUNDED": {"FUNDED", "DROPPED"},
    "FUNDED": {"SETTLED", "RETURNED", "DROPPED"},
    "SETTLED": {"FUNDED"},
}
LIVE_ORDERS = {"ASKED", "UNFUNDED", "FUNDED"}
ATTEMPT_OF_ORDER = {"FUNDED": "OPEN", "SETTLED": "SETTLED", "RETURNED": "FAILED", "DROPPED": "FAILED"}
REFUND_OF = {"OPEN": {"PAYING"}, "SETTLED": {"PAID"}}


def check_edges(before: Rows, after: Rows) -> None:
    """Every row took a declared edge, and none is gone."""
    edges("refund", REFUND_EDGES, before.refunds, after.refunds)
    edges("attempt", ATTEMPT_EDGES, before.attempts, after.attempts)
    edges("transfer", TRANSFER_EDGES, before.transfers, after.transfers)
    edges("order", ORDER_EDGES, before.orders, after.orders)


def edges(kind: str, table: dict[str, set[str]], before: dict[Any, Any], after: dict[Any, Any]) -> None:
    for key, row in after.items():
        was = before[key].status if key in before else "new"
        if row.status != was and row.status not in table.get(was, ()):
            fail(f"{kind} {key} went from {was} to {row.status}")
    if before.keys() - after.keys():
        fail(f"a {kind} is gone")


def check_agreement(rows: Rows) -> None:
    """Refund, attempt and transfer tell one story; a refund has one live attempt at most."""
    live: Counter[str] = Counter()
    for attempt in rows.attempts.values():
        check_cause(attempt, rows)
        if attempt.status == "FAILED":
            continue
        live[attempt.refund_id] += 1
        refund = rows.refunds[attempt.refund_id]
        if refund.status not in REFUND_OF[attempt.status]:
            fail(f"{refund.external_id} is {refund.status} while an attempt is {attempt.status}")
    for refund in rows.refunds.values():
        if live[refund.id] > 1:
            fail(f"{refund.external_id} has {live[refund.id]} live attempts")
        if refund.status in {"PAYING", "PAID"} and not live[refund.id]:
            fail(f"{refund.external_id} is {refund.status} without an attempt")


def check_cause(attempt: AttemptRow, rows: Rows) -> None:
    """An attempt stands as what decides it does: its order, where it has one, else its transfer."""
    transfer = rows.transfers[attempt.transfer_id]
    if attempt.order_id is None:
        if attempt.status != ATTEMPT_OF[transfer.status]:
            fail(f"attempt {attempt[:2]} is {attempt.status} while its transfer is {transfer.status}")
        return
    order = rows.orders[attempt.order_id]
    if attempt.status != ATTEMPT_OF_ORDER.get(order.status):
        fail(f"attempt {attempt[:2]} is {attempt.status} while its order is {order.status}")
    if order.transfer_id != transfer.id or transfer.kind != "FUNDING":
        fail(f"order {order.id} is not funded by {transfer.id[:8]}, which is a {transfer.kind}")
    if order.status == "DROPPED" and transfer.status != "VOID":
        fail(f"order {order.id} is DROPPED while its funding is {transfer.status}")


def check_orders(rows: Rows) -> None:
    """A refund has one live order at most; no two orders have one address or one payment in common."""
    live = Counter(order.refund_id for order in rows.orders.values() if order.status in LIVE_ORDERS)
    for refund_id, count in live.items():
        if count > 1:
            fail(f"{rows.refunds[refund_id].external_id} has {count} live orders")
    for column in ("return_address", "deposit_address"):
        given = Counter(getattr(order, column) for order in rows.orders.values() if getattr(order, column))
        if given and max(given.values()) > 1:
            fail(f"two orders have the {column} {max(given, key=lambda key: given[key])}")
    for order in rows.orders.values():
        if order.transfer_id is not None and not any(each.order_id == order.id for each in rows.attempts.values()):
            fail(f"order {order.id} is funded without an attempt")


def check_inputs(rows: Rows) -> None:
    """An input belongs to one transfer that is not VOID, but for those that give it up."""
    spenders: dict[str, str] = {}
    for transfer in rows.transfers.values():
        if transfer.status != "VOID" and transfer.kind != "GIVE_UP":
            for image in transfer.key_images:
                if spenders.setdefault(image, transfer.id) != transfer.id:
                    fail(f"{transfer.id[:8]} and {spenders[image][:8]} spend the same input")
