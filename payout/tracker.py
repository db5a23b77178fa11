"""
The tracker: follows every transfer by what the daemon says, until evidence closes it.

A timeout, an error, "not found" and the wallet's word are never evidence. Depth in the chain is; so is a key image
spent by another transaction that deep.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from payout.change import Change
from payout.delivery import prove_missing
from payout.departure import payload_of
from payout.errors import StaleWrite, WalletUnsafe
from payout.event import SYSTEM
from payout.footing import where
from payout.journaled_inputs import check_inputs
from payout.outcome import final, reopened, voided
from payout.spend_journal import Entry
from payout.transfer import KeyImage, Place, Sighting, Trace, Transfer, TransferKind, TransferStatus

if TYPE_CHECKING:
    from payout.change import Lease
    from payout.wallet import Wallet

log = logging.getLogger(__name__)

WATCHED_MAX = 500
"""FINAL and VOID transfers looked at in one tick, oldest first."""

SLOW_ALARM = timedelta(hours=2)
"""A transfer that waits for so long in the pool, or outside, is worth a person's look."""

_SLOW = {
    Place.POOL: "in the pool for over two hours: it is safe, and waits for a miner; look at its fee",
    Place.UNSEEN: "missing from pool and chain for over two hours, though it is broadcast at every look: see what the "
    "daemon says of its blob, and give it up where it never will be taken",
}

