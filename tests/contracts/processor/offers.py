"""What a client says before an order: which assets can be had, and for how much."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from deploy.sandbox.processor.server import ProcessorServer
from payout.errors import (
    AmountOutOfRange,
    OrderRefused,
    ProcessorGarbled,
)
from payout.money import Money
from payout.ports import Processor
from tests.contracts.processor.world import (
    ASSETS,
    BTC,
    CONTRACTS,
    ETH,
    HUNDRED,
    USDT,
    XRP,
    ProcessorWorld,
)


class OffersContract(ProcessorWorld):
    def test_before_its_lists_are_read_it_offers_nothing(self, server: ProcessorServer) -> None:
        client = self.client_of(server)

        assert "not read" in (client.refusal(USDT) or "")
        with pytest.raises(OrderRefused):
            client.quote(HUNDRED)
        assert not server.requests

    def test_every_configured_asset_that_it_lists_can_be_had(self, client: Processor) -> None:
        assert {asset.key: client.refusal(asset) for asset in ASSETS} == dict.fromkeys(CONTRACTS)
        assert client.memo_needed(XRP)
        assert not client.memo_needed(USDT)

    def test_an_asset_that_is_not_listed_or_not_configured_is_refused(self, server: ProcessorServer) -> None:
        del server.engine.coins["BTC-bitcoin"]
        client = self.client_of(server, {key: CONTRACTS[key] for key in CONTRACTS if key != ETH.key})
        client.refresh()

        assert "does not list" in (client.refusal(BTC) or "")
        assert "not configured" in (client.refusal(ETH) or "")
        with pytest.raises(OrderRefused):
            client.quote(Money(1_000_000, BTC))

    def test_a_token_under_another_contract_is_refused(self, server: ProcessorServer) -> None:
        coin = server.engine.coins["USDT-tron"]
        server.engine.coins["USDT-tron"] = coin.at("TThisIsAnotherContractOfTheSameName")
        client = self.client_of(server)
        client.refresh()

        assert ("contract" in (client.refusal(USDT) or "")) == self.names_contracts_in_lists
        assert client.refusal(BTC) is None

    def test_a_failed_refresh_keeps_the_lists_that_were_read(self, server: ProcessorServer, client: Processor) -> None:
        self.fault(server, "html", "coins")

        with pytest.raises(ProcessorGarbled):
            client.refresh()
        assert client.refusal(USDT) is None

    @pytest.mark.parametrize("receive", [HUNDRED, Money(10**16, ETH), Money(123_456, BTC)], ids=str)
    def test_a_quote_is_for_exactly_what_was_asked(self, client: Processor, receive: Money) -> None:
        offer = client.quote(receive)

        assert (offer.processor, offer.receive) == (self.name, receive)
        assert offer.deposit.asset.code == "XMR"
        assert offer.deposit.units > 0
        assert offer.expires_at is not None
        assert offer.expires_at > datetime.now(UTC)

    def test_amounts_beyond_its_bounds_are_refused_with_the_bounds(self, client: Processor) -> None:
        with pytest.raises(AmountOutOfRange) as small:
            client.quote(Money(1000, USDT))
        with pytest.raises(AmountOutOfRange):
            client.quote(Money(10**12, USDT))
        assert (small.value.least is not None) == self.names_bounds

    def test_more_decimals_than_it_takes_are_never_sent(self, server: ProcessorServer, client: Processor) -> None:
        with pytest.raises(OrderRefused, match="at most 8 decimals"):
            client.quote(Money(10**16 + 1, ETH))
        assert server.requests[self.name, "quote"] == 0
