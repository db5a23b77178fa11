"""StealthEX keeps the contract of processors, and what its protocol has for itself is read as it is meant."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, ClassVar

import pytest

from adapters.clock import SystemClock
from adapters.http import parse_json
from adapters.processors.base import Access
from adapters.processors.stealthex import StealthEx
from deploy.sandbox.processor.server import ProcessorServer
from payout.errors import AmountOutOfRange
from payout.money import Money
from payout.order import Order, Said, Stage
from tests.adapters.processors.mutations.contract import MutationContract
from tests.adapters.processors.mutations.tampering import Tampering, Wire
from tests.contracts.processor import ProcessorContract
from tests.contracts.processor.world import CONTRACTS, HUNDRED, USDT, access_to, order_of

Change = Callable[[dict[str, Any]], object]


def made(server: ProcessorServer, access: Access, contracts: Any) -> StealthEx:
    return StealthEx(access, contracts, SystemClock())


class TestStealthEx(ProcessorContract):
    name = "stealthex"
    make = staticmethod(made)
    names_returns = False


class TestStealthExMutated(MutationContract):
    name = "stealthex"
    make = staticmethod(made)
    names: ClassVar = {
        "id": frozenset({"id"}),
        "deposit": frozenset({"estimated_amount", "deposit.expected_amount"}),
        "receive": frozenset({"withdrawal.expected_amount"}),
        "deposit_address": frozenset({"deposit.address"}),
        "deposit_memo": frozenset({"deposit.extra_id"}),
        "destination": frozenset({"withdrawal.address"}),
        "memo": frozenset({"withdrawal.extra_id"}),
        "return_address": frozenset({"refund_address"}),
        "ticker": frozenset({"symbol"}),
        "network": frozenset({"network"}),
        "contract": frozenset({"contract_address"}),
        "fixed": frozenset({"rates", "rate"}),
        "expires": frozenset({"valid_until", "expires_at"}),
        "status": frozenset({"status"}),
    }


class Teller:
    """A client behind a man in the middle, who changes each answer that is an object, or answers in its place."""

    def __init__(self, server: ProcessorServer, tampering: Tampering) -> None:
        self.tampering = tampering
        access = access_to(server, "stealthex", url=f"{tampering.server.url}/stealthex/v4")
        self.client = made(server, access, CONTRACTS)
        self.client.refresh()

    def asked(self) -> list[dict[str, Any]]:
        """The bodies of all POSTs so far."""
        sent = self.tampering.server.requests
        return [parse_json(raw.partition(b"\r\n\r\n")[2]) for raw in sent if raw.startswith(b"POST")]

    def placed(self) -> tuple[Order, Said]:
        offer = self.client.quote(HUNDRED)
        order = order_of(offer)
        return order, self.client.create(order, offer)

    def told(self, change: Change) -> Said:
        """What is read of a new order when its answer was changed."""
        _, said = self.placed()

        def mutate(wire: Wire) -> Wire:
            value = wire.json()
            change(value)
            return wire.with_json(value)

        self.tampering.mutate = mutate
        return self.client.read(said.processor_id, None, USDT)


@pytest.fixture
def teller() -> Iterator[Teller]:
    with ProcessorServer() as server, (tampering := Tampering(server.url)).server:
        yield Teller(server, tampering)


@pytest.mark.parametrize("units", [100_000_001, 90_071_992, 12_345_678])
def test_amounts_are_sent_as_exact_numbers_and_the_order_names_its_rate(teller: Teller, units: int) -> None:
    receive = Money(units, USDT)
    offer = teller.client.quote(receive)
    teller.client.create(order_of(offer), offer)

    rate, exchange = teller.asked()

    assert rate["amount"] == exchange["amount"] == Decimal(str(receive))
    assert not isinstance(rate["amount"], str)
    assert (exchange["estimation"], exchange["rate"], exchange["rate_id"]) == ("reversed", "fixed", offer.ref)
    assert "extra_id" not in exchange


def test_the_bounds_of_an_amount_are_asked_for_only_where_it_is_refused(teller: Teller) -> None:
    teller.client.quote(HUNDRED)
    assert len(teller.asked()) == 1

    with pytest.raises(AmountOutOfRange) as no:
        teller.client.quote(Money(1000, USDT))

    assert (no.value.least or "").endswith(" USDT")
    assert len(teller.asked()) == 3


def test_a_deposit_that_fell_short_is_told_apart_from_a_hold(teller: Teller) -> None:
    def short(told: dict[str, Any]) -> None:
        told["status"] = "verifying"
        told["deposit"] |= {"tx_hash": "ab" * 32, "amount": Decimal("0.000000000001")}

    assert teller.told(short).stage is Stage.UNDERPAID


def test_an_amount_without_a_transaction_is_not_taken_for_paid(teller: Teller) -> None:
    assert teller.told(lambda told: told.update(status="verifying")).stage is Stage.HOLD


def test_an_order_that_names_no_expiry_holds_for_a_quarter_of_an_hour(teller: Teller) -> None:
    created: list[str] = []

    def forget(told: dict[str, Any]) -> None:
        created.append(told["created_at"])
        told["expires_at"] = None

    said = teller.told(forget)

    assert said.expires_at is not None
    assert (said.expires_at.minute - int(created[0][14:16])) % 60 == 15


def test_an_order_shows_where_a_person_can_look_at_it(teller: Teller) -> None:
    _, said = teller.placed()

    assert said.support_url == f"https://stealthex.io/exchange/?id={said.processor_id}"


def test_where_it_does_not_list_orders_none_is_found(teller: Teller) -> None:
    order, _ = teller.placed()
    refused = Wire(status="404 Not Found", body=b'{"err": {"kind": "NotFound", "details": "no such thing"}}')
    teller.tampering.mutate = lambda _: refused

    assert teller.client.find(order, order.asked_at) == ()


def test_an_asset_without_a_fixed_rate_is_switched_off(teller: Teller) -> None:
    def floating(wire: Wire) -> Wire:
        rows = wire.json()
        for row in rows:
            row["rates"] = ["floating"]
        return wire.with_json(rows)

    teller.tampering.mutate = floating
    teller.client.refresh()

    assert "switched usdt on trx off" in (teller.client.refusal(USDT) or "")
