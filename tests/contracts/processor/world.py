"""
What the tests of processors share: a server, a client, and orders to be made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from adapters.http import Timeouts
from adapters.processors.base import Access, Pace
from deploy.sandbox.processor.coin import COINS
from deploy.sandbox.processor.paper import monero_address
from deploy.sandbox.processor.server import ProcessorServer
from payout.asset import Asset
from payout.errors import RailUnavailable
from payout.money import Money
from payout.order import Order, Said
from payout.ports import Processor
from payout.swaps.offer import Offer

FAST = Pace(per_second=10_000, burst=1_000)
PATIENT = Timeouts(connect=5, read=20, total=20)
HASTY = Timeouts(connect=5, read=1, total=1)
"""For what hangs: a busy machine answers all else within it."""
KEY = "the-key-that-nobody-may-see"
CONTRACTS = {(coin.code, coin.network): coin.contract for coin in COINS.values()}
ASSETS = [Asset(code=coin.code, network=coin.network, decimals=coin.decimals) for coin in COINS.values()]
USDT = Asset(code="USDT", network="tron", decimals=6)
USDT_ETHEREUM = Asset(code="USDT", network="ethereum", decimals=6)
USDC_ETHEREUM = Asset(code="USDC", network="ethereum", decimals=6)
BTC = Asset(code="BTC", network="bitcoin", decimals=8)
ETH = Asset(code="ETH", network="ethereum", decimals=18)
XRP = Asset(code="XRP", network="ripple", decimals=6)
HUNDRED = Money(100_000_000, USDT)
DESTINATION = "TXYZopYRdj2D9XRtbG411XZZ3kM5VkAeBf"
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)

Make = Callable[[ProcessorServer, Access, Mapping[tuple[str, str], str | None]], Processor]


def access_to(server: ProcessorServer, name: str, **changes: Any) -> Access:
    facts = {"name": name, "url": server.base_url(name), "api_key": server.api_key, "timeouts": PATIENT, "pace": FAST}
    return Access(**{**facts, **changes})


def order_of(offer: Offer, **changes: Any) -> Order:
    """What the Broker would commit before it asks for this offer's order."""
    facts: dict[str, Any] = {
        "refund_id": "R-1",
        "number": 1,
        "processor": offer.processor,
        "wallet": "hot",
        "revision": 1,
        "destination": DESTINATION,
        "receive": offer.receive,
        "rate": Decimal(1),
        "quote_id": "Q-1",
        "offered": offer.deposit,
        "offer_ref": offer.ref,
        "offer_expires_at": offer.expires_at,
        "return_address": monero_address(),
        "return_index": 1,
        "asked_at": datetime.now(UTC),
    }
    return Order(**{**facts, **changes})


class ProcessorWorld:
    """A subclass says how its client is made, and what its protocol cannot tell."""

    name: str
    make: Make
    finds = True
    """Orders are found again after a lost answer."""
    names_bounds = True
    names_contracts_in_orders = False
    names_contracts_in_lists = True
    names_returns = True

    @pytest.fixture
    def server(self) -> Iterator[ProcessorServer]:
        with ProcessorServer() as server:
            yield server

    @pytest.fixture
    def client(self, server: ProcessorServer) -> Processor:
        client = self.client_of(server)
        client.refresh()
        return client

    def client_of(self, server: ProcessorServer, contracts: Any = None, **access: Any) -> Processor:
        return type(self).make(server, access_to(server, self.name, **access), contracts or CONTRACTS)

    def hasty(self, server: ProcessorServer) -> Processor:
        """A client that does not wait for what hangs."""
        client = self.client_of(server, timeouts=HASTY)
        while client.refusal(USDT) is not None:
            with suppress(RailUnavailable):
                client.refresh()
        return client

    def fault(self, server: ProcessorServer, kind: str, call: str) -> None:
        server.engine.faults.plan_call(kind, processor=self.name, call=call)

    def placed(self, client: Processor) -> tuple[Order, Said]:
        offer = client.quote(HUNDRED)
        order = order_of(offer)
        return order, client.create(order, offer)
