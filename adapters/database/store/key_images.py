"""
Key images: which transfer may spend which input.

An input belongs to one transfer that is not VOID. Only a give-up may name inputs of a living transfer, and only of
the one that it replaces (and of what that one replaced in its turn), whose first key image it must spend: that
conflict is what makes the other impossible.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import sqlalchemy as sa

from adapters.database.store.sql import among, pieces
from adapters.database.tables import key_images, transfers
from payout.errors import KeyImageTaken
from payout.transfer import TransferKind, TransferStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from payout.transfer import Transfer

PAYMENT = "payment"
GIVE_UP = "give_up"

_LIVE = sa.select(key_images.c.key_image, key_images.c.transfer_id).where(
    among(key_images.c.key_image), key_images.c.live.is_(sa.true())
)
_IMAGES = sa.select(transfers.c.id, transfers.c.key_images).where(among(transfers.c.id))
_REPLACES = sa.select(transfers.c.replaces).where(transfers.c.id == sa.bindparam("id"))
_RELEASE = sa.update(key_images).where(among(key_images.c.transfer_id)).values(live=sa.false())


def write(conn: Connection, new: Sequence[Transfer], changed: Iterable[Transfer]) -> None:
    """
    Let go of the inputs of what became VOID, then claim those of new transfers.

    Raises:
        KeyImageTaken: another transfer that is not VOID spends one of them.
    """
    _release(conn, [each.id for each in changed if each.status is TransferStatus.VOID])
    if not new:
        return
    holders = _holders(conn, [image for transfer in new for image in transfer.key_images])
    replaced = _images_of(conn, [transfer.replaces for transfer in new if transfer.replaces])
    rows = []
    for transfer in new:
        live = transfer.status is not TransferStatus.VOID
        given_up = replaced.get(transfer.replaces or "", ())
        if live:
            _check(transfer, holders, given_up, _lineage(conn, transfer))
        for image in transfer.key_images:
            role = f"{GIVE_UP} of {transfer.replaces}" if image in given_up else PAYMENT
            row = {"key_image": image, "transfer_id": transfer.id, "role": role, "live": live}
            rows.append(row)
            if live:
                holders.setdefault(image, set()).add(transfer.id)
    if rows:
        conn.execute(sa.insert(key_images), rows)


def _check(transfer: Transfer, holders: dict[str, set[str]], given_up: Sequence[str], lineage: frozenset[str]) -> None:
    is_give_up = transfer.kind is TransferKind.GIVE_UP
    if is_give_up and (not given_up or given_up[0] not in transfer.key_images):
        raise KeyImageTaken(
            f"give-up {transfer.id} does not spend the first key image of {transfer.replaces}, "
            "which it is to replace: discard it"
        )
    for image in transfer.key_images:
        others = holders.get(image, set()) - lineage
        if others:
            raise KeyImageTaken(
                f"key image {image} of transfer {transfer.id} is spent by {min(others)}, "
                "which is not VOID: discard the new one"
            )


def _lineage(conn: Connection, transfer: Transfer) -> frozenset[str]:
    """What it replaces, what that replaced, and so on: a give-up that can never be mined is itself given up."""
    ids: list[str] = []
    replaced = transfer.replaces if transfer.kind is TransferKind.GIVE_UP else None
    while replaced is not None:
        ids.append(replaced)
        replaced = conn.scalar(_REPLACES, {"id": replaced})
    return frozenset(ids)


def _release(conn: Connection, transfer_ids: Sequence[str]) -> None:
    for piece in pieces(transfer_ids):
        conn.execute(_RELEASE, {"among": piece})


def _holders(conn: Connection, images: Sequence[str]) -> dict[str, set[str]]:
    holders: dict[str, set[str]] = {}
    for piece in pieces(images):
        for image, transfer_id in conn.execute(_LIVE, {"among": piece}):
            holders.setdefault(image, set()).add(transfer_id)
    return holders


def _images_of(conn: Connection, transfer_ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """In their order: the first one is what a give-up must spend."""
    images: dict[str, tuple[str, ...]] = {}
    for piece in pieces(transfer_ids):
        rows = conn.execute(_IMAGES, {"among": piece})
        images.update({key: tuple(json.loads(text)) for key, text in rows})
    return images
