"""
The composition root: settings in, ready parts out. The only file that knows which adapter serves a port.

Each part is made when it is first asked for, and its libraries are imported then: a listing must not
pay for a daemon's imports. A new coin is one line in a table here; a new rate feed, processor or kind of chain is one
in `rate_feeds.py`, `processor_kinds.py` or `chain_kinds.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from adapters.clock import SystemClock
from config.settings import RateSource, Settings, WalletSettings
from config.trust import Trust
from payout.asset import XMR, Asset
from payout.errors import SettingsError

if TYPE_CHECKING:
    from adapters.coins.monero import MoneroCoin
    from adapters.database.store import SqlStore
    from adapters.halts import FileHalts
    from adapters.rates import RateSource as RateFeed
    from adapters.rates.poll import RatePoller
    from config.assets import Assets
    from config.audit_parts import AuditParts
    from config.destinations import Destinations
    from config.people.file import Taken
    from config.swap_parts import SwapParts
    from config.webhook_parts import WebhookParts
    from payout.approval import Approver
    from payout.desk import Desk
    from payout.intake import Intake
    from payout.ports import Clock, Coin, Sealer, SpendJournal, Store
    from payout.quote.rate_book import RateBook
    from payout.repair import Reconciler
    from payout.wallet import Wallet
    from payout.worker import WalletWorker


class House(Trust):
    """All parts of one installation."""

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        self.settings = settings
        self.clock: Clock = clock or SystemClock()

    @cached_property
    def store(self) -> Store:
        """The database. Raises SettingsError where it was never made, or needs an upgrade."""
        return self._database

    @cached_property
    def _database(self) -> SqlStore:
        from adapters.database.store import open_store

        return open_store(self.settings.database.url.reveal(), audit=self.audit_key)

    def tell_people(self, taken: Taken) -> None:
        """Put a change of the people file into the history."""
        from config.people.telling import tell

        tell(self.store, taken, self.clock.now())

    def close(self) -> None:
        """Give back the database's connections, if there are any."""
        if "_database" in vars(self):
            self._database.close()

    @cached_property
    def halts(self) -> FileHalts:
        from adapters.halts import FileHalts

        return FileHalts(folder=self.settings.instance.state_dir)

    @cached_property
    def assets(self) -> Assets:
        """The table, in which only what this installation can pay is payable."""
        from config.assets import SHIPPED, load_assets

        table = load_assets(self.settings.instance.assets_file or SHIPPED)
        swapped = self.settings.swaps
        delivered = table.rows if self.settings.processors and swapped.wallet else ()
        return table.paying({*self._held, *(key for key in delivered if swapped.routes.get(key, ()) is not None)})

    @property
    def _held(self) -> frozenset[tuple[str, str]]:
        """What wallets of ours hold."""
        return frozenset(ASSETS[each.kind].key for each in self.settings.wallets) or frozenset({XMR.key})

    @cached_property
    def swaps(self) -> SwapParts:
        """What paying through processors needs."""
        from config.swap_parts import SwapParts

        return SwapParts(self.settings, self.assets, self._held, self.clock)

    @cached_property
    def audit(self) -> AuditParts:
        """What watching over the history needs."""
        from config.audit_parts import AuditParts

        return AuditParts(self)

    @cached_property
    def webhooks(self) -> WebhookParts:
        """What telling others needs."""
        from config.webhook_parts import WebhookParts

        return WebhookParts(self)

    @cached_property
    def destinations(self) -> Destinations:
        from config.destinations import Destinations

        realms = {chain.network: chain.realm for chain in self.settings.chains}
        return Destinations(wallets=self.settings.wallets, record=self.store.wallet, assets=self.assets, realms=realms)

    @cached_property
    def intake(self) -> Intake:
        return self.make_intake(self.store, self.approver)

    @cached_property
    def desk(self) -> Desk:
        return self.make_desk(self.store, self.approver)

    def make_intake(self, store: Store, approver: Approver) -> Intake:
        """One that writes through this store: a request of the API has one of its own."""
        from payout.intake import Intake

        return Intake(
            store=store,
            clock=self.clock,
            instance=self.settings.instance.id,
            limits=self.settings.limits,
            assets=self.assets.payable,
            check_destination=self.destinations.check,
            approver=approver,
        )

    def make_desk(self, store: Store, approver: Approver) -> Desk:
        """One that writes through this store, as `make_intake`."""
        from payout.desk import Desk

        return Desk(
            store=store,
            clock=self.clock,
            approver=approver,
            limits=self.settings.limits,
            check_destination=self.destinations.check,
            audit=self.audit_key,
            processors=frozenset(each.name for each in self.settings.processors),
        )

    @cached_property
    def book(self) -> RateBook:
        from payout.quote import QuoteRules
        from payout.quote.rate_book import RateBook

        rates = self.settings.rates
        rules = QuoteRules(sources_min=rates.sources_min)
        return RateBook((source.name for source in rates.sources), rules)

    @cached_property
    def poller(self) -> RatePoller:
        from adapters.rates.poll import RatePoller

        feeds = [self._feed(source) for source in self.settings.rates.sources]
        return RatePoller(feeds, self.book, self.clock)

    @cached_property
    def sealer(self) -> Sealer:
        from adapters.sealer import open_sealer
        from config.keys import read_key

        return open_sealer(read_key(self.settings.instance.seal_key_file, "instance.seal_key_file"))

    def wallet_settings(self, name: str) -> WalletSettings:
        """The settings of a wallet. Raises SettingsError where there is none of this name."""
        found = self.settings.wallet(name)
        if found is None:
            raise SettingsError((f"{self.settings.file.name}: there is no [wallets.{name}]",))
        return found

    def asset_of(self, name: str) -> Asset:
        """What a wallet holds; one that is no longer configured held Monero, as all kinds do yet."""
        found = self.settings.wallet(name)
        return ASSETS[found.kind] if found else XMR

    def coin(self, name: str) -> Coin:
        """A wallet's own rail; nothing is asked yet."""
        wallet = self.wallet_settings(name)
        return COINS[wallet.kind](wallet)

    def journal(self, name: str) -> SpendJournal:
        """A wallet's spend journal."""
        from adapters.journal_file import open_journal

        return open_journal(self.settings.instance.state_dir, name)

    def wallet(self, name: str) -> Wallet:
        """A wallet, ready to work."""
        from payout.audit.reader import ChainReader
        from payout.wallet import Wallet, WalletRules

        given = self.wallet_settings(name)
        rules = WalletRules(
            name=name,
            asset=ASSETS[given.kind],
            fee_max=given.fee_max,
            address=given.address,
            networks=given.networks,
            confirmations=given.confirmations,
            batch_max=given.batch_max,
            outputs_target=given.outputs_target,
            watch_depth=given.watch_depth,
            low=given.low,
        )
        return Wallet(
            rules=rules,
            coin=self.coin(name),
            store=self.store,
            journal=self.journal(name),
            sealer=self.sealer,
            pricing=self.book,
            approver=self.approver,
            limits=self.settings.limits,
            halts=self.halts,
            clock=self.clock,
            neighbours=tuple(self.journal(each.name) for each in self.settings.wallets if each.name != name),
            history=ChainReader(key=self.audit_key),
        )

    def worker(self, name: str, owner: str) -> WalletWorker:
        """One process's hands on one wallet."""
        from adapters.lease_keeper import LeaseKeeper
        from payout.worker import WalletWorker

        ttl = timedelta(seconds=self.settings.worker.lease_seconds)
        keeper = LeaseKeeper(store=self.store, ttl=ttl)
        return WalletWorker(self.wallet(name), owner, ttl, keeper.keep, self.swaps.funded_by(name))

    def reconciler(self, name: str) -> Reconciler:
        """Compares one wallet's records."""
        from payout.repair import Reconciler

        return Reconciler(wallet=self.wallet(name))

    def _feed(self, source: RateSource) -> RateFeed:
        from config.rate_feeds import make_feed

        return make_feed(source, self.assets.symbols(source.name), self.clock)


def _monero(wallet: WalletSettings) -> MoneroCoin:
    from adapters.coins.monero import connect

    return connect(
        rpc_url=wallet.rpc_url,
        rpc_login=wallet.rpc_login.reveal() if wallet.rpc_login else None,
        daemon_url=wallet.daemon_url,
        daemon_login=wallet.daemon_login.reveal() if wallet.daemon_login else None,
        wallet_file=wallet.wallet_file or "",
        password=wallet.password.reveal() if wallet.password else "",
        priority=wallet.priority,
    )


COINS: dict[str, Callable[[WalletSettings], Coin]] = {"monero": _monero}
"""How each kind of wallet is spoken to."""

ASSETS: dict[str, Asset] = {"monero": XMR}
"""What each kind of wallet holds."""
