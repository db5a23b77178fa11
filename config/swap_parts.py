"""
The parts of paying through processors, of one installation: settings in, ready parts out.

`Readings` is one for a process: the wallet's worker funds only by what the same process's broker has just read.
"""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from config.hooks import HookKeys
from payout.swaps.readings import Readings
from payout.swaps.rules import ProcessorRules, SwapAsset, SwapRules

if TYPE_CHECKING:
    from collections.abc import Mapping

    from adapters.chains import ChainReader
    from config.assets import Assets
    from config.processor_kinds import Hook
    from config.settings import Settings
    from payout.ports import Clock, Processor, Sealer, Store
    from payout.swaps.broker import Broker
    from payout.swaps.errands import Errands
    from payout.swaps.follower import Follower
    from payout.swaps.funding import Swaps
    from payout.wallet import Wallet


class SwapParts:
    """What House hands to the broker, the funder and the follower. Each part is made when it is first asked for."""

    def __init__(self, settings: Settings, assets: Assets, held: frozenset[tuple[str, str]], clock: Clock) -> None:
        self._settings = settings
        self._assets = assets
        self._held = held
        """What wallets of ours hold: it is never swapped for."""
        self._clock = clock
        self.readings = Readings()

    @property
    def wallet(self) -> str | None:
        """The wallet that pays for orders; None where no processor is configured."""
        return self._settings.swaps.wallet if self._settings.processors else None

    @cached_property
    def rules(self) -> SwapRules | None:
        """None where no processor is configured."""
        if self.wallet is None:
            return None
        given = self._settings.swaps
        rows = {key: row for key, row in self._assets.rows.items() if row.payable and key not in self._held}
        return SwapRules(
            wallet=self.wallet,
            processors={
                each.name: ProcessorRules(
                    name=each.name, order_max=each.order_max, day_max=each.day_max, support_url=each.support_url
                )
                for each in self._settings.processors
            },
            assets={
                key: SwapAsset(asset=row.asset, dust=row.dust, route=given.routes.get(key)) for key, row in rows.items()
            },
            choose=given.choose,
            spread_max=given.spread_max,
            overdue=timedelta(hours=given.overdue_hours),
        )

    @cached_property
    def processors(self) -> Mapping[str, Processor]:
        """By name; nothing is asked yet."""
        if not self._settings.processors:
            return {}
        from config.processor_kinds import make_processor

        contracts = {
            key: row.contract for key, row in self._assets.rows.items() if row.payable and key not in self._held
        }
        return {
            each.name: make_processor(each, contracts, self._clock, self._hook(each.name))
            for each in self._settings.processors
        }

    @cached_property
    def chains(self) -> Mapping[str, ChainReader]:
        """By network; nothing is asked yet. Raises SettingsError with every problem."""
        if not self._settings.chains:
            return {}
        from config.chain_kinds import make_chain
        from payout.errors import SettingsError

        made: dict[str, ChainReader] = {}
        problems: list[str] = []
        for given in self._settings.chains:
            try:
                made[given.network] = make_chain(given, self._assets, self._clock)
            except SettingsError as error:
                problems += error.problems
        if problems:
            raise SettingsError(tuple(problems))
        return made

    def funded_by(self, wallet: str) -> Swaps | None:
        """What this wallet needs to fund orders; None where another wallet does, or none."""
        if self.rules is None or self.rules.wallet != wallet:
            return None
        from payout.swaps.funding import Swaps

        return Swaps(rules=self.rules, readings=self.readings)

    def broker(self, wallet: Wallet) -> Broker | None:
        """Makes orders that this wallet pays for; None where another wallet does, or none."""
        if self.rules is None or self.rules.wallet != wallet.name:
            return None
        from payout.swaps.broker import Broker

        return Broker(wallet, self.rules, self.processors, self.readings)

    def follower(self, store: Store, sealer: Sealer, wallets: Mapping[str, Wallet], errands: Errands) -> Follower:
        """Follows every order on record, also those of a processor that is configured no more."""
        from payout.swaps.follower import Follower
        from payout.swaps.lookout import Lookout

        lookout = Lookout(
            store=store,
            clock=self._clock,
            sealer=sealer,
            processors=self.processors,
            chains=self.chains,
            wallets=wallets,
        )
        return Follower(lookout=lookout, overdue=timedelta(hours=self._settings.swaps.overdue_hours), errands=errands)

    @cached_property
    def hooks(self) -> HookKeys:
        """Raises SettingsError where the key file is missing or readable by others."""
        from config.keys import read_key

        return HookKeys(read_key(self._settings.console.hook_key_file, "console.hook_key_file"))

    def _hook(self, processor: str) -> Hook | None:
        public = self._settings.console.public_url
        if public is None:
            return None
        from config.processor_kinds import Hook

        return Hook(url=self.hooks.url(public, processor), secret=self.hooks.secret(processor))
