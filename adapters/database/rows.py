"""
Rows to values and back, by hand, column by column.

A value that is read must equal the one that was written: the business compares them, and signs over them.
"""

from __future__ import annotations

import json
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from adapters.database.refund_rows import asset
from payout.approval import Approval
from payout.canonical import canonical_json
from payout.change import KnownSpend, Pause, WalletRecord
from payout.errors import StoreError
from payout.money import Money
from payout.refund import Attempt, AttemptStatus
from payout.transfer import Output, Place, Transfer, TransferKind, TransferStatus

if TYPE_CHECKING:
    from sqlalchemy import Row

    from adapters.database.refund_rows import Values
    from payout.quote import Quote
    from payout.revision import Revision


def attempt_row(attempt: Attempt) -> Values:
    """All columns of an attempt."""
    return {
        "id": attempt.id,
        "refund_id": attempt.refund_id,
        "number": attempt.number,
        "transfer_id": attempt.transfer_id,
        "destination": attempt.destination,
        "asset_code": attempt.amount.asset.code,
        "asset_network": attempt.amount.asset.network,
        "asset_decimals": attempt.amount.asset.decimals,
        "amount_units": attempt.amount.units,
        "rate": str(attempt.rate),
        "quote_id": attempt.quote_id,
        "manifest_digest": attempt.manifest_digest,
        "status": str(attempt.status),
        "proof": attempt.proof,
        "opened_at": attempt.opened_at,
        "closed_at": attempt.closed_at,
        "order_id": attempt.order_id,
        "deposit_address": attempt.deposit_address,
        "automatic": attempt.automatic,
    }


def attempt_of(row: Row[Any]) -> Attempt:
    """The attempt of a row of `attempts`."""
    kind = asset(row.asset_code, row.asset_network, row.asset_decimals)
    return Attempt(
        refund_id=row.refund_id,
        number=row.number,
        transfer_id=row.transfer_id,
        destination=row.destination,
        amount=Money(row.amount_units, kind),
        rate=Decimal(row.rate),
        quote_id=row.quote_id,
        manifest_digest=row.manifest_digest,
        order_id=row.order_id,
        deposit_address=row.deposit_address,
        automatic=row.automatic,
        status=AttemptStatus(row.status),
        proof=row.proof,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
    )


def transfer_row(transfer: Transfer) -> Values:
    """All columns of a transfer; its payload has a table of its own."""
    outputs = [
        {"address": output.address, "own": output.own, "units": str(output.units)} for output in transfer.outputs
    ]
    return {
        "id": transfer.id,
        "wallet": transfer.wallet,
        "kind": str(transfer.kind),
        "outputs": canonical_json(outputs),
        "fee_units": transfer.fee,
        "key_images": canonical_json(transfer.key_images),
        "replaces": transfer.replaces,
        "committed_at": transfer.committed_at,
        **transfer_news(transfer),
    }


def transfer_news(transfer: Transfer) -> Values:
    """The columns that change after a transfer was committed; what was signed never does."""
    return {
        "status": str(transfer.status),
        "begun_at": transfer.begun_at,
        "give_up_by": transfer.give_up_by,
        "give_up_why": transfer.give_up_why,
        "place": str(transfer.place),
        "height": transfer.height,
        "block_hash": transfer.block_hash,
        "depth": transfer.depth,
        "unseen_since": transfer.unseen_since,
        "pool_since": transfer.pool_since,
        "refused_at": canonical_json(transfer.refused_at),
        "final_at": transfer.final_at,
        "watched": transfer.watched,
        "version": transfer.version,
    }


@lru_cache(maxsize=1024)
def _outputs(text: str) -> tuple[Output, ...]:
    """One value for each text: what is on its way is read again at every tick, and its outputs never change."""
    return tuple(
        Output(address=each["address"], units=int(each["units"]), own=each["own"]) for each in json.loads(text)
    )


def transfer_of(row: Row[Any]) -> Transfer:
    """The transfer of a row of `transfers`, joined with its payload."""
    return Transfer(
        id=row.id,
        wallet=row.wallet,
        kind=TransferKind(row.kind),
        status=TransferStatus(row.status),
        outputs=_outputs(row.outputs),
        fee=row.fee_units,
        key_images=tuple(json.loads(row.key_images)),
        sealed=row.sealed,
        replaces=row.replaces,
        committed_at=row.committed_at,
        begun_at=row.begun_at,
        give_up_by=row.give_up_by,
        give_up_why=row.give_up_why,
        place=Place(row.place),
        height=row.height,
        block_hash=row.block_hash,
        depth=row.depth,
        unseen_since=row.unseen_since,
        pool_since=row.pool_since,
        refused_at=tuple(json.loads(row.refused_at)),
        final_at=row.final_at,
        watched=row.watched,
        version=row.version,
    )


def quote_row(quote: Quote) -> Values:
    """A quote is kept as the text that its id is the digest of."""
    return {"id": quote.id, "body": canonical_json(quote.to_json())}


def quote_of(row: Row[Any]) -> Quote:
    """
    The quote of a row of `quotes`.

    Raises:
        StoreError: somebody changed the row.
    """
    from payout.quote import Quote  # Listings read no quotes, and need not wait for how they are made.

    try:
        return Quote.from_json(json.loads(row.body))
    except (ValueError, KeyError, ArithmeticError) as error:
        raise StoreError(
            f"quote {row.id} in the database is not what was written ({error}): "
            "find out who changed it, and restore the row from a backup"
        ) from error


def plain_row(value: Approval | KnownSpend | Pause | Revision | WalletRecord) -> Values:
    """A value whose fields are its columns."""
    return {name: getattr(value, name) for name in value.__slots__}


def approval_of(row: Row[Any]) -> Approval:
    """The approval of a row of `approvals`."""
    return Approval(**{name: value for name, value in row._asdict().items() if name != "seq"})


def wallet_of(row: Row[Any]) -> WalletRecord:
    """The record of a row of `wallets`."""
    return WalletRecord(**row._asdict())


def known_spend_of(row: Row[Any]) -> KnownSpend:
    """The explained spend of a row of `known_spends`."""
    return KnownSpend(**row._asdict())


def pause_of(row: Row[Any]) -> Pause:
    """The pause of a row of `pauses`."""
    return Pause(**row._asdict())
