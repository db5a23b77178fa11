"""Writing a change whose conditions all hold: from here on nothing can fail, so nothing is kept by half."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from adapters.memory.store import history

if TYPE_CHECKING:
    from datetime import datetime

    from adapters.memory.store.tables import Tables
    from payout.audit.chain import AuditKey
    from payout.change import Change


def apply(tables: Tables, change: Change, key: AuditKey) -> None:
    """Write all of it; the history and what is told of it come last, as they tell of the rest."""
    _money(tables, change)
    _orders(tables, change)
    _records(tables, change)
    _outward(tables, change)
    history.write(tables, change.events, key)


def _money(t: Tables, change: Change) -> None:
    for cap in change.payment_caps:
        t.worths[cap.payment_tx] = t.worths.get(cap.payment_tx) or cap.paid
    for refund in change.refunds:
        t.refunds[refund.id] = refund
        t.by_external_id[refund.external_id] = refund.id
    for transfer in change.transfers:
        if transfer.id not in t.transfers:
            for image in transfer.key_images:
                t.spenders.setdefault(image, []).append(transfer.id)
        t.transfers[transfer.id] = transfer
    for attempt in change.attempts:
        t.attempts[attempt.id] = attempt
        t.attempt_ids.setdefault(attempt.refund_id, {})[attempt.id] = None
    for quote in change.quotes:
        t.quotes.setdefault(quote.id, quote)
    for use in change.caps:
        key = (use.scope, use.day)
        t.counters[key] = t.counters.get(key, 0) + use.units


def _orders(t: Tables, change: Change) -> None:
    for made in change.return_addresses:
        t.return_addresses.setdefault(made.address, made)
    for order in change.orders:
        before = t.orders.get(order.id)
        poked = later(order.poked_at, None if before is None else before.poked_at)
        t.orders[order.id] = replace(order, poked_at=poked)


def later(one: datetime | None, other: datetime | None) -> datetime | None:
    """Of two wishes for a look; no write takes one back."""
    if one is None or other is None:
        return one or other
    return max(one, other)


def _records(t: Tables, change: Change) -> None:
    for wallet in change.wallets:
        t.wallets[wallet.name] = wallet
    for spend in change.known_spends:
        t.known_spends.setdefault(spend.txid, spend)
    t.pauses = {key: each for key, each in t.pauses.items() if key[0] not in change.resume and key not in change.lift}
    for pause in change.pauses:
        t.pauses[pause.scope, pause.who] = pause
    t.approvals.extend(change.approvals)


def _outward(t: Tables, change: Change) -> None:
    t.revisions.update({(each.refund_id, each.number): each for each in change.revisions})
    t.replies.update({each.key: each for each in change.replies})
    t.api_keys.update({each.id: each for each in change.api_keys})
    t.endpoints.update({each.id: each for each in change.endpoints})
