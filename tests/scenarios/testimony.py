"""What a change does in silence: every act, and every change of state, must leave an event of its own."""

from __future__ import annotations

from collections.abc import Iterator

from payout.change import Change
from payout.ports import Store


def unsaid(change: Change, store: Store) -> list[str]:
    """In words, what no event of the change speaks of. `store` is as it was before it."""
    return [*_refunds(change, store), *_money(change, store), *_acts(change)]


def _refunds(change: Change, store: Store) -> Iterator[str]:
    told = {event.refund_id for event in change.events}
    for refund in change.refunds:
        before = store.refund(refund.id)
        if before is None:
            if refund.id not in told:
                yield f"refund {refund.external_id} is new"
            continue
        was = (before.status, before.revision, before.destination, before.hold_reason)
        if was != (refund.status, refund.revision, refund.destination, refund.hold_reason) and refund.id not in told:
            yield f"refund {refund.external_id} went from {was} to {refund.status}"
    for approval in change.approvals:
        if approval.refund_id not in told:
            yield f"{approval.signer} approved {approval.refund_id}"
    for revision in change.revisions:
        if revision.refund_id not in told:
            yield f"{revision.refund_id} was amended"
    for attempt in change.attempts:
        earlier = {each.id: each for each in store.attempts([attempt.refund_id])}.get(attempt.id)
        if (earlier is None or earlier.status is not attempt.status) and attempt.refund_id not in told:
            yield f"attempt {attempt.id} is {attempt.status}"
        if earlier is not None and earlier.proof != attempt.proof and not change.events:
            yield f"attempt {attempt.id} was proved"


def _money(change: Change, store: Store) -> Iterator[str]:
    told = {event.transfer_id for event in change.events}
    for transfer in change.transfers:
        before = store.transfer(transfer.id)
        was = None if before is None else (before.status, before.begun, before.give_up_by)
        if was != (transfer.status, transfer.begun, transfer.give_up_by) and transfer.id not in told:
            yield f"transfer {transfer.id[:8]} ({transfer.kind}) went from {was} to {transfer.status}"
    about = {event.order_id for event in change.events} | {event.refund_id for event in change.events}
    for order in change.orders:
        earlier = store.order(order.id)
        if (earlier is None or earlier.status is not order.status) and not {order.id, order.refund_id} & about:
            yield f"order {order.id} is {order.status}"


def _acts(change: Change) -> Iterator[str]:
    kinds = {event.kind for event in change.events}
    if change.pauses and not kinds & {"wallet.paused", "processor.paused"}:
        yield "a pause"
    if (change.resume or change.lift) and not kinds & {"wallet.resumed", "processor.resumed"}:
        yield "the end of a pause"
    if change.api_keys and not any(kind.startswith("api_key.") for kind in kinds):
        yield "an API key"
    if change.endpoints and not any(kind.startswith("endpoint.") for kind in kinds):
        yield "an endpoint"
    if change.known_spends and "spend.classified" not in kinds:
        yield "an explained spend"
