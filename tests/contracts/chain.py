"""
What every reader of a customer's chain promises, on real nodes and on servers that speak the documented protocols.

Subclass it with a `stage` fixture: a network on which the test pays, mines and takes blocks back.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from payout.asset import Asset
from payout.errors import RailUnavailable
from payout.money import Money
from payout.ports import Arrival, Expected, Finding
from tests.contracts.chain_stage import Stage

OTHER = Asset(code="OTHER", network="elsewhere", decimals=6)


class ChainContract:
    """The tests. Each looks only at payments that it made itself."""

    @staticmethod
    def expected(stage: Stage, destination: str, units: int, **changes: Any) -> Expected:
        facts: dict[str, Any] = {
            "destination": destination,
            "memo": None,
            "amount": Money(units, stage.asset),
            "since": datetime.now(UTC) - timedelta(minutes=1),
        }
        return Expected(**{**facts, **changes})

    @staticmethod
    def only(finding: Finding) -> Arrival:
        (arrival,) = finding.arrivals
        return arrival

    def test_a_payment_in_a_block_is_seen_to_the_unit(self, stage: Stage) -> None:
        to = stage.address()
        txid = stage.pay((to, stage.unit + 7))
        stage.mine()

        arrival = self.only(stage.chain().look(self.expected(stage, to, stage.unit), txid))

        assert (arrival.txid, arrival.units) == (txid, stage.unit + 7)
        assert arrival.id.startswith(txid)
        assert arrival.height is not None
        assert arrival.block
        assert arrival.depth >= 1

    def test_a_payment_in_no_block_is_seen_as_that_and_is_not_final(self, stage: Stage) -> None:
        if not stage.pools:
            return
        to = stage.address()
        txid = stage.pay((to, stage.unit))

        arrival = self.only(stage.chain().look(self.expected(stage, to, stage.unit), txid))

        assert (arrival.height, arrival.block, arrival.depth, arrival.final) == (None, None, 0, False)
        stage.mine()

    def test_it_is_final_that_deep_and_not_before(self, stage: Stage) -> None:
        to = stage.address()
        txid = stage.pay((to, stage.unit))
        chain, expected = stage.chain(), self.expected(stage, to, stage.unit)
        stage.mine()
        young = self.only(chain.look(expected, txid))

        stage.mine(stage.deep)
        old = self.only(chain.look(expected, txid))

        assert (young.final, old.final) == (False, True)
        assert old.depth >= young.depth + stage.deep
        assert (old.id, old.height, old.block) == (young.id, young.height, young.block)

    def test_the_configured_depth_counts_where_there_is_one(self, stage: Stage) -> None:
        to = stage.address()
        txid = stage.pay((to, stage.unit))
        stage.mine(2)
        expected = self.expected(stage, to, stage.unit)
        depth = self.only(stage.chain().look(expected, txid)).depth

        assert self.only(stage.chain(depth=depth).look(expected, txid)).final
        assert not self.only(stage.chain(depth=depth + 1).look(expected, txid)).final

    def test_a_reorganisation_before_it_was_final_takes_the_payment_away(self, stage: Stage) -> None:
        to = stage.address()
        txid = stage.pay((to, stage.unit))
        chain, expected = stage.chain(), self.expected(stage, to, stage.unit)
        stage.mine()
        self.only(chain.look(expected, txid))

        stage.reorg(1)
        finding = chain.look(expected, txid)

        assert [arrival for arrival in finding.arrivals if arrival.height is not None] == []
        assert finding.arrivals or txid in finding.words

    def test_a_reorganisation_after_it_was_final_takes_the_payment_away_all_the_same(self, stage: Stage) -> None:
        to = stage.address()
        txid = stage.pay((to, stage.unit))
        chain, expected = stage.chain(), self.expected(stage, to, stage.unit)
        stage.mine(1 + stage.deep)
        assert self.only(chain.look(expected, txid)).final

        stage.reorg(1 + stage.deep)

        assert [arrival for arrival in chain.look(expected, txid).arrivals if arrival.final] == []

    def test_mined_again_elsewhere_it_is_the_same_payment_in_another_block(self, stage: Stage) -> None:
        to = stage.address()
        txid = stage.pay((to, stage.unit))
        chain, expected = stage.chain(), self.expected(stage, to, stage.unit)
        stage.mine()
        before = self.only(chain.look(expected, txid))
        stage.reorg(1)

        stage.again(txid)
        after = self.only(chain.look(expected, txid))

        assert (after.id, after.units) == (before.id, before.units)
        assert after.block != before.block

    def test_a_payment_to_somebody_else_is_none_and_is_said_in_words(self, stage: Stage) -> None:
        txid = stage.pay((stage.address(), stage.unit))
        stage.mine()

        finding = stage.chain().look(self.expected(stage, stage.address(), stage.unit), txid)

        assert finding.arrivals == ()
        assert txid in finding.words

    def test_a_payment_that_is_too_small_is_told_as_it_is(self, stage: Stage) -> None:
        to = stage.address()
        txid = stage.pay((to, stage.unit - 1))
        stage.mine()

        assert self.only(stage.chain().look(self.expected(stage, to, stage.unit), txid)).units == stage.unit - 1

    def test_of_a_batch_only_the_payment_to_the_destination_counts(self, stage: Stage) -> None:
        if not stage.batches:
            return
        mine, theirs = stage.address(), stage.address()
        txid = stage.pay((theirs, stage.unit * 5), (mine, stage.unit), (theirs, stage.unit * 7))
        stage.mine()

        assert self.only(stage.chain().look(self.expected(stage, mine, stage.unit), txid)).units == stage.unit

    def test_two_payments_in_one_transaction_are_two_that_settle_two_orders(self, stage: Stage) -> None:
        if not stage.apart:
            return
        to = stage.address()
        txid = stage.pay((to, stage.unit), (to, stage.unit * 2))
        stage.mine()

        arrivals = stage.chain().look(self.expected(stage, to, stage.unit), txid).arrivals

        assert [arrival.units for arrival in arrivals] == [stage.unit * 2, stage.unit]
        assert len({arrival.id for arrival in arrivals}) == 2

    def test_another_asset_is_never_taken_for_it(self, stage: Stage) -> None:
        to = stage.address()
        txid = stage.pay((to, stage.unit))
        stage.mine()
        expected = self.expected(stage, to, stage.unit, amount=Money(1, OTHER))

        for finding in (stage.chain().look(expected, txid), stage.chain().find(expected)):
            assert finding.arrivals == ()
            assert OTHER.code in finding.words

    def test_a_memo_that_the_payment_does_not_carry_is_not_passed_over(self, stage: Stage) -> None:
        to = stage.address()
        txid = stage.pay((to, stage.unit))
        stage.mine()

        finding = stage.chain().look(self.expected(stage, to, stage.unit, memo="4711"), txid)

        assert finding.arrivals == ()
        assert "memo" in finding.words

    def test_a_payment_from_before_the_order_does_not_settle_it(self, stage: Stage) -> None:
        to = stage.address()
        txid = stage.pay((to, stage.unit))
        stage.mine()
        late = datetime.now(UTC) + timedelta(days=1)

        finding = stage.chain().look(self.expected(stage, to, stage.unit, since=late), txid)

        assert finding.arrivals == ()
        assert "older" in finding.words

    @pytest.mark.parametrize("txid", [None, "", "no id", "ü", "1" * 5000, "../" + "ab" * 32])
    def test_what_the_node_does_not_know_is_said_in_words_and_proves_nothing(
        self, stage: Stage, txid: str | None
    ) -> None:
        asked = stage.absent() if txid is None else txid
        finding = stage.chain().look(self.expected(stage, stage.address(), stage.unit), asked)

        assert finding.arrivals == ()
        assert finding.words
        assert len(finding.words) < 400

    def test_payments_are_found_without_a_transaction_or_the_words_say_that_they_cannot_be(self, stage: Stage) -> None:
        to = stage.address()
        old = stage.pay((to, stage.unit))
        stage.mine()
        short = stage.pay((to, stage.unit - 1))
        stage.mine()
        new = stage.pay((to, stage.unit * 2))
        stage.mine()

        finding = stage.chain().find(self.expected(stage, to, stage.unit))

        if stage.finds:
            assert [arrival.txid for arrival in finding.arrivals] == [new, old]
            assert short not in [arrival.txid for arrival in finding.arrivals]
        else:
            assert finding.arrivals == ()
            assert "name the transaction" in finding.words

    def test_what_was_paid_before_the_order_is_not_found(self, stage: Stage) -> None:
        to = stage.address()
        stage.pay((to, stage.unit))
        stage.mine()
        late = datetime.now(UTC) + timedelta(days=1)

        assert stage.chain().find(self.expected(stage, to, stage.unit, since=late)).arrivals == ()

    def test_a_node_on_another_chain_is_refused(self, stage: Stage) -> None:
        to = stage.address()
        chain = stage.chain(identity="987654321")
        expected = self.expected(stage, to, stage.unit)

        asks: tuple[Callable[[], Finding], ...] = (
            lambda: chain.look(expected, stage.absent()),
            lambda: chain.find(expected),
        )
        for ask in asks:
            with pytest.raises(RailUnavailable, match="987654321"):
                ask()

    def test_a_node_that_is_behind_is_refused(self, stage: Stage) -> None:
        stage.mine()
        chain = stage.chain(tip_age_max=timedelta(days=-400))

        with pytest.raises(RailUnavailable, match="behind"):
            chain.look(self.expected(stage, stage.address(), stage.unit), stage.absent())

    def test_a_node_that_is_down_is_unavailable_and_serves_again_when_it_is_back(self, stage: Stage) -> None:
        to = stage.address()
        txid = stage.pay((to, stage.unit))
        stage.mine()
        chain, expected = stage.chain(), self.expected(stage, to, stage.unit)
        before = self.only(chain.look(expected, txid))

        stage.down()
        try:
            asks: tuple[Callable[[], Finding], ...] = (
                lambda: chain.look(expected, txid),
                lambda: chain.find(expected),
            )
            for ask in asks:
                with pytest.raises(RailUnavailable, match=stage.asset.network):
                    ask()
        finally:
            stage.up()

        assert self.only(chain.look(expected, txid)).id == before.id

    def test_it_names_its_network(self, stage: Stage) -> None:
        assert stage.chain().network == stage.asset.network
