"""Ethereum's reader against a real node: anvil."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deploy.sandbox.anvil import Anvil
from payout.errors import RailUnavailable
from payout.money import Money
from payout.ports import Expected
from tests.contracts.chain import ChainContract
from tests.nodes.chain_stages import ETH, USDT, EtherStage, EvmStage, TokenStage

pytestmark = pytest.mark.nodes


@pytest.fixture(scope="module")
def anvil(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Anvil]:
    with Anvil(tmp_path_factory.mktemp("anvil")) as running:
        yield running


@pytest.fixture(scope="module")
def token(anvil: Anvil) -> str:
    token = anvil.deploy_token()
    # A reorganisation must not reach back to the contract.
    anvil.mine(10)
    return token


class TestEther(ChainContract):
    @pytest.fixture
    def stage(self, anvil: Anvil, token: str) -> EtherStage:
        return EtherStage(anvil, token)


class TestToken(ChainContract):
    @pytest.fixture
    def stage(self, anvil: Anvil, token: str) -> TokenStage:
        return TokenStage(anvil, token)


@pytest.fixture
def stage(anvil: Anvil, token: str) -> TokenStage:
    return TokenStage(anvil, token)


def wanted(to: str, units: int, asset: object = USDT) -> Expected:
    assert asset in (USDT, ETH)
    amount = Money(units, ETH if asset is ETH else USDT)
    return Expected(destination=to, memo=None, amount=amount, since=datetime.now(UTC) - timedelta(minutes=1))


def test_coins_that_a_contract_passes_on_are_not_taken_and_the_words_say_why(stage: EvmStage) -> None:
    to = stage.address()
    txid = stage.anvil.pay_many([(to, 10**18)])
    assert stage.anvil.balance(to) == 10**18

    finding = stage.chain().look(wanted(to, 10**18, ETH), txid)

    assert finding.arrivals == ()
    assert "contract" in finding.words
    assert "two people" in finding.words


def test_a_token_of_the_same_look_from_another_contract_is_no_money(stage: EvmStage) -> None:
    forged, to = stage.anvil.deploy_token(), stage.address()
    txid = stage.anvil.pay(to, 25_000_000, token=forged)

    finding = stage.chain().look(wanted(to, 25_000_000), txid)

    assert finding.arrivals == ()
    assert forged.lower() in finding.words.lower()


def test_coins_are_not_tokens_and_tokens_are_not_coins(stage: EvmStage) -> None:
    to = stage.address()
    coins, tokens = stage.anvil.pay(to, 25_000_000), stage.anvil.pay(to, 25_000_000, token=stage.token)

    assert stage.chain().look(wanted(to, 1), coins).arrivals == ()
    assert stage.chain().look(wanted(to, 1, ETH), tokens).arrivals == ()


def test_a_failed_transfer_moved_nothing_whatever_it_asked_for(stage: EvmStage) -> None:
    to = stage.address()
    txid = stage.anvil.pay(to, 25_000_000, token=stage.token, sender=stage.anvil.accounts[5])
    stage.mine(5)

    finding = stage.chain().look(wanted(to, 25_000_000), txid)

    assert finding.arrivals == ()
    assert "failed" in finding.words


def test_what_the_destination_sends_to_itself_is_no_payment(stage: EvmStage) -> None:
    customer = stage.anvil.accounts[3]
    stage.anvil.pay(customer, 9, token=stage.token)
    for asset, token in ((ETH, None), (USDT, stage.token)):
        txid = stage.anvil.pay(customer, 5, token=token, sender=customer)

        finding = stage.chain().look(wanted(customer, 5, asset), txid)

        assert finding.arrivals == ()
        assert "itself" in finding.words


def test_a_transaction_in_the_pool_is_no_payment_of_tokens_yet(stage: EvmStage) -> None:
    to = stage.address()
    stage.anvil.automine(on=False)
    try:
        tokens, coins = stage.anvil.pay(to, 7, token=stage.token), stage.anvil.pay(to, 9)
        waiting = stage.chain().look(wanted(to, 7), tokens)
        pooled = stage.chain().look(wanted(to, 9, ETH), coins).arrivals
    finally:
        stage.anvil.mine()
        stage.anvil.automine(on=True)

    assert (waiting.arrivals, "no block yet" in waiting.words) == ((), True)
    assert [(arrival.units, arrival.height, arrival.final) for arrival in pooled] == [(9, None, False)]
    assert [arrival.units for arrival in stage.chain().look(wanted(to, 7), tokens).arrivals] == [7]


def test_a_snapshot_that_the_node_went_back_to_takes_the_payment_away(stage: EvmStage) -> None:
    to = stage.address()
    snapshot = stage.anvil.rpc("evm_snapshot")
    txid = stage.anvil.pay(to, 25_000_000, token=stage.token)
    chain, expected = stage.chain(), wanted(to, 25_000_000)
    assert len(chain.look(expected, txid).arrivals) == 1

    assert stage.anvil.rpc("evm_revert", snapshot)

    assert chain.look(expected, txid).arrivals == ()


def test_a_contract_that_counts_in_other_decimals_stops_everything(stage: EvmStage) -> None:
    odd = stage.anvil.deploy_token(decimals=18)
    chain = stage.chain(tokens={USDT: odd})

    with pytest.raises(RailUnavailable, match="18 decimals"):
        chain.look(wanted(stage.address(), 1), "ab" * 32)


def test_an_address_without_a_contract_stops_everything(stage: EvmStage) -> None:
    chain = stage.chain(tokens={USDT: "0x" + secrets.token_hex(20)})

    with pytest.raises(RailUnavailable, match="no token contract"):
        chain.look(wanted(stage.address(), 1), "ab" * 32)


def test_a_check_tells_where_the_node_stands(stage: EvmStage) -> None:
    assert str(stage.anvil.height()) in stage.chain().check()


def test_the_sandbox_keeps_its_chain_over_a_restart(tmp_path: Path) -> None:
    to = "0x" + "42" * 20
    with Anvil(tmp_path) as anvil:
        token = anvil.deploy_token()
        txid = anvil.pay_many([(to, 3), (to, 4)], token=token)
        height = anvil.height()
    with Anvil(tmp_path) as anvil:
        assert anvil.height() == height
        assert anvil.balance(to, token) == 7
        assert anvil.rpc("eth_getTransactionReceipt", txid)["status"] == "0x1"
