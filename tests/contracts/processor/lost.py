"""Lost answers, and what no answer may do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from deploy.sandbox.processor.server import ProcessorServer
from payout.errors import (
    OrderRefused,
    OrderUnknown,
    PayoutError,
    ProcessorDenied,
    RailUnavailable,
)
from payout.money import Money
from payout.ports import Processor
from tests.contracts.processor.world import (
    ETH,
    HUNDRED,
    KEY,
    LONG_AGO,
    USDC_ETHEREUM,
    USDT,
    USDT_ETHEREUM,
    ProcessorWorld,
    access_to,
    order_of,
)


class LostAnswersContract(ProcessorWorld):
    @pytest.mark.parametrize("fault", ["lost", "hang", "truncated", "html_after", "500_after"])
    def test_a_lost_answer_is_unknown_sent_once_and_found_again(
        self, server: ProcessorServer, client: Processor, fault: str
    ) -> None:
        self.placed(client)  # Another order, to the same destination, of another amount.
        offer = client.quote(Money(90_000_000, USDT))
        order = order_of(offer)
        creating = self.hasty(server) if fault == "hang" else client
        self.fault(server, fault, "create")

        with pytest.raises(OrderUnknown):
            creating.create(order, offer)

        assert server.requests[self.name, "create"] == 2
        found = client.find(order, order.asked_at)
        assert [said.return_address for said in found] == [order.return_address] * self.finds

    @pytest.mark.parametrize("fault", ["drop", "html", "500", "redirect", "odd"])
    def test_an_unclear_answer_is_unknown_even_when_nothing_was_made(
        self, server: ProcessorServer, client: Processor, fault: str
    ) -> None:
        offer = client.quote(HUNDRED)
        order = order_of(offer)
        self.fault(server, fault, "create")

        with pytest.raises(OrderUnknown):
            client.create(order, offer)

        assert server.requests[self.name, "create"] == 1
        assert client.find(order, LONG_AGO) == ()

    @pytest.mark.parametrize(
        ("fault", "error"), [("429", RailUnavailable), ("401", ProcessorDenied), ("403", ProcessorDenied)]
    )
    def test_being_turned_away_made_nothing(
        self, server: ProcessorServer, client: Processor, fault: str, error: type[Exception]
    ) -> None:
        offer = client.quote(HUNDRED)
        self.fault(server, fault, "create")

        with pytest.raises(error):
            client.create(order_of(offer), offer)
        assert server.requests[self.name, "create"] == 1

    def test_after_too_many_calls_it_leaves_the_processor_in_peace(
        self, server: ProcessorServer, client: Processor
    ) -> None:
        self.fault(server, "429", "quote")

        for _ in range(3):
            with pytest.raises(RailUnavailable):
                client.quote(HUNDRED)
        assert server.requests[self.name, "quote"] == 1

    def test_a_definite_no_makes_nothing(self, server: ProcessorServer, client: Processor) -> None:
        offer = client.quote(HUNDRED)

        with pytest.raises(OrderRefused):
            client.create(order_of(offer, destination="nowhere"), offer)
        assert not server.engine.orders

    def test_find_names_only_what_pays_this_destination_this_amount(self, client: Processor) -> None:
        order, said = self.placed(client)
        other = order_of(client.quote(Money(91_000_000, USDT)))
        elsewhere = order_of(client.quote(HUNDRED), destination="TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t")

        found = client.find(order, order.asked_at - timedelta(seconds=1))

        assert [each.processor_id for each in found] == [said.processor_id] * self.finds
        assert client.find(other, LONG_AGO) == ()
        assert client.find(elsewhere, LONG_AGO) == ()

    def test_find_passes_over_other_assets_that_went_to_the_same_destination(self, client: Processor) -> None:
        orders = []
        for receive in (Money(90_000_000, USDT_ETHEREUM), Money(90_000_000, USDC_ETHEREUM), Money(10**17, ETH)):
            offer = client.quote(receive)
            orders.append(order_of(offer, destination="0x52908400098527886E0F7030069857D2E4169EE7"))
            client.create(orders[-1], offer)

        for order in orders:
            found = client.find(order, order.asked_at)
            assert [said.return_address for said in found] == [order.return_address] * self.finds

    def test_a_create_that_never_left_made_nothing(self, client: Processor, server: ProcessorServer) -> None:
        offer = client.quote(HUNDRED)
        server.stop()

        with pytest.raises(RailUnavailable):
            client.create(order_of(offer), offer)

    @pytest.mark.parametrize("fault", ["drop", "hang", "500"])
    def test_a_read_that_gets_no_answer_is_for_later(
        self, server: ProcessorServer, client: Processor, fault: str
    ) -> None:
        _, said = self.placed(client)
        asking = self.hasty(server) if fault == "hang" else client
        calls: dict[str, Callable[[], object]] = {
            "coins": asking.refresh,
            "quote": lambda: asking.quote(HUNDRED),
            "read": lambda: asking.read(said.processor_id, None, USDT),
        }
        for name, call in calls.items():
            self.fault(server, fault, name)
            with pytest.raises(RailUnavailable):
                call()

    def test_no_error_shows_the_key(self, server: ProcessorServer) -> None:
        client = self.client_of(server, api_key=KEY)
        shown = [repr(client), repr(access_to(server, self.name, api_key=KEY))]
        for call in (client.refresh, lambda: client.quote(HUNDRED), lambda: client.read("nosuchorder", None, USDT)):
            try:
                call()
            except PayoutError as error:
                shown.append(f"{error!r} {error.__cause__!r}")
        assert KEY not in " ".join(shown)

    def test_a_webhook_from_nobody_hints_at_nothing(self, client: Processor) -> None:
        for body in (b"", b"{}", b"[]", b"\xff", b'{"id":"1","trade_id":"1","webhook_key":"1"}'):
            assert client.hint({}, body) is None
