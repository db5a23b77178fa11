"""Shows the tally: one aligned line a refund, the sums, and the verdict in words."""

from __future__ import annotations

from decimal import ROUND_UP, Decimal
from typing import Final

from adapters.show import Column, Screen
from deploy.demo.tally import Line, Tally, xmr
from deploy.demo.voice import Voice
from deploy.sandbox import XMR

CENT: Final = Decimal("0.01")
WIDTH: Final = 94
"""A narrower terminal does without the kind of address."""

TO: Final = 1
COLUMNS: Final = (
    Column(title="refund"),
    Column(title="to"),
    Column(title="owed USD", right=True),
    Column(title="rate", right=True),
    Column(title="XMR on record", right=True),
    Column(title="XMR received", right=True),
    Column(title="difference", right=True),
    Column(title="transaction", give=True),
)
TXID_SHOWN: Final = 8


def show(tally: Tally, voice: Voice) -> None:
    """The table, its sums, and whether anything is wrong."""
    screen = Screen()
    rows = [*(_cells(line) for line in tally.lines), _sums(tally)]
    kept = [i for i in range(len(COLUMNS)) if i != TO or screen.width is None or screen.width >= WIDTH]
    screen.table([COLUMNS[i] for i in kept], [[row[i] for i in kept] for row in rows])
    screen.line()
    rate = max(line.rate for line in tally.lines)
    fee_usd = (Decimal(tally.fees) / XMR * rate).quantize(CENT, rounding=ROUND_UP)
    screen.facts(
        [
            ("transfers", f"{tally.transfers}, for {len(tally.lines)} refunds"),
            ("fees", f"{xmr(tally.fees)} XMR, {fee_usd} USD, paid by the merchant (mainnet's are far lower)"),
            ("merchant's balance", f"fell by {xmr(tally.spent)} XMR, {_exactly(tally)}"),
            ("payments received", f"{tally.payments}, for {len(tally.lines)} refunds: {_twice(tally)}"),
        ]
    )
    screen.line()
    faults = tally.faults()
    for fault in faults:
        voice.verdict(fault, good=False)
    if not faults:
        voice.verdict("Every refund was paid once, and to the last unit.", good=True)


def _exactly(tally: Tally) -> str:
    right = tally.spent == tally.recorded + tally.fees
    return "which is what was paid and the fees, to the unit" if right else "which is NOT what was paid and the fees"


def _twice(tally: Tally) -> str:
    return "nobody was paid twice" if tally.payments == len(tally.lines) else "THIS MUST NOT BE"


def _cells(line: Line) -> tuple[object, ...]:
    return (
        line.owed.external_id,
        line.owed.kind,
        line.owed.usd,
        f"{line.rate:.2f}",
        xmr(line.recorded),
        xmr(line.received),
        line.difference,
        line.txid[:TXID_SHOWN],
    )


def _sums(tally: Tally) -> tuple[object, ...]:
    owed = f"{tally.owed_cents // 100}.{tally.owed_cents % 100:02d}"
    return ("all", "", owed, "", xmr(tally.recorded), xmr(tally.received), tally.received - tally.recorded, "")
