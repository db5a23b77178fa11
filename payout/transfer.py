"""
A transfer: one signed transaction of ours, and what the chain was last seen to say about it.

Its id is its txid. The status moves on evidence alone; a sighting is a fact on the row, never a status.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from payout.errors import IllegalTransition

if TYPE_CHECKING:
    from datetime import datetime


class TransferKind(StrEnum):
    """Why a transfer was made."""

    PAYOUT = "PAYOUT"  # pays attempts (and may hand outputs back to us)
    FUNDING = "FUNDING"  # pays the deposits of orders (and may hand outputs back to us); never direct refunds
    SPLIT = "SPLIT"  # only makes outputs of our own
    GIVE_UP = "GIVE_UP"  # spends the first key image of the transfer that it replaces


class TransferStatus(StrEnum):
    """What evidence says."""

    OPEN = "OPEN"  # committed; it may be broadcast, and may land
    FINAL = "FINAL"  # deep enough in the chain
    VOID = "VOID"  # can never land: its key image is spent by another final transfer, or it never left


_T = TransferStatus

TRANSITIONS: dict[TransferStatus, frozenset[TransferStatus]] = {
    _T.OPEN: frozenset(
        {
            _T.OPEN,  # seen, begun, refused or asked to be given up
            _T.FINAL,  # deep enough
            _T.VOID,  # never begun, or its first key image is spent by a final transfer
        }
    ),
    _T.FINAL: frozenset(
        {
            _T.FINAL,  # watched to the end
            _T.OPEN,  # a reorganisation moved or removed it
        }
    ),
    _T.VOID: frozenset(
        {
            _T.VOID,  # watched to the end
        }
    ),
}


class Place(StrEnum):
    """Where the daemon sees a transaction."""

    UNSEEN = "unseen"
    POOL = "pool"
    MINED = "mined"


class KeyImage(StrEnum):
    """What the daemon says of a key image."""

    FREE = "free"
    IN_POOL = "spent in the pool"
    IN_CHAIN = "spent in the chain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """What the daemon said about one transfer, at one moment."""

    place: Place = Place.UNSEEN
    height: int | None = None
    block_hash: str | None = None
    depth: int = 0
    """Confirmations: 1 in its first block; 0 while it is not mined."""
    tip: int = 0
    """Number of blocks of the chain when it was looked at."""
    key_images: tuple[KeyImage, ...] = ()
    """One for each key image; only asked for while the transfer is unseen."""


class Traced(Protocol):
    """What can be looked for on the chain: a transfer of ours, or a trace of someone else's."""

    @property
    def id(self) -> str:
        """The txid."""
        ...

    @property
    def key_images(self) -> tuple[str, ...]:
        """What it spends, as far as we know."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """A transaction that is not ours."""

    id: str
    key_images: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One output of a transfer: where to, and how many of the smallest unit."""

    address: str
    units: int
    own: bool = False
    """An output that we hand back to ourselves (change is not listed)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """The secret half of a prepared transfer. Whoever has it can broadcast it, or show every payee."""

    metadata: str = field(repr=False)
    blob: str = field(repr=False)
    tx_key: str = field(repr=False)
    txid: str = ""
    """Whose bytes these are: sealed with them, as a row of the database can be moved. Empty: not said."""
    line: str = ""
    """A digest of what is to be journaled of it (`payout/departure.py`), sealed for the same reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """Signed and held back: broadcasting these bytes any number of times pays at most once."""

    txid: str
    fee: int
    key_images: tuple[str, ...]
    outputs: tuple[Output, ...]
    payload: Payload


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """One committed transaction of ours."""

    id: str
    wallet: str
    kind: TransferKind
    status: TransferStatus = TransferStatus.OPEN
    outputs: tuple[Output, ...]
    fee: int
    key_images: tuple[str, ...]
    sealed: str = field(repr=False)
    """The payload, encrypted."""
    replaces: str | None = None
    """GIVE_UP: the transfer that this one makes impossible."""
    committed_at: datetime
    begun_at: datetime | None = None
    """When its first broadcast was allowed. Before it, nothing left this machine."""
    give_up_by: str | None = None
    give_up_why: str | None = None
    place: Place = Place.UNSEEN
    height: int | None = None
    block_hash: str | None = None
    depth: int = 0
    unseen_since: datetime | None = None
    pool_since: datetime | None = None
    refused_at: tuple[int, ...] = ()
    """Chain heights at which its bytes were refused as invalid while it was missing everywhere."""
    final_at: datetime | None = None
    watched: bool = False
    """FINAL or VOID, and deep enough that it is no longer looked at."""
    version: int = 0

    @property
    def begun(self) -> bool:
        """Its bytes may have left this machine."""
        return self.begun_at is not None

    @property
    def units(self) -> int:
        """What it pays to others."""
        return sum(output.units for output in self.outputs if not output.own)

    def to(self, status: TransferStatus, **changes: Any) -> Transfer:
        """
        The next version, in `status`.

        Raises:
            IllegalTransition: the table has no such edge.
        """
        if status not in TRANSITIONS[self.status]:
            raise IllegalTransition(f"transfer {self.id} is {self.status}: not {status}")
        return replace(self, status=status, version=self.version + 1, **changes)

    def begin(self, at: datetime) -> Transfer:
        """From here on its bytes may leave this machine."""
        return self.to(_T.OPEN, begun_at=at)

    def see(
        self,
        sighting: Sighting,
        at: datetime,
        status: TransferStatus | None = None,
        **changes: Any,
    ) -> Transfer:
        """Keep what the daemon says now, and move to `status` where that is given."""
        return self.to(
            status or self.status,
            place=sighting.place,
            height=sighting.height,
            block_hash=sighting.block_hash,
            depth=sighting.depth,
            unseen_since=(self.unseen_since or at) if sighting.place is Place.UNSEEN else None,
            pool_since=(self.pool_since or at) if sighting.place is Place.POOL else None,
            refused_at=self.refused_at if sighting.place is Place.UNSEEN else (),
            **changes,
        )
