"""The reader of Bitcoin's nodes against Bitcoin Core's documented protocol; tests/nodes has a real node."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from adapters.chains.bitcoind import INPUTS_MAX, SCAN_AGAIN
from payout.errors import RailUnavailable
from payout.money import Money
from payout.ports import Expected
from tests.adapters.chains.fake_core import LTC, FakeCore
from tests.contracts.chain import ChainContract


@pytest.fixture
def stage() -> Iterator[FakeCore]:
    fake = FakeCore()
    yield fake
    fake.down()


class TestBitcoinCore(ChainContract):
    @pytest.fixture
    def stage(self) -> Iterator[FakeCore]:
        fake = FakeCore()
        yield fake
        fake.down()


def wanted(to: str, units: int = 1) -> Expected:
    since = datetime.now(UTC) - timedelta(minutes=1)
    return Expected(destination=to, memo=None, amount=Money(units, LTC), since=since)


def test_a_node_without_an_index_of_transactions_is_unavailable_and_says_what_to_do(stage: FakeCore) -> None:
    stage.indexed = False

    with pytest.raises(RailUnavailable, match="-txindex=1"):
        stage.chain().look(wanted(stage.address()), "ab" * 32)


def test_a_node_that_is_still_synchronising_is_unavailable(stage: FakeCore) -> None:
    stage.headers_ahead = 3
    with pytest.raises(RailUnavailable, match="synchronising"):
        stage.chain().check()

    stage.headers_ahead, stage.downloading = 0, True
    with pytest.raises(RailUnavailable, match="synchronising"):
        stage.chain().check()


@pytest.mark.parametrize("units", [1, 3, 10**8, 2_100_000_000_000_000, 123_456_789])
def test_amounts_are_exact_to_the_last_unit(stage: FakeCore, units: int) -> None:
    to = stage.address()
    txid = stage.pay((to, units))

    assert stage.chain().look(wanted(to), txid).arrivals[0].units == units


def test_a_scan_serves_for_ten_minutes_as_it_takes_the_node_so_long(stage: FakeCore) -> None:
    to = stage.address()
    txid = stage.pay((to, 5))
    stage.mine()
    chain = stage.chain(tip_age_max=None)

    found = [chain.find(wanted(to, units)).arrivals for units in (1, 5, 6)]
    assert [[arrival.txid for arrival in each] for each in found] == [[txid], [txid], []]
    assert stage.scans == 1

    stage.clock.ahead = SCAN_AGAIN
    chain.find(wanted(to))
    assert stage.scans == 2


@pytest.mark.parametrize("odd", [(200, "{}"), (200, '{"result": null, "error": null}'), (401, ""), (503, "[]")])
def test_an_answer_that_the_protocol_does_not_have_proves_nothing(stage: FakeCore, odd: tuple[int, object]) -> None:
    chain = stage.chain()
    stage.server.odd = odd

    with pytest.raises(RailUnavailable, match="litecoin"):
        chain.look(wanted(stage.address()), "ab" * 32)


def test_a_block_that_the_chain_has_left_counts_for_nothing(stage: FakeCore) -> None:
    to = stage.address()
    txid = stage.pay((to, 5))
    stage.mine()
    block = stage.ledger.tip
    stage.reorg(1)
    stage.left[txid] = block
    stage.ledger.sent[txid] = stage.ledger.forgotten[txid]

    finding = stage.chain().look(wanted(to), txid)

    assert finding.arrivals == ()
    assert "no longer part of the chain" in finding.words


def test_the_clocks_of_miners_may_be_two_hours_off_and_no_more(stage: FakeCore) -> None:
    to = stage.address()
    txid = stage.pay((to, 5))
    stage.mine()

    def seen(minutes: int) -> int:
        since = datetime.now(UTC) + timedelta(minutes=minutes)
        expected = Expected(destination=to, memo=None, amount=Money(5, LTC), since=since)
        return len(stage.chain().look(expected, txid).arrivals)

    assert (seen(119), seen(121)) == (1, 0)


def test_the_change_of_the_customers_own_payment_is_no_payment_to_them(stage: FakeCore) -> None:
    to = stage.address()
    theirs = stage.pay((stage.address(), 3), (to, 9))
    change = stage.pay((to, 5), vin=[{"txid": theirs, "vout": 0}, {"txid": theirs, "vout": 1}])
    other = stage.pay((to, 5), vin=[{"txid": theirs, "vout": 0}])
    stage.mine()

    finding = stage.chain().look(wanted(to), change)

    assert finding.arrivals == ()
    assert "itself" in finding.words
    assert len(stage.chain().look(wanted(to), other).arrivals) == 1


def test_whose_the_inputs_are_is_asked_once(stage: FakeCore) -> None:
    to = stage.address()
    theirs = stage.pay((stage.address(), 3))
    txid = stage.pay((to, 5), vin=[{"txid": theirs, "vout": 0}])
    chain = stage.chain()
    for _ in range(3):
        chain.look(wanted(to), txid)

    assert sum(theirs in line for line in stage.server.seen) == 1


def test_more_inputs_than_can_be_asked_about_decide_nothing(stage: FakeCore) -> None:
    to = stage.address()
    txid = stage.pay((to, 5), vin=[{"txid": "ab" * 32, "vout": 0}] * (INPUTS_MAX + 1))

    with pytest.raises(RailUnavailable, match="too many"):
        stage.chain().look(wanted(to), txid)


def test_an_output_that_several_keys_must_spend_together_is_nobodys_payment(stage: FakeCore) -> None:
    to = stage.address()
    txid = stage.pay((to, 5))
    shared = {"n": 0, "value": 1, "scriptPubKey": {"addresses": [to, stage.address()]}}
    old = {"n": 1, "value": 2, "scriptPubKey": {"addresses": [to]}}
    hidden = {"n": 2, "ismweb": True, "output_id": "ab" * 32}
    stage.shown[txid] = {"txid": txid, "vin": [{"ismweb": True}], "vout": [shared, old, hidden]}

    arrivals = stage.chain().look(wanted(to), txid).arrivals

    assert [(arrival.id, arrival.units) for arrival in arrivals] == [(f"{txid}:1", 2 * 10**8)]
