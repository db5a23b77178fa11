"""
The commitment: a prepared transfer becomes rows, in one compare-and-swap transaction.

This is the decision that a payment is made. Every rule is a condition of the transaction itself, so that no other
worker, person or restored backup can slip in between the check and the write.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from payout.asset import USD
from payout.caps import UNCAPPED
from payout.change import Change
from payout.departure import digest_of_line
from payout.errors import DatabaseBehind, Paused, StaleWrite, WalletUnsafe
from payout.money import Money, total
from payout.order import OrderStatus
from payout.refund import Attempt
from payout.swaps.deposit import is_too_late
from payout.transfer import Prepared, Transfer, TransferKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from decimal import Decimal

    from payout.batch import Item
    from payout.caps import CapUse
    from payout.change import Lease
    from payout.event import Event
    from payout.order import Order
    from payout.quote import Quote
    from payout.refund import Refund
    from payout.swaps.rules import ProcessorRules
    from payout.wallet import Wallet

Pairs = tuple[tuple[Attempt, "Refund"], ...]


def commit_payout(
    wallet: Wallet,
    lease: Lease,
    prepared: Prepared,
    items: Sequence[Item],
    quote: Quote,
    *,
    is_out: bool = False,
) -> tuple[Transfer, Pairs]:
    """
    Commit a transfer that pays these refunds.

    `is_out`: its bytes have left already, against our will. It counts as begun, and no pause, price or cap keeps it
    from the record.

    Raises:
        StaleWrite, KeyImageTaken, LimitReached, Paused: discard the prepared transfer (its price may have run out).
        LeaseLost, StoreUnavailable, CommitUnknown: stop; the next tick reads what was written.
        WalletUnsafe: the database lacks what the journal has, or the transfer pays something else.
    """
    if any(item.order is not None for item in items):
        raise ValueError("an order is funded, never paid directly")
    transfer, pairs = _paying(wallet, TransferKind.PAYOUT, prepared, items, quote, is_out=is_out)
    caps = wallet.caps.uses(((item.refund, item.automatic) for item in items), transfer.committed_at)
    _commit(
        wallet,
        lease,
        transfer,
        pairs=pairs,
        quote=quote,
        events=(*(_opened(wallet, attempt) for attempt, _ in pairs), *_forged(wallet, items)),
        caps=_uncapped(caps) if is_out else caps,
    )
    return transfer, pairs


def commit_funding(
    wallet: Wallet,
    lease: Lease,
    prepared: Prepared,
    items: Sequence[Item],
    quote: Quote,
    *,
    processors: Mapping[str, ProcessorRules],
    is_out: bool = False,
) -> tuple[Transfer, Pairs]:
    """
    Commit a transfer that pays the deposits of these items' orders. `quote` is what our own coin is worth.

    The attempts are open until their orders end: what becomes of the transfer does not settle them.

    Raises as `commit_payout`; StaleWrite also where an order has become too old to be funded.
    """
    orders = [item.order for item in items if item.order is not None]
    if [(item.refund.id, item.amount) for item in items] != [(order.refund_id, order.deposit) for order in orders]:
        raise ValueError("a funding pays deposits of orders, whole, and nothing else")
    transfer, pairs = _paying(wallet, TransferKind.FUNDING, prepared, items, quote, is_out=is_out)
    if not is_out:
        _check_expiry(orders, transfer.committed_at)
    names = sorted({order.processor for order in orders})
    caps = wallet.caps.uses(((item.refund, item.automatic) for item in items), transfer.committed_at)
    caps += tuple(processors[name].day_use(_owed(_of(items, name)), transfer.committed_at) for name in names)
    _commit(
        wallet,
        lease,
        transfer,
        pairs=pairs,
        orders=tuple(
            order.to(OrderStatus.FUNDED, transfer_id=transfer.id, funded_at=transfer.committed_at) for order in orders
        ),
        quote=quote,
        events=(
            *(_opened(wallet, attempt, order) for (attempt, _), order in zip(pairs, orders, strict=True)),
            *_forged(wallet, items),
        ),
        caps=_uncapped(caps) if is_out else caps,
        scopes=tuple(names),
    )
    return transfer, pairs


def commit_own(
    wallet: Wallet,
    lease: Lease,
    kind: TransferKind,
    prepared: Prepared,
    *,
    replaces: str | None = None,
) -> Transfer:
    """Commit a transfer to ourselves: a split, or a give-up. Raises as `commit_payout`."""
    transfer = _sealed(wallet, _transfer(wallet, kind, prepared, replaces), prepared)
    words = {
        TransferKind.SPLIT: f"splits an output into {len(prepared.outputs)} of our own",
        TransferKind.GIVE_UP: f"makes transfer {replaces} impossible",
    }[kind]
    event = wallet.event("transfer.committed", words, transfer_id=transfer.id)
    _commit(wallet, lease, transfer, events=(event,))
    return transfer


def _commit(
    wallet: Wallet,
    lease: Lease,
    transfer: Transfer,
    *,
    pairs: Pairs = (),
    orders: tuple[Order, ...] = (),
    quote: Quote | None = None,
    events: tuple[Event, ...] = (),
    caps: tuple[CapUse, ...] = (),
    scopes: tuple[str, ...] = (),
) -> None:
    scopes = wallet.scopes + scopes
    # A give-up pays nobody, and may be what lets a person resume: no pause stops it. Nor what is out already.
    stoppable = transfer.kind is not TransferKind.GIVE_UP and not transfer.begun
    halt = next((pause for pause in wallet.halts.pauses() if pause.scope in scopes), None)
    if stoppable and halt is not None:  # A row is a condition of the transaction; a file must be looked at.
        raise Paused(halt.words)
    refunds = tuple(refund for _, refund in pairs)
    change = Change(
        refunds=refunds,
        attempts=tuple(attempt for attempt, _ in pairs),
        transfers=(transfer,),
        orders=orders,
        quotes=(quote,) if quote else (),
        events=events,
        caps=caps,
        lease=lease,
        unless_paused=scopes if stoppable else (),
        journal_head=wallet.journal.view().last_commit,
    )
    if quote is not None and stoppable:
        _check_times(transfer, refunds, quote, wallet.now())  # Last of all: signing can take minutes.
    try:
        wallet.store.commit(change)
    except DatabaseBehind as error:
        raise WalletUnsafe(str(error), "run `payout reconcile --repair`") from error


def _check_times(transfer: Transfer, refunds: Sequence[Refund], quote: Quote, now: datetime) -> None:
    """Price and approvals still hold. Raises StaleWrite."""
    if not quote.is_fresh(now):
        raise StaleWrite(f"the quote for transfer {transfer.id} ran out at {quote.expires_at}: take a new one")
    for refund in refunds:
        if refund.approved_until is not None and refund.approved_until <= now:
            raise StaleWrite(f"the approval of refund {refund.external_id} ran out at {refund.approved_until}")


def _check_outputs(prepared: Prepared, items: Sequence[Item]) -> None:
    """A transfer's outputs are its attempts, to the unit, and outputs of our own."""
    paid = sorted((output.address, output.units) for output in prepared.outputs if not output.own)
    if paid != sorted((item.address, item.amount.units) for item in items):
        raise WalletUnsafe(
            f"transfer {prepared.txid} does not pay what its refunds are to get",
            "do not resume: report this as a fault of the program",
        )


