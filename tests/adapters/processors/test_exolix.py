"""Exolix keeps the contract of processors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar

import pytest

from adapters.clock import SystemClock
from adapters.processors.base import Access
from adapters.processors.exolix import Exolix
from deploy.sandbox.processor.server import ProcessorServer
from payout.asset import Asset
from payout.errors import AmountOutOfRange, OrderRefused, ProcessorGarbled
from payout.order import Stage
from tests.adapters.processors.mutations.contract import MutationContract
from tests.adapters.processors.teller import Teller, telling
from tests.contracts.processor import ProcessorContract
from tests.contracts.processor.world import CONTRACTS, HUNDRED


def made(server: ProcessorServer, access: Access, contracts: Any) -> Exolix:
    return Exolix(access, contracts, SystemClock())


class TestExolix(ProcessorContract):
    name = "exolix"
    make = staticmethod(made)
    names_contracts_in_orders = True


class TestExolixMutated(MutationContract):
    name = "exolix"
    make = staticmethod(made)
    names: ClassVar = {
        "id": frozenset({"id"}),
        "deposit": frozenset({"amount", "fromAmount"}),
        "receive": frozenset({"amountTo", "toAmount"}),
        "deposit_address": frozenset({"depositAddress"}),
        "deposit_memo": frozenset({"depositExtraId"}),
        "destination": frozenset({"withdrawalAddress"}),
        "memo": frozenset({"withdrawalExtraId"}),
        "return_address": frozenset({"refundAddress"}),
        "ticker": frozenset({"coinCode", "code"}),
        "network": frozenset({"network"}),
        "contract": frozenset({"contract"}),
        "fixed": frozenset({"rateType"}),
        "expires": frozenset({"createdAt"}),
        "status": frozenset({"status"}),
    }


@pytest.fixture
def teller() -> Iterator[Teller]:
    with telling("exolix", made) as teller:
        yield teller


def test_only_the_amount_to_be_received_is_sent(teller: Teller) -> None:
    teller.placed()

    (asked,) = teller.asked("/transactions")

    assert (asked["withdrawalAmount"], asked["rateType"]) == ("100", "fixed")
    assert "amount" not in asked


def test_what_was_sent_of_an_order_that_is_returned_was_sent_to_us(teller: Teller) -> None:
    _, said = teller.placed()
    told = {"status": "refund", "hashOut": {"hash": "ab" * 32, "link": None}}

    read = teller.read(said.processor_id, lambda answer: answer.update(told))

    assert (read.stage, read.settle_txids, read.return_txids) == (Stage.RETURN_PENDING, (), ("ab" * 32,))


@pytest.mark.parametrize(
    ("told", "error"),
    [
        ({"message": "Amount to exchange is below the possible min amount to exchange"}, AmountOutOfRange),
        ({"withdrawMin": 101}, AmountOutOfRange),
        ({"minAmount": 500}, AmountOutOfRange),
        ({"maxAmount": Decimal("0.01")}, AmountOutOfRange),
        ({"message": "Such exchange pair is not available"}, OrderRefused),
    ],
    ids=str,
)
def test_a_rate_with_status_200_may_be_a_no(teller: Teller, told: dict[str, Any], error: type[Exception]) -> None:
    teller.tell(lambda rate: rate.update(told))

    with pytest.raises(error):
        teller.client.quote(HUNDRED)


def test_an_order_holds_for_a_quarter_of_an_hour(teller: Teller) -> None:
    _, said = teller.placed()

    read = teller.read(said.processor_id, lambda answer: answer.update(createdAt="2026-08-01T12:00:00.000Z"))

    assert read.expires_at == datetime(2026, 8, 1, 12, 15, tzinfo=UTC)


def test_its_list_is_read_to_the_last_page(teller: Teller) -> None:
    whole: list[Any] = []

    def one_a_page(wire: dict[str, Any]) -> None:
        if not whole:
            whole.extend(wire["data"])
        page = len(teller.asked("/currencies")) - 2
        wire["data"] = whole[page : page + 1]
        wire["count"] = len(whole)

    teller.tell(one_a_page)
    teller.client.refresh()

    assert len(teller.asked("/currencies")) == 1 + len(whole)
    assert {key for key in CONTRACTS if teller.client.refusal(Asset(code=key[0], network=key[1], decimals=6))} == set()


def test_an_order_that_names_no_contract_is_right_by_its_network_and_one_of_another_is_not(teller: Teller) -> None:
    _, said = teller.placed()

    def contract(value: str | None) -> Callable[[dict[str, Any]], None]:
        return lambda answer: answer["coinTo"].update(contract=value)

    assert teller.read(said.processor_id, contract(None)).receive == HUNDRED
    with pytest.raises(ProcessorGarbled, match="contract"):
        teller.read(said.processor_id, contract("0xeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"))
