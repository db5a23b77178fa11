"""Solana's reader against a server of its documented JSON-RPC."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from payout.asset import Asset
from payout.errors import RailUnavailable
from payout.money import Money
from payout.ports import Expected
from tests.adapters.chains.fake_solana import FORGED, SOL, USDC, FakeSolana, new_key, token_account
from tests.contracts.chain import ChainContract


@pytest.fixture
def coins() -> Iterator[FakeSolana]:
    fake = FakeSolana(token=False)
    yield fake
    fake.down()


@pytest.fixture
def tokens() -> Iterator[FakeSolana]:
    fake = FakeSolana(token=True)
    yield fake
    fake.down()


class TestSol(ChainContract):
    @pytest.fixture
    def stage(self, coins: FakeSolana) -> FakeSolana:
        return coins


class TestSpl(ChainContract):
    @pytest.fixture
    def stage(self, tokens: FakeSolana) -> FakeSolana:
        return tokens


def wanted(to: str, asset: Asset, memo: str | None = None) -> Expected:
    since = datetime.now(UTC) - timedelta(minutes=1)
    return Expected(destination=to, memo=memo, amount=Money(1, asset), since=since)


def test_tokens_arrive_in_an_account_that_belongs_to_the_destination(tokens: FakeSolana) -> None:
    owner = tokens.address()
    txid = tokens.pay((owner, 5))
    tokens.mine()
    account = token_account(owner, tokens.chain()._node.tokens[USDC] or "")

    for destination in (owner, account):
        (arrival,) = tokens.chain().look(wanted(destination, USDC), txid).arrivals
        assert arrival.units == 5


def test_a_token_of_another_mint_is_no_money(tokens: FakeSolana) -> None:
    to = tokens.address()
    txid = tokens.pay((to, 5), mint=FORGED)
    tokens.mine()

    finding = tokens.chain().look(wanted(to, USDC), txid)

    assert finding.arrivals == ()
    assert "nothing of USDC" in finding.words


def test_coins_are_not_tokens_and_tokens_are_not_coins(coins: FakeSolana, tokens: FakeSolana) -> None:
    for stage, other in ((coins, USDC), (tokens, SOL)):
        to = stage.address()
        txid = stage.pay((to, 5))
        stage.mine()
        assert stage.chain().look(wanted(to, other), txid).arrivals == ()


def test_a_failed_transaction_moved_nothing_and_is_not_found(coins: FakeSolana) -> None:
    to = coins.address()
    txid = coins.pay((to, 5), failed=True)
    coins.mine(9)

    finding = coins.chain().look(wanted(to, SOL), txid)

    assert finding.arrivals == ()
    assert "failed" in finding.words
    assert coins.chain().find(wanted(to, SOL)).arrivals == ()


def test_a_memo_counts_only_when_it_is_the_same(coins: FakeSolana) -> None:
    to = coins.address()
    txid = coins.pay((to, 5), memo="4711")
    coins.mine()

    assert len(coins.chain().look(wanted(to, SOL, "4711"), txid).arrivals) == 1
    assert coins.chain().look(wanted(to, SOL, "471"), txid).arrivals == ()


@pytest.mark.parametrize("slot", [1, 99])
def test_a_transaction_of_a_slot_that_has_another_block_or_none_is_none(coins: FakeSolana, slot: int) -> None:
    to = coins.address()
    coins.mine(3)
    txid = coins.pay((to, 5), stale=slot)

    finding = coins.chain().look(wanted(to, SOL), txid)

    assert finding.arrivals == ()
    assert "no longer part of the chain" in finding.words


def test_a_node_that_calls_itself_behind_is_refused(coins: FakeSolana) -> None:
    coins.healthy = False

    with pytest.raises(RailUnavailable, match="behind by 42 slots"):
        coins.chain().look(wanted(coins.address(), SOL), new_key(64))


def test_a_mint_that_counts_in_other_decimals_stops_everything(tokens: FakeSolana) -> None:
    tokens.decimals = 9

    with pytest.raises(RailUnavailable, match="9 decimals"):
        tokens.chain().check()


def test_a_signature_that_nobody_knows_is_said_in_words(coins: FakeSolana) -> None:
    finding = coins.chain().look(wanted(coins.address(), SOL), new_key(64))

    assert finding.arrivals == ()
    assert "knows no transaction" in finding.words


def test_a_search_reads_the_newest_twenty_and_says_so(coins: FakeSolana) -> None:
    to = coins.address()
    for _ in range(23):
        coins.pay((to, 5))
        coins.mine()

    finding = coins.chain().find(wanted(to, SOL))

    assert len(finding.arrivals) == 20
    assert "newest 20" in finding.words


@pytest.mark.parametrize("odd", [(200, "{}"), (200, "[]"), (200, '{"result": 7}'), (429, "{}"), (502, "<html>")])
def test_an_answer_that_is_no_answer_proves_nothing(coins: FakeSolana, odd: tuple[int, object]) -> None:
    chain = coins.chain()
    coins.server.odd = odd

    with pytest.raises(RailUnavailable, match="solana"):
        chain.look(wanted(coins.address(), SOL), new_key(64))


def test_what_the_destination_signed_itself_is_no_payment(coins: FakeSolana) -> None:
    to = coins.address()
    txid = coins.pay((to, 5), signer=to)
    coins.mine()

    finding = coins.chain().look(wanted(to, SOL), txid)

    assert finding.arrivals == ()
    assert "itself" in finding.words
