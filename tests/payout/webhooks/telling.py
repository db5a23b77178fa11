"""An outbox in memory with endpoints, a courier and a clock, for the tests of webhooks."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from adapters.memory.store import MemoryStore
from adapters.memory.telling import MemorySender
from payout.change import Change
from payout.event import Event
from payout.webhooks.addresses import Allowed
from payout.webhooks.deliveries import Courier
from payout.webhooks.endpoints import EndpointActs
from payout.webhooks.health import Health
from payout.webhooks.keyring import Keyring
from tests.clock import HandClock
from tests.factories import make_refund
from tests.scenarios.plain_sealer import PlainSealer
from tests.stores import AUDIT

if TYPE_CHECKING:
    from payout.ports import Store
    from payout.ports.webhooks import Sender
    from payout.webhooks.message import DeliveryStatus, Endpoint

SHOP = "https://shop.example/hook"
OTHER = "https://books.example/hook"

KEEP = timedelta(days=30)
LIFE = ("refund.requested", "refund.approved", "attempt.opened", "refund.paid")
"""The kinds of events of a refund that is paid without ado."""
TOLD = ["refund.requested", "refund.approved", "refund.paying", "refund.paid"]
"""As what the merchant hears of them."""


class Post:
    """An installation's webhooks. Every refund is on record from the start."""

    def __init__(
        self, store: Store | None = None, clock: HandClock | None = None, sender: Sender | None = None
    ) -> None:
        self.clock = clock or HandClock()
        self.store: Store = store or MemoryStore(self.clock, AUDIT)
        self.taker = MemorySender()
        self.sender: Sender = sender or self.taker
        self.keyring = Keyring(sealer=PlainSealer())
        self.told: list[tuple[str, str | None]] = []
        self.health = Health(
            store=self.store, clock=self.clock, tell=lambda endpoint_id, words: self.told.append((endpoint_id, words))
        )
        self.acts = EndpointActs(
            store=self.store, clock=self.clock, keyring=self.keyring, allowed=Allowed(), sender=self.sender
        )

    def courier(self, sender: Sender | None = None) -> Courier:
        """One process's."""
        return Courier(
            store=self.store,
            clock=self.clock,
            sender=sender or self.sender,
            keyring=self.keyring,
            audit=AUDIT,
            keep=KEEP,
            tell=self.health.hear,
        )

    def endpoint(self, url: str = SHOP, *types: str) -> Endpoint:
        return self.acts.create(url, types, "alice").endpoint

    def owe(self, *external_ids: str) -> None:
        self.store.commit(Change(refunds=tuple(make_refund(each) for each in external_ids)))

    def happen(self, external_id: str, *kinds: str) -> None:
        """Events of a refund, each in a transaction of its own."""
        for kind in kinds:
            refund_id = make_refund(external_id).id
            event = Event(at=self.clock.now(), kind=kind, words=f"{external_id} {kind}", refund_id=refund_id)
            self.store.commit(Change(events=(event,)))

    def deliver(self) -> None:
        """One tick."""
        for _, work in self.courier().rounds():
            work()

    def arrived(self, url: str = SHOP) -> list[tuple[str, str]]:
        """(external id, type) of what one endpoint was sent, in order."""
        return [
            (sent.told["data"]["refund"]["external_id"], sent.told["type"])
            for sent in self.taker.sent
            if sent.url == url
        ]

    def statuses(self) -> list[tuple[str, DeliveryStatus]]:
        """Of every delivery, oldest message first."""
        return [(str(each.message.type), each.delivery.status) for each in reversed(self.store.list_deliveries())]

    def alarms(self) -> list[str]:
        return [event.kind for event in self.store.events(alarms=True)]
