"""Orders as they go, well or badly."""

from __future__ import annotations

import pytest

from deploy.sandbox.processor.server import ProcessorServer
from payout.errors import (
    OrderMissing,
    OrderUnknown,
    ProcessorGarbled,
)
from payout.money import Money
from payout.order import Stage
from payout.ports import Processor
from tests.contracts.processor.world import (
    BTC,
    USDT,
    XRP,
    ProcessorWorld,
    order_of,
)


class OrdersContract(ProcessorWorld):
    def test_an_order_is_made_as_agreed_and_reads_the_same_ever_after(self, client: Processor) -> None:
        order, said = self.placed(client)

        assert said.stage is Stage.AWAITING_DEPOSIT
        assert (said.destination, said.memo, said.receive) == (order.destination, None, order.receive)
        assert (said.deposit, said.return_address) == (order.offered, order.return_address)
        assert said.deposit_address
        assert said.deposit_memo is None
        again = client.read(said.processor_id, said.secret, USDT)
        fields = ("processor_id", "deposit_address", "deposit", "destination", "memo", "receive", "return_address")
        assert [getattr(again, field) for field in fields] == [getattr(said, field) for field in fields]

    def test_a_memo_goes_with_the_order(self, client: Processor) -> None:
        offer = client.quote(Money(50_000_000, XRP))
        order = order_of(offer, destination="rEb8TK3gBgk5auZkwc6sHnwrGVJH8DuaLh", memo="12345")

        assert client.create(order, offer).memo == "12345"

    def test_an_order_is_followed_to_its_settlement(self, server: ProcessorServer, client: Processor) -> None:
        _, said = self.placed(client)
        server.deposit(said.processor_id)
        seen = client.read(said.processor_id, None, USDT)
        order = server.complete(said.processor_id)
        done = client.read(said.processor_id, None, USDT)

        assert seen.stage is Stage.DEPOSIT_SEEN
        assert (done.stage, done.settle_txids) == (Stage.SETTLED, tuple(order.payout_txids))

    @pytest.mark.parametrize(
        ("fault", "stages"),
        [
            ("hold", {Stage.HOLD, Stage.DEPOSIT_SEEN}),
            ("fail", {Stage.FAILED, Stage.HOLD}),
            ("return", {Stage.RETURNED}),
            ("stuck", {Stage.EXCHANGING, Stage.DEPOSIT_SEEN}),
        ],
    )
    def test_what_goes_wrong_has_its_stage(
        self, server: ProcessorServer, client: Processor, fault: str, stages: set[Stage]
    ) -> None:
        _, said = self.placed(client)
        server.engine.fault(fault, said.processor_id)
        server.complete(said.processor_id)

        read = client.read(said.processor_id, None, USDT)

        assert read.stage in stages
        assert read.settle_txids == ()
        assert bool(read.return_txids) == (fault == "return" and self.names_returns)

    def test_an_order_that_nobody_funded_expires(self, server: ProcessorServer, client: Processor) -> None:
        _, said = self.placed(client)
        server.engine.fault("expire", said.processor_id)
        server.engine.settle()

        assert client.read(said.processor_id, None, USDT).stage is Stage.EXPIRED

    def test_a_word_that_no_table_has_is_unknown_and_kept(self, server: ProcessorServer, client: Processor) -> None:
        _, said = self.placed(client)
        server.engine.fault("word", said.processor_id, "sulking")

        read = client.read(said.processor_id, None, USDT)

        assert (read.stage, read.status_text) == (Stage.UNKNOWN, "sulking")

    def test_an_order_that_it_does_not_know_is_missing(self, client: Processor) -> None:
        with pytest.raises(OrderMissing):
            client.read("nosuchorder", None, USDT)

    @pytest.mark.parametrize("fault", ["destination", "memo", "receive", "deposit", "return_address", "address"])
    def test_what_it_echoes_wrongly_is_told_as_it_was_said(
        self, server: ProcessorServer, client: Processor, fault: str
    ) -> None:
        server.engine.fault(f"{fault}@create")

        order, said = self.placed(client)

        agreed = (order.destination, order.memo, order.receive, order.offered, order.return_address)
        told = (said.destination, said.memo, said.receive, said.deposit, said.return_address)
        assert (agreed == told) == (fault == "address")
        assert client.read(said.processor_id, None, USDT).deposit_address != said.deposit_address or fault != "address"

    @pytest.mark.parametrize("value", ["null", "0"])
    def test_an_order_without_an_address_to_pay_is_never_taken_for_one(
        self, server: ProcessorServer, client: Processor, value: str
    ) -> None:
        server.engine.fault("address", value=value)

        with pytest.raises(OrderUnknown):
            self.placed(client)
        (order_id,) = server.engine.orders
        assert client.read(order_id, None, USDT).deposit_address is None

    def test_an_order_in_another_token_is_never_taken(self, server: ProcessorServer, client: Processor) -> None:
        if self.names_contracts_in_orders:
            server.engine.fault("contract")
            with pytest.raises(OrderUnknown, match="contract"):
                self.placed(client)
        _, said = self.placed(client)
        with pytest.raises(ProcessorGarbled):
            client.read(said.processor_id, None, BTC)
