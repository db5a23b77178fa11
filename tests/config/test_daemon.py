"""The daemon as a process: it starts, tells, stops in time, and ticks once when asked."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.sandbox.rate_server import RateServer
from payout.change import Change
from payout.refund import RefundStatus
from tests.config.line import Line
from tests.factories import NOW, make_refund

ROOT = Path(__file__).parent.parent.parent
PATIENCE_SECONDS = 200


@contextmanager
def running(line: Line, *words: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "config.main", "run", "--config", str(line.file), *words],
        cwd=ROOT,
        env={**os.environ},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_for(process: subprocess.Popen[str], words: str) -> str:
    """Read its log up to a line that holds these words."""
    assert process.stderr is not None
    read = []
    for text in process.stderr:
        read.append(text)
        if words in text:
            return "".join(read)
    raise AssertionError(f"the daemon never said {words!r}: {''.join(read)}")


@contextmanager
def silent_server() -> Iterator[str]:
    """Something that takes connections and never answers, as a wallet does in a long prepare."""
    listening = socket.create_server(("127.0.0.1", 0))
    held: list[socket.socket] = []

    def hold() -> None:
        while True:
            try:
                held.append(listening.accept()[0])
            except OSError:
                return

    thread = threading.Thread(target=hold, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()
        for each in held:
            each.close()


def without_rates(line: Line) -> None:
    line.extend('[rates]\nsources = ["kraken", "bitfinex"]\n')
    for name in ("kraken", "bitfinex"):
        line.extend(f'[rates.{name}]\nurl = "http://127.0.0.1:9"\n')


def test_the_daemon_survives_a_wallet_out_of_reach_and_stops_on_sigterm(line: Line) -> None:
    without_rates(line)
    with running(line) as process:
        log = wait_for(process, "wallet.state")
        process.send_signal(signal.SIGTERM)
        rest = process.communicate(timeout=PATIENCE_SECONDS)[1]

    assert process.returncode == 0
    assert "daemon.started" in log
    assert "out of reach" in log
    assert "daemon.stopped" in rest
    with line.store() as store:
        assert store.lease_holder("hot") is None


def test_a_tick_that_hangs_is_abandoned_on_sigint(line: Line) -> None:
    without_rates(line)
    with silent_server() as url:
        line.file.write_text(line.file.read_text().replace("http://127.0.0.1:9", url, 2))
        with running(line) as process:
            wait_for(process, "daemon.started")
            while not _has_lease(line):
                time.sleep(0.05)
            process.send_signal(signal.SIGINT)
            rest = process.communicate(timeout=PATIENCE_SECONDS)[1]

    assert process.returncode == 0
    assert "daemon.stopped" in rest


def _has_lease(line: Line) -> bool:
    with line.store() as store:
        return store.lease_holder("hot") is not None


def test_once_does_every_tick_and_exits(line: Line, rate_server: RateServer) -> None:
    line.extend('[rates]\nsources = ["kraken", "bitfinex"]\n')
    for name in ("kraken", "bitfinex"):
        line.extend(f'[rates.{name}]\nurl = "{rate_server.base_url(name)}"\n')
    stale = make_refund("E-1", status=RefundStatus.APPROVED, approved_at=NOW, approved_until=NOW.replace(year=2020))
    with line.store() as store:
        store.commit(Change(refunds=(stale,)))

    with running(line, "--once", "--log-form", "json") as process:
        log = process.communicate(timeout=PATIENCE_SECONDS)[1]

    assert process.returncode == 0
    assert rate_server.requests["kraken"] >= 1
    assert line.status_of() == "REQUESTED"
    assert '"event": "approval.expired"' in log
    assert '"event": "wallet.state"' in log


def test_a_daemon_without_a_wallet_does_not_start(line: Line) -> None:
    line.file.write_text('[instance]\nid = "test"\n')

    said = line("run", "--once")

    assert said.code == 2
    assert "no wallet is configured" in said.err


def test_a_daemon_without_its_keys_does_not_start(line: Line) -> None:
    (line.folder / "var" / "seal.key").unlink()

    said = line("run")

    assert said.code == 2
    assert "seal.key does not exist" in said.err
