"""Esplora's reader against a server of its documented protocol."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.chains import Node
from adapters.chains.esplora import EsploraChain
from adapters.clock import SystemClock
from payout.errors import RailUnavailable
from payout.money import Money
from payout.ports import Expected
from tests.adapters.chains.fake_esplora import BTC, FakeEsplora
from tests.contracts.chain import ChainContract


@pytest.fixture
def stage() -> Iterator[FakeEsplora]:
    fake = FakeEsplora()
    yield fake
    fake.down()


class TestEsplora(ChainContract):
    @pytest.fixture
    def stage(self) -> Iterator[FakeEsplora]:
        fake = FakeEsplora()
        yield fake
        fake.down()


def wanted(to: str, units: int = 1) -> Expected:
    since = datetime.now(UTC) - timedelta(minutes=1)
    return Expected(destination=to, memo=None, amount=Money(units, BTC), since=since)


def test_a_transaction_that_only_the_index_still_holds_by_a_block_the_chain_has_left_is_none(
    stage: FakeEsplora,
) -> None:
    to = stage.address()
    txid = stage.pay((to, 5))
    stage.mine()
    block = stage.ledger.tip
    stage.reorg(1)
    stage.left[block.hash] = block
    stage.ledger.pay(txid, (to, 5), left=block.hash)

    finding = stage.chain().look(wanted(to), txid)

    assert finding.arrivals == ()
    assert "no longer part of the chain" in finding.words


def test_an_address_in_capitals_is_the_same_address(stage: FakeEsplora) -> None:
    to = stage.address()
    txid = stage.pay((to, 5))

    assert len(stage.chain().look(wanted(to.upper()), txid).arrivals) == 1
    assert stage.chain().look(wanted(to.title()), txid).arrivals == ()


@pytest.mark.parametrize(
    "odd",
    [
        (429, "Too many requests"),
        (500, "no"),
        (200, "<html>Please wait</html>"),
        (200, "[]"),
        (200, "{}"),
        (200, "[7]"),
        (200, '[{"id": 5, "height": "many"}]'),
        (302, ""),
    ],
)
def test_an_answer_that_the_protocol_does_not_have_proves_nothing(stage: FakeEsplora, odd: tuple[int, object]) -> None:
    chain = stage.chain()
    stage.server.odd = odd

    with pytest.raises(RailUnavailable, match="bitcoin"):
        chain.look(wanted(stage.address()), "ab" * 32)


def test_it_needs_a_depth_and_has_no_tokens() -> None:
    wrongs: list[dict[str, Any]] = [
        {"depth": None},
        {"depth": 0},
        {"tokens": {BTC: "contract"}},
        {"tokens": {}},
        {"url": "ftp://x"},
    ]
    for wrong in wrongs:
        facts: dict[str, Any] = {
            "network": "bitcoin",
            "tokens": {BTC: None},
            "url": "http://127.0.0.1:1",
            "identity": "0",
            "depth": 3,
        }
        with pytest.raises(ValueError, match="bitcoin"):
            EsploraChain(Node(**{**facts, **wrong}), SystemClock())


def test_a_node_never_shows_its_address_or_its_secrets() -> None:
    node = Node(
        network="bitcoin",
        tokens={BTC: None},
        url="http://127.0.0.1:1/KEY",
        identity="0",
        login="user:c4nary",
        headers={"Key": "c4nary"},
    )
    chain = EsploraChain(
        Node(network="bitcoin", tokens={BTC: None}, url=node.url, identity="0", depth=1), SystemClock()
    )

    with pytest.raises(RailUnavailable) as down:
        chain.check()

    assert "KEY" not in repr(node) + str(down.value)
    assert "c4nary" not in repr(node)


def test_a_check_tells_where_the_server_stands(stage: FakeEsplora) -> None:
    stage.mine(4)

    assert stage.chain().check().startswith("bitcoin: block 4, ")


def test_the_change_of_the_customers_own_payment_is_no_payment_to_them(stage: FakeEsplora) -> None:
    to = stage.address()
    txid = stage.pay((to, 5), source=to)
    stage.mine()

    finding = stage.chain().look(wanted(to), txid)

    assert finding.arrivals == ()
    assert "itself" in finding.words
    assert stage.chain().find(wanted(to)).arrivals == ()
