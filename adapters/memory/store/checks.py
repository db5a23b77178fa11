"""
What a change must fulfil before any of it is applied, in the order in which the database checks it.

Nothing here writes: the whole change is checked first, so that applying it cannot fail half-way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.memory.store import order_checks
from payout.asset import USD
from payout.errors import (
    BadInput,
    DatabaseBehind,
    DuplicateRefund,
    KeyImageTaken,
    KeyUsed,
    LeaseLost,
    LimitReached,
    Paused,
    StaleWrite,
)
from payout.money import Money, total
from payout.refund import AttemptStatus, RefundStatus
from payout.transfer import TransferKind, TransferStatus

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from adapters.memory.store.tables import Tables
    from payout.api_key import ApiKey
    from payout.change import Change
    from payout.refund import Refund
    from payout.transfer import Transfer
    from payout.webhooks.message import Endpoint

_NOT_COUNTED = frozenset({RefundStatus.REJECTED, RefundStatus.CANCELED})


def check(tables: Tables, change: Change, now: datetime) -> None:
    """
    Raise what the port says, or return.

    Raises:
        PayoutError: as `Store.commit`.
    """
    _replies(tables, change)
    _lease(tables, change)
    _pauses(tables, change, now)
    _journal_head(tables, change)
    worths = _worths(tables, change)
    _refunds(tables, change)
    _revisions(tables, change)
    _transfers(tables, change)
    _key_images(tables, change)
    order_checks.check(tables, change)
    _attempts(tables, change)
    _payment_sums(tables, change, worths)
    _caps(tables, change)
    _versions("API key", tables.api_keys, change.api_keys)
    _versions("endpoint", tables.endpoints, change.endpoints)
    _approvals(tables, change)


def _replies(tables: Tables, change: Change) -> None:
    keys = [reply.key for reply in change.replies]
    for key in keys:
        if key in tables.replies or keys.count(key) > 1:
            raise KeyUsed(f"the Idempotency-Key {key} was answered already: read its reply")


def _lease(tables: Tables, change: Change) -> None:
    lease = change.lease
    if lease is None:
        return
    held = tables.leases.get(lease.wallet)
    if held is None or (held.owner, held.epoch) != (lease.owner, lease.epoch):
        raise LeaseLost(f"wallet {lease.wallet}: epoch {lease.epoch} of {lease.owner} is over; nothing was written")


def _pauses(tables: Tables, change: Change, now: datetime) -> None:
    for pause in tables.pauses.values():
        if pause.scope in change.unless_paused and pause.in_force(now):
            raise Paused(f"{pause.words}; once that is settled, run `payout resume {pause.scope}`")


def _journal_head(tables: Tables, change: Change) -> None:
    head = change.journal_head
    if head is not None and head not in tables.transfers:
        raise DatabaseBehind(
            f"the database lacks the spend journal's last transfer {head}: run `payout reconcile --repair`"
        )


def _worths(tables: Tables, change: Change) -> dict[str, Money | None]:
    """What each payment of the change was worth, as far as anybody has said."""
    worths: dict[str, Money | None] = {}
    for cap in sorted(change.payment_caps, key=lambda cap: cap.payment_tx):
        known = worths.get(cap.payment_tx) or tables.worths.get(cap.payment_tx)
        if known is not None and cap.paid is not None and known != cap.paid:
            raise BadInput(
                "paid_usd",
                f"payment {cap.payment_tx} was put on record with {known} USD, not {cap.paid}",
                "give what is on record, or leave it out",
            )
        worths[cap.payment_tx] = known or cap.paid
    return worths


def _refunds(tables: Tables, change: Change) -> None:
    staged: dict[str, Refund] = {}
    for refund in change.refunds:
        before = staged.get(refund.id) or tables.refunds.get(refund.id)
        if refund.version == 0 and before is not None:
            raise _duplicate(refund)
        if refund.version > 0 and (before is None or before.version != refund.version - 1):
            raise StaleWrite(f"refund {refund.external_id} has moved: read it again")
        staged[refund.id] = refund
    owners = dict(tables.by_external_id)
    for refund in change.refunds:
        if owners.setdefault(refund.external_id, refund.id) != refund.id:
            raise _duplicate(refund)


def _revisions(tables: Tables, change: Change) -> None:
    new = {refund.id for refund in change.refunds}
    seen = set(tables.revisions)
    for revision in change.revisions:
        if revision.refund_id not in tables.refunds and revision.refund_id not in new:
            raise StaleWrite(f"a revision is of refund {revision.refund_id}, which is not on record")
        if (revision.refund_id, revision.number) in seen:
            raise StaleWrite(f"revision {revision.number} of refund {revision.refund_id} is on record: read it again")
        seen.add((revision.refund_id, revision.number))


def _versions(noun: str, rows: Mapping[str, ApiKey | Endpoint], changed: Sequence[ApiKey | Endpoint]) -> None:
    staged: dict[str, ApiKey | Endpoint] = {}
    for row in changed:
        before = staged.get(row.id) or rows.get(row.id)
        if (None if before is None else before.version) != (None if row.version == 0 else row.version - 1):
            raise StaleWrite(f"{noun} {row.id} has moved: read it again")
        staged[row.id] = row


def _duplicate(refund: Refund) -> DuplicateRefund:
    return DuplicateRefund("external_id", f"{refund.external_id} is on record already", "read it instead of adding it")


def _transfers(tables: Tables, change: Change) -> None:
    staged: dict[str, Transfer] = {}
    for transfer in change.transfers:
        before = staged.get(transfer.id) or tables.transfers.get(transfer.id)
        seen = None if before is None else before.version
        if seen != (None if transfer.version == 0 else transfer.version - 1):
            raise StaleWrite(f"transfer {transfer.id} has moved: read it again")
        staged[transfer.id] = transfer


def _key_images(tables: Tables, change: Change) -> None:
    freed = {each.id for each in change.transfers if each.status is TransferStatus.VOID}
    claimed: dict[str, str] = {}
    for transfer in change.transfers:
        if transfer.version > 0 or transfer.id in freed:
            continue
        allowed = freed | _may_be_replaced_by(tables, transfer)
        for image in transfer.key_images:
            others = (tables.live_spenders(image) | {claimed.get(image, transfer.id)}) - allowed
            if others - {transfer.id}:
                raise KeyImageTaken(
                    f"key image {image} of transfer {transfer.id} is spent by "
                    f"{min(others - {transfer.id})}: discard the new one"
                )
            claimed[image] = transfer.id


def _may_be_replaced_by(tables: Tables, transfer: Transfer) -> set[str]:
    if transfer.kind is not TransferKind.GIVE_UP:
        return set()
    replaced = tables.transfers.get(transfer.replaces or "")
    if replaced is None or replaced.key_images[0] not in transfer.key_images:
        raise KeyImageTaken(
            f"give-up {transfer.id} spends another key image than the first one of {transfer.replaces}: discard it"
        )
    return _lineage(tables, replaced)


def _lineage(tables: Tables, transfer: Transfer | None) -> set[str]:
    """It, what it replaces, and so on: a give-up that can never be mined is itself given up."""
    ids: set[str] = set()
    while transfer is not None:
        ids.add(transfer.id)
        transfer = tables.transfers.get(transfer.replaces or "")
    return ids


def _attempts(tables: Tables, change: Change) -> None:
    new = {refund.id for refund in change.refunds}
    sent = {transfer.id for transfer in change.transfers}
    asked = {None, *(order.id for order in change.orders)}
    live: dict[str, set[str]] = {}
    for attempt in change.attempts:
        stored = tables.attempts_of(attempt.refund_id)
        ids = live.setdefault(attempt.refund_id, {each.id for each in stored if _is_live(each.status)})
        ids.discard(attempt.id)
        if _is_live(attempt.status):
            ids.add(attempt.id)
        if attempt.refund_id not in tables.refunds and attempt.refund_id not in new:
            raise StaleWrite(f"attempt {attempt.id} names a refund that is not on record")
        if attempt.transfer_id not in tables.transfers and attempt.transfer_id not in sent:
            raise StaleWrite(f"attempt {attempt.id} names a transfer that is not on record")
        if attempt.order_id not in tables.orders and attempt.order_id not in asked:
            raise StaleWrite(f"attempt {attempt.id} names an order that is not on record")
    for refund_id, ids in live.items():
        if len(ids) > 1:
            raise StaleWrite(f"refund {refund_id} would have {len(ids)} live attempts: read it again")


def _is_live(status: AttemptStatus) -> bool:
    return status is not AttemptStatus.FAILED


def _payment_sums(tables: Tables, change: Change, worths: dict[str, Money | None]) -> None:
    last = {refund.id: refund for refund in change.refunds}
    for payment_tx, worth in worths.items():
        if worth is None:
            continue
        counted = [
            refund
            for refund in {**tables.refunds, **last}.values()
            if refund.payment_tx == payment_tx and refund.status not in _NOT_COUNTED
        ]
        owed = total((refund.owed for refund in counted), USD)
        if owed > worth:
            before = total((each.owed for each in counted if each.id in tables.refunds), USD)
            left = max(Money(0, USD), worth - before)
            raise LimitReached(
                f"payment {payment_tx} was worth {worth} USD: {before} are refunded already, "
                f"{left} are left, {owed - before} were asked; refund less"
            )


def _caps(tables: Tables, change: Change) -> None:
    raised: dict[tuple[str, str], int] = {}
    for use in sorted(change.caps, key=lambda use: (use.scope, use.day)):
        key = (use.scope, use.day)
        used = raised.get(key, tables.counters.get(key, 0))
        if used + use.units > use.cap:
            left = Money(max(0, use.cap - used), USD)
            raise LimitReached(
                f"the cap {use.scope} of {Money(use.cap, USD)} USD on {use.day} would be passed: "
                f"{left} are left, {Money(use.units, USD)} are needed"
            )
        raised[key] = used + use.units


def _approvals(tables: Tables, change: Change) -> None:
    new = {refund.id for refund in change.refunds}
    for approval in change.approvals:
        if approval.refund_id not in tables.refunds and approval.refund_id not in new:
            raise StaleWrite(f"an approval names refund {approval.refund_id}, which is not on record")
