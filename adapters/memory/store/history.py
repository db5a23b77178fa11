"""The in-memory history and outbox: links of the audit chain, and what is told of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.memory.store import lists
from payout.audit.chain import AuditHead, AuditLine
from payout.webhooks import outbox

if TYPE_CHECKING:
    from collections.abc import Iterable

    from adapters.memory.store.tables import Tables
    from payout.audit.chain import AuditKey
    from payout.event import Event


def head(tables: Tables, key: AuditKey) -> AuditHead:
    """The end of the chain. Nothing is older than it."""
    if not tables.links:
        return AuditHead(number=0, mac=key.first(0), before=0)
    last = tables.links[-1]
    return AuditHead(number=last.number, mac=last.mac, before=0)


def write(tables: Tables, events: Iterable[Event], key: AuditKey) -> None:
    """Link each event, and tell of it."""
    for event in events:
        end = head(tables, key)
        line = AuditLine(number=end.number + 1, event=event, mac=key.link(end.mac, end.number + 1, event))
        tables.links.append(line)
        _tell(tables, line, key)


def _tell(tables: Tables, line: AuditLine, key: AuditKey) -> None:
    kind = outbox.type_of(line.event)
    endpoints = tables.endpoints.values()
    if kind is None or not outbox.wanted(endpoints, kind):
        return
    transfer = line.event.transfer_id
    paid = lists.attempts(tables, lambda each: each.transfer_id == transfer)
    about = outbox.subjects(line.event, {transfer or "": [each.refund_id for each in paid]})
    lines = {each: lists.line(tables, tables.refunds[each]) for each in about if each in tables.refunds}
    for message in outbox.messages(line, about, lines, key):
        tables.messages[message.id] = message
        tables.numbers[message.id] = line.number
        for delivery in outbox.deliveries(message, endpoints):
            tables.deliveries[delivery.id] = delivery


def about(tables: Tables, refund_id: str | None, transfer_id: str | None, order_id: str | None) -> list[AuditLine]:
    """The links of a refund, a transfer, an order, or all."""
    return [
        line
        for line in tables.links
        if refund_id in (None, line.event.refund_id)
        and transfer_id in (None, line.event.transfer_id)
        and order_id in (None, line.event.order_id)
    ]
