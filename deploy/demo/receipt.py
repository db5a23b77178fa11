"""Shows the tally: an aligned line a refund, the merchant's balance explained, and the verdict in words."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_UP, Decimal
from typing import Final

from adapters.show import Column, Screen
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
    Column(title="%", right=True),
    Column(title="processor", give=True),
)


def show(tally: Tally, voice: Voice) -> None:
    """Both tables, the balance, and whether anything is wrong."""
    screen = Screen()
    voice.say("Paid from the wallet itself; received, by the customers' own Monero wallet:")
    screen.table(DIRECT, [*(_direct(line) for line in tally.direct), _direct_sums(tally)])
    screen.line()
    voice.say(
        "Paid through processors; received, by Ethereum's and Bitcoin's own nodes. The cost is what the deposit was "
        "worth above what was owed, with what a processor kept of a deposit that it sent back:"
    )
    screen.table(SWAPPED, [*(_swapped(line) for line in tally.swapped), _swapped_sums(tally)])
    screen.line()
    _show_balance(tally, screen)
    screen.line()
    faults = tally.faults()
    for fault in faults:
        voice.verdict(fault, good=False)
    if not faults:
        voice.verdict("Every refund was paid once, and to the last unit.", good=True)


def _show_balance(tally: Tally, screen: Screen) -> None:
    kinds = tally.transfers
    fees = f"{coins(tally.fees)} XMR, {kinds.total()} transfers: " + ", ".join(
        f"{number} {words}"
        for words, number in (
            ("to customers", kinds["PAYOUT"]),
            ("to processors", kinds["FUNDING"]),
            ("to split outputs", kinds["SPLIT"]),
        )
        if number
    )
    returned = [swap for line in tally.swapped for swap in line.swaps if swap.returned]
    verdict = "the same to the unit" if tally.spent == tally.explained else "WHICH IS NOT THAT"
    screen.facts(
        [
            ("to customers", f"{coins(tally.received)} XMR, {tally.payments} payments for {len(tally.direct)} refunds"),
            ("to processors", f"{coins(tally.deposits)} XMR, {_deposits(tally)} for {len(tally.swapped)} refunds"),
            ("fees", f"{fees} (mainnet's are far lower)"),
            ("came back", f"{coins(-tally.returns)} XMR, from {', '.join(s.processor for s in returned) or 'nobody'}"),
            ("together", f"{coins(tally.explained)} XMR"),
            (
                "balance fell by",
                f"{coins(tally.spent)} XMR, {verdict}",
            ),
        ]
    )


def _deposits(tally: Tally) -> str:
    return f"{sum(len(line.swaps) for line in tally.swapped)} deposits"


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
