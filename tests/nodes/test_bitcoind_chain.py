"""Bitcoin's reader against a real node on regtest: bcoin."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deploy.sandbox.bcoin import BLOCKS, Bcoin
from payout.errors import RailUnavailable
from payout.money import Money
from payout.ports import Expected
from tests.contracts.chain import ChainContract
from tests.nodes.chain_stages import BTC, BitcoinStage

pytestmark = pytest.mark.nodes


@pytest.fixture(scope="module")
def bcoin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bcoin]:
    with Bcoin(tmp_path_factory.mktemp("bcoin")) as running:
        yield running


@pytest.fixture
def stage(bcoin: Bcoin) -> BitcoinStage:
    return BitcoinStage(bcoin)


class TestBitcoin(ChainContract):
    @pytest.fixture
    def stage(self, bcoin: Bcoin) -> BitcoinStage:
        return BitcoinStage(bcoin)


def test_a_wrong_login_is_unavailable_and_not_in_the_words(stage: BitcoinStage) -> None:
    chain = stage.chain(login="x:not the key")
    expected = Expected(
        destination=stage.address(), memo=None, amount=Money(1, BTC), since=datetime.now(UTC) - timedelta(minutes=1)
    )

    with pytest.raises(RailUnavailable, match="401") as refused:
        chain.look(expected, "ab" * 32)
    assert "not the key" not in str(refused.value)


def test_the_sandbox_keeps_its_chain_and_its_wallet_over_a_restart(tmp_path: Path) -> None:
    with Bcoin(tmp_path) as bcoin:
        to = bcoin.foreign_address()
        txid = bcoin.pay(to, 1_000_000)
        bcoin.mine()
    with Bcoin(tmp_path) as bcoin:
        assert bcoin.height() == BLOCKS + 1
        assert bcoin.raw(txid)
        assert bcoin.pay(to, 1_000_000) != txid
        assert bcoin.received(to) == [1_000_000, 1_000_000]
