"""
Measures 2 and 4: what the wallet's process spends on a refund, and what we spend beside it.

Both sides pay full transfers from the same wallet, in turns. Ours is the whole worker: checks, guards, commits,
journal, proofs; the other is a bare loop of 15 destinations a transfer, held back and then relayed.
"""

from __future__ import annotations

import secrets
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Final

from deploy.sandbox import Network, RateServer
from tests.bench import naive
from tests.bench.chain import started
from tests.bench.figure import Figure, spread, times
from tests.bench.ours import ASSETS, Ours
from tests.bench.window import AMOUNT, BATCH

MOST_CPU_RATIO: Final = 1.1
MOST_OWN_MS: Final = 3.0
CONFIRMATIONS: Final = 10
OUTPUTS: Final = 16
TARGET: Final = 4
"""Of ours: so low that the turns of the other side never make outputs scarce."""

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


def measure(rounds: int, kinds: Sequence[str] = ("primary addresses", "subaddresses")) -> list[Figure]:
    """
    Wallet CPU for either kind of address, own time and commits, as medians of so many rounds.

    Subaddresses cost more on both sides: a transfer to several of them has a key for each output.
    """
    figures: list[Figure] = []
    every: list[Ran] = []
    for kind in kinds:
        ours, bare = _take_turns(rounds, KINDS[kind])
        figures.append(_cpu(kind, ours, bare))
        every += ours
    return [*figures, _own(every), _commits(every)]


def _take_turns(rounds: int, addresses: Addresses) -> tuple[list[Ran], list[float]]:
    """Both sides on one wallet, a full transfer each in turns, the order changing; no block comes in between."""
    with started(OUTPUTS) as network, RateServer() as rates:
        ours = Ours(network, rates, network.root / "ours", outputs=TARGET)
        # What a daemon does once, guards and the compiling of statements, is done before the first turn.
        _pay(network, ours, addresses(network, 1))
        _follow(network, ours, 1)
        bare, paid = [], []
        for turn in range(rounds):
            to_us, to_them = addresses(network, BATCH), addresses(network, BATCH)
            if turn % 2:
                paid.append(_pay(network, ours, to_us))
            bare.append(_bare(network, to_them))
            if not turn % 2:
                paid.append(_pay(network, ours, to_us))
        followed = _follow(network, ours, rounds)
        return [_ran(spent + followed) for spent in paid], bare


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
    return (network.hot.cpu_seconds() - before) / len(destinations)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spent:
    """What all meters rose by. Seconds, save for `commits`."""

    wallet: float = 0.0
    proofs: float = 0.0
    own: float = 0.0
    own_cpu: float = 0.0
    rpc_cpu: float = 0.0
    commits: float = 0.0

    def __add__(self, other: _Spent) -> _Spent:
        return _Spent(**{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)})

    def shared(self, by: int) -> _Spent:
        return _Spent(**{f.name: getattr(self, f.name) / by for f in fields(self)})


def _pay(network: Network, ours: Ours, destinations: Sequence[str]) -> _Spent:
    """One pay tick of ours that sends one transfer."""
    ours.queue(destinations)
    ours.house.poller.tick(ASSETS)
    return _spent(network, ours, ours.worker.pay)


def _follow(network: Network, ours: Ours, transfers: int) -> _Spent:
    """Ours until all is PAID, for each transfer. The wallet's part is left out: a bare loop follows nothing."""
    spent = _Spent()
    for blocks in (1, CONFIRMATIONS):
        network.mine(blocks)
        spent += _spent(network, ours, ours.worker.track)
    unpaid = ours.unpaid()
    if unpaid:
        raise RuntimeError(f"{len(unpaid)} refunds are not yet PAID ({unpaid[0]}): nothing was measured")
    return replace(spent.shared(transfers), wallet=0.0, proofs=0.0)


def _spent(network: Network, ours: Ours, tick: Callable[[], None]) -> _Spent:
    coin, worker = ours.coin, ours.worker
    before = _Spent(
        wallet=-network.hot.cpu_seconds(),
        proofs=-coin.rose,
        own=coin.seconds - worker.seconds,
        own_cpu=coin.cpu_seconds - worker.cpu_seconds,
        rpc_cpu=-coin.cpu_seconds,
        commits=-ours.commits(),
    )
    tick()
    return before + _Spent(
        wallet=network.hot.cpu_seconds(),
        proofs=coin.rose,
        own=worker.seconds - coin.seconds,
        own_cpu=worker.cpu_seconds - coin.cpu_seconds,
        rpc_cpu=coin.cpu_seconds,
        commits=ours.commits(),
    )


def _ran(spent: _Spent) -> Ran:
    each = spent.shared(BATCH)
    return Ran(
        wallet_cpu=each.wallet,
        proof_cpu=each.proofs,
        own_ms=1000 * each.own,
        own_cpu_ms=1000 * each.own_cpu,
        rpc_cpu_ms=1000 * each.rpc_cpu,
        commits=spent.commits,
    )
