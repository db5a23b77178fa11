"""
The broker on the protocols of every processor, through their real clients: whatever an answer says, an order that
could be funded pays our customer what was approved, and no order is asked for twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from adapters.processors.changenow import ChangeNow
from adapters.processors.exolix import Exolix
from adapters.processors.stealthex import StealthEx
from adapters.processors.trocador import Trocador
from deploy.sandbox.market import PRICES
from deploy.sandbox.processor.faults import CALL_FAULTS
from deploy.sandbox.processor.paper import monero_address
from deploy.sandbox.processor.server import ProcessorServer
from payout.change import Change, ReturnAddress
from payout.money import Money
from payout.order import LIVE, OrderStatus
from payout.ports import Processor, Store
from payout.swaps.broker import Broker
from payout.swaps.rules import ProcessorRules, SwapAsset
from payout.swaps.vetting import funding_problems
from tests.contracts.processor.world import CONTRACTS, DESTINATION, HASTY, PATIENT, USDT, access_to
from tests.factories import usd
from tests.payout.swaps.brokering import Bazaar
from tests.scenarios.world import WALLET, Calendar

CLIENTS = {"changenow": ChangeNow, "exolix": Exolix, "stealthex": StealthEx, "trocador": Trocador}
FAULTS = [
    ("destination", ""),
    ("memo", ""),
    ("receive", ""),
    ("deposit", ""),
    ("address", "0"),
    ("address", "null"),
    ("return_address", ""),
    ("contract", ""),
    ("expires", ""),
    ("word", ""),
]
UNSHOWN = {("exolix", "expires")}
SEEN = frozenset({"destination", "receive", "deposit", "address", "expires", "word"})
"""What every protocol shows of an order, save those."""

SILENT = frozenset({"hang", "slow"})
"""Whoever waits for these waits long."""

MINUTE_LONG = "429"
"""Its client then leaves the processor in peace for a real minute, which no test waits for."""

DUE = 49_985_004
"""Units of 50 USD, at 1.0003 USD a coin."""


class Moving(Calendar):
    """The time of day, and what the processor's clock is ahead of it."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def pass_by(self, seconds: float) -> None:
        self.ahead += timedelta(seconds=seconds)


class Street(Bazaar):
    """An installation that pays USDT through one processor, whose protocol is the real one's."""

    def __init__(self, server: ProcessorServer, name: str) -> None:
        super().__init__(
            addresses=0,
            clock=Moving(),
            processors={name: ProcessorRules(name=name, order_max=usd("400.00"), day_max=usd("1000.00"))},
            assets={USDT.key: SwapAsset(asset=USDT, dust=Money(10_000, USDT))},
        )
        self.server = server
        self.name = name
        self.timeouts = PATIENT
        self.pricing.prices = {code: Decimal(price) for code, price in PRICES.items()}
        self._give_real_addresses()
        self.key = self.approved(asset=USDT, destination=DESTINATION, owed="50.00")
        self.hands = self.broker()

    def _give_real_addresses(self) -> None:
        addresses = tuple(monero_address() for _ in range(10))
        self.purse.view.addresses |= set(addresses)
        rows = tuple(
            ReturnAddress(address=address, wallet=WALLET, index=index, made_at=self.clock.now())
            for index, address in enumerate(addresses, start=1)
        )
        self.store.commit(Change(return_addresses=rows))

    def broker(self, store: Store | None = None) -> Broker:
        access = access_to(self.server, self.name, timeouts=self.timeouts)
        client: Processor = CLIENTS[self.name](access, CONTRACTS, self.clock)
        return Broker(self.wallet(store), self.rules, {self.name: client}, self.readings)

    def ticks(self, count: int, seconds: float) -> None:
        """Time passes for the processor as it does for us."""
        for _ in range(count):
            self.hands.tick()
            self.check()
            self.server.engine.advance(seconds)
            self.clock.pass_by(seconds)

    def recovers(self) -> bool:
        """Within some hours there is an order to be funded again."""
        for _ in range(400):
            self.ticks(1, 60)
            if "UNFUNDED" in self.statuses(self.key):
                return True
        return False

    def fundable(self) -> bool:
        """The funder would pay its deposit now."""
        wallet, now = self.wallet(), self.clock.now()
        for order in self.orders(self.key):
            said = self.readings.fresh(order, now, self.rules.reading_age)
            if order.status is OrderStatus.UNFUNDED and said is not None:
                return funding_problems(wallet, self.rules, order, self.refund(self.key), said) == ()
        return False

    def check(self) -> None:
        """What must be so after each tick, whatever was answered."""
        orders = self.orders(self.key)
        assert sum(order.status in LIVE for order in orders) <= 1
        assert self.server.requests[self.name, "create"] <= len(orders)
        if self.fundable():
            order = next(order for order in orders if order.status is OrderStatus.UNFUNDED)
            truth = self.server.order(order.processor_id or "")
            assert order.deposit is not None
            assert (truth.destination, truth.receive) == (DESTINATION, DUE)
            assert (truth.deposit_address, truth.deposit) == (order.deposit_address, order.deposit.units)
            assert truth.return_address == order.return_address


@pytest.fixture
def server() -> Iterator[ProcessorServer]:
    with ProcessorServer() as server:
        yield server


@pytest.fixture(params=sorted(CLIENTS))
def street(server: ProcessorServer, request: pytest.FixtureRequest) -> Street:
    return Street(server, request.param)


def test_an_order_is_made_that_may_be_funded(street: Street) -> None:
    street.ticks(1, 0)
    assert street.statuses(street.key) == ["UNFUNDED"]
    assert street.fundable()
    street.ticks(3, 20)
    assert street.fundable()


def test_an_order_that_nobody_funds_is_followed_by_another(street: Street) -> None:
    street.ticks(1, 30 * 60)
    street.ticks(1, 0)
    assert street.statuses(street.key) == ["DROPPED", "UNFUNDED"]


@pytest.mark.parametrize("kind", sorted(CALL_FAULTS))
def test_a_creating_call_that_goes_wrong_is_made_once_and_ends_in_one_order(street: Street, kind: str) -> None:
    street.timeouts = HASTY if kind in SILENT else PATIENT
    street.hands = street.broker()
    street.server.engine.faults.plan_call(kind, processor=street.name, call="create", seconds=2)
    street.ticks(1, 30)
    assert street.server.requests[street.name, "create"] == 1
    assert kind == MINUTE_LONG or street.recovers()


@pytest.mark.parametrize("call", ["coins", "quote", "read"])
def test_other_calls_that_go_wrong_only_cost_time(street: Street, call: str) -> None:
    for kind in sorted(CALL_FAULTS.keys() - SILENT - {MINUTE_LONG}):
        street.server.engine.faults.plan_call(kind, processor=street.name, call=call)
    street.ticks(1, 60)
    assert street.recovers()


@pytest.mark.parametrize("at", ["", "@create", "@read"])
@pytest.mark.parametrize(("kind", "value"), FAULTS, ids=lambda text: text)
def test_an_order_that_shows_something_wrong_is_not_to_be_funded(
    street: Street, kind: str, value: str, at: str
) -> None:
    street.server.engine.fault(f"{kind}{at}", None, value)
    street.ticks(1, 0)  # What may be funded is held against the truth.
    assert f"{kind}{at}" in next(iter(street.server.engine.orders.values())).faults
    if at != "@create" and kind in SEEN and (street.name, kind) not in UNSHOWN:
        assert not street.fundable()
