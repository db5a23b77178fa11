"""`payout rates`: what each source says now, and what that comes to; `accept` after a jump."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adapters.show import Column
from config.call import DONE, FAULT, Call
from config.parser import Commands
from payout.errors import BadInput
from payout.text import iso, plain

if TYPE_CHECKING:
    from payout.quote.rate_book import RateReport

_RATES = """\
Ask every configured source now, and show its price, its age, and whether it is taken.

This asks by itself, beside the daemon, and shows no price that the daemon remembers.
"""
_EXAMPLES = """\
  payout rates
  payout rates --json
  payout rates accept XMR --why "checked two exchanges by hand"
"""
_ACCEPT = """\
Vouch for a rate that has jumped by more than 15 % within an hour.

The daemon takes it up at its next look, if its own sources still agree on a rate near this one.
"""
_COLUMNS = (
    Column(title="source"),
    Column(title="pair", spare=True),
    Column(title="usd", right=True),
    Column(title="age", right=True),
    Column(title=""),
    Column(title="why", whole=True),
)


def add(commands: Commands) -> None:
    group = commands.group_or_run("rates", run, about=_RATES, examples=_EXAMPLES)
    parser = group.add("accept", run_accept, about=_ACCEPT)
    parser.add_argument("asset", metavar="ASSET", help="such as XMR")
    parser.add_argument("--why", metavar="TEXT", required=True, help="kept in the history")


def run(call: Call) -> int:
    """Poll, and show every payable asset. A refusal is a fault: nothing could be paid now."""
    reports = _reports(call)
    if call.json:
        call.print_json([_json(report) for report in reports])
    else:
        for report in reports:
            _print(call, report)
    return FAULT if any(report.quote is None for report in reports) else DONE


def run_accept(call: Call) -> int:
    from payout.approval import Act
    from payout.change import Change
    from payout.quote.rate_acceptance import acceptance

    code, why, who = call.args.asset.strip().upper(), call.why, call.who
    call.allow(Act.ACCEPT_RATE)
    known = sorted({asset.code for asset in call.house.assets.payable.values()})
    if code not in known:
        raise BadInput("asset", f"{code!r} is not paid in", f"use {' or '.join(known)}")
    report = next(report for report in _reports(call) if report.asset_code == code)
    if report.quote is None:
        _print(call, report)
        return FAULT
    event = acceptance(code, report.quote.rate, who, why, call.house.clock.now())
    call.house.store.commit(Change(events=(event,)))
    call.screen.line(f"{code} at {report.quote.rate:f} USD is accepted by {who}")
    return DONE


def _reports(call: Call) -> list[RateReport]:
    house = call.house
    house.poller.tick(house.assets.polled)
    codes = sorted({asset.code for asset in house.assets.payable.values()})
    return [house.book.report(code, house.clock.now()) for code in codes]


def _print(call: Call, report: RateReport) -> None:
    screen = call.screen
    screen.title(report.asset_code)
    screen.table(
        _COLUMNS,
        [
            (
                verdict.source,
                verdict.pair,
                plain(verdict.price),
                None if verdict.age_seconds is None else f"{verdict.age_seconds} s",
                "taken" if verdict.taken else "-",
                None if verdict.why == "taken" else verdict.why.removeprefix("taken, "),
            )
            for verdict in report.verdicts
        ],
    )
    screen.line()
    if report.quote is None:
        # The sources' own reasons stand in the table already.
        screen.complain(str(report.refusal).partition(" (")[0])
        return
    screen.line(f"1 {report.asset_code} = {report.quote.rate:f} USD")
    screen.line()


def _json(report: RateReport) -> dict[str, Any]:
    quote = report.quote
    return {
        "asset": report.asset_code,
        "rate_usd": plain(quote.rate) if quote else None,
        "taken_at": iso(quote.taken_at) if quote else None,
        "expires_at": iso(quote.expires_at) if quote else None,
        "refusal": str(report.refusal) if report.refusal else None,
        "sources": [
            {
                "source": verdict.source,
                "pair": verdict.pair,
                "price_usd": plain(verdict.price),
                "age_seconds": verdict.age_seconds,
                "taken": verdict.taken,
                "why": verdict.why,
            }
            for verdict in report.verdicts
        ],
    }
