"""
Measures 2 and 4: what the wallet's process spends on a refund, and what we spend beside it.

Both sides pay the same refunds from the same snapshot, in turns. Ours is the whole worker: checks, guards, commits,
journal, proofs; the other is a bare loop of 15 destinations a transfer, held back and then relayed.
"""

from __future__ import annotations

import secrets
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from deploy.sandbox import Network, RateServer
from payout.refund import RefundStatus
from tests.bench import naive
from tests.bench.chain import started
from tests.bench.figure import Figure, spread, times
from tests.bench.ours import ASSETS, Ours
from tests.bench.window import AMOUNT, BATCH

MOST_CPU_RATIO: Final = 1.1
MOST_OWN_MS: Final = 3.0
CONFIRMATIONS: Final = 10
OUTPUTS: Final = 16

Addresses = Callable[[Network, int], list[str]]
"""So many different addresses to pay to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """One run of ours, until every refund is PAID."""

    wallet_cpu: float
    """Of wallet-rpc, a refund, until all was broadcast and proved."""
    proof_cpu: float
    """What of it went into the proofs."""
    own_ms: float
    """Wall time of ours outside wallet and daemon, a refund, from APPROVED to PAID."""
    own_cpu_ms: float
    """The same in CPU time, which a busy machine does not stretch."""
    rpc_cpu_ms: float
    """Our CPU inside calls to wallet and daemon: HTTP, digest login, JSON."""
    commits: float
    """Synced writes a transfer."""


def measure(rounds: int, refunds: int, kinds: Sequence[str] = ("primary addresses", "subaddresses")) -> list[Figure]:
    """
    Wallet CPU for either kind of address, own time and commits, as medians of so many rounds.

    Subaddresses cost more on both sides: a transfer to several of them has a key for each output.
    """
    figures: list[Figure] = []
    every: list[Ran] = []
    for kind in kinds:
        ours, bare = _take_turns(rounds, refunds, KINDS[kind])
        figures.append(_cpu(kind, ours, bare))
        every += ours
    return [*figures, _own(every), _commits(every)]


def _take_turns(rounds: int, refunds: int, addresses: Addresses) -> tuple[list[Ran], list[float]]:
    """Both sides on one wallet, in turns, the order changing with each round; every output is unlocked before it."""
    with started(OUTPUTS) as network, RateServer() as rates:
        ours = Ours(network, rates, network.root / "ours", outputs=OUTPUTS)
        # The first refund bears what a daemon does once: guards, and statements that are compiled.
        _ours(network, ours, addresses(network, 1))
        ran, bare = [], []
        for turn in range(rounds):
            to_us, to_them = addresses(network, refunds), addresses(network, refunds)
            if turn % 2:
                ran.append(_ours(network, ours, to_us))
            bare.append(_bare(network, to_them))
            if not turn % 2:
                ran.append(_ours(network, ours, to_us))
        return ran, bare


def _primary(_network: Network, number: int) -> list[str]:
    """Of wallets that nobody has: who is paid makes no difference to who pays."""
    from monero.seed import Seed

    return [str(Seed(secrets.token_hex(32)).public_address()) for _ in range(number)]


def _subaddresses(network: Network, number: int) -> list[str]:
    return network.customer.new_addresses(number)


KINDS: Final[dict[str, Addresses]] = {"primary addresses": _primary, "subaddresses": _subaddresses}


def _cpu(kind: str, ours: Sequence[Ran], bare: Sequence[float]) -> Figure:
    cpu = [1000 * ran.wallet_cpu for ran in ours]
    other = [1000 * seconds for seconds in bare]
    proof = 1000 * statistics.median(ran.proof_cpu for ran in ours)
    ratio = statistics.median(cpu) / statistics.median(other)
    return Figure(
        name=f"wallet-rpc CPU a refund, {kind}",
        ours=f"{spread(cpu, '.1f')} ms",
        other=f"{spread(other, '.1f')} ms, bare loop",
        ratio=times(ratio, 2),
        target=f"<= {MOST_CPU_RATIO} x",
        met=ratio <= MOST_CPU_RATIO,
        note=f"median of {len(cpu)}, in turns on one wallet; {proof:.1f} ms of ours is the proof",
    )


def _own(ours: Sequence[Ran]) -> Figure:
    own = [ran.own_ms for ran in ours]
    cpu = statistics.median(ran.own_cpu_ms for ran in ours)
    rpc = statistics.median(ran.rpc_cpu_ms for ran in ours)
    return Figure(
        name="our own time a refund",
        ours=f"{spread(own, '.2f')} ms",
        other="SQLite, synchronous=FULL",
        target=f"<= {MOST_OWN_MS:.0f} ms",
        met=statistics.median(own) <= MOST_OWN_MS,
        note="wall time outside calls to wallet and daemon, from APPROVED to PAID; "
        f"in CPU time {cpu:.2f} ms, and {rpc:.2f} ms more for HTTP, login and JSON",
    )


def _commits(ours: Sequence[Ran]) -> Figure:
    writes = statistics.median(ran.commits for ran in ours)
    return Figure(
        name="synced writes a transfer of 15",
        ours=f"{writes:.1f}",
        other="of the database and the spend journal",
        note="from APPROVED to PAID, the lease and the ticks' own writes included",
    )


def _bare(network: Network, destinations: Sequence[str]) -> float:
    """CPU seconds of wallet-rpc for each refund."""
    before = network.hot.cpu_seconds()
    naive.pay_in_batches(network, [(address, AMOUNT) for address in destinations])
    used = network.hot.cpu_seconds() - before
    _unlock_all(network)
    return used / len(destinations)


def _ours(network: Network, ours: Ours, destinations: Sequence[str]) -> Ran:
    ours.queue(destinations)
    ours.house.poller.tick(ASSETS)
    before = _Reading.take(network, ours)
    ours.worker.pay()
    paid = _Reading.take(network, ours)
    for blocks in (1, CONFIRMATIONS):
        network.mine(blocks)
        ours.track()
    after = _Reading.take(network, ours)
    left = ours.counts()
    if left.get(RefundStatus.APPROVED) or left.get(RefundStatus.PAYING):
        raise RuntimeError(f"refunds are not yet PAID ({left}): nothing was measured")
    _unlock_all(network)
    each = len(destinations)
    return Ran(
        wallet_cpu=(paid.wallet - before.wallet) / each,
        proof_cpu=(after.proofs - before.proofs) / each,
        own_ms=1000 * (after.own - before.own) / each,
        own_cpu_ms=1000 * (after.own_cpu - before.own_cpu) / each,
        rpc_cpu_ms=1000 * (after.rpc_cpu - before.rpc_cpu) / each,
        commits=(after.commits - before.commits) * BATCH / each,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """All meters at one moment. Seconds, save for `commits`."""

    wallet: float
    proofs: float
    own: float
    own_cpu: float
    rpc_cpu: float
    commits: int

    @classmethod
    def take(cls, network: Network, ours: Ours) -> _Reading:
        return cls(
            wallet=network.hot.cpu_seconds(),
            proofs=ours.coin.rose,
            own=ours.worker.seconds - ours.coin.seconds,
            own_cpu=ours.worker.cpu_seconds - ours.coin.cpu_seconds,
            rpc_cpu=ours.coin.cpu_seconds,
            commits=ours.commits(),
        )


def _unlock_all(network: Network) -> None:
    """So that whoever comes next has all outputs, and no blocks to catch up with."""
    network.mine(CONFIRMATIONS + 1)
    network.hot.refresh()
