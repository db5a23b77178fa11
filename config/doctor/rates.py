"""Each rate source, what they come to, and this machine's clock against theirs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from config.doctor.check import Check, fail, ok, warn
from config.wiring import House
from payout.errors import RateError

if TYPE_CHECKING:
    from payout.quote import Quote

BEHIND_MAX: Final = timedelta(seconds=5)
AHEAD_MAX: Final = timedelta(seconds=90)
"""A price may honestly be a minute old."""


def examine(house: House) -> Iterator[Check]:
    """Poll all of them once."""
    house.poller.tick(house.assets.polled)
    now = house.clock.now()
    for code in sorted({asset.code for asset in house.assets.payable.values()}):
        report = house.book.report(code, now)
        for verdict in report.verdicts:
            what = f"rate {verdict.source}"
            if verdict.taken:
                yield ok(what, f"{code} at {verdict.price:f} USD, {verdict.age_seconds} s old")
            else:
                words = f"{code}: {verdict.why}"
                yield warn(what, words, "wait, or look at its address under [rates]")
        try:
            quote = house.book.quote(code, now)
        except RateError as error:
            remedy = "refunds wait until enough sources agree; see `payout rates`"
            yield fail(f"rate of {code}", str(error), remedy)
            continue
        yield ok(f"rate of {code}", f"{quote.rate:f} USD")
        yield _clock(quote)


def _clock(quote: Quote) -> Check:
    """This machine's clock against the times that the sources wrote on their prices."""
    dated = [s.received_at - s.as_of for s in quote.samples if s.as_of != s.received_at]
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
