"""
Measure 7: orders through processors: how fast they are followed and made, and that they keep nobody waiting.

The processors' clients and protocols are the real ones, without their rate limits; the sandbox's processor answers in
this process, so its work is counted as ours. Wallet and chains are in memory, the database is SQLite.
"""

from __future__ import annotations

import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from deploy.sandbox.processor import ProcessorServer
from payout.asset import XMR
from payout.swaps.errands import ThreadErrands
from payout.swaps.polling import STEPS
from tests.bench.figure import Figure, spread, times
from tests.bench.swap_site import FIRST, OF_BEST, OF_FIRST, OF_SECOND, SECOND, Finishes, SwapSite
from tests.bench.ticks import BATCH, Site, milliseconds

LEAST_BESIDE_SLOW: Final = 0.8
MOST_BESIDE_HANGING: Final = 1.2
LEAST_AT_ONCE: Final = 2.0
SLOW_SECONDS: Final = 0.5
ANSWER_SECONDS: Final = 0.1
"""What a processor takes to answer, while orders are made."""

LOOK_SECONDS: Final = 60
HANG_ROUNDS: Final = 12
HANGING_CALLS: Final = 5
SINGLES: Final = 5


def measure(*, orders: int, others: int, rounds: int, batch: int) -> list[Figure]:
    """
    Figures of `orders` FUNDED ones, `others` beside them at a second processor, and a batch that is made at once.

    `rounds`: how often each is measured.
    """
    with _sites(orders, others) as (site, direct):
        return [
            _followed(site, direct, orders, rounds),
            _beside_slow(site, orders, others, rounds),
            _beside_hanging(site, rounds),
            _made_at_once(site, batch),
        ]


@contextmanager
def _sites(orders: int, others: int) -> Iterator[tuple[SwapSite, Site]]:
    """One site with orders in the hands of their processors, and one with as many refunds that are on their way."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name, ProcessorServer() as server:
        folders = [Path(name) / each for each in ("swaps", "direct")]
        for folder in folders:
            folder.mkdir()
        site, direct = SwapSite(folders[0], server), Site(folders[1], paid=2 * BATCH)
        try:
            site.fund(orders, OF_FIRST)
            site.fund(others, OF_SECOND)
            direct.take_rates()
            direct.queue(orders)
            direct.worker.pay()
            direct.chain.mine()
            direct.worker.track()
            yield site, direct
        finally:
            site.broker.close()
            site.store.close()
            direct.store.close()


# ---------------------------------------------------------------- followed


def _followed(site: SwapSite, direct: Site, orders: int, rounds: int) -> Figure:
    """A look at everything that is on its way, by either path in turns."""
    swapped, paid = [], []
    for _ in range(rounds + 1):
        paid.append(orders / milliseconds(direct.worker.track) * 1000)
        swapped.append(orders / _looked(site, orders))
    del swapped[0], paid[0]
    ours, other = statistics.median(swapped), statistics.median(paid)
    every = STEPS[0][1].seconds
    return Figure(
        name="orders followed a second",
        ours=spread(swapped, ".0f"),
        other=f"{spread(paid, '.0f')} direct refunds",
        ratio=times(ours / other, 3),
        target=f">= {orders / every:.1f}",
        met=ours >= orders / every,
        note=f"{orders} FUNDED orders, each asked after over HTTP; as many direct refunds, {BATCH} a transfer. The "
        f"polling plan looks at each order every {every} s at first",
    )


def _beside_slow(site: SwapSite, orders: int, others: int, rounds: int) -> Figure:
    """The same looks, while a second processor takes its time."""
    slow, quick = [], []
    for _ in range(rounds):
        quick.append(orders / _looked(site, orders))
        with site.fault("slow", processor=SECOND, seconds=SLOW_SECONDS):
            slow.append(orders / _looked(site, orders))
    ratio = statistics.median(slow) / statistics.median(quick)
    return Figure(
        name="orders followed a second beside a slow processor",
        ours=spread(slow, ".0f"),
        other=f"{spread(quick, '.0f')}, both quick",
        ratio=times(ratio, 2),
        target=f">= {LEAST_BESIDE_SLOW} x",
        met=ratio >= LEAST_BESIDE_SLOW,
        note=f"{others} orders at another processor, which takes {SLOW_SECONDS} s for each answer",
    )


def _looked(site: SwapSite, orders: int) -> float:
    """Seconds until the first processor's orders were all looked at by a process that has just started."""
    errands = Finishes()
    follower = site.new_follower(errands)
    began = time.perf_counter()
    follower.tick()
    if not errands.wait(LOOK_SECONDS):
        raise RuntimeError(f"the looks are not done after {LOOK_SECONDS} s: nothing was measured")
    count, ended = errands.done[FIRST]
    if count != orders:
        raise RuntimeError(f"{count} of {orders} orders were looked at: nothing was measured")
    return ended - began


