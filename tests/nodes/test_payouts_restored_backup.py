"""On a real node: an old backup of the database is restored, and nobody is paid twice."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from deploy.sandbox import Miner, Network, RateServer
from payout.refund import RefundStatus
from tests.nodes.house import Installation, restore, until
from tests.nodes.recipients import judge

pytestmark = pytest.mark.nodes


def back_up(house: Installation, copy: Path) -> None:
    with closing(sqlite3.connect(house.database_file)) as live, closing(sqlite3.connect(copy)) as kept:
        live.backup(kept)


def test_a_restored_backup_stops_the_wallet_until_it_is_repaired_and_nobody_is_paid_twice(
    fresh_network: Network, rate_server: RateServer, tmp_path: Path
) -> None:
    net = fresh_network
    house = Installation(net, rate_server, tmp_path / "house")
    with Miner(net.daemon.url, every=0.5):
        early = house.owe(*(["15.00"] * 4))
        daemon = house.daemon("before")
        try:
            until(lambda: house.count(RefundStatus.PAID) == 4, "the first refunds to be PAID")
            house.must("pause", "hot", "--why", "a backup is made")
            forgotten = house.owe(*(["16.00"] * 9))
            back_up(house, tmp_path / "backup.db")
            unknown = house.owe(*(["17.00"] * 9))
            house.must("resume", "hot")
            until(lambda: house.count(RefundStatus.PAID) == 22, "all refunds to be PAID")
            daemon.stop()
        finally:
            daemon.end()

        house.parts.close()
        restore(tmp_path / "backup.db", house.database_file)
        assert house.count(RefundStatus.PAID) == 4
        assert house.count(RefundStatus.APPROVED) == 9, "the backup believes that these are still to be paid"
        house.parts.desk.resume("hot", "alice")
        paid = len(net.customer.payments())
        daemon = house.daemon("restored")
        try:
            until(lambda: "was an old backup restored" in house.why_paused(), "the wallet to be paused")
            height = net.daemon.height()
            until(lambda: net.daemon.height() > height + 3, "blocks in which it might pay")
            daemon.stop()
            assert len(net.customer.payments()) == paid
            assert house.cli("reconcile").code != 0
            house.must("reconcile", "--repair")
            assert house.count(RefundStatus.APPROVED) == 0
            assert {house.refund(each).status for each in [*forgotten, *unknown]} == {RefundStatus.PAYING}
            house.must("resume", "hot")
            daemon = house.daemon("repaired")
            later = house.owe(*(["18.00"] * 3))
            until(lambda: house.count(RefundStatus.PAID) == 25, "all refunds to be PAID")
            daemon.stop()
        finally:
            daemon.end()
    verdict = judge(house, [*early, *forgotten, *unknown, *later])
    assert verdict.faults == {}
    assert verdict.right == 25
