"""
Repair: make database and spend journal tell one story again, from the journal, the wallet and the chain.

After a restored backup the journal knows payments that the database forgot: their refunds, orders, attempts and
transfers are recreated, and tracker and follower then find on the chains what became of them. Nothing is ever removed,
and nothing is paid.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from payout.delivery import journal
from payout.departure import check_as_committed
from payout.errors import Paused
from payout.footing import orders_of, pairs_of
from payout.guard import adopt, check_identity, missing_transfers, unjournaled_transfers
from payout.guard import unknown_spends as find_unknown_spends
from payout.journal_order import return_body
from payout.order import OrderStatus
from payout.outcome import voided
from payout.recreation import recreation, returned_since
from payout.refund import RefundStatus
from payout.spend_journal import Entry
from payout.transfer import Place, TransferStatus

if TYPE_CHECKING:
    from collections.abc import Iterable

    from payout.change import Lease
    from payout.spend_journal import Line
    from payout.transfer import Transfer
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
            if row is not None and row.status is TransferStatus.VOID and not row.begun and not self._is_out(row)
        )

    def _is_out(self, row: Transfer) -> bool:
        """The row says that it never began; the chain may know better, and then somebody changed the row."""
        return self.wallet.coin.look([row])[row.id].place is not Place.UNSEEN

    def _answer(self, txids: Iterable[str]) -> None:
        for txid in txids:
            self.wallet.journal.append(Entry.VOID, txid, self.wallet.now(), {})

    def _close_old(self, lease: Lease) -> None:
        """
        What the old database has open, and that ended since: its refunds are free for what followed.

        Transfers that became VOID, and orders whose deposits came back.
        """
        view = self.wallet.journal.view()
        for transfer in self.wallet.store.open_transfers(self.wallet.name):
            if view.has(Entry.VOID, transfer.id):
                why = "the spend journal says so"
            elif not transfer.begun and not view.has(Entry.COMMIT, transfer.id):
                why = "it never began, and the spend journal went on without it"
            else:
                continue
            self.wallet.store.commit(voided(self.wallet, transfer, why, lease))
            self._answer([transfer.id])
        for line in self._returns().values():
            change = returned_since(self.wallet, line, lease)
            if change is not None:
                self.wallet.store.commit(change)

    def _recreate(self, who: str, lease: Lease) -> None:
        missing = set(missing_transfers(self.wallet))
        returns = self._returns()
        for line in self.wallet.journal.lines():
            if line.entry is Entry.COMMIT and line.txid in missing:
                self.wallet.store.commit(recreation(self.wallet, line, who, lease, returns))

    def _returns(self) -> dict[str, Line]:
        """The lines of deposits that came back, by their orders."""
        return {line.txid: line for line in self.wallet.journal.lines() if line.entry is Entry.RETURN}

    def _journal_again(self) -> None:
        for txid in reversed(unjournaled_transfers(self.wallet)):
            transfer = self.wallet.store.transfer(txid)
            if transfer is not None:
                pairs = pairs_of(self.wallet, transfer)
                check_as_committed(self.wallet, transfer, pairs, or_older=True)
                journal(self.wallet, transfer, pairs)
                if transfer.status is TransferStatus.VOID:
                    self._answer([txid])
                self._journal_returns(transfer)

    def _journal_returns(self, transfer: Transfer) -> None:
        for order in orders_of(self.wallet, transfer):
            if order.status is OrderStatus.RETURNED:
                self.wallet.journal.append(Entry.RETURN, order.id, self.wallet.now(), return_body(order))
