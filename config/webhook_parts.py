"""How others are told: the merchant's endpoints by webhooks, and operators by mail and chat."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from config import keys
from payout.webhooks.addresses import Allowed

if TYPE_CHECKING:
    from adapters.webhooks import WebhookSender
    from config.wiring import House
    from payout.alarms import Crier
    from payout.ports import Store
    from payout.webhooks.deliveries import Courier
    from payout.webhooks.endpoints import EndpointActs
    from payout.webhooks.keyring import Keyring

Tell = Callable[[str, str | None], None]
"""Hears how one of them is: None where it is well, else what is wrong."""


class WebhookParts:
    """Parts of a house, made when they are first asked for."""

    def __init__(self, house: House) -> None:
        self._house = house

    def endpoints(self, store: Store) -> EndpointActs:
        """What may be done to endpoints, through this store."""
        from payout.webhooks.endpoints import EndpointActs

        return EndpointActs(
            store=store, clock=self._house.clock, keyring=self.keyring, allowed=self._allowed, sender=self._sender
        )

    def courier(self, tell: Tell) -> Courier:
        """Delivers what the outbox holds."""
        from payout.webhooks.deliveries import Courier
        from payout.webhooks.health import Health

        house = self._house
        return Courier(
            store=house.store,
            clock=house.clock,
            sender=self._sender,
            keyring=self.keyring,
            audit=house.audit_key,
            keep=timedelta(days=house.settings.webhooks.keep_days),
            deadline_seconds=house.settings.webhooks.timeout_seconds,
            tell=Health(store=house.store, clock=house.clock, tell=tell).hear,
        )

    def crier(self, owner: str, tell: Tell) -> Crier:
        """Tells operators of alarms; of none where no service is configured."""
        from adapters.alarms import messengers
        from payout.alarms import Crier

        house = self._house
        return Crier(
            store=house.store,
            clock=house.clock,
            services=messengers(url.reveal() for url in house.settings.alarms.urls),
            instance=house.settings.instance.id,
            owner=owner,
            tell=tell,
        )

    @cached_property
    def keyring(self) -> Keyring:
        """Opens endpoints' secrets."""
        from adapters.sealer import open_sealer
        from payout.webhooks.keyring import Keyring

        return Keyring(sealer=open_sealer(self._house.intake_ring.derive(keys.WEBHOOKS)))

    @cached_property
    def _allowed(self) -> Allowed:
        return Allowed.of(self._house.settings.webhooks.allow_private)

    @cached_property
    def _sender(self) -> WebhookSender:
        from adapters.webhooks import WebhookSender

        return WebhookSender(self._allowed, timeout_seconds=self._house.settings.webhooks.timeout_seconds)
