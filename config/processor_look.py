"""
A look at every processor from here, now: does it take our key, what does it deliver, and how dear is it?

It asks beside the daemon and makes no order. Each processor is asked in a thread of its own, and keeps to its own pace.
"""

from __future__ import annotations

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from config.wiring import House
from payout.errors import (
    AmountOutOfRange,
    OrderMissing,
    PayoutError,
    ProcessorDenied,
    ProcessorGarbled,
    RateError,
    SettingsError,
)
from payout.money import Money, units_for, usd_value
from payout.order import Order
from payout.swaps.offer import Offer, offer_fault, rounded_down, spread

if TYPE_CHECKING:
    from payout.asset import Asset
    from payout.ports import Processor
    from payout.swaps.rules import SwapRules


NO_ORDER: Final = "0000000000"
"""An id that nobody has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetLook:
    """One asset at one processor. Without an offer, `words` says why."""

    asset: Asset
    listed: bool
    memo_needed: bool = False
    offer: Offer | None = None
    spread: Decimal | None = None
    """Percent by which the offer is dearer than our own rates."""
    too_dear: bool = False
    least: str | None = None
    most: str | None = None
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessorLook:
    """One processor; `fault` is None where it is well."""

    name: str
    fault: str | None = None
    denied: bool = False
    assets: tuple[AssetLook, ...] = ()


def look_at_all(
    house: House, usd: Money, only: Collection[tuple[str, str]] = (), *, quotes_max: int | None = None
) -> list[ProcessorLook]:
    """
    Every configured processor, and what `usd` worth of each asset (of `only`, where given) costs there.

    At most `quotes_max` quotes of each are asked for; one is enough to see whether a key is taken.

    Raises:
        SettingsError: no processor is configured.
    """
    rules = house.swaps.rules
    if rules is None:
        raise SettingsError((f"{house.settings.file.name}: no processor is configured: add a [processors.NAME]",))
    house.poller.tick(house.assets.polled)
    processors = house.swaps.processors
    coin = house.asset_of(rules.wallet)
    looker = _Looker(house=house, rules=rules, usd=usd, only=only, quotes_max=quotes_max, coin=coin)
    with ThreadPoolExecutor(max(1, len(processors)), "look") as pool:
        return list(pool.map(looker.look, processors.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Looker:
    house: House
    rules: SwapRules
    usd: Money
    only: Collection[tuple[str, str]]
    quotes_max: int | None
    coin: Asset

    def look(self, processor: Processor) -> ProcessorLook:
        try:
            processor.refresh()
            self._show_key(processor)
            return ProcessorLook(name=processor.name, assets=self._assets(processor))
        except PayoutError as error:
            return ProcessorLook(name=processor.name, fault=str(error), denied=isinstance(error, ProcessorDenied))

    def _show_key(self, processor: Processor) -> None:
        """Some give lists and quotes to everyone: only asking for orders shows whether our key is taken."""
        nobodys = self._nobodys_order(processor.name)
        if nobodys is None:
            return
        with suppress(OrderMissing, ProcessorGarbled):
            processor.read(NO_ORDER, None, nobodys.receive.asset)
        with suppress(ProcessorGarbled):
            processor.find(nobodys, nobodys.asked_at)

    def _nobodys_order(self, processor: str) -> Order | None:
        """One that was never made, and is not on record."""
        asset = next(iter(self.rules.coins.values()), None)
        if asset is None:
            return None
        return Order(
            refund_id=NO_ORDER,
            number=1,
            processor=processor,
            wallet=self.rules.wallet,
            revision=1,
            destination=NO_ORDER,
            receive=Money(1, asset),
            rate=Decimal(1),
            quote_id=NO_ORDER,
            offered=Money(1, self.coin),
            return_address=NO_ORDER,
            return_index=0,
            asked_at=self.house.clock.now(),
        )

    def _assets(self, processor: Processor) -> tuple[AssetLook, ...]:
        """Raises ProcessorDenied: it will not talk to us about any other asset either."""
        found: list[AssetLook] = []
        quoted = 0
        for key, asset in self.rules.coins.items():
            if processor.name not in self.rules.route(key) or (self.only and key not in self.only):
                continue
            why = processor.refusal(asset)
            if why is not None:
                found.append(AssetLook(asset=asset, listed=False, words=why))
            elif quoted == self.quotes_max:
                found.append(AssetLook(asset=asset, listed=True, memo_needed=processor.memo_needed(asset)))
            else:
                found.append(self._quoted(processor, asset))
                quoted += 1
        return tuple(found)

    def _quoted(self, processor: Processor, asset: Asset) -> AssetLook:
        memo_needed = processor.memo_needed(asset)
        now = self.house.clock.now()
        try:
            rate = self.house.book.quote(asset.code, now).rate
            own = self.house.book.quote(self.coin.code, now).rate
        except RateError as error:
            return AssetLook(asset=asset, listed=True, memo_needed=memo_needed, words=f"not asked: {error}")
        wanted = rounded_down(units_for(self.usd, rate, asset), processor.decimals_max)
        try:
            offer = processor.quote(wanted)
        except ProcessorDenied:
            raise
        except PayoutError as error:
            least, most = (error.least, error.most) if isinstance(error, AmountOutOfRange) else (None, None)
            return AssetLook(
                asset=asset, listed=True, memo_needed=memo_needed, least=least, most=most, words=str(error)
            )
        fault = offer_fault(offer, wanted, self.coin, now)
        if fault is not None:
            return AssetLook(asset=asset, listed=True, memo_needed=memo_needed, words=fault)
        dearer, limit = spread(offer, usd_value(wanted, rate), own), self.rules.spread_max
        return AssetLook(
            asset=asset,
            listed=True,
            memo_needed=memo_needed,
            offer=offer,
            spread=dearer,
            too_dear=dearer > limit,
            words=f"refused: [swaps] spread_max_percent is {limit}" if dearer > limit else "",
        )
