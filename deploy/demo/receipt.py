"""Shows the tally: an aligned line a refund, the merchant's balance explained, and the verdict in words."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_UP, Decimal
from typing import Final

from adapters.show import GAP, Column, Screen
from deploy.demo.tally import Line, Tally
from deploy.demo.units import coins, places
from deploy.demo.voice import Voice

CENT: Final = Decimal("0.01")
TXID_SHOWN: Final = 8
DIRECT: Final = (
    Column(title="refund"),
    Column(title="to", give=True),
    Column(title="owed USD", right=True),
    Column(title="rate", right=True),
    Column(title="XMR on record", right=True),
    Column(title="XMR received", right=True),
    Column(title="difference", right=True),
    Column(title="transaction", give=True),
)
SWAPPED: Final = (
    Column(title="refund"),
    Column(title="coin"),
    Column(title="owed USD", right=True),
    Column(title="rate", right=True),
    Column(title="on record", right=True),
    Column(title="received", right=True),
    Column(title="difference", right=True),
    Column(title="spent XMR", right=True),
    Column(title="cost USD", right=True),
    Column(title="cost %", right=True),
    Column(title="processor", give=True),
)
BALANCE: Final = (
    Column(title="merchant's wallet"),
    Column(title="XMR", right=True),
    Column(title="", give=True),
)
SPARED: Final = ("transaction", "to", "on record", "spent XMR", "rate")
"""What a narrow terminal does without, the first of these first."""


def show(tally: Tally, voice: Voice) -> None:
    """Both tables, the balance, and whether anything is wrong."""
    screen = Screen()
    voice.say("Paid from the wallet itself; received, by the customers' own Monero wallet:")
    _table(screen, DIRECT, [*(_direct(line) for line in tally.direct), _direct_sums(tally)])
    screen.line()
    rates = sorted({swap.rate for line in tally.swapped for swap in line.swaps})
    voice.say(
        "Paid through processors; received, by Ethereum's and Bitcoin's own nodes. The cost is what the deposit was "
        f"worth above what was owed (one XMR at {' and '.join(f'{rate:.2f}' for rate in rates)} USD by our sources "
        "then), with what a processor kept of a deposit that it sent back:"
    )
    _table(screen, SWAPPED, [*(_swapped(line) for line in tally.swapped), _swapped_sums(tally)])
    screen.line()
    voice.say("The merchant's wallet, explained by what the others received:")
    screen.table(BALANCE, _balance(tally))
    screen.line()
    faults = tally.faults()
    for fault in faults:
        voice.verdict(fault, good=False)
    if not faults:
        voice.verdict("Every refund was paid once, and to the last unit.", good=True)


def _table(screen: Screen, columns: Sequence[Column], rows: Sequence[Sequence[object]]) -> None:
    """Without those of `SPARED` that a narrow terminal has no room for."""
    kept = list(range(len(columns)))
    wide = [max(len(columns[i].title), *(len(str(row[i])) for row in rows)) for i in kept]
    for title in SPARED:
        if screen.width is None or sum(wide[i] for i in kept) + len(GAP) * (len(kept) - 1) <= screen.width:
            break
        kept = [i for i in kept if columns[i].title != title]
    screen.table([columns[i] for i in kept], [[row[i] for i in kept] for row in rows])


def _balance(tally: Tally) -> list[tuple[object, ...]]:
    deposits = sum(len(line.swaps) for line in tally.swapped)
    returned = [swap.processor for line in tally.swapped for swap in line.swaps if swap.returned]
    verdict = "the same, to the unit" if tally.spent == tally.explained else "WHICH IS NOT THAT"
    return [
        ("to customers", coins(tally.received), f"{tally.payments} payments for {len(tally.direct)} refunds"),
        ("to processors", coins(tally.deposits), f"{deposits} deposits for {len(tally.swapped)} refunds"),
        ("fees", coins(tally.fees), f"{_transfers(tally)}; mainnet's are far lower"),
        ("came back", coins(-tally.returns), f"from {', '.join(returned)}" if returned else ""),
        ("together", coins(tally.explained), ""),
        ("balance fell by", coins(tally.spent), verdict),
    ]


def _transfers(tally: Tally) -> str:
    kinds = (("to customers", "PAYOUT"), ("to processors", "FUNDING"), ("to split outputs", "SPLIT"))
    each = ", ".join(f"{tally.transfers[kind]} {words}" for words, kind in kinds if tally.transfers[kind])
    return f"{tally.transfers.total()} transfers: {each}"


def _direct(line: Line) -> tuple[object, ...]:
    return (
        line.owed.external_id,
        line.owed.kind,
        line.owed.usd,
        f"{line.rate:.2f}",
        coins(line.recorded),
        coins(line.received),
        line.difference,
        line.txid[:TXID_SHOWN],
    )


def _direct_sums(tally: Tally) -> tuple[object, ...]:
    recorded = sum(line.recorded for line in tally.direct)
    sums = (coins(recorded), coins(tally.received), tally.received - recorded)
    return ("all", "", _usd(tally.direct), "", *sums, "")


def _swapped(line: Line) -> tuple[object, ...]:
    asset, owed = line.owed.asset, Decimal(line.owed.cents) / 100
    return (
        line.owed.external_id,
        asset,
        line.owed.usd,
        f"{line.rate:.4f}",
        _in_line(line.recorded, asset),
        _in_line(line.received, asset),
        line.difference,
        coins(sum(swap.spent for swap in line.swaps)),
        _cents(line.extra_usd),
        f"{line.extra_usd / owed * 100:.1f}",
        " -> ".join(swap.processor for swap in line.swaps),
    )


def _swapped_sums(tally: Tally) -> tuple[object, ...]:
    extra = sum((line.extra_usd for line in tally.swapped), Decimal(0))
    owed = Decimal(sum(line.owed.cents for line in tally.swapped)) / 100
    deposits = coins(tally.deposits - tally.returns)
    percent = f"{extra / owed * 100:.1f}" if owed else ""
    return ("all", "", _usd(tally.swapped), "", "", "", "", deposits, _cents(extra), percent, "")


def _usd(lines: Sequence[Line]) -> str:
    cents = sum(line.owed.cents for line in lines)
    return f"{cents // 100}.{cents % 100:02d}"


def _cents(usd: Decimal) -> str:
    return str(usd.quantize(CENT, rounding=ROUND_UP))


def _in_line(units: int, asset: str) -> str:
    """Padded, so that the points of all coins stand below one another."""
    most = max(places("ETH"), places("BTC"))
    return coins(units, asset) + " " * (most - places(asset))
