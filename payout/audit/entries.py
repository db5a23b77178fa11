"""
The entries of an order log, gathered from every table that knows the refund.

Nothing of another customer is among them: a transfer is shown without its other outputs, and of its events only those
that are this refund's, or nobody's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from payout.history_json import approval_json, attempt_json
from payout.money import Money
from payout.text import iso, plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from payout.approval import Approval
    from payout.audit.chain import AuditLine
    from payout.event import Event
    from payout.order import Order
    from payout.ports import Store
    from payout.refund import Attempt, Refund
    from payout.revision import Revision
    from payout.transfer import Transfer
    from payout.webhooks.message import Parcel

EVENTS_MAX: Final = 10_000
"""Of one refund, transfer or order; none has a hundredth of it."""

DELIVERIES_MAX: Final = 10_000
NOT_SHOWN: Final = frozenset({"hmac", "automatic"})
"""Kinds of approvals whose signatures are made with a key that checks them too: they prove nothing to others."""

EVENT: Final = "event"

Facts = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the log. `number` and `mac`: its link; None for what is no event, or older than the chain."""

    at: datetime
    what: str
    words: str
    who: str | None = None
    number: int | None = None
    mac: str | None = None
    facts: Facts = field(default_factory=dict)

    @property
    def title(self) -> str:
        """What it is, in a listing."""
        return str(self.facts["kind"]) if self.what == EVENT else self.what

    def to_json(self) -> Facts:
        return {
            "at": iso(self.at),
            "what": self.what,
            "who": self.who,
            "words": self.words,
            "number": self.number,
            "mac": self.mac,
            "facts": self.facts,
        }


def entries_of(store: Store, refund: Refund) -> Iterator[Entry]:
    """All of a refund, in no order."""
    attempts = store.attempts([refund.id])
    orders = store.orders_of([refund.id])
    yield _request(refund, store.revisions(refund.id))
    for revision in store.revisions(refund.id):
        yield _revision(revision)
    for approval in store.approvals([refund.id]):
        yield _approval(approval)
    yield from _quotes(store, attempts, orders)
    for order in orders:
        yield _order(order)
    yield from _transfers(store, attempts)
    for attempt in attempts:
        yield _attempt(attempt)
    yield from _events(store, refund.id, [attempt.transfer_id for attempt in attempts], [order.id for order in orders])
    for parcel in store.list_deliveries(refund_id=refund.id, limit=DELIVERIES_MAX):
        yield _webhook(parcel)


def _request(refund: Refund, revisions: Sequence[Revision]) -> Entry:
    """As it was handed in: what amendments replaced stands in the first revision."""
    first = revisions[0] if revisions else refund
    facts = {
        "external_id": refund.external_id,
        "owed_usd": str(refund.owed),
        "asset": refund.asset.code,
        "network": refund.asset.network,
        "destination": first.destination,
        "memo": first.memo,
        "payment_tx": refund.payment_tx,
        "paid_usd": str(refund.paid) if refund.paid else None,
        "amount_max": str(refund.amount_max) if refund.amount_max else None,
        "reason": refund.reason,
        "facts_digest": refund.facts,
    }
    words = f"{refund.owed} USD in {refund.asset.code} to {first.destination}"
    return Entry(at=refund.requested_at, what="request", who=refund.requested_by, words=words, facts=facts)


def _revision(revision: Revision) -> Entry:
    words = f"revision {revision.number} was replaced; it said {revision.destination}"
    facts = {"revision": revision.number, "destination": revision.destination, "memo": revision.memo}
    return Entry(at=revision.replaced_at, what="revision", who=revision.replaced_by, words=words, facts=facts)


def _approval(approval: Approval) -> Entry:
    facts = {
        **approval_json(approval),
        "digest": approval.digest,
        "policy": approval.policy,
        "signature": None if approval.kind in NOT_SHOWN else approval.signature,
    }
    words = f"approval of revision {approval.revision} ({approval.kind}) of manifest {approval.digest}"
    return Entry(at=approval.signed_at, what="approval", who=approval.signer, words=words, facts=facts)


def _quotes(store: Store, attempts: tuple[Attempt, ...], orders: tuple[Order, ...]) -> Iterator[Entry]:
    ids = [attempt.quote_id for attempt in attempts] + [order.quote_id for order in orders]
    for quote_id in dict.fromkeys(ids):
        quote = store.quote(quote_id)
        if quote is None:
            continue
        taken = sum(verdict.taken for verdict in quote.verdicts)
        words = f"{quote.asset_code} at {quote.rate:f} USD, from {taken} of {len(quote.verdicts)} sources"
        yield Entry(at=quote.taken_at, what="quote", words=words, facts=quote.to_json())


