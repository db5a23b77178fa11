"""
What the merchant is told of an event: the messages that go to the outbox in the event's own transaction.

A message is made from what the database holds once the change is written, and never again.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from payout.canonical import canonical_json
from payout.refund_json import refund_json
from payout.text import iso
from payout.webhooks.kinds import TOLD, TOLD_OF_TRANSFERS
from payout.webhooks.message import Delivery, Endpoint, Message, MessageType

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from payout.audit.chain import AuditKey, AuditLine
    from payout.event import Event
    from payout.refund import RefundLine

ID_DIGITS = 24


def type_of(event: Event) -> MessageType | None:
    """As what the merchant may be told of this event; None: not at all."""
    return TOLD.get(event.kind) or TOLD_OF_TRANSFERS.get(event.kind)


def wanted(endpoints: Iterable[Endpoint], kind: MessageType) -> tuple[Endpoint, ...]:
    """Those that are to hear of it."""
    return tuple(each for each in endpoints if each.stopped_at is None and (not each.types or kind in each.types))


def subjects(event: Event, paid_by: Mapping[str, Sequence[str]]) -> tuple[str | None, ...]:
    """
    The refunds of which one event tells, each in a message of its own; (None,): it tells of no refund.

    `paid_by`: the refunds that each transfer pays.
    """
    if event.kind in TOLD_OF_TRANSFERS:
        return tuple(dict.fromkeys(paid_by.get(event.transfer_id or "", ())))
    return (event.refund_id,)


def messages(
    line: AuditLine, about: Sequence[str | None], lines: Mapping[str, RefundLine], key: AuditKey
) -> tuple[Message, ...]:
    """One message for each refund that a link tells of. One that is not on record is not told of."""
    kind = type_of(line.event)
    if kind is None:
        return ()
    known = (each for each in about if each is None or each in lines)
    return tuple(_message(line, kind, None if each is None else lines[each], key) for each in known)


def deliveries(message: Message, endpoints: Iterable[Endpoint]) -> tuple[Delivery, ...]:
    """One for each endpoint that wants the message, due at once."""
    return tuple(
        Delivery(
            id=f"{message.id}.{endpoint.id}",
            message_id=message.id,
            endpoint_id=endpoint.id,
            refund_id=message.refund_id,
            next_at=message.at,
        )
        for endpoint in wanted(endpoints, message.type)
    )


def _message(line: AuditLine, kind: MessageType, about: RefundLine | None, key: AuditKey) -> Message:
    event = line.event
    refund_id = None if about is None else about.refund.id
    data: dict[str, Any] = (
        {"wallet": event.wallet, "words": event.words} if about is None else {"refund": refund_json(about)}
    )
    said = {
        "type": str(kind),
        "timestamp": iso(event.at),
        "data": data,
        "event": {"number": line.number, "who": event.who, "words": event.words},
    }
    body = canonical_json(said)
    # The link's MAC is its own for ever: a commit that is written again after a lost answer makes other messages.
    digest = hashlib.sha256(f"{line.mac}\n{kind}\n{refund_id or ''}".encode()).hexdigest()
    message_id = f"msg_{digest[:ID_DIGITS]}"
    return Message(
        id=message_id,
        type=kind,
        refund_id=refund_id,
        body=body,
        at=event.at,
        mac=key.message(message_id, str(kind), body),
    )
