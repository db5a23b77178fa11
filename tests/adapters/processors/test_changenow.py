"""ChangeNOW keeps the contract of processors."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

import pytest

from adapters.clock import SystemClock
from adapters.processors.base import Access
from adapters.processors.changenow import ChangeNow
from deploy.sandbox.processor.server import ProcessorServer
from payout.asset import XMR
from payout.errors import AmountOutOfRange
from payout.money import Money
from payout.order import Stage
from tests.adapters.processors.mutations.contract import MutationContract
from tests.adapters.processors.teller import Teller, telling
from tests.contracts.processor import ProcessorContract
from tests.contracts.processor.world import CONTRACTS, HUNDRED, USDT, access_to, order_of


def made(server: ProcessorServer, access: Access, contracts: Any) -> ChangeNow:
    return ChangeNow(access, contracts, SystemClock(), private_key=server.private_key)


class TestChangeNow(ProcessorContract):
    name = "changenow"
    make = staticmethod(made)


class TestChangeNowMutated(MutationContract):
    name = "changenow"
    make = staticmethod(made)
    names: ClassVar = {
        "id": frozenset({"id", "requestId", "rateId"}),
        "deposit": frozenset({"fromAmount", "expectedAmountFrom"}),
        "receive": frozenset({"toAmount", "expectedAmountTo", "expectedAmount"}),
        "deposit_address": frozenset({"payinAddress"}),
        "deposit_memo": frozenset({"payinExtraId"}),
        "destination": frozenset({"payoutAddress", "address"}),
        "memo": frozenset({"payoutExtraId"}),
        "return_address": frozenset({"refundAddress"}),
        "ticker": frozenset({"toCurrency", "ticker"}),
        "network": frozenset({"toNetwork", "network"}),
        "contract": frozenset({"tokenContract"}),
        "fixed": frozenset({"flow", "type", "supportsFixedRate"}),
        "expires": frozenset({"validUntil"}),
        "status": frozenset({"status"}),
    }


@pytest.fixture
def teller() -> Iterator[Teller]:
    with telling("changenow", made) as teller:
        yield teller


def test_an_order_is_asked_for_at_its_rate_with_the_amount_to_be_received_alone(teller: Teller) -> None:
    order, _ = teller.placed()

    (asked,) = teller.asked("/exchange")

    assert (asked["flow"], asked["type"], asked["rateId"]) == ("fixed-rate", "reverse", order.offer_ref)
    assert (asked["fromAmount"], asked["toAmount"]) == ("", "100")
    assert (asked["address"], asked["refundAddress"]) == (order.destination, order.return_address)


def test_without_the_private_key_nothing_is_found(teller: Teller) -> None:
    client = ChangeNow(access_to(teller.server, "changenow"), CONTRACTS, SystemClock())
    order, _ = teller.placed()

    assert client.find(order, order.asked_at) == ()


def test_an_order_without_an_expiry_of_its_own_has_the_quotes(teller: Teller) -> None:
    offer = teller.client.quote(HUNDRED)
    teller.tell(lambda told: told.pop("validUntil"))

    assert teller.client.create(order_of(offer), offer).expires_at == offer.expires_at


def test_a_quote_without_an_expiry_holds_for_a_minute(teller: Teller) -> None:
    teller.tell(lambda told: told.pop("validUntil"))
    before = datetime.now(UTC)

    expires_at = teller.client.quote(HUNDRED).expires_at

    assert expires_at is not None
    assert timedelta(seconds=60) <= expires_at - before < timedelta(seconds=120)


@pytest.mark.parametrize(
    ("told", "stage"),
    [
        ({"status": "failed", "actionsAvailable": False}, Stage.FAILED),
        ({"status": "failed", "actionsAvailable": True}, Stage.HOLD),
        ({"status": "verifying", "amountFrom": Decimal("0.0001")}, Stage.UNDERPAID),
        ({"status": "exchanging", "amountFrom": Decimal("0.0001")}, Stage.EXCHANGING),
        ({"status": "Refunded"}, Stage.RETURNED),
    ],
    ids=str,
)
def test_a_status_is_read_with_what_stands_beside_it(teller: Teller, told: dict[str, Any], stage: Stage) -> None:
    _, said = teller.placed()

    read = teller.read(said.processor_id, lambda answer: answer.update(told))

    assert (read.stage, read.status_text) == (stage, told["status"])


def test_a_deposit_is_rounded_up_and_what_is_received_down(teller: Teller) -> None:
    _, said = teller.placed()
    amounts = {"expectedAmountFrom": Decimal("1e-12") + Decimal("1e-13"), "expectedAmountTo": "99.9999999"}

    read = teller.read(said.processor_id, lambda answer: answer.update(amounts))

    assert (read.deposit, read.receive) == (Money(2, XMR), Money(99_999_999, USDT))


def test_the_bounds_of_an_amount_are_told_in_monero(teller: Teller) -> None:
    body = {"error": "deposit_too_small", "message": "m", "payload": {"range": {"minAmount": 0.5, "maxAmount": None}}}
    teller.answer("400 Bad Request", json.dumps(body))

    with pytest.raises(AmountOutOfRange) as no:
        teller.client.quote(HUNDRED)

    assert (no.value.least, no.value.most) == ("0.5 XMR", None)
