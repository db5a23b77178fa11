"""The sandbox is real: what it mines, pays, forgets and reorganises is what monerod says."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.sandbox import XMR, Fault, LossyProxy, Network, RpcError
from deploy.sandbox.process import SandboxError
from deploy.sandbox.rpc import JsonRpc

pytestmark = pytest.mark.nodes


def spendable(network: Network) -> list[int]:
    return [entry["amount"] for entry in network.hot.outputs() if entry["unlocked"]]


def test_a_fresh_network_has_sixteen_spendable_outputs_of_ten_xmr(network: Network) -> None:
    assert spendable(network) == [10 * XMR] * 16
    assert network.hot.unlocked() == 160 * XMR
    assert network.customer.received() == {}


def test_funding_adds_exactly_that_many_spendable_outputs(network: Network) -> None:
    before = network.hot.unlocked()
    network.fund(3 * XMR, outputs=2)
    assert network.hot.unlocked() == before + 6 * XMR


def test_the_customer_reads_every_payment_to_the_piconero(network: Network) -> None:
    first, second = network.customer.new_addresses(2)
    account = network.customer.new_accounts(1)[0]
    integrated = network.customer.integrated("0123456789abcdef")
    owed = {first: 123456789, second: 1, account: XMR + 7}
    network.hot.send(*owed.items())
    network.hot.send((integrated, 42))
    owed[integrated] = 42

    assert network.customer.received(confirmed=True) == {}
    assert network.customer.received(confirmed=False) == owed
    network.mine()
    assert network.customer.received() == owed


def test_a_second_payment_to_an_address_is_seen(network: Network) -> None:
    address = network.customer.new_addresses(1)[0]
    network.hot.send((address, 5))
    network.hot.send((address, 5))
    network.mine()
    assert network.customer.received_at(address) == 10
    assert len([p for p in network.customer.payments() if p["address"] == address]) == 2


def test_a_reorg_puts_a_payment_back_into_the_pool_and_another_block(network: Network) -> None:
    txid = network.hot.send((network.customer.address(), XMR))
    height = network.mine()
    was = network.daemon.block_hash(height - 1)
    assert network.daemon.pop_blocks(1) == height - 1
    assert network.daemon.pool() == {txid}
    network.mine(2)
    assert network.daemon.block_hash(height - 1) != was
    entry = network.daemon.transaction(txid)
    assert entry is not None
    assert not entry["in_pool"]


def test_a_dropping_reorg_makes_a_payment_vanish_and_frees_its_inputs(network: Network) -> None:
    address = network.customer.new_addresses(1)[0]
    prepared = network.hot.call("transfer", destinations=[{"address": address, "amount": XMR}], get_tx_hex=True)
    images = prepared["spent_key_images"]["key_images"]
    network.mine()
    assert network.daemon.images_spent(images) == [1] * len(images)
    network.reorg(1, drop=True)
    assert network.daemon.transaction(prepared["tx_hash"]) is None
    assert network.daemon.images_spent(images) == [0] * len(images)
    assert network.customer.received_at(address) == 0

    assert network.daemon.send_raw(prepared["tx_blob"])["status"] == "OK"
    assert network.daemon.images_spent(images) == [2] * len(images)
    network.daemon.flush_pool()
    assert network.daemon.pool() == set()


def test_a_killed_wallet_forgets_what_it_did_not_store_and_must_be_opened(network: Network) -> None:
    network.hot.refresh()
    network.hot.store()
    port = network.hot.port
    forgotten = network.hot.new_addresses(1)[0]
    network.hot.kill()
    assert not network.hot.alive()
    network.hot.start()
    assert network.hot.port == port
    with pytest.raises(RpcError) as refusal:
        network.hot.address()
    assert refusal.value.code == -13
    network.hot.open()
    assert network.hot.new_addresses(1) == [forgotten]


def test_a_killed_daemon_comes_back_on_its_port_with_chain_and_pool(network: Network) -> None:
    network.hot.refresh()
    txid = network.hot.send((network.customer.address(), 9))
    height = network.daemon.height()
    network.daemon.kill()
    with pytest.raises(OSError, match="refused"):
        network.daemon.height()
    network.daemon.start()
    assert network.daemon.height() == height
    assert network.daemon.pool() == {txid}
    network.mine()
    network.hot.refresh()


def test_an_answer_lost_on_the_way_does_not_undo_the_payment(network: Network) -> None:
    address = network.customer.new_addresses(1)[0]
    with LossyProxy(network.hot.url) as proxy:
        proxy.rule(Fault.SWALLOW, "transfer", times=1)
        wallet = JsonRpc(proxy.url, network.hot.login)
        with pytest.raises(OSError, match="aborted"):
            wallet.call("transfer", destinations=[{"address": address, "amount": 77}])
        assert proxy.counts["transfer", "swallow"] == 1
        assert wallet.call("get_version")["version"] > 0
    network.mine()
    assert network.customer.received_at(address) == 77


def test_a_call_dropped_before_the_wallet_pays_nothing(network: Network) -> None:
    address = network.customer.new_addresses(1)[0]
    with LossyProxy(network.hot.url) as proxy:
        proxy.rule(Fault.DROP, "transfer")
        wallet = JsonRpc(proxy.url, network.hot.login)
        with pytest.raises(OSError, match="aborted"):
            wallet.call("transfer", destinations=[{"address": address, "amount": 77}])
    network.mine()
    assert network.customer.received_at(address) == 0


def test_a_network_can_be_taken_up_and_stopped_by_its_folder(tmp_path: Path) -> None:
    started = Network.start(tmp_path / "sandbox", outputs=16)
    try:
        with pytest.raises(SandboxError, match="runs in"):
            Network.start(tmp_path / "sandbox")
        attached = Network.attach(tmp_path / "sandbox")
        assert attached.daemon.pid == started.daemon.pid
        assert attached.hot.unlocked() == 160 * XMR
        attached.snapshot(tmp_path / "copy.tar.gz")
        attached.stop()
        assert not started.running()
        with pytest.raises(SandboxError, match="no sandbox runs"):
            Network.attach(tmp_path / "sandbox")
    finally:
        started.stop()
    with Network.start(tmp_path / "other", snapshot_file=tmp_path / "copy.tar.gz") as copy:
        assert copy.hot.unlocked() == 160 * XMR
