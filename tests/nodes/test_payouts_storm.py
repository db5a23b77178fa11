"""On a real node: a hundred refunds through every fault at once, and each recipient's own wallet is read at the end."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from deploy.sandbox import LossyProxy, Miner, Network, RateServer
from tests.nodes.house import Installation
from tests.nodes.recipients import judge, told
from tests.nodes.storm import Storm

pytestmark = pytest.mark.nodes

SEED = int(os.environ.get("PAYOUT_SEED", "2611"))
REFUNDS = 105
STRUCK = (
    *("worker killed", "wallet-rpc killed", "monerod killed", "answers swallowed", "transactions flushed"),
    *("reorgs of 1", "reorgs of 2", "reorgs of 11", "reorgs of 11 that dropped all"),
)


@pytest.mark.timeout(600)
def test_a_hundred_refunds_are_each_paid_exactly_once_through_a_storm_of_faults(
    fresh_network: Network, rate_server: RateServer, tmp_path: Path
) -> None:
    net = fresh_network
    with LossyProxy(net.hot.url, seed=SEED) as wallet, LossyProxy(net.daemon.url, login=False, seed=SEED) as node:
        house = Installation(net, rate_server, tmp_path / "house", rpc_url=wallet.url, daemon_url=node.url)
        storm = Storm(house, wallet, node, SEED, workers=1)
        try:
            with Miner(net.daemon.url, every=1.5):
                storm.owe(15)
                storm.lose_answers()
                plan = storm.plan(two_workers=False)
                waves = [(REFUNDS - 15) // len(plan)] * len(plan)
                waves[0] += REFUNDS - 15 - sum(waves)
                for strike, refunds in zip(plan, waves, strict=True):
                    storm.keep_pace()
                    storm.owe(refunds)
                    storm.rest(0.2, 1.0)
                    strike()
                    storm.operator()
                storm.clear_up()
        finally:
            storm.end()
        net.mine(3)
        verdict = judge(house, storm.owed)
        print(told("storm", SEED, verdict, storm.counts))
        assert verdict.faults == {}
        assert verdict.right == len(storm.owed) > REFUNDS
        assert house.must("reconcile").code == 0
        for fault in STRUCK:
            assert storm.counts[fault] > 0, f"the storm never struck with: {fault}"
        assert wallet.counts["relay_tx", "swallow"] > 0, "no answer to a broadcast was lost"