def _paying(
    wallet: Wallet, kind: TransferKind, prepared: Prepared, items: Sequence[Item], quote: Quote, *, is_out: bool
) -> tuple[Transfer, Pairs]:
    """The rows of a transfer that pays these items, and nothing else."""
    _check_outputs(prepared, items)
    wallet = wallet.at_present()
    transfer = _transfer(wallet, kind, prepared)
    opened = [item.refund.open_attempt() for item in items]
    price = (quote.rate, quote.id)  # Its id is a digest of all samples: made once.
    attempts = [_attempt(wallet, transfer, refund, item, price) for refund, item in zip(opened, items, strict=True)]
    pairs = tuple(zip(attempts, opened, strict=True))
    begun = replace(transfer, begun_at=transfer.committed_at) if is_out else transfer
    return _sealed(wallet, begun, prepared, pairs), pairs


def _transfer(wallet: Wallet, kind: TransferKind, prepared: Prepared, replaces: str | None = None) -> Transfer:
    return Transfer(
        id=prepared.txid,
        wallet=wallet.name,
        kind=kind,
        outputs=prepared.outputs,
        fee=prepared.fee,
        key_images=prepared.key_images,
        sealed="",
        replaces=replaces,
        committed_at=wallet.now(),
    )


def _sealed(wallet: Wallet, transfer: Transfer, prepared: Prepared, pairs: Pairs = ()) -> Transfer:
    """With its bytes, sealed with all that is to be journaled of it: until then its rows can be edited."""
    payload = replace(prepared.payload, txid=transfer.id, line=digest_of_line(transfer, pairs))
    return replace(transfer, sealed=wallet.sealer.seal(payload))


def _attempt(wallet: Wallet, transfer: Transfer, refund: Refund, item: Item, price: tuple[Decimal, str]) -> Attempt:
    """Of what the customer gets: at our own quote, or what the processor owes for the order."""
    until = refund.approved_until or transfer.committed_at
    order = item.order
    rate, quote_id = (order.rate, order.quote_id) if order else price
    return Attempt(
        refund_id=refund.id,
        number=refund.attempts,
        transfer_id=transfer.id,
        destination=refund.destination,
        amount=order.receive if order else item.amount,
        rate=rate,
        quote_id=quote_id,
        manifest_digest=wallet.approver.digest(refund, until),
        order_id=order.id if order else None,
        deposit_address=order.deposit_address if order else None,
        automatic=item.automatic,
        opened_at=transfer.committed_at,
    )


def _opened(wallet: Wallet, attempt: Attempt, order: Order | None = None) -> Event:
    words = f"attempt {attempt.number}: {attempt.amount} {attempt.amount.asset.code} at {attempt.rate:f} USD"
    if order is not None and order.deposit is not None:
        words += f", for {order.deposit} {order.deposit.asset.code} to order {order.processor_id} of {order.processor}"
    return wallet.event(
        "attempt.opened",
        words,
        refund_id=attempt.refund_id,
        transfer_id=attempt.transfer_id,
        order_id=attempt.order_id,
    )


def _forged(wallet: Wallet, items: Sequence[Item]) -> list[Event]:
    """Enough people signed, and somebody wrote into the database that others did."""
    return [
        wallet.event(
            "approval.invalid", f"it is paid, as others approved it; but {words}", refund_id=item.refund.id, alarm=True
        )
        for item in items
        if item.approved is not None
        for words in item.approved.forged
    ]


def _check_expiry(orders: Sequence[Order], now: datetime) -> None:
    """Each can still be broadcast in time. Raises StaleWrite."""
    for order in orders:
        if is_too_late(order, now):
            raise StaleWrite(f"order {order.id} expires at {order.expires_at}: too late to fund it")


def _uncapped(caps: Sequence[CapUse]) -> tuple[CapUse, ...]:
    """What is out counts, even above its caps."""
    return tuple(replace(use, cap=UNCAPPED) for use in caps)


def _owed(items: Sequence[Item]) -> Money:
    return total((item.refund.owed for item in items), USD)


def _of(items: Sequence[Item], processor: str) -> list[Item]:
    return [item for item in items if item.order is not None and item.order.processor == processor]
