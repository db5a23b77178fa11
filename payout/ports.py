"""
The ports: what the business needs from the outside, and nothing else.

Each port has a real implementation and one in `adapters/memory.py`; both pass the same contract tests. The `Raises`
of a method is its contract: an implementation raises nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime, timedelta
    from decimal import Decimal

    from payout.approval import Approval
    from payout.change import Change, KnownSpend, Lease, Note, Pause, WalletRecord
    from payout.event import Event
    from payout.quote import Quote
    from payout.refund import Attempt, Refund, RefundStatus
    from payout.spend_journal import Entry, JournalView, Line
    from payout.transfer import Output, Payload, Prepared, Sighting, Traced, Transfer


class Clock(Protocol):
    """The time, passed in so that a test can be any day."""

    def now(self) -> datetime:
        """The present moment, in UTC."""
        ...


class Sealer(Protocol):
    """Encrypts what a transfer must keep but nobody may read at rest."""

    def seal(self, payload: Payload) -> str:
        """Encrypt to text."""
        ...

    def unseal(self, sealed: str) -> Payload:
        """
        Decrypt.

        Raises:
            WalletUnsafe: the key is another one, or the text was altered.
        """
        ...


class SpendJournal(Protocol):
    """One append-only file for one wallet."""

    def view(self) -> JournalView:
        """
        What all lines add up to, read to the file's present end.

        Raises:
            JournalBroken: a line is torn, altered or missing.
        """
        ...

    def append(self, entry: Entry, txid: str, at: datetime, body: dict[str, object]) -> None:
        """
        Write one line and fsync it. Does nothing if this transfer already has a line of this kind.

        Raises:
            JournalBroken: it could not be written durably; the transfer must not be broadcast.
        """
        ...

    def lines(self) -> Iterable[Line]:
        """
        Every line, oldest first, verified.

        Raises:
            JournalBroken: as above.
        """
        ...


class Pricing(Protocol):
    """The rates that this process itself has polled."""

    def quote(self, asset_code: str, now: datetime) -> Quote:
        """
        The rate to pay at, with its evidence.

        Raises:
            RateUnavailable: too few fresh samples.
            RatesDisagree: the sources contradict each other, or the past hour.
        """
        ...


class Halts(Protocol):
    """Pauses that do not need the database: files that an operator can touch."""

    def pauses(self) -> tuple[Pause, ...]:
        """Those in force now."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """One unspent output of the wallet."""

    key_image: str
    units: int
    unlocked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Funds:
    """What the wallet holds, in the smallest unit."""

    balance: int
    unlocked: int
    holdings: tuple[Holding, ...]
    blocks_to_unlock: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Spend:
    """One outgoing transaction that the wallet lists."""

    txid: str
    height: int | None
    """None while it is not mined."""
    units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where wallet and node stand: a chain of `tip` blocks on `network`, the wallet of `address` open."""

    tip: int
    network: str
    address: str


class Coin(Protocol):
    """
    A rail whose keys we hold: one wallet and its node.

    No answer of the wallet is evidence; only `look` is. Calls that find the wallet or node out of reach raise
    RailUnavailable, and then nothing was done, save for `relay`, whose effect is never known from its answer.
    """

    def check(self) -> Standing:
        """
        Make the wallet ready: open after a restart, and refreshed.

        Raises:
            RailUnavailable: wallet or node down, or the node is not synchronised.
        """
        ...

    def owns(self, address: str) -> bool:
        """This address is one of our own wallet's."""
        ...

    def alone(self, address: str) -> bool:
        """A transfer to this address can have no other destination (Monero: an integrated address)."""
        ...

    def funds(self) -> Funds:
        """Balance and outputs. Raises RailUnavailable."""
        ...

    def fee_hint(self) -> int:
        """About what the next full transfer costs, in units. Raises RailUnavailable."""
        ...

    def prepare(self, outputs: Sequence[Output]) -> Prepared:
        """
        Sign a transfer and hold it back.

        Raises:
            RailUnavailable: try again later.
            TransferRefused: this content can never be prepared.
            FundsShort: not enough unlocked money.
            SentTooEarly: it is out; `.prepared` must be committed as sent.
        """
        ...

    def prepare_give_up(self, key_image: str) -> Prepared:
        """
        Sign a transfer that spends exactly this output, to ourselves, and hold it back.

        Raises as `prepare`.
        """
        ...

    def relay(self, payload: Payload) -> None:
        """Hand the bytes to the network through the wallet. Raises nothing: neither answer proves anything."""
        ...

    def resubmit(self, payload: Payload) -> str | None:
        """
        Hand the bytes to the node itself; the words of its refusal if it calls them invalid, else None.

        Raises:
            RailUnavailable: the node did not answer.
        """
        ...

    def look(self, transfers: Sequence[Traced]) -> Mapping[str, Sighting]:
        """
        What the node says about each, by txid; key images are asked for those that it misses.

        Raises:
            RailUnavailable: the node did not answer, or is behind.
        """
        ...

    def inputs(self, txid: str) -> tuple[str, ...]:
        """Key images that a transaction on the chain spends; empty if the node misses it. Raises RailUnavailable."""
        ...

    def spends(self, since_height: int) -> tuple[Spend, ...]:
        """
        The outgoing transactions that the wallet counts: mined from this height on, and unmined ones.

        Those that it calls failed are left out (it has freed their inputs). One listed both mined and unmined was
        relayed after it was mined: `mend` it. Raises RailUnavailable.
        """
        ...

    def prove(self, txid: str, address: str, message: str) -> str:
        """A signature that this transaction paid this address. Raises RailUnavailable."""
        ...

    def mend(self, txid: str) -> None:
        """Let the wallet look at a mined transaction again, after it was told of it twice. Raises RailUnavailable."""
        ...

    def rescan(self) -> None:
        """Let the wallet ask which of its outputs are really spent. Raises RailUnavailable."""
        ...

    def save(self) -> None:
        """Let the wallet write its cache to disk. Raises RailUnavailable."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundLine:
    """A refund as a listing shows it."""

    refund: Refund
    amount_units: int | None = None
    rate: Decimal | None = None
    tx_ids: tuple[str, ...] = ()
    confirmations: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Whose a lease is, and until when by the database's clock."""

    owner: str
    until: datetime


