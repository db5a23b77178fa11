"""
On a real node, with a real `payout run` and a real `payout pause`: a pause is in force from its commit on.

A person pauses while the daemon pays as fast as it is given work. What the figures were is printed.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from deploy.sandbox import Network
from tests.nodes.house import Installation, Owed, until
from tests.nodes.house.daemon import PAYOUT, DaemonProcess

pytestmark = pytest.mark.nodes


@pytest.fixture(scope="module")
def network(common_network: Network) -> Network:
    return common_network


@pytest.fixture
def daemon(house: Installation) -> Iterator[DaemonProcess]:
    running = house.daemon("worker")
    yield running
    running.end()


def pause(house: Installation, *words: str) -> tuple[datetime, float, dict[str, object]]:
    """A person's own process; when its pause was on record, how long the command took, and what it said."""
    began = time.monotonic()
    said = subprocess.run(
        [PAYOUT, "--config", house.config, "--as", "alice", "pause", "--json", *words],
        capture_output=True,
        text=True,
        check=True,
    )
    took = time.monotonic() - began
    body = json.loads(said.stdout)
    (kept,) = house.parts.store.pauses()
    return kept.at, took, body["still_going_out"]


def waits(house: Installation, owed: Owed) -> str:
    return house.refund(owed).waiting_for or ""


def seconds_late(house: Installation, at: datetime) -> float:
    """By how much the newest commit came after this moment."""
    return max((each.committed_at - at).total_seconds() for each in house.transfers())


def test_a_pause_stops_a_running_daemon_and_lists_what_still_goes_out(
    house: Installation, daemon: DaemonProcess, network: Network
) -> None:
    house.owe("10.00", "11.00")
    until(lambda: bool(house.transfers()), "the first commit")
    house.owe("12.00")

    at, took, left = pause(house, "hot", "--why", "an audit", "--for", "1h")
    there = {each.id for each in house.transfers()}
    late = house.owe("13.00")[0]
    until(lambda: "paused by alice until" in waits(house, late), "the daemon to see the pause")

    assert {each.id for each in house.transfers()} == there
    assert {each["tx_id"] for each in left["transfers"]} == there  # type: ignore[attr-defined]
    assert seconds_late(house, at) <= 2
    until(lambda: there <= network.daemon.pool() or not network.daemon.pool(), "what was committed to be broadcast")
    print(f"payout pause: newest commit {seconds_late(house, at):+.3f} s after it; the command took {took:.2f} s")

    house.must("resume", "hot")
    (house.state / "PAUSE").write_text("fire drill\n")
    put = datetime.now(UTC)
    until(lambda: "a pause file" in waits(house, late) or not waits(house, late), "the daemon to see the file")
    later = house.owe("14.00")[0]
    until(lambda: "a pause file" in waits(house, later), "the daemon to see the file")
    assert seconds_late(house, put) <= 2
    print(f"pause file: newest commit {seconds_late(house, put):+.3f} s after it")

    (house.state / "PAUSE").write_text(f"fire drill\nuntil: {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}\n")
    until(lambda: str(house.refund(later).status) == "PAYING", "the pause to end by itself")
