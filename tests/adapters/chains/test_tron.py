"""Tron's reader against a server of a full node's and TronGrid's documented API."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from payout.asset import Asset
from payout.errors import RailUnavailable
from payout.money import Money
from payout.ports import Expected
from tests.adapters.chains.fake_tron import CONTRACT, FORGED, TRX, USDT, FakeTron
from tests.contracts.chain import ChainContract


@pytest.fixture
def coins() -> Iterator[FakeTron]:
    fake = FakeTron(token=False)
    yield fake
    fake.down()


@pytest.fixture
def tokens() -> Iterator[FakeTron]:
    fake = FakeTron(token=True)
    yield fake
    fake.down()


class TestTrx(ChainContract):
    @pytest.fixture
    def stage(self, coins: FakeTron) -> FakeTron:
        return coins


class TestTrc20(ChainContract):
    @pytest.fixture
    def stage(self, tokens: FakeTron) -> FakeTron:
        return tokens


def wanted(to: str, asset: Asset, memo: str | None = None) -> Expected:
    since = datetime.now(UTC) - timedelta(minutes=1)
    return Expected(destination=to, memo=memo, amount=Money(1, asset), since=since)


def test_a_failed_transaction_moved_nothing(coins: FakeTron, tokens: FakeTron) -> None:
    for stage in (coins, tokens):
        to = stage.address()
        txid = stage.pay((to, 5), failed=True)
        stage.mine(9)

        finding = stage.chain().look(wanted(to, stage.asset), txid)

        assert finding.arrivals == ()
        assert "failed" in finding.words


def test_a_token_of_the_same_look_from_another_contract_is_no_money(tokens: FakeTron) -> None:
    to = tokens.address()
    txid = tokens.pay((to, 5), token=FORGED)
    tokens.mine()

    finding = tokens.chain().look(wanted(to, USDT), txid)

    assert finding.arrivals == ()
    assert "another contract" in finding.words
    assert tokens.chain().find(wanted(to, USDT)).arrivals == ()


def test_coins_are_not_tokens_and_what_a_contract_passes_on_is_said_to_be_unseen(tokens: FakeTron) -> None:
    to = tokens.address()
    txid = tokens.pay((to, 5))
    tokens.mine()

    finding = tokens.chain().look(wanted(to, TRX), txid)

    assert finding.arrivals == ()
    assert "two people" in finding.words


def test_a_memo_counts_only_when_it_is_the_same(coins: FakeTron) -> None:
    to = coins.address()
    txid = coins.pay((to, 5), memo="4711")
    coins.mine()

    assert len(coins.chain().look(wanted(to, TRX, "4711"), txid).arrivals) == 1
    assert coins.chain().look(wanted(to, TRX, "4712"), txid).arrivals == ()


def test_a_receipt_of_a_block_that_the_chain_has_left_is_none(tokens: FakeTron) -> None:
    to = tokens.address()
    tokens.mine(3)
    txid = tokens.pay((to, 5), stale=True)

    finding = tokens.chain().look(wanted(to, USDT), txid)

    assert finding.arrivals == ()
    assert "no longer part of the chain" in finding.words


def test_a_node_without_an_index_of_accounts_says_that_it_cannot_search(tokens: FakeTron) -> None:
    tokens.grid = False

    finding = tokens.chain().find(wanted(tokens.address(), USDT))

    assert finding.arrivals == ()
    assert "name the transaction" in finding.words


def test_a_contract_that_counts_in_other_decimals_stops_everything(tokens: FakeTron) -> None:
    tokens.decimals = 18

    with pytest.raises(RailUnavailable, match="18 decimals"):
        tokens.chain().check()


def test_an_address_without_a_contract_stops_everything(tokens: FakeTron) -> None:
    with pytest.raises(RailUnavailable, match="no token contract"):
        tokens.chain(tokens={USDT: FORGED}).check()


@pytest.mark.parametrize(
    "odd",
    [
        (200, '{"Error": "class java.lang.NullPointerException : null"}'),
        (200, "this API is closed because this node is a lite fullnode"),
        (200, "[]"),
        (200, '{"blockID": 7}'),
        (429, "{}"),
        (403, '{"Error": "frequency limit"}'),
    ],
)
def test_an_answer_that_is_no_answer_proves_nothing(tokens: FakeTron, odd: tuple[int, object]) -> None:
    chain = tokens.chain()
    tokens.server.odd = odd

    with pytest.raises(RailUnavailable, match="tron"):
        chain.look(wanted(tokens.address(), USDT), "ab" * 32)


def test_the_contract_is_told_apart_by_its_whole_address(tokens: FakeTron) -> None:
    assert CONTRACT != FORGED
    assert tokens.chain().check().startswith("tron: block 0")


def test_what_the_destination_sends_to_itself_is_no_payment(coins: FakeTron, tokens: FakeTron) -> None:
    for stage in (coins, tokens):
        to = stage.address()
        txid = stage.pay((to, 5), owner=to)
        stage.mine()

        finding = stage.chain().look(wanted(to, stage.asset), txid)

        assert finding.arrivals == ()
        assert "itself" in finding.words