class Store(Protocol):
    """
    The database. Each method is one transaction, and none stays open across a network call.

    Any method may raise StoreUnavailable (nothing was written).
    """

    def commit(self, change: Change) -> None:
        """
        Write all of a change, or nothing.

        Raises:
            StaleWrite: a row is not the version that the change was made from.
            LeaseLost: the lease has a newer epoch, or ended.
            Paused: a pause of one of `unless_paused` is in force.
            KeyImageTaken: another live transfer spends the same input.
            DatabaseBehind: `journal_head` is not on record.
            LimitReached: a cap would be passed; the message says which.
            DuplicateRefund: the external_id is on record already.
            CommitUnknown: the answer was lost; read again.
        """
        ...

    def note(self, notes: Sequence[Note]) -> None:
        """Write what APPROVED refunds wait for. Changes no version; skips refunds that are no longer APPROVED."""
        ...

    def note_all(self, asset: tuple[str, str], waiting_for: str | None) -> None:
        """The same words for every APPROVED refund of an asset (code, network) that says something else."""
        ...

    def note_tip(self, wallet: str, tip: int, at: datetime) -> None:
        """Remember how long the chain is; confirmations in listings are counted from it."""
        ...

    def claim_lease(self, wallet: str, owner: str, ttl: timedelta) -> Lease | None:
        """
        Take or keep the lease, by the database's clock. None while another owner's has not run out.

        A take-over raises the epoch; keeping one's own running lease keeps the epoch and extends it.
        """
        ...

    def release_lease(self, lease: Lease) -> None:
        """Let go, if it is still ours."""
        ...

    def lease_holder(self, wallet: str) -> Holder | None:
        """Who has the wallet now; None where nobody has, or the lease has run out."""
        ...

    def refund(self, key: str) -> Refund | None:
        """By id or by external_id."""
        ...

    def refunds(self, ids: Sequence[str]) -> tuple[Refund, ...]:
        """By id; missing ones are left out."""
        ...

    def payable(self, asset: tuple[str, str], limit: int) -> tuple[Refund, ...]:
        """APPROVED refunds of an asset (code, network), longest approved first."""
        ...

    def expired(self, now: datetime, limit: int) -> tuple[Refund, ...]:
        """APPROVED refunds whose approvals have run out."""
        ...

    def list_refunds(
        self,
        *,
        statuses: Sequence[RefundStatus] = (),
        after: str | None = None,
        limit: int | None = None,
    ) -> tuple[RefundLine, ...]:
        """Newest request first; `after` is the id of the last one seen."""
        ...

    def counts(self) -> Mapping[RefundStatus, int]:
        """How many refunds stand in each status that is not an end, and in PAID."""
        ...

    def approvals(self, refund_ids: Sequence[str]) -> tuple[Approval, ...]:
        """Every signature ever given for these refunds, oldest first."""
        ...

    def attempts(self, refund_ids: Sequence[str]) -> tuple[Attempt, ...]:
        """Every attempt of these refunds, oldest first."""
        ...

    def attempts_of(self, transfer_ids: Sequence[str]) -> tuple[Attempt, ...]:
        """Every attempt that these transfers pay."""
        ...

    def unproven(self, wallet: str, limit: int) -> tuple[Attempt, ...]:
        """Attempts, not FAILED, of a wallet's begun transfers that lack a proof, oldest first."""
        ...

    def quote(self, quote_id: str) -> Quote | None:
        """A quote as it was kept with its attempts."""
        ...

    def transfer(self, txid: str) -> Transfer | None:
        """By txid."""
        ...

    def open_transfers(self, wallet: str) -> tuple[Transfer, ...]:
        """OPEN ones, oldest first."""
        ...

    def unwatched(self, wallet: str, limit: int) -> tuple[Transfer, ...]:
        """FINAL and VOID ones that are still to be looked at (`watched` is false), oldest first."""
        ...

    def list_transfers(self, *, after: str | None = None, limit: int | None = None) -> tuple[Transfer, ...]:
        """Newest first; `after` is the txid of the last one seen."""
        ...

    def spending(self, key_images: Sequence[str]) -> tuple[Transfer, ...]:
        """Transfers of ours, of any status, that spend any of these key images."""
        ...

    def known(self, txids: Sequence[str]) -> frozenset[str]:
        """Those that are transfers of ours or spends that a person has explained."""
        ...

    def known_spends(self, wallet: str) -> tuple[KnownSpend, ...]:
        """Spends of a wallet that a person has explained."""
        ...

    def last_begun(self, wallet: str, limit: int) -> tuple[str, ...]:
        """The newest transfers of a wallet whose broadcast was begun."""
        ...

    def events(
        self,
        *,
        refund_id: str | None = None,
        transfer_id: str | None = None,
        alarms: bool = False,
        limit: int = 100,
    ) -> tuple[Event, ...]:
        """The newest events of a refund, a transfer, or all; oldest first among those given."""
        ...

    def pauses(self) -> tuple[Pause, ...]:
        """Those in force."""
        ...

    def cap_used(self, scope: str, day: str) -> int:
        """Where a counter stands."""
        ...

    def wallet(self, name: str) -> WalletRecord | None:
        """What we remember of a wallet."""
        ...
