"""
A wallet that pays: its rules, and the ports that belong to it.

Every part that touches one wallet's money is handed this one value, so that no part can mix up two wallets.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from payout.asset import USD
from payout.caps import CapBook
from payout.change import Change, Pause
from payout.event import SYSTEM, Event, said
from payout.money import Money
from payout.scope import ALL

if TYPE_CHECKING:
    from datetime import datetime

    from payout.approval import Approver
    from payout.asset import Asset
    from payout.audit.reader import ChainReader
    from payout.limits import Limits
    from payout.ports import Clock, Coin, Halts, Pricing, Sealer, SpendJournal, Store
    from payout.spend_journal import JournalView


NO_USD = Money(0, USD)


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletRules:
    """One wallet's settings."""

    name: str
    asset: Asset
    fee_max: Money
    """USD, for each transfer."""
    address: str | None = None
    """Pinned: another wallet is refused. None: pinned at the first run."""
    networks: frozenset[str] = frozenset({"mainnet", "fakechain"})
    """Where its node may be. A regtest chain calls itself "fakechain" and uses mainnet's addresses."""
    confirmations: int = 10
    batch_max: int = 15
    outputs_target: int = 16
    watch_depth: int = 100
    low: Money = NO_USD
    """USD that it should hold beside what is approved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wallet:
    """One wallet, ready to work."""

    rules: WalletRules
    coin: Coin
    store: Store
    journal: SpendJournal
    sealer: Sealer
    pricing: Pricing
    approver: Approver
    limits: Limits
    halts: Halts
    clock: Clock
    neighbours: tuple[SpendJournal, ...] = ()
    """Journals of the installation's other wallets. They pay from the same queue, and after a restored backup they
    alone know what their wallets have paid."""
    history: ChainReader | None = None
    """For what people took back (`payout/withdrawals.py`). Production: always given."""

    @property
    def name(self) -> str:
        """As configured under `[wallets]`."""
        return self.rules.name

    @property
    def scopes(self) -> tuple[str, ...]:
        """The pause scopes that stop this wallet's commits."""
        return (ALL, self.name)

    def now(self) -> datetime:
        """The present moment, in UTC."""
        return self.clock.now()

    @property
    def caps(self) -> CapBook:
        """Which counters its payouts raise, and how far, by the rules in force."""
        return CapBook(limits=self.limits, caps=self.approver.rules().caps, wallet=self.name)

    def at_present(self) -> Wallet:
        """The same by the rules in force now, for one look at many refunds."""
        return replace(self, approver=self.approver.at_present())

    def journal_views(self) -> tuple[JournalView, ...]:
        """What every journal of the installation says, its own first."""
        return (self.journal.view(), *(journal.view() for journal in self.neighbours))

    def pause_in_force(self) -> Pause | None:
        """What stops this wallet's commits now: a file, or a row."""
        every = (*self.halts.pauses(), *self.store.pauses())
        return next((pause for pause in every if pause.scope in self.scopes), None)

    def event(
        self,
        kind: str,
        words: str,
        *,
        refund_id: str | None = None,
        transfer_id: str | None = None,
        order_id: str | None = None,
        alarm: bool = False,
    ) -> Event:
        """An event of this wallet, by the system, now."""
        return Event(
            at=self.now(),
            kind=kind,
            words=words,
            refund_id=refund_id,
            transfer_id=transfer_id,
            order_id=order_id,
            wallet=self.name,
            alarm=alarm,
        )

    def pause(self, why: str) -> None:
        """Stop commits until a person resumes, and raise an alarm. Does nothing where a pause already says so."""
        if any(pause.scope == self.name and pause.until is None for pause in self.store.pauses()):
            return
        pause = Pause(scope=self.name, who=SYSTEM, why=why, at=self.now())
        event = replace(self.event("wallet.paused", why, alarm=True), facts=said(scope=self.name))
        self.store.commit(Change(pauses=(pause,), events=(event,)))
