"""What people may do about money that is out: ask that a transfer be given up, and explain a spend."""

from __future__ import annotations

from typing import TYPE_CHECKING

from payout.approval import Act
from payout.change import Change, KnownSpend
from payout.desk.office import Office
from payout.errors import BadInput, IllegalTransition
from payout.event import Event
from payout.transfer import TransferKind, TransferStatus

if TYPE_CHECKING:
    from payout.transfer import Transfer


class Sending(Office):
    """Acts on transfers and spends."""

    __slots__ = ()

    def give_up(self, txid: str, who: str, why: str) -> Transfer:
        """
        Ask the worker to make an OPEN transfer impossible, so that its refunds become free.

        Raises:
            BadInput: there is no such transfer.
            IllegalTransition: it is not OPEN, or is itself a give-up.
            NotAllowed: this person may not.
        """
        self._permit(who, Act.GIVE_UP)
        transfer = self.store.transfer(txid)
        if transfer is None:
            raise BadInput("txid", f"{txid!r} is not on record", "see `payout transfers list`")
        if transfer.status is not TransferStatus.OPEN:
            raise IllegalTransition(f"transfer {txid} is {transfer.status}: nothing to give up")
        if transfer.kind is TransferKind.GIVE_UP:
            raise IllegalTransition(f"transfer {txid} is itself a give-up: let it become final")
        after = transfer.to(TransferStatus.OPEN, give_up_by=who, give_up_why=why)
        event = Event(
            at=self.clock.now(),
            kind="transfer.give_up_requested",
            words=f"{who} asked to give it up: {why}",
            who=who,
            transfer_id=txid,
            wallet=transfer.wallet,
        )
        self.store.commit(Change(transfers=(after,), events=(event,)))
        return after

    def classify(self, wallet: str, txid: str, who: str, why: str) -> KnownSpend:
        """Explain a spend of the wallet that this system did not make. Raises NotAllowed."""
        self._permit(who, Act.CLASSIFY)
        now = self.clock.now()
        spend = KnownSpend(txid=txid, wallet=wallet, who=who, why=why, at=now)
        words = f"{who} explained the spend {txid}: {why}"
        event = Event(at=now, kind="spend.classified", words=words, who=who, wallet=wallet)
        self.store.commit(Change(known_spends=(spend,), events=(event,)))
        return spend
