"""Proofs of payment, checked by a real throw-away wallet against a real node."""

from __future__ import annotations

import subprocess

import pytest

from adapters.proof_checker import check_proof
from deploy.sandbox import quick_keys
from deploy.sandbox.network import Network
from payout.asset import XMR
from payout.money import Money
from tests.nodes.house import replenish

pytestmark = pytest.mark.nodes
TENTH = 10**11


@pytest.fixture(scope="module")
def network(common_network: Network) -> Network:
    return common_network


def test_a_true_proof_is_good_a_false_one_is_not_and_nothing_is_left_behind(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in quick_keys.environment().items():  # The checker's own wallets get it too.
        monkeypatch.setenv(name, value)
    replenish(network)
    address, other = network.customer.new_addresses(2)
    txid = network.hot.send((address, TENTH))
    signature = network.hot.call("get_tx_proof", txid=txid, address=address, message="rf_1")["signature"]
    given = {
        "daemon_url": network.daemon.url,
        "daemon_login": None,
        "network": "mainnet",
        "txid": txid,
        "address": address,
        "message": "rf_1",
        "signature": signature,
    }

    good = check_proof(**given)
    assert good.good
    assert good.received(XMR) == Money(TENTH, XMR)
    assert good.in_pool

    false = check_proof(**{**given, "message": "rf_2", "address": other})
    assert not false.good
    assert false.why
    left = subprocess.run(["pgrep", "-f", "payout-proof-"], capture_output=True, text=True, check=False)
    assert left.stdout == ""
