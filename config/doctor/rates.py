"""Each rate source, what they come to, and this machine's clock against theirs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from config.doctor.check import Check, fail, ok, warn
from config.wiring import House

if TYPE_CHECKING:
    from payout.quote import Quote
    from payout.quote.rate_book import RateReport

BEHIND_MAX: Final = timedelta(seconds=5)
AHEAD_MAX: Final = timedelta(seconds=90)
"""A price may honestly be a minute old."""


def examine(house: House) -> Iterator[Check]:
    """Poll all of them once."""
    house.poller.tick(house.assets.polled)
    now = house.clock.now()
    codes = sorted({asset.code for asset in house.assets.payable.values()})
    reports = {code: house.book.report(code, now) for code in codes}
    for source in house.settings.rates.sources:
        yield _source(house, source.name, reports)
    quotes = []
    for code, report in reports.items():
        if report.quote is None:
            remedy = "refunds wait until enough sources agree; see `payout rates`"
            yield fail(f"rate of {code}", str(report.refusal), remedy)
            continue
        taken = sum(verdict.taken for verdict in report.verdicts)
        yield ok(f"rate of {code}", f"{report.quote.rate:f} USD, by {taken} sources")
        quotes.append(report.quote)
    yield _clock(quotes)


def _source(house: House, name: str, reports: Mapping[str, RateReport]) -> Check:
    """What one source gives, of what it is asked for."""
    asked = house.assets.symbols(name).keys() & reports.keys()
    seen = {code: verdict for code in sorted(asked) for verdict in reports[code].verdicts if verdict.source == name}
    wrong = [f"{code}: {verdict.why}" for code, verdict in seen.items() if not verdict.taken]
    if wrong:
        return warn(f"rate {name}", "; ".join(wrong), "wait, or look at its address under [rates]")
    return ok(f"rate {name}", f"prices {', '.join(seen) or 'nothing that is paid'}")


def _clock(quotes: Sequence[Quote]) -> Check:
    """This machine's clock against the times that the sources wrote on their prices."""
    dated = [s.received_at - s.as_of for quote in quotes for s in quote.samples if s.as_of != s.received_at]
    if not dated:
        return ok("clock", "no rate source tells the time, so it was not compared")
    youngest_seconds = int(min(dated).total_seconds())
    if min(dated) < -BEHIND_MAX:
        words = f"this machine's clock is at least {-youngest_seconds} s behind the rate sources'"
        return warn("clock", words, "let NTP set it")
    if min(dated) > AHEAD_MAX:
        words = f"every price is dated {youngest_seconds} s ago or more: is this clock ahead?"
        return warn("clock", words, "let NTP set it")
    return ok("clock", "fits the times of the rate sources")
