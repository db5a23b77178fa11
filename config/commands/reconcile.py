"""`payout reconcile`: do the database, the spend journal and the wallet tell one story?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adapters.show import Column
from config.call import DONE, FAULT, Call
from config.parser import Commands
from config.views import short
from payout.errors import PayoutError

if TYPE_CHECKING:
    from payout.repair import Report

_ABOUT = """\
Compare database, spend journal and wallet, and name every difference with its remedy.

With --repair, what the database or the journal lacks is recreated, as after a restored backup.
Nothing is ever removed or paid. Stop the daemon first.
"""
_EXAMPLES = """\
  payout reconcile
  payout reconcile --repair
"""
_COLUMNS = (
    Column(title="wallet"),
    Column(title="what"),
    Column(title="which"),
    Column(title="is wrong", whole=True),
    Column(title="remedy"),
)


def add(commands: Commands) -> None:
    parser = commands.add("reconcile", run, about=_ABOUT, examples=_EXAMPLES)
    parser.add_argument("--repair", action="store_true", help="recreate what is missing")
    parser.add_argument("--wallet", metavar="NAME", help="only this one")


def run(call: Call) -> int:
    """Look at each wallet; 1 where something is left to mend."""
    from payout.approval import Act

    if call.args.repair:
        call.allow(Act.REPAIR)
    worst = DONE
    reports: list[tuple[str, Report]] = []
    names = call.wallet_names() if call.args.wallet is None else (call.args.wallet,)
    for name in names:
        try:
            reconciler = call.house.reconciler(name)
            report = reconciler.repair(call.who) if call.args.repair else reconciler.look()
        except PayoutError as error:
            worst = max(worst, call.complain(error, f"wallet {name}"))
            continue
        reports.append((name, report))
        worst = max(worst, DONE if report.clean else FAULT)
    _print(call, reports)
    return worst


def _print(call: Call, reports: list[tuple[str, Report]]) -> None:
    rows = [
        {
            "wallet": name,
            "kind": finding.kind,
            "subject": finding.subject,
            "words": finding.words,
            "remedy": finding.remedy,
            "mended": finding.mended,
        }
        for name, report in reports
        for finding in report.findings
    ]
    if call.json:
        call.print_json(rows)
        return
    for name, report in reports:
        if not report.findings:
            call.screen.line(f"wallet {name}: database, spend journal and wallet agree")
    if rows:
        call.screen.table(_COLUMNS, [_cells(row) for row in rows])


def _cells(row: dict[str, Any]) -> tuple[object, ...]:
    remedy = "mended" if row["mended"] else row["remedy"]
    return (row["wallet"], row["kind"], short(row["subject"]), row["words"], remedy)