def _order(order: Order) -> Entry:
    words = f"order at {order.processor}: {order.receive} {order.receive.asset.code} to {order.destination}"
    facts = {
        "id": order.id,
        "processor": order.processor,
        "processor_id": order.processor_id,
        "status": str(order.status),
        "revision": order.revision,
        "receive": str(order.receive),
        "asset": order.receive.asset.code,
        "network": order.receive.asset.network,
        "rate_usd": plain(order.rate),
        "destination": order.destination,
        "memo": order.memo,
        "deposit": str(order.deposit) if order.deposit else None,
        "deposit_asset": order.deposit.asset.code if order.deposit else None,
        "deposit_address": order.deposit_address,
        "deposit_tx_id": order.transfer_id,
        "settle_tx_id": order.settle_txid,
        "settle_height": order.settle_height,
        "settled_unproven": order.settled_unproven,
        "return_tx_id": order.return_txid,
        "returned": _units(order.returned_units, order.deposit),
        "attested_by": order.attested_by,
        "funded_at": iso(order.funded_at),
        "ended_at": iso(order.ended_at),
    }
    return Entry(at=order.asked_at, what="order", words=words, facts=facts)


def _units(units: int | None, like: Money | None) -> str | None:
    return None if units is None or like is None else str(Money(units, like.asset))


def _transfers(store: Store, attempts: tuple[Attempt, ...]) -> Iterator[Entry]:
    for txid in dict.fromkeys(attempt.transfer_id for attempt in attempts):
        transfer = store.transfer(txid)
        if transfer is not None:
            yield _transfer(transfer)


def _transfer(transfer: Transfer) -> Entry:
    """Only what does not show whom else it paid."""
    facts = {
        "tx_id": transfer.id,
        "wallet": transfer.wallet,
        "kind": str(transfer.kind),
        "status": str(transfer.status),
        "begun_at": iso(transfer.begun_at),
        "height": transfer.height,
        "block_hash": transfer.block_hash,
        "confirmations": transfer.depth,
        "final_at": iso(transfer.final_at),
        "give_up_by": transfer.give_up_by,
    }
    words = f"transfer {transfer.id} was committed; it is {transfer.status} now"
    return Entry(at=transfer.committed_at, what="transfer", words=words, facts=facts)


def _attempt(attempt: Attempt) -> Entry:
    words = f"attempt {attempt.number}: {attempt.amount} {attempt.amount.asset.code}; it is {attempt.status} now"
    words += ", and a proof of payment is saved" if attempt.proof else ""
    facts = {**attempt_json(attempt), "manifest_digest": attempt.manifest_digest}
    return Entry(at=attempt.opened_at, what="attempt", words=words, facts=facts)


def _events(store: Store, refund_id: str, txids: Sequence[str], order_ids: Sequence[str]) -> Iterator[Entry]:
    """Each event once; those from before the chain have no link."""
    links = list(store.audit_lines(0, EVENTS_MAX, refund_id=refund_id))
    events = list(store.events(refund_id=refund_id, limit=EVENTS_MAX))
    for txid in dict.fromkeys(txids):
        links += store.audit_lines(0, EVENTS_MAX, transfer_id=txid)
        events += store.events(transfer_id=txid, limit=EVENTS_MAX)
    for order_id in order_ids:
        links += store.audit_lines(0, EVENTS_MAX, order_id=order_id)
        events += store.events(order_id=order_id, limit=EVENTS_MAX)
    ours = {link.number: link for link in links if link.event.refund_id in (None, refund_id)}
    chained = {link.event for link in links}
    for event in dict.fromkeys(events):
        if event not in chained and event.refund_id in (None, refund_id):
            yield _event(event, None)
    for _, link in sorted(ours.items()):
        yield _event(link.event, link)


def _event(event: Event, link: AuditLine | None) -> Entry:
    facts = {"kind": event.kind, "transfer": event.transfer_id, "order": event.order_id, "wallet": event.wallet}
    return Entry(
        at=event.at,
        what=EVENT,
        who=event.who,
        words=event.words,
        number=link.number if link else None,
        mac=link.mac if link else None,
        facts=facts,
    )


def _webhook(parcel: Parcel) -> Entry:
    delivery = parcel.delivery
    words = f"webhook {parcel.message.type} to {parcel.endpoint.id}: {delivery.status}"
    facts = {
        "message": parcel.message.id,
        "type": str(parcel.message.type),
        "endpoint": parcel.endpoint.id,
        "status": str(delivery.status),
        "tries": delivery.tries,
        "said": delivery.said,
        "ended_at": iso(delivery.ended_at),
    }
    return Entry(at=parcel.message.at, what="webhook", words=words, facts=facts)
