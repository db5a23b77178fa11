"""
The rules of paying through processors: which of them, how dear, how long. Plain values, from the settings.

Nothing here is ever read from the database: whoever can only write there must not choose where a deposit goes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from payout.caps import CapUse, processor_scope, utc_day

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from payout.asset import Asset
    from payout.money import Money

PERCENT = Decimal("0.01")
"""One of it, as a factor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessorRules:
    """One processor's ceilings, in USD owed."""

    name: str
    order_max: Money
    day_max: Money
    support_url: str | None = None

    @property
    def scope(self) -> str:
        """The counter that each funded order of a UTC day raises, in US cents."""
        return processor_scope(self.name)

    def day_use(self, owed: Money, now: datetime) -> CapUse:
        """The counter that funding an order for `owed` raises."""
        return CapUse(scope=self.scope, day=utc_day(now), units=owed.units, cap=self.day_max.units)


@dataclass(frozen=True, slots=True, kw_only=True)
class SwapAsset:
    """An asset that refunds are paid in through processors."""

    asset: Asset
    dust: Money
    """The least that its network carries."""
    route: tuple[str, ...] | None = None
    """Processors in order of preference; empty: the best quote. None: as for all assets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SwapRules:
    """How orders are made and funded."""

    wallet: str
    """Whose money pays deposits."""
    processors: Mapping[str, ProcessorRules]
    assets: Mapping[tuple[str, str], SwapAsset]
    """By (code, network): all that is payable and that no wallet of ours holds."""
    choose: tuple[str, ...] = ()
    """Processors in order of preference, for every asset without a route; empty: the best quote."""
    spread_max: Decimal = Decimal(5)
    """Percent that a deposit may be worth more than what the customer gets, by our own rates."""
    deposit_slack: Decimal = Decimal("0.5")
    """Percent that an order may ask for above the offer that it was made from."""
    overdue: timedelta = timedelta(hours=48)
    unfunded_per_hour: int = 3
    """Orders of one refund that may come to nothing within an hour."""
    expiry_margin: timedelta = timedelta(minutes=3)
    """A deposit is not begun later than this before its order's expiry."""
    expiry_assumed: timedelta = timedelta(minutes=10)
    """How long an order is good for when its processor does not say."""
    lost_patience: timedelta = timedelta(minutes=2)
    """How long a lost answer to a creating call is looked for; longer than that call's own deadline."""
    requote: timedelta = timedelta(seconds=60)
    """After a round that came to nothing, a refund is not quoted again before."""
    refresh_every: timedelta = timedelta(hours=24)
    """How old a processor's lists may get."""
    reading_age: timedelta = timedelta(seconds=60)
    """How old a processor's word may be when its order is funded."""
    reread: timedelta = timedelta(seconds=15)
    """A reading is not made again before it is so old."""
    back_off: tuple[timedelta, ...] = (
        timedelta(seconds=15),
        timedelta(minutes=1),
        timedelta(minutes=5),
        timedelta(minutes=15),
    )
    """How long a processor is left alone after its first, second ... failure in a row; then the last one again."""
    lanes: int = 3
    """Calls to one processor at a time: its client lets few wait for their slot. 1: no threads, each in its turn."""
    orders_per_tick: int = 20

    @property
    def coins(self) -> Mapping[tuple[str, str], Asset]:
        """What can be paid this way, by (code, network)."""
        return {key: row.asset for key, row in self.assets.items()}

    def best(self, key: tuple[str, str]) -> bool:
        """For this asset the best quote wins, whoever gives it."""
        return not self._preferred(key)

    def route(self, key: tuple[str, str]) -> tuple[str, ...]:
        """The processors to ask for this asset, in order of preference."""
        return self._preferred(key) or tuple(self.processors)

    def _preferred(self, key: tuple[str, str]) -> tuple[str, ...]:
        own = self.assets[key].route
        return self.choose if own is None else own
