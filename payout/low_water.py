"""
Low water: says once when a wallet no longer holds what is approved, and once when it does again.

What was said is on the wallet's row, so that neither a restart nor a second worker says it anew. It stops nothing:
a payment that the wallet cannot make waits by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from payout.asset import USD
from payout.change import Change
from payout.errors import RateError
from payout.money import Money

if TYPE_CHECKING:
    from datetime import datetime

    from payout.change import Lease
    from payout.quote import Quote
    from payout.wallet import Wallet

LOOK_EVERY = timedelta(minutes=1)

RELIEF_PERCENT = 10
"""It must hold so much more than it needs before it counts as filled: else each move of the rate would be told."""


@dataclass(slots=True, kw_only=True)
class LowWater:
    """The gauge of one wallet. `swaps`: it also funds the orders of every other asset."""

    wallet: Wallet
    swaps: bool = False
    _next: datetime | None = None
    """Only its pace is kept here."""

    def look(self, lease: Lease) -> None:
        """
        Compare what it holds with what is approved, about once a minute.

        Raises:
            LeaseLost, StoreError, RailUnavailable: nothing was said; the next look does.
        """
        now = self.wallet.now()
        # Farther off than any pause: the clock was ahead, and was set back.
        if self._next is not None and now < self._next <= now + LOOK_EVERY:
            return
        self._next = now + LOOK_EVERY
        try:
            quote = self.wallet.pricing.quote(self.wallet.rules.asset.code, now)
        except RateError:
            return  # Without a rate nobody can say; what waits for the rate says so itself.
        self._compare(quote, lease)

    def _compare(self, quote: Quote, lease: Lease) -> None:
        wallet = self.wallet
        record = wallet.store.wallet(wallet.name)
        if record is None:
            return  # It was never adopted: the guard comes first.
        approved, floor = self._approved(), wallet.rules.low
        needed = approved + floor
        enough = Money(needed.units + needed.units * RELIEF_PERCENT // 100, USD) if record.low else needed
        balance = Money(wallet.coin.funds().balance, wallet.rules.asset)
        low = balance < quote.amount_for(enough, wallet.rules.asset)
        if low == record.low:
            return
        held = f"wallet {wallet.name} holds {balance} {wallet.rules.asset.code}"
        what = f"{approved} USD that are approved" + (f", and {floor} USD beside them" if floor.units else "")
        if low:
            event = wallet.event("wallet.low", f"{held}, less than the {what}: send it more", alarm=True)
        else:
            event = wallet.event("wallet.refilled", f"{held} again, enough for the {what}")
        wallet.store.commit(Change(wallets=(replace(record, low=low),), events=(event,), lease=lease))

    def _approved(self) -> Money:
        own = self.wallet.rules.asset.key
        owed = self.wallet.store.approved_owed()
        return Money(sum(units for key, units in owed.items() if self.swaps or key == own), USD)
