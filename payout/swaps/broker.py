"""
The broker: one tick of order making, for approved refunds of coins that no wallet of ours holds.

It needs no lease and moves no money: an order that is never funded costs nothing, and the store lets one refund
have one live order. Two processes that both do it only take turns.
"""

from __future__ import annotations

import logging
from collections import deque
from functools import partial
from typing import TYPE_CHECKING

from payout.change import Change
from payout.errors import JournalBroken, ProcessorDenied, ProcessorGarbled, RailUnavailable
from payout.swaps.health import Health
from payout.swaps.keeping import Keeper
from payout.swaps.making import Maker, no_address
from payout.swaps.market import Market
from payout.swaps.side_by_side import SideBySide
from payout.swaps.wish import wishes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from payout.ports import Processor
    from payout.swaps.readings import Readings
    from payout.swaps.rules import SwapRules
    from payout.wallet import Wallet

log = logging.getLogger(__name__)

SPARE = 2
"""Return addresses taken ahead for each order: a refused one has used up its own."""


class Broker:
    """Makes orders that one wallet funds. What it keeps in memory is lost without harm."""

    def __init__(
        self, wallet: Wallet, rules: SwapRules, processors: Mapping[str, Processor], readings: Readings
    ) -> None:
        self._market = Market(
            wallet=wallet,
            rules=rules,
            processors=processors,
            readings=readings,
            health=Health(rules.back_off),
            calls=SideBySide(processors, rules.lanes),
        )
        self._keeper = Keeper(market=self._market)
        self._refreshed: dict[str, datetime] = {}
        self._rest_until: dict[str, datetime] = {}
        """Refunds that were quoted in vain, and when they may be again."""

    def tick(self) -> None:
        """
        Find lost answers, read unfunded orders again, and make new ones.

        Raises:
            StoreError: the database did not answer; the next tick goes on.
        """
        self._refresh()
        self._keeper.find_lost()
        self._keeper.reread()
        self._make()

    def close(self) -> None:
        """End its threads."""
        self._market.calls.close()

    # ------------------------------------------------------------ lists

    def _refresh(self) -> None:
        """Read the lists of processors: at first, daily, and of one that refused us, to see whether it still does."""
        now = self._market.wallet.now()
        due = [name for name in self._market.processors if self._is_due(name, now)]
        self._market.calls.run([(name, partial(self._refresh_one, name)) for name in due])

    def _is_due(self, name: str, now: datetime) -> bool:
        if self._market.health.resting(name, now):
            return False
        last = self._refreshed.get(name)
        old = last is None or now - last >= self._market.rules.refresh_every
        return old or self._market.health.is_denied(name)

    def _refresh_one(self, name: str) -> None:
        market = self._market
        try:
            market.ask(market.processors[name].refresh)
        except (RailUnavailable, ProcessorDenied, ProcessorGarbled) as error:
            market.trouble(name, error)
            return
        self._refreshed[name] = market.wallet.now()
        if market.health.worked(name, by_refresh=True):
            event = market.wallet.event("processor.accepted", f"{name} takes our key again")
            market.wallet.store.commit(Change(events=(event,)))

    # ------------------------------------------------------------ new orders

    def _make(self) -> None:
        market, now = self._market, self._market.wallet.now()
        rest = market.rules.requote
        # Not longer than it may be: a clock that was set back would else keep them resting until it has caught up.
        self._rest_until = {key: until for key, until in self._rest_until.items() if now < until <= now + rest}
        assets = self._assets()
        pauses = (*market.wallet.halts.pauses(), *market.wallet.store.pauses())
        stop = next((pause for pause in pauses if pause.scope in market.wallet.scopes), None)
        if stop is not None:
            self._wait_all(assets, stop.words)
            return
        try:
            found = wishes(market, assets, self._rest_until)
        except JournalBroken as error:  # The worker pauses the wallet for it.
            self._wait_all(assets, f"the spend journal: {error}")
            return
        if not found:
            return
        free = market.wallet.store.free_return_addresses(market.wallet.name, SPARE * len(found))
        for wish in found[len(free) :]:  # Nobody is asked for a quote in vain, and the next tick may meet it.
            market.say(wish.refund, no_address(market.wallet.name))
        found = found[: len(free)]
        maker = Maker(
            market=market,
            keeper=self._keeper,
            addresses=deque(free),
            closed=frozenset(pause.scope for pause in pauses),
        )
        for wish in maker.make(found):
            self._rest_until[wish.refund.id] = now + rest

    def _assets(self) -> list[tuple[str, str]]:
        """What approved refunds are owed in and is paid this way."""
        market = self._market
        owed = sorted(market.wallet.store.payable_assets() - {market.wallet.rules.asset.key})
        for code, network in owed:
            if (code, network) not in market.rules.assets:
                words = f"a way to pay it: {code} on {network} is not among the payable assets"
                market.wallet.store.note_all((code, network), words)
        return [key for key in owed if key in market.rules.assets]

    def _wait_all(self, assets: list[tuple[str, str]], words: str) -> None:
        for key in assets:
            self._market.wallet.store.note_all(key, words)
