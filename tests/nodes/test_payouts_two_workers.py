"""On a real node and PostgreSQL: two daemons want one wallet, and are killed and suspended in the middle of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from deploy.sandbox import LossyProxy, Miner, Network, RateServer
from tests.nodes.house import Installation
from tests.nodes.recipients import judge, told
from tests.nodes.storm import Storm

# Named here, since a test that asks for PostgreSQL alone may run beside the nodes.
pytestmark = [pytest.mark.nodes, pytest.mark.xdist_group("nodes")]

SEED = int(os.environ.get("PAYOUT_SEED", "1711"))
WAVE = 6


@pytest.mark.timeout(600)
def test_two_daemons_on_one_wallet_pay_each_refund_exactly_once(
    fresh_network: Network, rate_server: RateServer, postgres_url: str, tmp_path: Path
) -> None:
    net = fresh_network
    with (
        LossyProxy(net.hot.url, seed=SEED) as wallet,
        LossyProxy(net.daemon.url, login=False, seed=SEED) as node,
        Installation(
            net,
            rate_server,
            tmp_path / "house",
            database=postgres_url,
            rpc_url=wallet.url,
            daemon_url=node.url,
            confirmations=10,
        ) as house,
    ):
        storm = Storm(house, wallet, node, SEED, workers=2)
        try:
            with Miner(net.daemon.url, every=0.5):
                storm.lose_answers()
                for strike in storm.plan(two_workers=True):
                    storm.owe(WAVE)
                    strike()
                    storm.operator()
                storm.clear_up()
        finally:
            storm.end()
        net.mine(3)
        verdict = judge(house, storm.owed)
        print(told("two workers", SEED, verdict, storm.counts))
        assert verdict.faults == {}
        assert verdict.right == len(storm.owed)
        assert storm.counts["worker killed"] > 0
        assert storm.counts["suspended worker"] > 0
