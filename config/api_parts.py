"""
The parts of the API, of one installation.

Its process holds intake's key and the audit key. It must never hold the key that approves nor the key that seals what
wallets signed: whatever is asked of it, it cannot approve and cannot read a signed transaction.
"""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from config import keys
from payout.api_key import ApiKeys, KeyDigests
from payout.approval import Approver, IntakeSeal
from payout.preview import Rail

if TYPE_CHECKING:
    from datetime import datetime

    from adapters.console.api import ApiParts
    from adapters.revoked_keys import RevokedKeys
    from config.wiring import House
    from payout.asset import Asset
    from payout.change import Pause
    from payout.quote.rate_book import RateReport

RATES_FOR: Final = timedelta(seconds=10)
"""So long an answer of the rate sources serves every quote."""


def digests(house: House) -> KeyDigests:
    """Of API keys; the key that makes them is derived from intake's."""
    return KeyDigests(house.intake_ring.derive(keys.API_KEYS))


def api_keys(house: House) -> ApiKeys:
    """What persons do with API keys."""
    return ApiKeys(store=house.store, clock=house.clock, digests=digests(house), revoked=revoked(house))


def revoked(house: House) -> RevokedKeys:
    """Keys that are good no more, whatever the database says."""
    from adapters.revoked_keys import RevokedKeys

    return RevokedKeys(house.settings.instance.state_dir)


def api_parts(house: House) -> ApiParts:
    """Made at once: a missing key or database is told at the start, not at the first request."""
    from adapters.console.api import ApiLimits, ApiParts
    from adapters.sealer import open_sealer
    from adapters.told_store import told
    from payout.pausing import check_scope, committed
    from payout.preview import Previewer

    settings, store = house.settings, told(house.store)
    wallets = tuple(wallet.name for wallet in settings.wallets)
    processors = tuple(each.name for each in settings.processors)
    approver = _approver(house)
    given = settings.console

    def pauses() -> tuple[Pause, ...]:
        return (*house.halts.pauses(), *house.store.pauses())

    return ApiParts(
        store=store,
        clock=house.clock,
        digests=digests(house),
        revoked=revoked(house),
        answers=open_sealer(house.intake_ring.derive(keys.REPLIES)),
        approver=approver,
        intake=lambda through: house.make_intake(through, approver),
        desk=lambda through: house.make_desk(through, approver),
        endpoints=house.webhooks.endpoints,
        previewer=Previewer(
            store=store,
            clock=house.clock,
            approver=approver,
            limits=settings.limits,
            rail=lambda asset: _rail(house, asset),
            rates=QuoteRates(house).report,
            pauses=pauses,
        ),
        assets=house.assets.payable,
        pauses=pauses,
        check_scope=lambda scope: check_scope(scope, wallets, processors),
        committed=lambda scope: committed(house.store, wallets, scope),
        limits=ApiLimits(
            per_minute=given.requests_per_minute,
            changes_per_day=given.changes_per_day,
            strangers_per_minute=given.strangers_per_minute,
            body_bytes_max=given.body_kb_max * 1000,
        ),
    )


class QuoteRates:
    """Rates for quotes, asked of the sources by this process itself, and not at every quote."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._asked_at: datetime | None = None
        self._lock = threading.Lock()

    def report(self, asset_code: str) -> RateReport:
        """What an asset is worth, or why nobody can say."""
        with self._lock:
            now = self._house.clock.now()
            # A clock that was set back asks anew, rather than never.
            if self._asked_at is None or not timedelta(0) <= now - self._asked_at < RATES_FOR:
                self._house.poller.tick(self._house.assets.polled)
                self._asked_at = now = self._house.clock.now()
        return self._house.book.report(asset_code, now)


def _approver(house: House) -> Approver:
    """Without the approval key: it says what a refund needs, gives intake's seal, and signs for nobody."""
    house.rules()
    return Approver(
        instance=house.settings.instance.id,
        rules=house.rules,
        signatures=house.signatures,
        key=None,
        intake=IntakeSeal(house.intake_ring.derive(keys.SEALS)),
    )


def _rail(house: House, asset: Asset) -> Rail:
    """Who pays this asset."""
    holders = tuple(each.name for each in house.settings.wallets if house.asset_of(each.name).key == asset.key)
    rules = house.swaps.rules
    if holders or rules is None:
        return Rail(wallets=holders)
    routed = rules.assets.get(asset.key)
    names = (routed.route if routed else None) or tuple(rules.processors)
    return Rail(wallets=(rules.wallet,), processors=names)
