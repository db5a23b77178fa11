"""
Measures 1 and 3: refunds paid while an output is locked, and the fee of each, against one refund a transfer.

An output is locked for ten blocks after it was made. Both sides begin with the same chain and wallet, pay whatever
they can before each of the next ten blocks, and what these blocks hold is counted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from deploy.sandbox import XMR, Network, RateServer
from tests.bench import chain, naive
from tests.bench.chain import started
from tests.bench.figure import Figure, times
from tests.bench.ours import OWED_USD, Ours

WINDOW_BLOCKS: Final = 10
BATCH: Final = 15
PRICE_USD: Final = 150
AMOUNT: Final = int(float(OWED_USD)) * XMR // PRICE_USD
LEAST_RATIO: Final = 14.0
SPARE: Final = 30
"""Refunds queued beyond what the window can pay, so that the queue never ends first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """What one side got into the window's blocks."""

    refunds: int
    transactions: int
    inputs: int
    fee: int

    @property
    def fee_each(self) -> float:
        """Piconero a refund."""
        return self.fee / self.refunds

    @property
    def inputs_each(self) -> float:
        return self.inputs / self.transactions


def measure(outputs: Sequence[int], refunds: int | None = None) -> list[Figure]:
    """A figure for each number of unlocked outputs, and one for the fee. `refunds` cuts the queue short."""
    figures = []
    for number in outputs:
        queued = refunds or BATCH * number + SPARE
        ours, other = _ours(number, queued), _naive(number, queued)
        figures += [_throughput(number, ours, other), _fee(number, ours, other)]
    return sorted(figures, key=lambda figure: figure.name, reverse=True)


def _throughput(outputs: int, ours: Paid, other: Paid) -> Figure:
    ratio = ours.refunds / other.refunds
    return Figure(
        name=f"refunds in 10 blocks, {outputs} outputs",
        ours=f"{ours.refunds}",
        other=f"{other.refunds}, one a transfer",
        ratio=times(ratio),
        target=f">= {LEAST_RATIO:.0f} x",
        met=ratio >= LEAST_RATIO,
        note=f"ours {ours.transactions} transactions of {ours.inputs_each:.2f} inputs, "
        f"naive {other.transactions} of {other.inputs_each:.2f}; both from one snapshot",
    )


def _fee(outputs: int, ours: Paid, other: Paid) -> Figure:
    return Figure(
        name=f"fee of a refund, {outputs} outputs",
        ours=f"{ours.fee_each / XMR:.8f} XMR",
        other=f"{other.fee_each / XMR:.8f} XMR",
        ratio=times(ours.fee_each / other.fee_each, 2),
        note="regtest fees, far above mainnet's; the ratio carries over, since fees go by weight",
    )


def _ours(outputs: int, queued: int) -> Paid:
    with started(outputs) as network, RateServer() as rates:
        ours = Ours(network, rates, network.root / "ours", outputs=outputs)
        ours.queue(network.customer.new_addresses(queued))

        def paying() -> list[str]:
            ours.pay()
            return [transfer.id for transfer in ours.transfers()]

        mined = _through_the_window(network, paying)
        return _paid(mined, ours.refunds_in([seen.txid for seen in mined]))


def _naive(outputs: int, queued: int) -> Paid:
    with started(outputs) as network:
        left = [(address, AMOUNT) for address in network.customer.new_addresses(queued)]
        sent: list[str] = []

        def paying() -> list[str]:
            new = naive.pay_one_by_one(network, left)
            del left[: len(new)]
            sent.extend(new)
            return sent

        mined = _through_the_window(network, paying)
        return _paid(mined, len(mined))


def _through_the_window(network: Network, paying: Callable[[], list[str]]) -> list[chain.Seen]:
    """Pay before each of the ten blocks; the transactions that the blocks hold."""
    txids: list[str] = []
    for _ in range(WINDOW_BLOCKS):
        txids = paying()
        network.mine()
        network.hot.refresh()
    return [seen for seen in chain.read(network, txids) if seen.height is not None]


def _paid(mined: Sequence[chain.Seen], refunds: int) -> Paid:
    return Paid(
        refunds=refunds,
        transactions=len(mined),
        inputs=sum(seen.inputs for seen in mined),
        fee=sum(seen.fee for seen in mined),
    )