# ---------------------------------------------------------------- beside the paying tick


def _beside_hanging(site: SwapSite, rounds: int) -> Figure:
    """Direct refunds are paid while every call to every processor hangs, and while nothing is asked, in turns."""
    hanging, quiet = [], []
    for _ in range(max(1, rounds - 1)):
        quiet += [_paid(site) for _ in range(HANG_ROUNDS)]
        with _hung(site) as hangs:
            for _ in range(HANG_ROUNDS):
                took = _paid(site)
                if hangs():
                    hanging.append(took)
    if not hanging:
        raise RuntimeError("no payment was made while a processor hung: nothing was measured")
    ratio = statistics.median(hanging) / statistics.median(quiet)
    return Figure(
        name=f"pay tick, {BATCH} refunds, processors hanging",
        ours=f"{spread(hanging, '.1f')} ms",
        other=f"{spread(quiet, '.1f')} ms, nothing asked",
        ratio=times(ratio, 2),
        target=f"<= {MOST_BESIDE_HANGING} x",
        met=ratio <= MOST_BESIDE_HANGING,
        note=f"median of {len(hanging)}, while looks at orders and lists of coins wait for both processors",
    )


def _paid(site: SwapSite) -> float:
    """Milliseconds of a pay tick that pays a full batch; then that is followed to its end."""
    site.take_rates()
    site.queue(BATCH)
    took = milliseconds(site.worker.pay)
    if site.store.payable(XMR.key, 1):
        raise RuntimeError("refunds were not paid: nothing was measured")
    for blocks in (1, 10):
        site.chain.mine(blocks)
        site.worker.track()
    return took


@contextmanager
def _hung(site: SwapSite) -> Iterator[Callable[[], bool]]:
    """A follower and a broker that have just started, and get no answers. Gives whether that is still so."""
    errands, broker = ThreadErrands(), site.new_broker()
    follower, asking = site.new_follower(errands), threading.Thread(target=broker.tick)
    asked = site.server.requests.total()
    with site.fault("hang"):
        follower.tick()
        asking.start()
        ends = time.monotonic() + LOOK_SECONDS
        while site.server.requests.total() < asked + HANGING_CALLS and time.monotonic() < ends:
            time.sleep(0.01)
        yield asking.is_alive
    asking.join()
    errands.wait(LOOK_SECONDS)
    broker.close()


# ---------------------------------------------------------------- made


def _made_at_once(site: SwapSite, batch: int) -> Figure:
    """So many orders for refunds that wait together, against one refund after the other."""
    _make(site, 1)  # The lists of coins are read, once.
    with site.fault("slow", seconds=ANSWER_SECONDS):
        alone = [_make(site, 1) for _ in range(SINGLES)]
        together = _make(site, batch)
    ratio = batch * statistics.median(alone) / together
    return Figure(
        name=f"{batch} orders quoted and made",
        ours=f"{together:.1f} s",
        other=f"{batch * statistics.median(alone):.1f} s, one after the other",
        ratio=times(ratio),
        target=f">= {LEAST_AT_ONCE:.0f} x",
        met=ratio >= LEAST_AT_ONCE,
        note=f"two processors that answer after {ANSWER_SECONDS} s, {site.rules.lanes} calls to each at a time; "
        f"best offer of both, {site.rules.orders_per_tick} orders a tick",
    )


def _make(site: SwapSite, count: int) -> float:
    """Seconds of the broker's ticks until each refund has its order; then they are funded."""
    site.ask_for(count, OF_BEST)
    took = 0.0
    while site.waiting() < count and took < LOOK_SECONDS:
        took += milliseconds(site.broker.tick) / 1000
    if site.waiting() < count:
        raise RuntimeError(f"{site.waiting()} of {count} orders were made: nothing was measured")
    while site.waiting():
        site.worker.pay()
        site.chain.mine(11)
        site.worker.track()
        site.broker.tick()
    return took
