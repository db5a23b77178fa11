"""
Repair: make database and spend journal tell one story again, from the journal, the wallet and the chain.

After a restored backup the journal knows payments that the database forgot: their refunds, attempts and transfers are
recreated, and the tracker then finds on the chain what became of them. Nothing is ever removed, and nothing is paid.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from payout.change import Change, Lease
from payout.delivery import journal
from payout.errors import Paused
from payout.event import Event
from payout.footing import pairs_of
from payout.guard import adopt, check_identity, missing_transfers, unjournaled_transfers
from payout.guard import unknown_spends as find_unknown_spends
from payout.journal_body import read_attempt, read_refund, read_transfer
from payout.outcome import voided
from payout.refund import Refund, RefundStatus
from payout.spend_journal import Entry
from payout.transfer import TransferStatus

if TYPE_CHECKING:
    from collections.abc import Iterable

    from payout.spend_journal import Line
    from payout.wallet import Wallet

LEASE_TTL = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing on which the records differ."""

    kind: str
    subject: str
    words: str
    remedy: str
    mended: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was found, and what of it was mended."""

    findings: tuple[Finding, ...]

    @property
    def clean(self) -> bool:
        """Nothing is left to mend."""
        return all(finding.mended for finding in self.findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciler:
    """Compares one wallet's records."""

    wallet: Wallet

    def look(self) -> Report:
        """
        Compare, and write nothing.

        Raises:
            RailUnavailable, StoreUnavailable, JournalBroken: it could not be looked at.
        """
        return Report(
            findings=(
                *self._missing(mended=False),
                *self._unjournaled(mended=False),
                *self._unanswered(mended=False),
                *self._unknown_spends(),
            )
        )

    def repair(self, who: str) -> Report:
        """
        Recreate what the database or the journal lacks.

        Raises:
            Paused: a worker holds the wallet; stop it first.
            RailUnavailable, StoreError, JournalBroken: what was done until then stands, and can be repeated.
        """
        lease = self._lease(who)
        try:
            missing, lost = self._missing(mended=True), self._unjournaled(mended=True)
            open_lines = self._unanswered(mended=True)
            if missing:
                self._close_old(lease)
                self._recreate(who, lease)
            self._journal_again()
            self._answer(finding.subject for finding in open_lines)
            standing = self.wallet.coin.check()
            check_identity(self.wallet, standing)
            adopt(self.wallet, standing, lease)
            return Report(findings=(*missing, *lost, *open_lines, *self._unknown_spends()))
        finally:
            self.wallet.store.release_lease(lease)

    def _lease(self, who: str) -> Lease:
        lease = self.wallet.store.claim_lease(self.wallet.name, f"repair by {who}", LEASE_TTL)
        if lease is None:
            raise Paused(
                f"a worker holds the wallet {self.wallet.name}: stop the daemon, wait half a minute, and repair again"
            )
        return lease

    def _missing(self, *, mended: bool) -> tuple[Finding, ...]:
        return tuple(
            Finding(
                kind="transfer.missing",
                subject=txid,
                words="journaled and begun, but not in the database",
                remedy="payout reconcile --repair",
                mended=mended,
            )
            for txid in missing_transfers(self.wallet)
        )

    def _unjournaled(self, *, mended: bool) -> tuple[Finding, ...]:
        return tuple(
            Finding(
                kind="transfer.unjournaled",
                subject=txid,
                words="begun by the database, but not in the spend journal",
                remedy="payout reconcile --repair",
                mended=mended,
            )
            for txid in unjournaled_transfers(self.wallet)
        )

    def _unknown_spends(self) -> tuple[Finding, ...]:
        return tuple(
            Finding(
                kind="spend.unknown",
                subject=txid,
                words="the wallet made it, and nobody here knows why",
                remedy=f"payout ledger classify {txid} --why ...",
            )
            for txid in find_unknown_spends(self.wallet)
        )

    def _unanswered(self, *, mended: bool) -> tuple[Finding, ...]:
        """Lines of transfers that were given up before they began: the worker that wrote them was late, and died."""
        held = self.wallet.store.list_refunds(statuses=(RefundStatus.HELD,))
        view = self.wallet.journal.view()
        live = {txid for line in held for txid in view.live_transfers(line.refund.id)}
        rows = [self.wallet.store.transfer(txid) for txid in sorted(live)]
        return tuple(
            Finding(
                kind="transfer.unanswered",
                subject=row.id,
                words="journaled, but given up before it began",
                remedy="payout reconcile --repair",
                mended=mended,
            )
            for row in rows
            if row is not None and row.status is TransferStatus.VOID and not row.begun
        )

    def _answer(self, txids: Iterable[str]) -> None:
        for txid in txids:
            self.wallet.journal.append(Entry.VOID, txid, self.wallet.now(), {})

    def _close_old(self, lease: Lease) -> None:
        """Transfers that the old database has open, and that ended since: their refunds are free for what followed."""
        view = self.wallet.journal.view()
        for transfer in self.wallet.store.open_transfers(self.wallet.name):
            if view.has(Entry.VOID, transfer.id):
                why = "the spend journal says so"
            elif not transfer.begun and not view.has(Entry.COMMIT, transfer.id):
                why = "it never began, and the spend journal went on without it"
            else:
                continue
            self.wallet.store.commit(voided(self.wallet, transfer, why, lease))

    def _recreate(self, who: str, lease: Lease) -> None:
        missing = set(missing_transfers(self.wallet))
        view = self.wallet.journal.view()
        for line in self.wallet.journal.lines():
            if line.entry is Entry.COMMIT and line.txid in missing:
                void = view.has(Entry.VOID, line.txid)
                change = self._recreation(line, who, lease, void=void)
                self.wallet.store.commit(change)

    def _recreation(self, line: Line, who: str, lease: Lease, *, void: bool) -> Change:
        """The rows of one journaled transfer; it counts as begun."""
        facts = line.body["attempts"]
        rows = {each["refund_id"]: self.wallet.store.refund(each["refund_id"]) for each in facts}
        refunds = [_refund_now(each, rows[each["refund_id"]], void=void) for each in facts]
        words = f"recreated from line {line.seq} of the spend journal by {who}"
        transfer = read_transfer(line.txid, line.body, void=void)
        return Change(
            refunds=tuple(refund for refund in refunds if refund is not None),
            attempts=tuple(read_attempt(line.txid, each, void=void) for each in facts),
            transfers=(transfer,),
            events=(
                self._event("transfer.recreated", words, who, line.txid),
                *(self._event("refund.recreated", words, who, line.txid, each["refund_id"]) for each in facts),
            ),
            lease=lease,
        )

    def _event(self, kind: str, words: str, who: str, txid: str, refund_id: str | None = None) -> Event:
        return Event(
            at=self.wallet.now(),
            kind=kind,
            words=words,
            who=who,
            refund_id=refund_id,
            transfer_id=txid,
            wallet=self.wallet.name,
        )

    def _journal_again(self) -> None:
        for txid in reversed(unjournaled_transfers(self.wallet)):
            transfer = self.wallet.store.transfer(txid)
            if transfer is not None:
                journal(self.wallet, transfer, pairs_of(self.wallet, transfer))
                if transfer.status is TransferStatus.VOID:
                    self._answer([txid])


def _refund_now(facts: dict[str, Any], row: Refund | None, *, void: bool) -> Refund | None:
    """The refund that a line paid, as it must stand: PAYING, or free where the line is VOID. None: as it is."""
    number = int(facts["number"])
    if row is None:
        refund = read_refund(facts, RefundStatus.REQUESTED if void else RefundStatus.PAYING)
        return replace(refund, approved_at=None, approved_until=None) if void else refund
    attempts = max(row.attempts, number)
    if not void:
        lost = read_refund(facts, RefundStatus.PAYING)
        return row.to(
            RefundStatus.PAYING,
            attempts=attempts,
            hold_reason=row.hold_reason,
            approved_at=row.approved_at or lost.approved_at,
            approved_until=row.approved_until or lost.approved_until,
        )
    return None if attempts == row.attempts else replace(row, attempts=attempts, version=row.version + 1)
