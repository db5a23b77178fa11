"""On a real node: a daemon told to stop is gone in time, whatever it was doing, and the next one finishes the work."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.sandbox import Fault, LossyProxy, Network, RateServer
from payout.refund import RefundStatus
from tests.nodes.house import Installation, replenish, until
from tests.nodes.recipients import judge

pytestmark = pytest.mark.nodes

PROMISED_SECONDS = 10
FOREVER = 120.0


@pytest.fixture
def proxy(network: Network) -> Iterator[LossyProxy]:
    with LossyProxy(network.hot.url) as running:
        yield running


@pytest.mark.parametrize("method", ["transfer", "relay_tx", "refresh"])
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