REFUSALS = 3
REFUSAL_BLOCKS = 10
"""Refused as invalid at so many looks over so many blocks, while missing everywhere: it is given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracker:
    """Follows one wallet's transfers."""

    wallet: Wallet
    alarmed: set[tuple[str, Place]] = field(default_factory=set)
    """Transfers whose long stay there was reported by this process."""

    def track(self, lease: Lease) -> None:
        """
        Look at every transfer that is OPEN or still watched, once.

        Raises:
            WalletUnsafe: an input was spent by a transaction that nobody knows, or a reorganisation undid a give-up.
            LeaseLost, StoreError, RailUnavailable: stop; the next tick goes on.
        """
        store, name = self.wallet.store, self.wallet.name
        opened = [transfer for transfer in store.open_transfers(name) if transfer.begun]
        settled = store.unwatched(name, WATCHED_MAX)
        sightings = self.wallet.coin.look([*opened, *settled]) if opened or settled else {}
        unsafe: WalletUnsafe | None = None
        for transfer in (*opened, *settled):
            step = self._follow if transfer.status is TransferStatus.OPEN else self._watch
            try:
                step(transfer, sightings[transfer.id], lease)
            except StaleWrite:
                log.debug("transfer %s moved meanwhile: looked at again next tick", transfer.id)
            except WalletUnsafe as error:
                unsafe = unsafe or error  # One transfer's trouble must not hide the others.
        if unsafe is not None:
            raise unsafe
        prove_missing(self.wallet, lease)

    def _follow(self, transfer: Transfer, sighting: Sighting, lease: Lease) -> None:
        match sighting.place:
            case Place.MINED if sighting.depth >= self.wallet.rules.confirmations:
                self._settle(transfer, sighting, lease)
            case Place.MINED:
                self._note(transfer, sighting, lease)
            case Place.POOL:
                self._alarm_slow(self._note(transfer, sighting, lease))
            case Place.UNSEEN if all(image is KeyImage.FREE for image in sighting.key_images):
                self._bring_back(self._note(transfer, sighting, lease), sighting, lease)
            case Place.UNSEEN:
                self._face_rival(self._note(transfer, sighting, lease), sighting, lease)

    def _note(self, transfer: Transfer, sighting: Sighting, lease: Lease) -> Transfer:
        """Keep what was seen, where it changed. Depth alone is counted from the tip, not written."""
        was = (transfer.place, transfer.height, transfer.block_hash)
        if was == (sighting.place, sighting.height, sighting.block_hash):
            return transfer
        seen = transfer.see(sighting, self.wallet.now())
        moved = transfer.place is Place.MINED
        words = where(sighting)
        if moved:
            words = f"a reorganisation took it out of block {transfer.height}: now {words}"
        # The merchant is told of the first of them: it is broadcast once, wherever blocks put it afterwards.
        kind = "transfer.seen" if transfer.place is Place.UNSEEN else "transfer.moved"
        event = self.wallet.event(kind, words, transfer_id=transfer.id, alarm=moved)
        self.wallet.store.commit(Change(transfers=(seen,), events=(event,), lease=lease))
        return seen

    def _settle(self, transfer: Transfer, sighting: Sighting, lease: Lease) -> None:
        """It is final: its attempts are settled, and whatever shares an input with it can never land."""
        rivals = [
            rival
            for rival in self.wallet.store.spending(transfer.key_images)
            if rival.id != transfer.id and rival.status is TransferStatus.OPEN
        ]
        if rivals:
            view = self.wallet.journal.view()
            check_inputs(self.wallet, (transfer, *(each for each in rivals if view.has(Entry.COMMIT, each.id))))
        change = final(self.wallet, transfer, sighting, lease)
        for rival in rivals:
            why = f"its input is spent by {transfer.id}, final in block {sighting.height}"
            change = voided(self.wallet, rival, why, lease, onto=change)
        self.wallet.store.commit(change)
        for rival in rivals:
            journal_void(self.wallet, rival.id)

    def _alarm_slow(self, transfer: Transfer) -> None:
        unseen_since = transfer.unseen_since or transfer.begun_at
        since = transfer.pool_since if transfer.place is Place.POOL else unseen_since
        late = since is not None and self.wallet.now() - since >= SLOW_ALARM
        if not late or (transfer.id, transfer.place) in self.alarmed:
            return
        self.alarmed.add((transfer.id, transfer.place))
        event = self.wallet.event("transfer.slow", _SLOW[transfer.place], transfer_id=transfer.id, alarm=True)
        self.wallet.store.commit(Change(events=(event,)))

    def _bring_back(self, transfer: Transfer, sighting: Sighting, lease: Lease) -> None:
        """Missing, and its inputs are free: the same bytes once more, unless it is being given up."""
        self._alarm_slow(transfer)
        if transfer.give_up_by is not None:
            return
        coin = self.wallet.coin
        payload = payload_of(self.wallet, transfer)
        coin.relay(payload)
        again = coin.look([transfer])[transfer.id]
        if again.place is not Place.UNSEEN:
            self._note(transfer, again, lease)
            return
        refusal = coin.resubmit(payload)
        if refusal is None:
            # The daemon may have it now; the wallet must learn of it too.
            coin.relay(payload)
        elif sighting.tip not in transfer.refused_at:
            self._count_refusal(transfer, refusal, sighting.tip, lease)

    def _count_refusal(self, transfer: Transfer, refusal: str, tip: int, lease: Lease) -> None:
        refused_at = (*transfer.refused_at, tip)
        changes: dict[str, object] = {"refused_at": refused_at}
        words = f"the daemon calls it invalid ({refusal}), look {len(refused_at)} at height {tip}"
        hopeless = len(refused_at) >= REFUSALS and tip - refused_at[0] >= REFUSAL_BLOCKS
        if hopeless:
            changes |= {"give_up_by": SYSTEM, "give_up_why": f"refused as invalid: {refusal}"}
            words += "; it is given up, and its refunds will be paid anew"
        after = transfer.to(TransferStatus.OPEN, **changes)
        event = self.wallet.event("transfer.refused", words, transfer_id=transfer.id, alarm=hopeless)
        self.wallet.store.commit(Change(transfers=(after,), events=(event,), lease=lease))

    def _face_rival(self, transfer: Transfer, sighting: Sighting, lease: Lease) -> None:
        """Missing, and an input of it is spent. By whom?"""
        ours = [
            rival
            for rival in self.wallet.store.spending(transfer.key_images)
            if rival.id != transfer.id and rival.status is not TransferStatus.VOID
        ]
        if any(seen.place is not Place.UNSEEN for seen in self.wallet.coin.look(ours).values()):
            return  # Our own give-up, or what it gives up: when that is final, this one is VOID.
        known = self._explained_rival(transfer)
        if known is not None:
            self._void_for(transfer, known, lease)
        elif KeyImage.IN_CHAIN in sighting.key_images:
            raise WalletUnsafe(
                f"an input of transfer {transfer.id} is spent by a transaction that is not ours",
                "someone else may have the wallet's keys: move the rest to a new wallet, or explain "
                "the spend with `payout ledger classify TXID --why ...`, then resume",
            )

    def _explained_rival(self, transfer: Transfer) -> str | None:
        """A spend that a person has explained and that takes an input of this transfer."""
        inputs = set(transfer.key_images)
        for spend in self.wallet.store.known_spends(self.wallet.name):
            if inputs & set(self.wallet.coin.inputs(spend.txid)):
                return spend.txid
        return None

    def _void_for(self, transfer: Transfer, rival_id: str, lease: Lease) -> None:
        """VOID, once the rival is as deep as finality asks."""
        depth = self._depth(rival_id)
        if depth < self.wallet.rules.confirmations:
            return
        check_inputs(self.wallet, (transfer,))
        why = f"its input is spent by {rival_id}, {depth} deep"
        self.wallet.store.commit(voided(self.wallet, transfer, why, lease))
        journal_void(self.wallet, transfer.id)

    def _depth(self, txid: str) -> int:
        return self.wallet.coin.look([Trace(id=txid)])[txid].depth

    def _watch(self, transfer: Transfer, sighting: Sighting, lease: Lease) -> None:
        """FINAL and VOID are looked at until `watch_depth`: a deep reorganisation may undo them."""
        if transfer.status is TransferStatus.VOID:
            self._watch_void(transfer, sighting, lease)
            return
        if sighting.place is Place.MINED and sighting.block_hash == transfer.block_hash:
            if sighting.depth >= self.wallet.rules.watch_depth:
                done = transfer.to(TransferStatus.FINAL, watched=True)
                self.wallet.store.commit(Change(transfers=(done,), lease=lease))
            return
        self.wallet.store.commit(reopened(self.wallet, transfer, sighting, lease))
        if transfer.kind is TransferKind.GIVE_UP:
            raise WalletUnsafe(
                f"a reorganisation took the give-up {transfer.id} out of the chain, and "
                f"{transfer.replaces}, which it replaced, could land again",
                "nothing to do but wait until the give-up is final again, then resume",
            )

    def _watch_void(self, transfer: Transfer, sighting: Sighting, lease: Lease) -> None:
        if sighting.place is not Place.UNSEEN:
            self._face_landing(transfer, sighting, lease)
            return
        if KeyImage.IN_CHAIN not in sighting.key_images:
            self._doubt(transfer)
            return
        # The chain agrees with the row: the line is made up for, should its worker have died before it.
        view = self.wallet.journal.view()
        if view.has(Entry.COMMIT, transfer.id) and not view.has(Entry.VOID, transfer.id):
            check_inputs(self.wallet, (transfer,))
            journal_void(self.wallet, transfer.id)
        if self._rival_is_deep(transfer):
            done = transfer.to(TransferStatus.VOID, watched=True)
            self.wallet.store.commit(Change(transfers=(done,), lease=lease))

    def _face_landing(self, transfer: Transfer, sighting: Sighting, lease: Lease) -> None:
        """What could never land has landed, as a deep reorganisation took away what forbade it."""
        explained = {spend.txid for spend in self.wallet.store.known_spends(self.wallet.name)}
        if transfer.id not in explained:
            raise WalletUnsafe(
                f"transfer {transfer.id} was given up, and is now {where(sighting)}",
                "its refunds may be paid twice: hold those that it paid, see "
                f"`payout transfers show {transfer.id}`, then say so with "
                f"`payout ledger classify {transfer.id} --why ...`, and resume",
            )
        if sighting.depth >= self.wallet.rules.watch_depth:
            done = transfer.to(TransferStatus.VOID, watched=True)
            self.wallet.store.commit(Change(transfers=(done,), lease=lease))

    def _doubt(self, transfer: Transfer) -> None:
        """VOID by its row alone: its refunds wait for the journal's word, which never comes if somebody edited it."""
        if (transfer.id, transfer.place) in self.alarmed or self.wallet.journal.view().has(Entry.VOID, transfer.id):
            return
        self.alarmed.add((transfer.id, transfer.place))
        words = "the database calls it VOID, and neither the spend journal nor the chain does: did somebody change it?"
        event = self.wallet.event("transfer.doubtful", words, transfer_id=transfer.id, alarm=True)
        self.wallet.store.commit(Change(events=(event,)))

    def _rival_is_deep(self, transfer: Transfer) -> bool:
        finals = [
            rival for rival in self.wallet.store.spending(transfer.key_images) if rival.status is TransferStatus.FINAL
        ]
        if finals:
            return any(rival.watched for rival in finals)
        known = self._explained_rival(transfer)
        return known is not None and self._depth(known) >= self.wallet.rules.watch_depth


def journal_void(wallet: Wallet, txid: str) -> None:
    """Write that a journaled transfer is VOID, unless it is there."""
    if wallet.journal.view().has(Entry.COMMIT, txid):
        wallet.journal.append(Entry.VOID, txid, wallet.now(), {})
