"""
Measure 8: refunds handed in per second through the API, against a bare FastAPI with one INSERT.

Both are processes that answer on loopback, each with a SQLite database in WAL mode that is synced at every commit.
One caller, and then several at once, hand in so many refunds to the one, then to the other, round by round.
"""

from __future__ import annotations

import http.client
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final

from deploy.sandbox.process import free_port
from tests.bench.api_list import installed
from tests.bench.figure import Figure, spread, times
from tests.console_process import PREFIX, ConsoleProcess, make_key

LEAST_RATIO: Final = 0.5
CALLERS: Final = (1, 4)
WARM_ROUNDS: Final = 2
ADDRESS: Final = "888tNkZrPN6JsEgekjMnABU4TBzc2Dt29EPAvkRxbANsAnjyPbb3iQ1YBRk1UXcdRsiKc9dhwMVgN5S9cQUiyoogDavup3H"
BARE: Final = Path(__file__).with_name("bare_api.py")
START_SECONDS: Final = 30


class Till:
    """Where refunds are handed in: an address, and what goes with every request."""

    def __init__(self, port: int, path: str, key: str | None) -> None:
        self._port, self._path, self._number = port, path, 0
        self._headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {key}"} if key else {})}
        self._keyed = key is not None

    def round(self, creates: int, callers: int) -> float:
        """Hand so many in, by so many at once; how many a second."""
        share = creates // callers
        firsts = [self._number + caller * share for caller in range(callers)]
        self._number += share * callers
        began = time.perf_counter()
        with ThreadPoolExecutor(callers) as pool:
            list(pool.map(lambda first: self._hand_in(range(first, first + share)), firsts))
        return share * callers / (time.perf_counter() - began)

    def _hand_in(self, numbers: range) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        for number in numbers:
            body = {"external_id": f"R-{number}", "usd": "25.00", "asset": "XMR", "destination": ADDRESS}
            headers = {**self._headers, **({"Idempotency-Key": f"key-{number}"} if self._keyed else {})}
            connection.request("POST", self._path, body=json.dumps(body), headers=headers)
            reply = connection.getresponse()
            said = reply.read()
            if reply.status != 201:
                raise RuntimeError(f"{self._path} answered {reply.status}: {said[:500]!r}")
        connection.close()


def measure(*, creates: int, rounds: int) -> list[Figure]:
    """A figure for one caller, and one for several at once: ours, and bare."""
    with _tills() as (ours, bare):
        return [_figure(ours, bare, callers, creates, rounds) for callers in CALLERS]


def _figure(ours: Till, bare: Till, callers: int, creates: int, rounds: int) -> Figure:
    found: tuple[list[float], list[float]] = ([], [])
    for turn in range(WARM_ROUNDS + rounds):
        for kept, till in zip(found, (ours, bare), strict=True):
            rate = till.round(creates, callers)
            if turn >= WARM_ROUNDS:
                kept.append(rate)
    ratio = statistics.median(found[0]) / statistics.median(found[1])
    return Figure(
        name=f"refunds handed in a second, {'one after the other' if callers == 1 else f'{callers} callers'}",
        ours=spread(found[0], ".0f"),
        other=f"{spread(found[1], '.0f')}, bare FastAPI + INSERT",
        ratio=times(ratio, 2),
        target=f">= {LEAST_RATIO} x",
        met=ratio >= LEAST_RATIO,
        note=f"median of {rounds} rounds of {creates} in turns, SQLite WAL, synchronous=FULL; ours with API key, "
        "Idempotency-Key, address check, audit chain",
    )


@contextmanager
def _tills() -> Iterator[tuple[Till, Till]]:
    with tempfile.TemporaryDirectory(prefix="bench-") as name, ExitStack() as ends:
        config = installed(Path(name) / "shop")
        console = ConsoleProcess(config)
        key = make_key(config, "bench", "refunds:write")
        ends.enter_context(console)
        port = free_port()
        command = [sys.executable, str(BARE), str(Path(name) / "bare.db"), str(port)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        ends.callback(process.wait)
        ends.callback(process.kill)
        _until(lambda: _answers(port))
        yield Till(console.port, f"{PREFIX}/refunds", key), Till(port, "/refunds", None)


def _answers(port: int) -> bool:
    with suppress(OSError):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", "/")
        connection.getresponse().read()
        connection.close()
        return True
    return False


def _until(so: Callable[[], bool]) -> None:
    ends = time.monotonic() + START_SECONDS
    while not so():
        if time.monotonic() > ends:
            raise RuntimeError("the bare API does not answer")
        time.sleep(0.05)
