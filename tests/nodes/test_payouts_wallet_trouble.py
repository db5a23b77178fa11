"""On a real node: a wallet that forgot, was restarted, is another one, was used by someone else, or does not answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.sandbox import XMR, Fault, LossyProxy, Network, RateServer
from payout.refund import RefundStatus
from tests.nodes.house import Installation, replenish, until
from tests.nodes.recipients import judge

pytestmark = pytest.mark.nodes

PROMISED_SECONDS = 10
FOREVER = 120.0


@pytest.fixture(scope="module")
def network(common_network: Network) -> Network:
    return common_network


def lose_the_cache(network: Network) -> None:
    """What is left after it are the keys."""
    network.hot.kill()
    cache = network.hot.folder / network.hot.filename
    assert cache.with_name(f"{cache.name}.keys").exists()
    cache.unlink()
    network.hot.start()


def test_a_wallet_that_lost_its_cache_is_healed_and_pays_nobody_twice(house: Installation, network: Network) -> None:
    before = network.daemon.height()
    with house.hands() as hands:
        mined = house.owe("50.00", "51.00")
        hands.pay()
        network.mine()
        pooled = house.owe("52.00", "53.00")
        hands.pay()
        assert len(network.daemon.pool()) == 1

        lose_the_cache(network)
        later = house.owe("54.00")
        hands.track()
        for _ in range(4):
            hands.pay()
        assert house.refund(later[0]).status is RefundStatus.PAYING
        assert len(network.daemon.pool()) == 2, "the new payment spends what the forgotten one spends"
        hands.settle(*mined, *pooled, *later)
    assert judge(house, [*mined, *pooled, *later], before=before).faults == {}
    assert house.why_paused() == ""


def test_a_wallet_told_of_a_payment_after_it_was_mined_is_mended(house: Installation, network: Network) -> None:
    before = network.daemon.height()
    with house.hands() as hands:
        first = house.owe("54.00")
        hands.pay()
        hands.settle(*first)
        transfer = house.parts.store.transfer(house.paid_by(first[0]))
        assert transfer is not None
        network.hot.call("relay_tx", hex=hands.wallet.sealer.unseal(transfer.sealed).metadata)
        assert told_twice(network, transfer.id)
        second = house.owe("55.00")
        hands.pay()
        assert not told_twice(network, transfer.id)
        hands.settle(*second)
    assert judge(house, [*first, *second], before=before).faults == {}


def told_twice(network: Network, txid: str) -> bool:
    """The wallet lists it as mined and as pending."""
    return len(network.hot.call("get_transfer_by_txid", txid=txid)["transfers"]) > 1


def test_a_restarted_wallet_rpc_without_an_open_wallet_is_opened(house: Installation, network: Network) -> None:
    before = network.daemon.height()
    network.hot.restart()
    owed = house.owe("55.00")
    with house.hands() as hands:
        hands.pay()
        assert house.refund(owed[0]).status is RefundStatus.PAYING
        hands.settle(*owed)
    assert judge(house, owed, before=before).faults == {}


def test_another_wallet_in_the_same_wallet_rpc_pauses_and_the_right_one_goes_on(
    house: Installation, network: Network
) -> None:
    before = network.daemon.height()
    with house.hands() as hands:
        hands.pay()
        owed = house.owe("56.00")
        network.hot.store()
        network.hot.call("create_wallet", filename="stranger", password="", language="English")
        hands.pay()
        assert "the open wallet is" in house.why_paused()
        assert house.transfers() == ()

        network.hot.open()
        hands.pay()
        assert house.transfers() == (), "it resumed by itself"
        house.must("resume", "hot")
        hands.pay()
        hands.settle(*owed)
    assert judge(house, owed, before=before).faults == {}


def test_a_spend_that_nobody_here_made_pauses_until_a_person_explains_it(house: Installation, network: Network) -> None:
    before = network.daemon.height()
    with house.hands() as hands:
        hands.pay()
    ours = house.transfers()  # With nothing to pay it may have split an output.
    mine = network.customer.new_addresses(1)[0]
    foreign = network.hot.send((mine, XMR))
    owed = house.owe("57.00")
    with house.hands("next") as hands:
        hands.pay()
        assert foreign in house.why_paused()
        assert house.transfers() == ours

        house.must("ledger", "classify", foreign, "--why", "the owner withdrew it")
        assert house.must("resume", "hot").code == 0
        hands.pay()
        hands.settle(*owed)
    verdict = judge(house, owed, before=before)
    assert verdict.faults == {"strangers": [mine]}


def test_each_proof_convinces_the_recipients_own_wallet(house: Installation, network: Network) -> None:
    addresses = [*network.customer.new_addresses(2), network.customer.new_accounts(1)[0]]
    owed = house.owe("58.00", "59.00", "60.00", to=addresses)
    single = house.owe("61.00", to=[network.customer.integrated("fedcba9876543210")])
    with house.hands() as hands:
        hands.pay()
        hands.settle(*owed, *single)
    for each in [*owed, *single]:
        refund = house.refund(each)
        (attempt,) = house.parts.store.attempts([refund.id])
        checked = network.customer.call(
            "check_tx_proof",
            txid=attempt.transfer_id,
            address=each.destination,
            message=refund.id,
            signature=attempt.proof,
        )
        assert checked["good"] is True
        assert checked["received"] == attempt.amount.units


@pytest.fixture
def proxy(network: Network) -> Iterator[LossyProxy]:
    with LossyProxy(network.hot.url) as running:
        yield running


@pytest.mark.parametrize("method", ["transfer", "relay_tx"])
def test_sigterm_ends_the_daemon_within_ten_seconds_while_the_wallet_is_busy(
    network: Network, rate_server: RateServer, proxy: LossyProxy, tmp_path: Path, method: str
) -> None:
    replenish(network)
    before = network.daemon.height()
    house = Installation(network, rate_server, tmp_path / "house", rpc_url=proxy.url)
    owed = house.owe("21.00", "22.00", "23.00")
    proxy.rule(Fault.LATE, method, times=1, seconds=FOREVER)
    first = house.daemon("first")
    try:
        until(lambda: proxy.counts[method, "late"] == 1, f"the {method} that hangs")
        seconds = first.stop()
    finally:
        first.end()
    print(f"stopped in {seconds:.1f} s during {method}")
    assert seconds < PROMISED_SECONDS
    second = house.daemon("second")
    try:
        until(lambda: house.count(RefundStatus.PAYING) == len(owed), "the next daemon to take it up")
        until(lambda: bool(network.daemon.pool()), "the payment to be broadcast")
        network.mine(3)
        until(lambda: house.count(RefundStatus.PAID) == len(owed), "all to be PAID")
        assert second.stop() < PROMISED_SECONDS, "an idle daemon"
    finally:
        second.end()
    assert judge(house, owed, before=before).faults == {}
